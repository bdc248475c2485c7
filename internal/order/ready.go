package order

import (
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
)

// checkReady refuses a cart that cannot become an order yet (spec/05 §1.6).
func checkReady(c *cart.Cart) error {
	if len(c.Lines) == 0 {
		return fault.New(fault.Invalid, "The cart is empty.")
	}
	co := c.Checkout
	if co == nil || co.Billing == nil || co.Billing.Email == "" || co.Billing.CountryCode == "" {
		return fault.New(fault.Invalid, "A billing address for this order is incomplete")
	}
	sent := map[string]int64{}
	for i := range co.Consignments {
		con := &co.Consignments[i]
		for _, item := range con.Items {
			sent[item.LineID] += item.Quantity
		}
		if con.PickupID != 0 {
			continue
		}
		if !complete(&con.Address) {
			return fault.New(fault.Invalid, "A shipping address for this order is incomplete")
		}
		if con.Option == nil {
			return fault.New(fault.Invalid, "A shipping option for this order is missing")
		}
	}
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Kind == cart.Physical && sent[l.ID] < l.Quantity {
			return fault.New(fault.Invalid, "A shipping address for this order is incomplete")
		}
	}
	return nil
}

// complete reports whether something can be sent to an address.
func complete(a *cart.Address) bool {
	for _, needed := range []string{a.FirstName, a.LastName, a.Address1, a.City, a.CountryCode, a.Email} {
		if strings.TrimSpace(needed) == "" {
			return false
		}
	}
	if NeedsPostalCode(a.CountryCode) && strings.TrimSpace(a.PostalCode) == "" {
		return false
	}
	return !NeedsState(a.CountryCode) || strings.TrimSpace(a.State+a.StateCode) != ""
}

// withoutPostalCodes are the countries whose post has no codes, or does not
// need them.
const withoutPostalCodes = " AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GD GH GM GN GQ GY HK IE JM KI KM KN KP LC ML MO MR MS MW " +
	"NR NU PA QA RW SB SC SL SO SR ST SY TD TF TG TK TL TO TT TV TZ UG VU YE ZW "

// withStates are the countries whose addresses name a state.
const withStates = " AU BR CA CN IN JP MX MY US "

// NeedsPostalCode reports whether an order to a country needs a postal code.
func NeedsPostalCode(country string) bool {
	return !strings.Contains(withoutPostalCodes, " "+country+" ")
}

// NeedsState reports whether an order to a country needs a state or province.
func NeedsState(country string) bool { return strings.Contains(withStates, " "+country+" ") }
