package promotion

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cartwright/internal/money"
)

// Evaluate says what the offers take off a basket at this time. The price of a
// line times its quantity must be an amount.
//
// Automatic promotions come first, by priority and id; then promotions that a
// code won, in the same order; then coupons, in the order in which they were
// applied (spec/05 §7.6). Discounts of the API stand in place of all of them.
// Lines are taken by their ids, so that their order does not matter.
func (o *Offers) Evaluate(b *Basket, now time.Time) *Outcome {
	if b.Manual {
		return manual(o, b)
	}
	out := o.overriding(b, now)
	if out == nil {
		r := newRun(o, b, now)
		r.automatic()
		r.byCode()
		r.coupons()
		out = r.finish()
	}
	out.Until = o.NextChange(b, now)
	return out
}

// overriding evaluates the first code that throws out everything else, if it
// does anything; nil when there is none. The deprecated switch does so only
// when the code takes more off the items than automatic promotions would.
func (o *Offers) overriding(b *Basket, now time.Time) *Outcome {
	for i, p := range o.Promotions() {
		if p.Combines || (!p.Overrides && !p.OverridesWhenBetter) || !p.running(now) || !p.fits(b) {
			continue
		}
		code := b.codeOf(p)
		if code == nil {
			continue
		}
		alone := newRun(o, b, now)
		if !alone.promotion(i, sourceOf(*code)) {
			continue
		}
		if !p.Overrides {
			others := newRun(o, b, now)
			others.automatic()
			if others.taken() >= alone.taken() {
				continue
			}
		}
		return alone.finish()
	}
	return nil
}

// run is one evaluation.
type run struct {
	offers *Offers
	basket *Basket
	now    time.Time
	out    *Outcome
	// lines are those that promotions and coupons may touch, by id.
	lines []line
	// pending are what automatic promotions take off the order. They are shared
	// when all of them are known.
	pending    []share
	pendingSum money.Amount
	sharing    *share // the one that is being shared; nil otherwise
	// sources are what took something off, in that order.
	sources []source
	// closed says that a promotion which stands alone has applied.
	closed bool
	// original says that discounts are calculated from the prices before others.
	original bool
	// cheapFirst and dearFirst are the lines by what a unit is worth.
	cheapFirst, dearFirst []int
	// units, order and touched are what pick works in.
	units          []int64
	order, touched []int
	// seen says how far each promotion came; nil when no banner depends on it.
	seen []standing
}

// line is a line on its way through an evaluation.
type line struct {
	*Line
	at   int          // in the basket
	list money.Amount // before discounts
	left money.Amount // what nobody has taken off yet
	cuts []cut
	// counts says that conditions see the line, open that discounts of items may
	// touch it.
	counts, open bool
}

// source is what takes something off.
type source struct {
	kind Source
	id   int64
	code string
}

func sourceOf(r Redeemed) source {
	if r.CouponID != 0 {
		return source{FromCoupon, r.CouponID, r.Code}
	}
	return source{FromCoupon, r.CodeID, r.Code}
}

// share is an amount that is taken off the order.
type share struct {
	source source
	amount money.Amount
	turn   int32 // of the source
}

func newRun(o *Offers, b *Basket, now time.Time) *run {
	r := &run{offers: o, basket: b, now: now, out: newOutcome(o, b), lines: make([]line, 0, len(b.Lines))}
	if o != nil && o.notifies {
		r.seen = make([]standing, len(o.promotions))
	}
	settings := o.settings()
	r.original = settings.FromOriginalPrice
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Kind != Goods {
			continue
		}
		list := l.List * money.Amount(l.Quantity)
		r.lines = append(r.lines, line{Line: l, at: i, list: list, left: list,
			counts: l.List > 0 || settings.TriggeredByZero, open: !l.Overridden || settings.OnCustomPrices})
	}
	byID := func(x, y line) int { return strings.Compare(x.ID, y.ID) }
	if !slices.IsSortedFunc(r.lines, byID) {
		slices.SortFunc(r.lines, byID)
	}
	return r
}

// newOutcome returns an outcome that takes nothing off.
func newOutcome(o *Offers, b *Basket) *Outcome {
	out := &Outcome{Lines: make([]LineOutcome, len(b.Lines))}
	for _, code := range b.Codes {
		c := CodeOutcome{Code: code.Code, Type: PromotionCoupon}
		if coupon := o.Coupon(code.CouponID); coupon != nil {
			c.Type, c.DisplayName = coupon.Type, coupon.Name
		} else if p := o.Promotion(code.PromotionID); p != nil {
			c.DisplayName = cmp.Or(p.DisplayName, p.Name)
		} else {
			c.Gone = true
		}
		out.Codes = append(out.Codes, c)
	}
	return out
}

