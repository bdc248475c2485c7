package httpapi

import (
	"net/http"

	"cartwright/internal/catalog"
)

// brandRoutes are the brands of a store.
func (a *API) brandRoutes() []route {
	return []route{
		{"GET", "/v3/catalog/brands", productScope, a.listBrands},
		{"POST", "/v3/catalog/brands", productScope, a.createBrand},
		{"GET", "/v3/catalog/brands/{brandId}", productScope, a.getBrand},
		{"PUT", "/v3/catalog/brands/{brandId}", productScope, a.updateBrand},
		{"DELETE", "/v3/catalog/brands/{brandId}", productScope, a.deleteBrand},
	}
}

// shelfPageJSON is what brands and categories have in common.
type shelfPageJSON struct {
	PageTitle       string        `json:"page_title"`
	MetaKeywords    []string      `json:"meta_keywords"`
	MetaDescription string        `json:"meta_description"`
	SearchKeywords  string        `json:"search_keywords"`
	ImageURL        string        `json:"image_url"`
	CustomURL       customURLJSON `json:"custom_url"`
}

func shelfPageOf(p *catalog.Page) shelfPageJSON {
	return shelfPageJSON{p.Title, texts(p.MetaKeywords), p.MetaDescription, p.SearchKeywords, p.ImageURL,
		customURLJSON{p.URL, p.URLCustomized}}
}

type brandJSON struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	shelfPageJSON
}

func brandOf(b *catalog.Brand) brandJSON { return brandJSON{b.ID, b.Name, shelfPageOf(&b.Page)} }

func showBrand(b *catalog.Brand) any { return one(brandOf(b)) }

func readShelfQuery(q *params) catalog.ShelfQuery {
	out := catalog.ShelfQuery{IDs: q.ids("id:in"), Name: q.text("name"), NameLike: q.text("name:like"), ParentID: q.id("parent_id")}
	if id := q.id("id"); id != nil {
		out.IDs = []int64{*id}
	}
	return out
}

// listBrands serves GET /v3/catalog/brands.
func (a *API) listBrands(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, query := q.page(), readShelfQuery(q)
	query.ParentID = nil
	if err := q.err(); err != nil {
		return err
	}
	found, err := a.Catalog.Brands(r.Context(), storeOf(r), query)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listOf(p, found, brandOf))
}

// createBrand serves POST /v3/catalog/brands.
func (a *API) createBrand(w http.ResponseWriter, r *http.Request) error { return a.saveBrand(w, r, 0) }

// saveBrand makes a brand for id 0 and changes one for any other.
func (a *API) saveBrand(w http.ResponseWriter, r *http.Request, id int64) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if id == 0 {
		body.get("name").required()
	}
	in := readBrand(body)
	if err := body.err(); err != nil {
		return err
	}
	b, err := a.Catalog.SaveBrand(answering(r.Context(), http.StatusOK, showBrand), storeOf(r), id, in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showBrand(b))
}

// getBrand serves GET /v3/catalog/brands/{brandId}.
func (a *API) getBrand(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "brandId")
	if err != nil {
		return err
	}
	b, err := a.Catalog.Brand(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showBrand(b))
}

// updateBrand serves PUT /v3/catalog/brands/{brandId}.
func (a *API) updateBrand(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "brandId")
	if err != nil {
		return err
	}
	return a.saveBrand(w, r, id)
}

// deleteBrand serves DELETE /v3/catalog/brands/{brandId}.
func (a *API) deleteBrand(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "brandId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.DeleteBrand(r.Context(), storeOf(r), id))
}

// categoryRoutes are the categories of a store.
func (a *API) categoryRoutes() []route {
	return []route{
		{"GET", "/v3/catalog/categories", productScope, a.listCategories},
		{"POST", "/v3/catalog/categories", productScope, a.createCategory},
		{"GET", "/v3/catalog/categories/{categoryId}", productScope, a.getCategory},
		{"PUT", "/v3/catalog/categories/{categoryId}", productScope, a.updateCategory},
		{"DELETE", "/v3/catalog/categories/{categoryId}", productScope, a.deleteCategory},
	}
}

type categoryJSON struct {
	ID          int64  `json:"id"`
	ParentID    int64  `json:"parent_id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	SortOrder   int64  `json:"sort_order"`
	IsVisible   bool   `json:"is_visible"`
	shelfPageJSON
}

func categoryOf(c *catalog.Category) categoryJSON {
	return categoryJSON{c.ID, c.ParentID, c.Name, c.Description, c.SortOrder, c.Visible, shelfPageOf(&c.Page)}
}

func showCategory(c *catalog.Category) any { return one(categoryOf(c)) }

// listCategories serves GET /v3/catalog/categories.
func (a *API) listCategories(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, query := q.page(), readShelfQuery(q)
	if err := q.err(); err != nil {
		return err
	}
	found, err := a.Catalog.Categories(r.Context(), storeOf(r), query)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listOf(p, found, categoryOf))
}

// createCategory serves POST /v3/catalog/categories.
func (a *API) createCategory(w http.ResponseWriter, r *http.Request) error {
	return a.saveCategory(w, r, 0)
}

// saveCategory makes a category for id 0 and changes one for any other.
func (a *API) saveCategory(w http.ResponseWriter, r *http.Request, id int64) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if id == 0 {
		body.get("parent_id").required()
		body.get("name").required()
	}
	in := readCategory(body)
	if err := body.err(); err != nil {
		return err
	}
	c, err := a.Catalog.SaveCategory(answering(r.Context(), http.StatusOK, showCategory), storeOf(r), id, in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showCategory(c))
}

// getCategory serves GET /v3/catalog/categories/{categoryId}.
func (a *API) getCategory(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "categoryId")
	if err != nil {
		return err
	}
	c, err := a.Catalog.Category(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showCategory(c))
}

// updateCategory serves PUT /v3/catalog/categories/{categoryId}.
func (a *API) updateCategory(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "categoryId")
	if err != nil {
		return err
	}
	return a.saveCategory(w, r, id)
}

// deleteCategory serves DELETE /v3/catalog/categories/{categoryId}.
func (a *API) deleteCategory(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "categoryId")
	if err != nil {
		return err
	}
	return deleted(w, a.Catalog.DeleteCategory(r.Context(), storeOf(r), id))
}
