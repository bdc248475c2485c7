package storefront_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
