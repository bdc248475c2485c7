package promotion

import (
	"context"
	"strings"
	"time"

	"cartwright/internal/money"
)

// CouponType is what a classic coupon does (spec/05 §7.1).
type CouponType string

// The types of coupons. PromotionCoupon is how a code of a coupon promotion
// shows itself where classic coupons are listed.
const (
	PerItem         CouponType = "per_item_discount"
	Percentage      CouponType = "percentage_discount"
	PerTotal        CouponType = "per_total_discount"
	ShippingOff     CouponType = "shipping_discount"
	FreeShipping    CouponType = "free_shipping"
	PromotionCoupon CouponType = "promotion"
)

// Coupon is a classic coupon. Its amounts are in the store's default currency,
// the only one it works in.
type Coupon struct {
	ID   int64      `json:"id"`
	Name string     `json:"name"`
	Code string     `json:"code"`
	Type CouponType `json:"type"`
	// Amount is money, or per cent written like an amount for Percentage.
	Amount      money.Amount `json:"amount"`
	MinPurchase money.Amount `json:"min_purchase,omitempty"`
	Expires     time.Time    `json:"expires,omitzero"`
	Enabled     bool         `json:"enabled"`
	AppliesTo   AppliesTo    `json:"applies_to,omitzero"`
	// MaxUses and MaxUsesPerCustomer are 0 without a limit.
	MaxUses            int64 `json:"max_uses,omitempty"`
	MaxUsesPerCustomer int64 `json:"max_uses_per_customer,omitempty"`
	// Countries limits it to orders that are sent there, by ISO code.
	Countries []string `json:"countries,omitempty"`
	// ShippingMethods are the types of shipping that FreeShipping is limited to.
	ShippingMethods []string `json:"shipping_methods,omitempty"`
	// Cart is the one cart that can use it, by id; "" is any. The vendor knows no
	// such coupons: the API does not show it.
	Cart    string    `json:"cart,omitempty"`
	Created time.Time `json:"date_created"`
}

// AppliesTo says which lines a coupon is for. The zero value, and a category 0,
// is every line.
type AppliesTo struct {
	Entity string  `json:"entity,omitempty"` // products, categories
	IDs    []int64 `json:"ids,omitempty"`
}

// Code is one code of a promotion that is won by coupon. Its id comes from the
// same counter as those of coupons, so that an id names one of either.
type Code struct {
	ID                 int64
	PromotionID        int64
	Code               string
	MaxUses            int64 // 0 means no limit
	MaxUsesPerCustomer int64 // 0 means no limit
	Uses               int64
	Created            time.Time
}

// CodeKey is what codes are compared by: without blanks around it, in one case
// (spec/05 §7.2).
func CodeKey(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

// MaxCode is how many characters a code may have.
const MaxCode = 50

// Use is one redemption to count: of a classic coupon, or of a promotion with
// the code that won it, if any. Zero ids are not meant.
type Use struct {
	CouponID    int64
	PromotionID int64
	CodeID      int64
}

// Shopper is whom redemptions are counted for: by customer, or by address for
// a guest.
type Shopper struct {
	CustomerID int64
	Email      string
}

// Uses says how often something was redeemed by now, in all and by one shopper.
// Promotion counts those of the promotion that a code belongs to.
type Uses struct {
	Total, ByShopper int64
	Promotion        int64
}

// Redemptions answers what the engine must not look up itself.
type Redemptions interface {
	// FindCode returns a code of a promotion by its CodeKey, or nil.
	FindCode(ctx context.Context, store, key string) (*Code, error)
	// CountUses returns how often a coupon, or a code and its promotion, was
	// redeemed. A shopper without id and address has no redemptions.
	CountUses(ctx context.Context, store string, use Use, by Shopper) (Uses, error)
}
