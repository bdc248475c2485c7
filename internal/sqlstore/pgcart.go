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
// transaction, for a read, for a new cart and for a change; ADR 17 has what that
// is worth. What is rarer (a
// link to make, an answer to keep, a cart that was abandoned or goes) takes the
// transactions of cart.go, which mean the same.
const (
	sqlCartToRead = `SELECT doc, due_at IS NULL FROM carts WHERE store = $1 AND id = $2`

	sqlCreateAtOnce = `WITH made AS (
			INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, due_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $5 + ` + sqlWait + `)),
		waits AS (INSERT INTO outbox (store, subject, version, n) SELECT $1, $2, $3, 0 WHERE $10)
		INSERT INTO journal (store, cart_id, version, n, channel, at, events) VALUES ($1, $2, $3, 0, $8, $5, $9)`

	// It inserts one row, or none when the cart is not what the write began with.
	sqlSwapAtOnce = `WITH swapped AS (
			UPDATE carts SET version = $1, updated = $2, doc = $3, customer_id = $7
			WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL RETURNING 1),
		waits AS (INSERT INTO outbox (store, subject, version, n) SELECT $4, $5, $1, 0 FROM swapped)
		INSERT INTO journal (store, cart_id, version, n, channel, at, events) SELECT $4, $5, $1, 0, $8, $2, $9 FROM swapped`
	// Most stores have no webhooks: the outbox costs them nothing.
	sqlSwapUntold = `WITH swapped AS (
			UPDATE carts SET version = $1, updated = $2, doc = $3, customer_id = $7
			WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL RETURNING 1)
		INSERT INTO journal (store, cart_id, version, n, channel, at, events) SELECT $4, $5, $1, 0, $8, $2, $9 FROM swapped`
)

func (p *pool) cartDocument(ctx context.Context, store string, cartID cart.ID) (doc string, left bool, err error) {
	err = p.with(ctx, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, sqlCartToRead, store, string(cartID)).Scan(&doc, &left)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = sql.ErrNoRows
	}
	return doc, left, err
}

// createAtOnce writes a new cart in one statement.
func (db *DB) createAtOnce(ctx context.Context, c *cart.Cart, doc string, entry journalRow) error {
	listens, err := db.listens(ctx, db.reads, c.Store)
	if err != nil {
		return err
	}
	_, err = db.atOnce(ctx, listens, sqlCreateAtOnce, c.Store, string(c.ID), c.Version, c.CustomerID, millis(c.Updated),
		millis(c.Updated.Add(cart.Lifetime)), doc, entry.channel, entry.events, listens)
	if err != nil {
		return fmt.Errorf("insert cart: %w", err)
	}
	db.written(c, len(doc))
	return nil
}

// swapAtOnce writes a change in one statement. It returns errStale also when the
// row has lost its due_at since it was read.
func (db *DB) swapAtOnce(ctx context.Context, old, c *cart.Cart, doc string, entry journalRow) error {
	listens, err := db.listens(ctx, db.reads, c.Store)
	if err != nil {
		return err
	}
	statement := sqlSwapUntold
	if listens {
		statement = sqlSwapAtOnce
	}
	n, err := db.atOnce(ctx, listens, statement, c.Version, millis(c.Updated), doc, old.Store, string(old.ID), old.Version,
		c.CustomerID, entry.channel, entry.events)
	if err != nil {
		return fmt.Errorf("write cart: %w", err)
	}
	if n == 0 {
		return errStale
	}
	return nil
}

// atOnce runs a statement that is a whole write and returns how many rows it
// made. told says that webhooks tell of it.
func (db *DB) atOnce(ctx context.Context, told bool, statement string, args ...any) (n int64, err error) {
	err = db.pool.with(ctx, func(conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, statement, args...)
		n = tag.RowsAffected()
		return err
	})
	if err == nil && n > 0 && told && db.told != nil {
		db.told()
	}
	return n, err
}

// keeps reports whether the answer to a request is to be kept with its write.
func keeps(ctx context.Context) bool {
	r := once.From(ctx)
	return r != nil && r.Render != nil && r.Stored == nil
}
