package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

// ListBrands implements catalog.Storage.
func (db *DB) ListBrands(ctx context.Context, store string) ([]*catalog.Brand, error) {
	return listShelf[catalog.Brand](ctx, db, "brands", store)
}

// ListCategories implements catalog.Storage.
func (db *DB) ListCategories(ctx context.Context, store string) ([]*catalog.Category, error) {
	return listShelf[catalog.Category](ctx, db, "categories", store)
}

func listShelf[T any](ctx context.Context, db *DB, table, store string) ([]*T, error) {
	rows, err := db.reads.QueryContext(ctx, `SELECT doc FROM `+table+` WHERE store = $1 ORDER BY id`, store)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	var all []*T
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		one := new(T)
		if err := json.Unmarshal([]byte(doc), one); err != nil {
			return nil, fmt.Errorf("decode %s: %w", table, err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// findShelf reads one brand or category for a change. It returns a NotFound
// fault when there is none.
func findShelf[T any](c *catalogTx, table string, id int64) (*T, error) {
	var doc string
	err := c.QueryRowContext(c.ctx, `SELECT doc FROM `+table+` WHERE store = $1 AND id = $2`, c.store, id).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	one := new(T)
	if err := json.Unmarshal([]byte(doc), one); err != nil {
		return nil, fmt.Errorf("decode %s %d: %w", table, id, err)
	}
	return one, nil
}

// SaveBrand implements catalog.Storage.
func (db *DB) SaveBrand(ctx context.Context, store string, id int64, change func(*catalog.Brand) error) (*catalog.Brand, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (*catalog.Brand, error) {
		b, err := &catalog.Brand{}, error(nil)
		if id != 0 {
			b, err = findShelf[catalog.Brand](c, "brands", id)
		}
		if err != nil {
			return nil, err
		}
		if err := change(b); err != nil {
			return nil, err
		}
		return b, c.putBrand(b)
	})
}

func (c *catalogTx) putBrand(b *catalog.Brand) error {
	taken, _, err := c.shelfNamed(`SELECT id FROM brands WHERE store = $1 AND name = $2`, c.store, b.Name)
	if err != nil {
		return err
	}
	if taken != 0 && taken != b.ID {
		return catalog.Duplicate("name", catalog.TitleDuplicateBrand)
	}
	if b.ID == 0 {
		if b.ID, err = c.nextID(c.store, catalog.KindBrand, 1); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode brand: %w", err)
	}
	_, err = c.exec(`INSERT INTO brands (store, id, name, doc) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store, id) DO UPDATE SET name = excluded.name, doc = excluded.doc`, c.store, b.ID, b.Name, string(doc))
	if err != nil {
		return fmt.Errorf("write brand %d: %w", b.ID, err)
	}
	return nil
}

// shelfNamed returns the id that a query finds, 0 for none.
func (c *catalogTx) shelfNamed(query string, args ...any) (id int64, found bool, err error) {
	err = c.QueryRowContext(c.ctx, query, args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for a name: %w", err)
	}
	return id, true, nil
}

// ensureBrand returns the brand of this name, which it makes if there is none.
func (c *catalogTx) ensureBrand(name string) (id int64, made bool, err error) {
	id, found, err := c.shelfNamed(`SELECT id FROM brands WHERE store = $1 AND name = $2`, c.store, name)
	if err != nil || found {
		return id, false, err
	}
	b := &catalog.Brand{Name: name, Page: catalog.Page{URL: catalog.Slug(name)}}
	if err := c.putBrand(b); err != nil {
		return 0, false, err
	}
	return b.ID, true, nil
}

// DeleteBrand implements catalog.Storage.
func (db *DB) DeleteBrand(ctx context.Context, store string, id int64) error {
	_, err := writeCatalog(ctx, db, store, func(c *catalogTx) (int64, error) { return id, c.deleteShelf("brands", id) })
	return err
}

func (c *catalogTx) deleteShelf(table string, id int64) error {
	n, err := c.exec(`DELETE FROM `+table+` WHERE store = $1 AND id = $2`, c.store, id)
	if err != nil {
		return fmt.Errorf("delete from %s: %w", table, err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return nil
}

// SaveCategory implements catalog.Storage.
func (db *DB) SaveCategory(ctx context.Context, store string, id int64, change func(*catalog.Category) error) (*catalog.Category, error) {
	return writeCatalog(ctx, db, store, func(c *catalogTx) (*catalog.Category, error) {
		cat, err := &catalog.Category{}, error(nil)
		if id != 0 {
			cat, err = findShelf[catalog.Category](c, "categories", id)
		}
		if err != nil {
			return nil, err
		}
		if err := change(cat); err != nil {
			return nil, err
		}
		if err := c.checkParent(cat); err != nil {
			return nil, err
		}
		return cat, c.putCategory(cat)
	})
}

// checkParent walks up from a category to the top.
func (c *catalogTx) checkParent(cat *catalog.Category) error {
	for id := cat.ParentID; id != 0; {
		if id == cat.ID {
			return fault.Field("parent_id", "A category cannot stand below itself")
		}
		var parent int64
		err := c.QueryRowContext(c.ctx, `SELECT parent_id FROM categories WHERE store = $1 AND id = $2`, c.store, id).Scan(&parent)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.Field("parent_id", fmt.Sprintf("Category %d does not exist", id))
		}
		if err != nil {
			return fmt.Errorf("read parent of category %d: %w", cat.ID, err)
		}
		id = parent
	}
	return nil
}

func (c *catalogTx) putCategory(cat *catalog.Category) error {
	taken, _, err := c.shelfNamed(`SELECT id FROM categories WHERE store = $1 AND parent_id = $2 AND name = $3`,
		c.store, cat.ParentID, cat.Name)
	if err != nil {
		return err
	}
	if taken != 0 && taken != cat.ID {
		return catalog.Duplicate("name", catalog.TitleDuplicateCategory)
	}
	if cat.ID == 0 {
		if cat.ID, err = c.nextID(c.store, catalog.KindCategory, 1); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(cat)
	if err != nil {
		return fmt.Errorf("encode category: %w", err)
	}
	_, err = c.exec(`INSERT INTO categories (store, id, parent_id, name, doc) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (store, id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, doc = excluded.doc`,
		c.store, cat.ID, cat.ParentID, cat.Name, string(doc))
	if err != nil {
		return fmt.Errorf("write category %d: %w", cat.ID, err)
	}
	return nil
}

// DeleteCategory implements catalog.Storage.
func (db *DB) DeleteCategory(ctx context.Context, store string, id int64) error {
	_, err := writeCatalog(ctx, db, store, func(c *catalogTx) (int64, error) {
		_, found, err := c.shelfNamed(`SELECT id FROM categories WHERE store = $1 AND parent_id = $2 LIMIT 1`, store, id)
		if err != nil {
			return 0, err
		}
		if found {
			return 0, catalog.ErrCategoryNotEmpty()
		}
		return id, c.deleteShelf("categories", id)
	})
	return err
}
