package fleet

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Client asks servers of a fleet. It is safe for use by many goroutines and
// repeats nothing by itself.
type Client struct {
	t           testing.TB
	http        *http.Client
	root, token string
}

// Client returns a client of the store.
func (f *Fleet) Client() *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 1000}
	f.t.Cleanup(transport.CloseIdleConnections)
	return &Client{t: f.t, http: &http.Client{Timeout: patience, Transport: transport},
		root: "/stores/" + f.Store, token: f.Token}
}

// Leave closes the connections that nothing is asked on.
func (c *Client) Leave() { c.http.CloseIdleConnections() }

// Request is what a client asks for: a path below the store's, such as
// /v3/carts, and what may be empty.
type Request struct {
	Method, Path string
	Key          string // the Idempotency-Key
	Body         string // JSON
}

// Answer is what came back.
type Answer struct {
	Status int // 0 when there was none
	Header http.Header
	Body   []byte
	Asked  time.Time // when
	Took   time.Duration
}

// Send asks a server once.
func (c *Client) Send(s *Server, r Request) Answer {
	req, err := http.NewRequest(r.Method, "http://"+s.Addr+c.root+r.Path, strings.NewReader(r.Body))
	if err != nil {
		c.t.Error(err)
		return Answer{}
	}
	req.Header.Set("X-Auth-Token", c.token)
	if r.Body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.Key != "" {
		req.Header.Set("Idempotency-Key", r.Key)
	}
	begun := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{Asked: begun, Took: time.Since(begun)}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{Asked: begun, Took: time.Since(begun)}
	}
	return Answer{resp.StatusCode, resp.Header, b, begun, time.Since(begun)}
}

// OK reports whether the request was done.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Unavailable returns why an answer is not what a server owes its clients while
// it cannot serve them, "" when it is: 503 in the shape of the errors of V3, or
// of V2, with Retry-After.
func (a Answer) Unavailable() string {
	if a.Status != http.StatusServiceUnavailable {
		return "it is not 503"
	}
	if a.Header.Get("Retry-After") == "" {
		return "there is no Retry-After"
	}
	return a.refusal()
}

// Full is like Unavailable for a server that has no room: it may answer 507 too.
func (a Answer) Full() string {
	if a.Status == http.StatusInsufficientStorage {
		return a.refusal()
	}
	return a.Unavailable()
}

// refusal returns why a body is none of a refusal.
func (a Answer) refusal() string {
	switch {
	case a.Header.Get("Content-Type") != "application/json":
		return "it is no JSON but " + a.Header.Get("Content-Type")
	case !isError(a.Body, a.Status):
		return "its body is not the API's error"
	}
	return ""
}

func isError(body []byte, status int) bool {
	var v3 struct {
		Status      int
		Title, Type string
	}
	if json.Unmarshal(body, &v3) == nil {
		return v3.Status == status && v3.Title != "" && v3.Type != ""
	}
	var v2 []struct {
		Status  int
		Message string
	}
	return json.Unmarshal(body, &v2) == nil && len(v2) == 1 && v2[0].Status == status && v2[0].Message != ""
}

// Read reads the JSON of an answer that says that a request was done.
func (a Answer) Read(t testing.TB, into any) {
	t.Helper()
	if !a.OK() {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
}
