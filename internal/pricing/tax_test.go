package pricing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// classes are the rates of the classes 0 (products), 2 (shipping), 3 (wrapping)
// and 4 (reduced).
func classes(product, shipping, wrapping, reduced string) []merchant.ClassRate {
	return []merchant.ClassRate{{ClassID: 0, Rate: amount(product)}, {ClassID: 2, Rate: amount(shipping)}, {ClassID: 3, Rate: amount(wrapping)},
		{ClassID: 4, Rate: amount(reduced)}}
}

func taxed(s cart.Shop, rates ...merchant.TaxRate) cart.Shop {
	s.Store.Tax = merchant.Tax{
		Classes: []merchant.TaxClass{{ID: 4, Name: "Reduced"}},
		Zones: []merchant.TaxZone{{ID: 1, Name: "Default", Enabled: true},
			{ID: 2, Name: "Germany", Enabled: true, Locations: []merchant.TaxLocation{{Country: "DE"}}},
			{ID: 3, Name: "Berlin", Enabled: true, Locations: []merchant.TaxLocation{{Country: "DE", States: []string{"BE"}}}}},
	}
	for i, r := range rates {
		r.ID, r.Enabled = int64(i+1), true
		if r.ZoneID == 0 {
			r.ZoneID = 3
		}
		s.Store.Tax.Rates = append(s.Store.Tax.Rates, r)
	}
	return s
}

func vat(classes []merchant.ClassRate) merchant.TaxRate {
	return merchant.TaxRate{Name: "VAT", Priority: 1, Classes: classes}
}

