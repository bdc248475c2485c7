package storefront

import (
	"net/http"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/money"
)

// sums are the amounts of a cart that are spread over its lines.
type sums struct{ list, discount, coupon, wrapping money.Amount }

func sumsOf(c *cart.Cart) sums {
	s := sums{discount: c.Totals.Discount}
	for i := range c.Lines {
		l := &c.Lines[i]
		s.list += l.ExtendedList
		s.discount += l.Discount
		s.coupon += l.Coupon
		s.wrapping += l.WrapPrice
	}
	return s
}

// checkoutRequest shows the order as it stands: taking payment is not part of
// this server yet, and the page says so. With ?products= it makes a new cart
// first (spec/06 §5.2).
func (v *visit) checkoutRequest() error {
	if err := v.allow(http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	if list := v.r.URL.Query().Get("products"); list != "" {
		return v.buyList(strings.TrimSuffix(v.path, "/"), list)
	}
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	view := v.cartView(c)
	return v.render(http.StatusOK, checkoutTemplate, v.page("Checkout", &view))
}
