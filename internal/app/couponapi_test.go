package app

import (
	"testing"

	"cartwright/internal/promotion"
)

const coupon = `"type":"per_total_discount","amount":"5","applies_to":{"entity":"categories","ids":[0]}`

// TestCoupons is the vendor's V2 resource, from the making of a coupon to its
// removal.
func TestCoupons(t *testing.T) {
	s := newStreet(t)
	const path = "/v2/coupons"
	s.walk(
		step{"", "GET", path, "", 204, nil},
		step{"", "GET", path + "/count", "", 200, []string{`{"count":0}`}},
		step{"reader", "GET", path, "", 403, []string{`[{"status":403`}},
		step{"", "POST", path, `{}`, 400, []string{`[{"status":400,"message":"JSON data is missing or invalid","details":{`,
			`"name":"error.path.missing"`, `"code":"error.path.missing"`, `"type":"error.path.missing"`, `"amount":"error.path.missing"`, `"applies_to":"error.path.missing"`}},
		step{"", "POST", path, `{"name":"$5 off","code":" S2549 JM0Y ",` + coupon + `,"min_purchase":25,"restricted_to":{"countries":"AU, nz"},"shipping_methods":["shipping_endicia"],"max_uses":25}`, 201,
			[]string{`{"id":1,"name":"$5 off","type":"per_total_discount","amount":"5.0000","min_purchase":"25.0000","expires":"","enabled":true,"code":"S2549 JM0Y","applies_to":{"entity":"categories","ids":[0]},"num_uses":0,"max_uses":25,"max_uses_per_customer":0,"restricted_to":{"countries":["AU","NZ"]},"shipping_methods":["shipping_endicia"],"date_created":"`}},
		step{"", "POST", path, `{"name":"Half","code":"half_price-1","type":"percentage_discount","amount":50,"enabled":false,"expires":"Thu, 31 Dec 2037 12:00:00 +0000","applies_to":{"entity":"products","ids":["3",4]}}`, 201,
			[]string{`"id":2`, `"amount":"50.0000"`, `"enabled":false`, `"expires":"Thu, 31 Dec 2037 12:00:00 +0000"`, `"applies_to":{"entity":"products","ids":[3,4]}`, `"restricted_to":{}`, `"shipping_methods":[]`}},

		step{"", "POST", path, `{"name":"$5 off","code":"OTHER",` + coupon + `}`, 409, []string{`[{"status":409,"message":"A coupon with this name exists already."`}},
		step{"", "POST", path, `{"name":"Other","code":"HALF_PRICE-1",` + coupon + `}`, 409, []string{`"code":"This coupon code is in use already."`}},
		step{"", "POST", path, `{"name":"Other","code":"50%",` + coupon + `}`, 400, []string{`"code":"A code can have`}},
		step{"", "POST", path, `{"name":"Other","code":"  ",` + coupon + `}`, 400, []string{`"code":"error.minLength"`}},
		step{"", "POST", path, `{"name":" ","code":"X",` + coupon + `}`, 400, []string{`"name":"error.minLength"`}},
		step{"", "POST", path, `{"name":"X","code":"X","type":"promotion","amount":"5","applies_to":{"entity":"brands","ids":[0]}}`, 400,
			[]string{`"type":"error.expected.validenumvalue"`, `"applies_to.entity":"error.expected.validenumvalue"`}},
		step{"", "POST", path, `{"name":"X","code":"X","type":"percentage_discount","amount":"100.01","applies_to":{"entity":"categories","ids":[0]}}`, 400, []string{`"amount":"error.max"`}},
		step{"", "POST", path, `{"name":"X","code":"X",` + coupon + `,"restricted_to":{"countries":["XX"]}}`, 400, []string{`"restricted_to.countries.0":"error.expected.validenumvalue"`}},
		step{"", "POST", path, `{"name":"X","code":"X",` + coupon + `,"expires":"soon"}`, 400, []string{`"expires":"error.expected.date"`}},

		step{"", "GET", path + "?limit=1&page=2", "", 200, []string{`[{"id":2`}},
		step{"", "GET", path + "?page=2", "", 204, nil},
		step{"", "GET", path + "?code=s2549+jm0y", "", 200, []string{`[{"id":1`, `!"id":2`}},
		step{"", "GET", path + "?name=Half", "", 200, []string{`[{"id":2`}},
		step{"", "GET", path + "?type=percentage_discount", "", 200, []string{`[{"id":2`}},
		step{"", "GET", path + "?exclude_type=percentage_discount", "", 200, []string{`[{"id":1`, `!"id":2`}},
		step{"", "GET", path + "?min_id=2", "", 200, []string{`[{"id":2`}},
		step{"", "GET", path + "?max_id=1", "", 200, []string{`[{"id":1`, `!"id":2`}},
		step{"", "GET", path + "?id=2", "", 200, []string{`[{"id":2`}},
		step{"", "GET", path + "?type=gift", "", 400, []string{`"type":"error.expected.validenumvalue"`}},
		step{"", "GET", path + "/count", "", 200, []string{`{"count":2}`}},
		step{"", "GET", path + "/2", "", 200, []string{`{"id":2`}},

		// What is not sent stays, but for applies_to.
		step{"", "PUT", path + "/2", `{"enabled":true,"id":7,"num_uses":9}`, 200, []string{`{"id":2`, `"enabled":true`, `"code":"half_price-1"`, `"applies_to":{"entity":"categories","ids":[]}`, `"num_uses":0`, `"expires":"Thu, 31 Dec 2037`}},
		step{"", "PUT", path + "/2", `{"expires":"","applies_to":{"entity":"products","ids":[3]}}`, 200, []string{`"expires":""`, `"ids":[3]`}},
		step{"", "PUT", path + "/2", `{"code":"S2549 jm0y"}`, 409, nil},
		step{"", "PUT", path + "/2", `{"name":"$5 off"}`, 409, nil},
		step{"", "PUT", path + "/2", `{"type":"per_item_discount","amount":"-1"}`, 400, []string{`"amount":"error.min"`}},
		step{"", "GET", path + "/2", "", 200, []string{`"type":"percentage_discount"`, `"ids":[3]`}},
		step{"", "PUT", path + "/9", `{}`, 404, []string{`[{"status":404,"message":"The requested resource was not found."}]`}},
		step{"", "GET", path + "/9", "", 404, nil},
		step{"", "DELETE", path + "/9", "", 404, nil},
		step{"", "DELETE", path + "/1", "", 204, nil},
		step{"", "GET", path + "/1", "", 404, nil},
		step{"", "POST", path, `{"name":"$5 off","code":"s2549 JM0Y",` + coupon + `}`, 201, []string{`"id":3`}},
	)
}

