package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

// Catalog implements catalog.Snapshots.
func (s *Shops) Catalog(ctx context.Context, store string) (*catalog.Snapshot, error) {
	e, err := s.entry(ctx, store)
	if err != nil {
		return nil, err
	}
	return e.shop.Catalog, nil
}

// FreshCatalog implements catalog.Snapshots.
func (s *Shops) FreshCatalog(ctx context.Context, store string) (*catalog.Snapshot, error) {
	e, err := s.refresh(ctx, store)
	if err != nil {
		return nil, err
	}
	return e.shop.Catalog, nil
}

// catalogTx is a transaction that changes the catalog of a store.
type catalogTx struct {
	*tx
	store    string
	revision int64 // of the catalog, once the transaction is committed
	repriced bool  // carts may have to be priced again
}

// writeCatalog runs fn in a transaction that moves the revision of a store's
// catalog, and lets the next request see what it wrote.
func writeCatalog[T any](ctx context.Context, db *DB, store string, fn func(*catalogTx) (T, error)) (T, error) {
	out, err := writeQuietly(ctx, db, store, fn)
	if err == nil {
		db.changed(ctx, store)
	}
	return out, err
}

// writeQuietly is writeCatalog for the parts of a larger write: it leaves it
// to its caller to say that the catalog has changed.
func writeQuietly[T any](ctx context.Context, db *DB, store string, fn func(*catalogTx) (T, error)) (T, error) {
	return write(ctx, db, func(t *tx) (T, error) {
		c := &catalogTx{tx: t, store: store}
		var zero T
		// Moving the revision first makes the writers of one catalog wait for
		// each other.
		err := t.QueryRowContext(t.ctx, `UPDATE revisions SET catalog = catalog + 1 WHERE store = $1 RETURNING catalog`, store).Scan(&c.revision)
		if errors.Is(err, sql.ErrNoRows) {
			return zero, fault.New(fault.NotFound, fault.TitleNotFound)
		}
		if err != nil {
			return zero, fmt.Errorf("move revision of the catalog: %w", err)
		}
		out, err := fn(c)
		if err != nil {
			return zero, err
		}
		if c.repriced {
			err = bump(t, store, "price")
		}
		return out, err
	})
}

// CreateProduct implements catalog.Storage.
func (db *DB) CreateProduct(ctx context.Context, store string, p *catalog.Product) (*catalog.Product, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (*catalog.Product, error) {
		created := p.Clone()
		return created, c.save([]version{{after: created}})
	})
}

// UpdateProduct implements catalog.Storage.
func (db *DB) UpdateProduct(ctx context.Context, store string, id int64, change func(*catalog.Product) error) (*catalog.Product, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (*catalog.Product, error) {
		out, err := c.update([]int64{id}, func(products map[int64]*catalog.Product) error { return change(products[id]) })
		if err != nil {
			return nil, err
		}
		return out[0], nil
	})
}

// UpdateProducts implements catalog.Storage.
func (db *DB) UpdateProducts(ctx context.Context, store string, ids []int64,
	change func(map[int64]*catalog.Product) error) ([]*catalog.Product, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) ([]*catalog.Product, error) { return c.update(ids, change) })
}

// version is a product before and after a write; before is nil for a new one.
type version struct{ before, after *catalog.Product }

// update loads products, changes copies of them and writes those that differ.
func (c *catalogTx) update(ids []int64, change func(map[int64]*catalog.Product) error) ([]*catalog.Product, error) {
	before := make(map[int64]*catalog.Product, len(ids))
	after := make(map[int64]*catalog.Product, len(ids))
	for _, id := range ids {
		p, err := c.load(id)
		if err != nil {
			return nil, err
		}
		before[id], after[id] = p, p.Clone()
	}
	if err := change(after); err != nil {
		return nil, err
	}
	out := make([]*catalog.Product, len(ids))
	var versions []version
	for i, id := range ids {
		if out[i] = before[id]; catalog.Same(before[id], after[id]) && catalog.SameStock(before[id], after[id]) {
			continue
		}
		out[i] = after[id]
		versions = append(versions, version{before[id], after[id]})
	}
	return out, c.save(versions)
}

