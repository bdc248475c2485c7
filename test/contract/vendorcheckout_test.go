package contract_test

import (
	"net/http"
	"regexp"
	"strings"

	"cartwright/test/world"
)

// checkoutDifferences are where our checkouts are not what the vendor's
// description says: it contradicts itself, or what spec/05 decided.
var checkoutDifferences = []difference{
	{"§1.1: an address that is not there has empty texts, its phone included", regexp.MustCompile(
		`^\S+ /checkouts/\{checkoutId\}\S* 200: data\.billing_address\.phone: string doesn't match the regular expression`)},
	{"§1.2: the value of a custom field may be a list, as its description says", regexp.MustCompile(
		` 200: data\.(billing_address|consignments\.\d+\.address)\.custom_fields\.\d+\.field_value: value must be a string$`)},
	{"§1.7: the status inside a refused token is a number, as everywhere", regexp.MustCompile(
		`^POST /checkouts/\{checkoutId\}/token 422: status: value must be a string$`)},
}

// moreCheckoutRequests reads a checkout with lines of every kind, an address, a
// consignment, a fee and a coupon, with every extra; and is refused in the ways
// that the vendor describes.
func moreCheckoutRequests(w *world.World) []world.Request {
	cart := richCart(w)
	at := strings.Replace(cart, "/carts/", "/checkouts/", 1)
	line := world.Get(w.Must(http.MethodGet, cart, nil), "line_items", "physical_items", 0, "id")
	address := w.Must(http.MethodPost, at+"/billing-address", world.AddressBody())
	consigned := w.Must(http.MethodPost, at+"/consignments?include=consignments.available_shipping_options", world.L{world.M{
		"address": world.AddressBody(), "line_items": world.L{world.M{"item_id": line, "quantity": 2}},
	}})
	consignment, _ := world.Get(consigned, "consignments", 0, "id").(string)
	option := world.Get(consigned, "consignments", 0, "available_shipping_options", 0, "id")
	billing, _ := world.Get(address, "billing_address", "id").(string)
	return []world.Request{
		{Method: http.MethodPut, Path: at + "/consignments/" + consignment, Body: world.M{"shipping_option_id": option}},
		{Method: http.MethodGet, Path: at + "?include=cart.line_items.physical_items.options,cart.line_items.digital_items.options," +
			"consignments.available_shipping_options,promotions.banners"},
		{Method: http.MethodPut, Path: at, Body: world.M{"customer_message": "x", "version": 99}},
		{Method: http.MethodPut, Path: at + "/billing-address/" + billing, Body: world.M{"email": "a@example.com", "country_code": "DE", "version": 99}},
		{Method: http.MethodPost, Path: at + "/discounts", Body: world.M{"cart": world.M{"discounts": world.L{world.M{"discounted_amount": 1}}, "version": 99}}},
		{Method: http.MethodPost, Path: at + "/token", Body: world.M{"ttl": 0}},
		{Method: http.MethodGet, Path: "/v3/checkouts/settings/channels/99"},
		{Method: http.MethodGet, Path: "/v3/checkouts/00000000-0000-4000-8000-000000000000"},
	}
}
