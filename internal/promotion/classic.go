package promotion

import "cartwright/internal/money"

// coupons applies the classic coupons, in the order in which their codes were
// applied. They work in the store's default currency only (spec/05 §7.1).
func (r *run) coupons() {
	for _, code := range r.basket.Codes {
		c := r.offers.Coupon(code.CouponID)
		if r.closed || c == nil || !r.basket.Currency.Default || !c.Running(r.now) || !c.usableBy(r.basket) ||
			!sentTo(c.Countries, r.basket.Countries) || r.spent() < c.MinPurchase || !r.forSome(c) {
			continue
		}
		src := sourceOf(code)
		if r.coupon(c, src) {
			r.applied(src, Use{CouponID: c.ID})
		}
	}
}

// spent returns what the lines cost before discounts.
func (r *run) spent() money.Amount {
	var sum money.Amount
	for i := range r.lines {
		sum += r.lines[i].list
	}
	return sum
}

// forSome reports whether the coupon is for any line.
func (r *run) forSome(c *Coupon) bool {
	for i := range r.lines {
		if c.AppliesTo.matches(r.lines[i].Line) {
			return true
		}
	}
	return false
}

// coupon does what a coupon says and reports whether that changed anything.
func (r *run) coupon(c *Coupon, src source) bool {
	switch c.Type {
	case ShippingOff:
		if c.Amount > 0 {
			r.out.Shipping = append(r.out.Shipping, ShippingCut{Source: src.kind, ID: src.id, Code: src.code, Amount: c.Amount.Round(r.basket.Currency.Places)})
		}
		return c.Amount > 0
	case FreeShipping:
		r.out.Shipping = append(r.out.Shipping, ShippingCut{Source: src.kind, ID: src.id, Code: src.code, Free: true, Methods: c.ShippingMethods})
		return true
	case PerTotal:
		return r.spreadOver(c.Amount, src, false, func(l *line) bool { return c.AppliesTo.matches(l.Line) }) > 0
	}
	var took money.Amount
	for i := range r.lines {
		l := &r.lines[i]
		if !c.AppliesTo.matches(l.Line) {
			continue
		}
		switch c.Type {
		case PerItem:
			took += r.take(l, times(c.Amount, l.Quantity, r.basis(l)), src, false)
		case Percentage:
			took += r.take(l, r.percent(r.basis(l), c.Amount), src, false)
		}
	}
	return took > 0
}
