package storefront

import (
	"net/http"
	"net/url"
	"slices"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/order"
)

// addressForm returns the form of the first step or of another billing address,
// with what this session typed before.
func (v *visit) addressForm(c *cart.Cart, step string, a attempt) addressForm {
	f := addressForm{Action: v.href(v.here(), nil), Heading: "Where does it go?", Contact: true, Choose: ships(c)}
	section := "shipping"
	known := &cart.Address{}
	co := c.Checkout
	if co != nil && v.typedHere(co.Billing) {
		known = co.Billing
	}
	switch {
	case step == stepBilling:
		f.Heading, f.Contact, f.Choose, section = "Billing address", false, false, "billing"
		f.Back = f.Action
	case !ships(c):
		f.Heading, section = "Your details", "billing"
	case co != nil && len(co.Consignments) > 0 && v.typedHere(&co.Consignments[0].Address):
		to := co.Consignments[0].Address
		f.Other = known.CountryCode != "" && !sameAddress(&to, known)
		known = &to
	}
	shown := *known
	if a.values != nil {
		shown, _ = readAddress(a.values)
		shown.State, shown.StateCode = a.values.Get("state"), ""
		f.Newsletter, f.Reminder = a.values.Has("newsletter"), a.values.Has("reminder")
		f.Other = a.values.Get("billing") == "other"
	}
	if shown.CountryCode == "" {
		shown.CountryCode = v.homeCountry()
	}
	f.Problems = len(a.problems) > 0
	f.Fields = fields(&shown, f.Contact, section)
	for i := range f.Fields {
		f.Fields[i].Problem = a.problems[f.Fields[i].Name]
	}
	return f
}

// homeCountry is the country that the store's currency is of, as a start.
func (v *visit) homeCountry() string {
	if cur := v.shop.Store.ChannelCurrency(v.channel); cur != nil {
		return cur.Country
	}
	return ""
}

// saveAddress takes the first step: who orders, and where it goes.
func (v *visit) saveAddress(c *cart.Cart, values url.Values) error {
	to, problems := readAddress(values)
	if len(problems) > 0 {
		return v.checkoutPage(http.StatusUnprocessableEntity, attempt{step: stepAddress, values: values, problems: problems})
	}
	billing, other := to, ships(c) && values.Get("billing") == "other"
	if known := c.Checkout; other && known != nil && v.typedHere(known.Billing) {
		billing = *known.Billing // it was typed before, and stays
		billing.ID, billing.Email = "", to.Email
	}
	if err := v.keepTyped(&to, &billing); err != nil {
		return err
	}
	c, err := v.billTo(c, billing)
	if err == nil {
		_, err = v.shipTo(c, to)
	}
	if err == nil {
		err = v.agree(&to, values)
	}
	if err != nil {
		return v.refused(err, attempt{step: stepAddress, values: values})
	}
	next := url.Values{}
	if other && sameAddress(&billing, &to) {
		next.Set("step", stepBilling)
	}
	return v.redirect(http.StatusSeeOther, v.here(), next)
}

// saveBilling takes a billing address of its own. The e-mail address is that of
// the first step.
func (v *visit) saveBilling(c *cart.Cart, values url.Values) error {
	if !v.addressed(c) {
		return v.redirect(http.StatusSeeOther, v.here(), nil)
	}
	values.Set("email", c.Checkout.Billing.Email)
	billing, problems := readAddress(values)
	if len(problems) > 0 {
		return v.checkoutPage(http.StatusUnprocessableEntity, attempt{step: stepBilling, values: values, problems: problems})
	}
	if err := v.keepTyped(&billing); err != nil {
		return err
	}
	_, err := v.billTo(c, billing)
	return v.back(err)
}

// billTo sets the billing address when it is another than before.
func (v *visit) billTo(c *cart.Cart, a cart.Address) (*cart.Cart, error) {
	if c.Checkout != nil && c.Checkout.Billing != nil && sameAddress(c.Checkout.Billing, &a) {
		return c, nil
	}
	return v.Checkouts.AddBilling(v.ctx(), v.store(), c.ID, a, cart.Options{})
}

// agree notes what the shopper wants to be written for. An unchecked box takes
// nothing back: whoever types an address need not be its owner.
func (v *visit) agree(a *cart.Address, values url.Values) error {
	var consents []string
	if values.Has("newsletter") {
		consents = append(consents, "marketing_newsletter")
	}
	if values.Has("reminder") {
		consents = append(consents, "abandoned_cart")
	}
	if len(consents) == 0 {
		return nil
	}
	source, channel := "storefront", v.channel
	_, err := v.Subscribers.Subscribe(v.ctx(), v.store(), customer.SubscriberFields{Email: &a.Email, FirstName: &a.FirstName,
		LastName: &a.LastName, Source: &source, ChannelID: &channel, Consents: &consents})
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	found, err := v.Subscribers.Subscribers(v.ctx(), v.store(), customer.SubscriberFilter{Email: a.Email}, cursor.Range{Limit: 50})
	if err != nil {
		return err
	}
	for _, sub := range found.Entries {
		all := slices.Concat(sub.Consents, consents)
		if sub.ChannelID != channel {
			continue
		}
		if _, err := v.Subscribers.UpdateSubscriber(v.ctx(), v.store(), sub.ID, customer.SubscriberFields{Consents: &all}); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// ships reports whether anything in the cart is sent.
func ships(c *cart.Cart) bool {
	return slices.ContainsFunc(c.Lines, func(l cart.Line) bool { return l.Consignable() })
}

// consigned reports whether the consignments hold everything that is sent.
func consigned(c *cart.Cart) bool {
	sent := map[string]int64{}
	if c.Checkout != nil {
		for i := range c.Checkout.Consignments {
			for _, item := range c.Checkout.Consignments[i].Items {
				sent[item.LineID] += item.Quantity
			}
		}
	}
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Consignable() && sent[l.ID] < l.Quantity {
			return false
		}
	}
	return true
}

// shipTo sends everything to one address: the consignments that the cart has
// from elsewhere become one.
func (v *visit) shipTo(c *cart.Cart, to cart.Address) (*cart.Cart, error) {
	var items []cart.ConsignedItem
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Consignable() {
			items = append(items, cart.ConsignedItem{LineID: l.ID, Quantity: l.Quantity})
		}
	}
	if len(items) == 0 {
		return c, nil
	}
	var err error
	for len(c.Checkout.Consignments) > 1 {
		last := c.Checkout.Consignments[len(c.Checkout.Consignments)-1]
		if c, err = v.Checkouts.RemoveConsignment(v.ctx(), v.store(), c.ID, last.ID, cart.Options{}); err != nil {
			return nil, err
		}
		if c.Checkout == nil {
			break
		}
	}
	if c.Checkout == nil || len(c.Checkout.Consignments) == 0 {
		return v.Checkouts.AddConsignments(v.ctx(), v.store(), c.ID, []order.Parcel{{Address: to, Items: items}}, cart.Options{})
	}
	first := &c.Checkout.Consignments[0]
	if sameAddress(&first.Address, &to) && consigned(c) {
		return c, nil // another request would forget the chosen way of shipping
	}
	return v.Checkouts.UpdateConsignment(v.ctx(), v.store(), c.ID, first.ID, order.ConsignmentUpdate{Address: &to, Items: items}, cart.Options{})
}
