package catalog

import (
	"slices"
	"testing"

	"cartwright/internal/money"
)

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
