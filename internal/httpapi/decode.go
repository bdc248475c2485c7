package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// maxBody bounds a request body (decisions 3).
const maxBody = 4 << 20

// maxFieldErrors bounds how many wrong fields one answer names.
const maxFieldErrors = 50

// form collects what is wrong with a body, by field path.
type form struct{ fields map[string]string }

// value is one value of a body with its path. Reading a value that is not
// there, or is null, gives the zero value and no error; required makes that an
// error.
type value struct {
	form *form
	path string
	raw  any
	// entry is set for an entry of an array, where null is no absence.
	entry bool
	// lost is set for a member of something that was found wrong already: that
	// it is not there is no news.
	lost bool
}

// readBody reads a JSON body. An empty body is an empty object: clients send a
// Content-Type without a body, and DELETE with one (spec/00 §3).
func readBody(r *http.Request) (value, error) {
	v := value{form: &form{}}
	b, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return v, bodyError(err)
	}
	if len(bytes.TrimSpace(b)) == 0 {
		v.raw = map[string]any{}
		return v, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return v, fault.New(fault.UnsupportedMedia, "Unsupported Media Type")
	}
	if v.raw, err = parseJSON(b); err != nil {
		return v, err
	}
	v.required() // null is a value, but no body has it
	return v, v.err()
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fault.New(fault.TooLarge, "The request body is larger than 4 MB.")
	}
	return errSyntax()
}

func errSyntax() error {
	return &fault.Error{Kind: fault.Malformed, Title: "Input is invalid", Detail: "Syntax error"}
}

