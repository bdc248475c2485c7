package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cartwright/internal/fault"
)

// statusType is the constant "type" of the vendor's errors (spec/00 §5).
const statusType = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"

var statuses = map[fault.Kind]int{
	fault.Invalid:          http.StatusUnprocessableEntity,
	fault.Malformed:        http.StatusBadRequest,
	fault.NotFound:         http.StatusNotFound,
	fault.Conflict:         http.StatusConflict,
	fault.Unauthorized:     http.StatusUnauthorized,
	fault.Forbidden:        http.StatusForbidden,
	fault.TooMany:          http.StatusTooManyRequests,
	fault.TooLarge:         http.StatusRequestEntityTooLarge,
	fault.UnsupportedMedia: http.StatusUnsupportedMediaType,
	fault.NotAcceptable:    http.StatusNotAcceptable,
	fault.NotAllowed:       http.StatusMethodNotAllowed,
	fault.Unavailable:      http.StatusServiceUnavailable,
	fault.Full:             http.StatusInsufficientStorage,
	fault.Reused:           http.StatusUnprocessableEntity,
}

// errorBody is the V3 error in the vendor's order of properties.
type errorBody struct {
	Status int                `json:"status"`
	Title  string             `json:"title,omitempty"`
	Type   string             `json:"type"`
	Detail string             `json:"detail,omitempty"`
	Errors *map[string]string `json:"errors,omitempty"`
}

// loggedPath is the path of a request, without what nobody may read in a log:
// the token of an abandoned cart opens it.
func loggedPath(r *http.Request) string {
	if token := r.PathValue("token"); token != "" {
		return strings.Replace(r.URL.Path, token, "{token}", 1)
	}
	return r.URL.Path
}

// renderError is the one place where an error becomes an answer. What is not a
// fault is logged and told to nobody.
func (a *API) renderError(w *recorder, r *http.Request, requestID string, err error) {
	f := asFault(err)
	if f == nil {
		a.Log.Error("request failed", "id", requestID, "method", r.Method, "path", loggedPath(r), "error", err)
		if w.status != 0 {
			return // the answer has begun
		}
		f = &fault.Error{Title: "Internal Server Error", Detail: "The request id is " + requestID + "."}
	}
	status, ok := statuses[f.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	if f.Kind == fault.TooLarge {
		w.Header().Set("Connection", "close") // the rest of the body is not read
	}
	if f.Kind == fault.Unavailable || f.Kind == fault.Full {
		w.Header().Set("Retry-After", "1")
	}
	if isV2(r) {
		if f.Kind == fault.Invalid {
			status = http.StatusBadRequest // V2 has no 422 for rules
		}
		writeJSON(w, status, v2Errors(status, f))
		return
	}
	if f.Kind == fault.NotFound && ofOneCheckout(r.Pattern) {
		writeJSON(w, status, missingCheckout(status, f))
		return
	}
	if f.Kind == fault.Invalid && ofMailTemplates(r) {
		writeJSON(w, status, saveErrorOf(status, f))
		return
	}
	body := errorBody{Status: status, Title: f.Title, Type: statusType, Detail: f.Detail}
	if f.Fields != nil {
		body.Errors = &f.Fields
	}
	writeJSON(w, status, body)
}

// missingBody is how something that a checkout lacks is told: in the usual
// form, and in the form that the vendor's document has for it alone (spec/05 §1).
type missingBody struct {
	Status int            `json:"status"`
	Title  string         `json:"title"`
	Type   string         `json:"type"`
	Errors []missingEntry `json:"errors"`
}

type missingEntry struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

func missingCheckout(status int, f *fault.Error) missingBody {
	title := cmp.Or(f.Title, "Not Found")
	return missingBody{status, title, statusType, []missingEntry{{status, title, statusType, cmp.Or(f.Detail, title)}}}
}

// asFault returns what the client is told of err, or nil for a defect. A request
// whose time ran out, or whose client went away, is told that the server is busy.
func asFault(err error) *fault.Error {
	if f := fault.Refusal(err); f != nil {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &fault.Error{Kind: fault.Unavailable, Title: "The server is busy. Please try again."}
	}
	return nil
}

func isV2(r *http.Request) bool {
	parts := strings.SplitN(r.URL.Path, "/", 5)
	return len(parts) > 3 && parts[1] == "stores" && parts[3] == "v2"
}

// v2Error is one entry of a V2 error answer (spec/00 §5, E14).
type v2Error struct {
	Status  int               `json:"status"`
	Message string            `json:"message"`
	Details map[string]string `json:"details,omitempty"`
}

func v2Errors(status int, f *fault.Error) []v2Error {
	message := f.Title
	if f.Kind == fault.NotFound {
		message = "The requested resource was not found."
	}
	details := f.Fields
	if f.Kind == fault.Malformed && details == nil && f.Detail != "" {
		details = map[string]string{"syntax": f.Detail}
	}
	return []v2Error{{Status: status, Message: message, Details: details}}
}

func errUnauthorized() error {
	return &fault.Error{Kind: fault.Unauthorized, Title: "Unauthorized", Fields: map[string]string{}}
}

func errScope() error {
	return &fault.Error{Kind: fault.Forbidden, Title: "You don't have a required scope to access the endpoint", Fields: map[string]string{}}
}

func errSuspended() error     { return fault.New(fault.Unavailable, "The store is suspended.") }
func errUnknownRoute() error  { return fault.New(fault.NotFound, "Not Found") }
func errNotFound() error      { return fault.New(fault.NotFound, fault.TitleNotFound) }
func errNotAcceptable() error { return fault.New(fault.NotAcceptable, "Not Acceptable") }

func errMethodNotAllowed() error { return fault.New(fault.NotAllowed, "Method Not Allowed") }

// panicError keeps the stack of a panic for the log.
func panicError(p any) error { return fmt.Errorf("panic: %v\n%s", p, debug.Stack()) }

// writeJSON sends a value. Characters that only matter inside HTML are left as
// they are: links in the answer stay readable.
func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := encodeJSON(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"status":500,"title":"Internal Server Error","type":"`+statusType+`"}`)
	}
	writeBytes(w, status, b)
}

func encodeJSON(v any) ([]byte, error) {
	if m, ok := v.(appender); ok {
		return m.appendJSON(make([]byte, 0, 2048)), nil
	}
	var buf strings.Builder
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return slices.Clone([]byte(strings.TrimSuffix(buf.String(), "\n"))), nil
}

// appender is a value that writes its own JSON: the hot ones.
type appender interface {
	appendJSON(b []byte) []byte
}

func writeBytes(w http.ResponseWriter, status int, b []byte) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that went away is nobody's error
}

var jsonType = []string{"application/json"}

// envelope is the vendor's {data, meta} around one object or a list.
type envelope struct {
	Data any `json:"data"`
	Meta any `json:"meta"`
}

// one wraps an object (spec/00 §4).
func one(data any) envelope { return envelope{Data: data, Meta: struct{}{}} }

// respond sends a value with a status; nil is an answer without a body.
func respond(w http.ResponseWriter, status int, v any) error {
	if v == nil {
		w.WriteHeader(status)
		return nil
	}
	if m, ok := v.(appender); ok {
		buf := buffers.Get().(*[]byte)
		*buf = m.appendJSON((*buf)[:0])
		writeBytes(w, status, *buf)
		if cap(*buf) <= maxPooled {
			buffers.Put(buf)
		}
		return nil
	}
	b, err := encodeJSON(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	writeBytes(w, status, b)
	return nil
}

// buffers are reused for the answers of the hot path; one that grew beyond
// maxPooled is left to the garbage collector.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

const maxPooled = 256 << 10
