package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"cartwright/internal/cart"
)

// AddRedirect implements cart.RedirectStorage.
func (db *DB) AddRedirect(ctx context.Context, r cart.Redirect) error {
	_, err := write(ctx, db, func(t *tx) (cart.Redirect, error) { return r, insertRedirect(t, &r) })
	return err
}

// UseRedirect implements cart.RedirectStorage. Of many requests with one
// token, the one whose update finds it unused wins.
func (db *DB) UseRedirect(ctx context.Context, store, hash string, cartID cart.ID, now time.Time) (*cart.Redirect, error) {
	return write(ctx, db, func(t *tx) (*cart.Redirect, error) {
		r := cart.Redirect{Store: store, Hash: hash, Cart: cartID}
		var query string
		var expires int64
		err := t.QueryRowContext(t.ctx, `UPDATE redirects SET used = $1
			WHERE store = $2 AND hash = $3 AND cart_id = $4 AND used IS NULL AND expires > $1
			RETURNING query, expires`, millis(now), store, hash, string(cartID)).Scan(&query, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("use redirect: %w", err)
		}
		r.Expires = fromMillis(expires)
		if r.Query, err = url.ParseQuery(query); err != nil {
			return nil, fmt.Errorf("read redirect: %w", err)
		}
		return &r, nil
	})
}
