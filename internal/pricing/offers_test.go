package pricing_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/id"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// offering puts promotions and coupons into a shop.
func offering(s cart.Shop, list []*promotion.Promotion, coupons ...*promotion.Coupon) cart.Shop {
	s.Offers = promotion.NewOffers(1, promotion.DefaultSettings, list, coupons)
	return s
}

func offer(promotionID int64, a promotion.Action, c *promotion.Condition) *promotion.Promotion {
	return &promotion.Promotion{ID: promotionID, Name: "Offer", Redemption: promotion.Automatic, Status: promotion.Enabled, Currency: "USD",
		Combines: true, Rules: []promotion.Rule{{Action: a, Condition: c, ApplyOnce: true, Stop: true}}}
}

func offOrder(d promotion.Discount) promotion.Action {
	return promotion.Action{CartValue: &promotion.CartValue{Discount: d}}
}

func offItems(d promotion.Discount, ids ...int64) promotion.Action {
	a := promotion.CartItems{Discount: d, IncludeCondition: true}
	if ids != nil {
		a.Items = &promotion.Matcher{Products: ids}
	}
	return promotion.Action{CartItems: &a}
}

func gift(productID, quantity int64) promotion.Action {
	return promotion.Action{GiftItem: &promotion.GiftItem{ProductID: productID, Quantity: quantity}}
}

func fixed(s string) promotion.Discount   { return promotion.Discount{Fixed: ref(amount(s))} }
func percent(s string) promotion.Discount { return promotion.Discount{Percent: ref(amount(s))} }

func has(n, productID int64) *promotion.Condition {
	return &promotion.Condition{Cart: &promotion.CartCondition{Items: &promotion.Matcher{Products: []int64{productID}}, MinimumQuantity: n}}
}

func numbered(n string, l cart.Line) cart.Line { l.ID = n; return l }

func pricedCart(t *testing.T, s cart.Shop, c *cart.Cart) *cart.Cart {
	t.Helper()
	if c.ID == "" {
		c.ID, c.ChannelID, c.Currency = "c", 1, "USD"
	}
	if err := pricing.Default.Price(c, s, noon); err != nil {
		t.Fatal(err)
	}
	again := c.Clone()
	if err := pricing.Default.Price(again, s, noon); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, again); diff != "" {
		t.Fatalf("priced twice: %s", diff)
	}
	return c
}

// TestRecordedCart is spec/01 §7.3 and spec/07 §1.3: items of 15, 10 and
// 199.99; four dollars off the second, then 112.50 off the order.
func TestRecordedCart(t *testing.T) {
	s := offering(shop(product(1, "15", nil), product(2, "10", nil), product(3, "199.99", nil)), []*promotion.Promotion{
		offer(1, offOrder(percent("50")), nil), offer(7, offItems(fixed("4"), 2), nil)})
	c := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{numbered("a", line(1, 1)), numbered("b", line(2, 1)), numbered("c", line(3, 1))}})
	want := []struct{ sale, extended, discount, shared string }{{"15", "15", "0", "7.64"}, {"6", "6", "4", "3.05"}, {"199.99", "199.99", "0", "101.81"}}
	for i, w := range want {
		l := c.Lines[i]
		if l.SalePrice != amount(w.sale) || l.ExtendedSale != amount(w.extended) || l.Discount != amount(w.discount) || l.Shared != amount(w.shared) {
			t.Errorf("line %d = %+v", i, l)
		}
	}
	cuts := []cart.Cut{{Source: cart.FromPromotion, ID: 1, Amount: amount("3.05"), Order: true}, {Source: cart.FromPromotion, ID: 7, Amount: amount("4")}}
	if diff := cmp.Diff(cuts, c.Lines[1].Cuts); diff != "" {
		t.Error(diff)
	}
	if c.Totals != (cart.Totals{Base: amount("224.99"), Discount: amount("112.5"), Cart: amount("108.49")}) {
		t.Errorf("totals = %+v", c.Totals)
	}
}

