package storefront_test

import (
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// The products of the fixture, by what they are for.
const (
	mug     = 1 // simple
	lamp    = 2 // two finishes, one dearer; one made but not sold
	ring    = 3 // every kind of modifier
	vase    = 4 // three left
	tile    = 5 // two to five an order
	radio   = 6 // disabled
	evil    = 7 // a name and a description that attack
	secret  = 8 // not visible
	plan    = 9 // needs a file
	shirt   = 10
	special = 11 // an address with more than ASCII
)

func demoStore() *merchant.Store {
	return &merchant.Store{
		Hash: "demo", Name: "Blue & Sons", Revision: 1,
		Channels: []merchant.Channel{{ID: 1, Name: "Shop", Status: "active"}},
		Sites:    []merchant.Site{{ID: 1, ChannelID: 1, URL: "https://shop.example"}},
		Currencies: []merchant.Currency{{ID: 1, Code: "USD", Rate: money.RateOne, Default: true, Enabled: true, Transactional: true,
			TokenLocation: "left", Token: "$", DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: 2}},
		GiftWraps:    []merchant.GiftWrap{{ID: 1, Name: "Silk paper", Price: amount("4"), Visible: true, AllowComments: true}},
		CartSettings: merchant.CartSettings{AllowPurchasing: true},
	}
}

func simple(id int64, name, url, price string, change func(*catalog.Product)) *catalog.Product {
	p := &catalog.Product{ID: id, Name: name, Type: catalog.Physical, Price: amount(price), Availability: catalog.Available,
		InventoryTracking: catalog.TrackNone, URL: url, Visible: true, Variants: []catalog.Variant{{ID: id * 100}}}
	if change != nil {
		change(p)
	}
	return p
}

func demoProducts() []*catalog.Product {
	return []*catalog.Product{
		simple(mug, "Mug", "/mug/", "1234.5", func(p *catalog.Product) {
			p.SKU, p.SalePrice = "MUG", amount("1200")
			p.Images = []catalog.Image{{URL: "/media/side.png", Description: "From the side"}, {URL: "https://img.example/mug.png", Thumbnail: true}}
			p.CustomFields = []catalog.CustomField{{Name: "Volume", Value: "0.3 l"}}
			p.Description = "<h2>Stoneware</h2><p onclick=x>Made <b>by hand</b>.</p><a href=\"javascript:x\">no</a>"
		}),
		lampProduct(),
		simple(ring, "Ring", "/ring/", "100", func(p *catalog.Product) { p.Modifiers = everyModifier() }),
		simple(vase, "Vase", "/vase/", "20", func(p *catalog.Product) {
			p.InventoryTracking, p.InventoryLevel, p.InventoryWarningLevel = catalog.TrackProduct, 3, 5
		}),
		simple(tile, "Tile", "/tile/", "3", func(p *catalog.Product) { p.OrderQuantityMinimum, p.OrderQuantityMaximum = 2, 5 }),
		simple(radio, "Radio", "/radio/", "9", func(p *catalog.Product) { p.Availability = catalog.Disabled }),
		simple(evil, "<script>alert(1)</script>", "/evil/", "1", func(p *catalog.Product) {
			p.Description = "<script>alert(2)</script><style>*{}</style><img src=x onerror=alert(3)><p id=main style=\"x\">Harmless</p>"
		}),
		simple(secret, "Secret", "/secret/", "7", func(p *catalog.Product) { p.Visible, p.SKU = false, "SECRET" }),
		simple(plan, "House plan", "/plan/", "70", func(p *catalog.Product) {
			p.Modifiers = []catalog.Modifier{{ID: 290, DisplayName: "Drawing", Type: catalog.File, Required: true}}
		}),
		simple(shirt, "Shirt", "/shirt/", "25", func(p *catalog.Product) {
			p.Modifiers = []catalog.Modifier{{ID: 280, DisplayName: "Initials", Type: catalog.Text, Required: true}}
		}),
		simple(special, "Lämpchen", "/l%C3%A4mpchen/", "5", nil),
	}
}

func lampProduct() *catalog.Product {
	return simple(lamp, "Desk lamp", "/desk-lamp/", "34.9", func(p *catalog.Product) {
		p.InventoryTracking = catalog.TrackVariant
		p.Options = []catalog.Option{
			{ID: 88, DisplayName: "Finish", Type: catalog.Swatch, Values: []catalog.OptionValue{
				{ID: 142, Label: "Brass", Data: catalog.ValueData{Colors: []string{"#c90", "url(//evil.example)"}}},
				{ID: 143, Label: "Steel"}, {ID: 144, Label: "Gold"}}},
			{ID: 89, DisplayName: "Cable", Type: catalog.Dropdown, Values: []catalog.OptionValue{{ID: 150, Label: "Short"}, {ID: 151, Label: "Long"}}},
		}
		values := func(finish, cable int64) []catalog.VariantValue {
			return []catalog.VariantValue{{OptionID: 88, ValueID: finish}, {OptionID: 89, ValueID: cable}}
		}
		p.Variants = []catalog.Variant{
			{ID: 407, SKU: "LAMP-BR", InventoryLevel: 9, OptionValues: values(142, 150), ImageURL: "https://img.example/brass.png"},
			{ID: 408, SKU: "LAMP-ST", InventoryLevel: 9, OptionValues: values(143, 150), Price: ref(amount("40"))},
			{ID: 409, SKU: "LAMP-LONG", OptionValues: values(143, 151)},
			{ID: 410, SKU: "LAMP-GOLD", InventoryLevel: 9, OptionValues: values(144, 150),
				PurchasingDisabled: true, PurchasingDisabledMessage: "Ask us for gold."},
		}
	})
}

// everyModifier is one modifier of each kind.
func everyModifier() []catalog.Modifier {
	choice := func(id int64, name, kind string, values ...catalog.OptionValue) catalog.Modifier {
		return catalog.Modifier{ID: id, DisplayName: name, Type: kind, Values: values}
	}
	typed := func(id int64, name, kind string, cfg catalog.Config) catalog.Modifier {
		return catalog.Modifier{ID: id, DisplayName: name, Type: kind, Config: cfg}
	}
	plus := func(kind, value string) catalog.Adjusters {
		return catalog.Adjusters{Price: &catalog.Adjuster{Kind: kind, Value: amount(value)}}
	}
	list := choice(207, "Extra", catalog.PickListImages,
		catalog.OptionValue{ID: 370, Label: "A mug", Data: catalog.ValueData{ProductID: mug}},
		catalog.OptionValue{ID: 371, Label: "A vase", Data: catalog.ValueData{ProductID: vase}})
	list.Config.ListAdjustsPricing = true
	box := choice(201, "Gift box", catalog.Checkbox,
		catalog.OptionValue{ID: 310, Label: "Yes", Data: catalog.ValueData{Checked: ref(true)}, Adjusters: plus(catalog.Relative, "2")},
		catalog.OptionValue{ID: 311, Label: "No", Data: catalog.ValueData{Checked: ref(false)}})
	box.Config.CheckedByDefault, box.Config.CheckboxLabel = true, "Pack it in a box"
	return []catalog.Modifier{
		choice(200, "Stone", catalog.RadioButtons,
			catalog.OptionValue{ID: 300, Label: "Ruby", Adjusters: plus(catalog.Relative, "25.5")},
			catalog.OptionValue{ID: 301, Label: "Glass", Adjusters: plus(catalog.Percentage, "-12.5")},
			catalog.OptionValue{ID: 302, Label: "Ivory", Adjusters: catalog.Adjusters{PurchasingDisabled: true}}),
		box,
		typed(202, "Engraving", catalog.Text, catalog.Config{TextCharactersLimited: true, TextMinLength: 2, TextMaxLength: 5}),
		typed(203, "Letter", catalog.MultiLineText, catalog.Config{TextLinesLimited: true, TextMaxLines: 2}),
		typed(204, "Size", catalog.NumbersOnly, catalog.Config{NumberLimited: true, NumberLimitMode: "range",
			NumberLowest: amount("40"), NumberHighest: amount("70"), NumberIntegersOnly: true}),
		typed(205, "Wedding", catalog.Date, catalog.Config{DateLimited: true, DateLimitMode: "range",
			DateEarliest: "2020-01-01", DateLatest: "2030-12-31T00:00:00+00:00"}),
		typed(206, "Drawing", catalog.File, catalog.Config{}),
		list,
	}
}
