package catalog

// The kinds of ids, one sequence of a store each. Options and modifiers share
// one, their values another.
const (
	KindProduct     = "product"
	KindVariant     = "variant"
	KindOption      = "option"
	KindOptionValue = "option_value"
	KindImage       = "image"
	KindCustomField = "custom_field"
	KindBrand       = "brand"
	KindCategory    = "category"
)

var kinds = []string{KindProduct, KindVariant, KindOption, KindOptionValue, KindImage, KindCustomField}

// Number gives an id to everything in these products that is new, which is to
// say that its id is below 1. next gives out n ids of a kind and returns the
// first.
func Number(products []*Product, next func(kind string, n int64) (int64, error)) error {
	fresh := map[string][]*int64{}
	for _, p := range products {
		p.eachID(func(kind string, id *int64) {
			if *id <= 0 {
				fresh[kind] = append(fresh[kind], id)
			}
		})
	}
	renamed := make(map[*int64]int64, len(fresh)) // the number that each place held
	for _, kind := range kinds {
		places := fresh[kind]
		if len(places) == 0 {
			continue
		}
		first, err := next(kind, int64(len(places)))
		if err != nil {
			return err
		}
		for i, place := range places {
			renamed[place] = *place
			*place = first + int64(i)
		}
	}
	for _, p := range products {
		p.renumberValues(renamed)
	}
	return nil
}

// renumberValues makes variants refer to options and values by their new ids.
func (p *Product) renumberValues(renamed map[*int64]int64) {
	names := map[int64]int64{}
	for i := range p.Options {
		o := &p.Options[i]
		if old, ok := renamed[&o.ID]; ok {
			names[old] = o.ID
		}
		for n := range o.Values {
			if old, ok := renamed[&o.Values[n].ID]; ok {
				names[old] = o.Values[n].ID
			}
		}
	}
	if len(names) == 0 {
		return
	}
	for i := range p.Variants {
		for n := range p.Variants[i].OptionValues {
			ov := &p.Variants[i].OptionValues[n]
			if id, ok := names[ov.OptionID]; ok {
				ov.OptionID = id
			}
			if id, ok := names[ov.ValueID]; ok {
				ov.ValueID = id
			}
		}
	}
}

// eachID calls f with the place of every id that the product owns.
func (p *Product) eachID(f func(kind string, id *int64)) {
	f(KindProduct, &p.ID)
	for i := range p.Variants {
		f(KindVariant, &p.Variants[i].ID)
	}
	for i := range p.Options {
		f(KindOption, &p.Options[i].ID)
		eachValueID(p.Options[i].Values, f)
	}
	for i := range p.Modifiers {
		f(KindOption, &p.Modifiers[i].ID)
		eachValueID(p.Modifiers[i].Values, f)
	}
	for i := range p.Images {
		f(KindImage, &p.Images[i].ID)
	}
	for i := range p.CustomFields {
		f(KindCustomField, &p.CustomFields[i].ID)
	}
}

func eachValueID(values []OptionValue, f func(kind string, id *int64)) {
	for i := range values {
		f(KindOptionValue, &values[i].ID)
	}
}
