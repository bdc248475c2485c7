package httpapi

import (
	"context"
	"net/http"

	"cartwright/internal/catalog"
)

// variantRoutes are the variants of products.
func (a *API) variantRoutes() []route {
	const list, item = "/v3/catalog/products/{productId}/variants", "/v3/catalog/products/{productId}/variants/{variantId}"
	return []route{
		{"GET", "/v3/catalog/variants", productScope, a.listAllVariants},
		{"PUT", "/v3/catalog/variants", productScope, a.updateVariants},
		{"GET", list, productScope, a.listVariants},
		{"POST", list, productScope, a.createVariant},
		{"GET", item, productScope, a.getVariant},
		{"PUT", item, productScope, a.updateVariant},
		{"DELETE", item, productScope, a.deleteVariant},
	}
}

func showVariantOf(v catalog.VariantOf) variantJSON { return variantOf(v.Product, v.Variant) }

// listAllVariants serves GET /v3/catalog/variants.
func (a *API) listAllVariants(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	query := catalog.VariantQuery{IDs: q.ids("id:in"), SKU: q.text("sku"), SKUs: q.texts("sku:in"), ProductID: q.id("product_id")}
	if id := q.id("id"); id != nil {
		query.IDs = []int64{*id}
	}
	if err := q.err(); err != nil {
		return err
	}
	found, err := a.Catalog.Variants(r.Context(), storeOf(r), query)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listOf(p, found, showVariantOf))
}

// updateVariants serves PUT /v3/catalog/variants.
func (a *API) updateVariants(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	changes := readVariantChanges(body)
	if err := body.err(); err != nil {
		return err
	}
	changed, err := a.Catalog.UpdateVariants(r.Context(), storeOf(r), changes)
	if err != nil {
		return err
	}
	shown := make([]variantJSON, len(changed))
	for i, v := range changed {
		shown[i] = showVariantOf(v)
	}
	return respond(w, http.StatusOK, one(shown))
}

// listVariants serves GET variants of one product.
func (a *API) listVariants(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	return listParts(w, r, p.Variants, func(v *catalog.Variant) variantJSON { return variantOf(p, v) })
}

// createVariant serves POST variants.
func (a *API) createVariant(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId")
	if err != nil {
		return err
	}
	return changePart(w, r, readNewVariant, func(ctx context.Context, store string, in catalog.VariantInput) (*catalog.Product, error) {
		return a.Catalog.AddVariant(ctx, store, ids[0], in)
	}, func(p *catalog.Product) any {
		return variantOf(p, newest(p.Variants, func(v *catalog.Variant) int64 { return v.ID }))
	})
}

// getVariant serves GET variants/{variantId}.
func (a *API) getVariant(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	ids, err := pathIDs(r, "variantId")
	if err != nil {
		return err
	}
	return showPart(w, p.Variant(ids[0]), func(v *catalog.Variant) any { return variantOf(p, v) })
}

// updateVariant serves PUT variants/{variantId}.
func (a *API) updateVariant(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "variantId")
	if err != nil {
		return err
	}
	read := func(v value) catalog.VariantInput { return readVariant(v.object()) }
	return changePart(w, r, read, func(ctx context.Context, store string, in catalog.VariantInput) (*catalog.Product, error) {
		return a.Catalog.UpdateVariant(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any { return variantOf(p, p.Variant(ids[1])) })
}

// deleteVariant serves DELETE variants/{variantId}.
func (a *API) deleteVariant(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "variantId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveVariant(r.Context(), storeOf(r), ids[0], ids[1]))
}
