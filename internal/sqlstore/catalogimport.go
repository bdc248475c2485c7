package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/catalog"
)

// importPart is how many products of an import one transaction takes. It holds
// the writer for some milliseconds.
const importPart = 100

// importPause lets another process that waits for the file of the database
// have its turn between two parts.
const importPause = 5 * time.Millisecond

// EnsureShelves implements catalog.ImportStorage.
func (db *DB) EnsureShelves(ctx context.Context, store string, brands []string, paths [][]string) (catalog.Shelves, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (catalog.Shelves, error) {
		s := catalog.Shelves{Brands: map[string]int64{}, Categories: map[string]int64{}}
		for _, name := range brands {
			if _, done := s.Brands[name]; done {
				continue
			}
			id, made, err := c.ensureBrand(name)
			if err != nil {
				return s, err
			}
			s.Brands[name] = id
			if made {
				s.MadeBrands++
			}
		}
		for _, path := range paths {
			if err := c.ensurePath(&s, path); err != nil {
				return s, err
			}
		}
		return s, nil
	})
}

// ensurePath makes the categories of a way from the top that do not exist.
func (c *catalogTx) ensurePath(s *catalog.Shelves, path []string) error {
	parent := int64(0)
	for i, name := range path {
		key := catalog.PathKey(path[:i+1])
		id, known := s.Categories[key]
		if !known {
			var err error
			id, known, err = c.shelfNamed(`SELECT id FROM categories WHERE store = $1 AND parent_id = $2 AND name = $3`, c.store, parent, name)
			if err != nil {
				return err
			}
			if !known {
				cat := &catalog.Category{ParentID: parent, Name: name, Visible: true, Page: catalog.Page{URL: catalog.Slug(name)}}
				if err := c.putCategory(cat); err != nil {
					return err
				}
				s.MadeCategories++
				id = cat.ID
			}
			s.Categories[key] = id
		}
		parent = id
	}
	return nil
}

// ReserveIDs implements catalog.ImportStorage.
func (db *DB) ReserveIDs(ctx context.Context, store, kind string, n int64) (int64, error) {
	return write(ctx, db, func(t *tx) (int64, error) { return t.nextID(store, kind, n) })
}

// WriteProducts implements catalog.ImportStorage.
func (db *DB) WriteProducts(ctx context.Context, store string, writes []catalog.ProductWrite) (stale []int, err error) {
	defer db.changed(ctx, store)
	for from := 0; from < len(writes); from += importPart {
		if from > 0 {
			if err := sleep(ctx, importPause); err != nil {
				return stale, err
			}
		}
		part := writes[from:min(from+importPart, len(writes))]
		behind, err := writeQuietly(ctx, db, store, func(c *catalogTx) ([]int, error) { return c.putPart(part) })
		if err != nil {
			return stale, err
		}
		for _, i := range behind {
			stale = append(stale, from+i)
		}
	}
	return stale, nil
}

// putPart writes one part with a statement for each table, whatever the number
// of products: on PostgreSQL each statement is a round trip.
func (c *catalogTx) putPart(part []catalog.ProductWrite) (stale []int, err error) {
	current, err := c.revisions(part)
	if err != nil {
		return nil, err
	}
	var versions []version
	products := rows{width: 6}
	for i, w := range part {
		if w.Before != nil && current[w.Before.ID] != w.Before.Revision {
			stale = append(stale, i)
			continue
		}
		versions = append(versions, version{w.Before, w.After})
		w.After.Revision = c.revision
		c.repriced = c.repriced || (w.Before != nil && catalog.AffectsCarts(w.Before, w.After))
		products.add(c.store, w.After.ID, c.revision, w.After.URL, w.After.Name, w.Doc)
	}
	if err := c.release(versions); err != nil {
		return nil, err
	}
	_, err = products.exec(c.tx, `INSERT INTO products (store, id, revision, url, name, doc) VALUES `,
		` ON CONFLICT (store, id) DO UPDATE SET revision = excluded.revision, url = excluded.url, name = excluded.name, doc = excluded.doc`)
	if c.dialect.isDuplicate(err) {
		return nil, catalog.Duplicate("name", "A product that was made meanwhile has the name or the URL of one of the import")
	}
	if err != nil {
		return nil, fmt.Errorf("write products: %w", err)
	}
	return stale, c.putHoldings(versions)
}

