package sqlstore

import (
	"context"
	"fmt"
)

// CountCarts returns how many carts a store has, those that have expired and
// were not swept yet included. It counts no further than most.
func (db *DB) CountCarts(ctx context.Context, store string, most int) (int, error) {
	var n int
	err := db.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT id FROM carts WHERE store = $1 LIMIT $2) AS counted`,
		store, most).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count carts: %w", err)
	}
	return n, nil
}
