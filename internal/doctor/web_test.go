package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
)

// authority is a certificate that signs itself, and whom to trust to believe it.
type authority struct {
	pair      tls.Certificate
	roots     *x509.CertPool
	cert, key string // PEM files
}

func issue(t *testing.T, left time.Duration, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name},
		NotBefore: time.Now().Add(min(0, left) - time.Hour), NotAfter: time.Now().Add(left), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots: x509.NewCertPool()}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.roots.AddCert(leaf)
	a.cert, a.key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	err = errors.Join(os.WriteFile(a.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(a.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serve runs a real server until the test ends and returns where.
func serve(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, app.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), Log: slog.New(slog.DiscardHandler)}, func(_ *app.App, a net.Addr) { ready <- a })
	}()
	select {
	case at := <-ready:
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		return at.String()
	case err := <-ended:
		cancel()
		t.Fatal(err)
		return ""
	}
}

// proxy speaks TLS in front of a server, as proxies do.
func proxy(t *testing.T, c authority, handler http.Handler) (port string) {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{c.pair}}
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestPublicURL(t *testing.T) {
	at := serve(t)
	good, short, stranger := issue(t, 90*24*time.Hour+time.Hour, "shop.example"), issue(t, 5*24*time.Hour+time.Hour, "shop.example"), issue(t, 90*24*time.Hour, "other.example")
	pass := passOn(t, at)
	status := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", map[bool]string{true: "https://www.shop.example/"}[code/100 == 3])
			w.WriteHeader(code)
		})
	}
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) })
	}
	const notOurs = "have the proxy pass on every path to LISTEN, or correct --public-url"
	tests := map[string]struct {
		cert    authority
		handler http.Handler
		name    string
		want    Finding // URL is the public URL
	}{
		"in order":                     {good, pass, "shop.example", Finding{"", OK, "URL leads here; its certificate is good for 90 days", ""}},
		"a certificate that ends soon": {short, pass, "shop.example", Finding{"", Warning, "the certificate of URL ends in 5 days", "renew it, and see why it was not renewed by itself"}},
		"another's certificate": {stranger, pass, "shop.example", Finding{"", Failed, "URL: its certificate is not valid: x509: certificate is valid for other.example, not shop.example",
			"renew the certificate, for this name, with the whole chain"}},
		"no such name":              {good, pass, "nowhere.example", Finding{"", Failed, "URL: there is no name nowhere.example", "publish an address record for nowhere.example, or correct --public-url"}},
		"another program":           {good, status(404), "shop.example", Finding{"", Failed, "what answers at URL is not cartwright (404 Not Found)", notOurs}},
		"another that is healthy":   {good, says("ok\n"), "shop.example", Finding{"", Failed, "what answers at URL is not cartwright (200 OK)", notOurs}},
		"a proxy to nothing":        {good, status(502), "shop.example", Finding{"", Failed, "what answers at URL is not cartwright (502 Bad Gateway)", notOurs}},
		"a redirect":                {good, status(301), "shop.example", Finding{"", Failed, "URL only leads to https://www.shop.example/", "set --public-url to where it ends"}},
		"a server without database": {good, unready(pass, "the database does not answer\n"), "shop.example", Finding{"", Failed, "URL answers, and its database does not", "see the line about the database, and the server's log"}},
		"a server that drains": {good, unready(pass, app.Stops), "shop.example", Finding{"", Warning, "the server behind URL was told to stop, and finishes what it has",
			"ask again when it has stopped, or when the next one runs"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			base := "https://" + tc.name + ":" + proxy(t, tc.cert, tc.handler)
			c := config(t, func(c *app.Config) { c.PublicURL, c.Listen, c.Sandbox = base, at, false })
			dns := names{hosts: map[string][]string{"shop.example": {"127.0.0.1"}}}
			want := tc.want
			want.Said, want.Advice = strings.Replace(want.Said, "URL", base, 1), strings.Replace(want.Advice, "LISTEN", at, 1)
			r := Examine(t.Context(), Setup{Config: c, Resolver: dns, Roots: tc.cert.roots})
			expect(t, r, "public URL", want)
			expect(t, r, "server", Finding{"", OK, "runs at http://" + at + " and is ready", ""})
		})
	}
}

// passOn hands requests on to a server.
func passOn(t *testing.T, at string) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := get(r.Context(), http.DefaultClient, "http://"+at+r.URL.Path)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(page.body))
	})
}

