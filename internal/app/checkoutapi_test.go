package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// till is a street whose store sells, ships and has coupons.
type till struct {
	*street

	mug, guide int64
}

const texas = `"email":"ada@shop.example","country_code":"us","first_name":"Ada","last_name":"Byron","address1":"1 Main Street","city":"Austin",` +
	`"state_or_province":"Texas","state_or_province_code":"TX","postal_code":"78701","phone":"15125550100"`

func newTill(t *testing.T) *till {
	t.Helper()
	return fit(newStreet(t))
}

// fit makes the store of a street one that sells.
func fit(at *street) *till {
	at.Helper()
	s, t := &till{street: at}, at.T
	s.mug = s.product(`{"name":"Mug","type":"physical","weight":0.4,"price":10,"sale_price":8}`)
	s.guide = s.product(`{"name":"Guide","type":"digital","weight":0,"price":5}`)
	_, err := s.app.Merchants.Update(t.Context(), "demo", func(st *merchant.Store) error {
		st.ShippingSet = true
		st.Zones = []merchant.ShippingZone{{ID: 1, Name: "Everywhere", Type: merchant.ZoneGlobal, Enabled: true, Methods: []merchant.ShippingMethod{
			{ID: 1, Name: "By post", Type: merchant.PerOrder, Enabled: true, Rates: merchant.MethodSettings{Rate: 6 * money.Unit}},
			{ID: 2, Name: "By hand", Type: merchant.PerItem, Enabled: true, Rates: merchant.MethodSettings{Rate: 2 * money.Unit}},
		}}}
		st.Pickups = []merchant.PickupMethod{{ID: 1, LocationID: 1, Name: "The shop"}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *till) product(body string) int64 {
	s.Helper()
	return number(s.T, s.do(step{"", "POST", "/v3/catalog/products", body, 200, nil}).Body.Bytes())
}

func number(t *testing.T, body []byte) int64 {
	t.Helper()
	var p struct{ Data struct{ ID int64 } }
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	return p.Data.ID
}

// coupon makes a coupon and returns its id.
func (s *till) coupon(c promotion.Coupon) int64 {
	s.Helper()
	c.Name, c.Enabled, c.Created = c.Code, true, time.Now()
	made, err := s.app.DB.CreateCoupon(s.Context(), "demo", &c)
	if err != nil {
		s.Fatal(err)
	}
	return made.ID
}

// checkoutOf is what the tests read of a checkout.
type checkoutOf struct {
	ID      string
	Version int64
	Cart    struct {
		Email string
		Lines struct {
			Physical []struct{ ID string } `json:"physical_items"`
			Digital  []struct{ ID string } `json:"digital_items"`
			Custom   []struct{ ID string } `json:"custom_items"`
		} `json:"line_items"`
	}
	Billing      struct{ ID string } `json:"billing_address"`
	Consignments []struct {
		ID      string
		Address struct{ ID string }
		Options []struct{ ID, Type string } `json:"available_shipping_options"`
		Lines   []string                    `json:"line_item_ids"`
	}
	Fees []struct{ ID string }
}

// open makes a cart of two mugs, a guide and work for 100, and returns the path
// of its checkout.
func (s *till) open() (string, checkoutOf) {
	s.Helper()
	at := s.cart(fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":2},{"product_id":%d,"quantity":1}]}`, s.mug, s.guide))
	at = strings.Replace(at, "/carts/", "/checkouts/", 1)
	return at, s.read("GET", at, "")
}

// read makes a request that has to succeed.
func (s *till) read(method, path, body string) checkoutOf {
	s.Helper()
	w := s.do(step{"", method, path, body, 200, nil})
	var a struct{ Data checkoutOf }
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		s.Fatal(err)
	}
	return a.Data
}

// consign sends the mugs to Texas.
func (s *till) consign(at string, line string) checkoutOf {
	s.Helper()
	return s.read("POST", at+"/consignments?include=consignments.available_shipping_options",
		fmt.Sprintf(`[{"address":{%s},"line_items":[{"item_id":%q,"quantity":2}]}]`, texas, line))
}

// TestACheckoutAsSpecified compares a checkout with spec/05 §1.1: every field,
// before and after it was filled.
func TestACheckoutAsSpecified(t *testing.T) {
	s := newTill(t)
	at, c := s.open()
	plain := func(body string) string {
		for pattern, with := range map[string]string{
			`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`: "UUID",
			`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"`:                            `"TIME"`,
			`"[0-9a-f]{32}"`: `"OPTION"`, `"[0-9a-f]{13}"`: `"HEX"`,
			fmt.Sprintf(`"variant_id":\d+,"product_id":%d`, s.mug):   `"variant_id":V,"product_id":MUG`,
			fmt.Sprintf(`"variant_id":\d+,"product_id":%d`, s.guide): `"variant_id":V,"product_id":GUIDE`,
		} {
			body = regexp.MustCompile(pattern).ReplaceAllString(body, with)
		}
		return body
	}
	line := func(id, name, kind string, n int, original, price, extended, more string) string {
		total := map[string]string{"10": "20", "5": "5"}[original]
		return fmt.Sprintf(`{"id":"UUID","parent_id":null,"variant_id":V,"product_id":%s,"sku":"","name":%q,"url":"https://shop.example/%s/","quantity":%d,`+
			`"is_taxable":true,"image_url":"http://localhost:8080/assets/placeholder.svg","discounts":[],"coupons":[],"discount_amount":0,"coupon_amount":0,`+
			`"original_price":%s,"list_price":%s,"sale_price":%[6]s,"extended_list_price":%[7]s,"extended_sale_price":%[7]s,"comparison_price":%[5]s,`+
			`"extended_comparison_price":%[8]s,"is_require_shipping":%[9]s,"is_mutable":true,"added_by_promotion":false,%[10]s}`,
			id, name, strings.ToLower(name), n, original, price, extended, total, kind, more)
	}
	items := `{"physical_items":[` + line("MUG", "Mug", "true", 2, "10", "8", "16", `"gift_wrapping":null,"options":[]`) +
		`],"digital_items":[` + line("GUIDE", "Guide", "false", 1, "5", "5", "5", `"download_file_urls":[],"download_page_url":"","download_size":"","options":[]`) +
		`],"gift_certificates":[],"custom_items":[{"id":"UUID","sku":"","name":"Work","quantity":1,"list_price":100,"extended_list_price":100,` +
		`"image_url":"http://localhost:8080/assets/placeholder.svg"}]}`
	object := func(email, billing, consignments, fees, shipping, subtotal, grand, message string, version int) string {
		return `{"data":{"id":"UUID","cart":{"id":"UUID","customer_id":0,"channel_id":1,"email":"` + email + `","currency":{"code":"USD"},"tax_included":false,` +
			`"base_amount":121,"discount_amount":0,"manual_discount_amount":0,"cart_amount_inc_tax":121,"cart_amount_ex_tax":121,"coupons":[],` +
			`"discounts":[{"id":"UUID","discounted_amount":0},{"id":"UUID","discounted_amount":0},{"id":"UUID","discounted_amount":0}],"line_items":` + items +
			`,"created_time":"TIME","updated_time":"TIME","locale":"en"},"billing_address":` + billing + `,"consignments":` + consignments +
			`,"taxes":[],"coupons":[],"fees":` + fees + `,"order_id":null,"shipping_cost_total_inc_tax":` + shipping + `,"shipping_cost_total_ex_tax":` + shipping +
			`,"handling_cost_total_inc_tax":0,"handling_cost_total_ex_tax":0,"tax_total":0,"subtotal_inc_tax":` + subtotal + `,"subtotal_ex_tax":` + subtotal +
			`,"grand_total":` + grand + `,"created_time":"TIME","updated_time":"TIME","customer_message":"` + message + `","promotions":[{"banners":[]}],"version":` +
			fmt.Sprint(version) + `},"meta":{}}`
	}
	address := func(id, email, texts, country, code string) string {
		return `{"id":"` + id + `",` + strings.Replace(texts, "EMAIL", email, 1) + `"country":"` + country + `","country_code":"` + code + `",`
	}
	empty := address("", "", `"first_name":"","last_name":"","email":"EMAIL","company":"","address1":"","address2":"","city":"","state_or_province":"","state_or_province_code":"",`, "", "") +
		`"postal_code":"","phone":"","custom_fields":[]}`
	filled := address("HEX", "ada@shop.example", `"first_name":"Ada","last_name":"Byron","email":"EMAIL","company":"","address1":"1 Main Street","address2":"","city":"Austin",`+
		`"state_or_province":"Texas","state_or_province_code":"TX",`, "United States", "US") + `"postal_code":"78701","phone":"15125550100","custom_fields":[]}`
	include := at + "?include=cart.line_items.physical_items.options,cart.line_items.digital_items.options&include=promotions.banners,consignments.available_shipping_options"
	got := plain(s.do(step{"", "GET", include, "", 200, nil}).Body.String())
	if diff := cmp.Diff(object("", empty, "[]", "[]", "0", "121", "121", "", 1), got); diff != "" {
		t.Errorf("at first: %s", diff)
	}
	made := s.consign(at, c.Cart.Lines.Physical[0].ID)
	s.read("PUT", at+"/consignments/"+made.Consignments[0].ID, fmt.Sprintf(`{"shipping_option_id":%q}`, made.Consignments[0].Options[0].ID))
	s.read("POST", at+"/billing-address", `{`+texas+`}`)
	s.read("POST", at+"/fees", `{"fees":[{"type":"custom_fee","name":"packing","display_name":"Packing","cost":3.5,"source":"app"}]}`)
	s.read("PUT", at, `{"customer_message":"Ring twice"}`)
	post := `{"id":"OPTION","type":"shipping_flatrate","description":"By post","image_url":"","cost":6,"transit_time":"","additional_description":""}`
	hand := strings.NewReplacer("flatrate", "peritem", "By post", "By hand", `"cost":6`, `"cost":4`).Replace(post)
	consignments := `[{"id":"HEX","shipping_cost_inc_tax":6,"shipping_cost_ex_tax":6,"handling_cost_inc_tax":0,"handling_cost_ex_tax":0,"coupon_discounts":[],` +
		`"discounts":[],"line_item_ids":["UUID"],"address":` + filled + `,"shipping_address":` + filled + `,"selected_shipping_option":` + post +
		`,"available_shipping_options":[` + post + `,` + hand + `]}]`
	fees := `[{"id":"UUID","type":"custom_fee","name":"packing","display_name":"Packing","cost_inc_tax":3.5,"cost_ex_tax":3.5,"source":"app","tax_class_id":null}]`
	got = plain(s.do(step{"", "GET", include, "", 200, nil}).Body.String())
	if diff := cmp.Diff(object("ada@shop.example", filled, consignments, fees, "6", "121", "130.5", "Ring twice", 6), got); diff != "" {
		t.Errorf("in the end: %s", diff)
	}
	s.do(step{"", "GET", at, "", 200, []string{`!"options"`, `!"promotions"`, `!"available_shipping_options"`}})
}

// events returns the scopes that each version of a cart told, newest last.
func (s *till) events(at string) []string {
	s.Helper()
	rows, err := s.app.DB.Journal(s.Context(), "demo", cart.ID(strings.TrimPrefix(at, "/v3/checkouts/")))
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		var told []string
		for _, e := range row.Events {
			told = append(told, strings.TrimPrefix(e.Scope, "store/cart/"))
		}
		out = append(out, strings.Join(told, " "))
	}
	return out
}

// TestBillingAddresses is spec/05 §1.2, with the events of spec/04 §5.
func TestBillingAddresses(t *testing.T) {
	s := newTill(t)
	at, _ := s.open()
	billing := at + "/billing-address"
	first := s.read("POST", billing, `{"email":"ada@shop.example","country_code":"de"}`)
	if first.Cart.Email != "ada@shop.example" || len(first.Billing.ID) != 13 {
		t.Errorf("the checkout is %+v", first)
	}
	s.walk(
		step{"", "PUT", billing + "/" + first.Billing.ID, `{"email":"ada@shop.example","country_code":"FR","city":"Paris","custom_fields":[{"field_id":"25","field_value":"x"},{"field_id":"26","field_value":["a","b"]}]}`, 200,
			[]string{`"country":"France"`, `"city":"Paris"`, `"custom_fields":[{"field_id":"25","field_value":"x"},{"field_id":"26","field_value":["a","b"]}]`}},
		step{"", "PUT", billing + "/" + first.Billing.ID, `{"email":"new@shop.example","country_code":"FR"}`, 200, []string{`"email":"new@shop.example"`, `"city":""`}},
		step{"", "PUT", billing + "/0123456789abc", `{"email":"new@shop.example","country_code":"FR"}`, 404, []string{"Billing address 0123456789abc not found"}},
	)
	if again := s.read("POST", billing, `{"email":"new@shop.example","country_code":"FR"}`); again.Billing.ID == first.Billing.ID {
		t.Error("a new address has the id of the old one")
	}
	for field, body := range map[string]string{
		`"email":"error.path.missing"`:                        `{"country_code":"US"}`,
		`"email":"error.email"`:                               `{"email":"ada","country_code":"US"}`,
		`"country_code":"error.path.missing"`:                 `{"email":"ada@shop.example"}`,
		`"country_code":"error.expected.validenumvalue"`:      `{"email":"ada@shop.example","country_code":"XX"}`,
		`"country_code":"error.maxLength"`:                    `{"email":"ada@shop.example","country_code":"USA"}`,
		`"phone":"error.expected.jsstring"`:                   `{"email":"ada@shop.example","country_code":"US","phone":1}`,
		`"custom_fields.0.field_id":"error.path.missing"`:     `{"email":"ada@shop.example","country_code":"US","custom_fields":[{}]}`,
		`"custom_fields.0.field_value":"error.expected.jsstr`: `{"email":"ada@shop.example","country_code":"US","custom_fields":[{"field_id":"1","field_value":{}}]}`,
		`"version":"error.expected.jsnumber"`:                 `{"email":"ada@shop.example","country_code":"US","version":"x"}`,
	} {
		s.do(step{"", "POST", billing, body, 422, []string{`"title":"JSON data is missing or invalid"`, field}})
	}
	want := []string{"created lineItem/created lineItem/created lineItem/created updated", "updated", "", "updated", ""}
	if diff := cmp.Diff(want, s.events(at)); diff != "" {
		t.Errorf("events: %s", diff)
	}
}

// TestACustomersAddress: a cart of a customer keeps the customer's e-mail
// address, and tells nothing.
func TestACustomersAddress(t *testing.T) {
	s := newTill(t)
	s.do(step{"", "POST", "/v3/customers", `[{"email":"eve@shop.example","first_name":"Eve","last_name":"B"}]`, 200, nil})
	at := strings.Replace(s.cart(`{"customer_id":1}`), "/carts/", "/checkouts/", 1)
	if c := s.read("POST", at+"/billing-address", `{"email":"other@shop.example","country_code":"US"}`); c.Cart.Email != "eve@shop.example" {
		t.Errorf("the cart's address is %s", c.Cart.Email)
	}
	// Without the customer, the cart has the address of the bill (spec/01 §11).
	s.do(step{"", "PUT", strings.Replace(at, "/checkouts/", "/carts/", 1), `{"customer_id":0}`, 200, []string{`"email":"other@shop.example"`}})
	if got := s.events(at); len(got) != 3 || got[1] != "" || got[2] != "updated" {
		t.Errorf("events: %q", got)
	}
}

// TestConsignments is spec/05 §1.3.
func TestConsignments(t *testing.T) {
	s := newTill(t)
	at, c := s.open()
	mug, guide, work := c.Cart.Lines.Physical[0].ID, c.Cart.Lines.Digital[0].ID, c.Cart.Lines.Custom[0].ID
	body := func(spelling, line string, n any) string {
		return fmt.Sprintf(`[{%q:{%s},"line_items":[{"item_id":%q,"quantity":%v}]}]`, spelling, texas, line, n)
	}
	for part, refused := range map[string]string{
		`"0.line_items.0.item_id":"The line item is not in the cart"`:              body("address", "b0c56c1f-20a5-4bd5-a5a4-6f6b83a86f31", 1),
		`"0.line_items.0.item_id":"Only physical and custom items can be shipped"`: body("address", guide, 1),
		`"0.line_items.0.quantity":"The cart has 2 of this line item`:              body("shipping_address", mug, 3),
		`"0.line_items.0.quantity":"error.min"`:                                    body("address", mug, 0),
		`"0.address":"error.path.missing"`:                                         body("addresses", mug, 1),
		`"0.line_items":"error.minLength"`:                                         fmt.Sprintf(`[{"address":{%s},"line_items":[]}]`, texas),
		`"0.line_items":"error.path.missing"`:                                      fmt.Sprintf(`[{"address":{%s}}]`, texas),
		`"body":"error.minLength"`:                                                 `[]`,
		`"body":"error.expected.jsarray"`:                                          `{}`,
		`"0.address.country_code":"error.expected.validenumvalue"`:                 strings.Replace(body("address", mug, 1), `"us"`, `"zz"`, 1),
		`"1.version":"error.expected.validenumvalue"`: fmt.Sprintf(`[{"address":{%s},"line_items":[{"item_id":%q,"quantity":1}],"version":1},`+
			`{"address":{%[1]s},"line_items":[{"item_id":%[2]q,"quantity":1}],"version":2}]`, texas, mug),
		`pickup_method_id":"The store has no pick-up method with this id"`: strings.Replace(body("address", mug, 1), `"line_items"`, `"pickup_option":{"pickup_method_id":9},"line_items"`, 1),
	} {
		s.do(step{"", "POST", at + "/consignments", refused, 422, []string{part}})
	}
	// Each of the three spellings, and units of one line in two consignments.
	one := s.read("POST", at+"/consignments", body("shippingAddress", strings.ToUpper(mug), 1))
	two := s.read("POST", at+"/consignments", body("shipping_address", mug, `"1"`))
	if len(one.Consignments) != 1 || len(two.Consignments) != 2 || two.Consignments[0].ID != one.Consignments[0].ID {
		t.Fatalf("consignments: %+v, then %+v", one.Consignments, two.Consignments)
	}
	s.do(step{"", "POST", at + "/consignments", body("address", mug, 1), 422, []string{"with those of other consignments"}})
	s.read("DELETE", at+"/consignments/"+two.Consignments[1].ID, fmt.Sprintf(`{"version":%d}`, two.Version))
	first := at + "/consignments/" + one.Consignments[0].ID
	s.do(step{"", "PUT", first, fmt.Sprintf(`{"line_items":[{"item_id":%q,"quantity":1},{"item_id":%[1]q,"quantity":1},{"item_id":%q,"quantity":1}]}`, mug, work), 200,
		[]string{fmt.Sprintf(`"line_item_ids":[%q,%q]`, mug, work)}})
	s.do(step{"", "DELETE", at + "/consignments/0123456789abc", "", 404, []string{"Consignment 0123456789abc not found"}})
	s.do(step{"", "DELETE", first, "", 200, []string{`"consignments":[]`}})
	s.do(step{"", "DELETE", first, "", 404, nil})
	for i, told := range s.events(at) {
		if i > 0 && told != "" {
			t.Errorf("version %d tells %s", i+1, told)
		}
	}
}

// TestChoosingHowItIsSent: an option that is available, a price of the client's
// own, or picking up (spec/05 §1.3).
func TestChoosingHowItIsSent(t *testing.T) {
	s := newTill(t)
	at, c := s.open()
	mug := c.Cart.Lines.Physical[0].ID
	made := s.consign(at, mug)
	con := at + "/consignments/" + made.Consignments[0].ID
	hand := made.Consignments[0].Options[1].ID
	s.walk(
		step{"", "PUT", con, `{}`, 422, []string{"is required"}},
		step{"", "PUT", con, fmt.Sprintf(`{"shipping_option_id":%q,"address":{%s}}`, hand, texas), 422, []string{"in a request of its own"}},
		step{"", "PUT", con, `{"shipping_option_id":"0123456789abcdef0123456789abcdef"}`, 422, []string{`"shipping_option_id":"The shipping option is not available`}},
		step{"", "PUT", con, `{"custom_shipping":{"price":-1}}`, 422, []string{`"custom_shipping.price":"error.min"`}},
		step{"", "PUT", con, `{"custom_shipping":{}}`, 422, []string{`"custom_shipping.price":"error.path.missing"`}},
		step{"", "PUT", con, fmt.Sprintf(`{"shipping_option_id":%q}`, hand), 200, []string{`"selected_shipping_option":{"id":"` + hand + `"`, `"shipping_cost_total_inc_tax":4`, `"grand_total":125`}},
		// What is sent changes: the option has to be chosen again.
		step{"", "PUT", con, fmt.Sprintf(`{"line_items":[{"item_id":%q,"quantity":1}]}`, mug), 200, []string{`!selected_shipping_option`, `"grand_total":121`}},
		step{"", "PUT", con, `{"custom_shipping":{"price":7.505,"description":"By bicycle"}}`, 200, []string{`"type":"shipping_custom","description":"By bicycle","image_url":"","cost":7.51`, `"grand_total":128.51`}},
		step{"", "PUT", con, fmt.Sprintf(`{"address":{%s}}`, texas), 200, []string{`!selected_shipping_option`}},
		step{"", "PUT", con, `{"pickup_option":{"pickup_method_id":9}}`, 422, []string{`pickup_method_id`}},
		step{"", "PUT", con, `{"pickup_option":{"pickup_method_id":1}}`, 200, []string{`"selected_pickup_option":{"pickup_method_id":1}`, `!selected_shipping_option`}},
		step{"", "PUT", con, fmt.Sprintf(`{"shipping_option_id":%q}`, hand), 422, []string{"A pickup consignment cannot have a shipping option."}},
		step{"", "GET", at + "?include=consignments.available_shipping_options", "", 200, []string{`"available_shipping_options":[]`}},
		step{"", "PUT", at + "/consignments/0123456789abc", `{"shipping_option_id":"x"}`, 404, []string{"Consignment 0123456789abc not found"}},
	)
	// A new line joins the only consignment, one that goes leaves it, and with
	// its last line the consignment goes.
	items := strings.Replace(at, "/checkouts/", "/carts/", 1) + "/items"
	other := s.product(`{"name":"Bowl","type":"physical","weight":1,"price":7}`)
	s.do(step{"", "POST", items, fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, other), 201, nil})
	if joined := s.read("GET", at, ""); len(joined.Consignments[0].Lines) != 2 {
		t.Errorf("the consignment holds %q", joined.Consignments[0].Lines)
	}
	for _, l := range s.read("GET", at, "").Cart.Lines.Physical {
		s.do(step{"", "DELETE", items + "/" + l.ID, "", 200, nil})
	}
	s.do(step{"", "GET", at, "", 200, []string{`"consignments":[]`}})
}

// TestCouponsOnACheckout is spec/05 §7.2, as far as it is not the engine's.
func TestCouponsOnACheckout(t *testing.T) {
	s := newTill(t)
	spring := s.coupon(promotion.Coupon{Code: "Spring 20", Type: promotion.Percentage, Amount: 20 * money.Unit})
	summer := s.coupon(promotion.Coupon{Code: "SUMMER", Type: promotion.PerTotal, Amount: 5 * money.Unit})
	s.coupon(promotion.Coupon{Code: "LATE", Type: promotion.Percentage, Amount: 5 * money.Unit, Expires: time.Now().Add(-time.Hour)})
	s.coupon(promotion.Coupon{Code: "RICH", Type: promotion.Percentage, Amount: 5 * money.Unit, MinPurchase: 1000 * money.Unit})
	at, _ := s.open()
	coupons := at + "/coupons"
	apply := func(code string) string { return fmt.Sprintf(`{"coupon_code":%q}`, code) }
	s.walk(
		step{"", "POST", coupons, `{}`, 422, []string{`"coupon_code":"error.path.missing"`}},
		step{"", "POST", coupons, apply("   "), 422, []string{`"coupon_code":"error.minLength"`}},
		step{"", "POST", coupons, apply(strings.Repeat("x", 51)), 422, []string{`"coupon_code":"error.maxLength"`}},
		step{"", "POST", coupons, apply("nothing"), 422, []string{"The coupon code nothing is not valid."}},
		step{"", "POST", coupons, apply("late"), 422, []string{"has expired"}},
		step{"", "POST", coupons, apply("rich"), 422, []string{"requires a minimum purchase of 1000.00"}},
		step{"", "POST", coupons, apply("  spring 20 "), 200, []string{fmt.Sprintf(`"coupons":[{"id":%d,"code":"Spring 20","coupon_type":"percentage_discount","discounted_amount":4.2,`, spring), `"grand_total":116.8`, `"version":2`}},
		step{"", "POST", coupons, apply("SPRING 20"), 200, []string{`"version":2`}},
		step{"", "POST", coupons, `{"coupon_code":"SPRING 20","version":1}`, 409, nil},
		// The store allows one: another takes its place.
		step{"", "POST", coupons, apply("summer"), 200, []string{fmt.Sprintf(`"coupons":[{"id":%d,"code":"SUMMER"`, summer), `!Spring 20`, `"version":3`}},
		step{"", "DELETE", coupons + "/spring%2020", "", 200, []string{`"version":3`, `"code":"SUMMER"`}},
		step{"", "DELETE", coupons + "/summer", `{"version":1}`, 409, nil},
		step{"", "DELETE", coupons + "/summer", "", 200, []string{`"version":4`, `"coupons":[]`, `"grand_total":121`}},
	)
	want := []string{"couponApplied updated", "couponApplied updated", "updated"}
	if diff := cmp.Diff(want, s.events(at)[1:]); diff != "" {
		t.Errorf("events: %s", diff)
	}
}

// TestSeveralCoupons: a store may allow up to five.
func TestSeveralCoupons(t *testing.T) {
	s := newTill(t)
	settings := promotion.DefaultSettings
	settings.MaxCoupons = 2
	if _, err := s.app.DB.PutPromotionSettings(t.Context(), "demo", settings); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"ONE", "TWO", "THREE"} {
		s.coupon(promotion.Coupon{Code: code, Type: promotion.PerTotal, Amount: money.Unit})
	}
	at, _ := s.open()
	s.walk(
		step{"", "POST", at + "/coupons", `{"coupon_code":"one"}`, 200, []string{`"grand_total":120`}},
		step{"", "POST", at + "/coupons", `{"coupon_code":"two"}`, 200, []string{`"grand_total":119`}},
		step{"", "POST", at + "/coupons", `{"coupon_code":"three"}`, 422, []string{"Only 2 coupon"}},
	)
}

