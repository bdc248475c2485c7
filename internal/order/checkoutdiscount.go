package order

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// Discounts are manual discounts in the cart's currency (spec/05 §1.4).
type Discounts struct {
	// Order are taken off the whole order; several are added up. Nil means that
	// the request has none.
	Order []money.Amount
	// Lines are taken off lines.
	Lines []LineDiscount
}

// LineDiscount is taken off a whole line.
type LineDiscount struct {
	LineID string
	Amount money.Amount
}

// Discount sets the manual discounts. Whatever discounted the cart before gives
// way: promotions, coupons and earlier manual discounts (spec/05 §1.4). Nothing
// but zeros lets promotions count again.
//
// The vendor's text says both that a call clears every discount and that a line
// which a coupon or a promotion touches cannot get one. Here the second is asked
// of the cart as it was before the call: such a line is refused, and nothing is
// cleared; a discount of the whole order clears it.
func (s *Checkouts) Discount(ctx context.Context, store string, checkout cart.ID, in Discounts, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, _ time.Time) ([]event.Event, error) {
		if in.Order == nil && in.Lines == nil {
			return nil, wrong("cart", "discounts or line_items is required")
		}
		if err := discountable(c, in.Lines); err != nil {
			return nil, err
		}
		c.Coupons, c.Manual, c.ManualOff = nil, false, 0
		for i := range c.Lines {
			c.Lines[i].ManualOff = 0
		}
		if err := discountLines(c, shop, in.Lines); err != nil {
			return nil, err
		}
		if err := discountOrder(c, shop, in.Order); err != nil {
			return nil, err
		}
		return []event.Event{{Scope: event.CartUpdated}}, nil
	})
}

// discountable refuses lines that are not there, that something else discounts
// by now, and those that only take part in discounts of the order (spec/01 §6,
// §7.3).
func discountable(c *cart.Cart, lines []LineDiscount) error {
	for i, d := range lines {
		l := c.Line(d.LineID)
		if l == nil {
			return wrong(fmt.Sprintf("cart.line_items.%d.id", i), "The line item is not in the cart")
		}
		if !l.IsCatalog() && d.Amount > 0 {
			return fault.Newf(fault.Invalid, "The item %s cannot be discounted by itself.", l.Name)
		}
		for _, cut := range l.Cuts {
			if d.Amount != 0 && (cut.Source == cart.FromCoupon || cut.Source == cart.FromPromotion && !cut.Order) {
				return fault.Newf(fault.Invalid, "The item %s has a coupon or a promotion already and cannot be discounted.", l.Name)
			}
		}
	}
	return nil
}

// discountLines keeps what is taken off lines, each no more than the line
// costs.
func discountLines(c *cart.Cart, shop cart.Shop, lines []LineDiscount) error {
	for i, d := range lines {
		if d.Amount < 0 {
			return fault.Field(fmt.Sprintf("cart.line_items.%d.discounted_amount", i), fault.Min)
		}
		l := c.Line(d.LineID)
		l.ManualOff = min(l.ManualOff+d.Amount.Round(decimals(c, shop)), l.ExtendedList)
		c.Manual = c.Manual || l.ManualOff > 0
	}
	return nil
}

// discountOrder keeps what is taken off the whole order. Pricing spreads it, and
// takes off no more than there is.
func discountOrder(c *cart.Cart, shop cart.Shop, amounts []money.Amount) error {
	var value money.Amount
	for i := range c.Lines {
		value += c.Lines[i].ExtendedList - c.Lines[i].ManualOff
	}
	for i, a := range amounts {
		if a < 0 {
			return fault.Field(fmt.Sprintf("cart.discounts.%d.discounted_amount", i), fault.Min)
		}
		c.ManualOff = min(c.ManualOff+a.Round(decimals(c, shop)), value)
		c.Manual = c.Manual || c.ManualOff > 0
	}
	return nil
}
