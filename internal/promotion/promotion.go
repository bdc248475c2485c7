// Package promotion holds what a store offers beside its prices: promotions,
// coupons and their codes, and the engine that says what they take off a
// basket.
//
// The engine knows baskets, not carts: it is given lines with their products
// and prices, the shopper and the time, and answers with adjustments, each with
// its source. It is pure, and asking it twice changes nothing. Package pricing
// turns carts into baskets and writes the adjustments onto the lines.
//
// Amounts of a definition are in the currency that it names; a classic
// coupon's are in the store's default currency (spec/05 §7).
package promotion

import (
	"time"

	"cartwright/internal/money"
)

// Redemption says how a promotion is won.
type Redemption string

// The ways in which a promotion is won (spec/05 §7.3).
const (
	Automatic Redemption = "AUTOMATIC"
	ByCoupon  Redemption = "COUPON"
)

// Status says whether a promotion counts.
type Status string

// The statuses of a promotion. Invalid is shown for an enabled promotion that
// has become unusable; it is never stored.
const (
	Enabled  Status = "ENABLED"
	Disabled Status = "DISABLED"
	Invalid  Status = "INVALID"
)

// CouponKind says how many codes a promotion that is won by coupon may have.
type CouponKind string

// A promotion that is won by coupon has one code, or many.
const (
	Single CouponKind = "SINGLE"
	Bulk   CouponKind = "BULK"
)

// AnyCurrency is the currency code of a promotion that applies in every
// currency. It holds percentages and free things only.
const AnyCurrency = "*"

// Promotion is one promotion with its rules (spec/05 §7.3).
type Promotion struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	DisplayName string     `json:"display_name,omitempty"`
	Redemption  Redemption `json:"redemption_type"`
	Channels    []int64    `json:"channels,omitempty"` // empty means all
	Customer    Audience   `json:"customer,omitzero"`
	Rules       []Rule     `json:"rules"`
	// MaxUses is 0 without a limit. How often it was used is kept in a row of
	// its own.
	MaxUses int64     `json:"max_uses,omitempty"`
	Status  Status    `json:"status"`
	Start   time.Time `json:"start_date"`
	End     time.Time `json:"end_date,omitzero"` // zero means no end
	// Stop ends the evaluation of later promotions once this one has applied.
	Stop bool `json:"stop,omitempty"`
	// Combines says that it may stand beside other promotions. One that does
	// not applies only when nothing has been discounted yet, and ends the
	// evaluation once it has.
	Combines bool `json:"can_be_used_with_other_promotions"`
	// Overrides lets a coupon that does not combine throw out every other
	// promotion and coupon.
	Overrides bool `json:"coupon_overrides_other_promotions,omitempty"`
	// OverridesWhenBetter is its deprecated predecessor: automatic promotions
	// give way when the coupon gives more.
	OverridesWhenBetter bool           `json:"coupon_overrides_automatic_when_offering_higher_discounts,omitempty"`
	Currency            string         `json:"currency_code"`
	Notifications       []Notification `json:"notifications,omitempty"`
	// Countries limits it to orders that are sent to one of these, by ISO code.
	Countries []string  `json:"shipping_countries,omitempty"`
	Schedule  *Schedule `json:"schedule,omitempty"`
	// Priority orders promotions, lowest first, then by id.
	Priority int64 `json:"priority,omitempty"`

	// CouponType is set for a promotion that is won by coupon.
	CouponType CouponKind `json:"coupon_type,omitempty"`
	Created    time.Time  `json:"created"`
}

// Audience says whom a promotion is for. The zero value is everybody.
type Audience struct {
	// GroupIDs are the customer groups; 0 stands for guests and customers
	// without a group. Only one of the two lists is set.
	GroupIDs         []int64  `json:"group_ids,omitempty"`
	ExcludedGroupIDs []int64  `json:"excluded_group_ids,omitempty"`
	MinimumOrders    int64    `json:"minimum_order_count,omitempty"`
	Segments         []string `json:"segments,omitempty"`
}

// Schedule narrows a promotion to hours of some days of every n-th week.
type Schedule struct {
	WeekFrequency int64 `json:"week_frequency"`
	// WeekDays are the vendor's names: Monday … Sunday.
	WeekDays []string `json:"week_days"`
	// DailyStart and DailyEnd are times of day, "15:04:05".
	DailyStart string `json:"daily_start_time"`
	DailyEnd   string `json:"daily_end_time"`
}

// Notification is a banner that tells shoppers of the promotion.
type Notification struct {
	Type      string   `json:"type"` // PROMOTION, UPSELL, ELIGIBLE, APPLIED
	Content   string   `json:"content"`
	Locations []string `json:"locations"` // HOME_PAGE, PRODUCT_PAGE, CART_PAGE, CHECKOUT_PAGE
}

// Rule is one condition with what is done when it holds.
type Rule struct {
	// Condition is nil when it always holds.
	Condition *Condition `json:"condition,omitempty"`
	Action    Action     `json:"action"`
	// ApplyOnce is false for a rule that repeats as often as its condition fits.
	ApplyOnce bool `json:"apply_once"`
	// Stop ends the rules of this promotion once this one has applied.
	Stop bool `json:"stop"`
}

