package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
)

func TestRedirectLinks(t *testing.T) {
	for name, test := range map[string]struct {
		pick    func(cart.RedirectURLs) string
		landing string
	}{
		"cart":     {func(u cart.RedirectURLs) string { return u.Cart }, "/cart.php?utm_source=mail+%26+more"},
		"checkout": {func(u cart.RedirectURLs) string { return u.Checkout }, "/checkout?utm_source=mail+%26+more"},
		"embedded": {func(u cart.RedirectURLs) string { return u.EmbeddedCheckout }, "/embedded-checkout?utm_source=mail+%26+more"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c, _ := w.apiCart()
			link := test.pick(w.link(c, url.Values{"utm_source": {"mail & more"}, "products": {"1:1"}}))
			b := w.browser(atHost)

			b.do(http.MethodHead, path(link), nil).want(http.StatusOK)
			b.header.Set("Sec-Purpose", "prefetch;prerender")
			b.get(path(link)).want(http.StatusServiceUnavailable)
			b.header.Del("Sec-Purpose")
			if len(w.sessions) != 0 {
				t.Error("HEAD or a prefetch used the link up")
			}

			a := b.get(path(link)).want(http.StatusFound).leadsTo(test.landing)
			got := cookieOf(t, a, "SHOP_SESSION_TOKEN")
			if embedded := name == "embedded"; embedded != (got.SameSite == http.SameSiteNoneMode) || embedded != got.Partitioned || embedded && !got.Secure || !got.HttpOnly {
				t.Errorf("cookie = %v", got)
			}
			b.get(test.landing).want(http.StatusOK, "Mug", "$2,502.34")
			b.get(path(link)).want(http.StatusGone, "This link cannot be used any more").without("Mug", "2,502")
			b.get(test.landing).want(http.StatusOK, "Mug")
		})
	}
}

func TestLinksThatDoNotWorkLeaveTheSessionAlone(t *testing.T) {
	w := newWorld(t)
	c, urls := w.apiCart()
	other, _ := w.apiCart()
	b := w.browser(atHost)
	b.post("/vase/", nil).want(http.StatusSeeOther)
	b.get("/cart.php").want(http.StatusOK, "Vase")
	token := func(link string) string {
		u, _ := url.Parse(link)
		return u.Query().Get("token")
	}
	for name, link := range map[string]string{
		"unknown token":    "/cart.php?action=load&id=" + string(c.ID) + "&token=" + strings.Repeat("0", 64),
		"no token":         "/cart.php?action=load&id=" + string(c.ID),
		"no id":            "/cart.php?action=load&token=" + token(urls.Cart),
		"another cart":     "/cart.php?action=load&id=" + string(other.ID) + "&token=" + token(urls.Cart),
		"no cart at all":   "/cart.php?action=loadInCheckout&id=x'&token=" + token(urls.Cart),
		"embedded unknown": "/cart.php?embedded=1&action=loadInCheckout&id=" + string(c.ID) + "&token=1",
	} {
		t.Run(name, func(t *testing.T) {
			a := b.get(link).want(http.StatusGone, "This link cannot be used any more").without("Mug")
			for _, cookie := range a.Cookies() {
				if cookie.Name == "SHOP_SESSION_TOKEN" {
					t.Errorf("the session was touched: %v", cookie)
				}
			}
		})
	}
	b.get("/cart.php").want(http.StatusOK, "Vase").without("Mug")

	w.clock.Advance(cart.RedirectLifetime - 1)
	if _, err := w.carts.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{{ProductID: mug, Quantity: 1}}}, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(1)
	b.get(path(urls.Cart)).want(http.StatusGone, "cannot be used")
}

func TestRedirectLinkAsAFormOfAnotherSite(t *testing.T) {
	w := newWorld(t)
	_, urls := w.apiCart()
	b := w.browser(atHost)
	b.header = http.Header{"Origin": {"https://headless.example"}, "Sec-Fetch-Site": {"cross-site"},
		"Content-Type": {"multipart/form-data; boundary=x"}}
	b.do(http.MethodPost, path(urls.Checkout), strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nremove\r\n--x--\r\n")).
		want(http.StatusFound).leadsTo("/checkout")
	b.header = http.Header{}
	b.get("/checkout").want(http.StatusOK, "2 × Mug")
}

func TestALinkTakesThePlaceOfTheSession(t *testing.T) {
	w := newWorld(t)
	b := w.browser(atHost)
	first := cookieOf(t, b.post("/vase/", nil), "SHOP_SESSION_TOKEN")
	b.get("/cart.php").want(http.StatusOK, "Vase was added to your cart.")
	_, urls := w.apiCart()
	second := cookieOf(t, b.get(path(urls.Cart)), "SHOP_SESSION_TOKEN")
	if first.Value == second.Value || len(w.sessions) != 1 {
		t.Errorf("%d sessions; the token is the same: %v", len(w.sessions), first.Value == second.Value)
	}
	b.get("/cart.php").want(http.StatusOK, "Mug").without("Vase")
	b.post("/vase/", nil).want(http.StatusSeeOther)
	b.get("/cart.php").want(http.StatusOK, "Mug", "Vase")
}

func TestOnlyTheStoresSitesFrameTheEmbeddedCheckout(t *testing.T) {
	w := newWorld(t)
	w.store.Sites = append(w.store.Sites, merchant.Site{ID: 2, ChannelID: 2, URL: "https://evil.example;script-src *"})
	_, urls := w.apiCart()
	b := w.browser(atHost)
	b.get(path(urls.EmbeddedCheckout)).want(http.StatusFound)
	for page, want := range map[string]string{
		"/embedded-checkout": "frame-ancestors 'self' https://shop.example", "/checkout": "frame-ancestors 'none'", "/": "frame-ancestors 'none'",
	} {
		a := b.get(page).want(http.StatusOK)
		if csp := a.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, want) {
			t.Errorf("%s: %s", page, csp)
		}
	}
	b.get("/embedded-checkout").without("<header", "Continue shopping")
}
