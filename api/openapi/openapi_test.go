package openapi_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"cartwright/api/openapi"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.YAML)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return doc
}

// each calls f for every operation of the document.
func each(doc *openapi3.T, f func(path, method string, op *openapi3.Operation)) {
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			f(path, method, op)
		}
	}
}

func TestDocumentIsValid(t *testing.T) {
	doc := load(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("openapi is %q, want 3.0.3", doc.OpenAPI)
	}
	if _, err := gorillamux.NewRouter(doc); err != nil {
		t.Errorf("the paths make no router: %v", err)
	}
}

func TestOperationsAreComplete(t *testing.T) {
	doc := load(t)
	tags := map[string]bool{}
	for _, tag := range doc.Tags {
		tags[tag.Name] = true
	}
	seen := map[string]string{}
	each(doc, func(path, method string, op *openapi3.Operation) {
		name := method + " " + path
		if op.OperationID == "" {
			t.Errorf("%s has no operationId", name)
		} else if other, ok := seen[op.OperationID]; ok {
			t.Errorf("%s and %s are both called %s", name, other, op.OperationID)
		}
		seen[op.OperationID] = name
		if op.Summary == "" {
			t.Errorf("%s has no summary", name)
		}
		if op.Description == "" {
			t.Errorf("%s has no description", name)
		}
		if len(op.Tags) != 1 || !tags[op.Tags[0]] {
			t.Errorf("%s has tags %v, want one that the document describes", name, op.Tags)
		}

		var success bool
		for status := range op.Responses.Map() {
			if strings.HasPrefix(status, "2") {
				success = true
			}
		}
		if !success {
			t.Errorf("%s has no 2xx response", name)
		}
		for _, status := range []string{"401", "403", "429"} {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s lacks %s", name, status)
			}
		}
		if op.RequestBody != nil {
			for _, status := range []string{"400", "413", "415"} {
				if op.Responses.Value(status) == nil {
					t.Errorf("%s takes a body and lacks %s", name, status)
				}
			}
		}
		if strings.Contains(path, "{") && op.Responses.Value("404") == nil {
			t.Errorf("%s lacks 404", name)
		}
		if method == http.MethodPost {
			if op.Parameters.GetByInAndName("header", "Idempotency-Key") == nil {
				t.Errorf("%s takes no Idempotency-Key", name)
			}
			for _, status := range []string{"409", "422"} {
				if op.Responses.Value(status) == nil {
					t.Errorf("%s lacks %s, the answers to an Idempotency-Key", name, status)
				}
			}
		}
	})
}

func TestScopes(t *testing.T) {
	scope := regexp.MustCompile(`^store_[a-z0-9_]+$`)
	each(load(t), func(path, method string, op *openapi3.Operation) {
		name := method + " " + path
		scopes, ok := op.Extensions["x-scopes"].(map[string]any)
		if !ok {
			t.Errorf("%s: x-scopes is %v", name, op.Extensions["x-scopes"])
			return
		}
		if len(scopes) == 0 { // any valid token will do: its client's own webhooks
			if !strings.HasPrefix(path, "/v3/hooks") {
				t.Errorf("%s: needs no scope", name)
			}
			return
		}
		modify, _ := scopes["modify"].(string)
		if !scope.MatchString(modify) {
			t.Errorf("%s: the scope to modify is %q", name, modify)
		}
		read, reads := scopes["read"]
		want := strings.TrimSuffix(modify, "_manage") + "_read_only"
		switch {
		case method == http.MethodGet && read != want:
			t.Errorf("%s: the scope to read is %v, want %s", name, read, want)
		case method != http.MethodGet && reads:
			t.Errorf("%s: a scope to read opens a write", name)
		}
	})
}

