package storefront_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cartwright/internal/catalog"
)

const underShop, atHost = "http://shops.test", "https://shop.example"

func TestLinksFollowTheAddress(t *testing.T) {
	w := newWorld(t)
	w.browser(underShop).get("/shop/demo/").want(http.StatusOK, `href="/shop/demo/mug/"`, `href="/shop/demo/cart.php"`,
		`action="/shop/demo/"`, `href="/shop/demo/theme/shop.css?v=`, "Blue &amp; Sons", "$1,200.00", "$1,234.50",
		`src="https://img.example/mug.png"`, `src="/shop/demo/theme/placeholder.svg"`)
	w.browser(atHost).get("/").want(http.StatusOK, `href="/mug/"`, `href="/cart.php"`, `href="/theme/shop.css?v=`)
	w.browser("https://shop.example:443").get("/").want(http.StatusOK, `href="/mug/"`)
	w.browser("https://other.example").get("/mug/").want(http.StatusOK, "the start page")
	w.browser(underShop).get("/shop/demo").want(http.StatusMovedPermanently).leadsTo("/shop/demo/")
	w.browser(underShop).get("/shop/nobody/").want(http.StatusNotFound, "There is no shop")
	w.browser(underShop).get("/shop/nobody").want(http.StatusNotFound, "There is no shop")

	w.store.Sites[0].URL = "https://shop.example/eu"
	w.browser(atHost).get("/eu/").want(http.StatusOK, `href="/eu/mug/"`)
	w.browser(atHost).get("/mug/").want(http.StatusOK, `action="/eu/mug/"`)
	w.store.Sites[0].URL = "https://shop.example/mu" // begins a product's path, but is no segment of it
	w.browser(atHost).get("/mug/").want(http.StatusOK, `action="/mu/mug/"`)
	w.browser(atHost).get("/mu/mug/").want(http.StatusOK, `action="/mu/mug/"`)
	w.browser(atHost).get("/mu").want(http.StatusOK, `href="/mu/mug/"`)
	w.store.Sites[0].URL = "https://shop.example/eu"

	w.store.Sites[0].CheckoutURL = "https://pay.example"
	w.browser("https://pay.example").get("/cart.php").want(http.StatusOK, `href="https://shop.example/eu/"`).without("Search products")

	w.public = "https://host.example/carts"
	w.serve()
	w.browser(underShop).get("/shop/demo/").want(http.StatusOK, `href="/carts/shop/demo/mug/"`)
}

func TestListPagesAndSearch(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.get("/shop/demo/").want(http.StatusOK, "10 products", "Lämpchen", "Out of stock"[:0]).
		without("Secret", "Next", `rel="prev"`).want(http.StatusOK, "&lt;script&gt;alert(1)", "Not available", "Sale")
	b.get("/shop/demo/?q=++LAMP+desk").want(http.StatusOK, "1 product<", "Desk lamp", "From", "$34.90").without("Mug")
	b.get("/shop/demo/?q="+url.QueryEscape(`"><b>`)).want(http.StatusOK, "No product has that", "&#34;&gt;&lt;b&gt;")
	b.get("/shop/demo/?q="+strings.Repeat("ä", 5000)).want(http.StatusOK, "No product has that")

	var many []*catalog.Product
	for n := range 50 {
		many = append(many, simple(int64(n+1), fmt.Sprintf("Cup %02d", n), fmt.Sprintf("/cup-%d/", n), "5", nil))
	}
	w.catalog = catalog.NewSnapshot(2, 2, many)
	b.get("/shop/demo/?q=cup").want(http.StatusOK, "50 products", "Cup 00", "Cup 23", "Page 1 of 3", "/shop/demo/?page=2&amp;q=cup").without("Cup 24")
	b.get("/shop/demo/?page=3").want(http.StatusOK, "Cup 48", "Page 3 of 3", "page=2").without("Next")
	b.get("/shop/demo/?page=99").want(http.StatusOK, "Page 3 of 3")
	b.get("/shop/demo/?page=-1").want(http.StatusOK, "Page 1 of 3")
	w.catalog = catalog.NewSnapshot(3, 3, nil)
	b.get("/shop/demo/").want(http.StatusOK, "nothing on the shelves")
}

func TestErrorPages(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	for _, path := range []string{"/shop/demo/no-such/", "/shop/demo/secret/", "/shop/demo/theme/none.css", "/shop/demo/theme/"} {
		b.get(path).want(http.StatusNotFound, "Page not found", "Go to the shop")
	}
	for _, path := range []string{"/shop/demo/", "/shop/demo/cart.php", "/shop/demo/checkout", "/shop/demo/mug/"} {
		a := b.do(http.MethodPut, path, nil).want(http.StatusMethodNotAllowed, "That did not work")
		if a.Header.Get("Allow") == "" {
			t.Errorf("%s does not say what it allows", path)
		}
	}
	w.store.Suspended = true
	b.get("/shop/demo/").want(http.StatusServiceUnavailable, "closed at the moment")
	w.store.Suspended = false

	b.get("/shop/demo/cart.php?action=add&product_id=1").want(http.StatusFound)
	w.down = fmt.Errorf("secret of the database")
	a := b.get("/shop/demo/cart.php").want(http.StatusInternalServerError, "Something went wrong", "please quote request").without("secret of")
	if id := a.Header.Get("X-Request-Id"); id == "" || !strings.Contains(w.log.String(), id) || !strings.Contains(w.log.String(), "secret of") {
		t.Errorf("log = %q", w.log.String())
	}
}

func TestAssets(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	for path, kind := range map[string]string{
		"/assets/placeholder.svg":        "image/svg+xml",
		"/shop/demo/theme/shop.css":      "text/css; charset=utf-8",
		"/shop/demo/theme/icon.svg":      "image/svg+xml",
		"/shop/demo/theme/shop.css?v=no": "text/css; charset=utf-8",
	} {
		a := b.get(path).want(http.StatusOK)
		if got := a.Header.Get("Content-Type"); got != kind || a.Header.Get("X-Content-Type-Options") != "nosniff" || a.body == "" {
			t.Errorf("%s is %s", path, got)
		}
	}
	w.browser(atHost).get("/theme/shop.css").want(http.StatusOK)
}
