package storefront

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
)

// wayView is a way to send the order, or to collect it.
type wayView struct {
	Value, Name, Cost string
	Notes             []string
	Picture           string
	Chosen            bool
}

// pickUp begins the value of a way to collect the order.
const pickUp = "pickup-"

// free is what a way costs that costs nothing.
const free = "Free"

// ways lists how the consignment of the cart can be sent or collected.
func (v *visit) ways(c *cart.Cart) []wayView {
	if c.Checkout == nil || len(c.Checkout.Consignments) == 0 {
		return nil
	}
	con := c.Checkout.Consignments[0]
	chosen := con.PickupID
	con.PickupID = 0 // what it would cost to send it
	cur := v.shop.Store.ShownCurrency(c.Currency)
	var ways []wayView
	for _, o := range pricing.ShippingOptions(c, v.shop, &con) {
		w := wayView{Value: o.ID, Name: o.Description, Cost: free, Picture: o.ImageURL, Chosen: chosen == 0 && con.Option != nil && con.Option.ID == o.ID}
		if o.Cost != 0 {
			w.Cost = cur.Format(o.Cost)
		}
		w.note(o.TransitTime, o.Note)
		ways = append(ways, w)
	}
	if con.Option != nil && chosen == 0 && !slices.ContainsFunc(ways, func(w wayView) bool { return w.Chosen }) {
		// A price that was made by hand for this cart.
		ways = append(ways, wayView{Value: con.Option.ID, Name: con.Option.Description, Cost: cur.Format(con.Option.Cost), Chosen: true})
	}
	for i := range v.shop.Store.Pickups {
		p := &v.shop.Store.Pickups[i]
		w := wayView{Value: pickUp + strconv.FormatInt(p.ID, 10), Name: collectAt(p), Cost: free, Chosen: chosen == p.ID}
		w.note(p.Instructions, p.Hours)
		ways = append(ways, w)
	}
	return preselect(ways)
}

func (w *wayView) note(texts ...string) {
	for _, text := range texts {
		if text != "" {
			w.Notes = append(w.Notes, text)
		}
	}
}

func collectAt(p *merchant.PickupMethod) string { return "Collect: " + p.Name }

// preselect chooses the first way while none is.
func preselect(ways []wayView) []wayView {
	for _, w := range ways {
		if w.Chosen {
			return ways
		}
	}
	if len(ways) > 0 {
		ways[0].Chosen = true
	}
	return ways
}

// saveShipping takes the choice of a way to send the order or to collect it.
func (v *visit) saveShipping(c *cart.Cart, way string) error {
	if !v.addressed(c) || !ships(c) {
		return v.redirect(http.StatusSeeOther, v.here(), nil)
	}
	if way == "" {
		return v.checkoutPage(http.StatusUnprocessableEntity, attempt{step: stepShipping,
			notices: []notice{{Text: "Please choose how your order gets to you.", Failed: true}}})
	}
	err := v.choose(c, &c.Checkout.Consignments[0], way)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		return v.checkoutPage(http.StatusUnprocessableEntity, attempt{step: stepShipping,
			notices: []notice{{Text: "That way of shipping is not offered any more. Please choose another.", Failed: true}}})
	}
	return v.back(err)
}

func (v *visit) choose(c *cart.Cart, con *cart.Consignment, way string) error {
	update := func(in order.ConsignmentUpdate) error {
		_, err := v.Checkouts.UpdateConsignment(v.ctx(), v.store(), c.ID, con.ID, in, cart.Options{})
		return err
	}
	if number, ok := strings.CutPrefix(way, pickUp); ok {
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || v.shop.Store.Pickup(id) == nil {
			return fault.New(fault.Invalid, "There is no such place.")
		}
		if con.PickupID == id {
			return nil
		}
		return update(order.ConsignmentUpdate{PickupID: &id})
	}
	if con.PickupID != 0 {
		none := int64(0)
		if err := update(order.ConsignmentUpdate{PickupID: &none}); err != nil {
			return err
		}
	}
	if con.Option != nil && con.PickupID == 0 && con.Option.ID == way {
		return nil
	}
	return update(order.ConsignmentUpdate{OptionID: &way})
}

// chosenShipping reports whether it is settled how everything is sent.
func chosenShipping(c *cart.Cart) bool {
	if !ships(c) {
		return true
	}
	if c.Checkout == nil || len(c.Checkout.Consignments) == 0 {
		return false
	}
	for i := range c.Checkout.Consignments {
		if con := &c.Checkout.Consignments[i]; con.Option == nil && con.PickupID == 0 {
			return false
		}
	}
	return true
}

// sentBy says how the order is sent or collected.
func (v *visit) sentBy(c *cart.Cart) []string {
	var lines []string
	for i := range c.Checkout.Consignments {
		con := &c.Checkout.Consignments[i]
		switch p := v.shop.Store.Pickup(con.PickupID); {
		case p != nil:
			lines = append(lines, collectAt(p))
		case con.PickupID != 0:
			lines = append(lines, "Collect")
		case con.Option != nil:
			lines = append(lines, con.Option.Description)
		}
	}
	return lines
}
