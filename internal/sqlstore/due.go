package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/recovery"
)

// scanBatch bounds the carts that one write of the scan touches, so that
// requests beside it hardly wait.
const scanBatch = 200

// NextDueCart returns the earliest instant at which a cart should be looked at,
// or a past one when a shorter waiting time brings carts forward; ok is false
// when no cart waits. Each store is asked through its own part of the index, so
// that it costs the same among few carts and among many.
func (db *DB) NextDueCart(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(due) FROM (
		SELECT (SELECT MIN(due_at) FROM carts WHERE store = s.hash AND due_at IS NOT NULL) AS due FROM stores s
		UNION ALL SELECT MIN(shortened) FROM recovery_options WHERE shortened IS NOT NULL) x`, 0)
}

// StoresWithDueCarts returns the stores that have something to do for the scan
// at now.
func (db *DB) StoresWithDueCarts(ctx context.Context, now time.Time) ([]string, error) {
	stores, err := column[string](db.reads.QueryContext(ctx, `SELECT hash FROM stores s
		WHERE EXISTS (SELECT 1 FROM carts WHERE store = s.hash AND due_at <= $1)
		UNION SELECT store FROM recovery_options WHERE shortened <= $1 ORDER BY hash`, millis(now)))
	if err != nil {
		return nil, fmt.Errorf("find stores with due carts: %w", err)
	}
	return stores, nil
}

// ScanCarts looks at the next carts of a store that are due at now: those that
// were left alone for the waiting time are abandoned, those that were touched
// since are due later. It returns how many it looked at; 0 says that nothing is
// due any more. Any number of servers may do it at once.
//
// A cart that cannot be read is not waited for any more, so that it keeps the
// others from nothing. That is an error beside what was looked at.
func (db *DB) ScanCarts(ctx context.Context, store string, now time.Time) (seen int, err error) {
	due, err := db.dueCarts(ctx, store, now)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	unreadable, err := write(ctx, db, func(t *tx) (broken []error, err error) {
		wait, err := t.wait(store)
		if err != nil {
			return nil, err
		}
		for _, cartID := range due {
			err := t.scanCart(cartKey{store, cartID}, wait, now)
			if err == nil {
				continue
			}
			err = fmt.Errorf("cart %s: %w", cartID, err)
			if !errors.Is(err, errUnreadable) {
				return nil, err
			}
			broken = append(broken, err)
		}
		return broken, nil
	})
	if err != nil {
		return 0, fmt.Errorf("scan carts: %w", err)
	}
	if len(unreadable) > 0 {
		return len(due), fmt.Errorf("scan carts: %w", errors.Join(unreadable...))
	}
	return len(due), nil
}

// errUnreadable says that a cart was left out of the scan.
var errUnreadable = errors.New("it cannot be read, and is not waited for any more")

// dueCarts returns the carts that have been due longest, in the order in which
// all who lock many carts lock them.
func (db *DB) dueCarts(ctx context.Context, store string, now time.Time) ([]cart.ID, error) {
	due, err := column[cart.ID](db.reads.QueryContext(ctx, `SELECT id FROM carts WHERE store = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3`,
		store, millis(now), scanBatch))
	if err != nil {
		return nil, fmt.Errorf("find due carts: %w", err)
	}
	slices.Sort(due)
	return due, nil
}

// scanCart looks at one cart as it is now, not as it was found: another server
// may have been here, or the shopper.
func (t *tx) scanCart(key cartKey, wait time.Duration, now time.Time) error {
	var doc string
	var due int64
	err := t.QueryRowContext(t.ctx, `SELECT doc, due_at FROM carts WHERE store = $1 AND id = $2 AND due_at <= $3`+t.dialect.forUpdate,
		key.store, string(key.id), millis(now)).Scan(&doc, &due)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	c, err := cart.ReadDocument(doc)
	if err != nil {
		if _, move := t.exec(`UPDATE carts SET due_at = NULL WHERE store = $1 AND id = $2`, key.store, string(key.id)); move != nil {
			return fmt.Errorf("move: %w", move)
		}
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	continued, err := t.lastContinued(key)
	if err != nil {
		return err
	}
	finding, at := recovery.Look(c, fromMillis(due), continued, wait, now)
	next := sql.NullInt64{Int64: millis(at), Valid: finding == recovery.Later}
	if _, err := t.exec(`UPDATE carts SET due_at = $1 WHERE store = $2 AND id = $3`, next, key.store, string(key.id)); err != nil {
		return fmt.Errorf("move: %w", err)
	}
	if finding != recovery.Abandoned {
		return nil
	}
	return t.abandonCart(c, at, now)
}

// lastContinued returns when somebody last went on from a link to the cart; the
// zero time is never.
func (t *tx) lastContinued(key cartKey) (time.Time, error) {
	var at sql.NullInt64
	err := t.QueryRowContext(t.ctx, `SELECT at FROM mail_visits WHERE store = $1 AND cart_id = $2 AND kind = $3 ORDER BY id DESC LIMIT 1`,
		key.store, string(key.id), string(recovery.Clicked)).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read visits: %w", err)
	}
	return maybeTime(at), nil
}

// abandonCart opens an episode and tells those who listen, with the one token
// that the cart's webhooks have.
func (t *tx) abandonCart(c *cart.Cart, at, now time.Time) error {
	address, err := t.addressOf(c)
	if err != nil {
		return err
	}
	e := recovery.Episode{Store: c.Store, Cart: c.ID, Channel: c.ChannelID, Abandoned: at, Next: at,
		Address: recovery.AddressHash(c.Store, address), CustomerID: c.CustomerID,
		Value: c.Totals.Cart, Currency: c.Currency, Found: now}
	if err := t.openEpisode(&e); err != nil {
		return err
	}
	if err := t.tellOfAbandoned(c, &e); err != nil {
		return err
	}
	token, err := t.webhookToken(&e)
	if err != nil {
		return err
	}
	row, err := newJournalRow(c.Store, string(c.ID), c.Version, c.ChannelID, at, []event.Event{{Scope: event.CartAbandoned, Token: token}})
	if err != nil {
		return err
	}
	// The version has a row already, that of the write which made it, and maybe
	// those of metafields: their writers wait at the same place.
	if err := t.fileRecent(c.Store, c.ID); err != nil {
		return err
	}
	if err := t.lockJournal(c.Store, c.ID); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = t.QueryRowContext(t.ctx, `SELECT COALESCE(MAX(n) + 1, 0) FROM journal WHERE store = $1 AND cart_id = $2 AND version = $3`,
		c.Store, string(c.ID), c.Version).Scan(&row.n)
	if err != nil {
		return fmt.Errorf("find the end of the journal: %w", err)
	}
	return row.insert(t)
}

// addressOf returns to whom mail about a cart goes, or "".
func (t *tx) addressOf(c *cart.Cart) (string, error) {
	who, err := customerOfCart(t.ctx, t, c.Store, c.CustomerID)
	if err != nil {
		return "", err
	}
	return recovery.AddressOf(c, who), nil
}

// webhookToken returns the token of a cart that webhooks carry: the same at
// every episode (spec/02 §11.3).
func (t *tx) webhookToken(e *recovery.Episode) (string, error) {
	var plain string
	err := t.QueryRowContext(t.ctx, `SELECT plain FROM recovery_tokens WHERE store = $1 AND cart_id = $2 AND template = 0`,
		e.Store, string(e.Cart)).Scan(&plain)
	if err == nil {
		return plain, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read the token of a cart: %w", err)
	}
	k := recovery.Token{Store: e.Store, Purpose: recovery.Recover, Cart: e.Cart, Episode: e.ID, Created: e.Found}
	k.Plain, k.Hash = recovery.NewToken()
	return k.Plain, t.insertToken(k)
}

// BringCartsForward makes the carts of a store due by a waiting time that has
// become shorter. Those that are due already are left to the scan.
func (db *DB) BringCartsForward(ctx context.Context, store string, now time.Time) error {
	var shortened sql.NullInt64
	err := db.reads.QueryRowContext(ctx, `SELECT shortened FROM recovery_options WHERE store = $1`, store).Scan(&shortened)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !shortened.Valid {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the waiting time: %w", err)
	}
	for _, change := range bringForward {
		for n := int64(scanBatch); n == scanBatch; {
			n, err = write(ctx, db, func(t *tx) (int64, error) { return t.exec(change, store, millis(now), scanBatch) })
			if err != nil {
				return fmt.Errorf("bring carts forward: %w", err)
			}
		}
	}
	_, err = write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE recovery_options SET shortened = NULL WHERE store = $1 AND shortened = $2`, store, shortened.Int64)
	})
	if err != nil {
		return fmt.Errorf("bring carts forward: %w", err)
	}
	return nil
}

