package app

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

const ada = `{"email":"Ada@shop.example","first_name":"Ada","last_name":"Byron","company":"Analytical","phone":"1","notes":"n","tax_exempt_category":"T","customer_group_id":3,"accepts_product_review_abandoned_cart_emails":true,"origin_channel_id":1,"channel_ids":[1],"registration_ip_address":"192.0.2.1","store_credit_amounts":[{"amount":12.5}],"authentication":{"force_password_reset":true,"new_password":"x"}}`

func named(email, first string) string {
	return fmt.Sprintf(`{"email":%q,"first_name":%q,"last_name":"Byron"}`, email, first)
}

func TestCustomers(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "POST", "/v3/customers", `[` + ada + `,` + named("bob@shop.example", "Bob") + `]`, 200, []string{
			`{"data":[{"id":1,"email":"Ada@shop.example","first_name":"Ada","last_name":"Byron","company":"Analytical","phone":"1","notes":"n","tax_exempt_category":"T","customer_group_id":3,"date_created":"20`,
			`"accepts_product_review_abandoned_cart_emails":true,"origin_channel_id":1,"channel_ids":[1],"registration_ip_address":"192.0.2.1","address_count":0,"attribute_count":0,"authentication":{"force_password_reset":true}}`,
			`"id":2,"email":"bob@shop.example"`, `"accepts_product_review_abandoned_cart_emails":false,"origin_channel_id":1,"channel_ids":null`, `"meta":{}`, `!new_password`}},
		step{"", "PUT", "/v3/customers", `[{"id":"2","customer_group_id":7,"accepts_product_review_abandoned_cart_emails":true},{"id":1,"channel_ids":null}]`, 200,
			[]string{`{"data":[{"id":2,"email":"bob@shop.example","first_name":"Bob"`, `"customer_group_id":7`, `"id":1,"email":"Ada@shop.example"`, `"channel_ids":null`, `!"channel_ids":[1]`}},
		step{"", "GET", "/v3/customers?include=storecredit,addresses,formfields&include=attributes", "", 200, []string{`"store_credit_amounts":[{"amount":12.5}]`, `"addresses":[]`, `"attributes":[]`, `"form_fields":[]`}},
		step{"", "GET", "/v3/customers", "", 200, []string{`!store_credit`, `!addresses`, `"total":2`, `"cursor_pagination"`}},

		step{"", "GET", "/v3/customers?id:in=2,9", "", 200, []string{`"total":1`, `"id":2`}},
		step{"", "GET", "/v3/customers?email:in=ada@SHOP.example", "", 200, []string{`"total":1`, `"id":1`}},
		step{"", "GET", "/v3/customers?name:like=bob%20by", "", 200, []string{`"total":1`, `"id":2`}},
		step{"", "GET", "/v3/customers?customer_group_id:in=7,8", "", 200, []string{`"total":1`, `"id":2`}},
		step{"", "GET", "/v3/customers?date_created:min=2020-01-01&date_modified:max=2099-01-01T00:00:00Z", "", 200, []string{`"total":2`}},
		step{"", "GET", "/v3/customers?date_created:max=2020-01-01", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/customers?date_modified:min=2099-01-01", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/customers?id:in=x&date_created:min=soon", "", 422, []string{`"id:in":"error.expected.jsnumber"`, `"date_created:min":"error.expected.date"`}},
		step{"", "GET", "/v3/customers?limit=300", "", 422, []string{`"limit":"error.max"`}},
		step{"", "GET", "/v3/customers?after=aWQ6MQ%3D%3D&before=aWQ6MQ%3D%3D", "", 422, []string{`"before"`}},

		step{"", "POST", "/v3/customers", `[` + named("new@shop.example", "New") + `,` + named("BOB@shop.example", "Bob") + `]`, 422, []string{`"errors":{".1.email":"The email address is already in use"}`}},
		step{"", "POST", "/v3/customers", `[` + named("new@shop.example", "New") + `,` + named("new@shop.example", "New") + `]`, 422, []string{`".1.email"`}},
		step{"", "POST", "/v3/customers", `[{},{"email":"x","first_name":5,"last_name":""}]`, 422, []string{`".0.email":"error.path.missing"`, `".0.first_name":"error.path.missing"`, `".0.last_name":"error.path.missing"`,
			`".1.email":"error.minLength"`, `".1.first_name":"error.expected.jsstring"`, `".1.last_name":"error.minLength"`}},
		step{"", "POST", "/v3/customers", `[{"email":"no mail","first_name":"A","last_name":"B","origin_channel_id":9,"channel_ids":[1,9],"store_credit_amounts":[{"amount":-1}]}]`, 422,
			[]string{`".0.email":"error.email"`, `".0.origin_channel_id":"error.expected.validenumvalue"`, `".0.channel_ids.1":"error.expected.validenumvalue"`, `".0.store_credit_amounts.0.amount":"error.min"`}},
		step{"", "POST", "/v3/customers", `[]`, 422, []string{`"body":"error.minLength"`}},
		step{"", "POST", "/v3/customers", `{}`, 422, []string{`"body":"error.expected.jsarray"`}},
		step{"", "POST", "/v3/customers", `[5]`, 422, []string{`".0":"error.expected.jsobject"`}},
		step{"", "POST", "/v3/customers", `[` + strings.Repeat(`{},`, 10) + `{}]`, 413, []string{`"status":413`}},
		step{"", "PUT", "/v3/customers", `[` + strings.Repeat(`{},`, 10) + `{}]`, 413, nil},
		step{"", "PUT", "/v3/customers", `[{"id":1,"email":"bob@shop.example"}]`, 422, []string{`".0.email"`}},
		step{"", "PUT", "/v3/customers", `[{"id":1},{"id":99}]`, 404, []string{`".1.id"`}},
		step{"", "PUT", "/v3/customers", `[{"id":1},{"id":1}]`, 422, []string{`".1.id"`}},
		step{"", "PUT", "/v3/customers", `[{"first_name":"A"}]`, 422, []string{`".0.id":"error.path.missing"`}},
		step{"", "PUT", "/v3/customers", `[]`, 422, []string{`"body":"error.minLength"`}},

		step{"", "DELETE", "/v3/customers", "", 204, nil},
		step{"", "DELETE", "/v3/customers?id:in=x", "", 422, nil},
		step{"", "DELETE", "/v3/customers?id:in=" + strings.Repeat("1,", 251), "", 422, []string{`"id:in":"error.maxLength"`}},
		step{"", "GET", "/v3/customers", "", 200, []string{`"total":2`}},
		step{"", "DELETE", "/v3/customers?id:in=2,99", "", 204, nil},
		step{"", "GET", "/v3/customers", "", 200, []string{`"total":1`}},
		step{"", "POST", "/v3/customers", `[` + named("bob@shop.example", "Bob") + `]`, 200, []string{`"id":`}},
		step{"", "GET", "/v3/customers/1", "", 404, []string{`"title":"Not Found"`}},
	)
}

