package catalog

import "cartwright/internal/money"

// Field is one field of an input. A field that is not Given was not spoken of:
// an update leaves what is there, a creation takes the default.
type Field[T any] struct {
	Given bool
	Value T
}

// Set returns a field that is given.
func Set[T any](v T) Field[T] { return Field[T]{Given: true, Value: v} }

// into writes the field to its place, if it is given.
func (f Field[T]) into(place *T) {
	if f.Given {
		*place = f.Value
	}
}

// ProductInput is what a creation, an update or an import says about a
// product. The fields are those of Product.
type ProductInput struct {
	Name        Field[string]
	SKU         Field[string]
	Type        Field[string]
	Description Field[string]

	Price       Field[money.Amount]
	SalePrice   Field[money.Amount]
	RetailPrice Field[money.Amount]
	CostPrice   Field[money.Amount]
	MapPrice    Field[money.Amount]
	TaxClassID  Field[int64]

	Weight Field[Measure]
	Width  Field[Measure]
	Height Field[Measure]
	Depth  Field[Measure]

	Visible                 Field[bool]
	Featured                Field[bool]
	FreeShipping            Field[bool]
	SortOrder               Field[int64]
	Condition               Field[string]
	Availability            Field[string]
	AvailabilityDescription Field[string]
	SearchKeywords          Field[string]
	UPC                     Field[string]
	GTIN                    Field[string]
	MPN                     Field[string]

	InventoryTracking     Field[string]
	InventoryLevel        Field[int64]
	InventoryWarningLevel Field[int64]
	OrderQuantityMinimum  Field[int64]
	OrderQuantityMaximum  Field[int64]

	GiftWrapping     Field[string]
	GiftWrappingList Field[[]int64]

	BrandID Field[int64]
	// BrandName stands for BrandID; a brand of this name is made if there is
	// none. "" means no brand.
	BrandName  Field[string]
	Categories Field[[]int64]
	// CategoryPaths stands for Categories: each is the way from the top, such
	// as {"Lighting", "Desk lamps"}. What is missing on the way is made.
	CategoryPaths Field[[][]string]
	// URL is the path of the product page. Without it the server makes one from
	// the name. An import finds the product it is about by it.
	URL Field[string]

	Images       Field[[]ImageInput]
	CustomFields Field[[]CustomFieldInput]
	// Options describes the options that Variants mention, and their values: type,
	// order, colours, default. An option that only Variants mention is a dropdown.
	Options   Field[[]OptionInput]
	Modifiers Field[[]ModifierInput]
	Variants  Field[[]VariantInput]
}

// VariantInput is what is said about a variant. A nil price or weight returns
// to that of the product.
type VariantInput struct {
	// Labels says which values the variant stands for, by name, where it comes
	// along with its product. Options and values that do not exist are made.
	Labels []ValueLabel
	// Values says it by ids, where the variant is made on its own.
	Values []VariantValue

	SKU         Field[string]
	Price       Field[*money.Amount]
	SalePrice   Field[*money.Amount]
	RetailPrice Field[*money.Amount]
	CostPrice   Field[*money.Amount]
	MapPrice    Field[*money.Amount]
	Weight      Field[*Measure]
	UPC         Field[string]
	GTIN        Field[string]
	MPN         Field[string]
	BinPicking  Field[string]

	PurchasingDisabled        Field[bool]
	PurchasingDisabledMessage Field[string]
	ImageURL                  Field[string]
	InventoryLevel            Field[int64]
	InventoryWarningLevel     Field[int64]
}

// ValueLabel names one value of an option: {"Size", "M"}.
type ValueLabel struct{ Option, Label string }

// OptionInput is what is said about an option.
type OptionInput struct {
	DisplayName Field[string]
	Type        Field[string]
	SortOrder   Field[int64]
	Config      ConfigInput
	Values      Field[[]ValueInput]
}

// ModifierInput is what is said about a modifier.
type ModifierInput struct {
	DisplayName Field[string]
	Type        Field[string]
	Required    Field[bool]
	SortOrder   Field[int64]
	Config      ConfigInput
	Values      Field[[]ValueInput]
}

// ValueInput is what is said about a value of an option or a modifier.
type ValueInput struct {
	// ID names a value that is there already, where values come along with
	// what they belong to; 0 means a new one.
	ID        int64
	Label     Field[string]
	SortOrder Field[int64]
	Default   Field[bool]
	Data      Field[ValueData]
	Adjusters AdjustersInput // of modifiers only
}

// AdjustersInput is what is said about the adjusters of a value. A nil
// adjuster means none.
type AdjustersInput struct {
	Price                     Field[*Adjuster]
	Weight                    Field[*Adjuster]
	ImageURL                  Field[string]
	PurchasingDisabled        Field[bool]
	PurchasingDisabledMessage Field[string]
}

// ConfigInput is what is said about the configuration of a modifier. The
// fields are those of Config.
type ConfigInput struct {
	DefaultValue     Field[string]
	CheckedByDefault Field[bool]
	CheckboxLabel    Field[string]

	DateLimited   Field[bool]
	DateLimitMode Field[string]
	DateEarliest  Field[string]
	DateLatest    Field[string]

	FileTypesMode      Field[string]
	FileTypesSupported Field[[]string]
	FileTypesOther     Field[[]string]
	FileMaxSize        Field[int64]

	TextCharactersLimited Field[bool]
	TextMinLength         Field[int64]
	TextMaxLength         Field[int64]
	TextLinesLimited      Field[bool]
	TextMaxLines          Field[int64]

	NumberLimited      Field[bool]
	NumberLimitMode    Field[string]
	NumberLowest       Field[money.Amount]
	NumberHighest      Field[money.Amount]
	NumberIntegersOnly Field[bool]

	ListAdjustsInventory Field[bool]
	ListAdjustsPricing   Field[bool]
	ListShippingCalc     Field[string]
}

// ImageInput is what is said about a picture.
type ImageInput struct {
	URL         Field[string]
	Thumbnail   Field[bool]
	SortOrder   Field[int64]
	Description Field[string]
}

// CustomFieldInput is what is said about a custom field.
type CustomFieldInput struct {
	// ID names a field that is there already, where fields come along with
	// their product; 0 means a new one.
	ID    int64
	Name  Field[string]
	Value Field[string]
}

// BrandInput is what is said about a brand.
type BrandInput struct {
	Name Field[string]
	Page PageInput
}

// CategoryInput is what is said about a category.
type CategoryInput struct {
	ParentID    Field[int64]
	Name        Field[string]
	Description Field[string]
	SortOrder   Field[int64]
	Visible     Field[bool]
	Page        PageInput
}

// PageInput is what is said about the page of a brand or a category.
type PageInput struct {
	URL             Field[string]
	Title           Field[string]
	ImageURL        Field[string]
	MetaKeywords    Field[[]string]
	MetaDescription Field[string]
	SearchKeywords  Field[string]
}
