package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/order"
)

// AddCheckoutToken implements order.TokenStorage.
func (db *DB) AddCheckoutToken(ctx context.Context, token order.Token) error {
	_, err := write(ctx, db, func(t *tx) (order.Token, error) {
		if _, err := t.exec(`INSERT INTO checkout_tokens (store, hash, cart_id, uses, expires) VALUES ($1, $2, $3, $4, $5)`,
			token.Store, token.Hash, string(token.Checkout), token.Uses, millis(token.Expires)); err != nil {
			return token, fmt.Errorf("insert checkout token: %w", err)
		}
		return token, nil
	})
	return err
}

// UseCheckoutToken implements order.TokenStorage. Of many requests with one
// token, as many win as it has uses.
func (db *DB) UseCheckoutToken(ctx context.Context, store, hash string, now time.Time) (*order.Token, error) {
	return write(ctx, db, func(t *tx) (*order.Token, error) {
		token := order.Token{Store: store, Hash: hash}
		var expires int64
		err := t.QueryRowContext(t.ctx, `UPDATE checkout_tokens SET uses = uses - 1
			WHERE store = $1 AND hash = $2 AND uses > 0 AND expires > $3
			RETURNING cart_id, uses, expires`, store, hash, millis(now)).Scan(&token.Checkout, &token.Uses, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("use checkout token: %w", err)
		}
		token.Expires = fromMillis(expires)
		return &token, nil
	})
}
