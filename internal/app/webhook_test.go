package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// callback is one request that a receiver got.
type callback struct {
	Scope    string
	StoreID  string `json:"store_id"`
	Data     map[string]any
	Hash     string
	Created  int64 `json:"created_at"`
	Producer string

	body   []byte
	header http.Header
	at     time.Time // the shop's
}

// cartOf is the cart that a callback is about.
func (c callback) cartOf() string {
	for _, name := range []string{"cartId", "resource_id", "cart_id", "id"} {
		if id, ok := c.Data[name].(string); ok {
			return id
		}
	}
	return ""
}

// receiver is who listens to webhooks: a real server.
type receiver struct {
	*httptest.Server

	clock func() time.Time
	mu    sync.Mutex
	got   []callback
	// answer says how to answer; nil is 200. It is called without the lock.
	answer func(n int, w http.ResponseWriter, r *http.Request)
}

func (s *street) receiver(answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	s.Helper()
	rec := &receiver{answer: answer, clock: s.app.Clock.Now}
	rec.Server = httptest.NewServer(http.HandlerFunc(rec.serve))
	s.Cleanup(rec.Close)
	return rec
}

func (rec *receiver) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c := callback{body: body, header: r.Header.Clone(), at: rec.clock()}
	if err != nil || json.Unmarshal(body, &c) != nil {
		http.Error(w, "not a callback", http.StatusBadRequest)
		return
	}
	rec.mu.Lock()
	rec.got = append(rec.got, c)
	n, answer := len(rec.got), rec.answer
	rec.mu.Unlock()
	if answer != nil {
		answer(n, w, r)
	}
}

func (rec *receiver) calls() []callback {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.got)
}

// wait waits until n callbacks came.
func (rec *receiver) wait(t *testing.T, n int) []callback {
	t.Helper()
	testkit.Eventually(t, fmt.Sprintf("%d callbacks came", n), func() bool { return len(rec.calls()) >= n })
	return rec.calls()
}

func scopesOf(all []callback) []string {
	var out []string
	for _, c := range all {
		out = append(out, c.Scope)
	}
	return out
}

// newSandboxStreet is a street in a sandbox. Deliveries are sent by windings
// alone, unless running says that the dispatcher runs.
func newSandboxStreet(t *testing.T, database string, running bool) *street {
	t.Helper()
	return sandboxStreetWith(t, Config{Database: database}, running)
}

func sandboxStreetWith(t *testing.T, c Config, running bool) *street {
	t.Helper()
	c.Sandbox, c.machine = true, standing()
	s := streetWith(t, c, merchant.Setup{Hash: "demo", Name: "Demo", URL: "https://shop.example"})
	if running {
		s.run()
	}
	return s
}

// run lets the dispatcher run until the test is over.
func (s *street) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.app.Webhooks.Run(ctx) })
	s.Cleanup(func() { cancel(); running.Wait() })
}

func (s *street) hook(scope, destination string) string {
	s.Helper()
	return s.made("POST", "/v3/hooks", fmt.Sprintf(`{"scope":%q,"destination":%q}`, scope, destination), "/v3/hooks/")
}

// made makes something and returns its path.
func (s *street) made(method, path, body, below string) string {
	s.Helper()
	w := s.send("all", method, path, body, nil)
	var answer struct{ Data struct{ ID any } }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code > 299 {
		s.Fatalf("%s %s answers %d: %s", method, path, w.Code, w.Body)
	}
	return below + fmt.Sprint(answer.Data.ID)
}

