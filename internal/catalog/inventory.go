package catalog

import (
	"context"
	"fmt"

	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// Location is the one place where a store keeps its stock (spec/05 §8.2).
const Location int64 = 1

// StockItem is one entry of an adjustment: which stock, by exactly one of SKU,
// VariantID and ProductID, and by how much or to what it changes.
type StockItem struct {
	LocationID int64
	SKU        string
	VariantID  int64
	ProductID  int64
	Quantity   int64
}

// StockChange is one entry of an adjustment, with the counter it is about.
type StockChange struct {
	Product  int64
	Variant  int64 // 0 for the stock of the product itself
	Quantity int64
	Absolute bool   // Quantity is the new level; otherwise it is added
	Path     string // of the quantity in the request
}

// Adjustment is an adjustment that was made.
type Adjustment struct{ TransactionID string }

// MaxLevel is the highest stock level.
const MaxLevel = maxLevel

// Adjust changes stock levels, either all or none: to the quantities named when
// absolute, otherwise by them.
func (s *Service) Adjust(ctx context.Context, store string, items []StockItem, absolute bool) (Adjustment, error) {
	changes, err := s.counters(ctx, store, items, s.snapshots.Catalog)
	if err != nil { // perhaps of what another process has just made
		changes, err = s.counters(ctx, store, items, s.snapshots.FreshCatalog)
	}
	if err != nil {
		return Adjustment{}, err
	}
	for i := range changes {
		changes[i].Absolute = absolute
	}
	return s.storage.AdjustStock(ctx, store, changes, Adjustment{TransactionID: id.UUID()})
}

// counters finds the counter of each entry.
func (s *Service) counters(ctx context.Context, store string, items []StockItem,
	read func(context.Context, string) (*Snapshot, error)) ([]StockChange, error) {
	snap, err := read(ctx, store)
	if err != nil {
		return nil, err
	}
	c := &check{}
	changes := make([]StockChange, 0, len(items))
	for i, item := range items {
		path := at("items", i)
		if item.LocationID != Location {
			c.fail(join(path, "location_id"), missing("Location", item.LocationID))
		}
		if p, v := item.find(snap, c, path); p != nil {
			changes = append(changes, StockChange{
				Product: p.ID, Variant: p.Counter(v), Quantity: item.Quantity, Path: join(path, "quantity"),
			})
		}
	}
	return changes, c.err()
}

// find returns the product, and the variant if one is meant.
func (item StockItem) find(snap *Snapshot, c *check, path string) (*Product, *Variant) {
	var p *Product
	var v *Variant
	switch {
	case item.SKU != "" && item.VariantID == 0 && item.ProductID == 0:
		if p, v = snap.BySKU(item.SKU); p == nil {
			c.fail(join(path, "sku"), fmt.Sprintf("SKU %s does not exist", item.SKU))
		}
	case item.VariantID != 0 && item.SKU == "" && item.ProductID == 0:
		if p = snap.ByVariant(item.VariantID); p == nil {
			c.fail(join(path, "variant_id"), missing("Variant", item.VariantID))
			return nil, nil
		}
		return p, p.Variant(item.VariantID)
	case item.ProductID != 0 && item.SKU == "" && item.VariantID == 0:
		if p = snap.Product(item.ProductID); p == nil {
			c.fail(join(path, "product_id"), missing("Product", item.ProductID))
		}
	default:
		c.fail(path, "Exactly one of sku, variant_id and product_id is needed")
	}
	if p != nil && v == nil && p.HasOptions() && p.InventoryTracking == TrackVariant {
		c.fail(path, fmt.Sprintf("The stock of product %d is counted by variant", p.ID))
		return nil, nil
	}
	return p, v
}

// CheckLevel returns a fault for a level that is out of bounds.
func (c StockChange) CheckLevel(level int64) error {
	switch {
	case level < 0:
		return fault.Field(c.Path, fault.Min)
	case level > MaxLevel:
		return fault.Field(c.Path, fault.Max)
	}
	return nil
}
