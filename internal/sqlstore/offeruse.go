package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"cartwright/internal/customer"
	"cartwright/internal/promotion"
)

// What is redeemed. Coupons and codes have ids of one kind.
const (
	usedCoupon    = "coupon"
	usedPromotion = "promotion"
)

// CountUses implements promotion.Redemptions.
func (db *DB) CountUses(ctx context.Context, store string, use promotion.Use, by promotion.Shopper) (promotion.Uses, error) {
	var out promotion.Uses
	var err error
	if use.PromotionID != 0 {
		if out.Promotion, err = usesOf(ctx, db.reads, store, usedPromotion, use.PromotionID); err != nil {
			return out, err
		}
	}
	kind, id := usedCoupon, cmp.Or(use.CouponID, use.CodeID)
	if id == 0 {
		kind, id = usedPromotion, use.PromotionID
	}
	if out.Total, err = usesOf(ctx, db.reads, store, kind, id); err != nil {
		return out, err
	}
	out.ByShopper, err = redemptionsBy(ctx, db.reads, store, kind, id, by)
	return out, err
}

// usesOf returns how often something was redeemed.
func usesOf(ctx context.Context, q querier, store, kind string, id int64) (int64, error) {
	var used int64
	err := q.QueryRowContext(ctx, `SELECT used FROM uses WHERE store = $1 AND kind = $2 AND id = $3`, store, kind, id).Scan(&used)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read uses: %w", err)
	}
	return used, nil
}

