package app

import (
	"fmt"
	"strings"
	"testing"
)

const tenOff = `{"action":{"cart_value":{"discount":{"percentage_amount":"10"}}}}`

// TestPromotions makes a promotion with everything that it may have, and reads
// it as the vendor shows it.
func TestPromotions(t *testing.T) {
	s := newStreet(t)
	rule := `{"action":{"cart_items":{"discount":{"fixed_amount":"2.50"},"items":{"and":[{"brands":[37]},{"not":{"product_option":{"type":"string_match","name":"Color","values":["Red"]}}}]},"quantity":2,"as_total":true,"strategy":"MOST_EXPENSIVE_ONLY","maximum_allowed_discount_amount":20}},` +
		`"apply_once":false,"stop":false,"condition":{"or":[{"cart":{"items":{"categories":["5",6]},"minimum_quantity":3,"minimum_spend":100}},{"not":{"cart":{"minimum_spend":"0.5"}}}]}}`
	s.walk(
		step{"", "GET", "/v3/promotions", "", 200, []string{`{"data":[],"meta":{"pagination":{"total":0,`}},
		step{"", "POST", "/v3/promotions", `{"name":"Lamps","display_name":"Lamps for less","redemption_type":"AUTOMATIC","channels":[{"id":1}],"customer":{"excluded_group_ids":[0],"minimum_order_count":2,"segments":{"id":["ccec121a"]}},` +
			`"rules":[` + rule + `],"max_uses":10,"status":"DISABLED","start_date":"2026-01-30T01:02:03.500Z","end_date":"2036-01-30T01:02:03+02:00","stop":true,"can_be_used_with_other_promotions":false,"currency_code":"usd",` +
			`"notifications":[{"type":"UPSELL","content":"Almost","locations":["CART_PAGE","HOME_PAGE"]}],"shipping_address":{"countries":[{"iso2_country_code":"us"}]},` +
			`"schedule":{"week_frequency":2,"week_days":["Monday"],"daily_start_time":"01:20:00","daily_end_time":"23:59:00"},"priority":3}`, 201,
			[]string{`{"data":{"id":1,"redemption_type":"AUTOMATIC","name":"Lamps","display_name":"Lamps for less","created_from":"api","channels":[{"id":1}],"customer":{"group_ids":[],"minimum_order_count":2,"excluded_group_ids":[0],"segments":{"id":["ccec121a"]}},`,
				`"rules":[{"action":{"cart_items":{"discount":{"fixed_amount":"2.5"},"maximum_allowed_discount_amount":"20","as_total":true,"items":{"and":[{"brands":[37]},{"not":{"product_option":{"type":"string_match","name":"Color","values":["Red"]}}}]},"include_items_considered_by_condition":false,"exclude_items_on_sale":false,"strategy":"MOST_EXPENSIVE_ONLY","quantity":2,"add_free_item":false}},`,
				`"apply_once":false,"stop":false,"condition":{"or":[{"cart":{"items":{"categories":[5,6]},"minimum_spend":"100","minimum_quantity":3}},{"not":{"cart":{"minimum_spend":"0.5"}}}]}}]`,
				`"current_uses":0,"max_uses":10,"status":"DISABLED","start_date":"2026-01-30T01:02:03+00:00","end_date":"2036-01-29T23:02:03+00:00","stop":true,"can_be_used_with_other_promotions":false,"currency_code":"USD",`,
				`"notifications":[{"content":"Almost","type":"UPSELL","locations":["CART_PAGE","HOME_PAGE"]}],"shipping_address":{"countries":[{"iso2_country_code":"US"}]},"schedule":{"week_frequency":2,"week_days":["Monday"],"daily_start_time":"01:20:00","daily_end_time":"23:59:00"},"priority":3},"meta":{}}`}},

		// Defaults.
		step{"", "POST", "/v3/promotions", `{"name":"Plain","redemption_type":"COUPON","rules":[{"action":{"fixed_price_set":{"quantity":3,"fixed_price":0}},"condition":null},{"action":{"shipping":{"free_shipping":true,"zone_ids":"*"}}},{"action":{"shipping":{"zone_ids":[1,3]}}}]}`, 201,
			[]string{`"customer":{"group_ids":[],"minimum_order_count":0,"excluded_group_ids":[],"segments":null}`, `"channels":[]`,
				`{"action":{"fixed_price_set":{"quantity":3,"fixed_price":"0","strategy":"LEAST_EXPENSIVE","exclude_items_on_sale":false,"include_items_considered_by_condition":true}},"apply_once":true,"stop":true}`,
				`"shipping":{"free_shipping":true,"zone_ids":"*"}`, `"zone_ids":[1,3]`, `"max_uses":null,"status":"ENABLED","start_date":"2`, `"end_date":null,"stop":false,"can_be_used_with_other_promotions":true,"currency_code":"USD","notifications":[],"shipping_address":null,"schedule":null,"priority":0,"coupon_type":"SINGLE","multiple_codes":{"has_multiple_codes":false},"coupon_overrides_other_promotions":false,`}},

		// What is not sent stays; null takes away.
		step{"", "PUT", "/v3/promotions/1", `{"name":"Lamps!","end_date":null,"schedule":null,"max_uses":0,"shipping_address":null,"display_name":null,"customer":{"group_ids":[1]}}`, 200,
			[]string{`"name":"Lamps!","display_name":""`, `"end_date":null`, `"schedule":null`, `"max_uses":null`, `"shipping_address":null`, `"customer":{"group_ids":[1],"minimum_order_count":0,"excluded_group_ids":[]`, `"minimum_quantity":3`, `"priority":3`}},
		step{"", "PUT", "/v3/promotions/1", `{"redemption_type":"COUPON","coupon_type":"BULK"}`, 422, []string{`"redemption_type":"The redemption type cannot be changed."`, `"coupon_type":"The coupon type`}},
		step{"", "PUT", "/v3/promotions/1", `{"redemption_type":"AUTOMATIC","status":"INVALID"}`, 200, []string{`"status":"DISABLED"`}},
		step{"", "PUT", "/v3/promotions/9", `{}`, 404, []string{`{"status":404,"title":"The resource at that URL is not found.","type":"https://developer`}},
		step{"", "GET", "/v3/promotions/9", "", 404, nil},
		step{"", "GET", "/v3/promotions/1", "", 200, []string{`"name":"Lamps!"`}},
		step{"reader", "GET", "/v3/promotions/1", "", 403, nil},
		step{"", "DELETE", "/v3/promotions/9", "", 204, nil},
		step{"", "DELETE", "/v3/promotions/1", "", 204, nil},
		step{"", "GET", "/v3/promotions/1", "", 404, nil},
	)
}

