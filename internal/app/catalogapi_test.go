package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// send makes a request that must be answered 200 and reads data into the
// result.
func send[T any](t *testing.T, h http.Handler, method, path, body string) T {
	t.Helper()
	w := call(h, method, "/stores/demo/v3"+path, body)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s answers %d: %s", method, path, w.Code, w.Body)
	}
	var a struct{ Data T }
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a.Data
}

type thing struct {
	ID     int64
	SKU    string
	Values []struct {
		ID    int64
		Label string
	} `json:"option_values"`
}

// TestEveryKindOfModifierInACart makes a product with every kind of modifier
// and puts it into carts.
func TestEveryKindOfModifierInACart(t *testing.T) {
	d := newDesk(t)
	bulb := d.product(t, `{"name":"Bulb","type":"physical","weight":0.1,"price":4.5,"inventory_tracking":"product","inventory_level":3}`)
	p := d.product(t, `{"name":"Sign","type":"physical","weight":1,"price":20}`)
	at := fmt.Sprintf("/catalog/products/%d/modifiers", p)
	add := func(body string) thing { return send[thing](t, d.h, "POST", at, body) }
	made := map[string]thing{
		"text":        add(`{"display_name":"Engraving","type":"text","required":true,"config":{"text_characters_limited":true,"text_min_length":1,"text_max_length":5}}`),
		"multi":       add(`{"display_name":"Poem","type":"multi_line_text","required":false,"config":{"text_lines_limited":true,"text_max_lines":2}}`),
		"number":      add(`{"display_name":"House number","type":"numbers_only_text","required":false,"config":{"number_limited":true,"number_limit_mode":"lowest","number_lowest_value":1,"number_integers_only":true}}`),
		"date":        add(`{"display_name":"Wanted by","type":"date","required":false,"config":{"date_limited":true,"date_limit_mode":"earliest","date_earliest_value":"2026-01-01T00:00:00+00:00"}}`),
		"file":        add(`{"display_name":"Drawing","type":"file","required":false,"config":{"file_types_mode":"specific","file_types_supported":["images"],"file_max_size":1000}}`),
		"check":       add(`{"display_name":"Gift box","type":"checkbox","required":false,"config":{"checkbox_label":"Wrap it"},"option_values":[{"label":"Yes","value_data":{"checked_value":true},"adjusters":{"price":{"adjuster":"relative","adjuster_value":2}}}]}`),
		"radio":       add(`{"display_name":"Warranty","type":"radio_buttons","required":false,"option_values":[{"label":"Three years","adjusters":{"price":{"adjuster":"percentage","adjuster_value":10}}}]}`),
		"rectangles":  add(`{"display_name":"Size","type":"rectangles","required":false,"option_values":[{"label":"S"},{"label":"L","is_default":true,"adjusters":{"price":{"adjuster":"relative","adjuster_value":1.5}}}]}`),
		"dropdown":    add(`{"display_name":"Font","type":"dropdown","required":false,"option_values":[{"label":"Serif"},{"label":"Gone","adjusters":{"purchasing_disabled":{"status":true,"message":"Sold out"}}}]}`),
		"swatch":      add(`{"display_name":"Colour","type":"swatch","required":false,"option_values":[{"label":"Red","value_data":{"colors":["#ff0000"]},"adjusters":{"image_url":"https://x.example/red.png"}}]}`),
		"list":        add(fmt.Sprintf(`{"display_name":"Bulb","type":"product_list","required":false,"config":{"product_list_adjusts_inventory":true,"product_list_adjusts_pricing":true,"product_list_shipping_calc":"weight"},"option_values":[{"label":"E27","value_data":{"product_id":%d}}]}`, bulb)),
		"list images": add(fmt.Sprintf(`{"display_name":"Spare","type":"product_list_with_images","required":false,"option_values":[{"label":"E27","value_data":{"product_id":%d}}]}`, bulb)),
	}
	value := func(kind string, i int) string { return fmt.Sprint(made[kind].Values[i].ID) }
	selection := func(kind, value string) string {
		return fmt.Sprintf(`{"option_id":%d,"option_value":%s}`, made[kind].ID, value)
	}
	cart := func(selections ...string) string {
		return fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1,"option_selections":[%s]}]}`, p, strings.Join(selections, ","))
	}
	text := selection("text", `"Hello"`)
	tests := map[string]struct {
		body   string
		status int
		holds  []string
	}{
		"the required one, and the default": {cart(text), 201, []string{`"cart_amount":21.5`, `"value":"Hello","valueId":null`, `"value":"L","valueId":` + value("rectangles", 1)}},
		"nothing":                           {cart(), 422, []string{"Please enter some text for the Engraving option."}},
		"too long":                          {cart(selection("text", `"Hello!"`)), 422, []string{"between 1 and 5 characters"}},
		"lines":                             {cart(text, selection("multi", `"a\nb"`)), 201, []string{`"value":"a\nb"`}},
		"too many lines":                    {cart(text, selection("multi", `"a\nb\nc"`)), 422, []string{"at most 2 lines"}},
		"number":                            {cart(text, selection("number", `"7"`)), 201, []string{`"value":"7"`}},
		"fraction":                          {cart(text, selection("number", `7.5`)), 422, []string{"a whole number"}},
		"date":                              {cart(text, selection("date", `{"day":"1","month":"2","year":"2026"}`)), 201, []string{`"value":"Feb 1, 2026"`}},
		"too early":                         {cart(text, selection("date", `"2025-12-31"`)), 422, []string{"on or after Jan 1, 2026"}},
		"file":                              {cart(text, selection("file", `{"originalName":"a.png","temporaryPath":"/tmp/a"}`)), 201, []string{`"value":"a.png"`}},
		"file of a type that is refused":    {cart(text, selection("file", `{"originalName":"a.exe","temporaryPath":"/tmp/a"}`)), 422, []string{"a type that is not allowed"}},
		"checked":                           {cart(text, selection("check", "true")), 201, []string{`"cart_amount":23.5`, `"value":"Yes","valueId":` + value("check", 0)}},
		"not checked":                       {cart(text, selection("check", `"no"`)), 201, []string{`"cart_amount":21.5`, `"value":"No"`}},
		"ten per cent":                      {cart(text, selection("radio", value("radio", 0))), 201, []string{`"cart_amount":23.5`}},
		"not the default":                   {cart(text, selection("rectangles", value("rectangles", 0))), 201, []string{`"cart_amount":20`}},
		"a value that cannot be bought":     {cart(text, selection("dropdown", value("dropdown", 1))), 422, []string{"cannot be ordered online"}},
		"a picture of the value":            {cart(text, selection("swatch", value("swatch", 0))), 201, []string{`"image_url":"https://x.example/red.png"`}},
		"a listed product, at its price":    {cart(text, selection("list", value("list", 0))), 201, []string{`"cart_amount":26`}},
		"a listed product, included":        {cart(text, selection("list images", value("list images", 0))), 201, []string{`"cart_amount":21.5`}},
		"more than there is of it":          {strings.Replace(cart(text, selection("list", value("list", 0))), `"quantity":1`, `"quantity":4`, 1), 422, []string{"out of stock"}},
		"a value of another modifier":       {cart(text, selection("radio", value("dropdown", 0))), 422, []string{"is not valid for option"}},
		"everything": {cart(text, selection("multi", `"a"`), selection("number", "7"), selection("date", `"2026-02-01"`),
			selection("check", "true"), selection("radio", value("radio", 0)), selection("list", value("list", 0))), 201, []string{`"cart_amount":30`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d.run(t, exchange{"POST", "/v3/carts?include=line_items.physical_items.options", tt.body, tt.status, tt.holds, nil})
		})
	}
	shown := call(d.h, "GET", fmt.Sprintf("/stores/demo/v3%s?limit=250", at), "").Body.String()
	for _, part := range []string{
		`"value_data":{"checked_value":true}`, `"value_data":{"checked_value":false}`, `"label":"No"`,
		`"config":{"checkbox_label":"Wrap it","checked_by_default":false}`, `"number_lowest_value":1`,
		`"date_latest_value":null`, `"file_types_supported":["images"]`, `"product_list_shipping_calc":"none"`,
		`"purchasing_disabled":{"status":true,"message":"Sold out"}`, `"price":{"adjuster":"percentage","adjuster_value":10}`,
	} {
		if !strings.Contains(shown, part) {
			t.Errorf("the list of modifiers lacks %s: %s", part, shown)
		}
	}
}

// TestVariantsTheVendorsWay makes options first and then each variant, and
// lets carts find them.
func TestVariantsTheVendorsWay(t *testing.T) {
	d := newDesk(t)
	at := fmt.Sprintf("/v3/catalog/products/%d", d.mug)
	size := send[thing](t, d.h, "POST", at[3:]+"/options",
		`{"display_name":"Size","type":"rectangles","option_values":[{"label":"S","sort_order":0},{"label":"L","sort_order":1}]}`)
	d.run(t, exchange{"GET", at + "/variants", "", 200, []string{`"total":1`, `"option_values":[]`}, nil})
	d.run(t, exchange{"GET", at, "", 200, []string{`"base_variant_id":null`}, []string{`"variants"`}})
	body := func(sku string, value int) string {
		return fmt.Sprintf(`{"sku":%q,"price":null,"inventory_level":2,"option_values":[{"option_id":%d,"id":%d}]}`, sku, size.ID, size.Values[value].ID)
	}
	s := send[thing](t, d.h, "POST", at[3:]+"/variants", body("MUG-S", 0))
	l := send[thing](t, d.h, "POST", at[3:]+"/variants", strings.Replace(body("MUG-L", 1), `"price":null`, `"price":"12.5"`, 1))
	item := func(more string) string {
		return fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":3%s}]}`, d.mug, more)
	}
	choose := fmt.Sprintf(`,"option_selections":[{"option_id":%d,"option_value":%d}]`, size.ID, size.Values[1].ID)
	for _, e := range []exchange{
		{"POST", at + "/variants", body("MUG-2", 0), 409, []string{"exists already"}, nil},
		{"POST", at + "/variants", strings.Replace(body("MUG-2", 0), fmt.Sprint(size.Values[0].ID), "1", 1), 422, []string{`"option_values.0.id"`}, nil},
		{"POST", "/v3/carts", item(""), 422, []string{"This product has options, variant ID is required"}, nil},
		{"POST", "/v3/carts", item(choose), 201, []string{`"cart_amount":37.5`, `"sku":"MUG-L"`}, nil},
		{"PUT", at, `{"inventory_tracking":"variant"}`, 200, []string{`"inventory_level":4`}, nil},
		{"POST", "/v3/carts", item(choose), 422, []string{"out of stock"}, nil},
		{"POST", "/v3/inventory/adjustments/relative", fmt.Sprintf(`{"items":[{"location_id":1,"variant_id":%d,"quantity":1}]}`, l.ID), 200, []string{`"transaction_id":"`}, nil},
		{"POST", "/v3/carts", item(choose), 201, nil, nil},
		{"GET", fmt.Sprintf("/v3/catalog/variants?product_id=%d", d.mug), "", 200, []string{`"total":2`, `"inventory_level":3`, `"calculated_price":12.5`, `"calculated_price":10`}, nil},
		{"GET", "/v3/catalog/variants?sku:in=MUG-S,LAMP-BR", "", 200, []string{`"total":2`}, nil},
		{"PUT", "/v3/catalog/variants", fmt.Sprintf(`[{"id":%d,"price":8},{"id":%d,"sku":"LAMP-X"}]`, s.ID, d.brass), 200, []string{`"price":8`, `"sku":"LAMP-X"`}, nil},
		{"PUT", "/v3/catalog/variants", fmt.Sprintf(`[{"id":%d,"price":7},{"id":%d,"sku":"MUG-L"}]`, s.ID, d.brass), 409, nil, nil},
		{"GET", fmt.Sprintf("%s/variants/%d", at, s.ID), "", 200, []string{`"price":8`}, nil},
		{"PUT", fmt.Sprintf("%s/variants/%d", at, s.ID), `{"price":null,"purchasing_disabled":true}`, 200, []string{`"price":null`, `"calculated_price":10`}, nil},
		{"POST", "/v3/carts", item(fmt.Sprintf(`,"variant_id":%d`, s.ID)), 422, []string{"cannot be ordered online"}, nil},
		{"DELETE", fmt.Sprintf("%s/variants/%d", at, s.ID), "", 204, nil, nil},
		{"DELETE", fmt.Sprintf("%s/variants/%d", at, l.ID), "", 422, []string{"at least one variant"}, nil},
		{"DELETE", fmt.Sprintf("%s/options/%d", at, size.ID), "", 204, nil, nil},
		{"GET", at + "?include=variants,options", "", 200, []string{`"options":[]`, `"base_variant_id":`, `"sku_id":null`}, []string{"MUG-L", `"base_variant_id":null`}},
		{"POST", "/v3/carts", item(""), 422, []string{"out of stock"}, nil},
		{"PUT", at, `{"inventory_tracking":"none"}`, 200, nil, nil},
		{"POST", "/v3/carts", item(""), 201, []string{`"cart_amount":30`}, nil},
	} {
		d.run(t, e)
	}
}

