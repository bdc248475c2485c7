package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cartwright/internal/recovery"
	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// certificate returns what a server of this machine shows, and whom to trust
// to believe it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}

// patient are timeouts that run out when something hangs, however slow the
// machine is.
var patient = timeouts{dial: time.Minute, command: time.Minute, content: time.Minute, idle: time.Minute}

// mailer sends to an address.
func mailer(t *testing.T, address string, trusted *tls.Config) *SMTP {
	t.Helper()
	server, err := ParseServer(address)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSMTP(Config{Server: server, TLS: trusted})
	s.limits = patient
	t.Cleanup(s.Close)
	return s
}

func TestDeliver(t *testing.T) {
	server, client := certificate(t)
	tests := map[string]struct {
		sink   *testkit.SMTPSink
		secure bool
	}{
		"plain":                 {&testkit.SMTPSink{}, false},
		"STARTTLS":              {&testkit.SMTPSink{TLS: server}, true},
		"TLS from the start":    {&testkit.SMTPSink{TLS: server, Implicit: true}, true},
		"PLAIN":                 {&testkit.SMTPSink{TLS: server, User: "u", Password: "p%w"}, true},
		"LOGIN":                 {&testkit.SMTPSink{TLS: server, User: "u", Password: "p", Mechanisms: []string{"XOAUTH2", "LOGIN"}}, true},
		"CRAM-MD5":              {&testkit.SMTPSink{User: "u", Password: "p", Mechanisms: []string{"CRAM-MD5", "LOGIN"}}, false},
		"PLAIN on this machine": {&testkit.SMTPSink{User: "u", Password: "p"}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			sink := tc.sink.Start(t)
			m := sample()
			if err := mailer(t, strings.Replace(sink.URL(), "p%w", "p%25w", 1), client).Deliver(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			got := sink.Mails()
			if len(got) != 1 || got[0].Secure != tc.secure {
				t.Fatalf("arrived: %+v", got)
			}
			if g := got[0]; g.From != m.From.Address || len(g.To) != 1 || g.To[0] != m.To.Address || g.Subject != m.Message.Subject ||
				g.HTML != m.Message.HTML || g.Text != m.Message.Text {
				t.Errorf("arrived as %+v", g)
			}
		})
	}
}

// What a server says becomes what is done about the mail (decisions 20).
func TestRefusals(t *testing.T) {
	answer := func(code int, text string) func() error {
		return func() error { return testkit.Answer(code, text) }
	}
	hangUp := func() error { return testkit.ErrHangUp }
	tests := map[string]struct {
		mail, rcpt, data, kept func() error
		want                   error
		says                   string
		arrived                int
	}{
		"the sender for now":             {mail: answer(451, "4.3.0 later"), want: recovery.ErrTemporary, says: "451 4.3.0 later"},
		"the sender":                     {mail: answer(550, "5.1.8 bad sender"), want: recovery.ErrRefused, says: "550 5.1.8 bad sender"},
		"greylisting":                    {rcpt: answer(450, "4.7.1 greylisted"), want: recovery.ErrTemporary, says: "450 4.7.1 greylisted"},
		"a full mailbox":                 {rcpt: answer(452, "4.2.2 mailbox full"), want: recovery.ErrTemporary, says: "4.2.2"},
		"no such user":                   {rcpt: answer(550, "5.1.1 no such user"), want: recovery.ErrNoSuchAddress, says: "550 5.1.1 no such user"},
		"no such domain":                 {rcpt: answer(553, "5.1.2 no such domain"), want: recovery.ErrNoSuchAddress},
		"a mailbox that is closed":       {rcpt: answer(550, "5.2.1 disabled"), want: recovery.ErrNoSuchAddress},
		"no such user, said by the code": {rcpt: answer(550, "unknown"), want: recovery.ErrNoSuchAddress},
		"a policy":                       {rcpt: answer(550, "5.7.1 relaying denied"), want: recovery.ErrRefused, says: "relaying denied"},
		"a policy, said by the code":     {rcpt: answer(554, "no"), want: recovery.ErrRefused},
		"the content for now":            {data: answer(451, "4.7.0 try again"), want: recovery.ErrTemporary, says: "451 4.7.0 try again"},
		"the content":                    {data: answer(554, "5.7.1 spam"), want: recovery.ErrRefused, says: "554 5.7.1 spam"},
		"no such user, said at the end":  {data: answer(550, "5.1.1 no such user"), want: recovery.ErrNoSuchAddress},
		"the server stops":               {mail: answer(421, "4.3.2 shutting down"), want: recovery.ErrTemporary, says: "421"},
		"hangs up at the sender":         {mail: hangUp, want: recovery.ErrTemporary, says: "before the mail was sent"},
		"hangs up at the recipient":      {rcpt: hangUp, want: recovery.ErrTemporary},
		"hangs up after the dot":         {data: hangUp, want: recovery.ErrNoAnswer, says: "no answer came"},
		"keeps it and hangs up":          {kept: hangUp, want: recovery.ErrNoAnswer, arrived: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			hook := func(do func() error) error {
				if do == nil {
					return nil
				}
				return do()
			}
			sink := (&testkit.SMTPSink{
				OnMail: func(string) error { return hook(tc.mail) }, OnRcpt: func(string) error { return hook(tc.rcpt) },
				OnData: func(testkit.SinkMail) error { return hook(tc.data) }, Kept: func(testkit.SinkMail) error { return hook(tc.kept) },
			}).Start(t)
			err := mailer(t, sink.URL(), nil).Deliver(t.Context(), sample())
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("the error is %v, want %v with %q", err, tc.want, tc.says)
			}
			for _, other := range []error{recovery.ErrTemporary, recovery.ErrNoAnswer, recovery.ErrNoSuchAddress} {
				if !errors.Is(tc.want, other) && errors.Is(err, other) {
					t.Errorf("%v is %v too", err, other)
				}
			}
			if got := len(sink.Mails()); got != tc.arrived {
				t.Errorf("%d mails arrived, want %d", got, tc.arrived)
			}
		})
	}
}

