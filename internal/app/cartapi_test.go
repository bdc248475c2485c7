package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/testdb"
)

// desk is a store with the products of the samples.
type desk struct {
	h                    http.Handler
	lamp, mug, guide     int64
	brass, finish, value int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{h: openStore(t, testdb.URL(t))}
	var lamp struct {
		Data struct {
			ID       int64
			Variants []struct {
				ID     int64
				SKU    string
				Values []struct {
					ID       int64
					OptionID int64 `json:"option_id"`
				} `json:"option_values"`
			}
		}
	}
	d.make(t, `{"name":"Desk lamp","type":"physical","weight":1,"price":34.9,"sale_price":29.9,"custom_url":{"url":"/desk-lamp/"},
		"images":[{"image_url":"https://shop.example/media/lamp.png","is_thumbnail":true}],
		"variants":[{"sku":"LAMP-BR","option_values":[{"option_display_name":"Finish","label":"Brass"}]},
			{"sku":"LAMP-ST","option_values":[{"option_display_name":"Finish","label":"Steel"}]}]}`, &lamp)
	d.lamp, d.brass = lamp.Data.ID, lamp.Data.Variants[0].ID
	d.finish, d.value = lamp.Data.Variants[0].Values[0].OptionID, lamp.Data.Variants[0].Values[0].ID
	d.mug = d.product(t, `{"name":"Mug","type":"physical","weight":0.4,"price":10,"order_quantity_maximum":20}`)
	d.guide = d.product(t, `{"name":"Guide","type":"digital","weight":0,"price":5}`)
	return d
}

