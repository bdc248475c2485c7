package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	for from := 0; from < len(writes); from += importPart {
		if from > 0 {
			if err := sleep(ctx, importPause); err != nil {
				return stale, err
			}
		}
		part := writes[from:min(from+importPart, len(writes))]
		behind, err := db.writePart(ctx, store, part)
		if err != nil {
			return stale, err
		}
		for _, i := range behind {
			stale = append(stale, from+i)
		}
	}
	return stale, nil
}

func (db *DB) writePart(ctx context.Context, store string, part []catalog.ProductWrite) (stale []int, err error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) ([]int, error) {
		var stale []int
		var versions []version
		var docs []string
		for i, w := range part {
			current, err := c.isCurrent(w.Before)
			if err != nil {
				return nil, err
			}
			if !current {
				stale = append(stale, i)
				continue
			}
			versions = append(versions, version{w.Before, w.After})
			docs = append(docs, w.Doc)
		}
		if err := c.release(versions); err != nil {
			return nil, err
		}
		for i, v := range versions {
			err := c.put(v, docs[i])
			if c.dialect.isDuplicate(err) {
				return nil, catalog.Duplicate("name", fmt.Sprintf("The name or the URL of %s is a duplicate", v.after.Name))
			}
			if err != nil {
				return nil, err
			}
		}
		return stale, nil
	})
}

// isCurrent reports whether a product is still as it was read; a new one is.
func (c *catalogTx) isCurrent(p *catalog.Product) (bool, error) {
	if p == nil {
		return true, nil
	}
	var n int64
	err := c.QueryRowContext(c.ctx, `SELECT revision FROM products WHERE store = $1 AND id = $2 AND doc IS NOT NULL`, c.store, p.ID).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read revision of product %d: %w", p.ID, err)
	}
	return err == nil && n == p.Revision, nil
}
