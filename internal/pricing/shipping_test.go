package pricing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// zoned is a shop that ships into its zones by these methods, numbered from 1.
func zoned(s cart.Shop, zones ...merchant.ShippingZone) cart.Shop {
	s.Store.ShippingSet = true
	for i := range zones {
		zones[i].ID, zones[i].Enabled = int64(i+1), true
		for n := range zones[i].Methods {
			zones[i].Methods[n].ID, zones[i].Methods[n].Enabled = int64(10*(i+1)+n), true
		}
	}
	s.Store.Zones = zones
	return s
}

func worldwide(methods ...merchant.ShippingMethod) merchant.ShippingZone {
	return merchant.ShippingZone{Name: "Everywhere", Type: merchant.ZoneGlobal, Methods: methods}
}

func flat(rate string) merchant.ShippingMethod {
	return merchant.ShippingMethod{Name: "Flat", Type: merchant.PerOrder, Rates: merchant.MethodSettings{Rate: amount(rate)}}
}

var berlin = cart.Address{ID: "a", CountryCode: "DE", StateCode: "BE", PostalCode: "10115"}

// sent puts every line into one consignment to Berlin.
func sent(c *cart.Cart) *cart.Consignment {
	con := cart.Consignment{ID: "con", Address: berlin}
	for i := range c.Lines {
		con.Items = append(con.Items, cart.ConsignedItem{LineID: c.Lines[i].ID, Quantity: c.Lines[i].Quantity})
	}
	c.Checkout = &cart.Checkout{Consignments: []cart.Consignment{con}}
	return &c.Checkout.Consignments[0]
}

func named(id string, l cart.Line) cart.Line { l.ID = id; return l }

func reprice(t *testing.T, c *cart.Cart, s cart.Shop) {
	t.Helper()
	if err := pricing.Default.Price(c, s, noon); err != nil {
		t.Fatal(err)
	}
}

