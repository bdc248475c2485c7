package catalog

import (
	"slices"

	"cartwright/internal/money"
)

// Clone returns a deep copy of the product, stock levels included.
func (p *Product) Clone() *Product {
	d := *p
	d.GiftWrappingList = slices.Clone(p.GiftWrappingList)
	d.Categories = slices.Clone(p.Categories)
	d.Images = slices.Clone(p.Images)
	d.CustomFields = slices.Clone(p.CustomFields)
	d.Options = slices.Clone(p.Options)
	for i := range d.Options {
		o := &d.Options[i]
		o.Config = o.Config.clone()
		o.Values = cloneValues(o.Values)
	}
	d.Modifiers = slices.Clone(p.Modifiers)
	for i := range d.Modifiers {
		m := &d.Modifiers[i]
		m.Config = m.Config.clone()
		m.Values = cloneValues(m.Values)
	}
	d.Variants = slices.Clone(p.Variants)
	for i := range d.Variants {
		v := &d.Variants[i]
		for _, price := range []**money.Amount{&v.Price, &v.SalePrice, &v.RetailPrice, &v.CostPrice, &v.MapPrice, &v.Weight} {
			*price = clonePointer(*price)
		}
		v.OptionValues = slices.Clone(v.OptionValues)
	}
	return &d
}

func (c Config) clone() Config {
	c.FileTypesSupported = slices.Clone(c.FileTypesSupported)
	c.FileTypesOther = slices.Clone(c.FileTypesOther)
	return c
}

func cloneValues(values []OptionValue) []OptionValue {
	values = slices.Clone(values)
	for i := range values {
		v := &values[i]
		v.Data.Checked = clonePointer(v.Data.Checked)
		v.Data.Colors = slices.Clone(v.Data.Colors)
		v.Adjusters.Price = clonePointer(v.Adjusters.Price)
		v.Adjusters.Weight = clonePointer(v.Adjusters.Weight)
	}
	return values
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
