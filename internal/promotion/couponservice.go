package promotion

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// CouponFilter selects coupons. Nil lists and zero values select all.
type CouponFilter struct {
	IDs          []int64
	MinID, MaxID int64
	Code         string
	Name         string
	// Promotions are those with this name, whose codes have no other.
	Promotions        []int64
	Type, ExcludeType CouponType
}

// CouponRow is a code that shows itself as a coupon. Coupon is nil for that of
// a promotion.
type CouponRow struct {
	Code
	Coupon *Coupon
}

// CouponStorage keeps classic coupons.
type CouponStorage interface {
	// Coupons returns a part of the coupons, and of the codes of promotions with
	// one code, that the filter selects.
	Coupons(ctx context.Context, store string, f CouponFilter, r cursor.Range) (cursor.Part[CouponRow], error)
	// CreateCoupon stores a new coupon under a new id. A name or code in use is a
	// Conflict fault.
	CreateCoupon(ctx context.Context, store string, c *Coupon) (*Coupon, error)
	// UpdateCoupon loads a coupon, calls change with it and writes what change
	// made of it. change may be called again. It returns a NotFound fault when
	// there is no such coupon.
	UpdateCoupon(ctx context.Context, store string, id int64, change func(*Coupon) error) (*Coupon, error)
	// DeleteCoupons removes coupons, and codes that show themselves as coupons;
	// nil removes all of them. It returns how many there were.
	DeleteCoupons(ctx context.Context, store string, ids []int64) (int, error)
}

// CouponFields is what a request says of a coupon. Nil fields stay as they
// are, but for AppliesTo: the vendor clears it.
type CouponFields struct {
	Name, Code          *string
	Type                *CouponType
	Amount, MinPurchase *money.Amount
	Expires             *time.Time // zero means never
	Enabled             *bool
	AppliesTo           AppliesTo
	MaxUses             *int64
	MaxUsesPerCustomer  *int64
	Countries           *[]string
	ShippingMethods     *[]string
}

// ListedCoupon is a coupon with how often it was used.
type ListedCoupon struct {
	*Coupon
	Uses int64
}

// CouponTypes are the types that a coupon can be made with.
var CouponTypes = []CouponType{PerItem, Percentage, PerTotal, ShippingOff, FreeShipping}

// MaxCouponName is how many characters the name of a coupon may have.
const MaxCouponName = 100

// Coupons returns a part of the coupons that the filter selects, the codes of
// promotions with one code among them (spec/05 §7.1).
func (s *Service) Coupons(ctx context.Context, store string, f CouponFilter, r cursor.Range) (cursor.Part[ListedCoupon], error) {
	var out cursor.Part[ListedCoupon]
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return out, err
	}
	if f.Name != "" {
		for _, p := range shelf.Offers.Promotions() {
			if p.Name == f.Name {
				f.Promotions = append(f.Promotions, p.ID)
			}
		}
	}
	part, err := s.storage.Coupons(ctx, store, f, r)
	if err != nil {
		return out, err
	}
	out = cursor.Part[ListedCoupon]{Total: part.Total, Earlier: part.Earlier, Later: part.Later}
	for _, row := range part.Entries {
		out.Entries = append(out.Entries, ListedCoupon{Coupon: row.shown(shelf), Uses: row.Uses})
	}
	return out, nil
}

// shown is the coupon itself, or what the code of a promotion looks like as
// one: the rules of the promotion do not fit there.
func (r CouponRow) shown(s Shelf) *Coupon {
	if r.Coupon != nil {
		return r.Coupon
	}
	c := &Coupon{ID: r.ID, Code: r.Code.Code, Type: PromotionCoupon, Created: r.Created,
		MaxUses: r.MaxUses, MaxUsesPerCustomer: r.MaxUsesPerCustomer}
	if p := s.Offers.Promotion(r.PromotionID); p != nil {
		c.Name, c.Enabled, c.Expires = p.Name, p.shownStatus(s) == Enabled, p.End
	}
	return c
}