// TestTaxes taxes one line of the given price that is sent to Berlin.
func TestTaxes(t *testing.T) {
	standard := vat(classes("19", "19", "19", "7"))
	city := merchant.TaxRate{Name: "City tax", Priority: 1, Classes: classes("1.5", "0", "0", "0")}
	compound := merchant.TaxRate{Name: "Luxury", Priority: 2, Classes: classes("10", "0", "0", "0")}
	tests := map[string]struct {
		price    string
		included bool
		rates    []merchant.TaxRate
		change   func(*cart.Cart, *catalog.Product)
		want     []cart.Tax
		total    string // cart_amount
	}{
		"on top":                      {"100", false, []merchant.TaxRate{standard}, nil, []cart.Tax{{Name: "VAT", Amount: amount("19")}}, "119"},
		"contained":                   {"119", true, []merchant.TaxRate{standard}, nil, []cart.Tax{{Name: "VAT", Amount: amount("19")}}, "119"},
		"half a cent goes up":         {"0.50", false, []merchant.TaxRate{vat(classes("5", "0", "0", "0"))}, nil, []cart.Tax{{Name: "VAT", Amount: amount("0.03")}}, "0.53"},
		"less than half a cent":       {"0.49", false, []merchant.TaxRate{vat(classes("5", "0", "0", "0"))}, nil, []cart.Tax{{Name: "VAT", Amount: amount("0.02")}}, "0.51"},
		"two taxes side by side":      {"100", false, []merchant.TaxRate{standard, city}, nil, []cart.Tax{{Name: "VAT", Amount: amount("19")}, {Name: "City tax", Amount: amount("1.5")}}, "120.5"},
		"two taxes inside the price":  {"120.5", true, []merchant.TaxRate{standard, city}, nil, []cart.Tax{{Name: "VAT", Amount: amount("19")}, {Name: "City tax", Amount: amount("1.5")}}, "120.5"},
		"a tax on a tax":              {"100", false, []merchant.TaxRate{compound, standard}, nil, []cart.Tax{{Name: "VAT", Amount: amount("19")}, {Name: "Luxury", Amount: amount("11.9")}}, "130.9"},
		"a tax on a tax, contained":   {"130.9", true, []merchant.TaxRate{standard, compound}, nil, []cart.Tax{{Name: "VAT", Amount: amount("19")}, {Name: "Luxury", Amount: amount("11.9")}}, "130.9"},
		"one name, two rates":         {"100", false, []merchant.TaxRate{standard, vat(classes("1", "0", "0", "0"))}, nil, []cart.Tax{{Name: "VAT", Amount: amount("20")}}, "120"},
		"a rate of another zone":      {"100", false, []merchant.TaxRate{{Name: "VAT", ZoneID: 2, Classes: classes("19", "0", "0", "0")}}, nil, nil, "100"},
		"a class of its own":          {"100", false, []merchant.TaxRate{standard}, func(_ *cart.Cart, p *catalog.Product) { p.TaxClassID = 4 }, []cart.Tax{{Name: "VAT", Amount: amount("7")}}, "107"},
		"a class that is gone":        {"100", false, []merchant.TaxRate{standard}, func(_ *cart.Cart, p *catalog.Product) { p.TaxClassID = 77 }, []cart.Tax{{Name: "VAT", Amount: amount("19")}}, "119"},
		"a product that is not taxed": {"100", false, []merchant.TaxRate{standard}, func(_ *cart.Cart, p *catalog.Product) { p.TaxClassID = catalog.NonTaxableClass }, nil, "100"},
		"a customer who is exempt":    {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) { c.Shopper.TaxExempt = true }, nil, "100"},
		"no address":                  {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) { c.Checkout = nil }, nil, "100"},
		"an address of the bill only": {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) { c.Checkout = &cart.Checkout{Billing: &berlin} }, nil, "100"},
		"a digital line goes by the bill": {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) {
			c.Checkout, c.Lines[0].Kind = &cart.Checkout{Billing: &berlin}, cart.Digital
		}, []cart.Tax{{Name: "VAT", Amount: amount("19")}}, "119"},
		"a gift certificate": {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) {
			c.Checkout, c.Lines[0] = &cart.Checkout{Billing: &berlin}, cart.Line{ID: "g", Kind: cart.Gift, Quantity: 1, Gift: &cart.Certificate{Amount: amount("100")}}
		}, nil, "100"},
		"a custom item goes by the bill": {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) {
			c.Checkout, c.Lines[0] = &cart.Checkout{Billing: &berlin}, cart.Line{ID: "c", Kind: cart.Custom, Quantity: 1, ListPrice: amount("100")}
		}, []cart.Tax{{Name: "VAT", Amount: amount("19")}}, "119"},
		"a state that is written out": {"100", false, []merchant.TaxRate{standard}, func(c *cart.Cart, _ *catalog.Product) {
			c.Checkout.Consignments[0].Address = cart.Address{CountryCode: "DE", State: "be"}
		}, []cart.Tax{{Name: "VAT", Amount: amount("19")}}, "119"},
		"the default zone": {"100", false, []merchant.TaxRate{{Name: "Export", ZoneID: 1, Classes: classes("2", "0", "0", "0")}}, func(c *cart.Cart, _ *catalog.Product) {
			c.Checkout.Consignments[0].Address = cart.Address{CountryCode: "FR"}
		}, []cart.Tax{{Name: "Export", Amount: amount("2")}}, "102"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := product(1, tc.price, nil)
			s := taxed(shop(p), tc.rates...)
			s.Store.PricesIncludeTax = tc.included
			c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, 1)}}
			sent(c)
			if tc.change != nil {
				tc.change(c, p)
			}
			reprice(t, c, s)
			var got []cart.Tax
			if c.Checkout != nil {
				got = c.Checkout.Taxes
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if c.Totals.Cart != amount(tc.total) || c.TaxIncluded != tc.included || c.Totals.Tax != c.Lines[0].Tax {
				t.Errorf("totals %+v", c.Totals)
			}
		})
	}
}

