package catalog

import (
	"slices"
	"strings"
	"time"

	"cartwright/internal/fault"
)

// newProduct makes a product out of an input. Everything in it has a negative
// id that the storage replaces.
func newProduct(in ProductInput, now time.Time) (*Product, error) {
	e := editNew(now)
	e.applyProduct(in, false)
	return e.p, e.done()
}

// editNew begins a product with the vendor's defaults.
func editNew(now time.Time) *edit {
	e := newEdit(&Product{
		Type: Physical, Visible: true, Condition: ConditionNew, Availability: Available,
		InventoryTracking: TrackNone, GiftWrapping: WrapAny, Created: now,
	}, now)
	e.p.ID = e.newID()
	return e
}

// updateProduct changes a product by an input; what the input does not give
// stays. prefix stands before the paths of what is found wrong.
func updateProduct(p *Product, in ProductInput, prefix string, now time.Time) error {
	e := newEdit(p, now)
	e.prefix = prefix
	e.applyProduct(in, false)
	return e.done()
}

// applyProduct writes an input into the product. replace says that the lists
// of the input are the whole lists; otherwise images and custom fields that it
// does not mention stay.
func (e *edit) applyProduct(in ProductInput, replace bool) {
	p := e.p
	if in.Name.Given {
		p.Name = strings.TrimSpace(in.Name.Value)
	}
	in.Type.into(&p.Type)
	in.Description.into(&p.Description)
	in.SKU.into(&p.SKU)
	e.applyPrices(in)
	e.applyShelf(in)
	e.applyStock(in)
	if in.URL.Given && in.URL.Value != p.URL {
		if url := e.path("custom_url.url", in.URL.Value); url != p.URL {
			p.URL, p.URLCustomized = url, true
		}
	}
	e.checkProduct()
	if in.Images.Given {
		e.applyImages(in.Images.Value, replace)
	}
	if in.CustomFields.Given {
		e.applyCustomFields(in.CustomFields.Value, replace)
	}
	if in.Modifiers.Given {
		e.applyModifiers(in.Modifiers.Value)
	}
	if in.Variants.Given {
		e.applyVariants(in.Options.Value, in.Variants.Value)
	}
}

func (e *edit) applyPrices(in ProductInput) {
	p := e.p
	in.Price.into(&p.Price)
	in.SalePrice.into(&p.SalePrice)
	in.RetailPrice.into(&p.RetailPrice)
	in.CostPrice.into(&p.CostPrice)
	in.MapPrice.into(&p.MapPrice)
	in.TaxClassID.into(&p.TaxClassID)
	in.Weight.into(&p.Weight)
	in.Width.into(&p.Width)
	in.Height.into(&p.Height)
	in.Depth.into(&p.Depth)
}

func (e *edit) applyShelf(in ProductInput) {
	p := e.p
	in.Visible.into(&p.Visible)
	in.Featured.into(&p.Featured)
	in.FreeShipping.into(&p.FreeShipping)
	in.SortOrder.into(&p.SortOrder)
	in.Condition.into(&p.Condition)
	in.Availability.into(&p.Availability)
	in.AvailabilityDescription.into(&p.AvailabilityDescription)
	in.SearchKeywords.into(&p.SearchKeywords)
	in.UPC.into(&p.UPC)
	in.GTIN.into(&p.GTIN)
	in.MPN.into(&p.MPN)
	in.BrandID.into(&p.BrandID)
	if in.BrandName.Given {
		p.BrandID, p.BrandName = 0, strings.TrimSpace(in.BrandName.Value)
		e.text("brand_name", p.BrandName, 0, maxName)
	}
	if in.Categories.Given {
		p.Categories = distinct(in.Categories.Value)
	}
	in.GiftWrapping.into(&p.GiftWrapping)
	if in.GiftWrappingList.Given {
		p.GiftWrappingList = distinct(in.GiftWrappingList.Value)
	}
}

func (e *edit) applyStock(in ProductInput) {
	p := e.p
	in.InventoryTracking.into(&p.InventoryTracking)
	in.InventoryLevel.into(&p.InventoryLevel)
	in.InventoryWarningLevel.into(&p.InventoryWarningLevel)
	in.OrderQuantityMinimum.into(&p.OrderQuantityMinimum)
	in.OrderQuantityMaximum.into(&p.OrderQuantityMaximum)
}

// distinct returns the ids without repetitions, in their order; nil for none.
func distinct(ids []int64) []int64 {
	var out []int64
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// checkProduct checks the product's own fields.
func (e *edit) checkProduct() {
	p := e.p
	e.text("name", p.Name, 1, maxName)
	e.text("sku", p.SKU, 0, maxSKU)
	e.oneOf("type", p.Type, Physical, Digital)
	e.text("description", p.Description, 0, maxDescription)
	e.amount("price", p.Price)
	e.amount("sale_price", p.SalePrice)
	e.amount("retail_price", p.RetailPrice)
	e.amount("cost_price", p.CostPrice)
	e.amount("map_price", p.MapPrice)
	e.number("tax_class_id", p.TaxClassID, 0, maxLevel)
	e.amount("weight", p.Weight)
	e.amount("width", p.Width)
	e.amount("height", p.Height)
	e.amount("depth", p.Depth)
	e.oneOf("condition", p.Condition, "", ConditionNew, "Used", "Refurbished")
	e.oneOf("availability", p.Availability, Available, Disabled, Preorder)
	for path, s := range map[string]string{
		"availability_description": p.AvailabilityDescription, "upc": p.UPC, "gtin": p.GTIN, "mpn": p.MPN,
	} {
		e.text(path, s, 0, maxShortText)
	}
	e.text("search_keywords", p.SearchKeywords, 0, 65_535)
	e.checkStock()
	e.oneOf("gift_wrapping_options_type", p.GiftWrapping, "", WrapAny, WrapNone, WrapList)
	e.ids("gift_wrapping_options_list", p.GiftWrappingList)
	e.ids("categories", p.Categories)
	if p.BrandID < 0 {
		e.fail("brand_id", fault.Min)
	}
}

func (e *edit) checkStock() {
	p := e.p
	e.oneOf("inventory_tracking", p.InventoryTracking, TrackNone, TrackProduct, TrackVariant)
	e.number("inventory_level", p.InventoryLevel, 0, maxLevel)
	e.number("inventory_warning_level", p.InventoryWarningLevel, 0, maxLevel)
	e.number("order_quantity_minimum", p.OrderQuantityMinimum, 0, maxLevel)
	e.number("order_quantity_maximum", p.OrderQuantityMaximum, 0, maxLevel)
	if p.OrderQuantityMaximum > 0 && p.OrderQuantityMinimum > p.OrderQuantityMaximum {
		e.fail("order_quantity_minimum", fault.Max)
	}
}

func (e *edit) ids(path string, ids []int64) {
	if len(ids) > maxCategories {
		e.fail(path, fault.MaxLength)
	}
	for i, id := range ids {
		if id <= 0 {
			e.fail(at(path, i), fault.Min)
		}
	}
}