// revisions returns the revisions at which the products of a part were last
// written.
func (c *catalogTx) revisions(part []catalog.ProductWrite) (map[int64]int64, error) {
	where := inStore(c.store)
	ids := []int64{}
	for _, w := range part {
		if w.Before != nil {
			ids = append(ids, w.Before.ID)
		}
	}
	where.add("doc IS NOT NULL")
	in(where, "id", ids)
	found, err := c.QueryContext(c.ctx, `SELECT id, revision FROM products`+where.where(), where.args...)
	if err != nil {
		return nil, fmt.Errorf("read revisions of products: %w", err)
	}
	defer func() { _ = found.Close() }()
	out := map[int64]int64{}
	for found.Next() {
		var id, revision int64
		if err := found.Scan(&id, &revision); err != nil {
			return nil, err
		}
		out[id] = revision
	}
	return out, found.Err()
}

// putHoldings writes the SKUs and the stock of a part.
func (c *catalogTx) putHoldings(versions []version) error {
	skus, stock := rows{width: 4}, rows{width: 4}
	for _, v := range versions {
		held := map[string]int64{}
		if v.before != nil {
			held = skuHolders(v.before)
		}
		for sku, variantID := range skuHolders(v.after) {
			if before, ok := held[sku]; !ok || before != variantID {
				skus.add(c.store, sku, v.after.ID, variantID)
			}
		}
		before, after := levels(v.before), levels(v.after)
		if err := c.dropStock(v.after.ID, before, after); err != nil {
			return err
		}
		for variantID, level := range after {
			if level != before[variantID] {
				stock.add(c.store, v.after.ID, variantID, level)
			}
		}
	}
	n, err := skus.exec(c.tx, `INSERT INTO skus (store, sku, product_id, variant_id) VALUES `,
		` ON CONFLICT (store, sku) DO UPDATE SET variant_id = excluded.variant_id WHERE skus.product_id = excluded.product_id`)
	if err != nil {
		return fmt.Errorf("write SKUs: %w", err)
	}
	if n < skus.count() {
		return catalog.Duplicate("sku", "A product that was made meanwhile has a SKU of the import")
	}
	_, err = stock.exec(c.tx, `INSERT INTO stock (store, product_id, variant_id, level) VALUES `,
		` ON CONFLICT (store, product_id, variant_id) DO UPDATE SET level = excluded.level`)
	if err != nil {
		return fmt.Errorf("write stock: %w", err)
	}
	return nil
}

// rows are the rows of one INSERT.
type rows struct {
	width int
	args  []any
}

// maxArgs bounds the arguments of one statement, below the limits of both
// engines.
const maxArgs = 30_000

func (r *rows) add(values ...any) { r.args = append(r.args, values...) }

func (r *rows) count() int64 { return int64(len(r.args) / r.width) }

// exec runs the statement, in several goes if there are very many rows, and
// returns how many rows it wrote.
func (r *rows) exec(t *tx, before, after string) (written int64, err error) {
	most := maxArgs / r.width * r.width
	for from := 0; from < len(r.args); from += most {
		args := r.args[from:min(from+most, len(r.args))]
		var b strings.Builder
		b.WriteString(before)
		for i := range args {
			switch {
			case i == 0:
				b.WriteString("(")
			case i%r.width == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			b.WriteString("$" + strconv.Itoa(i+1))
		}
		b.WriteString(")" + after)
		n, err := t.exec(b.String(), args...)
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}
