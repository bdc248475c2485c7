package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
)

// FindSession returns the cart that a shopper's session is bound to, and until
// when the session lives; found is false when there is no such session or it
// is over. hash is what is stored of the session's token.
func (db *DB) FindSession(ctx context.Context, store, hash string, now time.Time) (cartID cart.ID, expires time.Time, found bool, err error) {
	var ms int64
	err = db.reads.QueryRowContext(ctx, `SELECT cart_id, expires FROM sessions WHERE store = $1 AND hash = $2 AND expires > $3`,
		store, hash, millis(now)).Scan(&cartID, &ms)
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, false, nil
	}
	if err != nil {
		return "", time.Time{}, false, fmt.Errorf("read session: %w", err)
	}
	return cartID, fromMillis(ms), true, nil
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
