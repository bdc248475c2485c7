package promotion_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// TestAdmit is spec/05 §7.2: which codes may be applied, and what is said of
// the others. The basket is two units of product 1 at 10.
func TestAdmit(t *testing.T) {
	type (
		c = *promotion.Coupon
		p = *promotion.Promotion
		b = *promotion.Basket
	)
	many := func(s *promotion.Settings) { s.MaxCoupons = 3 }
	alone := func(p p) { p.Combines = false }
	uses := func(u promotion.Uses) *promotion.Uses { return &u }
	classic := []promotion.Redeemed{{Code: "OTHER", CouponID: 6}}
	tests := map[string]struct {
		coupon    func(c) // of the code SAVE; nil when promotion is set
		promotion func(p)
		code      func(*promotion.Code)
		automatic *promotion.Promotion
		basket    func(b)
		uses      *promotion.Uses
		settings  func(*promotion.Settings)
		typed     string
		title     string // "" when it may be applied
		replaces  []string
	}{
		"a coupon":                  {},
		"in another case, blanks":   {typed: " save "},
		"nobody knows it":           {typed: "WHAT", title: "The coupon code WHAT is not valid."},
		"too long":                  {typed: strings.Repeat("x", 51), title: fault.TitleSchema},
		"disabled":                  {coupon: func(c c) { c.Enabled = false }, title: "The coupon code SAVE is not valid."},
		"of another cart":           {coupon: func(c c) { c.Cart = "theirs" }, basket: func(b b) { b.Cart = "mine" }, title: "The coupon code SAVE is not valid."},
		"of this cart":              {coupon: func(c c) { c.Cart = "mine" }, basket: func(b b) { b.Cart = "mine" }},
		"expired":                   {coupon: func(c c) { c.Expires = noon }, title: "The coupon code SAVE has expired."},
		"no uses left":              {coupon: func(c c) { c.MaxUses = 3 }, uses: uses(promotion.Uses{Total: 3}), title: "The coupon code SAVE has been used as often as it can be."},
		"one use left":              {coupon: func(c c) { c.MaxUses = 3 }, uses: uses(promotion.Uses{Total: 2})},
		"no uses left for this one": {coupon: func(c c) { c.MaxUsesPerCustomer = 1 }, uses: uses(promotion.Uses{Total: 9, ByShopper: 1}), title: "The coupon code SAVE has been used by this customer as often as it can be."},
		"below the minimum":         {coupon: func(c c) { c.MinPurchase = amount("20.01") }, title: "The coupon code SAVE requires a minimum purchase of 20.01 USD."},
		"at the minimum":            {coupon: func(c c) { c.MinPurchase = amount("20") }},
		"nothing matches":           {coupon: func(c c) { c.AppliesTo = promotion.AppliesTo{Entity: "products", IDs: []int64{7}} }, title: "The coupon code SAVE does not apply to the items in the cart."},
		"another country":           {coupon: func(c c) { c.Countries = []string{"US"} }, basket: func(b b) { b.Countries = []string{"DE"} }, title: "The coupon code SAVE is not valid for the country that the order is sent to."},
		"a country, not known yet":  {coupon: func(c c) { c.Countries = []string{"US"} }},
		"another currency":          {basket: func(b b) { b.Currency.Default, b.Currency.Rate = false, 2*money.RateOne }, title: "Coupons only apply to default currency."},
		"expired before the rest":   {coupon: func(c c) { c.Expires, c.MinPurchase, c.MaxUses = noon, amount("99"), 1 }, uses: uses(promotion.Uses{Total: 1}), title: "The coupon code SAVE has expired."},
		"uses before the minimum":   {coupon: func(c c) { c.MinPurchase, c.MaxUses = amount("99"), 1 }, uses: uses(promotion.Uses{Total: 1}), title: "The coupon code SAVE has been used as often as it can be."},
		"it is there already":       {basket: func(b b) { b.Codes = []promotion.Redeemed{{Code: "SAVE", CouponID: 5}} }, replaces: []string{"already"}},
		"another makes room":        {basket: func(b b) { b.Codes = classic }, replaces: []string{"OTHER"}},
		"beside another":            {basket: func(b b) { b.Codes = classic }, settings: many},
		"too many": {basket: func(b b) { b.Codes = append(classic, promotion.Redeemed{Code: "X"}, promotion.Redeemed{Code: "Y"}) }, settings: many,
			title: "Only 3 coupon codes can be used at once."},
		"beside a manual discount":     {basket: func(b b) { b.Manual = true }, title: "The coupon code SAVE cannot be used together with a manual discount."},
		"beside one that stands alone": {automatic: half(1, alone), title: "The coupon code SAVE cannot be used together with the discounts of this cart."},
		"nothing is left to take":      {automatic: rules(always(offValue(percent("100")))), title: "The coupon code SAVE does not apply to the items in the cart."},
		"free shipping":                {coupon: func(c c) { c.Type = promotion.FreeShipping }},

		"of a promotion":                     {promotion: func(p) {}},
		"of a disabled one":                  {promotion: func(p p) { p.Status = promotion.Disabled }, title: "The coupon code SAVE is not valid."},
		"of one that needs no code":          {promotion: func(p p) { p.Redemption = promotion.Automatic }, title: "The coupon code SAVE is not valid."},
		"of one that is gone":                {promotion: func(p p) { p.ID = 99 }, title: "The coupon code SAVE is not valid."},
		"of one that has ended":              {promotion: func(p p) { p.End = noon }, title: "The coupon code SAVE has expired."},
		"of one that has not begun":          {promotion: func(p p) { p.Start = noon.Add(time.Hour) }, title: "The coupon code SAVE cannot be used at this time."},
		"outside its hours":                  {promotion: func(p p) { p.Schedule = &promotion.Schedule{DailyStart: "20:00", DailyEnd: "21:00"} }, title: "The coupon code SAVE cannot be used at this time."},
		"no uses of the promotion left":      {promotion: func(p p) { p.MaxUses = 3 }, uses: uses(promotion.Uses{Promotion: 3}), title: "The coupon code SAVE has been used as often as it can be."},
		"no uses of the code left":           {promotion: func(p) {}, code: func(c *promotion.Code) { c.MaxUses = 1 }, uses: uses(promotion.Uses{Total: 1}), title: "The coupon code SAVE has been used as often as it can be."},
		"no uses of it left for her":         {promotion: func(p) {}, code: func(c *promotion.Code) { c.MaxUsesPerCustomer = 1 }, uses: uses(promotion.Uses{ByShopper: 1}), title: "The coupon code SAVE has been used by this customer as often as it can be."},
		"too little is spent":                {promotion: func(p p) { p.Rules[0].Condition = spending("50") }, title: "The coupon code SAVE requires a minimum purchase of 50.00 USD."},
		"no item of it is there":             {promotion: func(p p) { p.Rules[0].Condition = atLeast(1, products(7)) }, title: "The coupon code SAVE does not apply to the items in the cart."},
		"the second rule fits":               {promotion: func(p p) { p.Rules = append([]promotion.Rule{{Condition: spending("50")}}, p.Rules...) }},
		"not in this channel":                {promotion: func(p p) { p.Channels = []int64{4} }, title: "The coupon code SAVE is not valid in this shop."},
		"not in this group":                  {promotion: func(p p) { p.Customer.GroupIDs = []int64{4} }, title: "The coupon code SAVE is not valid for this customer."},
		"not in this country":                {promotion: func(p p) { p.Countries = []string{"US"} }, basket: func(b b) { b.Countries = []string{"DE"} }, title: "The coupon code SAVE is not valid for the country that the order is sent to."},
		"in a country, not known yet":        {promotion: func(p p) { p.Countries = []string{"US"} }},
		"not in this currency":               {promotion: func(p p) { p.Currency = "EUR" }, title: "The coupon code SAVE does not apply in USD."},
		"standing alone, alone":              {promotion: alone},
		"standing alone, beside another":     {promotion: alone, automatic: tenth(1, nil), title: "The coupon code SAVE cannot be used together with the discounts of this cart."},
		"standing alone, in another's place": {promotion: alone, basket: func(b b) { b.Codes = classic }, replaces: []string{"OTHER"}},
		"standing alone, beside a code":      {promotion: alone, basket: func(b b) { b.Codes = classic }, settings: many, title: "The coupon code SAVE cannot be used together with the discounts of this cart."},
		"throwing out others": {promotion: func(p p) { p.Combines, p.Overrides = false, true }, automatic: tenth(1, nil), settings: many,
			basket: func(b b) { b.Codes = classic }, replaces: []string{"OTHER"}},
		"giving more":               {promotion: func(p p) { p.Combines, p.OverridesWhenBetter = false, true }, automatic: tenth(1, nil)},
		"giving less":               {promotion: func(p p) { p.Combines, p.OverridesWhenBetter = false, true }, automatic: rules(always(offValue(percent("90")))), title: "The coupon code SAVE cannot be used together with the discounts of this cart."},
		"a second code of the same": {promotion: func(p) {}, settings: many, basket: func(b b) { b.Codes = []promotion.Redeemed{{Code: "TWIN", CodeID: 8, PromotionID: 3}} }, title: "The coupon code SAVE cannot be used together with the discounts of this cart."},
		"nothing to discount beside these": {promotion: func(p p) {
			p.Rules[0].Condition, p.Rules[0].Action.CartItems.IncludeCondition = atLeast(2, products(1)), false
		}, title: "The coupon code SAVE does not apply to the items in the cart."},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			want := promotion.Redeemed{Code: "Save", CouponID: 5}
			coupons := []*promotion.Coupon{{ID: 6, Code: "OTHER", Type: promotion.PerTotal, Amount: amount("1"), Enabled: true}}
			var list []*promotion.Promotion
			var code *promotion.Code
			if tc.promotion != nil {
				want = promotion.Redeemed{Code: "Save", CodeID: 7, PromotionID: 3}
				code = &promotion.Code{ID: 7, PromotionID: 3, Code: "Save"}
				list = append(list, half(3, byCode(tc.promotion)))
				if tc.code != nil {
					tc.code(code)
				}
			} else {
				own := &promotion.Coupon{ID: 5, Code: "Save", Type: promotion.PerTotal, Amount: amount("3"), Enabled: true}
				if tc.coupon != nil {
					tc.coupon(own)
				}
				coupons = append(coupons, own)
			}
			if tc.automatic != nil {
				list = append(list, tc.automatic)
			}
			basket := dollars(goods(1, "10", 2))
			if tc.basket != nil {
				tc.basket(basket)
			}
			typed, counted := "SAVE", promotion.Uses{}
			if tc.typed != "" {
				typed = tc.typed
			}
			if tc.uses != nil {
				counted = *tc.uses
			}
			got, err := with(tc.settings, list, coupons...).Admit(basket, typed, code, counted, noon)
			if tc.title != "" {
				if f := fault.As(err); f == nil || f.Kind != fault.Invalid || !strings.EqualFold(f.Title, tc.title) {
					t.Errorf("err = %v", err)
				}
				return
			}
			already := len(tc.replaces) == 1 && tc.replaces[0] == "already"
			if already {
				tc.replaces = nil
			}
			if diff := cmp.Diff(promotion.Admission{Redeemed: want, Already: already, Replaces: tc.replaces}, got); err != nil || diff != "" {
				t.Errorf("err = %v: %s", err, diff)
			}
		})
	}
}
