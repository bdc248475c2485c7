package catalog

import (
	"regexp"
	"slices"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

const titleDuplicateValue = "The option has a value of this label already"

// choices is the list of values of an option or of a modifier, with what
// decides which values may be in it.
type choices struct {
	kind     string
	values   *[]OptionValue
	config   *Config
	modifier bool
	path     string // of the list
}

func (o *Option) choices() choices {
	return choices{kind: o.Type, values: &o.Values, config: &o.Config, path: "option_values"}
}

func (m *Modifier) choices() choices {
	return choices{kind: m.Type, values: &m.Values, config: &m.Config, modifier: true, path: "option_values"}
}

// putValues writes a list of values: those with an id are changed, those
// without one are added. A checkbox has its two values even if nobody named
// them.
func (e *edit) putValues(c choices, list Field[[]ValueInput]) {
	if list.Given && len(list.Value) > 0 && !IsChoice(c.kind) {
		e.fail(c.path, "Only what is chosen from a list has values")
		return
	}
	for i, in := range list.Value {
		e.putValueOf(c, in, at(c.path, i))
	}
	if c.kind == Checkbox {
		e.fillCheckbox(c)
	}
}

func (e *edit) putValueOf(c choices, in ValueInput, path string) {
	if in.ID == 0 && c.kind == Checkbox {
		e.putCheckboxValue(c, in, path)
		return
	}
	if in.ID == 0 {
		e.addValue(c, in, path)
		return
	}
	v := findValue(*c.values, in.ID)
	if v == nil {
		e.fail(join(path, "id"), missing("Option value", in.ID))
		return
	}
	e.putValue(c, v, in, path)
}

// addValue adds a value. path is where the input stands.
func (e *edit) addValue(c choices, in ValueInput, path string) {
	switch {
	case !IsChoice(c.kind):
		e.refuse("Only what is chosen from a list has values.")
		return
	case c.kind == Checkbox:
		e.refuse("A checkbox has two values, one for checked and one for not.")
		return
	case !in.Label.Given:
		e.fail(join(path, "label"), fault.Missing)
	}
	if len(*c.values) >= maxValues {
		e.fail(join(path, "label"), fault.MaxLength)
	}
	*c.values = append(*c.values, OptionValue{ID: e.newID()})
	e.putValue(c, &(*c.values)[len(*c.values)-1], in, path)
}

// putValue writes an input into a value.
func (e *edit) putValue(c choices, v *OptionValue, in ValueInput, path string) {
	if in.Label.Given {
		v.Label = strings.TrimSpace(in.Label.Value)
	}
	e.text(join(path, "label"), v.Label, 1, maxShortText)
	for _, other := range *c.values {
		if other.ID != v.ID && other.Label == v.Label {
			e.duplicate(join(path, "label"), titleDuplicateValue)
		}
	}
	in.SortOrder.into(&v.SortOrder)
	e.number(join(path, "sort_order"), v.SortOrder, -maxLevel, maxLevel)
	if in.Data.Given {
		checked := v.Data.Checked
		v.Data = in.Data.Value.only(c.kind)
		if c.kind == Checkbox { // which of the two it is never changes
			v.Data.Checked = checked
		}
	}
	e.checkData(c.kind, v.Data, join(path, "value_data"))
	if in.Default.Given {
		c.setDefault(v, in.Default.Value)
	}
	if c.modifier {
		e.putAdjusters(&v.Adjusters, in.Adjusters, join(path, "adjusters"))
	}
}

// setDefault makes v the value that is chosen when nobody chooses, or ends
// that. There is at most one.
func (c choices) setDefault(v *OptionValue, on bool) {
	if c.kind == Checkbox {
		if on {
			c.config.CheckedByDefault = *v.Data.Checked
		}
		return
	}
	for i := range *c.values {
		if on {
			(*c.values)[i].Default = false
		}
	}
	v.Default = on
}

// IsDefault reports whether a value of the modifier is chosen when nobody
// chooses.
func (m *Modifier) IsDefault(v *OptionValue) bool {
	if m.Type == Checkbox && v.Data.Checked != nil {
		return *v.Data.Checked == m.Config.CheckedByDefault
	}
	return v.Default
}

// putCheckboxValue writes an input into the value of a checkbox that it means,
// by checked_value or by the label Yes or No.
func (e *edit) putCheckboxValue(c choices, in ValueInput, path string) {
	var checked bool
	switch {
	case in.Data.Value.Checked != nil:
		checked = *in.Data.Value.Checked
	case strings.EqualFold(strings.TrimSpace(in.Label.Value), "yes"):
		checked = true
	case strings.EqualFold(strings.TrimSpace(in.Label.Value), "no"):
	default:
		e.fail(join(path, "value_data.checked_value"), fault.Missing)
		return
	}
	v := c.checkboxValue(checked)
	if v == nil {
		*c.values = append(*c.values, e.newCheckboxValue(checked))
		v = &(*c.values)[len(*c.values)-1]
	}
	e.putValue(c, v, in, path)
}

func (c choices) checkboxValue(checked bool) *OptionValue {
	for i := range *c.values {
		if v := &(*c.values)[i]; v.Data.Checked != nil && *v.Data.Checked == checked {
			return v
		}
	}
	return nil
}

func (e *edit) newCheckboxValue(checked bool) OptionValue {
	v := OptionValue{ID: e.newID(), Label: "No", SortOrder: 1, Data: ValueData{Checked: &checked}}
	if checked {
		v.Label, v.SortOrder = "Yes", 0
	}
	return v
}

func (e *edit) fillCheckbox(c choices) {
	for _, checked := range []bool{true, false} {
		if c.checkboxValue(checked) == nil {
			*c.values = append(*c.values, e.newCheckboxValue(checked))
		}
	}
}

// removeModifierValue takes a value out. A checkbox keeps its two.
func (e *edit) removeModifierValue(m *Modifier, id int64) {
	if m.Type == Checkbox {
		e.refuse("A checkbox has two values, one for checked and one for not.")
		return
	}
	m.Values = slices.DeleteFunc(m.Values, func(v OptionValue) bool { return v.ID == id })
}

// only returns what counts for a type.
func (d ValueData) only(kind string) ValueData {
	switch {
	case IsPickList(kind):
		return ValueData{ProductID: d.ProductID}
	case kind == Swatch:
		return ValueData{Colors: d.Colors, ImageURL: d.ImageURL}
	case kind == Checkbox:
		return ValueData{Checked: d.Checked}
	}
	return ValueData{}
}

var colorPattern = regexp.MustCompile(`^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$`)

// maxColors is how many colours one swatch can show.
const maxColors = 3

func (e *edit) checkData(kind string, d ValueData, path string) {
	if IsPickList(kind) && d.ProductID <= 0 {
		e.fail(join(path, "product_id"), fault.Missing)
	}
	if len(d.Colors) > maxColors {
		e.fail(join(path, "colors"), fault.MaxLength)
	}
	for i, c := range d.Colors {
		if !colorPattern.MatchString(c) {
			e.fail(at(join(path, "colors"), i), "error.expected.color")
		}
	}
	e.image(join(path, "image_url"), d.ImageURL)
}

// maxPercent bounds a percentage, so that it cannot overflow by itself.
const maxPercent = 1_000_000 * money.Unit

func (e *edit) putAdjusters(a *Adjusters, in AdjustersInput, path string) {
	in.Price.into(&a.Price)
	in.Weight.into(&a.Weight)
	in.ImageURL.into(&a.ImageURL)
	in.PurchasingDisabled.into(&a.PurchasingDisabled)
	in.PurchasingDisabledMessage.into(&a.PurchasingDisabledMessage)
	e.checkAdjuster(a.Price, join(path, "price"))
	e.checkAdjuster(a.Weight, join(path, "weight"))
	e.image(join(path, "image_url"), a.ImageURL)
	e.text(join(path, "purchasing_disabled.message"), a.PurchasingDisabledMessage, 0, maxShortText)
}

func (e *edit) checkAdjuster(a *Adjuster, path string) {
	if a == nil {
		return
	}
	e.oneOf(join(path, "adjuster"), a.Kind, Relative, Percentage)
	limit := money.Max
	if a.Kind == Percentage {
		limit = maxPercent
	}
	e.number(join(path, "adjuster_value"), int64(a.Value), -int64(limit), int64(limit))
}
