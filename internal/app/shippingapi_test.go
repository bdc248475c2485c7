package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestShippingZones is the life of zones and methods over the API.
func TestShippingZones(t *testing.T) {
	s := newStreet(t)
	const free = `"free_shipping":{"enabled":false,"minimum_sub_total":"0.0000","exclude_fixed_shipping_products":false}`
	const none = `"handling_fees":{"fixed_surcharge":"0","display_separately":true}`
	s.walk(
		step{"", "GET", "/v2/shipping/zones", "", 200, []string{`[{"id":1,"name":"Everywhere","type":"global","locations":[],` + free + `,` + none + `,"enabled":true}]`}},
		step{"", "GET", "/v2/shipping/zones/1/methods", "", 200, []string{`[{"id":1,"name":"Free Shipping","type":"freeshipping","settings":{},"enabled":true,"handling_fees":{"fixed_surcharge":"0"},"is_fallback":false,"channel_ids":[1]}]`}},
		step{"", "POST", "/v2/shipping/zones", `{"name":"Carolina","type":"state","locations":[{"country_iso2":"us","state_iso2":"sc"},{"country_iso2":"US","state_iso2":"NC"}],"color":"blue"}`, 201,
			[]string{`{"id":2,"name":"Carolina","type":"state","locations":[{"id":1,"country_iso2":"US","state_iso2":"SC"},{"id":2,"country_iso2":"US","state_iso2":"NC"}],` + free}},
		step{"", "PUT", "/v2/shipping/zones/2", `{"name":"North","locations":[{"id":1,"country_iso2":"US","state_iso2":"NC"}],"free_shipping":{"enabled":true,"minimum_sub_total":50},"handling_fees":{"percentage_surcharge":"5.5","display_separately":false}}`, 200,
			[]string{`"name":"North","type":"state","locations":[{"id":3,"country_iso2":"US","state_iso2":"NC"}],"free_shipping":{"enabled":true,"minimum_sub_total":"50.0000"`, `"handling_fees":{"percentage_surcharge":"5.5","display_separately":false}`}},
		step{"", "POST", "/v2/shipping/zones/2/methods", `{"name":"Post","type":"perorder","settings":{"rate":7.5},"handling_fees":{"fixed_surcharge":"1"}}`, 200,
			[]string{`{"id":2,"name":"Post","type":"perorder","settings":{"rate":7.5},"enabled":true,"handling_fees":{"fixed_surcharge":"1"},"is_fallback":false,"channel_ids":[1]}`}},
		step{"", "POST", "/v2/shipping/zones/2/methods", `{"name":"Parcel","type":"weight","settings":{"default_cost":null,"default_cost_type":"fixed_amount","range":[{"lower_limit":0,"upper_limit":20,"shipping_cost":8}]}}`, 200,
			[]string{`"settings":{"default_cost":null,"default_cost_type":"fixed_amount","range":[{"lower_limit":0,"upper_limit":20,"shipping_cost":8}]}`}},
		step{"", "PUT", "/v2/shipping/zones/2/methods/3", `{"type":"total","settings":{"default_cost":12,"default_cost_type":"percentage_of_total"},"channel_ids":[],"enabled":false}`, 200,
			[]string{`"name":"Parcel","type":"total","settings":{"default_cost":12,"default_cost_type":"percentage_of_total","range":[]},"enabled":false`, `"channel_ids":[]`}},
		step{"", "GET", "/v2/shipping/zones/2/methods?limit=1&page=2", "", 200, []string{`"id":3`, `!"id":2`}},
		step{"", "GET", "/v2/shipping/zones/2/methods/2", "", 200, []string{`"rate":7.5`}},
		step{"", "DELETE", "/v2/shipping/zones/2/methods/2", "", 204, nil},
		step{"", "GET", "/v2/shipping/zones/2/methods/2", "", 404, []string{`[{"status":404,"message":"The requested resource was not found."}]`}},
		step{"", "DELETE", "/v2/shipping/zones/2/methods/2", "", 404, nil},
		step{"", "DELETE", "/v2/shipping/zones/1", "", 204, nil},
		step{"", "GET", "/v2/shipping/zones", "", 200, []string{`"id":2`, `!"id":1,`}},
		step{"", "DELETE", "/v2/shipping/zones/2", "", 204, nil},
		step{"", "GET", "/v2/shipping/zones", "", 200, []string{`[]`}},
		step{"", "GET", "/v2/shipping/zones/2", "", 404, nil},
		step{"", "PUT", "/v2/shipping/zones/2", `{}`, 404, nil},
		step{"", "POST", "/v2/shipping/zones/2/methods", `{"name":"x","type":"perorder"}`, 404, nil},
		step{"", "GET", "/v2/shipping/zones?limit=0", "", 400, []string{`"limit":"error.min"`}},
	)
}

