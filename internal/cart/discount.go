package cart

import "cartwright/internal/money"

// Applied is a coupon code that the cart has. What it takes off is filled in by
// the pricing pipeline (spec/01 §7.4).
type Applied struct {
	Code string `json:"code"` // as it was created
	// ID is the coupon's, or that of the code of a coupon promotion, whose
	// promotion is then PromotionID.
	ID          int64 `json:"id"`
	PromotionID int64 `json:"promotion_id,omitempty"`

	Type        string       `json:"type"`
	DisplayName string       `json:"display_name,omitempty"`
	Amount      money.Amount `json:"amount,omitempty"`   // taken off items
	Shipping    money.Amount `json:"shipping,omitempty"` // taken off shipping
}

// Source says what made a Cut.
type Source string

// The sources of cuts.
const (
	FromPromotion Source = "promotion"
	FromCoupon    Source = "coupon" // a classic coupon, or the code of a coupon promotion
	FromManual    Source = "manual" // a discount of the API
)

// Cut is an amount that something took off a line or a consignment.
type Cut struct {
	Source Source `json:"source"`
	// ID is the promotion's or the coupon's, as in Applied; 0 for a manual one.
	ID     int64        `json:"id,omitempty"`
	Code   string       `json:"code,omitempty"` // of the coupon
	Amount money.Amount `json:"amount"`
	// Order says that it is this line's share of a discount of the whole order,
	// which changes neither the line's discount nor its sale price.
	Order bool `json:"order,omitempty"`
}

// Banner tells the shopper of a promotion, on some pages (spec/01 §8).
type Banner struct {
	PromotionID int64    `json:"promotion_id"`
	Type        string   `json:"type"`  // promotion, upsell, eligible, applied
	Pages       []string `json:"pages"` // home_page, product_page, cart_page, checkout_page
	Text        string   `json:"text"`
}

// Shopper is what prices need to know of whoever buys. It is read when the
// cart gets its customer, and again when the customer changes.
type Shopper struct {
	GroupID int64 `json:"group_id,omitempty"` // 0 for guests and customers without a group
	// Orders is how many orders the customer has placed.
	Orders int64 `json:"orders,omitempty"`
	// TaxExempt says that no tax is charged.
	TaxExempt bool `json:"tax_exempt,omitempty"`
}
