package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

// mintedAt is the table of minted coupons as they stand at an instant: time
// alone makes an open one an expired one.
func mintedAt(now time.Time) table[recovery.Minted] {
	return table[recovery.Minted]{
		name:    "recovery_coupons",
		columns: "id, episode, template, cart_id, channel, code, state, reserved, given, order_id, created, expires, closed",
		scan: func(s scanner) (recovery.Minted, error) {
			var m recovery.Minted
			var created, expires int64
			var closed sql.NullInt64
			err := s.Scan(&m.CouponID, &m.Episode, &m.Template, &m.Cart, &m.Channel, &m.Code, &m.State, &m.Reserved, &m.Given, &m.Order,
				&created, &expires, &closed)
			m.Created, m.Expires, m.Closed = fromMillis(created), fromMillis(expires), maybeTime(closed)
			if m.State == recovery.CouponOpen && !now.Before(m.Expires) {
				m.State = recovery.CouponExpired
			}
			return m, err
		},
	}
}

func ofMail(store string, episode, template int64) *conditions {
	c := inStore(store)
	c.add("episode = ?", episode)
	c.add("template = ?", template)
	return c
}

// FindMinted implements recovery.CouponStorage.
func (db *DB) FindMinted(ctx context.Context, store string, episode, template int64, now time.Time) (*recovery.Minted, *promotion.Coupon, error) {
	return findMinted(ctx, db.reads, store, episode, template, now)
}

func findMinted(ctx context.Context, q querier, store string, episode, template int64, now time.Time) (*recovery.Minted, *promotion.Coupon, error) {
	m, err := mintedAt(now).one(ctx, q, ofMail(store, episode, template), "")
	if err != nil || m == nil {
		return nil, nil, err
	}
	c, err := findOffer[promotion.Coupon](ctx, q, "coupons", store, m.CouponID)
	return m, c, err
}

// minting is a coupon with the row that says what it was made for.
type minting struct {
	row    recovery.Minted
	coupon *promotion.Coupon
}

// MintCoupon implements recovery.CouponStorage. Whoever writes offers of a
// store, or settles an order of it, has locked its row of revisions: so what
// all coupons cost stays as it is read here. A new coupon moves no prices
// (docs/adr/0008).
func (db *DB) MintCoupon(ctx context.Context, store string, m recovery.Minted, c *promotion.Coupon, b *recovery.Budget) (recovery.Minted, *promotion.Coupon, error) {
	made, err := writeOffers(ctx, db, store, func(o *offersTx) (minting, error) {
		had, coupon, err := findMinted(o.ctx, o, store, m.Episode, m.Template, m.Created)
		if err != nil {
			return minting{}, err
		}
		if had != nil {
			o.unchanged = true
			return minting{*had, coupon}, nil
		}
		if err := o.lockCart(m.Cart); err != nil {
			return minting{}, err
		}
		if err := o.budgetAllows(b, m); err != nil {
			return minting{}, err
		}
		created := *c
		if created.ID, err = o.nextID(store, "coupon", 1); err != nil {
			return minting{}, err
		}
		if err := o.putCoupon(&created); err != nil {
			return minting{}, err
		}
		m.CouponID = created.ID
		return minting{m, &created}, o.insertMinted(m)
	})
	return made.row, made.coupon, err
}

// lockCart keeps a cart from ending until the coupon for it is stored, so that
// its end makes the coupon void. The revisions are locked by then, as those who
// settle orders do it. It reports recovery.ErrCartGone when it is too late.
func (o *offersTx) lockCart(cartID cart.ID) error {
	var version int64
	err := o.QueryRowContext(o.ctx, `SELECT version FROM carts WHERE store = $1 AND id = $2`+o.dialect.forUpdate, o.store, string(cartID)).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return recovery.ErrCartGone
	}
	if err != nil {
		return fmt.Errorf("lock the cart of a coupon: %w", err)
	}
	return nil
}

// budgetAllows reports recovery.ErrBudget when a coupon is beyond the budget.
// Without one nothing is added up: it would be all the coupons there ever were.
func (o *offersTx) budgetAllows(b *recovery.Budget, m recovery.Minted) error {
	if b == nil {
		return nil
	}
	standing, err := couponStanding(o.ctx, o, o.store, b, m.Created)
	if err != nil {
		return err
	}
	if m.Reserved > standing.Left() {
		return recovery.ErrBudget()
	}
	return nil
}

func (o *offersTx) insertMinted(m recovery.Minted) error {
	_, err := o.exec(`INSERT INTO recovery_coupons
		(store, id, episode, template, cart_id, channel, code, state, reserved, given, order_id, created, expires, tidy_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11, $12)`,
		o.store, m.CouponID, m.Episode, m.Template, string(m.Cart), m.Channel, m.Code, string(m.State), m.Reserved,
		millis(m.Created), millis(m.Expires), millis(m.Expires.Add(recovery.KeepCoupon)))
	if err != nil {
		return fmt.Errorf("insert minted coupon: %w", err)
	}
	return nil
}

// CouponStanding implements recovery.CouponStorage.
func (db *DB) CouponStanding(ctx context.Context, store string, b *recovery.Budget, now time.Time) (recovery.BudgetStanding, error) {
	return couponStanding(ctx, db.reads, store, b, now)
}

