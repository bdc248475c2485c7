package catalog

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"cartwright/internal/money"
)

// Range bounds a value on either side; a nil bound is none. Both ends belong
// to it.
type Range[T any] struct{ Min, Max *T }

func within[T cmp.Ordered](r Range[T], v T) bool {
	return (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
}

// ProductQuery picks products: those for which everything that is given holds.
// A nil list, an empty string and a nil pointer are not given; an empty list
// matches nothing.
type ProductQuery struct {
	IDs          []int64
	ID           Range[int64]
	Name         string // exactly
	NameLike     string // as a part, in whatever case
	SKU          string
	SKUs         []string
	Keyword      string // in name, SKUs, description or search keywords
	Type         string
	Availability string
	Condition    string
	BrandID      *int64
	Categories   []int64 // in at least one of them
	Visible      *bool
	Featured     *bool
	Price        Range[money.Amount]
	Level        Range[int64]
	// ModifiedFrom and ModifiedEnd bound when a product was last changed, from
	// the one on and before the other; zero bounds nothing.
	ModifiedFrom, ModifiedEnd time.Time

	Sort    string // SortID without
	Falling bool
}

// What products can be sorted by.
const (
	SortID       = "id"
	SortName     = "name"
	SortSKU      = "sku"
	SortPrice    = "price"
	SortModified = "date_modified"
)

// Sorts are the values of ProductQuery.Sort.
var Sorts = []string{SortID, SortName, SortSKU, SortPrice, SortModified}

func (q *ProductQuery) run(s *Snapshot) []*Product {
	var out []*Product
	if q.IDs != nil {
		for _, id := range distinct(q.IDs) {
			if p := s.Product(id); p != nil && q.matches(p) {
				out = append(out, p)
			}
		}
	} else {
		for p := range s.All {
			if q.matches(p) {
				out = append(out, p)
			}
		}
	}
	q.sort(out)
	return out
}

// sort puts products into the order asked for; those that are equal in it
// stand by their ids. Keys are made once: lower case costs more than comparing.
func (q *ProductQuery) sort(products []*Product) {
	type entry struct {
		text    string
		number  int64
		product *Product
	}
	entries := make([]entry, len(products))
	for i, p := range products {
		entries[i] = entry{product: p}
		switch q.Sort {
		case SortName:
			entries[i].text = strings.ToLower(p.Name)
		case SortSKU:
			entries[i].text = p.SKU
		case SortPrice:
			entries[i].number = int64(p.Price)
		case SortModified:
			entries[i].number = p.Modified.UnixMilli()
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		n := cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.number, b.number), cmp.Compare(a.product.ID, b.product.ID))
		if q.Falling {
			n = -n
		}
		return n
	})
	for i := range entries {
		products[i] = entries[i].product
	}
}

func (q *ProductQuery) matches(p *Product) bool {
	return q.matchesText(p) && q.matchesShelf(p) &&
		within(q.ID, p.ID) &&
		within(q.Price, p.Price) &&
		within(q.Level, p.Level()) &&
		(q.ModifiedFrom.IsZero() || !p.Modified.Before(q.ModifiedFrom)) &&
		(q.ModifiedEnd.IsZero() || p.Modified.Before(q.ModifiedEnd))
}

func (q *ProductQuery) matchesText(p *Product) bool {
	return (q.Name == "" || p.Name == q.Name) &&
		(q.NameLike == "" || contains(p.Name, q.NameLike)) &&
		(q.SKU == "" || p.SKU == q.SKU) &&
		(q.SKUs == nil || slices.Contains(q.SKUs, p.SKU)) &&
		(q.Keyword == "" || p.mentions(q.Keyword))
}

func (q *ProductQuery) matchesShelf(p *Product) bool {
	return (q.Type == "" || p.Type == q.Type) &&
		(q.Availability == "" || p.Availability == q.Availability) &&
		(q.Condition == "" || p.Condition == q.Condition) &&
		(q.BrandID == nil || p.BrandID == *q.BrandID) &&
		(q.Visible == nil || p.Visible == *q.Visible) &&
		(q.Featured == nil || p.Featured == *q.Featured) &&
		(q.Categories == nil || slices.ContainsFunc(p.Categories, func(id int64) bool { return slices.Contains(q.Categories, id) }))
}

// contains reports whether part stands in s, in whatever case.
func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

func (p *Product) mentions(word string) bool {
	if contains(p.Name, word) || contains(p.SKU, word) || contains(p.SearchKeywords, word) || contains(p.Description, word) {
		return true
	}
	return slices.ContainsFunc(p.Variants, func(v Variant) bool { return contains(v.SKU, word) })
}

// Level returns what is left of the product: the sum over its variants where
// stock is counted by variant.
func (p *Product) Level() int64 {
	if p.InventoryTracking != TrackVariant || !p.HasOptions() {
		return p.InventoryLevel
	}
	var sum int64
	for i := range p.Variants {
		sum = min(sum+p.Variants[i].InventoryLevel, math.MaxInt32)
	}
	return sum
}

// VariantQuery picks variants of any products, by the rules of ProductQuery.
type VariantQuery struct {
	IDs       []int64
	SKU       string
	SKUs      []string
	ProductID *int64
}

func (q *VariantQuery) run(s *Snapshot) []VariantOf {
	var out []VariantOf
	for p := range s.All {
		if q.ProductID != nil && p.ID != *q.ProductID {
			continue
		}
		for i := range p.Variants {
			v := &p.Variants[i]
			sku := p.VariantSKU(v)
			if (q.IDs == nil || slices.Contains(q.IDs, v.ID)) && (q.SKU == "" || sku == q.SKU) &&
				(q.SKUs == nil || slices.Contains(q.SKUs, sku)) {
				out = append(out, VariantOf{p, v})
			}
		}
	}
	slices.SortFunc(out, func(a, b VariantOf) int { return cmp.Compare(a.Variant.ID, b.Variant.ID) })
	return out
}

// VariantSKU returns the SKU of a variant: that of the product where the two
// are one.
func (p *Product) VariantSKU(v *Variant) string {
	if v.SKU == "" && !p.HasOptions() {
		return p.SKU
	}
	return v.SKU
}

// Variants returns the variants that match, by their ids.
func (s *Service) Variants(ctx context.Context, store string, q VariantQuery) ([]VariantOf, error) {
	snap, err := s.snapshots.Catalog(ctx, store)
	if err != nil {
		return nil, err
	}
	return q.run(snap), nil
}
