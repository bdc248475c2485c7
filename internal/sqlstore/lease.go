package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/fault"
)

// LeaseTime is for how long a lease is good without being renewed (decisions
// 25). It is counted in the database's real time, so that neither a wound
// clock nor a server whose clock is wrong changes it.
const LeaseTime = 10 * time.Second

// Lease makes holder the one server that does a kind of work for a store, or
// renews that. It reports whether holder has the lease now.
func (db *DB) Lease(ctx context.Context, store, work, holder string) (bool, error) {
	now := db.dialect.realMillis
	return write(ctx, db, func(t *tx) (bool, error) {
		var until int64
		err := t.QueryRowContext(t.ctx, `INSERT INTO leases (store, work, holder, until) VALUES ($1, $2, $3, `+now+` + $4)
			ON CONFLICT (store, work) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE leases.holder = excluded.holder OR leases.until <= `+now+` RETURNING until`,
			store, work, holder, LeaseTime.Milliseconds()).Scan(&until)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("lease %s of store %s: %w", work, store, err)
		}
		return true, nil
	})
}

// FreeLease gives back one lease that its work is done for.
func (db *DB) FreeLease(ctx context.Context, store, work, holder string) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`DELETE FROM leases WHERE store = $1 AND work = $2 AND holder = $3`, store, work, holder)
	})
	if err != nil {
		return fmt.Errorf("free lease %s of store %s: %w", work, store, err)
	}
	return nil
}

// FreeLeases gives back every lease of a holder that stops.
func (db *DB) FreeLeases(ctx context.Context, holder string) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) { return t.exec(`DELETE FROM leases WHERE holder = $1`, holder) })
	if err != nil {
		return fmt.Errorf("free leases: %w", err)
	}
	return nil
}

// dropLeases forgets the leases of a server that is no more: only one serves a
// SQLite file, so whoever starts there waits for nobody.
func (db *DB) dropLeases(ctx context.Context) error {
	if !db.dialect.oneWriter {
		return nil
	}
	_, err := write(ctx, db, func(t *tx) (int64, error) { return t.exec(`DELETE FROM leases`) })
	// On a full disk they run out by themselves, and reads go on.
	if err != nil && !fault.IsOutage(err) {
		return fmt.Errorf("drop leases: %w", err)
	}
	return nil
}