// TestManualDiscounts is spec/05 §1.4.
func TestManualDiscountsOnACheckout(t *testing.T) {
	s := newTill(t)
	s.coupon(promotion.Coupon{Code: "SPRING", Type: promotion.Percentage, Amount: 20 * money.Unit})
	at, c := s.open()
	mug := c.Cart.Lines.Physical[0].ID
	discounts := at + "/discounts"
	line := func(amount string) string {
		return fmt.Sprintf(`"line_items":[{"id":%q,"discounted_amount":%s}]`, mug, amount)
	}
	s.walk(
		step{"", "POST", discounts, `{}`, 422, []string{`"cart":"error.path.missing"`}},
		step{"", "POST", discounts, `{"cart":{}}`, 422, []string{`"cart.discounts":"error.path.missing"`}},
		step{"", "POST", discounts, `{"cart":{"discounts":[{"discounted_amount":-1}]}}`, 422, []string{`"cart.discounts.0.discounted_amount":"error.min"`}},
		step{"", "POST", discounts, `{"cart":{` + line("-1") + `}}`, 422, []string{`"cart.line_items.0.discounted_amount":"error.min"`}},
		step{"", "POST", discounts, `{"cart":{"line_items":[{"id":"nobody","discounted_amount":1}]}}`, 422, []string{`"cart.line_items.0.id":"The line item is not in the cart"`}},
		step{"", "POST", discounts, `{"cart":{"discounts":[{"discounted_amount":1}],"version":9}}`, 409, nil},
		step{"", "POST", discounts, `{"cart":{"discounts":[{"id":"x","discounted_amount":6},{"discounted_amount":4}],` + line("2.5") + `,"version":1}}`, 200,
			[]string{`"discount_amount":10,"manual_discount_amount":10`, `"grand_total":108.5`, `{"id":"manual-discount","discounted_amount":`}},
		// Another call begins anew.
		step{"", "POST", discounts, `{"cart":{` + line("1") + `}}`, 200, []string{`"manual_discount_amount":0`, `"discounts":[{"id":"manual-discount","discounted_amount":1}]`, `"discount_amount":1`, `"grand_total":120`}},
		step{"", "POST", at + "/coupons", `{"coupon_code":"spring"}`, 422, []string{"manual discount"}},
		// No more than there is.
		step{"", "POST", discounts, `{"cart":{` + line("999") + `}}`, 200, []string{`"grand_total":105`}},
		step{"", "POST", discounts, `{"cart":{"discounts":[{"discounted_amount":999}]}}`, 200, []string{`"grand_total":0`, `"manual_discount_amount":121`}},
		step{"", "POST", discounts, `{"cart":{"discounts":[{"discounted_amount":0}]}}`, 200, []string{`"grand_total":121`, `!manual-discount`}},
		step{"", "POST", discounts, fmt.Sprintf(`{"cart":{"line_items":[{"id":%q,"discounted_amount":1}]}}`, c.Cart.Lines.Custom[0].ID), 422, []string{"cannot be discounted by itself"}},
		// A line that a coupon touches cannot get one; the order can, and clears it.
		step{"", "POST", at + "/coupons", `{"coupon_code":"spring"}`, 200, []string{`"grand_total":116.8`}},
		step{"", "POST", discounts, `{"cart":{` + line("1") + `}}`, 422, []string{"has a coupon or a promotion already"}},
		step{"", "POST", discounts, `{"cart":{"discounts":[{"discounted_amount":1}]}}`, 200, []string{`"coupons":[]`, `"grand_total":120`}},
	)
	if got := s.events(at); got[1] != "updated" {
		t.Errorf("events: %q", got)
	}
}

