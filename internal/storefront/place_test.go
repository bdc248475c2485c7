package storefront_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/order"
)

func TestAFailedPaymentLeavesTheCart(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	b.post("/checkout", b.confirm("test-declined", "message", "Hello")).want(http.StatusUnprocessableEntity,
		"The payment was declined. Nothing was ordered and nothing was charged; your cart is as it was.", `value="test-declined" checked`, "Hello")
	if len(w.memory.orders) != 0 || w.onlyCart().Quantity() != 2 {
		t.Errorf("orders = %v", w.memory.orders)
	}
	if len(w.memory.tried) != 1 {
		t.Errorf("tried to pay for %q", w.memory.tried)
	}
	b.post("/checkout", b.confirm("gold")).want(http.StatusUnprocessableEntity, "Please choose how to pay.")
	b.post("/checkout", b.confirm("test")).want(http.StatusSeeOther)
	if len(w.memory.tried) != 1 { // nobody was asked for money, and then it was given
		t.Errorf("tried to pay for %q", w.memory.tried)
	}
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
			[]string{"Something is missing for this order now.", "Courier", `<th scope="row">Way of shipping</th><td>Parcel</td><td>–</td>`}, true},
		"a tax": {func(w *world) { w.tax("5") }, []string{`<th scope="row">Sales tax</th><td>–</td><td>$1.75</td>`, `<th scope="row">Total</th><td>$42.50</td><td>$44.25</td>`}, false},
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

func TestTaxesOnTheCheckout(t *testing.T) {
	w := newWorld(t)
	w.tax("5")
	b := w.ready()
	b.get("/checkout").want(http.StatusOK, "Sales tax</dt><dd>$1.75", "Total</dt><dd>$36.75", "Place order · $36.75")
	b.get("/cart.php").want(http.StatusOK, "Tax</dt><dd>$1.75", "Total</dt><dd>$36.75", "Shipping is not included.")
	w = newWorld(t)
	w.tax("5")
	w.store.PricesIncludeTax = true
	b = w.ready()
	b.get("/checkout").want(http.StatusOK, "Total</dt><dd>$35.00", "Includes $1.67 of Sales tax.").without("Sales tax</dt>")
	b.get("/cart.php").want(http.StatusOK, "Prices include tax. Shipping is not included.", "Total</dt><dd>$35.00")
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
		b.post("/checkout", changed).want(http.StatusConflict, "Please look at your order and place it again.")
	}
	form.Set("message", strings.Repeat("x", 2001))
	b.post("/checkout", form).want(http.StatusUnprocessableEntity, "at most 2,000 characters")
	form.Set("message", "a\x00b")
	b.post("/checkout", form).want(http.StatusUnprocessableEntity, "letters, digits and signs")
	if len(w.memory.orders) != 0 {
		t.Error("an order was made")
	}
	for _, action := range []string{"address", "billing", "shipping", "coupon", "remove-coupon", "certificate", "remove-certificate", "dance"} {
		w.browser(atHost).post("/checkout", url.Values{"action": {action}}).want(http.StatusSeeOther).leadsTo("/checkout")
	}
	w.browser(atHost).post("/checkout", form).want(http.StatusOK, "nothing to check out")
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
