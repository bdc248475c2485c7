package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/promotion"
	"cartwright/internal/storefront"
)

// apiCart is a cart as a merchant's server makes it, with a customer, a
// custom item, a gift certificate and gift wrapping.
func (w *world) apiCart() (*cart.Cart, cart.RedirectURLs) {
	w.t.Helper()
	c, err := w.carts.Create(w.t.Context(), "demo", cart.Draft{
		CustomerID: 7,
		Items: []cart.Item{
			{ProductID: mug, Quantity: 2, Wrapping: &cart.Wrapping{Details: []cart.WrapDetail{{ID: 1, Message: "Well done!"}}}},
			{ProductID: lamp, VariantID: 408, Quantity: 1},
		},
		CustomItems: []cart.CustomItem{{Name: "Repair", Quantity: 1, ListPrice: amount("12.34")}},
		Certificates: []cart.GiftItem{{Name: "$50 Gift Certificate", Quantity: 1, Certificate: cart.Certificate{Theme: "Birthday", Amount: amount("50"),
			Sender: cart.Person{Name: "Jane", Email: "jane@example.com"}, Recipient: cart.Person{Name: "Joe", Email: "joe@example.com"}}}},
	}, cart.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	return c, w.link(c, nil)
}

func (w *world) link(c *cart.Cart, query url.Values) cart.RedirectURLs {
	w.t.Helper()
	link, err := w.carts.NewLink(w.t.Context(), "demo", c.ID, query)
	if err == nil {
		err = w.carts.KeepLink(w.t.Context(), link)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return link.URLs
}

// path takes the origin off a link, so that a test can go there from anywhere.
func path(address string) string { return strings.TrimPrefix(address, atHost) }

func TestCartPage(t *testing.T) {
	w := newWorld(t)
	b := w.browser(atHost)
	b.get("/cart.php").want(http.StatusOK, "Your cart is empty.")
	_, urls := w.apiCart()
	b.get(path(urls.Cart)).want(http.StatusFound).leadsTo("/cart.php")
	b.get("/cart.php").want(http.StatusOK, `<a href="/mug/">Mug</a>`, "$1,200.00", "<s>", "$1,234.50", "$2,400.00", "Silk paper ($4.00)", "“Well done!”",
		"Finish", "Steel", "Repair", "$12.34", "Gift certificate, design Birthday", "$2,502.34", "Gift wrapping of $4.00 comes on top", "5 items",
		`src="https://img.example/mug.png"`, `src="http://shops.test/assets/placeholder.svg"`).
		without("Jane", "Joe", "Coupons", "Discounts")
	if got := strings.Count(b.get("/cart.php").body, `value="update"`); got != 2 {
		t.Errorf("%d lines can be changed; custom items and gift certificates cannot", got)
	}
	b.get("/checkout").want(http.StatusOK, "Where does it go?", "2 × Mug", "$2,506.34", `Gift wrapping</dt><dd>$4.00`)
}

func TestCouponsOnTheCartPage(t *testing.T) {
	w := newWorld(t)
	b := w.browser(atHost)
	apply := func(code string) answer {
		return b.post("/cart.php", url.Values{"action": {"coupon"}, "code": {code}})
	}
	apply("SPRING").want(http.StatusUnprocessableEntity, "Your cart is empty")
	b.post("/vase/", url.Values{"quantity": {"2"}}).want(http.StatusSeeOther)
	b.get("/cart.php").want(http.StatusOK, "Two vases, one cheaper</dt><dd>−$5.00", "Total</dt><dd>$35.00",
		`<p class="offer">Two vases cost $5 less &amp; more</p>`).without("alert(6)", "<b>")

	for code, problem := range map[string]string{
		"": "Please enter a coupon code.", "nope": "The coupon code nope is not valid.", "over": "OVER has expired",
		strings.Repeat("x", 51): "at most 50 characters", `"><b>`: "The coupon code &#34;&gt;&lt;b&gt; is not valid.",
	} {
		apply(code).want(http.StatusUnprocessableEntity, problem, `aria-invalid="true" aria-describedby="coupon-problem"`)
	}
	apply(" spring ").want(http.StatusSeeOther).leadsTo("/cart.php")
	b.get("/cart.php").want(http.StatusOK, "The coupon SPRING was applied.", "<strong>SPRING</strong>", "Spring sale", "Coupon SPRING</dt><dd>−$")
	apply("SPRING").want(http.StatusSeeOther)
	if n := len(w.onlyCart().Coupons); n != 1 {
		t.Errorf("the cart has %d coupons", n)
	}
	b.post("/cart.php", url.Values{"action": {"remove-coupon"}, "code": {"spring"}}).want(http.StatusSeeOther)
	b.get("/cart.php").want(http.StatusOK, "was removed", "Total</dt><dd>$35.00").without("<strong>SPRING</strong>")
}

func TestLinesOfOffersAreFixed(t *testing.T) {
	w := newWorld(t)
	w.offers = promotion.NewOffers(2, promotion.DefaultSettings, []*promotion.Promotion{{ID: 9, Name: "A tile for every vase", Redemption: promotion.Automatic,
		Status: promotion.Enabled, Currency: "*", Combines: true, Rules: []promotion.Rule{{ApplyOnce: true,
			Condition: &promotion.Condition{Cart: &promotion.CartCondition{Items: &promotion.Matcher{Products: []int64{vase}}, MinimumQuantity: 1}},
			Action:    promotion.Action{GiftItem: &promotion.GiftItem{Quantity: 1, ProductID: special}}}}}}, nil)
	b := w.browser(atHost)
	b.post("/vase/", nil).want(http.StatusSeeOther)
	b.get("/cart.php").want(http.StatusOK, "Lämpchen", "Added to your cart by an offer", "A tile for every vase</dt><dd>−$5.00", "Total</dt><dd>$20.00")
	page := b.get("/cart.php").body
	if n := strings.Count(page, `value="update"`); n != 1 {
		t.Errorf("%d lines can be changed", n)
	}
	if n := strings.Count(page, `value="remove"`); n != 1 {
		t.Errorf("%d lines can be removed", n)
	}
	gift := w.onlyCart().Lines[1].ID
	for _, form := range []url.Values{{"action": {"remove"}, "line": {gift}}, {"action": {"update"}, "line": {gift}, "quantity": {"3"}}, {"action": {"update"}, "line": {gift}, "quantity": {"0"}}} {
		b.post("/cart.php", form).want(http.StatusUnprocessableEntity, `role="alert"`)
	}
	if c := w.onlyCart(); len(c.Lines) != 2 || c.Lines[1].Quantity != 1 {
		t.Errorf("lines = %+v", c.Lines)
	}
}

func TestCartChanges(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.post("/shop/demo/tile/", url.Values{"quantity": {"2"}}).want(http.StatusSeeOther)
	b.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
	tiles, mugs := w.onlyCart().Lines[0].ID, w.onlyCart().Lines[1].ID
	set := func(line, quantity string) answer {
		return b.post("/shop/demo/cart.php", url.Values{"action": {"update"}, "line": {line}, "quantity": {quantity}})
	}
	set(tiles, "4").want(http.StatusSeeOther).leadsTo("/shop/demo/cart.php")
	b.get("/shop/demo/cart.php").want(http.StatusOK, "The quantity of Tile is now 4.", "$12.00")

	set(tiles, "6").want(http.StatusUnprocessableEntity, "You can only purchase a maximum of 5 of the Tile per order.", `value="6" aria-invalid="true"`)
	set(tiles, "-1").want(http.StatusUnprocessableEntity, "Please enter a quantity")
	set(tiles, "1000001").want(http.StatusUnprocessableEntity, "Please enter a quantity")
	if c := w.onlyCart(); c.Lines[0].Quantity != 4 {
		t.Errorf("quantity = %d", c.Lines[0].Quantity)
	}
	set("no-such-line", "1").want(http.StatusSeeOther)
	b.get("/shop/demo/cart.php").want(http.StatusOK, "That line is not in your cart any more.")
	set(mugs, "0").want(http.StatusSeeOther)
	b.get("/shop/demo/cart.php").want(http.StatusOK, "Mug was removed from your cart.")

	remove := url.Values{"action": {"remove"}, "line": {tiles}}
	b.post("/shop/demo/cart.php", remove).want(http.StatusSeeOther)
	if len(w.memory.carts) != 0 {
		t.Error("a cart without lines is still there")
	}
	b.get("/shop/demo/cart.php").want(http.StatusOK, "Tile was removed", "Your cart is empty.")
	b.post("/shop/demo/cart.php", remove).want(http.StatusSeeOther)
	b.post("/shop/demo/cart.php", url.Values{"action": {"dance"}}).want(http.StatusBadRequest)

	stranger := w.browser(underShop)
	b.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
	stranger.post("/shop/demo/cart.php", url.Values{"action": {"remove"}, "line": {w.onlyCart().Lines[0].ID}}).want(http.StatusSeeOther)
	if len(w.onlyCart().Lines) != 1 {
		t.Error("a stranger changed the cart")
	}
}

func TestCartTellsWhatTheCatalogChanged(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	for _, path := range []string{"/shop/demo/vase/", "/shop/demo/mug/", "/shop/demo/tile/"} {
		b.post(path, url.Values{"quantity": {"2"}}).want(http.StatusSeeOther)
	}
	scarce := *w.catalog.Product(vase)
	scarce.InventoryLevel = 1
	off := *w.catalog.Product(tile)
	off.Availability = catalog.Disabled
	w.catalog = w.catalog.With(2, 2, []*catalog.Product{&scarce, &off}, []int64{mug})
	b.get("/shop/demo/cart.php").want(http.StatusOK, "Only 1 left in stock.", "This product is no longer sold.", "cannot be bought at the moment", "<h2>Mug</h2>")
}

func TestSessionLives(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	a := b.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
	c := cookieOf(t, a, "SHOP_SESSION_TOKEN")
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/shop/demo" || len(c.Value) != 64 {
		t.Errorf("cookie = %v", c)
	}
	// Each visit on another day makes it live longer.
	for range 5 {
		w.clock.Advance(4 * 24 * time.Hour)
		b.get("/shop/demo/cart.php").want(http.StatusOK, "Mug")
	}
	w.clock.Advance(storefront.SessionLifetime)
	b.get("/shop/demo/cart.php").want(http.StatusOK, "Your cart is empty.")

	w.public = "https://shops.test"
	w.serve()
	if c := cookieOf(t, w.browser("https://shops.test").post("/shop/demo/mug/", nil), "SHOP_SESSION_TOKEN"); !c.Secure {
		t.Errorf("cookie over https = %v", c)
	}
}

func cookieOf(t *testing.T, a answer, name string) *http.Cookie {
	t.Helper()
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cookie %s in %v", name, a.Header)
	return nil
}

func TestTheFirstCookieThatHasASessionCounts(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	token := cookieOf(t, b.post("/shop/demo/mug/", nil), "SHOP_SESSION_TOKEN").Value
	other := w.browser(underShop)
	other.header.Set("Cookie", "SHOP_SESSION_TOKEN=short; SHOP_SESSION_TOKEN="+strings.Repeat("0", 64)+"; SHOP_SESSION_TOKEN="+token)
	other.get("/shop/demo/cart.php").want(http.StatusOK, "<h2>", "Mug")
}

func TestForgedSessions(t *testing.T) {
	w := newWorld(t)
	w.apiCart()
	b := w.browser(underShop)
	for _, value := range []string{"x", strings.Repeat("a", 64), strings.Repeat("a", 4000)} {
		b.header.Set("Cookie", "SHOP_SESSION_TOKEN="+value+"; SHOP_NOTICE="+value)
		b.get("/shop/demo/cart.php").want(http.StatusOK, "Your cart is empty.")
	}
}