// TestTaxesOfAWholeOrder works one order out by hand: 2 × 50 with 10 off the
// order and 5 by coupon, wrapped for 4, shipping of 10 less 4, handling of 2 and
// a fee of 6, at 10 % on products and fees, 20 % on shipping, 5 % on wrapping.
func TestTaxesOfAWholeOrder(t *testing.T) {
	s := taxed(zoned(shop(product(1, "50", nil)), worldwide(flat("10"))), vat(classes("10", "20", "5", "0")))
	s.Store.Zones[0].Handling.Surcharge = amount("2")
	s.Store.GiftWraps[0].Price = amount("4")
	l := line(1, 2)
	l.Wrapping = &cart.Wrapping{Together: true, Details: []cart.WrapDetail{{ID: 1}}}
	c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{l}}
	sent(c)
	c.Checkout.Fees = []cart.Fee{{Cost: amount("6")}, {Cost: amount("1"), TaxClassID: merchant.NonTaxableTaxClass}}
	reprice(t, c, s)
	con := &c.Checkout.Consignments[0]
	con.Option = &pricing.ShippingOptions(c, s, con)[0]
	off := func(j *cart.Cart) {
		j.Lines[0].Shared, j.Lines[0].Coupon = amount("10"), amount("5")
		j.Totals.Discount, j.Totals.Coupon, j.Totals.Cart = amount("10"), amount("5"), amount("85")
	}
	if err := pricing.PriceAfter(c, s, noon, off, &promotion.Outcome{Shipping: []promotion.ShippingCut{{Amount: amount("4")}}}); err != nil {
		t.Fatal(err)
	}
	pairs := func(inc, ex string) pricing.Pair { return pricing.Pair{Inc: amount(inc), Ex: amount(ex)} }
	want := pricing.Sums{
		Subtotal: pairs("110", "100"), Cart: pairs("93.5", "85"), Shipping: pairs("12", "10"), Handling: pairs("2.4", "2"),
		Fees: pairs("7.6", "7"), Wrapping: pairs("4.2", "4"),
		Discount: amount("10"), Coupon: amount("5"), ShippingDiscount: amount("4"),
		Tax: amount("10.9"), Taxes: []cart.Tax{{Name: "VAT", Amount: amount("10.9")}},
		Grand: amount("114.9"), // 85 + 4 + 7 + 2 + 6 + 10.9
	}
	if diff := cmp.Diff(want, pricing.Sum(c)); diff != "" {
		t.Error(diff)
	}
	if c.Totals.Tax != amount("8.5") || c.Totals.Cart != amount("93.5") {
		t.Errorf("totals %+v", c.Totals)
	}
}

// TestALineInTwoPlaces is taxed by each for the units that go there.
func TestALineInTwoPlaces(t *testing.T) {
	s := taxed(shop(product(1, "10", nil)), vat(classes("10", "0", "0", "0")))
	c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, 5)}, Checkout: &cart.Checkout{Consignments: []cart.Consignment{
		{Address: berlin, Items: []cart.ConsignedItem{{LineID: "l", Quantity: 2}}},
		{Address: cart.Address{CountryCode: "FR"}, Items: []cart.ConsignedItem{{LineID: "l", Quantity: 1}}},
	}}}
	reprice(t, c, s)
	if c.Lines[0].Tax != amount("2") || c.Lines[0].TaxBefore != amount("2") {
		t.Errorf("tax %s, before %s", c.Lines[0].Tax, c.Lines[0].TaxBefore)
	}
}

func TestAnOrderTooLargeIsAnError(t *testing.T) {
	s := taxed(shop(product(1, "900000000000", nil)), vat(classes("19", "0", "0", "0")))
	c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, 1)}}
	sent(c)
	if err := pricing.Default.Price(c, s, noon); err == nil {
		t.Error("no error")
	}
}