// TestACartSeesTheCatalogAtOnce changes what a cart holds and reads the cart.
func TestACartSeesTheCatalogAtOnce(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			d := &desk{h: openStore(t, database(t))}
			p := d.product(t, `{"name":"Mug","type":"physical","weight":0.4,"price":10}`)
			c := d.cart(t, fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":2}]}`, p))
			at := fmt.Sprintf("/v3/catalog/products/%d", p)
			for _, e := range []exchange{
				{"PUT", at, `{"price":11}`, 200, []string{`"price":11`, `"calculated_price":11`}, nil},
				{"GET", "/v3/carts/" + c.Data.ID, "", 200, []string{`"cart_amount":22`}, nil},
				{"PUT", at, `{"sale_price":9.5,"name":"Big mug"}`, 200, []string{`"calculated_price":9.5`}, nil},
				{"GET", "/v3/carts/" + c.Data.ID, "", 200, []string{`"cart_amount":19`, `"name":"Big mug"`, `"original_price":11`}, nil},
				{"POST", at + "/images", `{"image_url":"https://x.example/mug.png"}`, 200, []string{`"is_thumbnail":true`}, nil},
				{"GET", "/v3/carts/" + c.Data.ID, "", 200, []string{`"image_url":"https://x.example/mug.png"`}, nil},
				{"PUT", at, `{"availability":"disabled"}`, 200, nil, nil},
				{"POST", "/v3/carts/" + c.Data.ID + "/items", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, p), 422, []string{"cannot be ordered online"}, nil},
				{"DELETE", at, "", 204, nil, nil},
				{"GET", at, "", 404, nil, nil},
				{"GET", "/v3/carts/" + c.Data.ID, "", 200, []string{fmt.Sprintf(`"product_id":%d`, p), `"quantity":2`}, nil}, // decisions 13
			} {
				d.run(t, e)
			}
		})
	}
}