func TestShippingRefusalsOverTheAPI(t *testing.T) {
	s := newStreet(t)
	const zones, methods = "/v2/shipping/zones", "/v2/shipping/zones/1/methods"
	s.walk(
		step{"", "POST", zones, `{}`, 400, []string{`"name":"error.path.missing"`, `"type":"error.path.missing"`}},
		step{"", "POST", zones, `{"name":"x","type":"moon"}`, 400, []string{`"type":"error.expected.validenumvalue"`}},
		step{"", "POST", zones, `{"name":"x","type":"country"}`, 400, []string{`"locations":"error.path.missing"`}},
		step{"", "POST", zones, `{"name":"x","type":"country","locations":[{"country_iso2":"XX"}]}`, 400, []string{`"locations.0.country_iso2":"error.expected.validenumvalue"`}},
		step{"", "POST", zones, `{"name":"x","type":"zip","locations":[{"country_iso2":"US"}]}`, 400, []string{`"locations.0.zip":"error.path.missing"`}},
		step{"", "POST", zones, `{"name":"x","type":"global","handling_fees":{"percentage_surcharge":101}}`, 400, []string{`"handling_fees.percentage_surcharge":"error.max"`}},
		step{"", "POST", methods, `{"name":"UPS","type":"upsready"}`, 400, []string{`"type":"error.expected.validenumvalue"`}},
		step{"", "POST", methods, `{"name":"x","type":"perorder","settings":{"rate":-1}}`, 400, []string{`"settings.rate":"error.min"`}},
		step{"", "POST", methods, `{"name":"x","type":"total","settings":{"range":[{"lower_limit":5,"upper_limit":1,"shipping_cost":1}]}}`, 400, []string{`"settings.range.0.upper_limit":"error.min"`}},
		step{"", "POST", methods, `{"name":"x","type":"perorder","channel_ids":[1,9]}`, 400, []string{`"channel_ids.1":"error.expected.validenumvalue"`}},
		step{"", "GET", zones, "", 200, []string{`"Everywhere"`, `!"id":2`}},
	)
}