// TestCustomersInFull makes as many customers as one request may, and walks
// through them by number and by cursor.
func TestCustomersInFull(t *testing.T) {
	s := newStreet(t)
	for batch := range 2 {
		var all []string
		for i := range 10 {
			all = append(all, named(fmt.Sprintf("p%d@shop.example", batch*10+i), "P"))
		}
		s.do(step{"", "POST", "/v3/customers", "[" + strings.Join(all, ",") + "]", 200, nil})
	}
	type answer struct {
		Data []struct{ ID int64 }
		Meta struct {
			Pagination *struct{ Links struct{ Next string } }
			Cursor     struct {
				Start string `json:"start_cursor"`
				End   string `json:"end_cursor"`
				Links struct{ Next, Previous string }
			} `json:"cursor_pagination"`
		}
	}
	get := func(query string) (a answer) {
		w := s.do(step{"", "GET", "/v3/customers" + query, "", 200, nil})
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	seen := map[string][]int64{}
	for query := "?limit=7&name:like=p"; query != ""; {
		a := get(query)
		for _, c := range a.Data {
			seen["page"] = append(seen["page"], c.ID)
		}
		query = a.Meta.Pagination.Links.Next
	}
	var last string
	for query := "?limit=7&name:like=p"; query != ""; {
		a := get(query)
		for _, c := range a.Data {
			seen["cursor"] = append(seen["cursor"], c.ID)
		}
		if query != "?limit=7&name:like=p" && a.Meta.Pagination != nil {
			t.Error("a page by cursor has a page number")
		}
		last, query = a.Meta.Cursor.Start, a.Meta.Cursor.Links.Next
	}
	for way, ids := range seen {
		if len(ids) != 20 || ids[0] != 1 || ids[19] != 20 {
			t.Errorf("by %s: %v", way, ids)
		}
	}
	back := get("?limit=7&before=" + url.QueryEscape(last))
	if len(back.Data) != 7 || back.Data[0].ID != 8 || back.Meta.Cursor.Links.Previous == "" || back.Meta.Cursor.Links.Next == "" {
		t.Errorf("backwards: %+v", back)
	}
}

// TestCartsOfCustomers: carts get the address of their customer, and become
// guests' carts when the customer goes.
func TestCartsOfCustomers(t *testing.T) {
	s := newStreet(t)
	s.do(step{"", "POST", "/v3/customers", `[` + ada + `,` + named("bob@shop.example", "Bob") + `]`, 200, nil})
	first, second, third, bobs := s.cart(`{"customer_id":1}`), s.cart(`{"customer_id":1}`), s.cart(`{"customer_id":1}`), s.cart(`{"customer_id":2}`)
	s.walk(
		step{"", "GET", first, "", 200, []string{`"customer_id":1`, `"email":"Ada@shop.example"`, `"version":1`}},
		step{"", "PUT", "/v3/customers", `[{"id":1,"first_name":"Augusta"}]`, 200, nil},
		step{"", "GET", first, "", 200, []string{`"version":1`}},
		step{"", "PUT", "/v3/customers", `[{"id":1,"email":"augusta@shop.example"}]`, 200, nil},
		step{"", "GET", first, "", 200, []string{`"email":"augusta@shop.example"`, `"version":2`}},
		step{"", "POST", strings.Replace(third, "carts", "checkouts", 1) + "/billing-address", `{"email":"home@shop.example","country_code":"US"}`, 200, nil},
		step{"", "GET", third, "", 200, []string{`"email":"augusta@shop.example"`}},
		step{"", "DELETE", "/v3/customers?id:in=1", "", 204, nil},
		step{"", "GET", first, "", 200, []string{`"customer_id":0`, `"email":""`, `"version":3`, `"cart_amount":100,`}},
		step{"", "GET", third, "", 200, []string{`"customer_id":0`, `"email":"home@shop.example"`}}, // a guest's address is that of the bill
		step{"", "GET", second, "", 200, []string{`"customer_id":0`, `"email":""`, `"version":3`}},
		step{"", "GET", bobs, "", 200, []string{`"customer_id":2`, `"email":"bob@shop.example"`, `"version":1`}},
		step{"", "PUT", first, `{"customer_id":1}`, 422, []string{`"customer_id"`}},
		step{"", "POST", first + "/items", `{"version":3,"custom_items":[{"name":"More","quantity":1,"list_price":1}]}`, 201, []string{`"version":4`}},
		step{"", "DELETE", "/v3/customers?id:in=1", "", 204, nil},
		step{"", "GET", first, "", 200, []string{`"version":4`}},
	)
}

func TestSubscribers(t *testing.T) {
	s := newStreet(t)
	base := "/v3/customers/subscribers"
	s.walk(
		step{"", "POST", base, `{"email":"Ada@shop.example","first_name":"Ada","last_name":"Byron","source":"order","order_id":12,"channel_id":1,"consents":["abandoned_cart","abandoned_cart"]}`, 200,
			[]string{`{"data":{"id":1,"email":"Ada@shop.example","first_name":"Ada","last_name":"Byron","source":"order","order_id":12,"channel_id":1,"consents":["abandoned_cart"],"date_created":"20`, `"meta":{}`}},
		step{"", "POST", base, `{"email":"bob@shop.example"}`, 200, []string{`"source":"custom","order_id":null,"channel_id":1,"consents":[]`}},
		step{"", "GET", base + "/1", "", 200, []string{`"id":1`}},
		step{"", "PUT", base + "/1", `{"consents":[],"order_id":null}`, 200, []string{`"first_name":"Ada"`, `"order_id":null`, `"consents":[]`}},
		step{"", "PUT", base + "/1", `{"consents":["marketing_newsletter"],"last_name":"King"}`, 200, []string{`"consents":["marketing_newsletter"]`, `"last_name":"King"`}},
		step{"", "GET", base, "", 200, []string{`"total":2`, `!cursor_pagination`}},
		step{"", "GET", base + "?limit=1&page=2", "", 200, []string{`"id":2`, `"count":1`}},
		step{"", "GET", base + "?email=ada@shop.example", "", 200, []string{`"total":1`, `"id":1`}},
		step{"", "GET", base + "?first_name=Ada&last_name=King", "", 200, []string{`"total":1`}},
		step{"", "GET", base + "?source=custom", "", 200, []string{`"total":1`, `"id":2`}},
		step{"", "GET", base + "?order_id=12", "", 200, []string{`"total":0`}},
		step{"", "GET", base + "?id=2", "", 200, []string{`"total":1`, `"id":2`}},
		step{"", "GET", base + "?id=2&id:in=1,3", "", 200, []string{`"total":0`}},
		step{"", "GET", base + "?id:in=1,3", "", 200, []string{`"total":1`, `"id":1`}},
		step{"", "GET", base + "?date_created:min=2020-01-01&date_modified:max=2020-01-01", "", 200, []string{`"total":0`}},
		step{"", "GET", base + "?id=x&order_id=y&page=-1", "", 422, []string{`"id":"error.expected.jsnumber"`, `"order_id":"error.expected.jsnumber"`, `"page":"error.min"`}},

		step{"", "POST", base, `{"email":"BOB@shop.example"}`, 409, []string{`"status":409`}},
		step{"", "PUT", base + "/1", `{"email":"bob@shop.example"}`, 409, []string{`"status":409`}},
		step{"", "POST", base, `{}`, 422, []string{`"email":"error.path.missing"`}},
		step{"", "POST", base, `{"email":"x@","consents":["everything"],"channel_id":9,"order_id":0}`, 422, []string{`"email":"error.`, `"consents.0":"error.expected.validenumvalue"`, `"channel_id":"error.expected.validenumvalue"`, `"order_id":"error.min"`}},
		step{"", "PUT", base + "/1", `{"consents":"all"}`, 422, []string{`"consents":"error.expected.jsarray"`}},
		step{"", "PUT", base + "/1", `[]`, 422, []string{`error.expected.jsobject`}},
		step{"", "GET", base + "/9", "", 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"", "PUT", base + "/9", `{}`, 404, nil},
		step{"", "DELETE", base + "/9", "", 404, nil},
		step{"", "DELETE", base + "/x", "", 404, nil},
		step{"", "DELETE", base + "?order_id=x", "", 422, nil},

		step{"", "DELETE", base + "?email=ADA@shop.example&source=nowhere", "", 204, nil},
		step{"", "GET", base, "", 200, []string{`"total":2`}},
		step{"", "DELETE", base + "/1", "", 204, nil},
		step{"", "GET", base + "/1", "", 404, nil},
		step{"", "DELETE", base, "", 204, nil},
		step{"", "GET", base, "", 200, []string{`"total":0`}},
	)
}