// Every change of a cart tells what spec/04 §5 says, in its order.
func TestWebhooksOfACartsLife(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), true)
	all, lines, channel, other := s.receiver(nil), s.receiver(nil), s.receiver(nil), s.receiver(nil)
	s.hook("store/cart/*", all.URL)
	s.hook("store/cart/lineItem/*", lines.URL)
	s.hook("store/channel/1/cart/*", channel.URL)
	s.hook("store/channel/2/cart/*", other.URL)
	at := s.cart("")
	id := strings.TrimPrefix(at, "/v3/carts/")
	w := s.do(step{"", "POST", at + "/items", `{"custom_items":[{"name":"More","quantity":2,"list_price":3}]}`, 201, nil})
	var made struct {
		Data struct {
			Lines struct {
				Custom []struct{ ID string } `json:"custom_items"`
			} `json:"line_items"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	s.do(step{"", "POST", at + "/metafields", `{"key":"k","namespace":"n","value":"v","permission_set":"read"}`, 200, nil})
	s.do(step{"", "PUT", at + "/metafields/1", `{"value":"w"}`, 200, nil})
	s.do(step{"", "DELETE", at + "/metafields/1", "", 204, nil})
	s.do(step{"", "DELETE", at + "/items/" + made.Data.Lines.Custom[0].ID, "", 200, nil})
	s.do(step{"", "DELETE", at, "", 204, nil})
	want := []string{
		"store/cart/created", "store/cart/lineItem/created", "store/cart/updated",
		"store/cart/lineItem/created", "store/cart/updated",
		"store/cart/metafield/created", "store/cart/metafield/updated", "store/cart/metafield/deleted",
		"store/cart/lineItem/deleted", "store/cart/updated",
		"store/cart/deleted",
	}
	got := all.wait(t, len(want))
	if !slices.Equal(scopesOf(got), want) {
		t.Errorf("told\n\t%s\nwant\n\t%s", strings.Join(scopesOf(got), "\n\t"), strings.Join(want, "\n\t"))
	}
	for _, c := range got {
		if c.cartOf() != id || c.Producer != "stores/demo" || c.StoreID == "" || c.Created < 1_700_000_000 || len(c.Hash) != 40 {
			t.Errorf("%s", c.body)
		}
	}
	if d := got[1].Data; d["type"] != "cart_line_item" || d["id"] == "" {
		t.Errorf("a line's event has %v", d)
	}
	if d := got[5].Data; d["metafield_id"] != 1.0 || d["namespace"] != "n" || d["type"] != nil {
		t.Errorf("a metafield's event has %v", d)
	}
	if got := lines.wait(t, 3); !slices.Equal(scopesOf(got), []string{"store/cart/lineItem/created", "store/cart/lineItem/created", "store/cart/lineItem/deleted"}) {
		t.Errorf("of lines: %v", scopesOf(got))
	}
	onChannel := channel.wait(t, 8)
	if onChannel[0].Scope != "store/channel/1/cart/created" || onChannel[0].Data["cart_id"] != id || onChannel[1].Data["cart_item_id"] == nil {
		t.Errorf("of the channel: %v", onChannel)
	}
	if n := len(other.calls()); n != 0 {
		t.Errorf("another channel was told %d times", n)
	}
}

// A coupon, an order and its payment, and customers tell as well.
func TestWebhooksOfOrdersAndCustomers(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), true)
	rec := s.receiver(nil)
	for _, scope := range []string{"store/cart/couponApplied", "store/cart/converted", "store/order/*", "store/customer/*", "store/channel/1/cart/converted"} {
		s.hook(scope, rec.URL)
	}
	s.do(step{"", "POST", "/v3/customers", `[` + ada + `]`, 200, nil})
	s.do(step{"", "PUT", "/v3/customers", `[{"id":1,"first_name":"Augusta"}]`, 200, nil})
	s.do(step{"", "DELETE", "/v3/customers?id:in=1,7", "", 204, nil})
	got := rec.wait(t, 3)
	if want := []string{"store/customer/created", "store/customer/updated", "store/customer/deleted"}; !slices.Equal(scopesOf(got), want) ||
		got[2].Data["type"] != "customer" || got[2].Data["id"] != 1.0 {
		t.Errorf("of customers: %v", scopesOf(got))
	}
	s.do(step{"", "POST", "/v2/coupons", `{"name":"Ten","type":"per_total_discount","amount":"10","code":"TEN","enabled":true,"applies_to":{"entity":"categories","ids":[0]}}`, 201, nil})
	s.do(step{"", "POST", "/v3/catalog/products", `{"name":"Song","type":"digital","weight":0,"price":100}`, 200, nil})
	id := strings.TrimPrefix(s.made("POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":1}]}`, ""), "/")
	checkout := "/v3/checkouts/" + id
	s.do(step{"", "POST", checkout + "/coupons", `{"coupon_code":"TEN"}`, 200, nil})
	s.do(step{"", "POST", checkout + "/billing-address", `{"first_name":"Ada","last_name":"Byron","email":"ada@shop.example","address1":"1 Main","city":"Austin","state_or_province_code":"TX","postal_code":"78701","country_code":"US"}`, 200, nil})
	s.until(func() bool { return slices.Contains(scopesOf(rec.calls()), "store/cart/couponApplied") }, "the coupon was told")
	s.do(step{"", "POST", checkout + "/orders", "", 200, nil})
	s.do(step{"", "PUT", "/v2/orders/100", `{"status_id":11}`, 200, nil})
	s.until(func() bool { return slices.Contains(scopesOf(rec.calls()), "store/order/statusUpdated") }, "the order's status was told")
	s.until(func() bool { return slices.Contains(scopesOf(rec.calls()), "store/channel/1/cart/converted") }, "the channel was told of the order")
	s.until(func() bool { return slices.Contains(scopesOf(rec.calls()), "store/cart/converted") }, "the order was told")
	for _, c := range rec.calls() {
		switch d := c.Data; c.Scope {
		case "store/cart/couponApplied":
			if d["couponId"] != 1.0 || d["id"] != id {
				t.Errorf("%s", c.body)
			}
		case "store/cart/converted":
			if order, _ := d["orderId"].(float64); order < 1 || d["id"] != id {
				t.Errorf("%s", c.body)
			}
		case "store/order/statusUpdated":
			if status, _ := d["status"].(map[string]any); d["type"] != "order" || status["new_status_id"] != 11.0 {
				t.Errorf("%s", c.body)
			}
		}
	}
}

