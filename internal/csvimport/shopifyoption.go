package csvimport

import (
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// optionNames returns the names of a product's options. Shopify gives a
// product without options one named Title with the value Default Title.
func (s *shopifyReader) optionNames(rows []row) []string {
	var names []string
	for i := range s.optionName {
		name := ""
		for _, r := range rows {
			if name = r.text(s.optionName[i]); name != "" {
				break
			}
		}
		if name == "" {
			break
		}
		names = append(names, name)
	}
	if len(names) == 1 && strings.EqualFold(names[0], "Title") && s.onlyDefaultTitle(rows) {
		return nil
	}
	return names
}

func (s *shopifyReader) onlyDefaultTitle(rows []row) bool {
	for _, r := range rows {
		if v := r.text(s.optionValue[0]); v != "" && !strings.EqualFold(v, "Default Title") {
			return false
		}
	}
	return true
}

// options fills in options and variants. The product carries the prices and
// the weight of its first variant; variants that differ have their own.
func (s *shopifyReader) options(p *catalog.ProductInput, names []string, rows []row) {
	base := s.offerOf(rows[0])
	p.Price, p.SalePrice = catalog.Set(base.price), catalog.Set(base.sale)
	p.CostPrice, p.Weight = given(base.cost, s.cost), given(base.weight, s.grams)
	taken := map[string]int{}
	values := make([][]string, len(names))
	var variants []catalog.VariantInput
	for i, r := range rows {
		labels, ok := s.labels(r, names)
		if !ok {
			continue
		}
		key := ""
		for n, l := range labels {
			key += l.Label + "\x00"
			values[n] = appendOnce(values[n], l.Label)
		}
		if line, twice := taken[key]; twice {
			s.bad(r, s.optionValue[0], "the variant %s is on line %d already: remove one of the two", describe(labels), line)
			continue
		}
		taken[key] = r.line
		o := base
		if i > 0 {
			o = s.offerOf(r)
		}
		variants = append(variants, s.variant(r, p, labels, base, o))
	}
	options := make([]catalog.OptionInput, len(names))
	for i, name := range names {
		kind := catalog.Dropdown
		if strings.EqualFold(name, "Size") {
			kind = catalog.Rectangles
		}
		options[i] = optionInput(name, kind, i, values[i])
	}
	p.Options, p.Variants = catalog.Set(options), catalog.Set(variants)
}

func optionInput(name, kind string, order int, labels []string) catalog.OptionInput {
	o := catalog.OptionInput{DisplayName: catalog.Set(name), Type: catalog.Set(kind), SortOrder: catalog.Set(int64(order))}
	values := make([]catalog.ValueInput, len(labels))
	for i, label := range labels {
		values[i] = catalog.ValueInput{Label: catalog.Set(label), SortOrder: catalog.Set(int64(i))}
	}
	o.Values = catalog.Set(values)
	return o
}

// labels reads the values of a variant; ok is false when one is missing.
func (s *shopifyReader) labels(r row, names []string) (labels []catalog.ValueLabel, ok bool) {
	ok = true
	for i, c := range s.optionValue {
		value := r.text(c)
		switch {
		case i < len(names) && value == "":
			s.bad(r, c, "it is empty: write the variant's value of the option %s", shorten(names[i]))
			ok = false
		case i < len(names):
			labels = append(labels, catalog.ValueLabel{Option: names[i], Label: value})
		case value != "":
			s.bad(r, s.optionName[i], "there is a value %q without a name: write the option's name on the product's first row", shorten(value))
			ok = false
		}
	}
	return labels, ok
}

// offer is what a variant costs and weighs.
type offer struct {
	price, sale, cost money.Amount
	weight            catalog.Measure
}

func (s *shopifyReader) offerOf(r row) offer {
	var o offer
	o.price, o.sale = s.pricesOf(r)
	o.cost, _ = s.amount(r, s.cost)
	o.weight = s.weightOf(r)
	return o
}

func (s *shopifyReader) variant(r row, p *catalog.ProductInput, labels []catalog.ValueLabel, base, o offer) catalog.VariantInput {
	v := catalog.VariantInput{
		Labels: labels, SKU: given(s.skuOf(r), s.sku),
		Price: catalog.Set[*money.Amount](nil), SalePrice: catalog.Set[*money.Amount](nil),
		CostPrice: given(differs(o.cost, base.cost), s.cost),
		Weight:    given(differs(o.weight, base.weight), s.grams),
		MPN:       given(r.text(s.mpn), s.mpn),
		ImageURL:  given(s.address(r, s.variantImage), s.variantImage),
	}
	if o.price != base.price || o.sale != base.sale {
		v.Price = catalog.Set(&o.price)
		if o.sale > 0 {
			v.SalePrice = catalog.Set(&o.sale)
		}
	}
	v.UPC, v.GTIN = s.codes(r)
	if p.InventoryTracking.Value == catalog.TrackVariant {
		level, tracked := s.counted(r)
		if !tracked {
			level = untracked
		}
		v.InventoryLevel = catalog.Set(level)
	}
	return v
}

// differs returns the value of a variant, or nil when it is the product's.
func differs(own, base money.Amount) *money.Amount {
	if own == base {
		return nil
	}
	return &own
}

func describe(labels []catalog.ValueLabel) string {
	var parts []string
	for _, l := range labels {
		parts = append(parts, shorten(l.Option)+" "+shorten(l.Label))
	}
	return strings.Join(parts, ", ")
}

func appendOnce(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