// TestTaxSetUp is the life of classes, zones, rates and settings over the API.
func TestTaxSetUp(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "GET", "/v2/tax_classes", "", 200, []string{`{"id":"0","name":"Default Tax Class"`, `{"id":"1","name":"Non-Taxable Products"`, `{"id":"2","name":"Shipping"`, `{"id":"3","name":"Gift Wrapping"`}},
		step{"", "GET", "/v2/tax_classes/0", "", 200, []string{`{"id":"0","name":"Default Tax Class","created_at":"`}},
		step{"", "GET", "/v2/tax_classes/4", "", 404, nil},
		step{"", "GET", "/v2/tax_classes/00", "", 404, nil},
		step{"", "POST", "/v3/tax/classes", `[{"name":"Books"},{"name":"Food"}]`, 200, []string{`{"data":[{"id":4,"name":"Books","created_at":"`, `{"id":5,"name":"Food"`, `"meta":{}`}},
		step{"", "PUT", "/v3/tax/classes", `[{"id":5,"name":"Meals"},{"id":2,"name":"Freight"}]`, 200, []string{`"id":5,"name":"Meals"`, `"id":2,"name":"Freight"`}},
		step{"", "POST", "/v3/tax/classes", `[{"name":"meals"}]`, 409, nil},
		step{"", "POST", "/v3/tax/classes", `[{"name":"a<b"}]`, 422, []string{`"0.name":"error.expected.jsstring"`}},
		step{"", "POST", "/v3/tax/classes", `[` + strings.Repeat(`{"name":"x"},`, 50) + `{"name":"x"}]`, 413, nil},
		step{"", "POST", "/v3/tax/classes", `[]`, 422, []string{`"body":"error.minLength"`}},
		step{"", "DELETE", "/v3/tax/classes", "", 422, []string{`"id:in":"error.path.missing"`}},
		step{"", "DELETE", "/v3/tax/classes?id:in=3", "", 422, []string{"cannot be deleted"}},
		step{"", "DELETE", "/v3/tax/classes?id:in=5", "", 204, nil},
		step{"", "GET", "/v2/tax_classes/4", "", 200, []string{`"name":"Books"`}},

		step{"", "GET", "/v3/tax/zones", "", 200, []string{`{"data":[{"id":1,"name":"Default Tax Zone","enabled":true,"price_display_settings":{"show_inclusive":false,"show_both_on_detail_view":false,"show_both_on_list_view":false},"shopper_target_settings":{"locations":[],"customer_groups":[]}}],"meta":{"pagination":{"total":1,`}},
		step{"", "POST", "/v3/tax/zones", `[{"name":"Australia","shopper_target_settings":{"locations":[{"country_code":"au","subdivision_codes":["NSW"]}],"customer_groups":[2]}},{"name":"Germany","price_display_settings":{"show_inclusive":true}}]`, 200,
			[]string{`"id":2,"name":"Australia","enabled":true`, `"shopper_target_settings":{"locations":[{"country_code":"AU","subdivision_codes":["NSW"],"postal_codes":[]}],"customer_groups":[2]}`, `"id":3,"name":"Germany"`, `"show_inclusive":true`}},
		step{"", "PUT", "/v3/tax/zones", `[{"id":3,"enabled":false},{"id":1,"name":"Rest"}]`, 200, []string{`"id":3,"name":"Germany","enabled":false`, `"id":1,"name":"Rest"`}},
		step{"", "PUT", "/v3/tax/zones", `[{"id":3,"enabled":true},{"id":77,"name":"x"}]`, 422, []string{`"1.id":"error.expected.validenumvalue"`}},
		step{"", "GET", "/v3/tax/zones?id:in=3", "", 200, []string{`"enabled":false`, `!"id":2`}},
		step{"", "DELETE", "/v3/tax/zones?id:in=1", "", 422, []string{"default tax zone"}},

		step{"", "GET", "/v3/tax/rates", "", 200, []string{`{"data":[],"meta":{"pagination":{"total":0,`}},
		step{"", "POST", "/v3/tax/rates", `[{"tax_zone_id":2,"name":"GST","class_rates":[{"rate":10,"tax_class_id":0},{"rate":"2.5","tax_class_id":4}]},{"tax_zone_id":1,"name":"Other","class_rates":[],"priority":3}]`, 200,
			[]string{`{"id":1,"tax_zone_id":2,"name":"GST","enabled":true,"priority":1,"class_rates":[{"tax_class_id":0,"rate":10},{"tax_class_id":4,"rate":2.5}]}`, `"id":2,"tax_zone_id":1,"name":"Other","enabled":true,"priority":3,"class_rates":[]`}},
		step{"", "PUT", "/v3/tax/rates", `[{"id":1,"priority":2}]`, 200, []string{`"name":"GST","enabled":true,"priority":2,"class_rates":[{`}},
		step{"", "GET", "/v3/tax/rates?tax_zone_id:in=1", "", 200, []string{`"Other"`, `!"GST"`}},
		step{"", "GET", "/v3/tax/rates?id:in=1", "", 200, []string{`!"Other"`, `"GST"`}},
		step{"", "POST", "/v3/tax/rates", `[{"tax_zone_id":9,"name":"x","class_rates":[]}]`, 422, []string{`"0.tax_zone_id":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v3/tax/rates", `[{}]`, 422, []string{`"0.class_rates":"error.path.missing"`, `"0.name":"error.path.missing"`, `"0.tax_zone_id":"error.path.missing"`}},
		step{"", "POST", "/v3/tax/rates", `[{"tax_zone_id":1,"name":"x","class_rates":[{"rate":1001,"tax_class_id":0}]}]`, 422, []string{`"0.class_rates.0.rate":"error.max"`}},
		step{"", "DELETE", "/v3/tax/classes?id:in=4", "", 204, nil},
		step{"", "GET", "/v3/tax/rates?id:in=1", "", 200, []string{`"class_rates":[{"tax_class_id":0,"rate":10}]`}},
		step{"", "DELETE", "/v3/tax/zones?id:in=2", "", 204, nil},
		step{"", "GET", "/v3/tax/rates", "", 200, []string{`!"GST"`, `"Other"`}},
		step{"", "DELETE", "/v3/tax/rates?id:in=2,9", "", 204, nil},
		step{"", "GET", "/v3/tax/rates", "", 200, []string{`"data":[]`}},

		step{"", "GET", "/v3/tax/settings", "", 200, []string{`{"data":{"tax_entered_with_prices":false,"price_display_settings":{"show_inclusive_in_control_panel":false,"invoice_price_display_strategy":"ZONE"},"fallback_strategy":"FIXED"},"meta":{}}`}},
		step{"", "PUT", "/v3/tax/settings", `{"fallback_strategy":"NEVER"}`, 422, []string{`"fallback_strategy":"error.expected.validenumvalue"`}},
	)
	at := s.cart("")
	s.walk(
		step{"", "GET", at, "", 200, []string{`"tax_included":false`}},
		step{"", "PUT", "/v3/tax/settings", `{"tax_entered_with_prices":true,"price_display_settings":{"invoice_price_display_strategy":"INCLUSIVE"}}`, 200, []string{`"tax_entered_with_prices":true`, `"INCLUSIVE"`, `"FIXED"`}},
		step{"", "GET", at, "", 200, []string{`"tax_included":true`, `"version":1`}},
		step{"", "GET", "/v2/store", "", 200, []string{`"is_price_entered_with_tax":true`}},
	)
}

func TestPickupMethods(t *testing.T) {
	s := newStreet(t)
	const at = "/v3/pickup/methods"
	s.walk(
		step{"", "GET", at, "", 200, []string{`{"data":[],"meta":{"pagination":{"total":0,`}},
		step{"", "POST", at, `[{"location_id":1,"display_name":"Shop","collection_instructions":"Ring","collection_time_description":"9 to 17"},{"display_name":"Depot"}]`, 200,
			[]string{`{"data":[{"id":1,"location_id":1,"display_name":"Shop","collection_instructions":"Ring","collection_time_description":"9 to 17","date_created":"`, `"id":2,"location_id":1,"display_name":"Depot"`, `"meta":{}`}},
		step{"", "PUT", at, `[{"id":2,"display_name":"Barn"}]`, 200, []string{`"id":2,"location_id":1,"display_name":"Barn"`}},
		step{"", "GET", at + "?sort=name:asc&limit=1", "", 200, []string{`"Barn"`, `!"Shop"`, `"total":2`}},
		step{"", "GET", at + "?sort=name:desc&limit=1", "", 200, []string{`!"Barn"`, `"Shop"`}},
		step{"", "GET", at + "?id:in=1&sort=date_modified:desc", "", 200, []string{`!"Barn"`, `"Shop"`}},
		step{"", "GET", at + "?date_created:min=2100-01-01", "", 200, []string{`"data":[]`}},
		step{"", "GET", at + "?date_created=1999-01-01", "", 200, []string{`"data":[]`}},
		step{"", "GET", at + "?sort=price", "", 422, []string{`"sort":"error.expected.validenumvalue"`}},
		step{"", "POST", at, `[{"location_id":2}]`, 422, []string{`"0.location_id":"error.expected.validenumvalue"`}},
		step{"", "PUT", at, `[{"display_name":"x"}]`, 422, []string{`"0.id":"error.path.missing"`}},
		step{"", "PUT", at, `[{"id":9}]`, 422, []string{`"0.id":"error.expected.validenumvalue"`}},
		step{"", "PUT", at, `[` + strings.Repeat(`{"id":1},`, 10) + `{"id":1}]`, 413, nil},
		step{"", "DELETE", at, "", 422, []string{`"id:in":"error.path.missing"`}},
		step{"", "DELETE", at + "?id:in=2", "", 204, nil},
		step{"", "GET", at, "", 200, []string{`"Shop"`, `!"Barn"`}},
		step{"reader", "GET", at, "", 403, nil},
	)
}

// TestShippingAppliesOnce repeats each POST with its Idempotency-Key.
func TestShippingAppliesOnce(t *testing.T) {
	s := newStreet(t)
	for _, e := range []step{
		{"", "POST", "/v2/shipping/zones", `{"name":"World","type":"global"}`, 201, nil},
		{"", "POST", "/v2/shipping/zones/1/methods", `{"name":"Post","type":"perorder","settings":{"rate":7}}`, 200, nil},
		{"", "POST", "/v3/tax/classes", `[{"name":"Books"}]`, 200, nil},
		{"", "POST", "/v3/tax/zones", `[{"name":"AU"}]`, 200, nil},
		{"", "POST", "/v3/tax/rates", `[{"tax_zone_id":1,"name":"VAT","class_rates":[]}]`, 200, nil},
		{"", "POST", "/v3/pickup/methods", `[{"display_name":"Shop"}]`, 200, nil},
	} {
		key := http.Header{"Idempotency-Key": {e.path}}
		first, again := s.send("all", e.method, e.path, e.body, key), s.send("all", e.method, e.path, e.body, key)
		if first.Code != e.status || fmt.Sprint(again.Code, again.Body) != fmt.Sprint(first.Code, first.Body) || again.Header().Get("Idempotency-Replayed") == "" {
			t.Errorf("POST %s answers %d %s, then %d %s", e.path, first.Code, first.Body, again.Code, again.Body)
		}
	}
}
