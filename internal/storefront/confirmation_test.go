package storefront_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/order"
)

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
