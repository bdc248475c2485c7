package world

import "fmt"

var productSamples = map[string]sample{
	"listProducts": func(w *World) Request {
		w.variant()
		return get("/v3/catalog/products?limit=2&include=variants,options,modifiers,images,custom_fields&sort=price&direction=desc")
	},
	"createProduct": func(w *World) Request {
		return post(M{
			"name": w.name("Floor lamp"), "type": "physical", "weight": 5, "price": 120, "sku": w.sku(), "sale_price": 99.5,
			"description": "Tall", "inventory_tracking": "product", "inventory_level": 4,
			"images":        L{M{"image_url": "https://shop.example/lamp.png", "is_thumbnail": true}},
			"custom_fields": L{M{"name": "Bulb", "value": "E27"}},
			"variants":      L{M{"sku": w.sku(), "option_values": L{M{"option_display_name": "Finish", "label": "Brass"}}}},
		}, "/v3/catalog/products?include=variants,options")
	},
	"updateProducts": func(w *World) Request {
		return put(L{M{"id": w.Product(), "price": 29.9}, M{"id": w.Product(), "is_visible": false}}, "/v3/catalog/products")
	},
	"deleteProducts": func(w *World) Request { return remove("/v3/catalog/products?id:in=%d,%d", w.Product(), w.Product()) },
	"getProduct": func(w *World) Request {
		product, _ := w.variant()
		return get("/v3/catalog/products/%d?include=variants,options", product)
	},
	"updateProduct": func(w *World) Request { return put(M{"price": 29.9}, "/v3/catalog/products/%d", w.Product()) },
	"deleteProduct": func(w *World) Request { return remove("/v3/catalog/products/%d", w.Product()) },
}

var variantSamples = map[string]sample{
	"listProductVariants": func(w *World) Request {
		product, _ := w.variant()
		return get("/v3/catalog/products/%d/variants?limit=1", product)
	},
	"createVariant": func(w *World) Request {
		product, option, value := w.option()
		return post(M{"sku": w.sku(), "price": 31.5, "option_values": L{M{"option_id": option, "id": value}}}, "/v3/catalog/products/%d/variants", product)
	},
	"getVariant": func(w *World) Request {
		product, variant := w.variant()
		return get("/v3/catalog/products/%d/variants/%d", product, variant)
	},
	"updateVariant": func(w *World) Request {
		product, variant := w.variant()
		return put(M{"price": 30, "purchasing_disabled": true}, "/v3/catalog/products/%d/variants/%d", product, variant)
	},
	"deleteVariant": func(w *World) Request {
		product, option, value := w.option()
		variants := fmt.Sprintf("/v3/catalog/products/%d/variants", product)
		variant := w.make(variants, M{"sku": w.sku(), "option_values": L{M{"option_id": option, "id": value}}})
		w.make(variants, M{"sku": w.sku(), "option_values": L{M{"option_id": option, "id": value + 1}}}) // a product keeps its last one
		return remove("/v3/catalog/products/%d/variants/%d", product, variant)
	},
	"listVariants": func(w *World) Request {
		product, _ := w.variant()
		return get("/v3/catalog/variants?product_id=%d", product)
	},
	"updateVariants": func(w *World) Request {
		_, variant := w.variant()
		return put(L{M{"id": variant, "inventory_level": 12}}, "/v3/catalog/variants")
	},
}

var optionSamples = map[string]sample{
	"listOptions": func(w *World) Request {
		product, _, _ := w.option()
		return get("/v3/catalog/products/%d/options", product)
	},
	"createOption": func(w *World) Request {
		return post(M{"display_name": "Finish", "type": "dropdown", "option_values": L{M{"label": "Brass", "sort_order": 0}}},
			"/v3/catalog/products/%d/options", w.Product())
	},
	"getOption":    func(w *World) Request { return get("%s", w.optionPath()) },
	"updateOption": func(w *World) Request { return put(M{"display_name": "Surface"}, "%s", w.optionPath()) },
	"deleteOption": func(w *World) Request { return remove("%s", w.optionPath()) },
	"listOptionValues": func(w *World) Request {
		return get("%s/values", w.optionPath())
	},
	"createOptionValue": func(w *World) Request {
		return post(M{"label": "Copper", "sort_order": 2}, "%s/values", w.optionPath())
	},
	"getOptionValue":    func(w *World) Request { return get("%s", w.optionValuePath()) },
	"updateOptionValue": func(w *World) Request { return put(M{"label": "Polished brass"}, "%s", w.optionValuePath()) },
	"deleteOptionValue": func(w *World) Request { return remove("%s", w.optionValuePath()) },
}

func (w *World) optionPath() string {
	w.Helper()
	product, option, _ := w.option()
	return fmt.Sprintf("/v3/catalog/products/%d/options/%d", product, option)
}

func (w *World) optionValuePath() string {
	w.Helper()
	product, option, value := w.option()
	return fmt.Sprintf("/v3/catalog/products/%d/options/%d/values/%d", product, option, value)
}

