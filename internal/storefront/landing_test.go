package storefront_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

// mails is what is known of the mails that went out, and what was done about
// them.
type mails struct {
	recovery.Storage // what the pages never ask for
	mu               sync.Mutex
	tokens           map[string]*recovery.Token
	steps            map[int64]*recovery.Step
	clicked          []recovery.Token
	bots             []cart.ID
	unsubscribed     []string // hashes of tokens
	// gone says that carts are gone when somebody goes on.
	gone bool
}

func newMails() *mails {
	return &mails{tokens: map[string]*recovery.Token{}, steps: map[int64]*recovery.Step{}}
}

func (m *mails) FindRecoveryToken(_ context.Context, store, hash string) (*recovery.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.tokens[hash]; t != nil && t.Store == store {
		return t, nil
	}
	return nil, nil
}

func (m *mails) FindStep(_ context.Context, _ string, episode, template int64) (*recovery.Step, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.steps[episode]; s != nil && s.Template == template {
		return s, nil
	}
	return nil, nil
}

func (m *mails) ContinueFromLink(_ context.Context, t *recovery.Token, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone {
		return fault.New(fault.NotFound, fault.TitleNotFound)
	}
	m.clicked = append(m.clicked, *t)
	return nil
}

func (m *mails) Unsubscribe(ctx context.Context, store, hash string, _ time.Time) (*recovery.Token, error) {
	t, err := m.FindRecoveryToken(ctx, store, hash)
	if t == nil || t.Purpose != recovery.Unsubscribe {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unsubscribed = append(m.unsubscribed, hash)
	return t, nil
}

func (m *mails) MarkBot(_ context.Context, _ string, cartID cart.ID, _ bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bots = append(m.bots, cartID)
	return nil
}

// mailed sends a mail about a cart as it stands, and returns the path of its
// link at the root of the shop's host.
func (w *world) mailed(c *cart.Cart, change func(*recovery.Step)) string {
	w.t.Helper()
	plain, hash := recovery.NewToken()
	episode := int64(len(w.mails.steps) + 1)
	s := &recovery.Step{Template: 1, State: recovery.Sent}
	for _, l := range c.Lines {
		s.Lines = append(s.Lines, recovery.SentLine{ID: l.ID, Name: l.Name, Quantity: l.Quantity, Price: l.SalePrice})
	}
	if change != nil {
		change(s)
	}
	w.mails.steps[episode] = s
	w.mails.tokens[hash] = &recovery.Token{Store: "demo", Hash: hash, Purpose: recovery.Recover, Cart: c.ID, Episode: episode, Template: 1}
	return path(recovery.LinkToCart(must(w.Shop(w.t.Context(), "demo")), 1, plain, nil))
}

func must(shop cart.Shop, err error) cart.Shop {
	if err != nil {
		panic(err)
	}
	return shop
}

// left is a cart that somebody filled, addressed and left, with the path of the
// link back to it.
func (w *world) left(change func(*recovery.Step)) (*cart.Cart, string) {
	w.t.Helper()
	b := w.ready()
	page := b.get("/checkout").want(http.StatusOK, "1 Elm Street")
	if page.Header.Get("X-Robots-Tag") != "" {
		w.t.Error("the checkout is not told to robots, which do not get there")
	}
	c := w.onlyCart()
	if _, err := w.checkouts.SetMessage(w.t.Context(), "demo", c.ID, "Leave it with Joe", cart.Options{}); err != nil {
		w.t.Fatal(err)
	}
	c = w.onlyCart()
	return c, w.mailed(c, change)
}

// private are texts that only whoever typed them gets to see.
var private = []string{"jane", "Jane", "Doe", "Elm Street", "62701", "Illinois", "Springfield", "Leave it with Joe"}

// state is everything that a request could have changed.
func (w *world) state() (map[cart.ID]int64, int, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	versions := map[cart.ID]int64{}
	for cartID, c := range w.memory.carts {
		versions[cartID] = c.Version
	}
	return versions, len(w.sessions), len(w.mails.clicked)
}

// unchanged calls do and holds that nothing has changed by it.
func (w *world) unchanged(do func()) {
	w.t.Helper()
	carts, sessions, clicks := w.state()
	do()
	carts2, sessions2, clicks2 := w.state()
	if !maps.Equal(carts, carts2) || sessions != sessions2 || clicks != clicks2 {
		w.t.Errorf("carts %v, %d sessions, %d clicks; before: %v, %d, %d", carts2, sessions2, clicks2, carts, sessions, clicks)
	}
}

// secret holds how a page must be sent whose address is a secret.
func (a answer) secret() answer {
	a.t.Helper()
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "same-origin" || !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") {
		a.t.Errorf("headers = %v", a.Header)
	}
	if len(a.Cookies()) > 0 {
		a.t.Errorf("cookies = %v", a.Cookies())
	}
	return a
}

func TestOpeningALinkChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	_, link := w.left(nil)
	for _, base := range []struct{ origin, below string }{{atHost, ""}, {underShop, "/shop/demo"}} {
		for name, header := range map[string]http.Header{
			"a person":   nil,
			"a scanner":  {"User-Agent": {"Mozilla/5.0 (compatible; LinkCheckBot/1.0)"}},
			"a prefetch": {"Sec-Purpose": {"prefetch"}},
		} {
			t.Run(base.origin+" "+name, func(t *testing.T) {
				b := w.browser(base.origin)
				b.t, b.header = t, header
				w.unchanged(func() {
					for range 2 {
						b.get(base.below+link).want(http.StatusOK, "Your cart is still here", "Vase", "2 × $20.00", "$40.00", "Two vases, one cheaper", "$35.00",
							"/assets/placeholder.svg", "Continue to checkout", `action="`+base.below+"/cart.php?action=recover&amp;t=").secret().without(private...)
						if a := b.do(http.MethodHead, base.below+link, nil).want(http.StatusOK).secret(); a.body != "" {
							t.Errorf("HEAD answers %q", a.body)
						}
					}
				})
				b.get(base.below+"/cart.php").want(http.StatusOK, "Your cart is empty.")
			})
		}
	}
	w.clock.Advance(4 * 24 * time.Hour) // a session is lengthened when it is used
	jane := w.browser(atHost)
	jane.post("/mug/", nil).want(http.StatusSeeOther)
	w.clock.Advance(4 * 24 * time.Hour)
	jane.get(link).want(http.StatusOK, "There is another cart in this browser, with 1 item.").secret()
}

func TestGoingOnFromALink(t *testing.T) {
	for to, landing := range map[string]string{"cart": "/cart.php", "checkout": "/checkout", "": "/cart.php", "//evil.example": "/cart.php"} {
		t.Run(to, func(t *testing.T) {
			w := newWorld(t)
			w.shipFor("7.5")
			c, link := w.left(nil)
			b := w.browser(atHost)
			link += "&utm_source=mail+%26+more&gclid=7&products=1:1&id=2&token=3"
			b.get(link).want(http.StatusOK, `utm_source=mail&#43;%26&#43;more`)
			a := b.post(link, url.Values{"to": {to}}).want(http.StatusSeeOther).leadsTo(landing + "?gclid=7&utm_source=mail+%26+more")
			if got := cookieOf(t, a, "SHOP_SESSION_TOKEN"); !got.HttpOnly || got.SameSite != http.SameSiteLaxMode {
				t.Errorf("cookie = %v", got)
			}
			if n := len(w.mails.clicked); n != 1 || w.mails.clicked[0].Cart != c.ID || w.mails.clicked[0].Episode != 1 || w.mails.clicked[0].Template != 1 {
				t.Errorf("clicks = %+v", w.mails.clicked)
			}
			if now := w.onlyCart(); now.Version != c.Version {
				t.Errorf("the cart has version %d, had %d", now.Version, c.Version)
			}
			b.get(a.Header.Get("Location")).want(http.StatusOK, "Vase").without(private...)
		})
	}
}

