package httpapi

import (
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

func readOption(v value) catalog.OptionInput {
	v.object()
	return catalog.OptionInput{
		DisplayName: said(v, "display_name", longText),
		Type:        said(v, "type", longText),
		SortOrder:   said(v, "sort_order", wholeNumber),
		Config:      readConfig(v.get("config").object()),
		Values:      said(v, "option_values", readValues),
	}
}

func readModifier(v value) catalog.ModifierInput {
	v.object()
	return catalog.ModifierInput{
		DisplayName: said(v, "display_name", longText),
		Type:        said(v, "type", longText),
		Required:    said(v, "required", value.bool),
		SortOrder:   said(v, "sort_order", wholeNumber),
		Config:      readConfig(v.get("config").object()),
		Values:      said(v, "option_values", readValues),
	}
}

// readValues reads values that come along with their option. Those with an id
// are there already; the others need a label.
func readValues(v value) []catalog.ValueInput {
	return each(v, func(v value) catalog.ValueInput {
		in := readValue(v)
		if in.ID = v.get("id").int(1, maxInt); in.ID == 0 {
			v.get("label").required()
		}
		return in
	})
}

func readValue(v value) catalog.ValueInput {
	v.object()
	return catalog.ValueInput{
		Label:     said(v, "label", longText),
		SortOrder: said(v, "sort_order", wholeNumber),
		Default:   said(v, "is_default", value.bool),
		Data:      said(v, "value_data", readValueData),
		Adjusters: readAdjusters(v.get("adjusters").object()),
	}
}

func readValueData(v value) catalog.ValueData {
	v.object()
	return catalog.ValueData{
		Checked:   optional(v.get("checked_value"), value.bool),
		ProductID: v.get("product_id").int(1, maxInt),
		Colors:    said(v, "colors", textList).Value,
		ImageURL:  v.get("image_url").text(0, maxBodyText),
	}
}

func readAdjusters(v value) catalog.AdjustersInput {
	disabled := v.get("purchasing_disabled").object()
	return catalog.AdjustersInput{
		Price:                     cleared(v, "price", readAdjuster),
		Weight:                    cleared(v, "weight", readAdjuster),
		ImageURL:                  cleared(v, "image_url", longText),
		PurchasingDisabled:        said(disabled, "status", value.bool),
		PurchasingDisabledMessage: cleared(disabled, "message", longText),
	}
}

// readAdjuster reads an adjuster. The vendor writes "no adjuster" as null or
// as an object whose adjuster is null.
func readAdjuster(v value) *catalog.Adjuster {
	v.object()
	kind, amount := v.get("adjuster"), v.get("adjuster_value")
	if kind.null() && (amount.null() || v.null()) {
		return nil
	}
	return &catalog.Adjuster{Kind: kind.required().text(0, 50), Value: amount.required().decimal()}
}

// readConfig reads the configuration of a modifier; which properties count
// depends on the type.
func readConfig(v value) catalog.ConfigInput {
	return catalog.ConfigInput{
		DefaultValue:     cleared(v, "default_value", defaultText),
		CheckedByDefault: said(v, "checked_by_default", value.bool),
		CheckboxLabel:    cleared(v, "checkbox_label", longText),

		DateLimited:   said(v, "date_limited", value.bool),
		DateLimitMode: said(v, "date_limit_mode", longText),
		DateEarliest:  cleared(v, "date_earliest_value", longText),
		DateLatest:    cleared(v, "date_latest_value", longText),

		FileTypesMode:      said(v, "file_types_mode", longText),
		FileTypesSupported: said(v, "file_types_supported", textList),
		FileTypesOther:     said(v, "file_types_other", textList),
		FileMaxSize:        cleared(v, "file_max_size", wholeNumber),

		TextCharactersLimited: said(v, "text_characters_limited", value.bool),
		TextMinLength:         cleared(v, "text_min_length", wholeNumber),
		TextMaxLength:         cleared(v, "text_max_length", wholeNumber),
		TextLinesLimited:      said(v, "text_lines_limited", value.bool),
		TextMaxLines:          cleared(v, "text_max_lines", wholeNumber),

		NumberLimited:      said(v, "number_limited", value.bool),
		NumberLimitMode:    said(v, "number_limit_mode", longText),
		NumberLowest:       cleared(v, "number_lowest_value", value.decimal),
		NumberHighest:      cleared(v, "number_highest_value", value.decimal),
		NumberIntegersOnly: said(v, "number_integers_only", value.bool),

		ListAdjustsInventory: said(v, "product_list_adjusts_inventory", value.bool),
		ListAdjustsPricing:   said(v, "product_list_adjusts_pricing", value.bool),
		ListShippingCalc:     said(v, "product_list_shipping_calc", longText),
	}
}

// defaultText reads a default value: text, or a number as its digits.
func defaultText(v value) string {
	if _, isText := v.raw.(string); isText || v.null() {
		return v.text(0, maxBodyText)
	}
	digits, ok := v.digits()
	if !ok {
		v.fail(fault.ExpectedString)
	}
	return digits
}
