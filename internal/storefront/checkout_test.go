package storefront_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
)

// janes is the first form of the checkout as Jane fills it in.
func janes(changes ...string) url.Values {
	form := url.Values{"action": {"address"}, "email": {"jane@example.com"}, "first_name": {"Jane"}, "last_name": {"Doe"}, "address1": {"1 Elm Street"},
		"city": {"Springfield"}, "postcode": {"62701"}, "state": {"illinois"}, "country": {"US"}, "billing": {"same"}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// jane is a browser whose shopper is Jane, with two vases in the cart.
func (w *world) jane() *browser {
	b := w.browser(atHost)
	b.typed = []string{"jane@example.com"}
	b.post("/vase/", url.Values{"quantity": {"2"}}).want(http.StatusSeeOther)
	b.get("/cart.php").want(http.StatusOK)
	return b
}

// ready takes Jane to the last step.
func (w *world) ready() *browser {
	b := w.jane()
	b.post("/checkout", janes()).want(http.StatusSeeOther).leadsTo("/checkout")
	b.ship(0)
	return b
}

var radio1 = regexp.MustCompile(`name="way" value="([^"]+)"`)

// ship chooses one of the ways of shipping that the page offers.
func (b *browser) ship(n int) {
	b.t.Helper()
	ways := radio1.FindAllStringSubmatch(b.get("/checkout?step=shipping").want(http.StatusOK).body, -1)
	if len(ways) <= n {
		b.t.Fatalf("the page offers %v", ways)
	}
	b.post("/checkout", url.Values{"action": {"shipping"}, "way": {ways[n][1]}}).want(http.StatusSeeOther).leadsTo("/checkout")
}

var seenField = regexp.MustCompile(`name="seen" value="([^"]*)"`)

// confirm returns the form that places the order as the page shows it.
func (b *browser) confirm(payment string, more ...string) url.Values {
	b.t.Helper()
	page := b.get("/checkout").want(http.StatusOK)
	found := seenField.FindStringSubmatch(page.body)
	if found == nil {
		b.t.Fatalf("the page has no order to place:\n%s", page.body)
	}
	form := url.Values{"action": {"place"}, "payment": {payment}, "seen": {html.UnescapeString(found[1])}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// shipFor lets the store ship everywhere for a price.
func (w *world) shipFor(price string) {
	w.store.ShippingSet, w.store.Revision = true, w.store.Revision+1
	w.store.Zones = []merchant.ShippingZone{{ID: 1, Name: "All", Type: merchant.ZoneGlobal, Enabled: true, Methods: []merchant.ShippingMethod{
		{ID: 1, Name: "Parcel", Type: merchant.PerOrder, Enabled: true, Rates: merchant.MethodSettings{Rate: amount(price)}},
		{ID: 2, Name: "Courier", Type: merchant.PerOrder, Enabled: true, Rates: merchant.MethodSettings{Rate: amount("30")}}}}}
}

func TestFromTheCartToTheConfirmation(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	b := w.jane()
	b.get("/checkout").want(http.StatusOK, "Where does it go?", `autocomplete="email"`, `<option value="DE">Germany</option>`, "Shipping</dt><dd>not chosen yet").
		without(`name="seen"`, "How do you want to pay?")
	b.post("/checkout", janes("newsletter", "1")).want(http.StatusSeeOther).leadsTo("/checkout")
	b.get("/checkout").want(http.StatusOK, "How does it get there?", "1 Elm Street", "Illinois", "Parcel", "$7.50", "Courier", "$30.00").without(`name="seen"`)
	b.ship(1)
	b.get("/checkout").want(http.StatusOK, "Shipping</dt><dd>$30.00", "Pay later", "Place order · $65.00", "Two vases, one cheaper</dt><dd>−$5.00")
	b.ship(0)

	a := b.post("/checkout", b.confirm("manual", "message", "Please ring twice")).want(http.StatusSeeOther).leadsTo("/order-confirmation/100")
	b.get(a.Header.Get("Location")).want(http.StatusOK, "Order number 100", "waits for its payment", "2 × Vase", "Shipping</dt><dd>$7.50", "Total</dt><dd>$42.50",
		"1 Elm Street", "Please ring twice", "Parcel")
	o := w.memory.orders[0]
	if len(w.memory.orders) != 1 || o.Status != order.AwaitingPayment || o.Total() != amount("42.5") || o.Message != "Please ring twice" || o.Email != "jane@example.com" {
		t.Errorf("order = %+v", o)
	}
	if address := o.Cart.Checkout.Consignments[0].Address; address.StateCode != "IL" || address.State != "Illinois" {
		t.Errorf("address = %+v", address)
	}
	if s := w.memory.subscribers; len(s) != 1 || s[0].Email != "jane@example.com" || strings.Join(s[0].Consents, " ") != "marketing_newsletter" {
		t.Errorf("subscribers = %+v", s)
	}
	b.get("/cart.php").want(http.StatusOK, "Your cart is empty.")
	b.get("/checkout").want(http.StatusSeeOther).leadsTo("/order-confirmation/100")
	// The next cart is another one, and the confirmation stays.
	b.post("/mug/", nil).want(http.StatusSeeOther)
	b.get("/order-confirmation/100").want(http.StatusOK, "1 Elm Street")
	b.get("/checkout").want(http.StatusOK, "Where does it go?")
}

func TestTheFormOfTheAddress(t *testing.T) {
	tests := map[string]struct {
		changes []string
		says    string // "" when it is taken
	}{
		"complete":                     {nil, ""},
		"no e-mail":                    {[]string{"email", ""}, "Please enter your e-mail address in full."},
		"an e-mail that is none":       {[]string{"email", "jane(at)example.com"}, "Please enter your e-mail address in full."},
		"no first name":                {[]string{"first_name", " "}, "Please enter your first name."},
		"no last name":                 {[]string{"last_name", ""}, "Please enter your last name."},
		"no street":                    {[]string{"address1", ""}, "Please enter street and number."},
		"no city":                      {[]string{"city", ""}, "Please enter a town or city."},
		"no country":                   {[]string{"country", ""}, "Please choose a country."},
		"no such country":              {[]string{"country", "XX"}, "Please choose a country."},
		"no postcode in the US":        {[]string{"postcode", ""}, "Please enter a postcode."},
		"no postcode in Ireland":       {[]string{"country", "IE", "postcode", "", "state", ""}, ""},
		"no state in the US":           {[]string{"state", ""}, "Please enter a state or province."},
		"no such state":                {[]string{"state", "Bavaria"}, "Please enter a state of this country"},
		"a state where none is needed": {[]string{"country", "DE", "state", "Bavaria"}, ""},
		"a long text":                  {[]string{"company", strings.Repeat("x", 256)}, "Please enter at most 255 characters."},
		"a control character":          {[]string{"city", "A\x00B"}, "Please enter letters, digits and signs only."},
		"an attack":                    {[]string{"last_name", `"><script>alert(1)</script>`, "city", ""}, "Please enter a town or city."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.jane()
			a := b.post("/checkout", janes(test.changes...))
			if test.says == "" {
				a.want(http.StatusSeeOther).leadsTo("/checkout")
				return
			}
			a.want(http.StatusUnprocessableEntity, test.says, `aria-invalid="true"`, "Please look at the marked fields again.")
			if w.onlyCart().Checkout != nil {
				t.Error("a refused form changed the checkout")
			}
		})
	}
}

func TestAnotherBillingAddress(t *testing.T) {
	w := newWorld(t)
	b := w.jane()
	b.post("/checkout", janes("billing", "other")).want(http.StatusSeeOther).leadsTo("/checkout?step=billing")
	b.get("/checkout?step=billing").want(http.StatusOK, "Billing address").without(`name="email"`)
	bill := janes("action", "billing", "address1", "9 Oak Road", "city", "")
	b.post("/checkout", bill).want(http.StatusUnprocessableEntity, "Please enter a town or city.", "9 Oak Road")
	bill.Set("city", "Shelbyville")
	b.post("/checkout", bill).want(http.StatusSeeOther).leadsTo("/checkout")
	b.ship(0)
	b.get("/checkout").want(http.StatusOK, "1 Elm Street", "9 Oak Road", "Shelbyville")
	// Another delivery address leaves the billing address alone.
	b.post("/checkout", janes("billing", "other", "address1", "2 Elm Street")).want(http.StatusSeeOther).leadsTo("/checkout")
	b.get("/checkout?step=address").want(http.StatusOK, `value="2 Elm Street"`, `value="other" checked`)
	b.ship(0)
	b.post("/checkout", b.confirm("manual")).want(http.StatusSeeOther)
	b.get("/order-confirmation/100").want(http.StatusOK, "2 Elm Street", "Billed to", "9 Oak Road")
	if o := w.memory.orders[0]; o.Cart.Checkout.Billing.Address1 != "9 Oak Road" || o.Cart.Checkout.Consignments[0].Address.Address1 != "2 Elm Street" {
		t.Errorf("order = %+v", o.Cart.Checkout)
	}
}

func TestDigitalCartsAreNotShipped(t *testing.T) {
	w := newWorld(t)
	digital := *w.catalog.Product(vase)
	digital.Type = catalog.Digital
	w.catalog = w.catalog.With(2, 2, []*catalog.Product{&digital}, nil)
	b := w.jane()
	b.get("/checkout").want(http.StatusOK, "Your details").without("Shipping</dt>", `name="billing"`)
	b.post("/checkout", janes()).want(http.StatusSeeOther)
	b.post("/checkout", b.confirm("test")).want(http.StatusSeeOther).leadsTo("/order-confirmation/100")
	b.get("/order-confirmation/100").want(http.StatusOK, "is placed and paid", "Billed to", "1 Elm Street")
}

func TestCollectingTheOrder(t *testing.T) {
	w := newWorld(t)
	w.shipFor("7.5")
	w.store.Pickups = []merchant.PickupMethod{{ID: 4, Name: "The workshop", Instructions: "Ring the bell.", Hours: "9 to 5"}}
	b := w.jane()
	b.post("/checkout", janes()).want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "Collect: The workshop", "Ring the bell.", "9 to 5", "Free")
	b.ship(2)
	b.get("/checkout").want(http.StatusOK, "Collect: The workshop", "Shipping</dt><dd>$0.00", "Place order · $35.00")
	b.ship(0)
	b.get("/checkout").want(http.StatusOK, "Place order · $42.50")
	b.ship(2)
	for _, way := range []string{"", "pickup-9", "pickup-x", strings.Repeat("0", 32)} {
		b.post("/checkout", url.Values{"action": {"shipping"}, "way": {way}}).want(http.StatusUnprocessableEntity, `role="alert"`)
	}
	b.ship(2)
	b.post("/checkout", b.confirm("manual")).want(http.StatusSeeOther)
	if con := w.memory.orders[0].Cart.Checkout.Consignments[0]; con.PickupID != 4 {
		t.Errorf("consignment = %+v", con)
	}
}

func TestWhereNothingIsShipped(t *testing.T) {
	w := newWorld(t)
	w.store.ShippingSet = true
	b := w.jane()
	b.post("/checkout", janes()).want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "does not ship to your address", "Change the address").without(`name="seen"`)
}

func TestAFailedPaymentLeavesTheCart(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	b.post("/checkout", b.confirm("test-declined", "message", "Hello")).want(http.StatusUnprocessableEntity,
		"The payment was declined. Nothing was ordered and nothing was charged; your cart is as it was.", `value="test-declined" checked`, "Hello")
	if len(w.memory.orders) != 0 || w.onlyCart().Quantity() != 2 {
		t.Errorf("orders = %v", w.memory.orders)
	}
	b.post("/checkout", b.confirm("gold")).want(http.StatusUnprocessableEntity, "Please choose how to pay.")
	b.post("/checkout", b.confirm("test")).want(http.StatusSeeOther)
	if o := w.memory.orders[0]; o.Payment != order.PaymentCaptured || o.Status != order.AwaitingFulfillment {
		t.Errorf("order = %+v", o)
	}
	w = newWorld(t)
	w.payments = nil
	w.serve()
	b = w.ready()
	b.get("/checkout").want(http.StatusOK, "Pay later").without("Test payment")
	b.post("/checkout", b.confirm("test")).want(http.StatusUnprocessableEntity, "Please choose how to pay.")
}

func TestWhatChangedIsToldAndAskedAgain(t *testing.T) {
	edit := func(change func(*catalog.Product)) func(*world) {
		return func(w *world) {
			p := *w.catalog.Product(vase)
			change(&p)
			w.catalog = w.catalog.With(w.catalog.Revision+1, w.catalog.PriceRevision+1, []*catalog.Product{&p}, nil)
		}
	}
	onCart := func(w *world, change func(*cart.Cart)) {
		for _, c := range w.memory.carts {
			change(c)
			c.Version++
		}
	}
	tests := map[string]struct {
		change func(*world)
		says   []string
		// stuck says that it cannot be ordered as it is now.
		stuck bool
	}{
		"a price": {edit(func(p *catalog.Product) { p.Price = amount("21") }),
			[]string{`<th scope="row">Vase</th><td>2 for $40.00</td><td>2 for $42.00</td>`, `<th scope="row">Total</th><td>$42.50</td><td>$44.50</td>`}, false},
		"a price that fell": {edit(func(p *catalog.Product) { p.Price = amount("19") }), []string{`<td>2 for $40.00</td><td>2 for $38.00</td>`}, false},
		"shipping":          {func(w *world) { w.shipFor("8") }, []string{`<th scope="row">Shipping</th><td>$7.50</td><td>$8.00</td>`}, false},
		"a promotion that ended": {func(w *world) { w.offers = nil; w.store.Revision++ },
			[]string{`<th scope="row">Two vases, one cheaper</th><td>−$5.00</td><td>–</td>`}, false},
		"stock":    {edit(func(p *catalog.Product) { p.InventoryLevel = 1 }), []string{"Only 1 left in stock."}, true},
		"off sale": {edit(func(p *catalog.Product) { p.Availability = catalog.Disabled }), []string{"cannot be bought at the moment"}, true},
		"another quantity, elsewhere": {func(w *world) {
			onCart(w, func(c *cart.Cart) {
				c.Lines[0].Quantity = 1
				c.Checkout.Consignments[0].Items[0].Quantity = 1
				w.store.Revision++
			})
		}, []string{`<td>2 for $40.00</td><td>1 for $20.00</td>`}, false},
		"the address, elsewhere": {func(w *world) {
			onCart(w, func(c *cart.Cart) { c.Checkout.Consignments[0].Address.Address1 = "66 Dark Lane" })
		}, []string{"Something is missing for this order now."}, true},
		"the way of shipping is gone": {func(w *world) { w.store.Zones[0].Methods = w.store.Zones[0].Methods[1:]; w.store.Revision++ },
			[]string{"Something is missing for this order now.", "Courier"}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.shipFor("7.5")
			b := w.ready()
			form := b.confirm("manual")
			test.change(w)
			b.post("/checkout", form).want(http.StatusConflict, test.says...).without("66 Dark Lane")
			if len(w.memory.orders) != 0 {
				t.Fatal("an order was made")
			}
			if test.stuck {
				b.get("/checkout").without(`value="place"`)
				return
			}
			b.post("/checkout", b.confirm("manual")).want(http.StatusSeeOther)
			if len(w.memory.orders) != 1 {
				t.Error("no order was made of what was confirmed again")
			}
		})
	}
}

