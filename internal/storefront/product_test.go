package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cartwright/internal/cart"
)

func TestProductPage(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.get("/shop/demo/mug/").want(http.StatusOK, "<h1>Mug</h1>", `class="sale">$1,200.00`, "$1,234.50", "<h2>Stoneware</h2>",
		"<p>Made <b>by hand</b>.</p>", `src="http://shops.test/media/side.png" alt="From the side"`, "Volume", "0.3 l", "In stock").
		without("onclick", "javascript:")
	b.get("/shop/demo/mug?x=1").want(http.StatusMovedPermanently).leadsTo("/shop/demo/mug/?x=1")
	b.get("/shop/demo/l%C3%A4mpchen/").want(http.StatusOK, "<h1>Lämpchen</h1>", `action="/shop/demo/l%C3%A4mpchen/"`)
	b.get("/shop/demo/evil/").want(http.StatusOK, "&lt;script&gt;alert(1)", "<p>Harmless</p>").without("onerror", "alert(2)", "alert(3)")
	b.get("/shop/demo/vase/").want(http.StatusOK, "Only 3 left")
	b.get("/shop/demo/tile/").want(http.StatusOK, "Between 2 and 5 per order", `value="2"`)
	b.get("/shop/demo/radio/").want(http.StatusOK, "cannot be bought online").without("Add to cart")
	b.get("/shop/demo/plan/").want(http.StatusOK, "Files can only be sent through the API").without("Add to cart")

	w.store.CartSettings.AllowPurchasing = false
	b.get("/shop/demo/mug/").want(http.StatusOK, "Nothing can be bought in this shop").without("Add to cart")
}

func TestOptionsArePreselected(t *testing.T) {
	b := newWorld(t).browser(underShop)
	b.get("/shop/demo/desk-lamp/").want(http.StatusOK, "From", `value="142"`, `fill="#c90"`, "Show price and stock", "Please choose").
		without(" checked", "evil.example")
	b.get("/shop/demo/desk-lamp/?sku=LAMP-BR").want(http.StatusOK, `value="142" checked`, `value="150" selected`,
		`class="main" src="https://img.example/brass.png"`, "$34.90", "LAMP-BR", "In stock")
	b.get("/shop/demo/desk-lamp/?option-88=143&option-89=150").want(http.StatusOK, "$40.00", `value="143" checked`)
	b.get("/shop/demo/desk-lamp/?sku=LAMP-LONG").want(http.StatusOK, `class="stock out">Out of stock`, "disabled>Out of stock</button>")
	b.get("/shop/demo/desk-lamp/?sku=LAMP-GOLD").want(http.StatusOK, "Ask us for gold.")
	b.get("/shop/demo/desk-lamp/?sku=nonsense&option-88=x").want(http.StatusOK, "From")
}

func TestEveryModifierIsAControl(t *testing.T) {
	b := newWorld(t).browser(underShop)
	b.get("/shop/demo/ring/").want(http.StatusOK,
		`<legend>Stone <span class="optional">(optional)</span></legend>`, `name="option-200" value="" checked`, "(&#43;$25.50)", "(−12.5\u00a0%)",
		`type="radio" name="option-200" value="302" disabled`,
		`type="checkbox" id="option-201" name="option-201" value="310" checked`, "Pack it in a box", "(&#43;$2.00)",
		`id="option-202" name="option-202" type="text" value="" maxlength="5"`, "2 to 5 characters.",
		`<textarea id="option-203"`, "At most 2 lines.",
		`name="option-204" type="number" inputmode="decimal" value="" step="1" min="40" max="70"`,
		`name="option-205" type="date" value="" min="2020-01-01" max="2030-12-31"`,
		"Drawing", "Files can only be sent through the API, not on this page.",
		`name="option-207" value="370"`, "(&#43;$1,200.00)", `src="https://img.example/mug.png"`)
}

func TestAddToCart(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.post("/shop/demo/ring/", url.Values{"sent": {"1"}, "quantity": {"2"}, "option-200": {"300"}, "option-202": {"Ann"},
		"option-203": {"a\r\nb"}, "option-204": {"50"}, "option-205": {"2026-05-01"}, "option-207": {"371"}}).
		want(http.StatusSeeOther).leadsTo("/shop/demo/cart.php")
	line := w.onlyCart().Lines[0]
	var got []string
	for _, sel := range line.Selections {
		got = append(got, sel.Name+"="+sel.Value)
	}
	want := "Stone=Ruby, Gift box=No, Engraving=Ann, Letter=a\nb, Size=50, Wedding=May 1, 2026, Extra=A vase"
	if strings.Join(got, ", ") != want || line.Quantity != 2 {
		t.Errorf("%d × %s", line.Quantity, strings.Join(got, ", "))
	}
	b.get("/shop/demo/cart.php").want(http.StatusOK, "2 × Ring were added to your cart.", "Engraving", "Ann", "May 1, 2026",
		"$145.50", "$291.00", `class="count">2<`)
	b.get("/shop/demo/cart.php").want(http.StatusOK).without("were added")

	b.post("/shop/demo/desk-lamp/", url.Values{"option-88": {"143"}, "option-89": {"150"}, "quantity": {"1"}}).want(http.StatusSeeOther)
	if c := w.onlyCart(); len(c.Lines) != 2 || c.Lines[1].VariantID != 408 {
		t.Errorf("lines = %+v", c.Lines)
	}
}

