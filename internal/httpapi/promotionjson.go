package httpapi

import (
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

type shownPromotion struct {
	ID              int64                `json:"id"`
	Redemption      promotion.Redemption `json:"redemption_type"`
	Name            string               `json:"name"`
	DisplayName     string               `json:"display_name"`
	CreatedFrom     string               `json:"created_from"`
	Channels        []promotionChannel   `json:"channels"`
	Customer        audienceJSON         `json:"customer"`
	Rules           []ruleJSON           `json:"rules"`
	Uses            int64                `json:"current_uses"`
	MaxUses         *int64               `json:"max_uses"`
	Status          promotion.Status     `json:"status"`
	Start           string               `json:"start_date"`
	End             *string              `json:"end_date"`
	Stop            bool                 `json:"stop"`
	Combines        bool                 `json:"can_be_used_with_other_promotions"`
	Currency        string               `json:"currency_code"`
	Notifications   []notificationJSON   `json:"notifications"`
	ShippingAddress *addressMatcherJSON  `json:"shipping_address"`
	Schedule        *promotion.Schedule  `json:"schedule"`
	Priority        int64                `json:"priority"`
	*couponPartJSON                      // of a promotion that is redeemed by coupon
}

type promotionChannel struct {
	ID int64 `json:"id"`
}

type audienceJSON struct {
	GroupIDs         []int64       `json:"group_ids"`
	MinimumOrders    int64         `json:"minimum_order_count"`
	ExcludedGroupIDs []int64       `json:"excluded_group_ids"`
	Segments         *segmentsJSON `json:"segments"`
}

type segmentsJSON struct {
	IDs []string `json:"id"`
}

type notificationJSON struct {
	Content   string   `json:"content"`
	Type      string   `json:"type"`
	Locations []string `json:"locations"`
}

type addressMatcherJSON struct {
	Countries []countryJSON `json:"countries"`
}

type countryJSON struct {
	Code string `json:"iso2_country_code"`
}

type couponPartJSON struct {
	CouponType          promotion.CouponKind `json:"coupon_type"`
	Codes               *promotionCodeJSON   `json:"codes,omitempty"`
	MultipleCodes       multipleCodesJSON    `json:"multiple_codes"`
	Overrides           bool                 `json:"coupon_overrides_other_promotions"`
	OverridesWhenBetter bool                 `json:"coupon_overrides_automatic_when_offering_higher_discounts"`
}

type multipleCodesJSON struct {
	Has bool `json:"has_multiple_codes"`
}

type ruleJSON struct {
	Action    actionJSON     `json:"action"`
	ApplyOnce bool           `json:"apply_once"`
	Stop      bool           `json:"stop"`
	Condition *conditionJSON `json:"condition,omitempty"`
}

type conditionJSON struct {
	Cart *cartConditionJSON `json:"cart,omitempty"`
	And  []conditionJSON    `json:"and,omitempty"`
	Or   []conditionJSON    `json:"or,omitempty"`
	Not  *conditionJSON     `json:"not,omitempty"`
}

type cartConditionJSON struct {
	Items           *promotion.Matcher `json:"items,omitempty"`
	MinimumSpend    string             `json:"minimum_spend,omitempty"`
	MinimumQuantity int64              `json:"minimum_quantity,omitempty"`
}

type actionJSON struct {
	CartValue     *cartValueJSON      `json:"cart_value,omitempty"`
	CartItems     *cartItemsJSON      `json:"cart_items,omitempty"`
	FixedPriceSet *fixedPriceSetJSON  `json:"fixed_price_set,omitempty"`
	GiftItem      *promotion.GiftItem `json:"gift_item,omitempty"`
	Shipping      *promotionShipping  `json:"shipping,omitempty"`
}

type promotionDiscount struct {
	Fixed   string `json:"fixed_amount,omitempty"`
	Percent string `json:"percentage_amount,omitempty"`
}

type cartValueJSON struct {
	Discount promotionDiscount `json:"discount"`
	Maximum  string            `json:"maximum_allowed_discount_amount,omitempty"`
}

type cartItemsJSON struct {
	Discount         promotionDiscount  `json:"discount"`
	Maximum          string             `json:"maximum_allowed_discount_amount,omitempty"`
	AsTotal          bool               `json:"as_total"`
	Items            *promotion.Matcher `json:"items,omitempty"`
	IncludeCondition bool               `json:"include_items_considered_by_condition"`
	ExcludeSale      bool               `json:"exclude_items_on_sale"`
	Strategy         promotion.Strategy `json:"strategy"`
	Quantity         int64              `json:"quantity,omitempty"`
	AddFree          bool               `json:"add_free_item"`
}

type fixedPriceSetJSON struct {
	Quantity         int64              `json:"quantity"`
	FixedPrice       string             `json:"fixed_price"`
	Items            *promotion.Matcher `json:"items,omitempty"`
	Strategy         promotion.Strategy `json:"strategy"`
	ExcludeSale      bool               `json:"exclude_items_on_sale"`
	IncludeCondition bool               `json:"include_items_considered_by_condition"`
}

type promotionShipping struct {
	FreeShipping bool `json:"free_shipping"`
	ZoneIDs      any  `json:"zone_ids"` // "*" or ids
}

// showNewPromotion shows a promotion that was just made.
func showNewPromotion(p *promotion.Promotion) any {
	return one(promotionOf(promotion.Listed{Promotion: p, Shown: p.Status}))
}

func promotionOf(l promotion.Listed) shownPromotion {
	j := shownPromotion{
		ID: l.ID, Redemption: l.Redemption, Name: l.Name, DisplayName: l.DisplayName, CreatedFrom: "api",
		Channels: make([]promotionChannel, len(l.Channels)), Customer: audienceOf(&l.Customer), Rules: make([]ruleJSON, len(l.Rules)),
		Uses: l.Uses, Status: l.Shown, Start: timeText(l.Start), Stop: l.Stop, Combines: l.Combines, Currency: l.Currency,
		Notifications: make([]notificationJSON, len(l.Notifications)), Schedule: l.Schedule, Priority: l.Priority,
	}
	for i, id := range l.Channels {
		j.Channels[i].ID = id
	}
	for i := range l.Rules {
		j.Rules[i] = ruleOf(&l.Rules[i])
	}
	for i, n := range l.Notifications {
		j.Notifications[i] = notificationJSON{n.Content, n.Type, texts(n.Locations)}
	}
	if l.MaxUses != 0 {
		j.MaxUses = &l.MaxUses
	}
	if !l.End.IsZero() {
		end := timeText(l.End)
		j.End = &end
	}
	if len(l.Countries) > 0 {
		j.ShippingAddress = &addressMatcherJSON{}
		for _, code := range l.Countries {
			j.ShippingAddress.Countries = append(j.ShippingAddress.Countries, countryJSON{code})
		}
	}
	if l.Redemption == promotion.ByCoupon {
		j.couponPartJSON = couponPartOf(l)
	}
	return j
}

func couponPartOf(l promotion.Listed) *couponPartJSON {
	j := &couponPartJSON{CouponType: l.CouponType, MultipleCodes: multipleCodesJSON{l.CouponType == promotion.Bulk},
		Overrides: l.Overrides, OverridesWhenBetter: l.OverridesWhenBetter}
	if l.Code != nil {
		code := promotionCodeOf(*l.Code)
		j.Codes = &code
	}
	return j
}

func audienceOf(a *promotion.Audience) audienceJSON {
	j := audienceJSON{GroupIDs: a.GroupIDs, MinimumOrders: a.MinimumOrders, ExcludedGroupIDs: a.ExcludedGroupIDs}
	if j.GroupIDs == nil {
		j.GroupIDs = []int64{}
	}
	if j.ExcludedGroupIDs == nil {
		j.ExcludedGroupIDs = []int64{}
	}
	if len(a.Segments) > 0 {
		j.Segments = &segmentsJSON{a.Segments}
	}
	return j
}

func ruleOf(r *promotion.Rule) ruleJSON {
	return ruleJSON{Action: actionOf(&r.Action), ApplyOnce: r.ApplyOnce, Stop: r.Stop, Condition: conditionOf(r.Condition)}
}

func conditionOf(c *promotion.Condition) *conditionJSON {
	if c == nil {
		return nil
	}
	j := &conditionJSON{And: conditionsOf(c.And), Or: conditionsOf(c.Or), Not: conditionOf(c.Not)}
	if c.Cart != nil {
		j.Cart = &cartConditionJSON{c.Cart.Items, moneyText(c.Cart.MinimumSpend), c.Cart.MinimumQuantity}
	}
	return j
}

func conditionsOf(list []promotion.Condition) []conditionJSON {
	out := make([]conditionJSON, len(list))
	for i := range list {
		out[i] = *conditionOf(&list[i])
	}
	return out
}

// moneyText writes an amount as promotions do, and nothing for none.
func moneyText(a money.Amount) string {
	if a == 0 {
		return ""
	}
	return a.String()
}

func discountOf(d promotion.Discount) promotionDiscount {
	var j promotionDiscount
	if d.Fixed != nil {
		j.Fixed = d.Fixed.String()
	}
	if d.Percent != nil {
		j.Percent = d.Percent.String()
	}
	return j
}

func strategyOf(s promotion.Strategy) promotion.Strategy {
	if s == "" {
		return promotion.LeastExpensive
	}
	return s
}

func actionOf(a *promotion.Action) actionJSON {
	var j actionJSON
	switch {
	case a.CartValue != nil:
		j.CartValue = &cartValueJSON{discountOf(a.CartValue.Discount), moneyText(a.CartValue.Maximum)}
	case a.CartItems != nil:
		c := a.CartItems
		j.CartItems = &cartItemsJSON{
			Discount: discountOf(c.Discount), Maximum: moneyText(c.Maximum), AsTotal: c.AsTotal, Items: c.Items,
			IncludeCondition: c.IncludeCondition, ExcludeSale: c.ExcludeSale, Strategy: strategyOf(c.Strategy),
			Quantity: c.Quantity, AddFree: c.AddFree,
		}
	case a.FixedPriceSet != nil:
		s := a.FixedPriceSet
		j.FixedPriceSet = &fixedPriceSetJSON{s.Quantity, s.FixedPrice.String(), s.Items, strategyOf(s.Strategy), s.ExcludeSale, s.IncludeCondition}
	case a.GiftItem != nil:
		j.GiftItem = a.GiftItem
	case a.Shipping != nil:
		j.Shipping = &promotionShipping{FreeShipping: true, ZoneIDs: "*"}
		if a.Shipping.ZoneIDs != nil {
			j.Shipping.ZoneIDs = a.Shipping.ZoneIDs
		}
	}
	return j
}
