package promotion

import "cartwright/internal/fault"

// NameTaken refuses a coupon whose name another one has.
func NameTaken() error {
	return &fault.Error{Kind: fault.Conflict, Title: "A coupon with this name exists already.",
		Fields: map[string]string{"name": "A coupon with this name exists already."}}
}

// CodeTaken refuses a code that another coupon or promotion has.
func CodeTaken() error {
	return &fault.Error{Kind: fault.Conflict, Title: "This coupon code is in use already.",
		Fields: map[string]string{"code": "This coupon code is in use already."}}
}

// CodeGone refuses to redeem a code that was deleted since it was applied.
func CodeGone() error {
	return fault.New(fault.Invalid, "A coupon code of this order is no longer valid.")
}

// UsedUp refuses to redeem what was used as often as it may be; code is "" for
// an automatic promotion.
func UsedUp(code string) error {
	if code == "" {
		return fault.New(fault.Invalid, "A promotion of this order has reached its maximum number of uses.")
	}
	return fault.Newf(fault.Invalid, "The coupon code %s has reached its maximum number of uses.", code)
}

// UsedUpByShopper refuses to redeem what this shopper used as often as one may.
func UsedUpByShopper(code string) error {
	return fault.Newf(fault.Invalid, "The coupon code %s has reached its maximum number of uses per customer.", code)
}

// SwitchOffUsedUp disables a promotion that was used as often as it may be
// (spec/05 §7.3), and reports whether it did.
func (p *Promotion) SwitchOffUsedUp(used int64) bool {
	if p.Status != Enabled || p.MaxUses == 0 || used < p.MaxUses {
		return false
	}
	p.Status = Disabled
	return true
}
