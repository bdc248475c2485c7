package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// start serves until the test ends and returns the server's address and its
// log. stop ends it early and returns how it ended.
func start(t *testing.T, c Config) (addr net.Addr, log *bytes.Buffer, stop func() error) {
	t.Helper()
	log = &bytes.Buffer{}
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	if c.Data == "" {
		c.Database = testdb.URL(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- Serve(ctx, c, func(_ *App, a net.Addr) { ready <- a }) }()
	stopped := false
	stop = func() error {
		cancel()
		stopped = true
		return <-ended
	}
	t.Cleanup(func() {
		if !stopped {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	})
	select {
	case addr = <-ready:
		return addr, log, stop
	case err := <-ended:
		stopped = true
		t.Fatalf("the server ended: %v", err)
		return nil, nil, nil
	}
}

// A server that drains answers what still comes, tells load balancers that it
// stops, and has nobody keep a connection to it.
func TestServeDrains(t *testing.T) {
	for _, drain := range []time.Duration{time.Second, 5 * time.Second, 30 * time.Second} {
		if drains(t, drain) {
			return
		}
	}
	t.Error("a server was gone before it answered")
}

// drains looks at a server that drains. It reports false when a request came too
// late, as one of a machine that is busy may.
func drains(t *testing.T, drain time.Duration) (answered bool) {
	t.Helper()
	addr, log, stop := start(t, Config{Listen: "127.0.0.1:0", Drain: drain})
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	defer func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "draining: /readyz answers 503") {
			t.Errorf("logged %s", log)
		}
	}()
	ask := func(path string) (status int, body string, closes bool) {
		t.Helper()
		res, err := http.Get("http://" + addr.String() + path)
		if err != nil {
			t.Logf("draining for %s: %v", drain, err)
			return 0, "", false
		}
		text, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Error(err)
		}
		return res.StatusCode, string(text), res.Close
	}
	for stops := false; !stops; {
		status, body, closes := ask("/readyz")
		if status == 0 {
			return false
		}
		if stops = status == http.StatusServiceUnavailable && body == Stops; stops != closes {
			t.Errorf("/readyz answers %d %q, and ends the connection: %v", status, body, closes)
		}
	}
	status, _, closes := ask("/openapi.yaml")
	if status != 0 && (status != http.StatusOK || !closes) {
		t.Errorf("draining, a request is answered %d, and ends the connection: %v", status, closes)
	}
	return status != 0
}

func TestServeStopsWhenItIsTold(t *testing.T) {
	addr, log, stop := start(t, Config{Listen: "127.0.0.1:0"})
	res, err := http.Get("http://" + addr.String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || string(body) != "ok\n" {
		t.Errorf("answered %s %q", res.Status, body)
	}
	testkit.Eventually(t, "the server is ready", func() bool {
		res, err := http.Get("http://" + addr.String() + "/readyz")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	})
	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	if !strings.Contains(log.String(), "msg=serving") || !strings.Contains(log.String(), "msg=stopping") {
		t.Errorf("logged %s", log)
	}
	if l, err := net.Listen("tcp", addr.String()); err != nil {
		t.Errorf("the address is not free again: %v", err)
	} else if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestServeRefusesASecondServerOfOneFile(t *testing.T) {
	dir := t.TempDir()
	_, _, stop := start(t, Config{Listen: "127.0.0.1:0", Data: dir})
	second := Config{Listen: "127.0.0.1:0", Data: dir, Log: slog.New(slog.DiscardHandler)}
	if err := Serve(t.Context(), second, nil); err == nil || !strings.Contains(err.Error(), "is served already") {
		t.Fatalf("the second server ended with %v", err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	start(t, second)
}

func TestServeSpeaksTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	addr, log, stop := start(t, Config{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	res, err := client.Get("https://" + addr.String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Proto != "HTTP/2.0" {
		t.Errorf("answered %s %s", res.Proto, res.Status)
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "url=https://127.0.0.1:") {
		t.Errorf("logged %s", log)
	}
}

// certificate makes a certificate for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	dir := t.TempDir()
	return writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", der), writePEM(t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", secret), pool
}

func writePEM(t *testing.T, path, kind string, der []byte) string {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
