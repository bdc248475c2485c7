package catalog

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// numbered gives ids to what is new, as the storage does.
func numbered(t *testing.T, p *Product) *Product {
	t.Helper()
	last := map[string]int64{}
	for _, kind := range kinds {
		last[kind] = 100
	}
	p.eachID(func(kind string, id *int64) { last[kind] = max(last[kind], *id) })
	err := Number([]*Product{p}, func(kind string, n int64) (int64, error) {
		last[kind] += n
		return last[kind] - n + 1, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func lamp(t *testing.T) *Product {
	t.Helper()
	p, err := newProduct(ProductInput{
		Name: Set("Desk lamp"), Price: Set(amount("34.9")), SKU: Set("LAMP"),
		Variants: Set([]VariantInput{
			{SKU: Set("LAMP-BR"), Labels: []ValueLabel{{"Finish", "Brass"}, {"Plug", "EU"}}},
			{SKU: Set("LAMP-ST"), Labels: []ValueLabel{{"Plug", "EU"}, {"Finish", "Steel"}}},
		}),
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return numbered(t, p)
}

func mug(t *testing.T) *Product {
	t.Helper()
	p, err := newProduct(ProductInput{Name: Set("Mug"), Price: Set(amount("10")), SKU: Set("MUG"), InventoryLevel: Set[int64](4)}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return numbered(t, p)
}

func amount(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// changed applies a change to a product as the service does.
func changed(p *Product, change func(*edit)) error {
	e := newEdit(p, noon.Add(time.Hour))
	change(e)
	return e.done()
}

// wants compares what was found wrong with the paths that should be: nil for
// nothing, "409" for a conflict, "422" for a broken rule.
func wants(t *testing.T, err error, paths ...string) {
	t.Helper()
	f := fault.As(err)
	var got []string
	switch {
	case err == nil:
	case f == nil:
		t.Fatalf("got %v", err)
	case f.Kind == fault.Conflict:
		got = []string{"409"}
	case f.Fields == nil:
		got = []string{"422"}
	default:
		got = slices.Sorted(maps.Keys(f.Fields))
	}
	slices.Sort(paths)
	if !slices.Equal(got, paths) {
		t.Errorf("found wrong %v, want %v (%v)", got, paths, err)
	}
}

func TestNewProduct(t *testing.T) {
	name, price := Set("Mug"), Set(amount("10"))
	tests := map[string]struct {
		in    ProductInput
		wrong []string
	}{
		"the least":           {ProductInput{Name: name, Price: price}, nil},
		"no name":             {ProductInput{Price: price}, []string{"name"}},
		"a blank name":        {ProductInput{Name: Set("  ")}, []string{"name"}},
		"a long name":         {ProductInput{Name: Set(strings.Repeat("ä", 251))}, []string{"name"}},
		"the longest name":    {ProductInput{Name: Set(strings.Repeat("ä", 250))}, nil},
		"NUL":                 {ProductInput{Name: Set("a\x00b")}, []string{"name"}},
		"not UTF-8":           {ProductInput{Name: name, Description: Set("\xff")}, []string{"description"}},
		"a price below zero":  {ProductInput{Name: name, Price: Set(amount("-1"))}, []string{"price"}},
		"a sale below zero":   {ProductInput{Name: name, SalePrice: Set(amount("-0.0001"))}, []string{"sale_price"}},
		"a weight below zero": {ProductInput{Name: name, Weight: Set(amount("-1"))}, []string{"weight"}},
		"unknown words": {ProductInput{Name: name, Type: Set("service"), Availability: Set("soon"), Condition: Set("Old"),
			InventoryTracking: Set("some"), GiftWrapping: Set("maybe")},
			[]string{"availability", "condition", "gift_wrapping_options_type", "inventory_tracking", "type"}},
		"stock below zero":     {ProductInput{Name: name, InventoryLevel: Set[int64](-1)}, []string{"inventory_level"}},
		"at least beyond most": {ProductInput{Name: name, OrderQuantityMinimum: Set[int64](5), OrderQuantityMaximum: Set[int64](4)}, []string{"order_quantity_minimum"}},
		"at least, no most":    {ProductInput{Name: name, OrderQuantityMinimum: Set[int64](5)}, nil},
		"an odd category":      {ProductInput{Name: name, Categories: Set([]int64{3, 0})}, []string{"categories.1"}},
		"a path with a query":  {ProductInput{Name: name, URL: Set("/mug/?a=b")}, []string{"custom_url.url"}},
		"a path to elsewhere":  {ProductInput{Name: name, URL: Set("//evil.example")}, []string{"custom_url.url"}},
		"a picture of nothing": {ProductInput{Name: name, Images: Set([]ImageInput{{URL: Set("ftp://x")}, {}})},
			[]string{"images.0.image_url", "images.1.image_url"}},
		"a field without a value": {ProductInput{Name: name, CustomFields: Set([]CustomFieldInput{{Name: Set("Bulb")}})}, []string{"custom_fields.0.value"}},
		"a field of no product":   {ProductInput{Name: name, CustomFields: Set([]CustomFieldInput{{ID: 9, Name: Set("a"), Value: Set("b")}})}, []string{"custom_fields.0.id"}},
		"twice the same variant": {ProductInput{Name: name, Variants: Set([]VariantInput{
			{Labels: []ValueLabel{{"Size", "M"}}}, {Labels: []ValueLabel{{"Size", "M"}}}})}, []string{"409"}},
		"twice the same SKU": {ProductInput{Name: name, Variants: Set([]VariantInput{
			{SKU: Set("A"), Labels: []ValueLabel{{"Size", "M"}}}, {SKU: Set("A"), Labels: []ValueLabel{{"Size", "L"}}}})}, []string{"409"}},
		"variants of different options": {ProductInput{Name: name, Variants: Set([]VariantInput{
			{Labels: []ValueLabel{{"Size", "M"}}}, {Labels: []ValueLabel{{"Colour", "L"}}}})}, []string{"variants.1.option_values"}},
		"an option named twice": {ProductInput{Name: name, Variants: Set([]VariantInput{
			{Labels: []ValueLabel{{"Size", "M"}, {"Size", "L"}}}, {Labels: []ValueLabel{{"Size", "M"}, {"Size", "S"}}}})}, []string{"variants.0.option_values"}},
		"two variants of nothing": {ProductInput{Name: name, Variants: Set([]VariantInput{{}, {}})}, []string{"variants.0.option_values"}},
		"a variant below zero": {ProductInput{Name: name, Variants: Set([]VariantInput{
			{Price: Set(new(amount("-1"))), Labels: []ValueLabel{{"Size", "M"}}}})}, []string{"variants.0.price"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := newProduct(tt.in, noon)
			wants(t, err, tt.wrong...)
			if err == nil && len(p.Variants) == 0 {
				t.Error("the product has no variant")
			}
		})
	}
}

func TestNewProductsAreLikeTheVendors(t *testing.T) {
	p := mug(t)
	if p.Type != Physical || !p.Visible || p.Availability != Available || p.InventoryTracking != TrackNone || p.GiftWrapping != WrapAny || p.Condition != ConditionNew {
		t.Errorf("defaults: %+v", p)
	}
	if len(p.Variants) != 1 || p.Variants[0].ID == 0 || len(p.Variants[0].OptionValues) != 0 || p.Variants[0].InventoryLevel != 4 {
		t.Errorf("base variant: %+v", p.Variants)
	}
	if !p.Created.Equal(noon) || !p.Modified.Equal(noon) {
		t.Errorf("made %v, changed %v", p.Created, p.Modified)
	}
}

func TestVariantsMadeWithTheirProduct(t *testing.T) {
	p := lamp(t)
	if len(p.Options) != 2 || p.Options[0].DisplayName != "Finish" || p.Options[0].Type != Dropdown ||
		len(p.Options[0].Values) != 2 || len(p.Options[1].Values) != 1 {
		t.Fatalf("options: %+v", p.Options)
	}
	for i, label := range []string{"Brass", "Steel"} {
		v := p.Variants[i]
		value := p.Options[0].Value(v.OptionValues[0].ValueID)
		if v.OptionValues[0].OptionID != p.Options[0].ID || value == nil || value.Label != label ||
			v.OptionValues[1].OptionID != p.Options[1].ID {
			t.Errorf("variant %d stands for %+v, not for %s", i, v.OptionValues, label)
		}
	}
}

func TestUpdateLeavesWhatIsNotGiven(t *testing.T) {
	p := lamp(t)
	before := p.Clone()
	if err := updateProduct(p, ProductInput{Price: Set(amount("29"))}, "", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if p.Price != amount("29") || !p.Modified.After(before.Modified) {
		t.Errorf("price %s, changed %v", p.Price, p.Modified)
	}
	p.Price = before.Price
	if !Same(before, p) {
		t.Errorf("more than the price changed: %+v", p)
	}
	wants(t, updateProduct(p, ProductInput{Price: Set(amount("-1"))}, "3.", noon), "3.price")
}
