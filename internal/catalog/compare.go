package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Encode returns the document that is stored of a product.
func (p *Product) Encode() (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("encode product %d: %w", p.ID, err)
	}
	return string(b), nil
}

// Same reports whether two versions of a product say the same, whenever they
// were written. Stock is compared apart, by SameStock.
func Same(a, b *Product) bool {
	x, y := *a, *b
	x.Modified, y.Modified = time.Time{}, time.Time{}
	return a.BrandName == b.BrandName && equalJSON(&x, &y)
}

// SameStock reports whether two versions of a product have the same levels.
func SameStock(a, b *Product) bool {
	if a.InventoryLevel != b.InventoryLevel || len(a.Variants) != len(b.Variants) {
		return false
	}
	for i := range a.Variants {
		if a.Variants[i].ID != b.Variants[i].ID || a.Variants[i].InventoryLevel != b.Variants[i].InventoryLevel {
			return false
		}
	}
	return true
}

// AffectsCarts reports whether what changed between two versions of a product
// can show in a cart that holds it. Everything can, but for what is known not
// to.
func AffectsCarts(before, after *Product) bool {
	return !equalJSON(forCarts(before), forCarts(after))
}

// forCarts returns the product without what no cart reads when it is priced.
func forCarts(p *Product) *Product {
	q := *p
	q.Description, q.SearchKeywords, q.AvailabilityDescription = "", "", ""
	q.CostPrice, q.RetailPrice, q.MapPrice = 0, 0, 0
	q.UPC, q.GTIN, q.MPN = "", "", ""
	q.Weight, q.Width, q.Height, q.Depth = 0, 0, 0, 0
	q.Visible, q.Featured, q.FreeShipping, q.SortOrder, q.Condition = false, false, false, 0, ""
	q.Availability = ""
	q.InventoryTracking, q.InventoryWarningLevel = "", 0
	q.OrderQuantityMinimum, q.OrderQuantityMaximum = 0, 0
	q.Modified = time.Time{}
	return &q
}

func equalJSON(a, b *Product) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
