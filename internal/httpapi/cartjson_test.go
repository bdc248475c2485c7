package httpapi

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/money"
)

func amount(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// TestDiscountsOfACart is spec/01 §7 and §8: the line of the recorded cart that
// two promotions touch, a line with coupons, a gift, and what the API set.
func TestDiscountsOfACart(t *testing.T) {
	promotion := func(id int64, a string, order bool) cart.Cut {
		return cart.Cut{Source: cart.FromPromotion, ID: id, Amount: amount(a), Order: order}
	}
	coupon := func(id int64, a string) cart.Cut {
		return cart.Cut{Source: cart.FromCoupon, ID: id, Code: "C", Amount: amount(a)}
	}
	c := &cart.Cart{ID: "c", Currency: "USD", Created: time.Unix(0, 0).UTC(), Updated: time.Unix(0, 0).UTC(),
		Lines: []cart.Line{
			{ID: "a", Kind: cart.Physical, Quantity: 1, Discount: amount("4"), Shared: amount("3.05"),
				Cuts: []cart.Cut{promotion(1, "3.05", true), promotion(7, "4", false)}},
			{ID: "b", Kind: cart.Physical, Quantity: 1, Discount: amount("2"), Shared: amount("1"), Coupon: amount("6.4"),
				Cuts: []cart.Cut{promotion(1, "2", false), coupon(5, "6"), promotion(1, "1", true), coupon(6, "0.4")}},
			{ID: "g", Kind: cart.Digital, Quantity: 1, AddedBy: 7, Discount: amount("5"), Cuts: []cart.Cut{promotion(7, "5", false)}},
			{ID: "m", Kind: cart.Physical, Quantity: 1, Discount: amount("2.5"), Shared: amount("1"),
				Cuts: []cart.Cut{{Source: cart.FromManual, Amount: amount("2.5")}, {Source: cart.FromManual, Amount: amount("1"), Order: true}}},
			{ID: "u", Kind: cart.Custom, Quantity: 1, Shared: amount("0.5")},
		},
		Coupons: []cart.Applied{{Code: `S"20`, ID: 9, Type: "percentage_discount", DisplayName: "20% Off", Amount: amount("6.4")},
			{Code: "SHIP", ID: 10, Type: "free_shipping", Shipping: amount("7")}},
		Banners: []cart.Banner{{PromotionID: 4, Type: "upsell", Pages: []string{"home_page", "cart_page"}, Text: "<b>More</b>"},
			{PromotionID: 5, Type: "applied", Pages: []string{"checkout_page"}, Text: "Elsewhere"}},
		Totals: cart.Totals{Discount: amount("5.55"), Manual: amount("1.5")},
	}
	var got struct {
		Data struct {
			Manual     json.RawMessage             `json:"manual_discount_amount"`
			Discount   json.RawMessage             `json:"discount_amount"`
			Coupons    json.RawMessage             `json:"coupons"`
			Discounts  json.RawMessage             `json:"discounts"`
			Promotions json.RawMessage             `json:"promotions"`
			Lines      map[string][]map[string]any `json:"line_items"`
		} `json:"data"`
	}
	body := cartJSON{cart: c, include: includes{banners: true}}.appendJSON(nil)
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for name, tc := range map[string]struct{ got, want string }{
		"manual":   {string(got.Data.Manual), `1.5`},
		"discount": {string(got.Data.Discount), `5.55`},
		"coupons": {string(got.Data.Coupons), `[{"id":"9","code":"S\"20","coupon_type":"percentage_discount","discounted_amount":6.4,"display_name":"20% Off"},` +
			`{"id":"10","code":"SHIP","coupon_type":"free_shipping","discounted_amount":7,"display_name":""}]`},
		"discounts": {string(got.Data.Discounts), `[{"id":"a","discounted_amount":7.05},{"id":"b","discounted_amount":9.4},{"id":"g","discounted_amount":5},` +
			`{"id":"m","discounted_amount":3.5},{"id":"u","discounted_amount":0.5}]`},
		"banners": {string(got.Data.Promotions), `{"banners":[{"id":"4","type":"upsell","page":["home_page","cart_page"],"text":"\u003cb\u003eMore\u003c/b\u003e"}]}`},
	} {
		if !sameJSON(t, tc.got, tc.want) {
			t.Errorf("%s = %s", name, tc.got)
		}
	}
	type discount = map[string]any
	want := map[string]struct {
		discounts []any
		coupons   any
		mutable   bool
	}{
		"a": {[]any{discount{"id": 1., "discounted_amount": 3.05}, discount{"id": 7., "discounted_amount": 4.}}, []any{}, true},
		"b": {[]any{discount{"id": 1., "discounted_amount": 3.}, discount{"id": "coupon", "discounted_amount": 6.4}}, 6.4, true},
		"g": {[]any{discount{"id": 7., "discounted_amount": 5.}}, []any{}, false},
		"m": {[]any{discount{"id": "manual-discount", "discounted_amount": 3.5}}, []any{}, true},
	}
	lines := append(got.Data.Lines["physical_items"], got.Data.Lines["digital_items"]...)
	if len(lines) != len(want) {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		w := want[l["id"].(string)]
		if diff := cmp.Diff([]any{w.discounts, w.coupons, w.mutable, !w.mutable}, []any{l["discounts"], l["coupons"], l["is_mutable"], l["added_by_promotion"]}); diff != "" {
			t.Errorf("line %s: %s", l["id"], diff)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}
