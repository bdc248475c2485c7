package testkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"cartwright/api/openapi"
)

// Contract wraps a handler so that a test fails when an answer to a path below
// /stores/ is not what our OpenAPI document says: the status, the headers, the
// body. Other paths pass unseen.
//
//	server := testkit.Contract(t, app.Handler())
//	server.ServeHTTP(recorder, request)
//
// Requests are not looked at, because tests send wrong ones on purpose;
// Document.CheckRequest does that.
func Contract(t testing.TB, next http.Handler) http.Handler {
	t.Helper()
	doc := OpenDocument(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/stores/") {
			next.ServeHTTP(w, r)
			return
		}
		asked := r.Clone(r.Context()) // the handler may change its request
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		answer := rec.Result()
		body := rec.Body.Bytes()
		if err := doc.CheckAnswer(asked, answer.StatusCode, answer.Header, body); err != nil {
			t.Errorf("%s %s answered %d, which breaks the contract: %v\n%s", asked.Method, asked.URL, answer.StatusCode, err, clip(body))
		}
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(body)
	})
}

// Document is our OpenAPI document, ready to hold exchanges to it.
type Document struct {
	*openapi3.T

	router routers.Router
}

// Operation is one operation of the document.
type Operation struct {
	*openapi3.Operation

	Method string
	Path   string // below /stores/{store_hash}
}

// Write reports whether the operation changes something.
func (op Operation) Write() bool { return op.Method != http.MethodGet }

// Scope returns the scope that is enough for everything the operation's
// resource offers, "" when any token is.
func (op Operation) Scope() string {
	scopes, _ := op.Extensions["x-scopes"].(map[string]any)
	name, _ := scopes["modify"].(string)
	return name
}

var document = sync.OnceValues(func() (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.YAML)
	if err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	return &Document{doc, router}, nil
})

// OpenDocument returns the document.
func OpenDocument(t testing.TB) *Document {
	t.Helper()
	d, err := document()
	if err != nil {
		t.Fatalf("load the OpenAPI document: %v", err)
	}
	return d
}

// Operations lists every operation, sorted by path and method.
func (d *Document) Operations() []Operation {
	var ops []Operation
	for path, item := range d.Paths.Map() {
		for method, op := range item.Operations() {
			ops = append(ops, Operation{Operation: op, Method: method, Path: path})
		}
	}
	slices.SortFunc(ops, func(a, b Operation) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return ops
}

// find returns the operation that a request is for.
func (d *Document) find(r *http.Request) (*routers.Route, map[string]string, error) {
	probe := r.Clone(r.Context())
	if probe.Method == http.MethodHead {
		probe.Method = http.MethodGet
	}
	// One slash at the end of a path is tolerated (spec/00 §1).
	probe.URL.Path = strings.TrimSuffix(probe.URL.Path, "/")
	probe.URL.RawPath = strings.TrimSuffix(probe.URL.RawPath, "/")
	return d.router.FindRoute(probe)
}

// CheckRequest returns why a request is not one that the document describes,
// or nil. The body of the request is not used up.
func (d *Document) CheckRequest(r *http.Request, body []byte) error {
	route, params, err := d.find(r)
	if err != nil {
		return err
	}
	probe := r.Clone(r.Context())
	probe.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		probe.Body = http.NoBody
	}
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: probe, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
	})
}

var requestID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// CheckAnswer returns why an answer is not one that the document describes,
// or nil.
func (d *Document) CheckAnswer(r *http.Request, status int, header http.Header, body []byte) error {
	if id := header.Get("X-Request-Id"); !requestID.MatchString(id) {
		return fmt.Errorf("X-Request-Id is %q", id)
	}
	if r.Method == http.MethodHead && len(body) > 0 {
		body = nil // net/http takes it off on the way
	}
	if err := checkBody(r, status, header, body); err != nil {
		return err
	}
	route, params, err := d.find(r)
	if err != nil {
		return d.checkUnknown(r, status, header, body)
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 status, Header: header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	in.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(r.Context(), in)
}

// checkBody looks at what OpenAPI cannot say.
func checkBody(r *http.Request, status int, header http.Header, body []byte) error {
	kind := header.Get("Content-Type")
	switch {
	case len(body) > 0 && kind != "application/json":
		return fmt.Errorf("the Content-Type of a body is %q", kind)
	case len(body) > 0 && status == http.StatusNoContent:
		return errors.New("204 has a body")
	case len(body) == 0 && status != http.StatusNoContent && r.Method != http.MethodHead:
		return errors.New("there is no body")
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		return errors.New("the API redirects")
	}
	if len(body) == 0 {
		return nil
	}
	if !json.Valid(body) {
		return errors.New("the body is not JSON")
	}
	return uniqueKeys(json.NewDecoder(bytes.NewReader(body)))
}

// checkUnknown holds an answer to a path or method that the document does not
// have: nothing but a refusal in the shape of the version's errors.
func (d *Document) checkUnknown(r *http.Request, status int, header http.Header, body []byte) error {
	if status < 400 || status >= 500 && status != http.StatusServiceUnavailable {
		return errors.New("the document does not have this path and method")
	}
	if status == http.StatusMethodNotAllowed && header.Get("Allow") == "" {
		return errors.New("405 without Allow")
	}
	if r.Method == http.MethodHead {
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	name := "Error"
	if parts := strings.SplitN(r.URL.Path, "/", 5); len(parts) > 3 && parts[3] == "v2" {
		name = "V2Errors"
	}
	return d.Components.Schemas[name].Value.VisitJSON(value)
}

// uniqueKeys returns an error when an object names a property twice: most of
// our JSON is written by hand.
func uniqueKeys(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			if seen[name] {
				return fmt.Errorf("the property %q stands twice in one object", name)
			}
			seen[name] = true
		}
		if err := uniqueKeys(dec); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// clip keeps the message of a failure readable.
func clip(b []byte) string {
	const most = 2000
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}
