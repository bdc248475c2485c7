package httpapi

import (
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// What a list in a body may hold before any of it is looked at; the catalog's
// own limits are below.
const (
	maxBodyText = 250_000
	maxBodyList = 2000
)

// said reads a member of an object, unless it is left out or null.
func said[T any](v value, name string, read func(value) T) catalog.Field[T] {
	m := v.get(name)
	if m.null() {
		return catalog.Field[T]{}
	}
	return catalog.Set(read(m))
}

// cleared reads a member of an object; null stands for nothing, as 0 and ""
// do.
func cleared[T any](v value, name string, read func(value) T) catalog.Field[T] {
	if !v.has(name) {
		return catalog.Field[T]{}
	}
	return catalog.Set(read(v.get(name)))
}

// readCustomURL reads custom_url. Whether it was customized shows by itself.
func readCustomURL(v value) catalog.Field[string] {
	v.object().get("is_customized").bool()
	return said(v, "url", longText)
}

func longText(v value) string { return v.text(0, maxBodyText) }

func wholeNumber(v value) int64 { return v.int(-1<<31, 1<<31-1) }

func anyID(v value) int64 { return v.int(0, maxInt) }

func idList(v value) []int64 {
	items := v.bounded(maxBodyList)
	out := make([]int64, len(items))
	for i, item := range items {
		out[i] = item.required().int(1, maxInt)
	}
	return out
}

func textList(v value) []string {
	items := v.bounded(maxBodyList)
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.required().text(0, maxBodyText)
	}
	return out
}

// price reads an amount that may be null.
func price(v value) *money.Amount { return optional(v, value.amount) }

// readProduct reads what ProductFields of our API document has in common.
func readProduct(v value) catalog.ProductInput {
	v.object()
	in := catalog.ProductInput{
		Name:        said(v, "name", longText),
		Type:        said(v, "type", longText),
		SKU:         cleared(v, "sku", longText),
		Description: cleared(v, "description", longText),
		Price:       said(v, "price", value.amount),
		SalePrice:   cleared(v, "sale_price", value.amount),
		RetailPrice: cleared(v, "retail_price", value.amount),
		CostPrice:   cleared(v, "cost_price", value.amount),
		MapPrice:    cleared(v, "map_price", value.amount),
		TaxClassID:  cleared(v, "tax_class_id", wholeNumber),
		Weight:      said(v, "weight", value.amount),
		Width:       cleared(v, "width", value.amount),
		Height:      cleared(v, "height", value.amount),
		Depth:       cleared(v, "depth", value.amount),
		BrandID:     cleared(v, "brand_id", anyID),
		BrandName:   said(v, "brand_name", longText),
		Categories:  said(v, "categories", idList),
		URL:         readCustomURL(v.get("custom_url")),
	}
	readProductShelf(v, &in)
	in.Images = said(v, "images", func(v value) []catalog.ImageInput { return each(v, readImage) })
	in.CustomFields = said(v, "custom_fields", func(v value) []catalog.CustomFieldInput { return each(v, readListedField) })
	return in
}

func readProductShelf(v value, in *catalog.ProductInput) {
	in.Visible = said(v, "is_visible", value.bool)
	in.Featured = said(v, "is_featured", value.bool)
	in.FreeShipping = said(v, "is_free_shipping", value.bool)
	in.SortOrder = said(v, "sort_order", wholeNumber)
	in.Condition = said(v, "condition", longText)
	in.Availability = said(v, "availability", longText)
	in.AvailabilityDescription = cleared(v, "availability_description", longText)
	in.SearchKeywords = cleared(v, "search_keywords", longText)
	in.UPC = cleared(v, "upc", longText)
	in.GTIN = cleared(v, "gtin", longText)
	in.MPN = cleared(v, "mpn", longText)
	in.InventoryTracking = said(v, "inventory_tracking", longText)
	in.InventoryLevel = said(v, "inventory_level", wholeNumber)
	in.InventoryWarningLevel = said(v, "inventory_warning_level", wholeNumber)
	in.OrderQuantityMinimum = cleared(v, "order_quantity_minimum", wholeNumber)
	in.OrderQuantityMaximum = cleared(v, "order_quantity_maximum", wholeNumber)
	in.GiftWrapping = said(v, "gift_wrapping_options_type", longText)
	in.GiftWrappingList = said(v, "gift_wrapping_options_list", idList)
}

// each reads every entry of a list.
func each[T any](v value, read func(value) T) []T {
	items := v.bounded(maxBodyList)
	out := make([]T, len(items))
	for i, item := range items {
		out[i] = read(item.required().object())
	}
	return out
}

// readNewProduct reads the body of POST /v3/catalog/products.
func readNewProduct(v value) catalog.ProductInput {
	for _, name := range []string{"name", "type", "weight", "price"} {
		v.get(name).required()
	}
	in := readProduct(v)
	in.Variants = said(v, "variants", func(v value) []catalog.VariantInput { return each(v, readLabelledVariant) })
	return in
}

// readProductChanges reads the body of PUT /v3/catalog/products.
func readProductChanges(body value) []catalog.ProductChange {
	return batch(body, 10, func(v value) catalog.ProductChange {
		return catalog.ProductChange{ID: v.get("id").required().int(1, maxInt), ProductInput: readProduct(v)}
	})
}

