// Package catalog holds what a store sells: products with their variants,
// options and modifiers, and the immutable Snapshot of them that carts read.
//
// A product is one aggregate: its variants, options, modifiers, images and
// custom fields live and are stored with it. Stock levels are the exception:
// they change with every order, so the store keeps them in rows of their own
// and fills them in when it loads a product.
package catalog

import (
	"slices"
	"time"

	"cartwright/internal/money"
)

// The kinds of a product, the values of Product.Type.
const (
	Physical = "physical"
	Digital  = "digital"
)

// The values of Product.Availability.
const (
	Available = "available"
	Disabled  = "disabled"
	Preorder  = "preorder"
)

// The values of Product.InventoryTracking (spec/05 §8.2).
const (
	TrackNone    = "none"
	TrackProduct = "product"
	TrackVariant = "variant"
)

// The values of Product.GiftWrapping.
const (
	WrapAny  = "any"
	WrapNone = "none"
	WrapList = "list"
)

// ConditionNew is the condition of a product that nobody described.
const ConditionNew = "New"

// NonTaxableClass is the tax class of products that no tax falls on.
const NonTaxableClass int64 = 1

// Measure is a weight or a length: a decimal with four exact digits, kept the
// way money is.
type Measure = money.Amount

// Product is one product with everything that belongs to it. Prices are in
// the store's default currency (spec/05 §8.1).
type Product struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	SKU         string `json:"sku,omitempty"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`

	Price       money.Amount `json:"price"`
	SalePrice   money.Amount `json:"sale_price,omitempty"` // 0 means none
	RetailPrice money.Amount `json:"retail_price,omitempty"`
	CostPrice   money.Amount `json:"cost_price,omitempty"`
	MapPrice    money.Amount `json:"map_price,omitempty"`
	TaxClassID  int64        `json:"tax_class_id,omitempty"`

	Weight Measure `json:"weight,omitempty"`
	Width  Measure `json:"width,omitempty"`
	Height Measure `json:"height,omitempty"`
	Depth  Measure `json:"depth,omitempty"`

	Visible      bool   `json:"is_visible"`
	Featured     bool   `json:"is_featured,omitempty"`
	FreeShipping bool   `json:"is_free_shipping,omitempty"`
	SortOrder    int64  `json:"sort_order,omitempty"`
	Condition    string `json:"condition,omitempty"`
	Availability string `json:"availability"`
	// AvailabilityDescription says when it can be had, for people.
	AvailabilityDescription string `json:"availability_description,omitempty"`
	SearchKeywords          string `json:"search_keywords,omitempty"`
	UPC                     string `json:"upc,omitempty"`
	GTIN                    string `json:"gtin,omitempty"`
	MPN                     string `json:"mpn,omitempty"`

	InventoryTracking string `json:"inventory_tracking"`
	// InventoryLevel is what is left when the product itself is tracked. It is
	// not part of the stored document.
	InventoryLevel        int64 `json:"-"`
	InventoryWarningLevel int64 `json:"inventory_warning_level,omitempty"`
	OrderQuantityMinimum  int64 `json:"order_quantity_minimum,omitempty"` // 0 means no limit
	OrderQuantityMaximum  int64 `json:"order_quantity_maximum,omitempty"` // 0 means no limit

	GiftWrapping     string  `json:"gift_wrapping_options_type,omitempty"` // "" means any
	GiftWrappingList []int64 `json:"gift_wrapping_options_list,omitempty"`

	BrandID    int64   `json:"brand_id,omitempty"`
	Categories []int64 `json:"categories,omitempty"`
	// URL is the path of the product page, "/desk-lamp/". It is unique in the store.
	URL string `json:"url"`
	// URLCustomized says that URL was given, not made from the name.
	URLCustomized bool `json:"url_customized,omitempty"`
	// BrandName asks the storage to set BrandID to the brand of this name, which
	// is made if there is none. It is not part of the stored document.
	BrandName string `json:"-"`

	Images       []Image       `json:"images,omitempty"`
	CustomFields []CustomField `json:"custom_fields,omitempty"`
	Options      []Option      `json:"options,omitempty"`
	Modifiers    []Modifier    `json:"modifiers,omitempty"`
	// Variants is never empty: a product without options has one base variant.
	Variants []Variant `json:"variants"`

	Created  time.Time `json:"date_created"`
	Modified time.Time `json:"date_modified"`

	// Revision is the catalog's at which the product was last written. It is not
	// part of the stored document.
	Revision int64 `json:"-"`
}

// Variant is one buyable form of a product. A nil price is inherited from the
// product.
type Variant struct {
	ID          int64         `json:"id"`
	SKU         string        `json:"sku,omitempty"`
	Price       *money.Amount `json:"price,omitempty"`
	SalePrice   *money.Amount `json:"sale_price,omitempty"`
	RetailPrice *money.Amount `json:"retail_price,omitempty"`
	CostPrice   *money.Amount `json:"cost_price,omitempty"`
	MapPrice    *money.Amount `json:"map_price,omitempty"`
	Weight      *Measure      `json:"weight,omitempty"`
	UPC         string        `json:"upc,omitempty"`
	GTIN        string        `json:"gtin,omitempty"`
	MPN         string        `json:"mpn,omitempty"`
	BinPicking  string        `json:"bin_picking_number,omitempty"`

	PurchasingDisabled        bool   `json:"purchasing_disabled,omitempty"`
	PurchasingDisabledMessage string `json:"purchasing_disabled_message,omitempty"`
	ImageURL                  string `json:"image_url,omitempty"`

	// InventoryLevel is what is left when variants are tracked. It is not part
	// of the stored document.
	InventoryLevel        int64 `json:"-"`
	InventoryWarningLevel int64 `json:"inventory_warning_level,omitempty"`

	// OptionValues has one entry for each option of the product, in the order
	// of the options; it is empty for a base variant.
	OptionValues []VariantValue `json:"option_values,omitempty"`
}