// TestAnotherShopperGoesOn: whoever holds the link gets to see no address,
// types his own, and orders with it.
func TestAnotherShopperGoesOn(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	_, link := w.left(nil)
	b := w.browser(atHost)
	b.typed = []string{"tom@example.com"}
	b.post(link, url.Values{"to": {"checkout"}}).want(http.StatusSeeOther).leadsTo("/checkout")
	for _, page := range []string{"/checkout", "/checkout?step=address", "/checkout?step=billing", "/checkout?step=shipping", "/checkout?step=payment", "/cart.php", "/embedded-checkout"} {
		b.get(page).want(http.StatusOK).without(private...)
	}
	b.get("/checkout").want(http.StatusOK, `name="email" type="email" value=""`, `name="first_name" type="text" value=""`)
	b.post("/checkout", url.Values{"action": {"billing"}, "first_name": {"Tom"}}).want(http.StatusSeeOther)
	b.post("/checkout", url.Values{"action": {"place"}, "payment": {"manual"}}).without(private...)
	if len(w.memory.orders) != 0 {
		t.Fatal("an order was made with an address that nobody typed")
	}
	b.post("/checkout", janes("email", "tom@example.com", "first_name", "Tom", "last_name", "Ray", "address1", "9 Oak Lane", "city", "Cairo", "postcode", "62914")).
		want(http.StatusSeeOther)
	b.ship(0)
	confirmation := b.post("/checkout", b.confirm("manual")).want(http.StatusSeeOther).Header.Get("Location")
	b.get(confirmation).want(http.StatusOK, "Tom Ray", "9 Oak Lane").without("Jane", "Elm Street", "62701", "Joe")
	o := w.memory.orders[0]
	if o.Email != "tom@example.com" || o.Cart.Checkout.Billing.FirstName != "Tom" || o.Cart.Checkout.Consignments[0].Address.Address1 != "9 Oak Lane" {
		t.Errorf("order = %+v", o)
	}
}

// TestTheSameBrowserGoesOn: what was typed before the link is not shown either.
func TestTheSameBrowserGoesOn(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	b := w.ready()
	b.typed = nil
	link := w.mailed(w.onlyCart(), nil)
	b.get(link).want(http.StatusOK).without("another cart in this browser").without(private...)
	b.post(link, nil).want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "Where does it go?").without(private...)
}

func TestALinkBesideAnotherCart(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	_, link := w.left(nil)
	b := w.browser(atHost)
	before := cookieOf(t, b.post("/mug/", url.Values{"quantity": {"3"}}), "SHOP_SESSION_TOKEN")
	b.get("/cart.php").want(http.StatusOK)
	w.unchanged(func() {
		b.get(link).want(http.StatusOK, "There is another cart in this browser, with 3 items.", "takes its place", `<a href="/cart.php">Keep the other cart</a>`, "Vase").secret()
	})
	b.get("/cart.php").want(http.StatusOK, "Mug").without("Vase")
	after := cookieOf(t, b.post(link, nil).want(http.StatusSeeOther), "SHOP_SESSION_TOKEN")
	if before.Value == after.Value {
		t.Error("the session goes on with another cart")
	}
	b.get("/cart.php").want(http.StatusOK, "Vase").without("Mug")
}

func TestLinksThatLeadNowhere(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	c, link := w.left(nil)
	w.mails.tokens[id.Hash(strings.Repeat("e", 32))] = &recovery.Token{Store: "demo", Purpose: recovery.Unsubscribe, Cart: c.ID, Episode: 1, Template: 1}
	w.mails.tokens[id.Hash(strings.Repeat("f", 32))] = &recovery.Token{Store: "other", Purpose: recovery.Recover, Cart: c.ID, Episode: 1, Template: 1}
	b := w.browser(atHost)
	for name, t2 := range map[string]string{"unknown": strings.Repeat("0", 32), "short": "abc", "none": "", "hostile": `"><script>alert(1)</script>`, "long": strings.Repeat("a", 5000),
		"to unsubscribe": strings.Repeat("e", 32), "another store's": strings.Repeat("f", 32)} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			address := "/cart.php?action=recover&t=" + url.QueryEscape(t2)
			w.unchanged(func() {
				b.get(address).want(http.StatusNotFound, "This link does not work", "Go to the shop").secret().without("Vase")
				b.do(http.MethodHead, address, nil).want(http.StatusNotFound).secret()
				b.post(address, url.Values{"to": {"checkout"}}).want(http.StatusNotFound, "This link does not work").secret().without("Vase")
			})
		})
	}
	b.t = t
	dashed := strings.TrimPrefix(link, "/cart.php?action=recover&t=")
	dashed = strings.ToUpper(dashed[:8] + "-" + dashed[8:12] + "-" + dashed[12:16] + "-" + dashed[16:20] + "-" + dashed[20:])
	b.get("/cart.php?action=recover&t="+dashed).want(http.StatusOK, "Vase")

	w.clock.Advance(cart.Lifetime)
	b.get(link).want(http.StatusNotFound, "This cart is no longer there").secret()
	w.clock.Advance(-cart.Lifetime)

	w.mails.gone = true // between the page and the button
	w.unchanged(func() { b.post(link, nil).want(http.StatusNotFound, "This cart is no longer there").secret() })
	delete(w.memory.carts, c.ID)
	w.unchanged(func() {
		b.get(link).want(http.StatusNotFound, "This cart is no longer there", "Go to the shop").secret().without("Vase")
		b.post(link, nil).want(http.StatusNotFound, "This cart is no longer there").secret()
	})
}

