package storefront

import (
	"net/url"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// variantOf returns the variant that the form's options name, or nil while
// they name none. Defaults count as chosen.
func variantOf(p *catalog.Product, values url.Values) *catalog.Variant {
	if !p.HasOptions() {
		return &p.Variants[0]
	}
	chosen := map[int64]int64{}
	for i := range p.Options {
		o := &p.Options[i]
		if values.Has(fieldName(o.ID)) {
			chosen[o.ID], _ = strconv.ParseInt(values.Get(fieldName(o.ID)), 10, 64)
			continue
		}
		for n := range o.Values {
			if o.Values[n].Default || len(o.Values) == 1 {
				chosen[o.ID] = o.Values[n].ID
			}
		}
	}
	for i := range p.Variants {
		if standsFor(&p.Variants[i], chosen) {
			return &p.Variants[i]
		}
	}
	return nil
}

func standsFor(variant *catalog.Variant, chosen map[int64]int64) bool {
	for _, ov := range variant.OptionValues {
		if chosen[ov.OptionID] != ov.ValueID {
			return false
		}
	}
	return len(variant.OptionValues) > 0
}

// chosenVariant returns the variant that a sent form asks for, or which option
// is missing.
func chosenVariant(p *catalog.Product, values url.Values) (*catalog.Variant, error) {
	var labels []string
	for i := range p.Options {
		o := &p.Options[i]
		id, _ := strconv.ParseInt(values.Get(fieldName(o.ID)), 10, 64)
		value := o.Value(id)
		if value == nil {
			return nil, fault.Newf(fault.Invalid, "Please choose an option for the %s option.", o.DisplayName)
		}
		labels = append(labels, value.Label)
	}
	if variant := variantOf(p, values); variant != nil {
		return variant, nil
	}
	return nil, fault.Newf(fault.Invalid, "%s is not available as %s. Please choose another combination.", p.Name, strings.Join(labels, ", "))
}

// modifierChoices reads the modifiers of a sent form. What is left empty is
// left out, and the cart's rules say whether it may be; a checkbox that was
// not checked says so, since its default might be the opposite.
func modifierChoices(p *catalog.Product, values url.Values) []cart.Choice {
	var choices []cart.Choice
	for i := range p.Modifiers {
		m := &p.Modifiers[i]
		text := values.Get(fieldName(m.ID))
		if m.Type == catalog.Checkbox && text == "" {
			text = checkboxValue(m, false)
		}
		if text == "" || m.Type == catalog.File {
			continue
		}
		choices = append(choices, cart.Choice{OptionID: m.ID, Value: cart.OptionInput{Kind: cart.InputText, Text: text}})
	}
	return choices
}

// markProblem puts a refusal beside the part of the form it is about, which
// the cart's rules name by its label.
func markProblem(controls []control, f *fault.Error, text string) {
	for i := range controls {
		if strings.Contains(f.Title, "the "+controls[i].Label+" option") || strings.Contains(f.Title, "The "+controls[i].Label+" option") {
			controls[i].Problem = text
			return
		}
	}
}

// variantsDiffer reports whether choosing options changes what the page says.
func variantsDiffer(p *catalog.Product) bool {
	first := &p.Variants[0]
	for i := range p.Variants {
		v := &p.Variants[i]
		if p.InventoryTracking == catalog.TrackVariant || !samePrice(p, first, v) || v.ImageURL != first.ImageURL ||
			v.PurchasingDisabled != first.PurchasingDisabled {
			return p.HasOptions()
		}
	}
	return false
}

func samePrice(p *catalog.Product, a, b *catalog.Variant) bool {
	prices := func(v *catalog.Variant) [2]money.Amount {
		return [2]money.Amount{p.SellingPrice(v), p.BasePrice(v)}
	}
	return prices(a) == prices(b)
}
