package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
)

// FindSession returns what is known of a shopper's session, or nil when there
// is no such session or it is over. hash is what is stored of the session's
// token.
func (db *DB) FindSession(ctx context.Context, store, hash string, now time.Time) (*cart.Session, error) {
	var s cart.Session
	var ms int64
	err := db.reads.QueryRowContext(ctx, `SELECT cart_id, expires, typed, ordered FROM sessions WHERE store = $1 AND hash = $2 AND expires > $3`,
		store, hash, millis(now)).Scan(&s.Cart, &ms, &s.Typed, &s.Ordered)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	s.Expires = fromMillis(ms)
	return &s, nil
}

// StartSession stores a session that is bound to a cart, and removes the one
// that it takes the place of, if there is one.
func (db *DB) StartSession(ctx context.Context, store, hash string, cartID cart.ID, expires time.Time, replaces string) error {
	_, err := write(ctx, db, func(t *tx) (string, error) {
		if replaces != "" {
			if _, err := t.exec(`DELETE FROM sessions WHERE store = $1 AND hash = $2`, store, replaces); err != nil {
				return "", fmt.Errorf("remove session: %w", err)
			}
		}
		if _, err := t.exec(`INSERT INTO sessions (store, hash, cart_id, expires) VALUES ($1, $2, $3, $4)`,
			store, hash, string(cartID), millis(expires)); err != nil {
			return "", fmt.Errorf("insert session: %w", err)
		}
		return hash, nil
	})
	return err
}

// SwapSessionCart binds a session to another cart and makes it live until
// expires, if it is still bound to the cart that the caller believes in. It
// reports whether it was. With the same cart twice it only lengthens the
// session's life.
func (db *DB) SwapSessionCart(ctx context.Context, store, hash string, from, to cart.ID, expires time.Time) (bool, error) {
	n, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE sessions SET cart_id = $1, expires = $2 WHERE store = $3 AND hash = $4 AND cart_id = $5`,
			string(to), millis(expires), store, hash, string(from))
	})
	if err != nil {
		return false, fmt.Errorf("bind session: %w", err)
	}
	return n > 0, nil
}

// KeepTyped replaces the fingerprints of what was typed in a session. A session
// that is over stays so.
func (db *DB) KeepTyped(ctx context.Context, store, hash, typed string) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE sessions SET typed = $1 WHERE store = $2 AND hash = $3`, typed, store, hash)
	})
	if err != nil {
		return fmt.Errorf("keep what a session typed: %w", err)
	}
	return nil
}

// KeepOrdered notes the latest order that a session placed.
func (db *DB) KeepOrdered(ctx context.Context, store, hash string, orderID int64) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE sessions SET ordered = $1 WHERE store = $2 AND hash = $3`, orderID, store, hash)
	})
	if err != nil {
		return fmt.Errorf("keep what a session ordered: %w", err)
	}
	return nil
}

// CountTry counts one more try of a code in a session, and reports whether it
// is among the first limit ones of the time that began with the first and
// lasts for window.
func (db *DB) CountTry(ctx context.Context, store, hash string, limit int64, now time.Time, window time.Duration) (bool, error) {
	n, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE sessions SET tries = CASE WHEN tries_from <= $1 THEN 1 ELSE tries + 1 END,
			tries_from = CASE WHEN tries_from <= $1 THEN $2 ELSE tries_from END
			WHERE store = $3 AND hash = $4 AND (tries_from <= $1 OR tries < $5)`,
			millis(now.Add(-window)), millis(now), store, hash, limit)
	})
	if err != nil {
		return false, fmt.Errorf("count a try: %w", err)
	}
	return n > 0, nil
}