// TestCatalogParts walks through every resource that belongs to a product, and
// brands and categories.
func TestCatalogParts(t *testing.T) {
	d := newDesk(t)
	at := fmt.Sprintf("/v3/catalog/products/%d", d.mug)
	field := send[thing](t, d.h, "POST", at[3:]+"/custom-fields", `{"name":"Made in","value":"Ghent"}`)
	image := send[thing](t, d.h, "POST", at[3:]+"/images", `{"image_url":"https://x.example/a.png","sort_order":3}`)
	option := send[thing](t, d.h, "POST", at[3:]+"/options", `{"display_name":"Size","type":"dropdown"}`)
	value := send[thing](t, d.h, "POST", fmt.Sprintf("%s/options/%d/values", at[3:], option.ID), `{"label":"S"}`)
	modifier := send[thing](t, d.h, "POST", at[3:]+"/modifiers", `{"display_name":"Box","type":"radio_buttons","required":true}`)
	choice := send[thing](t, d.h, "POST", fmt.Sprintf("%s/modifiers/%d/values", at[3:], modifier.ID), `{"label":"Blue"}`)
	check := send[thing](t, d.h, "POST", at[3:]+"/modifiers", `{"display_name":"Gift","type":"checkbox","required":false}`)
	brand := send[thing](t, d.h, "POST", "/catalog/brands", `{"name":"Lumen & Sons","page_title":"Lamps"}`)
	top := send[thing](t, d.h, "POST", "/catalog/categories", `{"parent_id":0,"name":"Kitchen"}`)
	below := send[thing](t, d.h, "POST", "/catalog/categories", fmt.Sprintf(`{"parent_id":%d,"name":"Mugs"}`, top.ID))
	fields, images := fmt.Sprintf("%s/custom-fields/%d", at, field.ID), fmt.Sprintf("%s/images/%d", at, image.ID)
	options, values := fmt.Sprintf("%s/options/%d", at, option.ID), fmt.Sprintf("%s/options/%d/values/%d", at, option.ID, value.ID)
	modifiers, choices := fmt.Sprintf("%s/modifiers/%d", at, modifier.ID), fmt.Sprintf("%s/modifiers/%d/values/%d", at, modifier.ID, choice.ID)
	brands, tops, belows := fmt.Sprintf("/v3/catalog/brands/%d", brand.ID), fmt.Sprintf("/v3/catalog/categories/%d", top.ID), fmt.Sprintf("/v3/catalog/categories/%d", below.ID)
	for _, e := range []exchange{
		{"GET", at + "/custom-fields", "", 200, []string{`"total":1`, `"value":"Ghent"`}, nil},
		{"POST", at + "/custom-fields", `{"name":"Made in","value":"Ghent"}`, 409, nil, nil},
		{"POST", at + "/custom-fields", `{"name":"Made in"}`, 422, []string{`"value":"error.path.missing"`}, nil},
		{"PUT", fields, `{"value":"Bruges"}`, 200, []string{`"value":"Bruges"`}, nil},
		{"GET", fields, "", 200, []string{`"name":"Made in","value":"Bruges"`}, nil},
		{"DELETE", fields, "", 204, nil, nil},
		{"GET", fields, "", 404, nil, nil},
		{"PUT", fields, `{"value":"x"}`, 404, nil, nil},

		{"GET", images, "", 200, []string{`"url_standard":"https://x.example/a.png"`, `"is_thumbnail":true`, `"sort_order":3`}, nil},
		{"POST", at + "/images", `{}`, 422, []string{`"image_url":"error.path.missing"`}, nil},
		{"POST", at + "/images", `{"image_url":"https://x.example/b.png","is_thumbnail":true}`, 200, []string{`b.png`}, nil},
		{"GET", images, "", 200, []string{`"is_thumbnail":false`}, nil},
		{"PUT", images, `{"description":"A mug"}`, 200, []string{`"description":"A mug"`, `a.png`}, nil},
		{"GET", at + "/images?limit=1", "", 200, []string{`"total":2`, `"next":"?page=2&limit=1"`}, nil},
		{"DELETE", images, "", 204, nil, nil},
		{"DELETE", images, "", 404, nil, nil},

		{"GET", options, "", 200, []string{`"display_name":"Size"`, `"label":"S"`}, nil},
		{"GET", options + "/values", "", 200, []string{`"total":1`}, nil},
		{"PUT", options, fmt.Sprintf(`{"option_values":[{"id":%d,"label":"Small"},{"label":"Large"}]}`, value.ID), 200, []string{`"label":"Small"`, `"label":"Large"`}, nil},
		{"PUT", values, `{"is_default":true}`, 200, []string{`"label":"Small"`, `"is_default":true`}, nil},
		{"POST", options + "/values", `{"label":"Small"}`, 409, nil, nil},
		{"GET", values, "", 200, []string{`"label":"Small"`}, nil},
		{"DELETE", values, "", 204, nil, nil},
		{"GET", values, "", 404, nil, nil},
		{"POST", at + "/options", `{"display_name":"Size","type":"dropdown"}`, 409, nil, nil},
		{"POST", at + "/options", `{"display_name":"Gift","type":"checkbox"}`, 422, []string{`"type"`}, nil},

		{"GET", modifiers, "", 200, []string{`"required":true`, `"label":"Blue"`}, nil},
		{"GET", modifiers + "/values", "", 200, []string{`"total":1`, fmt.Sprintf(`"option_id":%d`, modifier.ID)}, nil},
		{"PUT", modifiers, `{"required":false}`, 200, []string{`"required":false`}, nil},
		{"PUT", choices, `{"adjusters":{"price":{"adjuster":"relative","adjuster_value":-1.25}}}`, 200, []string{`"adjuster_value":-1.25`, `"label":"Blue"`}, nil},
		{"PUT", choices, `{"adjusters":{"weight":{"adjuster":"relative","adjuster_value":1}}}`, 200, []string{`"adjuster_value":-1.25`}, nil},
		{"PUT", choices, `{"adjusters":{"price":null}}`, 200, []string{`"price":null`}, nil},
		{"GET", choices, "", 200, []string{`"price":null`}, nil},
		{"DELETE", choices, "", 204, nil, nil},
		{"DELETE", choices, "", 404, nil, nil},
		{"POST", fmt.Sprintf("%s/modifiers/%d/values", at, check.ID), `{"label":"Perhaps"}`, 422, []string{"two values"}, nil},
		{"DELETE", fmt.Sprintf("%s/modifiers/%d/values/%d", at, check.ID, check.Values[0].ID), "", 422, []string{"two values"}, nil},
		{"POST", at + "/modifiers", `{"display_name":"Bulb","type":"product_list","required":false,"option_values":[{"label":"a","value_data":{"product_id":99}}]}`, 422, []string{"Product 99 does not exist"}, nil},
		{"POST", at + "/modifiers", `{"display_name":"x","type":"text"}`, 422, []string{`"required":"error.path.missing"`}, nil},
		{"DELETE", modifiers, "", 204, nil, nil},
		{"GET", modifiers, "", 404, nil, nil},

		{"POST", "/v3/catalog/brands", `{"name":"Lumen & Sons"}`, 409, []string{"duplicate"}, nil},
		{"GET", brands, "", 200, []string{`"custom_url":{"url":"/lumen-sons/","is_customized":false}`, `"page_title":"Lamps"`}, nil},
		{"PUT", brands, `{"custom_url":{"url":"lumen"}}`, 200, []string{`"url":"/lumen","is_customized":true`, `"name":"Lumen & Sons"`}, nil},
		{"PUT", at, fmt.Sprintf(`{"brand_id":%d,"categories":[%d,%d]}`, brand.ID, top.ID, below.ID), 200, []string{fmt.Sprintf(`"brand_id":%d`, brand.ID)}, nil},
		{"PUT", at, `{"brand_id":99}`, 422, []string{"Brand 99 does not exist"}, nil},
		{"GET", "/v3/catalog/brands?name:like=LUMEN", "", 200, []string{`"total":1`}, nil},
		{"DELETE", brands, "", 204, nil, nil},
		{"GET", at, "", 200, []string{`"brand_id":0`}, nil},
		{"GET", brands, "", 404, nil, nil},

		{"GET", fmt.Sprintf("/v3/catalog/categories?parent_id=%d", top.ID), "", 200, []string{`"total":1`, `"name":"Mugs"`}, nil},
		{"POST", "/v3/catalog/categories", `{"parent_id":0,"name":"Kitchen"}`, 409, nil, nil},
		{"POST", "/v3/catalog/categories", `{"name":"Kitchen"}`, 422, []string{`"parent_id":"error.path.missing"`}, nil},
		{"PUT", tops, fmt.Sprintf(`{"parent_id":%d}`, below.ID), 422, []string{`"parent_id"`}, nil},
		{"PUT", belows, `{"is_visible":false}`, 200, []string{`"is_visible":false`}, nil},
		{"DELETE", tops, "", 422, []string{"has others below it"}, nil},
		{"DELETE", belows, "", 204, nil, nil},
		{"GET", at, "", 200, []string{fmt.Sprintf(`"categories":[%d]`, top.ID)}, nil},
		{"GET", belows, "", 404, nil, nil},
		{"GET", tops, "", 200, []string{`"name":"Kitchen"`}, nil},
	} {
		d.run(t, e)
	}
	made := send[struct {
		BrandID int64 `json:"brand_id"`
	}](t, d.h, "PUT", at[3:], `{"brand_name":"New one"}`)
	d.run(t, exchange{"GET", fmt.Sprintf("/v3/catalog/brands/%d", made.BrandID), "", 200, []string{`"name":"New one"`}, nil})
}

