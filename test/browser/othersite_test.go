package browser

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// otherSite serves pages on another site than the shop's: localhost, while the
// shop is at 127.0.0.1.
func otherSite(t *testing.T, pages map[string]string) (origin string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!doctype html><title>Elsewhere</title><link rel=icon href=data:,>%s", pages[r.URL.Path])
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

func formTo(address, encoding string, fields ...string) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, `<form method="post" enctype="%s" action="%s">`, encoding, html.EscapeString(address))
	for i := 0; i < len(fields); i += 2 {
		_, _ = fmt.Fprintf(&b, `<input type="hidden" name="%s" value="%s">`, fields[i], fields[i+1])
	}
	return b.String() + `<button>Send</button></form>`
}

func TestFormsOfAnotherSite(t *testing.T) {
	s := serve(t)
	g := stock(s)
	link, _ := s.cart(g)["checkout_url"].(string)
	pages := map[string]string{
		"/checkout": formTo(link, "multipart/form-data"),
		"/add":      formTo(s.shop+"/vase/", "application/x-www-form-urlencoded", "quantity", "3"),
		"/change":   formTo(s.shop+"/cart.php", "application/x-www-form-urlencoded", "action", "add", "product_id", fmt.Sprint(g.vase)),
	}
	origin := otherSite(t, pages)
	b := open(t, phone)
	b.elsewhere(origin + "/checkout")
	if status := b.click("button"); status != http.StatusOK || b.address() != s.shop+"/checkout" {
		t.Errorf("the form leads to %s with %d", b.address(), status)
	}
	b.says("main", "1 × Vase")
	for _, page := range []string{"/add", "/change"} {
		b.elsewhere(origin + page)
		if status := b.click("button"); status != http.StatusForbidden {
			t.Errorf("%s = %d", page, status)
		}
		b.says("main", "sent from another site")
	}
	b.visit(s.shop + "/checkout")
	b.says("main", "1 × Vase")
}

func TestEmbeddedCheckout(t *testing.T) {
	s := serve(t)
	g := stock(s)
	pages := map[string]string{}
	origin := otherSite(t, pages)
	s.api(http.MethodPost, "/sites", object{"url": origin, "channel_id": 1})
	s.api(http.MethodPut, "/channels/1/site/checkout-url", object{"url": s.url})
	link, _ := s.cart(g)["embedded_checkout_url"].(string)
	if !strings.HasPrefix(link, s.url+"/cart.php?embedded=1") {
		t.Fatalf("the link is %s", link)
	}
	pages["/"] = `<iframe src="` + html.EscapeString(link) + `" width="380" height="600"></iframe>`
	b := open(t, desktop)
	b.elsewhere(origin + "/")
	if text := b.frameSays(s.url+"/embedded-checkout", "1 × Vase"); strings.Contains(text, "Search") {
		t.Errorf("the frame shows %q", text)
	}

	// The whole checkout works there.
	frame := func(script, says string) {
		t.Helper()
		b.runInFrame(s.url+"/embedded-checkout", script)
		b.frameSays(s.url+"/embedded-checkout", says)
	}
	var fill strings.Builder
	for field, text := range janes {
		_, _ = fmt.Fprintf(&fill, "document.getElementById(%q).value = %q;", field, text)
	}
	frame(fill.String()+"document.querySelector('[value=address]').click()", "How does it get there?")
	frame("document.querySelector('[value=shipping]').click()", "How do you want to pay?")
	frame("document.querySelector('[value=place]').click()", "Thank you for your order")
	b.frameSays(s.url+"/embedded-checkout/order-confirmation/", "1 Elm Street")

	// Only the store's own sites may do that.
	plain, _ := s.cart(g)["checkout_url"].(string)
	pages["/framed"] = `<iframe src="` + html.EscapeString(plain) + `"></iframe>`
	b.elsewhere(origin + "/framed")
	b.frameSays("", "ERR_BLOCKED_BY_RESPONSE")
	// At the root of its host the shop's pages lead back to the merchant's site.
	b.visit(s.url + "/cart.php")
	b.says("main", "Your cart is empty.")
	if home := step(b, "read the link", chromedp.Evaluate[string]("document.querySelector('.brand').href")); home != origin+"/" {
		t.Errorf("the shop's name leads to %s", home)
	}
}

// elsewhere goes to a page that is not the shop's.
func (b *tab) elsewhere(address string) {
	b.t.Helper()
	step(b, "visit "+address, chromedp.Navigate(address))
}

// frameSays waits until the frame with this address shows a text, and returns
// all that it shows.
func (b *tab) frameSays(address, text string) string {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var got string
	var err error // a page that goes while it is read
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if got, err = b.read(b.frameAt(address)); strings.Contains(got, text) {
			return got
		}
	}
	b.t.Fatalf("the frame shows %q, not %q (%v)", got, text, err)
	return ""
}

// runInFrame runs a script in the frame with this address, as a shopper's hand.
func (b *tab) runInFrame(address, script string) {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(b.frameAt(address)), chromedp.WithDetachOnCancel())
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) frameAt(address string) target.ID {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		all, err := chromedp.Targets(b.ctx)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, info := range all {
			if info.Type == "iframe" && strings.HasPrefix(info.URL, address) {
				return info.TargetID
			}
		}
	}
	b.t.Fatalf("there is no frame with %s", address)
	return ""
}

// read returns what a frame shows once all of its page is there.
func (b *tab) read(id target.ID) (string, error) {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.readyState === 'complete' ? document.body.textContent : ''"))
	return strings.Join(strings.Fields(text), " "), err
}
