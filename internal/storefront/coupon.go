package storefront

import (
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
)

// codeForm is a form for a code, with what was typed when it was refused.
type codeForm struct {
	Action         string
	Typed, Problem string
}

// couponView is a coupon that the cart has.
type couponView struct{ Code, Name string }

func couponViews(c *cart.Cart) []couponView {
	var all []couponView
	for _, a := range c.Coupons {
		view := couponView{Code: a.Code}
		if a.DisplayName != a.Code {
			view.Name = a.DisplayName
		}
		all = append(all, view)
	}
	return all
}

// applyCoupon applies a code that the shopper typed to the session's cart. A
// refusal is returned in a shopper's words.
func (v *visit) applyCoupon(code string) (problem string, err error) {
	c, err := v.currentCart()
	if err != nil {
		return "", err
	}
	if c == nil {
		return "Your cart is empty, so there is nothing to apply a coupon to.", nil
	}
	return v.applyCouponTo(c.ID, code)
}

func (v *visit) applyCouponTo(cartID cart.ID, code string) (problem string, err error) {
	if code = strings.TrimSpace(code); code == "" {
		return "Please enter a coupon code.", nil
	}
	c, err := v.Checkouts.ApplyCoupon(v.ctx(), v.store(), cartID, code, cart.Options{})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return shopperText(f), nil
	}
	if err != nil {
		return "", err
	}
	for _, a := range c.Coupons {
		if strings.EqualFold(strings.TrimSpace(a.Code), code) {
			code = a.Code
		}
	}
	v.tell(notice{Text: "The coupon " + code + " was applied."})
	return "", nil
}

// removeCoupon takes a code off the session's cart.
func (v *visit) removeCoupon(code string) error {
	c, err := v.currentCart()
	if err != nil || c == nil {
		return err
	}
	if _, err := v.Checkouts.RemoveCoupon(v.ctx(), v.store(), c.ID, code, cart.Options{}); err != nil {
		return err
	}
	v.tell(notice{Text: "The coupon " + shorten(code, 60) + " was removed."})
	return nil
}

// couponByURL applies the code that a link carries to a cart, and returns what
// to tell about it (spec/06 §5.1, §5.2).
func (v *visit) couponByURL(cartID cart.ID, code string) ([]notice, error) {
	if code = strings.TrimSpace(code); code == "" {
		return nil, nil
	}
	_, err := v.Checkouts.ApplyCoupon(v.ctx(), v.store(), cartID, code, cart.Options{})
	switch f := fault.As(err); {
	case f != nil && f.Kind == fault.Invalid:
		return []notice{{Text: shopperText(f), Failed: true}}, nil
	case err != nil:
		return nil, err
	}
	return []notice{{Text: "The coupon " + shorten(code, 60) + " was applied."}}, nil
}
