package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
)

// stocked makes a product with this many in stock and returns its id.
func (s *till) stocked(name string, level int64) int64 {
	s.Helper()
	return s.product(fmt.Sprintf(`{"name":%q,"type":"physical","weight":1,"price":10,"inventory_tracking":"product","inventory_level":%d}`, name, level))
}

// begin makes a cart of a product and returns the path of its checkout.
func (s *till) begin(product, quantity int64) string {
	s.Helper()
	w := s.do(step{"", "POST", "/v3/carts", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":%d}]}`, product, quantity), 201, nil})
	var c struct{ Data struct{ ID string } }
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil {
		s.Fatal(err)
	}
	return "/v3/checkouts/" + c.Data.ID
}

// ready makes a cart of two of a product, ready to be ordered, and returns the
// path of its checkout.
func (s *till) ready(product int64) string {
	s.Helper()
	at := s.begin(product, 2)
	s.read("POST", at+"/billing-address", `{`+texas+`}`)
	c := s.consign(at, s.read("GET", at, "").Cart.Lines.Physical[0].ID)
	s.read("PUT", at+"/consignments/"+c.Consignments[0].ID, fmt.Sprintf(`{"shipping_option_id":%q}`, c.Consignments[0].Options[0].ID))
	return at
}

// order makes an order of a checkout and returns its id.
func (s *till) order(at string) int64 {
	s.Helper()
	return number(s.T, s.do(step{"", "POST", at + "/orders", "", 200, nil}).Body.Bytes())
}

func (s *till) stock(product int64) (level int64) {
	s.Helper()
	var p struct {
		Data struct {
			Level int64 `json:"inventory_level"`
		}
	}
	w := s.do(step{"", "GET", fmt.Sprintf("/v3/catalog/products/%d", product), "", 200, nil})
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		s.Fatal(err)
	}
	return p.Data.Level
}

func cartOf(at string) cart.ID { return cart.ID(at[strings.LastIndex(at, "/")+1:]) }

// TestAmountsOfAnOrderAddUp: what an order costs is what its parts cost, less
// what was taken off, whether a code or a promotion took it and from what.
func TestAmountsOfAnOrderAddUp(t *testing.T) {
	two := 2 * money.Unit
	for name, set := range map[string]func(s *till){
		"nothing taken off": func(*till) {},
		"free shipping": func(s *till) {
			s.promote(promotion.Promotion{Rules: []promotion.Rule{{Action: promotion.Action{Shipping: &promotion.Shipping{}}}}})
		},
		"a discount of the order": func(s *till) {
			s.promote(promotion.Promotion{Rules: []promotion.Rule{{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Fixed: &two}}}}}})
		},
	} {
		for code, kind := range map[string]promotion.CouponType{"": "", "OFF": promotion.PerTotal, "SHIP": promotion.ShippingOff} {
			for _, withTax := range []bool{false, true} {
				s := newTill(t)
				s.tax(withTax)
				set(s)
				at := s.ready(s.stocked("Lamp", 5))
				if code != "" {
					s.coupon(promotion.Coupon{Code: code, Type: kind, Amount: 3 * money.Unit})
					s.do(step{"", "POST", at + "/coupons", `{"coupon_code":"` + code + `"}`, 200, nil})
				}
				o := s.amounts(s.order(at))
				suffix, tax := "_ex_tax", o["total_tax"]
				if withTax { // the parts hold it
					suffix, tax = "_inc_tax", 0
				}
				parts := o["subtotal"+suffix] + o["shipping_cost"+suffix] + o["handling_cost"+suffix] + o["wrapping_cost"+suffix] + tax
				if off := o["discount_amount"] + o["coupon_discount"]; parts-off != o["total_inc_tax"] || o["total_tax"] == 0 {
					t.Errorf("%s, code %q, prices with tax %v: %s less %s is not %s", name, code, withTax, parts, off, o["total_inc_tax"])
				}
			}
		}
	}
}

