package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// fuzzStore is a store with two channels, two currencies and a site with a
// route, for rules to be tried on.
func fuzzStore(f testing.TB) *merchant.Store {
	f.Helper()
	usd, err := merchant.NewCurrency("USD")
	if err != nil {
		f.Fatal(err)
	}
	usd.ID, usd.Default = 1, true
	eur, err := merchant.NewCurrency("EUR")
	if err != nil {
		f.Fatal(err)
	}
	eur.ID = 2
	return &merchant.Store{
		Hash: "demo", Name: "Demo", Currencies: []merchant.Currency{usd, eur},
		Channels: []merchant.Channel{{ID: 1, Name: "A", Status: merchant.ChannelActive}, {ID: 2, Name: "B", Status: merchant.ChannelActive}},
		Sites: []merchant.Site{{ID: 1, ChannelID: 1, URL: "https://shop.example",
			Routes: []merchant.Route{{ID: 1, Type: "cart", Matching: "*", Route: "/cart"}}}},
		LastIDs: map[string]int64{"channel": 2, "currency": 2, "site": 1, "route": 1},
	}
}

// written returns a store as it comes back from being stored.
func written(s *merchant.Store) (*merchant.Store, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	back := &merchant.Store{Revision: s.Revision}
	return back, json.Unmarshal(b, back)
}

// tryRule applies a rule to a copy of the store. What it refuses it must
// refuse properly; what it takes must be shown as JSON and be kept as it is.
func tryRule(t *testing.T, store *merchant.Store, rule func(*merchant.Store) error, show func(*merchant.Store) any) {
	t.Helper()
	s, err := written(store)
	if err != nil {
		t.Fatal(err)
	}
	if err := rule(s); err != nil {
		if f := fault.As(err); f == nil || statuses[f.Kind] < 400 || statuses[f.Kind] > 499 {
			t.Fatalf("refused with %v", err)
		}
		return
	}
	b, err := encodeJSON(show(s))
	if err != nil || !json.Valid(b) {
		t.Fatalf("shown as %s, %v", b, err)
	}
	kept, err := written(s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, kept); diff != "" {
		t.Fatal(diff)
	}
	defaults := slices.DeleteFunc(kept.Currencies, func(c merchant.Currency) bool { return !c.Default })
	if len(defaults) != 1 || !defaults[0].Enabled || !defaults[0].Transactional || defaults[0].Rate != money.RateOne {
		t.Fatalf("the default currencies are %+v", defaults)
	}
}

func addBodies(f *testing.F, bodies ...string) {
	f.Helper()
	seed(f)
	for _, b := range bodies {
		f.Add([]byte(b))
	}
}

var fuzzNow = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// FuzzCustomerBody reads the bodies of POST and PUT /v3/customers, and of
// subscribers.
func FuzzCustomerBody(f *testing.F) {
	addBodies(f,
		`[{"email":"ada@shop.example","first_name":"Ada","last_name":"Byron"}]`,
		`[{"id":"1","email":"ada@shop.example","channel_ids":null},{"id":2,"channel_ids":[1,2],"store_credit_amounts":[{"amount":12.5}]}]`,
		`[{"email":"a@b.c","first_name":"A","last_name":"B","authentication":{"force_password_reset":true},"origin_channel_id":2,"customer_group_id":7,"notes":"\u0000"}]`,
		`{"email":"ada@shop.example","consents":["abandoned_cart"],"order_id":null,"channel_id":1}`,
		`[{"email":"a@b.c","first_name":"A","last_name":"B"},{"email":"A@B.C","first_name":"A","last_name":"B"}]`,
		`[`+strings.Repeat(`{},`, 11)+`{}]`,
	)
	store := fuzzStore(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, func(v value) []customer.Fields { return readNewCustomers(v, store) }); ok {
			made, err := customer.Make(in, fuzzNow)
			if err != nil && fault.As(err) == nil {
				t.Fatal(err)
			}
			for i := range made {
				c := &made[i]
				checkText(t, c.Email, c.FirstName, c.LastName, c.Notes, c.RegistrationIP)
				if c.Email == "" || c.FirstName == "" || c.LastName == "" || c.StoreCredit < 0 || store.Channel(c.OriginChannelID) == nil {
					t.Fatalf("made %+v", c)
				}
			}
		}
		if in, ok := read(t, body, func(v value) []customer.Change { return readCustomerChanges(v, store) }); ok {
			if err := customer.CheckChanges(in); err != nil && fault.As(err) == nil {
				t.Fatal(err)
			}
		}
		if in, ok := read(t, body, func(v value) customer.SubscriberFields { return readSubscriber(v, store) }); ok {
			var s customer.Subscriber
			s.Apply(in, fuzzNow)
			checkText(t, s.Email, s.FirstName, s.LastName, s.Source)
			if len(s.Consents) > len(customer.Consents) || s.OrderID < 0 {
				t.Fatalf("subscribed %+v", s)
			}
		}
	})
}

