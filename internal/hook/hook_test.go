package hook

import (
	"crypto/sha1" //nolint:gosec // the vendor's hash
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartwright/internal/event"
	"cartwright/internal/fault"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestValidScope(t *testing.T) {
	for scope, want := range map[string]bool{
		"store/cart/*": true, "store/cart/created": true, "store/cart/lineItem/*": true, "store/cart/metafield/deleted": true,
		"store/metafield/*": true, "store/channel/1/cart/*": true, "store/channel/42/cart/lineItem/updated": true, "store/channel/*": true,
		"store/channel/3/notifications/abandonedCart/updated": true, "store/channel/3/email/templates/updated": true,
		"store/channel/3/settings/checkout/updated": true, "store/order/*": true, "store/order/statusUpdated": true, "store/order/refund/created": true,
		"store/product/inventory/order/updated": true, "store/hook/deliveryException": true, "store/app/uninstalled": true,
		"": false, "*": false, "store/*": false, "store/cart": false, "store/cart/": false, "store/cart/Created": false, "store/cart/paid": false,
		"store/channel/x/cart/*": false, "store/channel/{}/cart/*": false, "store/channel/0/cart/*": false, "store/channel/{}/email/templates/updated": false,
		"store/hook/*": false, "store/nonsense/created": false, "store/order/*/created": false, "store/order/created ": false, "Store/order/created": false,
	} {
		if got := ValidScope(scope); got != want {
			t.Errorf("ValidScope(%q) = %t", scope, got)
		}
	}
}

func TestMatches(t *testing.T) {
	tests := []struct {
		scope, concrete string
		want            bool
	}{
		{"store/cart/*", event.CartCreated, true},
		{"store/cart/*", event.LineDeleted, true},
		{"store/cart/*", event.MetafieldCreated, true},
		{"store/cart/*", "store/channel/1/cart/created", false},
		{"store/cart/lineItem/*", event.LineCreated, true},
		{"store/cart/lineItem/*", event.CartUpdated, false},
		{"store/cart/updated", event.CartUpdated, true},
		{"store/cart/updated", event.CartCreated, false},
		{"store/metafield/*", event.MetafieldUpdated, true},
		{"store/metafield/*", event.CartUpdated, false},
		{"store/channel/1/cart/*", "store/channel/1/cart/lineItem/created", true},
		{"store/channel/1/cart/*", "store/channel/12/cart/created", false},
		{"store/channel/1/cart/lineItem/*", "store/channel/1/cart/updated", false},
		{"store/channel/*", "store/channel/1/cart/created", false},
		{"store/channel/*", "store/channel/created", true},
		{"store/order/*", event.OrderStatusUpdated, true},
		{"store/customer/*", event.CustomerDeleted, true},
	}
	for _, tc := range tests {
		if got := Matches(tc.scope, tc.concrete); got != tc.want {
			t.Errorf("Matches(%q, %q) = %t", tc.scope, tc.concrete, got)
		}
	}
}

const cartID = "4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55"

// Every event with its data, as the table of spec/04 §5 has them.
func TestPayloads(t *testing.T) {
	cart := `{"type":"cart","id":"` + cartID + `"`
	channel := `{"cart_id":"` + cartID + `"}`
	tests := []struct {
		subject string
		event   event.Event
		want    []string // scope, data, scope, data
	}{
		{cartID, event.Event{Scope: event.CartCreated}, []string{"store/cart/created", cart + "}", "store/channel/7/cart/created", channel}},
		{cartID, event.Event{Scope: event.CartUpdated}, []string{"store/cart/updated", cart + "}", "store/channel/7/cart/updated", channel}},
		{cartID, event.Event{Scope: event.CartDeleted}, []string{"store/cart/deleted", cart + "}", "store/channel/7/cart/deleted", channel}},
		{cartID, event.Event{Scope: event.CartAbandoned, Token: "305c6c15f6f0a3c0929770a538cf1ff7"}, []string{"store/cart/abandoned",
			cart + `,"token":"305c6c15f6f0a3c0929770a538cf1ff7"}`, "store/channel/7/cart/abandoned", channel}},
		{cartID, event.Event{Scope: event.CartConverted, Order: 252}, []string{"store/cart/converted", cart + `,"orderId":252}`,
			"store/channel/7/cart/converted", channel}},
		{cartID, event.Event{Scope: event.CouponApplied, Coupon: 1}, []string{"store/cart/couponApplied", cart + `,"couponId":1}`,
			"store/channel/7/cart/couponApplied", channel}},
		{cartID, event.Event{Scope: event.LineCreated, Line: "l"}, []string{"store/cart/lineItem/created",
			`{"type":"cart_line_item","id":"l","cartId":"` + cartID + `"}`, "store/channel/7/cart/lineItem/created",
			`{"cart_id":"` + cartID + `","cart_item_id":"l"}`}},
		{cartID, event.Event{Scope: event.MetafieldDeleted, Metafield: 20, Namespace: "n"}, []string{"store/cart/metafield/deleted",
			`{"metafield_id":20,"resource_id":"` + cartID + `","namespace":"n"}`}},
		{"order/75", event.Event{Scope: event.OrderCreated, Order: 75}, []string{"store/order/created", `{"type":"order","id":75}`}},
		{"order/75", event.Event{Scope: event.OrderArchived, Order: 75}, []string{"store/order/archived", `{"type":"order","id":75}`}},
		{"order/75", event.Event{Scope: event.OrderStatusUpdated, Order: 75, After: 11}, []string{"store/order/statusUpdated",
			`{"type":"order","id":75,"status":{"previous_status_id":0,"new_status_id":11}}`}},
		{"customer/12", event.Event{Scope: event.CustomerUpdated, Customer: 12}, []string{"store/customer/updated", `{"type":"customer","id":12}`}},
		{"channel/7", event.Event{Scope: event.NotificationsUpdated}, []string{"store/channel/7/notifications/abandonedCart/updated", `{}`}},
		{"channel/7", event.Event{Scope: event.TemplateUpdated}, []string{"store/channel/7/email/templates/updated", `{"template_kind":"abandoned_cart_email"}`}},
		{"channel/7", event.Event{Scope: event.TemplateDeleted}, []string{"store/channel/7/email/templates/deleted", `{"template_kind":"abandoned_cart_email"}`}},
		{"x", event.Event{Scope: "store/unknown/thing"}, nil},
	}
	for _, tc := range tests {
		var got []string
		for _, n := range Expand(Row{Subject: tc.subject, Channel: 7, Events: []event.Event{tc.event}}) {
			got = append(got, n.Scope, string(n.Data))
		}
		if strings.Join(got, "\n") != strings.Join(tc.want, "\n") {
			t.Errorf("%s: %q, want %q", tc.event.Scope, got, tc.want)
		}
	}
}

func row(events ...event.Event) Row {
	return Row{Store: "demo", Subject: cartID, Version: 3, Channel: 1, At: noon, Events: events}
}

func TestDeliveries(t *testing.T) {
	hooks := []Hook{
		{ID: 1, Store: "demo", Client: "a", Scope: "store/cart/*", Active: true, Created: noon},
		{ID: 2, Store: "demo", Client: "a", Scope: "store/cart/updated", Active: true},
		{ID: 3, Store: "demo", Client: "b", Scope: "store/channel/1/cart/lineItem/*", Active: true},
		{ID: 4, Store: "demo", Client: "b", Scope: "store/cart/*", Active: false},
		{ID: 5, Store: "demo", Client: "b", Scope: "store/cart/*", Active: true, Created: noon.Add(time.Second)}, // too late
	}
	all := Deliveries(row(event.Event{Scope: event.LineUpdated, Line: "l"}, event.Event{Scope: event.CartUpdated}), hooks, noon)
	var got []string
	for _, d := range all {
		got = append(got, fmt.Sprintf("%d %d %s", d.HookID, d.Event, d.Scope))
	}
	want := []string{"1 0 store/cart/lineItem/updated", "3 0 store/channel/1/cart/lineItem/updated", "1 1 store/cart/updated", "2 1 store/cart/updated"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q\nwant %q", got, want)
	}
	if all[2].Hash != all[3].Hash || all[2].MessageID == all[3].MessageID || all[0].MessageID == all[2].MessageID {
		t.Error("the hash is of the event, the message id of the event for one hook")
	}
	again := Deliveries(row(event.Event{Scope: event.LineUpdated, Line: "l"}, event.Event{Scope: event.CartUpdated}), hooks, noon.Add(time.Hour))
	for i := range all {
		if all[i].Hash != again[i].Hash || all[i].MessageID != again[i].MessageID || string(all[i].Body()) != string(again[i].Body()) {
			t.Errorf("%s differs the second time", all[i].Scope)
		}
	}
}

// The body and its hash, as spec/04 §2 describes them.
func TestBody(t *testing.T) {
	d := Deliveries(row(event.Event{Scope: event.CartUpdated}), []Hook{{ID: 1, Store: "demo", Scope: event.CartUpdated, Active: true}}, noon)[0]
	bare := `{"scope":"store/cart/updated","store_id":"` + StoreID("demo") + `","data":{"type":"cart","id":"` + cartID + `"},"created_at":1772625600,"producer":"stores/demo"}`
	sum := sha1.Sum([]byte(bare)) //nolint:gosec // the vendor's hash
	want := strings.Replace(bare, `,"created_at"`, `,"hash":"`+hex.EncodeToString(sum[:])+`","created_at"`, 1)
	if got := string(d.Body()); got != want {
		t.Errorf("body\n\t%s\nwant\n\t%s", got, want)
	}
	if id := StoreID("demo"); strings.Trim(id, "0123456789") != "" || id == StoreID("other") {
		t.Errorf("the store's number is %q", id)
	}
}

func TestSchedule(t *testing.T) {
	d, now := Delivery{State: Waiting}, noon
	var waited []int
	for d.Pending() {
		if !d.Due.IsZero() {
			waited = append(waited, int(d.Due.Sub(now)/time.Second))
			now = d.Due
		}
		d = d.After(Attempt{At: now, Error: "Response status 500", Status: 500})
	}
	want := "[60 180 300 600 900 1800 3600 7200 21600 50400 86400]"
	if got := fmt.Sprint(waited); got != want || d.State != Failed || d.Attempts != 12 || len(d.History) != 12 || !d.Due.IsZero() || !d.Finished.Equal(now) {
		t.Errorf("waited %s, then %+v", got, d)
	}
	again := d.Again(now.Add(time.Minute))
	if again.State != Retrying || again.Attempts != 0 || !again.Finished.IsZero() || len(again.History) != 12 {
		t.Errorf("again: %+v", again)
	}
	if done := again.After(Attempt{At: now, Status: 204}); done.State != Delivered || done.Pending() || done.Attempts != 1 || len(d.History) != 12 {
		t.Errorf("delivered: %+v", done)
	}
	if off := (Delivery{State: Waiting}).PutOff(noon); off.State != Retrying || off.Attempts != 0 || off.Due.Sub(noon) != time.Minute {
		t.Errorf("put off: %+v", off)
	}
	long := d
	for range 100 {
		long = long.After(Attempt{At: now})
	}
	if len(long.History) != maxHistory {
		t.Errorf("%d attempts are kept", len(long.History))
	}
}

func TestBlockRule(t *testing.T) {
	tests := map[string]struct {
		ok, failed int
		gap        time.Duration // between requests
		want       bool
	}{
		"99 failures are too few":            {0, 99, time.Second, false},
		"100 failures":                       {0, 100, time.Second, true},
		"90 of 100 is enough":                {90, 10, time.Second, false},
		"89 of 100 is not":                   {89, 11, time.Second, true},
		"what is two minutes old is no more": {0, 200, 2 * time.Second, false},
	}
	for name, tc := range tests {
		var w Window
		var reasons []Reason
		now := noon
		for i := range tc.ok + tc.failed {
			failure := ""
			if i >= tc.ok {
				failure = "Response status 500"
			}
			if r := w.Add(now, failure); r != nil {
				reasons = r
			}
			now = now.Add(tc.gap)
		}
		if (reasons != nil) != tc.want {
			t.Errorf("%s: %v", name, reasons)
		}
		if reasons != nil && (reasons[0].Description != "Response status 500" || reasons[0].Count != tc.failed || len(w.seconds) != 0) {
			t.Errorf("%s: %+v", name, reasons)
		}
	}
}

func TestDestinations(t *testing.T) {
	allowed, err := ParseAllowed("HTTP://Intern.example:9000/")
	if err != nil {
		t.Fatal(err)
	}
	policy := Policy{Allowed: []string{allowed}}
	for destination, want := range map[string]bool{
		"https://hooks.example.com/bc?x=1": true, "https://hooks.example.com:443": true, "HTTPS://hooks.example.com/": true, "https://[2001:db8::1]/x": true,
		"http://intern.example:9000/path": true, "http://INTERN.example:9000": true,
		"http://hooks.example.com/": false, "https://hooks.example.com:8443/": false, "https://u:p@hooks.example.com/": false, "https:///x": false,
		"https://hooks.example.com/#f": false, "ftp://hooks.example.com/": false, "hooks.example.com": false, "": false, "https://h\u00e9.example/": false,
		"http://intern.example/": false, "https://intern.example:9000/": false, "https://" + strings.Repeat("a", MaxDestination) + "/": false,
	} {
		err := policy.Check(destination)
		if (err == nil) != want {
			t.Errorf("%q: %v", destination, err)
		}
		if f := fault.As(err); err != nil && (f == nil || f.Fields["destination"] != "error.url") {
			t.Errorf("%q: %v", destination, err)
		}
		if err := (Policy{Anywhere: true}).Check(destination); want && err != nil {
			t.Errorf("anywhere %q: %v", destination, err)
		}
	}
	for _, wrong := range []string{"", "intern.example", "https://intern.example/path", "https://intern.example?x", "file:///etc"} {
		if _, err := ParseAllowed(wrong); err == nil {
			t.Errorf("%q passes for an origin", wrong)
		}
	}
}

func TestRulesAmongHooks(t *testing.T) {
	others := []Hook{{ID: 1, Scope: "store/cart/*", Destination: "https://a.example/"}, {ID: 2, Scope: ScopeException, Destination: "https://errors.example/"}}
	for i := range 8 {
		others = append(others, Hook{ID: int64(10 + i), Scope: "store/order/*", Destination: fmt.Sprintf("https://%d.example/", i)})
	}
	tests := map[string]struct {
		hook Hook
		want string // "" is fine
	}{
		"another destination":              {Hook{Scope: "store/cart/*", Destination: "https://b.example/"}, ""},
		"another scope":                    {Hook{Scope: "store/cart/created", Destination: "https://a.example/"}, ""},
		"itself":                           {Hook{ID: 1, Scope: "store/cart/*", Destination: "https://a.example/"}, ""},
		"a twin":                           {Hook{Scope: "store/cart/*", Destination: "https://a.example/"}, "already exists"},
		"a second exception hook":          {Hook{Scope: ScopeException, Destination: "https://c.example/"}, "only one"},
		"where the exceptions go":          {Hook{Scope: "store/order/created", Destination: "https://errors.example/"}, "no other webhook has"},
		"the exceptions where others go":   {Hook{ID: 2, Scope: ScopeException, Destination: "https://a.example/"}, "no other webhook has"},
		"an unknown scope":                 {Hook{Scope: "store/x", Destination: "https://a.example/"}, "Scope is not valid"},
		"a header that is no name":         {Hook{Scope: "store/cart/*", Destination: "https://b.example/", Headers: map[string]string{"a b": "x"}}, "header.name"},
		"a header of two lines":            {Hook{Scope: "store/cart/*", Destination: "https://b.example/", Headers: map[string]string{"A": "x\r\nB: y"}}, "header.value"},
		"a header that moves the request":  {Hook{Scope: "store/cart/*", Destination: "https://b.example/", Headers: map[string]string{"hOsT": "x"}}, "header.reserved"},
		"the ninth and tenth of one scope": {Hook{Scope: "store/order/*", Destination: "https://9.example/"}, ""},
	}
	for name, tc := range tests {
		err := tc.hook.check(others, Policy{})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	full := append(others, Hook{ID: 30, Scope: "store/order/*", Destination: "https://30.example/"}, Hook{ID: 31, Scope: "store/order/*", Destination: "https://31.example/"})
	eleventh := Hook{Scope: "store/order/*", Destination: "https://32.example/"}
	if err := eleventh.check(full, Policy{}); err == nil || fault.As(err).Fields["scope"] == "" {
		t.Errorf("the eleventh: %v", err)
	}
}

func TestExceptions(t *testing.T) {
	about := &Hook{ID: 9, Store: "demo", Client: "a", Scope: "store/cart/*", Destination: "https://a.example/100%"}
	to := &Hook{ID: 4, Store: "demo", Client: "a", Scope: ScopeException}
	first, second := Exception(to, about, CodeRetry, 100, noon), Exception(to, about, CodeRetry, 101, noon)
	want := `{"type":"webhook","id":9,"error_code":90001,"message":"Non-200 response received when delivering to https://a.example/100%, will retry"}`
	if string(first.Data) != want || first.Scope != ScopeException || first.HookID != 4 || first.MessageID == second.MessageID {
		t.Errorf("%s of %+v", first.Data, first)
	}
	for _, code := range []int{CodeDisable, CodeBlocked} {
		var data struct {
			Code    int `json:"error_code"`
			Message string
		}
		d := Exception(to, about, code, 1, noon)
		if err := json.Unmarshal(d.Data, &data); err != nil || data.Code != code || !strings.Contains(data.Message, about.Destination) {
			t.Errorf("%s, %v", d.Data, err)
		}
	}
}