func TestWhatDoesNotShowDoesNotAskAgain(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	form := b.confirm("manual")
	for _, c := range w.memory.carts {
		c.Version += 3
	}
	b.post("/checkout", form).want(http.StatusSeeOther)
}

func TestAnOrderNeedsWhatWasShown(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	form := b.confirm("manual")
	for _, seen := range []string{"", "x", form.Get("seen")[:40], "e30"} {
		changed := maps.Clone(form)
		changed.Set("seen", seen)
		b.post("/checkout", changed).want(http.StatusConflict, "Your order has changed since you saw it")
	}
	form.Set("message", strings.Repeat("x", 2001))
	b.post("/checkout", form).want(http.StatusUnprocessableEntity, "at most 2,000 characters")
	form.Set("message", "a\x00b")
	b.post("/checkout", form).want(http.StatusUnprocessableEntity, "letters, digits and signs")
	if len(w.memory.orders) != 0 {
		t.Error("an order was made")
	}
	early := w.jane()
	early.post("/checkout", url.Values{"action": {"place"}, "payment": {"manual"}}).want(http.StatusConflict, "Where does it go?")
	early.post("/checkout", url.Values{"action": {"shipping"}, "way": {"x"}}).want(http.StatusSeeOther)
	early.post("/checkout", url.Values{"action": {"billing"}}).want(http.StatusSeeOther)
	early.post("/checkout", url.Values{"action": {"dance"}}).want(http.StatusBadRequest)
}

