package promotion

import (
	"time"

	"cartwright/internal/money"
)

// Outcome is the engine's answer: everything that is taken off a basket, each
// amount with its source. No line falls below zero, and shares add up exactly.
type Outcome struct {
	// Lines has one entry for each line of the basket, in its order.
	Lines []LineOutcome
	// Added are what promotions put in for nothing.
	Added []Added
	// Codes has one entry for each code of the basket, in its order.
	Codes []CodeOutcome
	// Discount is taken off the order as a whole, Manual the part of it that the
	// API set. Coupon is what codes take off the lines.
	Discount, Manual, Coupon money.Amount
	// Shipping is what is taken off shipping, in the order of evaluation.
	Shipping []ShippingCut
	Banners  []Banner
	// Uses are the promotions and codes that did something.
	Uses []Use
	// Until is the first instant at which the answer may change by itself; zero
	// when it never will.
	Until time.Time
}

// LineOutcome is what is taken off one line.
type LineOutcome struct {
	Discount money.Amount // of the line itself
	Coupon   money.Amount // by codes
	Shared   money.Amount // its share of Outcome.Discount
	Cuts     []Cut        // what the three are made of
}

// Source says what made a cut.
type Source string

// The sources of cuts.
const (
	FromPromotion Source = "promotion"
	FromCoupon    Source = "coupon" // a classic coupon, or the code of a promotion
	FromManual    Source = "manual"
)

// Cut is an amount that one source takes off a line.
type Cut struct {
	Source Source
	// ID is the promotion's, the coupon's, or that of the code of a promotion; 0
	// for a manual one.
	ID     int64
	Code   string
	Amount money.Amount
	// Order says that it is a share of Outcome.Discount.
	Order bool
}

// Added is a product that a promotion puts into the basket for nothing.
// ProductID or VariantID is 0.
type Added struct {
	Source Source // FromPromotion, or FromCoupon when a code won it
	// ID is as in Cut; PromotionID and Rule, counted from 0, name the rule.
	ID          int64
	Code        string
	PromotionID int64
	Rule        int

	ProductID, VariantID int64
	Quantity             int64
}

// CodeOutcome is what one code does.
type CodeOutcome struct {
	Code string
	// Gone says that there is no such coupon or promotion any more: the code is
	// to be forgotten. A code that takes nothing off at the moment stays.
	Gone        bool
	Type        CouponType
	DisplayName string
	Amount      money.Amount // taken off lines
}

// ShippingCut takes something off shipping: all of it, or an amount of the
// order's whole shipping.
type ShippingCut struct {
	Source Source
	ID     int64 // as in Cut
	Code   string
	Free   bool
	Amount money.Amount // when it is not Free, in the basket's currency
	// ZoneIDs and Methods say which zones and types of shipping it is for; nil
	// is any.
	ZoneIDs []int64
	Methods []string
}

// Banner tells the shopper of a promotion, in the lower case of carts
// (spec/01 §8).
type Banner struct {
	PromotionID int64
	Type        string   // promotion, upsell, eligible, applied
	Pages       []string // home_page, product_page, cart_page, checkout_page
	Text        string
}