// bringForward are the writes of BringCartsForward: of carts that were changed
// last, and of those from whose link somebody went on after that.
var bringForward = []string{
	`UPDATE carts SET due_at = updated + ` + sqlWait + ` WHERE store = $1 AND id IN (
		SELECT id FROM carts WHERE store = $1 AND due_at > $2 AND due_at > updated + ` + sqlWait + `
			AND ` + sqlContinued + ` <= updated ORDER BY due_at LIMIT $3) AND due_at > updated + ` + sqlWait,
	`UPDATE carts SET due_at = ` + sqlContinued + ` + ` + sqlWait + ` WHERE store = $1 AND id IN (
		SELECT id FROM carts WHERE store = $1 AND due_at > $2 AND due_at > ` + sqlContinued + ` + ` + sqlWait + `
			AND ` + sqlContinued + ` > updated ORDER BY due_at LIMIT $3) AND due_at > ` + sqlContinued + ` + ` + sqlWait,
}

// sqlContinued is when somebody last went on from a link to a cart, or 0. The
// latest is asked for, and not the greatest: that would lead through the index
// over all visits.
const sqlContinued = `COALESCE((SELECT at FROM mail_visits v WHERE v.store = carts.store AND v.cart_id = carts.id AND v.kind = 'clicked'
	ORDER BY v.id DESC LIMIT 1), 0)`

// PaymentTried implements order.Storage.
func (db *DB) PaymentTried(ctx context.Context, store string, cartID cart.ID, version int64, at time.Time) error {
	_, err := write(ctx, db, func(t *tx) (cart.ID, error) { return cartID, t.paymentTried(store, cartID, version, at) })
	return err
}

// paymentTried has nobody wait for a cart until it is changed, and ends its
// open episode.
func (t *tx) paymentTried(store string, cartID cart.ID, version int64, at time.Time) error {
	n, err := t.exec(`UPDATE carts SET due_at = NULL WHERE store = $1 AND id = $2 AND (version = $3 OR $3 = 0)`, store, string(cartID), version)
	if err != nil {
		return fmt.Errorf("note an attempt to pay: %w", err)
	}
	if n == 0 {
		return nil
	}
	return t.endEpisode(store, cartID, recovery.Attempted, at)
}
