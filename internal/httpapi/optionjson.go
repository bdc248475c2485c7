package httpapi

import (
	"cartwright/internal/catalog"
)

type optionValueJSON struct {
	ID        int64          `json:"id"`
	Label     string         `json:"label"`
	SortOrder int64          `json:"sort_order"`
	ValueData *valueDataJSON `json:"value_data"`
	IsDefault bool           `json:"is_default"`
}

// valueDataJSON shows what counts for the type of the value; nil for the types
// that need nothing beside a label.
type valueDataJSON struct {
	ProductID int64    `json:"product_id,omitempty"`
	Colors    []string `json:"colors,omitempty"`
	ImageURL  string   `json:"image_url,omitempty"`
	Checked   *bool    `json:"checked_value,omitempty"`
}

func valueDataOf(d catalog.ValueData) *valueDataJSON {
	if d.Checked == nil && d.ProductID == 0 && len(d.Colors) == 0 && d.ImageURL == "" {
		return nil
	}
	return &valueDataJSON{d.ProductID, d.Colors, d.ImageURL, d.Checked}
}

func optionValueOf(v *catalog.OptionValue) optionValueJSON {
	return optionValueJSON{v.ID, v.Label, v.SortOrder, valueDataOf(v.Data), v.Default}
}

type optionJSON struct {
	ID           int64             `json:"id"`
	ProductID    int64             `json:"product_id"`
	Name         string            `json:"name"`
	DisplayName  string            `json:"display_name"`
	Type         string            `json:"type"`
	Config       map[string]any    `json:"config"`
	SortOrder    int64             `json:"sort_order"`
	OptionValues []optionValueJSON `json:"option_values"`
}

func optionOf(p *catalog.Product, o *catalog.Option) optionJSON {
	return optionJSON{
		ID: o.ID, ProductID: p.ID, Name: nameOf(o.Name, o.DisplayName), DisplayName: o.DisplayName, Type: o.Type,
		Config: configOf(o.Type, o.Config), SortOrder: o.SortOrder, OptionValues: mapped(o.Values, optionValueOf),
	}
}

func nameOf(name, displayName string) string {
	if name == "" {
		return displayName
	}
	return name
}

type adjustersJSON struct {
	Price              *catalog.Adjuster `json:"price"`
	Weight             *catalog.Adjuster `json:"weight"`
	ImageURL           string            `json:"image_url"`
	PurchasingDisabled struct {
		Status  bool   `json:"status"`
		Message string `json:"message"`
	} `json:"purchasing_disabled"`
}

type modifierValueJSON struct {
	ID        int64          `json:"id"`
	OptionID  int64          `json:"option_id"`
	Label     string         `json:"label"`
	SortOrder int64          `json:"sort_order"`
	ValueData *valueDataJSON `json:"value_data"`
	IsDefault bool           `json:"is_default"`
	Adjusters adjustersJSON  `json:"adjusters"`
}

func modifierValueOf(m *catalog.Modifier, v *catalog.OptionValue) modifierValueJSON {
	j := modifierValueJSON{
		ID: v.ID, OptionID: m.ID, Label: v.Label, SortOrder: v.SortOrder,
		ValueData: valueDataOf(v.Data), IsDefault: m.IsDefault(v),
		Adjusters: adjustersJSON{Price: v.Adjusters.Price, Weight: v.Adjusters.Weight, ImageURL: v.Adjusters.ImageURL},
	}
	j.Adjusters.PurchasingDisabled.Status = v.Adjusters.PurchasingDisabled
	j.Adjusters.PurchasingDisabled.Message = v.Adjusters.PurchasingDisabledMessage
	return j
}

type modifierJSON struct {
	ID           int64               `json:"id"`
	ProductID    int64               `json:"product_id"`
	Name         string              `json:"name"`
	DisplayName  string              `json:"display_name"`
	Type         string              `json:"type"`
	Required     bool                `json:"required"`
	Config       map[string]any      `json:"config"`
	SortOrder    int64               `json:"sort_order"`
	OptionValues []modifierValueJSON `json:"option_values"`
}

func modifierOf(p *catalog.Product, m *catalog.Modifier) modifierJSON {
	return modifierJSON{
		ID: m.ID, ProductID: p.ID, Name: nameOf(m.Name, m.DisplayName), DisplayName: m.DisplayName, Type: m.Type,
		Required: m.Required, Config: configOf(m.Type, m.Config), SortOrder: m.SortOrder,
		OptionValues: mapped(m.Values, func(v *catalog.OptionValue) modifierValueJSON { return modifierValueOf(m, v) }),
	}
}

// configOf shows the properties of a configuration that count for a type
// (table in spec/05 §8.1).
func configOf(kind string, c catalog.Config) map[string]any {
	switch kind {
	case catalog.Date:
		return map[string]any{
			"default_value": orNull(c.DefaultValue), "date_limited": c.DateLimited, "date_limit_mode": c.DateLimitMode,
			"date_earliest_value": orNull(c.DateEarliest), "date_latest_value": orNull(c.DateLatest),
		}
	case catalog.Checkbox:
		return map[string]any{"checked_by_default": c.CheckedByDefault, "checkbox_label": c.CheckboxLabel}
	case catalog.File:
		return map[string]any{
			"file_types_mode": c.FileTypesMode, "file_types_supported": texts(c.FileTypesSupported),
			"file_types_other": texts(c.FileTypesOther), "file_max_size": c.FileMaxSize,
		}
	case catalog.Text, catalog.MultiLineText:
		out := map[string]any{
			"default_value": c.DefaultValue, "text_characters_limited": c.TextCharactersLimited,
			"text_min_length": c.TextMinLength, "text_max_length": c.TextMaxLength,
		}
		if kind == catalog.MultiLineText {
			out["text_lines_limited"], out["text_max_lines"] = c.TextLinesLimited, c.TextMaxLines
		}
		return out
	case catalog.NumbersOnly:
		return map[string]any{
			"default_value": c.DefaultValue, "number_limited": c.NumberLimited, "number_limit_mode": c.NumberLimitMode,
			"number_lowest_value": c.NumberLowest, "number_highest_value": c.NumberHighest,
			"number_integers_only": c.NumberIntegersOnly,
		}
	case catalog.PickList, catalog.PickListImages:
		return map[string]any{
			"product_list_adjusts_inventory": c.ListAdjustsInventory, "product_list_adjusts_pricing": c.ListAdjustsPricing,
			"product_list_shipping_calc": nameOf(c.ListShippingCalc, "none"),
		}
	}
	return map[string]any{}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