// TestCouponOfTheSample is the vendor's sample (spec/01 §7.3): items of 32 and
// 35, a coupon of 20 %.
func TestCouponOfTheSample(t *testing.T) {
	s := offering(shop(product(1, "32", nil), product(2, "35", nil)), nil,
		&promotion.Coupon{ID: 9, Name: "20% Off", Code: "S20", Type: promotion.Percentage, Amount: amount("20"), Enabled: true})
	c := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{numbered("a", line(1, 1)), numbered("b", line(2, 1))},
		Coupons: []cart.Applied{{Code: "S20", ID: 9}}})
	for i, w := range []string{"6.4", "7"} {
		if l := c.Lines[i]; l.Coupon != amount(w) || l.Discount != 0 || l.SalePrice != l.ListPrice || l.ExtendedSale != l.ExtendedList {
			t.Errorf("line %d = %+v", i, l)
		}
	}
	if c.Totals != (cart.Totals{Base: amount("67"), Coupon: amount("13.4"), Cart: amount("53.6")}) {
		t.Errorf("totals = %+v", c.Totals)
	}
	want := []cart.Applied{{Code: "S20", ID: 9, Type: "percentage_discount", DisplayName: "20% Off", Amount: amount("13.4")}}
	if diff := cmp.Diff(want, c.Coupons); diff != "" {
		t.Error(diff)
	}
}

// TestSalePriceIsRounded: the sale price of a unit is rounded, the extended one
// is exact (spec/01 §7.1).
func TestSalePriceIsRounded(t *testing.T) {
	s := offering(shop(product(1, "10", nil)), []*promotion.Promotion{offer(1, promotion.Action{CartItems: &promotion.CartItems{
		Discount: fixed("10"), AsTotal: true, IncludeCondition: true}}, nil)})
	l := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{line(1, 3)}}).Lines[0]
	if l.SalePrice != amount("6.67") || l.ExtendedSale != amount("20") || l.Discount != amount("10") {
		t.Errorf("line = %+v", l)
	}
}

// TestManualDiscounts: discounts of the API stand in place of every promotion
// and coupon (spec/05 §1.4), custom items and certificates included.
func TestManualDiscounts(t *testing.T) {
	s := offering(shop(product(1, "20", nil), product(2, "5", nil)), []*promotion.Promotion{
		offer(1, offOrder(percent("50")), nil), offer(2, gift(2, 1), nil)})
	a, b := numbered("a", line(1, 1)), numbered("b", cart.Line{Kind: cart.Custom, Quantity: 1, ListPrice: amount("10")})
	a.ManualOff = amount("5")
	c := pricedCart(t, s, &cart.Cart{Manual: true, ManualOff: amount("10"), Coupons: []cart.Applied{{Code: "X", ID: 1}},
		Lines: []cart.Line{a, b, numbered("c", cart.Line{Kind: cart.Gift, Quantity: 1, Gift: &cart.Certificate{Amount: amount("25")}})}})
	if c.Totals != (cart.Totals{Base: amount("55"), Discount: amount("10"), Manual: amount("10"), Cart: amount("40")}) {
		t.Errorf("totals = %+v", c.Totals)
	}
	for i, w := range []string{"3", "2", "5"} {
		if c.Lines[i].Shared != amount(w) {
			t.Errorf("line %d: shared = %s", i, c.Lines[i].Shared)
		}
	}
	if l := c.Lines[0]; l.Discount != amount("5") || l.SalePrice != amount("15") || l.Cuts[0].Source != cart.FromManual || len(c.Lines) != 3 {
		t.Errorf("line = %+v", l)
	}
}

// TestGifts: a gift is a line of its own with a price and a discount of all of
// it; it comes and goes with what earns it (spec/05 §7.5).
func TestGifts(t *testing.T) {
	list := []*promotion.Promotion{offer(4, gift(2, 2), has(2, 1))}
	s := offering(shop(product(1, "20", nil), product(2, "5", func(p *catalog.Product) { p.Type = catalog.Digital })), list)
	c := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{numbered("a", line(1, 1))}})
	if len(c.Lines) != 1 {
		t.Fatalf("lines = %+v", c.Lines)
	}
	c.Lines[0].Quantity = 2
	c = pricedCart(t, s, c)
	if len(c.Lines) != 2 {
		t.Fatalf("lines = %+v", c.Lines)
	}
	g := c.Lines[1]
	if g.AddedBy != 4 || g.Quantity != 2 || g.Kind != cart.Digital || g.Name != "Thing" || !id.IsUUID(g.ID) ||
		g.ListPrice != amount("5") || g.SalePrice != 0 || g.ExtendedList != amount("10") || g.ExtendedSale != 0 || g.Discount != amount("10") {
		t.Errorf("gift = %+v", g)
	}
	if diff := cmp.Diff([]cart.Cut{{Source: cart.FromPromotion, ID: 4, Amount: amount("10")}}, g.Cuts); diff != "" {
		t.Error(diff)
	}
	if c.Totals != (cart.Totals{Base: amount("50"), Cart: amount("40")}) {
		t.Errorf("totals = %+v", c.Totals)
	}
	c.Lines[0].Quantity = 1
	if c = pricedCart(t, s, c); len(c.Lines) != 1 {
		t.Errorf("it is not earned any more, and stays: %+v", c.Lines)
	}
	c.Lines[0].Quantity = 3
	if c = pricedCart(t, s, c); len(c.Lines) != 2 || c.Lines[1].ID != g.ID {
		t.Errorf("it came back as another: %+v", c.Lines)
	}
	if c = pricedCart(t, shop(product(1, "20", nil), product(2, "5", nil)), c); len(c.Lines) != 1 {
		t.Errorf("nobody offers it any more, and it stays: %+v", c.Lines)
	}
}

