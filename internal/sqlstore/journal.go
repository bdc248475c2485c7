package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
)

// JournalEntry is what one write did to a cart.
type JournalEntry struct {
	Version int64
	N       int64
	Channel int64
	At      time.Time
	Events  []event.Event
}

// Journal returns what happened to a cart, oldest first. It is kept when the
// cart is gone.
func (db *DB) Journal(ctx context.Context, store string, cartID cart.ID) ([]JournalEntry, error) {
	rows, err := db.reads.QueryContext(ctx, `SELECT version, n, channel, at, events FROM journal
		WHERE store = $1 AND cart_id = $2 ORDER BY version, n`, store, string(cartID))
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []JournalEntry
	for rows.Next() {
		var e JournalEntry
		var at int64
		var events string
		if err := rows.Scan(&e.Version, &e.N, &e.Channel, &at, &events); err != nil {
			return nil, err
		}
		e.At = fromMillis(at)
		if err := json.Unmarshal([]byte(events), &e.Events); err != nil {
			return nil, fmt.Errorf("decode journal: %w", err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}
