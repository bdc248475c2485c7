package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cartwright/internal/promotion"
)

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
	if err := o.putCode(promotion.Code{ID: c.ID, Code: c.Code, Created: c.Created}); err != nil {
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

// putCodeOf writes a code, which must be its own among all of the store.
func (t *tx) putCodeOf(store string, c promotion.Code) error {
	key := promotion.CodeKey(c.Code)
	others := inStore(store)
	others.add("name = ?", key)
	others.add("id <> ?", c.ID)
	taken, err := table[int64]{name: "codes"}.exists(t.ctx, t, others)
	if err == nil && !taken {
		_, err = t.exec(`INSERT INTO codes (store, id, promotion_id, name, code, max_uses, max_per_customer, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (store, id) DO UPDATE SET name = excluded.name, code = excluded.code`,
			store, c.ID, c.PromotionID, key, c.Code, c.MaxUses, c.MaxUsesPerCustomer, millis(c.Created))
	}
	switch {
	case taken, err != nil && t.dialect.isDuplicate(err):
		return promotion.CodeTaken()
	case err != nil:
		return fmt.Errorf("write code: %w", err)
	}
	return nil
}

func (o *offersTx) putCode(c promotion.Code) error { return o.putCodeOf(o.store, c) }

// DeleteCoupons implements promotion.Storage.
func (db *DB) DeleteCoupons(ctx context.Context, store string, ids []int64) (int, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (int, error) {
		deleted := 0
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			n, err := o.exec(`UPDATE coupons SET doc = NULL, name = NULL, revision = $1 WHERE store = $2 AND id = $3 AND doc IS NOT NULL`,
				o.revision, store, id)
			if err != nil {
				return 0, fmt.Errorf("delete coupon %d: %w", id, err)
			}
			if n == 0 {
				continue
			}
			deleted++
			o.repriced = true
			if _, err := o.exec(`DELETE FROM codes WHERE store = $1 AND id = $2`, store, id); err != nil {
				return 0, fmt.Errorf("delete code of coupon %d: %w", id, err)
			}
		}
		return deleted, nil
	})
}

// AddCodes implements promotion.Storage.
func (db *DB) AddCodes(ctx context.Context, store string, promotionID int64,
	codes func(p *promotion.Promotion, have int64) ([]promotion.Code, error)) ([]promotion.Code, error) {
	// It moves the revision of the offers, which no code is part of, so that the
	// promotion stays as it was read.
	return writeOffers(ctx, db, store, func(o *offersTx) ([]promotion.Code, error) {
		p, err := o.promotion(promotionID)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, errGoneRow()
		}
		have, err := countCodes(o.ctx, o, store, promotionID)
		if err != nil {
			return nil, err
		}
		made, err := codes(p, have)
		if err != nil || len(made) == 0 {
			return nil, err
		}
		first, err := o.nextID(store, "coupon", int64(len(made)))
		if err != nil {
			return nil, err
		}
		for i := range made {
			made[i].ID, made[i].PromotionID = first+int64(i), promotionID
			if err := o.putCode(made[i]); err != nil {
				return nil, err
			}
		}
		return made, nil
	})
}

func countCodes(ctx context.Context, q querier, store string, promotionID int64) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM codes WHERE store = $1 AND promotion_id = $2`, store, promotionID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count codes: %w", err)
	}
	return n, nil
}
