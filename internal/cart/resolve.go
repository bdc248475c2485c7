package cart

import (
	"fmt"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

// resolveVariant finds the variant that a request means, by the table of
// spec/01 §3.1.
func resolveVariant(p *catalog.Product, variantID int64, choices []Choice) (*catalog.Variant, error) {
	if !p.HasOptions() {
		base := &p.Variants[0]
		if variantID != 0 && variantID != base.ID {
			return nil, foreignVariant(variantID)
		}
		return base, nil
	}
	chosen, err := variantChoices(p, choices)
	if err != nil {
		return nil, err
	}
	if variantID != 0 {
		v := p.Variant(variantID)
		if v == nil {
			return nil, foreignVariant(variantID)
		}
		if !matches(v, chosen) {
			return nil, required("option_selections", fmt.Sprintf("The selected options do not belong to variant %d", variantID))
		}
		return v, nil
	}
	if len(chosen) == len(p.Options) {
		for i := range p.Variants {
			if matches(&p.Variants[i], chosen) {
				return &p.Variants[i], nil
			}
		}
	}
	return nil, required("variant", "This product has options, variant ID is required")
}

// variantChoices returns the chosen value of each variant option.
func variantChoices(p *catalog.Product, choices []Choice) (map[int64]int64, error) {
	chosen := make(map[int64]int64, len(p.Options))
	for _, ch := range choices {
		o := p.Option(ch.OptionID)
		if o == nil {
			continue
		}
		value := chooseValue(o.Values, ch.Value)
		if value == nil {
			return nil, badValue(ch)
		}
		chosen[o.ID] = value.ID
	}
	return chosen, nil
}

// matches reports whether a variant stands for all of the chosen values.
func matches(v *catalog.Variant, chosen map[int64]int64) bool {
	found := 0
	for _, ov := range v.OptionValues {
		if want, ok := chosen[ov.OptionID]; ok {
			if want != ov.ValueID {
				return false
			}
			found++
		}
	}
	return found == len(chosen)
}

func required(field, message string) error {
	return &fault.Error{Kind: fault.Invalid, Title: fault.TitleRequired, Fields: map[string]string{field: message}}
}

func foreignVariant(id int64) error {
	return required("variant", fmt.Sprintf("Variant %d does not belong to this product", id))
}

func badValue(ch Choice) error {
	return required("option_selections", fmt.Sprintf("Option value %s is not valid for option %d", ch.Value, ch.OptionID))
}
