package catalog

import (
	"slices"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// The titles of what is taken.
const (
	titleDuplicateSKU     = "The SKU is a duplicate"
	titleDuplicateVariant = "A variant with these option values exists already"
)

// addVariant makes a variant out of one value of each option (spec/05 §8.1).
// The first one takes the place of the variant that stood for the product
// without options.
func (e *edit) addVariant(in VariantInput, path string) {
	p := e.p
	if !p.HasOptions() {
		e.refuse("The product has no options to make variants of.")
		return
	}
	values := e.checkValues(in.Values, join(path, "option_values"))
	for i := range p.Variants {
		if sameValues(p.Variants[i].OptionValues, values) {
			e.duplicate(join(path, "option_values"), titleDuplicateVariant)
		}
	}
	e.room(path, 1)
	p.Variants = append(p.Variants, Variant{ID: e.newID(), OptionValues: values})
	e.putVariant(&p.Variants[len(p.Variants)-1], in, path)
}

// checkValues checks that values name one value of each option that has any.
func (e *edit) checkValues(values []VariantValue, path string) []VariantValue {
	chosen := map[int64]bool{}
	for i, v := range values {
		o := e.p.Option(v.OptionID)
		switch {
		case o == nil:
			e.fail(join(at(path, i), "option_id"), missing("Option", v.OptionID))
		case o.Value(v.ValueID) == nil:
			e.fail(join(at(path, i), "id"), missing("Option value", v.ValueID))
		case chosen[o.ID]:
			e.fail(join(at(path, i), "option_id"), "Each option can be named once")
		}
		chosen[v.OptionID] = true
	}
	for i := range e.p.Options {
		if o := &e.p.Options[i]; len(o.Values) > 0 && !chosen[o.ID] {
			e.fail(path, "A value of the option "+o.DisplayName+" is missing")
		}
	}
	return slices.Clone(values)
}

// putVariant writes an input into a variant. What is said about the only
// variant of a product without options is said about the product: the two have
// one SKU, one price, one stock.
func (e *edit) putVariant(v *Variant, in VariantInput, path string) {
	if e.p.HasOptions() {
		in.SKU.into(&v.SKU)
		in.Price.into(&v.Price)
		in.SalePrice.into(&v.SalePrice)
		in.RetailPrice.into(&v.RetailPrice)
		in.CostPrice.into(&v.CostPrice)
		in.MapPrice.into(&v.MapPrice)
		in.Weight.into(&v.Weight)
		in.UPC.into(&v.UPC)
		in.GTIN.into(&v.GTIN)
		in.MPN.into(&v.MPN)
		in.InventoryLevel.into(&v.InventoryLevel)
		in.InventoryWarningLevel.into(&v.InventoryWarningLevel)
	} else {
		e.putBase(v, in)
	}
	in.BinPicking.into(&v.BinPicking)
	in.PurchasingDisabled.into(&v.PurchasingDisabled)
	in.PurchasingDisabledMessage.into(&v.PurchasingDisabledMessage)
	in.ImageURL.into(&v.ImageURL)
	e.checkVariant(v, path)
}

// putBase writes what belongs to the product, and takes it off the variant.
func (e *edit) putBase(v *Variant, in VariantInput) {
	p := e.p
	in.SKU.into(&p.SKU)
	for _, f := range []struct {
		in    Field[*money.Amount]
		to    *money.Amount
		clear **money.Amount
	}{
		{in.Price, &p.Price, &v.Price},
		{in.SalePrice, &p.SalePrice, &v.SalePrice},
		{in.RetailPrice, &p.RetailPrice, &v.RetailPrice},
		{in.CostPrice, &p.CostPrice, &v.CostPrice},
		{in.MapPrice, &p.MapPrice, &v.MapPrice},
		{in.Weight, &p.Weight, &v.Weight},
	} {
		if !f.in.Given {
			continue
		}
		if f.in.Value != nil {
			*f.to = *f.in.Value
		}
		*f.clear = nil
	}
	in.UPC.into(&p.UPC)
	in.GTIN.into(&p.GTIN)
	in.MPN.into(&p.MPN)
	in.InventoryLevel.into(&p.InventoryLevel)
	in.InventoryWarningLevel.into(&p.InventoryWarningLevel)
	e.checkProduct()
}

func (e *edit) checkVariant(v *Variant, path string) {
	e.text(join(path, "sku"), v.SKU, 0, maxSKU)
	for name, a := range map[string]*money.Amount{
		"price": v.Price, "sale_price": v.SalePrice, "retail_price": v.RetailPrice,
		"cost_price": v.CostPrice, "map_price": v.MapPrice, "weight": v.Weight,
	} {
		if a != nil {
			e.amount(join(path, name), *a)
		}
	}
	for name, s := range map[string]string{
		"upc": v.UPC, "gtin": v.GTIN, "mpn": v.MPN, "bin_picking_number": v.BinPicking,
		"purchasing_disabled_message": v.PurchasingDisabledMessage,
	} {
		e.text(join(path, name), s, 0, maxShortText)
	}
	e.image(join(path, "image_url"), v.ImageURL)
	e.number(join(path, "inventory_level"), v.InventoryLevel, 0, maxLevel)
	e.number(join(path, "inventory_warning_level"), v.InventoryWarningLevel, 0, maxLevel)
}

// removeVariant takes a variant out. A product keeps at least one.
func (e *edit) removeVariant(id int64) {
	if len(e.p.Variants) == 1 {
		e.refuse("A product has at least one variant, and this is the last.")
		return
	}
	e.p.Variants = slices.DeleteFunc(e.p.Variants, func(v Variant) bool { return v.ID == id })
}

// room fails when n more variants would be too many.
func (e *edit) room(path string, n int) {
	if len(e.p.Variants)+n > maxVariants {
		e.fail(join(path, "option_values"), fault.MaxLength)
	}
}

// settleVariants makes the variants fit the options: a product without options
// has one variant without values. With options, each variant has one value of
// each option that has any; one that knew nothing of an option takes its
// default value, or the first. A product whose options have no variants yet
// keeps the one without values.
func (e *edit) settleVariants() {
	p := e.p
	var base, real []Variant
	for _, v := range p.Variants {
		if len(v.OptionValues) == 0 {
			base = append(base, v)
		} else {
			real = append(real, v)
		}
	}
	switch {
	case p.HasOptions() && len(real) > 0:
		for i := range real {
			real[i].OptionValues = e.complete(real[i].OptionValues)
		}
		p.Variants = real
	case len(base) > 0:
		p.Variants = base[:1]
	default:
		p.Variants = []Variant{{ID: e.newID()}}
	}
	p.ShareStock()
	e.checkSKUs()
}

// complete returns one value for each option that has any, in the order of the
// options.
func (e *edit) complete(values []VariantValue) []VariantValue {
	out := make([]VariantValue, 0, len(e.p.Options))
	for i := range e.p.Options {
		o := &e.p.Options[i]
		n := slices.IndexFunc(values, func(v VariantValue) bool { return v.OptionID == o.ID })
		switch {
		case n >= 0:
			out = append(out, values[n])
		case len(o.Values) > 0:
			first := max(slices.IndexFunc(o.Values, func(v OptionValue) bool { return v.Default }), 0)
			out = append(out, VariantValue{OptionID: o.ID, ValueID: o.Values[first].ID})
		}
	}
	return out
}

func (e *edit) checkSKUs() {
	seen := map[string]bool{}
	for i, v := range e.p.Variants {
		if v.SKU != "" && seen[v.SKU] {
			e.duplicate(join(at("variants", i), "sku"), titleDuplicateSKU)
		}
		seen[v.SKU] = true
	}
}

// ShareStock makes the one variant of a product without options show the
// product's stock: the two are one counter.
func (p *Product) ShareStock() {
	if !p.HasOptions() && len(p.Variants) > 0 {
		p.Variants[0].InventoryLevel = p.InventoryLevel
	}
}

// Counter returns the variant whose stock selling v draws on, or 0 for the
// stock of the product itself (spec/05 §8.2).
func (p *Product) Counter(v *Variant) int64 {
	if v == nil || !p.HasOptions() || p.InventoryTracking == TrackProduct {
		return 0
	}
	return v.ID
}

func sameValues(a, b []VariantValue) bool {
	if len(a) != len(b) {
		return false
	}
	for _, v := range a {
		if !slices.Contains(b, v) {
			return false
		}
	}
	return true
}

// applyVariants makes the product's variants those of the list, with the
// options that they mention. What is there already keeps its id: an option by
// its name, a value by its label, a variant by its values.
func (e *edit) applyVariants(options []OptionInput, list []VariantInput) {
	if len(list) == 0 {
		return
	}
	if len(list) == 1 && len(list[0].Labels) == 0 {
		e.p.Options, e.p.Variants = nil, e.baseVariant()
		e.putVariant(&e.p.Variants[0], list[0], at("variants", 0))
		return
	}
	if len(list) > maxVariants {
		e.fail("variants", fault.MaxLength)
		return
	}
	if !e.applyNames(options, list) {
		return
	}
	old := e.p.Variants
	e.p.Variants = make([]Variant, 0, len(list))
	for i, in := range list {
		path := at("variants", i)
		v := Variant{OptionValues: e.labelled(in.Labels)}
		if slices.ContainsFunc(e.p.Variants, func(o Variant) bool { return sameValues(o.OptionValues, v.OptionValues) }) {
			e.duplicate(join(path, "option_values"), titleDuplicateVariant)
			continue
		}
		if n := slices.IndexFunc(old, func(o Variant) bool { return sameValues(o.OptionValues, v.OptionValues) }); n >= 0 {
			v = old[n]
		} else {
			v.ID = e.newID()
		}
		e.putVariant(&v, in, path)
		e.p.Variants = append(e.p.Variants, v)
	}
}

// baseVariant returns the variant without values, a new one if there is none.
func (e *edit) baseVariant() []Variant {
	for _, v := range e.p.Variants {
		if len(v.OptionValues) == 0 {
			return []Variant{v}
		}
	}
	return []Variant{{ID: e.newID()}}
}

// applyNames makes the options and values that the labels of the list mention
// and removes the others. It reports whether every variant names a value of
// the same options.
func (e *edit) applyNames(described []OptionInput, list []VariantInput) bool {
	names := optionNames(list[0].Labels)
	for i, in := range list {
		if !slices.Equal(optionNames(in.Labels), names) || slices.Contains(names, "") {
			e.fail(join(at("variants", i), "option_values"), "Every variant needs one value of each option")
			return false
		}
	}
	old := e.p.Options
	e.p.Options = nil
	for i, label := range list[0].Labels {
		name := strings.TrimSpace(label.Option)
		path := join(at(join(at("variants", 0), "option_values"), i), "option_display_name")
		o := Option{Type: Dropdown, DisplayName: name, SortOrder: int64(i)}
		if n := slices.IndexFunc(old, func(o Option) bool { return o.DisplayName == name }); n >= 0 {
			o = old[n]
		} else {
			o.ID = e.newID()
		}
		var values []ValueInput
		for _, d := range described {
			if strings.TrimSpace(d.DisplayName.Value) == name {
				d.Type.into(&o.Type)
				d.SortOrder.into(&o.SortOrder)
				values = d.Values.Value
			}
		}
		e.text(path, o.DisplayName, 1, maxShortText)
		e.oneOf(path, o.Type, optionTypes...)
		o.Values = e.labelValues(o.Values, name, list)
		e.describeValues(&o, values)
		e.p.Options = append(e.p.Options, o)
	}
	return true
}

// optionNames returns the names of the options in alphabetical order.
func optionNames(labels []ValueLabel) []string {
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = strings.TrimSpace(l.Option)
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) || len(names) == 0 {
		return []string{""} // twice the same, or none
	}
	return names
}

