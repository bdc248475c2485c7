package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
)

// sweepBatch bounds the rows that one write of the sweeper touches, so that
// requests beside it hardly wait.
const sweepBatch = 200

// NextExpiredCart returns the earliest instant at which a cart should be
// looked at; ok is false when there is no cart.
func (db *DB) NextExpiredCart(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(sweep_at) FROM carts`, 0)
}

// SweepCarts removes the carts whose life is over, with their metafields: an
// expired cart tells nobody (spec/07 Q4, spec/01 §14). Carts that were touched
// since sweep_at was written are given their new instant. It returns how many
// carts went.
func (db *DB) SweepCarts(ctx context.Context, now time.Time) (int, error) {
	gone := 0
	for {
		due, err := db.cartsToSweep(ctx, now)
		if err != nil || len(due) == 0 {
			return gone, err
		}
		removed, err := write(ctx, db, func(t *tx) ([]cartKey, error) { return sweepCarts(t, due, now) })
		if err != nil {
			return gone, fmt.Errorf("sweep carts: %w", err)
		}
		for _, key := range removed {
			db.forget(key.store, key.id)
		}
		gone += len(removed)
	}
}

func (db *DB) cartsToSweep(ctx context.Context, now time.Time) ([]cartKey, error) {
	due, err := scanCartKeys(db.reads.QueryContext(ctx,
		`SELECT store, id FROM carts WHERE sweep_at <= $1 ORDER BY sweep_at LIMIT $2`, millis(now), sweepBatch))
	if err != nil {
		return nil, fmt.Errorf("find expired carts: %w", err)
	}
	return due, nil
}

// scanCartKeys reads the rows of a query for stores and cart ids.
func scanCartKeys(rows *sql.Rows, err error) ([]cartKey, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var keys []cartKey
	for rows.Next() {
		var key cartKey
		if err := rows.Scan(&key.store, &key.id); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// sweepCarts compares with the row as it is now, not as it was found: a cart
// that is written in between stays.
func sweepCarts(t *tx, due []cartKey, now time.Time) (removed []cartKey, err error) {
	lifetime := cart.Lifetime.Milliseconds()
	for _, key := range due {
		if err := t.fileRecent(key.store, key.id); err != nil {
			return nil, err
		}
		n, err := t.exec(`DELETE FROM carts WHERE store = $1 AND id = $2 AND updated <= $3`,
			key.store, string(key.id), millis(now)-lifetime)
		if err != nil {
			return nil, fmt.Errorf("remove cart: %w", err)
		}
		if n == 0 {
			if _, err := t.exec(`UPDATE carts SET sweep_at = updated + $1 WHERE store = $2 AND id = $3`,
				lifetime, key.store, string(key.id)); err != nil {
				return nil, fmt.Errorf("keep cart: %w", err)
			}
			continue
		}
		if _, err := t.exec(`DELETE FROM metafields WHERE store = $1 AND cart_id = $2`, key.store, string(key.id)); err != nil {
			return nil, fmt.Errorf("remove metafields: %w", err)
		}
		if err := t.cartGone(key, now); err != nil {
			return nil, err
		}
		removed = append(removed, key)
	}
	return removed, nil
}

// leftover is a kind of row that means nothing once its time is over.
type leftover struct {
	earliest string
	remove   string
	// removeAll takes the place of remove where rows of several tables go
	// together. It removes a batch of what was over by then, and returns how many.
	removeAll func(t *tx, before int64) (int, error)
	// keep is how long such a row counts behind the column that is compared.
	keep time.Duration
}

var (
	leftoverRedirects = leftover{
		earliest: `SELECT MIN(expires) FROM redirects`,
		remove: `DELETE FROM redirects WHERE (store, hash) IN
			(SELECT store, hash FROM redirects WHERE expires <= $1 ORDER BY expires LIMIT $2)`,
	}
	leftoverSessions = leftover{
		earliest: `SELECT MIN(expires) FROM sessions`,
		remove: `DELETE FROM sessions WHERE (store, hash) IN
			(SELECT store, hash FROM sessions WHERE expires <= $1 ORDER BY expires LIMIT $2)`,
	}
	leftoverTokens = leftover{
		earliest: `SELECT MIN(expires) FROM checkout_tokens`,
		remove: `DELETE FROM checkout_tokens WHERE (store, hash) IN
			(SELECT store, hash FROM checkout_tokens WHERE expires <= $1 ORDER BY expires LIMIT $2)`,
	}
	leftoverAnswers = leftover{
		earliest: `SELECT MIN(created) FROM idempotency`,
		remove: `DELETE FROM idempotency WHERE (store, client_id, name) IN
			(SELECT store, client_id, name FROM idempotency WHERE created <= $1 ORDER BY created LIMIT $2)`,
		keep: AnswerLifetime,
	}
	// The journals go with the marks of the carts that ended.
	leftoverJournals = leftover{
		earliest:  `SELECT MIN(ended) FROM ended_carts`,
		removeAll: sweepJournals,
		keep:      JournalLifetime,
	}
	leftoverDeliveries = leftover{
		earliest: `SELECT MIN(finished) FROM deliveries WHERE finished IS NOT NULL`,
		remove: `DELETE FROM deliveries WHERE (store, id) IN
			(SELECT store, id FROM deliveries WHERE finished <= $1 ORDER BY finished LIMIT $2)`,
		keep: DeliveryLifetime,
	}
	leftoverBlocks = leftover{
		earliest: `SELECT MIN(until) FROM hook_blocks`,
		remove: `DELETE FROM hook_blocks WHERE (store, client_id, origin) IN
			(SELECT store, client_id, origin FROM hook_blocks WHERE until <= $1 ORDER BY until LIMIT $2)`,
	}
	leftoverEpisodes = leftover{
		earliest:  `SELECT MIN(at) FROM (SELECT (SELECT MIN(abandoned) FROM episodes WHERE store = s.hash) AS at FROM stores s) x`,
		removeAll: sweepEpisodes,
		keep:      EpisodeLifetime,
	}
	// Links back go with the journal of their cart; those that end mails are
	// good for longer.
	leftoverUnsubscribing = leftover{
		earliest: `SELECT MIN(created) FROM recovery_tokens WHERE purpose = 'unsubscribe'`,
		remove: `DELETE FROM recovery_tokens WHERE (store, hash) IN
			(SELECT store, hash FROM recovery_tokens WHERE purpose = 'unsubscribe' AND created <= $1 ORDER BY created LIMIT $2)`,
		keep: EpisodeLifetime,
	}
	leftoverNotices = leftover{
		earliest: `SELECT MIN(created) FROM recovery_notices`,
		remove: `DELETE FROM recovery_notices WHERE (store, id) IN
			(SELECT store, id FROM recovery_notices WHERE created <= $1 ORDER BY created LIMIT $2)`,
		keep: recovery.NoticeLifetime,
	}
	// A digest whose recipient became another, or that is no longer asked for, is
	// never full.
	leftoverDigests = leftover{
		earliest: `SELECT MIN(created) FROM recovery_digests`,
		remove: `DELETE FROM recovery_digests WHERE (store, channel, recipient, id) IN
			(SELECT store, channel, recipient, id FROM recovery_digests WHERE created <= $1 ORDER BY created LIMIT $2)`,
		keep: recovery.NoticeLifetime,
	}
	leftovers = []leftover{leftoverRedirects, leftoverSessions, leftoverTokens, leftoverAnswers, leftoverJournals,
		leftoverDeliveries, leftoverBlocks, leftoverEpisodes, leftoverUnsubscribing, leftoverNotices, leftoverDigests}
)

// NextLeftover returns the earliest instant at which something of these is over.
func (db *DB) NextLeftover(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, nextLeftover, 0)
}

// nextLeftover asks for all of them at once: a winding asks at each stop.
var nextLeftover = func() string {
	parts := make([]string, len(leftovers))
	for i, l := range leftovers {
		parts[i] = fmt.Sprintf("SELECT (%s) + %d AS at", l.earliest, l.keep.Milliseconds())
	}
	return "SELECT MIN(at) FROM (" + strings.Join(parts, " UNION ALL ") + ") x"
}()

// SweepLeftovers removes the redirect links, sessions, checkout tokens and
// idempotency keys that are over, the journals of carts that ended long ago, and
// what is known, or was to be told, of carts that were abandoned long ago.
func (db *DB) SweepLeftovers(ctx context.Context, now time.Time) error {
	for _, l := range leftovers {
		before := millis(now.Add(-l.keep))
		batch := l.removeAll
		if batch == nil {
			batch = func(t *tx, before int64) (int, error) {
				n, err := t.exec(l.remove, before, sweepBatch)
				return int(n), err
			}
		}
		for n := sweepBatch; n == sweepBatch; {
			var err error
			n, err = write(ctx, db, func(t *tx) (int, error) { return batch(t, before) })
			if err != nil {
				return fmt.Errorf("sweep what is over: %w", err)
			}
		}
	}
	return nil
}
