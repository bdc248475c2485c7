package storefront

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
)

// control is one option or modifier as a part of the form.
type control struct {
	Name, ID string
	Label    string
	// Form is the element it is shown as: choices, select, checkbox, text,
	// lines, number, date, file.
	Form     string
	Required bool
	Choices  []choice
	// Look is how choices are shown: list, buttons, swatch, pictures.
	Look string
	// None offers to choose nothing.
	None      bool
	Value     string
	Checked   bool
	BoxLabel  string
	Extra     string // what checking the box adds to the price
	Help      string
	Problem   string
	Min, Max  string // of a number or a date
	Step      string
	MaxLength int64
}

// HasSelected reports whether any value is selected.
func (c control) HasSelected() bool {
	return slices.ContainsFunc(c.Choices, func(ch choice) bool { return ch.Selected })
}

// choice is one value to choose.
type choice struct {
	ID, Value, Label string
	Extra            string // what it adds to the price
	Selected         bool
	Unavailable      bool
	Colors           []string
	Picture          string
}

// fieldName is what the form calls an option or a modifier.
func fieldName(optionID int64) string { return "option-" + strconv.FormatInt(optionID, 10) }

// optionControls lists the variant options as the form shows them.
func (v *visit) optionControls(p *catalog.Product, values url.Values) []control {
	var all []control
	for i := range p.Options {
		o := &p.Options[i]
		c := newControl(o.ID, o.DisplayName, o.Type)
		c.Required = true
		c.Choices = v.choices(o.Type, o.Values, catalog.Config{})
		for n := range c.Choices {
			c.Choices[n].Unavailable = !buyable(p, o.ID, o.Values[n].ID)
		}
		c.choose(values, o.Values)
		all = append(all, c)
	}
	return all
}

// modifierControls lists the modifiers as the form shows them.
func (v *visit) modifierControls(p *catalog.Product, values url.Values) []control {
	all := make([]control, len(p.Modifiers))
	for i := range p.Modifiers {
		all[i] = v.modifierControl(&p.Modifiers[i], values)
	}
	return all
}

// buyable reports whether any variant with this value can be bought.
func buyable(p *catalog.Product, optionID, valueID int64) bool {
	for i := range p.Variants {
		variant := &p.Variants[i]
		for _, ov := range variant.OptionValues {
			if ov.OptionID != optionID || ov.ValueID != valueID || variant.PurchasingDisabled {
				continue
			}
			if level, tracked := p.Available(variant); !tracked || level > 0 {
				return true
			}
		}
	}
	return false
}

func newControl(optionID int64, label, kind string) control {
	c := control{Name: fieldName(optionID), ID: fieldName(optionID), Label: label, Form: "choices", Look: "list"}
	switch kind {
	case catalog.Rectangles:
		c.Look = "buttons"
	case catalog.Swatch:
		c.Look = "swatch"
	case catalog.PickListImages:
		c.Look = "pictures"
	case catalog.Dropdown:
		c.Form = "select"
	case catalog.Checkbox:
		c.Form = "checkbox"
	case catalog.Text:
		c.Form = "text"
	case catalog.MultiLineText:
		c.Form = "lines"
	case catalog.NumbersOnly:
		c.Form = "number"
	case catalog.Date:
		c.Form = "date"
	case catalog.File:
		c.Form = "file"
	}
	return c
}

// choose selects the value that the form holds, else the default.
func (c *control) choose(values url.Values, offered []catalog.OptionValue) {
	chosen, given := values.Get(c.Name), values.Has(c.Name)
	for i := range offered {
		if given {
			c.Choices[i].Selected = c.Choices[i].Value == chosen
		} else {
			c.Choices[i].Selected = offered[i].Default || len(offered) == 1 && c.Required
		}
	}
}

func (v *visit) choices(kind string, offered []catalog.OptionValue, cfg catalog.Config) []choice {
	all := make([]choice, len(offered))
	for i := range offered {
		all[i] = v.choice(kind, &offered[i], cfg)
	}
	return all
}

func (v *visit) choice(kind string, value *catalog.OptionValue, cfg catalog.Config) choice {
	id := strconv.FormatInt(value.ID, 10)
	ch := choice{ID: "value-" + id, Value: id, Label: value.Label,
		Extra: v.extra(value.Adjusters.Price), Unavailable: value.Adjusters.PurchasingDisabled}
	switch {
	case kind == catalog.Swatch:
		ch.Colors = colors(value.Data.Colors)
		if len(ch.Colors) == 0 && value.Data.ImageURL != "" {
			ch.Picture = v.picture(value.Data.ImageURL)
		}
	case catalog.IsPickList(kind):
		picked := v.shop.Catalog.Product(value.Data.ProductID)
		if picked == nil {
			break
		}
		if kind == catalog.PickListImages {
			ch.Picture = v.picture(picked.Thumbnail())
		}
		if cfg.ListAdjustsPricing {
			ch.Extra = "+" + v.prices().show(picked.SellingPrice(&picked.Variants[0]))
		}
		if cfg.ListAdjustsInventory && !inStock(picked) {
			ch.Unavailable = true
		}
	}
	return ch
}