// TestGiftsThatAreNotThere: without stock, product or room there is no gift,
// and no error.
func TestGiftsThatAreNotThere(t *testing.T) {
	tests := map[string]struct {
		gift  func(*catalog.Product)
		lines []cart.Line
		want  int
	}{
		"it is there":          {nil, nil, 1},
		"just enough in stock": {func(p *catalog.Product) { p.InventoryTracking, p.InventoryLevel = catalog.TrackProduct, 2 }, nil, 1},
		"too little in stock":  {func(p *catalog.Product) { p.InventoryTracking, p.InventoryLevel = catalog.TrackProduct, 1 }, nil, 0},
		"the shopper takes it": {func(p *catalog.Product) { p.InventoryTracking, p.InventoryLevel = catalog.TrackProduct, 2 }, []cart.Line{line(2, 1)}, 0},
		"it is off sale":       {func(p *catalog.Product) { p.Availability = catalog.Disabled }, nil, 0},
		"its variant is":       {func(p *catalog.Product) { p.Variants[0].PurchasingDisabled = true }, nil, 0},
		"it must be chosen":    {func(p *catalog.Product) { p.Options = []catalog.Option{{ID: 1}} }, nil, 0},
		"it must be inscribed": {func(p *catalog.Product) {
			p.Modifiers = []catalog.Modifier{{ID: 1, Type: catalog.Text, Required: true}}
		}, nil, 0},
		"another product":       {func(p *catalog.Product) { p.ID = 77 }, nil, 0},
		"its maximum is no bar": {func(p *catalog.Product) { p.OrderQuantityMaximum = 1 }, nil, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := offering(shop(product(1, "20", nil), product(2, "5", tc.gift)), []*promotion.Promotion{offer(4, gift(2, 2), has(1, 1))})
			c := pricedCart(t, s, &cart.Cart{Lines: append([]cart.Line{numbered("a", line(1, 1))}, tc.lines...)})
			if got := len(c.Lines) - 1 - len(tc.lines); got != tc.want {
				t.Errorf("gifts = %d", got)
			}
		})
	}
}

// TestGiftsShareStockAndRoom: two promotions give away the same product, of
// which there is enough for one; and a full cart takes no gift.
func TestGiftsShareStockAndRoom(t *testing.T) {
	list := []*promotion.Promotion{offer(4, gift(2, 2), nil), offer(5, promotion.Action{GiftItem: &promotion.GiftItem{VariantID: 20, Quantity: 2}}, nil)}
	some := func(n int64) *catalog.Product {
		return product(2, "5", func(p *catalog.Product) {
			p.InventoryTracking, p.InventoryLevel = catalog.TrackVariant, 0
			p.Variants[0].InventoryLevel = n
		})
	}
	for stock, want := range map[int64]int{1: 1, 3: 2, 4: 3} {
		c := pricedCart(t, offering(shop(product(1, "20", nil), some(stock)), list), &cart.Cart{Lines: []cart.Line{line(1, 1)}})
		if len(c.Lines) != want {
			t.Errorf("with %d in stock: %d lines", stock, len(c.Lines))
		}
	}
	for own, want := range map[int]int{cart.MaxLines - 2: cart.MaxLines, cart.MaxLines - 1: cart.MaxLines, cart.MaxLines: cart.MaxLines} {
		c := &cart.Cart{}
		for i := range own {
			c.Lines = append(c.Lines, numbered("l"+strconv.Itoa(i), line(1, 1)))
		}
		if c = pricedCart(t, offering(shop(product(1, "20", nil), some(9)), list), c); len(c.Lines) != want {
			t.Errorf("%d lines became %d", own, len(c.Lines))
		}
	}
}

