package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// maxListed bounds the entries of a comma list, maxParam the bytes of a
// parameter that is none.
const (
	maxListed = 1000
	maxParam  = 10_000
)

// params reads the query of a request and collects what is wrong with it. A
// parameter that is absent or empty gives nil or the zero value.
type params struct {
	values url.Values
	form   form
}

func readParams(r *http.Request) *params { return &params{values: r.URL.Query()} }

// err returns everything that was found wrong, as one fault.
func (p *params) err() error { return value{form: &p.form}.err() }

func (p *params) fail(name, message string) { value{form: &p.form, path: name}.fail(message) }

// page reads page and limit.
func (p *params) page() page {
	out := page{number: 1, limit: defaultLimit, query: p.values}
	if n := p.int("page", 1, maxPage); n != nil {
		out.number = *n
	}
	if n := p.int("limit", 1, maxLimit); n != nil && *n >= 1 && *n <= maxLimit {
		out.limit = int(*n)
	}
	return out
}

// text reads a string, "" when it is not there.
func (p *params) text(name string) string {
	s := p.values.Get(name)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		p.fail(name, fault.ExpectedString)
		return ""
	case len(s) > maxParam: // SQLite takes no longer patterns than 50,000 bytes
		p.fail(name, fault.MaxLength)
		return ""
	}
	return s
}

// int reads a whole number within bounds.
func (p *params) int(name string, low, high int64) *int64 {
	s := p.text(name)
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	switch {
	case err != nil:
		p.fail(name, fault.ExpectedNumber)
		return nil
	case n < low:
		p.fail(name, fault.Min)
	case n > high:
		p.fail(name, fault.Max)
	}
	return &n
}

// id reads one integer id.
func (p *params) id(name string) *int64 { return p.int(name, 0, maxInt) }

// amount reads a decimal number.
func (p *params) amount(name string) *money.Amount {
	s := p.text(name)
	if s == "" {
		return nil
	}
	a, err := money.Parse(strings.TrimSpace(s))
	if err != nil {
		p.fail(name, fault.ExpectedNumber)
		return nil
	}
	return &a
}

// texts reads a comma list, which may also be a repeated parameter. It returns
// nil when the parameter is absent, and an empty list when it is empty.
func (p *params) texts(name string) []string {
	given, ok := p.values[name]
	if !ok {
		return nil
	}
	out := []string{}
	for _, v := range given {
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			p.fail(name, fault.ExpectedString)
			return nil
		}
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	if len(out) > maxListed {
		p.fail(name, fault.MaxLength)
		return nil
	}
	return out
}

// ids reads a comma list of integer ids.
func (p *params) ids(name string) []int64 {
	parts := p.texts(name)
	if parts == nil {
		return nil
	}
	out := make([]int64, 0, len(parts))
	for _, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			p.fail(name, fault.ExpectedNumber)
			return nil
		}
		out = append(out, n)
	}
	return out
}

// bool reads true or false; 1 and 0 mean the same.
func (p *params) bool(name string) *bool {
	s := p.text(name)
	if s == "" {
		return nil
	}
	var b bool
	switch strings.ToLower(s) {
	case "true", "1":
		b = true
	case "false", "0":
	default:
		p.fail(name, fault.ExpectedBoolean)
		return nil
	}
	return &b
}

// oneOf reads a string out of a set, "" when it is absent.
func (p *params) oneOf(name string, allowed ...string) string {
	s := p.text(name)
	if s == "" {
		return ""
	}
	for _, a := range allowed {
		if a == s {
			return s
		}
	}
	p.fail(name, fault.ExpectedEnum)
	return ""
}

// time reads a date, or a date with a time, as V3 or as V2 writes it; without an
// offset it is UTC. A plus sign that a client forgot to encode arrives as a
// blank.
func (p *params) time(name string) *time.Time {
	s := strings.TrimSpace(p.text(name))
	if s == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, v2Time, "2006-01-02T15:04:05 07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return &t
		}
	}
	if secs, err := strconv.ParseInt(s, 10, 64); err == nil && secs >= 0 && secs < 253402300800 {
		t := time.Unix(secs, 0).UTC()
		return &t
	}
	p.fail(name, fault.ExpectedDate)
	return nil
}

// cursor reads a cursor and returns the id it stands for.
func (p *params) cursor(name string) int64 {
	s := p.text(name)
	if s == "" {
		return 0
	}
	id, ok := parseCursor(s)
	if !ok {
		p.fail(name, "error.expected.cursor")
	}
	return id
}