// amounts reads the amounts of an order by their names.
func (s *till) amounts(id int64) map[string]money.Amount {
	s.Helper()
	var shown map[string]any
	w := s.do(step{"orders", "GET", fmt.Sprintf("/v2/orders/%d", id), "", 200, nil})
	if err := json.Unmarshal(w.Body.Bytes(), &shown); err != nil {
		s.Fatal(err)
	}
	out := map[string]money.Amount{}
	for name, v := range shown {
		if text, ok := v.(string); ok {
			if a, err := money.Parse(text); err == nil {
				out[name] = a
			}
		}
	}
	return out
}

// TestACartEndsWell follows a cart with a coupon from its checkout to the order
// that is paid, cancelled and archived, and reads what each step told.
func TestACartEndsWell(t *testing.T) {
	s := newTill(t)
	lamp := s.stocked("Lamp", 5)
	coupon := s.coupon(promotion.Coupon{Code: "SPRING", Type: promotion.Percentage, Amount: 10 * money.Unit, MaxUses: 1})
	at := s.ready(lamp)
	s.walk(step{"", "POST", at + "/coupons", `{"coupon_code":"spring"}`, 200, nil})
	before := s.read("GET", at, "")
	first, second := s.order(at), s.order(at)
	if first != 100 || second != 101 {
		t.Errorf("made the orders %d and %d", first, second)
	}
	if c := s.read("GET", at, ""); c.Version != before.Version {
		t.Errorf("making orders moved the checkout from version %d to %d", before.Version, c.Version)
	}
	s.walk(
		step{"", "GET", at, "", 200, []string{`"order_id":"101"`}},
		step{"", "PUT", at, `{"customer_message":"Ring twice"}`, 200, []string{`"order_id":"101"`}},
		step{"orders", "GET", "/v2/orders/100", "", 200, []string{`"status_id":0`, `"status":"Incomplete"`, `"total_inc_tax":"24.0000"`, `"subtotal_ex_tax":"20.0000"`,
			`"coupon_discount":"2.0000"`, `"shipping_cost_inc_tax":"6.0000"`, `"items_total":2`, `"date_shipped":""`, `"payment_status":""`,
			`"cart_id":"` + string(cartOf(at)) + `"`, `"products":{"url":"http://localhost:8080/stores/demo/v2/orders/100/products","resource":"/orders/100/products"}`,
			`"country":"United States","country_iso2":"US"`, `"street_1":"1 Main Street"`}},
		step{"orders", "PUT", "/v2/orders/100", `{"status_id":11}`, 200, []string{`"status":"Awaiting Fulfillment"`, `"payment_status":"captured"`, `"payment_method":"Manual"`}},
		step{"", "GET", at, "", 404, nil},
		step{"", "GET", strings.Replace(at, "/checkouts/", "/carts/", 1), "", 404, nil},
		step{"", "PUT", "/v2/orders/101", `{"status_id":11}`, 409, []string{`[{"status":409,"message":"Another order of the same cart has been paid."}]`}},
		step{"", "GET", "/v2/orders/101", "", 200, []string{`"status_id":0`}},
		step{"", "GET", "/v2/orders/100/products", "", 200, []string{`"name":"Lamp"`, `"type":"physical"`, `"base_price":"10.0000"`, `"quantity":2`,
			`"applied_discounts":[{"id":"coupon","amount":"2.0000","name":"SPRING","code":"SPRING","target":"product"}]`, `"product_options":[]`}},
		step{"", "GET", "/v2/orders/100/coupons", "", 200, []string{`"code":"SPRING","amount":"10.0000","type":1,"discount":"2.0000"`}},
		step{"", "GET", "/v2/orders/100/shipping_addresses", "", 200, []string{`"zip":"78701"`, `"shipping_method":"By post"`, `"base_cost":"6.0000"`}},
		step{"", "GET", "/v2/orders/count", "", 200, []string{`"count":2`, `{"id":11,"name":"Awaiting Fulfillment"`}},
		step{"", "GET", "/v2/orders?status_id=11", "", 200, []string{`"id":100`, `!"id":101`}},
		step{"", "GET", "/v2/orders?payment_method=Manual", "", 200, []string{`"id":100`, `!"id":101`}},
		step{"", "GET", "/v2/orders?cart_id=nothing", "", 204, nil},
		step{"", "GET", "/v2/orders?sort=name", "", 400, []string{`"details":{"sort"`}},
		step{"", "GET", "/v2/orders?min_date_created=Tue,+13+Mar+2018+16:18:59+%2B0000&sort=id:desc&limit=1", "", 200, []string{`"id":101`, `!"id":100,`}},
	)
	if got := s.stock(lamp); got != 3 {
		t.Errorf("%d lamps are left", got)
	}
	s.walk(
		step{"", "PUT", "/v2/orders/100", `{"status_id":2}`, 200, []string{`"items_shipped":2`, `!"date_shipped":""`}},
		step{"", "PUT", "/v2/orders/100", `{"status_id":5,"staff_notes":"Came back"}`, 200, []string{`"status":"Cancelled"`, `"staff_notes":"Came back"`}},
		step{"", "PUT", "/v2/orders/100", `{"status_id":4}`, 200, []string{`"refunded_amount":"24.0000"`}},
		step{"", "DELETE", "/v2/orders/100", "", 204, nil},
		step{"", "GET", "/v2/orders/100", "", 200, []string{`"is_deleted":true`}},
		step{"", "GET", "/v2/orders?status_id=4", "", 204, nil},
		step{"", "GET", "/v2/orders?is_deleted=true", "", 200, []string{`"id":100`}},
	)
	if got := s.stock(lamp); got != 5 {
		t.Errorf("%d lamps are there once the order was cancelled", got)
	}
	// Uses are not given back.
	if uses, err := s.app.DB.CountUses(t.Context(), "demo", promotion.Use{CouponID: coupon}, promotion.Shopper{}); err != nil || uses.Total != 1 {
		t.Errorf("the coupon was used %d times, %v", uses.Total, err)
	}
	var scopes []string
	journal, err := s.app.DB.OrderJournal(t.Context(), "demo", 100)
	for _, row := range journal {
		for _, e := range row.Events {
			scopes = append(scopes, fmt.Sprintf("%s %d>%d", e.Scope, e.Before, e.After))
		}
	}
	want := []string{"store/order/created 0>0", "store/order/updated 0>0", "store/order/statusUpdated 0>11", "store/order/updated 0>0",
		"store/order/statusUpdated 11>2", "store/order/updated 0>0", "store/order/statusUpdated 2>5", "store/order/updated 0>0",
		"store/order/statusUpdated 5>4", "store/order/archived 0>0"}
	if diff := cmp.Diff(want, scopes); diff != "" || err != nil {
		t.Errorf("the order tells %s %v", diff, err)
	}
	journal, err = s.app.DB.Journal(t.Context(), "demo", cartOf(at))
	last := journal[len(journal)-1].Events
	if diff := cmp.Diff([]event.Event{{Scope: event.CartConverted, Order: 100}}, last); diff != "" || err != nil {
		t.Errorf("the cart tells last %s %v", diff, err)
	}
}