// TestProductLists holds filters, order, pages and fields.
func TestProductLists(t *testing.T) {
	d := newDesk(t)
	all := "/v3/catalog/products"
	only := func(names ...string) []string {
		out := []string{fmt.Sprintf(`"total":%d`, len(names))}
		for _, name := range names {
			out = append(out, fmt.Sprintf(`"name":%q`, name))
		}
		return out
	}
	for _, e := range []exchange{
		{"GET", all, "", 200, only("Desk lamp", "Mug", "Guide"), []string{`"variants"`}},
		{"GET", fmt.Sprintf("%s?id:in=%d,%d", all, d.mug, d.guide), "", 200, only("Mug", "Guide"), nil},
		{"GET", fmt.Sprintf("%s?id=%d", all, d.mug), "", 200, only("Mug"), nil},
		{"GET", fmt.Sprintf("%s?id:min=%d", all, d.guide), "", 200, only("Guide"), nil},
		{"GET", all + "?type=digital", "", 200, only("Guide"), nil},
		{"GET", all + "?name=Mug", "", 200, only("Mug"), nil},
		{"GET", all + "?name:like=LAMP", "", 200, only("Desk lamp"), nil},
		{"GET", all + "?keyword=lamp-st", "", 200, only("Desk lamp"), nil},
		{"GET", all + "?price:min=6&price:max=10", "", 200, only("Mug"), nil},
		{"GET", all + "?is_visible=false", "", 200, only(), nil},
		{"GET", all + "?date_modified:min=2020-01-01&date_modified:max=2099-01-01", "", 200, only("Desk lamp", "Mug", "Guide"), nil},
		{"GET", all + "?date_modified:max=2020-01-01", "", 200, only(), nil},
		{"GET", all + "?inventory_level:min=1", "", 200, only(), nil},
		{"GET", all + "?include=variants,images", "", 200, []string{`"variants":[{`, `"images":[{`}, []string{`"modifiers"`}},
		{"GET", all + "?include_fields=name,price&include=images", "", 200, []string{`"price":10`, `"images":[]`, `"id":`}, []string{`"weight"`, `"sku"`}},
		{"GET", all + "?exclude_fields=price", "", 200, []string{`"sku"`}, []string{`"price"`}},
		{"GET", all + "?sort=price&direction=desc&limit=1", "", 200, []string{`"name":"Desk lamp"`, `"next":"?direction=desc&sort=price&page=2&limit=1"`}, []string{"Mug"}},
		{"GET", all + "?page=9", "", 200, []string{`"data":[]`, `"total":3`}, nil},
		{"GET", all + "/?limit=250", "", 200, only("Desk lamp", "Mug", "Guide"), nil},
		{"GET", all + "?limit=251", "", 422, []string{`"limit":"error.max"`}, nil},
		{"GET", all + "?sort=weight", "", 422, []string{`"sort":"error.expected.validenumvalue"`}, nil},
		{"GET", all + "?id:in=a", "", 422, []string{`"id:in"`}, nil},
		{"GET", all + "?price:min=cheap&is_visible=perhaps&date_modified:min=soon", "", 422, []string{`"price:min"`, `"is_visible"`, `"date_modified:min"`}, nil},
		{"GET", all + "/0", "", 404, nil, nil},
		{"GET", all + "/99", "", 404, nil, nil},
		{"GET", all + "/x", "", 404, nil, nil},
		{"PATCH", all, "", 405, nil, nil},
	} {
		if e.method == "PATCH" {
			continue // no operation of the document: the contract cannot be asked
		}
		d.run(t, e)
	}
}