// Custom headers and the signature of Standard Webhooks, with the client's
// secret as its key; the same message id and body at each attempt.
func TestWebhookSignature(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), false)
	token, client, err := s.app.Merchants.CreateToken(t.Context(), merchant.Grant{Store: "demo", Scopes: []string{"store_cart"}})
	if err != nil {
		t.Fatal(err)
	}
	rec := s.receiver(func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	s.do(step{token, "POST", "/v3/hooks", `{"scope":"store/cart/created","destination":"` + rec.URL + `/in?a=b","headers":{"X-Shared-Secret":"s3cr3t","Content-Type":"text/plain","Webhook-Id":"mine"}}`, 200, nil})
	s.cart("")
	s.app.wind(t, "61s")
	got := rec.wait(t, 2)
	if len(got) != 2 || string(got[0].body) != string(got[1].body) || got[0].header.Get("Webhook-Id") != got[1].header.Get("Webhook-Id") {
		t.Fatalf("two attempts of one event differ: %v", got)
	}
	for _, c := range got {
		if c.header.Get("X-Shared-Secret") != "s3cr3t" || c.header.Get("Content-Type") != "application/json" {
			t.Errorf("headers: %v", c.header)
		}
		id, stamp := c.header.Get("Webhook-Id"), c.header.Get("Webhook-Timestamp")
		mac := hmac.New(sha256.New, []byte(client.Secret))
		mac.Write([]byte(id + "." + stamp + "." + string(c.body)))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); !strings.HasPrefix(id, "msg_") || c.header.Get("Webhook-Signature") != want {
			t.Errorf("%s is signed %s, want %s", id, c.header.Get("Webhook-Signature"), want)
		}
	}
}

