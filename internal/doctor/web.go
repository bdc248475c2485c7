package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/clock"
)

// expiresSoon is when a certificate should have been renewed: those that renew
// themselves do so a month before they end.
const expiresSoon = 21 * 24 * time.Hour

// server asks whether one runs at the address that is listened on.
func (s Setup) server(ctx context.Context) []Finding {
	const check = "server"
	base := s.own()
	if base == "" {
		return nil
	}
	// The certificate is for the public name, not for this address.
	answer, err := ask(ctx, s.client(&tls.Config{InsecureSkipVerify: true}), base)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return []Finding{ok(check, "none runs at %s", base)}
	case err != nil:
		return []Finding{{check, Failed, fmt.Sprintf("%s does not answer: %s", base, reason(err)), "look at the server's log, and at which program has the port"}}
	case !answer.ours:
		return []Finding{{check, Failed, fmt.Sprintf("another program answers at %s (%s)", base, answer.status), "stop it, or choose another --listen"}}
	case answer.stops:
		return []Finding{{check, Warning, "the one at " + base + " was told to stop, and finishes what it has", "ask again when it has stopped, or when the next one runs"}}
	case !answer.ready:
		return []Finding{{check, Failed, "it runs at " + base + ", and its database does not answer", "see the line about the database, and the server's log"}}
	}
	return []Finding{ok(check, "runs at %s and is ready", base)}
}

// own is where this machine reaches the server, "" when the port is not known.
func (s Setup) own() string {
	name, port, err := net.SplitHostPort(s.Config.Listen)
	if err != nil || port == "0" {
		return ""
	}
	if ip := net.ParseIP(name); name == "" || ip != nil && ip.IsUnspecified() {
		name = "127.0.0.1"
	}
	return choose(s.Config.TLSCert != "", "https://", "http://") + net.JoinHostPort(name, port)
}

// publicURL looks at where browsers and mail readers are sent, and asks there.
func (s Setup) publicURL(ctx context.Context) []Finding {
	const check = "public URL"
	base := strings.TrimSuffix(s.Config.PublicURL, "/")
	if base == "" && s.Config.Sandbox {
		return []Finding{ok(check, "links lead to the address that is listened on, as a sandbox needs it")}
	}
	if base == "" {
		return []Finding{{check, Warning, "none is set: links in mails lead to " + s.Config.Listen, "set --public-url to what browsers see, such as https://shop.example"}}
	}
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return nil // the configuration says so
	}
	var found []Finding
	if !s.Config.Sandbox {
		switch {
		case loopbackHost(u.Hostname()):
			found = append(found, Finding{check, Warning, base + " is this machine: nobody else can follow a link in a mail", "set --public-url to what browsers see, such as https://shop.example"})
		case u.Scheme != "https":
			found = append(found, Finding{check, Warning, base + " is not https: sessions can be read on their way, and mailbox providers take one-click unsubscribing over https only",
				"set --public-url to the https address; let the proxy speak TLS, or give --tls-cert and --tls-key"})
		}
	}
	if f := s.reach(ctx, check, base, u.Hostname()); f.State != OK || len(found) == 0 {
		found = append(found, f)
	}
	return found
}

// reach asks for the server under its public URL.
func (s Setup) reach(ctx context.Context, check, base, name string) Finding {
	if _, err := s.addresses(ctx, name); err != nil {
		return Finding{check, Failed, base + ": " + reason(err), "publish an address record for " + name + ", or correct --public-url"}
	}
	answer, err := ask(ctx, s.client(&tls.Config{RootCAs: s.Roots}), base)
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return Finding{check, Failed, base + ": " + reason(err), "renew the certificate, for this name, with the whole chain"}
	case err != nil && !s.running(ctx):
		return Finding{check, Warning, base + " does not answer, and no server runs here: " + reason(err), "start the server and ask again"}
	case err != nil:
		return Finding{check, Failed, base + " does not answer: " + reason(err),
			"the server runs, so look at the proxy and the firewall; where only this machine cannot reach its own public address, ask from another"}
	case answer.elsewhere != "":
		return Finding{check, Failed, base + " only leads to " + answer.elsewhere, "set --public-url to where it ends"}
	case answer.code >= http.StatusBadGateway && !s.running(ctx):
		return Finding{check, Warning, fmt.Sprintf("%s answers %s, and no server runs here", base, answer.status), "start the server and ask again"}
	case !answer.ours:
		return Finding{check, Failed, fmt.Sprintf("what answers at %s is not cartwright (%s)", base, answer.status),
			"have the proxy pass on every path to " + s.Config.Listen + ", or correct --public-url"}
	case answer.stops:
		return Finding{check, Warning, "the server behind " + base + " was told to stop, and finishes what it has", "ask again when it has stopped, or when the next one runs"}
	case !answer.ready:
		return Finding{check, Failed, base + " answers, and its database does not", "see the line about the database, and the server's log"}
	case answer.tls && answer.left < expiresSoon:
		return Finding{check, Warning, fmt.Sprintf("the certificate of %s ends in %s", base, days(answer.left)), "renew it, and see why it was not renewed by itself"}
	case answer.tls:
		return ok(check, "%s leads here; its certificate is good for %s", base, days(answer.left))
	}
	return ok(check, "%s leads here", base)
}

