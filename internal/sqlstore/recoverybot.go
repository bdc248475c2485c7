package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
)

// knownCart reports whether there is, or was, a cart. One that ended is known
// for as long as its journal, or what recovery keeps of it.
func knownCart(ctx context.Context, q querier, store string, cartID cart.ID) (bool, error) {
	var found int
	err := q.QueryRowContext(ctx, `SELECT 1 FROM carts WHERE store = $1 AND id = $2
		UNION ALL SELECT 1 FROM journal WHERE store = $1 AND cart_id = $2
		UNION ALL SELECT 1 FROM episodes WHERE store = $1 AND cart_id = $2
		UNION ALL SELECT 1 FROM recovery_orders WHERE store = $1 AND cart_id = $2 LIMIT 1`, store, string(cartID)).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a cart: %w", err)
	}
	return true, nil
}

// MarkBot implements recovery.ReportStorage.
func (db *DB) MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) {
		known, err := knownCart(t.ctx, t, store, cartID)
		if err != nil {
			return 0, err
		}
		if !known {
			return 0, fault.New(fault.NotFound, fault.TitleNotFound)
		}
		if !bot {
			return t.exec(`DELETE FROM recovery_bots WHERE store = $1 AND cart_id = $2`, store, string(cartID))
		}
		return t.exec(`INSERT INTO recovery_bots (store, cart_id, marked) VALUES ($1, $2, $3) ON CONFLICT (store, cart_id) DO NOTHING`,
			store, string(cartID), millis(db.clock.Now()))
	})
	if err != nil {
		return fmt.Errorf("mark cart %s: %w", cartID, err)
	}
	return nil
}