// TestCheckoutsAddUp prices random checkouts: every pair differs by its tax, the
// pairs make up the total as spec/05 §1.1 says, nothing is negative, pricing
// twice changes nothing, and the order of lines does not matter.
func TestCheckoutsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := func(most int64, name string) money.Amount {
			return money.Amount(rapid.Int64Range(0, most).Draw(t, name)) * 100
		}
		percent := func(name string) string { return (cents(3000, name)).String() }
		rate := func(name string, priority int64) merchant.TaxRate {
			return merchant.TaxRate{Name: name, Priority: priority, Classes: classes(percent("product"), percent("shipping"), percent("wrapping"), "7")}
		}
		s := taxed(zoned(shop(product(1, "19.99", nil), product(2, "0.01", func(p *catalog.Product) { p.TaxClassID = 4 }), product(3, "5", func(p *catalog.Product) { p.TaxClassID = 1 })),
			worldwide(merchant.ShippingMethod{Name: "A", Type: merchant.PerItem, Rates: merchant.MethodSettings{Rate: cents(500, "rate")}})),
			rate("A", 1), rate("B", rapid.Int64Range(1, 2).Draw(t, "priority")))
		s.Store.PricesIncludeTax = rapid.Bool().Draw(t, "included")
		s.Store.Zones[0].Handling.Surcharge = cents(300, "handling")
		c := &cart.Cart{ChannelID: 1, Currency: rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")}
		for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
			l := named(string(rune('a'+i)), line(rapid.Int64Range(1, 3).Draw(t, "product"), rapid.Int64Range(1, 20).Draw(t, "quantity")))
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				l.Kind = cart.Digital
			case 1:
				l = cart.Line{ID: l.ID, Kind: cart.Custom, Quantity: l.Quantity, ListPrice: cents(5000, "price")}
			case 2:
				l.Wrapping = &cart.Wrapping{Details: []cart.WrapDetail{{ID: 1}}}
			}
			c.Lines = append(c.Lines, l)
		}
		c.Checkout = &cart.Checkout{Billing: &berlin, Fees: []cart.Fee{{Cost: cents(900, "fee")}}}
		con := cart.Consignment{Address: berlin}
		for _, l := range c.Lines {
			if n := rapid.Int64Range(0, l.Quantity).Draw(t, "sent"); n > 0 && l.Consignable() {
				con.Items = append(con.Items, cart.ConsignedItem{LineID: l.ID, Quantity: n})
			}
		}
		c.Checkout.Consignments = []cart.Consignment{con}
		cuts := &promotion.Outcome{Shipping: []promotion.ShippingCut{{Amount: cents(3000, "cut")}}}
		run := func(c *cart.Cart) {
			if err := pricing.PriceWith(c, s, noon, cuts); err != nil {
				t.Fatal(err)
			}
		}
		run(c)
		for i := range c.Checkout.Consignments {
			con := &c.Checkout.Consignments[i]
			con.Option = &pricing.ShippingOptions(c, s, con)[0]
		}
		run(c)
		again := c.Clone()
		run(again)
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatal(diff)
		}
		checkSums(t, c)
		turned := c.Clone()
		for i, j := 0, len(turned.Lines)-1; i < j; i, j = i+1, j-1 {
			turned.Lines[i], turned.Lines[j] = turned.Lines[j], turned.Lines[i]
		}
		run(turned)
		if diff := cmp.Diff(pricing.Sum(c), pricing.Sum(turned)); diff != "" {
			t.Fatalf("the order of lines matters: %s", diff)
		}
	})
}

func checkSums(t *rapid.T, c *cart.Cart) {
	s := pricing.Sum(c)
	var named, lines money.Amount
	for _, tax := range s.Taxes {
		named += tax.Amount
	}
	var paid pricing.Pair
	for i := range c.Lines {
		l := &c.Lines[i]
		lines += l.Tax
		if l.Tax < 0 || l.TaxBefore < l.Tax || l.WrapTax < 0 || pricing.LineSale(c, l).Tax() != l.TaxBefore {
			t.Fatalf("line = %+v", l)
		}
	}
	for i := range c.Checkout.Consignments {
		con := &c.Checkout.Consignments[i]
		p := pricing.ConsignmentPaid(c, con)
		paid.Inc, paid.Ex = paid.Inc+p.Inc, paid.Ex+p.Ex
		if con.Off() > con.Shipping || p.Ex < 0 || con.ShippingTax > con.ShippingTaxBefore {
			t.Fatalf("consignment = %+v", con)
		}
	}
	tax := s.Cart.Tax() + s.Wrapping.Tax() + s.Handling.Tax() + s.Fees.Tax() + paid.Tax()
	entered := s.Subtotal.Ex - s.Discount - s.Coupon + s.Shipping.Ex - s.ShippingDiscount + s.Handling.Ex + s.Fees.Ex + s.Wrapping.Ex
	if c.TaxIncluded {
		entered = s.Subtotal.Inc - s.Discount - s.Coupon + s.Shipping.Inc - s.ShippingDiscount + s.Handling.Inc + s.Fees.Inc + s.Wrapping.Inc
	} else {
		entered += s.Tax
	}
	most := s.Subtotal.Inc + s.Shipping.Inc + s.Handling.Inc + s.Fees.Inc + s.Wrapping.Inc
	switch {
	case s.Tax != tax || s.Tax != named || s.Cart.Tax() != lines || c.Totals.Tax != lines:
		t.Fatalf("tax %s, of its parts %s, by name %s, of lines %s", s.Tax, tax, named, lines)
	case s.Grand != entered:
		t.Fatalf("grand total %s, by the formula %s", s.Grand, entered)
	case s.Grand < 0 || s.Grand > most || c.Totals.Cart != s.Cart.Inc:
		t.Fatalf("grand total %s of at most %s; totals %+v", s.Grand, most, c.Totals)
	}
}
