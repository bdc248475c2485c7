package promotion

import (
	"cmp"
	"errors"
	"slices"

	"cartwright/internal/money"
)

// times multiplies an amount by how often something applies, but not beyond
// what there is.
func times(a money.Amount, n int64, most money.Amount) money.Amount {
	product, err := a.Times(n)
	if errors.Is(err, money.ErrOverflow) {
		return most
	}
	return min(product, most)
}

// cartValue takes something off the order as a whole. What automatic
// promotions take is shared out when all of them are known, because it goes by
// what the lines cost after discounts of items; with prices that build on each
// other it is shared at once.
func (r *run) cartValue(p *Promotion, a *CartValue, f fit, src source) bool {
	var base, left money.Amount
	for i := range r.lines {
		base += r.basis(&r.lines[i])
		left += r.lines[i].left
	}
	left -= r.pendingSum
	if f.times == unbounded {
		f.times = 1
	}
	amount := min(times(r.off(p, a.Discount, base), f.times, left), r.maximum(p, a.Maximum))
	switch {
	case amount <= 0:
		return false
	case src.kind == FromPromotion && r.original:
		r.pending = append(r.pending, share{src, amount, r.turn()})
		r.pendingSum += amount
		return true
	}
	return r.spread(amount, src, src.kind == FromPromotion) > 0
}

// off returns what a discount takes off an amount.
func (r *run) off(p *Promotion, d Discount, base money.Amount) money.Amount {
	switch {
	case d.Percent != nil:
		return r.percent(base, *d.Percent)
	case d.Fixed != nil:
		return r.basket.amount(p, *d.Fixed)
	}
	return 0
}

// percent returns a percentage of an amount, at most all of it.
func (r *run) percent(base, p money.Amount) money.Amount {
	if p >= full {
		return base
	}
	a, err := base.Percent(p)
	if err != nil { // no cart may cost so much
		return base
	}
	return a.Round(r.basket.Currency.Places)
}

const full = 100 * money.Unit

// maximum returns a bound in the basket's currency; 0 is none.
func (r *run) maximum(p *Promotion, a money.Amount) money.Amount {
	if a == 0 {
		return unbounded
	}
	return r.basket.amount(p, a)
}

// cartItems takes something off units of lines. A bound of the discount is used
// up by the units in their order.
func (r *run) cartItems(p *Promotion, a *CartItems, f fit, src source) bool {
	batches := r.pick(choice{items: a.Items, strategy: a.Strategy, quantity: a.Quantity,
		excludeSale: a.ExcludeSale, include: a.IncludeCondition}, f)
	most := r.maximum(p, a.Maximum)
	var took money.Amount
	if a.AsTotal {
		for _, b := range batches {
			worth := r.worth(b)
			amount := r.off(p, a.Discount, worth)
			if a.Discount.Percent == nil {
				amount = times(amount, b.times, worth)
			}
			took += r.takeShared(b, min(amount, worth, most-took), src)
		}
		return took > 0
	}
	for _, picked := range merge(batches) {
		l := &r.lines[picked.line]
		took += r.take(l, min(r.offUnits(p, a.Discount, l, picked.units), most-took), src, false)
	}
	return took > 0
}

// offUnits returns what a discount takes off units of a line, where each unit
// gets it. It is rounded once for the line (spec/07, Q28).
func (r *run) offUnits(p *Promotion, d Discount, l *line, units int64) money.Amount {
	worth := r.share(l, units)
	if d.Percent != nil {
		return r.percent(worth, *d.Percent)
	}
	return times(r.off(p, d, 0), units, worth)
}

// share returns what units of a line are worth.
func (r *run) share(l *line, units int64) money.Amount {
	if r.original {
		return l.List * money.Amount(units)
	}
	worth := r.basis(l)
	if units == l.Quantity {
		return worth
	}
	part, err := worth.MulDiv(units, l.Quantity)
	if err != nil {
		return worth
	}
	return part
}

// worth returns what the units of a batch are worth.
func (r *run) worth(b batch) money.Amount {
	var sum money.Amount
	for _, p := range b.picks {
		sum += r.share(&r.lines[p.line], p.units*b.times)
	}
	return sum
}

// takeShared takes an amount off the units of a batch by what they are worth.
func (r *run) takeShared(b batch, amount money.Amount, src source) money.Amount {
	if amount = amount.Round(r.basket.Currency.Places); amount <= 0 {
		return 0
	}
	picks := b.picks
	slices.SortFunc(picks, byLine) // left-over cents go by the lines' ids
	weights := make([]money.Amount, len(picks))
	for n, p := range picks {
		weights[n] = r.share(&r.lines[p.line], p.units*b.times)
	}
	var took money.Amount
	for n, part := range money.Allocate(amount, weights, r.basket.Currency.Places) {
		took += r.take(&r.lines[picks[n].line], part, src, false)
	}
	return took
}

func byLine(a, b pick) int { return cmp.Compare(a.line, b.line) }

// fixedPriceSet lets sets of units cost a fixed price. A set that is cheaper
// already stays as it is.
func (r *run) fixedPriceSet(p *Promotion, a *FixedPriceSet, f fit, src source) bool {
	price := r.basket.amount(p, a.FixedPrice)
	batches := r.pick(choice{items: a.Items, strategy: a.Strategy, quantity: max(a.Quantity, 1), whole: true,
		excludeSale: a.ExcludeSale, include: a.IncludeCondition}, f)
	var took money.Amount
	for _, b := range batches {
		worth := r.worth(b)
		took += r.takeShared(b, worth-times(price, b.times, worth), src)
	}
	return took > 0
}

// addFree puts the item of a discount into the basket, as the vendor does
// first when it may: the products and variants that the matcher names are
// tried in their order. Without room for any the item is discounted where it
// is.
func (r *run) addFree(p *Promotion, at int, a *CartItems, f fit, src source) bool {
	if a.Items == nil || a.Discount.Percent == nil || *a.Discount.Percent < full {
		return false
	}
	quantity := max(a.Quantity, 1)
	for _, id := range a.Items.Products {
		if r.add(Added{ProductID: id, Quantity: quantity}, p, at, f, src) {
			return true
		}
	}
	for _, id := range a.Items.Variants {
		if r.add(Added{VariantID: id, Quantity: quantity}, p, at, f, src) {
			return true
		}
	}
	return false
}

// add gives something away, if there is room for it.
func (r *run) add(gift Added, p *Promotion, at int, f fit, src source) bool {
	gift.Source, gift.ID, gift.Code, gift.PromotionID, gift.Rule = src.kind, src.id, src.code, p.ID, at
	if f.times != unbounded {
		if gift.Quantity > maxGifts/f.times {
			return false
		}
		gift.Quantity *= f.times
	}
	if gift.Quantity < 1 || (r.basket.Room != nil && !r.basket.Room(gift, r.out.Added)) {
		return false
	}
	r.out.Added = append(r.out.Added, gift)
	return true
}

// maxGifts bounds how many units one rule gives away.
const maxGifts = 1_000_000
