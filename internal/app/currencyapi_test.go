package app

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// newStoreBeside makes a second store on a street's server and returns what
// calls it.
func newStoreBeside(t *testing.T, s *street) func(method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	if _, err := s.app.Merchants.CreateStore(t.Context(), merchant.Setup{Hash: "other", Name: "Other"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.Merchants.AddToken(t.Context(), merchant.Grant{Store: "other", Scopes: []string{"all"}}, "other"); err != nil {
		t.Fatal(err)
	}
	return func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, "/stores/other"+path, strings.NewReader(body))
		r.Header.Set("X-Auth-Token", "other")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.h.ServeHTTP(w, r)
		return w
	}
}

func TestCurrencies(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "GET", "/v2/currencies", "", 200, []string{`[{"id":1,"is_default":true`, `"currency_code":"USD","currency_exchange_rate":"1.0000000000"`}},
		step{"", "POST", "/v2/currencies", euro, 200, []string{`{"id":2,"is_default":false,"country_iso2":"","default_for_country_codes":[],"currency_code":"EUR","currency_exchange_rate":"0.5000000000"`,
			`"token_location":"right","token":" €","decimal_token":",","thousands_token":".","decimal_places":2,"name":"Euro","enabled":true,"is_transactional":true,"use_default_name":false,"last_updated":"`}},
		step{"", "GET", "/v2/currencies/2", "", 200, []string{`"currency_code":"EUR"`}},
		step{"", "GET", "/v2/currencies?limit=1&page=2", "", 200, []string{`"id":2`, `!"id":1`}},
		step{"", "GET", "/v2/currencies?page=5", "", 200, []string{`[]`}},
		step{"", "PUT", "/v2/currencies/2", `{"currency_exchange_rate":0.25,"country_iso2":"FR","default_for_country_codes":["FRA","DEU"],"currency_code":"XXX"}`, 200,
			[]string{`"currency_code":"EUR"`, `"0.2500000000"`, `"country_iso2":"FR"`, `["FRA","DEU"]`}},

		step{"", "POST", "/v2/currencies", euro, 409, []string{`[{"status":409,"message":"The store has the currency EUR already."}]`}},
		step{"", "POST", "/v2/currencies", `{}`, 400, []string{`"status":400`, `"name":"error.path.missing"`, `"currency_code":"error.path.missing"`, `"decimal_places":"error.path.missing"`, `"thousands_token":"error.path.missing"`}},
		step{"", "POST", "/v2/currencies", strings.Replace(euro, "eur", "QQQ", 1), 400, []string{`"currency_code":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v2/currencies", strings.Replace(euro, "0.5", "0", 1), 400, []string{`"currency_exchange_rate":"error.expected.jsnumber"`}},
		step{"", "PUT", "/v2/currencies/2", `{"decimal_places":5,"token_location":"up","decimal_token":"..","enabled":1}`, 400, []string{`"decimal_places":"error.max"`, `"token_location":"error.expected.validenumvalue"`, `"decimal_token":"error.maxLength"`, `"enabled":"error.expected.jsboolean"`}},
		step{"", "PUT", "/v2/currencies/2", `[]`, 400, []string{`error.expected.jsobject`}},
		step{"", "PUT", "/v2/currencies/1", `{"enabled":false}`, 409, []string{`"status":409`}},
		step{"", "PUT", "/v2/currencies/1", `{"is_default":false}`, 400, []string{`"is_default":"error.expected.validenumvalue"`}},
		step{"", "DELETE", "/v2/currencies/1", "", 409, []string{`"status":409`}},
		step{"", "GET", "/v2/currencies/9", "", 404, []string{`[{"status":404,"message":"The requested resource was not found."}]`}},
		step{"", "GET", "/v2/currencies/x", "", 404, []string{`[{"status":404`}},
		step{"", "PUT", "/v2/currencies/9", `{}`, 404, nil},
		step{"", "DELETE", "/v2/currencies/9", "", 404, nil},
		step{"", "GET", "/v2/currencies?limit=0", "", 400, []string{`"limit":"error.min"`}},

		step{"", "PUT", "/v2/currencies/2", `{"is_default":true}`, 200, []string{`"is_default":true`, `"1.0000000000"`}},
		step{"", "GET", "/v2/currencies/1", "", 200, []string{`"is_default":false`, `"4.0000000000"`}},
		step{"", "GET", "/v2/store", "", 200, []string{`"currency":"EUR","currency_symbol":" €","currency_symbol_location":"right","decimal_separator":","`}},
		step{"", "DELETE", "/v2/currencies/1", "", 204, nil},
		step{"", "GET", "/v2/currencies/1", "", 404, nil},
	)
}

// TestCartsFollowTheStore: what the merchant changes of the store shows in the
// next answer of a cart, with the same version.
func TestCartsFollowTheStore(t *testing.T) {
	s := newStreet(t)
	w := s.do(step{"", "POST", "/v3/catalog/products", `{"name":"Mug","type":"physical","weight":1,"price":10}`, 200, nil})
	product := strings.SplitN(strings.SplitN(w.Body.String(), `"id":`, 2)[1], ",", 2)[0]
	s.walk(
		step{"", "POST", "/v2/currencies", euro, 200, nil},
		step{"", "POST", "/v2/gift_wrapping", `{"name":"Blue","price":"2.5"}`, 201, nil},
	)
	item := `"line_items":[{"product_id":` + product + `,"quantity":2,"gift_wrapping":{"wrap_together":true,"wrap_details":[{"id":1,"message":"Hi"}]}}]}`
	w = s.do(step{"", "POST", "/v3/carts", `{"currency":{"code":"EUR"},` + item, 201, []string{`"cart_amount":10,`, `"gift_wrapping":{"name":"Blue","message":"Hi","amount":1.25}`, `"url":"https://shop.example/mug/"`}})
	at := "/v3/carts/" + strings.SplitN(strings.SplitN(w.Body.String(), `"id":"`, 2)[1], `"`, 2)[0]
	s.walk(
		step{"", "PUT", "/v2/currencies/2", `{"currency_exchange_rate":2}`, 200, nil},
		step{"", "GET", at, "", 200, []string{`"cart_amount":40,`, `"amount":5}`, `"version":1`}},
		step{"", "PUT", "/v2/gift_wrapping/1", `{"name":"Red","price":3}`, 200, nil},
		step{"", "GET", at, "", 200, []string{`"gift_wrapping":{"name":"Red","message":"Hi","amount":6}`, `"version":1`}},
		step{"", "PUT", "/v3/sites/1", `{"url":"https://new.example"}`, 200, nil},
		step{"", "GET", at, "", 200, []string{`"url":"https://new.example/mug/"`}},
		step{"", "PUT", "/v2/currencies/2", `{"is_default":true}`, 200, nil},
		step{"", "GET", at, "", 200, []string{`"cart_amount":20,`}},
		step{"", "DELETE", "/v2/gift_wrapping/1", "", 204, nil},
		step{"", "GET", at, "", 200, []string{`"gift_wrapping":{"name":"Red","message":"Hi","amount":3}`}},
		step{"", "PUT", "/v2/currencies/1", `{"is_default":true}`, 200, nil},
		step{"", "PUT", "/v2/currencies/2", `{"currency_exchange_rate":2}`, 200, nil},
		step{"", "DELETE", "/v2/currencies/2", "", 204, nil},
		step{"", "GET", at, "", 200, []string{`"cart_amount":40,`}},
		step{"", "POST", at + "/items", `{"line_items":[{"product_id":` + product + `,"quantity":1}]}`, 201, []string{`"currency":{"code":"EUR"}`, `"cart_amount":60,`}},
		step{"", "POST", "/v3/carts", `{"currency":{"code":"EUR"},` + lineOfWork[1:], 400, []string{"EUR"}},
		step{"", "POST", "/v3/carts", `{` + item, 422, []string{`Gift wrapping option 1 is not available for Mug.`}},
	)
}

func TestGiftWrappings(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "GET", "/v2/gift_wrapping", "", 200, []string{`[]`}},
		step{"", "POST", "/v2/gift_wrapping", `{"name":"Blue paper","price":"4.5","preview_image":"https://shop.example/blue.png"}`, 201,
			[]string{`{"id":1,"name":"Blue paper","price":"4.5000","is_visible":true,"allow_comments":true,"preview_image":"https://shop.example/blue.png"}`}},
		step{"", "POST", "/v2/gift_wrapping", `{"name":"Plain","price":0,"is_visible":false,"allow_comments":false}`, 201, []string{`"id":2`, `"0.0000"`, `"is_visible":false,"allow_comments":false`}},
		step{"", "GET", "/v2/gift_wrapping?page=2&limit=1", "", 200, []string{`"id":2`, `!"id":1`}},
		step{"", "GET", "/v2/gift_wrapping/1", "", 200, []string{`"name":"Blue paper"`}},
		step{"", "PUT", "/v2/gift_wrapping/1", `{"price":5,"preview_image":""}`, 200, []string{`"name":"Blue paper","price":"5.0000"`, `"preview_image":""`}},
		step{"", "DELETE", "/v2/gift_wrapping/1", "", 204, nil},
		step{"", "GET", "/v2/gift_wrapping", "", 200, []string{`!"id":1`, `"id":2`}},
		step{"", "GET", "/v2/gift_wrapping/1", "", 404, []string{`[{"status":404`}},
		step{"", "PUT", "/v2/gift_wrapping/1", `{}`, 404, nil},
		step{"", "DELETE", "/v2/gift_wrapping/1", "", 404, nil},
		step{"", "POST", "/v2/gift_wrapping", `{}`, 400, []string{`"name":"error.path.missing"`, `"price":"error.path.missing"`}},
		step{"", "POST", "/v2/gift_wrapping", `{"name":"","price":-1,"preview_image":"x"}`, 400, []string{`"name":"error.minLength"`, `"price":"error.min"`, `"preview_image":"error.expected.url"`}},
		step{"", "PUT", "/v2/gift_wrapping/2", `{"price":"much"}`, 400, []string{`"price":"error.expected.jsnumber"`}},
		step{"", "PUT", "/v2/gift_wrapping/2", fmt.Sprintf(`{"price":%s0}`, money.Max), 400, []string{`"price":"error.max"`}},
		step{"", "GET", "/v2/gift_wrapping?limit=251", "", 400, []string{`"limit":"error.max"`}},
	)
}

func TestStoreAndTime(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "GET", "/v2/store", "", 200, []string{`{"id":"demo","name":"Demo","domain":"shop.example","secure_url":"https://shop.example","status":"live","admin_email":"hello@shop.example"`,
			`"currency":"USD","currency_symbol":"$","currency_symbol_location":"left","decimal_separator":".","thousands_separator":",","decimal_places":2`, `"default_channel_id":1,"default_site_id":1`}},
		step{"", "DELETE", "/v3/sites/1", "", 204, nil},
		step{"", "GET", "/v2/store", "", 200, []string{`"domain":"localhost:8080","secure_url":"http://localhost:8080/shop/demo"`, `!default_site_id`}},
		step{"", "GET", "/v2/time", "", 200, []string{`{"time":`}},
		step{"", "PUT", "/v2/store", `{}`, 405, []string{`[{"status":405`}},
	)
}
