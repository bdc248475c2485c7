package world

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// M and L are JSON in Go.
type (
	// M is an object.
	M = map[string]any
	// L is an array.
	L = []any
)

// sample makes what an operation needs, and returns a valid request for it
// that succeeds.
type sample func(w *World) Request

// samples has one for each operation, by its id.
var samples = map[string]sample{}

func init() {
	for _, part := range []map[string]sample{
		cartSamples, checkoutSamples, metafieldSamples, productSamples, variantSamples, optionSamples, modifierSamples,
		productPartSamples, catalogSamples, customerSamples, channelSamples, siteSamples, storeSamples,
		certificateSamples, orderSamples, hookSamples, recoverySamples, mintedSamples, ledgerSamples, reportSamples, shippingSamples,
		taxSamples, couponSamples, promotionSamples,
	} {
		maps.Copy(samples, part)
	}
}

// Sampled reports whether there is a sample for an operation.
func Sampled(operationID string) bool { return samples[operationID] != nil }

// Sample makes what an operation needs, and returns a valid request for it
// that succeeds. Each call makes things of its own.
func (w *World) Sample(operationID string) Request {
	w.Helper()
	s := samples[operationID]
	if s == nil {
		w.Fatalf("there is no sample for %s", operationID)
	}
	return s(w)
}

func get(format string, args ...any) Request {
	return Request{Method: http.MethodGet, Path: fmt.Sprintf(format, args...)}
}

func remove(format string, args ...any) Request {
	return Request{Method: http.MethodDelete, Path: fmt.Sprintf(format, args...)}
}

func post(body any, format string, args ...any) Request {
	return Request{Method: http.MethodPost, Path: fmt.Sprintf(format, args...), Body: body}
}

func put(body any, format string, args ...any) Request {
	return Request{Method: http.MethodPut, Path: fmt.Sprintf(format, args...), Body: body}
}

// make sends a request that makes something, and returns its id.
func (w *World) make(path string, body any, at ...any) int64 {
	w.Helper()
	at = append(at, "id")
	id, ok := Get(w.Must(http.MethodPost, path, body), at...).(float64)
	if !ok {
		w.Fatalf("POST %s gave no id", path)
	}
	return int64(id)
}

// Product makes a product without options and returns its id.
func (w *World) Product() int64 {
	w.Helper()
	return w.make("/v3/catalog/products", M{"name": w.name("Desk lamp"), "type": "physical", "weight": 2, "price": 34.9})
}

// option makes a product with a variant option of two values.
func (w *World) option() (product, option, value int64) {
	w.Helper()
	product = w.Product()
	data := w.Must(http.MethodPost, fmt.Sprintf("/v3/catalog/products/%d/options", product), M{
		"display_name": w.name("Finish"), "type": "dropdown", "option_values": L{M{"label": "Brass"}, M{"label": "Steel"}},
	})
	return product, number(Get(data, "id")), number(Get(data, "option_values", 0, "id"))
}

// variant makes a product with a variant.
func (w *World) variant() (product, variant int64) {
	w.Helper()
	product, option, value := w.option()
	return product, w.make(fmt.Sprintf("/v3/catalog/products/%d/variants", product), M{
		"sku": w.sku(), "price": 31.5, "option_values": L{M{"option_id": option, "id": value}},
	})
}

// modifier makes a product with a modifier to choose from.
func (w *World) modifier() (product, modifier, value int64) {
	w.Helper()
	product = w.Product()
	data := w.Must(http.MethodPost, fmt.Sprintf("/v3/catalog/products/%d/modifiers", product), M{
		"display_name": w.name("Warranty"), "type": "dropdown", "required": false,
		"option_values": L{M{"label": "Three years", "adjusters": M{"price": M{"adjuster": "relative", "adjuster_value": 9.9}}}},
	})
	return product, number(Get(data, "id")), number(Get(data, "option_values", 0, "id"))
}

func (w *World) sku() string { return strings.ReplaceAll(w.name("SKU"), " ", "-") }

func number(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

// Cart makes a cart with one line of each kind and returns its id.
func (w *World) Cart() string {
	w.Helper()
	id, _ := w.cart()
	return id
}

// cart returns the id of a new cart and of its catalog line.
func (w *World) cart() (id, line string) {
	w.Helper()
	data := w.Must(http.MethodPost, "/v3/carts", cartBody(w.Product()))
	id, _ = Get(data, "id").(string)
	line, _ = Get(data, "line_items", "physical_items", 0, "id").(string)
	return id, line
}

func cartBody(product int64) M {
	return M{
		"line_items":   L{M{"product_id": product, "quantity": 2}},
		"custom_items": L{M{"name": "Engraving", "quantity": 1, "list_price": 5}},
		"gift_certificates": L{M{
			"name": "A gift", "theme": "Birthday", "amount": 25, "quantity": 1, "message": "Enjoy",
			"sender": M{"name": "Ada", "email": "ada@example.com"}, "recipient": M{"name": "Bob", "email": "bob@example.com"},
		}},
	}
}

// customer makes a customer.
func (w *World) customer() int64 {
	w.Helper()
	return w.make("/v3/customers", L{M{"email": w.email(), "first_name": "Ada", "last_name": "Byron"}}, 0)
}

func (w *World) email() string {
	return strings.ReplaceAll(w.name("ada"), " ", ".") + "@example.com"
}

// channel makes a channel without a site.
func (w *World) channel() int64 {
	w.Helper()
	return w.make("/v3/channels", M{"name": w.name("Headless shop"), "type": "storefront", "platform": "custom", "status": "active"})
}

// site makes a channel with a site.
func (w *World) site() (channel, site int64) {
	w.Helper()
	channel = w.channel()
	return channel, w.make("/v3/sites", M{"url": w.url(), "channel_id": channel})
}

func (w *World) url() string {
	return "https://" + strings.ReplaceAll(w.name("shop"), " ", "") + ".example"
}

// currencyCodes are those that currency takes from.
var currencyCodes = []string{
	"EUR", "GBP", "JPY", "AUD", "CAD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "NZD", "MXN", "BRL", "INR", "CNY", "KRW", "ZAR", "SGD",
	"HKD", "TWD", "THB", "IDR", "MYR", "PHP", "AED", "SAR", "ILS", "TRY", "KWD", "CLP", "COP", "PEN", "UYU", "ISK", "RON", "BGN", "UAH", "KZT",
	"EGP", "MAD", "TND", "KES", "NGN", "GHS", "PKR", "BDT", "LKR", "VND", "QAR", "OMR", "BHD", "JOD", "ISK", "GEL", "AMD", "AZN", "UZS", "MNT",
}

// code returns a currency that the store does not have yet.
func (w *World) code() string {
	w.Helper()
	w.codes++
	if w.codes > len(currencyCodes) {
		w.Fatal("there are no more currencies")
	}
	return currencyCodes[w.codes-1]
}

func (w *World) currency() int64 {
	w.Helper()
	return w.make("/v2/currencies", currencyBody(w.code()))
}

func currencyBody(code string) M {
	return M{
		"name": "Money of " + code, "currency_code": code, "currency_exchange_rate": "0.92", "token_location": "left", "token": "¤",
		"decimal_token": ".", "thousands_token": ",", "decimal_places": 2, "enabled": true, "is_transactional": true,
	}
}

func (w *World) wrapping() int64 {
	w.Helper()
	return w.make("/v2/gift_wrapping", M{"name": w.name("Blue paper"), "price": "4.5000"})
}
