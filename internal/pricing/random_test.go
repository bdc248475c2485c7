package pricing_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// pick draws one of these.
func pick[T any](t *rapid.T, name string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, name)
}

func cents(t *rapid.T, name string, most int64) money.Amount {
	return money.Amount(rapid.Int64Range(0, most).Draw(t, name)) * money.Unit / 100
}

func randomMatcher(t *rapid.T, depth int) *promotion.Matcher {
	ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 6), 1, 3, rapid.ID[int64])
	kind := rapid.IntRange(0, 7).Draw(t, "matcher")
	if depth == 0 {
		kind %= 5
	}
	several := func() (list []promotion.Matcher) {
		for range rapid.IntRange(1, 2).Draw(t, "parts") {
			list = append(list, *randomMatcher(t, depth-1))
		}
		return list
	}
	switch kind {
	case 0:
		return &promotion.Matcher{Products: ids.Draw(t, "products")}
	case 1:
		return &promotion.Matcher{Variants: []int64{10, 20, 30}}
	case 2:
		return &promotion.Matcher{Categories: ids.Draw(t, "categories")}
	case 3:
		return &promotion.Matcher{Brands: ids.Draw(t, "brands")}
	case 4:
		return &promotion.Matcher{Option: &promotion.Named{Name: "Color", Values: []string{"Red"}}}
	case 5:
		return &promotion.Matcher{Not: randomMatcher(t, depth-1)}
	case 6:
		return &promotion.Matcher{And: several()}
	}
	return &promotion.Matcher{Or: several()}
}

func randomCondition(t *rapid.T, depth int) *promotion.Condition {
	kind := rapid.IntRange(0, 6).Draw(t, "condition")
	if depth == 0 {
		kind %= 4
	}
	several := func() (list []promotion.Condition) {
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			if sub := randomCondition(t, depth-1); sub != nil {
				list = append(list, *sub)
			}
		}
		return list
	}
	c := &promotion.CartCondition{}
	switch kind {
	case 0:
		return nil
	case 1:
		c.MinimumSpend = cents(t, "spend", 50_000)
	case 2, 3:
		c.Items, c.MinimumQuantity = randomMatcher(t, 2), rapid.Int64Range(0, 5).Draw(t, "quantity")
		if kind == 3 {
			c.MinimumSpend = cents(t, "spend", 20_000)
		}
	case 4:
		if sub := randomCondition(t, depth-1); sub != nil {
			return &promotion.Condition{Not: sub}
		}
		return nil
	case 5:
		return &promotion.Condition{And: several()}
	case 6:
		return &promotion.Condition{Or: several()}
	}
	return &promotion.Condition{Cart: c}
}

func randomDiscount(t *rapid.T) promotion.Discount {
	if rapid.Bool().Draw(t, "fixed") {
		a := cents(t, "amount", 5_000)
		return promotion.Discount{Fixed: &a}
	}
	a := cents(t, "percent", 11_000)
	return promotion.Discount{Percent: &a}
}

func randomAction(t *rapid.T) promotion.Action {
	strategy := pick(t, "strategy", promotion.LeastExpensive, promotion.LeastExpensiveOnly, promotion.MostExpensive, promotion.MostExpensiveOnly, "")
	var items *promotion.Matcher
	if rapid.Bool().Draw(t, "items") {
		items = randomMatcher(t, 1)
	}
	maximum := pick(t, "maximum", 0, 0, amount("3.33"))
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	switch rapid.IntRange(0, 5).Draw(t, "action") {
	case 0:
		return promotion.Action{CartValue: &promotion.CartValue{Discount: randomDiscount(t), Maximum: maximum}}
	case 1:
		return promotion.Action{FixedPriceSet: &promotion.FixedPriceSet{Quantity: rapid.Int64Range(0, 4).Draw(t, "quantity"), FixedPrice: cents(t, "price", 5_000),
			Items: items, Strategy: strategy, ExcludeSale: flag("no sale"), IncludeCondition: flag("include")}}
	case 2:
		return promotion.Action{GiftItem: &promotion.GiftItem{ProductID: rapid.Int64Range(1, 6).Draw(t, "gift"), Quantity: rapid.Int64Range(0, 2).Draw(t, "quantity")}}
	case 3:
		return promotion.Action{Shipping: &promotion.Shipping{}}
	}
	return promotion.Action{CartItems: &promotion.CartItems{Discount: randomDiscount(t), Items: items, AsTotal: flag("as total"), Strategy: strategy,
		Quantity: rapid.Int64Range(0, 4).Draw(t, "quantity"), ExcludeSale: flag("no sale"), IncludeCondition: flag("include"), AddFree: flag("add free"), Maximum: maximum}}
}