// TestCouponsAreRemoved removes some, and then all by asking for nothing in
// particular, which is what the vendor's "Delete All Coupons" does.
func TestCouponsAreRemoved(t *testing.T) {
	s := newStreet(t)
	for _, code := range []string{"A", "B", "C", "D"} {
		s.do(step{"", "POST", "/v2/coupons", `{"name":"` + code + `","code":"` + code + `",` + coupon + `}`, 201, nil})
	}
	s.walk(
		step{"", "DELETE", "/v2/coupons?id:in=1,9", "", 204, nil},
		step{"", "GET", "/v2/coupons/count", "", 200, []string{`{"count":3}`}},
		step{"", "DELETE", "/v2/coupons?id:in=", "", 204, nil},
		step{"", "DELETE", "/v2/coupons?id=2", "", 400, []string{`"id:in":"error.path.missing"`}},
		step{"", "DELETE", "/v2/coupons?id:in=2;", "", 400, nil},
		step{"", "GET", "/v2/coupons/count", "", 200, []string{`{"count":3}`}},
		step{"", "DELETE", "/v2/coupons", "", 204, nil},
		step{"", "GET", "/v2/coupons", "", 204, nil},
	)
}

// TestCodesOfPromotionsAreListedAsCoupons: one of a promotion with one code is,
// those of a promotion with many are not (spec/05 §7.1).
func TestCodesOfPromotionsAreListedAsCoupons(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "POST", "/v3/promotions", `{"name":"Lanterns","redemption_type":"COUPON","rules":[` + tenOff + `]}`, 201, nil},
		step{"", "POST", "/v3/promotions/1/codes", `{"code":"LANTERN10","max_uses":7}`, 201, []string{`"id":1`}},
		step{"", "POST", "/v3/promotions", `{"name":"Many","redemption_type":"COUPON","coupon_type":"BULK","rules":[` + tenOff + `]}`, 201, nil},
		step{"", "POST", "/v3/promotions/2/codes", `{"code":"ONE-OF-MANY"}`, 201, []string{`"id":2`}},
		step{"", "GET", "/v2/coupons", "", 200, []string{
			`[{"id":1,"name":"Lanterns","type":"promotion","amount":"0.0000","min_purchase":"0.0000","expires":"","enabled":true,"code":"LANTERN10","applies_to":{"entity":"categories","ids":[]},"num_uses":0,"max_uses":7,"max_uses_per_customer":0,"restricted_to":[],"shipping_methods":null,"date_created":"`, `!ONE-OF-MANY`}},
		step{"", "GET", "/v2/coupons?name=Lanterns&type=promotion&code=lantern10", "", 200, []string{`"id":1`}},
		step{"", "GET", "/v2/coupons?exclude_type=promotion", "", 204, nil},
		step{"", "GET", "/v2/coupons/count", "", 200, []string{`{"count":1}`}},
		step{"", "GET", "/v2/coupons/2", "", 404, nil},
		step{"", "PUT", "/v2/coupons/1", `{"max_uses":8}`, 400, []string{`[{"status":400,"message":"This coupon is the code of a promotion and is changed with it."}]`}},
		step{"", "POST", "/v2/coupons", `{"name":"X","code":"one-of-many",` + coupon + `}`, 409, nil},
		// The vendor deletes the code and leaves the promotion.
		step{"", "DELETE", "/v2/coupons/1", "", 204, nil},
		step{"", "GET", "/v3/promotions/1/codes", "", 200, []string{`"data":[]`}},
		step{"", "GET", "/v3/promotions/1", "", 200, []string{`"name":"Lanterns"`, `!"codes"`}},
		step{"", "DELETE", "/v2/coupons/2", "", 404, nil},
	)
}

