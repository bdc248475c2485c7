package catalog

import "maps"

// shards is how many maps a Snapshot is cut into, so that changing one product
// copies a small part of it.
const shards = 256

// Snapshot is a store's catalog at one moment. It never changes, so carts read
// it without locks and outside transactions. With makes the next one.
type Snapshot struct {
	// Revision moves with every change of the catalog.
	Revision int64
	// PriceRevision moves when a change may alter what a cart costs. A cart
	// notes the one it was priced at.
	PriceRevision int64

	products [shards]map[int64]*Product
	variants [shards]map[int64]*Product // by variant id
	skus     [shards]map[string]skuRef
	count    int
}

type skuRef struct{ product, variant int64 }

// NewSnapshot returns the snapshot of these products. It keeps the pointers:
// the caller must not change the products afterwards.
func NewSnapshot(revision, priceRevision int64, products []*Product) *Snapshot {
	return (&Snapshot{}).With(revision, priceRevision, products, nil)
}

// Product returns the product with this id, or nil. The result must not be
// changed.
func (s *Snapshot) Product(id int64) *Product { return s.products[shardOf(id)][id] }

// ByVariant returns the product that has this variant, or nil.
func (s *Snapshot) ByVariant(id int64) *Product { return s.variants[shardOf(id)][id] }

// BySKU returns the product and variant that carry this SKU, or nils. A
// variant's SKU comes before a product's; for a product's SKU the variant is
// nil when the product has options.
func (s *Snapshot) BySKU(sku string) (*Product, *Variant) {
	ref, ok := s.skus[shardOfText(sku)][sku]
	if !ok {
		return nil, nil
	}
	p := s.Product(ref.product)
	if p == nil {
		return nil, nil
	}
	if ref.variant == 0 && !p.HasOptions() {
		return p, &p.Variants[0]
	}
	return p, p.Variant(ref.variant)
}

// Len returns the number of products.
func (s *Snapshot) Len() int { return s.count }

// All calls yield for each product, in no particular order, until it returns
// false.
func (s *Snapshot) All(yield func(*Product) bool) {
	for _, shard := range s.products {
		for _, p := range shard {
			if !yield(p) {
				return
			}
		}
	}
}

// With returns a snapshot with these products put in or replaced and these ids
// gone. s stays as it was.
func (s *Snapshot) With(revision, priceRevision int64, changed []*Product, deleted []int64) *Snapshot {
	next := *s
	next.Revision, next.PriceRevision = revision, priceRevision
	w := writer{snapshot: &next}
	for _, id := range deleted {
		w.remove(id)
	}
	for _, p := range changed {
		w.remove(p.ID)
		w.put(p)
	}
	return &next
}

// writer copies each shard of a new snapshot the first time it is written.
type writer struct {
	snapshot                 *Snapshot
	products, variants, skus [shards]bool
}

func (w *writer) remove(id int64) {
	old := w.snapshot.Product(id)
	if old == nil {
		return
	}
	delete(copyOnce(&w.snapshot.products, &w.products, shardOf(id)), id)
	for i := range old.Variants {
		v := &old.Variants[i]
		delete(copyOnce(&w.snapshot.variants, &w.variants, shardOf(v.ID)), v.ID)
		w.removeSKU(v.SKU, id)
	}
	w.removeSKU(old.SKU, id)
	w.snapshot.count--
}

func (w *writer) removeSKU(sku string, product int64) {
	n := shardOfText(sku)
	if w.snapshot.skus[n][sku].product == product && sku != "" {
		delete(copyOnce(&w.snapshot.skus, &w.skus, n), sku)
	}
}

func (w *writer) put(p *Product) {
	copyOnce(&w.snapshot.products, &w.products, shardOf(p.ID))[p.ID] = p
	if p.SKU != "" {
		copyOnce(&w.snapshot.skus, &w.skus, shardOfText(p.SKU))[p.SKU] = skuRef{product: p.ID}
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		copyOnce(&w.snapshot.variants, &w.variants, shardOf(v.ID))[v.ID] = p
		if v.SKU != "" {
			copyOnce(&w.snapshot.skus, &w.skus, shardOfText(v.SKU))[v.SKU] = skuRef{product: p.ID, variant: v.ID}
		}
	}
	w.snapshot.count++
}

func copyOnce[K comparable, V any](all *[shards]map[K]V, done *[shards]bool, n int) map[K]V {
	if !done[n] {
		done[n] = true
		if all[n] = maps.Clone(all[n]); all[n] == nil {
			all[n] = map[K]V{}
		}
	}
	return all[n]
}

func shardOf(id int64) int { return int(uint64(id) % shards) }

func shardOfText(s string) int {
	h := uint32(2166136261) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return int(h % shards)
}