// load reads a product with its stock. It returns a NotFound fault when there
// is none.
func (c *catalogTx) load(id int64) (*catalog.Product, error) {
	var doc *string
	p := &catalog.Product{}
	err := c.QueryRowContext(c.ctx, `SELECT revision, doc FROM products WHERE store = $1 AND id = $2`, c.store, id).Scan(&p.Revision, &doc)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && doc == nil) {
		return nil, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read product %d: %w", id, err)
	}
	if err := json.Unmarshal([]byte(*doc), p); err != nil {
		return nil, fmt.Errorf("decode product %d: %w", id, err)
	}
	return p, c.loadStock(p)
}

func (c *catalogTx) loadStock(p *catalog.Product) error {
	rows, err := c.QueryContext(c.ctx, `SELECT variant_id, level FROM stock WHERE store = $1 AND product_id = $2`, c.store, p.ID)
	if err != nil {
		return fmt.Errorf("read stock of product %d: %w", p.ID, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var variantID, level int64
		if err := rows.Scan(&variantID, &level); err != nil {
			return err
		}
		setLevel(p, variantID, level)
	}
	return rows.Err()
}

// save completes new versions of products and writes them together: ids,
// brand, path, and what must be unique.
func (c *catalogTx) save(versions []version) error {
	fresh := make([]*catalog.Product, len(versions))
	for i, v := range versions {
		fresh[i] = v.after
		if err := c.resolve(v); err != nil {
			return err
		}
	}
	err := catalog.Number(fresh, func(kind string, n int64) (int64, error) { return c.nextID(c.store, kind, n) })
	if err != nil {
		return err
	}
	if err := c.release(versions); err != nil {
		return err
	}
	for _, v := range versions {
		if err := c.claimNames(v); err != nil {
			return err
		}
		doc, err := v.after.Encode()
		if err != nil {
			return err
		}
		if err := c.put(v, doc); err != nil {
			return err
		}
	}
	return nil
}

// release gives up the names, paths and SKUs that these versions no longer
// hold, so that one of them can take what another gave up.
func (c *catalogTx) release(versions []version) error {
	for _, v := range versions {
		if v.before == nil {
			continue
		}
		if len(versions) > 1 && (v.before.Name != v.after.Name || v.before.URL != v.after.URL) {
			if _, err := c.exec(`UPDATE products SET name = NULL, url = NULL WHERE store = $1 AND id = $2`, c.store, v.after.ID); err != nil {
				return fmt.Errorf("release names of product %d: %w", v.after.ID, err)
			}
		}
		held, wanted := skuHolders(v.before), skuHolders(v.after)
		for sku := range held {
			if _, still := wanted[sku]; still {
				continue
			}
			if _, err := c.exec(`DELETE FROM skus WHERE store = $1 AND sku = $2 AND product_id = $3`, c.store, sku, v.after.ID); err != nil {
				return fmt.Errorf("release SKU of product %d: %w", v.after.ID, err)
			}
		}
	}
	return nil
}

// skuHolders returns which variant holds each SKU of a product, 0 for the
// product itself. Where the two share one, it leads to the variant.
func skuHolders(p *catalog.Product) map[string]int64 {
	out := map[string]int64{}
	if p.SKU != "" {
		out[p.SKU] = 0
	}
	for i := range p.Variants {
		if v := &p.Variants[i]; v.SKU != "" {
			out[v.SKU] = v.ID
		}
	}
	return out
}

// claimNames makes sure that name and path are free, and makes a path for a
// product that has none.
func (c *catalogTx) claimNames(v version) error {
	p := v.after
	if v.before == nil || v.before.Name != p.Name {
		if taken, err := c.taken("name", p.Name, p.ID); err != nil || taken {
			return errors.Join(err, duplicateIf(taken, "name", catalog.TitleDuplicateName))
		}
	}
	if p.URL != "" {
		if v.before != nil && v.before.URL == p.URL {
			return nil
		}
		taken, err := c.taken("url", p.URL, p.ID)
		return errors.Join(err, duplicateIf(taken, "custom_url.url", catalog.TitleDuplicateURL))
	}
	for n := 1; ; n++ {
		p.URL = catalog.NumberedSlug(p.Name, n)
		if taken, err := c.taken("url", p.URL, p.ID); err != nil || !taken {
			return err
		}
	}
}

func duplicateIf(taken bool, path, title string) error {
	if !taken {
		return nil
	}
	return catalog.Duplicate(path, title)
}

// taken reports whether another product has this text in a column.
func (c *catalogTx) taken(column, text string, id int64) (bool, error) {
	var n int64
	err := c.QueryRowContext(c.ctx, `SELECT count(*) FROM products WHERE store = $1 AND `+column+` = $2 AND id <> $3`,
		c.store, text, id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", column, err)
	}
	return n > 0, nil
}

// put writes the rows of one version.
func (c *catalogTx) put(v version, doc string) error {
	p := v.after
	p.Revision = c.revision
	var err error
	if v.before == nil {
		_, err = c.exec(`INSERT INTO products (store, id, revision, url, name, doc) VALUES ($1, $2, $3, $4, $5, $6)`,
			c.store, p.ID, p.Revision, p.URL, p.Name, doc)
	} else {
		_, err = c.exec(`UPDATE products SET revision = $1, url = $2, name = $3, doc = $4 WHERE store = $5 AND id = $6`,
			p.Revision, p.URL, p.Name, doc, c.store, p.ID)
		c.repriced = c.repriced || catalog.AffectsCarts(v.before, p)
	}
	if err != nil {
		return fmt.Errorf("write product %d: %w", p.ID, err)
	}
	if err := c.putSKUs(v); err != nil {
		return err
	}
	return c.putStock(v)
}

func (c *catalogTx) putSKUs(v version) error {
	held := map[string]int64{}
	if v.before != nil {
		held = skuHolders(v.before)
	}
	for sku, variantID := range skuHolders(v.after) {
		if before, ok := held[sku]; ok && before == variantID {
			continue
		}
		n, err := c.exec(`INSERT INTO skus (store, sku, product_id, variant_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (store, sku) DO UPDATE SET variant_id = excluded.variant_id WHERE skus.product_id = excluded.product_id`,
			c.store, sku, v.after.ID, variantID)
		if err != nil {
			return fmt.Errorf("write SKU of product %d: %w", v.after.ID, err)
		}
		if n == 0 {
			return catalog.Duplicate("sku", catalog.TitleDuplicateSKU)
		}
	}
	return nil
}

// levels returns the stock rows of a product, by variant.
func levels(p *catalog.Product) map[int64]int64 {
	out := map[int64]int64{}
	if p == nil {
		return out
	}
	out[0] = p.InventoryLevel
	if p.HasOptions() {
		for i := range p.Variants {
			out[p.Variants[i].ID] = p.Variants[i].InventoryLevel
		}
	}
	return out
}

// putStock writes the levels that differ. A missing row is 0.
func (c *catalogTx) putStock(v version) error {
	before, after := levels(v.before), levels(v.after)
	if err := c.dropStock(v.after.ID, before, after); err != nil {
		return err
	}
	for _, variantID := range slices.Sorted(maps.Keys(after)) {
		if after[variantID] == before[variantID] {
			continue
		}
		if _, err := c.setStock(v.after.ID, variantID, after[variantID]); err != nil {
			return err
		}
	}
	return nil
}

// dropStock removes the rows of variants that are gone.
func (c *catalogTx) dropStock(productID int64, before, after map[int64]int64) error {
	for _, variantID := range slices.Sorted(maps.Keys(before)) {
		if _, still := after[variantID]; still {
			continue
		}
		if _, err := c.exec(`DELETE FROM stock WHERE store = $1 AND product_id = $2 AND variant_id = $3`, c.store, productID, variantID); err != nil {
			return fmt.Errorf("remove stock of product %d: %w", productID, err)
		}
	}
	return nil
}
