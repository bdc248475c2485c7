package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"syscall"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/human"
	"cartwright/internal/mail"
)

// mailServer asks the mail server whether it would take a mail.
func (s Setup) mailServer(ctx context.Context) []Finding {
	const check = "mail server"
	if s.Config.SMTP == "" {
		if s.Config.Sandbox {
			return []Finding{ok(check, "none; mails stay in the inbox of the sandbox")}
		}
		return []Finding{{check, Warning, "none is set: mails of abandoned carts wait, and are given up when they are a day late",
			"set --smtp smtp://user:password@mail.example:587"}}
	}
	server, err := mail.ParseServer(s.Config.SMTP)
	if err != nil {
		return nil // the configuration says so
	}
	where := net.JoinHostPort(server.Host, server.Port)
	client := mail.NewSMTP(mail.Config{Server: server, Hello: ownName(s.Config.PublicURL), TLS: &tls.Config{RootCAs: s.Roots}})
	defer client.Close()
	greeting, err := client.Check(ctx)
	if err != nil {
		return []Finding{{check, Failed, fmt.Sprintf("%s: %s", where, reason(err)), smtpAdvice(err)}}
	}
	found := []Finding{ok(check, "%s greets%s%s; no mail was sent", where, choose(greeting.Secure, ", speaks TLS", ""), choose(greeting.Login, ", takes the password", ""))}
	if !greeting.Secure && !loopbackHost(server.Host) {
		found = append(found, Finding{check, Warning, where + " offers no TLS: mails, with names and links into carts, can be read on their way", "use a port that does: 587 with smtp://, or 465 with smtps://"})
	}
	if left := greeting.Until.Sub(clock.Real{}.Now()); greeting.Secure && left < expiresSoon {
		found = append(found, Finding{check, Warning, fmt.Sprintf("the certificate of %s ends in %s", where, days(left)), "whoever runs the mail server should renew it"})
	}
	if s.Config.Sandbox {
		found = append(found, Finding{check, Warning, "mails really go out, although this is a sandbox whose clock can be wound", "leave --smtp out, and mails stay in the sandbox's inbox"})
	}
	return found
}

// smtpAdvice says what to do when a mail server cannot be used.
func smtpAdvice(err error) string {
	var name *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var answer *textproto.Error
	switch {
	case errors.As(err, &name):
		return "correct the host name in --smtp"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: correct host and port in --smtp"
	case errors.As(err, &untrusted):
		return "use the name that stands in the certificate, or have the mail server show one that this machine trusts"
	case errors.As(err, &noTLS):
		return "the port does not begin with TLS: write smtp:// instead of smtps://"
	case errors.Is(err, mail.ErrLogin):
		return "correct user and password in --smtp; special characters are percent-encoded, and some providers want a password made for programs"
	case errors.As(err, &answer):
		return "that is what the mail server said; ask whoever runs it"
	}
	return "see that this machine may connect there: many providers close port 25, use 587 or 465; smtps:// where the port begins with TLS"
}

// reason writes an error without what the finding says already.
func reason(err error) string {
	var name *net.DNSError
	if errors.As(err, &name) {
		if name.IsNotFound {
			return "there is no name " + name.Name
		}
		return fmt.Sprintf("the name %s cannot be looked up now", name.Name)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	var untrusted *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &untrusted) {
		err = untrusted.Err
		if errors.As(err, &unknown) {
			return "its certificate is signed by nobody whom this machine trusts"
		}
		return "its certificate is not valid: " + err.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return err.Error()
}

func choose(c bool, yes, no string) string {
	if c {
		return yes
	}
	return no
}

// days writes how long something still holds.
func days(left time.Duration) string {
	return human.Count(int(left/(24*time.Hour)), "day")
}

// ownName is the name under which this server greets mail servers, if it has
// one.
func ownName(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil || loopbackHost(u.Hostname()) || net.ParseIP(u.Hostname()) != nil {
		return ""
	}
	return u.Hostname()
}
