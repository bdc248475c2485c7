package httpapi

import (
	"context"
	"net/http"

	"cartwright/internal/catalog"
)

// optionRoutes are the variant options of products, with their values.
func (a *API) optionRoutes() []route {
	const list, item = "/v3/catalog/products/{productId}/options", "/v3/catalog/products/{productId}/options/{optionId}"
	return []route{
		{"GET", list, productScope, a.listOptions},
		{"POST", list, productScope, a.createOption},
		{"GET", item, productScope, a.getOption},
		{"PUT", item, productScope, a.updateOption},
		{"DELETE", item, productScope, a.deleteOption},
		{"GET", item + "/values", productScope, a.listOptionValues},
		{"POST", item + "/values", productScope, a.createOptionValue},
		{"GET", item + "/values/{valueId}", productScope, a.getOptionValue},
		{"PUT", item + "/values/{valueId}", productScope, a.updateOptionValue},
		{"DELETE", item + "/values/{valueId}", productScope, a.deleteOptionValue},
	}
}

// optionIn returns the option of the request's path with its product.
func (a *API) optionIn(r *http.Request) (*catalog.Product, *catalog.Option, error) {
	p, err := a.findProduct(r)
	if err != nil {
		return nil, nil, err
	}
	id, err := pathID(r, "optionId")
	if err != nil {
		return nil, nil, err
	}
	found := p.Option(id)
	if found == nil {
		return nil, nil, errNotFound()
	}
	return p, found, nil
}

// listOptions serves GET options.
func (a *API) listOptions(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	return listParts(w, r, p.Options, func(one *catalog.Option) optionJSON { return optionOf(p, one) })
}

// createOption serves POST options.
func (a *API) createOption(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId")
	if err != nil {
		return err
	}
	read := func(v value) catalog.OptionInput {
		for _, name := range []string{"display_name", "type"} {
			v.get(name).required()
		}
		return readOption(v)
	}
	return changePart(w, r, read, func(ctx context.Context, store string, in catalog.OptionInput) (*catalog.Product, error) {
		return a.Catalog.AddOption(ctx, store, ids[0], in)
	}, func(p *catalog.Product) any {
		return optionOf(p, newest(p.Options, func(one *catalog.Option) int64 { return one.ID }))
	})
}

// getOption serves GET options/{optionId}.
func (a *API) getOption(w http.ResponseWriter, r *http.Request) error {
	p, found, err := a.optionIn(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(optionOf(p, found)))
}

// updateOption serves PUT options/{optionId}.
func (a *API) updateOption(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "optionId")
	if err != nil {
		return err
	}
	return changePart(w, r, readOption, func(ctx context.Context, store string, in catalog.OptionInput) (*catalog.Product, error) {
		return a.Catalog.UpdateOption(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any { return optionOf(p, p.Option(ids[1])) })
}

// deleteOption serves DELETE options/{optionId}.
func (a *API) deleteOption(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "optionId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveOption(r.Context(), storeOf(r), ids[0], ids[1]))
}

// listOptionValues serves GET options/{optionId}/values.
func (a *API) listOptionValues(w http.ResponseWriter, r *http.Request) error {
	_, found, err := a.optionIn(r)
	if err != nil {
		return err
	}
	return listParts(w, r, found.Values, optionValueOf)
}

// createOptionValue serves POST options/{optionId}/values.
func (a *API) createOptionValue(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "optionId")
	if err != nil {
		return err
	}
	read := func(v value) catalog.ValueInput {
		v.get("label").required()
		return readValue(v)
	}
	return changePart(w, r, read, func(ctx context.Context, store string, in catalog.ValueInput) (*catalog.Product, error) {
		return a.Catalog.AddOptionValue(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any {
		return optionValueOf(newest(p.Option(ids[1]).Values, func(v *catalog.OptionValue) int64 { return v.ID }))
	})
}

// getOptionValue serves GET options/{optionId}/values/{valueId}.
func (a *API) getOptionValue(w http.ResponseWriter, r *http.Request) error {
	_, found, err := a.optionIn(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "valueId")
	if err != nil {
		return err
	}
	return showPart(w, found.Value(id), func(v *catalog.OptionValue) any { return optionValueOf(v) })
}

// updateOptionValue serves PUT options/{optionId}/values/{valueId}.
func (a *API) updateOptionValue(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "optionId", "valueId")
	if err != nil {
		return err
	}
	return changePart(w, r, readValue, func(ctx context.Context, store string, in catalog.ValueInput) (*catalog.Product, error) {
		return a.Catalog.UpdateOptionValue(ctx, store, ids[0], ids[1], ids[2], in)
	}, func(p *catalog.Product) any { return optionValueOf(p.Option(ids[1]).Value(ids[2])) })
}

// deleteOptionValue serves DELETE options/{optionId}/values/{valueId}.
func (a *API) deleteOptionValue(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "optionId", "valueId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveOptionValue(r.Context(), storeOf(r), ids[0], ids[1], ids[2]))
}
