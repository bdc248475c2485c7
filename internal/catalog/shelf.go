package catalog

import (
	"context"
	"slices"
	"strings"

	"cartwright/internal/fault"
)

// The titles of names that are taken.
const (
	TitleDuplicateName     = "The product name is a duplicate"
	TitleDuplicateSKU      = titleDuplicateSKU
	TitleDuplicateURL      = "The product URL is a duplicate"
	TitleDuplicateBrand    = "The brand name is a duplicate"
	TitleDuplicateCategory = "The category name is a duplicate"
)

// ShelfQuery picks brands or categories, by the rules of ProductQuery.
type ShelfQuery struct {
	IDs      []int64
	Name     string
	NameLike string
	ParentID *int64 // of categories
}

func (q *ShelfQuery) matches(id, parentID int64, name string) bool {
	return (q.IDs == nil || slices.Contains(q.IDs, id)) &&
		(q.Name == "" || q.Name == name) &&
		(q.NameLike == "" || contains(name, q.NameLike)) &&
		(q.ParentID == nil || *q.ParentID == parentID)
}

// Brands returns the brands that match, by their ids.
func (s *Service) Brands(ctx context.Context, store string, q ShelfQuery) ([]*Brand, error) {
	all, err := s.storage.ListBrands(ctx, store)
	return slices.DeleteFunc(all, func(b *Brand) bool { return !q.matches(b.ID, 0, b.Name) }), err
}

// Brand returns a brand, or a NotFound fault.
func (s *Service) Brand(ctx context.Context, store string, id int64) (*Brand, error) {
	found, err := s.Brands(ctx, store, ShelfQuery{IDs: []int64{id}})
	if err == nil && len(found) == 0 {
		return nil, errNotFound()
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// SaveBrand changes a brand, or makes one for id 0.
func (s *Service) SaveBrand(ctx context.Context, store string, id int64, in BrandInput) (*Brand, error) {
	return s.storage.SaveBrand(ctx, store, id, func(b *Brand) error {
		c := &check{}
		if in.Name.Given {
			b.Name = strings.TrimSpace(in.Name.Value)
		}
		c.text("name", b.Name, 1, maxName)
		c.putPage(&b.Page, in.Page, b.Name)
		return c.err()
	})
}

// DeleteBrand removes a brand. Its products stay and have none.
func (s *Service) DeleteBrand(ctx context.Context, store string, id int64) error {
	if _, err := s.Brand(ctx, store, id); err != nil {
		return err
	}
	err := s.eachProduct(ctx, store,
		func(p *Product) bool { return p.BrandID == id },
		func(p *Product) { p.BrandID = 0 })
	if err != nil {
		return err
	}
	return s.storage.DeleteBrand(ctx, store, id)
}

// Categories returns the categories that match, by their ids.
func (s *Service) Categories(ctx context.Context, store string, q ShelfQuery) ([]*Category, error) {
	all, err := s.storage.ListCategories(ctx, store)
	return slices.DeleteFunc(all, func(c *Category) bool { return !q.matches(c.ID, c.ParentID, c.Name) }), err
}

// Category returns a category, or a NotFound fault.
func (s *Service) Category(ctx context.Context, store string, id int64) (*Category, error) {
	found, err := s.Categories(ctx, store, ShelfQuery{IDs: []int64{id}})
	if err == nil && len(found) == 0 {
		return nil, errNotFound()
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// SaveCategory changes a category, or makes one for id 0.
func (s *Service) SaveCategory(ctx context.Context, store string, id int64, in CategoryInput) (*Category, error) {
	return s.storage.SaveCategory(ctx, store, id, func(cat *Category) error {
		c := &check{}
		if in.Name.Given {
			cat.Name = strings.TrimSpace(in.Name.Value)
		}
		in.ParentID.into(&cat.ParentID)
		in.Description.into(&cat.Description)
		in.SortOrder.into(&cat.SortOrder)
		if id == 0 {
			cat.Visible = true
		}
		in.Visible.into(&cat.Visible)
		c.text("name", cat.Name, 1, maxName)
		c.text("description", cat.Description, 0, maxDescription)
		c.number("sort_order", cat.SortOrder, -maxLevel, maxLevel)
		if cat.ParentID < 0 {
			c.fail("parent_id", fault.Min)
		}
		c.putPage(&cat.Page, in.Page, cat.Name)
		return c.err()
	})
}

// DeleteCategory removes a category that has none below it. Its products stay
// in their others.
func (s *Service) DeleteCategory(ctx context.Context, store string, id int64) error {
	if _, err := s.Category(ctx, store, id); err != nil {
		return err
	}
	below, err := s.Categories(ctx, store, ShelfQuery{ParentID: &id})
	if err != nil {
		return err
	}
	if len(below) > 0 {
		return ErrCategoryNotEmpty()
	}
	err = s.eachProduct(ctx, store,
		func(p *Product) bool { return slices.Contains(p.Categories, id) },
		func(p *Product) {
			p.Categories = slices.DeleteFunc(p.Categories, func(c int64) bool { return c == id })
		})
	if err != nil {
		return err
	}
	return s.storage.DeleteCategory(ctx, store, id)
}

// ErrCategoryNotEmpty is the refusal to delete a category that others stand
// below.
func ErrCategoryNotEmpty() error {
	return fault.New(fault.Invalid, "The category has others below it. Delete or move them first.")
}

// shelfPart is how many products one write takes off a shelf, so that others
// need not wait long.
const shelfPart = 100

// eachProduct changes every product that picked chooses, in several writes,
// until there is none left.
func (s *Service) eachProduct(ctx context.Context, store string, picked func(*Product) bool, change func(*Product)) error {
	for {
		snap, err := s.snapshots.FreshCatalog(ctx, store)
		if err != nil {
			return err
		}
		var ids []int64
		for p := range snap.All {
			if picked(p) {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		for part := range slices.Chunk(ids, shelfPart) {
			_, err := s.storage.UpdateProducts(ctx, store, part, func(products map[int64]*Product) error {
				for _, p := range products {
					change(p)
				}
				return nil
			})
			if err != nil && !fault.Is(err, fault.NotFound) { // one that was deleted meanwhile is no hindrance
				return err
			}
		}
	}
}

func (c *check) putPage(p *Page, in PageInput, name string) {
	if in.URL.Given && in.URL.Value != p.URL {
		if url := c.path("custom_url.url", in.URL.Value); url != p.URL {
			p.URL, p.URLCustomized = url, true
		}
	}
	if p.URL == "" {
		p.URL = Slug(name)
	}
	in.Title.into(&p.Title)
	in.ImageURL.into(&p.ImageURL)
	in.MetaKeywords.into(&p.MetaKeywords)
	in.MetaDescription.into(&p.MetaDescription)
	in.SearchKeywords.into(&p.SearchKeywords)
	c.text("page_title", p.Title, 0, maxShortText)
	c.image("image_url", p.ImageURL)
	c.text("meta_description", p.MetaDescription, 0, 65_535)
	c.text("search_keywords", p.SearchKeywords, 0, 65_535)
	if len(p.MetaKeywords) > maxValues {
		c.fail("meta_keywords", fault.MaxLength)
	}
	for i, word := range p.MetaKeywords {
		c.text(at("meta_keywords", i), word, 0, maxShortText)
	}
}