// TestShippingCosts prices three units of a product of 20, 2.5 a unit heavy, one
// unit of a product that is sent for nothing, and a custom item of 10.
func TestShippingCosts(t *testing.T) {
	products := []*catalog.Product{
		product(1, "20", func(p *catalog.Product) { p.Weight = amount("2.5") }),
		product(2, "5", func(p *catalog.Product) { p.Weight, p.FreeShipping = amount("9"), true }),
	}
	table := func(kind merchant.MethodType, def *money.Amount, percent bool, ranges ...merchant.Range) merchant.ShippingMethod {
		return merchant.ShippingMethod{Name: "Table", Type: kind, Rates: merchant.MethodSettings{Default: def, DefaultPercent: percent, Ranges: ranges}}
	}
	row := func(lower, upper, cost string) merchant.Range {
		return merchant.Range{Lower: amount(lower), Upper: amount(upper), Cost: amount(cost)}
	}
	with := func(m merchant.ShippingMethod, change func(*merchant.ShippingMethod)) merchant.ShippingMethod {
		change(&m)
		return m
	}
	tests := map[string]struct {
		method   merchant.ShippingMethod
		zone     func(*merchant.ShippingZone)
		currency string
		want     string // "" when it is not offered
		handling string
	}{
		"a flat rate":                  {flat("7"), nil, "USD", "7", "0"},
		"in another currency":          {flat("7"), nil, "JPY", "1050", "0"},
		"for each item":                {with(flat("2"), func(m *merchant.ShippingMethod) { m.Type = merchant.PerItem }), nil, "USD", "8", "0"},
		"by weight":                    {table(merchant.ByWeight, nil, false, row("0", "7.5", "4"), row("7.5", "10", "6")), nil, "USD", "6", "0"},
		"at the upper limit":           {table(merchant.ByWeight, nil, false, row("0", "7.5", "4")), nil, "USD", "4", "0"},
		"too heavy":                    {table(merchant.ByWeight, nil, false, row("0", "7", "4")), nil, "USD", "", ""},
		"too heavy, with a default":    {table(merchant.ByWeight, ref(amount("9")), false, row("0", "7", "4")), nil, "USD", "9", "0"},
		"too heavy, with a share":      {table(merchant.ByWeight, ref(amount("10")), true, row("0", "7", "4")), nil, "USD", "7", "0"},
		"by total":                     {table(merchant.ByTotal, nil, false, row("0", "49.99", "4"), row("50", "99", "3")), nil, "USD", "3", "0"},
		"by total in another currency": {table(merchant.ByTotal, nil, false, row("0", "49.99", "4"), row("50", "99", "3")), nil, "JPY", "450", "0"},
		"a fee of the method":          {with(flat("7"), func(m *merchant.ShippingMethod) { m.Handling.Surcharge = amount("1.5") }), nil, "USD", "7", "1.5"},
		"a fee of the zone":            {flat("7"), func(z *merchant.ShippingZone) { z.Handling.Surcharge = amount("2") }, "USD", "7", "2"},
		"a fee by percentage": {flat("7"), func(z *merchant.ShippingZone) {
			z.Handling = merchant.HandlingFee{Surcharge: amount("5"), ByPercent: true}
		}, "USD", "7", "0.35"},
		"a fee that is not shown": {flat("7"), func(z *merchant.ShippingZone) {
			z.Handling = merchant.HandlingFee{Surcharge: amount("2"), Hidden: true}
		}, "USD", "9", "0"},
		"a method of another channel": {with(flat("7"), func(m *merchant.ShippingMethod) { m.Channels = []int64{2} }), nil, "USD", "", ""},
		"a method of this channel":    {with(flat("7"), func(m *merchant.ShippingMethod) { m.Channels = []int64{2, 1} }), nil, "USD", "7", "0"},
		"a method that is no more":    {with(flat("7"), func(m *merchant.ShippingMethod) { m.ID = 1 }), func(z *merchant.ShippingZone) { z.Methods[0].Enabled = false }, "USD", "", ""},
		"a zone that is elsewhere": {flat("7"), func(z *merchant.ShippingZone) {
			z.Type, z.Locations = merchant.ZoneCountry, []merchant.ShippingLocation{{Country: "FR"}}
		}, "USD", "", ""},
		"a zone that is not used":      {flat("7"), func(z *merchant.ShippingZone) { z.Enabled = false }, "USD", "", ""},
		"more than money can hold":     {with(flat("999999999999"), func(m *merchant.ShippingMethod) { m.Type = merchant.PerItem }), nil, "USD", "", ""},
		"a product that costs nothing": {with(flat("0"), func(m *merchant.ShippingMethod) { m.Type = merchant.ForFree }), nil, "USD", "0", "0"},
		"a state by its code": {flat("7"), func(z *merchant.ShippingZone) {
			z.Type, z.Locations = merchant.ZoneState, []merchant.ShippingLocation{{Country: "DE", State: "BE"}}
		}, "USD", "7", "0"},
		"a postal code with a wild card": {flat("7"), func(z *merchant.ShippingZone) {
			z.Type, z.Locations = merchant.ZoneZip, []merchant.ShippingLocation{{Country: "DE", Zip: "10*"}}
		}, "USD", "7", "0"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := zoned(shop(products...), worldwide(tc.method))
			if tc.zone != nil {
				tc.zone(&s.Store.Zones[0])
			}
			rate := s.Store.Currency(tc.currency).Rate
			price, _ := rate.Convert(amount("10"), 0)
			c := &cart.Cart{ChannelID: 1, Currency: tc.currency, Lines: []cart.Line{
				named("a", line(1, 3)), named("b", line(2, 1)), {ID: "c", Kind: cart.Custom, Quantity: 1, ListPrice: price}}}
			con := sent(c)
			reprice(t, c, s)
			options := pricing.ShippingOptions(c, s, con)
			if tc.want == "" {
				if len(options) > 0 {
					t.Fatalf("offered %+v", options)
				}
				return
			}
			if len(options) != 1 || len(options[0].ID) != 32 {
				t.Fatalf("options = %+v", options)
			}
			want, handling := amount(tc.want), amount(tc.handling)
			con = &c.Checkout.Consignments[0]
			con.Option = &cart.ShippingOption{ID: options[0].ID, Cost: 1}
			reprice(t, c, s)
			con = &c.Checkout.Consignments[0]
			if con.Shipping != want || con.Option.Cost != want || con.Handling != handling {
				t.Errorf("shipping %s, handling %s", con.Shipping, con.Handling)
			}
		})
	}
}

func TestAShopWithoutSetUpShipsForNothing(t *testing.T) {
	s := shop(product(1, "20", nil))
	c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, 1)}}
	con := sent(c)
	options := pricing.ShippingOptions(c, s, con)
	want := []cart.ShippingOption{{ID: options[0].ID, Type: "shipping_freeshipping", Description: "Free Shipping", ZoneID: 1, MethodID: 1}}
	if diff := cmp.Diff(want, options); diff != "" {
		t.Error(diff)
	}
	if again := pricing.ShippingOptions(c, s, con); again[0].ID != options[0].ID {
		t.Error("the id of an option changes")
	}
}