// A receiver that fails gets the event again after the vendor's waits; after
// the last of them the hook is off, and the exception hook knows.
func TestWebhookRetriesAndDeactivation(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), true)
	rec := s.receiver(func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	errors := s.receiver(nil)
	hook := s.hook("store/cart/created", rec.URL)
	s.hook("store/hook/deliveryException", errors.URL)
	s.cart("")
	s.app.wind(t, "50h")
	got := rec.calls()
	waits := []int{60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400}
	if len(got) != 1+len(waits) {
		t.Fatalf("%d attempts, want 12", len(got))
	}
	for i, want := range waits {
		if waited := got[i+1].at.Sub(got[i].at).Round(time.Second); waited != time.Duration(want)*time.Second {
			t.Errorf("attempt %d came after %s, want %d s", i+2, waited, want)
		}
		if got[i+1].Hash != got[0].Hash {
			t.Error("the hash changed")
		}
	}
	s.do(step{"", "GET", hook, "", 200, []string{`"is_active":false`}})
	s.do(step{"", "GET", "/v3/hooks/admin", "", 200, []string{`"status":"deactivated"`}})
	s.do(step{"", "GET", "/v3/hooks/events", "", 200, []string{`"last_status":500,"attempts":12`, `"total":1`}})
	codes := map[float64]int{}
	for _, c := range errors.calls() {
		code, _ := c.Data["error_code"].(float64)
		codes[code]++
		if c.Scope != "store/hook/deliveryException" || c.Data["type"] != "webhook" || c.Data["id"] != 1.0 || !strings.Contains(c.Data["message"].(string), rec.URL) {
			t.Errorf("%s", c.body)
		}
	}
	if codes[90002] != 1 || codes[90001] != 8 { // failures two to four come within ten minutes of the first
		t.Errorf("exceptions: %v", codes)
	}
	// Switched on again it is told of what happens from now on.
	before := len(rec.calls())
	rec.mu.Lock()
	rec.answer = nil
	rec.mu.Unlock()
	s.do(step{"", "PUT", hook, `{"is_active":true}`, 200, nil})
	s.do(step{"", "GET", "/v3/hooks/admin", "", 200, []string{`!deactivated`}})
	s.cart("")
	rec.wait(t, before+1)
}

// A hook that has had nothing for ninety days is off.
func TestIdleWebhookIsDeactivated(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), false)
	hook := s.hook("store/cart/*", "https://hooks.example.com/")
	s.app.wind(t, "89d")
	s.do(step{"", "GET", hook, "", 200, []string{`"is_active":true`}})
	s.app.wind(t, "26h")
	s.do(step{"", "GET", "/v3/hooks/admin", "", 200, []string{`"status":"deactivated"`}})
}

