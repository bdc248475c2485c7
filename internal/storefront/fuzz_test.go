package storefront_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartwright/internal/cart"
)

// FuzzPages sends anything to the pages: they never fail, and never show what
// they were sent as HTML.
func FuzzPages(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/", ""},
		{"GET", "/?q=%3Cscript%3E&page=99999999999999999999", ""},
		{"GET", "/desk-lamp/?sku=LAMP-BR&option-88=%27&quantity=%22%3E%3Cscript%3E", ""},
		{"POST", "/desk-lamp/", "option-88=142&option-89=150&quantity=1"},
		{"POST", "/ring/", "option-200=300&option-201=310&option-202=%3Cscript%3E&option-203=a%0Ab&option-204=1e9&option-205=2026-02-31&option-207=x"},
		{"GET", "/cart.php?action=load&id=00000000-0000-4000-8000-000000000000&token=%00", ""},
		{"GET", "/cart.php?action=add&product_id=1&qty=-1&sku=%C3%28&couponcode=%3Cscript%3E", ""},
		{"POST", "/cart.php", "action=update&line=x&quantity=9223372036854775808"},
		{"GET", "/checkout/?products=1:1,,::,MUG:2&coupon=%0A", ""},
		{"POST", "/cart.php?action=loadInCheckout&embedded=1", "%zz=%zz;&"},
		{"GET", "/theme/../page.go", ""},
		{"GET", "/%2e%2e//evil.example/", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://shop.example/", strings.NewReader(body))
		if err != nil {
			return
		}
		path, query, _ := strings.Cut(target, "?")
		r.URL.Path, r.URL.RawQuery = path, query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := newWorld(t)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code >= http.StatusInternalServerError && rec.Code != http.StatusServiceUnavailable {
			t.Errorf("%s %q: %d %s", method, target, rec.Code, w.log.String())
		}
		if text := rec.Body.String(); strings.Contains(text, "<script") || strings.Contains(text, "ZgotmplZ") {
			t.Errorf("%s %q shows what it was sent:\n%s", method, target, text)
		}
	})
}

// FuzzLinks opens links of mails with anything added to them: they never fail,
// and unless somebody posts to them they change nothing.
func FuzzLinks(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "cart.php?action=recover&t=T", ""},
		{"GET", "cart.php?action=recover&utm_source=%22%3E%3Cscript%3E&t=T&t=0", ""},
		{"HEAD", "cart.php?t=T&action=recover&products=1:1", ""},
		{"POST", "cart.php?action=recover&t=T&products=1:1&utm_term=%0A", "to=checkout"},
		{"POST", "cart.php?action=recover&t=T", "to=%2F%2Fevil.example&action=remove&%zz"},
		{"GET", "unsubscribe?t=T", ""}, {"POST", "unsubscribe/?t=T&t=T", "List-Unsubscribe=One-Click"}, {"PUT", "unsubscribe?t=T", "x"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://shop.example/", strings.NewReader(body))
		if err != nil {
			return
		}
		w := newWorld(t)
		c, err := w.carts.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{{ProductID: vase, Quantity: 1}}}, cart.Options{})
		if err != nil {
			t.Fatal(err)
		}
		path, query, _ := strings.Cut(target, "?")
		token := strings.TrimPrefix(w.mailed(c, nil), "/cart.php?action=recover&t=")
		if strings.HasPrefix(path, "unsubscribe") {
			token = strings.TrimPrefix(w.unsubscribeLink(), "/shop/demo/unsubscribe?t=")
		}
		r.URL.Path, r.URL.RawQuery = "/"+path, strings.ReplaceAll(query, "T", token)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		acts := r.URL.Query().Get("action") != "recover" && path != "unsubscribe" || method == http.MethodPost
		look := func() {
			w.handler.ServeHTTP(rec, r)
			if len(w.mails.unsubscribed) > 0 && !acts {
				t.Errorf("%s %q unsubscribes", method, target)
			}
		}
		if acts {
			look()
		} else {
			w.unchanged(look)
		}
		if rec.Code >= http.StatusInternalServerError && rec.Code != http.StatusServiceUnavailable {
			t.Errorf("%s %q: %d %s", method, target, rec.Code, w.log.String())
		}
		if text := rec.Body.String(); strings.Contains(text, "<script") || strings.Contains(text, "ZgotmplZ") {
			t.Errorf("%s %q shows what it was sent:\n%s", method, target, text)
		}
		if to := rec.Header().Get("Location"); to != "" && (to[0] != '/' || strings.HasPrefix(to, "//")) {
			t.Errorf("%s %q leads to %q", method, target, to)
		}
	})
}

// FuzzCheckout sends any form to the checkout, the last step open: it never
// fails, never shows what it was sent as HTML, and makes no order of anything
// but what was shown.
func FuzzCheckout(f *testing.F) {
	for _, seed := range []string{
		"action=address&email=a%40b.example&first_name=%3Cscript%3E&last_name=%22%3E&address1=x&city=y&country=us&state=il&postcode=1&billing=other",
		"action=address&country=%00&email=%C3%28&newsletter=1&reminder=1",
		"action=billing&first_name=a&last_name=b&address1=c&city=d&country=DE&postcode=1",
		"action=shipping&way=pickup-9223372036854775808", "action=shipping&way=%3Cscript%3E",
		"action=coupon&code=%3Cscript%3E", "action=coupon&code=spring", "action=remove-coupon&code=%0A",
		"action=certificate&code=%3Cscript%3E", "action=remove-certificate&certificate=x",
		"action=place&payment=manual&seen=e30", "action=place&payment=test&seen=eyJzIjpbeyJrIjoidG90YWwiLCJsIjoiPHNjcmlwdD4ifV19&message=%3Cscript%3E",
		"action=place&payment=%3Cscript%3E&message=%00", "action=dance", "%zz",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWorld(t)
		b := w.ready()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, atHost+"/checkout", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, c := range b.jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
		after := httptest.NewRequestWithContext(t.Context(), http.MethodGet, atHost+"/checkout", nil)
		for _, c := range r.Cookies() {
			after.AddCookie(c)
		}
		for _, r := range []*http.Request{r, after} {
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if rec.Code >= http.StatusInternalServerError {
				t.Errorf("%q: %d %s", body, rec.Code, w.log.String())
			}
			if text := rec.Body.String(); strings.Contains(text, "<script") || strings.Contains(text, "ZgotmplZ") {
				t.Errorf("%q is shown:\n%s", body, text)
			}
		}
		if len(w.memory.orders) > 0 {
			t.Errorf("%q made an order", body)
		}
	})
}
