package promotion_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/promotion"
)

// TestBanners is spec/05 §7.4: which notifications are true. The promotion
// takes half off product 2 for two of product 1.
func TestBanners(t *testing.T) {
	type (
		p = *promotion.Promotion
		b = *promotion.Basket
	)
	code := func(b b) { b.Codes = []promotion.Redeemed{{Code: "X", CodeID: 1, PromotionID: 2}} }
	tests := map[string]struct {
		basket    *promotion.Basket
		change    func(b)
		promotion func(p)
		first     *promotion.Promotion
		want      []string
	}{
		"nothing of it is there": {basket: dollars(goods(3, "10", 1)), want: []string{"promotion"}},
		"a part of it is there":  {basket: dollars(goods(1, "10", 1)), want: []string{"promotion", "upsell"}},
		"a part of it is spent":  {basket: dollars(goods(1, "10", 1)), promotion: func(p p) { p.Rules[0].Condition = spending("30") }, want: []string{"promotion", "upsell"}},
		"the shopper must act":   {basket: dollars(goods(1, "10", 2)), want: []string{"promotion", "eligible"}},
		"it is in the basket":    {basket: dollars(goods(1, "10", 2), goods(2, "10", 1)), want: []string{"promotion", "applied"}},
		"it is not running":      {basket: dollars(goods(1, "10", 2), goods(2, "10", 1)), promotion: func(p p) { p.End = noon }},
		"it is for others":       {basket: dollars(goods(1, "10", 2), goods(2, "10", 1)), promotion: func(p p) { p.Channels = []int64{4} }},
		"another stands alone":   {basket: dollars(goods(1, "10", 2), goods(2, "10", 1)), first: half(1, func(p p) { p.Combines = false }), want: []string{"promotion"}},
		"a code is missing":      {basket: dollars(goods(1, "10", 2), goods(2, "10", 1)), promotion: byCode(nil), want: []string{"promotion", "eligible"}},
		"a code is there":        {basket: dollars(goods(1, "10", 2), goods(2, "10", 1)), promotion: byCode(nil), change: code, want: []string{"promotion", "applied"}},
		"a code, and a part":     {basket: dollars(goods(1, "10", 1)), promotion: byCode(nil), change: code, want: []string{"promotion", "upsell"}},
		"not all of what must be": {basket: dollars(goods(1, "10", 2)), promotion: func(p p) {
			p.Rules[0].Condition = &promotion.Condition{And: []promotion.Condition{cond(products(1), 2, ""), cond(products(2), 1, "")}}
		}, want: []string{"promotion", "upsell"}},
		"by the API's discounts": {basket: dollars(goods(1, "10", 2)), change: func(b b) { b.Manual = true }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := rules(promotion.Rule{Action: offItems(promotion.CartItems{Discount: percent("50"), Items: products(2)}), Condition: atLeast(2, products(1)), ApplyOnce: true})
			p.ID = 2
			for _, kind := range []string{"PROMOTION", "UPSELL", "ELIGIBLE", "APPLIED"} {
				p.Notifications = append(p.Notifications, promotion.Notification{Type: kind, Content: kind, Locations: []string{"HOME_PAGE", "CART_PAGE"}})
			}
			list := []*promotion.Promotion{p}
			if tc.promotion != nil {
				tc.promotion(p)
			}
			if tc.first != nil {
				list = append(list, tc.first)
			}
			if tc.change != nil {
				tc.change(tc.basket)
			}
			var got []string
			for _, banner := range offers(list...).Evaluate(tc.basket, noon).Banners {
				got = append(got, banner.Type)
				if banner.PromotionID != 2 || !cmp.Equal(banner.Pages, []string{"home_page", "cart_page"}) {
					t.Errorf("banner = %+v", banner)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlaceholders(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"none":                        {"Half off", "Half off"},
		"per cent":                    {"20% off, then 10% more", "20% off, then 10% more"},
		"what is free":                {"A free %ACTION.FREE_PRODUCT%!", "A free Mug!"},
		"one that nobody knows":       {"Only %CONDITION.X% left", "Only  left"},
		"capitals that are not names": {"100% OFF, 50% OFF", "100% OFF, 50% OFF"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := rules(always(promotion.Action{GiftItem: &promotion.GiftItem{ProductID: 4, Quantity: 1}}))
			p.Notifications = []promotion.Notification{{Type: "PROMOTION", Content: tc.content}}
			b := dollars(goods(1, "10", 1))
			b.Name = func(productID, _ int64) string { return map[int64]string{4: "Mug"}[productID] }
			if got := offers(p).Evaluate(b, noon).Banners[0].Text; got != tc.want {
				t.Errorf("text = %q", got)
			}
		})
	}
}