func couponStanding(ctx context.Context, q querier, store string, b *recovery.Budget, now time.Time) (recovery.BudgetStanding, error) {
	s := recovery.BudgetStanding{Budget: b, Since: b.Begins(now)}
	since := int64(0)
	if b != nil {
		since = millis(s.Since)
	}
	err := q.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(given), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN state = 'open' AND expires > $1 THEN reserved ELSE 0 END), 0) AS BIGINT)
		FROM recovery_coupons WHERE store = $2 AND created > $3`, millis(now), store, since).Scan(&s.Given, &s.Reserved)
	if err != nil {
		return s, fmt.Errorf("add up coupons: %w", err)
	}
	return s, nil
}

// MintedCoupons implements recovery.CouponStorage.
func (db *DB) MintedCoupons(ctx context.Context, store string, f recovery.CouponFilter, r cursor.Range, now time.Time) (cursor.Part[recovery.Minted], error) {
	c := inStore(store)
	if f.Cart != "" {
		c.add("cart_id = ?", string(f.Cart))
	}
	switch f.State {
	case "":
	case recovery.CouponOpen:
		c.add("state = 'open' AND expires > ?", millis(now))
	case recovery.CouponExpired:
		c.add("state = 'open' AND expires <= ?", millis(now))
	default:
		c.add("state = ?", string(f.State))
	}
	return mintedAt(now).list(ctx, db.reads, c, r)
}

// withdrawCoupon makes the coupon of a mail void that will never be read, so
// that it counts no longer towards the budget. One that was not made, or was
// used, stays as it is.
func (t *tx) withdrawCoupon(store string, episode, template int64, at time.Time) error {
	if _, err := t.exec(sqlVoid+`episode = $3 AND template = $4`, millis(at), store, episode, template); err != nil {
		return fmt.Errorf("withdraw the coupon of a mail: %w", err)
	}
	return nil
}

// sqlVoid makes open coupons void. The coupon itself is disabled where that
// locks nothing out of order: by the payment, or by the sweep.
const sqlVoid = `UPDATE recovery_coupons SET state = 'void', closed = $1, tidy_at = $1 WHERE store = $2 AND state = 'open' AND `

// voidCoupons makes the open coupons of a cart void that is no more.
func voidCoupons(t *tx, key cartKey, at time.Time) error {
	if _, err := t.exec(sqlVoid+`cart_id = $3`, millis(at), key.store, string(key.id)); err != nil {
		return fmt.Errorf("make the coupons of a cart void: %w", err)
	}
	return nil
}

// redeemMinted notes what the minted coupons of an order gave, and disables
// those of its cart that it does not use. A coupon of another cart is refused,
// whatever was done to get it into this one.
func (c *settlement) redeemMinted(o *order.Order) error {
	for _, use := range o.Uses() {
		if use.CouponID == 0 {
			continue
		}
		var of cart.ID
		err := c.QueryRowContext(c.ctx, `SELECT cart_id FROM recovery_coupons WHERE store = $1 AND id = $2`, o.Store, use.CouponID).Scan(&of)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for minted coupon: %w", err)
		}
		if of != o.Cart.ID {
			return asConflict(promotion.CodeGone())
		}
		if err := c.giveMinted(o, use.CouponID); err != nil {
			return err
		}
	}
	return c.disableMinted(o)
}

// giveMinted notes that an order used a coupon. The coupon is void until then:
// its cart has just ended.
func (c *settlement) giveMinted(o *order.Order, id int64) error {
	_, err := c.exec(`UPDATE recovery_coupons SET state = 'redeemed', given = $1, order_id = $2, closed = $3, tidy_at = expires + $4
		WHERE store = $5 AND id = $6`, o.CouponDiscount(id), o.ID, millis(o.Modified), recovery.KeepCoupon.Milliseconds(), o.Store, id)
	if err != nil {
		return fmt.Errorf("redeem minted coupon: %w", err)
	}
	return nil
}

// disableMinted disables the void coupons of the order's cart. No cart has one,
// so prices stay.
func (c *settlement) disableMinted(o *order.Order) error {
	ids := table[int64]{name: "recovery_coupons", scan: func(s scanner) (id int64, err error) { return id, s.Scan(&id) }}
	void, err := ids.rows(c.ctx, c, `SELECT id FROM recovery_coupons WHERE store = $1 AND cart_id = $2 AND state = 'void' ORDER BY id`,
		o.Store, string(o.Cart.ID))
	if err != nil || len(void) == 0 {
		return err
	}
	offers, err := beginOffers(c.tx, o.Store)
	if err != nil {
		return err
	}
	for _, id := range void {
		if err := offers.disable(id); err != nil {
			return err
		}
	}
	return nil
}

// takeBackMinted makes the coupons of a cancelled order void that it gave: they
// gave nothing, and stay used, as with the vendor.
func (c *settlement) takeBackMinted(o *order.Order) error {
	_, err := c.exec(`UPDATE recovery_coupons SET state = 'void', given = 0 WHERE store = $1 AND order_id = $2`, o.Store, o.ID)
	if err != nil {
		return fmt.Errorf("take a minted coupon back: %w", err)
	}
	return nil
}

// giveMintedAgain notes anew what an order gave that is no longer cancelled.
func (c *settlement) giveMintedAgain(o *order.Order) error {
	for _, use := range o.Uses() {
		if use.CouponID == 0 {
			continue
		}
		_, err := c.exec(`UPDATE recovery_coupons SET state = 'redeemed', given = $1 WHERE store = $2 AND id = $3 AND order_id = $4`,
			o.CouponDiscount(use.CouponID), o.Store, use.CouponID, o.ID)
		if err != nil {
			return fmt.Errorf("redeem minted coupon again: %w", err)
		}
	}
	return nil
}
