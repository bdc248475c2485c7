package promotion

import (
	"slices"
	"time"
)

// running reports whether the promotion counts at this time.
func (p *Promotion) running(now time.Time) bool {
	return p.Status == Enabled && !now.Before(p.Start) && (p.End.IsZero() || now.Before(p.End)) &&
		(p.Schedule == nil || p.Schedule.open(p.Start, now))
}

// fits reports whether the promotion is for this basket at all: its channel,
// its currency, its shopper and where it goes.
func (p *Promotion) fits(b *Basket) bool {
	return (len(p.Channels) == 0 || slices.Contains(p.Channels, b.Channel)) && p.inCurrency(b) &&
		p.Customer.has(b) && sentTo(p.Countries, b.Countries)
}

// inCurrency reports whether the promotion applies in the basket's currency.
// One in the store's default currency applies in those that are only shown, too
// (spec/05 §7.6).
func (p *Promotion) inCurrency(b *Basket) bool {
	return p.Currency == AnyCurrency || p.Currency == b.Currency.Code ||
		(b.Currency.DisplayOnly && p.Currency == b.Currency.StoreCode)
}

// has reports whether the shopper belongs to the audience. Customers carry no
// segments, so that a promotion for some has nobody.
func (a *Audience) has(b *Basket) bool {
	return (len(a.GroupIDs) == 0 || slices.Contains(a.GroupIDs, b.GroupID)) &&
		!slices.Contains(a.ExcludedGroupIDs, b.GroupID) && b.Orders >= a.MinimumOrders && len(a.Segments) == 0
}

// sentTo reports whether everything goes to one of the countries. While nobody
// knows where it goes, it does not.
func sentTo(countries, destinations []string) bool {
	if len(countries) == 0 {
		return true
	}
	for _, d := range destinations {
		if !slices.Contains(countries, d) {
			return false
		}
	}
	return len(destinations) > 0
}

// nextChange returns the first instant after now at which the promotion begins
// to count or ceases to; zero when it never will.
func (p *Promotion) nextChange(now time.Time) time.Time {
	switch {
	case p.Status != Enabled, !p.End.IsZero() && !now.Before(p.End):
		return time.Time{}
	case now.Before(p.Start):
		return p.Start
	}
	next := p.End
	if p.Schedule != nil {
		next = sooner(next, p.Schedule.nextChange(p.Start, now))
	}
	return next
}

// sooner returns the earlier of two instants, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// NextChange returns the first instant after now at which a promotion of the
// store, or a coupon that the basket has, begins to count or ceases to; zero
// when none ever will.
func (o *Offers) NextChange(b *Basket, now time.Time) time.Time {
	var next time.Time
	for _, p := range o.Promotions() {
		next = sooner(next, p.nextChange(now))
	}
	for _, code := range b.Codes {
		if c := o.Coupon(code.CouponID); c != nil && c.Enabled && now.Before(c.Expires) {
			next = sooner(next, c.Expires)
		}
	}
	return next
}

// Running reports whether the coupon counts at this time.
func (c *Coupon) Running(now time.Time) bool { return c.Enabled && !c.expired(now) }

func (c *Coupon) expired(now time.Time) bool { return !c.Expires.IsZero() && !now.Before(c.Expires) }

// usableBy reports whether the basket is of a cart that can use the coupon.
func (c *Coupon) usableBy(b *Basket) bool { return c.Cart == "" || c.Cart == b.Cart }
