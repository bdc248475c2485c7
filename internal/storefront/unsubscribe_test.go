package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
)

// unsubscribeLink sends a mail about a cart that is gone by now, and returns
// the path of its link to unsubscribe.
func (w *world) unsubscribeLink() string {
	w.t.Helper()
	plain, hash := recovery.NewToken()
	w.mails.tokens[hash] = &recovery.Token{Store: "demo", Hash: hash, Purpose: recovery.Unsubscribe, Cart: "gone", Episode: 1, Template: 1,
		Address: recovery.AddressHash("demo", "jane@example.com")}
	link := recovery.LinkToUnsubscribe(cart.Shop{Store: w.store, PublicURL: w.public}, plain)
	return strings.TrimPrefix(link, underShop)
}

func TestUnsubscribePage(t *testing.T) {
	w := newWorld(t)
	link := w.unsubscribeLink()
	b := w.browser(underShop)
	for range 2 {
		b.get(link).want(http.StatusOK, "No more reminders?", "Blue &amp; Sons", "Nothing happens until you press the button.",
			`<form method="post" action="`+strings.ReplaceAll(link, "&", "&amp;")+`">`).secret()
		if a := b.do(http.MethodHead, link, nil).want(http.StatusOK).secret(); a.body != "" {
			t.Errorf("HEAD answers %q", a.body)
		}
	}
	b.do(http.MethodPut, link, nil).want(http.StatusMethodNotAllowed)
	if len(w.mails.unsubscribed) != 0 {
		t.Fatal("looking at the page unsubscribes")
	}
	for range 2 { // as often as somebody likes
		b.post(link, url.Values{"List-Unsubscribe": {"One-Click"}}).want(http.StatusOK, "You are unsubscribed", "please write to the shop").secret().without("jane")
	}
	if len(w.mails.unsubscribed) != 2 {
		t.Errorf("unsubscribed %v", w.mails.unsubscribed)
	}
	b.get(link).want(http.StatusOK, "No more reminders?")
}

// TestOneClickUnsubscribe: mail programs send the POST of RFC 8058 in either
// form, from anywhere, without having seen the page.
func TestOneClickUnsubscribe(t *testing.T) {
	multipart := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	for name, tt := range map[string]struct {
		body   string
		header http.Header
	}{
		"a form":            {"List-Unsubscribe=One-Click", http.Header{"Origin": nil}},
		"in parts":          {multipart, http.Header{"Origin": nil, "Content-Type": {"multipart/form-data; boundary=x"}}},
		"from a mail page":  {"List-Unsubscribe=One-Click", http.Header{"Origin": {"https://mail.example"}, "Sec-Fetch-Site": {"cross-site"}}},
		"nothing inside":    {"", http.Header{"Origin": nil, "Content-Type": nil}},
		"what is no form":   {"{", http.Header{"Origin": nil, "Content-Type": {"application/json"}}},
		"more than is read": {strings.Repeat("x=y&", 1<<19), http.Header{"Origin": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			link := w.unsubscribeLink()
			b := w.browser(underShop)
			b.header = tt.header
			b.do(http.MethodPost, link, strings.NewReader(tt.body)).want(http.StatusOK, "You are unsubscribed").secret()
			if len(w.mails.unsubscribed) != 1 {
				t.Errorf("unsubscribed %v", w.mails.unsubscribed)
			}
		})
	}
}

// A shop that is closed lets people go all the same.
func TestUnsubscribingFromAClosedShop(t *testing.T) {
	w := newWorld(t)
	link := w.unsubscribeLink()
	w.store.Suspended = true
	b := w.browser(underShop)
	b.get("/shop/demo/cart.php?action=recover&t=" + strings.Repeat("0", 32)).want(http.StatusServiceUnavailable)
	b.get(link).want(http.StatusOK, "No more reminders?")
	b.post(link, nil).want(http.StatusOK, "You are unsubscribed")
	if len(w.mails.unsubscribed) != 1 {
		t.Errorf("unsubscribed %v", w.mails.unsubscribed)
	}
}

func TestUnsubscribeLinksThatLeadNowhere(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	_, link := w.left(nil)
	_, back, _ := strings.Cut(link, "&t=")
	b := w.browser(underShop)
	for name, token := range map[string]string{"unknown": strings.Repeat("0", 32), "none": "", "hostile": `"><script>`, "to a cart": back} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			address := "/shop/demo/unsubscribe?t=" + url.QueryEscape(token)
			b.get(address).want(http.StatusNotFound, "This link does not work").secret()
			b.do(http.MethodHead, address, nil).want(http.StatusNotFound).secret()
			b.post(address, url.Values{"List-Unsubscribe": {"One-Click"}}).want(http.StatusNotFound, "This link does not work").secret()
		})
	}
	if len(w.mails.unsubscribed) != 0 {
		t.Errorf("unsubscribed %v", w.mails.unsubscribed)
	}
}
