package httpapi

import (
	"net/url"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// FuzzReportQuery reads the queries of /v3/recovery/report. What is taken is a
// time that does not end before it begins, and not too long.
func FuzzReportQuery(f *testing.F) {
	for _, q := range []string{
		"from=2026-03-01&to=2026-03-31&group_by=day,channel&channel_id=1&template_id=0", "group_by=day&group_by=template", "from=2026-03-04 12:00:00&to=1",
		"from=9999-12-31", "to=0001-01-01", "from=253402300799&to=0", "channel_id=-1&template_id=9999999999999999999", "group_by=%00,day", "to=2026-03-04T12:00:00+14:00",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q := &params{values: values}
		filter := readReportFilter(q)
		if q.err() != nil {
			return
		}
		bounded, err := filter.Bounded(fuzzNow)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if bounded.To.Before(bounded.From) || bounded.To.Sub(bounded.From).Hours() > 24*recovery.MaxReportDays {
			t.Fatalf("%v to %v", bounded.From, bounded.To)
		}
		if again, err := bounded.Bounded(fuzzNow); err != nil || again != bounded {
			t.Fatalf("%+v becomes %+v, %v", bounded, again, err)
		}
	})
}

// FuzzCartMark reads the body of PUT /v3/recovery/carts/{cartId}.
func FuzzCartMark(f *testing.F) {
	addBodies(f, `{"bot":true}`, `{"bot":null}`, `{"bot":"true"}`, `{"bot":true,"bot":false}`)
	f.Fuzz(func(t *testing.T, body []byte) { read(t, body, readCartMark) })
}
