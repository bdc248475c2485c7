package pricing

import (
	"slices"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// shippingCuts takes off shipping what promotions and coupons take off it, one
// after the other and never more than is left. Handling is not shipping.
func shippingCuts(j *Job) error {
	for i := range j.Cart.Coupons {
		j.Cart.Coupons[i].Shipping = 0
	}
	co := j.Cart.Checkout
	if co == nil || j.Offers == nil {
		return nil
	}
	for i := range j.Offers.Shipping {
		cutShipping(j, co.Consignments, &j.Offers.Shipping[i])
	}
	return nil
}

// cutShipping applies one cut. An amount is taken off the whole order's
// shipping, spread over the consignments by what is left of each.
func cutShipping(j *Job, cons []cart.Consignment, cut *promotion.ShippingCut) {
	left := make([]money.Amount, len(cons))
	var total money.Amount
	for i := range cons {
		if con := &cons[i]; con.Option != nil && cutFits(cut, con.Option) {
			left[i] = con.Shipping - con.Off()
			total += left[i]
		}
	}
	off := j.round(cut.Amount)
	if cut.Free || off > total {
		off = total
	}
	for i, share := range money.Allocate(off, left, j.Currency.DecimalPlaces) {
		if share <= 0 {
			continue
		}
		cons[i].Cuts = append(cons[i].Cuts, cart.Cut{Source: cart.Source(cut.Source), ID: cut.ID, Code: cut.Code, Amount: share})
		for n := range j.Cart.Coupons {
			if k := &j.Cart.Coupons[n]; cut.Code != "" && promotion.CodeKey(k.Code) == promotion.CodeKey(cut.Code) {
				k.Shipping += share
			}
		}
	}
}

// cutFits reports whether a cut is for an option: for its zone, and for its type
// or its name. A price that a client set is in no zone.
func cutFits(cut *promotion.ShippingCut, o *cart.ShippingOption) bool {
	if cut.ZoneIDs != nil && !slices.Contains(cut.ZoneIDs, o.ZoneID) {
		return false
	}
	return cut.Methods == nil || slices.ContainsFunc(cut.Methods, func(name string) bool {
		return name == o.Type || "shipping_"+name == o.Type || strings.EqualFold(name, o.Description)
	})
}
