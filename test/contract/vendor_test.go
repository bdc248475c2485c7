package contract_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"cartwright/test/world"
)

// vendorFolder holds the vendor's own descriptions. They are not part of this
// repository.
const vendorFolder = "../../../shared/openapi/"

// vendorPart is one of the vendor's descriptions and what we hold to it.
type vendorPart struct {
	file string
	// ours are the beginnings of our paths that the description is about.
	ours []string
	// differences are where our answers contradict it, knowingly.
	differences []difference
	// unserved are its operations that this server does not have, each a named
	// difference: "METHOD path".
	unserved []string
	// more are requests beside the sample of each operation: those that show
	// other parts of an answer, and refusals that the vendor describes.
	more func(*world.World) []world.Request
}

// vendorParts lists the vendor's descriptions that this server follows. Each
// resource adds its own.
var vendorParts = []vendorPart{
	{file: "carts.v3.yml", ours: []string{"/v3/carts"}, differences: cartDifferences, more: moreCartRequests},
	{file: "webhooks.v3.yml", ours: []string{"/v3/hooks"}, differences: hookDifferences, more: moreHookRequests},
	{file: "checkouts.v3.yml", ours: []string{"/v3/checkouts"}, differences: checkoutDifferences, more: moreCheckoutRequests},
	{file: "abandoned_carts.v3.yml", ours: []string{"/v3/abandoned-carts"}, more: moreSettingsRequests},
	{file: "abandoned_cart_emails.v3.yaml", ours: []string{"/v3/marketing/abandoned-cart-emails"}, more: moreMailRequests},
}

// A difference is where we answer otherwise than the vendor's description
// says, knowingly.
type difference struct {
	name string
	at   *regexp.Regexp // of "METHOD path status: place: what the validator says"
}

// cartDifferences are the contradictions inside the vendor's papers where the
// description is not what the service answers. A number is that of spec/01 §17.
var cartDifferences = []difference{
	{"1: PUT cart answers 200, not 201", regexp.MustCompile(`^PUT /carts/\{cartId\} 200: status is not supported$`)},
	{"2: quantity and price of custom items are numbers", regexp.MustCompile(` 20[01]: data\.line_items\.custom_items\.\d+\.(quantity|list_price): value must be a string$`)},
	{"3: removed metafields are named by strings, as in the example", regexp.MustCompile(`^DELETE /carts/metafields 200: data\.\d+: value must be an integer$`)},
	{"7: types of coupons are named, as in samples and recordings", regexp.MustCompile(`^GET /carts/\{cartId\} 200: data\.coupons\.\d+\.coupon_type: value is not one of the allowed values`)},
	{"16: parent_id is null", regexp.MustCompile(` 20[01]: data\.line_items\.(physical|digital)_items\.\d+\.parent_id: Value is not nullable$`)},
	{"18: banners are a list", regexp.MustCompile(`^GET /carts/\{cartId\} 200: data\.promotions\.banners: value must be an object$`)},
	{"20: a refused change of items is 422, which is not described", regexp.MustCompile(`^POST /carts/\{cartId\}/items 422: status is not supported$`)},
	{"§3.3: gift_wrapping is null when there is none", regexp.MustCompile(` 20[01]: data\.line_items\.physical_items\.\d+\.gift_wrapping: Value is not nullable$`)},
	{"§14: a list of metafields is a list", regexp.MustCompile(`^GET /carts/\{cart_id\}/metafields 200: data: value must be an object$`)},
}

var hookDifferences = []difference{
	{"§1.4: the list of events is not described any more, so its path looks like a webhook's", regexp.MustCompile(`^GET /hooks/\{webhook_id\} 200: data: value must be an object$`)},
}

// vendorDocument is a part that was read.
type vendorDocument struct {
	vendorPart

	doc    *openapi3.T
	router routers.Router
	seen   map[string]bool // the names of the differences that showed
	served map[string]bool // the operations that were answered: "METHOD path"
}

