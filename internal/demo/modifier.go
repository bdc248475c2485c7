package demo

import (
	"fmt"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// The modifiers that items of the demo have.

func modifier(name, kind string, place int64) catalog.ModifierInput {
	return catalog.ModifierInput{DisplayName: catalog.Set(name), Type: catalog.Set(kind), Required: catalog.Set(false),
		SortOrder: catalog.Set(place)}
}

// lettering asks for a short text.
func lettering(name string, place, longest int64) catalog.ModifierInput {
	m := modifier(name, catalog.Text, place)
	m.Config.TextCharactersLimited, m.Config.TextMinLength, m.Config.TextMaxLength = catalog.Set(true), catalog.Set[int64](1), catalog.Set(longest)
	return m
}

// message asks for a few lines.
func message(name string, place int64) catalog.ModifierInput {
	m := modifier(name, catalog.MultiLineText, place)
	m.Config.TextCharactersLimited, m.Config.TextMinLength, m.Config.TextMaxLength = catalog.Set(true), catalog.Set[int64](0), catalog.Set[int64](200)
	m.Config.TextLinesLimited, m.Config.TextMaxLines = catalog.Set(true), catalog.Set[int64](5)
	return m
}

// box is a checkbox that adds to the price.
func box(name, label string, place, extra int64) catalog.ModifierInput {
	m := modifier(name, catalog.Checkbox, place)
	m.Config.CheckboxLabel, m.Config.CheckedByDefault = catalog.Set(label), catalog.Set(false)
	yes, no := true, false
	m.Values = catalog.Set([]catalog.ValueInput{
		{Label: catalog.Set("Yes"), SortOrder: catalog.Set[int64](0), Data: catalog.Set(catalog.ValueData{Checked: &yes}), Adjusters: adds(extra)},
		{Label: catalog.Set("No"), SortOrder: catalog.Set[int64](1), Data: catalog.Set(catalog.ValueData{Checked: &no})},
	})
	return m
}

// day asks for a date.
func day(name string, place int64) catalog.ModifierInput { return modifier(name, catalog.Date, place) }

// year asks for a number.
func year(name string, place, from, to int64) catalog.ModifierInput {
	m := modifier(name, catalog.NumbersOnly, place)
	m.Config.NumberLimited, m.Config.NumberLimitMode, m.Config.NumberIntegersOnly = catalog.Set(true), catalog.Set("range"), catalog.Set(true)
	m.Config.NumberLowest, m.Config.NumberHighest = catalog.Set(money.Amount(from)*money.Unit), catalog.Set(money.Amount(to)*money.Unit)
	return m
}

// extra is one choice of a list with what it adds to the price.
type extra struct {
	label string
	cents int64
}

// choose is a list of choices, the first of which is chosen at first.
func choose(name, kind string, place int64, list ...extra) catalog.ModifierInput {
	m := modifier(name, kind, place)
	m.Required = catalog.Set(true)
	var values []catalog.ValueInput
	for i, x := range list {
		values = append(values, catalog.ValueInput{Label: catalog.Set(x.label), SortOrder: catalog.Set(int64(i)),
			Default: catalog.Set(i == 0), Adjusters: adds(x.cents)})
	}
	m.Values = catalog.Set(values)
	return m
}

// pick is a list of other products of the catalog, by their names. What is
// picked leaves the shelf with the product.
func pick(name string, place int64, ids map[string]int64, names ...string) (catalog.ModifierInput, error) {
	m := modifier(name, catalog.PickListImages, place)
	m.Required = catalog.Set(true)
	m.Config.ListAdjustsInventory, m.Config.ListAdjustsPricing = catalog.Set(true), catalog.Set(false)
	var values []catalog.ValueInput
	for i, label := range names {
		id := ids[label]
		if id == 0 {
			return m, fmt.Errorf("the demo has no product %q to pick", label)
		}
		values = append(values, catalog.ValueInput{Label: catalog.Set(label), SortOrder: catalog.Set(int64(i)),
			Data: catalog.Set(catalog.ValueData{ProductID: id})})
	}
	m.Values = catalog.Set(values)
	return m, nil
}

func adds(n int64) catalog.AdjustersInput {
	if n == 0 {
		return catalog.AdjustersInput{}
	}
	return catalog.AdjustersInput{Price: catalog.Set(&catalog.Adjuster{Kind: catalog.Relative, Value: cents(n)})}
}
