package promotion_test

import (
	"testing"

	"cartwright/internal/catalog"
	"cartwright/internal/promotion"
)

func cond(items *promotion.Matcher, quantity int64, spend string) promotion.Condition {
	c := promotion.CartCondition{Items: items, MinimumQuantity: quantity}
	if spend != "" {
		c.MinimumSpend = amount(spend)
	}
	return promotion.Condition{Cart: &c}
}

// TestConditions is spec/05 §7.4. The basket is two units of product 1 at 10
// and one of product 2 at 20.
func TestConditions(t *testing.T) {
	yes, no := cond(products(1), 2, ""), cond(products(1), 3, "")
	tests := map[string]struct {
		condition *promotion.Condition
		holds     bool
	}{
		"none":                                {nil, true},
		"an empty one":                        {&promotion.Condition{}, true},
		"enough units":                        {&yes, true},
		"too few units":                       {&no, false},
		"a quantity without items":            {&promotion.Condition{Cart: &promotion.CartCondition{MinimumQuantity: 99}}, true},
		"enough is spent":                     {spending("40"), true},
		"too little is spent":                 {spending("40.01"), false},
		"enough is spent on items":            {&promotion.Condition{Cart: &promotion.CartCondition{Items: products(1), MinimumQuantity: 1, MinimumSpend: amount("20")}}, true},
		"too little is spent on items":        {&promotion.Condition{Cart: &promotion.CartCondition{Items: products(1), MinimumQuantity: 1, MinimumSpend: amount("20.01")}}, false},
		"enough is spent on too few":          {&promotion.Condition{Cart: &promotion.CartCondition{Items: products(1), MinimumQuantity: 3, MinimumSpend: amount("20")}}, false},
		"items without a quantity":            {&promotion.Condition{Cart: &promotion.CartCondition{Items: products(7)}}, false},
		"all of them":                         {&promotion.Condition{And: []promotion.Condition{yes, cond(products(2), 1, "")}}, true},
		"all but one":                         {&promotion.Condition{And: []promotion.Condition{yes, no}}, false},
		"one of them":                         {&promotion.Condition{Or: []promotion.Condition{no, yes}}, true},
		"none of them":                        {&promotion.Condition{Or: []promotion.Condition{no, no}}, false},
		"not one that holds":                  {&promotion.Condition{Not: &yes}, false},
		"not one that does not":               {&promotion.Condition{Not: &no}, true},
		"spending before discounts of others": {spending("30"), true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			rule := always(offValue(fixed("4")))
			rule.Condition = tc.condition
			first := rules(always(offItems(promotion.CartItems{Discount: percent("50"), IncludeCondition: true})))
			second := rules(rule)
			second.ID = 2
			out := offers(first, second).Evaluate(dollars(goods(1, "10", 2), goods(2, "20", 1)), noon)
			if (out.Discount != 0) != tc.holds {
				t.Errorf("discount = %s", out.Discount)
			}
		})
	}
}