// TestProductErrors holds what a product may not be.
func TestProductErrors(t *testing.T) {
	d := newDesk(t)
	all, at := "/v3/catalog/products", fmt.Sprintf("/v3/catalog/products/%d", d.mug)
	for _, e := range []exchange{
		{"POST", all, `{}`, 422, []string{`"name":"error.path.missing"`, `"type":"error.path.missing"`, `"weight":"error.path.missing"`, `"price":"error.path.missing"`}, nil},
		{"POST", all, `{"name":5,"type":"physical","weight":"x","price":-1}`, 422, []string{`"name":"error.expected.jsstring"`, `"weight":"error.expected.jsnumber"`, `"price":"error.min"`}, nil},
		{"POST", all, `{"name":"Mug","type":"physical","weight":1,"price":1}`, 409, []string{"The product name is a duplicate"}, nil},
		{"POST", all, `{"name":"Cup","type":"physical","weight":1,"price":1,"sku":"LAMP-BR"}`, 409, []string{"The SKU is a duplicate"}, nil},
		{"POST", all, `{"name":"Cup","type":"physical","weight":1,"price":1,"custom_url":{"url":"/desk-lamp/"}}`, 409, []string{"The product URL is a duplicate"}, nil},
		{"POST", all, `{"name":"Cup","type":"service","weight":1,"price":1}`, 422, []string{`"type":"error.expected.validenumvalue"`}, nil},
		{"POST", all, `{"name":"Cup","type":"physical","weight":1,"price":1e30}`, 422, []string{`"price":"error.max"`}, nil},
		{"POST", all, `{"name":"Cup","type":"physical","weight":1,"price":1,"variants":[{"sku":"x","option_values":[]}]}`, 200, []string{`"sku":"x"`}, nil},
		{"POST", all, `[]`, 422, nil, nil},
		{"POST", all, `{"name":`, 400, []string{"Syntax error"}, nil},
		{"PUT", at, `{"name":""}`, 422, []string{`"name":"error.minLength"`}, nil},
		{"PUT", at, `{"order_quantity_minimum":30}`, 422, []string{`"order_quantity_minimum"`}, nil},
		{"PUT", at, `{}`, 200, []string{`"price":10`}, nil},
		{"PUT", "/v3/catalog/products/99", `{"name":"x"}`, 404, nil, nil},
		{"PUT", all, fmt.Sprintf(`[{"id":%d,"price":3},{"id":%d,"price":-3}]`, d.mug, d.guide), 422, []string{`"1.price":"error.min"`}, nil},
		{"PUT", all, fmt.Sprintf(`[{"id":%d,"price":3},{"id":99,"price":3}]`, d.mug), 404, nil, nil},
		{"PUT", all, `{}`, 422, nil, nil},
		{"PUT", all, `[]`, 422, nil, nil},
		{"PUT", all, `[{"price":1}]`, 422, []string{`"0.id":"error.path.missing"`}, nil},
		{"PUT", all, "[" + strings.Repeat(`{"id":1},`, 10) + `{"id":1}]`, 422, nil, nil},
		{"GET", at, "", 200, []string{`"price":10`}, nil},
		{"PUT", all, fmt.Sprintf(`[{"id":%d,"price":3},{"id":"%d","is_visible":false}]`, d.mug, d.guide), 200, []string{`"price":3`, `"is_visible":false`}, nil},
		{"DELETE", all, "", 422, []string{`"id:in":"error.path.missing"`}, nil},
		{"DELETE", fmt.Sprintf("%s?id:in=%d,%d,99", all, d.mug, d.guide), "", 204, nil, nil},
		{"GET", all, "", 200, []string{`"total":2`}, nil},
		{"DELETE", at, "", 404, nil, nil},
	} {
		d.run(t, e)
	}
}

