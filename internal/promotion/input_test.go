package promotion_test

import (
	"strings"
	"testing"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

func shelf(promotions ...*promotion.Promotion) promotion.Shelf {
	return promotion.Shelf{
		Offers: promotion.NewOffers(1, promotion.DefaultSettings, promotions, nil),
		Store: &merchant.Store{
			Currencies: []merchant.Currency{{ID: 1, Code: "USD", Default: true, Enabled: true}, {ID: 2, Code: "EUR"}},
			Channels:   []merchant.Channel{{ID: 1, Status: merchant.ChannelActive}, {ID: 2, Status: "deleted"}},
		},
		Catalog: catalog.NewSnapshot(1, 1, []*catalog.Product{{ID: 7, Variants: []catalog.Variant{{ID: 70}}}}),
	}
}

// fields are those of a promotion that takes ten per cent off, changed.
func fields(change func(f *promotion.Fields, r *promotion.Rule)) promotion.Fields {
	name, way, off := " Ten ", promotion.ByCoupon, 10*money.Unit
	f := promotion.Fields{Name: &name, Redemption: &way}
	r := promotion.Rule{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Percent: &off}}}}
	if change != nil {
		change(&f, &r)
	}
	if f.Rules == nil {
		f.Rules = &[]promotion.Rule{r}
	}
	return f
}

func TestDefaultsOfAPromotion(t *testing.T) {
	p, err := promotion.New(fields(nil), shelf(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Ten" || p.Status != promotion.Enabled || !p.Start.Equal(noon) || !p.End.IsZero() || !p.Combines || p.Stop ||
		p.Currency != "USD" || p.CouponType != promotion.Single || p.MaxUses != 0 || p.Channels != nil {
		t.Errorf("%+v", p)
	}
}

func nest(depth int) *promotion.Matcher {
	m := &promotion.Matcher{Brands: []int64{1}}
	for range depth - 1 {
		m = &promotion.Matcher{Not: m}
	}
	return m
}

func TestBoundsOfAPromotion(t *testing.T) {
	condition := func(m *promotion.Matcher) func(*promotion.Fields, *promotion.Rule) {
		return func(_ *promotion.Fields, r *promotion.Rule) {
			r.Condition = &promotion.Condition{Cart: &promotion.CartCondition{Items: m, MinimumQuantity: 1}}
		}
	}
	many := func(n, ids int) *promotion.Matcher {
		m := &promotion.Matcher{Or: make([]promotion.Matcher, n)}
		for i := range m.Or {
			m.Or[i].Products = make([]int64, ids)
		}
		return m
	}
	for name, tc := range map[string]struct {
		change func(*promotion.Fields, *promotion.Rule)
		path   string // "" is taken
	}{
		"matchers as deep as may be": {condition(nest(promotion.MaxDepth)), ""},
		"matchers one deeper":        {condition(nest(promotion.MaxDepth + 1)), "rules.0.condition.cart.items" + strings.Repeat(".not", promotion.MaxDepth)},
		"many matchers":              {condition(many(490, 10)), ""},
		"too many matchers":          {condition(many(500, 1)), "rules"},
		"too many ids":               {condition(many(10, 501)), "rules"},
		"too many rules": {func(f *promotion.Fields, _ *promotion.Rule) {
			f.Rules = &[]promotion.Rule{}
			*f.Rules = make([]promotion.Rule, promotion.MaxRules+1)
		}, "rules"},
		"no rule":                    {func(f *promotion.Fields, _ *promotion.Rule) { f.Rules = &[]promotion.Rule{} }, "rules"},
		"a long name":                {func(f *promotion.Fields, _ *promotion.Rule) { *f.Name = strings.Repeat("é", promotion.MaxName+1) }, "name"},
		"blanks for a name":          {func(f *promotion.Fields, _ *promotion.Rule) { *f.Name = "  " }, "name"},
		"a gift that is there":       {func(_ *promotion.Fields, r *promotion.Rule) { r.Action = gift(0, 70) }, ""},
		"a gift that is not there":   {func(_ *promotion.Fields, r *promotion.Rule) { r.Action = gift(8, 0) }, "rules.0.action.gift_item.product_id"},
		"two gifts in one":           {func(_ *promotion.Fields, r *promotion.Rule) { r.Action = gift(7, 70) }, "rules.0.action.gift_item.product_id"},
		"a channel that is gone":     {func(f *promotion.Fields, _ *promotion.Rule) { f.Channels = &[]int64{1, 2} }, "channels.1.id"},
		"a currency that is off":     {func(f *promotion.Fields, _ *promotion.Rule) { c := "EUR"; f.Currency = &c }, "currency_code"},
		"every currency":             {func(f *promotion.Fields, _ *promotion.Rule) { c := " * "; f.Currency = &c }, ""},
		"neither condition nor none": {func(_ *promotion.Fields, r *promotion.Rule) { r.Condition = &promotion.Condition{} }, "rules.0.condition"},
		"an end before the start":    {func(f *promotion.Fields, _ *promotion.Rule) { f.End = &noon }, "end_date"},
	} {
		_, err := promotion.New(fields(tc.change), shelf(), noon)
		f := fault.As(err)
		switch {
		case tc.path == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.path != "" && (f == nil || f.Kind != fault.Invalid || f.Fields[tc.path] == ""):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func gift(product, variant int64) promotion.Action {
	return promotion.Action{GiftItem: &promotion.GiftItem{Quantity: 1, ProductID: product, VariantID: variant}}
}

func TestPromotionsAreSwitchedOffAtTheirLimit(t *testing.T) {
	for name, tc := range map[string]struct {
		status    promotion.Status
		max, used int64
		want      bool
	}{
		"below":         {promotion.Enabled, 2, 1, false},
		"at the limit":  {promotion.Enabled, 2, 2, true},
		"no limit":      {promotion.Enabled, 0, 9, false},
		"off as it was": {promotion.Disabled, 2, 2, false},
	} {
		p := &promotion.Promotion{Status: tc.status, MaxUses: tc.max}
		if got := p.SwitchOffUsedUp(tc.used); got != tc.want || got && p.Status != promotion.Disabled {
			t.Errorf("%s: %v, %s", name, got, p.Status)
		}
	}
}
