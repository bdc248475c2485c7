package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cartwright/internal/cursor"
	"cartwright/internal/promotion"
)

// listedCoupons are the codes that show themselves as coupons, with the
// documents of those that are.
var listedCoupons = table[promotion.CouponRow]{
	name: `(SELECT c.store AS store, c.id AS id, c.promotion_id AS promotion_id, c.type AS type, c.name AS code_key, k.name AS name,
		c.code AS code, c.max_uses AS max_uses, c.max_per_customer AS max_per_customer, c.created AS created, u.used AS used, k.doc AS doc
		FROM codes c LEFT JOIN coupons k ON k.store = c.store AND k.id = c.id
		LEFT JOIN uses u ON u.store = c.store AND u.kind = '` + usedCoupon + `' AND u.id = c.id
		WHERE c.type <> '` + bulkCode + `') AS listed`,
	columns: "id, promotion_id, code, max_uses, max_per_customer, created, used, doc",
	scan: func(s scanner) (promotion.CouponRow, error) {
		var r promotion.CouponRow
		var doc *string
		if err := scanCode(s, &r.Code, &doc); err != nil || doc == nil {
			return r, err
		}
		r.Coupon = &promotion.Coupon{}
		return r, json.Unmarshal([]byte(*doc), r.Coupon)
	},
}

// Coupons implements promotion.Storage.
func (db *DB) Coupons(ctx context.Context, store string, f promotion.CouponFilter, r cursor.Range) (cursor.Part[promotion.CouponRow], error) {
	c := inStore(store)
	in(c, "id", f.IDs)
	if f.MinID != 0 {
		c.add("id >= ?", f.MinID)
	}
	if f.MaxID != 0 {
		c.add("id <= ?", f.MaxID)
	}
	if f.Code != "" {
		c.add("code_key = ?", promotion.CodeKey(f.Code))
	}
	if f.Type != "" {
		c.add("type = ?", string(f.Type))
	}
	if f.ExcludeType != "" {
		c.add("type <> ?", string(f.ExcludeType))
	}
	if f.Name != "" {
		named := &conditions{args: c.args}
		named.add("name = ?", f.Name)
		in(named, "promotion_id", append([]int64{-1}, f.Promotions...))
		c.parts, c.args = append(c.parts, "("+named.parts[0]+" OR "+named.parts[1]+")"), named.args
	}
	return listedCoupons.list(ctx, db.reads, c, r)
}

// CreateCoupon implements promotion.Storage.
func (db *DB) CreateCoupon(ctx context.Context, store string, c *promotion.Coupon) (*promotion.Coupon, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (*promotion.Coupon, error) {
		created := *c
		var err error
		if created.ID, err = o.nextID(store, "coupon", 1); err != nil {
			return nil, err
		}
		return &created, o.putCoupon(&created)
	})
}

// UpdateCoupon implements promotion.Storage.
func (db *DB) UpdateCoupon(ctx context.Context, store string, id int64, change func(*promotion.Coupon) error) (*promotion.Coupon, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (*promotion.Coupon, error) {
		c, err := findOffer[promotion.Coupon](o.ctx, o, "coupons", store, id)
		if err != nil {
			return nil, err
		}
		if c == nil {
			return nil, errGoneRow()
		}
		if err := change(c); err != nil {
			return nil, err
		}
		o.repriced = true
		return c, o.putCoupon(c)
	})
}

// putCoupon writes a coupon with its name and code, which must be its own.
func (o *offersTx) putCoupon(c *promotion.Coupon) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode coupon: %w", err)
	}
	others := inStore(o.store)
	others.add("name = ?", c.Name)
	others.add("id <> ?", c.ID)
	taken, err := table[int64]{name: "coupons"}.exists(o.ctx, o, others)
	if err != nil {
		return fmt.Errorf("look for coupon: %w", err)
	}
	if taken {
		return promotion.NameTaken()
	}
	if err := o.putCode(promotion.Code{ID: c.ID, Code: c.Code, Created: c.Created}, string(c.Type)); err != nil {
		return err
	}
	_, err = o.exec(`INSERT INTO coupons (store, id, revision, name, doc) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (store, id) DO UPDATE SET revision = excluded.revision, name = excluded.name, doc = excluded.doc`,
		o.store, c.ID, o.revision, c.Name, string(doc))
	if err != nil {
		return fmt.Errorf("write coupon %d: %w", c.ID, err)
	}
	return nil
}

// DeleteCoupons implements promotion.Storage.
func (db *DB) DeleteCoupons(ctx context.Context, store string, ids []int64) (int, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (int, error) {
		if ids == nil {
			all, err := listedCoupons.rows(o.ctx, o, "SELECT "+listedCoupons.columns+" FROM "+listedCoupons.name+" WHERE store = $1", store)
			if err != nil {
				return 0, err
			}
			for _, r := range all {
				ids = append(ids, r.Code.ID)
			}
		}
		deleted := 0
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			n, err := o.deleteCoupon(id)
			if err != nil {
				return 0, err
			}
			deleted += int(n)
		}
		o.unchanged = deleted == 0
		return deleted, nil
	})
}

// deleteCoupon removes a coupon, or the code of a promotion that shows itself
// as one, and returns how many there were.
func (o *offersTx) deleteCoupon(id int64) (int64, error) {
	n, err := o.exec(`UPDATE coupons SET doc = NULL, name = NULL, revision = $1 WHERE store = $2 AND id = $3 AND doc IS NOT NULL`,
		o.revision, o.store, id)
	if err != nil {
		return 0, fmt.Errorf("delete coupon %d: %w", id, err)
	}
	o.repriced = o.repriced || n > 0
	if err := o.voidDeleted(id); err != nil {
		return 0, err
	}
	if n, err = o.exec(`DELETE FROM codes WHERE store = $1 AND id = $2 AND type <> $3`, o.store, id, bulkCode); err != nil {
		return 0, fmt.Errorf("delete code of coupon %d: %w", id, err)
	}
	return n, nil
}