// batch reads a body that is an array of 1 to most entries.
func batch[T any](body value, most int, read func(value) T) []T {
	items := body.list()
	switch {
	case len(items) > most:
		body.fail(fault.MaxLength)
		return nil
	case len(items) == 0:
		body.fail(fault.MinLength)
	}
	out := make([]T, len(items))
	for i, item := range items {
		out[i] = read(item.required().object())
	}
	return out
}

func readVariant(v value) catalog.VariantInput {
	return catalog.VariantInput{
		SKU:         cleared(v, "sku", longText),
		Price:       cleared(v, "price", price),
		SalePrice:   cleared(v, "sale_price", price),
		RetailPrice: cleared(v, "retail_price", price),
		CostPrice:   cleared(v, "cost_price", price),
		MapPrice:    cleared(v, "map_price", price),
		Weight:      cleared(v, "weight", price),
		UPC:         cleared(v, "upc", longText),
		GTIN:        cleared(v, "gtin", longText),
		MPN:         cleared(v, "mpn", longText),
		BinPicking:  cleared(v, "bin_picking_number", longText),

		PurchasingDisabled:        said(v, "purchasing_disabled", value.bool),
		PurchasingDisabledMessage: cleared(v, "purchasing_disabled_message", longText),
		ImageURL:                  cleared(v, "image_url", longText),
		InventoryLevel:            said(v, "inventory_level", wholeNumber),
		InventoryWarningLevel:     said(v, "inventory_warning_level", wholeNumber),
	}
}

// readLabelledVariant reads a variant that comes along with its product, and
// names its values.
func readLabelledVariant(v value) catalog.VariantInput {
	in := readVariant(v)
	for _, item := range v.get("option_values").required().bounded(maxBodyList) {
		in.Labels = append(in.Labels, catalog.ValueLabel{
			Option: item.get("option_display_name").required().text(1, 255),
			Label:  item.get("label").required().text(1, 255),
		})
	}
	return in
}

// readNewVariant reads the body of POST variants.
func readNewVariant(v value) catalog.VariantInput {
	in := readVariant(v.object())
	v.get("sku").required()
	values := v.get("option_values").required()
	for _, item := range values.bounded(maxBodyList) {
		in.Values = append(in.Values, catalog.VariantValue{
			OptionID: item.get("option_id").required().int(1, maxInt),
			ValueID:  item.get("id").required().int(1, maxInt),
		})
	}
	if len(in.Values) == 0 && !values.null() {
		values.fail(fault.MinLength)
	}
	return in
}

func readVariantChanges(body value) []catalog.VariantChange {
	return batch(body, 50, func(v value) catalog.VariantChange {
		return catalog.VariantChange{ID: v.get("id").required().int(1, maxInt), VariantInput: readVariant(v)}
	})
}

func readImage(v value) catalog.ImageInput {
	v.object()
	return catalog.ImageInput{
		URL:         said(v, "image_url", longText),
		Thumbnail:   said(v, "is_thumbnail", value.bool),
		SortOrder:   said(v, "sort_order", wholeNumber),
		Description: cleared(v, "description", longText),
	}
}

func readCustomField(v value) catalog.CustomFieldInput {
	v.object()
	return catalog.CustomFieldInput{Name: said(v, "name", longText), Value: said(v, "value", longText)}
}

// readListedField reads a custom field that comes along with its product.
func readListedField(v value) catalog.CustomFieldInput {
	in := readCustomField(v)
	in.ID = v.get("id").int(1, maxInt)
	if in.ID == 0 {
		v.get("name").required()
		v.get("value").required()
	}
	return in
}

func readShelfPage(v value) catalog.PageInput {
	return catalog.PageInput{
		URL:             readCustomURL(v.get("custom_url")),
		Title:           cleared(v, "page_title", longText),
		ImageURL:        cleared(v, "image_url", longText),
		MetaKeywords:    said(v, "meta_keywords", textList),
		MetaDescription: cleared(v, "meta_description", longText),
		SearchKeywords:  cleared(v, "search_keywords", longText),
	}
}

func readBrand(v value) catalog.BrandInput {
	v.object()
	return catalog.BrandInput{Name: said(v, "name", longText), Page: readShelfPage(v)}
}

func readCategory(v value) catalog.CategoryInput {
	v.object()
	return catalog.CategoryInput{
		ParentID:    said(v, "parent_id", anyID),
		Name:        said(v, "name", longText),
		Description: cleared(v, "description", longText),
		SortOrder:   said(v, "sort_order", wholeNumber),
		Visible:     said(v, "is_visible", value.bool),
		Page:        readShelfPage(v),
	}
}

// readStockItems reads the body of both adjustments. A relative quantity may
// be below zero.
func readStockItems(body value, relative bool) []catalog.StockItem {
	low := int64(0)
	if relative {
		low = -catalog.MaxLevel
	}
	items := body.object().get("items").required()
	body.get("reason").text(0, maxBodyText)
	out := make([]catalog.StockItem, 0, 8)
	for _, v := range items.bounded(maxBodyList) {
		v.required().object()
		out = append(out, catalog.StockItem{
			LocationID: v.get("location_id").required().int(1, maxInt),
			SKU:        v.get("sku").text(1, 255),
			VariantID:  v.get("variant_id").int(1, maxInt),
			ProductID:  v.get("product_id").int(1, maxInt),
			Quantity:   v.get("quantity").required().int(low, catalog.MaxLevel),
		})
	}
	if len(out) == 0 && !items.null() {
		items.fail(fault.MinLength)
	}
	return out
}
