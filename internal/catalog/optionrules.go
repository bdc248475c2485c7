package catalog

import (
	"slices"
	"strings"

	"cartwright/internal/fault"
)

// optionTypes are the types of variant options, modifierTypes those of
// modifiers (spec/05 §8.1).
var (
	optionTypes   = []string{RadioButtons, Rectangles, Dropdown, PickList, PickListImages, Swatch}
	modifierTypes = append([]string{Date, Checkbox, File, Text, MultiLineText, NumbersOnly}, optionTypes...)
)

const titleDuplicateOption = "The product has an option of this name already"

// addOption adds a variant option. It makes no variants: they are created one
// by one. Variants that exist take its default value, or the first.
func (e *edit) addOption(in OptionInput) {
	if !in.DisplayName.Given {
		e.fail("display_name", fault.Missing)
	}
	if !in.Type.Given {
		e.fail("type", fault.Missing)
	}
	e.roomForOption()
	e.p.Options = append(e.p.Options, Option{ID: e.newID(), SortOrder: int64(len(e.p.Options))})
	e.putOption(&e.p.Options[len(e.p.Options)-1], in)
}

// putOption writes an input into an option. Values with an id are changed,
// values without one are added.
func (e *edit) putOption(o *Option, in OptionInput) {
	if in.DisplayName.Given {
		o.DisplayName = strings.TrimSpace(in.DisplayName.Value)
	}
	e.text("display_name", o.DisplayName, 1, maxShortText)
	for i := range e.p.Options {
		if other := &e.p.Options[i]; other.ID != o.ID && other.DisplayName == o.DisplayName {
			e.duplicate("display_name", titleDuplicateOption)
		}
	}
	e.putType("type", &o.Type, in.Type, optionTypes)
	in.SortOrder.into(&o.SortOrder)
	e.number("sort_order", o.SortOrder, -maxLevel, maxLevel)
	in.Config.apply(&o.Config)
	o.Config = o.Config.only(o.Type)
	e.checkConfig("config", o.Type, o.Config)
	e.putValues(o.choices(), in.Values)
}

// putType sets the type. What is chosen from a list stays so: the values would
// mean nothing to another kind of type.
func (e *edit) putType(path string, place *string, in Field[string], allowed []string) {
	if !in.Given {
		return
	}
	e.oneOf(path, in.Value, allowed...)
	if before := *place; before != "" && family(before) != family(in.Value) {
		e.fail(path, fault.ExpectedEnum)
	}
	*place = in.Value
}

// family names the types between which an option may change.
func family(kind string) string {
	switch {
	case IsPickList(kind):
		return PickList
	case kind == Text || kind == MultiLineText:
		return Text
	case kind == RadioButtons || kind == Rectangles || kind == Dropdown || kind == Swatch:
		return Dropdown
	}
	return kind
}

func (e *edit) roomForOption() {
	if len(e.p.Options)+len(e.p.Modifiers) >= maxOptions {
		e.refuse("The product has too many options and modifiers.")
	}
}

// removeOption takes an option out, and the variants that were made of it.
func (e *edit) removeOption(id int64) {
	e.p.Options = slices.DeleteFunc(e.p.Options, func(o Option) bool { return o.ID == id })
	e.p.Variants = slices.DeleteFunc(e.p.Variants, func(v Variant) bool {
		return slices.ContainsFunc(v.OptionValues, func(ov VariantValue) bool { return ov.OptionID == id })
	})
}

// removeOptionValue takes a value out, and the variants that were made of it.
func (e *edit) removeOptionValue(o *Option, id int64) {
	o.Values = slices.DeleteFunc(o.Values, func(v OptionValue) bool { return v.ID == id })
	e.p.Variants = slices.DeleteFunc(e.p.Variants, func(v Variant) bool {
		return slices.Contains(v.OptionValues, VariantValue{OptionID: o.ID, ValueID: id})
	})
}

