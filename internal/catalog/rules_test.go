package catalog

import (
	"fmt"
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

// TestVariantLife follows the vendor's way: options make no variants, the
// first variant takes the place of the base, removed values take theirs along.
func TestVariantLife(t *testing.T) {
	p := mug(t)
	base := p.Variants[0].ID
	must := func(change func(*edit)) {
		t.Helper()
		if err := changed(p, change); err != nil {
			t.Fatal(err)
		}
		numbered(t, p)
	}
	must(func(e *edit) {
		e.addOption(OptionInput{DisplayName: Set("Size"), Type: Set(Rectangles), Values: Set([]ValueInput{{Label: Set("S")}, {Label: Set("L"), Default: Set(true)}})})
	})
	if len(p.Variants) != 1 || p.Variants[0].ID != base || len(p.Variants[0].OptionValues) != 0 {
		t.Fatalf("an option made variants: %+v", p.Variants)
	}
	size := p.Options[0]
	must(func(e *edit) {
		e.addVariant(VariantInput{SKU: Set("MUG-S"), Values: []VariantValue{{size.ID, size.Values[0].ID}}}, "")
	})
	if len(p.Variants) != 1 || p.Variants[0].SKU != "MUG-S" {
		t.Fatalf("the first variant does not replace the base: %+v", p.Variants)
	}
	must(func(e *edit) {
		e.addVariant(VariantInput{SKU: Set("MUG-L"), Values: []VariantValue{{size.ID, size.Values[1].ID}}}, "")
	})
	must(func(e *edit) {
		e.addOption(OptionInput{DisplayName: Set("Colour"), Type: Set(Swatch), SortOrder: Set[int64](-1),
			Values: Set([]ValueInput{{Label: Set("Red")}, {Label: Set("Blue"), Default: Set(true)}})})
	})
	colour := p.Options[0]
	for _, v := range p.Variants {
		if len(v.OptionValues) != 2 || v.OptionValues[0] != (VariantValue{colour.ID, colour.Values[1].ID}) {
			t.Fatalf("a variant has no default of the new option: %+v", p.Variants)
		}
	}
	must(func(e *edit) { e.removeOptionValue(e.p.Option(size.ID), size.Values[0].ID) })
	if len(p.Variants) != 1 || p.Variants[0].SKU != "MUG-L" {
		t.Fatalf("after a value is gone: %+v", p.Variants)
	}
	must(func(e *edit) { e.removeOption(colour.ID) })
	if len(p.Variants) != 1 || p.Variants[0].SKU != "" || len(p.Variants[0].OptionValues) != 0 {
		t.Fatalf("after an option is gone: %+v", p.Variants)
	}
	must(func(e *edit) { e.removeOption(size.ID) })
	if p.HasOptions() || len(p.Variants) != 1 || p.Variants[0].InventoryLevel != 4 {
		t.Fatalf("after all options are gone: %+v", p)
	}
}

func TestVariantRules(t *testing.T) {
	finish := func(p *Product) Option { return p.Options[0] }
	plug := func(p *Product) Option { return p.Options[1] }
	tests := map[string]struct {
		change func(*edit)
		wrong  []string
	}{
		"one that exists": {func(e *edit) {
			e.addVariant(VariantInput{Values: slices.Clone(e.p.Variants[0].OptionValues)}, "")
		}, []string{"409"}},
		"a value is missing": {func(e *edit) {
			e.addVariant(VariantInput{Values: e.p.Variants[0].OptionValues[:1]}, "")
		}, []string{"option_values"}},
		"a strange option": {func(e *edit) {
			e.addVariant(VariantInput{Values: []VariantValue{{1, 2}, e.p.Variants[0].OptionValues[0], e.p.Variants[0].OptionValues[1]}}, "")
		}, []string{"option_values.0.option_id"}},
		"a strange value": {func(e *edit) {
			e.addVariant(VariantInput{Values: []VariantValue{{finish(e.p).ID, 2}, {plug(e.p).ID, plug(e.p).Values[0].ID}}}, "")
		}, []string{"option_values.0.id"}},
		"a SKU twice": {func(e *edit) {
			e.putVariant(&e.p.Variants[0], VariantInput{SKU: Set("LAMP-ST")}, "")
		}, []string{"409"}},
		"a price of its own": {func(e *edit) {
			e.putVariant(&e.p.Variants[0], VariantInput{Price: Set(new(amount("31.5")))}, "")
		}, nil},
		"too much stock": {func(e *edit) {
			e.putVariant(&e.p.Variants[0], VariantInput{InventoryLevel: Set[int64](1 << 31)}, "")
		}, []string{"inventory_level"}},
		"the last one": {func(e *edit) {
			e.removeVariant(e.p.Variants[0].ID)
			e.removeVariant(e.p.Variants[0].ID)
		}, []string{"422"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { wants(t, changed(lamp(t), tt.change), tt.wrong...) })
	}
	wants(t, changed(mug(t), func(e *edit) { e.addVariant(VariantInput{}, "") }), "422")
}

// TestTheBaseVariantIsTheProduct: the only variant of a product without
// options has no SKU, price or stock of its own.
func TestTheBaseVariantIsTheProduct(t *testing.T) {
	p := mug(t)
	err := changed(p, func(e *edit) {
		e.putVariant(&e.p.Variants[0], VariantInput{SKU: Set("CUP"), Price: Set(new(amount("12"))), SalePrice: Set[*money.Amount](nil),
			InventoryLevel: Set[int64](7), ImageURL: Set("https://x.example/cup.png")}, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	v := p.Variants[0]
	if p.SKU != "CUP" || p.Price != amount("12") || p.InventoryLevel != 7 || v.SKU != "" || v.Price != nil ||
		v.InventoryLevel != 7 || v.ImageURL != "https://x.example/cup.png" || p.VariantSKU(&v) != "CUP" || p.Counter(&v) != 0 {
		t.Errorf("product %+v, variant %+v", p, v)
	}
	if err := updateProduct(p, ProductInput{Price: Set(amount("8"))}, "", noon); err != nil || p.SellingPrice(&p.Variants[0]) != amount("8") {
		t.Errorf("a new price does not reach the variant: %v", err)
	}
}

func TestOptionRules(t *testing.T) {
	tests := map[string]struct {
		change func(*edit)
		wrong  []string
	}{
		"a name that is taken": {func(e *edit) {
			e.addOption(OptionInput{DisplayName: Set("Finish"), Type: Set(Dropdown)})
		}, []string{"409"}},
		"no name, no type": {func(e *edit) { e.addOption(OptionInput{}) }, []string{"display_name", "type"}},
		"a modifier's type": {func(e *edit) {
			e.addOption(OptionInput{DisplayName: Set("Engraving"), Type: Set(Text)})
		}, []string{"type"}},
		"another look": {func(e *edit) { e.putOption(&e.p.Options[0], OptionInput{Type: Set(Swatch)}) }, nil},
		"another kind": {func(e *edit) { e.putOption(&e.p.Options[0], OptionInput{Type: Set(PickList)}) }, []string{"type"}},
		"a label that is taken": {func(e *edit) {
			e.addValue(e.p.Options[0].choices(), ValueInput{Label: Set("Brass")}, "")
		}, []string{"409"}},
		"no label": {func(e *edit) { e.addValue(e.p.Options[0].choices(), ValueInput{}, "") }, []string{"label"}},
		"a list of products without any": {func(e *edit) {
			e.addOption(OptionInput{DisplayName: Set("Bulb"), Type: Set(PickList), Values: Set([]ValueInput{{Label: Set("E27")}})})
		}, []string{"option_values.0.value_data.product_id"}},
		"odd colours": {func(e *edit) {
			e.addOption(OptionInput{DisplayName: Set("Colour"), Type: Set(Swatch), Values: Set([]ValueInput{
				{Label: Set("Red"), Data: Set(ValueData{Colors: []string{"#ff0000"}})},
				{Label: Set("?"), Data: Set(ValueData{Colors: []string{"red", "#1", "#123", "#456"}})}})})
		}, []string{"option_values.1.value_data.colors", "option_values.1.value_data.colors.0", "option_values.1.value_data.colors.1"}},
		"a value of another option": {func(e *edit) {
			e.putOption(&e.p.Options[0], OptionInput{Values: Set([]ValueInput{{ID: e.p.Options[1].Values[0].ID, Label: Set("x")}})})
		}, []string{"option_values.0.id"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { wants(t, changed(lamp(t), tt.change), tt.wrong...) })
	}
}

func TestOneDefaultAtMost(t *testing.T) {
	p := lamp(t)
	for i := range 2 {
		err := changed(p, func(e *edit) {
			o := &e.p.Options[0]
			e.putValue(o.choices(), &o.Values[i], ValueInput{Default: Set(true)}, "")
		})
		if err != nil {
			t.Fatal(err)
		}
		for n, v := range p.Options[0].Values {
			if v.Default != (n == i) {
				t.Errorf("after %d was made the default, %d: %t", i, n, v.Default)
			}
		}
	}
}

func TestModifierRules(t *testing.T) {
	add := func(kind string, c ConfigInput, values ...ValueInput) func(*edit) {
		return func(e *edit) {
			in := ModifierInput{DisplayName: Set("M"), Type: Set(kind), Required: Set(false), Config: c}
			if values != nil {
				in.Values = Set(values)
			}
			e.addModifier(in, "")
		}
	}
	tests := map[string]struct {
		change func(*edit)
		wrong  []string
	}{
		"text":                   {add(Text, ConfigInput{TextCharactersLimited: Set(true), TextMinLength: Set[int64](1), TextMaxLength: Set[int64](20)}), nil},
		"text, least above most": {add(Text, ConfigInput{TextCharactersLimited: Set(true), TextMinLength: Set[int64](9), TextMaxLength: Set[int64](3)}), []string{"config.text_max_length"}},
		"text, no lines":         {add(MultiLineText, ConfigInput{TextLinesLimited: Set(true)}), []string{"config.text_max_lines"}},
		"text with values":       {add(Text, ConfigInput{}, ValueInput{Label: Set("x")}), []string{"option_values"}},
		"a number":               {add(NumbersOnly, ConfigInput{NumberLimited: Set(true), NumberLimitMode: Set("range"), NumberLowest: Set(amount("1")), NumberHighest: Set(amount("5"))}), nil},
		"a number, upside down":  {add(NumbersOnly, ConfigInput{NumberLimited: Set(true), NumberLimitMode: Set("range"), NumberLowest: Set(amount("6")), NumberHighest: Set(amount("5"))}), []string{"config.number_highest_value"}},
		"a number, odd words":    {add(NumbersOnly, ConfigInput{NumberLimitMode: Set("between"), DefaultValue: Set("many")}), []string{"config.default_value", "config.number_limit_mode"}},
		"a date":                 {add(Date, ConfigInput{DateLimited: Set(true), DateLimitMode: Set("range"), DateEarliest: Set("2026-03-01T00:00:00+00:00"), DateLatest: Set("2026-03-31")}), nil},
		"a date without bounds":  {add(Date, ConfigInput{DateLimited: Set(true), DateLimitMode: Set("range")}), []string{"config.date_earliest_value", "config.date_latest_value"}},
		"a date, upside down":    {add(Date, ConfigInput{DateLimited: Set(true), DateLimitMode: Set("range"), DateEarliest: Set("2026-03-31"), DateLatest: Set("2026-03-01")}), []string{"config.date_latest_value"}},
		"no date":                {add(Date, ConfigInput{DateLatest: Set("2026-02-30"), DefaultValue: Set("tomorrow")}), []string{"config.date_latest_value", "config.default_value"}},
		"a file":                 {add(File, ConfigInput{FileTypesMode: Set("specific"), FileTypesSupported: Set([]string{"images", "other"}), FileTypesOther: Set([]string{"dxf"}), FileMaxSize: Set[int64](524_288)}), nil},
		"a file, no types":       {add(File, ConfigInput{FileTypesMode: Set("specific")}), []string{"config.file_types_supported"}},
		"a file, odd types":      {add(File, ConfigInput{FileTypesSupported: Set([]string{"music"}), FileMaxSize: Set[int64](524_289)}), []string{"config.file_max_size", "config.file_types_supported.0"}},
		"other files, but which": {add(File, ConfigInput{FileTypesMode: Set("specific"), FileTypesSupported: Set([]string{"other"})}), []string{"config.file_types_other"}},
		"a list of products":     {add(PickList, ConfigInput{ListShippingCalc: Set("weight")}, ValueInput{Label: Set("a"), Data: Set(ValueData{ProductID: 5})}), nil},
		"a list of nothing":      {add(PickListImages, ConfigInput{ListShippingCalc: Set("pigeon")}, ValueInput{Label: Set("a")}), []string{"config.product_list_shipping_calc", "option_values.0.value_data.product_id"}},
		"what counts elsewhere":  {add(Dropdown, ConfigInput{TextMinLength: Set[int64](-1), NumberLimitMode: Set("odd")}, ValueInput{Label: Set("a")}), nil},
		"an odd type":            {add("slider", ConfigInput{}), []string{"type"}},
		"a label twice":          {add(Dropdown, ConfigInput{}, ValueInput{Label: Set("a")}, ValueInput{Label: Set(" a ")}), []string{"409"}},
		"odd adjusters": {add(Dropdown, ConfigInput{}, ValueInput{Label: Set("a"), Adjusters: AdjustersInput{
			Price: Set(&Adjuster{Kind: "half"}), Weight: Set(&Adjuster{Kind: Percentage, Value: maxPercent + 1}), ImageURL: Set("x.png")}}),
			[]string{"option_values.0.adjusters.image_url", "option_values.0.adjusters.price.adjuster", "option_values.0.adjusters.weight.adjuster_value"}},
		"twice the same": {func(e *edit) {
			add(Text, ConfigInput{})(e)
			add(Date, ConfigInput{})(e)
		}, []string{"409"}},
		"text to several lines": {func(e *edit) {
			add(Text, ConfigInput{})(e)
			e.putModifier(&e.p.Modifiers[0], ModifierInput{Type: Set(MultiLineText)}, "")
		}, nil},
		"text to a list": {func(e *edit) {
			add(Text, ConfigInput{})(e)
			e.putModifier(&e.p.Modifiers[0], ModifierInput{Type: Set(Dropdown)}, "")
		}, []string{"type"}},
		"a third value of a checkbox": {func(e *edit) {
			add(Checkbox, ConfigInput{})(e)
			e.addValue(e.p.Modifiers[0].choices(), ValueInput{Label: Set("Perhaps")}, "")
		}, []string{"422"}},
		"one value less of a checkbox": {func(e *edit) {
			add(Checkbox, ConfigInput{})(e)
			e.removeModifierValue(&e.p.Modifiers[0], e.p.Modifiers[0].Values[0].ID)
		}, []string{"422"}},
		"a checkbox that is neither": {add(Checkbox, ConfigInput{}, ValueInput{Label: Set("Perhaps")}), []string{"option_values.0.value_data.checked_value"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { wants(t, changed(mug(t), tt.change), tt.wrong...) })
	}
}

func TestACheckboxHasTwoValues(t *testing.T) {
	yes := true
	tests := map[string]struct {
		config  ConfigInput
		values  []ValueInput
		labels  []string
		checked bool // by default
	}{
		"nobody named them":  {ConfigInput{}, nil, []string{"Yes", "No"}, false},
		"checked by default": {ConfigInput{CheckedByDefault: Set(true)}, nil, []string{"Yes", "No"}, true},
		"one of them named": {ConfigInput{}, []ValueInput{{Label: Set("Gift box"), Default: Set(true), Data: Set(ValueData{Checked: &yes})}},
			[]string{"Gift box", "No"}, true},
		"named by their labels": {ConfigInput{}, []ValueInput{{Label: Set("no"), Default: Set(true)}, {Label: Set("YES")}}, []string{"YES", "no"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := mug(t)
			err := changed(p, func(e *edit) {
				e.addModifier(ModifierInput{DisplayName: Set("Gift"), Type: Set(Checkbox), Config: tt.config, Values: Set(tt.values)}, "")
			})
			if err != nil {
				t.Fatal(err)
			}
			m := p.Modifiers[0]
			if len(m.Values) != 2 {
				t.Fatalf("values: %+v", m.Values)
			}
			for i := range m.Values {
				v := &m.Values[i]
				if checked := i == 0; v.Label != tt.labels[i] || *v.Data.Checked != checked || m.IsDefault(v) != (checked == tt.checked) {
					t.Errorf("value %d: %+v, default %t", i, v, m.IsDefault(v))
				}
			}
		})
	}
}

func TestImages(t *testing.T) {
	p := mug(t)
	thumbnail := func() (out []string) {
		for _, img := range p.Images {
			if img.Thumbnail {
				out = append(out, img.URL)
			}
		}
		return out
	}
	steps := []struct {
		name   string
		change func(*edit)
		want   []string // in order
		main   string
	}{
		{"the first one", func(e *edit) { e.addImage(ImageInput{URL: Set("/a.png")}, "") }, []string{"/a.png"}, "/a.png"},
		{"one more", func(e *edit) { e.addImage(ImageInput{URL: Set("/b.png")}, "") }, []string{"/a.png", "/b.png"}, "/a.png"},
		{"a new main one, in front", func(e *edit) {
			e.addImage(ImageInput{URL: Set("/c.png"), Thumbnail: Set(true), SortOrder: Set[int64](-1)}, "")
		}, []string{"/c.png", "/a.png", "/b.png"}, "/c.png"},
		{"no longer the main one", func(e *edit) {
			e.putImage(&e.p.Images[0], ImageInput{Thumbnail: Set(false), SortOrder: Set[int64](9)}, "")
		}, []string{"/a.png", "/b.png", "/c.png"}, "/a.png"},
		{"the main one is gone", func(e *edit) { e.p.Images = e.p.Images[1:] }, []string{"/b.png", "/c.png"}, "/b.png"},
		{"one that is there", func(e *edit) {
			e.applyImages([]ImageInput{{URL: Set("/c.png"), Description: Set("a mug")}, {URL: Set("/d.png")}}, false)
		}, []string{"/b.png", "/c.png", "/d.png"}, "/b.png"},
		{"these and no others", func(e *edit) {
			e.applyImages([]ImageInput{{URL: Set("/d.png")}, {URL: Set("/c.png")}}, true)
		}, []string{"/c.png", "/d.png"}, "/c.png"},
	}
	for _, s := range steps {
		if err := changed(p, s.change); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		numbered(t, p)
		var got []string
		for _, img := range p.Images {
			got = append(got, img.URL)
		}
		if !slices.Equal(got, s.want) || !slices.Equal(thumbnail(), []string{s.main}) {
			t.Errorf("%s: %v, for the product stands %v", s.name, got, thumbnail())
		}
	}
}

func TestCustomFieldsThatComeWithTheProduct(t *testing.T) {
	field := func(name, value string) CustomFieldInput { return CustomFieldInput{Name: Set(name), Value: Set(value)} }
	tests := map[string]struct {
		in      []CustomFieldInput
		replace bool
		want    string
	}{
		"added":               {[]CustomFieldInput{field("Made in", "Ghent")}, false, "101 Bulb=E27; 102 Bulb=E14; 103 Made in=Ghent; "},
		"the same again":      {[]CustomFieldInput{field("Bulb", "E14")}, false, "101 Bulb=E27; 102 Bulb=E14; "},
		"by id":               {[]CustomFieldInput{{ID: 102, Value: Set("G9")}}, false, "101 Bulb=E27; 102 Bulb=G9; "},
		"the whole list":      {[]CustomFieldInput{field("Bulb", "G9")}, true, "101 Bulb=G9; "},
		"the whole list, two": {[]CustomFieldInput{field("Bulb", "a"), field("Bulb", "b"), field("Bulb", "c")}, true, "101 Bulb=a; 102 Bulb=b; 103 Bulb=c; "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := mug(t)
			p.CustomFields = []CustomField{{101, "Bulb", "E27"}, {102, "Bulb", "E14"}}
			if err := changed(p, func(e *edit) { e.applyCustomFields(tt.in, tt.replace) }); err != nil {
				t.Fatal(err)
			}
			numbered(t, p)
			var got strings.Builder
			for _, f := range p.CustomFields {
				_, _ = fmt.Fprintf(&got, "%d %s=%s; ", f.ID, f.Name, f.Value)
			}
			if got.String() != tt.want {
				t.Errorf("got %s", got.String())
			}
		})
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Desk lamp":         "/desk-lamp/",
		"Café Table, 2 m":   "/cafe-table-2-m/",
		"  --Hi--  ":        "/hi/",
		"Bulb's holder":     "/bulbs-holder/",
		"Ünïcödé ÅÇ":        "/unicode-ac/",
		"緑茶 100g":           "/緑茶-100g/",
		"!!!":               "/item/",
		"A/B?c=d#e":         "/a-b-c-d-e/",
		"100% \"cotton\"\n": "/100-cotton/",
	} {
		if got := Slug(name); got != want {
			t.Errorf("the path of %q is %s, want %s", name, got, want)
		}
	}
	if got := NumberedSlug("Mug", 3); got != "/mug-3/" {
		t.Errorf("the third mug is at %s", got)
	}
	c := &check{}
	if long := Slug(strings.Repeat("緑 ", 500)); c.path("", long) != long || c.err() != nil {
		t.Errorf("a long name makes a path that is refused: %v", c.err())
	}
}

func TestAffectsCarts(t *testing.T) {
	tests := map[string]struct {
		change func(*Product)
		want   bool
	}{
		"price":           {func(p *Product) { p.Price++ }, true},
		"sale price":      {func(p *Product) { p.SalePrice++ }, true},
		"variant price":   {func(p *Product) { p.Variants[0].Price = new(amount("1")) }, true},
		"name":            {func(p *Product) { p.Name = "x" }, true},
		"path":            {func(p *Product) { p.URL = "/x/" }, true},
		"tax class":       {func(p *Product) { p.TaxClassID = NonTaxableClass }, true},
		"brand":           {func(p *Product) { p.BrandID = 3 }, true},
		"categories":      {func(p *Product) { p.Categories = []int64{3} }, true},
		"adjuster":        {func(p *Product) { p.Options[0].Values[0].Adjusters.Price = &Adjuster{Relative, 1} }, true},
		"main picture":    {func(p *Product) { p.Images = []Image{{ID: 1, URL: "/x.png", Thumbnail: true}} }, true},
		"description":     {func(p *Product) { p.Description = "x" }, false},
		"stock":           {func(p *Product) { p.InventoryLevel, p.InventoryTracking = 3, TrackProduct }, false},
		"cost":            {func(p *Product) { p.CostPrice++ }, false},
		"when it changed": {func(p *Product) { p.Modified = noon.Add(time.Hour) }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := lamp(t)
			after := before.Clone()
			tt.change(after)
			if got := AffectsCarts(before, after); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