func TestTwentyConcurrentOrdersOfOneCart(t *testing.T) {
	for _, payment := range []string{"manual", "test"} {
		t.Run(payment, func(t *testing.T) {
			w := newWorld(t)
			b := w.ready()
			form := b.confirm(payment, "message", "Once, please")
			target := atHost + "/checkout"
			u, err := url.Parse(target)
			if err != nil {
				t.Fatal(err)
			}
			cookies := b.jar.Cookies(u)
			answers := make(chan [2]string, 20)
			for range 20 {
				go func() { answers <- w.send(target, form, cookies) }()
			}
			for range 20 {
				if a := <-answers; a != [2]string{"303", "/order-confirmation/100"} {
					t.Errorf("a request was answered with %v", a)
				}
			}
			if len(w.memory.orders) != 1 {
				t.Errorf("%d orders", len(w.memory.orders))
			}
		})
	}
}

func TestConfirmationsAreForWhoeverOrdered(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	c := w.onlyCart()
	token, kept, err := w.checkouts.NewToken(t.Context(), "demo", c.ID, 1, time.Hour)
	if err == nil {
		err = w.checkouts.KeepToken(t.Context(), kept)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.post("/checkout", b.confirm("manual", "message", "A secret")).want(http.StatusSeeOther)

	stranger := w.browser(atHost)
	for _, path := range []string{"100", "101", "0", "-1", "0100", "1e2", "x", "", "100/x", "99999999999999999999", "100?t=x", "101?t=" + token} {
		stranger.get("/order-confirmation/"+path).want(http.StatusNotFound).without("Vase", "Elm")
	}
	// The token was used up by the wrong order.
	stranger.get("/order-confirmation/100?t=" + token).want(http.StatusNotFound)
	kept.Uses = 1
	w.memory.tokens[kept.Hash] = kept
	stranger.do(http.MethodHead, "/order-confirmation/100?t="+token, nil).want(http.StatusOK)
	b.get("/order-confirmation/100?t=" + token).want(http.StatusOK)
	stranger.get("/order-confirmation/100?t="+token).want(http.StatusOK, "Order number 100", "2 × Vase").without("Elm", "jane", "secret")
	stranger.get("/order-confirmation/100?t=" + token).want(http.StatusNotFound)
	b.post("/order-confirmation/100", nil).want(http.StatusMethodNotAllowed)
	b.get("/order-confirmation/100/").want(http.StatusOK, "A secret")
	w.memory.orders[0].Settled = false
	b.get("/order-confirmation/100").want(http.StatusNotFound)
}

func TestNoPageShowsAnAddressFromElsewhere(t *testing.T) {
	w := newWorld(t)
	c, urls := w.apiCart()
	address := cart.Address{Email: "secret@example.com", FirstName: "Sally", LastName: "Secret", Address1: "66 Dark Lane", City: "Hidden", PostalCode: "10115", CountryCode: "DE"}
	c, err := w.checkouts.AddBilling(t.Context(), "demo", c.ID, address, cart.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var items []cart.ConsignedItem
	for _, l := range c.Lines {
		if l.Consignable() {
			items = append(items, cart.ConsignedItem{LineID: l.ID, Quantity: l.Quantity})
		}
	}
	if _, err = w.checkouts.AddConsignments(t.Context(), "demo", c.ID, []order.Parcel{{Address: address, Items: items[:1]}, {Address: address, Items: items[1:]}}, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err = w.checkouts.SetMessage(t.Context(), "demo", c.ID, "For my darling", cart.Options{}); err != nil {
		t.Fatal(err)
	}
	b := w.browser(atHost)
	b.get(path(urls.Checkout)).want(http.StatusFound)
	hidden := []string{"secret", "Secret", "Sally", "Dark Lane", "Hidden", "10115", "darling"}
	for _, page := range []string{"/checkout", "/checkout?step=address", "/checkout?step=billing", "/checkout?step=shipping", "/checkout?step=payment", "/cart.php"} {
		b.get(page).want(http.StatusOK).without(hidden...).without(`value="place"`)
	}
	b.post("/checkout", url.Values{"action": {"place"}, "payment": {"manual"}}).want(http.StatusConflict).without(hidden...)

	b.typed = []string{"jane@example.com"}
	b.post("/checkout", janes()).want(http.StatusSeeOther)
	b.ship(0)
	b.get("/checkout").want(http.StatusOK, "1 Elm Street").without(hidden...)
	b.post("/checkout", b.confirm("manual")).want(http.StatusSeeOther)
	b.get("/order-confirmation/100").want(http.StatusOK, "1 Elm Street").without(hidden...)
	o := w.memory.orders[0].Cart.Checkout
	if len(o.Consignments) != 1 || o.Consignments[0].Address.Address1 != "1 Elm Street" || o.Message != "For my darling" {
		t.Errorf("checkout = %+v", o)
	}
	// A second session of the same cart types for itself.
	w = newWorld(t)
	first := w.ready()
	link := w.link(w.onlyCart(), nil)
	second := w.browser(atHost)
	second.get(path(link.Checkout)).want(http.StatusFound)
	second.get("/checkout").want(http.StatusOK, "Where does it go?").without("Elm", "jane")
	first.post("/checkout", first.confirm("manual")).want(http.StatusSeeOther)
	second.get("/checkout").want(http.StatusSeeOther).leadsTo("/order-confirmation/100")
	second.get("/order-confirmation/100").want(http.StatusOK, "2 × Vase").without("Elm", "jane")
}

func TestPayingWithAGiftCertificate(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	issue := func(code, balance string, change func(*order.Certificate)) {
		c := &order.Certificate{ID: int64(len(w.memory.certificates) + 1), Code: code, Balance: amount(balance), Currency: "USD", Status: order.CertificateActive}
		if change != nil {
			change(c)
		}
		w.memory.certificates[order.CertificateKey(code)] = c
	}
	issue("AAAA-BBBB-CCCC-1111", "20", nil)
	issue("AAAA-BBBB-CCCC-2222", "50", nil)
	issue("OFF", "5", func(c *order.Certificate) { c.Status = order.CertificateDisabled })
	issue("EURO", "5", func(c *order.Certificate) { c.Currency = "EUR" })
	issue("SPENT", "0", nil)
	issue("OVER", "5", func(c *order.Certificate) { c.Expires = noon })
	try := func(code string) answer {
		return b.post("/checkout", url.Values{"action": {"certificate"}, "code": {code}})
	}
	for code, problem := range map[string]string{"": "Please enter the code", "NONE": "no gift certificate with this code", "off": "cannot be used",
		"EURO": "only be used in EUR", "SPENT": "Nothing is left", "OVER": "has expired", strings.Repeat("9", 500): "Please enter the code"} {
		try(code).want(http.StatusUnprocessableEntity, problem, "certificate-problem")
	}
	try(" aaaa-bbbb-cccc-1111 ").want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "The gift certificate was added.", "Gift certificate …1111</dt><dd>−$20.00", "To pay</dt><dd>$15.00", "Place order · $15.00").
		without("AAAA-BBBB")
	try("AAAA-BBBB-CCCC-1111").want(http.StatusSeeOther)
	try("AAAA-BBBB-CCCC-2222").want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "…2222</dt><dd>−$15.00", "To pay</dt><dd>$0.00", "Nothing to pay")

	w.memory.certificates["AAAA-BBBB-CCCC-2222"].Balance = amount("3")
	form := b.confirm("free")
	w.memory.certificates["AAAA-BBBB-CCCC-2222"].Balance = amount("2")
	b.post("/checkout", form).want(http.StatusConflict, "…2222</th><td>−$3.00</td><td>−$2.00</td>", `<th scope="row">To pay</th><td>$12.00</td><td>$13.00</td>`)
	w.memory.certificates["AAAA-BBBB-CCCC-2222"].Status = order.CertificateDisabled
	b.get("/checkout").want(http.StatusOK, "The gift certificate cannot be used. Please remove it.").without(`value="place"`)
	handles := regexp.MustCompile(`name="certificate" value="([0-9a-f]+)"`).FindAllStringSubmatch(b.get("/checkout").body, -1)
	b.post("/checkout", url.Values{"action": {"remove-certificate"}, "certificate": {handles[1][1]}}).want(http.StatusSeeOther)
	b.post("/checkout", b.confirm("test")).want(http.StatusSeeOther)
	b.get("/order-confirmation/100").want(http.StatusOK, "…1111</dt><dd>−$20.00", "To pay</dt><dd>$15.00")
	if o := w.memory.orders[0]; o.Charged() != amount("20") {
		t.Errorf("charges = %+v", o.Charges)
	}
}

func TestCodesOfGiftCertificatesAreTriedTwentyTimesAnHour(t *testing.T) {
	w := newWorld(t)
	w.memory.certificates["GOOD-CODE"] = &order.Certificate{ID: 1, Code: "GOOD-CODE", Balance: amount("5"), Currency: "USD", Status: order.CertificateActive}
	b := w.jane()
	try := func(code string) answer {
		return b.post("/checkout", url.Values{"action": {"certificate"}, "code": {code}})
	}
	for range 20 {
		try("WRONG").want(http.StatusUnprocessableEntity, "no gift certificate")
	}
	try("GOOD-CODE").want(http.StatusTooManyRequests, "try again in an hour")
	w.clock.Advance(time.Hour)
	try("GOOD-CODE").want(http.StatusSeeOther)
}

func TestConsentIsAddedAndNeverTakenBack(t *testing.T) {
	w := newWorld(t)
	b := w.jane()
	b.post("/checkout", janes("reminder", "1")).want(http.StatusSeeOther)
	b.post("/checkout", janes("newsletter", "1")).want(http.StatusSeeOther)
	b.post("/checkout", janes()).want(http.StatusSeeOther)
	if s := w.memory.subscribers; len(s) != 1 || strings.Join(s[0].Consents, " ") != "abandoned_cart marketing_newsletter" || s[0].Source != "storefront" {
		t.Errorf("subscribers = %+v", s)
	}
}

func TestTheCheckoutInAFrame(t *testing.T) {
	w := newWorld(t)
	_, urls := w.apiCart()
	b := w.browser(atHost)
	b.typed = []string{"jane@example.com"}
	b.get(path(urls.EmbeddedCheckout)).want(http.StatusFound).leadsTo("/embedded-checkout")
	b.post("/embedded-checkout", janes()).want(http.StatusSeeOther).leadsTo("/embedded-checkout")
	page := b.get("/embedded-checkout").want(http.StatusOK, "How does it get there?", `action="/embedded-checkout"`).without("<header", "/cart.php")
	way := radio1.FindStringSubmatch(page.body)[1]
	b.post("/embedded-checkout", url.Values{"action": {"shipping"}, "way": {way}}).want(http.StatusSeeOther).leadsTo("/embedded-checkout")
	a := b.post("/embedded-checkout", url.Values{"action": {"coupon"}, "code": {"spring"}}).want(http.StatusSeeOther)
	if c := cookieOf(t, a, "SHOP_NOTICE"); c.SameSite != http.SameSiteNoneMode || !c.Partitioned || !c.Secure {
		t.Errorf("cookie = %v", c)
	}
	page = b.get("/embedded-checkout").want(http.StatusOK, "SPRING was applied")
	form := url.Values{"action": {"place"}, "payment": {"test"}, "seen": {seenField.FindStringSubmatch(page.body)[1]}}
	b.post("/embedded-checkout", form).want(http.StatusSeeOther).leadsTo("/embedded-checkout/order-confirmation/100")
	a = b.get("/embedded-checkout/order-confirmation/100").want(http.StatusOK, "Order number 100").without("<header", "Continue shopping")
	if csp := a.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "frame-ancestors 'self' https://shop.example") {
		t.Errorf("Content-Security-Policy = %s", csp)
	}
}

func TestCheckoutFormsOfOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	form := b.confirm("manual")
	b.header = http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}
	for _, values := range []url.Values{form, janes("address1", "66 Dark Lane"), {"action": {"coupon"}, "code": {"spring"}}, {"action": {"certificate"}, "code": {"x"}}} {
		b.post("/checkout", values).want(http.StatusForbidden, "sent from another site")
	}
	if len(w.memory.orders) != 0 || len(w.onlyCart().Coupons) != 0 || w.onlyCart().Checkout.Billing.Address1 != "1 Elm Street" {
		t.Error("a form of another site changed the checkout")
	}
}