// TestGiftByCode: what a code wins shows as coupon (spec/05 §7.5).
func TestGiftByCode(t *testing.T) {
	p := offer(4, gift(2, 2), nil)
	p.Redemption, p.DisplayName = promotion.ByCoupon, "A present"
	s := offering(shop(product(1, "20", nil), product(2, "5", nil)), []*promotion.Promotion{p})
	c := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{numbered("a", line(1, 1))}, Coupons: []cart.Applied{{Code: "GIFT", ID: 31, PromotionID: 4}}})
	if len(c.Lines) != 2 {
		t.Fatalf("lines = %+v", c.Lines)
	}
	if g := c.Lines[1]; g.Coupon != amount("10") || g.Discount != 0 || g.ExtendedSale != amount("10") || g.Cuts[0].ID != 31 || g.Cuts[0].Code != "GIFT" {
		t.Errorf("gift = %+v", g)
	}
	want := []cart.Applied{{Code: "GIFT", ID: 31, PromotionID: 4, Type: "promotion", DisplayName: "A present", Amount: amount("10")}}
	if diff := cmp.Diff(want, c.Coupons); diff != "" {
		t.Error(diff)
	}
	if c.Totals != (cart.Totals{Base: amount("30"), Coupon: amount("10"), Cart: amount("20")}) {
		t.Errorf("totals = %+v", c.Totals)
	}
}

// TestCodesStay: a code that takes nothing off at the moment stays; one that
// nobody offers any more goes.
func TestCodesStay(t *testing.T) {
	s := offering(shop(product(1, "20", nil)), nil,
		&promotion.Coupon{ID: 1, Code: "OFF", Type: promotion.PerTotal, Amount: amount("5"), Enabled: true, MinPurchase: amount("40")},
		&promotion.Coupon{ID: 2, Code: "OLD", Type: promotion.PerTotal, Amount: amount("5")})
	c := &cart.Cart{Lines: []cart.Line{line(1, 2)}, Coupons: []cart.Applied{{Code: "GONE", ID: 7}, {Code: "OFF", ID: 1}, {Code: "OLD", ID: 2}, {Code: "P", ID: 3, PromotionID: 8}}}
	codes := func() (out []string) {
		for _, k := range pricedCart(t, s, c).Coupons {
			out = append(out, k.Code+" "+k.Amount.String())
		}
		return out
	}
	if diff := cmp.Diff([]string{"OFF 5", "OLD 0"}, codes()); diff != "" {
		t.Error(diff)
	}
	c.Lines[0].Quantity = 1
	if diff := cmp.Diff([]string{"OFF 0", "OLD 0"}, codes()); diff != "" {
		t.Error(diff)
	}
	c.Lines[0].Quantity = 2
	if diff := cmp.Diff([]string{"OFF 5", "OLD 0"}, codes()); diff != "" {
		t.Error(diff)
	}
	s.Offers = nil
	if c = pricedCart(t, s, c); len(c.Coupons) != 0 || c.Totals.Coupon != 0 || c.Lines[0].Cuts != nil {
		t.Errorf("cart = %+v", c)
	}
}