// FuzzChannelBody reads the bodies of channels and of their currencies.
func FuzzChannelBody(f *testing.F) {
	addBodies(f,
		`{"name":"Headless","type":"storefront","platform":"next","status":"active","config_meta":{"app":{"id":1}}}`,
		`{"name":"Till","type":"pos","platform":"square","is_visible":false,"external_id":"x","status":"deleted"}`,
		`{"config_meta":null,"is_listable_from_ui":true}`,
		`{"enabled_currencies":["usd","EUR"],"default_currency":"eur"}`,
		`[{"channel_id":2,"enabled_currencies":["USD"],"default_currency":"USD"},{"channel_id":"9","enabled_currencies":[],"default_currency":""}]`,
	)
	store := fuzzStore(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, readNewChannel); ok {
			var id int64
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddChannel(in, fuzzNow); return err }, showChannel(&id, true))
		}
		if in, ok := read(t, body, readChannel); ok {
			for id := range int64(3) {
				tryRule(t, store, func(s *merchant.Store) error { return s.UpdateChannel(id, in, fuzzNow) }, showChannel(&id, true))
			}
		}
		if in, ok := read(t, body, readAssignment); ok {
			tryRule(t, store, func(s *merchant.Store) error { return s.AssignCurrencies(2, in.CurrencyAssignment, fuzzNow) }, showAssignment(2))
		}
		if in, ok := read(t, body, func(v value) int { return len(readAssignments(v)) }); ok && in > merchant.MaxChannels {
			t.Fatalf("%d entries", in)
		}
	})
}

// FuzzSiteBody reads the bodies of sites and routes.
func FuzzSiteBody(f *testing.F) {
	addBodies(f,
		`{"url":"https://headless.example","channel_id":2}`, `{"url":"HTTP://[::1]:8080/a/?b#c"}`, `{"url":"https://shop.example/x"}`,
		`{"type":"recover_abandoned_cart","matching":"*","route":"/my-cart"}`, `{"type":"page","matching":5,"route":"/{slug}"}`,
		`[{"id":1,"route":"/basket"},{"type":"product","matching":"*","route":"/{slug}"},{"id":"9"}]`,
	)
	store := fuzzStore(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if address, ok := read(t, body, readURL); ok {
			id := int64(1)
			tryRule(t, store, func(s *merchant.Store) error { return s.SetSiteURL(1, address, fuzzNow) }, showSite(&id))
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddSite(2, address, fuzzNow); return err }, showSite(&id))
			tryRule(t, store, func(s *merchant.Store) error { return s.SetCheckoutURL(1, address, fuzzNow) }, showChannelSite(1))
		}
		if in, ok := read(t, body, readNewRoute); ok {
			var id int64
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddRoute(1, in, fuzzNow); return err }, showRoute(1, &id))
		}
		if in, ok := read(t, body, readRouteEntries); ok {
			tryRule(t, store, func(s *merchant.Store) error { _, err := s.UpsertRoutes(1, in, fuzzNow); return err },
				func(s *merchant.Store) any { return s.Sites })
		}
	})
}

// FuzzCurrencyBody reads the bodies of V2: currencies and gift wrappings.
func FuzzCurrencyBody(f *testing.F) {
	addBodies(f,
		`{"name":"Yen","currency_code":"jpy","currency_exchange_rate":"150.25","token_location":"left","token":"¥","decimal_token":".","thousands_token":",","decimal_places":0}`,
		`{"is_default":true,"currency_exchange_rate":1e-10,"default_for_country_codes":["USA","FR"]}`,
		`{"currency_exchange_rate":99999999.9999999999,"is_default":true,"enabled":false}`,
		`{"name":"Blue paper","price":"4.5","is_visible":true,"preview_image":"https://shop.example/a.png"}`,
		`{"price":1e12,"name":"x"}`,
	)
	store := fuzzStore(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		type fresh struct {
			code   string
			fields merchant.CurrencyFields
		}
		once := func(v value) (out *fresh) { out = &fresh{}; out.code, out.fields = readNewCurrency(v); return out }
		if in, ok := read(t, body, once); ok {
			var id int64
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddCurrency(in.code, in.fields, fuzzNow); return err }, showCurrency(&id))
		}
		if in, ok := read(t, body, readCurrency); ok {
			for id := range int64(3) {
				tryRule(t, store, func(s *merchant.Store) error { return s.UpdateCurrency(id, in, fuzzNow) }, showCurrency(&id))
			}
		}
		if in, ok := read(t, body, readGiftWrap); ok {
			var id int64
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddGiftWrap(in); return err }, showGiftWrap(&id))
		}
	})
}