// TestPromotionsAreChecked names what is wrong by its path.
func TestPromotionsAreChecked(t *testing.T) {
	s := newStreet(t)
	body := func(rules, more string) string {
		return `{"name":"X","redemption_type":"AUTOMATIC","rules":[` + rules + `]` + more + `}`
	}
	action := func(a string) string { return body(`{"action":{`+a+`}}`, "") }
	items := func(m string) string {
		return action(`"cart_items":{"discount":{"percentage_amount":5},"items":` + m + `}`)
	}
	for _, tc := range []struct{ body, path, message string }{
		{`{}`, "redemption_type", "error.path.missing"},
		{`{}`, "rules", "error.path.missing"},
		{`{"name":"X","redemption_type":"automatic","rules":[` + tenOff + `]}`, "redemption_type", "error.expected.validenumvalue"},
		{body("", ""), "rules", "error.minLength"},
		{body("null", ""), "rules.0", "error.path.missing"},
		{body("{}", ""), "rules.0.action", "error.path.missing"},
		{action(""), "rules.0.action", "error.path.missing"},
		{action(`"cart_value":{"discount":{"percentage_amount":5}},"shipping":{"zone_ids":"*"}`), "rules.0.action", "Only one"},
		{action(`"cart_value":{"discount":{}}`), "rules.0.action.cart_value.discount", "error.path.missing"},
		{action(`"cart_value":{"discount":{"percentage_amount":5,"fixed_amount":5}}`), "rules.0.action.cart_value.discount", "Only one"},
		{action(`"cart_value":{"discount":{"percentage_amount":"100.1"}}`), "rules.0.action.cart_value.discount.percentage_amount", "error.max"},
		{action(`"cart_value":{"discount":{"fixed_amount":"0"}}`), "rules.0.action.cart_value.discount.fixed_amount", "error.min"},
		{action(`"cart_value":{"discount":{"fixed_amount":"ten"}}`), "rules.0.action.cart_value.discount.fixed_amount", "error.expected.jsnumber"},
		{action(`"cart_value":{"discount":{"fixed_amount":5},"maximum_allowed_discount_amount":"10000000.01"}`), "rules.0.action.cart_value.maximum_allowed_discount_amount", "error.max"},
		{action(`"cart_items":{"discount":{"fixed_amount":5},"strategy":"CHEAP"}`), "rules.0.action.cart_items.strategy", "error.expected.validenumvalue"},
		{action(`"fixed_price_set":{"quantity":0,"fixed_price":5}`), "rules.0.action.fixed_price_set.quantity", "error.min"},
		{action(`"gift_item":{"quantity":1}`), "rules.0.action.gift_item.product_id", "error.path.missing"},
		{action(`"gift_item":{"quantity":1,"product_id":99}`), "rules.0.action.gift_item.product_id", "Product 99 does not exist"},
		{action(`"gift_item":{"quantity":1,"variant_id":99}`), "rules.0.action.gift_item.variant_id", "Variant 99 does not exist"},
		{action(`"shipping":{"free_shipping":false,"zone_ids":"*"}`), "rules.0.action.shipping.free_shipping", "error.expected.validenumvalue"},
		{action(`"shipping":{"zone_ids":[]}`), "rules.0.action.shipping.zone_ids", "error.minLength"},
		{action(`"shipping_discount":{"method_ids":"*","discount":{"fixed_amount":5}}`), "rules.0.action.shipping_discount", "not supported"},
		{items(`{}`), "rules.0.action.cart_items.items", "error.path.missing"},
		{items(`{"brands":[1],"products":[1]}`), "rules.0.action.cart_items.items", "Only one"},
		{items(`{"brands":[]}`), "rules.0.action.cart_items.items.brands", "error.minLength"},
		{items(`{"or":[]}`), "rules.0.action.cart_items.items.or", "error.minLength"},
		{items(`{"or":[{"variants":["x"]}]}`), "rules.0.action.cart_items.items.or.0.variants.0", "error.expected.jsnumber"},
		{items(`{"product_option":{"name":"Color","values":["Red"]}}`), "rules.0.action.cart_items.items.product_option.type", "error.path.missing"},
		{items(`{"product_custom_field":{"name":"x","values":[]}}`), "rules.0.action.cart_items.items.product_custom_field.values", "error.minLength"},
		{items(strings.Repeat(`{"not":`, 8) + `{"brands":[1]}` + strings.Repeat(`}`, 8)), "rules.0.action.cart_items.items" + strings.Repeat(".not", 8), "error.maxDepth"},
		{body(`{"action":{"shipping":{"zone_ids":"*"}},"condition":{"cart":{"items":{"brands":[1]}}}}`, ""), "rules.0.condition.cart.minimum_quantity", "error.path.missing"},
		{body(`{"action":{"shipping":{"zone_ids":"*"}},"condition":{"and":[],"cart":{}}}`, ""), "rules.0.condition", "Only one"},
		{body(tenOff, `,"status":"INVALID"`), "status", "error.expected.validenumvalue"},
		{body(tenOff, `,"channels":[{"id":1},{"id":7}]`), "channels.1.id", "Channel 7 does not exist"},
		{body(tenOff, `,"customer":{"group_ids":[1],"excluded_group_ids":[2]}`), "customer.excluded_group_ids", "Only one"},
		{body(tenOff, `,"customer":{"segments":{"not":{"id":["a"]}}}`), "customer.segments.id", "error.path.missing"},
		{body(tenOff, `,"start_date":"2026-03-04","end_date":"2026-03-04"`), "end_date", "after the start"},
		{body(tenOff, `,"start_date":"yesterday"`), "start_date", "error.expected.date"},
		{body(tenOff, `,"currency_code":"EUR"`), "currency_code", "error.expected.validenumvalue"},
		{body(`{"action":{"cart_value":{"discount":{"fixed_amount":5}}}}`, `,"currency_code":"*"`), "rules.0.action.cart_value.discount.fixed_amount", "percentages"},
		{body(tenOff, `,"notifications":[{"type":"POPUP","content":"x","locations":["CART"]}]`), "notifications.0.type", "error.expected.validenumvalue"},
		{body(tenOff, `,"notifications":[{"type":"UPSELL","content":"x","locations":["CART"]}]`), "notifications.0.locations.0", "error.expected.validenumvalue"},
		{body(tenOff, `,"shipping_address":{"countries":[{"iso2_country_code":"XX"}]}`), "shipping_address.countries.0.iso2_country_code", "error.expected.validenumvalue"},
		{body(tenOff, `,"shipping_address":{"not":{"countries":[]}}`), "shipping_address.countries", "error.path.missing"},
		{body(tenOff, `,"schedule":{"week_frequency":1,"week_days":["Monday"],"daily_start_time":"12:00:00","daily_end_time":"08:00:00"}`), "schedule.daily_end_time", "later in the day"},
		{body(tenOff, `,"schedule":{"week_frequency":1,"week_days":["Mon"],"daily_start_time":"25:00:00","daily_end_time":"26:00:00"}`), "schedule.week_days.0", "error.expected.validenumvalue"},
		{body(tenOff, `,"coupon_type":"SINGLE"`), "coupon_type", "redeemed by coupon"},
		{body(tenOff, `,"can_be_used_with_other_promotions":false,"coupon_overrides_other_promotions":true`), "coupon_overrides_other_promotions", "redeemed by coupon"},
		{`{"name":"X","redemption_type":"COUPON","rules":[` + tenOff + `],"coupon_overrides_other_promotions":true}`, "coupon_overrides_other_promotions", "cannot be used with other"},
		{`{"name":"X","redemption_type":"COUPON","rules":[` + tenOff + `],"coupon_overrides_automatic_when_offering_higher_discounts":true}`, "coupon_overrides_automatic_when_offering_higher_discounts", "cannot be used with other"},
	} {
		s.do(step{"", "POST", "/v3/promotions", tc.body, 422, []string{`"title":"JSON data is missing or invalid"`, `"` + tc.path + `":"`, tc.message}})
	}
	s.walk(
		step{"", "GET", "/v3/promotions", "", 200, []string{`"data":[]`}},
		step{"", "POST", "/v3/promotions", `{"name":"X","redemption_type":"COUPON","rules":[` + tenOff + `],"coupon_overrides_other_promotions":true,"can_be_used_with_other_promotions":false}`, 201, nil},
		step{"", "PUT", "/v3/promotions/1", `{"can_be_used_with_other_promotions":true}`, 422, []string{`"coupon_overrides_other_promotions"`}},
		step{"", "POST", "/v3/promotions", body(`{"action":{"cart_items":{"discount":{"percentage_amount":5},"items":{"product_custom_field":{"name":"x","values":["y"]}}}}}`, `,"currency_code":"*"`), 201, []string{`"currency_code":"*"`, `{"product_custom_field":{"name":"x","values":["y"]}}`}},
	)
}

