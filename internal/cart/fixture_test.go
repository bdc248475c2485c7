package cart_test

import (
	"context"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// amount reads an amount that stands in a test.
func amount(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func ref[T any](v T) *T { return &v }

// The products of the fixture, by what they are for.
const (
	lamp    = 31 // two finishes, on sale
	mug     = 32 // simple
	ring    = 33 // every kind of modifier
	ebook   = 34 // digital
	sold    = 35 // three left, tracked by product
	shoe    = 36 // tracked by variant
	bulk    = 37 // two to five an order
	retired = 38 // disabled
	gifted  = 39 // only wrapping 2
)

func fixtureProducts() []*catalog.Product {
	simple := func(id int64, name, price string, change func(*catalog.Product)) *catalog.Product {
		p := &catalog.Product{ID: id, Name: name, Type: catalog.Physical, Price: amount(price), Availability: catalog.Available,
			InventoryTracking: catalog.TrackNone, URL: "/" + name + "/", SKU: name + "-sku", Visible: true,
			Variants: []catalog.Variant{{ID: id * 100}}}
		if change != nil {
			change(p)
		}
		return p
	}
	return []*catalog.Product{
		simple(lamp, "Desk lamp", "34.9", func(p *catalog.Product) {
			p.URL, p.SalePrice = "/desk-lamp/", amount("29.9")
			p.Options = []catalog.Option{{ID: 88, DisplayName: "Finish", Type: catalog.Rectangles,
				Values: []catalog.OptionValue{{ID: 142, Label: "Brass"}, {ID: 143, Label: "Steel"}}}}
			p.Variants = []catalog.Variant{
				{ID: 407, SKU: "LAMP-BR", OptionValues: []catalog.VariantValue{{OptionID: 88, ValueID: 142}}},
				{ID: 408, SKU: "LAMP-ST", Price: ref(amount("40")), OptionValues: []catalog.VariantValue{{OptionID: 88, ValueID: 143}}},
				{ID: 409, SKU: "LAMP-XX", PurchasingDisabled: true, OptionValues: []catalog.VariantValue{{OptionID: 88, ValueID: 144}}},
			}
		}),
		simple(mug, "Mug", "10", nil),
		simple(ring, "Ring", "100", func(p *catalog.Product) { p.Modifiers = everyModifier() }),
		simple(ebook, "Guide", "5", func(p *catalog.Product) { p.Type = catalog.Digital }),
		simple(sold, "Vase", "20", func(p *catalog.Product) { p.InventoryTracking, p.InventoryLevel = catalog.TrackProduct, 3 }),
		simple(shoe, "Shoe", "60", func(p *catalog.Product) {
			p.InventoryTracking = catalog.TrackVariant
			p.Options = []catalog.Option{{ID: 90, DisplayName: "Size", Type: catalog.Dropdown,
				Values: []catalog.OptionValue{{ID: 150, Label: "40"}, {ID: 151, Label: "41"}}}}
			p.Variants = []catalog.Variant{
				{ID: 420, InventoryLevel: 2, OptionValues: []catalog.VariantValue{{OptionID: 90, ValueID: 150}}},
				{ID: 421, InventoryLevel: 0, OptionValues: []catalog.VariantValue{{OptionID: 90, ValueID: 151}}},
			}
		}),
		simple(bulk, "Tile", "3", func(p *catalog.Product) { p.OrderQuantityMinimum, p.OrderQuantityMaximum = 2, 5 }),
		simple(retired, "Radio", "9", func(p *catalog.Product) { p.Availability = catalog.Disabled }),
		simple(gifted, "Bowl", "12", func(p *catalog.Product) { p.GiftWrapping, p.GiftWrappingList = catalog.WrapList, []int64{2} }),
	}
}

// everyModifier is one modifier of each kind, none of them required.
func everyModifier() []catalog.Modifier {
	choice := func(id int64, name, kind string, values ...catalog.OptionValue) catalog.Modifier {
		return catalog.Modifier{ID: id, DisplayName: name, Type: kind, Values: values}
	}
	typed := func(id int64, name, kind string, cfg catalog.Config) catalog.Modifier {
		return catalog.Modifier{ID: id, DisplayName: name, Type: kind, Config: cfg}
	}
	list := choice(207, "Extra", catalog.PickList,
		catalog.OptionValue{ID: 370, Label: "A mug", Data: catalog.ValueData{ProductID: mug}},
		catalog.OptionValue{ID: 371, Label: "A vase", Data: catalog.ValueData{ProductID: sold}})
	list.Config.ListAdjustsPricing, list.Config.ListAdjustsInventory = true, true
	return []catalog.Modifier{
		choice(200, "Stone", catalog.RadioButtons,
			catalog.OptionValue{ID: 300, Label: "Ruby", Adjusters: catalog.Adjusters{Price: &catalog.Adjuster{Kind: catalog.Relative, Value: amount("25.5")}}},
			catalog.OptionValue{ID: 301, Label: "Pearl", Adjusters: catalog.Adjusters{Price: &catalog.Adjuster{Kind: catalog.Percentage, Value: amount("12.5")}}},
			catalog.OptionValue{ID: 302, Label: "Ivory", Adjusters: catalog.Adjusters{PurchasingDisabled: true}}),
		choice(201, "Gift box", catalog.Checkbox,
			catalog.OptionValue{ID: 310, Label: "Yes", Data: catalog.ValueData{Checked: ref(true)}},
			catalog.OptionValue{ID: 311, Label: "No", Data: catalog.ValueData{Checked: ref(false)}}),
		typed(202, "Engraving", catalog.Text, catalog.Config{TextCharactersLimited: true, TextMinLength: 2, TextMaxLength: 5}),
		typed(203, "Letter", catalog.MultiLineText, catalog.Config{TextLinesLimited: true, TextMaxLines: 2}),
		typed(204, "Size", catalog.NumbersOnly, catalog.Config{NumberLimited: true, NumberLimitMode: "range",
			NumberLowest: amount("40"), NumberHighest: amount("70"), NumberIntegersOnly: true}),
		typed(205, "Wedding", catalog.Date, catalog.Config{DateLimited: true, DateLimitMode: "range",
			DateEarliest: "2020-01-01", DateLatest: "2030-12-31T00:00:00+00:00"}),
		typed(206, "Drawing", catalog.File, catalog.Config{FileTypesMode: "specific",
			FileTypesSupported: []string{"images", "other"}, FileTypesOther: []string{"dxf"}}),
		list,
	}
}

func fixtureStore() *merchant.Store {
	return &merchant.Store{
		Hash: "demo", Name: "Demo", Revision: 1,
		Channels: []merchant.Channel{
			{ID: 1, Name: "Shop", Status: "active"},
			{ID: 2, Name: "Paris", Status: "active", DefaultLocale: "fr-FR",
				Currencies: &merchant.CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}},
			{ID: 3, Name: "Closed", Status: "active"},
			{ID: 4, Name: "Gone", Status: "deleted"},
		},
		Sites: []merchant.Site{{ID: 1, ChannelID: 1, URL: "https://shop.example"}},
		Currencies: []merchant.Currency{
			{ID: 1, Code: "USD", Rate: money.RateOne, Default: true, Enabled: true, Transactional: true, DecimalPlaces: 2},
			{ID: 2, Code: "EUR", Rate: money.RateOne / 2, Enabled: true, Transactional: true, DecimalPlaces: 2},
			{ID: 3, Code: "JPY", Rate: 150 * money.RateOne, Enabled: true, Transactional: true, DecimalPlaces: 0},
			{ID: 4, Code: "GBP", Rate: money.RateOne, Enabled: true, DecimalPlaces: 2},
		},
		GiftWraps: []merchant.GiftWrap{
			{ID: 1, Name: "Paper", Price: amount("2.5"), Visible: true, AllowComments: true},
			{ID: 2, Name: "Box", Price: amount("4"), Visible: true},
			{ID: 3, Name: "Old", Price: amount("1")},
		},
		CartSettings: merchant.CartSettings{AllowPurchasing: true, Channels: map[int64]bool{3: false}},
	}
}

// shopkeeper is a whole shop in memory: every interface that the service needs.
type shopkeeper struct {
	shop      cart.Shop
	carts     map[cart.ID]*cart.Cart
	changes   []cart.Change
	redirects map[string]cart.Redirect
	clock     *clock.Fixed
	service   *cart.Service
}

func newShop(t *testing.T) *shopkeeper {
	t.Helper()
	k := &shopkeeper{carts: map[cart.ID]*cart.Cart{}, redirects: map[string]cart.Redirect{}, clock: clock.At(noon)}
	k.shop = cart.Shop{Store: fixtureStore(), Catalog: catalog.NewSnapshot(1, 1, fixtureProducts()), PublicURL: "http://localhost:8080"}
	k.service = cart.NewService(k, k, k, pricing.Default, k.clock)
	return k
}

// Shop implements cart.Shops.
func (k *shopkeeper) Shop(_ context.Context, store string) (cart.Shop, error) {
	if store != "demo" {
		return cart.Shop{}, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return k.shop, nil
}

// FindCustomer implements cart.Customers.
func (k *shopkeeper) FindCustomer(_ context.Context, store string, id int64) (*customer.Customer, error) {
	if id != 7 || store != "demo" {
		return nil, nil
	}
	return &customer.Customer{ID: 7, Email: "ada@example.com"}, nil
}

// CreateCart implements cart.Storage.
func (k *shopkeeper) CreateCart(_ context.Context, c *cart.Cart, ch cart.Change) error {
	k.carts[c.ID] = c.Clone()
	k.note(ch)
	return nil
}

// FindCart implements cart.Storage.
func (k *shopkeeper) FindCart(_ context.Context, _ string, id cart.ID) (*cart.Cart, error) {
	return k.carts[id], nil
}

// UpdateCart implements cart.Storage.
func (k *shopkeeper) UpdateCart(_ context.Context, _ string, id cart.ID, change func(*cart.Cart) (cart.Change, error)) (*cart.Cart, error) {
	old := k.carts[id]
	if old == nil {
		return nil, &fault.Error{Kind: fault.NotFound}
	}
	c := old.Clone()
	ch, err := change(c)
	if err != nil {
		return nil, err
	}
	if k.carts[id] = c; ch.Delete {
		delete(k.carts, id)
	}
	k.note(ch)
	return c, nil
}

func (k *shopkeeper) note(ch cart.Change) {
	k.changes = append(k.changes, ch)
	if ch.Redirect != nil {
		k.redirects[ch.Redirect.Hash] = *ch.Redirect
	}
}

// AddRedirect implements cart.RedirectStorage.
func (k *shopkeeper) AddRedirect(_ context.Context, r cart.Redirect) error {
	k.redirects[r.Hash] = r
	return nil
}

// UseRedirect implements cart.RedirectStorage.
func (k *shopkeeper) UseRedirect(_ context.Context, _, hash string, id cart.ID, now time.Time) (*cart.Redirect, error) {
	r, ok := k.redirects[hash]
	if !ok || r.Cart != id || !now.Before(r.Expires) {
		return nil, nil
	}
	delete(k.redirects, hash)
	return &r, nil
}

// scopes returns the scopes of the latest write.
func (k *shopkeeper) scopes() []string {
	var out []string
	for _, e := range k.changes[len(k.changes)-1].Events {
		out = append(out, e.Scope[len("store/cart/"):])
	}
	return out
}

// create makes a cart that must be possible.
func (k *shopkeeper) create(t *testing.T, items ...cart.Item) *cart.Cart {
	t.Helper()
	c, err := k.service.Create(t.Context(), "demo", cart.Draft{Items: items}, cart.Options{})
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return c
}

func item(product int64, quantity int64) cart.Item {
	return cart.Item{ProductID: product, Quantity: quantity}
}

func text(s string) cart.OptionInput   { return cart.OptionInput{Kind: cart.InputText, Text: s} }
func number(s string) cart.OptionInput { return cart.OptionInput{Kind: cart.InputNumber, Text: s} }

func choose(option int64, in cart.OptionInput) cart.Choice {
	return cart.Choice{OptionID: option, Value: in}
}

// wantFault checks the kind, title and fields of a refusal.
func wantFault(t *testing.T, err error, kind fault.Kind, title string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.Title != title {
		t.Errorf("got %v, want %v %q", err, kind, title)
	}
}

func (k *shopkeeper) CountOrders(context.Context, string, int64) (int64, error) { return 0, nil }