func TestALinkToACartThatWasOrdered(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	jane := w.ready()
	link := w.mailed(w.onlyCart(), nil)
	jane.post("/checkout", jane.confirm("manual")).want(http.StatusSeeOther)
	b := w.browser(atHost)
	w.unchanged(func() {
		b.get(link).want(http.StatusOK, "This cart has been ordered", "Thank you!").secret().without(append(private, "Vase", "number 100", "$")...)
		b.post(link, nil).want(http.StatusOK, "This cart has been ordered").secret()
	})
	b.get("/cart.php").want(http.StatusOK, "Your cart is empty.")
}

func TestWhatHasChangedSinceTheMail(t *testing.T) {
	w := newWorld(t)
	c, err := w.carts.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{{ProductID: vase, Quantity: 1}, {ProductID: mug, Quantity: 2}, {ProductID: evil, Quantity: 1}}}, cart.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser(atHost)
	b.get(w.mailed(c, nil)).want(http.StatusOK, "Vase").without("What has changed")
	link := w.mailed(c, func(s *recovery.Step) {
		s.Lines[0].Price, s.Lines[1].Quantity = amount("15"), 1
		s.Lines = append(s.Lines[:2], recovery.SentLine{ID: "x", Name: "<b>Bowl</b>", Quantity: 3, Price: amount("9")})
	})
	b.get(link).want(http.StatusOK, "What has changed since the mail",
		`<tr><th scope="row">Vase</th><td>1 × $15.00</td><td>1 × $20.00</td></tr>`,
		`<tr><th scope="row">Mug</th><td>1 × $1,200.00</td><td>2 × $1,200.00</td></tr>`,
		`<tr><th scope="row">&lt;script&gt;alert(1)&lt;/script&gt;</th><td>not in the cart</td><td>1 × $1.00</td></tr>`,
		`<tr><th scope="row">&lt;b&gt;Bowl&lt;/b&gt;</th><td>3 × $9.00</td><td>no longer in the cart</td></tr>`)

	w.memory.carts[c.ID] = func() *cart.Cart { c := c.Clone(); c.Lines[0].Quantity = 5; c.Lines[1].ProductID = 4711; return c }()
	b.get(link).want(http.StatusOK, "Only 3 left in stock.", "This product is no longer sold.")
}

// TestNamesOnTheLandingPages: what a store and a product are called is text.
func TestNamesOnTheLandingPages(t *testing.T) {
	w := newWorld(t)
	w.store.Name = `"><script>alert(9)</script>`
	c, err := w.carts.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{{ProductID: evil, Quantity: 1}},
		CustomItems: []cart.CustomItem{{Name: "<img src=x onerror=alert(8)>", Quantity: 1, ListPrice: amount("1")}}}, cart.Options{})
	if err != nil {
		t.Fatal(err)
	}
	link, leave := w.mailed(c, func(s *recovery.Step) { s.Coupon, s.Lines[0].Quantity = "'><script>", 2 }), w.unsubscribeLink()
	for _, path := range []string{"/shop/demo" + link, "/shop/demo" + link + "&utm_source=%22%3E%3Cscript%3E", leave} {
		b := w.browser(underShop)
		b.get(path).want(http.StatusOK).without("<img src=x", "javascript:")
		b.post(path, nil).without("<script")
	}
}

// TestWhatShoppersWroteStaysPrivate: an engraving, a note to a gift and the
// people of a gift certificate are not shown before somebody goes on.
func TestWhatShoppersWroteStaysPrivate(t *testing.T) {
	w := newWorld(t)
	c, _ := w.apiCart()
	engraved := c.Clone()
	engraved.Lines[0].Selections = []cart.Selection{{Name: "Engraving", Value: "For Jane", Input: "For Jane"}, {Name: "Stone", Value: "Ruby", ValueID: 300}}
	w.memory.carts[c.ID] = engraved
	link := w.mailed(c, nil)
	b := w.browser(atHost)
	b.get(link).want(http.StatusOK, "Engraving", "as you entered it", "Ruby", "Silk paper", "Gift certificate, design Birthday").without("Jane", "Joe", "Well done!", "jane")
}