func randomPromotion(t *rapid.T, promotionID int64) *promotion.Promotion {
	flag := func(name string, of int) bool { return rapid.IntRange(1, of).Draw(t, name) == 1 }
	p := &promotion.Promotion{ID: promotionID, Name: "P", Redemption: pick(t, "redemption", promotion.Automatic, promotion.ByCoupon), Status: promotion.Enabled,
		Currency: pick(t, "currency", "USD", "JPY", promotion.AnyCurrency, promotion.AnyCurrency), Priority: rapid.Int64Range(0, 3).Draw(t, "priority"),
		Combines: !flag("alone", 6), Stop: flag("stop", 6), Overrides: flag("overrides", 2), OverridesWhenBetter: flag("better", 2)}
	for range rapid.IntRange(1, 3).Draw(t, "rules") {
		p.Rules = append(p.Rules, promotion.Rule{Condition: randomCondition(t, 2), Action: randomAction(t), ApplyOnce: flag("once", 2), Stop: flag("stop rule", 2)})
	}
	p.Notifications = []promotion.Notification{{Type: "UPSELL", Locations: []string{"CART_PAGE"}}, {Type: "APPLIED", Locations: []string{"CART_PAGE"}}}
	return p
}

func randomCoupon(t *rapid.T, couponID int64) *promotion.Coupon {
	k := &promotion.Coupon{ID: couponID, Code: "K" + strconv.FormatInt(couponID, 10), Enabled: true,
		Type:   pick(t, "type", promotion.PerItem, promotion.Percentage, promotion.PerTotal, promotion.ShippingOff, promotion.FreeShipping),
		Amount: cents(t, "amount", 11_000), MinPurchase: pick(t, "minimum", 0, amount("50"))}
	if rapid.Bool().Draw(t, "applies to") {
		k.AppliesTo = promotion.AppliesTo{Entity: pick(t, "entity", "products", "categories"), IDs: []int64{1, 2}}
	}
	return k
}

// randomShop sells six products, some on sale, some few, one for nothing.
func randomShop() cart.Shop {
	return shop(
		product(1, "19.99", func(p *catalog.Product) { p.SalePrice, p.BrandID, p.Categories = amount("17.35"), 1, []int64{1, 2} }),
		product(2, "0.01", func(p *catalog.Product) { p.BrandID, p.Categories = 2, []int64{2} }),
		product(3, "123.45", func(p *catalog.Product) { p.InventoryTracking, p.InventoryLevel = catalog.TrackProduct, 5 }),
		product(4, "10", func(p *catalog.Product) { p.Categories = []int64{3} }),
		product(5, "10", func(p *catalog.Product) { p.BrandID = 1 }),
		product(6, "0", nil))
}

func randomCart(t *rapid.T, offers *promotion.Offers) *cart.Cart {
	c := &cart.Cart{ID: "c", ChannelID: 1, Currency: pick(t, "currency", "USD", "USD", "JPY", "KWD")}
	for i := range rapid.IntRange(0, 8).Draw(t, "lines") {
		l := line(rapid.Int64Range(1, 7).Draw(t, "product"), pick(t, "quantity", int64(1), 2, 3, 7, 1_000_000))
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0:
			l.Override = ref(cents(t, "override", 5_000))
		case 1:
			l = cart.Line{Kind: cart.Custom, Quantity: 2, ListPrice: cents(t, "price", 5_000)}
		case 2:
			l = cart.Line{Kind: cart.Gift, Quantity: 1, Gift: &cart.Certificate{Amount: amount("25")}}
		case 3:
			l.Selections = []cart.Selection{{Name: "Color", Value: "Red"}}
		}
		l.ID = "line-" + strconv.Itoa(i)
		if rapid.IntRange(0, 3).Draw(t, "off") == 0 {
			l.ManualOff = cents(t, "manual", 5_000)
		}
		c.Lines = append(c.Lines, l)
	}
	if c.Manual = rapid.IntRange(0, 6).Draw(t, "manual") == 0; c.Manual {
		c.ManualOff = cents(t, "manual off", 30_000)
	}
	for _, p := range offers.Promotions() {
		if p.Redemption == promotion.ByCoupon && rapid.Bool().Draw(t, "has code") {
			c.Coupons = append(c.Coupons, cart.Applied{Code: "P" + strconv.FormatInt(p.ID, 10), ID: 100 + p.ID, PromotionID: p.ID})
		}
	}
	for n := range int64(3) {
		if rapid.Bool().Draw(t, "has coupon") {
			c.Coupons = append(c.Coupons, cart.Applied{Code: "K" + strconv.FormatInt(n+1, 10), ID: n + 1})
		}
	}
	return c
}

