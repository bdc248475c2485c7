package promotion_test

import (
	"testing"
	"time"

	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

func half(id int64, change func(*promotion.Promotion)) *promotion.Promotion {
	p := rules(always(offItems(promotion.CartItems{Discount: percent("50"), IncludeCondition: true})))
	p.ID = id
	if change != nil {
		change(p)
	}
	return p
}

func tenth(id int64, change func(*promotion.Promotion)) *promotion.Promotion {
	p := rules(always(offValue(percent("10"))))
	p.ID = id
	if change != nil {
		change(p)
	}
	return p
}

func byCode(change func(*promotion.Promotion)) func(*promotion.Promotion) {
	return func(p *promotion.Promotion) {
		p.Redemption, p.DisplayName = promotion.ByCoupon, "Shown"
		if change != nil {
			change(p)
		}
	}
}

// TestStacking is spec/05 §7.3 and §7.6: which promotions and coupons stand
// beside each other. The basket costs 100.
func TestStacking(t *testing.T) {
	stop := func(p *promotion.Promotion) { p.Stop = true }
	alone := func(p *promotion.Promotion) { p.Combines = false }
	first := func(p *promotion.Promotion) { p.Priority = -1 }
	both := func(list ...func(*promotion.Promotion)) func(*promotion.Promotion) {
		return func(p *promotion.Promotion) {
			for _, change := range list {
				change(p)
			}
		}
	}
	nothing := func(p *promotion.Promotion) { p.Rules[0].Condition = spending("1000") }
	overrides := func(p *promotion.Promotion) { p.Combines, p.Overrides = false, true }
	better := func(p *promotion.Promotion) { p.Combines, p.OverridesWhenBetter = false, true }
	classic := &promotion.Coupon{ID: 50, Code: "CLASSIC", Type: promotion.Percentage, Amount: amount("20"), Enabled: true}
	code := promotion.Redeemed{Code: "CODE", CodeID: 60, PromotionID: 3}
	more := promotion.Redeemed{Code: "MORE", CodeID: 61, PromotionID: 3}
	old := promotion.Redeemed{Code: "CLASSIC", CouponID: 50}
	tests := map[string]struct {
		list  []*promotion.Promotion
		codes []promotion.Redeemed
		// items, coupon and shared are of the one line
		items, coupon, shared string
	}{
		"all together":                         {list: []*promotion.Promotion{half(1, nil), tenth(2, nil)}, items: "50", shared: "10"},
		"one that stops":                       {list: []*promotion.Promotion{half(1, stop), tenth(2, nil)}, items: "50"},
		"one that stops comes last":            {list: []*promotion.Promotion{half(2, stop), tenth(1, nil)}, items: "50", shared: "10"},
		"priority before id":                   {list: []*promotion.Promotion{half(1, stop), tenth(2, both(first, stop))}, shared: "10"},
		"one that stops does not apply":        {list: []*promotion.Promotion{half(1, both(stop, nothing)), tenth(2, nil)}, shared: "10"},
		"one that stops leaves codes alone":    {list: []*promotion.Promotion{half(1, stop), tenth(3, byCode(nil))}, codes: []promotion.Redeemed{code}, items: "50", coupon: "10"},
		"one that stands alone":                {list: []*promotion.Promotion{half(1, alone), tenth(2, nil)}, items: "50"},
		"one that stands alone comes too late": {list: []*promotion.Promotion{half(2, alone), tenth(1, nil)}, shared: "10"},
		"one that stands alone, and a code": {list: []*promotion.Promotion{half(1, alone), tenth(3, byCode(nil))}, codes: []promotion.Redeemed{code, old},
			items: "50"},
		"a code":                             {list: []*promotion.Promotion{half(3, byCode(nil))}, codes: []promotion.Redeemed{code}, coupon: "50"},
		"a promotion without its code":       {list: []*promotion.Promotion{half(3, byCode(nil))}},
		"two codes of one promotion":         {list: []*promotion.Promotion{half(3, byCode(nil))}, codes: []promotion.Redeemed{more, code}, coupon: "50"},
		"a code and a coupon":                {list: []*promotion.Promotion{half(3, byCode(nil))}, codes: []promotion.Redeemed{old, code}, coupon: "70"},
		"a code that stands alone":           {list: []*promotion.Promotion{half(3, byCode(alone))}, codes: []promotion.Redeemed{old, code}, coupon: "50"},
		"a code that stands alone, too late": {list: []*promotion.Promotion{tenth(1, nil), half(3, byCode(alone))}, codes: []promotion.Redeemed{code}, shared: "10"},
		"a code that overrides":              {list: []*promotion.Promotion{tenth(1, nil), half(3, byCode(overrides))}, codes: []promotion.Redeemed{old, code}, coupon: "50"},
		"a code that overrides with nothing": {list: []*promotion.Promotion{tenth(1, nil), half(3, byCode(both(overrides, nothing)))}, codes: []promotion.Redeemed{old, code}, coupon: "20", shared: "10"},
		"a code that gives more":             {list: []*promotion.Promotion{tenth(1, nil), half(3, byCode(better))}, codes: []promotion.Redeemed{code}, coupon: "50"},
		"a code that gives less":             {list: []*promotion.Promotion{half(1, nil), tenth(3, byCode(better))}, codes: []promotion.Redeemed{code}, items: "50"},
		"a code that gives more than none":   {list: []*promotion.Promotion{tenth(3, byCode(better))}, codes: []promotion.Redeemed{code}, coupon: "10"},
		"everything at once":                 {list: []*promotion.Promotion{half(1, nil), tenth(2, nil), tenth(3, byCode(nil))}, codes: []promotion.Redeemed{code, old}, items: "50", shared: "10", coupon: "30"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := dollars(goods(1, "100", 1))
			b.Codes = tc.codes
			out := with(nil, tc.list, classic).Evaluate(b, noon)
			wanted{items: []string{tc.items}, coupon: []string{tc.coupon}, shared: []string{tc.shared}}.check(t, out)
			var sum money.Amount
			for i, c := range out.Codes {
				sum += c.Amount
				if c.Code != tc.codes[i].Code || c.Gone {
					t.Errorf("code = %+v", c)
				}
			}
			if sum != out.Coupon {
				t.Errorf("codes add up to %s of %s", sum, out.Coupon)
			}
		})
	}
}