func TestTheCouponOfAMail(t *testing.T) {
	coupons := []*promotion.Coupon{
		{ID: 1, Code: "BACK", Type: promotion.PerTotal, Amount: amount("3"), Enabled: true},
		{ID: 2, Code: "OLD", Type: promotion.PerTotal, Amount: amount("3"), Enabled: true, Expires: noon},
		{ID: 3, Code: "DEAR", Type: promotion.PerTotal, Amount: amount("3"), Enabled: true, MinPurchase: amount("5000")},
	}
	for code, tt := range map[string]struct {
		shown, told string
		applied     bool
	}{
		"BACK":             {"<strong>BACK</strong>", "The coupon BACK was applied.", true},
		"OLD":              {"The code OLD of your mail is no longer valid.", "", false},
		"DEAR":             {"<strong>DEAR</strong>", "minimum", false},
		"<b>GONE</b>":      {"<strong>&lt;b&gt;GONE&lt;/b&gt;</strong>", "is not valid", false},
		"":                 {"Vase", "", false},
		"back":             {"<strong>back</strong>", "The coupon", true},
		"OLD with a blank": {"<strong>OLD with a blank</strong>", "is not valid", false},
	} {
		t.Run(code, func(t *testing.T) {
			w := newWorld(t)
			w.shipFor("7.5")
			c, link := w.left(func(s *recovery.Step) { s.Coupon = code })
			w.offers = promotion.NewOffers(1, promotion.DefaultSettings, nil, coupons)
			b := w.browser(atHost)
			w.unchanged(func() { b.get(link).want(http.StatusOK, tt.shown) })
			b.post(link, nil).want(http.StatusSeeOther).leadsTo("/cart.php")
			b.get("/cart.php").want(http.StatusOK, tt.told)
			if got := len(w.memory.carts[c.ID].Coupons) == 1; got != tt.applied {
				t.Errorf("coupons = %+v", w.memory.carts[c.ID].Coupons)
			}
			if !tt.applied {
				return
			}
			b.get(link).want(http.StatusOK, "Coupon BACK", "−$3.00").without("from your mail")
			b.post(link, nil).want(http.StatusSeeOther)
			b.get("/cart.php").want(http.StatusOK).without("was applied")
		})
	}
}

func TestGoingOnIsAskedForOnThePageOnly(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	_, link := w.left(nil)
	for name, header := range map[string]http.Header{
		"another site":        {"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}},
		"another old browser": {"Origin": {"https://evil.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.browser(atHost)
			b.t, b.header = t, header
			w.unchanged(func() { b.post(link, url.Values{"to": {"checkout"}}).want(http.StatusForbidden) })
		})
	}
	b := w.browser(atHost)
	w.unchanged(func() { b.do(http.MethodPut, link, nil).want(http.StatusMethodNotAllowed) })
}

// TestCartsOfPrograms: a cart that a crawler makes by following a link is
// marked; one of a browser is not, nor is what a form asked for.
func TestCartsOfPrograms(t *testing.T) {
	for agent, want := range map[string]bool{
		"": false,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1":    false,
		"Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/88.0 Mobile":             false,
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                    true,
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)":                   true,
		"Mozilla/5.0 (compatible; Yahoo! Slurp)":                                                      true,
		"Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 SkypeUriPreview Preview/0.5":                 true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0": true,
		"Baiduspider/2.0": true,
	} {
		t.Run(agent, func(t *testing.T) {
			for _, address := range []string{"/cart.php?action=add&product_id=1", "/checkout?products=1:1"} {
				w := newWorld(t)
				b := w.browser(atHost)
				b.header.Set("User-Agent", agent)
				b.get(address).want(http.StatusFound)
				if got := len(w.mails.bots) == 1 && w.mails.bots[0] == w.onlyCart().ID; got != want {
					t.Errorf("%s: marked %v", address, w.mails.bots)
				}
			}
			w := newWorld(t)
			b := w.browser(atHost)
			b.header.Set("User-Agent", agent)
			b.post("/mug/", nil).want(http.StatusSeeOther)
			if len(w.mails.bots) > 0 {
				t.Error("a form was sent, and the cart is marked")
			}
		})
	}
}
