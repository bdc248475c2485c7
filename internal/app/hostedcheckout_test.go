package app

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"cartwright/internal/order"
)

// shopper is somebody who buys on the hosted pages, without a browser.
type shopper struct {
	*testing.T

	h      http.Handler
	cookie string
}

// ask sends a request to the shop.
func (s *shopper) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.Context(), method, "/shop/demo"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", s.cookie)
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w
}

// want sends a request that must be answered so.
func (s *shopper) want(status int, method, path string, form url.Values, texts ...string) string {
	s.Helper()
	w := s.ask(method, path, form)
	if w.Code != status {
		s.Fatalf("%s %s %v = %d\n%s", method, path, form, w.Code, w.Body)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == "SHOP_SESSION_TOKEN" {
			s.cookie = c.Name + "=" + c.Value
		}
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			s.Errorf("%s %s does not say %q:\n%s", method, path, text, w.Body)
		}
	}
	return w.Body.String()
}

var (
	aWay  = regexp.MustCompile(`name="way" value="([^"]+)"`)
	aSeen = regexp.MustCompile(`name="seen" value="([^"]+)"`)
)

// confirm takes one vase to the last step of the checkout, and returns the form
// that places the order.
func (s *shopper) confirm(payment string) url.Values {
	s.Helper()
	s.want(http.StatusSeeOther, "POST", "/vase/", nil)
	s.want(http.StatusSeeOther, "POST", "/checkout", url.Values{"action": {"address"}, "email": {"jane@example.com"}, "first_name": {"Jane"},
		"last_name": {"Doe"}, "address1": {"1 Elm Street"}, "city": {"Dublin"}, "country": {"IE"}})
	way := aWay.FindStringSubmatch(s.want(http.StatusOK, "GET", "/checkout", nil))
	if way == nil {
		s.Fatal("no way of shipping is offered")
	}
	s.want(http.StatusSeeOther, "POST", "/checkout", url.Values{"action": {"shipping"}, "way": {way[1]}})
	seen := aSeen.FindStringSubmatch(s.want(http.StatusOK, "GET", "/checkout", nil, "Place order"))
	if seen == nil {
		s.Fatal("the checkout does not say what it shows")
	}
	return url.Values{"action": {"place"}, "payment": {payment}, "seen": {html.UnescapeString(seen[1])}}
}

func sellVases(t *testing.T, h http.Handler, level int) {
	t.Helper()
	body := fmt.Sprintf(`{"name":"Vase","type":"physical","weight":1,"price":20,"is_visible":true,"custom_url":{"url":"/vase/"},"inventory_tracking":"product","inventory_level":%d}`, level)
	if w := call(h, "POST", "/stores/demo/v3/catalog/products", body); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// TestOneCartBecomesOneOrderOnTheHostedPages: twenty requests place the order of
// one cart; there is one order, and everybody is led to its confirmation.
func TestOneCartBecomesOneOrderOnTheHostedPages(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			h := openStore(t, database(t))
			sellVases(t, h, 30)
			jane := &shopper{t, h, ""}
			form := jane.confirm(order.Manual)
			form.Set("message", "Please ring twice")
			landed := make([]string, 20)
			var wg sync.WaitGroup
			for i := range landed {
				wg.Go(func() {
					w := jane.ask("POST", "/checkout", form)
					landed[i] = fmt.Sprint(w.Code, " ", w.Header().Get("Location"))
				})
			}
			wg.Wait()
			for _, got := range landed {
				if want := "303 /shop/demo/order-confirmation/100"; got != want {
					t.Errorf("a request was answered with %q, want %q", got, want)
				}
			}
			jane.want(http.StatusOK, "GET", "/order-confirmation/100", nil, "1 × Vase", "1 Elm Street", "Please ring twice")
			jane.want(http.StatusNotFound, "GET", "/order-confirmation/101", nil)
			if w := call(h, "GET", "/stores/demo/v3/catalog/products?include_fields=inventory_level", ""); !strings.Contains(w.Body.String(), `"inventory_level":29`) {
				t.Errorf("stock was not taken once: %s", w.Body)
			}
		})
	}
}

// TestTheLastOneIsSoldOnce: of those who confirm the last vase at once, one gets
// it; the others are told that it is gone, and keep their carts.
func TestTheLastOneIsSoldOnce(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			h := openStore(t, database(t))
			sellVases(t, h, 1)
			shoppers, forms := make([]*shopper, 8), make([]url.Values, 8)
			for i := range shoppers {
				shoppers[i] = &shopper{t, h, ""}
				forms[i] = shoppers[i].confirm(order.Manual)
			}
			answers := make([]*httptest.ResponseRecorder, len(shoppers))
			var wg sync.WaitGroup
			for i := range shoppers {
				wg.Go(func() { answers[i] = shoppers[i].ask("POST", "/checkout", forms[i]) })
			}
			wg.Wait()
			sold := 0
			for i, w := range answers {
				switch {
				case w.Code == http.StatusSeeOther:
					sold++
				case w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "out of stock"):
					t.Errorf("a loser is answered with %d\n%s", w.Code, w.Body)
				default:
					shoppers[i].want(http.StatusOK, "GET", "/cart.php", nil, "Vase", "out of stock")
				}
			}
			if sold != 1 {
				t.Errorf("%d were sold", sold)
			}
		})
	}
}

// TestAGiftCertificatePaysOnTheHostedPages: a certificate that the merchant made
// pays a part of an order, its balance falls by that, and what is left pays for
// nothing more than it holds.
func TestAGiftCertificatePaysOnTheHostedPages(t *testing.T) {
	h := openStore(t, engines["sqlite"](t))
	sellVases(t, h, 30)
	w := call(h, "POST", "/stores/demo/v2/gift_certificates", `{"code":"AAAA-BBBB-CCCC","amount":"25","balance":"25","status":"active","to_name":"Jane","to_email":"jane@example.com","from_name":"Joe","from_email":"joe@example.com"}`)
	if w.Code >= 300 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	confirmed := []string{"is placed and paid", "To pay</dt><dd>$15.00"}
	for i, due := range []string{"$0.00", "$15.00"} {
		jane := &shopper{t, h, ""}
		form := jane.confirm(order.Manual)
		jane.want(http.StatusSeeOther, "POST", "/checkout", url.Values{"action": {"certificate"}, "code": {"aaaa-bbbb-cccc"}})
		jane.want(http.StatusConflict, "POST", "/checkout", form, "Gift certificate …CCCC", "To pay")
		page := jane.want(http.StatusOK, "GET", "/checkout", nil, "Place order · "+due)
		form.Set("seen", html.UnescapeString(aSeen.FindStringSubmatch(page)[1]))
		if i == 0 {
			form.Set("payment", order.Free)
		}
		jane.want(http.StatusSeeOther, "POST", "/checkout", form)
		jane.want(http.StatusOK, "GET", fmt.Sprintf("/order-confirmation/%d", 100+i), nil, "Gift certificate …CCCC", confirmed[i])
	}
	if w := call(h, "GET", "/stores/demo/v2/gift_certificates", ""); !strings.Contains(w.Body.String(), `"balance":"0.0000"`) {
		t.Errorf("the certificate still holds something: %s", w.Body)
	}
}