// labelValues returns the values of one option that the list mentions.
func (e *edit) labelValues(old []OptionValue, option string, list []VariantInput) []OptionValue {
	var out []OptionValue
	seen := map[string]bool{}
	for i, in := range list {
		for n, l := range in.Labels {
			label := strings.TrimSpace(l.Label)
			if strings.TrimSpace(l.Option) != option || seen[label] {
				continue
			}
			seen[label] = true
			e.text(join(at(join(at("variants", i), "option_values"), n), "label"), label, 1, maxShortText)
			v := OptionValue{Label: label, SortOrder: int64(len(out))}
			if k := slices.IndexFunc(old, func(o OptionValue) bool { return o.Label == label }); k >= 0 {
				v = old[k]
			} else {
				v.ID = e.newID()
			}
			out = append(out, v)
		}
	}
	if len(out) > maxValues {
		e.fail("variants", fault.MaxLength)
	}
	return out
}

// describeValues writes what is said about the values of an option, by their
// labels: order, colours, the default. What no variant mentions is no value.
func (e *edit) describeValues(o *Option, list []ValueInput) {
	for i, in := range list {
		label := strings.TrimSpace(in.Label.Value)
		n := slices.IndexFunc(o.Values, func(v OptionValue) bool { return v.Label == label })
		if n >= 0 {
			e.putValue(o.choices(), &o.Values[n], in, at(join(at("options", 0), "option_values"), i))
		}
	}
}

// labelled turns labels into the ids of options and values that exist.
func (e *edit) labelled(labels []ValueLabel) []VariantValue {
	out := make([]VariantValue, 0, len(labels))
	for i := range e.p.Options {
		o := &e.p.Options[i]
		for _, l := range labels {
			if strings.TrimSpace(l.Option) != o.DisplayName {
				continue
			}
			label := strings.TrimSpace(l.Label)
			n := slices.IndexFunc(o.Values, func(v OptionValue) bool { return v.Label == label })
			out = append(out, VariantValue{OptionID: o.ID, ValueID: o.Values[n].ID})
		}
	}
	return out
}
