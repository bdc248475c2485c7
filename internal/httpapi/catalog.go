package httpapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

var productScope = scopeOf("store_v2_products")

// catalogRoutes are the products and what belongs to them (spec/05 §8).
func (a *API) catalogRoutes() []route {
	return slices.Concat([]route{
		{"GET", "/v3/catalog/products", productScope, a.listProducts},
		{"POST", "/v3/catalog/products", productScope, a.createProduct},
		{"PUT", "/v3/catalog/products", productScope, a.updateProducts},
		{"DELETE", "/v3/catalog/products", productScope, a.deleteProducts},
		{"GET", "/v3/catalog/products/{productId}", productScope, a.getProduct},
		{"PUT", "/v3/catalog/products/{productId}", productScope, a.updateProduct},
		{"DELETE", "/v3/catalog/products/{productId}", productScope, a.deleteProduct},
	}, a.variantRoutes(), a.optionRoutes(), a.modifierRoutes(), a.imageRoutes(), a.customFieldRoutes(),
		a.brandRoutes(), a.categoryRoutes(), a.inventoryRoutes())
}

// productView is how a product is shown: with which lists and which fields.
type productView struct {
	include       map[string]bool
	only, without []string // of fields; nil for no choice
}

// readProductView reads include. What the server does not know is passed over.
func readProductView(q url.Values) productView {
	view := productView{include: map[string]bool{}}
	for _, name := range []string{"variants", "options", "modifiers", "images", "custom_fields"} {
		view.include[name] = included(q, name)
	}
	return view
}

// readProductSelection reads include_fields and exclude_fields as well.
func readProductSelection(q url.Values) productView {
	view := readProductView(q)
	view.only, view.without = fieldNames(q, "include_fields"), fieldNames(q, "exclude_fields")
	return view
}

