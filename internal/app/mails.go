package app

import (
	"net"
	"net/url"
	"strings"

	"cartwright/internal/mail"
	"cartwright/internal/recovery"
)

// openMails makes what writes to shoppers.
func (a *App) openMails() error {
	m, err := a.openMailer()
	if err != nil {
		return err
	}
	a.mailer = m
	a.Mails = recovery.NewEngine(recovery.EngineConfig{
		Storage: a.DB, Service: a.Recoveries, Mailer: m, Minter: a.Coupons, Couriers: []recovery.Courier{a.Notices}, Clock: a.Clock, Log: a.Config.Log,
	})
	return nil
}

// openMailer returns what hands mails over: the mail server that is set, in the
// sandbox without one its inbox, and otherwise nil, which sends none.
func (a *App) openMailer() (recovery.Mailer, error) {
	m := a.Config.mailer
	signer := mail.NewSigner(a.DB)
	switch {
	case m != nil:
	case a.Config.SMTP != "":
		server, err := parseSMTP(a.Config.SMTP)
		if err != nil {
			return nil, err
		}
		a.smtp = mail.NewSMTP(mail.Config{Server: server, Hello: ownName(a.Config.PublicURL), Signer: signer})
		m = a.smtp
	case a.Config.Sandbox:
		m = mail.NewInbox(a.DB, signer)
	default:
		return nil, nil
	}
	if a.shoppers != nil {
		m = a.shoppers.Reading(m)
	}
	return m, nil
}

// ownName is the name by which this server is known to mail servers: that of
// its public URL, or "" when that is none.
func ownName(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil || net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".") {
		return ""
	}
	return u.Hostname()
}

// warnMails says what keeps mails from shoppers, or from being welcome.
func (a *App) warnMails() {
	switch {
	case a.mailer == nil:
		a.Config.Log.Warn("no mail is sent, since no mail server is set: mails of abandoned carts wait, and are given up when they are a day late. " +
			"Set --smtp smtp://user:password@mail.example:587")
	case a.smtp != nil && a.Config.Sandbox:
		a.Config.Log.Warn("mails really go out, to " + a.mailServer() + ": this is a sandbox with --smtp, and its clock can be wound past the time of every mail")
	case a.smtp != nil && !strings.HasPrefix(a.Config.PublicURL, "https://"):
		a.Config.Log.Warn("mailbox providers take links to unsubscribe with one click over https only: set --public-url to the https address of this server",
			"public-url", a.Config.PublicURL)
	}
}

// mailServer is the name of the server that mails go to, "" while they stay
// here.
func (a *App) mailServer() string {
	if u, err := url.Parse(a.Config.SMTP); err == nil {
		return u.Host
	}
	return ""
}