// TestWhatAnOrderNeeds holds spec/05 §1.6: what is missing is said, and nothing
// is made.
func TestWhatAnOrderNeeds(t *testing.T) {
	s := newTill(t)
	at, c := s.open()
	refused := func(title string) {
		t.Helper()
		s.walk(step{"", "POST", at + "/orders", "", 422, []string{title}})
	}
	refused("A billing address for this order is incomplete")
	s.read("POST", at+"/billing-address", `{"email":"ada@shop.example","country_code":"US"}`)
	refused("A shipping address for this order is incomplete")
	s.read("POST", at+"/consignments", fmt.Sprintf(`[{"address":{"email":"ada@shop.example","country_code":"US"},"line_items":[{"item_id":%q,"quantity":2}]}]`, c.Cart.Lines.Physical[0].ID))
	refused("A shipping address for this order is incomplete")
	con := s.read("GET", at+"?include=consignments.available_shipping_options", "").Consignments[0].ID
	update := func(body string) checkoutOf {
		t.Helper()
		return s.read("PUT", at+"/consignments/"+con+"?include=consignments.available_shipping_options", body)
	}
	address := fmt.Sprintf(`"line_items":[{"item_id":%q,"quantity":2}]`, c.Cart.Lines.Physical[0].ID)
	update(`{"address":{` + strings.ReplaceAll(texas, `"postal_code":"78701",`, "") + `},` + address + `}`)
	refused("A shipping address for this order is incomplete")
	options := update(`{"address":{` + texas + `},` + address + `}`).Consignments[0].Options
	refused("A shipping option for this order is missing")
	update(fmt.Sprintf(`{"shipping_option_id":%q}`, options[0].ID))
	s.walk(
		step{"", "POST", at + "/orders", "", 200, []string{`{"data":{"id":100},"meta":{}}`}},
		step{"orders", "POST", at + "/orders", "", 403, nil},
		step{"", "POST", "/v3/checkouts/00000000-0000-4000-8000-000000000000/orders", "", 404, []string{`"detail":"Checkout`}},
	)

	digital := s.begin(s.guide, 1)
	s.walk(step{"", "POST", digital + "/orders", "", 422, nil})
	s.read("POST", digital+"/billing-address", `{"email":"ada@shop.example","country_code":"US"}`)
	if id := s.order(digital); id != 101 {
		t.Errorf("made order %d", id)
	}
	s.walk(step{"", "GET", "/v2/orders/101", "", 200, []string{`"order_is_digital":true`}}, step{"", "GET", "/v2/orders/101/shipping_addresses", "", 204, nil})

	lamp := s.stocked("Lamp", 2)
	gone := s.ready(lamp)
	late := s.order(gone)
	s.walk(
		step{"", "PUT", fmt.Sprintf("/v3/catalog/products/%d", lamp), `{"availability":"disabled"}`, 200, nil},
		step{"", "POST", gone + "/orders", "", 422, []string{`cannot be ordered online`}},
		step{"", "PUT", fmt.Sprintf("/v3/catalog/products/%d", lamp), `{"availability":"available"}`, 200, nil},
		step{"", "PUT", fmt.Sprintf("/v3/catalog/products/%d", lamp), `{"inventory_level":1}`, 200, nil},
		step{"", "POST", gone + "/orders", "", 409, []string{`Lamp is out of stock`}},
		step{"", "PUT", fmt.Sprintf("/v2/orders/%d", late), `{"status_id":10}`, 409, []string{`Lamp is out of stock`}},
		step{"", "GET", gone, "", 200, nil},
		step{"", "DELETE", fmt.Sprintf("/v3/catalog/products/%d", lamp), "", 204, nil},
		step{"", "POST", gone + "/orders", "", 409, []string{`Lamp is not sold any more`}},
		step{"", "PUT", fmt.Sprintf("/v2/orders/%d", late), `{"status_id":10}`, 409, []string{`Lamp is not sold any more`}},
	)
}