// TestAdjustments holds the rules of stock.
func TestAdjustments(t *testing.T) {
	d := newDesk(t)
	relative, absolute := "/v3/inventory/adjustments/relative", "/v3/inventory/adjustments/absolute"
	item := func(what string) string { return `{"reason":"x","items":[{"location_id":1,` + what + `}]}` }
	level := func(n int) exchange {
		return exchange{"GET", fmt.Sprintf("/v3/catalog/products/%d", d.mug), "", 200, []string{fmt.Sprintf(`"inventory_level":%d`, n)}, nil}
	}
	for _, e := range []exchange{
		{"PUT", absolute, item(fmt.Sprintf(`"product_id":%d,"quantity":5`, d.mug)), 200, []string{`"transaction_id":"`}, nil},
		level(5),
		{"POST", relative, item(fmt.Sprintf(`"product_id":"%d","quantity":-2`, d.mug)), 200, nil, nil},
		level(3),
		{"POST", relative, item(fmt.Sprintf(`"product_id":%d,"quantity":-4`, d.mug)), 422, []string{`"items.0.quantity":"error.min"`}, nil},
		{"POST", relative, item(fmt.Sprintf(`"product_id":%d,"quantity":2147483647`, d.mug)), 422, []string{`"items.0.quantity":"error.max"`}, nil},
		{"PUT", absolute, item(fmt.Sprintf(`"product_id":%d,"quantity":-1`, d.mug)), 422, []string{`"items.0.quantity":"error.min"`}, nil},
		{"PUT", absolute, item(`"sku":"nothing","quantity":1`), 422, []string{`"items.0.sku"`}, nil},
		{"PUT", absolute, item(`"quantity":1`), 422, []string{`"items.0"`}, nil},
		{"PUT", absolute, item(fmt.Sprintf(`"product_id":%d,"sku":"x","quantity":1`, d.mug)), 422, nil, nil},
		{"PUT", absolute, strings.Replace(item(fmt.Sprintf(`"product_id":%d,"quantity":1`, d.mug)), `_id":1`, `_id":2`, 1), 422, []string{`"items.0.location_id"`}, nil},
		{"PUT", absolute, `{"items":[]}`, 422, []string{`"items":"error.minLength"`}, nil},
		{"PUT", absolute, `{}`, 422, []string{`"items":"error.path.missing"`}, nil},
		level(3),
	} {
		d.run(t, e)
	}
}

