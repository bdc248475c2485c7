package sqlstore

import (
	"context"
	"fmt"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

// DeleteProducts implements catalog.Storage. A row without a document stays,
// so that other servers see the product go.
func (db *DB) DeleteProducts(ctx context.Context, store string, ids []int64) (int, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (int, error) {
		deleted := 0
		for _, id := range ids {
			n, err := c.exec(`UPDATE products SET doc = NULL, url = NULL, name = NULL, revision = $1
				WHERE store = $2 AND id = $3 AND doc IS NOT NULL`, c.revision, store, id)
			if err != nil {
				return 0, fmt.Errorf("delete product %d: %w", id, err)
			}
			if n == 0 {
				continue
			}
			deleted++
			c.repriced = true // it may be listed by a modifier of another product
			for _, table := range []string{"skus", "stock"} {
				if _, err := c.exec(`DELETE FROM `+table+` WHERE store = $1 AND product_id = $2`, store, id); err != nil {
					return 0, fmt.Errorf("delete %s of product %d: %w", table, id, err)
				}
			}
		}
		return deleted, nil
	})
}

// AdjustStock implements catalog.Storage.
func (db *DB) AdjustStock(ctx context.Context, store string, changes []catalog.StockChange, a catalog.Adjustment) (catalog.Adjustment, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (catalog.Adjustment, error) {
		for _, ch := range changes {
			change := c.addStock
			if ch.Absolute {
				change = c.setStock
			}
			level, err := change(ch.Product, ch.Variant, ch.Quantity)
			if err != nil {
				return a, err
			}
			if err := ch.CheckLevel(level); err != nil {
				return a, err
			}
			n, err := c.exec(`UPDATE products SET revision = $1 WHERE store = $2 AND id = $3 AND doc IS NOT NULL`,
				c.revision, store, ch.Product)
			if err != nil {
				return a, fmt.Errorf("move revision of product %d: %w", ch.Product, err)
			}
			if n == 0 {
				return a, fault.Field(ch.Path, fmt.Sprintf("Product %d does not exist", ch.Product))
			}
		}
		return a, nil
	})
}

// setStock sets a level and returns it.
func (c *catalogTx) setStock(productID, variantID, level int64) (int64, error) {
	_, err := c.exec(`INSERT INTO stock (store, product_id, variant_id, level) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store, product_id, variant_id) DO UPDATE SET level = excluded.level`, c.store, productID, variantID, level)
	if err != nil {
		return 0, fmt.Errorf("set stock of product %d: %w", productID, err)
	}
	return level, nil
}

// addStock adds to a level and returns the new one.
func (c *catalogTx) addStock(productID, variantID, n int64) (level int64, err error) {
	err = c.QueryRowContext(c.ctx, `INSERT INTO stock (store, product_id, variant_id, level) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store, product_id, variant_id) DO UPDATE SET level = stock.level + excluded.level RETURNING level`,
		c.store, productID, variantID, n).Scan(&level)
	if err != nil {
		return 0, fmt.Errorf("move stock of product %d: %w", productID, err)
	}
	return level, nil
}

// resolve turns the name of a brand into its id and makes sure that what the
// new version refers to exists. What the old one referred to is not asked
// again: it may be gone by now.
func (c *catalogTx) resolve(v version) error {
	p, old := v.after, v.before
	if old == nil {
		old = &catalog.Product{}
	}
	if p.BrandName != "" {
		id, _, err := c.ensureBrand(p.BrandName)
		if err != nil {
			return err
		}
		p.BrandID, p.BrandName = id, ""
	}
	if p.BrandID != 0 && p.BrandID != old.BrandID {
		if err := c.mustExist("brands", "Brand", p.BrandID, "brand_id"); err != nil {
			return err
		}
	}
	known := map[int64]bool{}
	for _, id := range old.Categories {
		known[id] = true
	}
	for _, id := range p.Categories {
		if known[id] {
			continue
		}
		if err := c.mustExist("categories", "Category", id, "categories"); err != nil {
			return err
		}
	}
	listed := old.Listed()
	for id := range p.Listed() {
		if listed[id] {
			continue
		}
		if err := c.mustExist("products", "Product", id, "option_values"); err != nil {
			return err
		}
	}
	return nil
}

// mustExist returns an Invalid fault unless a table has a row with this id.
func (c *catalogTx) mustExist(table, what string, id int64, path string) error {
	query := `SELECT count(*) FROM ` + table + ` WHERE store = $1 AND id = $2`
	if table == "products" {
		query += ` AND doc IS NOT NULL`
	}
	var n int64
	if err := c.QueryRowContext(c.ctx, query, c.store, id).Scan(&n); err != nil {
		return fmt.Errorf("look for %s %d: %w", what, id, err)
	}
	if n == 0 {
		return fault.Field(path, fmt.Sprintf("%s %d does not exist", what, id))
	}
	return nil
}