// A server that says nothing is given up, and where it fell silent decides what
// is known of the mail.
func TestSlowServers(t *testing.T) {
	tests := map[string]struct {
		atEnd   bool // or at the recipient
		want    error
		arrived int
	}{
		"at the recipient": {false, recovery.ErrTemporary, 0},
		"after the dot":    {true, recovery.ErrNoAnswer, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			// A slow machine needs more time to come as far as that.
			for limit := 50 * time.Millisecond; ; limit *= 2 {
				var reached atomic.Bool
				release := make(chan struct{})
				hang := func(here bool) error {
					if here {
						reached.Store(true)
						<-release
					}
					return nil
				}
				sink := (&testkit.SMTPSink{
					OnRcpt: func(string) error { return hang(!tc.atEnd) },
					Kept:   func(testkit.SinkMail) error { return hang(tc.atEnd) },
				}).Start(t)
				s := mailer(t, sink.URL(), nil)
				s.limits.command, s.limits.content = limit, limit
				err := s.Deliver(t.Context(), sample())
				hung, arrived := reached.Load(), len(sink.Mails())
				close(release)
				if !hung && limit < patient.command {
					continue
				}
				if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), "took too long") || arrived != tc.arrived {
					t.Errorf("the error is %v, %d mails arrived", err, arrived)
				}
				return
			}
		})
	}
}

// A mail that broke off before its end has not arrived anywhere.
func TestHangUpBeforeTheDot(t *testing.T) {
	sink := (&testkit.SMTPSink{HangUpBeforeDot: func() bool { return true }}).Start(t)
	m := sample()
	m.Message.HTML = strings.Repeat("<p>long</p>\n", 2<<20/12)
	err := mailer(t, sink.URL(), nil).Deliver(t.Context(), m)
	if !errors.Is(err, recovery.ErrTemporary) {
		t.Errorf("the error is %v", err)
	}
}

