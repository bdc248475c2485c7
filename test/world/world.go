// Package world is a whole server for tests that look at it from the outside:
// the wiring of package app over a temporary database, with a store, tokens, and
// a valid request for every operation of the OpenAPI document.
//
//	w := world.New(t)
//	answer := w.Do(w.Sample("createCart"))
//
// Every exchange is held to the document, and a server that logs an error
// fails the test. A package that uses it needs testkit.Main.
package world

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// Store is the hash of the store that the requests are for.
const Store = "worldtest"

// World is a server with one store.
type World struct {
	testing.TB

	App *app.App
	Doc *testkit.Document
	// Token may do everything.
	Token string

	handler http.Handler
	names   int
	codes   int

	conn            *sql.Conn
	postgres        bool
	tables          []string
	last            Rows
	lastRevision    int64
	nextTransaction int64
}

// New returns a server with an empty store.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{TB: t, Doc: testkit.OpenDocument(t)}
	database := testdb.URL(t)
	a, err := app.Open(t.Context(), app.Config{
		Database: database, Listen: "127.0.0.1:0", PublicURL: "https://cartwright.example", Log: slog.New(alarm{w}),
		SMTP: (&testkit.SMTPSink{}).Start(t).URL(),
	})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	w.App = a
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if _, err := a.Merchants.CreateStore(t.Context(), merchant.Setup{Hash: Store, Name: "World"}); err != nil {
		t.Fatalf("create store: %v", err)
	}
	w.Token = w.Grant(merchant.ScopeAll)
	w.handler = testkit.Contract(w, a.Handler())
	w.openDump(database)
	return w
}

// Grant makes a token with these scopes, of a client of its own.
func (w *World) Grant(scopes ...string) string {
	w.Helper()
	token, _, err := w.App.Merchants.CreateToken(w.Context(), merchant.Grant{Store: Store, Scopes: scopes})
	if err != nil {
		w.Fatalf("create token: %v", err)
	}
	return token
}

// alarm fails the test when the server logs an error: what it calls an error
// is a defect of its own. An outage of the database is none: where the machine
// stands still for a moment, it begins and is over. What requests were answered
// meanwhile is known to the test.
type alarm struct{ t testing.TB }

// Enabled implements slog.Handler.
func (alarm) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// Handle implements slog.Handler.
func (a alarm) Handle(_ context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "the database does not answer") || strings.HasPrefix(r.Message, "the database cannot do") {
		return nil
	}
	var b strings.Builder
	b.WriteString(r.Message)
	r.Attrs(func(attr slog.Attr) bool {
		b.WriteString(" " + attr.String())
		return true
	})
	a.t.Errorf("the server logs an error: %s", b.String())
	return nil
}

// WithAttrs implements slog.Handler.
func (a alarm) WithAttrs([]slog.Attr) slog.Handler { return a }

// WithGroup implements slog.Handler.
func (a alarm) WithGroup(string) slog.Handler { return a }

// Request is one request to the store.
type Request struct {
	Method string
	Path   string // below /stores/{store}, with its query
	Body   any    // sent as JSON; nil sends nothing
	Raw    []byte // sent as it is, instead of Body
	Token  string // "" sends the one that may do everything
	Header http.Header
}

// With returns the request with one more header.
func (r Request) With(name, value string) Request {
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(name, value)
	return r
}

// Bytes returns the body as it is sent.
func (r Request) Bytes() []byte {
	if r.Raw != nil || r.Body == nil {
		return r.Raw
	}
	b, err := json.Marshal(r.Body)
	if err != nil {
		panic(err) // a test made a body that is not JSON
	}
	return b
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Bytes  []byte
}

// JSON returns the body decoded.
func (a Answer) JSON() any {
	var v any
	if err := json.Unmarshal(a.Bytes, &v); err != nil {
		return nil
	}
	return v
}

// HTTP returns the request as net/http has it. The path is taken as it stands,
// however odd it is.
func (w *World) HTTP(r Request) *http.Request {
	w.Helper()
	body := r.Bytes()
	req := httptest.NewRequestWithContext(w.Context(), http.MethodGet, "/", bytes.NewReader(body))
	req.Method = r.Method
	if body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	parsed, err := url.ParseRequestURI("/stores/" + Store + r.Path)
	if err != nil {
		w.Fatalf("%s: %v", r.Path, err)
	}
	req.URL, req.RequestURI, req.Host = parsed, parsed.RequestURI(), "cartwright.example"
	token := r.Token
	if token == "" {
		token = w.Token
	}
	req.Header.Set("X-Auth-Token", token)
	for name, values := range r.Header {
		req.Header[name] = values
	}
	return req
}

// Do sends a request, again when the server says that it cannot answer now. The
// answer is held to the document. A request that the server says so of each time
// is at fault itself.
func (w *World) Do(r Request) Answer {
	w.Helper()
	for attempt := 1; ; attempt++ {
		answer := w.Send(w.HTTP(r))
		if answer.Status != http.StatusServiceUnavailable || attempt == attempts {
			return answer
		}
		w.Logf("attempt %d: %s %.80s is answered 503: %s", attempt, r.Method, r.Path, answer.Bytes)
		time.Sleep(time.Second)
	}
}

// attempts are how often a request is sent.
const attempts = 10

// Send sends a request made by hand.
func (w *World) Send(req *http.Request) Answer {
	w.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	return Answer{Status: rec.Code, Header: rec.Header(), Bytes: rec.Body.Bytes()}
}

// Must sends a request that has to succeed and returns the decoded body, in V3
// its data.
func (w *World) Must(method, path string, body any) any {
	w.Helper()
	answer := w.Do(Request{Method: method, Path: path, Body: body})
	if answer.Status < 200 || answer.Status > 299 {
		w.Fatalf("%s %s answered %d: %s", method, path, answer.Status, answer.Bytes)
	}
	v := answer.JSON()
	if m, ok := v.(map[string]any); ok && strings.HasPrefix(path, "/v3/") {
		return m["data"]
	}
	return v
}

// name returns a name that was not used before.
func (w *World) name(prefix string) string {
	w.names++
	return prefix + " " + strconv.Itoa(w.names)
}

// Get returns what stands under a path of keys and indices in a decoded body.
func Get(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}