// TestFees is spec/05 §1.5.
func TestFees(t *testing.T) {
	s := newTill(t)
	at, _ := s.open()
	fee := `{"type":"custom_fee","name":"packing","display_name":"Packing","cost":3.5,"source":"app"}`
	with := func(name, v string) string {
		return fmt.Sprintf(`{"fees":[%s]}`, regexp.MustCompile(`"`+name+`":("[^"]*"|[0-9.]+)`).ReplaceAllString(fee, `"`+name+`":`+v))
	}
	for part, body := range map[string]string{
		`"fees":"error.path.missing"`:                   `{}`,
		`"fees":"error.minLength"`:                      `{"fees":[]}`,
		`"fees":"error.maxLength"`:                      `{"fees":[` + strings.Repeat(fee+",", 5) + fee + `]}`,
		`"fees.0.type":"error.expected.validenumvalue"`: with("type", `"tip"`),
		`"fees.0.cost":"error.min"`:                     with("cost", `-1`),
		`"fees.0.name":"error.maxLength"`:               with("name", `"`+strings.Repeat("x", 51)+`"`),
		`"fees.0.display_name":"error.maxLength"`:       with("display_name", `"`+strings.Repeat("x", 201)+`"`),
		`"fees.0.source":"error.path.missing"`:          with("source", `null`),
	} {
		s.do(step{"", "POST", at + "/fees", body, 422, []string{part}})
	}
	made := s.read("POST", at+"/fees", `{"fees":[`+fee+`,`+fee+`]}`)
	id := made.Fees[0].ID
	s.walk(
		step{"", "POST", at + "/fees", `{"fees":[` + strings.Repeat(fee+",", 3) + fee + `]}`, 422, []string{"A checkout can have at most 5 fees."}},
		step{"", "PUT", at + "/fees", `{"fees":[` + fee + `]}`, 422, []string{`"fees.0.id":"error.path.missing"`}},
		step{"", "PUT", at + "/fees", `{"fees":[{"id":"b0c56c1f-20a5-4bd5-a5a4-6f6b83a86f31",` + fee[1:] + `]}`, 422, []string{`"fees.0.id":"The checkout has no fee with this id"`}},
		step{"", "PUT", at + "/fees", `{"fees":[{"id":"` + id + `","tax_class_id":2,` + strings.Replace(fee[1:], "3.5", "4.255", 1) + `]}`, 200, []string{`"id":"` + id + `"`, `"cost_inc_tax":4.26`, `"tax_class_id":2`, `"grand_total":128.76`}},
		step{"", "PUT", at + "/fees", `{"fees":[{"id":"` + id + `","tax_class_id":99,` + fee[1:] + `]}`, 422, []string{`"fees.0.tax_class_id":"The store has no tax class with this id"`}},
		step{"", "DELETE", at + "/fees", `{}`, 422, []string{`"ids":"error.path.missing"`}},
		step{"", "DELETE", at + "/fees", `{"ids":["nobody"]}`, 200, []string{`"version":3`}},
		step{"", "DELETE", at + "/fees", `{"ids":["` + id + `","` + made.Fees[1].ID + `"],"version":3}`, 200, []string{`"fees":[]`, `"version":4`}},
	)
}

