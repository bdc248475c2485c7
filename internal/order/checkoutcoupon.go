package order

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// FoundCode is what stands behind a code that a shopper typed: a classic coupon,
// or the code of a promotion with that promotion. Without either, nobody knows
// the code.
type FoundCode struct {
	Typed  string
	Coupon *promotion.Coupon
	Code   *promotion.Code
	// Promotion is that of Code; nil when it is gone.
	Promotion *promotion.Promotion
	// Uses are the redemptions by now.
	Uses promotion.Uses
}

// applied returns the code as a cart keeps it.
func (f FoundCode) applied() cart.Applied {
	if f.Coupon != nil {
		return cart.Applied{Code: f.Coupon.Code, ID: f.Coupon.ID, Type: string(f.Coupon.Type), DisplayName: f.Coupon.Name}
	}
	a := cart.Applied{Code: f.Code.Code, ID: f.Code.ID, PromotionID: f.Code.PromotionID, Type: string(promotion.PromotionCoupon)}
	if f.Promotion != nil {
		if a.DisplayName = f.Promotion.DisplayName; a.DisplayName == "" {
			a.DisplayName = f.Promotion.Name
		}
	}
	return a
}

// ApplyCoupon applies a code (spec/05 §7.2). One that the checkout has already
// leaves it as it is. How often the code was used is counted before the change:
// paying for the order counts again.
func (s *Checkouts) ApplyCoupon(ctx context.Context, store string, checkout cart.ID, code string, opt cart.Options) (*cart.Cart, error) {
	found, refused := s.findCode(ctx, store, checkout, code)
	if refused != nil && fault.As(refused) == nil {
		return nil, refused
	}
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, now time.Time) ([]event.Event, error) {
		if refused != nil { // said after a missing cart and a stale version
			return nil, refused
		}
		if hasCode(c, found.Typed) {
			return nil, errUnchanged
		}
		if c.Manual {
			return nil, fault.New(fault.Invalid, "A coupon cannot be applied while a manual discount is.")
		}
		if found.Coupon == nil && found.Code == nil {
			return nil, fault.Newf(fault.Invalid, "The coupon code %s is not valid.", found.Typed)
		}
		if err := s.check(c, shop, found, now); err != nil {
			return nil, err
		}
		applied := found.applied()
		if err := addCode(c, applied, maxCoupons(shop)); err != nil {
			return nil, err
		}
		return []event.Event{{Scope: event.CouponApplied, Coupon: applied.ID}, {Scope: event.CartUpdated}}, nil
	})
}

// RemoveCoupon takes a code back. One that the checkout does not have leaves it
// as it is.
func (s *Checkouts) RemoveCoupon(ctx context.Context, store string, checkout cart.ID, code string, opt cart.Options) (*cart.Cart, error) {
	key := promotion.CodeKey(code)
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if !hasCode(c, key) {
			return nil, errUnchanged
		}
		c.Coupons = slices.DeleteFunc(c.Coupons, func(a cart.Applied) bool { return promotion.CodeKey(a.Code) == key })
		return []event.Event{{Scope: event.CartUpdated}}, nil
	})
}

func hasCode(c *cart.Cart, code string) bool {
	key := promotion.CodeKey(code)
	return slices.ContainsFunc(c.Coupons, func(a cart.Applied) bool { return promotion.CodeKey(a.Code) == key })
}

// addCode puts a code on the cart: beside the others, or in the place of the
// only one that is allowed (spec/05 §7.2).
func addCode(c *cart.Cart, a cart.Applied, most int64) error {
	if most == 1 {
		c.Coupons = []cart.Applied{a}
		return nil
	}
	if int64(len(c.Coupons)) >= most {
		return fault.Newf(fault.Invalid, "Only %d coupons can be used on one order.", most)
	}
	c.Coupons = append(c.Coupons, a)
	return nil
}

func maxCoupons(shop cart.Shop) int64 {
	if shop.Offers == nil || shop.Offers.Settings.MaxCoupons < 1 {
		return promotion.DefaultSettings.MaxCoupons
	}
	return shop.Offers.Settings.MaxCoupons
}

// findCode looks up what stands behind a code and how often it was used, by
// anybody and by whom the cart belongs to.
func (s *Checkouts) findCode(ctx context.Context, store string, checkout cart.ID, typed string) (FoundCode, error) {
	f := FoundCode{Typed: strings.TrimSpace(typed)}
	switch n := utf8.RuneCountInString(f.Typed); {
	case n == 0:
		return f, fault.Field("coupon_code", fault.MinLength)
	case n > promotion.MaxCode:
		return f, fault.Field("coupon_code", fault.MaxLength)
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return f, err
	}
	var use promotion.Use
	if f.Coupon = shop.Offers.CouponByCode(f.Typed); f.Coupon != nil {
		use.CouponID = f.Coupon.ID
	} else {
		if f.Code, err = s.codes.FindCode(ctx, store, promotion.CodeKey(f.Typed)); err != nil || f.Code == nil {
			return f, err
		}
		f.Promotion = shop.Offers.Promotion(f.Code.PromotionID)
		use.CodeID, use.PromotionID = f.Code.ID, f.Code.PromotionID
	}
	c, err := s.carts.Get(ctx, store, checkout)
	if err != nil {
		return f, err
	}
	f.Uses, err = s.codes.CountUses(ctx, store, use, promotion.Shopper{CustomerID: c.CustomerID, Email: c.Email})
	return f, err
}
