package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/cart"
	"cartwright/internal/once"
)

// The hot path of carts on PostgreSQL: one statement, so one round trip and one
// transaction, for a read, for a new cart and for a change. What is rarer (a
// link to make, an answer to keep, a cart that was abandoned or goes) takes the
// transactions of cart.go, which mean the same.
const (
	sqlCreateAtOnce = `WITH made AS (
			INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, due_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $5 + ` + sqlWait + `)),
		waits AS (INSERT INTO outbox (store, subject, version, n) SELECT $1, $2, $3, 0 WHERE $10)
		INSERT INTO journal (store, cart_id, version, n, channel, at, events) VALUES ($1, $2, $3, 0, $8, $5, $9)`

	// It returns whether the row was written and, if it was not, what stands there.
	sqlSwapAtOnce = `WITH swapped AS (
			UPDATE carts SET version = $1, updated = $2, doc = $3, customer_id = $7
			WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL RETURNING 1),
		told AS (INSERT INTO journal (store, cart_id, version, n, channel, at, events) SELECT $4, $5, $1, 0, $8, $2, $9 FROM swapped),
		waits AS (INSERT INTO outbox (store, subject, version, n) SELECT $4, $5, $1, 0 FROM swapped WHERE $10)
		SELECT EXISTS (SELECT 1 FROM swapped),
			(SELECT doc FROM carts WHERE store = $4 AND id = $5 AND NOT EXISTS (SELECT 1 FROM swapped))`
)

func (p *pool) cartDocument(ctx context.Context, store string, cartID cart.ID) (doc []byte, err error) {
	err = p.with(ctx, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, sqlSelectCart, store, string(cartID)).Scan(&doc)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = sql.ErrNoRows
	}
	return doc, err
}

// createAtOnce writes a new cart in one statement; done is false where that
// does not do.
func (db *DB) createAtOnce(ctx context.Context, c *cart.Cart, ch cart.Change, doc string, entry journalRow) (done bool, err error) {
	if db.pool == nil || ch.Redirect != nil || keeps(ctx) {
		return false, nil
	}
	listens, err := db.listens(ctx, db.reads, c.Store)
	if err != nil {
		return true, err
	}
	err = db.pool.with(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sqlCreateAtOnce, c.Store, string(c.ID), c.Version, c.CustomerID, millis(c.Updated),
			millis(c.Updated.Add(cart.Lifetime)), doc, entry.channel, entry.events, listens)
		return err
	})
	if err != nil {
		return true, fmt.Errorf("insert cart: %w", err)
	}
	if listens && db.told != nil {
		db.told()
	}
	db.written(c, len(doc))
	return true, nil
}

// swapAtOnce writes a change in one statement; done is false where that does
// not do. With errStale it returns what stands in the database.
func (db *DB) swapAtOnce(ctx context.Context, old, c *cart.Cart, ch cart.Change, doc string, entry journalRow) (now *cart.Cart, done bool, err error) {
	if db.pool == nil || doc == "" || ch.Redirect != nil || keeps(ctx) {
		return nil, false, nil
	}
	listens, err := db.listens(ctx, db.reads, c.Store)
	if err != nil {
		return nil, true, err
	}
	var swapped bool
	var stands []byte
	err = db.pool.with(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, sqlSwapAtOnce, c.Version, millis(c.Updated), doc, old.Store, string(old.ID), old.Version,
			c.CustomerID, entry.channel, entry.events, listens).Scan(&swapped, &stands)
	})
	switch {
	case err != nil:
		return nil, true, fmt.Errorf("write cart: %w", err)
	case swapped:
		if listens && db.told != nil {
			db.told()
		}
		return nil, true, nil
	case stands == nil: // it is gone, and whoever begins again finds that
		return nil, true, errStale
	}
	now, err = readDocument(old.ID, stands)
	if err != nil {
		return nil, true, err
	}
	if now.Version == old.Version { // nobody waits for it: the slower way sets that right
		return nil, false, nil
	}
	return now, true, errStale
}

// keeps reports whether the answer to a request is to be kept with its write.
func keeps(ctx context.Context) bool {
	r := once.From(ctx)
	return r != nil && r.Render != nil && r.Stored == nil
}