// unready is a server that says why it is not ready.
func unready(next http.Handler, why string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(why))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func TestPublicURLThatNobodyElseReaches(t *testing.T) {
	at := serve(t)
	_, port, err := net.SplitHostPort(at)
	if err != nil {
		t.Fatal(err)
	}
	dns := names{hosts: map[string][]string{"shop.example": {"127.0.0.1"}, "localhost": {"127.0.0.1"}}}
	tests := map[string]struct {
		url     string
		sandbox bool
		want    Finding
	}{
		"none":              {"", false, Finding{"", Warning, "none is set: links in mails lead to " + at, "set --public-url to what browsers see, such as https://shop.example"}},
		"none in a sandbox": {"", true, Finding{"", OK, "links lead to the address that is listened on, as a sandbox needs it", ""}},
		"this machine": {"http://localhost:" + port, false, Finding{"", Warning, "http://localhost:" + port + " is this machine: nobody else can follow a link in a mail",
			"set --public-url to what browsers see, such as https://shop.example"}},
		"this machine in a sandbox": {"http://localhost:" + port, true, Finding{"", OK, "http://localhost:" + port + " leads here", ""}},
		"no https": {"http://shop.example:" + port + "/", false, Finding{"", Warning, "http://shop.example:" + port + " is not https: sessions can be read on their way, and mailbox providers take one-click unsubscribing over https only",
			"set --public-url to the https address; let the proxy speak TLS, or give --tls-cert and --tls-key"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(t, func(c *app.Config) { c.PublicURL, c.Listen, c.Sandbox = tc.url, at, tc.sandbox })
			expect(t, Examine(t.Context(), Setup{Config: c, Resolver: dns}), "public URL", tc.want)
		})
	}
}

func TestNoServer(t *testing.T) {
	dns := names{hosts: map[string][]string{"shop.example": {"127.0.0.1"}}}
	c := config(t, func(c *app.Config) { c.PublicURL, c.Listen, c.Sandbox = "https://shop.example:1", "127.0.0.1:1", false })
	r := Examine(t.Context(), Setup{Config: c, Resolver: dns})
	expect(t, r, "server", Finding{"", OK, "none runs at http://127.0.0.1:1", ""})
	expect(t, r, "public URL", Finding{"", Warning, "https://shop.example:1 does not answer, and no server runs here: connect: connection refused", "start the server and ask again"})

	at := serve(t)
	c.Listen = at
	expect(t, Examine(t.Context(), Setup{Config: c, Resolver: dns}), "public URL", Finding{"", Failed, "https://shop.example:1 does not answer: connect: connection refused",
		"the server runs, so look at the proxy and the firewall; where only this machine cannot reach its own public address, ask from another"})
}

func TestAnotherProgramHasThePort(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	c := config(t, func(c *app.Config) { c.Listen = strings.TrimPrefix(other.URL, "http://") })
	expect(t, Examine(t.Context(), Setup{Config: c, Resolver: names{}}), "server",
		Finding{"", Failed, "another program answers at " + other.URL + " (404 Not Found)", "stop it, or choose another --listen"})
}

// What stops is no failure: it is neither here nor gone.
func TestAServerThatIsNotReady(t *testing.T) {
	pass := passOn(t, serve(t))
	for name, tc := range map[string]struct {
		why  string
		want Finding // URL is where it is
	}{
		"drains":             {app.Stops, Finding{"", Warning, "the one at URL was told to stop, and finishes what it has", "ask again when it has stopped, or when the next one runs"}},
		"without a database": {"the database does not answer\n", Finding{"", Failed, "it runs at URL, and its database does not answer", "see the line about the database, and the server's log"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(unready(pass, tc.why))
			defer s.Close()
			c := config(t, func(c *app.Config) { c.Listen = strings.TrimPrefix(s.URL, "http://") })
			tc.want.Said = strings.Replace(tc.want.Said, "URL", s.URL, 1)
			expect(t, Examine(t.Context(), Setup{Config: c, Resolver: names{}}), "server", tc.want)
		})
	}
}

func TestTLSFiles(t *testing.T) {
	tests := map[string]struct {
		left time.Duration
		name string
		want Finding // CERT is the file
	}{
		"in order":  {90*24*time.Hour + time.Hour, "shop.example", Finding{"", OK, "the pair fits, for 90 days", ""}},
		"ends soon": {20*24*time.Hour + time.Hour, "shop.example", Finding{"", Warning, "the certificate in CERT ends in 20 days", "renew it and restart the server"}},
		"ended":     {-time.Hour, "shop.example", Finding{"", Failed, "the certificate in CERT ended on DATE", "renew it and restart the server"}},
		"another's": {90 * 24 * time.Hour, "other.example", Finding{"", Failed, "the certificate in CERT is for other.example, and not for shop.example", "have one made for the name of --public-url"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := issue(t, tc.left, tc.name)
			c := config(t, func(c *app.Config) { c.TLSCert, c.TLSKey, c.PublicURL = a.cert, a.key, "https://shop.example" })
			want := tc.want
			want.Said = strings.NewReplacer("CERT", a.cert, "DATE", time.Now().Add(tc.left).UTC().Format(time.DateOnly)).Replace(want.Said)
			expect(t, Examine(t.Context(), Setup{Config: c, Resolver: names{}}), "TLS files", want)
		})
	}
	mine, yours := issue(t, time.Hour, "a"), issue(t, time.Hour, "a")
	c := config(t, func(c *app.Config) { c.TLSCert, c.TLSKey = mine.cert, yours.key })
	r := Examine(t.Context(), Setup{Config: c, Resolver: names{}})
	if found := r.of("configuration"); len(found) != 1 || !strings.Contains(found[0].Said, "both must be PEM files that belong together") {
		t.Errorf("a pair that does not fit: %+v", found)
	}
}
