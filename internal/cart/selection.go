package cart

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// String writes the value as it would stand in an error.
func (in OptionInput) String() string {
	switch in.Kind {
	case InputBool:
		return strconv.FormatBool(in.Bool)
	case InputObject:
		return "{…}"
	}
	if utf8.RuneCountInString(in.Text) > 40 {
		return string([]rune(in.Text)[:40]) + "…"
	}
	return in.Text
}

// resolveSelections checks the choices of a request against a product and
// returns them as the line keeps them: first the variant's own options, then
// the modifiers in the product's order (spec/01 §4).
func resolveSelections(p *catalog.Product, v *catalog.Variant, choices []Choice) ([]Selection, error) {
	byOption := make(map[int64]Choice, len(choices))
	for _, ch := range choices {
		if p.Option(ch.OptionID) == nil && p.Modifier(ch.OptionID) == nil {
			return nil, required("option_selections", fmt.Sprintf("Option %d does not belong to this product", ch.OptionID))
		}
		byOption[ch.OptionID] = ch
	}
	var out []Selection
	for _, ov := range v.OptionValues {
		o := p.Option(ov.OptionID)
		if o == nil {
			continue
		}
		sel := Selection{OptionID: o.ID, ValueID: ov.ValueID, Variant: true, Name: o.DisplayName}
		if value := o.Value(ov.ValueID); value != nil {
			sel.Value = value.Label
		}
		out = append(out, named(sel, byOption[o.ID]))
	}
	for i := range p.Modifiers {
		m := &p.Modifiers[i]
		ch, given := byOption[m.ID]
		sel, chosen, err := resolveModifier(m, ch, given)
		if err != nil {
			return nil, err
		}
		if chosen {
			sel.OptionID, sel.Name = m.ID, m.DisplayName
			out = append(out, named(sel, ch))
		}
	}
	return out, nil
}

func named(sel Selection, ch Choice) Selection {
	if ch.NameSet != "" {
		sel.Name = ch.NameSet
	}
	if ch.ValueSet != "" {
		sel.Value = ch.ValueSet
	}
	return sel
}

// resolveModifier returns the selection of one modifier; chosen is false when
// it is left out.
func resolveModifier(m *catalog.Modifier, ch Choice, given bool) (sel Selection, chosen bool, err error) {
	if catalog.IsChoice(m.Type) {
		return resolveChosen(m, ch, given)
	}
	if !given || ch.Value.Kind == InputNone || (ch.Value.Kind == InputText && ch.Value.Text == "") {
		if m.Required {
			return Selection{}, false, missingModifier(m)
		}
		return Selection{}, false, nil
	}
	switch m.Type {
	case catalog.Text, catalog.MultiLineText:
		sel, err = textValue(m, ch)
	case catalog.NumbersOnly:
		sel, err = numberValue(m, ch)
	case catalog.Date:
		sel, err = dateValue(m, ch)
	case catalog.File:
		sel, err = fileValue(m, ch)
	default:
		err = badValue(ch)
	}
	return sel, err == nil, err
}

// resolveChosen handles the modifiers whose values are a list. A modifier that
// was left out takes its default value, if it has one.
func resolveChosen(m *catalog.Modifier, ch Choice, given bool) (Selection, bool, error) {
	var value *catalog.OptionValue
	if given && ch.Value.Kind != InputNone {
		if value = chooseValue(m.Values, ch.Value); value == nil {
			return Selection{}, false, badValue(ch)
		}
	} else {
		value = defaultValue(m)
	}
	switch {
	case m.Type == catalog.Checkbox && m.Required && (value == nil || !isChecked(value)):
		return Selection{}, false, fault.Newf(fault.Invalid, "Please check the %s option.", m.DisplayName)
	case value == nil && m.Required:
		return Selection{}, false, missingModifier(m)
	case value == nil:
		return Selection{}, false, nil
	}
	return Selection{ValueID: value.ID, Value: value.Label}, true, nil
}

func missingModifier(m *catalog.Modifier) error {
	switch m.Type {
	case catalog.Text, catalog.MultiLineText, catalog.NumbersOnly:
		return fault.Newf(fault.Invalid, "Please enter some text for the %s option.", m.DisplayName)
	}
	return fault.Newf(fault.Invalid, "Please choose an option for the %s option.", m.DisplayName)
}

