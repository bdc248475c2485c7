package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"cartwright/internal/hook"
)

// configuration says what the command line, the environment and the file get
// wrong, before anything is asked.
func (s Setup) configuration(context.Context) []Finding {
	const check = "configuration"
	var found []Finding
	for _, err := range s.Config.Problems() {
		found = append(found, Finding{check, Failed, err.Error(), "change the setting; serve refuses to start with it"})
	}
	for _, slip := range s.Slips {
		found = append(found, Finding{check, Warning, slip.Name + " in the environment has no effect", "did you mean " + slip.Meant + "?"})
	}
	if listen, _, err := net.SplitHostPort(s.Config.Listen); err == nil && s.Config.Sandbox && !loopbackHost(listen) {
		found = append(found, Finding{check, Warning, "the sandbox is open to everyone who reaches " + s.Config.Listen +
			": no sign-in, a clock to wind, mail to read", "listen on 127.0.0.1, or serve without --sandbox"})
	}
	if len(found) == 0 {
		found = append(found, ok(check, "can be served with"))
	}
	return found
}

// loopbackHost reports whether a host is this machine and nothing else.
func loopbackHost(h string) bool {
	ip, err := netip.ParseAddr(h)
	return h == "localhost" || strings.HasSuffix(h, ".localhost") || err == nil && ip.IsLoopback()
}

// webhooks looks at the exceptions that --webhook-allow makes.
func (s Setup) webhooks(ctx context.Context) []Finding {
	const check = "webhooks"
	if len(s.Config.WebhookAllow) == 0 {
		if s.Config.Sandbox {
			return []Finding{ok(check, "may go anywhere, since this is a sandbox")}
		}
		return []Finding{ok(check, "go to https on port 443 at public addresses")}
	}
	var found []Finding
	for _, raw := range s.Config.WebhookAllow {
		origin, err := hook.ParseAllowed(raw)
		if err != nil {
			continue // the configuration says so
		}
		if said, advice := s.exception(ctx, origin); said != "" {
			found = append(found, Finding{check, Warning, said, advice})
		}
	}
	if s.Config.Sandbox {
		found = append(found, ok(check, "may go anywhere, since this is a sandbox: --webhook-allow changes nothing"))
	}
	if len(found) == 0 {
		found = append(found, ok(check, "go to https on port 443 at public addresses, and to %s", strings.Join(s.Config.WebhookAllow, ", ")))
	}
	return found
}

// exception says what is odd about an origin that webhooks may go to; "" is
// nothing.
func (s Setup) exception(ctx context.Context, origin string) (said, advice string) {
	u, err := url.Parse(origin)
	if err != nil {
		return "", ""
	}
	addresses, err := s.Resolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		return fmt.Sprintf("--webhook-allow %s: the name cannot be looked up: %s", origin, reason(err)), "correct the name, or take the exception out"
	}
	public := true
	for _, a := range addresses {
		ip, err := netip.ParseAddr(a)
		if err != nil {
			continue
		}
		if ip.IsLinkLocalUnicast() {
			return fmt.Sprintf("--webhook-allow %s leads to %s, where clouds keep the credentials of machines", origin, a),
				"take it out: whoever may make a webhook could ask there"
		}
		public = public && !ip.IsPrivate() && !ip.IsLoopback()
	}
	switch {
	case public && u.Scheme == "http":
		return fmt.Sprintf("--webhook-allow %s: events, with what shoppers bought, go over the internet unencrypted", origin), "have the receiver speak https"
	case public && u.Port() == "":
		return fmt.Sprintf("--webhook-allow %s is allowed anyway", origin), "take the exception out"
	}
	return "", ""
}
