package sqlstore

import (
	"context"
	"fmt"
)

// CountCarts returns how many carts a store has, those that have expired and
// were not swept yet included. It counts no further than most.
func (db *DB) CountCarts(ctx context.Context, store string, most int) (int, error) {
	return db.countUpTo(ctx, `SELECT id FROM carts WHERE store = $1`, store, most)
}

// CountPlacedOrders returns how many orders a store has that were placed. It
// counts no further than most.
func (db *DB) CountPlacedOrders(ctx context.Context, store string, most int) (int, error) {
	return db.countUpTo(ctx, `SELECT id FROM orders WHERE store = $1 AND status > 0 AND archived = 0`, store, most)
}

func (db *DB) countUpTo(ctx context.Context, rows, store string, most int) (int, error) {
	var n int
	err := db.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM (`+rows+` LIMIT $2) AS counted`, store, most).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what a store has: %w", err)
	}
	return n, nil
}
