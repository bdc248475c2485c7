package promotion

import (
	"cmp"
	"maps"
	"slices"
)

// Offers is everything a store offers at one moment. It never changes; With
// makes the next one. A nil Offers offers nothing.
type Offers struct {
	// Revision moves with every change of what is offered.
	Revision int64
	Settings Settings

	promotions []*Promotion // by priority, then id
	byID       map[int64]*Promotion
	coupons    map[int64]*Coupon
	codes      map[string]*Coupon // by CodeKey
	notifies   bool               // some promotion has banners
	options    bool               // some promotion asks for options of lines
}

// NewOffers returns these offers. It keeps the pointers: the caller must not
// change what they point to afterwards.
func NewOffers(revision int64, settings Settings, promotions []*Promotion, coupons []*Coupon) *Offers {
	o := &Offers{Revision: revision, Settings: settings, coupons: map[int64]*Coupon{}, codes: map[string]*Coupon{}}
	o.setPromotions(slices.Clone(promotions))
	for _, c := range coupons {
		o.put(c)
	}
	return o
}

func (o *Offers) setPromotions(all []*Promotion) {
	slices.SortFunc(all, func(a, b *Promotion) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.ID, b.ID))
	})
	o.promotions, o.byID, o.notifies, o.options = all, make(map[int64]*Promotion, len(all)), false, false
	for _, p := range all {
		o.byID[p.ID] = p
		o.notifies = o.notifies || len(p.Notifications) > 0
		o.options = o.options || p.asksOptions()
	}
}

func (o *Offers) put(c *Coupon) {
	o.coupons[c.ID], o.codes[CodeKey(c.Code)] = c, c
}

// With returns offers with these settings, these promotions put in or replaced
// and these ids gone. o stays as it was.
func (o *Offers) With(revision int64, settings Settings, changed []*Promotion, deleted []int64) *Offers {
	next := *o
	next.Revision, next.Settings = revision, settings
	if len(changed) == 0 && len(deleted) == 0 {
		return &next
	}
	replaced := map[int64]bool{}
	for _, id := range deleted {
		replaced[id] = true
	}
	for _, p := range changed {
		replaced[p.ID] = true
	}
	all := slices.DeleteFunc(slices.Clone(o.promotions), func(p *Promotion) bool { return replaced[p.ID] })
	next.setPromotions(append(all, changed...))
	return &next
}

// WithCoupons returns offers with these coupons put in or replaced and these
// ids gone. o stays as it was.
func (o *Offers) WithCoupons(revision int64, changed []*Coupon, deleted []int64) *Offers {
	next := *o
	next.Revision = revision
	if len(changed) == 0 && len(deleted) == 0 {
		return &next
	}
	next.coupons, next.codes = maps.Clone(o.coupons), maps.Clone(o.codes)
	remove := func(id int64) {
		if old := next.coupons[id]; old != nil {
			delete(next.coupons, id)
			if key := CodeKey(old.Code); next.codes[key] == old {
				delete(next.codes, key)
			}
		}
	}
	for _, id := range deleted {
		remove(id)
	}
	for _, c := range changed {
		remove(c.ID)
		next.put(c)
	}
	return &next
}

// Promotions returns every promotion, by priority and id. It must not be
// changed.
func (o *Offers) Promotions() []*Promotion {
	if o == nil {
		return nil
	}
	return o.promotions
}

// AsksOptions reports whether some promotion asks with which options a line was
// chosen, so that a basket must say it.
func (o *Offers) AsksOptions() bool { return o != nil && o.options }

// Promotion returns the promotion with this id, or nil.
func (o *Offers) Promotion(id int64) *Promotion {
	if o == nil {
		return nil
	}
	return o.byID[id]
}

// Coupon returns the classic coupon with this id, or nil.
func (o *Offers) Coupon(id int64) *Coupon {
	if o == nil {
		return nil
	}
	return o.coupons[id]
}

// CouponByCode returns the classic coupon with this code, or nil.
func (o *Offers) CouponByCode(code string) *Coupon {
	if o == nil {
		return nil
	}
	return o.codes[CodeKey(code)]
}
