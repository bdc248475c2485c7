// Package contract_test holds the wired server to the OpenAPI document, and
// the document to the server.
package contract_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"cartwright/internal/httpapi"
	"cartwright/internal/merchant"
	"cartwright/internal/testkit"
	"cartwright/test/world"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// operationsNow are the operations that this suite runs.
func operationsNow(t *testing.T) []testkit.Operation {
	t.Helper()
	return testkit.OpenDocument(t).Operations()
}

// What the server routes and what the document describes is the same.
func TestRoutesAndDocumentAgree(t *testing.T) {
	shape := func(method, path string) string { return method + " " + parameter.ReplaceAllString(path, "{}") }
	routed := map[string]bool{}
	for _, rt := range httpapi.Routes() {
		routed[shape(rt.Method, rt.Path)] = true
	}
	for _, op := range operationsNow(t) {
		name := shape(op.Method, op.Path)
		if !routed[name] {
			t.Errorf("the document has %s, the server does not", name)
		}
		delete(routed, name)
	}
	for name := range routed {
		t.Errorf("the server has %s, the document does not", name)
	}
}

// A valid request for each operation succeeds, with an answer that the
// document describes.
func TestEveryOperation(t *testing.T) {
	w := world.New(t)
	for _, op := range operationsNow(t) {
		t.Run(op.OperationID, func(t *testing.T) {
			w.TB = t
			r := w.Sample(op.OperationID)
			if r.Method != op.Method {
				t.Fatalf("the sample is a %s", r.Method)
			}
			if err := w.Doc.CheckRequest(w.HTTP(r), r.Bytes()); err != nil {
				t.Errorf("the document refuses the request: %v", err)
			}
			if answer := w.Do(r); answer.Status < 200 || answer.Status > 299 {
				t.Errorf("%s %s answered %d: %s", r.Method, r.Path, answer.Status, answer.Bytes)
			}
		})
	}
}

// Reading changes nothing, but for the links that a cart is asked to make.
func TestReadingChangesNothing(t *testing.T) {
	w := world.New(t)
	for _, op := range operationsNow(t) {
		if op.Write() {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			w.TB = t
			r := w.Sample(op.OperationID)
			before := w.Dump()
			w.Do(r)
			after := w.Dump()
			if op.OperationID == "getCart" {
				delete(before, "redirects")
				delete(after, "redirects")
			}
			if diff := before.Diff(after); diff != "" {
				t.Errorf("reading changed:\n%s", diff)
			}
		})
	}
}

// HEAD is GET without the body.
func TestHead(t *testing.T) {
	w := world.New(t)
	r := w.Sample("getProduct")
	got := w.Do(r)
	r.Method = http.MethodHead
	head := w.Do(r)
	if head.Status != got.Status {
		t.Errorf("HEAD answered %d, GET %d", head.Status, got.Status)
	}
}

// One slash at the end of a path is tolerated.
func TestTrailingSlash(t *testing.T) {
	w := world.New(t)
	r := w.Sample("getProduct")
	path, query, _ := strings.Cut(r.Path, "?")
	r.Path = path + "/?" + query
	if answer := w.Do(r); answer.Status != http.StatusOK {
		t.Errorf("answered %d: %s", answer.Status, answer.Bytes)
	}
}