// Condition is exactly one of its fields (spec/05 §7.4).
type Condition struct {
	Cart *CartCondition `json:"cart,omitempty"`
	And  []Condition    `json:"and,omitempty"`
	Or   []Condition    `json:"or,omitempty"`
	Not  *Condition     `json:"not,omitempty"`
}

// CartCondition asks for a quantity or a value in the basket.
type CartCondition struct {
	// Items selects the lines that count; nil means the whole basket, and then
	// MinimumQuantity has no effect.
	Items           *Matcher     `json:"items,omitempty"`
	MinimumQuantity int64        `json:"minimum_quantity,omitempty"`
	MinimumSpend    money.Amount `json:"minimum_spend,omitempty"`
}

// Matcher selects lines by what they are; it is exactly one of its fields.
type Matcher struct {
	Brands     []int64   `json:"brands,omitempty"`
	Categories []int64   `json:"categories,omitempty"`
	Products   []int64   `json:"products,omitempty"`
	Variants   []int64   `json:"variants,omitempty"`
	Option     *Named    `json:"product_option,omitempty"`
	Field      *Named    `json:"product_custom_field,omitempty"`
	And        []Matcher `json:"and,omitempty"`
	Or         []Matcher `json:"or,omitempty"`
	Not        *Matcher  `json:"not,omitempty"`
}

// Named is an option or a custom field with the values that match.
type Named struct {
	Type   string   `json:"type,omitempty"` // string_match, the only one
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Action is exactly one of its fields (spec/05 §7.5).
type Action struct {
	CartValue     *CartValue     `json:"cart_value,omitempty"`
	CartItems     *CartItems     `json:"cart_items,omitempty"`
	FixedPriceSet *FixedPriceSet `json:"fixed_price_set,omitempty"`
	GiftItem      *GiftItem      `json:"gift_item,omitempty"`
	Shipping      *Shipping      `json:"shipping,omitempty"`
}

// Discount is exactly one of its fields. Percent is written like an amount:
// 12.5 % is 12.5.
type Discount struct {
	Fixed   *money.Amount `json:"fixed_amount,omitempty"`
	Percent *money.Amount `json:"percentage_amount,omitempty"`
}

// Strategy says which of the matching units are discounted first.
type Strategy string

// The strategies; the ones with Only take the cheapest or the dearest price
// and no other. The vendor's default is LeastExpensive.
const (
	LeastExpensive     Strategy = "LEAST_EXPENSIVE"
	LeastExpensiveOnly Strategy = "LEAST_EXPENSIVE_ONLY"
	MostExpensive      Strategy = "MOST_EXPENSIVE"
	MostExpensiveOnly  Strategy = "MOST_EXPENSIVE_ONLY"
)

// CartValue takes something off the order as a whole.
type CartValue struct {
	Discount Discount     `json:"discount"`
	Maximum  money.Amount `json:"maximum_allowed_discount_amount,omitempty"` // 0 means none
}

// CartItems takes something off units of matching lines.
type CartItems struct {
	Discount Discount `json:"discount"`
	// Items is nil for every line.
	Items *Matcher `json:"items,omitempty"`
	// AsTotal spreads the amount over the units instead of giving it to each.
	AsTotal  bool     `json:"as_total,omitempty"`
	Strategy Strategy `json:"strategy,omitempty"`
	// Quantity bounds the discounted units; 0 means all.
	Quantity         int64 `json:"quantity,omitempty"`
	ExcludeSale      bool  `json:"exclude_items_on_sale,omitempty"`
	IncludeCondition bool  `json:"include_items_considered_by_condition,omitempty"`
	// AddFree puts the item into the cart, and discounts it where it is only when
	// that cannot be done.
	AddFree bool         `json:"add_free_item,omitempty"`
	Maximum money.Amount `json:"maximum_allowed_discount_amount,omitempty"` // 0 means none
}

// FixedPriceSet lets Quantity matching units cost FixedPrice together.
type FixedPriceSet struct {
	Quantity         int64        `json:"quantity"`
	FixedPrice       money.Amount `json:"fixed_price"`
	Items            *Matcher     `json:"items,omitempty"`
	Strategy         Strategy     `json:"strategy,omitempty"`
	ExcludeSale      bool         `json:"exclude_items_on_sale,omitempty"`
	IncludeCondition bool         `json:"include_items_considered_by_condition"` // the vendor's default is true
}

// GiftItem adds units of a product for nothing: ProductID or VariantID.
type GiftItem struct {
	Quantity  int64 `json:"quantity"`
	ProductID int64 `json:"product_id,omitempty"`
	VariantID int64 `json:"variant_id,omitempty"`
}

// Shipping makes shipping free, into any zone when ZoneIDs is nil.
type Shipping struct {
	ZoneIDs []int64 `json:"zone_ids,omitempty"`
}

// Settings are the switches of a store (spec/05 §7.3).
type Settings struct {
	OnCustomPrices    bool  `json:"promotions_apply_on_products_with_custom_product_price"`
	TriggeredByZero   bool  `json:"promotions_triggered_by_products_with_zero_product_price"`
	MaxCoupons        int64 `json:"number_of_coupons_allowed_at_checkout"`
	FromOriginalPrice bool  `json:"promotions_applied_on_original_product_price"`
}

// DefaultSettings are those of a store that set none.
var DefaultSettings = Settings{MaxCoupons: 1, FromOriginalPrice: true}