// TestWhoAndWhere: a promotion is for channels, customers, countries and
// currencies (spec/05 §7.3, §7.6).
func TestWhoAndWhere(t *testing.T) {
	type b = *promotion.Basket
	type p = *promotion.Promotion
	yen := promotion.Currency{Code: "JPY", Rate: 150 * money.RateOne, StoreCode: "USD"}
	tests := map[string]struct {
		promotion func(p)
		basket    func(b)
		want      bool
	}{
		"everybody":                        {nil, nil, true},
		"disabled":                         {func(p p) { p.Status = promotion.Disabled }, nil, false},
		"this channel":                     {func(p p) { p.Channels = []int64{2, 1} }, nil, true},
		"another channel":                  {func(p p) { p.Channels = []int64{2} }, nil, false},
		"guests":                           {func(p p) { p.Customer.GroupIDs = []int64{0} }, nil, true},
		"a group, a guest":                 {func(p p) { p.Customer.GroupIDs = []int64{4} }, nil, false},
		"a group":                          {func(p p) { p.Customer.GroupIDs = []int64{4} }, func(b b) { b.GroupID = 4 }, true},
		"all but a group":                  {func(p p) { p.Customer.ExcludedGroupIDs = []int64{4} }, nil, true},
		"all but this group":               {func(p p) { p.Customer.ExcludedGroupIDs = []int64{4} }, func(b b) { b.GroupID = 4 }, false},
		"too few orders":                   {func(p p) { p.Customer.MinimumOrders = 2 }, func(b b) { b.Orders = 1 }, false},
		"enough orders":                    {func(p p) { p.Customer.MinimumOrders = 2 }, func(b b) { b.Orders = 2 }, true},
		"segments":                         {func(p p) { p.Customer.Segments = []string{"a"} }, nil, false},
		"a country, not known yet":         {func(p p) { p.Countries = []string{"US"} }, nil, false},
		"a country":                        {func(p p) { p.Countries = []string{"CA", "US"} }, func(b b) { b.Countries = []string{"US"} }, true},
		"part goes elsewhere":              {func(p p) { p.Countries = []string{"US"} }, func(b b) { b.Countries = []string{"US", "DE"} }, false},
		"another currency":                 {nil, func(b b) { b.Currency = yen }, false},
		"every currency":                   {func(p p) { p.Currency = promotion.AnyCurrency }, func(b b) { b.Currency = yen }, true},
		"a currency that is only shown":    {nil, func(b b) { b.Currency = yen; b.Currency.DisplayOnly = true }, true},
		"not begun":                        {func(p p) { p.Start = noon.Add(time.Second) }, nil, false},
		"at the instant it begins":         {func(p p) { p.Start = noon }, nil, true},
		"at the instant it ends":           {func(p p) { p.End = noon }, nil, false},
		"the moment before it ends":        {func(p p) { p.End = noon.Add(time.Nanosecond) }, nil, true},
		"outside its hours":                {func(p p) { p.Schedule = &promotion.Schedule{DailyStart: "13:00:00", DailyEnd: "14:00:00"} }, nil, false},
		"within its hours":                 {func(p p) { p.Schedule = &promotion.Schedule{DailyStart: "12:00:00", DailyEnd: "14:00:00"} }, nil, true},
		"nothing stands alone after a cut": {func(p p) { p.Combines = false }, nil, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			basket := dollars(goods(1, "10", 2))
			if tc.basket != nil {
				tc.basket(basket)
			}
			if got := offers(half(1, tc.promotion)).Evaluate(basket, noon).Lines[0].Discount == amount("10"); got != tc.want {
				t.Errorf("applies = %t", got)
			}
		})
	}
}

