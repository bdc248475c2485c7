package hostile

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
	"cartwright/test/world"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// wire is a server that listens, with a store in it.
type wire struct {
	*testing.T

	address string
	token   string
}

func listen(t *testing.T) *wire {
	t.Helper()
	w := &wire{T: t}
	database := testdb.URL(t)
	ctx, stop := context.WithCancel(t.Context())
	started, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		config := app.Config{Listen: "127.0.0.1:0", Database: database, Log: slog.New(slog.DiscardHandler)}
		stopped <- app.Serve(ctx, config, func(a *app.App, at net.Addr) {
			defer close(started)
			w.address = at.String()
			if _, err := a.Merchants.CreateStore(ctx, merchant.Setup{Hash: world.Store, Name: "Wire"}); err != nil {
				t.Error(err)
			}
			var err error
			if w.token, _, err = a.Merchants.CreateToken(ctx, merchant.Grant{Store: world.Store, Scopes: []string{merchant.ScopeAll}}); err != nil {
				t.Error(err)
			}
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	select {
	case <-started:
	case err := <-stopped:
		stopped <- err
		t.Fatal("the server did not start")
	}
	return w
}

// say sends bytes as they are and returns the statuses of the answers until
// the server closes the connection. One that does neither fails the test.
func (w *wire) say(text string) []int {
	w.Helper()
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		w.Fatal(err)
	}
	go func() { _, _ = io.WriteString(conn, text) }() // the server may close before it has read all
	var statuses []int
	r := bufio.NewReader(conn)
	for {
		answer, err := http.ReadResponse(r, nil)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			w.Errorf("the server goes quiet after %v", statuses)
		}
		if err != nil {
			return statuses
		}
		statuses = append(statuses, answer.StatusCode)
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.Close {
			return statuses
		}
	}
}

// post is the head of a POST of a cart, up to its last header.
func (w *wire) post(headers ...string) string {
	return "POST /stores/" + world.Store + "/v3/carts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nX-Auth-Token: " +
		w.token + "\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
}

const goodCart = `{"custom_items":[{"name":"x","quantity":1,"list_price":1}]}`

// What is not HTTP, or hardly: the server refuses it and goes on.
func TestWire(t *testing.T) {
	w := listen(t)
	if got := w.say(w.post("Content-Length: 59") + goodCart); len(got) != 1 || got[0] != http.StatusCreated {
		t.Fatalf("a proper request was answered %v", got)
	}
	huge := strings.Repeat("x", 1<<20)
	tests := map[string]string{
		"nothing":                   "\r\n\r\n",
		"noise":                     "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\xff", 500) + "\r\n\r\n",
		"a header of 1 MB":          w.post("X-Large: " + huge),
		"1 MB in many headers":      w.post(strings.TrimSuffix(strings.Repeat("X-A: "+strings.Repeat("y", 1000)+"\r\n", 1000), "\r\n")),
		"an address of 1 MB":        "GET /stores/" + huge + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"no host":                   "GET /healthz HTTP/1.1\r\n\r\n",
		"two hosts":                 "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"HTTP 9":                    "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
		"a header without a colon":  "GET /healthz HTTP/1.1\r\nHost: x\r\nwhat\r\n\r\n",
		"a NUL in a header":         "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
		"two lengths":               w.post("Content-Length: 59", "Content-Length: 5") + goodCart,
		"a length and chunks":       w.post("Content-Length: 59", "Transfer-Encoding: chunked", "Transfer-Encoding: x") + "0\r\n\r\n",
		"a negative length":         w.post("Content-Length: -1") + goodCart,
		"a length beyond counting":  w.post("Content-Length: 99999999999999999999") + goodCart,
		"a chunk beyond counting":   w.post("Transfer-Encoding: chunked") + "FFFFFFFFFFFFFFFFF\r\n" + goodCart,
		"a chunk that is no number": w.post("Transfer-Encoding: chunked") + "zz\r\n" + goodCart,
	}
	for name, text := range tests {
		for _, status := range w.say(text) {
			if status < 400 || status > 499 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported {
				t.Errorf("%s: answered %d", name, status)
			}
		}
	}
	if got := w.say("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); len(got) != 1 || got[0] != http.StatusOK {
		t.Errorf("after all that, /healthz answers %v", got)
	}
}
