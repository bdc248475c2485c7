package promotion_test

import (
	"testing"

	"cartwright/internal/promotion"
)

// TestRecordedPromotions is spec/07 §1.3: promotion 1 takes half off the order,
// promotion 7 four dollars off the second product. The order's part goes by
// what the lines cost after that, though it is half of the original prices.
func TestRecordedPromotions(t *testing.T) {
	b := dollars(goods(1, "15", 1), goods(2, "10", 1), goods(3, "199.99", 1))
	whole, item := rules(always(offValue(percent("50")))), rules(always(offItems(promotion.CartItems{Discount: fixed("4"), Items: products(2)})))
	item.ID = 7
	out := offers(item, whole).Evaluate(b, noon)
	wanted{items: []string{"", "4"}, shared: []string{"7.64", "3.05", "101.81"}}.check(t, out)
	if out.Discount != amount("112.5") {
		t.Errorf("discount = %s", out.Discount)
	}
	cuts := out.Lines[1].Cuts
	if len(cuts) != 2 || cuts[0].ID != 1 || !cuts[0].Order || cuts[1].ID != 7 || cuts[1].Order {
		t.Errorf("cuts = %+v", cuts)
	}
}

// TestActions is spec/05 §7.5. The basket is product 1 at 10 (two units),
// product 2 at 20 (one) and product 3 at 5 (three): 55 in all.
func TestActions(t *testing.T) {
	items := func(d promotion.Discount, change func(*promotion.CartItems)) promotion.Action {
		a := promotion.CartItems{Discount: d, IncludeCondition: true}
		if change != nil {
			change(&a)
		}
		return offItems(a)
	}
	set := func(price string, n int64, change func(*promotion.FixedPriceSet)) promotion.Action {
		a := promotion.FixedPriceSet{Quantity: n, FixedPrice: amount(price), IncludeCondition: true}
		if change != nil {
			change(&a)
		}
		return promotion.Action{FixedPriceSet: &a}
	}
	strategy := func(s promotion.Strategy, n int64) func(*promotion.CartItems) {
		return func(a *promotion.CartItems) { a.Strategy, a.Quantity = s, n }
	}
	sale := func(b *promotion.Basket) { b.Lines[2].OnSale = true }
	tests := map[string]struct {
		action promotion.Action
		basket func(*promotion.Basket)
		want   wanted
	}{
		"cart value, fixed":           {action: offValue(fixed("5.5")), want: wanted{shared: []string{"2", "2", "1.5"}}},
		"cart value, percentage":      {action: offValue(percent("10")), want: wanted{shared: []string{"2", "2", "1.5"}}},
		"cart value, remainders":      {action: offValue(fixed("1")), want: wanted{shared: []string{"0.37", "0.36", "0.27"}}},
		"cart value, more than it is": {action: offValue(fixed("100")), want: wanted{shared: []string{"20", "20", "15"}}},
		"cart value, at most": {action: promotion.Action{CartValue: &promotion.CartValue{Discount: percent("50"), Maximum: amount("5.5")}},
			want: wanted{shared: []string{"2", "2", "1.5"}}},

		"items, all of them":            {action: items(percent("10"), nil), want: wanted{items: []string{"2", "2", "1.5"}}},
		"items, each unit":              {action: items(fixed("6"), nil), want: wanted{items: []string{"12", "6", "15"}}},
		"items, rounded once a line":    {action: items(percent("3.33"), nil), want: wanted{items: []string{"0.67", "0.67", "0.5"}}},
		"items, as total":               {action: items(fixed("5.5"), func(a *promotion.CartItems) { a.AsTotal = true }), want: wanted{items: []string{"2", "2", "1.5"}}},
		"items, as total, percentage":   {action: items(percent("10"), func(a *promotion.CartItems) { a.AsTotal = true }), want: wanted{items: []string{"2", "2", "1.5"}}},
		"items, as total, too much":     {action: items(fixed("99"), func(a *promotion.CartItems) { a.AsTotal = true }), want: wanted{items: []string{"20", "20", "15"}}},
		"items, of one product":         {action: items(fixed("1"), func(a *promotion.CartItems) { a.Items = products(3) }), want: wanted{items: []string{"", "", "3"}}},
		"items, cheapest first":         {action: items(percent("100"), strategy(promotion.LeastExpensive, 4)), want: wanted{items: []string{"10", "", "15"}}},
		"items, cheapest by default":    {action: items(percent("100"), strategy("", 4)), want: wanted{items: []string{"10", "", "15"}}},
		"items, cheapest only":          {action: items(percent("100"), strategy(promotion.LeastExpensiveOnly, 4)), want: wanted{items: []string{"", "", "15"}}},
		"items, dearest first":          {action: items(percent("100"), strategy(promotion.MostExpensive, 2)), want: wanted{items: []string{"10", "20"}}},
		"items, dearest only":           {action: items(percent("100"), strategy(promotion.MostExpensiveOnly, 2)), want: wanted{items: []string{"", "20"}}},
		"items, cheapest only, two of":  {action: items(percent("100"), strategy(promotion.LeastExpensiveOnly, 2)), want: wanted{items: []string{"", "", "10"}}},
		"items, none on sale":           {action: items(percent("100"), func(a *promotion.CartItems) { a.ExcludeSale = true }), basket: sale, want: wanted{items: []string{"20", "20"}}},
		"items, at most, in their turn": {action: items(percent("50"), func(a *promotion.CartItems) { a.Maximum = amount("9") }), want: wanted{items: []string{"1.5", "", "7.5"}}},
		"items, as total, at most": {action: items(percent("50"), func(a *promotion.CartItems) { a.AsTotal, a.Maximum = true, amount("5.5") }),
			want: wanted{items: []string{"2", "2", "1.5"}}},
		"items, free, and one is added": {action: items(percent("100"), func(a *promotion.CartItems) { a.AddFree, a.Items = true, products(3) }), want: wanted{added: 1}},
		"items, free, and there is no room": {action: items(percent("100"), func(a *promotion.CartItems) { a.AddFree, a.Items, a.Quantity = true, products(3), 1 }),
			basket: func(b *promotion.Basket) { b.Room = func(promotion.Added, []promotion.Added) bool { return false } },
			want:   wanted{items: []string{"", "", "5"}}},
		"items, half price, and none is added": {action: items(percent("50"), func(a *promotion.CartItems) { a.AddFree, a.Items = true, products(3) }),
			want: wanted{items: []string{"", "", "7.5"}}},

		"set":                        {action: set("8", 3, nil), want: wanted{items: []string{"", "", "7"}}},
		"set, over lines":            {action: set("20", 4, nil), want: wanted{items: []string{"2", "", "3"}}},
		"set, dearest":               {action: set("30", 3, func(a *promotion.FixedPriceSet) { a.Strategy = promotion.MostExpensive }), want: wanted{items: []string{"5", "5"}}},
		"set, not enough of them":    {action: set("1", 7, nil)},
		"set, cheaper already":       {action: set("16", 3, nil)},
		"set, cheapest only":         {action: set("1", 4, func(a *promotion.FixedPriceSet) { a.Strategy = promotion.LeastExpensiveOnly })},
		"set, none on sale":          {action: set("10", 2, func(a *promotion.FixedPriceSet) { a.ExcludeSale = true }), basket: sale, want: wanted{items: []string{"10"}}},
		"set, of one product":        {action: set("15", 2, func(a *promotion.FixedPriceSet) { a.Items = products(1) }), want: wanted{items: []string{"5"}}},
		"gift":                       {action: promotion.Action{GiftItem: &promotion.GiftItem{ProductID: 4, Quantity: 2}}, want: wanted{added: 2}},
		"gift, without room for it":  {action: promotion.Action{GiftItem: &promotion.GiftItem{ProductID: 4, Quantity: 2}}, basket: func(b *promotion.Basket) { b.Room = func(promotion.Added, []promotion.Added) bool { return false } }},
		"gift, none of it":           {action: promotion.Action{GiftItem: &promotion.GiftItem{ProductID: 4}}},
		"free shipping":              {action: promotion.Action{Shipping: &promotion.Shipping{ZoneIDs: []int64{3}}}, want: wanted{free: 1}},
		"nothing that anybody knows": {},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := dollars(goods(1, "10", 2), goods(2, "20", 1), goods(3, "5", 3))
			if tc.basket != nil {
				tc.basket(b)
			}
			tc.want.check(t, offers(rules(always(tc.action))).Evaluate(b, noon))
		})
	}
}