// TestAmountsInOtherCurrencies: of a promotion for every currency, and of one
// in the store's currency where another is only shown, amounts are converted.
func TestAmountsInOtherCurrencies(t *testing.T) {
	b := dollars(goods(1, "1000", 2))
	b.Currency = promotion.Currency{Code: "JPY", Rate: 150 * money.RateOne, StoreCode: "USD"}
	p := rules(always(offValue(fixed("1.23"))))
	p.Rules[0].Condition, p.Currency = spending("13.33"), promotion.AnyCurrency
	if got := offers(p).Evaluate(b, noon).Discount; got != amount("185") {
		t.Errorf("discount = %s", got)
	}
	p.Rules[0].Condition = spending("13.34")
	if got := offers(p).Evaluate(b, noon).Discount; got != 0 {
		t.Errorf("discount = %s", got)
	}
	p.Currency, p.Rules[0].Condition = "USD", nil
	b.Currency.DisplayOnly = true
	if got := offers(p).Evaluate(b, noon).Discount; got != amount("185") {
		t.Errorf("discount = %s", got)
	}
}

// TestHugeAmounts: what is too large to say is as large as can be said.
func TestHugeAmounts(t *testing.T) {
	b := dollars(goods(1, "1000", 2))
	b.Currency.Rate, b.Currency.Code = 1_000*money.RateOne, "XXX"
	huge := money.Max
	p := rules(promotion.Rule{Action: offValue(promotion.Discount{Fixed: &huge}), Condition: atLeast(1, products(1))},
		promotion.Rule{Action: offValue(promotion.Discount{Percent: &huge}), ApplyOnce: true})
	p.Currency = promotion.AnyCurrency
	wanted{shared: []string{"2000"}}.check(t, offers(p).Evaluate(b, noon))
}