// TestMovesOfAnOrder holds which changes of status mean something.
func TestMovesOfAnOrder(t *testing.T) {
	s := newTill(t)
	put := func(id int64, body string, status int, parts ...string) step {
		return step{"", "PUT", fmt.Sprintf("/v2/orders/%d", id), body, status, parts}
	}
	a, b, c := s.order(s.ready(s.mug)), s.order(s.ready(s.mug)), s.order(s.ready(s.mug))
	s.walk(
		put(a, `{"status_id":7}`, 400, `"payment_method":"must be manual"`),
		put(a, `{"status_id":4}`, 400, "never paid"),
		put(a, `{"status_id":15}`, 400, `"status_id":"error.max"`),
		put(a, `{"status_id":"x"}`, 400, `"status_id":"error.expected.jsnumber"`),
		put(a, `{"staff_notes":"later"}`, 200, `"status_id":0`),
		put(a, `{"status_id":7,"payment_method":"Manual"}`, 200, `"status":"Awaiting Payment"`, `"payment_status":"pending"`),
		put(a, `{"status_id":0}`, 400, "cannot become incomplete"),
		put(a, `{"status_id":11}`, 200, `"payment_status":"captured"`),
		put(a, `{"status_id":14}`, 200, `"payment_status":"partially refunded"`),
		put(b, `{"status_id":5}`, 200, `"status":"Cancelled"`),
		put(b, `{"status_id":11}`, 409, "Cancelled before it was paid"),
		put(c, `{"status_id":1,"payment_method":"manual"}`, 200, `"status":"Pending"`),
		put(999, `{"status_id":1}`, 404),
		step{"", "GET", "/v2/orders/x", "", 404, []string{`[{"status":404,"message":"The requested resource was not found."}]`}},
		step{"reader", "GET", "/v2/orders", "", 403, nil},
		step{"", "GET", "/v2/order_statuses/0", "", 200, []string{`"name":"Incomplete"`}},
		step{"", "GET", "/v2/order_statuses/15", "", 404, nil},
	)
	var statuses []struct{ ID int64 }
	if err := json.Unmarshal(s.do(step{"orders", "GET", "/v2/order_statuses", "", 200, nil}).Body.Bytes(), &statuses); err != nil || len(statuses) != 15 {
		t.Errorf("%d statuses, %v", len(statuses), err)
	}
}