func (o *Offers) settings() Settings {
	if o == nil {
		return DefaultSettings
	}
	return o.Settings
}

// automatic applies the promotions that need no code. One that ends the
// evaluation ends that of this list; one that stands alone ends all of it.
func (r *run) automatic() {
	for i, p := range r.offers.Promotions() {
		if p.Redemption != Automatic || !p.running(r.now) || !p.fits(r.basket) {
			continue
		}
		if !p.Combines && len(r.sources) > 0 {
			continue
		}
		if r.promotion(i, source{FromPromotion, p.ID, ""}) && (p.Stop || !p.Combines) {
			break
		}
	}
	r.sharePending()
}

// byCode applies the promotions that codes won. A promotion applies once, by
// the first of its codes.
func (r *run) byCode() {
	for i, p := range r.offers.Promotions() {
		if r.closed {
			return
		}
		code := r.basket.codeOf(p)
		if code == nil || !p.running(r.now) || !p.fits(r.basket) || (!p.Combines && len(r.sources) > 0) {
			continue
		}
		if r.promotion(i, sourceOf(*code)) && p.Stop {
			return
		}
	}
}

// codeOf returns the code that won a promotion, or nil.
func (b *Basket) codeOf(p *Promotion) *Redeemed {
	if p.Redemption != ByCoupon {
		return nil
	}
	for i := range b.Codes {
		if b.Codes[i].PromotionID == p.ID {
			return &b.Codes[i]
		}
	}
	return nil
}

// promotion runs the rules of a promotion and reports whether one applied.
func (r *run) promotion(at int, src source) bool {
	p := r.offers.promotions[at]
	var s standing
	for i := range p.Rules {
		f := r.check(p, p.Rules[i].Condition)
		s.add(f)
		if f.holds && r.rule(p, i, f, src) {
			s.applied = true
			if p.Rules[i].Stop {
				break
			}
		}
	}
	if r.seen != nil {
		r.seen[at] = s
	}
	if s.applied {
		r.closed = r.closed || !p.Combines
		use := Use{PromotionID: p.ID}
		if src.kind == FromCoupon {
			use.CodeID = src.id
		}
		r.applied(src, use)
	}
	return s.applied
}

// applied notes that a source did something.
func (r *run) applied(src source, use Use) {
	r.sources = append(r.sources, src)
	r.out.Uses = append(r.out.Uses, use)
}

// rule does what a rule says whose condition holds, and reports whether that
// changed anything.
func (r *run) rule(p *Promotion, at int, f fit, src source) bool {
	rule := &p.Rules[at]
	if rule.ApplyOnce {
		f.times = 1
	}
	a := &rule.Action
	switch {
	case a.CartValue != nil:
		return r.cartValue(p, a.CartValue, f, src)
	case a.CartItems != nil:
		return (a.CartItems.AddFree && r.addFree(p, at, a.CartItems, f, src)) || r.cartItems(p, a.CartItems, f, src)
	case a.FixedPriceSet != nil:
		return r.fixedPriceSet(p, a.FixedPriceSet, f, src)
	case a.GiftItem != nil:
		g := a.GiftItem
		return r.add(Added{ProductID: g.ProductID, VariantID: g.VariantID, Quantity: g.Quantity}, p, at, f, src)
	case a.Shipping != nil:
		r.out.Shipping = append(r.out.Shipping, ShippingCut{Source: src.kind, ID: src.id, Code: src.code, Free: true, ZoneIDs: a.Shipping.ZoneIDs})
		return true
	}
	return false
}

func (r *run) finish() *Outcome {
	r.writeCuts()
	r.out.Banners = r.banners()
	return r.out
}

// manual is the outcome of discounts that the API set: what it takes off each
// line, then its share of what it takes off the order (spec/05 §1.4).
func manual(o *Offers, b *Basket) *Outcome {
	r := &run{offers: o, basket: b, out: newOutcome(o, b)}
	src := source{kind: FromManual}
	for i := range b.Lines {
		l := &b.Lines[i]
		list := l.List * money.Amount(l.Quantity)
		r.lines = append(r.lines, line{Line: l, at: i, list: list, left: list})
	}
	slices.SortFunc(r.lines, func(x, y line) int { return strings.Compare(x.ID, y.ID) })
	for i := range r.lines {
		l := &r.lines[i]
		r.take(l, l.ManualOff, src, false)
	}
	r.spread(b.ManualOff, src, true)
	r.sources = []source{src}
	r.writeCuts()
	r.out.Manual = r.out.Discount
	return r.out
}