// TestClassicCoupons is spec/05 §7.1: every type. The basket is two units of
// product 1 at 10 and one of product 2 at 20.
func TestClassicCoupons(t *testing.T) {
	type c = *promotion.Coupon
	coupon := func(kind promotion.CouponType, off string, change func(c)) *promotion.Coupon {
		k := &promotion.Coupon{ID: 5, Name: "Five", Code: "X", Type: kind, Amount: amount(off), Enabled: true}
		if change != nil {
			change(k)
		}
		return k
	}
	forProducts := func(ids ...int64) func(c) {
		return func(k c) { k.AppliesTo = promotion.AppliesTo{Entity: "products", IDs: ids} }
	}
	forCategories := func(ids ...int64) func(c) {
		return func(k c) { k.AppliesTo = promotion.AppliesTo{Entity: "categories", IDs: ids} }
	}
	least := func(s string) func(c) { return func(k c) { k.MinPurchase = amount(s) } }
	tests := map[string]struct {
		coupon *promotion.Coupon
		basket func(*promotion.Basket)
		want   wanted
	}{
		"per item":                   {coupon(promotion.PerItem, "3", nil), nil, wanted{coupon: []string{"6", "3"}}},
		"per item, more than it is":  {coupon(promotion.PerItem, "15", nil), nil, wanted{coupon: []string{"20", "15"}}},
		"percentage":                 {coupon(promotion.Percentage, "12.5", nil), nil, wanted{coupon: []string{"2.5", "2.5"}}},
		"percentage, above all":      {coupon(promotion.Percentage, "120", nil), nil, wanted{coupon: []string{"20", "20"}}},
		"per total":                  {coupon(promotion.PerTotal, "5.01", nil), nil, wanted{coupon: []string{"2.51", "2.5"}}},
		"per total, more than it is": {coupon(promotion.PerTotal, "100", nil), nil, wanted{coupon: []string{"20", "20"}}},
		"off shipping":               {coupon(promotion.ShippingOff, "5", nil), nil, wanted{free: 1}},
		"free shipping":              {coupon(promotion.FreeShipping, "0", nil), nil, wanted{free: 1}},
		"of products":                {coupon(promotion.Percentage, "50", forProducts(2, 3)), nil, wanted{coupon: []string{"", "10"}}},
		"of products, per total":     {coupon(promotion.PerTotal, "50", forProducts(2, 3)), nil, wanted{coupon: []string{"", "20"}}},
		"of products that are not there, shipping": {coupon(promotion.FreeShipping, "0", forProducts(3)), nil, wanted{}},
		"of categories":                {coupon(promotion.Percentage, "50", forCategories(1000)), nil, wanted{coupon: []string{"10"}}},
		"of every category":            {coupon(promotion.Percentage, "50", forCategories(0)), nil, wanted{coupon: []string{"10", "10"}}},
		"the minimum purchase":         {coupon(promotion.Percentage, "50", least("40")), nil, wanted{coupon: []string{"10", "10"}}},
		"below the minimum purchase":   {coupon(promotion.Percentage, "50", least("40.01")), nil, wanted{}},
		"disabled":                     {coupon(promotion.Percentage, "50", func(k c) { k.Enabled = false }), nil, wanted{}},
		"at the instant it expires":    {coupon(promotion.Percentage, "50", func(k c) { k.Expires = noon }), nil, wanted{}},
		"the moment before it expires": {coupon(promotion.Percentage, "50", func(k c) { k.Expires = noon.Add(1) }), nil, wanted{coupon: []string{"10", "10"}}},
		"uses are not asked for":       {coupon(promotion.Percentage, "50", func(k c) { k.MaxUses, k.MaxUsesPerCustomer = 1, 1 }), nil, wanted{coupon: []string{"10", "10"}}},
		"a country, not known yet":     {coupon(promotion.Percentage, "50", func(k c) { k.Countries = []string{"US"} }), nil, wanted{}},
		"a country": {coupon(promotion.Percentage, "50", func(k c) { k.Countries = []string{"US"} }),
			func(b *promotion.Basket) { b.Countries = []string{"US"} }, wanted{coupon: []string{"10", "10"}}},
		"another currency":              {coupon(promotion.Percentage, "50", nil), func(b *promotion.Basket) { b.Currency.Default = false }, wanted{}},
		"a client's price is no matter": {coupon(promotion.Percentage, "50", nil), func(b *promotion.Basket) { b.Lines[0].Overridden = true }, wanted{coupon: []string{"10", "10"}}},
		"not custom items and certificates": {coupon(promotion.PerTotal, "50", nil), func(b *promotion.Basket) {
			b.Lines[0].Kind, b.Lines[1].Kind = promotion.Custom, promotion.Certificate
		}, wanted{}},
		"another code": {coupon(promotion.Percentage, "50", func(k c) { k.ID = 6 }), nil, wanted{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := dollars(goods(1, "10", 2), goods(2, "20", 1))
			b.Codes = []promotion.Redeemed{{Code: "X", CouponID: 5}}
			if tc.basket != nil {
				tc.basket(b)
			}
			out := with(nil, nil, tc.coupon).Evaluate(b, noon)
			tc.want.check(t, out)
			if got := out.Codes[0]; got.Gone != (tc.coupon.ID != 5) || got.Amount != out.Coupon || (!got.Gone && (got.Type != tc.coupon.Type || got.DisplayName != "Five")) {
				t.Errorf("code = %+v", got)
			}
		})
	}
}