// openVendor returns nil where the vendor's description is not at hand.
func openVendor(t *testing.T, part vendorPart) *vendorDocument {
	t.Helper()
	raw, err := os.ReadFile(vendorFolder + part.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatalf("load the vendor's document: %v", err)
	}
	doc.Info.Version = "0"
	doc.Servers = openapi3.Servers{{URL: "/stores/{store_hash}/v3", Variables: map[string]*openapi3.ServerVariable{"store_hash": {Default: "x"}}}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatalf("route the vendor's document: %v", err)
	}
	return &vendorDocument{part, doc, router, map[string]bool{}, map[string]bool{}}
}

// check holds an answer to the vendor's document and returns what is wrong and
// not expected to be.
func (v *vendorDocument) check(t *testing.T, req *http.Request, answer world.Answer) []string {
	t.Helper()
	route, params, err := v.router.FindRoute(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	if answer.Status < 300 {
		v.served[req.Method+" "+route.Path] = true
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 answer.Status, Header: answer.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	in.SetBodyBytes(answer.Bytes)
	var wrong []string
	for _, p := range problems(openapi3filter.ValidateResponse(req.Context(), in)) {
		said := fmt.Sprintf("%s %s %d: %s", req.Method, route.Path, answer.Status, p)
		if !v.expected(said) {
			wrong = append(wrong, said)
		}
	}
	return wrong
}

func (v *vendorDocument) expected(said string) bool {
	for _, d := range v.differences {
		if d.at.MatchString(said) {
			v.seen[d.name] = true
			return true
		}
	}
	return false
}

// problems takes the errors of a validation apart: each with its place in the
// answer.
func problems(err error) []string {
	if err == nil {
		return nil
	}
	var several openapi3.MultiError
	if errors.As(err, &several) {
		var out []string
		for _, e := range several {
			out = append(out, problems(e)...)
		}
		return out
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		return []string{strings.Join(schema.JSONPointer(), ".") + ": " + schema.Reason}
	}
	return []string{err.Error()}
}

// Every operation that the vendor describes is served, and our answers are
// what its description says, but for the differences that are listed.
func TestVendorDocument(t *testing.T) {
	for _, part := range vendorParts {
		t.Run(part.file, func(t *testing.T) {
			vendor := openVendor(t, part)
			if vendor == nil {
				t.Logf("%s is not at hand: nothing was compared", part.file)
				return
			}
			w := world.New(t)
			for _, r := range vendor.requests(w) {
				req := w.HTTP(r)
				answer := w.Do(r)
				for _, wrong := range vendor.check(t, req, answer) {
					t.Errorf("%s\n\t%s", wrong, answer.Bytes)
				}
			}
			vendor.complete(t)
		})
	}
}

// complete reports what the description has and the server has not, and
// differences that are none.
func (v *vendorDocument) complete(t *testing.T) {
	t.Helper()
	for path, item := range v.doc.Paths.Map() {
		for method := range item.Operations() {
			name := method + " " + path
			if served, named := v.served[name], slices.Contains(v.unserved, name); served == named {
				t.Errorf("%s: served is %t, named as missing is %t", name, served, named)
			}
		}
	}
	for _, d := range v.differences {
		if !v.seen[d.name] {
			t.Errorf("the difference %q did not show: take it off the list", d.name)
		}
	}
}

// requests are a request that succeeds for every operation of the part, and
// what it adds. Operations of ours that the vendor does not have are left out.
func (v *vendorDocument) requests(w *world.World) []world.Request {
	w.Helper()
	var out []world.Request
	for _, op := range w.Doc.Operations() {
		if !slices.ContainsFunc(v.ours, func(prefix string) bool { return strings.HasPrefix(op.Path, prefix) }) {
			continue
		}
		r := w.Sample(op.OperationID)
		if _, _, err := v.router.FindRoute(w.HTTP(r)); err == nil {
			out = append(out, r)
		}
	}
	if v.more == nil {
		return out
	}
	return append(out, v.more(w)...)
}

func moreCartRequests(w *world.World) []world.Request {
	var out []world.Request
	rich := richCart(w)
	for _, include := range []string{"redirect_urls", "line_items.physical_items.options,line_items.digital_items.options", "promotions.banners"} {
		out = append(out, world.Request{Method: http.MethodGet, Path: rich + "?include=" + include})
	}
	out = append(out, discountedCarts(w)...)
	return append(out,
		world.Request{Method: http.MethodPost, Path: rich + "/items", Body: world.M{"line_items": world.L{world.M{"product_id": 1, "quantity": "many"}}}},
		world.Request{Method: http.MethodPut, Path: rich, Body: world.M{"customer_id": 0, "version": 99}},
		world.Request{Method: http.MethodPut, Path: "/v3/carts/settings", Body: world.M{}},
		world.Request{Method: http.MethodGet, Path: rich + "/metafields/999"},
		world.Request{Method: http.MethodPost, Path: rich + "/metafields", Body: world.M{"key": ""}},
		world.Request{Method: http.MethodDelete, Path: "/v3/carts/metafields", Body: world.L{999}},
	)
}

func moreHookRequests(w *world.World) []world.Request {
	hook := w.Must(http.MethodPost, "/v3/hooks", world.M{"scope": "store/cart/*", "destination": "https://hooks.example.com/bc", "headers": nil})
	return []world.Request{
		{Method: http.MethodGet, Path: "/v3/hooks"},
		{Method: http.MethodGet, Path: "/v3/hooks/999999"},
		{Method: http.MethodGet, Path: fmt.Sprintf("/v3/hooks/%v", world.Get(hook, "id"))},
		{Method: http.MethodGet, Path: "/v3/hooks/admin?is_active=true"},
		{Method: http.MethodPost, Path: "/v3/hooks", Body: world.M{"scope": "store/cart/*"}},
		{Method: http.MethodPost, Path: "/v3/hooks", Raw: []byte("{")},
		{Method: http.MethodGet, Path: "/v3/hooks", Token: "nobody"},
		{Method: http.MethodPut, Path: "/v3/hooks/admin", Body: world.M{"emails": world.L{"no address"}}},
	}
}

// richCart makes a cart with a line of each kind: chosen options, a wrapping,
// a download, a custom item, a certificate. It returns the cart's path.
func richCart(w *world.World) string {
	wrapping := world.Get(w.Must(http.MethodPost, "/v2/gift_wrapping", world.M{"name": "Red", "price": 2}), "id")
	lamp := w.Must(http.MethodPost, "/v3/catalog/products?include=variants", world.M{
		"name": "Lamp", "type": "physical", "weight": 1, "price": 20, "sale_price": 15,
		"variants": world.L{world.M{"sku": "LAMP-1", "option_values": world.L{world.M{"option_display_name": "Finish", "label": "Brass"}}}},
	})
	song := w.Must(http.MethodPost, "/v3/catalog/products", world.M{"name": "Song", "type": "digital", "weight": 0, "price": 1})
	cart := w.Must(http.MethodPost, "/v3/carts", world.M{
		"line_items": world.L{
			world.M{
				"product_id": world.Get(lamp, "id"), "variant_id": world.Get(lamp, "variants", 0, "id"), "quantity": 2,
				"gift_wrapping": world.M{"wrap_together": true, "wrap_details": world.L{world.M{"id": wrapping, "message": "Hi"}}},
			},
			world.M{"product_id": world.Get(song, "id"), "quantity": 1},
		},
		"custom_items": world.L{world.M{"name": "Engraving", "quantity": 2, "list_price": 3.5}},
		"gift_certificates": world.L{world.M{
			"name": "A gift", "theme": "birthday.html", "amount": 50, "quantity": 1, "message": "Enjoy",
			"sender": world.M{"name": "A", "email": "a@example.com"}, "recipient": world.M{"name": "B", "email": "b@example.com"},
		}},
	})
	id, _ := world.Get(cart, "id").(string)
	return "/v3/carts/" + id
}