// parseJSON reads exactly one JSON value in valid UTF-8, with numbers as their
// digits and every property of an object once.
func parseJSON(b []byte) (any, error) {
	if !utf8.Valid(b) {
		return nil, errSyntax()
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var raw any
	if err := dec.Decode(&raw); err != nil {
		return nil, errSyntax()
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) || repeatsKey(b) {
		return nil, errSyntax()
	}
	return raw, nil
}

// err returns everything that was found wrong, as one fault.
func (v value) err() error {
	if len(v.form.fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema, Fields: v.form.fields}
}

func (v value) fail(message string) {
	if v.form.fields == nil {
		v.form.fields = map[string]string{}
	}
	if len(v.form.fields) < maxFieldErrors {
		path := v.path
		if path == "" {
			path = "body"
		}
		if _, ok := v.form.fields[path]; !ok {
			v.form.fields[path] = message
		}
	}
}

// null reports whether there is no value: absent or null.
func (v value) null() bool { return v.raw == nil }

// required makes a missing value an error.
func (v value) required() value {
	if v.null() && !v.lost {
		v.fail(fault.Missing)
	}
	return v
}

// get returns a member of an object.
func (v value) get(name string) value {
	child := value{form: v.form, path: v.path + "." + name}
	if v.path == "" {
		child.path = name
	}
	if v.null() && !v.entry {
		_, told := v.form.fields[v.path]
		child.lost = told || v.lost
		return child
	}
	m, ok := v.raw.(map[string]any)
	if !ok {
		v.fail(fault.ExpectedObject)
		child.lost = true
		return child
	}
	child.raw = m[name]
	return child
}

// has reports whether an object has a member, null included.
func (v value) has(name string) bool {
	m, _ := v.raw.(map[string]any)
	_, ok := m[name]
	return ok
}

// list returns the entries of an array.
func (v value) list() []value {
	if v.null() {
		return nil
	}
	items, ok := v.raw.([]any)
	if !ok {
		v.fail(fault.ExpectedArray)
		return nil
	}
	out := make([]value, len(items))
	for i, item := range items {
		out[i] = v.at(i, item)
	}
	return out
}

func (v value) at(i int, item any) value {
	path := strconv.Itoa(i)
	if v.path != "" {
		path = v.path + "." + path
	}
	return value{form: v.form, path: path, raw: item, entry: true}
}

// object fails unless the value is an object or absent.
func (v value) object() value {
	if _, ok := v.raw.(map[string]any); !ok && !v.null() {
		v.fail(fault.ExpectedObject)
	}
	return v
}

// int reads a whole number within bounds, from a number or a numeric string.
func (v value) int(low, high int64) int64 {
	if v.null() {
		return 0
	}
	digits, ok := v.digits()
	if !ok {
		v.fail(fault.ExpectedNumber)
		return 0
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		if n, ok = v.oddInt(digits); !ok {
			return 0
		}
	}
	switch {
	case n < low:
		v.fail(fault.Min)
	case n > high:
		v.fail(fault.Max)
	}
	return n
}

// oddInt reads what ParseInt does not: 2.0, 1e3, numbers beyond 64 bits.
func (v value) oddInt(digits string) (n int64, ok bool) {
	mantissa, exponent := digits, ""
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		mantissa, exponent = digits[:i], digits[i:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	a, err := money.Parse(whole + exponent)
	switch {
	case strings.Trim(fraction, "0") != "" || strings.Contains(exponent, "-"):
		v.fail(fault.ExpectedNumber)
	case errors.Is(err, money.ErrOverflow) && strings.HasPrefix(digits, "-"):
		v.fail(fault.Min)
	case errors.Is(err, money.ErrOverflow):
		v.fail(fault.Max)
	case err != nil:
		v.fail(fault.ExpectedNumber)
	default:
		return int64(a / money.Unit), true
	}
	return 0, false
}

// digits returns the text of a number, or of a string that may hold one.
func (v value) digits() (string, bool) {
	switch x := v.raw.(type) {
	case json.Number:
		return x.String(), true
	case string:
		return strings.TrimSpace(x), len(x) <= 40
	}
	return "", false
}

// amount reads an amount of money that is not negative.
func (v value) amount() money.Amount {
	a := v.decimal()
	if a < 0 {
		v.fail(fault.Min)
	}
	return a
}

// decimal reads a number with up to four digits behind the point.
func (v value) decimal() money.Amount {
	if v.null() {
		return 0
	}
	digits, ok := v.digits()
	if !ok {
		v.fail(fault.ExpectedNumber)
		return 0
	}
	a, err := money.Parse(digits)
	switch {
	case errors.Is(err, money.ErrOverflow):
		v.fail(fault.Max)
	case err != nil:
		v.fail(fault.ExpectedNumber)
	}
	return a
}

// text reads a string whose length in characters is within bounds.
func (v value) text(low, high int) string {
	if v.null() {
		return ""
	}
	s, ok := v.raw.(string)
	if !ok {
		v.fail(fault.ExpectedString)
		return ""
	}
	switch n := utf8.RuneCountInString(s); {
	case n < low:
		v.fail(fault.MinLength)
	case n > high:
		v.fail(fault.MaxLength)
	}
	if strings.ContainsRune(s, 0) { // PostgreSQL's text holds no NUL
		v.fail(fault.ExpectedString)
		return ""
	}
	return s
}

// label is text that clients also send as a number, which stands for its digits.
func (v value) label(low, high int) string {
	if n, ok := v.raw.(json.Number); ok {
		v.raw = n.String()
	}
	return v.text(low, high)
}

// oneOf reads a string out of a set.
func (v value) oneOf(allowed ...string) string {
	s := v.text(0, 255)
	if v.null() {
		return ""
	}
	for _, a := range allowed {
		if a == s {
			return s
		}
	}
	v.fail(fault.ExpectedEnum)
	return s
}

// email reads a bare mail address.
func (v value) email() string {
	s := v.text(0, 250)
	if !v.null() && !cart.ValidEmail(s) {
		v.fail(fault.Email)
	}
	return s
}

// bool reads true or false.
func (v value) bool() bool {
	if v.null() {
		return false
	}
	b, ok := v.raw.(bool)
	if !ok {
		v.fail(fault.ExpectedBoolean)
	}
	return b
}

// pathID reads an integer id of a path. What is not one is not found.
func pathID(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, errNotFound()
	}
	return n, nil
}