// Coupon returns a coupon, or a NotFound fault.
func (s *Service) Coupon(ctx context.Context, store string, id int64) (ListedCoupon, error) {
	part, err := s.Coupons(ctx, store, CouponFilter{IDs: []int64{id}}, cursor.Range{Limit: 1})
	if err == nil && len(part.Entries) == 0 {
		err = errNotFound()
	}
	if err != nil {
		return ListedCoupon{}, err
	}
	return part.Entries[0], nil
}

// CreateCoupon makes a coupon, which is enabled unless told otherwise.
func (s *Service) CreateCoupon(ctx context.Context, store string, f CouponFields) (*Coupon, error) {
	c, err := NewCoupon(f, s.now())
	if err != nil {
		return nil, err
	}
	return s.storage.CreateCoupon(ctx, store, c)
}

// NewCoupon makes a coupon that is not stored yet.
func NewCoupon(f CouponFields, now time.Time) (*Coupon, error) {
	c := &Coupon{Enabled: true, Created: now}
	return c, c.apply(f)
}

// UpdateCoupon changes what is given of a coupon. The code of a promotion is
// refused: it is changed with its promotion.
func (s *Service) UpdateCoupon(ctx context.Context, store string, id int64, f CouponFields) (ListedCoupon, error) {
	before, err := s.Coupon(ctx, store, id)
	if err != nil {
		return before, err
	}
	if before.Type == PromotionCoupon {
		return before, fault.New(fault.Invalid, "This coupon is the code of a promotion and is changed with it.")
	}
	c, err := s.storage.UpdateCoupon(ctx, store, id, func(c *Coupon) error { return c.apply(f) })
	return ListedCoupon{Coupon: c, Uses: before.Uses}, err
}

// DeleteCoupon removes one coupon, or returns a NotFound fault.
func (s *Service) DeleteCoupon(ctx context.Context, store string, id int64) error {
	n, err := s.storage.DeleteCoupons(ctx, store, []int64{id})
	if err == nil && n == 0 {
		err = errNotFound()
	}
	return err
}

// DeleteCoupons removes coupons; nil removes all. What is not there is passed
// over.
func (s *Service) DeleteCoupons(ctx context.Context, store string, ids []int64) error {
	_, err := s.storage.DeleteCoupons(ctx, store, ids)
	return err
}

// apply changes what is given and checks the result.
func (c *Coupon) apply(f CouponFields) error {
	set(&c.Name, f.Name)
	set(&c.Code, f.Code)
	set(&c.Type, f.Type)
	set(&c.Amount, f.Amount)
	set(&c.MinPurchase, f.MinPurchase)
	set(&c.Expires, f.Expires)
	set(&c.Enabled, f.Enabled)
	set(&c.MaxUses, f.MaxUses)
	set(&c.MaxUsesPerCustomer, f.MaxUsesPerCustomer)
	set(&c.Countries, f.Countries)
	set(&c.ShippingMethods, f.ShippingMethods)
	c.AppliesTo = f.AppliesTo
	c.Name = strings.TrimSpace(c.Name)
	var err error
	if c.Code, err = cleanCode(c.Code); err != nil {
		return err
	}
	k := &check{}
	k.need(c.Name != "", "name", fault.MinLength)
	k.need(utf8.RuneCountInString(c.Name) <= MaxCouponName, "name", fault.MaxLength)
	k.need(slices.Contains(CouponTypes, c.Type), "type", fault.ExpectedEnum)
	k.need(c.Amount >= 0, "amount", fault.Min)
	k.need(c.Type != Percentage || c.Amount <= 100*money.Unit, "amount", fault.Max)
	k.need(c.MinPurchase >= 0, "min_purchase", fault.Min)
	k.need(c.MaxUses >= 0, "max_uses", fault.Min)
	k.need(c.MaxUsesPerCustomer >= 0, "max_uses_per_customer", fault.Min)
	for i, country := range c.Countries {
		k.need(merchant.IsCountry(country), at("restricted_to.countries", i), fault.ExpectedEnum)
	}
	return k.err()
}
