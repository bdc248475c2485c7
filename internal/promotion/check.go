package promotion

import (
	"slices"
	"time"
	"unicode/utf8"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// Admission is how a code goes into a basket.
type Admission struct {
	Redeemed
	// Already says that the basket has the code: nothing is to be done.
	Already bool
	// Replaces are codes of the basket that go, as they are written there.
	Replaces []string
}

// Admit says whether a code that somebody typed may be applied to a basket, or
// why not, in the order of spec/05 §7.2. For a code of a promotion, code is
// what Redemptions.FindCode found; for any other it is nil. uses is what
// Redemptions.CountUses counted. The basket is as it stands before.
//
// Of a store that allows one coupon, a new one replaces the old. A country is
// asked for only when it is known where the order goes.
func (o *Offers) Admit(b *Basket, typed string, code *Code, uses Uses, now time.Time) (Admission, error) {
	if utf8.RuneCountInString(typed) > MaxCode {
		return Admission{}, fault.Field("coupon_code", fault.MaxLength)
	}
	k, err := o.candidate(b, typed, code)
	if err != nil {
		return Admission{}, err
	}
	if b.has(k.Code) {
		return Admission{Redeemed: k.Redeemed, Already: true}, nil
	}
	for _, check := range []func(*Basket, Uses, time.Time) error{k.checkTime, k.checkUses, k.checkBasket, k.checkShopper, k.checkCurrency} {
		if err := check(b, uses, now); err != nil {
			return Admission{}, err
		}
	}
	a := Admission{Redeemed: k.Redeemed}
	if a.Replaces, err = o.makeRoom(b, k); err != nil {
		return Admission{}, err
	}
	return a, o.trial(b, k, a.Replaces, now)
}

// candidate is a code that somebody wants to apply: of a coupon or of a
// promotion.
type candidate struct {
	Redeemed
	offers    *Offers
	coupon    *Coupon
	promotion *Promotion
	code      *Code
}

// candidate finds what a code is of. One that another cart alone can use is as
// good as unknown: nobody learns by trying which codes there are.
func (o *Offers) candidate(b *Basket, typed string, code *Code) (candidate, error) {
	if c := o.CouponByCode(typed); c != nil && c.Enabled && c.usableBy(b) {
		return candidate{Redeemed: Redeemed{Code: c.Code, CouponID: c.ID}, offers: o, coupon: c}, nil
	}
	if code != nil && CodeKey(code.Code) == CodeKey(typed) {
		if p := o.Promotion(code.PromotionID); p != nil && p.Redemption == ByCoupon && p.Status == Enabled {
			return candidate{Redeemed: Redeemed{Code: code.Code, CodeID: code.ID, PromotionID: p.ID}, offers: o, promotion: p, code: code}, nil
		}
	}
	return candidate{}, fault.Newf(fault.Invalid, "The coupon code %s is not valid.", typed)
}

// Refusal is what a refusal says of a code, without naming it: it goes on
// after the code, and ends in no full stop.
type Refusal string

// Error returns it.
func (r Refusal) Error() string { return string(r) }

// The refusals that more than one rule speaks.
const (
	hasExpired Refusal = "has expired"
	usedUp     Refusal = "has been used as often as it can be"
)

// refuse refuses the code in words for whoever typed it.
func (k *candidate) refuse(why Refusal) error {
	return &fault.Error{Kind: fault.Invalid, Title: "The coupon code " + k.Code + " " + string(why) + ".", Err: why}
}

// Unusable says why nobody can use a coupon, after so many uses: "has expired".
// It is "" for one that somebody may.
func (c *Coupon) Unusable(uses Uses, now time.Time) Refusal {
	switch {
	case !c.Enabled:
		return "is disabled"
	case c.expired(now):
		return hasExpired
	case spent(uses.Total, c.MaxUses):
		return usedUp
	}
	return ""
}

// spent reports whether a limit is reached; 0 is none.
func spent(n, limit int64) bool { return limit > 0 && n >= limit }

func (k *candidate) checkTime(_ *Basket, uses Uses, now time.Time) error {
	if k.coupon != nil {
		if why := k.coupon.Unusable(uses, now); why != "" {
			return k.refuse(why)
		}
		return nil
	}
	switch p := k.promotion; {
	case !p.End.IsZero() && !now.Before(p.End):
		return k.refuse(hasExpired)
	case !p.running(now):
		return k.refuse("cannot be used at this time")
	}
	return nil
}

func (k *candidate) checkUses(_ *Basket, uses Uses, _ time.Time) error {
	var each int64
	if k.coupon != nil {
		each = k.coupon.MaxUsesPerCustomer // the rest is Unusable
	} else {
		each = k.code.MaxUsesPerCustomer
		if spent(uses.Promotion, k.promotion.MaxUses) || spent(uses.Total, k.code.MaxUses) {
			return k.refuse(usedUp)
		}
	}
	if spent(uses.ByShopper, each) {
		return k.refuse("has been used by this customer as often as it can be")
	}
	return nil
}

// checkBasket asks for the minimum purchase and for lines that match.
func (k *candidate) checkBasket(b *Basket, _ Uses, now time.Time) error {
	r := newRun(k.offers, b, now)
	if k.coupon != nil {
		least := k.coupon.MinPurchase
		if b.Currency.Rate != 0 {
			least, _ = b.Currency.Rate.Convert(least, b.Currency.Places)
		}
		switch {
		case r.spent() < least:
			return k.tooLittle(least, b)
		case !r.forSome(k.coupon):
			return k.noMatch()
		}
		return nil
	}
	for i := range k.promotion.Rules {
		if r.check(k.promotion, k.promotion.Rules[i].Condition).holds {
			return nil
		}
	}
	for i := range k.promotion.Rules {
		if c := k.promotion.Rules[i].Condition; c.Cart != nil && c.Cart.Items == nil {
			return k.tooLittle(b.amount(k.promotion, c.Cart.MinimumSpend), b)
		}
	}
	return k.noMatch()
}

func (k *candidate) tooLittle(least money.Amount, b *Basket) error {
	return k.refuse("requires a minimum purchase of " + Refusal(least.Fixed(b.Currency.Places)+" "+b.Currency.Code))
}

func (k *candidate) noMatch() error { return k.refuse("does not apply to the items in the cart") }

func (k *candidate) checkShopper(b *Basket, _ Uses, _ time.Time) error {
	countries := k.countries()
	if p := k.promotion; p != nil {
		switch {
		case len(p.Channels) > 0 && !slices.Contains(p.Channels, b.Channel):
			return k.refuse("is not valid in this shop")
		case !p.Customer.has(b):
			return k.refuse("is not valid for this customer")
		}
	}
	if len(b.Countries) > 0 && !sentTo(countries, b.Countries) {
		return k.refuse("is not valid for the country that the order is sent to")
	}
	return nil
}

func (k *candidate) countries() []string {
	if k.coupon != nil {
		return k.coupon.Countries
	}
	return k.promotion.Countries
}

func (k *candidate) checkCurrency(b *Basket, _ Uses, _ time.Time) error {
	switch {
	case k.coupon != nil && !b.Currency.Default:
		return fault.New(fault.Invalid, "Coupons only apply to default currency.")
	case k.promotion != nil && !k.promotion.inCurrency(b):
		return k.refuse(Refusal("does not apply in " + b.Currency.Code))
	}
	return nil
}

// makeRoom returns which codes go for a new one.
func (o *Offers) makeRoom(b *Basket, k candidate) ([]string, error) {
	most := max(o.settings().MaxCoupons, 1)
	overrides := k.promotion != nil && !k.promotion.Combines && k.promotion.Overrides
	if most > 1 && !overrides {
		if int64(len(b.Codes)) >= most {
			return nil, fault.Newf(fault.Invalid, "Only %d coupon codes can be used at once.", most)
		}
		return nil, nil
	}
	var all []string
	for _, c := range b.Codes {
		all = append(all, c.Code)
	}
	return all, nil
}

// trial evaluates the basket without the code and with it. A code is refused
// that does not go together with what is there, and one that would do nothing.
func (o *Offers) trial(b *Basket, k candidate, replaced []string, now time.Time) error {
	if b.Manual {
		return k.refuse("cannot be used together with a manual discount")
	}
	before := *b
	before.Codes = slices.DeleteFunc(slices.Clone(b.Codes), func(c Redeemed) bool { return slices.Contains(replaced, c.Code) })
	if countries := k.countries(); len(b.Countries) == 0 && len(countries) > 0 {
		before.Countries = countries[:1]
	}
	uses := o.Evaluate(&before, now).Uses
	apart := k.refuse("cannot be used together with the discounts of this cart")
	for _, use := range uses {
		if !k.combines(use) {
			return apart
		}
	}
	with := before
	with.Codes = append(slices.Clone(before.Codes), k.Redeemed)
	switch {
	case slices.Contains(o.Evaluate(&with, now).Uses, k.use()):
		return nil
	case len(uses) > 0 && k.standsAlone():
		return apart
	}
	return k.noMatch()
}

// standsAlone reports whether the code is of a promotion that does not combine.
func (k *candidate) standsAlone() bool { return k.promotion != nil && !k.promotion.Combines }

// combines reports whether the code may come to what something else does: it is
// not another code of the same promotion, and neither stands alone, unless the
// code throws others out. The deprecated switch does that to automatic
// promotions only.
func (k *candidate) combines(use Use) bool {
	other := k.offers.Promotion(use.PromotionID)
	byCode := use.CouponID != 0 || use.CodeID != 0
	switch {
	case other != nil && other == k.promotion:
		return false
	case k.standsAlone() && (k.promotion.Overrides || (k.promotion.OverridesWhenBetter && !byCode)):
		return true
	}
	return !k.standsAlone() && (other == nil || other.Combines)
}

func (k *candidate) use() Use {
	return Use{CouponID: k.CouponID, PromotionID: k.PromotionID, CodeID: k.CodeID}
}
