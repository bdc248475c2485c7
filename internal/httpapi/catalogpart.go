package httpapi

import (
	"context"
	"net/http"

	"cartwright/internal/catalog"
)

// pathIDs reads several ids of a path.
func pathIDs(r *http.Request, names ...string) ([]int64, error) {
	ids := make([]int64, len(names))
	for i, name := range names {
		id, err := pathID(r, name)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}

// changePart reads a body, gives it to save and shows the part of the product
// that it was about.
func changePart[In any](w http.ResponseWriter, r *http.Request, read func(value) In,
	save func(ctx context.Context, store string, in In) (*catalog.Product, error),
	show func(*catalog.Product) any) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in := read(body)
	if err := body.err(); err != nil {
		return err
	}
	shown := func(p *catalog.Product) any { return one(show(p)) }
	p, err := save(answering(r.Context(), http.StatusOK, shown), storeOf(r), in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, shown(p))
}

// newest returns the entry with the highest id: what a write has just added.
func newest[T any](list []T, id func(*T) int64) *T {
	last := &list[0]
	for i := range list {
		if id(&list[i]) > id(last) {
			last = &list[i]
		}
	}
	return last
}

// showPart answers with one part of a product; nil is not found.
func showPart[T any](w http.ResponseWriter, part *T, show func(*T) any) error {
	if part == nil {
		return errNotFound()
	}
	return respond(w, http.StatusOK, one(show(part)))
}

// listParts answers with a page of the parts of a product.
func listParts[T, J any](w http.ResponseWriter, r *http.Request, parts []T, show func(*T) J) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listOf(p, parts, func(part T) J { return show(&part) }))
}

// deleted answers a removal.
func deleted(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// imageRoutes are the pictures of products.
func (a *API) imageRoutes() []route {
	const list, item = "/v3/catalog/products/{productId}/images", "/v3/catalog/products/{productId}/images/{imageId}"
	return []route{
		{"GET", list, productScope, a.listImages},
		{"POST", list, productScope, a.createImage},
		{"GET", item, productScope, a.getImage},
		{"PUT", item, productScope, a.updateImage},
		{"DELETE", item, productScope, a.deleteImage},
	}
}

// listImages serves GET images.
func (a *API) listImages(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	return listParts(w, r, p.Images, func(img *catalog.Image) imageJSON { return imageOf(p, img) })
}

// createImage serves POST images.
func (a *API) createImage(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId")
	if err != nil {
		return err
	}
	return changePart(w, r, readImage, func(ctx context.Context, store string, in catalog.ImageInput) (*catalog.Product, error) {
		return a.Catalog.AddImage(ctx, store, ids[0], in)
	}, func(p *catalog.Product) any {
		return imageOf(p, newest(p.Images, func(img *catalog.Image) int64 { return img.ID }))
	})
}

// getImage serves GET images/{imageId}.
func (a *API) getImage(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	ids, err := pathIDs(r, "imageId")
	if err != nil {
		return err
	}
	return showPart(w, p.Image(ids[0]), func(img *catalog.Image) any { return imageOf(p, img) })
}

// updateImage serves PUT images/{imageId}.
func (a *API) updateImage(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "imageId")
	if err != nil {
		return err
	}
	return changePart(w, r, readImage, func(ctx context.Context, store string, in catalog.ImageInput) (*catalog.Product, error) {
		return a.Catalog.UpdateImage(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any { return imageOf(p, p.Image(ids[1])) })
}

// deleteImage serves DELETE images/{imageId}.
func (a *API) deleteImage(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "imageId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveImage(r.Context(), storeOf(r), ids[0], ids[1]))
}

// customFieldRoutes are the custom fields of products.
func (a *API) customFieldRoutes() []route {
	const list, item = "/v3/catalog/products/{productId}/custom-fields", "/v3/catalog/products/{productId}/custom-fields/{customFieldId}"
	return []route{
		{"GET", list, productScope, a.listCustomFields},
		{"POST", list, productScope, a.createCustomField},
		{"GET", item, productScope, a.getCustomField},
		{"PUT", item, productScope, a.updateCustomField},
		{"DELETE", item, productScope, a.deleteCustomField},
	}
}

// listCustomFields serves GET custom-fields.
func (a *API) listCustomFields(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	return listParts(w, r, p.CustomFields, customFieldOf)
}

// createCustomField serves POST custom-fields.
func (a *API) createCustomField(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId")
	if err != nil {
		return err
	}
	read := func(v value) catalog.CustomFieldInput {
		v.get("name").required()
		v.get("value").required()
		return readCustomField(v)
	}
	return changePart(w, r, read, func(ctx context.Context, store string, in catalog.CustomFieldInput) (*catalog.Product, error) {
		return a.Catalog.AddCustomField(ctx, store, ids[0], in)
	}, func(p *catalog.Product) any {
		return customFieldOf(newest(p.CustomFields, func(f *catalog.CustomField) int64 { return f.ID }))
	})
}

// getCustomField serves GET custom-fields/{customFieldId}.
func (a *API) getCustomField(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findProduct(r)
	if err != nil {
		return err
	}
	ids, err := pathIDs(r, "customFieldId")
	if err != nil {
		return err
	}
	return showPart(w, p.CustomField(ids[0]), func(f *catalog.CustomField) any { return customFieldOf(f) })
}

// updateCustomField serves PUT custom-fields/{customFieldId}.
func (a *API) updateCustomField(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "customFieldId")
	if err != nil {
		return err
	}
	return changePart(w, r, readCustomField, func(ctx context.Context, store string, in catalog.CustomFieldInput) (*catalog.Product, error) {
		return a.Catalog.UpdateCustomField(ctx, store, ids[0], ids[1], in)
	}, func(p *catalog.Product) any { return customFieldOf(p.CustomField(ids[1])) })
}

// deleteCustomField serves DELETE custom-fields/{customFieldId}.
func (a *API) deleteCustomField(w http.ResponseWriter, r *http.Request) error {
	ids, err := pathIDs(r, "productId", "customFieldId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.RemoveCustomField(r.Context(), storeOf(r), ids[0], ids[1]))
}