func randomOffers(t *rapid.T) *promotion.Offers {
	var list []*promotion.Promotion
	for n := range rapid.IntRange(0, 6).Draw(t, "promotions") {
		list = append(list, randomPromotion(t, int64(n+1)))
	}
	settings := promotion.Settings{MaxCoupons: 5, OnCustomPrices: rapid.Bool().Draw(t, "custom prices"),
		TriggeredByZero: rapid.Bool().Draw(t, "zero prices"), FromOriginalPrice: rapid.Bool().Draw(t, "original price")}
	return promotion.NewOffers(1, settings, list, []*promotion.Coupon{randomCoupon(t, 1), randomCoupon(t, 2)})
}

// checkShares checks that a priced cart adds up, line by line and as a whole.
func checkShares(t *rapid.T, c *cart.Cart, places int) {
	var base, shared, coupon, paid money.Amount
	for i := range c.Lines {
		l := &c.Lines[i]
		var cuts money.Amount
		for _, cut := range l.Cuts {
			if cut.Amount <= 0 || cut.Amount != cut.Amount.Round(places) {
				t.Fatalf("line %s: cut %+v", l.ID, cut)
			}
			cuts += cut.Amount
		}
		left := l.ExtendedList - l.Discount - l.Coupon - l.Shared
		if cuts != l.Discount+l.Coupon+l.Shared || l.Discount < 0 || l.Coupon < 0 || l.Shared < 0 || left < 0 ||
			l.ExtendedSale != l.ExtendedList-l.Discount || l.SalePrice < 0 || l.SalePrice > l.ListPrice {
			t.Fatalf("line %s does not add up: %+v", l.ID, l)
		}
		if l.AddedBy != 0 && left != 0 {
			t.Fatalf("a gift is not free: %+v", l)
		}
		base, shared, coupon, paid = base+l.ExtendedList, shared+l.Shared, coupon+l.Coupon, paid+left
	}
	for _, k := range c.Coupons {
		coupon -= k.Amount
	}
	if coupon != 0 || c.Totals.Base != base || c.Totals.Discount != shared || c.Totals.Cart != paid || paid > base || paid < 0 {
		t.Fatalf("totals %+v, coupons %+v: lines make %s less %s, %s", c.Totals, c.Coupons, base, shared, paid)
	}
	if c.Manual && c.Totals.Coupon != 0 {
		t.Fatalf("a coupon beside a manual discount: %+v", c.Totals)
	}
}

// TestOffersAddUp prices random carts under random promotions and coupons:
// shares add up exactly, no line falls below zero, the total never exceeds the
// subtotal, pricing twice changes nothing, and the order of lines does not
// matter.
func TestOffersAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := randomShop()
		s.Offers = randomOffers(t)
		c := randomCart(t, s.Offers)
		shuffled := c.Clone()
		shuffled.Lines = rapid.Permutation(shuffled.Lines).Draw(t, "order")
		if err := pricing.Default.Price(c, s, noon); err != nil {
			t.Fatal(err)
		}
		checkShares(t, c, s.Store.Currency(c.Currency).DecimalPlaces)
		again := c.Clone()
		if err := pricing.Default.Price(again, s, noon); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("priced twice: %s", diff)
		}
		if err := pricing.Default.Price(shuffled, s, noon); err != nil {
			t.Fatal(err)
		}
		byID := func(a, b cart.Line) int { return strings.Compare(a.ID, b.ID) }
		slices.SortFunc(shuffled.Lines, byID)
		slices.SortFunc(again.Lines, byID)
		if diff := cmp.Diff(again, shuffled); diff != "" {
			t.Fatalf("in another order: %s", diff)
		}
	})
}

// TestOneMoreDiscountNeverCostsMore: a promotion that combines with everything
// never makes a cart dearer.
func TestOneMoreDiscountNeverCostsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := randomShop()
		c := randomCart(t, nil)
		c.Coupons, c.Manual, c.ManualOff = nil, false, 0
		first, second := randomPromotion(t, 1), randomPromotion(t, 2)
		for _, p := range []*promotion.Promotion{first, second} {
			p.Redemption, p.Combines, p.Stop = promotion.Automatic, true, false
		}
		settings := promotion.DefaultSettings
		total := func(list ...*promotion.Promotion) money.Amount {
			s.Offers = promotion.NewOffers(1, settings, list, nil)
			priced := c.Clone()
			if err := pricing.Default.Price(priced, s, noon); err != nil {
				t.Fatal(err)
			}
			return priced.Totals.Cart
		}
		none, one, both := total(), total(first), total(first, second)
		if one > none || both > one {
			t.Fatalf("without %s, with one %s, with both %s", none, one, both)
		}
	})
}