func TestFreeShippingFromASubtotalOn(t *testing.T) {
	s := zoned(shop(product(1, "20", nil)), worldwide(flat("7")))
	s.Store.Zones[0].Free = merchant.FreeShipping{Enabled: true, Minimum: amount("40")}
	for quantity, want := range map[int64]int{1: 1, 2: 2} {
		c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, quantity)}}
		con := sent(c)
		reprice(t, c, s)
		if got := pricing.ShippingOptions(c, s, con); len(got) != want {
			t.Errorf("%d units: %+v", quantity, got)
		}
	}
}

func TestAnOptionThatIsNoMoreIsNotChosen(t *testing.T) {
	s := zoned(shop(product(1, "20", nil)), worldwide(flat("7")))
	c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, 1)}}
	sent(c)
	reprice(t, c, s)
	con := &c.Checkout.Consignments[0]
	con.Option = &pricing.ShippingOptions(c, s, con)[0]
	con.PickupID = 3
	s.Store.Pickups = []merchant.PickupMethod{{ID: 3}}
	reprice(t, c, s)
	if con = &c.Checkout.Consignments[0]; con.Option != nil || con.PickupID != 3 || con.Shipping != 0 {
		t.Errorf("picked up: %+v", con)
	}
	s.Store.Pickups = nil
	con.Option = &cart.ShippingOption{ID: "x", Type: pricing.CustomShipping, Cost: amount("3.333")}
	reprice(t, c, s)
	if con = &c.Checkout.Consignments[0]; con.PickupID != 0 || con.Shipping != amount("3.33") {
		t.Errorf("a price of the client's: %+v", con)
	}
	con.Option = &cart.ShippingOption{ID: "gone", Type: "shipping_flatrate", Cost: amount("3")}
	reprice(t, c, s)
	if con = &c.Checkout.Consignments[0]; con.Option != nil || con.Shipping != 0 {
		t.Errorf("gone: %+v", con)
	}
}