var modifierSamples = map[string]sample{
	"listModifiers": func(w *World) Request {
		product, _, _ := w.modifier()
		return get("/v3/catalog/products/%d/modifiers", product)
	},
	"createModifier": func(w *World) Request {
		return post(M{
			"display_name": "Engraving", "type": "text", "required": false,
			"config": M{"text_characters_limited": true, "text_min_length": 1, "text_max_length": 20},
		}, "/v3/catalog/products/%d/modifiers", w.Product())
	},
	"getModifier":    func(w *World) Request { return get("%s", w.modifierPath()) },
	"updateModifier": func(w *World) Request { return put(M{"required": true}, "%s", w.modifierPath()) },
	"deleteModifier": func(w *World) Request { return remove("%s", w.modifierPath()) },
	"listModifierValues": func(w *World) Request {
		return get("%s/values", w.modifierPath())
	},
	"createModifierValue": func(w *World) Request {
		return post(M{"label": "Five years", "adjusters": M{"price": M{"adjuster": "percentage", "adjuster_value": 10}}}, "%s/values", w.modifierPath())
	},
	"getModifierValue": func(w *World) Request { return get("%s", w.modifierValuePath()) },
	"updateModifierValue": func(w *World) Request {
		return put(M{"adjusters": M{"price": M{"adjuster": "relative", "adjuster_value": -1}}}, "%s", w.modifierValuePath())
	},
	"deleteModifierValue": func(w *World) Request { return remove("%s", w.modifierValuePath()) },
}

func (w *World) modifierPath() string {
	w.Helper()
	product, modifier, _ := w.modifier()
	return fmt.Sprintf("/v3/catalog/products/%d/modifiers/%d", product, modifier)
}

func (w *World) modifierValuePath() string {
	w.Helper()
	product, modifier, value := w.modifier()
	return fmt.Sprintf("/v3/catalog/products/%d/modifiers/%d/values/%d", product, modifier, value)
}

var productPartSamples = map[string]sample{
	"listImages":  func(w *World) Request { return get("/v3/catalog/products/%d/images", w.Product()) },
	"createImage": func(w *World) Request { return post(imageBody, "/v3/catalog/products/%d/images", w.Product()) },
	"getImage":    func(w *World) Request { return get("%s", w.part("images", imageBody)) },
	"updateImage": func(w *World) Request { return put(M{"sort_order": 2}, "%s", w.part("images", imageBody)) },
	"deleteImage": func(w *World) Request { return remove("%s", w.part("images", imageBody)) },
	"listCustomFields": func(w *World) Request {
		return get("/v3/catalog/products/%d/custom-fields", w.Product())
	},
	"createCustomField": func(w *World) Request {
		return post(fieldBody, "/v3/catalog/products/%d/custom-fields", w.Product())
	},
	"getCustomField":    func(w *World) Request { return get("%s", w.part("custom-fields", fieldBody)) },
	"updateCustomField": func(w *World) Request { return put(M{"value": "E14"}, "%s", w.part("custom-fields", fieldBody)) },
	"deleteCustomField": func(w *World) Request { return remove("%s", w.part("custom-fields", fieldBody)) },
}

var (
	imageBody = M{"image_url": "https://shop.example/media/lamp.png", "is_thumbnail": true, "description": "A lamp"}
	fieldBody = M{"name": "Bulb", "value": "E27"}
)

// part makes a product with an image or a custom field and returns its path.
func (w *World) part(kind string, body M) string {
	w.Helper()
	list := fmt.Sprintf("/v3/catalog/products/%d/%s", w.Product(), kind)
	return fmt.Sprintf("%s/%d", list, w.make(list, body))
}

var catalogSamples = map[string]sample{
	"listBrands":      func(w *World) Request { w.brand(); return get("/v3/catalog/brands?limit=1") },
	"createBrand":     func(w *World) Request { return post(M{"name": w.name("Lumen & Sons")}, "/v3/catalog/brands") },
	"getBrand":        func(w *World) Request { return get("/v3/catalog/brands/%d", w.brand()) },
	"updateBrand":     func(w *World) Request { return put(M{"page_title": "Lamps"}, "/v3/catalog/brands/%d", w.brand()) },
	"deleteBrand":     func(w *World) Request { return remove("/v3/catalog/brands/%d", w.brand()) },
	"listCategories":  func(w *World) Request { w.category(); return get("/v3/catalog/categories?parent_id=0") },
	"createCategory":  func(w *World) Request { return post(w.categoryBody(), "/v3/catalog/categories") },
	"getCategory":     func(w *World) Request { return get("/v3/catalog/categories/%d", w.category()) },
	"updateCategory":  func(w *World) Request { return put(M{"is_visible": false}, "/v3/catalog/categories/%d", w.category()) },
	"deleteCategory":  func(w *World) Request { return remove("/v3/catalog/categories/%d", w.category()) },
	"adjustInventory": func(w *World) Request { return post(w.stock(-1), "/v3/inventory/adjustments/relative") },
	"setInventory":    func(w *World) Request { return put(w.stock(40), "/v3/inventory/adjustments/absolute") },
}

func (w *World) brand() int64 { return w.make("/v3/catalog/brands", M{"name": w.name("Lumen")}) }

func (w *World) categoryBody() M { return M{"parent_id": 0, "name": w.name("Lighting")} }

func (w *World) category() int64 { return w.make("/v3/catalog/categories", w.categoryBody()) }

// stock makes a product that is counted, and returns an adjustment of it.
func (w *World) stock(quantity int) M {
	w.Helper()
	product := w.make("/v3/catalog/products", M{
		"name": w.name("Counted lamp"), "type": "physical", "weight": 1, "price": 10, "inventory_tracking": "product", "inventory_level": 5,
	})
	return M{"reason": "Count", "items": L{M{"location_id": 1, "product_id": product, "quantity": quantity}}}
}
