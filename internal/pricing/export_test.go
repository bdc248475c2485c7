package pricing

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/promotion"
)

// PriceWith runs the pipeline as if offers did this and nothing else.
func PriceWith(c *cart.Cart, shop cart.Shop, now time.Time, offers *promotion.Outcome) error {
	return PriceAfter(c, shop, now, func(*cart.Cart) {}, offers)
}

// PriceAfter does so after a change that promotions made to lines and totals.
func PriceAfter(c *cart.Cart, shop cart.Shop, now time.Time, change func(*cart.Cart), offers *promotion.Outcome) error {
	offered := func(j *Job) error {
		j.Offers = offers
		change(j.Cart)
		return nil
	}
	return Pipeline{describe, unitPrices, wrappings, extend, cartTotals, offered, consignments, shipping, shippingCuts, taxes}.Price(c, shop, now)
}
