package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"cartwright/internal/order"
)

// FuzzOrderBody reads the bodies of PUT /v2/orders/{id}.
func FuzzOrderBody(f *testing.F) {
	addBodies(f,
		`{"status_id":11}`, `{"status_id":"7","payment_method":"Manual","staff_notes":null,"customer_message":"\u0000"}`,
		`{"status_id":15,"external_source":1,"external_id":""}`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, ok := read(t, body, readOrder)
		if !ok {
			return
		}
		for _, text := range []*string{in.PaymentMethod, in.StaffNotes, in.Message, in.ExternalSource, in.ExternalID} {
			if text != nil {
				checkText(t, *text)
			}
		}
		if in.Status != nil {
			if _, ok := in.Status.Info(); !ok {
				t.Fatalf("status %d", *in.Status)
			}
		}
	})
}

// FuzzOrderFilter reads the queries of GET /v2/orders.
func FuzzOrderFilter(f *testing.F) {
	f.Add("min_id=1&max_id=2&status_id=0&customer_id=0&email=ada@shop.example&sort=id:desc&is_deleted=true")
	f.Add("min_date_created=2026-01-01&max_date_modified=Tue, 13 Mar 2018 16:18:59 +0000&limit=0&page=-1&sort=name")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/", RawQuery: query}
		q := readParams(r)
		in := readOrderFilter(q)
		if q.err() != nil {
			return
		}
		if in.Limit < 1 || in.Limit > maxLimit || in.Offset < 0 || in.MinID < 0 || in.MaxID < 0 {
			t.Fatalf("%+v", in)
		}
		checkText(t, in.Email)
		if in.Sort != "" && in.Sort != order.ByID && in.Sort != order.ByCustomer && in.Sort != order.ByCreated &&
			in.Sort != order.ByModified && in.Sort != order.ByStatus && in.Sort != order.ByChannel {
			t.Fatalf("sort %q", in.Sort)
		}
	})
}