// FuzzMetafieldBody reads the bodies of one metafield and of the batches.
func FuzzMetafieldBody(f *testing.F) {
	addBodies(f,
		`{"key":"note","value":"Ring twice","namespace":"shipping","permission_set":"read_and_sf_access","description":""}`,
		`[{"resource_id":"4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55","key":"note","value":"x","namespace":"n","permission_set":"app_only"},{},5]`,
		`[{"id":"24","value":"x"},{"id":-1},{"id":9223372036854775807}]`, `[1,"2",null,{},1.5]`, `[`+strings.Repeat(`1,`, 60)+`1]`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		if e, ok := read(t, body, readNewMetafield); ok {
			for _, part := range []*string{e.Key, e.Value, e.Namespace, e.PermissionSet} {
				if part == nil || *part == "" {
					t.Fatalf("read %+v", e)
				}
				checkText(t, *part)
			}
		}
		for _, kind := range []func(value) cart.MetafieldEntry{readMetafieldAt, readMetafieldChange, readMetafieldID} {
			entries, ok := read(t, body, func(v value) []cart.MetafieldEntry { return readMetafieldEntries(v, kind) })
			if !ok {
				continue
			}
			if len(entries) > cart.MaxMetafieldBatch+1 {
				t.Fatalf("%d entries", len(entries))
			}
			refused := map[int]string{}
			for i, e := range entries {
				if e.Wrong != "" {
					refused[i] = e.Wrong
				} else if e.ID == 0 && e.Cart == "" {
					t.Fatalf("entry %d means nothing: %+v", i, e)
				}
			}
			status, answer := batchAnswer(len(entries), cart.MetafieldResult{Refused: refused}, showMetafields(nil))
			b, err := encodeJSON(answer)
			if err != nil || !json.Valid(b) || (status == 200) != (len(refused) == 0) {
				t.Fatalf("%d %s, %v", status, b, err)
			}
		}
	})
}

// FuzzQuery reads the queries of lists.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"", "page=2&limit=10", "limit=251&page=0", "after=aWQ6MQ==&before=x", "direction=desc&id:in=1,2,,3", "date_created:min=2024-05-14T09:34:00&date_created:max=2024-05-14",
		"date_modified:max=99999-01-01&date_created:max=253402300799", "available=1&status:in=a&status:in=b,c", "key=a&key:in=b", "id:in=" + strings.Repeat("1,", 1001), "name=%00&x=%zz", "after=aWQ6OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := newQueryRequest(t, raw)
		if err != nil {
			return
		}
		if p, err := readCursorPage(r); err == nil {
			if p.limit < 1 || p.limit > maxLimit || p.offset() < 0 || p.after < 0 || p.before < 0 || p.hasCursor() && p.after != 0 && p.before != 0 {
				t.Fatalf("page %+v", p)
			}
			if _, err := encodeJSON(p.list([]int{}, cursorList{total: 3, ids: []int64{1, 2}, earlier: true, later: true})); err != nil {
				t.Fatal(err)
			}
		} else if fault.As(err) == nil {
			t.Fatal(err)
		}
		q := readParams(r)
		d := q.dates()
		q.ids("id:in")
		q.bool("available")
		q.union("key")
		checkText(t, q.text("name"))
		if err := q.err(); err != nil {
			if fault.As(err) == nil {
				t.Fatal(err)
			}
			return
		}
		if span := (span{d.CreatedMin, d.CreatedBefore}); !d.CreatedMin.IsZero() && d.CreatedBefore.IsZero() && !span.holds(d.CreatedMin) {
			t.Fatalf("%v does not hold its beginning", span)
		}
	})
}

func newQueryRequest(t *testing.T, raw string) (*http.Request, error) {
	t.Helper()
	u, err := url.Parse("/stores/demo/v3/customers")
	if err != nil {
		return nil, err
	}
	u.RawQuery = raw
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.URL = u
	return r, nil
}
