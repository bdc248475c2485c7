// Package fault holds the one error that the domain speaks, and that of a database.
//
// A rule that refuses something returns *Error with a Kind; each surface (the
// V3 API, the V2 API, the hosted pages) renders each Kind in one place.
// An *Outage says that the database cannot work now: the surface asks for another
// try. Whatever is neither is a defect: the surface answers 500 with a request id
// and logs it once.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of refusal an Error is. Surfaces map it to a status.
type Kind int

// The kinds of refusal, with the HTTP status that the V3 API gives them.
const (
	// Invalid is a request that breaks a rule or lacks a field (422).
	Invalid Kind = iota + 1
	// Malformed is a request that cannot be read or is wrong as a whole (400).
	Malformed
	// NotFound is a thing that is not there (404).
	NotFound
	// Conflict is a write that came too late, or twice (409).
	Conflict
	// Unauthorized is a missing or unknown token (401).
	Unauthorized
	// Forbidden is a token without the scope that the route asks for (403).
	Forbidden
	// TooMany is a request beyond the store's quota (429).
	TooMany
	// TooLarge is a body or a batch beyond its limit (413).
	TooLarge
	// UnsupportedMedia is a body that is not declared as JSON (415).
	UnsupportedMedia
	// NotAcceptable is a client that takes no JSON (406).
	NotAcceptable
	// NotAllowed is a method that the route does not have (405).
	NotAllowed
	// Unavailable is a store or a database that cannot answer now (503).
	Unavailable
	// Reused is an Idempotency-Key that was used for another request, or is no
	// key at all (422, in every version of the API).
	Reused
	// Full is a database without room for what is to be written (507).
	Full
)

// Error is a refusal that a client may be told about.
type Error struct {
	Kind Kind
	// Title is the sentence the client reads. It may be empty for NotFound:
	// the vendor's answer for an unknown cart has none (spec/00 §5, E4).
	Title string
	// Detail adds to the title where the vendor's shape has it (E7).
	Detail string
	// Fields names what is wrong by field path: "line_items.0.quantity". It is
	// nil where the vendor's answer has no "errors" (E1), and empty but not nil
	// where it has an empty object (E3).
	Fields map[string]string
	// Err is the cause, for the log only.
	Err error
}

// Error returns the title and the cause.
func (e *Error) Error() string {
	s := e.Title
	if s == "" {
		s = e.Kind.String()
	}
	for path, message := range e.Fields {
		s += fmt.Sprintf("; %s: %s", path, message)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns a refusal with a title.
func New(kind Kind, title string) *Error { return &Error{Kind: kind, Title: title} }

// Newf returns a refusal with a formatted title.
func Newf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Title: fmt.Sprintf(format, args...)}
}

// Field returns an Invalid refusal of one field, in the vendor's words for a
// body that breaks its schema (spec/00 §5).
func Field(path, message string) *Error {
	return &Error{Kind: Invalid, Title: TitleSchema, Fields: map[string]string{path: message}}
}

// The titles that more than one rule uses.
const (
	TitleSchema   = "JSON data is missing or invalid"
	TitleRequired = "Missing or incorrect required fields"
	TitleNotFound = "The resource at that URL is not found."
	TitleConflict = "The request cannot be processed due to a possible conflict. Please review the changes and try again."
)

// The messages of schema errors (spec/00 §5).
const (
	Missing         = "error.path.missing"
	ExpectedNumber  = "error.expected.jsnumber"
	ExpectedString  = "error.expected.jsstring"
	ExpectedBoolean = "error.expected.jsboolean"
	ExpectedArray   = "error.expected.jsarray"
	ExpectedObject  = "error.expected.jsobject"
	ExpectedEnum    = "error.expected.validenumvalue"
	ExpectedUUID    = "error.expected.uuid"
	ExpectedDate    = "error.expected.date"
	ExpectedURL     = "error.expected.url"
	Min             = "error.min"
	Max             = "error.max"
	MinLength       = "error.minLength"
	MaxLength       = "error.maxLength"
	Email           = "error.email"
)

// As returns the *Error inside err, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is reports whether err is a refusal of this kind.
func Is(err error, kind Kind) bool {
	e := As(err)
	return e != nil && e.Kind == kind
}

var names = map[Kind]string{
	Invalid: "invalid", Malformed: "malformed", NotFound: "not found", Conflict: "conflict",
	Unauthorized: "unauthorized", Forbidden: "forbidden", TooMany: "too many requests",
	TooLarge: "too large", UnsupportedMedia: "unsupported media type",
	NotAcceptable: "not acceptable", NotAllowed: "method not allowed", Unavailable: "unavailable",
	Reused: "key reused", Full: "no room",
}

// String names the kind for logs and metrics.
func (k Kind) String() string { return names[k] }