// TestMatchers is spec/05 §7.4: what selects lines.
func TestMatchers(t *testing.T) {
	line := goods(1, "10", 1)
	line.Options = []promotion.Option{{Name: "Color", Value: "Red"}}
	line.Product.CustomFields = []catalog.CustomField{{Name: "Season", Value: "Winter"}}
	gone := line
	gone.Product = nil
	in, out := *products(1), *products(2)
	type m = promotion.Matcher
	named := func(name string, values ...string) *promotion.Named {
		return &promotion.Named{Type: "string_match", Name: name, Values: values}
	}
	tests := map[string]struct {
		matcher promotion.Matcher
		line    promotion.Line
		want    bool
	}{
		"a product":                     {in, line, true},
		"another product":               {out, line, false},
		"a product that is gone":        {in, gone, true},
		"a variant":                     {m{Variants: []int64{5, 10}}, line, true},
		"another variant":               {m{Variants: []int64{5}}, line, false},
		"a brand":                       {m{Brands: []int64{100}}, line, true},
		"another brand":                 {m{Brands: []int64{200}}, line, false},
		"one of its categories":         {m{Categories: []int64{7, 9}}, line, true},
		"another category":              {m{Categories: []int64{7}}, line, false},
		"a category, the product gone":  {m{Categories: []int64{9}}, gone, false},
		"an option":                     {m{Option: named("Color", "Blue", "Red")}, line, true},
		"an option in another case":     {m{Option: named("color", "RED")}, line, true},
		"another value of the option":   {m{Option: named("Color", "Blue")}, line, false},
		"another option":                {m{Option: named("Colour", "Red")}, line, false},
		"a custom field":                {m{Field: named("Season", "Winter")}, line, true},
		"another value of the field":    {m{Field: named("Season", "Summer")}, line, false},
		"a field, the product gone":     {m{Field: named("Season", "Winter")}, gone, false},
		"and":                           {m{And: []m{in, {Brands: []int64{100}}}}, line, true},
		"and not all":                   {m{And: []m{in, out}}, line, false},
		"or":                            {m{Or: []m{out, in}}, line, true},
		"or none":                       {m{Or: []m{out, out}}, line, false},
		"not":                           {m{Not: &out}, line, true},
		"not the one":                   {m{Not: &in}, line, false},
		"and, or and not in each other": {m{And: []m{{Or: []m{out, in}}, {Not: &m{And: []m{in, out}}}}}, line, true},
		"nothing is selected":           {m{}, line, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			rule := always(offValue(fixed("1")))
			rule.Condition = atLeast(1, &tc.matcher)
			o := offers(rules(rule))
			if got := o.Evaluate(dollars(tc.line), noon).Discount != 0; got != tc.want {
				t.Errorf("matches = %t", got)
			}
			if asks := tc.matcher.Option != nil; o.AsksOptions() != asks {
				t.Errorf("asks options = %t", o.AsksOptions())
			}
		})
	}
}