// TestWhatPromotionsSeeOfALine: prices in the cart's currency, sale and
// override, options as the catalog names them, and where the order goes.
func TestWhatPromotionsSeeOfALine(t *testing.T) {
	p := product(1, "20", func(p *catalog.Product) {
		p.SalePrice = amount("15")
		p.Options = []catalog.Option{{ID: 3, DisplayName: "Color", Values: []catalog.OptionValue{{ID: 4, Label: "Red"}}}}
		p.Modifiers = []catalog.Modifier{{ID: 5, DisplayName: "Size", Values: []catalog.OptionValue{{ID: 6, Label: "Big"}}}}
	})
	asks := offer(1, offOrder(percent("1")), &promotion.Condition{Cart: &promotion.CartCondition{Items: &promotion.Matcher{
		Option: &promotion.Named{Type: "string_match", Name: "Color", Values: []string{"Red"}}}, MinimumQuantity: 1}})
	s := offering(shop(p), []*promotion.Promotion{asks})
	a := numbered("a", line(1, 2))
	a.Selections = []cart.Selection{{OptionID: 3, ValueID: 4, Variant: true, Name: "Farbe", Value: "Rot"}, {OptionID: 5, ValueID: 6, Name: "Größe", Value: "Groß"},
		{OptionID: 9, Name: "Text", Value: "x"}}
	b := numbered("b", line(1, 1))
	b.Override = ref(amount("3"))
	c := &cart.Cart{ID: "c", ChannelID: 1, Currency: "JPY", Shopper: cart.Shopper{GroupID: 4, Orders: 2}, Lines: []cart.Line{a, b, {ID: "g", AddedBy: 3, Kind: cart.Physical}},
		Coupons:  []cart.Applied{{Code: "A", ID: 1}, {Code: "B", ID: 2, PromotionID: 3}},
		Checkout: &cart.Checkout{Consignments: []cart.Consignment{{Address: cart.Address{CountryCode: "DE"}}, {Address: cart.Address{CountryCode: "DE"}}, {PickupID: 1, Address: cart.Address{CountryCode: "FR"}}}}}
	got, err := pricing.Basket(c, s)
	if err != nil {
		t.Fatal(err)
	}
	got.Room = nil
	want := &promotion.Basket{Cart: "c", GroupID: 4, Orders: 2, Channel: 1, Countries: []string{"DE"},
		Currency: promotion.Currency{Code: "JPY", Rate: 150 * money.RateOne, DisplayOnly: true, StoreCode: "USD"},
		Codes:    []promotion.Redeemed{{Code: "A", CouponID: 1}, {Code: "B", CodeID: 2, PromotionID: 3}},
		Lines: []promotion.Line{
			{ID: "a", Product: p, ProductID: 1, VariantID: 10, List: amount("2250"), Original: amount("3000"), Quantity: 2, OnSale: true,
				Options: []promotion.Option{{Name: "Color", Value: "Red"}, {Name: "Size", Value: "Big"}, {Name: "Text", Value: "x"}}},
			{ID: "b", Product: p, ProductID: 1, VariantID: 10, List: amount("3"), Original: amount("3000"), Quantity: 1, Overridden: true}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(c.Lines) != 3 || c.Lines[0].ListPrice != 0 {
		t.Errorf("asking changed the cart: %+v", c.Lines)
	}
}

// TestAnOrderThatIsNotSent goes where it is billed.
func TestAnOrderThatIsNotSent(t *testing.T) {
	p := offer(1, offOrder(percent("10")), nil)
	p.Countries = []string{"US"}
	digital := product(1, "20", func(p *catalog.Product) { p.Type = catalog.Digital })
	for kind, want := range map[cart.Kind]string{cart.Digital: "2", cart.Physical: "0"} {
		l := line(1, 1)
		l.Kind = kind
		c := pricedCart(t, offering(shop(digital), []*promotion.Promotion{p}), &cart.Cart{Lines: []cart.Line{l},
			Checkout: &cart.Checkout{Billing: &cart.Address{CountryCode: "US"}}})
		if c.Totals.Discount != amount(want) {
			t.Errorf("%s: discount = %s", kind, c.Totals.Discount)
		}
	}
}

// TestBanners: what promotions say of this cart now, with their pages, and
// until when amounts hold.
func TestBanners(t *testing.T) {
	p := offer(4, gift(2, 1), has(2, 1))
	p.End = noon.Add(time.Hour)
	for _, kind := range []string{"UPSELL", "APPLIED"} {
		p.Notifications = append(p.Notifications, promotion.Notification{Type: kind, Content: kind + " %ACTION.FREE_PRODUCT%", Locations: []string{"CART_PAGE"}})
	}
	s := offering(shop(product(1, "20", nil), product(2, "5", func(p *catalog.Product) { p.Name = "Mug" })), []*promotion.Promotion{p})
	c := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{line(1, 1)}})
	if diff := cmp.Diff([]cart.Banner{{PromotionID: 4, Type: "upsell", Pages: []string{"cart_page"}, Text: "UPSELL Mug"}}, c.Banners); diff != "" {
		t.Error(diff)
	}
	if !c.Priced.Until.Equal(p.End) {
		t.Errorf("until = %s", c.Priced.Until)
	}
	c.Lines[0].Quantity = 2
	if c = pricedCart(t, s, c); len(c.Banners) != 1 || c.Banners[0].Type != "applied" {
		t.Errorf("banners = %+v", c.Banners)
	}
	s.Offers = nil
	if c = pricedCart(t, s, c); c.Banners != nil || !c.Priced.Until.IsZero() {
		t.Errorf("cart = %+v", c)
	}
}

// TestWithoutOffersNothingIsAllocated keeps the hot path as it was.
func TestWithoutOffersNothingIsAllocated(t *testing.T) {
	s := shop(product(1, "20", nil))
	c := pricedCart(t, s, &cart.Cart{Lines: []cart.Line{line(1, 2), line(1, 3)}})
	s.Offers = promotion.NewOffers(1, promotion.DefaultSettings, nil, []*promotion.Coupon{{ID: 1, Code: "X"}})
	without := shop(product(1, "20", nil))
	count := func(s cart.Shop) float64 {
		return testing.AllocsPerRun(100, func() { _ = pricing.Default.Price(c, s, noon) })
	}
	if a, b := count(s), count(without); a != b {
		t.Errorf("%g allocations with empty offers, %g without", a, b)
	}
}
