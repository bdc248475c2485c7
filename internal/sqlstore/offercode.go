package sqlstore

import (
	"context"
	"fmt"

	"cartwright/internal/cursor"
	"cartwright/internal/promotion"
)

// bulkCode is the type of a code that coupons do not list: one of many.
const bulkCode = "bulk"

var codes = table[promotion.Code]{
	name: "codes", columns: `id, promotion_id, code, max_uses, max_per_customer, created,
		(SELECT u.used FROM uses u WHERE u.store = codes.store AND u.kind = '` + usedCoupon + `' AND u.id = codes.id)`,
	scan: func(s scanner) (promotion.Code, error) {
		var c promotion.Code
		return c, scanCode(s, &c)
	},
}

// scanCode reads a code, and what stands behind it in the row.
func scanCode(s scanner, c *promotion.Code, more ...any) error {
	var created int64
	var used *int64
	err := s.Scan(append([]any{&c.ID, &c.PromotionID, &c.Code, &c.MaxUses, &c.MaxUsesPerCustomer, &created, &used}, more...)...)
	c.Created = fromMillis(created)
	if used != nil {
		c.Uses = *used
	}
	return err
}

// FindCode implements promotion.Redemptions.
func (db *DB) FindCode(ctx context.Context, store, key string) (*promotion.Code, error) {
	c := inStore(store)
	c.add("name = ?", key)
	c.add("promotion_id <> 0")
	return codes.one(ctx, db.reads, c, "")
}

// ofPromotions begins the conditions of the codes of promotions that a filter
// selects.
func ofPromotions(store string, f promotion.CodeFilter) *conditions {
	c := inStore(store)
	c.add("promotion_id <> 0")
	in(c, "promotion_id", f.Promotions)
	in(c, "id", f.IDs)
	if f.Code != "" {
		c.add("name = ?", promotion.CodeKey(f.Code))
	}
	return c
}

// Codes implements promotion.Storage.
func (db *DB) Codes(ctx context.Context, store string, f promotion.CodeFilter, r cursor.Range) (cursor.Part[promotion.Code], error) {
	return codes.list(ctx, db.reads, ofPromotions(store, f), r)
}

// PromotionsByCode implements promotion.Storage.
func (db *DB) PromotionsByCode(ctx context.Context, store, part string) ([]int64, error) {
	c := inStore(store)
	c.add("promotion_id <> 0")
	c.like("name", part)
	ids := table[int64]{name: "codes", scan: func(s scanner) (id int64, err error) { return id, s.Scan(&id) }}
	return ids.rows(ctx, db.reads, "SELECT DISTINCT promotion_id FROM codes"+c.where(), c.args...)
}

// AddCodes implements promotion.Storage.
func (db *DB) AddCodes(ctx context.Context, store string, promotionID int64,
	make func(p *promotion.Promotion, have int64) ([]promotion.Code, error)) ([]promotion.Code, error) {
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
		made, err := make(p, have)
		if err != nil {
			return nil, err
		}
		kind := string(promotion.PromotionCoupon)
		if p.CouponType == promotion.Bulk {
			kind = bulkCode
		}
		first, err := o.nextID(store, "coupon", int64(len(made)))
		if err != nil {
			return nil, err
		}
		for i := range made {
			made[i].ID, made[i].PromotionID = first+int64(i), promotionID
			if err := o.putCode(made[i], kind); err != nil {
				return nil, err
			}
		}
		return made, nil
	})
}

// putCode writes a code, which must be its own among all of the store.
func (o *offersTx) putCode(c promotion.Code, kind string) error {
	key := promotion.CodeKey(c.Code)
	others := inStore(o.store)
	others.add("name = ?", key)
	others.add("id <> ?", c.ID)
	taken, err := codes.exists(o.ctx, o, others)
	if err == nil && !taken {
		_, err = o.exec(`INSERT INTO codes (store, id, promotion_id, type, name, code, max_uses, max_per_customer, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (store, id) DO UPDATE SET type = excluded.type, name = excluded.name, code = excluded.code`,
			o.store, c.ID, c.PromotionID, kind, key, c.Code, c.MaxUses, c.MaxUsesPerCustomer, millis(c.Created))
	}
	switch {
	case taken, err != nil && o.dialect.isDuplicate(err):
		return promotion.CodeTaken()
	case err != nil:
		return fmt.Errorf("write code: %w", err)
	}
	return nil
}

func countCodes(ctx context.Context, q querier, store string, promotionID int64) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM codes WHERE store = $1 AND promotion_id = $2`, store, promotionID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count codes: %w", err)
	}
	return n, nil
}

// DeleteCodes implements promotion.Storage.
func (db *DB) DeleteCodes(ctx context.Context, store string, f promotion.CodeFilter) error {
	c := ofPromotions(store, f)
	_, err := writeOffers(ctx, db, store, func(o *offersTx) (int64, error) {
		n, err := o.exec("DELETE FROM codes"+c.where(), c.args...)
		o.unchanged = n == 0
		return n, err
	})
	return err
}
