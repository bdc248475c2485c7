package pricing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func amount(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func ref[T any](v T) *T { return &v }

func shop(products ...*catalog.Product) cart.Shop {
	return cart.Shop{
		PublicURL: "http://localhost:8080",
		Catalog:   catalog.NewSnapshot(1, 1, products),
		Store: &merchant.Store{
			Hash: "demo", Channels: []merchant.Channel{{ID: 1}},
			Currencies: []merchant.Currency{
				{Code: "USD", Rate: money.RateOne, Default: true, DecimalPlaces: 2},
				{Code: "JPY", Rate: 150 * money.RateOne, DecimalPlaces: 0},
				{Code: "KWD", Rate: money.RateOne * 3 / 10, DecimalPlaces: 3},
			},
			GiftWraps: []merchant.GiftWrap{{ID: 1, Name: "Paper", Price: amount("2.5")}},
		},
	}
}

func product(id int64, price string, change func(*catalog.Product)) *catalog.Product {
	p := &catalog.Product{ID: id, Name: "Thing", SKU: "P", Type: catalog.Physical, Price: amount(price), URL: "/thing/",
		Variants: []catalog.Variant{{ID: id * 10}}}
	if change != nil {
		change(p)
	}
	return p
}

func line(id, quantity int64) cart.Line {
	return cart.Line{ID: "l", Kind: cart.Physical, ProductID: id, VariantID: id * 10, Quantity: quantity}
}

func price(t *testing.T, s cart.Shop, currency string, lines ...cart.Line) *cart.Cart {
	t.Helper()
	c := &cart.Cart{ID: "c", ChannelID: 1, Currency: currency, Lines: lines}
	if err := pricing.Default.Price(c, s, noon); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestUnitPrices is spec/01 §7.1 and §7.2 and spec/05 §8.1.
func TestUnitPrices(t *testing.T) {
	adjust := func(kind, value string, more ...func(*catalog.Product)) func(*catalog.Product) {
		return func(p *catalog.Product) {
			p.Modifiers = []catalog.Modifier{{ID: 5, Type: catalog.RadioButtons, Values: []catalog.OptionValue{{ID: 6,
				Adjusters: catalog.Adjusters{Price: &catalog.Adjuster{Kind: kind, Value: amount(value)}}}}}}
			for _, m := range more {
				m(p)
			}
		}
	}
	sale := func(p *catalog.Product) { p.SalePrice = amount("80") }
	chosen := func(l *cart.Line) { l.Selections = []cart.Selection{{OptionID: 5, ValueID: 6}} }
	override := func(l *cart.Line) { l.Override = ref(amount("7.129")) }
	tests := map[string]struct {
		product        func(*catalog.Product)
		line           func(*cart.Line)
		original, list string
		extended       string // three units
		currency       string
	}{
		"a price":                          {nil, nil, "100", "100", "300", "USD"},
		"a sale price":                     {sale, nil, "100", "80", "240", "USD"},
		"a variant's own price":            {func(p *catalog.Product) { p.Variants[0].Price = ref(amount("90")) }, nil, "90", "90", "270", "USD"},
		"a variant's price beats the sale": {func(p *catalog.Product) { sale(p); p.Variants[0].Price = ref(amount("90")) }, nil, "90", "90", "270", "USD"},
		"a variant's sale price":           {func(p *catalog.Product) { p.Variants[0].SalePrice = ref(amount("70")) }, nil, "100", "70", "210", "USD"},
		"an adjuster adds":                 {adjust(catalog.Relative, "25.5"), chosen, "125.5", "125.5", "376.5", "USD"},
		"an adjuster that was not chosen":  {adjust(catalog.Relative, "25.5"), nil, "100", "100", "300", "USD"},
		"an adjuster by percentage":        {adjust(catalog.Percentage, "12.5"), chosen, "112.5", "112.5", "337.5", "USD"},
		"a percentage of the sale price":   {adjust(catalog.Percentage, "12.5", sale), chosen, "112.5", "90", "270", "USD"},
		"an adjuster below zero":           {adjust(catalog.Relative, "-200"), chosen, "0", "0", "0", "USD"},
		"an override":                      {sale, override, "100", "7.13", "21.39", "USD"},
		"an override takes no adjusters":   {adjust(catalog.Relative, "25.5"), func(l *cart.Line) { chosen(l); override(l) }, "125.5", "7.13", "21.39", "USD"},
		"an override of nothing":           {nil, func(l *cart.Line) { l.Override = ref(money.Amount(0)) }, "100", "0", "0", "USD"},
		"yen have no decimals":             {func(p *catalog.Product) { p.Price = amount("0.33") }, nil, "50", "50", "150", "JPY"},
		"dinars have three":                {func(p *catalog.Product) { p.Price = amount("0.111") }, nil, "0.033", "0.033", "0.099", "KWD"},
		"an override is in cart currency":  {nil, override, "15000", "7", "21", "JPY"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := line(1, 3)
			if tc.line != nil {
				tc.line(&l)
			}
			got := price(t, shop(product(1, "100", tc.product)), tc.currency, l)
			g := got.Lines[0]
			if g.OriginalPrice != amount(tc.original) || g.ListPrice != amount(tc.list) || g.SalePrice != amount(tc.list) ||
				g.ExtendedList != amount(tc.extended) || got.Totals.Cart != amount(tc.extended) {
				t.Errorf("original %s list %s extended %s", g.OriginalPrice, g.ListPrice, g.ExtendedList)
			}
		})
	}
}

func TestPickListAddsTheProductsPrice(t *testing.T) {
	box := product(2, "9.99", nil)
	set := product(1, "100", func(p *catalog.Product) {
		m := catalog.Modifier{ID: 5, Type: catalog.PickList, Values: []catalog.OptionValue{{ID: 6, Data: catalog.ValueData{ProductID: 2}}}}
		m.Config.ListAdjustsPricing = true
		p.Modifiers = []catalog.Modifier{m}
	})
	l := line(1, 1)
	l.Selections = []cart.Selection{{OptionID: 5, ValueID: 6}}
	if got := price(t, shop(set, box), "USD", l); got.Totals.Cart != amount("109.99") {
		t.Errorf("cart = %s", got.Totals.Cart)
	}
	if got := price(t, shop(set), "USD", l); got.Totals.Cart != amount("100") {
		t.Errorf("with the listed product gone, cart = %s", got.Totals.Cart)
	}
}

// TestTotals adds all kinds of lines up (spec/01 §7.3). Wrapping is in none of
// the totals (spec/07, Q9).
func TestTotals(t *testing.T) {
	wrapped := line(1, 2)
	wrapped.Wrapping = &cart.Wrapping{Details: []cart.WrapDetail{{ID: 1}, {ID: 1}}}
	got := price(t, shop(product(1, "10.05", nil)), "USD", wrapped,
		cart.Line{ID: "c", Kind: cart.Custom, Name: "Work", Quantity: 33, ListPrice: amount("55")},
		cart.Line{ID: "g", Kind: cart.Gift, Quantity: 2, Gift: &cart.Certificate{Amount: amount("50")}})
	if got.Totals.Base != amount("1935.1") || got.Totals.Cart != amount("1935.1") || got.Totals.Discount != 0 {
		t.Errorf("totals = %+v", got.Totals)
	}
	if l := got.Lines[0]; l.WrapPrice != amount("5") || l.WrapName != "Paper" {
		t.Errorf("wrapping = %s %s", l.WrapName, l.WrapPrice)
	}
	if got.Lines[1].ImageURL != "http://localhost:8080/assets/placeholder.svg" {
		t.Errorf("picture of a custom item = %s", got.Lines[1].ImageURL)
	}
}

func TestWhatALineShows(t *testing.T) {
	p := product(1, "1", func(p *catalog.Product) {
		p.Images = []catalog.Image{{URL: "https://cdn.example/a.png"}, {URL: "/own/b.png", Thumbnail: true}}
		p.TaxClassID = catalog.NonTaxableClass
	})
	got := price(t, shop(p), "USD", line(1, 1)).Lines[0]
	want := cart.Line{Name: "Thing", SKU: "P", URL: "http://localhost:8080/shop/demo/thing/", ImageURL: "http://localhost:8080/own/b.png"}
	if got.Name != want.Name || got.SKU != want.SKU || got.URL != want.URL || got.ImageURL != want.ImageURL || got.Taxable {
		t.Errorf("got %+v", got)
	}
	p.Variants[0].SKU, p.Variants[0].ImageURL = "V", "https://cdn.example/v.png"
	named := line(1, 1)
	named.NameSet = "Ding"
	got = price(t, shop(p), "USD", named).Lines[0]
	if got.Name != "Ding" || got.SKU != "V" || got.ImageURL != "https://cdn.example/v.png" {
		t.Errorf("got %+v", got)
	}
}

func TestOverflowIsAnError(t *testing.T) {
	c := &cart.Cart{ChannelID: 1, Currency: "JPY", Lines: []cart.Line{line(1, cart.MaxQuantity)}}
	if err := pricing.Default.Price(c, shop(product(1, "999999999999", nil)), noon); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("err = %v", err)
	}
}