// TestConsignmentsFollowTheLines is spec/05 §1.3.
func TestConsignmentsFollowTheLines(t *testing.T) {
	s := shop(product(1, "20", nil), product(2, "5", nil))
	item := func(id string, n int64) cart.ConsignedItem { return cart.ConsignedItem{LineID: id, Quantity: n} }
	gift := named("g", line(2, 2))
	gift.AddedBy = 7
	tests := map[string]struct {
		lines []cart.Line
		cons  [][]cart.ConsignedItem
		want  [][]cart.ConsignedItem
	}{
		"nothing changed":                       {[]cart.Line{named("a", line(1, 3))}, [][]cart.ConsignedItem{{item("a", 3)}}, [][]cart.ConsignedItem{{item("a", 3)}}},
		"a part that was left out stays out":    {[]cart.Line{named("a", line(1, 3))}, [][]cart.ConsignedItem{{item("a", 1)}}, [][]cart.ConsignedItem{{item("a", 1)}}},
		"fewer units":                           {[]cart.Line{named("a", line(1, 2))}, [][]cart.ConsignedItem{{item("a", 3)}}, [][]cart.ConsignedItem{{item("a", 2)}}},
		"the last consignment gives units back": {[]cart.Line{named("a", line(1, 3))}, [][]cart.ConsignedItem{{item("a", 2)}, {item("a", 2)}}, [][]cart.ConsignedItem{{item("a", 2)}, {item("a", 1)}}},
		"an empty consignment goes":             {[]cart.Line{named("a", line(1, 1))}, [][]cart.ConsignedItem{{item("b", 1)}, {item("a", 1)}}, [][]cart.ConsignedItem{{item("a", 1)}}},
		"all lines are gone":                    {nil, [][]cart.ConsignedItem{{item("b", 1)}}, nil},
		"a gift joins":                          {[]cart.Line{named("a", line(1, 1)), gift}, [][]cart.ConsignedItem{{item("a", 1)}}, [][]cart.ConsignedItem{{item("a", 1), item("g", 2)}}},
		"a gift that grew joins":                {[]cart.Line{gift}, [][]cart.ConsignedItem{{item("g", 1)}}, [][]cart.ConsignedItem{{item("g", 2)}}},
		"a gift does not choose":                {[]cart.Line{named("a", line(1, 2)), gift}, [][]cart.ConsignedItem{{item("a", 1)}, {item("a", 1)}}, [][]cart.ConsignedItem{{item("a", 1)}, {item("a", 1)}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: tc.lines, Checkout: &cart.Checkout{}}
			for _, items := range tc.cons {
				c.Checkout.Consignments = append(c.Checkout.Consignments, cart.Consignment{Address: berlin, Items: items})
			}
			if err := pricing.PriceWith(c, s, noon, nil); err != nil { // as if a promotion had put the gift in
				t.Fatal(err)
			}
			var got [][]cart.ConsignedItem
			for _, con := range c.Checkout.Consignments {
				got = append(got, con.Items)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestShippingCuts lets promotions and coupons take something off two
// consignments, of 6 in zone 1 and of 4 in zone 2.
func TestShippingCuts(t *testing.T) {
	free := promotion.ShippingCut{Source: promotion.FromPromotion, ID: 9, Free: true}
	off := promotion.ShippingCut{Source: promotion.FromCoupon, ID: 5, Code: "ship", Amount: amount("5")}
	with := func(c promotion.ShippingCut, change func(*promotion.ShippingCut)) promotion.ShippingCut {
		change(&c)
		return c
	}
	tests := map[string]struct {
		cuts []promotion.ShippingCut
		want [2]string
		by   string // what the coupon took
	}{
		"none":                      {nil, [2]string{"6", "4"}, "0"},
		"free":                      {[]promotion.ShippingCut{free}, [2]string{"0", "0"}, "0"},
		"free into one zone":        {[]promotion.ShippingCut{with(free, func(c *promotion.ShippingCut) { c.ZoneIDs = []int64{2} })}, [2]string{"6", "0"}, "0"},
		"free into no zone":         {[]promotion.ShippingCut{with(free, func(c *promotion.ShippingCut) { c.ZoneIDs = []int64{} })}, [2]string{"6", "4"}, "0"},
		"free by one method":        {[]promotion.ShippingCut{with(free, func(c *promotion.ShippingCut) { c.Methods = []string{"shipping_peritem"} })}, [2]string{"6", "0"}, "0"},
		"an amount is spread":       {[]promotion.ShippingCut{off}, [2]string{"3", "2"}, "5"},
		"an amount on what is left": {[]promotion.ShippingCut{with(free, func(c *promotion.ShippingCut) { c.ZoneIDs = []int64{2} }), off}, [2]string{"1", "0"}, "5"},
		"more than there is":        {[]promotion.ShippingCut{with(off, func(c *promotion.ShippingCut) { c.Amount = amount("50") })}, [2]string{"0", "0"}, "10"},
		"nothing is left to take":   {[]promotion.ShippingCut{free, off}, [2]string{"0", "0"}, "0"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			elsewhere := merchant.ShippingZone{Type: merchant.ZoneCountry, Locations: []merchant.ShippingLocation{{Country: "FR"}},
				Methods: []merchant.ShippingMethod{{Name: "Item", Type: merchant.PerItem, Rates: merchant.MethodSettings{Rate: amount("4")}}}}
			s := zoned(shop(product(1, "20", nil)), worldwide(flat("6")), elsewhere)
			c := &cart.Cart{ChannelID: 1, Currency: "USD", Lines: []cart.Line{line(1, 2)}}
			c.Checkout = &cart.Checkout{}
			for _, country := range []string{"DE", "FR"} {
				con := cart.Consignment{Address: cart.Address{CountryCode: country}, Items: []cart.ConsignedItem{{LineID: "l", Quantity: 1}}}
				reprice(t, c, s)
				con.Option = &pricing.ShippingOptions(c, s, &con)[0]
				c.Checkout.Consignments = append(c.Checkout.Consignments, con)
			}
			c.Coupons = []cart.Applied{{Code: "SHIP", ID: 5}}
			if err := pricing.PriceWith(c, s, noon, &promotion.Outcome{Shipping: tc.cuts}); err != nil {
				t.Fatal(err)
			}
			for i, want := range tc.want {
				if con := &c.Checkout.Consignments[i]; con.Shipping-con.Off() != amount(want) {
					t.Errorf("consignment %d costs %s - %s, want %s", i, con.Shipping, con.Off(), want)
				}
			}
			if got := c.Coupons[0].Shipping; got != amount(tc.by) {
				t.Errorf("the coupon took %s, want %s", got, tc.by)
			}
		})
	}
}