func fieldNames(q url.Values, parameter string) []string {
	var out []string
	for _, v := range q[parameter] {
		for name := range strings.SplitSeq(v, ",") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

// of shows a product.
func (view productView) of(p *catalog.Product) any {
	j := productOf(p)
	if view.include["variants"] {
		list := showVariants(p)
		j.Variants = &list
	}
	if view.include["options"] {
		list := mapped(p.Options, func(o *catalog.Option) optionJSON { return optionOf(p, o) })
		j.Options = &list
	}
	if view.include["modifiers"] {
		list := mapped(p.Modifiers, func(m *catalog.Modifier) modifierJSON { return modifierOf(p, m) })
		j.Modifiers = &list
	}
	if view.include["images"] {
		list := mapped(p.Images, func(img *catalog.Image) imageJSON { return imageOf(p, img) })
		j.Images = &list
	}
	if view.include["custom_fields"] {
		list := mapped(p.CustomFields, customFieldOf)
		j.CustomFields = &list
	}
	if len(view.only) == 0 && len(view.without) == 0 {
		return j
	}
	return view.pick(j)
}

// pick leaves the fields that were asked for: always the id and the lists.
func (view productView) pick(j productJSON) any {
	b, err := json.Marshal(j)
	if err != nil {
		return j
	}
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(b, &fields) != nil {
		return j
	}
	for name := range fields {
		wanted := (len(view.only) == 0 || slices.Contains(view.only, name)) && !slices.Contains(view.without, name)
		if !wanted && name != "id" && !view.include[name] {
			delete(fields, name)
		}
	}
	return fields
}

func (view productView) one(p *catalog.Product) any { return one(view.of(p)) }

// listProducts serves GET /v3/catalog/products.
func (a *API) listProducts(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, query := q.page(), readProductQuery(q)
	if err := q.err(); err != nil {
		return err
	}
	found, err := a.Catalog.Products(r.Context(), storeOf(r), query)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listOf(p, found, readProductSelection(q.values).of))
}

func readProductQuery(q *params) catalog.ProductQuery {
	out := catalog.ProductQuery{
		IDs: q.ids("id:in"), Name: q.text("name"), NameLike: q.text("name:like"), SKU: q.text("sku"), SKUs: q.texts("sku:in"),
		Keyword: q.text("keyword"), Type: q.oneOf("type", catalog.Physical, catalog.Digital),
		Availability: q.oneOf("availability", catalog.Available, catalog.Disabled, catalog.Preorder),
		Condition:    q.oneOf("condition", catalog.ConditionNew, "Used", "Refurbished"),
		BrandID:      q.id("brand_id"), Categories: q.ids("categories:in"),
		Visible: q.bool("is_visible"), Featured: q.bool("is_featured"),
		Sort: q.oneOf("sort", catalog.Sorts...), Falling: q.oneOf("direction", "asc", "desc") == "desc",
	}
	out.ID.Min, out.ID.Max = q.id("id:min"), q.id("id:max")
	if id := q.id("id"); id != nil {
		out.ID.Min, out.ID.Max = id, id
	}
	if category := q.ids("categories"); category != nil {
		out.Categories = append(out.Categories, category...)
	}
	out.Price.Min, out.Price.Max = q.amount("price:min"), q.amount("price:max")
	if price := q.amount("price"); price != nil {
		out.Price.Min, out.Price.Max = price, price
	}
	out.Level.Min, out.Level.Max = q.id("inventory_level:min"), q.id("inventory_level:max")
	if level := q.id("inventory_level"); level != nil {
		out.Level.Min, out.Level.Max = level, level
	}
	modified := q.span("date_modified")
	out.ModifiedFrom, out.ModifiedEnd = modified.from, modified.end
	return out
}

// createProduct serves POST /v3/catalog/products. Unless told otherwise it
// shows the new product whole.
func (a *API) createProduct(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in := readNewProduct(body)
	if err := body.err(); err != nil {
		return err
	}
	view := readProductView(r.URL.Query())
	if !r.URL.Query().Has("include") {
		for name := range view.include {
			view.include[name] = true
		}
	}
	p, err := a.Catalog.Create(answering(r.Context(), http.StatusOK, view.one), storeOf(r), in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, view.one(p))
}

// updateProducts serves PUT /v3/catalog/products.
func (a *API) updateProducts(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	changes := readProductChanges(body)
	if err := body.err(); err != nil {
		return err
	}
	products, err := a.Catalog.UpdateMany(r.Context(), storeOf(r), changes)
	if err != nil {
		return err
	}
	view := readProductView(r.URL.Query())
	shown := make([]any, len(products))
	for i, p := range products {
		shown[i] = view.of(p)
	}
	return respond(w, http.StatusOK, one(shown))
}

// deleteProducts serves DELETE /v3/catalog/products.
func (a *API) deleteProducts(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	ids := q.ids("id:in")
	if len(ids) == 0 {
		q.fail("id:in", fault.Missing)
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Catalog.DeleteMany(r.Context(), storeOf(r), ids); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// getProduct serves GET /v3/catalog/products/{productId}.
func (a *API) getProduct(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, readProductSelection(r.URL.Query()).one(p))
}

// findProduct returns the product of the request's path.
func (a *API) findProduct(r *http.Request) (*catalog.Product, error) {
	id, err := pathID(r, "productId")
	if err != nil {
		return nil, err
	}
	return a.Catalog.Product(r.Context(), storeOf(r), id)
}

// updateProduct serves PUT /v3/catalog/products/{productId}.
func (a *API) updateProduct(w http.ResponseWriter, r *http.Request) error {
	id, in, err := readChange(r, "productId", readProduct)
	if err != nil {
		return err
	}
	p, err := a.Catalog.Update(r.Context(), storeOf(r), id, in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, readProductView(r.URL.Query()).one(p))
}

// deleteProduct serves DELETE /v3/catalog/products/{productId}.
func (a *API) deleteProduct(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "productId")
	if err != nil {
		return err
	}
	if err := a.Catalog.Delete(r.Context(), storeOf(r), id); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}
