package httpapi

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// bodySeeds are bodies that were sent in earnest, and some that were not.
var bodySeeds = []string{
	``, `{}`, `null`, `[]`, `""`, `0`, `{"a":`, "\x00", "\xff", `{"line_items":[]}`,
	`{"customer_id":0,"channel_id":1,"locale":"en-US","currency":{"code":"usd"},"line_items":[{"product_id":31,"variant_id":407,"quantity":2}]}`,
	`{"line_items":[{"product_id":"31","quantity":"2","list_price":"21.5","name":"Lampe","gift_wrapping":{"wrap_together":true,"wrap_details":[{"id":1,"message":"Hi"}]}}],"version":4}`,
	`{"line_items":[{"product_id":1,"quantity":1,"option_selections":[{"option_id":1,"option_value":7},{"option_id":2,"option_value":"x\ny"},{"option_id":3,"option_value":{"day":"01","month":"02","year":"2020"}},{"option_id":4,"option_value":true}]}]}`,
	`{"custom_items":[{"name":"Engraving","quantity":33,"list_price":55,"sku":"made-up","image_url":"https://shop.example/a.png"}]}`,
	`{"gift_certificates":[{"name":"Happy Birthday","theme":"birthday.html","amount":50,"quantity":1,"sender":{"name":"A","email":"a@example.com"},"recipient":{"name":"B","email":"b@example.com"},"message":"Hi"}]}`,
	`{"line_item":{"product_id":31,"quantity":3,"list_price":21.5},"version":null}`,
	`{"line_items":[{"product_id":1e2,"quantity":2.0,"list_price":0.00005}]}`,
	`{"line_items":[{"product_id":9223372036854775808,"quantity":1e999,"list_price":-0}]}`,
	`{"query_params":{"utm_source":"mail","ref":42,"x":true,"y":null}}`,
	`{"query_params":[{"key":"utm_source","value":"mail"},{"key":"a","value":"b"}]}`,
	`{"query_params":{"token":"x"}}`, `{"query_params":"x"}`,
	strings.Repeat(`[`, 200), strings.Repeat(`{"line_items":[`, 50),
}

func seed(f *testing.F) {
	f.Helper()
	for _, s := range bodySeeds {
		f.Add([]byte(s))
	}
}

// read reads a body as a handler does. It returns false when the body was
// refused, and fails the test when that was not done properly, or is not done
// again the second time.
func read[T any](t *testing.T, body []byte, from func(value) T) (T, bool) {
	t.Helper()
	once := func() (T, error) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		v, err := readBody(r)
		if err != nil {
			var zero T
			return zero, err
		}
		out := from(v)
		return out, v.err()
	}
	out, err := once()
	again, errAgain := once()
	if (err == nil) != (errAgain == nil) || err == nil && !reflect.DeepEqual(out, again) {
		t.Fatalf("read %v (%v), then %v (%v)", out, err, again, errAgain)
	}
	if err == nil {
		return out, true
	}
	refusal := fault.As(err)
	if refusal == nil {
		t.Fatalf("refused without saying how: %v", err)
	}
	if status := statuses[refusal.Kind]; status < 400 || status > 499 {
		t.Fatalf("refused with %d: %v", status, err)
	}
	if len(refusal.Fields) > maxFieldErrors {
		t.Fatalf("%d fields are named", len(refusal.Fields))
	}
	for path := range refusal.Fields {
		if !utf8.ValidString(path) {
			t.Fatalf("the field %q is not text", path)
		}
	}
	return out, false
}

func checkEntries(t *testing.T, in cart.Entries) {
	t.Helper()
	for _, item := range in.Items {
		checkQuantity(t, item.Quantity)
		checkText(t, item.Name)
		checkChoices(t, item.Selections)
		if item.ProductID < 1 || item.VariantID < 0 {
			t.Fatalf("product %d, variant %d", item.ProductID, item.VariantID)
		}
		if item.ListPrice != nil {
			checkPrice(t, *item.ListPrice)
		}
	}
	for _, item := range in.CustomItems {
		checkQuantity(t, item.Quantity)
		checkPrice(t, item.ListPrice)
		checkText(t, item.Name, item.SKU, item.ImageURL)
		if item.Name == "" {
			t.Fatal("a custom item without a name")
		}
	}
	for _, item := range in.Certificates {
		checkCertificate(t, item)
	}
}

func checkCertificate(t *testing.T, item cart.GiftItem) {
	t.Helper()
	checkQuantity(t, item.Quantity)
	checkPrice(t, item.Amount)
	checkText(t, item.Name, item.Message, item.Sender.Name, item.Sender.Email, item.Recipient.Name, item.Recipient.Email)
	if item.Theme == "" {
		t.Fatal("a certificate without a theme")
	}
}

func checkChoices(t *testing.T, choices []cart.Choice) {
	t.Helper()
	for _, c := range choices {
		checkText(t, c.NameSet, c.ValueSet, c.Value.Text)
		for name, v := range c.Value.Fields {
			checkText(t, name, v)
		}
	}
}

func checkQuantity(t *testing.T, n int64) {
	t.Helper()
	if n < 1 || n > cart.MaxQuantity {
		t.Fatalf("a quantity of %d", n)
	}
}

func checkPrice(t *testing.T, a money.Amount) {
	t.Helper()
	if a < 0 {
		t.Fatalf("a price of %v", a)
	}
}

// checkText fails for what a database cannot keep.
func checkText(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Fatalf("the text %q", s)
		}
	}
}

// FuzzCartBody reads the body of POST /v3/carts.
func FuzzCartBody(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		draft, ok := read(t, body, readDraft)
		if !ok {
			return
		}
		checkEntries(t, cart.Entries{Items: draft.Items, CustomItems: draft.CustomItems, Certificates: draft.Certificates})
		checkText(t, draft.Currency, draft.Locale)
		if draft.CustomerID < 0 || draft.ChannelID < 0 {
			t.Fatalf("customer %d, channel %d", draft.CustomerID, draft.ChannelID)
		}
	})
}

// FuzzItemBody reads the body of PUT /v3/carts/{cartId}/items/{itemId}.
func FuzzItemBody(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		u, ok := read(t, body, readLineUpdate)
		if !ok {
			return
		}
		checkChoices(t, u.Selections)
		if u.Quantity != nil {
			checkQuantity(t, *u.Quantity)
		}
		if u.ListPrice != nil {
			checkPrice(t, *u.ListPrice)
		}
		if u.Certificate != nil {
			checkCertificate(t, *u.Certificate)
		}
	})
}

// FuzzRedirectBody reads the body of POST /v3/carts/{cartId}/redirect_urls.
func FuzzRedirectBody(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		query, ok := read(t, body, func(v value) map[string][]string { return readQueryParams(v.get("query_params")) })
		if !ok {
			return
		}
		if len(query) > maxQueryParams {
			t.Fatalf("%d parameters", len(query))
		}
		for name, values := range query {
			checkText(t, append(values, name)...)
			if reservedParams[name] {
				t.Fatalf("the link's own %q was taken", name)
			}
		}
	})
}