// chooseValue finds the value that the client means: by id, or, for a
// checkbox, by its state or label.
func chooseValue(values []catalog.OptionValue, in OptionInput) *catalog.OptionValue {
	if in.Kind == InputBool {
		for i := range values {
			if c := values[i].Data.Checked; c != nil && *c == in.Bool {
				return &values[i]
			}
		}
		return nil
	}
	if id, err := strconv.ParseInt(strings.TrimSpace(in.Text), 10, 64); err == nil {
		for i := range values {
			if values[i].ID == id {
				return &values[i]
			}
		}
	}
	if in.Kind != InputText {
		return nil
	}
	for i := range values {
		if values[i].Data.Checked != nil && strings.EqualFold(values[i].Label, in.Text) {
			return &values[i]
		}
	}
	return nil
}

func defaultValue(m *catalog.Modifier) *catalog.OptionValue {
	for i := range m.Values {
		v := &m.Values[i]
		if m.Type == catalog.Checkbox {
			if m.Config.CheckedByDefault && isChecked(v) {
				return v
			}
		} else if v.Default {
			return v
		}
	}
	return nil
}

func isChecked(v *catalog.OptionValue) bool { return v.Data.Checked != nil && *v.Data.Checked }

// maxTyped bounds a typed value in characters, whatever the merchant allows.
const maxTyped = 65_535

// unprintable reports control characters that no text has use for.
func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// keptChoices returns the modifier selections of a line that a request does
// not name, as the choices that led to them.
func keptChoices(p *catalog.Product, l *Line, named []Choice) []Choice {
	var kept []Choice
	for _, sel := range l.Selections {
		again := slices.ContainsFunc(named, func(ch Choice) bool { return ch.OptionID == sel.OptionID })
		if again || sel.Variant || p.Modifier(sel.OptionID) == nil {
			continue
		}
		ch := Choice{OptionID: sel.OptionID, NameSet: sel.Name, ValueSet: sel.Value, Value: OptionInput{Kind: InputText, Text: sel.Input}}
		switch {
		case sel.ValueID != 0:
			ch.Value.Text = strconv.FormatInt(sel.ValueID, 10)
		case sel.Path != "":
			ch.Value = OptionInput{Kind: InputObject, Fields: map[string]string{"originalName": sel.Input, "temporaryPath": sel.Path}}
		}
		kept = append(kept, ch)
	}
	return kept
}

func textValue(m *catalog.Modifier, ch Choice) (Selection, error) {
	if ch.Value.Kind != InputText && ch.Value.Kind != InputNumber {
		return Selection{}, badValue(ch)
	}
	text := strings.ReplaceAll(ch.Value.Text, "\r\n", "\n")
	if utf8.RuneCountInString(text) > maxTyped || !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		return Selection{}, badValue(ch)
	}
	if cfg := m.Config; cfg.TextCharactersLimited {
		n := int64(utf8.RuneCountInString(text))
		if n < cfg.TextMinLength || (cfg.TextMaxLength > 0 && n > cfg.TextMaxLength) {
			return Selection{}, fault.Newf(fault.Invalid, "The %s option must be between %d and %d characters.",
				m.DisplayName, cfg.TextMinLength, cfg.TextMaxLength)
		}
	}
	if m.Type == catalog.MultiLineText && m.Config.TextLinesLimited &&
		int64(strings.Count(text, "\n")+1) > m.Config.TextMaxLines {
		return Selection{}, fault.Newf(fault.Invalid, "The %s option can have at most %d lines.", m.DisplayName, m.Config.TextMaxLines)
	}
	return Selection{Input: text, Value: text}, nil
}

func numberValue(m *catalog.Modifier, ch Choice) (Selection, error) {
	mustBe := func(what string) error {
		return fault.Newf(fault.Invalid, "The %s option must be %s.", m.DisplayName, what)
	}
	if ch.Value.Kind != InputText && ch.Value.Kind != InputNumber {
		return Selection{}, mustBe("a number")
	}
	n, err := money.Parse(strings.TrimSpace(ch.Value.Text))
	if err != nil {
		return Selection{}, mustBe("a number")
	}
	cfg := m.Config
	if cfg.NumberIntegersOnly && n%money.Unit != 0 {
		return Selection{}, mustBe("a whole number")
	}
	if cfg.NumberLimited {
		tooLow, tooHigh := n < cfg.NumberLowest, n > cfg.NumberHighest
		switch {
		case cfg.NumberLimitMode == "lowest" && tooLow:
			return Selection{}, mustBe(cfg.NumberLowest.String() + " or more")
		case cfg.NumberLimitMode == "highest" && tooHigh:
			return Selection{}, mustBe(cfg.NumberHighest.String() + " or less")
		case cfg.NumberLimitMode == "range" && (tooLow || tooHigh):
			return Selection{}, mustBe("between " + cfg.NumberLowest.String() + " and " + cfg.NumberHighest.String())
		}
	}
	return Selection{Input: n.String(), Value: n.String()}, nil
}

