package httpapi

import (
	"context"
	"net/http"

	"cartwright/internal/catalog"
)

// modifierRoutes are the modifiers of products, with their values.
func (a *API) modifierRoutes() []route {
	const list, item = "/v3/catalog/products/{productId}/modifiers", "/v3/catalog/products/{productId}/modifiers/{modifierId}"
	return []route{
		{"GET", list, productScope, a.listModifiers},
		{"POST", list, productScope, a.createModifier},
		{"GET", item, productScope, a.getModifier},
		{"PUT", item, productScope, a.updateModifier},
		{"DELETE", item, productScope, a.deleteModifier},
		{"GET", item + "/values", productScope, a.listModifierValues},
		{"POST", item + "/values", productScope, a.createModifierValue},
		{"GET", item + "/values/{valueId}", productScope, a.getModifierValue},
		{"PUT", item + "/values/{valueId}", productScope, a.updateModifierValue},
		{"DELETE", item + "/values/{valueId}", productScope, a.deleteModifierValue},
	}
}

// modifierIn returns the modifier of the request's path with its product.
func (a *API) modifierIn(r *http.Request) (*catalog.Product, *catalog.Modifier, error) {
	p, err := a.findProduct(r)
	if err != nil {
		return nil, nil, err
	}
	id, err := pathID(r, "modifierId")
	if err != nil {
		return nil, nil, err
	}
	found := p.Modifier(id)
	if found == nil {
		return nil, nil, errNotFound()
	}
	return p, found, nil
}

// listModifiers serves GET modifiers.
func (a *API) listModifiers(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	return listParts(w, r, p.Modifiers, func(one *catalog.Modifier) modifierJSON { return modifierOf(p, one) })
}

// createModifier serves POST modifiers.
func (a *API) createModifier(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId")
	if err != nil {
		return err
	}
	read := func(v value) catalog.ModifierInput {
		for _, name := range []string{"display_name", "type", "required"} {
			v.get(name).required()
		}
		return readModifier(v)
	}
	return changePart(w, r, read, func(ctx context.Context, store string, in catalog.ModifierInput) (*catalog.Product, error) {
		return a.Catalog.AddModifier(ctx, store, ids[0], in)
	}, func(p *catalog.Product) any {
		return modifierOf(p, newest(p.Modifiers, func(one *catalog.Modifier) int64 { return one.ID }))
	})
}

// getModifier serves GET modifiers/{modifierId}.
func (a *API) getModifier(w http.ResponseWriter, r *http.Request) error {
	p, found, err := a.modifierIn(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(modifierOf(p, found)))
}

// updateModifier serves PUT modifiers/{modifierId}.
func (a *API) updateModifier(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "modifierId")
	if err != nil {
		return err
	}
	return changePart(w, r, readModifier, func(ctx context.Context, store string, in catalog.ModifierInput) (*catalog.Product, error) {
		return a.Catalog.UpdateModifier(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any { return modifierOf(p, p.Modifier(ids[1])) })
}

// deleteModifier serves DELETE modifiers/{modifierId}.
func (a *API) deleteModifier(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "modifierId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveModifier(r.Context(), storeOf(r), ids[0], ids[1]))
}

// listModifierValues serves GET modifiers/{modifierId}/values.
func (a *API) listModifierValues(w http.ResponseWriter, r *http.Request) error {
	_, found, err := a.modifierIn(r)
	if err != nil {
		return err
	}
	return listParts(w, r, found.Values, func(v *catalog.OptionValue) modifierValueJSON { return modifierValueOf(found, v) })
}

// createModifierValue serves POST modifiers/{modifierId}/values.
func (a *API) createModifierValue(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "modifierId")
	if err != nil {
		return err
	}
	read := func(v value) catalog.ValueInput {
		v.get("label").required()
		return readValue(v)
	}
	return changePart(w, r, read, func(ctx context.Context, store string, in catalog.ValueInput) (*catalog.Product, error) {
		return a.Catalog.AddModifierValue(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any {
		found := p.Modifier(ids[1])
		return modifierValueOf(found, newest(found.Values, func(v *catalog.OptionValue) int64 { return v.ID }))
	})
}

// getModifierValue serves GET modifiers/{modifierId}/values/{valueId}.
func (a *API) getModifierValue(w http.ResponseWriter, r *http.Request) error {
	_, found, err := a.modifierIn(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "valueId")
	if err != nil {
		return err
	}
	return showPart(w, found.Value(id), func(v *catalog.OptionValue) any { return modifierValueOf(found, v) })
}

// updateModifierValue serves PUT modifiers/{modifierId}/values/{valueId}.
func (a *API) updateModifierValue(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "modifierId", "valueId")
	if err != nil {
		return err
	}
	return changePart(w, r, readValue, func(ctx context.Context, store string, in catalog.ValueInput) (*catalog.Product, error) {
		return a.Catalog.UpdateModifierValue(ctx, store, ids[0], ids[1], ids[2], in)
	}, func(p *catalog.Product) any {
		found := p.Modifier(ids[1])
		return modifierValueOf(found, found.Value(ids[2]))
	})
}

// deleteModifierValue serves DELETE modifiers/{modifierId}/values/{valueId}.
func (a *API) deleteModifierValue(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "modifierId", "valueId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveModifierValue(r.Context(), storeOf(r), ids[0], ids[1], ids[2]))
}