// The literals under /v3/carts must win over a cart's id, and no two paths may
// answer for the same address.
func TestPathsRoute(t *testing.T) {
	router, err := gorillamux.NewRouter(load(t))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ method, path, want string }{
		{"POST", "/v3/carts", "createCart"},
		{"GET", "/v3/carts/settings", "getCartSettings"},
		{"GET", "/v3/carts/metafields", "listAllCartMetafields"},
		{"GET", "/v3/carts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55", "getCart"},
		{"GET", "/v3/carts/100", "getCart"},
		{"GET", "/v3/carts/settings/channels/2", "getChannelCartSettings"},
		{"DELETE", "/v3/carts/a/items/b", "deleteCartItem"},
		{"GET", "/v3/carts/a/metafields/24", "getCartMetafield"},
		{"PUT", "/v3/catalog/products/31/modifiers/9/values/2", "updateModifierValue"},
		{"DELETE", "/v3/customers/subscribers", "deleteSubscribers"},
		{"GET", "/v3/channels/currency-assignments", "listCurrencyAssignments"},
		{"GET", "/v3/channels/2/currency-assignments", "getCurrencyAssignment"},
		{"PUT", "/v3/channels/2/site/checkout-url", "updateCheckoutURL"},
		{"GET", "/v2/time", "getTime"},
		{"GET", "/v3/checkouts/settings", "getCheckoutSettings"},
		{"PUT", "/v3/checkouts/settings/channels/2", "updateChannelCheckoutSettings"},
		{"GET", "/v3/checkouts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55", "getCheckout"},
		{"DELETE", "/v3/checkouts/a/coupons/SPRING%2020", "deleteCoupon"},
		{"PUT", "/v3/checkouts/a/billing-address/5d484d668e5aa", "updateBillingAddress"},
	}
	for _, tt := range tests {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, "/stores/demo"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		route, params, err := router.FindRoute(req)
		if err != nil {
			t.Errorf("%s %s: %v", tt.method, tt.path, err)
			continue
		}
		if route.Operation.OperationID != tt.want {
			t.Errorf("%s %s is %s, want %s", tt.method, tt.path, route.Operation.OperationID, tt.want)
		}
		if params["store_hash"] != "demo" {
			t.Errorf("%s %s: store_hash is %q", tt.method, tt.path, params["store_hash"])
		}
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/stores/demo/v3/carts", nil)
	if route, _, err := router.FindRoute(req); err == nil {
		t.Errorf("GET /v3/carts is %s, want none: carts cannot be listed", route.Operation.OperationID)
	}
}

const typeURL = `"type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"`

// line is a physical item, cart a cart around lines; both as the server
// writes them without any include.
const line = `{"id":"b0c56c1f-20a5-4bd5-a5a4-6f6b83a86f31","parent_id":null,"variant_id":407,"product_id":31,
	"sku":"LAMP-BR","name":"Desk lamp","url":"https://shop.example/desk-lamp/","quantity":2,"taxable":true,
	"image_url":"https://shop.example/media/lamp.png","discounts":[{"id":7,"discounted_amount":4},{"id":"coupon","discounted_amount":1}],
	"coupons":[],"discount_amount":0,"coupon_amount":0,"original_price":34.9,"list_price":29.9,"sale_price":29.9,
	"extended_list_price":59.8,"extended_sale_price":59.8,"is_require_shipping":true,"is_mutable":true,"added_by_promotion":false}`

const cart = `{"data":{"id":"4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55","customer_id":0,"channel_id":1,"email":"",
	"currency":{"code":"USD"},"tax_included":false,"base_amount":59.8,"discount_amount":0,"manual_discount_amount":0,
	"cart_amount":59.8,"coupons":[],"discounts":[{"id":"b0c56c1f-20a5-4bd5-a5a4-6f6b83a86f31","discounted_amount":0}],
	"line_items":{"physical_items":[` + line + `],"digital_items":[],"gift_certificates":[],"custom_items":[]},
	"created_time":"2026-03-04T10:15:00+00:00","updated_time":"2026-03-04T10:15:00+00:00","locale":"en","version":1},"meta":{}}`

const metafield = `{"id":"24","key":"k","value":"v","namespace":"n","permission_set":"read","description":"","resource_type":"cart",
	"resource_id":"4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55","date_created":"2023-11-15T15:16:35+00:00",
	"date_modified":"2023-11-15T15:16:35+00:00","owner_client_id":"c"}`