// TestOrdersMadeOnce holds that a repeated request with an Idempotency-Key makes
// one order.
func TestOrdersMadeOnce(t *testing.T) {
	s := newTill(t)
	at := s.ready(s.mug)
	key := http.Header{"Idempotency-Key": {"order-1"}}
	for range 3 {
		if w := s.send("all", "POST", at+"/orders", "", key); w.Code != 200 || w.Body.String() != `{"data":{"id":100},"meta":{}}` {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if id := s.order(at); id != 101 {
		t.Errorf("the next order is %d", id)
	}
}

// TestOneCartOneOrder holds that 20 shoppers' clicks on "place order" of one
// cart make one order, and that of 20 orders made over the API one is paid.
func TestOneCartOneOrder(t *testing.T) {
	s := newTill(t)
	lamp := s.stocked("Lamp", 100)
	at := s.ready(lamp)
	c, err := s.app.Carts.Get(t.Context(), "demo", cartOf(at))
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.app.Orders.Quote(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var placed sync.Map
	together(20, func(int) {
		o, err := s.app.Orders.Place(context.Background(), "demo", c.ID, order.Placement{Version: c.Version, Total: q.Total, Due: q.Due, Method: order.Manual})
		if err != nil {
			t.Errorf("place: %v", err)
			return
		}
		placed.Store(o.ID, true)
	})
	n := 0
	placed.Range(func(any, any) bool { n++; return true })
	if got := s.stock(lamp); n != 1 || got != 98 {
		t.Errorf("one cart became %d orders, %d lamps are left", n, got)
	}

	at = s.ready(lamp)
	ids := make([]int64, 20)
	for i := range ids {
		ids[i] = s.order(at)
	}
	var paid, refused sync.Map
	together(len(ids), func(i int) {
		switch w := s.send("orders", "PUT", fmt.Sprintf("/v2/orders/%d", ids[i]), `{"status_id":11}`, nil); w.Code {
		case http.StatusOK:
			paid.Store(ids[i], true)
		case http.StatusConflict:
			refused.Store(ids[i], true)
		default:
			t.Errorf("paying order %d answers %d: %s", ids[i], w.Code, w.Body)
		}
	})
	n = 0
	paid.Range(func(any, any) bool { n++; return true })
	if got := s.stock(lamp); n != 1 || got != 96 {
		t.Errorf("%d orders of one cart were paid, %d lamps are left", n, got)
	}
}

// together calls f n times at once.
func together(n int, f func(int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}
