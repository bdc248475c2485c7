package pricing

import (
	"cartwright/internal/cart"
	"cartwright/internal/money"
)

// Pair is one amount with tax and without. What lies between them is the tax.
type Pair struct {
	Inc, Ex money.Amount
}

// Tax returns the tax of the pair.
func (p Pair) Tax() money.Amount { return p.Inc - p.Ex }

func (p Pair) plus(q Pair) Pair { return Pair{p.Inc + q.Inc, p.Ex + q.Ex} }

// pair makes a pair of an amount as it is entered and its tax, which the amount
// contains or does not.
func pair(c *cart.Cart, amount, tax money.Amount) Pair {
	if c.TaxIncluded {
		return Pair{Inc: amount, Ex: amount - tax}
	}
	return Pair{Inc: amount + tax, Ex: amount}
}

// Sums are what a checkout costs, by what it is made of (spec/05 §1.1). All of
// it is read from a cart that was priced; nothing is computed anew.
type Sums struct {
	// Subtotal is what the lines cost after discounts of their own and before
	// those of the order and coupons.
	Subtotal Pair
	// Cart is what the lines cost after all discounts.
	Cart Pair
	// Shipping is before shipping discounts.
	Shipping, Handling Pair
	Fees, Wrapping     Pair
	// Discount, Coupon and ShippingDiscount are taken off, as prices are entered:
	// with tax or without. ShippingDiscount holds that of coupons too.
	Discount, Coupon, ShippingDiscount money.Amount
	// Tax is all tax that is paid, after discounts; Taxes are its parts by name.
	Tax   money.Amount
	Taxes []cart.Tax
	// Grand is what has to be paid, tax included, before gift certificates.
	Grand money.Amount
}

// Off is everything that is taken off behind Subtotal and Shipping.
func (s *Sums) Off() money.Amount { return s.Discount + s.Coupon + s.ShippingDiscount }

// Sum adds up what a cart costs with everything that its checkout holds.
//
//	Grand = Cart.Inc + Shipping + Handling + Fees.Inc + Wrapping.Inc - ShippingDiscount,
//
// shipping with the tax that is left after its discounts.
func Sum(c *cart.Cart) Sums {
	s := Sums{Discount: c.Totals.Discount, Coupon: c.Totals.Coupon}
	entered := -s.Discount - s.Coupon
	var items money.Amount // tax of the lines
	for i := range c.Lines {
		l := &c.Lines[i]
		s.Subtotal = s.Subtotal.plus(LineSale(c, l))
		s.Wrapping = s.Wrapping.plus(LineWrapping(c, l))
		entered += l.ExtendedSale
		items += l.Tax
	}
	s.Cart = pair(c, entered, items)
	s.Tax = items + s.Wrapping.Tax()
	if co := c.Checkout; co != nil {
		s.addCheckout(c, co)
	}
	s.Grand = s.Cart.Inc + s.Wrapping.Inc + s.Fees.Inc + s.Handling.Inc + s.paidShipping(c)
	return s
}

func (s *Sums) addCheckout(c *cart.Cart, co *cart.Checkout) {
	s.Taxes = co.Taxes
	for i := range co.Consignments {
		con := &co.Consignments[i]
		s.Shipping = s.Shipping.plus(ConsignmentShipping(c, con))
		s.Handling = s.Handling.plus(ConsignmentHandling(c, con))
		s.ShippingDiscount += con.Off()
		s.Tax += con.ShippingTax + con.HandlingTax
	}
	for i := range co.Fees {
		f := FeeCost(c, &co.Fees[i])
		s.Fees = s.Fees.plus(f)
		s.Tax += f.Tax()
	}
}

// paidShipping is shipping after its discounts, with the tax of that.
func (s *Sums) paidShipping(c *cart.Cart) money.Amount {
	if c.Checkout == nil {
		return 0
	}
	var paid money.Amount
	for i := range c.Checkout.Consignments {
		paid += ConsignmentPaid(c, &c.Checkout.Consignments[i]).Inc
	}
	return paid
}

// LineSale is what a line costs after discounts of its own and before those of
// the order and coupons.
func LineSale(c *cart.Cart, l *cart.Line) Pair { return pair(c, l.ExtendedSale, l.TaxBefore) }

// LinePaid is what is paid for a line after all discounts.
func LinePaid(c *cart.Cart, l *cart.Line) Pair {
	return pair(c, l.ExtendedSale-l.Shared-l.Coupon, l.Tax)
}

// LineUnit is what one unit of LineSale costs, rounded to what money holds: its
// multiple may differ from LineSale by cents.
func LineUnit(c *cart.Cart, l *cart.Line) Pair {
	tax, err := l.TaxBefore.MulDiv(1, max(l.Quantity, 1))
	if err != nil { // a part is never larger than the whole
		tax = 0
	}
	return pair(c, l.SalePrice, tax)
}

// LineWrapping is what wrapping the units of a line costs.
func LineWrapping(c *cart.Cart, l *cart.Line) Pair { return pair(c, l.WrapPrice, l.WrapTax) }

// ConsignmentShipping is what shipping costs before discounts.
func ConsignmentShipping(c *cart.Cart, con *cart.Consignment) Pair {
	return pair(c, con.Shipping, con.ShippingTaxBefore)
}

// ConsignmentPaid is what is paid for shipping, after discounts.
func ConsignmentPaid(c *cart.Cart, con *cart.Consignment) Pair {
	return pair(c, con.Shipping-con.Off(), con.ShippingTax)
}

// ConsignmentHandling is what handling costs.
func ConsignmentHandling(c *cart.Cart, con *cart.Consignment) Pair {
	return pair(c, con.Handling, con.HandlingTax)
}

// FeeCost is what a fee costs.
func FeeCost(c *cart.Cart, f *cart.Fee) Pair { return pair(c, f.Cost, f.Tax) }
