package storefront_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

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

// tax taxes what is sold everywhere.
func (w *world) tax(percent string) {
	w.store.Revision++
	w.store.Tax = merchant.Tax{Zones: []merchant.TaxZone{{ID: 1, Name: "Default", Enabled: true}}, Rates: []merchant.TaxRate{{ID: 1, ZoneID: 1, Name: "Sales tax",
		Enabled: true, Classes: []merchant.ClassRate{{ClassID: 0, Rate: amount(percent)}}}}}
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
		"no postcode in Bulgaria":      {[]string{"country", "BG", "postcode", "", "state", ""}, "Please enter a postcode."},
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
	for status, says := range map[order.Status]string{order.Cancelled: "was cancelled", order.Declined: "could not accept", order.Refunded: "was paid back"} {
		w.memory.orders[0].Status = status
		b.get("/order-confirmation/100").want(http.StatusOK, says).without("is placed and paid")
	}
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
