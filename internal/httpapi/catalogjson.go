package httpapi

import (
	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// customURLJSON is the page of a product, brand or category.
type customURLJSON struct {
	URL          string `json:"url"`
	IsCustomized bool   `json:"is_customized"`
}

// productJSON is a product in the vendor's shape (spec/05 §8.1). The lists are
// nil unless they were asked for.
type productJSON struct {
	ID                      int64           `json:"id"`
	Name                    string          `json:"name"`
	Type                    string          `json:"type"`
	SKU                     string          `json:"sku"`
	Description             string          `json:"description"`
	Weight                  catalog.Measure `json:"weight"`
	Width                   catalog.Measure `json:"width"`
	Depth                   catalog.Measure `json:"depth"`
	Height                  catalog.Measure `json:"height"`
	Price                   money.Amount    `json:"price"`
	CostPrice               money.Amount    `json:"cost_price"`
	RetailPrice             money.Amount    `json:"retail_price"`
	SalePrice               money.Amount    `json:"sale_price"`
	MapPrice                money.Amount    `json:"map_price"`
	TaxClassID              int64           `json:"tax_class_id"`
	CalculatedPrice         money.Amount    `json:"calculated_price"`
	Categories              []int64         `json:"categories"`
	BrandID                 int64           `json:"brand_id"`
	InventoryLevel          int64           `json:"inventory_level"`
	InventoryWarningLevel   int64           `json:"inventory_warning_level"`
	InventoryTracking       string          `json:"inventory_tracking"`
	IsFreeShipping          bool            `json:"is_free_shipping"`
	IsVisible               bool            `json:"is_visible"`
	IsFeatured              bool            `json:"is_featured"`
	SearchKeywords          string          `json:"search_keywords"`
	Availability            string          `json:"availability"`
	AvailabilityDescription string          `json:"availability_description"`
	GiftWrappingType        string          `json:"gift_wrapping_options_type"`
	GiftWrappingList        []int64         `json:"gift_wrapping_options_list"`
	SortOrder               int64           `json:"sort_order"`
	Condition               string          `json:"condition"`
	UPC                     string          `json:"upc"`
	MPN                     string          `json:"mpn"`
	GTIN                    string          `json:"gtin"`
	OrderQuantityMinimum    int64           `json:"order_quantity_minimum"`
	OrderQuantityMaximum    int64           `json:"order_quantity_maximum"`
	DateCreated             string          `json:"date_created"`
	DateModified            string          `json:"date_modified"`
	BaseVariantID           *int64          `json:"base_variant_id"`
	CustomURL               customURLJSON   `json:"custom_url"`

	Variants     *[]variantJSON     `json:"variants,omitempty"`
	Options      *[]optionJSON      `json:"options,omitempty"`
	Modifiers    *[]modifierJSON    `json:"modifiers,omitempty"`
	Images       *[]imageJSON       `json:"images,omitempty"`
	CustomFields *[]customFieldJSON `json:"custom_fields,omitempty"`
}

// productOf shows a product without its lists.
func productOf(p *catalog.Product) productJSON {
	j := productJSON{
		ID: p.ID, Name: p.Name, Type: p.Type, SKU: p.SKU, Description: p.Description,
		Weight: p.Weight, Width: p.Width, Depth: p.Depth, Height: p.Height,
		Price: p.Price, CostPrice: p.CostPrice, RetailPrice: p.RetailPrice, SalePrice: p.SalePrice, MapPrice: p.MapPrice,
		TaxClassID: p.TaxClassID, CalculatedPrice: p.SellingPrice(nil),
		Categories: listed(p.Categories), BrandID: p.BrandID,
		InventoryLevel: p.Level(), InventoryWarningLevel: p.InventoryWarningLevel, InventoryTracking: p.InventoryTracking,
		IsFreeShipping: p.FreeShipping, IsVisible: p.Visible, IsFeatured: p.Featured, SearchKeywords: p.SearchKeywords,
		Availability: p.Availability, AvailabilityDescription: p.AvailabilityDescription,
		GiftWrappingType: p.GiftWrapping, GiftWrappingList: listed(p.GiftWrappingList),
		SortOrder: p.SortOrder, Condition: p.Condition, UPC: p.UPC, MPN: p.MPN, GTIN: p.GTIN,
		OrderQuantityMinimum: p.OrderQuantityMinimum, OrderQuantityMaximum: p.OrderQuantityMaximum,
		DateCreated: timeText(p.Created), DateModified: timeText(p.Modified),
		CustomURL: customURLJSON{p.URL, p.URLCustomized},
	}
	if j.GiftWrappingType == "" {
		j.GiftWrappingType = catalog.WrapAny
	}
	if j.Condition == "" {
		j.Condition = catalog.ConditionNew
	}
	if !p.HasOptions() {
		base := &p.Variants[0]
		j.BaseVariantID, j.CalculatedPrice = &base.ID, p.SellingPrice(base)
	}
	return j
}

// listed returns ids as a list that is never null.
func listed(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}

// mapped shows every entry of a list; the result is never nil.
func mapped[T, J any](list []T, show func(*T) J) []J {
	out := make([]J, len(list))
	for i := range list {
		out[i] = show(&list[i])
	}
	return out
}

type variantValueJSON struct {
	ID                int64  `json:"id"`
	Label             string `json:"label"`
	OptionID          int64  `json:"option_id"`
	OptionDisplayName string `json:"option_display_name"`
}

type variantJSON struct {
	ID                        int64              `json:"id"`
	ProductID                 int64              `json:"product_id"`
	SKU                       string             `json:"sku"`
	SKUID                     *int64             `json:"sku_id"`
	Price                     *money.Amount      `json:"price"`
	CalculatedPrice           money.Amount       `json:"calculated_price"`
	SalePrice                 *money.Amount      `json:"sale_price"`
	RetailPrice               *money.Amount      `json:"retail_price"`
	MapPrice                  *money.Amount      `json:"map_price"`
	Weight                    *catalog.Measure   `json:"weight"`
	CalculatedWeight          catalog.Measure    `json:"calculated_weight"`
	PurchasingDisabled        bool               `json:"purchasing_disabled"`
	PurchasingDisabledMessage string             `json:"purchasing_disabled_message"`
	ImageURL                  string             `json:"image_url"`
	CostPrice                 *money.Amount      `json:"cost_price"`
	UPC                       string             `json:"upc"`
	MPN                       string             `json:"mpn"`
	GTIN                      string             `json:"gtin"`
	InventoryLevel            int64              `json:"inventory_level"`
	InventoryWarningLevel     int64              `json:"inventory_warning_level"`
	BinPickingNumber          string             `json:"bin_picking_number"`
	OptionValues              []variantValueJSON `json:"option_values"`
}

// variantOf shows a variant. The only variant of a product without options
// shows what belongs to the product.
func variantOf(p *catalog.Product, v *catalog.Variant) variantJSON {
	j := variantJSON{
		ID: v.ID, ProductID: p.ID, SKU: p.VariantSKU(v), Price: v.Price, CalculatedPrice: p.SellingPrice(v),
		SalePrice: v.SalePrice, RetailPrice: v.RetailPrice, MapPrice: v.MapPrice, CostPrice: v.CostPrice,
		Weight: v.Weight, CalculatedWeight: p.Weight,
		PurchasingDisabled: v.PurchasingDisabled, PurchasingDisabledMessage: v.PurchasingDisabledMessage,
		ImageURL: v.ImageURL, UPC: v.UPC, MPN: v.MPN, GTIN: v.GTIN,
		InventoryLevel: v.InventoryLevel, InventoryWarningLevel: v.InventoryWarningLevel, BinPickingNumber: v.BinPicking,
		OptionValues: make([]variantValueJSON, 0, len(v.OptionValues)),
	}
	if !p.HasOptions() {
		showBase(&j, p)
	}
	if j.Weight != nil {
		j.CalculatedWeight = *j.Weight
	}
	if j.SKU != "" && len(v.OptionValues) > 0 {
		j.SKUID = &v.ID
	}
	for _, ov := range v.OptionValues {
		o := p.Option(ov.OptionID)
		if o == nil {
			continue
		}
		shown := variantValueJSON{ID: ov.ValueID, OptionID: ov.OptionID, OptionDisplayName: o.DisplayName}
		if value := o.Value(ov.ValueID); value != nil {
			shown.Label = value.Label
		}
		j.OptionValues = append(j.OptionValues, shown)
	}
	return j
}

func showBase(j *variantJSON, p *catalog.Product) {
	for _, f := range []struct {
		to    **money.Amount
		value money.Amount
	}{
		{&j.Price, p.Price}, {&j.SalePrice, p.SalePrice}, {&j.RetailPrice, p.RetailPrice},
		{&j.MapPrice, p.MapPrice}, {&j.CostPrice, p.CostPrice}, {&j.Weight, p.Weight},
	} {
		if *f.to == nil {
			*f.to = &f.value
		}
	}
	j.UPC, j.MPN, j.GTIN = p.UPC, p.MPN, p.GTIN
	j.InventoryLevel, j.InventoryWarningLevel = p.InventoryLevel, p.InventoryWarningLevel
}

// showVariants shows the variants of a product.
func showVariants(p *catalog.Product) []variantJSON {
	return mapped(p.Variants, func(v *catalog.Variant) variantJSON { return variantOf(p, v) })
}

type imageJSON struct {
	ID           int64  `json:"id"`
	ProductID    int64  `json:"product_id"`
	ImageURL     string `json:"image_url"`
	IsThumbnail  bool   `json:"is_thumbnail"`
	SortOrder    int64  `json:"sort_order"`
	Description  string `json:"description"`
	URLZoom      string `json:"url_zoom"`
	URLStandard  string `json:"url_standard"`
	URLThumbnail string `json:"url_thumbnail"`
	URLTiny      string `json:"url_tiny"`
	DateModified string `json:"date_modified"`
}

func imageOf(p *catalog.Product, img *catalog.Image) imageJSON {
	return imageJSON{
		ID: img.ID, ProductID: p.ID, ImageURL: img.URL, IsThumbnail: img.Thumbnail, SortOrder: img.SortOrder,
		Description: img.Description, URLZoom: img.URL, URLStandard: img.URL, URLThumbnail: img.URL, URLTiny: img.URL,
		DateModified: timeText(img.Modified),
	}
}

type customFieldJSON struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

func customFieldOf(f *catalog.CustomField) customFieldJSON {
	return customFieldJSON{f.ID, f.Name, f.Value}
}