func (d *desk) make(t *testing.T, body string, into any) {
	t.Helper()
	w := call(d.h, "POST", "/stores/demo/v3/catalog/products?include=variants", body)
	if w.Code != http.StatusOK {
		t.Fatalf("create product: %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) product(t *testing.T, body string) int64 {
	t.Helper()
	var p struct{ Data struct{ ID int64 } }
	d.make(t, body, &p)
	return p.Data.ID
}

// TestTheSampleOfTheSpecification compares the answer of POST /carts with the
// sample of spec/01 §2, order of properties included.
func TestTheSampleOfTheSpecification(t *testing.T) {
	d := newDesk(t)
	w := call(d.h, "POST", "/stores/demo/v3/carts?include=redirect_urls,line_items.physical_items.options", fmt.Sprintf(
		`{"customer_id":0,"channel_id":1,"locale":"en-US","currency":{"code":"usd"},"line_items":[{"product_id":%d,"variant_id":%d,"quantity":2}]}`, d.lamp, d.brass))
	if w.Code != http.StatusCreated || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	body := w.Body.String()
	for pattern, with := range map[string]string{
		`[0-9a-f]{64}`: "TOKEN",
		`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`:      "UUID",
		`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"`:                                 `"TIME"`,
		fmt.Sprintf(`"variant_id":%d,"product_id":%d`, d.brass, d.lamp):            `"variant_id":V,"product_id":P`,
		fmt.Sprintf(`"nameId":%d,"value":"Brass","valueId":%d`, d.finish, d.value): `"nameId":N,"value":"Brass","valueId":I`,
	} {
		body = regexp.MustCompile(pattern).ReplaceAllString(body, with)
	}
	const base = "http://localhost:8080/shop/demo"
	want := `{"data":{"id":"UUID","customer_id":0,"channel_id":1,"email":"","currency":{"code":"USD"},"tax_included":false,` +
		`"base_amount":59.8,"discount_amount":0,"manual_discount_amount":0,"cart_amount":59.8,"coupons":[],` +
		`"discounts":[{"id":"UUID","discounted_amount":0}],"line_items":{"physical_items":[{"id":"UUID","parent_id":null,` +
		`"variant_id":V,"product_id":P,"sku":"LAMP-BR","name":"Desk lamp","url":"` + base + `/desk-lamp/","quantity":2,"taxable":true,` +
		`"image_url":"https://shop.example/media/lamp.png","discounts":[],"coupons":[],"discount_amount":0,"coupon_amount":0,` +
		`"original_price":34.9,"list_price":29.9,"sale_price":29.9,"extended_list_price":59.8,"extended_sale_price":59.8,` +
		`"is_require_shipping":true,"is_mutable":true,"added_by_promotion":false,"gift_wrapping":null,` +
		`"options":[{"name":"Finish","nameId":N,"value":"Brass","valueId":I}]}],"digital_items":[],"gift_certificates":[],"custom_items":[]},` +
		`"created_time":"TIME","updated_time":"TIME","locale":"en-US","version":1,"redirect_urls":{` +
		`"cart_url":"` + base + `/cart.php?action=load&id=UUID&token=TOKEN","checkout_url":"` + base + `/cart.php?action=loadInCheckout&id=UUID&token=TOKEN",` +
		`"embedded_checkout_url":"` + base + `/cart.php?embedded=1&action=loadInCheckout&id=UUID&token=TOKEN"}},"meta":{}}`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
}

// exchange is one request and what its answer must hold.
type exchange struct {
	method, path, body string
	status             int
	holds              []string
	lacks              []string
}

func (d *desk) run(t *testing.T, e exchange) *httptest.ResponseRecorder {
	t.Helper()
	w := call(d.h, e.method, "/stores/demo"+e.path, e.body)
	if w.Code != e.status {
		t.Errorf("%s %s answers %d: %s", e.method, e.path, w.Code, w.Body)
	}
	for _, part := range e.holds {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("%s %s lacks %s in %s", e.method, e.path, part, w.Body)
		}
	}
	for _, part := range e.lacks {
		if strings.Contains(w.Body.String(), part) {
			t.Errorf("%s %s has %s in %s", e.method, e.path, part, w.Body)
		}
	}
	return w
}

func (d *desk) cart(t *testing.T, body string) cartAnswer {
	t.Helper()
	return readCart(t, d.h, "POST", "/stores/demo/v3/carts", body, http.StatusCreated)
}

// TestCartErrors is the table of spec/01 §12, with the shapes of spec/00 §5.
func TestCartErrors(t *testing.T) {
	d := newDesk(t)
	c := d.cart(t, fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug))
	at := "/v3/carts/" + c.Data.ID
	schema := `"title":"JSON data is missing or invalid"`
	kind := `"type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"`
	for name, e := range map[string]exchange{
		"no items":                 {"POST", "/v3/carts", `{}`, 422, []string{`{"status":422,"title":"Missing line_items in request body",` + kind + `}`}, nil},
		"empty items":              {"POST", at + "/items", `{"line_items":[]}`, 422, []string{"Missing line_items in request body"}, nil},
		"variant not determined":   {"POST", "/v3/carts", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, d.lamp), 422, []string{`"title":"Missing or incorrect required fields",` + kind + `,"errors":{"variant":"This product has options, variant ID is required"}}`}, nil},
		"a maximum":                {"POST", "/v3/carts", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":21}]}`, d.mug), 422, []string{`"You can only purchase a maximum of 20 of the Mug per order."`}, []string{`"errors"`}},
		"wrong types":              {"POST", "/v3/carts", `{"customer_id":"x","line_items":[{"product_id":{},"quantity":"many"}]}`, 422, []string{schema, `"customer_id":"error.expected.jsnumber"`, `"line_items.0.product_id":"error.expected.jsnumber"`, `"line_items.0.quantity":"error.expected.jsnumber"`}, nil},
		"a missing field":          {"POST", "/v3/carts", `{"line_items":[{"quantity":1}]}`, 422, []string{schema, `"line_items.0.product_id":"error.path.missing"`}, nil},
		"no quantity":              {"POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":0}]}`, 422, []string{`"line_items.0.quantity":"error.min"`}, nil},
		"half a quantity":          {"POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":1.5}]}`, 422, []string{`"line_items.0.quantity":"error.expected.jsnumber"`}, nil},
		"a quantity beyond bounds": {"POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":1000001}]}`, 422, []string{`"line_items.0.quantity":"error.max"`}, nil},
		"a line that is no object": {"POST", "/v3/carts", `{"line_items":[5]}`, 422, []string{`"errors":{"line_items.0":"error.expected.jsobject"}`}, nil},
		"a line that is null":      {"POST", "/v3/carts", `{"line_items":[null]}`, 422, []string{`"errors":{"line_items.0":"error.expected.jsobject"}`}, nil},
		"a wrapping that is none":  {"POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":1,"gift_wrapping":5}]}`, 422, []string{`"errors":{"line_items.0.gift_wrapping":"error.expected.jsobject"}`}, nil},
		"no sender":                {"POST", "/v3/carts", `{"gift_certificates":[{"name":"Joy","theme":"Boy","amount":5,"quantity":1,"recipient":{"name":"B","email":"b@example.com"}}]}`, 422, []string{`"errors":{"gift_certificates.0.sender":"error.path.missing"}`}, nil},
		"no option value":          {"POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":1,"option_selections":[{"option_id":1}]}]}`, 422, []string{`"errors":{"line_items.0.option_selections.0.option_value":"error.path.missing"}`}, nil},
		"channel 0":                {"POST", "/v3/carts", fmt.Sprintf(`{"channel_id":0,"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug), 422, []string{`"errors":{"channel_id":"error.min"}`}, nil},
		"channel null":             {"POST", "/v3/carts", fmt.Sprintf(`{"channel_id":null,"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug), 201, []string{`"channel_id":1`}, nil},
		"a syntax error in V2":     {"POST", "/v2/currencies", `{`, 400, []string{`[{"status":400,"message":"Input is invalid","details":{"syntax":"Syntax error"}}]`}, nil},
		"a body that is a list":    {"POST", "/v3/carts", `[]`, 422, []string{schema, `"body":"error.expected.jsobject"`}, nil},
		"a syntax error":           {"POST", "/v3/carts", `{"line_items":[`, 400, []string{`{"status":400,"title":"Input is invalid",` + kind + `,"detail":"Syntax error"}`}, nil},
		"two values":               {"POST", "/v3/carts", `{}{}`, 400, []string{"Syntax error"}, nil},
		"a currency that is not":   {"POST", "/v3/carts", fmt.Sprintf(`{"currency":{"code":"CHF"},"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug), 400, []string{"Input is invalid", "CHF"}, nil},
		"an unknown cart":          {"GET", "/v3/carts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55", "", 404, []string{`{"status":404,` + kind + `}`}, []string{"title"}},
		"an id that is none":       {"GET", "/v3/carts/100", "", 404, []string{`{"status":404,` + kind + `}`}, []string{"title"}},
		"an unknown line":          {"PUT", at + "/items/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55", `{"line_item":{"quantity":1}}`, 404, nil, []string{"title"}},
		"a stale version":          {"POST", at + "/items", fmt.Sprintf(`{"version":7,"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug), 409, []string{"The request cannot be processed due to a possible conflict. Please review the changes and try again."}, nil},
		"a version that is none":   {"POST", at + "/items", `{"version":"x","line_items":[{"product_id":1,"quantity":1}]}`, 422, []string{`"version":"error.expected.jsnumber"`}, nil},
		"no customer":              {"PUT", at, `{}`, 422, []string{`"customer_id":"error.path.missing"`}, nil},
		"an unknown customer":      {"PUT", at, `{"customer_id":99}`, 422, []string{`"customer_id":"Customer 99 does not exist"`}, nil},
		"a list of carts":          {"GET", "/v3/carts", "", 405, []string{`{"status":405,"title":"Method Not Allowed"`}, nil},
		"an unknown route":         {"GET", "/v3/nothing", "", 404, []string{`{"status":404,"title":"Not Found"`}, nil},
		"a slash at the end":       {"GET", at + "/", "", 200, []string{c.Data.ID}, nil},
	} {
		t.Run(name, func(t *testing.T) { d.run(t, e) })
	}
	if got := readCart(t, d.h, "GET", "/stores/demo"+at, "", 200); got.Data.Version != 1 {
		t.Errorf("the refused requests left version %d", got.Data.Version)
	}
}

// TestContradictions is the table of spec/01 §17: what is accepted, and what
// is sent.
func TestContradictions(t *testing.T) {
	d := newDesk(t)
	mug := fmt.Sprintf(`{"line_items":[{"product_id":"%d","quantity":"2"}]}`, d.mug)
	c := d.cart(t, mug) // rows 8, 9: numeric strings
	at := "/v3/carts/" + c.Data.ID
	certificate := `{"name":"Joy","theme":"birthday.html","amount":50,"quantity":2,"sender":{"name":"A","email":"a@example.com"},"recipient":{"name":"B","email":"b@example.com"},"message":"Hi"}`
	for _, e := range []exchange{
		{"PUT", at, `{"customer_id":0}`, 200, []string{`"version":2`}, nil}, // row 1
		{"POST", at + "/items", `{"custom_items":[{"name":"Work","quantity":"3","list_price":"2.50"}]}`, 201, []string{`"quantity":3,"list_price":2.5,"extended_list_price":7.5`}, nil},  // row 2
		{"POST", at + "/items", `{"gift_certificates":[` + certificate + `]}`, 201, []string{`"theme":"Birthday","amount":50,"quantity":2,"taxable":false`, `"cart_amount":127.5`}, nil}, // row 17
		{"POST", at + "/items", fmt.Sprintf(`{"line_item":{"product_id":%d,"quantity":1}}`, d.guide), 201, []string{`"download_file_urls":[]`, `"is_require_shipping":false`}, nil},
		{"POST", at + "/redirect_urls", `{"query_params":[{"key":"ref","value":42}]}`, 201, []string{`&ref=42"`}, nil},
		{"POST", at + "/redirect_urls", `{"query_params":{"ref":true,"utm_source":"a b"}}`, 201, []string{`&ref=true&utm_source=a+b"`}, nil},
		{"POST", at + "/redirect_urls", ``, 201, []string{`"cart_url"`}, nil},
		{"POST", at + "/redirect_urls", `{"query_params":{"token":"x"}}`, 422, []string{`"query_params.token"`}, nil},
		{"GET", at + "?include=redirect_urls&include=promotions.banners,unknown", "", 200, []string{`"redirect_urls":{`, `"promotions":{"banners":[]}`}, []string{`"options"`}},
		{"GET", at + "?include=%20line_items.digital_items.options%2C", "", 200, []string{`"options":[]`}, nil},
	} {
		d.run(t, e)
	}
	var lines struct {
		Data struct {
			Items struct {
				Physical []struct{ ID string } `json:"physical_items"`
				Gift     []struct{ ID string } `json:"gift_certificates"`
			} `json:"line_items"`
		}
	}
	w := call(d.h, "GET", "/stores/demo"+at, "")
	if err := json.Unmarshal(w.Body.Bytes(), &lines); err != nil {
		t.Fatal(err)
	}
	first, gift := at+"/items/"+lines.Data.Items.Physical[0].ID, at+"/items/"+lines.Data.Items.Gift[0].ID
	for _, e := range []exchange{ // row 13
		{"PUT", first, fmt.Sprintf(`{"line_item":{"product_id":%d,"quantity":4,"list_price":21.5}}`, d.mug), 200, []string{`"list_price":21.5`, `"original_price":10`, `"extended_sale_price":86`}, nil},
		{"PUT", first, fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":3}]}`, d.mug), 200, []string{`"quantity":3`, `"list_price":21.5`}, nil},
		{"PUT", gift, `{"gift_certificates":[` + strings.Replace(certificate, "50", "60", 1) + `]}`, 200, []string{`"amount":60`}, nil},
		{"PUT", first, `{"line_item":{"quantity":2}}`, 200, []string{`"quantity":2`}, nil}, // product_id is the line's own
		{"PUT", gift, `{"gift_certificates":` + strings.Replace(certificate, "50", "70", 1) + `}`, 200, []string{`"amount":70`}, nil},
		{"PUT", gift, `{"gift_certificates":5}`, 422, []string{`"errors":{"gift_certificates":"error.expected.jsarray"}`}, nil},
		{"PUT", gift, `{"gift_certificates":[null]}`, 422, []string{`"errors":{"gift_certificates.0":"error.expected.jsobject"}`}, nil},
		{"PUT", first, `{"line_items":5}`, 422, []string{`"errors":{"line_items":"error.expected.jsarray"}`}, nil},
		{"PUT", first, `{"line_items":[null]}`, 422, []string{`"errors":{"line_items.0":"error.expected.jsobject"}`}, nil},
		{"PUT", first, `{}`, 422, []string{`"errors":{"line_item":"error.path.missing"}`}, nil},
		{"PUT", first, `{"custom_items":[{"name":"x"}]}`, 422, []string{"Custom items cannot be updated."}, nil},
		{"DELETE", gift, `{"version":1}`, 409, nil, nil},
		{"DELETE", gift, ``, 200, []string{`"gift_certificates":[]`}, nil},
		{"DELETE", at, ``, 204, nil, nil},
		{"DELETE", at, ``, 404, nil, []string{"title"}},
	} {
		d.run(t, e)
	}
	last := d.cart(t, mug)
	w = call(d.h, "GET", "/stores/demo/v3/carts/"+last.Data.ID, "")
	if err := json.Unmarshal(w.Body.Bytes(), &lines); err != nil {
		t.Fatal(err)
	}
	d.run(t, exchange{"DELETE", "/v3/carts/" + last.Data.ID + "/items/" + lines.Data.Items.Physical[0].ID, "", 204, nil, nil})
	d.run(t, exchange{"GET", "/v3/carts/" + last.Data.ID, "", 404, nil, nil})
}

// TestLabelsThatAreNumbers sends what an option is called as the vendor's
// example does.
func TestLabelsThatAreNumbers(t *testing.T) {
	d := newDesk(t)
	d.run(t, exchange{"POST", "/v3/carts?include=line_items.physical_items.options", fmt.Sprintf(
		`{"line_items":[{"product_id":%d,"quantity":1,"option_selections":[{"option_id":%d,"option_value":%d,"name":7,"value":2023}]}]}`, d.lamp, d.finish, d.value),
		201, []string{`"name":"7"`, `"value":"2023"`}, nil})
	d.run(t, exchange{"POST", "/v3/carts", fmt.Sprintf(
		`{"line_items":[{"product_id":%d,"variant_id":%d,"quantity":1,"option_selections":[{"option_id":%d,"option_value":null,"value":true}]}]}`, d.lamp, d.brass, d.finish),
		422, []string{`"errors":{"line_items.0.option_selections.0.value":"error.expected.jsstring"}`}, nil})
}

// TestLiteralsAreNoCarts holds settings and metafields against {cartId}, for
// what they do not have themselves.
func TestLiteralsAreNoCarts(t *testing.T) {
	d := newDesk(t)
	for _, tc := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"DELETE", "/settings", 405, "GET, HEAD, PUT"},
		{"POST", "/settings", 405, "GET, HEAD, PUT"},
		{"PATCH", "/settings", 405, "GET, HEAD, PUT"},
		{"DELETE", "/settings/", 405, "GET, HEAD, PUT"},
		{"POST", "/%73ettings/items", 404, ""},
		{"PATCH", "/metafields", 405, "DELETE, GET, HEAD, POST, PUT"},
		{"DELETE", "/settings/channels/1", 405, "GET, HEAD, PUT"},
		{"POST", "/settings/items", 404, ""},
		{"GET", "/settings/items", 404, ""},
		{"POST", "/metafields/items", 404, ""},
		{"POST", "/settings/redirect_urls", 404, ""},
		{"POST", "/metafields/redirect_urls", 404, ""},
		{"GET", "/settings/metafields", 404, ""},
		{"POST", "/settings/metafields", 404, ""},
		{"DELETE", "/settings/metafields/5", 404, ""},
		{"PUT", "/settings/items/5", 404, ""},
		{"DELETE", "/metafields/items/5", 404, ""},
		{"PATCH", "/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55", 405, "DELETE, GET, HEAD, PUT"},
	} {
		w := call(d.h, tc.method, "/stores/demo/v3/carts"+tc.path, "")
		title := map[int]string{404: `"title":"Not Found"`, 405: `"title":"Method Not Allowed"`}[tc.status]
		if w.Code != tc.status || w.Header().Get("Allow") != tc.allow || !strings.Contains(w.Body.String(), title) {
			t.Errorf("%s %s: %d, Allow %q, %s", tc.method, tc.path, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
}

// TestHeadMakesNoLink looks at what net/http would drop: the body.
func TestHeadMakesNoLink(t *testing.T) {
	d := newDesk(t)
	c := d.cart(t, fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug))
	d.run(t, exchange{"HEAD", "/v3/carts/" + c.Data.ID + "?include=redirect_urls", "", 200, nil, []string{"redirect_urls"}})
}

// TestHugeHeaders is answered by net/http, before the API sees the request.
func TestHugeHeaders(t *testing.T) {
	addr, _, _ := start(t, Config{Listen: "127.0.0.1:0"})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr.String()+"/stores/demo/v3/carts/settings", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", strings.Repeat("x", 72<<10))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

func TestGates(t *testing.T) {
	d := newDesk(t)
	c := d.cart(t, fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, d.mug))
	path := "/stores/demo/v3/carts/" + c.Data.ID
	send := func(method, path, body string, headers map[string]string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("X-Auth-Token", "secret")
		for k, v := range headers {
			if r.Header.Set(k, v); v == "" {
				r.Header.Del(k)
			}
		}
		w := httptest.NewRecorder()
		d.h.ServeHTTP(w, r)
		return w
	}
	for name, tc := range map[string]struct {
		method, path, body string
		headers            map[string]string
		status             int
	}{
		"no token":               {"GET", path, "", map[string]string{"X-Auth-Token": ""}, 401},
		"another token":          {"GET", path, "", map[string]string{"X-Auth-Token": "guess"}, 401},
		"another store":          {"GET", strings.Replace(path, "demo", "other", 1), "", nil, 401},
		"an unknown route":       {"GET", "/stores/demo/v3/x", "", map[string]string{"X-Auth-Token": ""}, 401},
		"axios' Accept":          {"GET", path, "", map[string]string{"Accept": "application/json, text/plain, */*"}, 200},
		"no JSON wanted":         {"GET", path, "", map[string]string{"Accept": "text/html"}, 406},
		"a type with parameters": {"PUT", path, `{"customer_id":0}`, map[string]string{"Content-Type": "application/json;charset=utf-8"}, 200},
		"no type":                {"PUT", path, `{"customer_id":0}`, nil, 415},
		"another type":           {"PUT", path, `{"customer_id":0}`, map[string]string{"Content-Type": "text/plain"}, 415},
		"a type and no body":     {"GET", path, "", map[string]string{"Content-Type": "application/json"}, 200},
		"5 MB":                   {"PUT", path, `{"customer_id":0,"x":"` + strings.Repeat("x", 5<<20) + `"}`, map[string]string{"Content-Type": "application/json"}, 413},
		"a key that is no text":  {"POST", "/stores/demo/v3/carts", "{}", map[string]string{"Idempotency-Key": "a\xffb"}, 422},
		"a key with a NUL":       {"POST", "/stores/demo/v3/carts", "{}", map[string]string{"Idempotency-Key": "a\x00b"}, 422},
		"an unclean path":        {"GET", "/stores/demo/v3//carts/" + c.Data.ID, "", nil, 404},
		"dots in the path":       {"GET", "/stores/demo/v3/carts/../carts/" + c.Data.ID, "", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(tc.method, tc.path, tc.body, tc.headers)
			if w.Code != tc.status || w.Header().Get("Content-Type") != "application/json" || len(w.Header().Get("X-Request-Id")) != 32 {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}
