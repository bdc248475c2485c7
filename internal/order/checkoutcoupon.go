package order

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// typedCode is a code that a shopper typed, with what must be looked up of it
// before the cart is changed.
type typedCode struct {
	text string
	code *promotion.Code // when it is that of a promotion
	uses promotion.Uses
}

// ApplyCoupon applies a code (spec/05 §7.2). One that the checkout has already
// leaves it as it is. How often the code was used is counted before the change:
// paying for the order counts again.
func (s *Checkouts) ApplyCoupon(ctx context.Context, store string, checkout cart.ID, code string, opt cart.Options) (*cart.Cart, error) {
	typed, refused := s.lookUp(ctx, store, checkout, code)
	if refused != nil && fault.As(refused) == nil {
		return nil, refused
	}
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, now time.Time) ([]event.Event, error) {
		if refused != nil { // said after a missing cart and a stale version
			return nil, refused
		}
		if hasCode(c, typed.text) {
			return nil, errUnchanged
		}
		admission, err := admit(c, shop, typed, now)
		switch {
		case err != nil:
			return nil, err
		case admission.Already:
			return nil, errUnchanged
		}
		return addCode(c, shop, admission), nil
	})
}

// admit asks the store's offers how a code goes onto the cart as it stands, or
// why it does not.
func admit(c *cart.Cart, shop cart.Shop, typed typedCode, now time.Time) (promotion.Admission, error) {
	basket, err := pricing.Basket(c, shop)
	if err != nil {
		return promotion.Admission{}, err
	}
	return shop.Offers.Admit(basket, typed.text, typed.code, typed.uses, now)
}

// addCode puts a code onto the cart, in the place of those that it replaces.
func addCode(c *cart.Cart, shop cart.Shop, a promotion.Admission) []event.Event {
	c.Coupons = slices.DeleteFunc(c.Coupons, func(old cart.Applied) bool { return slices.Contains(a.Replaces, old.Code) })
	applied := cart.Applied{Code: a.Code, ID: cmp.Or(a.CouponID, a.CodeID), PromotionID: a.PromotionID, Type: string(promotion.PromotionCoupon)}
	if coupon := shop.Offers.Coupon(a.CouponID); coupon != nil {
		applied.Type = string(coupon.Type)
	}
	c.Coupons = append(c.Coupons, applied)
	return []event.Event{{Scope: event.CouponApplied, Coupon: applied.ID}, {Scope: event.CartUpdated}}
}

// RemoveCoupon takes a code back. One that the checkout does not have leaves it
// as it is.
func (s *Checkouts) RemoveCoupon(ctx context.Context, store string, checkout cart.ID, code string, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if !hasCode(c, code) {
			return nil, errUnchanged
		}
		c.Coupons = slices.DeleteFunc(c.Coupons, func(a cart.Applied) bool { return sameCode(a.Code, code) })
		return []event.Event{{Scope: event.CartUpdated}}, nil
	})
}

func hasCode(c *cart.Cart, code string) bool {
	return slices.ContainsFunc(c.Coupons, func(a cart.Applied) bool { return sameCode(a.Code, code) })
}

func sameCode(a, b string) bool { return promotion.CodeKey(a) == promotion.CodeKey(b) }

// lookUp finds what stands behind a code and how often it was used, by anybody
// and by whom the cart belongs to.
func (s *Checkouts) lookUp(ctx context.Context, store string, checkout cart.ID, text string) (typedCode, error) {
	typed := typedCode{text: strings.TrimSpace(text)}
	switch n := utf8.RuneCountInString(typed.text); {
	case n == 0:
		return typed, fault.Field("coupon_code", fault.MinLength)
	case n > promotion.MaxCode:
		return typed, fault.Field("coupon_code", fault.MaxLength)
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return typed, err
	}
	var use promotion.Use
	if coupon := shop.Offers.CouponByCode(typed.text); coupon != nil {
		use.CouponID = coupon.ID
	} else {
		typed.code, err = s.codes.FindCode(ctx, store, promotion.CodeKey(typed.text))
		if err != nil || typed.code == nil {
			return typed, err // who refuses it is who knows the words
		}
		use.CodeID, use.PromotionID = typed.code.ID, typed.code.PromotionID
	}
	c, err := s.carts.Get(ctx, store, checkout)
	if err != nil {
		return typed, err
	}
	typed.uses, err = s.codes.CountUses(ctx, store, use, promotion.Shopper{CustomerID: c.CustomerID, Email: c.Email})
	return typed, err
}