func TestWrappingOverflowIsAnError(t *testing.T) {
	s := shop(product(1, "1", nil))
	s.Store.GiftWraps[0].Price = amount("600000000000")
	l := line(1, 2)
	l.Wrapping = &cart.Wrapping{Details: []cart.WrapDetail{{ID: 1}, {ID: 1}}}
	c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{l}}
	if err := pricing.Default.Price(c, s, noon); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("err = %v", err)
	}
}

// TestPricingTwiceChangesNothing prices random carts twice.
func TestPricingTwiceChangesNothing(t *testing.T) {
	s := shop(product(1, "19.99", func(p *catalog.Product) { p.SalePrice = amount("17.35") }), product(2, "0.01", nil), product(3, "1234.5678", nil))
	rapid.Check(t, func(t *rapid.T) {
		c := &cart.Cart{ChannelID: 1, Currency: rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")}
		for range rapid.IntRange(1, 20).Draw(t, "lines") {
			l := line(rapid.Int64Range(1, 4).Draw(t, "product"), rapid.Int64Range(1, 1000).Draw(t, "quantity"))
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				l.Override = ref(money.Amount(rapid.Int64Range(0, 1e9).Draw(t, "override")))
			case 1:
				l = cart.Line{ID: "c", Kind: cart.Custom, Quantity: l.Quantity, ListPrice: money.Amount(rapid.Int64Range(0, 1e9).Draw(t, "price"))}
			}
			c.Lines = append(c.Lines, l)
		}
		if err := pricing.Default.Price(c, s, noon); err != nil {
			t.Fatal(err)
		}
		again := c.Clone()
		if err := pricing.Default.Price(again, s, noon); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatal(diff)
		}
		var sum money.Amount
		for _, l := range c.Lines {
			sum += l.ExtendedSale - l.Coupon
			if l.ExtendedSale < 0 || l.ExtendedSale > l.ExtendedList {
				t.Fatalf("line = %+v", l)
			}
		}
		if sum-c.Totals.Discount != c.Totals.Cart || c.Totals.Cart > c.Totals.Base {
			t.Fatalf("lines add up to %s, totals are %+v", sum, c.Totals)
		}
	})
}