// TestPromotionList finds promotions by every filter, and sorts them.
func TestPromotionList(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "POST", "/v2/currencies", euro, 200, nil},
		step{"", "POST", "/v3/channels", `{"name":"POS","type":"pos","platform":"vend","status":"active"}`, 200, []string{`"id":2`}},
		step{"", "POST", "/v3/promotions", `{"name":"Beta","redemption_type":"AUTOMATIC","priority":2,"start_date":"2026-03-03T00:00:00+00:00","rules":[` + tenOff + `]}`, 201, nil},
		step{"", "POST", "/v3/promotions", `{"name":"alpha","redemption_type":"COUPON","priority":1,"currency_code":"EUR","channels":[{"id":2}],"start_date":"2026-03-02T00:00:00+00:00","rules":[` + tenOff + `]}`, 201, nil},
		step{"", "POST", "/v3/promotions", `{"name":"Gamma","redemption_type":"COUPON","coupon_type":"BULK","status":"DISABLED","start_date":"2026-03-01T00:00:00+00:00","rules":[` + tenOff + `]}`, 201, []string{`"coupon_type":"BULK","multiple_codes":{"has_multiple_codes":true}`}},
		step{"", "POST", "/v3/promotions/2/codes", `{"code":"Lantern 10"}`, 201, nil},
		step{"", "POST", "/v3/promotions/3/codes", `{"code":"BETA-1"}`, 201, nil},
	)
	for query, want := range map[string]string{
		"": "1 2 3", "?id=2": "2", "?name=ALPHA": "2", "?name=alp": "", "?code=lantern+10": "2", "?code=lantern": "",
		"?query=beta": "1 3", "?query=LANTERN": "2", "?currency_code=eur": "2", "?redemption_type=coupon": "2 3", "?redemption_type=automatic": "1",
		"?status=ENABLED": "1 2", "?status=DISABLED": "3", "?status=INVALID": "", "?channels=1": "1 3", "?channels=1,2": "1 2 3", "?channels=9": "1 3",
		"?sort=name": "2 1 3", "?sort=name&direction=desc": "3 1 2", "?sort=priority": "3 2 1", "?sort=start_date": "3 2 1", "?direction=desc": "3 2 1",
		"?limit=2&page=2": "3", "?limit=2&page=3": "",
	} {
		w := s.do(step{"", "GET", "/v3/promotions" + query, "", 200, nil})
		var ids []string
		for _, part := range strings.Split(w.Body.String(), `{"id":`)[1:] {
			if id, rest, _ := strings.Cut(part, ","); strings.HasPrefix(rest, `"redemption_type"`) {
				ids = append(ids, id)
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	s.walk(
		step{"", "GET", "/v3/promotions?id=2", "", 200, []string{`"codes":{"id":1,"code":"Lantern 10","max_uses":0,"max_uses_per_customer":0,"current_uses":0,"created":"`}},
		step{"", "GET", "/v3/promotions?sort=size", "", 422, []string{`"sort":"error.expected.validenumvalue"`}},
		step{"", "GET", "/v3/promotions?limit=251", "", 422, nil},
		// A promotion whose only channel goes becomes invalid, and is read as it was.
		step{"", "PUT", "/v3/channels/2", `{"status":"deleted"}`, 200, nil},
		step{"", "GET", "/v3/promotions?status=INVALID", "", 200, []string{`"id":2`, `"status":"INVALID"`, `!"id":1,"redemption`}},
		step{"", "PUT", "/v3/promotions/2", `{"priority":4}`, 200, []string{`"priority":4`, `"status":"INVALID"`}},
		step{"", "PUT", "/v3/promotions/2", `{"channels":[]}`, 200, []string{`"status":"ENABLED"`}},
	)
}

// TestPromotionCodes gives promotions codes: one, or many.
func TestPromotionCodes(t *testing.T) {
	s := newStreet(t)
	make := func(redemption, more string) step {
		return step{"", "POST", "/v3/promotions", `{"name":"X","redemption_type":"` + redemption + `","rules":[` + tenOff + `]` + more + `}`, 201, nil}
	}
	s.walk(
		make("AUTOMATIC", ""), make("COUPON", ""), make("COUPON", `,"coupon_type":"BULK"`),
		step{"", "POST", "/v3/promotions/2/codes", `{"code":" Lantern 10 ","max_uses":10,"max_uses_per_customer":5}`, 201,
			[]string{`{"data":{"id":1,"code":"Lantern 10","max_uses":10,"max_uses_per_customer":5,"current_uses":0,"created":"2`, `+00:00"},"meta":{}}`}},
		step{"", "POST", "/v3/promotions/2/codes", `{"code":"SECOND"}`, 422, []string{`"title":"A promotion with coupon_type SINGLE can have one code, and has it already."`}},
		step{"", "POST", "/v3/promotions/1/codes", `{"code":"AUTO"}`, 422, []string{`Only a promotion that is redeemed by coupon can have codes.`}},
		step{"", "POST", "/v3/promotions/9/codes", `{"code":"NONE"}`, 404, nil},
		step{"", "POST", "/v3/promotions/3/codes", `{"code":"LANTERN 10"}`, 409, []string{`{"status":409,"title":"This coupon code is in use already."`}},
		step{"", "POST", "/v3/promotions/3/codes", `{"code":"A/B"}`, 422, []string{`"code":"A code can have`}},
		step{"", "POST", "/v3/promotions/3/codes", `{"max_uses":-1}`, 422, []string{`"code":"error.path.missing"`, `"max_uses":"error.min"`}},
		step{"", "POST", "/v3/promotions/3/codes", `{"code":"` + strings.Repeat("x", 51) + `"}`, 422, []string{`"code":"error.maxLength"`}},
		step{"", "POST", "/v3/promotions/3/codes", `{"code":"A"}`, 201, []string{`"id":2`}},
		step{"", "POST", "/v3/promotions/3/codegen", `{"batch_size":3}`, 201, []string{`{"data":{"max_uses":1,"max_uses_per_customer":1,"created":"2`, `"batch_size":3,"codes":[{"code":"`}},
		step{"", "POST", "/v3/promotions/3/codegen", `{"batch_size":251}`, 422, []string{`"batch_size":"error.max"`}},
		step{"", "POST", "/v3/promotions/2/codegen", `{"batch_size":1}`, 405, []string{`"status":405`, `coupon_type BULK`}},
		step{"", "POST", "/v3/promotions/9/codegen", `{"batch_size":1}`, 404, nil},

		step{"", "GET", "/v3/promotions/3/codes?limit=2", "", 200, []string{`"data":[{"id":2,`, `{"id":3,`, `"total":4`, `"end_cursor":"aWQ6Mw=="`}},
		step{"", "GET", "/v3/promotions/3/codes?limit=2&after=aWQ6Mw==", "", 200, []string{`"data":[{"id":4,`, `{"id":5,`, `!"pagination":{`}},
		step{"", "GET", "/v3/promotions/3/codes?code=a", "", 200, []string{`"data":[{"id":2,`, `!"id":3`}},
		step{"", "GET", "/v3/promotions/9/codes", "", 404, nil},
		step{"", "GET", "/v3/promotions/codes?code=lantern+10", "", 200, []string{`"data":[{"id":1,`}},
		step{"", "GET", "/v3/promotions/codes?code=nobody", "", 200, []string{`"data":[]`}},
		step{"", "GET", "/v3/promotions/codes", "", 422, []string{`"code":"error.path.missing"`}},

		// A promotion goes after its codes.
		step{"", "DELETE", "/v3/promotions/3", "", 422, []string{`"title":"The promotion still has coupon codes. Delete them first."`}},
		step{"", "DELETE", "/v3/promotions?id:in=1,2,9", "", 422, []string{`{"errors":[{"status":422,"title":"Errors occurred in bulk delete action.","type":"https://developer`,
			`"errors":{"1.code":"Failed for id=2. Error: some relating codes are still present."}}],"meta":{"total":3,"success":2,"failed":1}}`}},
		step{"", "GET", "/v3/promotions/1", "", 404, nil},
		step{"", "DELETE", "/v3/promotions", "", 422, []string{`"id:in":"error.path.missing"`}},
		step{"", "DELETE", "/v3/promotions?id:in=" + strings.Repeat("1,", 51), "", 422, []string{`"id:in":"error.maxLength"`}},
		step{"", "DELETE", "/v3/promotions/codes?code=LANTERN+10", "", 204, nil},
		step{"", "DELETE", "/v3/promotions/codes?code=LANTERN+10", "", 204, nil},
		step{"", "DELETE", "/v3/promotions?id:in=2", "", 204, nil},
		step{"", "DELETE", "/v3/promotions/2/codes/2", "", 204, nil}, // another promotion's
		step{"", "DELETE", "/v3/promotions/3/codes/2", "", 204, nil},
		step{"", "DELETE", "/v3/promotions/3/codes", "", 422, nil},
		step{"", "DELETE", "/v3/promotions/3/codes?id:in=3,4,99", "", 204, nil},
		step{"", "GET", "/v3/promotions/3/codes", "", 200, []string{`"data":[{"id":5,`, `"total":1`}},
	)
}

// TestPromotionSettings are bare objects; all four are needed.
func TestPromotionSettings(t *testing.T) {
	s := newStreet(t)
	const path = "/v3/promotions/settings"
	body := func(coupons string) string {
		return fmt.Sprintf(`{"promotions_apply_on_products_with_custom_product_price":true,"promotions_triggered_by_products_with_zero_product_price":true,"number_of_coupons_allowed_at_checkout":%s,"promotions_applied_on_original_product_price":false}`, coupons)
	}
	s.walk(
		step{"", "GET", path, "", 200, []string{`{"promotions_apply_on_products_with_custom_product_price":false,"promotions_triggered_by_products_with_zero_product_price":false,"number_of_coupons_allowed_at_checkout":1,"promotions_applied_on_original_product_price":true}`}},
		step{"", "PUT", path, body("5"), 200, []string{body("5")}},
		step{"", "GET", path, "", 200, []string{body("5")}},
		step{"", "PUT", path, body("6"), 422, []string{`"number_of_coupons_allowed_at_checkout":"error.max"`}},
		step{"", "PUT", path, `{"number_of_coupons_allowed_at_checkout":2}`, 422, []string{`"promotions_applied_on_original_product_price":"error.path.missing"`}},
		step{"reader", "PUT", path, body("1"), 403, nil},
		step{"", "GET", path, "", 200, []string{body("5")}},
	)
}