// shownDate is the form in which a date stands in a cart (spec/01 §4, Q11).
const shownDate = "Jan 2, 2006"

func dateValue(m *catalog.Modifier, ch Choice) (Selection, error) {
	mustBe := func(what string) error {
		return fault.Newf(fault.Invalid, "The %s option must be %s.", m.DisplayName, what)
	}
	day, ok := parseDate(ch.Value)
	if !ok {
		return Selection{}, mustBe("a valid date")
	}
	cfg := m.Config
	if cfg.DateLimited {
		earliest, hasEarliest := configDate(cfg.DateEarliest)
		latest, hasLatest := configDate(cfg.DateLatest)
		tooEarly := hasEarliest && day.Before(earliest) && cfg.DateLimitMode != "latest"
		tooLate := hasLatest && day.After(latest) && cfg.DateLimitMode != "earliest"
		switch {
		case tooEarly && cfg.DateLimitMode == "range" || tooLate && cfg.DateLimitMode == "range":
			return Selection{}, mustBe("between " + earliest.Format(shownDate) + " and " + latest.Format(shownDate))
		case tooEarly:
			return Selection{}, mustBe("on or after " + earliest.Format(shownDate))
		case tooLate:
			return Selection{}, mustBe("on or before " + latest.Format(shownDate))
		}
	}
	return Selection{Input: day.Format(time.DateOnly), Value: day.Format(shownDate)}, nil
}

// parseDate reads the forms of spec/01 §4: Unix seconds, an object with day,
// month and year, that object as text, and ISO dates.
func parseDate(in OptionInput) (time.Time, bool) {
	text := strings.TrimSpace(in.Text)
	if in.Kind == InputObject {
		return dateOf(in.Fields)
	}
	if in.Kind != InputText && in.Kind != InputNumber {
		return time.Time{}, false
	}
	if secs, err := strconv.ParseInt(text, 10, 64); err == nil {
		if secs < -62135596800 || secs > 253402300799 { // the years 1 to 9999
			return time.Time{}, false
		}
		return midnight(time.Unix(secs, 0)), true
	}
	if strings.HasPrefix(text, "{") {
		var raw map[string]any
		if json.Unmarshal([]byte(text), &raw) != nil {
			return time.Time{}, false
		}
		fields := make(map[string]string, len(raw))
		for k, v := range raw {
			fields[k] = fmt.Sprint(v)
		}
		return dateOf(fields)
	}
	return configDate(text)
}

// configDate reads YYYY-MM-DD with anything behind it.
func configDate(s string) (time.Time, bool) {
	if len(s) < len(time.DateOnly) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	return t, err == nil
}

func dateOf(f map[string]string) (time.Time, bool) {
	d, errD := strconv.Atoi(f["day"])
	m, errM := strconv.Atoi(f["month"])
	y, errY := strconv.Atoi(f["year"])
	if errD != nil || errM != nil || errY != nil || y < 1 || y > 9999 || m < 1 || m > 12 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d && t.Month() == time.Month(m)
}

func midnight(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func fileValue(m *catalog.Modifier, ch Choice) (Selection, error) {
	name, path := ch.Value.Fields["originalName"], ch.Value.Fields["temporaryPath"]
	if ch.Value.Kind != InputObject || name == "" || path == "" {
		return Selection{}, fault.Newf(fault.Invalid, "The file for the %s option needs originalName and temporaryPath.", m.DisplayName)
	}
	if m.Config.FileTypesMode == "specific" && !fileTypeAllowed(m.Config, name) {
		return Selection{}, fault.Newf(fault.Invalid, "The file for the %s option has a type that is not allowed.", m.DisplayName)
	}
	return Selection{Input: name, Path: path, Value: name}, nil
}

var fileTypes = map[string][]string{
	"images":    {"bmp", "gif", "jpg", "jpeg", "jpe", "jif", "jfif", "jfi", "png", "svg", "tif", "tiff", "wbmp", "webp", "xbm", "heic", "psd", "ai"},
	"documents": {"txt", "pdf", "rtf", "doc", "docx", "xls", "xlsx", "accdb", "mdb", "one", "pps", "ppsx", "ppt", "pptx", "pub", "odt", "ods", "odp", "odg", "odf", "csv"},
}

func fileTypeAllowed(cfg catalog.Config, name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return false
	}
	ext := strings.ToLower(name[dot+1:])
	for _, group := range cfg.FileTypesSupported {
		allowed := fileTypes[group]
		if group == "other" {
			allowed = cfg.FileTypesOther
		}
		for _, a := range allowed {
			if strings.EqualFold(strings.TrimPrefix(a, "."), ext) {
				return true
			}
		}
	}
	return false
}
