package catalog

import (
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// maxFileSize is the vendor's limit, in kilobytes (spec/05 §8.1).
const maxFileSize = 524_288

// apply writes what is given into a configuration.
func (in ConfigInput) apply(c *Config) {
	in.DefaultValue.into(&c.DefaultValue)
	in.CheckedByDefault.into(&c.CheckedByDefault)
	in.CheckboxLabel.into(&c.CheckboxLabel)
	in.DateLimited.into(&c.DateLimited)
	in.DateLimitMode.into(&c.DateLimitMode)
	in.DateEarliest.into(&c.DateEarliest)
	in.DateLatest.into(&c.DateLatest)
	in.FileTypesMode.into(&c.FileTypesMode)
	in.FileTypesSupported.into(&c.FileTypesSupported)
	in.FileTypesOther.into(&c.FileTypesOther)
	in.FileMaxSize.into(&c.FileMaxSize)
	in.TextCharactersLimited.into(&c.TextCharactersLimited)
	in.TextMinLength.into(&c.TextMinLength)
	in.TextMaxLength.into(&c.TextMaxLength)
	in.TextLinesLimited.into(&c.TextLinesLimited)
	in.TextMaxLines.into(&c.TextMaxLines)
	in.NumberLimited.into(&c.NumberLimited)
	in.NumberLimitMode.into(&c.NumberLimitMode)
	in.NumberLowest.into(&c.NumberLowest)
	in.NumberHighest.into(&c.NumberHighest)
	in.NumberIntegersOnly.into(&c.NumberIntegersOnly)
	in.ListAdjustsInventory.into(&c.ListAdjustsInventory)
	in.ListAdjustsPricing.into(&c.ListAdjustsPricing)
	in.ListShippingCalc.into(&c.ListShippingCalc)
}

// only returns the fields that count for a type (table in spec/05 §8.1), with
// the modes that hold when nobody chose one.
func (c Config) only(kind string) Config {
	switch kind {
	case Date:
		return Config{DefaultValue: c.DefaultValue, DateLimited: c.DateLimited,
			DateLimitMode: or(c.DateLimitMode, "earliest"), DateEarliest: c.DateEarliest, DateLatest: c.DateLatest}
	case Checkbox:
		return Config{CheckedByDefault: c.CheckedByDefault, CheckboxLabel: c.CheckboxLabel}
	case File:
		return Config{FileTypesMode: or(c.FileTypesMode, "all"), FileTypesSupported: c.FileTypesSupported,
			FileTypesOther: c.FileTypesOther, FileMaxSize: c.FileMaxSize}
	case Text, MultiLineText:
		out := Config{DefaultValue: c.DefaultValue, TextCharactersLimited: c.TextCharactersLimited,
			TextMinLength: c.TextMinLength, TextMaxLength: c.TextMaxLength}
		if kind == MultiLineText {
			out.TextLinesLimited, out.TextMaxLines = c.TextLinesLimited, c.TextMaxLines
		}
		return out
	case NumbersOnly:
		return Config{DefaultValue: c.DefaultValue, NumberLimited: c.NumberLimited,
			NumberLimitMode: or(c.NumberLimitMode, "lowest"), NumberLowest: c.NumberLowest,
			NumberHighest: c.NumberHighest, NumberIntegersOnly: c.NumberIntegersOnly}
	case PickList, PickListImages:
		return Config{ListAdjustsInventory: c.ListAdjustsInventory, ListAdjustsPricing: c.ListAdjustsPricing,
			ListShippingCalc: or(c.ListShippingCalc, "none")}
	}
	return Config{}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// checkConfig checks a configuration against its type.
func (e *edit) checkConfig(path, kind string, c Config) {
	e.text(join(path, "default_value"), c.DefaultValue, 0, 65_535)
	switch kind {
	case Date:
		e.checkDates(path, c)
	case Checkbox:
		e.text(join(path, "checkbox_label"), c.CheckboxLabel, 0, maxShortText)
	case File:
		e.checkFiles(path, c)
	case Text, MultiLineText:
		e.checkTexts(path, c)
	case NumbersOnly:
		e.checkNumbers(path, c)
	case PickList, PickListImages:
		e.oneOf(join(path, "product_list_shipping_calc"), c.ListShippingCalc, "none", "weight", "package")
	}
}

func (e *edit) checkDates(path string, c Config) {
	e.oneOf(join(path, "date_limit_mode"), c.DateLimitMode, "earliest", "range", "latest")
	for name, s := range map[string]string{
		"date_earliest_value": c.DateEarliest, "date_latest_value": c.DateLatest, "default_value": c.DefaultValue,
	} {
		if _, ok := parseDay(s); s != "" && !ok {
			e.fail(join(path, name), fault.ExpectedDate)
		}
	}
	if !c.DateLimited {
		return
	}
	earliest, hasEarliest := parseDay(c.DateEarliest)
	latest, hasLatest := parseDay(c.DateLatest)
	if c.DateLimitMode != "latest" && !hasEarliest {
		e.fail(join(path, "date_earliest_value"), fault.Missing)
	}
	if c.DateLimitMode != "earliest" && !hasLatest {
		e.fail(join(path, "date_latest_value"), fault.Missing)
	}
	if c.DateLimitMode == "range" && hasEarliest && hasLatest && latest.Before(earliest) {
		e.fail(join(path, "date_latest_value"), fault.Min)
	}
}

// parseDay reads YYYY-MM-DD, with a time behind it or not.
func parseDay(s string) (time.Time, bool) {
	if len(s) < len(time.DateOnly) || len(s) > maxShortText {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	rest := s[len(time.DateOnly):]
	return t, err == nil && (rest == "" || rest[0] == 'T' || rest[0] == ' ')
}

func (e *edit) checkFiles(path string, c Config) {
	e.oneOf(join(path, "file_types_mode"), c.FileTypesMode, "specific", "all")
	e.number(join(path, "file_max_size"), c.FileMaxSize, 0, maxFileSize)
	if len(c.FileTypesSupported) > maxValues || len(c.FileTypesOther) > maxValues {
		e.fail(path, fault.MaxLength)
		return
	}
	other := false
	for i, s := range c.FileTypesSupported {
		e.oneOf(at(join(path, "file_types_supported"), i), s, "images", "documents", "other")
		other = other || s == "other"
	}
	for i, s := range c.FileTypesOther {
		e.text(at(join(path, "file_types_other"), i), s, 1, maxShortText)
	}
	if c.FileTypesMode != "specific" {
		return
	}
	if len(c.FileTypesSupported) == 0 {
		e.fail(join(path, "file_types_supported"), fault.Missing)
	}
	if other && len(c.FileTypesOther) == 0 {
		e.fail(join(path, "file_types_other"), fault.Missing)
	}
}

func (e *edit) checkTexts(path string, c Config) {
	e.number(join(path, "text_min_length"), c.TextMinLength, 0, maxLevel)
	e.number(join(path, "text_max_length"), c.TextMaxLength, 0, maxLevel)
	e.number(join(path, "text_max_lines"), c.TextMaxLines, 0, maxLevel)
	if c.TextCharactersLimited && c.TextMaxLength > 0 && c.TextMaxLength < c.TextMinLength {
		e.fail(join(path, "text_max_length"), fault.Min)
	}
	if c.TextLinesLimited && c.TextMaxLines == 0 {
		e.fail(join(path, "text_max_lines"), fault.Min)
	}
}

func (e *edit) checkNumbers(path string, c Config) {
	e.oneOf(join(path, "number_limit_mode"), c.NumberLimitMode, "lowest", "highest", "range")
	e.number(join(path, "number_lowest_value"), int64(c.NumberLowest), -int64(money.Max), int64(money.Max))
	e.number(join(path, "number_highest_value"), int64(c.NumberHighest), -int64(money.Max), int64(money.Max))
	if c.NumberLimited && c.NumberLimitMode == "range" && c.NumberHighest < c.NumberLowest {
		e.fail(join(path, "number_highest_value"), fault.Min)
	}
	if c.DefaultValue != "" {
		if _, err := money.Parse(c.DefaultValue); err != nil {
			e.fail(join(path, "default_value"), fault.ExpectedNumber)
		}
	}
}