// PromotionUses implements promotion.Storage.
func (db *DB) PromotionUses(ctx context.Context, store string, ids []int64) (map[int64]int64, error) {
	c := inStore(store)
	c.add("kind = ?", usedPromotion)
	in(c, "id", ids)
	rows, err := db.reads.QueryContext(ctx, "SELECT id, used FROM uses"+c.where(), c.args...)
	if err != nil {
		return nil, fmt.Errorf("read uses: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := make(map[int64]int64, len(ids))
	for rows.Next() {
		var id, used int64
		if err := rows.Scan(&id, &used); err != nil {
			return nil, err
		}
		out[id] = used
	}
	return out, rows.Err()
}

// redemptionsBy counts the orders of one shopper that redeemed something: those
// of the customer, and those with the address, whoever gave it.
func redemptionsBy(ctx context.Context, q querier, store, kind string, id int64, by promotion.Shopper) (int64, error) {
	if by.CustomerID == 0 && by.Email == "" {
		return 0, nil
	}
	var n int64
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM redemptions WHERE store = $1 AND kind = $2 AND id = $3
		AND ((customer_id = $4 AND customer_id <> 0) OR (email = $5 AND email <> ''))`,
		store, kind, id, by.CustomerID, customer.Key(by.Email)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count redemptions: %w", err)
	}
	return n, nil
}

// redemption is one thing that an order redeems, with its limits. 0 is no
// limit.
type redemption struct {
	kind                    string
	id                      int64
	maxUses, maxPerCustomer int64
	code                    string // that was entered, if any
}

// countUses counts what an order redeems, inside the transaction that pays it.
// It returns an Invalid fault when a limit was reached in the meantime or a code
// is gone; the transaction must then be taken back. An order counts once,
// however often it is counted. What is deleted by now has no limits and is not
// counted.
//
// Uses are not given back when an order is cancelled, as with the vendor. A
// promotion that reaches its limit is switched off, so whoever commits calls
// db.changed.
func countUses(t *tx, store string, uses []promotion.Use, by promotion.Shopper, orderID int64, now time.Time) error {
	all, err := t.redemptions(store, uses)
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := t.redeem(store, r, by, orderID, now); err != nil {
			return err
		}
	}
	return nil
}

// redemptions returns what is to be counted, each once and in one order, so
// that two payments never wait for each other.
func (t *tx) redemptions(store string, uses []promotion.Use) ([]redemption, error) {
	var all []redemption
	for _, use := range uses {
		switch {
		case use.CouponID != 0:
			c, err := findOffer[promotion.Coupon](t.ctx, t, "coupons", store, use.CouponID)
			if err != nil {
				return nil, err
			}
			if c != nil {
				all = append(all, redemption{usedCoupon, c.ID, c.MaxUses, c.MaxUsesPerCustomer, c.Code})
			}
		case use.CodeID != 0:
			where := inStore(store)
			where.add("id = ?", use.CodeID)
			c, err := codes.one(t.ctx, t, where, "")
			if err != nil {
				return nil, err
			}
			if c == nil {
				return nil, promotion.CodeGone()
			}
			all = append(all, redemption{usedCoupon, c.ID, c.MaxUses, c.MaxUsesPerCustomer, c.Code})
		}
		if use.PromotionID == 0 {
			continue
		}
		p, err := findOffer[promotion.Promotion](t.ctx, t, "promotions", store, use.PromotionID)
		if err != nil {
			return nil, err
		}
		if p != nil {
			all = append(all, redemption{kind: usedPromotion, id: p.ID, maxUses: p.MaxUses})
		}
	}
	slices.SortFunc(all, func(a, b redemption) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) })
	return slices.CompactFunc(all, func(a, b redemption) bool { return a.kind == b.kind && a.id == b.id }), nil
}

// redeem counts one redemption. The row of uses is written first: it makes
// payments that redeem the same wait for each other, so that each sees the
// redemptions before its own.
func (t *tx) redeem(store string, r redemption, by promotion.Shopper, orderID int64, now time.Time) error {
	limit := r.maxUses
	if limit == 0 {
		limit = math.MaxInt64
	}
	counted, err := t.counted(store, r, orderID)
	if err != nil || counted {
		return err
	}
	n, err := t.exec(`INSERT INTO uses (store, kind, id, used) VALUES ($1, $2, $3, 1)
		ON CONFLICT (store, kind, id) DO UPDATE SET used = uses.used + 1 WHERE uses.used < $4`, store, r.kind, r.id, limit)
	if err != nil {
		return fmt.Errorf("count use: %w", err)
	}
	if n == 0 {
		return promotion.UsedUp(r.code)
	}
	if r.maxPerCustomer != 0 {
		had, err := redemptionsBy(t.ctx, t, store, r.kind, r.id, by)
		if err != nil {
			return err
		}
		if had >= r.maxPerCustomer {
			return promotion.UsedUpByShopper(r.code)
		}
	}
	n, err = t.exec(`INSERT INTO redemptions (store, kind, id, order_id, customer_id, email, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (store, kind, id, order_id) DO NOTHING`,
		store, r.kind, r.id, orderID, by.CustomerID, customer.Key(by.Email), millis(now))
	if err != nil {
		return fmt.Errorf("insert redemption: %w", err)
	}
	if n == 0 { // counted by a transaction that this one waited for
		_, err = t.exec(`UPDATE uses SET used = used - 1 WHERE store = $1 AND kind = $2 AND id = $3`, store, r.kind, r.id)
		return err
	}
	if r.kind == usedPromotion && r.maxUses != 0 {
		return t.switchOffUsedUp(store, r.id)
	}
	return nil
}

// counted reports whether an order was counted before.
func (t *tx) counted(store string, r redemption, orderID int64) (bool, error) {
	c := inStore(store)
	c.add("kind = ?", r.kind)
	c.add("id = ?", r.id)
	c.add("order_id = ?", orderID)
	counted, err := table[int64]{name: "redemptions"}.exists(t.ctx, t, c)
	if err != nil {
		return false, fmt.Errorf("look for redemption: %w", err)
	}
	return counted, nil
}

// switchOffUsedUp disables a promotion that has reached its limit
// (spec/05 §7.3).
func (t *tx) switchOffUsedUp(store string, id int64) error {
	used, err := usesOf(t.ctx, t, store, usedPromotion, id)
	if err != nil {
		return err
	}
	p, err := findOffer[promotion.Promotion](t.ctx, t, "promotions", store, id)
	if err != nil || p == nil || used < p.MaxUses {
		return err
	}
	o, err := beginOffers(t, store)
	if err != nil {
		return err
	}
	// Somebody may have changed the promotion until its turn came.
	if p, err = o.promotion(id); err != nil || p == nil {
		return err
	}
	if !p.SwitchOffUsedUp(used) {
		return nil
	}
	if err := o.putPromotion(p); err != nil {
		return err
	}
	return bump(t, store, "price")
}

// Redeem counts what an order redeems in a transaction of its own. Orders that
// are paid here count in the transaction that pays them.
func (db *DB) Redeem(ctx context.Context, store string, uses []promotion.Use, by promotion.Shopper, orderID int64) error {
	_, err := write(ctx, db, func(t *tx) (int, error) {
		return 0, countUses(t, store, uses, by, orderID, db.clock.Now())
	})
	if err == nil {
		db.changed(ctx, store)
	}
	return err
}
