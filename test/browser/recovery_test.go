package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// leave has Jane fill a cart in the shop, say where it goes, and go away.
func (s *server) leave(products ...string) {
	s.t.Helper()
	b := open(s.t, desktop)
	for _, address := range products {
		b.visit(s.shop + address)
		b.click(".order .button")
	}
	b.visit(s.shop + "/checkout")
	b.fillAddress()
	b.fill("#first_name", "<script>alert(6)</script>")
	b.click("[value=address]")
	b.says("main", "1 Elm Street")
}

// strange holds that a page shows nothing of Jane's, its source included.
func (b *tab) strange() {
	b.t.Helper()
	source := step(b, "read the source", chromedp.Evaluate[string]("document.documentElement.outerHTML"))
	for _, secret := range []string{"jane@example.com", "alert(6)", "Doe", "1 Elm Street", "62701"} {
		if strings.Contains(source, secret) {
			b.t.Errorf("%s shows %q", b.address(), secret)
		}
	}
}

func TestFromTheMailToTheOrder(t *testing.T) {
	s := serve(t, "--sandbox")
	checkouts(s)
	s.product("<script>alert(1)</script>", "/attack/", 1, nil)
	for n, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			s.leave("/vase/", "/attack/")
			if got := s.mails("61m"); len(got) != 0 {
				t.Fatalf("mails went out at once: %+v", got)
			}
			m := s.mail("60m")
			if !strings.Contains(m.to, "jane@example.com") || m.back == "" || !strings.HasPrefix(m.unsubscribe, s.shop+"/unsubscribe?t=") {
				t.Fatalf("the mail is %+v", m)
			}
			b := open(t, screen)
			if status := b.visit(m.back); status != http.StatusOK {
				t.Fatalf("the link = %d", status)
			}
			b.says("main", "Your cart is still here", "2 items", "Vase", "$40.00", "<script>alert(1)</script>", "$41.00")
			b.strange()
			b.accessible("landing")
			b.visit(s.shop + "/cart.php")
			b.says("main", "Your cart is empty.")

			b.visit(m.back + "&utm_source=mail")
			b.click("[name=to][value=cart]")
			if b.address() != s.shop+"/cart.php?utm_source=mail" {
				t.Errorf("the page leads to %s", b.address())
			}
			b.says(".summary .sums .total", "$41.00")
			b.strange()
			b.visit(m.back)
			b.click("[name=to][value=checkout]")
			b.says("h1", "Checkout")
			b.says("main", "Where does it go?")
			b.strange()
			for field, text := range janes {
				switch field {
				case "email":
					text = "tom@example.com"
				case "address1":
					text = "9 Oak Lane"
				}
				b.fill("#"+field, text)
			}
			b.fill("#first_name", "Tom")
			b.click("[value=address]")
			b.choose("Ways of shipping", "Parcel")
			b.click("[value=shipping]")
			b.choose("How do you want to pay?", "Test payment")
			b.click("[value=place]")
			b.says("main", "Thank you for your order", "9 Oak Lane", "tom@example.com")
			if got := len(s.orders()); got != n+1 {
				t.Errorf("%d orders", got)
			}

			stranger := open(t, screen)
			if status := stranger.visit(m.back); status != http.StatusOK {
				t.Errorf("the link after the order = %d", status)
			}
			stranger.says("h1", "This cart has been ordered")
			stranger.accessible("landing-ordered")
			stranger.visit(m.back + "0")
			stranger.says("h1", "This link does not work")
			stranger.accessible("landing-unknown")
			if got := s.mails("48h"); len(got) != 0 {
				t.Errorf("mails went out after the order: %+v", got)
			}
		})
	}
}

func TestAPriceThatChangedSinceTheMail(t *testing.T) {
	s := serve(t, "--sandbox")
	vase := checkouts(s)
	s.product("Bowl", "/bowl/", 12, nil)
	s.api(http.MethodPut, "/marketing/abandoned-cart-emails/1", object{"coupon_code": "SPRING"})
	s.leave("/vase/", "/bowl/")
	s.mails("61m")
	m := s.mail("60m")
	s.api(http.MethodPut, fmt.Sprintf("/catalog/products/%d", vase), object{"price": 44.5, "inventory_level": 0})
	for n, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			b := open(t, screen)
			b.visit(s.shop + "/bowl/")
			b.click(".order .button")
			b.visit(m.back)
			b.says(".changes", "What has changed since the mail", "Vase1 × $40.001 × $44.50")
			if text := b.text(".changes"); strings.Contains(text, "Bowl") {
				t.Errorf("what did not change is among the changes: %s", text)
			}
			b.says("main", "This product is out of stock.", "There is another cart in this browser, with 1 item.")
			if n == 0 {
				b.says(".summary", "$56.50", "SPRING from your mail")
			}
			b.accessible("landing-changed")
			b.click("#other a")
			b.says(".count", "1")
			b.visit(m.back)
			b.click("[name=to][value=cart]")
			b.says(".count", "2")
			b.says(".summary .sums", "Coupon SPRING", "−$5.65", "$50.85")
		})
	}
}

func TestUnsubscribing(t *testing.T) {
	s := serve(t, "--sandbox")
	checkouts(s)
	s.leave("/vase/")
	s.mails("61m")
	m := s.mail("60m")
	for _, screen := range screens {
		b := open(t, screen)
		b.visit(m.unsubscribe)
		b.says("main", "No more reminders?", "Linden & Sons")
		b.strange()
		b.accessible("unsubscribe")
		if screen == night {
			b.click("main form .button")
			b.says("h1", "You are unsubscribed")
			b.strange()
			b.accessible("unsubscribed")
		}
	}
	if got := s.mails("48h"); len(got) != 0 {
		t.Errorf("mails went out: %+v", got)
	}
}

// TestScannersChangeNothing: what opens every link of a mail neither stops the
// next one, nor unsubscribes, nor changes the cart. One click does, from
// anywhere.
func TestScannersChangeNothing(t *testing.T) {
	s := serve(t, "--sandbox")
	checkouts(s)
	s.leave("/vase/")
	s.mails("61m")
	m := s.mail("60m")
	for range 2 {
		for _, link := range []string{m.back, m.unsubscribe} {
			if status, text := scan(t, http.MethodGet, link); status != http.StatusOK || strings.Contains(text, "jane") {
				t.Errorf("%s = %d %s", link, status, text)
			}
			if status, text := scan(t, http.MethodHead, link); status != http.StatusOK || text != "" {
				t.Errorf("HEAD %s = %d %s", link, status, text)
			}
		}
	}
	next := s.mail("24h")
	if next.back == m.back || next.unsubscribe == m.unsubscribe {
		t.Error("two mails have the same links")
	}
	res, err := http.PostForm(next.unsubscribe, url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("one click = %d", res.StatusCode)
	}
	if got := s.mails("24h"); len(got) != 0 {
		t.Errorf("mails went out: %+v", got)
	}
}