// TestCheckoutTokens is spec/05 §1.7.
func TestCheckoutTokens(t *testing.T) {
	s := newTill(t)
	at, c := s.open()
	for _, body := range []string{`{"ttl":0}`, `{"ttl":2592001}`, `{"maxUses":0}`, `{"maxUses":"many"}`, `{"maxUses":1.5}`} {
		s.do(step{"", "POST", at + "/token", body, 422, []string{`"title":"Invalid input"`}})
	}
	w := s.do(step{"", "POST", at + "/token", `{"maxUses":2,"ttl":60}`, 200, []string{`"meta":{}`}})
	var made struct {
		Token string `json:"checkoutToken"`
		Data  struct {
			Token string `json:"checkoutToken"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || made.Token != made.Data.Token || len(made.Token) != 64 {
		t.Fatalf("%s, %v", w.Body, err)
	}
	for use := range 3 {
		id, err := s.app.Checkouts.UseToken(t.Context(), "demo", made.Token)
		if works := err == nil && string(id) == c.ID; works != (use < 2) {
			t.Errorf("use %d: %q, %v", use+1, id, err)
		}
	}
	s.do(step{"", "POST", at + "/token", ``, 200, nil})
}

// TestCheckoutSettings is spec/05 §1.8.
func TestCheckoutSettings(t *testing.T) {
	s := newTill(t)
	const all, one = "/v3/checkouts/settings", "/v3/checkouts/settings/channels/1"
	s.walk(
		step{"", "GET", all, "", 200, []string{`"custom_checkout_script_url":""`, `"order_confirmation_use_custom_checkout_script":false`, `!checkout_type`}},
		step{"", "PUT", all, `{"custom_checkout_script_url":"webdav:/x.js","custom_checkout_supports_uco_settings":true,"checkout_type":"x"}`, 200, []string{`"webdav:/x.js"`, `"custom_checkout_supports_uco_settings":true`, `!checkout_type`}},
		step{"", "GET", one, "", 200, []string{`"webdav:/x.js"`, `"checkout_type":""`}},
		step{"", "PUT", one, `{"custom_checkout_script_url":"https://shop.example/y.js","checkout_type":"one_page"}`, 200, []string{`y.js`, `"checkout_type":"one_page"`, `"custom_checkout_supports_uco_settings":true`}},
		step{"", "GET", all, "", 200, []string{`webdav:/x.js`}},
		step{"", "PUT", one, `{"custom_checkout_script_url":null}`, 200, []string{`webdav:/x.js`, `"checkout_type":"one_page"`}},
		step{"", "PUT", one, `{"checkout_type":1}`, 422, []string{`"checkout_type":"error.expected.jsstring"`}},
		step{"", "PUT", all, `{"custom_checkout_supports_uco_settings":"yes"}`, 422, []string{`error.expected.jsboolean`}},
		step{"", "GET", "/v3/checkouts/settings/channels/9", "", 422, []string{`"channel_id"`}},
		step{"", "PUT", "/v3/checkouts/settings/channels/9", `{}`, 422, []string{`"channel_id"`}},
		step{"", "GET", "/v3/checkouts/settings/channels/x", "", 404, nil},
		step{"", "POST", "/v3/checkouts/settings/coupons", `{"coupon_code":"x"}`, 404, nil},
	)
}

// TestCheckoutsThatAreNotThere: every operation answers 404 in a body that can be
// read both ways (spec/05 §1), and a stale version with 409, changing nothing.
func TestCheckoutsThatAreNotThere(t *testing.T) {
	s := newTill(t)
	at, c := s.open()
	mug := c.Cart.Lines.Physical[0].ID
	fee := `"type":"custom_fee","name":"n","display_name":"d","cost":1,"source":"s"}`
	const nobody = "4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55"
	for _, e := range []step{
		{"", "GET", "", "", 0, nil},
		{"", "PUT", "", `{"customer_message":"x","version":9}`, 0, nil},
		{"", "POST", "/billing-address", `{` + texas + `,"version":9}`, 0, nil},
		{"", "PUT", "/billing-address/0123456789abc", `{` + texas + `,"version":9}`, 0, nil},
		{"", "POST", "/consignments", fmt.Sprintf(`[{"address":{%s},"line_items":[{"item_id":%q,"quantity":1}],"version":9}]`, texas, mug), 0, nil},
		{"", "PUT", "/consignments/0123456789abc", `{"shipping_option_id":"x","version":9}`, 0, nil},
		{"", "DELETE", "/consignments/0123456789abc", `{"version":9}`, 0, nil},
		{"", "POST", "/coupons", `{"coupon_code":"x","version":9}`, 0, nil},
		{"", "DELETE", "/coupons/x", `{"version":9}`, 0, nil},
		{"", "POST", "/discounts", `{"cart":{"discounts":[{"discounted_amount":1}],"version":9}}`, 0, nil},
		{"", "POST", "/fees", `{"fees":[{` + fee + `],"version":9}`, 0, nil},
		{"", "PUT", "/fees", `{"fees":[{"id":"x",` + fee + `],"version":9}`, 0, nil},
		{"", "DELETE", "/fees", `{"ids":["x"],"version":9}`, 0, nil},
		{"", "POST", "/token", `{}`, 0, nil},
	} {
		for _, id := range []string{nobody, "100"} {
			gone := e
			gone.path, gone.status = "/v3/checkouts/"+id+e.path, 404
			const kind = `"type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"`
			gone.parts = []string{`{"status":404,"title":"Not Found",` + kind + `,"errors":[{"status":404,"title":"Not Found",` + kind + `,"detail":"Checkout ` + id + ` not found"}]}`}
			s.do(gone)
		}
		if strings.Contains(e.body, "version") {
			stale := e
			stale.path, stale.status = at+e.path, 409
			stale.parts = []string{`"title":"The request cannot be processed due to a possible conflict. Please review the changes and try again."`}
			s.do(stale)
		}
		e.as, e.path, e.status, e.parts = "orders", at+e.path, 403, nil
		s.do(e)
	}
	if now := s.read("GET", at, ""); now.Version != 1 {
		t.Errorf("the version is %d", now.Version)
	}
	s.do(step{"", "PUT", at, `{"customer_message":"` + strings.Repeat("x", 2001) + `"}`, 422, []string{`"customer_message":"error.maxLength"`}})
	s.do(step{"", "PUT", at, `{"customer_message":"` + strings.Repeat("é", 2000) + `"}`, http.StatusOK, []string{`"version":2`}})
}