// TestRepeats is apply_once and include_items_considered_by_condition
// (spec/05 §7.4, §7.5). Product 1 costs 10, product 2 costs 20.
func TestRepeats(t *testing.T) {
	free := func(change func(*promotion.CartItems)) promotion.Action {
		a := promotion.CartItems{Discount: percent("100"), Quantity: 1}
		if change != nil {
			change(&a)
		}
		return offItems(a)
	}
	only := func(m *promotion.Matcher) func(*promotion.CartItems) {
		return func(a *promotion.CartItems) { a.Items = m }
	}
	either := &promotion.Matcher{Or: []promotion.Matcher{*products(1), *products(2)}}
	gift := promotion.Action{GiftItem: &promotion.GiftItem{ProductID: 5, Quantity: 2}}
	set := promotion.Action{FixedPriceSet: &promotion.FixedPriceSet{Quantity: 3, FixedPrice: amount("20"), IncludeCondition: true}}
	repeat := func(a promotion.Action, c *promotion.Condition) promotion.Rule {
		return promotion.Rule{Action: a, Condition: c}
	}
	once := func(a promotion.Action, c *promotion.Condition) promotion.Rule {
		return promotion.Rule{Action: a, Condition: c, ApplyOnce: true}
	}
	tests := map[string]struct {
		rule       promotion.Rule
		one, other int64 // units
		want       wanted
	}{
		"buy one, get one: one":              {repeat(free(nil), atLeast(1, either)), 1, 0, wanted{}},
		"buy one, get one: two":              {repeat(free(nil), atLeast(1, either)), 2, 0, wanted{items: []string{"10"}}},
		"buy one, get one: five":             {repeat(free(nil), atLeast(1, either)), 5, 0, wanted{items: []string{"20"}}},
		"buy one, get one: once":             {once(free(nil), atLeast(1, either)), 5, 0, wanted{items: []string{"10"}}},
		"buy two, get one: five":             {repeat(free(nil), atLeast(2, either)), 5, 0, wanted{items: []string{"10"}}},
		"buy two, get one: six":              {repeat(free(nil), atLeast(2, either)), 6, 0, wanted{items: []string{"20"}}},
		"the cheaper is free":                {repeat(free(nil), atLeast(1, either)), 1, 1, wanted{items: []string{"10"}}},
		"dear ones are paid for cheap ones":  {repeat(free(nil), atLeast(1, either)), 2, 2, wanted{items: []string{"20"}}},
		"a million":                          {repeat(free(nil), atLeast(1, either)), 1_000_000, 0, wanted{items: []string{"5000000"}}},
		"buy one of these, get one of those": {repeat(free(only(products(1))), atLeast(1, products(2))), 3, 2, wanted{items: []string{"20"}}},
		"of those only":                      {repeat(free(only(products(1))), atLeast(1, either)), 1, 1, wanted{items: []string{"10"}}},
		"those that count may be discounted": {repeat(free(func(a *promotion.CartItems) { a.IncludeCondition = true }), atLeast(2, either)), 5, 0, wanted{items: []string{"20"}}},
		"those that count may be, once":      {once(free(func(a *promotion.CartItems) { a.IncludeCondition = true }), atLeast(1, either)), 1, 0, wanted{items: []string{"10"}}},
		"all of the rest":                    {repeat(free(func(a *promotion.CartItems) { a.Quantity = 0 }), atLeast(1, products(2))), 3, 2, wanted{items: []string{"30", "20"}}},
		"an amount for each":                 {repeat(free(func(a *promotion.CartItems) { a.Discount, a.AsTotal, a.Quantity = fixed("3"), true, 1 }), atLeast(1, either)), 4, 0, wanted{items: []string{"6"}}},
		"a gift for each two":                {repeat(gift, atLeast(2, either)), 5, 0, wanted{added: 4}},
		"a gift once":                        {once(gift, atLeast(2, either)), 5, 0, wanted{added: 2}},
		"a gift without a condition":         {repeat(gift, nil), 5, 0, wanted{added: 2}},
		"off the order for each two":         {repeat(offValue(fixed("3")), atLeast(2, either)), 5, 0, wanted{shared: []string{"6"}}},
		"off the order for each 20 spent":    {repeat(offValue(fixed("3")), spending("20")), 5, 0, wanted{shared: []string{"6"}}},
		"off the order without a condition":  {repeat(offValue(fixed("3")), nil), 5, 0, wanted{shared: []string{"3"}}},
		"off the order, as often as both":    {repeat(offValue(fixed("3")), &promotion.Condition{And: []promotion.Condition{cond(products(1), 1, ""), cond(products(2), 1, "")}}), 3, 2, wanted{shared: []string{"2.57", "3.43"}}},
		"sets":                               {repeat(set, atLeast(3, products(1))), 7, 0, wanted{items: []string{"20"}}},
		"sets without a condition":           {repeat(set, nil), 7, 0, wanted{items: []string{"20"}}},
		"a set once":                         {once(set, nil), 7, 0, wanted{items: []string{"10"}}},
		"units stand for two parts of a condition": {repeat(free(nil), &promotion.Condition{And: []promotion.Condition{cond(either, 1, ""), cond(products(2), 1, "")}}), 2, 1,
			wanted{items: []string{"10"}}},
		"units that were spent on are paid": {repeat(free(nil), &promotion.Condition{Cart: &promotion.CartCondition{Items: either, MinimumQuantity: 1, MinimumSpend: amount("25")}}), 4, 0,
			wanted{items: []string{"10"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := dollars(goods(1, "10", tc.one))
			if tc.other > 0 {
				b.Lines = append(b.Lines, goods(2, "20", tc.other))
			}
			tc.want.check(t, offers(rules(tc.rule)).Evaluate(b, noon))
		})
	}
}

// TestRulesInOrder: rules run until one that stops has applied.
func TestRulesInOrder(t *testing.T) {
	rule := func(off string, c *promotion.Condition, stop bool) promotion.Rule {
		return promotion.Rule{Action: offValue(fixed(off)), Condition: c, Stop: stop, ApplyOnce: true}
	}
	tests := map[string]struct {
		rules []promotion.Rule
		want  string
	}{
		"the first that applies":      {[]promotion.Rule{rule("5", spending("100"), true), rule("3", spending("20"), true), rule("1", nil, true)}, "3"},
		"all that do not stop":        {[]promotion.Rule{rule("5", nil, false), rule("3", nil, false)}, "8"},
		"one that stops in the midst": {[]promotion.Rule{rule("5", nil, false), rule("3", nil, true), rule("1", nil, false)}, "8"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := offers(rules(tc.rules...)).Evaluate(dollars(goods(1, "20", 1)), noon).Discount; got != amount(tc.want) {
				t.Errorf("discount = %s", got)
			}
		})
	}
}