// addModifier adds a modifier.
func (e *edit) addModifier(in ModifierInput, path string) *Modifier {
	if !in.DisplayName.Given {
		e.fail(join(path, "display_name"), fault.Missing)
	}
	if !in.Type.Given {
		e.fail(join(path, "type"), fault.Missing)
	}
	e.roomForOption()
	e.p.Modifiers = append(e.p.Modifiers, Modifier{ID: e.newID(), SortOrder: int64(len(e.p.Modifiers))})
	m := &e.p.Modifiers[len(e.p.Modifiers)-1]
	e.putModifier(m, in, path)
	return m
}

// putModifier writes an input into a modifier.
func (e *edit) putModifier(m *Modifier, in ModifierInput, path string) {
	if in.DisplayName.Given {
		m.DisplayName = strings.TrimSpace(in.DisplayName.Value)
	}
	e.text(join(path, "display_name"), m.DisplayName, 1, maxShortText)
	for i := range e.p.Modifiers {
		if other := &e.p.Modifiers[i]; other.ID != m.ID && other.DisplayName == m.DisplayName {
			e.duplicate(join(path, "display_name"), titleDuplicateOption)
		}
	}
	e.putType(join(path, "type"), &m.Type, in.Type, modifierTypes)
	in.Required.into(&m.Required)
	in.SortOrder.into(&m.SortOrder)
	e.number(join(path, "sort_order"), m.SortOrder, -maxLevel, maxLevel)
	in.Config.apply(&m.Config)
	m.Config = m.Config.only(m.Type)
	e.checkConfig(join(path, "config"), m.Type, m.Config)
	list := m.choices()
	list.path = join(path, "option_values")
	e.putValues(list, in.Values)
}

// applyModifiers makes the product's modifiers those of the list. One that is
// there already, by its name, keeps its id and the ids of its values.
func (e *edit) applyModifiers(list []ModifierInput) {
	mentioned := map[int64]bool{}
	for i, in := range list {
		path := at("modifiers", i)
		name := strings.TrimSpace(in.DisplayName.Value)
		n := slices.IndexFunc(e.p.Modifiers, func(m Modifier) bool {
			return m.DisplayName == name && !mentioned[m.ID] && (!in.Type.Given || family(m.Type) == family(in.Type.Value))
		})
		if n < 0 {
			mentioned[e.addModifier(in, path).ID] = true
			continue
		}
		m := &e.p.Modifiers[n]
		mentioned[m.ID] = true
		in.Values.Value = keepIDs(m.Values, in.Values.Value)
		e.putModifier(m, in, path)
		if in.Values.Given {
			m.keepOnly(in.Values.Value)
		}
	}
	e.p.Modifiers = slices.DeleteFunc(e.p.Modifiers, func(m Modifier) bool { return !mentioned[m.ID] })
}

// keepIDs gives each value of the list the id that a value of its label has.
func keepIDs(old []OptionValue, list []ValueInput) []ValueInput {
	list = slices.Clone(list)
	for i := range list {
		for _, v := range old {
			if list[i].ID == 0 && v.Label == strings.TrimSpace(list[i].Label.Value) {
				list[i].ID = v.ID
			}
		}
	}
	return list
}

// keepOnly removes the values that the list does not mention; a checkbox keeps
// its two.
func (m *Modifier) keepOnly(list []ValueInput) {
	if m.Type == Checkbox {
		return
	}
	m.Values = slices.DeleteFunc(m.Values, func(v OptionValue) bool {
		return !slices.ContainsFunc(list, func(in ValueInput) bool {
			return in.ID == v.ID || strings.TrimSpace(in.Label.Value) == v.Label
		})
	})
}

// settleOptions puts options, modifiers and their values in order.
func (e *edit) settleOptions() {
	slices.SortStableFunc(e.p.Options, func(a, b Option) int { return compare(a.SortOrder, b.SortOrder) })
	slices.SortStableFunc(e.p.Modifiers, func(a, b Modifier) int { return compare(a.SortOrder, b.SortOrder) })
	for i := range e.p.Options {
		sortValues(e.p.Options[i].Values)
	}
	for i := range e.p.Modifiers {
		sortValues(e.p.Modifiers[i].Values)
	}
}

func sortValues(values []OptionValue) {
	slices.SortStableFunc(values, func(a, b OptionValue) int { return compare(a.SortOrder, b.SortOrder) })
}
