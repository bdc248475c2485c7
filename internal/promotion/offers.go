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
}

// NewOffers returns these offers. It keeps the pointers: the caller must not
// change what they point to afterwards.
func NewOffers(revision int64, settings Settings, promotions []*Promotion, coupons []*Coupon) *Offers {
	o := &Offers{Revision: revision, Settings: settings, promotions: slices.Clone(promotions), byID: map[int64]*Promotion{},
		coupons: map[int64]*Coupon{}, codes: map[string]*Coupon{}}
	slices.SortFunc(o.promotions, func(a, b *Promotion) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.ID, b.ID))
	})
	for _, p := range o.promotions {
		o.byID[p.ID] = p
	}
	for _, c := range coupons {
		o.put(c)
	}
	return o
}

func (o *Offers) put(c *Coupon) {
	o.coupons[c.ID], o.codes[CodeKey(c.Code)] = c, c
}

// WithCoupons returns offers with these coupons put in or replaced and these
// ids gone. o stays as it was.
func (o *Offers) WithCoupons(revision int64, changed []*Coupon, deleted []int64) *Offers {
	next := *o
	next.Revision, next.coupons, next.codes = revision, maps.Clone(o.coupons), maps.Clone(o.codes)
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
