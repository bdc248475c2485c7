package app

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
)

// TestShippingAndTaxOfACheckout goes by the API alone from the set-up of the
// store to the sums of a checkout: a product of 10 twice, a custom item of 5 that
// is not sent, shipping by weight, a handling fee and a tax on both, once on top
// of prices and once inside them.
func TestShippingAndTaxOfACheckout(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "POST", "/v3/catalog/products", `{"name":"Mug","type":"physical","weight":1.5,"price":10}`, 200, nil},
		step{"", "DELETE", "/v2/shipping/zones/1", "", 204, nil},
		step{"", "POST", "/v2/shipping/zones", `{"name":"Germany","type":"country","locations":[{"country_iso2":"DE"}],"handling_fees":{"fixed_surcharge":"2","display_separately":true}}`, 201, nil},
		step{"", "POST", "/v2/shipping/zones/2/methods", `{"name":"Parcel","type":"weight","settings":{"range":[{"lower_limit":0,"upper_limit":2,"shipping_cost":4},{"lower_limit":2,"upper_limit":5,"shipping_cost":6}]}}`, 200, nil},
		step{"", "POST", "/v3/tax/zones", `[{"name":"Germany","shopper_target_settings":{"locations":[{"country_code":"DE"}]}}]`, 200, nil},
		step{"", "POST", "/v3/tax/rates", `[{"tax_zone_id":2,"name":"VAT","class_rates":[{"tax_class_id":0,"rate":19},{"tax_class_id":2,"rate":10}]}]`, 200, nil},
	)
	w := s.do(step{"", "POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":2}],"custom_items":[{"name":"Work","quantity":1,"list_price":5}]}`, 201, []string{`"cart_amount":25,`}})
	var made struct {
		Data struct {
			ID    string
			Items struct {
				Physical []struct{ ID string } `json:"physical_items"`
			} `json:"line_items"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	at := "/v3/checkouts/" + made.Data.ID
	berlin := `"address":{"email":"ada@example.com","country_code":"DE","city":"Berlin"}`
	w = s.do(step{"", "POST", at + "/consignments?include=consignments.available_shipping_options",
		fmt.Sprintf(`[{%s,"line_items":[{"item_id":%q,"quantity":2}]}]`, berlin, made.Data.Items.Physical[0].ID), 200,
		[]string{`"type":"shipping_byweight","description":"Parcel"`, `"cost":6`, `"taxes":[{"name":"VAT","amount":3.8}]`, `"grand_total":28.8,`}})
	option := regexp.MustCompile(`"id":"([0-9a-f]{32})"`).FindStringSubmatch(w.Body.String())[1]
	consignment := regexp.MustCompile(`"consignments":\[\{"id":"([0-9a-f]+)"`).FindStringSubmatch(w.Body.String())[1]
	s.walk(
		step{"", "PUT", at + "/consignments/" + consignment, fmt.Sprintf(`{"shipping_option_id":%q}`, option), 200, []string{
			`"shipping_cost_total_inc_tax":6.6,"shipping_cost_total_ex_tax":6,`, `"handling_cost_total_inc_tax":2.2,"handling_cost_total_ex_tax":2,`,
			`"subtotal_inc_tax":28.8,"subtotal_ex_tax":25,`, `"tax_total":4.6,`, `"grand_total":37.6,`, `"cart_amount_inc_tax":28.8,"cart_amount_ex_tax":25,`}},
		step{"", "GET", "/v3/carts/" + made.Data.ID, "", 200, []string{`"cart_amount":28.8,`, `"tax_included":false`}},
		step{"", "POST", at + "/billing-address", `{"email":"ada@example.com","country_code":"DE"}`, 200, []string{`"tax_total":5.55,`, `"grand_total":38.55,`}},

		step{"", "PUT", "/v3/tax/settings", `{"tax_entered_with_prices":true}`, 200, nil},
		step{"", "GET", at, "", 200, []string{
			`"shipping_cost_total_inc_tax":6,"shipping_cost_total_ex_tax":5.45,`, `"handling_cost_total_inc_tax":2,"handling_cost_total_ex_tax":1.82,`,
			`"subtotal_inc_tax":25,"subtotal_ex_tax":21.01,`, `"tax_total":4.72,`, `"grand_total":33,`}},
		step{"", "DELETE", "/v2/shipping/zones/2/methods/2", "", 204, nil},
		step{"", "GET", at, "", 200, []string{`"shipping_cost_total_inc_tax":0,`, `!"selected_shipping_option"`, `"grand_total":25,`}},
		step{"", "POST", "/v3/carts/" + made.Data.ID + "/items", `{"line_items":[{"product_id":1,"quantity":1}]}`, 201, nil},
		step{"", "GET", at + "?include=consignments.available_shipping_options", "", 200, []string{`"available_shipping_options":[]`, `"grand_total":35,`}},
	)
}
