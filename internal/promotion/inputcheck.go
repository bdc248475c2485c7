package promotion

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// The bounds of a promotion, so that carts are priced in a bounded time.
const (
	MaxName     = 255
	MaxRules    = 50
	MaxDepth    = 8    // of conditions and of matchers inside each other
	MaxWeeks    = 520  // between the weeks of a schedule
	maxMatchers = 500  // of one promotion
	maxIDs      = 5000 // of one promotion
	MaxContent  = 10_000
)

// Statuses, RedemptionTypes, CouponKinds, Strategies, WeekDays, NotificationTypes
// and NotificationPages are the values that the API takes.
var (
	Statuses          = []Status{Enabled, Disabled}
	RedemptionTypes   = []Redemption{Automatic, ByCoupon}
	CouponKinds       = []CouponKind{Single, Bulk}
	Strategies        = []Strategy{LeastExpensive, LeastExpensiveOnly, MostExpensive, MostExpensiveOnly}
	WeekDays          = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	NotificationTypes = []string{"PROMOTION", "UPSELL", "ELIGIBLE", "APPLIED"}
	NotificationPages = []string{"HOME_PAGE", "PRODUCT_PAGE", "CART_PAGE", "CHECKOUT_PAGE"}
)

// check collects what is wrong with a definition, by field path.
type check struct {
	fields        map[string]string
	matchers, ids int
	amounts       string // the path of the first fixed amount, or ""
}

func (c *check) fail(path, message string) {
	if c.fields == nil {
		c.fields = map[string]string{}
	}
	if _, told := c.fields[path]; !told && len(c.fields) < 50 {
		c.fields[path] = message
	}
}

func (c *check) need(ok bool, path, message string) {
	if !ok {
		c.fail(path, message)
	}
}

func (c *check) err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema, Fields: c.fields}
}

func at(path string, i int) string { return path + "." + strconv.Itoa(i) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

// promotion checks a whole definition.
func (c *check) promotion(p *Promotion) {
	c.text(p.Name, 1, MaxName, "name")
	c.text(p.DisplayName, 0, MaxName, "display_name")
	c.need(slices.Contains(RedemptionTypes, p.Redemption), "redemption_type", fault.ExpectedEnum)
	c.need(slices.Contains(Statuses, p.Status), "status", fault.ExpectedEnum)
	c.need(p.MaxUses >= 0, "max_uses", fault.Min)
	c.need(p.End.IsZero() || p.End.After(p.Start), "end_date", "The end date must be after the start date.")
	c.audience(&p.Customer)
	c.overrides(p)
	c.rules(p)
	c.notifications(p.Notifications)
	c.schedule(p.Schedule)
	for i, country := range p.Countries {
		c.need(merchant.IsCountry(country), at("shipping_address.countries", i)+".iso2_country_code", fault.ExpectedEnum)
	}
}

func (c *check) text(s string, low, high int, path string) {
	n := utf8.RuneCountInString(s)
	c.need(n >= low, path, fault.MinLength)
	c.need(n <= high, path, fault.MaxLength)
}

func (c *check) audience(a *Audience) {
	c.need(len(a.GroupIDs) == 0 || len(a.ExcludedGroupIDs) == 0, "customer.excluded_group_ids",
		"Only one of group_ids and excluded_group_ids can be given.")
	c.need(a.MinimumOrders >= 0, "customer.minimum_order_count", fault.Min)
	for i, id := range a.GroupIDs {
		c.need(id >= 0, at("customer.group_ids", i), fault.Min)
	}
	for i, id := range a.ExcludedGroupIDs {
		c.need(id >= 0, at("customer.excluded_group_ids", i), fault.Min)
	}
}

// overrides checks the switches that only a coupon that stands alone may have
// (spec/05 §7.3).
func (c *check) overrides(p *Promotion) {
	message := "Only a promotion that is redeemed by coupon and cannot be used with other promotions can override others."
	alone := p.Redemption == ByCoupon && !p.Combines
	c.need(alone || !p.Overrides, "coupon_overrides_other_promotions", message)
	c.need(alone || !p.OverridesWhenBetter, "coupon_overrides_automatic_when_offering_higher_discounts", message)
}

func (c *check) rules(p *Promotion) {
	c.need(len(p.Rules) > 0, "rules", fault.MinLength)
	if len(p.Rules) > MaxRules {
		c.fail("rules", fault.MaxLength)
		return
	}
	for i := range p.Rules {
		r, path := &p.Rules[i], at("rules", i)
		if r.Condition != nil {
			c.condition(r.Condition, path+".condition", 1)
		}
		c.action(&r.Action, path+".action")
	}
	c.need(c.matchers <= maxMatchers && c.ids <= maxIDs, "rules", fault.MaxLength)
	c.need(p.Currency != AnyCurrency || c.amounts == "", c.amounts,
		"A promotion in every currency can only have percentages and free items and shipping.")
}

// exactly checks that one of several parts is given. none is said when none is.
func (c *check) exactly(path string, parts ...bool) {
	n := 0
	for _, given := range parts {
		if given {
			n++
		}
	}
	switch {
	case n == 0:
		c.fail(path, fault.Missing)
	case n > 1:
		c.fail(path, "Only one of these can be given.")
	}
}

// amount checks an amount of money; 0 is none.
func (c *check) amount(a money.Amount, path string) {
	c.need(a >= 0, path, fault.Min)
	c.need(a <= maxDiscount, path, fault.Max)
}

// fixed checks an amount that is taken off or charged, and notes it: a
// promotion for every currency has none, since 10 USD are not 10 JPY.
func (c *check) fixed(a money.Amount, path string) {
	c.amount(a, path)
	if c.amounts == "" {
		c.amounts = path
	}
}

// maxDiscount is the vendor's bound of what a discount may be.
const maxDiscount = 10_000_000 * money.Unit

func (c *check) notifications(all []Notification) {
	for i, n := range all {
		path := at("notifications", i)
		c.need(slices.Contains(NotificationTypes, n.Type), path+".type", fault.ExpectedEnum)
		c.text(n.Content, 0, MaxContent, path+".content")
		for j, page := range n.Locations {
			c.need(slices.Contains(NotificationPages, page), at(path+".locations", j), fault.ExpectedEnum)
		}
	}
}

func (c *check) schedule(s *Schedule) {
	if s == nil {
		return
	}
	c.need(s.WeekFrequency >= 1, "schedule.week_frequency", fault.Min)
	c.need(s.WeekFrequency <= MaxWeeks, "schedule.week_frequency", fault.Max)
	c.need(len(s.WeekDays) > 0, "schedule.week_days", fault.MinLength)
	for i, day := range s.WeekDays {
		c.need(slices.Contains(WeekDays, day), at("schedule.week_days", i), fault.ExpectedEnum)
	}
	start, err := time.Parse(time.TimeOnly, s.DailyStart)
	c.need(err == nil && len(s.DailyStart) == 8, "schedule.daily_start_time", fault.ExpectedDate)
	end, err2 := time.Parse(time.TimeOnly, s.DailyEnd)
	c.need(err2 == nil && len(s.DailyEnd) == 8, "schedule.daily_end_time", fault.ExpectedDate)
	c.need(err != nil || err2 != nil || end.After(start), "schedule.daily_end_time", "The end must be later in the day than the start.")
}