// VariantValue says which value of an option a variant stands for.
type VariantValue struct {
	OptionID int64 `json:"option_id"`
	ValueID  int64 `json:"id"`
}

// Image is a picture of a product. Each size is the same address here: the
// server stores addresses, not pictures.
type Image struct {
	ID          int64     `json:"id"`
	URL         string    `json:"url"`
	Thumbnail   bool      `json:"is_thumbnail,omitempty"`
	SortOrder   int64     `json:"sort_order,omitempty"`
	Description string    `json:"description,omitempty"`
	Modified    time.Time `json:"date_modified"`
}

// CustomField is a free name and value on a product; promotions match it.
type CustomField struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Page is what a brand or a category says about its own page.
type Page struct {
	URL             string   `json:"url,omitempty"`
	URLCustomized   bool     `json:"url_customized,omitempty"`
	Title           string   `json:"page_title,omitempty"`
	ImageURL        string   `json:"image_url,omitempty"`
	MetaKeywords    []string `json:"meta_keywords,omitempty"`
	MetaDescription string   `json:"meta_description,omitempty"`
	SearchKeywords  string   `json:"search_keywords,omitempty"`
}

// Brand is a maker that products name.
type Brand struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Page
}

// Category is a shelf that products stand on. ParentID 0 is the top.
type Category struct {
	ID          int64  `json:"id"`
	ParentID    int64  `json:"parent_id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	SortOrder   int64  `json:"sort_order,omitempty"`
	Visible     bool   `json:"is_visible"`
	Page
}

// HasOptions reports whether a buyer must say which variant is meant.
func (p *Product) HasOptions() bool { return len(p.Options) > 0 }

// Variant returns the variant with this id, or nil.
func (p *Product) Variant(id int64) *Variant {
	for i := range p.Variants {
		if p.Variants[i].ID == id {
			return &p.Variants[i]
		}
	}
	return nil
}

// Option returns the variant option with this id, or nil.
func (p *Product) Option(id int64) *Option {
	for i := range p.Options {
		if p.Options[i].ID == id {
			return &p.Options[i]
		}
	}
	return nil
}

// Modifier returns the modifier with this id, or nil.
func (p *Product) Modifier(id int64) *Modifier {
	for i := range p.Modifiers {
		if p.Modifiers[i].ID == id {
			return &p.Modifiers[i]
		}
	}
	return nil
}

// BasePrice returns the default unit price of a variant, without sale.
func (p *Product) BasePrice(v *Variant) money.Amount {
	if v != nil && v.Price != nil {
		return *v.Price
	}
	return p.Price
}

// SellingPrice returns the unit price of a variant: the sale price when there
// is one, else the default price (spec/05 §8.1). A variant with a price of its
// own does not inherit the product's sale price.
func (p *Product) SellingPrice(v *Variant) money.Amount {
	switch {
	case v != nil && v.SalePrice != nil && *v.SalePrice > 0:
		return *v.SalePrice
	case v != nil && v.Price != nil:
		return *v.Price
	case p.SalePrice > 0:
		return p.SalePrice
	}
	return p.Price
}

// Thumbnail returns the address of the product's main picture, or "".
func (p *Product) Thumbnail() string {
	for _, img := range p.Images {
		if img.Thumbnail {
			return img.URL
		}
	}
	if len(p.Images) > 0 {
		return p.Images[0].URL
	}
	return ""
}

// Available returns how many units of a variant can be sold; tracked is false
// when there is no limit (spec/05 §8.2).
func (p *Product) Available(v *Variant) (level int64, tracked bool) {
	switch p.InventoryTracking {
	case TrackProduct:
		return p.InventoryLevel, true
	case TrackVariant:
		if v == nil {
			return 0, true
		}
		return v.InventoryLevel, true
	}
	return 0, false
}

// Image returns the picture with this id, or nil.
func (p *Product) Image(id int64) *Image {
	for i := range p.Images {
		if p.Images[i].ID == id {
			return &p.Images[i]
		}
	}
	return nil
}

// CustomField returns the custom field with this id, or nil.
func (p *Product) CustomField(id int64) *CustomField {
	for i := range p.CustomFields {
		if p.CustomFields[i].ID == id {
			return &p.CustomFields[i]
		}
	}
	return nil
}

// SKUs returns every SKU that the product holds, each once.
func (p *Product) SKUs() []string {
	var out []string
	add := func(sku string) {
		if sku != "" && !slices.Contains(out, sku) {
			out = append(out, sku)
		}
	}
	add(p.SKU)
	for i := range p.Variants {
		add(p.Variants[i].SKU)
	}
	return out
}

// Listed returns the ids of the products that options and modifiers list.
func (p *Product) Listed() map[int64]bool {
	out := map[int64]bool{}
	add := func(values []OptionValue) {
		for i := range values {
			if id := values[i].Data.ProductID; id != 0 {
				out[id] = true
			}
		}
	}
	for i := range p.Options {
		add(p.Options[i].Values)
	}
	for i := range p.Modifiers {
		add(p.Modifiers[i].Values)
	}
	return out
}
