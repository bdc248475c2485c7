package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// clockRow is the id of the one row of the sandbox clock.
const clockRow = 1

// MaxClockOffset bounds how far the clock can be wound altogether, so that no
// time in the database leaves what dates can be written as.
const MaxClockOffset = 100 * 365 * 24 * time.Hour

// ErrClockTooFar refuses a step beyond MaxClockOffset.
var ErrClockTooFar = errors.New("the clock can be wound a hundred years ahead at most")

// ClockOffset returns how far the sandbox clock of this database was wound
// ahead; 0 for one that never was. It is negative while a history is being lived.
func (db *DB) ClockOffset(ctx context.Context) (time.Duration, error) {
	var ms int64
	err := db.reads.QueryRowContext(ctx, `SELECT offset_ms FROM clock WHERE id = $1`, clockRow).Scan(&ms)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the sandbox clock: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// BeginClock sets the sandbox clock of a database back, so that its history can
// be lived. A clock that was set or wound before, and that of a database that has
// a store, stays where it is. It returns the offset at which the clock stands.
func (db *DB) BeginClock(ctx context.Context, back time.Duration) (time.Duration, error) {
	if back < 0 || back > MaxClockOffset {
		return 0, fmt.Errorf("set the sandbox clock back by %s: it can be a hundred years at most", back)
	}
	_, err := write(ctx, db, func(t *tx) (struct{}, error) {
		_, err := t.ExecContext(t.ctx, `INSERT INTO clock (id, offset_ms) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM stores)
			ON CONFLICT (id) DO NOTHING`, clockRow, -back.Milliseconds())
		return struct{}{}, err
	})
	if err != nil {
		return 0, fmt.Errorf("set the sandbox clock back: %w", err)
	}
	return db.ClockOffset(ctx)
}

// AdvanceClock winds the sandbox clock ahead by step and returns its new
// offset. Steps add up, whichever server asks for them; the clock never goes
// back (decisions 24). What is below a millisecond counts as one. A step that
// would lead beyond MaxClockOffset is refused with ErrClockTooFar.
func (db *DB) AdvanceClock(ctx context.Context, step time.Duration) (time.Duration, error) {
	if step < 0 {
		return 0, fmt.Errorf("wind the sandbox clock by %s: it cannot go back", step)
	}
	if step > MaxClockOffset {
		return 0, ErrClockTooFar
	}
	ms := (step + time.Millisecond - 1) / time.Millisecond
	offset, err := write(ctx, db, func(t *tx) (int64, error) {
		var offset int64
		err := t.QueryRowContext(t.ctx, `INSERT INTO clock (id, offset_ms) VALUES ($1, $2)
			ON CONFLICT (id) DO UPDATE SET offset_ms = clock.offset_ms + excluded.offset_ms
			WHERE clock.offset_ms + excluded.offset_ms <= $3 RETURNING offset_ms`,
			clockRow, int64(ms), MaxClockOffset.Milliseconds()).Scan(&offset)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, ErrClockTooFar
		}
		return offset, err
	})
	if err != nil {
		return 0, fmt.Errorf("wind the sandbox clock: %w", err)
	}
	db.bell.ring(wakeClock)
	return time.Duration(offset) * time.Millisecond, nil
}