// Every operation is closed to whoever lacks a token or its scope, and open to
// whoever has it.
func TestScopes(t *testing.T) {
	w := world.New(t)
	tokens := map[string]string{}
	grant := func(scopes ...string) string {
		key := strings.Join(scopes, ",")
		if tokens[key] == "" {
			tokens[key] = w.Grant(scopes...)
		}
		return tokens[key]
	}
	for _, op := range operationsNow(t) {
		t.Run(op.OperationID, func(t *testing.T) {
			w.TB = t
			r := w.Sample(op.OperationID)
			name := op.Scope()
			readOnly := strings.TrimSuffix(name, "_manage") + "_read_only" // one pair of the vendor's is odd
			var others []string
			for _, scope := range merchant.Scopes {
				if scope != name && scope != readOnly {
					others = append(others, scope)
				}
			}
			type scopeCase struct {
				what, token string
				want        int // 0 is anything but a refusal
			}
			cases := []scopeCase{{"an unknown token", strings.Repeat("0", 40), http.StatusUnauthorized}}
			if name == "" { // any token will do
				cases = append(cases, scopeCase{"any scope", grant("store_inventory_read_only"), 0})
			} else {
				read := scopeCase{readOnly, grant(readOnly), http.StatusForbidden}
				if !op.Write() {
					read.want = 0
				}
				cases = append(cases, scopeCase{"every other scope", grant(others...), http.StatusForbidden}, read, scopeCase{name, grant(name), 0})
			}
			for _, c := range cases {
				before := w.Revision()
				r.Token = c.token
				answer := w.Do(r)
				refused := answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden
				if c.want != 0 && answer.Status != c.want || c.want == 0 && refused {
					t.Errorf("with %s: answered %d: %s", c.what, answer.Status, answer.Bytes)
				}
				if refused && w.Revision() != before {
					t.Errorf("with %s: something was written", c.what)
				}
			}
			req := w.HTTP(r)
			req.Header.Del("X-Auth-Token")
			if answer := w.Send(req); answer.Status != http.StatusUnauthorized {
				t.Errorf("without a token: answered %d: %s", answer.Status, answer.Bytes)
			}
		})
	}
}

// A token is good for its own store only.
func TestTokenOfAnotherStore(t *testing.T) {
	w := world.New(t)
	if _, err := w.App.Merchants.CreateStore(t.Context(), merchant.Setup{Hash: "elsewhere", Name: "Elsewhere"}); err != nil {
		t.Fatal(err)
	}
	for _, store := range []string{"elsewhere", "nosuchstore"} {
		req := w.HTTP(w.Sample("listProducts"))
		req.URL.Path = strings.Replace(req.URL.Path, world.Store, store, 1)
		if answer := w.Send(req); answer.Status != http.StatusUnauthorized {
			t.Errorf("in %s: answered %d: %s", store, answer.Status, answer.Bytes)
		}
	}
}

// A POST with an Idempotency-Key is applied once, and answered the same each
// time; with another body the key is refused.
func TestIdempotency(t *testing.T) {
	w := world.New(t)
	for _, op := range operationsNow(t) {
		if op.Method != http.MethodPost {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			w.TB = t
			r := w.Sample(op.OperationID).With("Idempotency-Key", op.OperationID)
			first := w.Do(r)
			if first.Status < 200 || first.Status > 299 {
				t.Fatalf("answered %d: %s", first.Status, first.Bytes)
			}
			if first.Header.Get("Idempotency-Replayed") != "" {
				t.Error("the first answer is said to be a repetition")
			}
			before := w.Dump()
			second := w.Do(r)
			if second.Status != first.Status || !bytes.Equal(second.Bytes, first.Bytes) {
				t.Errorf("answered %d %s\nthen %d %s", first.Status, first.Bytes, second.Status, second.Bytes)
			}
			if second.Header.Get("Idempotency-Replayed") != "true" {
				t.Error("the second answer is not said to be a repetition")
			}
			other := r
			other.Raw = append(bytes.TrimSpace(r.Bytes()), ' ')
			if answer := w.Do(other); answer.Status != http.StatusUnprocessableEntity {
				t.Errorf("another body with the same key: answered %d: %s", answer.Status, answer.Bytes)
			}
			if diff := before.Diff(w.Dump()); diff != "" {
				t.Errorf("the repetitions changed:\n%s", diff)
			}
		})
	}
}

// Only answers that succeeded are kept: after a refusal the key is free.
func TestIdempotencyAfterARefusal(t *testing.T) {
	w := world.New(t)
	r := w.Sample("createCart").With("Idempotency-Key", "k")
	wrong := r
	wrong.Body = world.M{"line_items": world.L{}}
	if answer := w.Do(wrong); answer.Status != http.StatusUnprocessableEntity {
		t.Fatalf("answered %d: %s", answer.Status, answer.Bytes)
	}
	if answer := w.Do(r); answer.Status != http.StatusCreated {
		t.Errorf("answered %d: %s", answer.Status, answer.Bytes)
	}
	if answer := w.Do(r.With("Idempotency-Key", strings.Repeat("k", 256))); answer.Status != http.StatusUnprocessableEntity {
		t.Errorf("a key of 256 characters: answered %d: %s", answer.Status, answer.Bytes)
	}
}