// A receiver that never answers delays neither others nor what falls due.
func TestDeadReceiverDelaysNobody(t *testing.T) {
	s := sandboxStreetWith(t, Config{Database: testdb.URL(t), webhookTimeout: time.Hour}, true)
	release := make(chan struct{})
	dead := s.receiver(func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	alive := s.receiver(nil)
	t.Cleanup(func() { close(release) })
	s.hook("store/cart/*", dead.URL)
	s.hook("store/cart/created", alive.URL)
	const carts = 60
	for range carts {
		s.cart("")
	}
	alive.wait(t, carts)
	if err := s.app.Jobs.RunDue(testkit.Deadline(t, time.Minute)); err != nil {
		t.Error(err)
	}
	if n := len(dead.wait(t, 1)); n > 16 {
		t.Errorf("%d requests hang at the dead receiver", n)
	}
}

// Of one cart a receiver is told in order, and everybody of everything, while
// 64 writers write.
func TestWebhooksUnderLoad(t *testing.T) {
	for engine, database := range map[string]string{"SQLite": testdb.SQLite(t), "PostgreSQL": testdb.PostgreSQL(t)} {
		t.Run(engine, func(t *testing.T) {
			s := newSandboxStreet(t, database, true)
			rec := s.receiver(nil)
			s.hook("store/cart/*", rec.URL)
			const writers, items = 64, 5
			carts := make([]string, 8)
			for i := range carts {
				carts[i] = s.cart("")
			}
			var wg sync.WaitGroup
			for i := range writers {
				wg.Go(func() {
					for range items {
						w := s.send("all", "POST", carts[i%len(carts)]+"/items", `{"custom_items":[{"name":"More","quantity":1,"list_price":1}]}`, nil)
						if w.Code != 201 {
							t.Errorf("add answers %d: %s", w.Code, w.Body)
						}
					}
				})
			}
			wg.Wait()
			want := len(carts)*3 + writers*items*2
			got := rec.wait(t, want)
			byCart := map[string][]callback{}
			seen := map[string]bool{}
			for _, c := range got {
				seen[c.header.Get("Webhook-Id")] = true
				byCart[c.cartOf()] = append(byCart[c.cartOf()], c)
			}
			if len(seen) != want {
				t.Errorf("%d events were told, want %d", len(seen), want)
			}
			for id, calls := range byCart {
				checkOrder(t, s, id, calls)
			}
		})
	}
}

// checkOrder compares what was told of a cart with its journal.
func checkOrder(t *testing.T, s *street, id string, calls []callback) {
	t.Helper()
	want := s.journal(id)
	var got []string
	for _, c := range calls {
		entry := c.Scope
		if line, ok := c.Data["cartId"]; ok && line != nil {
			entry += " " + c.Data["id"].(string)
		}
		got = append(got, entry)
	}
	if !slices.Equal(got, want) {
		t.Errorf("cart %s was told out of order", id)
	}
}

// A receiver that failed a hundred times is left alone for three
// minutes; what happens meanwhile is tried later.
func TestBlockedReceiver(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), true)
	rec := s.receiver(func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	errors := s.receiver(nil)
	s.hook("store/cart/created", rec.URL)
	s.hook("store/hook/deliveryException", errors.URL)
	for range 100 {
		s.cart("")
	}
	rec.wait(t, 100)
	s.until(func() bool {
		return strings.Contains(s.send("all", "GET", "/v3/hooks/admin", "", nil).Body.String(), `"failure_description":"Response status 500","count":100`)
	}, "the receiver is blocked")
	s.do(step{"", "GET", "/v3/hooks/admin", "", 200, []string{`"blocked_domains":[{"destination":"` + rec.URL + `","time_left":1`}})
	s.do(step{"mine", "GET", "/v3/hooks/admin", "", 200, []string{`"blocked_domains":[]`}})
	rec.mu.Lock()
	rec.answer = nil
	rec.mu.Unlock()
	s.cart("") // goes straight to those that are tried again
	s.until(func() bool {
		return strings.Contains(s.send("all", "GET", "/v3/recovery/deliveries?hook_id=1&limit=1", "", nil).Body.String(), `"state":"retrying","attempts":0`)
	}, "the new event is put off")
	if n := len(rec.calls()); n != 100 {
		t.Errorf("%d requests, want none while the receiver is blocked", n)
	}
	s.app.wind(t, "10m")
	s.do(step{"", "GET", "/v3/recovery/deliveries?hook_id=1&state=delivered&limit=1", "", 200, []string{`"total":101`}})
	s.do(step{"", "GET", "/v3/hooks/admin", "", 200, []string{`"blocked_domains":[]`}})
	if !slices.ContainsFunc(errors.calls(), func(c callback) bool { return c.Data["error_code"] == 90003.0 }) {
		t.Error("the exception hook was not told of the block")
	}
}

// until waits until something holds.
func (s *street) until(holds func() bool, what string) {
	s.Helper()
	testkit.Eventually(s, what, holds)
}