// TestCouponOfTheSample is the vendor's sample (spec/01 §7.3): 20 % off 32 and
// 35.
func TestCouponOfTheSample(t *testing.T) {
	b := dollars(goods(1, "32", 1), goods(2, "35", 1))
	b.Codes = []promotion.Redeemed{{Code: "S", CouponID: 5}}
	out := with(nil, nil, &promotion.Coupon{ID: 5, Code: "S", Type: promotion.Percentage, Amount: amount("20"), Enabled: true}).Evaluate(b, noon)
	wanted{coupon: []string{"6.4", "7"}}.check(t, out)
}

// TestCouponsGoByWhatIsLeft: a coupon on a total is shared by what other
// discounts left of each line (spec/01 §7.3).
func TestCouponsGoByWhatIsLeft(t *testing.T) {
	b := dollars(goods(1, "10", 1), goods(2, "10", 1))
	b.Codes = []promotion.Redeemed{{Code: "S", CouponID: 5}}
	item := rules(always(offItems(promotion.CartItems{Discount: fixed("5"), Items: products(1), IncludeCondition: true})))
	order := tenth(2, nil)
	out := with(nil, []*promotion.Promotion{item, order},
		&promotion.Coupon{ID: 5, Code: "S", Type: promotion.PerTotal, Amount: amount("6.5"), Enabled: true}).Evaluate(b, noon)
	wanted{items: []string{"5"}, shared: []string{"0.67", "1.33"}, coupon: []string{"2.17", "4.33"}}.check(t, out)
}

// TestShippingCuts says whom the cuts come from and what they are for.
func TestShippingCuts(t *testing.T) {
	p := rules(always(promotion.Action{Shipping: &promotion.Shipping{ZoneIDs: []int64{1, 3}}}))
	b := dollars(goods(1, "10", 1))
	b.Codes = []promotion.Redeemed{{Code: "A", CouponID: 5}, {Code: "B", CouponID: 6}}
	out := with(nil, []*promotion.Promotion{p}, &promotion.Coupon{ID: 5, Code: "A", Type: promotion.ShippingOff, Amount: amount("5"), Enabled: true},
		&promotion.Coupon{ID: 6, Code: "B", Type: promotion.FreeShipping, ShippingMethods: []string{"shipping_flatrate"}, Enabled: true}).Evaluate(b, noon)
	if len(out.Shipping) != 3 {
		t.Fatalf("shipping = %+v", out.Shipping)
	}
	a, c, d := out.Shipping[0], out.Shipping[1], out.Shipping[2]
	if a.Source != promotion.FromPromotion || a.ID != 1 || !a.Free || len(a.ZoneIDs) != 2 || a.Methods != nil {
		t.Errorf("promotion = %+v", a)
	}
	if c.Source != promotion.FromCoupon || c.ID != 5 || c.Code != "A" || c.Free || c.Amount != amount("5") || c.ZoneIDs != nil {
		t.Errorf("coupon = %+v", c)
	}
	if d.Code != "B" || !d.Free || len(d.Methods) != 1 {
		t.Errorf("coupon = %+v", d)
	}
	uses := []promotion.Use{{PromotionID: 1}, {CouponID: 5}, {CouponID: 6}}
	for i, use := range uses {
		if out.Uses[i] != use {
			t.Errorf("uses = %+v", out.Uses)
		}
	}
}