// TestWhatTakesNoPart: custom items and gift certificates have no promotions
// and count for none; lines of nothing count only when the store says so, and
// lines with a price of the client's are discounted only when it says so.
func TestWhatTakesNoPart(t *testing.T) {
	custom := promotion.Line{ID: "c", Kind: promotion.Custom, List: amount("50"), Quantity: 1}
	certificate := promotion.Line{ID: "g", Kind: promotion.Certificate, List: amount("50"), Quantity: 1}
	overridden := goods(1, "10", 1)
	overridden.Overridden = true
	nothing := goods(2, "0", 5)
	half := always(offItems(promotion.CartItems{Discount: percent("50"), IncludeCondition: true}))
	whole := always(offValue(percent("50")))
	set := always(promotion.Action{FixedPriceSet: &promotion.FixedPriceSet{Quantity: 1, FixedPrice: amount("1"), IncludeCondition: true}})
	when := func(r promotion.Rule, c *promotion.Condition) promotion.Rule { r.Condition = c; return r }
	tests := map[string]struct {
		lines    []promotion.Line
		rule     promotion.Rule
		settings func(*promotion.Settings)
		want     wanted
	}{
		"custom items and certificates":         {lines: []promotion.Line{custom, certificate, goods(1, "10", 1)}, rule: whole, want: wanted{shared: []string{"", "", "5"}}},
		"they do not count as spending":         {lines: []promotion.Line{custom, certificate, goods(1, "10", 1)}, rule: when(whole, spending("11"))},
		"they do not match":                     {lines: []promotion.Line{custom, certificate}, rule: when(whole, atLeast(1, &promotion.Matcher{Not: products(7)}))},
		"a client's price, off items":           {lines: []promotion.Line{overridden}, rule: half},
		"a client's price, in a set":            {lines: []promotion.Line{overridden}, rule: set},
		"a client's price, off the order":       {lines: []promotion.Line{overridden}, rule: whole, want: wanted{shared: []string{"5"}}},
		"a client's price, where it is allowed": {lines: []promotion.Line{overridden}, rule: half, settings: func(s *promotion.Settings) { s.OnCustomPrices = true }, want: wanted{items: []string{"5"}}},
		"a client's price triggers":             {lines: []promotion.Line{overridden, goods(3, "5", 1)}, rule: when(half, atLeast(1, products(1))), want: wanted{items: []string{"", "2.5"}}},
		"nothing does not trigger":              {lines: []promotion.Line{nothing, goods(1, "10", 1)}, rule: when(half, atLeast(1, products(2)))},
		"nothing triggers where it is allowed": {lines: []promotion.Line{nothing, goods(1, "10", 1)}, rule: when(half, atLeast(1, products(2))),
			settings: func(s *promotion.Settings) { s.TriggeredByZero = true }, want: wanted{items: []string{"", "5"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.want.check(t, with(tc.settings, []*promotion.Promotion{rules(tc.rule)}).Evaluate(dollars(tc.lines...), noon))
		})
	}
}

// TestOriginalOrCumulative is the setting
// promotions_applied_on_original_product_price (spec/05 §7.3).
func TestOriginalOrCumulative(t *testing.T) {
	item := func(id int64, d promotion.Discount) *promotion.Promotion {
		p := rules(always(offItems(promotion.CartItems{Discount: d, IncludeCondition: true})))
		p.ID = id
		return p
	}
	order := func(id int64, d promotion.Discount) *promotion.Promotion {
		p := rules(always(offValue(d)))
		p.ID = id
		return p
	}
	tests := map[string]struct {
		list                 []*promotion.Promotion
		original, cumulative wanted
	}{
		"two percentages of items": {[]*promotion.Promotion{item(1, percent("10")), item(2, percent("10"))},
			wanted{items: []string{"4", "2"}}, wanted{items: []string{"3.8", "1.9"}}},
		"items, then the order": {[]*promotion.Promotion{item(1, percent("50")), order(2, percent("10"))},
			wanted{items: []string{"10", "5"}, shared: []string{"2", "1"}}, wanted{items: []string{"10", "5"}, shared: []string{"1", "0.5"}}},
		"the order, then items": {[]*promotion.Promotion{order(1, percent("10")), item(2, percent("50"))},
			wanted{items: []string{"10", "5"}, shared: []string{"2", "1"}}, wanted{items: []string{"9", "4.5"}, shared: []string{"2", "1"}}},
		"never below zero": {[]*promotion.Promotion{item(1, percent("80")), item(2, percent("80"))},
			wanted{items: []string{"20", "10"}}, wanted{items: []string{"19.2", "9.6"}}},
		"never below zero, items and order": {[]*promotion.Promotion{order(1, percent("80")), item(2, percent("80"))},
			wanted{items: []string{"16", "8"}, shared: []string{"4", "2"}}, wanted{items: []string{"3.2", "1.6"}, shared: []string{"16", "8"}}},
		"fixed per unit": {[]*promotion.Promotion{item(1, percent("50")), item(2, fixed("4"))},
			wanted{items: []string{"18", "9"}}, wanted{items: []string{"18", "9"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := dollars(goods(1, "10", 2), goods(2, "10", 1))
			tc.original.check(t, with(nil, tc.list).Evaluate(b, noon))
			tc.cumulative.check(t, with(func(s *promotion.Settings) { s.FromOriginalPrice = false }, tc.list).Evaluate(b, noon))
		})
	}
}

// TestManualDiscounts is spec/05 §1.4.
func TestManualDiscounts(t *testing.T) {
	b := dollars(goods(1, "10", 2), goods(2, "20", 1),
		promotion.Line{ID: "m", Kind: promotion.Custom, List: amount("30"), Quantity: 1},
		promotion.Line{ID: "n", Kind: promotion.Certificate, List: amount("10"), Quantity: 1})
	b.Manual, b.ManualOff = true, amount("7")
	b.Lines[0].ManualOff = amount("10")
	b.Codes = []promotion.Redeemed{{Code: "X", CouponID: 5}}
	o := with(nil, []*promotion.Promotion{rules(always(offValue(percent("50"))))},
		&promotion.Coupon{ID: 5, Code: "X", Type: promotion.PerTotal, Amount: amount("1"), Enabled: true})
	out := o.Evaluate(b, noon)
	wanted{items: []string{"10"}, shared: []string{"1", "2", "3", "1"}}.check(t, out)
	if out.Manual != amount("7") || len(out.Uses) != 0 || out.Codes[0].Gone || out.Codes[0].Amount != 0 {
		t.Errorf("outcome = %+v", out)
	}
	if c := out.Lines[0].Cuts; len(c) != 2 || c[0].Source != promotion.FromManual || c[0].Order || !c[1].Order {
		t.Errorf("cuts = %+v", c)
	}
	b.ManualOff, b.Lines[0].ManualOff = amount("1000"), amount("1000")
	wanted{items: []string{"20"}, shared: []string{"", "20", "30", "10"}}.check(t, o.Evaluate(b, noon))
}

// TestCouponOfOneCart: a code that came into another cart, as by merging,
// stays there and takes nothing off.
func TestCouponOfOneCart(t *testing.T) {
	coupon := &promotion.Coupon{ID: 5, Code: "MINE", Type: promotion.Percentage, Amount: amount("50"), Enabled: true, Cart: "mine"}
	for cart, want := range map[string]string{"mine": "5", "theirs": "0"} {
		b := dollars(goods(1, "10", 1))
		b.Cart, b.Codes = cart, []promotion.Redeemed{{Code: "MINE", CouponID: 5}}
		out := with(nil, nil, coupon).Evaluate(b, noon)
		if len(out.Codes) != 1 || out.Codes[0].Gone || out.Coupon != amount(want) {
			t.Errorf("in the cart %s: %+v takes %s off, want %s", cart, out.Codes, out.Coupon, want)
		}
	}
}
