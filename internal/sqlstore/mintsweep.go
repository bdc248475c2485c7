package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

// disable switches a coupon off, if it is there and on.
func (o *offersTx) disable(id int64) error {
	c, err := findOffer[promotion.Coupon](o.ctx, o, "coupons", o.store, id)
	if err != nil || c == nil || !c.Enabled {
		return err
	}
	c.Enabled = false
	return o.putCoupon(c)
}

// NextUntidyCoupon returns the earliest instant at which a minted coupon is to
// be disabled or removed.
func (db *DB) NextUntidyCoupon(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(tidy_at) FROM recovery_coupons`, 0)
}

// mintedKey names a minted coupon.
type mintedKey struct {
	store string
	id    int64
}

// TidyCoupons disables the minted coupons that became void, and removes those
// that have been over for long from what the stores offer. What they were
// stays on record. No cart can use one, so no price moves.
func (db *DB) TidyCoupons(ctx context.Context, now time.Time) error {
	keys := table[mintedKey]{name: "recovery_coupons", scan: func(s scanner) (k mintedKey, err error) { return k, s.Scan(&k.store, &k.id) }}
	for {
		due, err := keys.rows(ctx, db.reads, `SELECT store, id FROM recovery_coupons WHERE tidy_at <= $1 ORDER BY tidy_at LIMIT $2`, millis(now), sweepBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		byStore := map[string][]int64{}
		for _, k := range due {
			byStore[k.store] = append(byStore[k.store], k.id)
		}
		for store, ids := range byStore {
			_, err := writeOffers(ctx, db, store, func(o *offersTx) (int, error) { return len(ids), o.tidy(ids, now) })
			if err != nil {
				return fmt.Errorf("tidy coupons: %w", err)
			}
		}
	}
}

// tidy looks at each coupon as it is now. One that has only just become void is
// disabled, and removed another time.
func (o *offersTx) tidy(ids []int64, now time.Time) error {
	where := inStore(o.store)
	in(where, "id", ids)
	all, err := mintedAt(now).rows(o.ctx, o, "SELECT "+mintedAt(now).columns+" FROM recovery_coupons"+where.where(), where.args...)
	if err != nil {
		return err
	}
	for _, m := range all {
		var next sql.NullInt64
		removal := later(m.Expires, m.Closed).Add(recovery.KeepCoupon)
		switch {
		case !now.Before(removal):
			_, err = o.deleteCoupon(m.CouponID)
		case m.State == recovery.CouponVoid:
			next, err = maybeMillis(removal), o.disable(m.CouponID)
		default:
			next = maybeMillis(removal)
		}
		if err != nil {
			return err
		}
		if _, err := o.exec(`UPDATE recovery_coupons SET tidy_at = $1 WHERE store = $2 AND id = $3`, next, o.store, m.CouponID); err != nil {
			return fmt.Errorf("tidy coupon %d: %w", m.CouponID, err)
		}
	}
	o.repriced = false
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// voidDeleted makes the minted coupon void that somebody deletes.
func (o *offersTx) voidDeleted(id int64) error {
	now := millis(o.db.clock.Now())
	if _, err := o.exec(sqlVoid+`id = $3`, now, o.store, id); err != nil {
		return fmt.Errorf("make a deleted coupon void: %w", err)
	}
	return nil
}
