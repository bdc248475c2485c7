package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// changeStore applies a rule to the store's set-up and answers with what show
// makes of the result; nil is an answer without a body. change may be called
// again.
func (a *API) changeStore(w http.ResponseWriter, r *http.Request, status int,
	change func(*merchant.Store, time.Time) error, show func(*merchant.Store) any) error {
	now := a.Merchants.Now()
	s, err := a.Merchants.Update(answering(r.Context(), status, show), storeOf(r),
		func(s *merchant.Store) error { return change(s, now) })
	if err != nil {
		return err
	}
	return respond(w, status, show(s))
}

// readChange reads which thing a request changes, by an id of its path, and
// what it says of it.
func readChange[T any](r *http.Request, name string, read func(value) T) (id int64, fields T, err error) {
	if id, err = pathID(r, name); err != nil {
		return 0, fields, err
	}
	fields, err = readAs(r, read)
	return id, fields, err
}

// readAs reads what a body says.
func readAs[T any](r *http.Request, read func(value) T) (said T, err error) {
	body, err := readBody(r)
	if err != nil {
		return said, err
	}
	said = read(body)
	return said, body.err()
}

// storeFor returns the set-up of the request's store. It must not be changed.
func (a *API) storeFor(r *http.Request) (*merchant.Store, error) {
	shop, err := a.Shops.Shop(r.Context(), storeOf(r))
	return shop.Store, err
}

// showNothing makes an answer without a body.
func showNothing(*merchant.Store) any { return nil }

// showEmpty makes an answer whose data and meta are empty objects.
func showEmpty(*merchant.Store) any { return one(struct{}{}) }

// optional reads a value if there is one. null counts as none.
func optional[T any](v value, read func(value) T) *T {
	if v.null() {
		return nil
	}
	out := read(v)
	return &out
}

// textOf reads a string whose length is within bounds.
func textOf(low, high int) func(value) string {
	return func(v value) string { return v.text(low, high) }
}

// intOf reads a whole number within bounds.
func intOf(low, high int64) func(value) int64 {
	return func(v value) int64 { return v.int(low, high) }
}

// enumOf reads a string out of a set.
func enumOf(allowed []string) func(value) string {
	return func(v value) string { return v.oneOf(allowed...) }
}

// bounded returns the entries of an array, which may have most of them.
func (v value) bounded(most int) []value {
	items := v.list()
	if len(items) > most {
		v.fail(fault.MaxLength)
		return nil
	}
	return items
}

// until reads the end of a span of time: the first instant that does not
// count any more. An end that names a day or a second includes all of it.
func (p *params) until(name string) time.Time {
	t := p.time(name)
	if t == nil {
		return time.Time{}
	}
	s := strings.TrimSpace(p.text(name))
	switch {
	case len(s) == len(time.DateOnly) && strings.Count(s, "-") == 2:
		return t.AddDate(0, 0, 1)
	case t.Nanosecond() == 0:
		return t.Add(time.Second)
	}
	return t.Add(time.Nanosecond)
}

// since reads the beginning of a span of time.
func (p *params) since(name string) time.Time {
	if t := p.time(name); t != nil {
		return *t
	}
	return time.Time{}
}

// span is a filter by time; zero bounds bound nothing.
type span struct{ from, end time.Time }

// span reads NAME:min and NAME:max.
func (p *params) span(name string) span { return span{p.since(name + ":min"), p.until(name + ":max")} }

func (s span) holds(t time.Time) bool {
	return (s.from.IsZero() || !t.Before(s.from)) && (s.end.IsZero() || t.Before(s.end))
}

// included reports whether the include parameter names something.
func included(q url.Values, name string) bool {
	for _, v := range q["include"] {
		for part := range strings.SplitSeq(v, ",") {
			if strings.TrimSpace(part) == name {
				return true
			}
		}
	}
	return false
}

// timeText writes a time as V3 does (spec/00 §7).
func timeText(t time.Time) string { return t.UTC().Format(apiTime) }
