package order

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// FirstID is the id of a store's first order.
const FirstID = 100

// Order is what a cart became, or may become: the cart as it was priced, with
// its addresses and amounts, which no later change of the catalog touches.
//
// An order begins incomplete. It is settled once, by the payment or by the
// promise to pay: then it has taken its stock, its coupons are counted and its
// cart is gone (decisions 14).
type Order struct {
	ID    int64  `json:"id"`
	Store string `json:"store"`
	// Version starts at 1 and grows by one with each change.
	Version int64  `json:"version"`
	Status  Status `json:"status"`
	// Cart is the cart as it was when the order was made.
	Cart *cart.Cart `json:"cart"`
	// Email is where the shopper is written to: that of the billing address.
	Email string `json:"email,omitempty"`

	Currency Currency `json:"currency"`
	// LineIDs are the ids of the lines, AddressIDs those of the consignments,
	// each in the cart's order; CouponIDs those of the coupons in it.
	LineIDs    []int64 `json:"line_ids"`
	AddressIDs []int64 `json:"address_ids,omitempty"`
	CouponIDs  []int64 `json:"coupon_ids,omitempty"`

	// Settled says that stock was taken, uses counted and the cart converted.
	Settled bool `json:"settled,omitempty"`
	// Draws is the stock that the order took. Held says that it still has that,
	// and what gift certificates paid: giving back happens once.
	Draws []cart.Draw `json:"draws,omitempty"`
	Held  bool        `json:"held,omitempty"`

	// Charges are what gift certificates pay of it.
	Charges       []Charge      `json:"charges,omitempty"`
	PaymentMethod string        `json:"payment_method,omitempty"`
	Payment       PaymentStatus `json:"payment,omitempty"`
	// Reference is what the payment provider calls the payment.
	Reference string `json:"reference,omitempty"`

	StaffNotes     string `json:"staff_notes,omitempty"`
	Message        string `json:"message,omitempty"`
	ExternalSource string `json:"external_source,omitempty"`
	ExternalID     string `json:"external_id,omitempty"`

	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
	Shipped  time.Time `json:"shipped,omitzero"` // zero while it was not
	// Archived orders are only listed when they are asked for.
	Archived bool `json:"archived,omitempty"`
}

// Currency says what an order's amounts are in, and what that was worth.
type Currency struct {
	ID          int64      `json:"id"`
	Code        string     `json:"code"`
	Rate        money.Rate `json:"rate"` // units of it for one of the default currency
	DefaultID   int64      `json:"default_id"`
	DefaultCode string     `json:"default_code"`
}

// Total is what the order costs, before gift certificates.
func (o *Order) Total() money.Amount { return pricing.Sum(o.Cart).Grand }

// Charged is what gift certificates pay of the total.
func (o *Order) Charged() money.Amount {
	var n money.Amount
	for _, ch := range o.Charges {
		n += ch.Amount
	}
	return n
}

// Shopper is whom the order's redemptions are counted for.
func (o *Order) Shopper() promotion.Shopper {
	return promotion.Shopper{CustomerID: o.Cart.CustomerID, Email: o.Email}
}

// Uses lists what the order redeems: the promotions and codes that took
// something off or put something in (spec/05 §7.3).
func (o *Order) Uses() []promotion.Use {
	var uses []promotion.Use
	add := func(u promotion.Use) {
		for _, had := range uses {
			if had == u {
				return
			}
		}
		uses = append(uses, u)
	}
	took := map[int64]bool{} // ids of coupons and codes that did something
	see := func(cuts []cart.Cut) {
		for _, cut := range cuts {
			switch cut.Source {
			case cart.FromPromotion:
				add(promotion.Use{PromotionID: cut.ID})
			case cart.FromCoupon:
				took[cut.ID] = true
			}
		}
	}
	added := map[int64]bool{} // promotions that put something in
	for i := range o.Cart.Lines {
		l := &o.Cart.Lines[i]
		see(l.Cuts)
		if l.AddedBy != 0 {
			added[l.AddedBy] = true
		}
	}
	if co := o.Cart.Checkout; co != nil {
		for i := range co.Consignments {
			see(co.Consignments[i].Cuts)
		}
	}
	for _, a := range o.Cart.Coupons {
		if !took[a.ID] && a.Amount == 0 && a.Shipping == 0 && !added[a.PromotionID] {
			continue // it takes nothing off this order
		}
		if a.PromotionID != 0 {
			add(promotion.Use{PromotionID: a.PromotionID, CodeID: a.ID})
		} else {
			add(promotion.Use{CouponID: a.ID})
		}
	}
	return uses
}

// CouponDiscount is what a coupon takes off the order, in its currency.
func (o *Order) CouponDiscount(id int64) money.Amount {
	var n money.Amount
	for i := range o.Cart.Coupons {
		if a := &o.Cart.Coupons[i]; a.ID == id && a.PromotionID == 0 {
			n += a.Amount + a.Shipping
		}
	}
	return n
}

// Units counts the units of all lines.
func (o *Order) Units() int64 { return o.Cart.Quantity() }

// Digital reports whether nothing has to be sent.
func (o *Order) Digital() bool {
	for i := range o.Cart.Lines {
		if l := &o.Cart.Lines[i]; l.Kind == cart.Physical || l.Kind == cart.Custom {
			return false
		}
	}
	return true
}