// A delivery can be sent again, whatever became of it.
func TestResend(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), true)
	rec := s.receiver(nil)
	hook := s.hook("store/cart/created", rec.URL)
	s.cart("")
	first := rec.wait(t, 1)[0]
	s.until(func() bool {
		return strings.Contains(s.send("all", "GET", "/v3/recovery/deliveries/1", "", nil).Body.String(), `"state":"delivered"`)
	}, "the delivery is settled")
	// It goes where the hook now points to.
	moved := s.receiver(nil)
	s.do(step{"", "PUT", hook, `{"destination":"` + moved.URL + `","headers":{"X-New":"1"}}`, 200, nil})
	s.do(step{"", "POST", "/v3/recovery/deliveries/1/resend", "", 200, []string{`"state":"retrying","attempts":0`}})
	again := moved.wait(t, 1)[0]
	if string(again.body) != string(first.body) || again.header.Get("Webhook-Id") != first.header.Get("Webhook-Id") || again.header.Get("X-New") != "1" {
		t.Errorf("sent again: %s %v", again.body, again.header)
	}
	s.until(func() bool {
		return strings.Contains(s.send("all", "GET", "/v3/recovery/deliveries/1", "", nil).Body.String(), `"state":"delivered","attempts":1`)
	}, "the delivery is settled")
	if w := s.do(step{"", "GET", "/v3/recovery/deliveries/1", "", 200, []string{`"destination":"` + rec.URL, `"destination":"` + moved.URL}}); strings.Count(w.Body.String(), `"status":200`) != 2 {
		t.Errorf("the history: %s", w.Body)
	}
}

// What is due for a hook that was deleted or switched off is dropped.
func TestDeletedHookDropsItsRetries(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), false)
	rec := s.receiver(func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) })
	deleted, off := s.hook("store/cart/created", rec.URL), s.hook("store/cart/updated", rec.URL)
	s.cart("")
	s.app.wind(t, "1s")
	if n := len(rec.calls()); n != 2 {
		t.Fatalf("%d attempts", n)
	}
	s.do(step{"", "DELETE", deleted, "", 200, nil})
	s.do(step{"", "PUT", off, `{"is_active":false}`, 200, nil})
	s.app.wind(t, "2h")
	if n := len(rec.calls()); n != 2 {
		t.Errorf("%d attempts, want no more", n)
	}
	s.do(step{"", "GET", "/v3/recovery/deliveries?state=dropped", "", 200, []string{`"total":2`}})
}

// Two servers share one database: what one writes is sent once, and when one
// of them stops the other goes on.
func TestServersShareDeliveries(t *testing.T) {
	database := testdb.PostgreSQL(t)
	s := newSandboxStreet(t, database, true)
	second, err := Open(t.Context(), Config{Database: database, PublicURL: "http://localhost:8081", Sandbox: true, Log: slog.New(slog.DiscardHandler), machine: s.app.Config.machine})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { second.Webhooks.Run(ctx) })
	rec := s.receiver(nil)
	s.hook("store/cart/created", rec.URL)
	for range 20 {
		s.cart("")
	}
	rec.wait(t, 20)
	cancel()
	running.Wait()
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	for range 5 {
		s.cart("")
	}
	s.until(func() bool { // what the second was cut off from is sent again
		seen := map[string]bool{}
		for _, c := range rec.calls() {
			seen[c.cartOf()] = true
		}
		return len(seen) == 25
	}, "all carts are told of")
}

// A winding answers after what it caused was sent, also by a server that does
// nothing of its own accord.
func TestWindingWaitsForWebhooks(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), false)
	rec := s.receiver(func(int, http.ResponseWriter, *http.Request) { time.Sleep(20 * time.Millisecond) })
	s.hook("store/cart/*", rec.URL)
	for range 5 {
		s.cart("")
	}
	if n := len(rec.calls()); n != 0 {
		t.Fatalf("%d callbacks before anybody sends", n)
	}
	s.app.wind(t, "1s")
	if n := len(rec.calls()); n != 15 {
		t.Errorf("%d callbacks when the winding answered, want 15", n)
	}
}

// journal lists what the journal tells of a cart, as checkOrder writes it.
func (s *street) journal(id string) []string {
	s.Helper()
	entries, err := s.app.DB.Journal(s.Context(), "demo", cart.ID(id))
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, entry := range entries {
		for _, e := range entry.Events {
			told := e.Scope
			if e.Line != "" {
				told += " " + e.Line
			}
			out = append(out, told)
		}
	}
	return out
}
