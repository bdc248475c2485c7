package doctor

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/mail"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
)

func TestMailServer(t *testing.T) {
	good := issue(t, 90*24*time.Hour, "localhost")
	short := issue(t, 5*24*time.Hour+time.Hour, "localhost")
	stranger := issue(t, 90*24*time.Hour, "localhost")
	with := func(c authority) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c.pair}} }
	tests := map[string]struct {
		sink  *testkit.SMTPSink
		smtp  func(url string) string
		trust authority
		want  Finding // AT is where the sink listens
	}{
		"plain on this machine": {&testkit.SMTPSink{}, nil, good, Finding{"", OK, "AT greets; no mail was sent", ""}},
		"STARTTLS and a name": {&testkit.SMTPSink{TLS: with(good), User: "u", Password: "p"}, nil, good,
			Finding{"", OK, "AT greets, speaks TLS, takes the password; no mail was sent", ""}},
		"a wrong password": {&testkit.SMTPSink{User: "u", Password: "p"}, func(u string) string { return strings.Replace(u, "u:p", "u:hunter2", 1) }, good,
			Finding{"", Failed, "AT: authentication with PLAIN: 535 5.7.8 Authentication failed",
				"correct user and password in --smtp; special characters are percent-encoded, and some providers want a password made for programs"}},
		"a stranger's certificate": {&testkit.SMTPSink{TLS: with(stranger)}, nil, good,
			Finding{"", Failed, "AT: its certificate is signed by nobody whom this machine trusts",
				"use the name that stands in the certificate, or have the mail server show one that this machine trusts"}},
		"a certificate that ends soon": {&testkit.SMTPSink{TLS: with(short), Implicit: true}, nil, short,
			Finding{"", Warning, "the certificate of AT ends in 5 days", "whoever runs the mail server should renew it"}},
		"TLS where there is none": {&testkit.SMTPSink{}, func(u string) string { return strings.Replace(u, "smtp:", "smtps:", 1) }, good,
			Finding{"", Failed, "AT: tls: first record does not look like a TLS handshake", "the port does not begin with TLS: write smtp:// instead of smtps://"}},
		"nothing there": {&testkit.SMTPSink{}, func(string) string { return "smtp://localhost:1" }, good,
			Finding{"", Failed, "localhost:1: connect: connection refused", "nothing listens there: correct host and port in --smtp"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.sink.OnMail = func(string) error { t.Error("a mail was begun"); return nil }
			sink := tc.sink.Start(t)
			address := strings.Replace(sink.URL(), "127.0.0.1", "localhost", 1)
			at := address[strings.LastIndexAny(address, "@/")+1:]
			if tc.smtp != nil {
				address = tc.smtp(address)
			}
			c := config(t, func(c *app.Config) { c.SMTP, c.Sandbox = address, false })
			found := Examine(t.Context(), Setup{Config: c, Resolver: names{}, Roots: tc.trust.roots}).of("mail server")
			want := tc.want
			want.Check, want.Said = "mail server", strings.Replace(want.Said, "AT", at, 1)
			if !slices.Contains(found, want) {
				t.Errorf("found %+v\n want %+v", found, want)
			}
		})
	}
}

func TestNoMailServer(t *testing.T) {
	r := Examine(t.Context(), Setup{Config: config(t, nil), Resolver: names{}})
	expect(t, r, "mail server", Finding{"", OK, "none; mails stay in the inbox of the sandbox", ""})
	r = Examine(t.Context(), Setup{Config: config(t, func(c *app.Config) { c.Sandbox = false }), Resolver: names{}})
	expect(t, r, "mail server", Finding{"", Warning, "none is set: mails of abandoned carts wait, and are given up when they are a day late",
		"set --smtp smtp://user:password@mail.example:587"})
}