func TestServersThatCannotBeUsed(t *testing.T) {
	server, trusted := certificate(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	tests := map[string]struct {
		address string
		client  *tls.Config
		says    string
	}{
		"nobody there":               {"smtp://127.0.0.1:1", nil, "127.0.0.1:1 cannot be used"},
		"nobody speaks":              {"smtp://" + silent.Addr().String(), nil, "no greeting within"},
		"a certificate of strangers": {(&testkit.SMTPSink{TLS: server}).Start(t).URL(), nil, "certificate"},
		"a wrong password":           {strings.Replace((&testkit.SMTPSink{User: "u", Password: "right"}).Start(t).URL(), "right", "wrong", 1), nil, "535"},
		"no way to sign in":          {strings.Replace((&testkit.SMTPSink{}).Start(t).URL(), "//", "//u:p@", 1), nil, "no authentication that is known"},
		"a way that is not known":    {(&testkit.SMTPSink{User: "u", Password: "p", Mechanisms: []string{"NTLM"}}).Start(t).URL(), trusted, `it offers "NTLM"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := mailer(t, tc.address, tc.client)
			if s.server.addr() == silent.Addr().String() {
				s.limits.dial = 300 * time.Millisecond
			}
			err := s.Deliver(t.Context(), sample())
			if !errors.Is(err, recovery.ErrTemporary) || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "wrong") {
				t.Errorf("the error is %v, want %s", err, tc.says)
			}
		})
	}
}

// A password is sent over TLS, or not beyond this machine.
func TestPasswordsAreNotSentInTheClear(t *testing.T) {
	asked := false
	sink := (&testkit.SMTPSink{User: "u", Password: "p", OnMail: func(string) error { asked = true; return nil }}).Start(t)
	s := mailer(t, sink.URL(), nil)
	_, port, _ := net.SplitHostPort(s.server.addr())
	host := localName(t)
	s.server.Host, s.server.Port = host, port
	err := s.Deliver(t.Context(), sample())
	if !errors.Is(err, recovery.ErrTemporary) || !strings.Contains(err.Error(), "offers no STARTTLS") || asked {
		t.Errorf("the error is %v, the sender was named: %v", err, asked)
	}
}

// localName is a name of this machine that does not look like one.
func localName(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"LOCALHOST", "0.0.0.0"} {
		if (Server{Host: name}).local() {
			t.Fatalf("%s is known to be this machine", name)
		}
		if addrs, err := net.DefaultResolver.LookupHost(t.Context(), name); err == nil && len(addrs) > 0 {
			return name
		}
	}
	t.Fatal("this machine has no other name")
	return ""
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	sink := (&testkit.SMTPSink{OnRcpt: func(to string) error {
		if strings.HasPrefix(to, "nobody") {
			return testkit.Answer(550, "5.1.1 no such user")
		}
		return nil
	}}).Start(t)
	s := mailer(t, sink.URL()+"?connections=3", nil)
	if s.Connections() != 3 {
		t.Errorf("%d connections", s.Connections())
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for i := range 20 {
				m := sample()
				if i%5 == 0 {
					m.To.Address = "nobody@example.com"
				}
				if err := s.Deliver(context.Background(), m); (i%5 == 0) != errors.Is(err, recovery.ErrNoSuchAddress) {
					t.Errorf("mail %d: %v", i, err)
				}
			}
		})
	}
	all.Wait()
	if got := len(sink.Mails()); got != 48 {
		t.Errorf("%d mails arrived", got)
	}
	if n := sink.Sessions(); n > 3 {
		t.Errorf("%d connections were made", n)
	}
}

// A connection that was kept and is over is replaced, and the mail goes once.
func TestStaleConnections(t *testing.T) {
	for name, end := range map[string]func(*testkit.SMTPSink, *atomic.Bool){
		"cut off": func(s *testkit.SMTPSink, _ *atomic.Bool) { s.CutOff() },
		"said so": func(_ *testkit.SMTPSink, full *atomic.Bool) { full.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			var full atomic.Bool
			sink := (&testkit.SMTPSink{OnMail: func(string) error {
				if full.CompareAndSwap(true, false) {
					return testkit.Answer(421, "4.7.0 too many mails")
				}
				return nil
			}}).Start(t)
			s := mailer(t, sink.URL(), nil)
			for i := range 3 {
				if err := s.Deliver(t.Context(), sample()); err != nil {
					t.Fatalf("mail %d: %v", i, err)
				}
				end(sink, &full)
			}
			if mails, sessions := len(sink.Mails()), sink.Sessions(); mails != 3 || sessions != 3 {
				t.Errorf("%d mails over %d connections", mails, sessions)
			}
		})
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	sink := (&testkit.SMTPSink{}).Start(t)
	s := mailer(t, sink.URL(), nil)
	s.limits.idle = 20 * time.Millisecond
	for range 2 {
		if err := s.Deliver(t.Context(), sample()); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, "the connection is kept no more", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.idle) == 0
		})
	}
	if n := sink.Sessions(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

// Who waits for a connection, or for an answer, can be called back.
func TestContextEnds(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	sink := (&testkit.SMTPSink{Kept: func(testkit.SinkMail) error {
		once.Do(func() { close(begun) })
		<-release
		return nil
	}}).Start(t)
	s := mailer(t, sink.URL()+"?connections=1", nil)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- s.Deliver(ctx, sample()) }()
	<-begun
	go func() { second <- s.Deliver(ctx, sample()) }()
	cancel()
	if err := <-first; !errors.Is(err, recovery.ErrNoAnswer) {
		t.Errorf("a mail that was sent whole: %v", err)
	}
	if err := <-second; !errors.Is(err, recovery.ErrTemporary) {
		t.Errorf("a mail that waited: %v", err)
	}
	close(release)
}

func TestLongAnswersAreCut(t *testing.T) {
	err := failed(recovery.ErrRefused, fmt.Sprintf("550 %s\r\nü", strings.Repeat("ü", 400)))
	if got := err.Error(); len(got) > maxSaid || strings.ContainsAny(got, "\r\n") || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