// extra says what choosing a value adds to the price.
func (v *visit) extra(a *catalog.Adjuster) string {
	if a == nil || a.Value == 0 {
		return ""
	}
	sign, value := "+", a.Value
	if value < 0 {
		sign, value = "−", -value
	}
	if a.Kind == catalog.Percentage {
		return sign + value.String() + merchant.NoBreak + "%"
	}
	return sign + v.prices().show(value)
}

// color is what may be painted: nothing that a browser would fetch.
var color = regexp.MustCompile(`^#[0-9A-Fa-f]{3,8}$`)

func colors(given []string) []string {
	var out []string
	for _, c := range given {
		if color.MatchString(c) && len(out) < 3 {
			out = append(out, c)
		}
	}
	return out
}

func (v *visit) modifierControl(m *catalog.Modifier, values url.Values) control {
	c := newControl(m.ID, m.DisplayName, m.Type)
	c.Required = m.Required
	if !values.Has(c.Name) {
		c.Value = m.Config.DefaultValue
	} else {
		c.Value = values.Get(c.Name)
	}
	cfg := m.Config
	switch m.Type {
	case catalog.Checkbox:
		v.checkbox(&c, m, values)
	case catalog.Text, catalog.MultiLineText:
		c.textLimits(cfg, m.Type == catalog.MultiLineText)
	case catalog.NumbersOnly:
		c.numberLimits(cfg)
	case catalog.Date:
		c.dateLimits(cfg)
	case catalog.File:
		c.Help = "Files can only be sent through the API, not on this page."
	default:
		c.Choices = v.choices(m.Type, m.Values, cfg)
		c.choose(values, m.Values)
		c.None = !m.Required && !hasDefault(m.Values)
	}
	return c
}

// hasDefault reports whether the cart takes a value when none is chosen, so
// that choosing nothing cannot be offered (spec/01 §4).
func hasDefault(values []catalog.OptionValue) bool {
	for i := range values {
		if values[i].Default {
			return true
		}
	}
	return false
}

func (v *visit) checkbox(c *control, m *catalog.Modifier, values url.Values) {
	c.BoxLabel = m.Config.CheckboxLabel
	if c.BoxLabel == "" {
		c.BoxLabel = m.DisplayName
	}
	c.Value = checkboxValue(m, true)
	for i := range m.Values {
		if state := m.Values[i].Data.Checked; state != nil && *state {
			c.Extra = v.extra(m.Values[i].Adjusters.Price)
		}
	}
	c.Checked = m.Config.CheckedByDefault
	if _, sent := values["sent"]; sent {
		c.Checked = values.Get(c.Name) != ""
	}
}

// checkboxValue returns the id of the value that a checkbox has when it is
// checked or not, or "".
func checkboxValue(m *catalog.Modifier, checked bool) string {
	for i := range m.Values {
		if state := m.Values[i].Data.Checked; state != nil && *state == checked {
			return strconv.FormatInt(m.Values[i].ID, 10)
		}
	}
	return ""
}

func (c *control) textLimits(cfg catalog.Config, lines bool) {
	var rules []string
	if cfg.TextCharactersLimited && cfg.TextMaxLength > 0 {
		c.MaxLength = cfg.TextMaxLength
		if cfg.TextMinLength > 0 {
			rules = append(rules, fmt.Sprintf("%d to %d characters.", cfg.TextMinLength, cfg.TextMaxLength))
		} else {
			rules = append(rules, fmt.Sprintf("At most %d characters.", cfg.TextMaxLength))
		}
	} else if cfg.TextCharactersLimited && cfg.TextMinLength > 0 {
		rules = append(rules, fmt.Sprintf("At least %d characters.", cfg.TextMinLength))
	}
	if lines && cfg.TextLinesLimited {
		rules = append(rules, fmt.Sprintf("At most %d lines.", cfg.TextMaxLines))
	}
	c.Help = strings.Join(rules, " ")
}

func (c *control) numberLimits(cfg catalog.Config) {
	c.Step = "any"
	if cfg.NumberIntegersOnly {
		c.Step = "1"
	}
	if !cfg.NumberLimited {
		return
	}
	if cfg.NumberLimitMode != "highest" {
		c.Min = cfg.NumberLowest.String()
	}
	if cfg.NumberLimitMode != "lowest" {
		c.Max = cfg.NumberHighest.String()
	}
	c.Help = rangeText(c.Min, c.Max)
}

func (c *control) dateLimits(cfg catalog.Config) {
	c.Value = day(c.Value)
	if !cfg.DateLimited {
		return
	}
	if cfg.DateLimitMode != "latest" {
		c.Min = day(cfg.DateEarliest)
	}
	if cfg.DateLimitMode != "earliest" {
		c.Max = day(cfg.DateLatest)
	}
	c.Help = rangeText(shownDay(c.Min), shownDay(c.Max))
}

// shownDay writes a day the way the cart does.
func shownDay(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Format("Jan 2, 2006")
	}
	return s
}

// day cuts a date and time down to YYYY-MM-DD.
func day(s string) string { return s[:min(len(s), len(time.DateOnly))] }

func rangeText(low, high string) string {
	switch {
	case low != "" && high != "":
		return "From " + low + " to " + high + "."
	case low != "":
		return "From " + low + "."
	case high != "":
		return "Up to " + high + "."
	}
	return ""
}
