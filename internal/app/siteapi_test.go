package app

import "testing"

// TestSites: the sites of channels, by their own ids and by channel, and what
// they do to the links of carts.
func TestSites(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	s.walk(
		step{"", "GET", "/v3/sites", "", 200, []string{`"id":1,"url":"https://shop.example","channel_id":1`, `"total":1`}},
		step{"", "POST", at + "/redirect_urls", "", 201, []string{`"cart_url":"https://shop.example/cart.php?`}},
		step{"", "POST", "/v3/channels", `{"name":"B","type":"storefront","platform":"custom"}`, 200, nil},
		step{"", "GET", "/v3/channels/2/site", "", 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"", "PUT", "/v3/channels/2/site", `{"url":"https://b.example"}`, 404, nil},
		step{"", "PUT", "/v3/channels/2/site/checkout-url", `{"url":"https://b.example"}`, 404, nil},
		step{"", "DELETE", "/v3/channels/2/site", "", 404, nil},
		step{"", "DELETE", "/v3/channels/2/site/checkout-url", "", 404, nil},
		step{"", "POST", "/v3/sites", `{"url":"https://B.example/","channel_id":"2"}`, 201,
			[]string{`"id":2,"url":"https://b.example","channel_id":2`, `"ssl_status":"dedicated","urls":[{"url":"https://b.example","type":"primary"`, `"is_checkout_url_customized":false`}},
		step{"", "GET", "/v3/channels/2/site", "", 200, []string{`"id":2,"url":"https://b.example"`}},
		step{"", "GET", "/v3/sites/2", "", 200, []string{`"id":2,"url":"https://b.example"`}},
		step{"", "PUT", "/v3/sites/2", `{"url":"https://c.example/shop"}`, 200, []string{`"url":"https://c.example/shop"`}},
		step{"", "PUT", "/v3/channels/2/site", `{"url":"https://d.example"}`, 200, []string{`"url":"https://d.example"`}},
		step{"", "PUT", "/v3/channels/2/site/checkout-url", `{"url":"https://pay.d.example"}`, 200, []string{`{"url":"https://pay.d.example","type":"checkout"`, `"is_checkout_url_customized":true`}},
		step{"", "GET", "/v3/sites?url_type:in=checkout", "", 200, []string{`"total":1`, `"id":2`}},
		step{"", "GET", "/v3/sites?url_type:in=canonical", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/sites?channel_id:in=1,9", "", 200, []string{`"total":1`, `"id":1`}},
		step{"", "GET", "/v3/sites?channel_id:in=x", "", 422, []string{`"channel_id:in":"error.expected.jsnumber"`}},
		step{"", "GET", "/v3/sites?page=0", "", 422, []string{`"page":"error.min"`}},
	)
	onB := s.cart(`{"channel_id":2}`)
	s.walk(
		step{"", "POST", onB + "/redirect_urls", "", 201, []string{`"cart_url":"https://pay.d.example/cart.php?`}},
		step{"", "DELETE", "/v3/channels/2/site/checkout-url", "", 200, []string{`{"data":{},"meta":{}}`}},
		step{"", "DELETE", "/v3/channels/2/site/checkout-url", "", 200, nil},
		step{"", "POST", onB + "/redirect_urls", "", 201, []string{`"cart_url":"https://shop.example/cart.php?`}},
		step{"", "PUT", "/v3/sites/1", `{"url":"http://localhost:3000"}`, 200, nil},
		step{"", "POST", onB + "/redirect_urls", "", 201, []string{`"cart_url":"http://localhost:3000/cart.php?`}},
		step{"", "DELETE", "/v3/sites/1", "", 204, nil},
		step{"", "POST", onB + "/redirect_urls", "", 201, []string{`"cart_url":"http://localhost:8080/shop/demo/cart.php?`}},
		step{"", "DELETE", "/v3/channels/2/site", "", 200, []string{`{"data":{},"meta":{}}`}},
		step{"", "POST", "/v3/channels/2/site", `{"url":"https://d.example"}`, 200, []string{`"id":3,"url":"https://d.example"`}},

		step{"", "POST", "/v3/channels/2/site", `{"url":"https://e.example"}`, 422, []string{`"title":"The channel has a site already."`}},
		step{"", "POST", "/v3/sites", `{"url":"https://e.example","channel_id":2}`, 422, []string{`"channel_id"`}},
		step{"", "POST", "/v3/sites", `{"url":"https://d.example","channel_id":1}`, 422, []string{`"url":"error.expected.url"`, "another channel"}},
		step{"", "POST", "/v3/sites", `{"url":"shop","channel_id":1}`, 422, []string{`"url":"error.expected.url"`}},
		step{"", "POST", "/v3/sites", `{"url":"https://e.example","channel_id":9}`, 422, []string{`"channel_id":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v3/sites", `{}`, 422, []string{`"url":"error.path.missing"`, `"channel_id":"error.path.missing"`}},
		step{"", "PUT", "/v3/sites/3", `{"url":5}`, 422, []string{`"url":"error.expected.jsstring"`}},
		step{"", "PUT", "/v3/channels/2/site", `{"url":""}`, 422, []string{`"url":"error.minLength"`}},
		step{"", "PUT", "/v3/channels/2/site/checkout-url", `{"url":"javascript:alert(1)"}`, 422, []string{`"url":"error.expected.url"`}},
		step{"", "GET", "/v3/sites/1", "", 404, nil},
		step{"", "PUT", "/v3/sites/1", `{"url":"https://e.example"}`, 404, nil},
		step{"", "DELETE", "/v3/sites/1", "", 404, nil},
		step{"", "GET", "/v3/channels/9/site", "", 404, nil},
		step{"", "POST", "/v3/channels/9/site", `{"url":"https://e.example"}`, 404, nil},
		step{"", "POST", "/v3/sites/3", "", 405, nil},
	)
}

// TestAHostLeadsToOneStore: the host name of a site cannot be taken by another
// store of the same server.
func TestAHostLeadsToOneStore(t *testing.T) {
	s := newStreet(t)
	s.walk(step{"", "GET", "/v3/sites", "", 200, nil})
	other := newStoreBeside(t, s)
	w := other("POST", "/v3/sites", `{"url":"https://shop.example/b","channel_id":1}`)
	if w.Code != 422 {
		t.Errorf("a host of another store: %d %s", w.Code, w.Body)
	}
	s.walk(step{"", "DELETE", "/v3/sites/1", "", 204, nil})
	if w = other("POST", "/v3/sites", `{"url":"https://shop.example/b","channel_id":1}`); w.Code != 201 {
		t.Errorf("a host that was given up: %d %s", w.Code, w.Body)
	}
}

func TestRoutes(t *testing.T) {
	s := newStreet(t)
	routes := "/v3/sites/1/routes"
	s.walk(
		step{"", "GET", routes, "", 200, []string{`"data":[]`, `"total":0`}},
		step{"", "POST", routes, `{"type":"product","matching":"*","route":"/{slug}"}`, 201, []string{`"id":1,"type":"product","matching":"*","route":"/{slug}","created_at":"20`}},
		step{"", "POST", routes, `{"type":"recover_abandoned_cart","route":"/my-cart"}`, 201, []string{`"matching":""`}},
		step{"", "POST", routes, `{"type":"page","matching":5,"route":"/about"}`, 201, []string{`"matching":"5"`}},
		step{"", "PUT", routes, `[{"id":"2","route":"/cart"},{"type":"home","matching":"*","route":"/"}]`, 200,
			[]string{`"data":[{"id":2,"type":"recover_abandoned_cart","matching":"","route":"/cart"`, `{"id":4,"type":"home"`}},
		step{"", "GET", routes, "", 200, []string{`"total":4`}},
		step{"", "GET", routes + "?type=home", "", 200, []string{`"total":1`, `"id":4`}},
		step{"", "GET", routes + "?limit=2&page=2", "", 200, []string{`"count":2`, `"id":3`}},
		step{"", "GET", routes + "/3", "", 200, []string{`"id":3,"type":"page"`}},
		step{"", "PUT", routes + "/3", `{"route":"/us"}`, 200, []string{`"id":3,"type":"page","matching":"5","route":"/us"`}},
		step{"", "DELETE", routes + "/3", "", 204, nil},
		step{"", "GET", routes + "/3", "", 404, nil},

		step{"", "POST", routes, `{}`, 422, []string{`"type":"error.path.missing"`, `"route":"error.path.missing"`}},
		step{"", "POST", routes, `{"type":"moon","route":"/"}`, 422, []string{`"type":"error.expected.validenumvalue"`}},
		step{"", "POST", routes, `{"type":"cart","route":"cart"}`, 422, []string{`"route":"error.expected.url"`}},
		step{"", "POST", routes, `{"type":"cart","route":"/a\u0000b"}`, 422, []string{`"route"`}},
		step{"", "PUT", routes, `[{"id":99,"route":"/x"}]`, 422, []string{`"0.id":"error.expected.validenumvalue"`}},
		step{"", "PUT", routes, `[{"type":"cart","route":"/x"},{"type":"cart"}]`, 422, []string{`"1.route":"error.path.missing"`}},
		step{"", "PUT", routes, `[]`, 422, []string{`"body":"error.minLength"`}},
		step{"", "PUT", routes, `{}`, 422, []string{`"body":"error.expected.jsarray"`}},
		step{"", "GET", routes, "", 200, []string{`"total":3`}},
		step{"", "GET", routes + "?limit=x", "", 422, nil},
		step{"", "PUT", routes + "/1", `{"type":5}`, 422, []string{`"type":"error.expected.jsstring"`}},
		step{"", "GET", "/v3/sites/9/routes", "", 404, nil},
		step{"", "POST", "/v3/sites/9/routes", `{"type":"cart","route":"/x"}`, 404, nil},
		step{"", "PUT", "/v3/sites/9/routes", `[{"type":"cart","route":"/x"}]`, 404, nil},
		step{"", "GET", "/v3/sites/9/routes/1", "", 404, nil},
		step{"", "PUT", routes + "/9", `{}`, 404, nil},
		step{"", "PUT", "/v3/sites/9/routes/1", `{}`, 404, nil},
		step{"", "DELETE", routes + "/9", "", 404, nil},
		step{"", "DELETE", routes + "/x", "", 404, nil},
	)
}