func (s Setup) running(ctx context.Context) bool {
	base := s.own()
	if base == "" {
		return false
	}
	answer, err := ask(ctx, s.client(&tls.Config{InsecureSkipVerify: true}), base)
	return err == nil && answer.ours
}

func (s Setup) addresses(ctx context.Context, name string) ([]string, error) {
	if net.ParseIP(name) != nil {
		return []string{name}, nil
	}
	return s.Resolver.LookupHost(ctx, name)
}

// client makes requests over addresses that the resolver gives.
func (s Setup) client(trust *tls.Config) *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		name, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		all, err := s.addresses(ctx, name)
		if err != nil {
			return nil, err
		}
		var failed []error
		for _, a := range all {
			conn, err := (&net.Dialer{Timeout: 4 * time.Second}).DialContext(ctx, network, net.JoinHostPort(a, port))
			if err == nil {
				return conn, nil
			}
			failed = append(failed, err)
		}
		return nil, errors.Join(failed...)
	}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: trust, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// page is one answer and the beginning of its body.
type page struct {
	status    string
	code      int
	elsewhere string // where a redirect leads
	body      string
	tls       bool
	left      time.Duration // for how long the certificate is good
}

// answer is what is found at an address.
type answer struct {
	page       // of its health
	ours  bool // it is this product
	ready bool // and its database answers
	stops bool // it was told to stop, so that nobody knows of its database
}

// title stands at the beginning of this product's API document.
const title = "title: Cartwright API"

// ask finds out what answers at an address.
func ask(ctx context.Context, client *http.Client, base string) (a answer, err error) {
	if a.page, err = get(ctx, client, base+"/healthz"); err != nil || a.code != http.StatusOK || a.body != "ok\n" {
		return a, err
	}
	// Others say ok too.
	document, err := get(ctx, client, base+"/openapi.yaml")
	if a.ours = strings.Contains(document.body, title); err != nil || !a.ours {
		return a, err
	}
	ready, err := get(ctx, client, base+"/readyz")
	a.ready = ready.code == http.StatusOK
	a.stops = ready.code == http.StatusServiceUnavailable && ready.body == app.Stops
	return a, err
}

func get(ctx context.Context, client *http.Client, address string) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return page{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = res.Body.Close() }()
	p := page{status: res.Status, code: res.StatusCode, elsewhere: res.Header.Get("Location")}
	if res.TLS != nil && len(res.TLS.PeerCertificates) > 0 {
		p.tls, p.left = true, res.TLS.PeerCertificates[0].NotAfter.Sub(clock.Real{}.Now())
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	p.body = string(body)
	return p, err
}

// tlsFiles looks at the certificate that is served with.
func (s Setup) tlsFiles(context.Context) []Finding {
	const check = "TLS files"
	if s.Config.TLSCert == "" || s.Config.TLSKey == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(s.Config.TLSCert, s.Config.TLSKey)
	if err != nil {
		return nil // the configuration says so
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return []Finding{{check, Failed, fmt.Sprintf("%s: %s", s.Config.TLSCert, err), "have the certificate made again"}}
	}
	now := clock.Real{}.Now()
	left := leaf.NotAfter.Sub(now)
	switch u, err := url.Parse(s.Config.PublicURL); {
	case left <= 0:
		return []Finding{{check, Failed, fmt.Sprintf("the certificate in %s ended on %s", s.Config.TLSCert, leaf.NotAfter.Format(time.DateOnly)), "renew it and restart the server"}}
	case leaf.NotBefore.After(now):
		return []Finding{{check, Failed, fmt.Sprintf("the certificate in %s begins on %s only", s.Config.TLSCert, leaf.NotBefore.Format(time.DateOnly)), "set the machine's clock, or have the certificate made again"}}
	case err == nil && u.Hostname() != "" && leaf.VerifyHostname(u.Hostname()) != nil:
		return []Finding{{check, Failed, fmt.Sprintf("the certificate in %s is for %s, and not for %s", s.Config.TLSCert, strings.Join(leaf.DNSNames, ", "), u.Hostname()), "have one made for the name of --public-url"}}
	case left < expiresSoon:
		return []Finding{{check, Warning, fmt.Sprintf("the certificate in %s ends in %s", s.Config.TLSCert, days(left)), "renew it and restart the server"}}
	}
	return []Finding{ok(check, "the pair fits, for %s", days(left))}
}
