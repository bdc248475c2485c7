package webhook

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/hook"
)

var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// patience is for what answers, however slow the machine is.
const patience = time.Minute

func sendTo(t *testing.T, s sender, destination string) (int, string) {
	t.Helper()
	d := hook.Delivery{Store: "demo", Scope: "store/cart/updated", Data: []byte(`{}`), MessageID: "msg_1", Created: now}
	return s.send(t.Context(), hook.Receiver{Hook: &hook.Hook{Destination: destination}, Secret: "s"}, &d, now)
}

// Private addresses are refused where they are connected to, whatever name
// leads to them; nothing listens is told apart from that.
func TestPrivateAddressesAreRefused(t *testing.T) {
	strict := newSender(hook.Policy{}, patience)
	for _, host := range []string{
		"localhost", "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
		"[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
	} {
		if status, failure := sendTo(t, strict, "https://"+host+"/"); status != 0 || failure != failedPolicy {
			t.Errorf("%s: %d %q", host, status, failure)
		}
	}
	for _, destination := range []string{"http://hooks.example.com/", "https://hooks.example.com:8443/", "https://u:p@hooks.example.com/", "gopher://x/"} {
		if _, failure := sendTo(t, strict, destination); failure != failedPolicy {
			t.Errorf("%s: %q", destination, failure)
		}
	}
}

// An exception opens one origin, whatever its address, and no other.
func TestAllowedOrigins(t *testing.T) {
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	allowed, other := httptest.NewServer(ok), httptest.NewServer(ok)
	defer allowed.Close()
	defer other.Close()
	origin, err := hook.ParseAllowed(allowed.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := newSender(hook.Policy{Allowed: []string{origin}}, patience)
	if status, failure := sendTo(t, s, allowed.URL+"/in"); status != http.StatusAccepted || failure != "" {
		t.Errorf("the exception: %d %q", status, failure)
	}
	if _, failure := sendTo(t, s, other.URL); failure != failedPolicy {
		t.Errorf("another port: %q", failure)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(allowed.URL, "http://"))
	if _, failure := sendTo(t, s, "http://localhost:"+port); failure != failedPolicy {
		t.Errorf("another name of the same: %q", failure)
	}
}

// What counts as taken, and what does not (spec/04 §2.2).
func TestAnswers(t *testing.T) {
	var target *url.URL
	mux := http.NewServeMux()
	for status := range map[int]bool{200: true, 204: true, 299: true, 302: true, 404: true, 500: true} {
		mux.HandleFunc(fmt.Sprintf("/%d", status), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/200")
			w.WriteHeader(status)
		})
	}
	mux.HandleFunc("/wide", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Wide", strings.Repeat("x", 9<<10)) })
	mux.HandleFunc("/name", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-"+strings.Repeat("x", 70), "x") })
	mux.HandleFunc("/many", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 70 {
			w.Header().Set(fmt.Sprintf("X-%d", i), "x")
		}
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Huge", strings.Repeat("x", 300<<10)) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) { // more than anybody reads
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 16<<10)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is a client missed that hangs up
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	target, _ = url.Parse(server.URL)
	s := newSender(hook.Policy{Anywhere: true}, patience)
	defer s.close()
	for path, want := range map[string]struct {
		status  int
		failure string
	}{
		"/200": {200, ""}, "/204": {204, ""}, "/299": {299, ""}, "/302": {302, "Response status 302"}, "/404": {404, "Response status 404"},
		"/500": {500, "Response status 500"}, "/endless": {200, ""}, "/wide": {200, "Response headers are too large"}, "/name": {200, "Response headers are too large"},
		"/many": {200, "Response headers are too large"}, "/huge": {0, failedOther}, "/cut": {0, failedOther},
	} {
		if status, failure := sendTo(t, s, target.JoinPath(path).String()); status != want.status || failure != want.failure {
			t.Errorf("%s: %d %q, want %d %q", path, status, failure, want.status, want.failure)
		}
	}
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	if _, failure := sendTo(t, s, secure.URL); failure != failedTLS {
		t.Errorf("an unknown certificate: %q", failure)
	}
	if _, failure := sendTo(t, s, strings.Replace(server.URL, "http:", "https:", 1)); failure != failedTLS && failure != failedOther {
		t.Errorf("plain HTTP instead of TLS: %q", failure)
	}
	gone := httptest.NewServer(mux)
	gone.Close()
	if _, failure := sendTo(t, s, gone.URL); failure != failedRefused {
		t.Errorf("nobody listens: %q", failure)
	}
}

// A receiver that says nothing, or does not finish, is given up.
func TestReceiversThatHang(t *testing.T) {
	for name, want := range map[string]int{"before the answer": 0, "within the answer": 200} {
		t.Run(name, func(t *testing.T) {
			// A slow machine needs more time to come as far as that.
			for limit := 50 * time.Millisecond; ; limit *= 2 {
				var reached atomic.Bool
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body) // only then is a client missed that hangs up
					reached.Store(true)
					if want != 0 {
						w.WriteHeader(want)
						_ = http.NewResponseController(w).Flush()
					}
					<-r.Context().Done()
				}))
				s := newSender(hook.Policy{Anywhere: true}, limit)
				status, failure := sendTo(t, s, server.URL)
				s.close()
				server.Close()
				if (!reached.Load() || status != want) && limit < patience {
					continue
				}
				if status != want || failure != failedTimeout {
					t.Errorf("%d %q, want %d %q", status, failure, want, failedTimeout)
				}
				return
			}
		})
	}
}

// A failure says nothing of the network here.
func TestFailuresTellNoAddresses(t *testing.T) {
	s := newSender(hook.Policy{Anywhere: true}, patience)
	for _, destination := range []string{"http://127.0.0.1:1/", "http://nowhere.invalid/"} {
		if _, failure := sendTo(t, s, destination); failure == "" || strings.ContainsAny(failure, "0123456789:") {
			t.Errorf("%s: %q", destination, failure)
		}
	}
}

// A client without a secret gets no signature, not one that anybody could make.
func TestNoSecretNoSignature(t *testing.T) {
	h := http.Header{"Webhook-Signature": {"v1,theirs"}}
	sign(h, "", "msg_1", now, []byte("{}"))
	if h.Get("Webhook-Signature") != "" || h.Get("Webhook-Id") != "msg_1" || h.Get("Webhook-Timestamp") != "1772625600" {
		t.Errorf("signed %v", h)
	}
	sign(h, "secret", "msg_1", now, []byte("{}"))
	if got := h.Get("Webhook-Signature"); !strings.HasPrefix(got, "v1,") || len(got) != 3+44 {
		t.Errorf("signed %q", got)
	}
}