// TestUsesAreShown: what orders redeem shows with coupons, codes and
// promotions, and switches a promotion off at its limit.
func TestUsesAreShown(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "POST", "/v2/coupons", `{"name":"A","code":"A",` + coupon + `}`, 201, []string{`"id":1`}},
		step{"", "POST", "/v3/promotions", `{"name":"Two","redemption_type":"COUPON","max_uses":2,"rules":[` + tenOff + `]}`, 201, []string{`"max_uses":2`}},
		step{"", "POST", "/v3/promotions/1/codes", `{"code":"B"}`, 201, []string{`"id":2`}},
	)
	redeem := func(order int64) {
		t.Helper()
		uses := []promotion.Use{{CouponID: 1}, {PromotionID: 1, CodeID: 2}}
		if err := s.app.DB.Redeem(t.Context(), "demo", uses, promotion.Shopper{Email: "a@shop.example"}, order); err != nil {
			t.Fatal(err)
		}
	}
	redeem(1)
	s.walk(
		step{"", "GET", "/v2/coupons/1", "", 200, []string{`"num_uses":1`}},
		step{"", "GET", "/v2/coupons/2", "", 200, []string{`"num_uses":1`, `"enabled":true`}},
		step{"", "GET", "/v3/promotions/1", "", 200, []string{`"current_uses":1`, `"status":"ENABLED"`}},
	)
	redeem(2)
	s.walk(
		step{"", "GET", "/v3/promotions/1/codes", "", 200, []string{`"current_uses":2`}},
		step{"", "GET", "/v3/promotions?status=DISABLED", "", 200, []string{`"current_uses":2`}},
		step{"", "GET", "/v2/coupons/2", "", 200, []string{`"enabled":false`}},
		step{"", "PUT", "/v3/promotions/1", `{"status":"ENABLED"}`, 200, []string{`"status":"DISABLED"`}},
		step{"", "PUT", "/v3/promotions/1", `{"status":"ENABLED","max_uses":null}`, 200, []string{`"status":"ENABLED"`, `"max_uses":null`, `"current_uses":2`}},
	)
}