// TestCatalogPostsApplyOnce repeats POSTs with their Idempotency-Key.
func TestCatalogPostsApplyOnce(t *testing.T) {
	d := newDesk(t)
	at := fmt.Sprintf("/stores/demo/v3/catalog/products/%d", d.mug)
	posts := []struct{ path, body string }{
		{"/stores/demo/v3/catalog/products", `{"name":"Cup","type":"physical","weight":1,"price":1,"brand_name":"Cups"}`},
		{at + "/options", `{"display_name":"Size","type":"dropdown","option_values":[{"label":"S"}]}`},
		{at + "/modifiers", `{"display_name":"Box","type":"checkbox","required":false}`},
		{at + "/images", `{"image_url":"https://x.example/a.png"}`},
		{at + "/custom-fields", `{"name":"a","value":"b"}`},
		{"/stores/demo/v3/catalog/brands", `{"name":"Lumen"}`},
		{"/stores/demo/v3/catalog/categories", `{"parent_id":0,"name":"Lamps"}`},
		{"/stores/demo/v3/inventory/adjustments/relative", fmt.Sprintf(`{"items":[{"location_id":1,"product_id":%d,"quantity":4}]}`, d.guide)},
	}
	for i, p := range posts {
		var answers []string
		for range 2 {
			r := httptest.NewRequest("POST", p.path, strings.NewReader(p.body))
			r.Header.Set("X-Auth-Token", "secret")
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", fmt.Sprint("key ", i))
			w := httptest.NewRecorder()
			d.h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Fatalf("POST %s answers %d: %s", p.path, w.Code, w.Body)
			}
			answers = append(answers, w.Body.String())
		}
		if answers[0] != answers[1] {
			t.Errorf("POST %s answers %s, then %s", p.path, answers[0], answers[1])
		}
	}
	d.run(t, exchange{"GET", fmt.Sprintf("/v3/catalog/products/%d", d.guide), "", 200, []string{`"inventory_level":4`}, nil})
	names := send[[]struct{ Name string }](t, d.h, "GET", "/catalog/brands?sort=name", "")
	if len(names) != 2 || !slices.ContainsFunc(names, func(b struct{ Name string }) bool { return b.Name == "Cups" }) {
		t.Errorf("brands: %v", names)
	}
}
