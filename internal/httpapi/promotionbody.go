package httpapi

import (
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// readNewPromotion reads a promotion with everything that a new one needs.
func readNewPromotion(v value) promotion.Fields {
	f := readPromotion(v)
	for _, name := range []string{"redemption_type", "name", "rules"} {
		v.get(name).required()
	}
	if status := v.get("status"); status.raw == string(promotion.Invalid) {
		status.fail(fault.ExpectedEnum)
	}
	return f
}

// readPromotion reads what a request says of a promotion. null takes a limit,
// an end, a schedule or a country list away.
func readPromotion(v value) promotion.Fields {
	v.object()
	f := promotion.Fields{
		Name:                optional(v.get("name"), textOf(1, promotion.MaxName)),
		DisplayName:         nullable(v, "display_name", textOf(0, promotion.MaxName)),
		Redemption:          optional(v.get("redemption_type"), enum(promotion.RedemptionTypes)),
		Channels:            nullable(v, "channels", readPromotionChannels),
		Customer:            nullable(v, "customer", readAudience),
		Rules:               optional(v.get("rules"), readRules),
		MaxUses:             nullable(v, "max_uses", intOf(0, maxUses)),
		Start:               optional(v.get("start_date"), value.instant),
		End:                 nullable(v, "end_date", value.instant),
		Stop:                optional(v.get("stop"), value.bool),
		Combines:            optional(v.get("can_be_used_with_other_promotions"), value.bool),
		Overrides:           optional(v.get("coupon_overrides_other_promotions"), value.bool),
		OverridesWhenBetter: optional(v.get("coupon_overrides_automatic_when_offering_higher_discounts"), value.bool),
		Currency:            optional(v.get("currency_code"), textOf(1, 3)),
		Notifications:       nullable(v, "notifications", readNotifications),
		Countries:           nullable(v, "shipping_address", readDestinations),
		Schedule:            nullable(v, "schedule", readSchedule),
		Priority:            optional(v.get("priority"), intOf(-maxUses, maxUses)),
		CouponType:          optional(v.get("coupon_type"), enum(promotion.CouponKinds)),
	}
	// A client that sends back what it read sends INVALID, which is no choice.
	if status := v.get("status"); status.raw != string(promotion.Invalid) {
		f.Status = optional(status, enum(promotion.Statuses))
	}
	return f
}

// nullable reads a member if it is there; null stands for the zero value.
func nullable[T any](v value, name string, read func(value) T) *T {
	if v.has(name) && v.get(name).null() {
		return new(T)
	}
	return optional(v.get(name), read)
}

// enum reads a string out of a set of named strings.
func enum[T ~string](allowed []T) func(value) T {
	names := namesOf(allowed)
	return func(v value) T { return T(v.oneOf(names...)) }
}

// namesOf writes the values of a kind of name as texts.
func namesOf[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

// instant reads a time, to the second; without an offset it is UTC.
func (v value) instant() time.Time {
	s := strings.TrimSpace(v.text(0, 64))
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() <= 9999 {
			return t.UTC().Truncate(time.Second)
		}
	}
	v.fail(fault.ExpectedDate)
	return time.Time{}
}

func readPromotionChannels(v value) []int64 {
	var ids []int64
	for _, c := range v.bounded(maxListed) {
		ids = append(ids, c.required().get("id").required().int(1, maxInt))
	}
	return ids
}

func readAudience(v value) promotion.Audience {
	v.object()
	a := promotion.Audience{
		GroupIDs: v.get("group_ids").ids(0), ExcludedGroupIDs: v.get("excluded_group_ids").ids(0),
		MinimumOrders: v.get("minimum_order_count").int(0, maxUses),
	}
	if s := v.get("segments"); !s.null() {
		for _, id := range s.get("id").required().bounded(maxListed) {
			a.Segments = append(a.Segments, id.required().text(1, 36))
		}
	}
	return a
}

// ids reads a list of ids. null is nil, an empty list is not.
func (v value) ids(low int64) []int64 {
	if v.null() {
		return nil
	}
	out := []int64{}
	for _, id := range v.bounded(maxListed) {
		out = append(out, id.required().int(low, maxInt))
	}
	return out
}

func readNotifications(v value) []promotion.Notification {
	var out []promotion.Notification
	for _, n := range v.bounded(20) {
		entry := promotion.Notification{
			Type:    n.required().get("type").required().oneOf(promotion.NotificationTypes...),
			Content: n.get("content").required().text(0, promotion.MaxContent),
		}
		for _, page := range n.get("locations").required().bounded(len(promotion.NotificationPages)) {
			entry.Locations = append(entry.Locations, page.required().oneOf(promotion.NotificationPages...))
		}
		out = append(out, entry)
	}
	return out
}

func readDestinations(v value) []string {
	var out []string
	for _, c := range v.object().get("countries").required().bounded(maxCountries) {
		out = append(out, c.required().get("iso2_country_code").required().country())
	}
	return out
}

func readSchedule(v value) *promotion.Schedule {
	v.object()
	s := &promotion.Schedule{
		WeekFrequency: v.get("week_frequency").required().int(1, promotion.MaxWeeks),
		DailyStart:    v.get("daily_start_time").required().text(8, 8),
		DailyEnd:      v.get("daily_end_time").required().text(8, 8),
	}
	for _, day := range v.get("week_days").required().bounded(len(promotion.WeekDays)) {
		s.WeekDays = append(s.WeekDays, day.required().oneOf(promotion.WeekDays...))
	}
	return s
}

func readRules(v value) []promotion.Rule {
	rules := []promotion.Rule{}
	for _, r := range v.bounded(promotion.MaxRules) {
		rules = append(rules, readRule(r.required()))
	}
	return rules
}

// readRule reads a rule. It is applied once and ends the rules of its promotion
// unless told otherwise (spec/05 §7.4).
func readRule(v value) promotion.Rule {
	v.object()
	r := promotion.Rule{ApplyOnce: v.get("apply_once").boolOr(true), Stop: v.get("stop").boolOr(true)}
	r.Action = readAction(v.get("action").required())
	if c := v.get("condition"); !c.null() {
		condition := readCondition(c, 1)
		r.Condition = &condition
	}
	return r
}

// boolOr reads true or false, and otherwise where there is neither.
func (v value) boolOr(otherwise bool) bool {
	if v.null() {
		return otherwise
	}
	return v.bool()
}

// tooDeep refuses what stands too deep inside others, before it is read.
func (v value) tooDeep(depth int) bool {
	if depth > promotion.MaxDepth {
		v.fail("error.maxDepth")
	}
	return depth > promotion.MaxDepth
}

func readCondition(v value, depth int) promotion.Condition {
	var c promotion.Condition
	if v.object(); v.tooDeep(depth) {
		return c
	}
	if cart := v.get("cart"); !cart.null() {
		cart.object()
		c.Cart = &promotion.CartCondition{
			Items: readMatcher(cart.get("items"), 1), MinimumQuantity: cart.get("minimum_quantity").int(0, maxUses),
			MinimumSpend: cart.get("minimum_spend").amount(),
		}
	}
	read := func(v value) promotion.Condition { return readCondition(v, depth+1) }
	c.And, c.Or = nested(v.get("and"), read), nested(v.get("or"), read)
	c.Not = optional(v.get("not"), read)
	return c
}

// nested reads the parts of an and or an or. null is nil, an empty list is not.
func nested[T any](v value, read func(value) T) []T {
	if v.null() {
		return nil
	}
	out := []T{}
	for _, part := range v.bounded(100) {
		out = append(out, read(part.required()))
	}
	return out
}

// readMatcher reads which lines are meant; nil is every line.
func readMatcher(v value, depth int) *promotion.Matcher {
	if v.object(); v.null() || v.tooDeep(depth) {
		return nil
	}
	m := &promotion.Matcher{
		Brands: v.get("brands").ids(1), Categories: v.get("categories").ids(1),
		Products: v.get("products").ids(1), Variants: v.get("variants").ids(1),
		Option: optionalNamed(v.get("product_option"), true), Field: optionalNamed(v.get("product_custom_field"), false),
	}
	read := func(v value) promotion.Matcher {
		if inner := readMatcher(v, depth+1); inner != nil {
			return *inner
		}
		return promotion.Matcher{}
	}
	m.And, m.Or = nested(v.get("and"), read), nested(v.get("or"), read)
	m.Not = readMatcher(v.get("not"), depth+1)
	return m
}

// optionalNamed reads an option or a custom field with its values; only an
// option says how it is compared.
func optionalNamed(v value, typed bool) *promotion.Named {
	if v.object(); v.null() {
		return nil
	}
	n := &promotion.Named{Name: v.get("name").required().text(1, 255)}
	if typed {
		n.Type = v.get("type").required().oneOf(promotion.StringMatch)
	}
	for _, text := range v.get("values").required().bounded(maxListed) {
		n.Values = append(n.Values, text.required().text(0, 255))
	}
	return n
}

func readAction(v value) promotion.Action {
	v.object()
	var a promotion.Action
	if c := v.get("cart_value"); !c.null() {
		a.CartValue = &promotion.CartValue{
			Discount: readDiscount(c.object().get("discount").required()), Maximum: c.get("maximum_allowed_discount_amount").amount(),
		}
	}
	if c := v.get("cart_items"); !c.null() {
		a.CartItems = readCartItems(c.object())
	}
	if s := v.get("fixed_price_set"); !s.null() {
		s.object()
		a.FixedPriceSet = &promotion.FixedPriceSet{
			Quantity: s.get("quantity").required().int(1, maxUses), FixedPrice: s.get("fixed_price").required().amount(),
			Items: readMatcher(s.get("items"), 1), Strategy: readStrategy(s.get("strategy")),
			ExcludeSale: s.get("exclude_items_on_sale").bool(), IncludeCondition: s.get("include_items_considered_by_condition").boolOr(true),
		}
	}
	if g := v.get("gift_item"); !g.null() {
		g.object()
		a.GiftItem = &promotion.GiftItem{
			Quantity:  g.get("quantity").required().int(1, promotion.MaxGift),
			ProductID: g.get("product_id").int(1, maxInt), VariantID: g.get("variant_id").int(1, maxInt),
		}
	}
	if s := v.get("shipping"); !s.null() {
		a.Shipping = readPromotionShipping(s.object())
	}
	if s := v.get("shipping_discount"); !s.null() {
		s.fail("Discounts on shipping are not supported; shipping can be free.")
	}
	return a
}

func readCartItems(v value) *promotion.CartItems {
	return &promotion.CartItems{
		Discount: readDiscount(v.get("discount").required()), Maximum: v.get("maximum_allowed_discount_amount").amount(),
		Items: readMatcher(v.get("items"), 1), AsTotal: v.get("as_total").bool(), Strategy: readStrategy(v.get("strategy")),
		Quantity: v.get("quantity").int(0, maxUses), ExcludeSale: v.get("exclude_items_on_sale").bool(),
		IncludeCondition: v.get("include_items_considered_by_condition").bool(), AddFree: v.get("add_free_item").bool(),
	}
}

func readDiscount(v value) promotion.Discount {
	v.object()
	return promotion.Discount{
		Fixed: optional(v.get("fixed_amount"), value.amount), Percent: optional(v.get("percentage_amount"), value.amount),
	}
}

func readStrategy(v value) promotion.Strategy {
	if v.null() {
		return promotion.LeastExpensive
	}
	return enum(promotion.Strategies)(v)
}

// readPromotionShipping reads where shipping is free: in some zones, or in all by
// "*". What cannot be told otherwise is free_shipping.
func readPromotionShipping(v value) *promotion.Shipping {
	if free := v.get("free_shipping"); !free.null() && !free.bool() {
		free.fail(fault.ExpectedEnum)
	}
	zones := v.get("zone_ids").required()
	if zones.raw == "*" {
		return &promotion.Shipping{}
	}
	return &promotion.Shipping{ZoneIDs: zones.ids(1)}
}