func TestRefusalsStandInTheForm(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	tests := map[string]struct {
		path string
		form url.Values
		says []string
	}{
		"no option":           {"/shop/demo/desk-lamp/", url.Values{"option-88": {"142"}}, []string{"Please choose an option for the Cable option.", `value="142" checked`, `id="option-89-problem"`}},
		"no such combination": {"/shop/demo/desk-lamp/", url.Values{"option-88": {"142"}, "option-89": {"151"}}, []string{"Desk lamp is not available as Brass, Long."}},
		"out of stock":        {"/shop/demo/desk-lamp/", url.Values{"option-88": {"143"}, "option-89": {"151"}}, []string{">Desk lamp is out of stock and can&#39;t be added to the cart."}},
		"too many":            {"/shop/demo/vase/", url.Values{"quantity": {"4"}}, []string{"Vase is out of stock", `value="4"`}},
		"below the minimum":   {"/shop/demo/tile/", url.Values{"quantity": {"1"}}, []string{"You need to purchase a minimum of 2 of the Tile per order."}},
		"no number":           {"/shop/demo/mug/", url.Values{"quantity": {"many"}}, []string{"Please enter a quantity between", `value="many"`}},
		"huge number":         {"/shop/demo/mug/", url.Values{"quantity": {"99999999999999999999"}}, []string{"Please enter a quantity between"}},
		"too long a text": {"/shop/demo/ring/", url.Values{"sent": {"1"}, "option-202": {"Annabel"}, "option-203": {"\"<b>kept"}},
			[]string{"The Engraving option must be between 2 and 5 characters.", `value="Annabel" maxlength="5" aria-invalid="true"`, "&#34;&lt;b&gt;kept", `value="310"><span>`}},
		"a missing text":  {"/shop/demo/shirt/", url.Values{}, []string{"Please enter some text for the Initials option."}},
		"a foreign value": {"/shop/demo/ring/", url.Values{"option-200": {"999"}}, []string{"Please choose one of the values that are offered."}},
		"disabled":        {"/shop/demo/radio/", url.Values{}, []string{"cannot be ordered online"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &browser{world: b.world, origin: b.origin, jar: b.jar, header: b.header}
			b.post(test.path, test.form).want(http.StatusUnprocessableEntity, append(test.says, `role="alert"`)...)
		})
	}
	if len(w.memory.carts) != 0 || len(w.sessions) != 0 {
		t.Errorf("%d carts, %d sessions", len(w.memory.carts), len(w.sessions))
	}
	b.post("/shop/demo/mug/", url.Values{"x": {strings.Repeat("x", 2<<20)}}).want(http.StatusRequestEntityTooLarge)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
	line := w.onlyCart().Lines[0].ID
	for name, header := range map[string]http.Header{
		"by origin":    {"Origin": {"https://evil.example"}},
		"by Fetch":     {"Origin": {"null"}, "Sec-Fetch-Site": {"cross-site"}},
		"by sub-shops": {"Origin": {"http://cdn.shops.test"}, "Sec-Fetch-Site": {"same-site"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &browser{world: w, origin: b.origin, jar: b.jar, header: header}
			b.post("/shop/demo/mug/", nil).want(http.StatusForbidden, "sent from another site")
			b.post("/shop/demo/cart.php", url.Values{"action": {"remove"}, "line": {line}}).want(http.StatusForbidden)
			b.post("/shop/demo/cart.php?action=add&product_id=1", nil).want(http.StatusForbidden)
		})
	}
	if c := w.onlyCart(); len(c.Lines) != 1 || c.Lines[0].Quantity != 1 {
		t.Errorf("the cart was changed: %+v", c.Lines)
	}
	// A proxy that hands on another Host does not make the shop's own form a stranger's.
	behind := &browser{world: w, origin: "http://127.0.0.1:8080", jar: b.jar, header: http.Header{"Origin": {w.public}}}
	behind.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
}

func TestConcurrentAddsMeetInOneCart(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
	// The cart goes, and while the next request makes a new one, another
	// request of the same browser does so too.
	w.memory.carts = map[cart.ID]*cart.Cart{}
	raced := false
	w.created = func(*cart.Cart) {
		if !raced {
			raced = true
			b.post("/shop/demo/vase/", nil).want(http.StatusSeeOther)
		}
	}
	b.post("/shop/demo/mug/", nil).want(http.StatusSeeOther)
	if c := w.onlyCart(); len(c.Lines) != 2 {
		t.Errorf("lines = %+v", c.Lines)
	}
}