// A store's domain is looked up as mailbox providers do.
func TestMailDomains(t *testing.T) {
	key, err := mail.NewKey("alpha.example", "mail1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	name, record, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	other, err := mail.NewKey("alpha.example", "mail1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, otherRecord, err := other.Record()
	if err != nil {
		t.Fatal(err)
	}
	spf := `publish a TXT record of alpha.example that names your mail server, such as "v=spf1 include:_spf.mail.example -all"`
	dkim := "publish it: cartwright dkim create with --selector mail1 prints it again"
	tests := map[string]struct {
		change func(names)
		away   string
		want   []Finding
	}{
		"in order": {func(names) {}, "", []Finding{{"", OK, "takes mail; SPF, DKIM of alpha and DMARC are published", ""}}},
		"an address and no MX": {func(n names) {
			delete(n.mx, "alpha.example")
			n.hosts["alpha.example"] = []string{"203.0.113.1"}
		}, "", []Finding{{"", OK, "takes mail; SPF, DKIM of alpha and DMARC are published", ""}}},
		"a policy of the domain above, and others' records": {func(n names) {
			n.txt["alpha.example"] = []string{"google-site-verification=1", "v=spf1 mx -all", "v=spf10 all"}
			n.txt[name] = []string{strings.Replace(record, "p=", "t=s; p = ", 1)}
		}, "", []Finding{{"", OK, "takes mail; SPF, DKIM of alpha and DMARC are published", ""}}},
		"neither MX nor address": {func(n names) { delete(n.mx, "alpha.example") }, "", []Finding{
			{"", Failed, "alpha.example has neither an MX nor an address record, so many refuse mail from it", "publish an MX record, or write from a domain that has one"}}},
		"a null MX": {func(n names) { n.mx["alpha.example"] = []string{"."} }, "", []Finding{
			{"", Failed, "alpha.example says that it takes no mail (a null MX record), so many refuse mail from it", "write from a domain that takes mail"}}},
		"no SPF": {func(n names) { delete(n.txt, "alpha.example") }, "", []Finding{
			{"", Warning, "there is no SPF record: nobody can tell your mail server from others", spf}}},
		"an SPF that lets everybody": {func(n names) { n.txt["alpha.example"] = []string{"v=spf1 mx +all"} }, "", []Finding{
			{"", Warning, "the SPF record lets everybody send (+all)", spf}}},
		"two SPF": {func(n names) { n.txt["alpha.example"] = []string{"v=spf1 mx -all", "v=spf1 -all"} }, "", []Finding{
			{"", Warning, "there are 2 SPF records, and with more than one none counts", "make one of them"}}},
		"no DKIM record": {func(n names) { delete(n.txt, name) }, "", []Finding{
			{"", Failed, "mails are signed, and the record mail1._domainkey.alpha.example is not published, so the signatures do not hold", dkim}}},
		"another DKIM record": {func(n names) { n.txt[name] = []string{otherRecord} }, "", []Finding{
			{"", Failed, "the record mail1._domainkey.alpha.example is not that of the key that mails are signed with, so the signatures do not hold", dkim}}},
		"no DMARC": {func(n names) { delete(n.txt, "_dmarc.alpha.example") }, "", []Finding{
			{"", Warning, "there is no DMARC record, which large mailbox providers ask for",
				`publish a TXT record _dmarc.alpha.example, such as "v=DMARC1; p=none; rua=mailto:dmarc@alpha.example"`}}},
		"nobody answers for the key": {func(names) {}, name, []Finding{
			{"", Warning, "the TXT record of mail1._domainkey.alpha.example cannot be looked up: the name mail1._domainkey.alpha.example cannot be looked up now", "see that this machine can ask the DNS, then ask again"}}},
		"several at once": {func(n names) { clear(n.txt); clear(n.mx) }, "", []Finding{
			{"", Failed, "alpha.example has neither an MX nor an address record, so many refuse mail from it", "publish an MX record, or write from a domain that has one"},
			{"", Warning, "there is no SPF record: nobody can tell your mail server from others", spf},
			{"", Failed, "mails are signed, and the record mail1._domainkey.alpha.example is not published, so the signatures do not hold", dkim},
			{"", Warning, "there is no DMARC record, which large mailbox providers ask for",
				`publish a TXT record _dmarc.alpha.example, such as "v=DMARC1; p=none; rua=mailto:dmarc@alpha.example"`}}},
	}
	sink := (&testkit.SMTPSink{}).Start(t)
	c := config(t, func(c *app.Config) { c.SMTP = sink.URL() })
	address, err := c.DatabaseURL()
	if err != nil {
		t.Fatal(err)
	}
	store(t, address, func(db *sqlstore.DB) error {
		_, err := db.PutDKIMKey(t.Context(), "alpha", key.Domain, key.Selector, key.Private, key.Created)
		return err
	})
	for title, tc := range tests {
		t.Run(title, func(t *testing.T) {
			dns := names{
				hosts: map[string][]string{}, mx: map[string][]string{"alpha.example": {"mx.alpha.example."}}, away: tc.away,
				txt: map[string][]string{"alpha.example": {"v=spf1 mx -all"}, name: {record}, "_dmarc.alpha.example": {"v=DMARC1; p=none"}},
			}
			tc.change(dns)
			expect(t, Examine(t.Context(), Setup{Config: c, Resolver: dns}), "mail from alpha.example", tc.want...)
		})
	}
}

// Stores that share a domain are one, a store that signs nothing is named, and
// so is one without a domain.
func TestSendersOfStores(t *testing.T) {
	c := config(t, func(c *app.Config) { c.SMTP = "smtp://127.0.0.1:1" })
	address, err := c.DatabaseURL()
	if err != nil {
		t.Fatal(err)
	}
	store(t, address, func(db *sqlstore.DB) error {
		return errors.Join(
			db.CreateStore(t.Context(), &merchant.Store{Hash: "beta", EmailFrom: "Beta@Sub.Alpha.Example", Revision: 1}),
			db.CreateStore(t.Context(), &merchant.Store{Hash: "gamma", EmailFrom: "gamma@alpha.example", Revision: 1}),
			db.CreateStore(t.Context(), &merchant.Store{Hash: "delta", Revision: 1}))
	})
	dns := names{
		mx:  map[string][]string{"alpha.example": {"mx"}, "sub.alpha.example": {"mx"}},
		txt: map[string][]string{"alpha.example": {"v=spf1 mx -all"}, "sub.alpha.example": {"v=spf1 mx -all"}, "_dmarc.alpha.example": {"v=DMARC1; p=none"}},
	}
	r := Examine(t.Context(), Setup{Config: c, Resolver: dns})
	unsigned := func(store, domain string) Finding {
		return Finding{"", Warning, "mails of the store " + store + " are not signed",
			"cartwright dkim create --store " + store + " --domain " + domain + " --selector mail1, and publish what it prints"}
	}
	expect(t, r, "mail from alpha.example", unsigned("alpha", "alpha.example"), unsigned("gamma", "alpha.example"))
	expect(t, r, "mail from sub.alpha.example", unsigned("beta", "sub.alpha.example"))
	expect(t, r, "mail from localhost.localdomain", Finding{"", Failed, "delta write from a domain that is none, and mail servers refuse that",
		"set --public-url to this server's own name, or make the store with --email-from"})
}