// The document must let through what the server is meant to answer, and catch
// the mistakes that are easy to make.
func TestAnswers(t *testing.T) {
	doc := load(t)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(body, from, to string) string {
		if !strings.Contains(body, from) {
			t.Fatalf("%q is not in the sample", from)
		}
		return strings.Replace(body, from, to, 1)
	}
	const c = "/v3/carts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55"
	tests := []struct {
		name, method, path string
		status             int
		body               string
		bad                bool
	}{
		{"cart", "GET", c, 200, cart, false},
		{"cart created", "POST", "/v3/carts", 201, cart, false},
		{"line wrapped", "GET", c, 200, swap(cart, `"added_by_promotion":false`, `"added_by_promotion":false,"gift_wrapping":{"name":"Blue","message":"","amount":4.5}`), false},
		{"line not wrapped", "GET", c, 200, swap(cart, `"added_by_promotion":false`, `"added_by_promotion":false,"gift_wrapping":null`), false},
		{"line with options", "GET", c, 200, swap(cart, `"added_by_promotion":false`, `"added_by_promotion":false,"options":[{"name":"Text","nameId":3,"value":"Hi","valueId":null}]`), false},
		{"coupons as a number", "GET", c, 200, swap(cart, `"coupons":[],"discount_amount":0,"coupon_amount":0,`, `"coupons":6.4,"discount_amount":0,"coupon_amount":6.4,`), false},
		{"banners", "GET", c, 200, swap(cart, `"version":1`, `"version":1,"promotions":{"banners":[{"id":"3","type":"upsell","page":["cart_page"],"text":"x"}]}`), false},
		{"wrong status", "POST", "/v3/carts", 200, cart, true},
		{"money as a string", "GET", c, 200, swap(cart, `"cart_amount":59.8`, `"cart_amount":"59.8"`), true},
		{"quantity as a fraction", "GET", c, 200, swap(cart, `"quantity":2`, `"quantity":2.5`), true},
		{"time with Z", "GET", c, 200, swap(cart, `"created_time":"2026-03-04T10:15:00+00:00"`, `"created_time":"2026-03-04T10:15:00Z"`), true},
		{"no version", "GET", c, 200, swap(cart, `,"version":1`, ``), true},
		{"currency in lower case", "GET", c, 200, swap(cart, `"USD"`, `"usd"`), true},
		{"id in upper case", "GET", c, 200, swap(cart, `"4f0c2b6e`, `"4F0C2B6E`), true},
		{"unknown field of a cart", "GET", c, 200, swap(cart, `"version":1`, `"version":1,"parent_id":null`), true},
		{"unknown field of a line", "GET", c, 200, swap(cart, `"quantity":2`, `"quantity":2,"is_taxable":true`), true},
		{"no envelope", "GET", c, 200, cart[len(`{"data":`) : len(cart)-len(`,"meta":{}}`)], true},
		{"no custom items", "GET", c, 200, swap(cart, `,"custom_items":[]`, ``), true},
		{"last line deleted", "DELETE", c + "/items/x", 204, "", false},

		{"E1", "POST", c + "/items", 422, `{"status":422,"title":"no",` + typeURL + `}`, false},
		{"E2", "POST", c + "/items", 422, `{"status":422,"title":"no",` + typeURL + `,"errors":{"line_items.0.quantity":"error.path.missing"}}`, false},
		{"E2 with an array", "POST", c + "/items", 422, `{"status":422,"title":"no",` + typeURL + `,"errors":["no"]}`, true},
		{"E3", "GET", c, 403, `{"status":403,"title":"no",` + typeURL + `,"errors":{}}`, false},
		{"E3 without errors", "GET", c, 403, `{"status":403,"title":"no",` + typeURL + `}`, true},
		{"E4", "GET", c, 404, `{"status":404,` + typeURL + `}`, false},
		{"E6", "GET", c + "/metafields/1", 404, `{"status":404,"title":"no",` + typeURL + `}`, false},
		{"E6 without title", "GET", c + "/metafields/1", 404, `{"status":404,` + typeURL + `}`, true},
		{"E7", "POST", "/v3/carts", 400, `{"status":400,"title":"Input is invalid",` + typeURL + `,"detail":"Syntax error"}`, false},
		{"E8", "PUT", c, 409, `{"status":409,"title":"no",` + typeURL + `}`, false},
		{"E9", "GET", c, 401, `{"status":401,"title":"Unauthorized",` + typeURL + `,"errors":{}}`, false},
		{"E10", "PUT", "/v3/carts/settings", 422, `{"status":422,"title":"no",` + typeURL + `,"instance":"x","errors":{}}`, false},
		{"E14", "GET", "/v2/currencies/9", 404, `[{"status":404,"message":"The requested resource was not found."}]`, false},
		{"E14 with details", "POST", "/v2/currencies", 400, `[{"status":400,"message":"no","details":{"invalid_reason":"no"}}]`, false},
		{"V3 error in V2", "GET", "/v2/currencies/9", 404, `{"status":404,"title":"no",` + typeURL + `}`, true},
		{"V2 error in V3", "GET", c, 404, `[{"status":404,"message":"no"}]`, true},
		{"status in the body differs", "GET", c, 404, `{"status":400,` + typeURL + `}`, true},
		{"unknown field of an error", "GET", c, 404, `{"status":404,"message":"no",` + typeURL + `}`, true},

		{"checkout missing", "GET", strings.Replace(c, "carts", "checkouts", 1), 404, `{"status":404,"title":"Not Found",` + typeURL + `,"errors":[{"status":404,"title":"Not Found",` + typeURL + `,"detail":"Checkout x not found"}]}`, false},
		{"checkout missing, as a cart is", "GET", strings.Replace(c, "carts", "checkouts", 1), 404, `{"status":404,` + typeURL + `}`, true},
		{"checkout token in one place", "POST", strings.Replace(c, "carts", "checkouts", 1) + "/token", 200, `{"data":{"checkoutToken":"` + strings.Repeat("0a", 32) + `"},"meta":{}}`, true},
		{"checkout token", "POST", strings.Replace(c, "carts", "checkouts", 1) + "/token", 200, `{"data":{"checkoutToken":"` + strings.Repeat("0a", 32) + `"},"checkoutToken":"` + strings.Repeat("0a", 32) + `","meta":{}}`, false},
		{"metafield", "POST", c + "/metafields", 200, `{"data":` + metafield + `,"meta":{}}`, false},
		{"metafield with a number for id", "POST", c + "/metafields", 200, `{"data":` + swap(metafield, `"24"`, `24`) + `,"meta":{}}`, true},
		{"metafields by page", "GET", c + "/metafields", 200, `{"data":[` + metafield + `],"meta":{"pagination":{"total":1,"count":1,"per_page":50,"current_page":1,"total_pages":1,"links":{"current":"?page=1&limit=50"}}}}`, false},
		{"metafields by cursor", "GET", "/v3/carts/metafields", 200, `{"data":[{"id":"24","key":"k"}],"meta":{"cursor_pagination":{"count":1,"per_page":50,"start_cursor":"aWQ6MjQ=","end_cursor":"aWQ6MjQ=","links":{"current":"?limit=50"}}}}`, false},
		{"batch", "POST", "/v3/carts/metafields", 200, `{"data":[` + metafield + `],"errors":[],"meta":{"total":1,"success":1,"failed":0}}`, false},
		{"batch failed in part", "POST", "/v3/carts/metafields", 422, `{"data":[` + metafield + `],"errors":[{"status":422,"title":"Bulk operation has failed",` + typeURL + `,"errors":{"1":"no"}}],"meta":{"total":2,"success":1,"failed":1}}`, false},
		{"batch refused", "POST", "/v3/carts/metafields", 422, `{"status":422,"title":"no",` + typeURL + `,"errors":{}}`, false},
		{"batch removed in part", "DELETE", "/v3/carts/metafields", 422, `{"data":["123"],"errors":[{"status":422,"title":"Bulk operation has failed",` + typeURL + `,"errors":{"1":"no"}}],"meta":{"total":2,"success":1,"failed":1}}`, false},
		{"channel setting", "GET", "/v3/carts/settings/channels/1", 200, `{"data":{"allow_purchasing":null},"meta":{}}`, false},
		{"store setting of null", "GET", "/v3/carts/settings", 200, `{"data":{"allow_purchasing":null},"meta":{}}`, true},
		{"gift wrapping", "GET", "/v2/gift_wrapping/1", 200, `{"id":1,"name":"Blue","price":"4.5000","is_visible":true,"allow_comments":true,"preview_image":""}`, false},
		{"V2 money as a number", "GET", "/v2/gift_wrapping/1", 200, `{"id":1,"name":"Blue","price":4.5,"is_visible":true,"allow_comments":true,"preview_image":""}`, true},
		{"time", "GET", "/v2/time", 200, `{"time":1529512970}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, "/stores/demo"+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			route, params, err := router.FindRoute(req)
			if err != nil {
				t.Fatal(err)
			}
			if tt.body != "" && !json.Valid([]byte(tt.body)) {
				t.Fatalf("the sample is not JSON: %s", tt.body)
			}
			header := http.Header{}
			if tt.body != "" {
				header.Set("Content-Type", "application/json")
			}
			in := &openapi3filter.ResponseValidationInput{
				RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
				Status:                 tt.status,
				Header:                 header,
				Options:                &openapi3filter.Options{IncludeResponseStatus: true},
			}
			in.SetBodyBytes([]byte(tt.body))
			err = openapi3filter.ValidateResponse(t.Context(), in)
			if tt.bad && err == nil {
				t.Error("the mistake goes through")
			}
			if !tt.bad && err != nil {
				t.Errorf("a proper answer is refused: %v", err)
			}
		})
	}
}
