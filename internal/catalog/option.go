package catalog

import "cartwright/internal/money"

// The types of options and modifiers (spec/05 §8.1).
const (
	RadioButtons   = "radio_buttons"
	Rectangles     = "rectangles"
	Dropdown       = "dropdown"
	Swatch         = "swatch"
	PickList       = "product_list"
	PickListImages = "product_list_with_images"
	Checkbox       = "checkbox"
	Text           = "text"
	MultiLineText  = "multi_line_text"
	NumbersOnly    = "numbers_only_text"
	Date           = "date"
	File           = "file"
)

// Option is a variant option: each of its values leads to another variant.
// Options and modifiers of a store share one sequence of ids.
type Option struct {
	ID          int64  `json:"id"`
	Name        string `json:"name,omitempty"`
	DisplayName string `json:"display_name"`
	Type        string `json:"type"`
	SortOrder   int64  `json:"sort_order,omitempty"`
	// Config only counts for lists of products.
	Config Config        `json:"config"`
	Values []OptionValue `json:"option_values"`
}

// Modifier is a choice that does not make another variant: an engraving, a
// gift box, a date.
type Modifier struct {
	ID          int64         `json:"id"`
	Name        string        `json:"name,omitempty"`
	DisplayName string        `json:"display_name"`
	Type        string        `json:"type"`
	Required    bool          `json:"required"`
	SortOrder   int64         `json:"sort_order,omitempty"`
	Config      Config        `json:"config"`
	Values      []OptionValue `json:"option_values,omitempty"`
}

// OptionValue is one choice of an option or a modifier.
type OptionValue struct {
	ID        int64     `json:"id"`
	Label     string    `json:"label"`
	SortOrder int64     `json:"sort_order,omitempty"`
	Default   bool      `json:"is_default,omitempty"`
	Data      ValueData `json:"value_data"`
	// Adjusters only work on modifiers.
	Adjusters Adjusters `json:"adjusters"`
}

// ValueData says what a value stands for, depending on the type: the checked
// state of a checkbox, the product of a pick list, colours or an image of a
// swatch.
type ValueData struct {
	Checked   *bool    `json:"checked_value,omitempty"`
	ProductID int64    `json:"product_id,omitempty"`
	Colors    []string `json:"colors,omitempty"`
	ImageURL  string   `json:"image_url,omitempty"`
}

// Adjusters say what choosing a modifier's value changes.
type Adjusters struct {
	Price                     *Adjuster `json:"price,omitempty"`
	Weight                    *Adjuster `json:"weight,omitempty"`
	ImageURL                  string    `json:"image_url,omitempty"`
	PurchasingDisabled        bool      `json:"purchasing_disabled,omitempty"`
	PurchasingDisabledMessage string    `json:"purchasing_disabled_message,omitempty"`
}

// The values of Adjuster.Kind.
const (
	Relative   = "relative"
	Percentage = "percentage"
)

// Adjuster adds Value, or Value per cent of the variant's price.
type Adjuster struct {
	Kind  string       `json:"adjuster"`
	Value money.Amount `json:"adjuster_value"`
}

// Config is the configuration of a modifier; which fields count depends on the
// type (table in spec/05 §8.1). The field names are the vendor's.
type Config struct {
	DefaultValue     string `json:"default_value,omitempty"`
	CheckedByDefault bool   `json:"checked_by_default,omitempty"`
	CheckboxLabel    string `json:"checkbox_label,omitempty"`

	DateLimited   bool   `json:"date_limited,omitempty"`
	DateLimitMode string `json:"date_limit_mode,omitempty"` // earliest, range, latest
	DateEarliest  string `json:"date_earliest_value,omitempty"`
	DateLatest    string `json:"date_latest_value,omitempty"`

	FileTypesMode      string   `json:"file_types_mode,omitempty"` // specific, all
	FileTypesSupported []string `json:"file_types_supported,omitempty"`
	FileTypesOther     []string `json:"file_types_other,omitempty"`
	FileMaxSize        int64    `json:"file_max_size,omitempty"` // kilobytes

	TextCharactersLimited bool  `json:"text_characters_limited,omitempty"`
	TextMinLength         int64 `json:"text_min_length,omitempty"`
	TextMaxLength         int64 `json:"text_max_length,omitempty"`
	TextLinesLimited      bool  `json:"text_lines_limited,omitempty"`
	TextMaxLines          int64 `json:"text_max_lines,omitempty"`

	NumberLimited      bool         `json:"number_limited,omitempty"`
	NumberLimitMode    string       `json:"number_limit_mode,omitempty"` // lowest, highest, range
	NumberLowest       money.Amount `json:"number_lowest_value,omitempty"`
	NumberHighest      money.Amount `json:"number_highest_value,omitempty"`
	NumberIntegersOnly bool         `json:"number_integers_only,omitempty"`

	ListAdjustsInventory bool   `json:"product_list_adjusts_inventory,omitempty"`
	ListAdjustsPricing   bool   `json:"product_list_adjusts_pricing,omitempty"`
	ListShippingCalc     string `json:"product_list_shipping_calc,omitempty"` // none, weight, package
}

// Value returns the value with this id, or nil.
func (o *Option) Value(id int64) *OptionValue { return findValue(o.Values, id) }

// Value returns the value with this id, or nil.
func (m *Modifier) Value(id int64) *OptionValue { return findValue(m.Values, id) }

func findValue(values []OptionValue, id int64) *OptionValue {
	for i := range values {
		if values[i].ID == id {
			return &values[i]
		}
	}
	return nil
}

// IsChoice reports whether a value of this type is chosen from a list.
func IsChoice(kind string) bool {
	switch kind {
	case RadioButtons, Rectangles, Dropdown, Swatch, PickList, PickListImages, Checkbox:
		return true
	}
	return false
}

// IsPickList reports whether the values of this type are other products.
func IsPickList(kind string) bool { return kind == PickList || kind == PickListImages }
