package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/recovery"
)

// sqlWait is the waiting time of the store in $1, in milliseconds, as the
// statement finds it: a change of it counts from the next write on, on every
// server. Stores without options have recovery.DefaultWait.
const sqlWait = `COALESCE((SELECT wait FROM recovery_options WHERE store = $1), 3600000)`

// RecoveryOptions implements recovery.OptionStorage.
func (db *DB) RecoveryOptions(ctx context.Context, store string) (*recovery.Options, error) {
	var doc string
	err := db.reads.QueryRowContext(ctx, `SELECT doc FROM recovery_options WHERE store = $1`, store).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read recovery options: %w", err)
	}
	var o recovery.Options
	if err := json.Unmarshal([]byte(doc), &o); err != nil {
		return nil, fmt.Errorf("decode recovery options: %w", err)
	}
	return &o, nil
}

// PutRecoveryOptions implements recovery.OptionStorage. The mark for the scan
// is set in the statement that compares, so that of two changes at once none
// overlooks the other.
func (db *DB) PutRecoveryOptions(ctx context.Context, store string, o recovery.Options) (recovery.Options, error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return o, fmt.Errorf("encode recovery options: %w", err)
	}
	wait := o.Wait().Milliseconds()
	now := millis(db.clock.Now())
	var first sql.NullInt64
	if o.Wait() < recovery.DefaultWait {
		first = sql.NullInt64{Int64: now, Valid: true}
	}
	return write(ctx, db, func(t *tx) (recovery.Options, error) {
		_, err := t.exec(`INSERT INTO recovery_options (store, wait, shortened, doc) VALUES ($1, $2, $3, $4)
			ON CONFLICT (store) DO UPDATE SET wait = excluded.wait, doc = excluded.doc,
				shortened = CASE WHEN excluded.wait < recovery_options.wait THEN $5 ELSE recovery_options.shortened END`,
			store, wait, first, string(doc), now)
		if err != nil {
			return o, fmt.Errorf("write recovery options: %w", err)
		}
		return o, nil
	})
}

// wait returns for how long the carts of a store must be left alone.
func (t *tx) wait(store string) (time.Duration, error) {
	var ms int64
	if err := t.QueryRowContext(t.ctx, `SELECT `+sqlWait, store).Scan(&ms); err != nil {
		return 0, fmt.Errorf("read the waiting time: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}
