package promotion

import (
	"math"

	"cartwright/internal/money"
)

// fit says whether a condition holds, how often, and on which units.
type fit struct {
	holds bool
	// times is how often it holds at once; unbounded when nothing in it can be
	// counted.
	times int64
	// partly says that something of it is there.
	partly bool
	// demands are the units it stands on.
	demands []demand
}

const unbounded = math.MaxInt64

// demand is a part of a condition that asks for units.
type demand struct {
	items    *Matcher
	quantity int64
	spend    money.Amount
}

// check evaluates a condition of a promotion; nil always holds (spec/05 §7.4).
func (r *run) check(p *Promotion, c *Condition) fit {
	switch {
	case c == nil:
	case c.Cart != nil:
		return r.checkCart(p, c.Cart)
	case c.Not != nil:
		return fit{holds: !r.check(p, c.Not).holds, times: unbounded}
	case c.Or != nil:
		return r.checkOr(p, c.Or)
	case c.And != nil:
		return r.checkAnd(p, c.And)
	}
	return fit{holds: true, times: unbounded}
}

// checkOr stands on the first part that holds.
func (r *run) checkOr(p *Promotion, parts []Condition) fit {
	var all fit
	for i := range parts {
		sub := r.check(p, &parts[i])
		if sub.holds {
			return sub
		}
		all.partly = all.partly || sub.partly
	}
	return all
}

// checkAnd holds as often as the part that holds least often.
func (r *run) checkAnd(p *Promotion, parts []Condition) fit {
	all := fit{holds: true, times: unbounded}
	for i := range parts {
		sub := r.check(p, &parts[i])
		all.holds, all.times = all.holds && sub.holds, min(all.times, sub.times)
		all.partly = all.partly || sub.partly || (sub.holds && len(sub.demands) > 0)
		all.demands = append(all.demands, sub.demands...)
	}
	return all
}

// checkCart counts the units that match and what they cost before discounts.
func (r *run) checkCart(p *Promotion, c *CartCondition) fit {
	least := r.basket.amount(p, c.MinimumSpend)
	var units int64
	var spent money.Amount
	for i := range r.lines {
		l := &r.lines[i]
		if l.counts && (c.Items == nil || c.Items.matches(l.Line)) {
			units += l.Quantity
			spent += l.list
		}
	}
	f := fit{holds: spent >= least, times: unbounded, partly: spent > 0}
	if least > 0 {
		f.times = int64(spent / least)
	}
	if c.Items == nil {
		f.partly = f.partly && least > 0
		return f
	}
	quantity := max(c.MinimumQuantity, 1)
	f.holds, f.partly = f.holds && units >= quantity, units > 0
	f.times = min(f.times, units/quantity)
	if f.holds {
		f.demands = []demand{{items: c.Items, quantity: quantity, spend: least}}
	}
	return f
}
