package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/sqlstore"
)

const (
	scanDue = 1_000 // carts that fall due at once
	// scanRounds is how often the small population has as many that were never
	// abandoned.
	scanRounds = fewCarts / scanDue
	scanWait   = time.Hour
)

// The first due is $1 for the store $2: the carts $3, $3 + $4, … up to $5.
const fallDue = `UPDATE carts SET due_at = $1 WHERE store = $2 AND id IN (
	WITH RECURSIVE n (i) AS (SELECT CAST($3 AS BIGINT) UNION ALL SELECT i + $4 FROM n WHERE i + $4 <= $5)
	SELECT ` + copyIDText + ` FROM n)`

// dueCopies returns the carts that fall due in a round of the scan, from 1: the
// first, and how far it is to the next. In each round they are others, from all
// over the table; those that requests have changed (waitingCopies) come last.
func dueCopies(round, carts int) (first, step int) {
	step = carts / scanDue &^ 1
	if half := step / 2; round > half {
		return 2*(round-half) - 1, step
	}
	return 2 * round, step
}

// scan has a thousand carts fall due, finds them as the server's task does, and
// returns how many milliseconds that took. A server does this by itself, and
// nobody can see from outside how long it takes: so it is measured inside, while
// no server runs.
func (p *population) scan(ctx context.Context, db *sqlstore.DB, raw *sql.DB, now time.Time) (float64, error) {
	p.rounds++
	first, step := dueCopies(p.rounds, p.carts)
	res, err := raw.ExecContext(ctx, fallDue, now.Add(-time.Second).UnixMilli(), shopStore, first, step, first+(scanDue-1)*step)
	if err != nil {
		return 0, fmt.Errorf("have carts fall due: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != scanDue {
		return 0, fmt.Errorf("%d carts fell due and not %d (%w)", n, scanDue, err)
	}
	began, found := time.Now(), 0
	if _, ok, err := db.NextDueCart(ctx); err != nil || !ok {
		return 0, fmt.Errorf("nothing is due (%w)", err)
	}
	stores, err := db.StoresWithDueCarts(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, store := range stores {
		for n := 1; n > 0; found += n {
			if n, err = db.ScanCarts(ctx, store, now); err != nil {
				return 0, err
			}
		}
	}
	took := time.Since(began)
	if found != scanDue {
		return 0, fmt.Errorf("%d carts were found and not %d", found, scanDue)
	}
	return milliseconds(took), nil
}

// scanner opens the database of a population and returns what measures a round.
func (p *population) scanner(ctx context.Context) (scan func() (float64, error), done func() error, err error) {
	raw, err := p.engine.open()
	if err != nil {
		return nil, nil, err
	}
	changed, err := lastChange(ctx, raw, shopStore, p.model)
	if err == nil { // the model is a cart more: nobody waits for it
		_, err = raw.ExecContext(ctx, `UPDATE carts SET due_at = NULL WHERE store = $1 AND id = $2`, shopStore, p.model)
	}
	if err != nil {
		return nil, nil, errors.Join(err, raw.Close())
	}
	now := changed.Add(scanWait + time.Second)
	db, err := sqlstore.Open(ctx, p.engine.databaseURL(), sqlstore.Options{Clock: clock.At(now)})
	if err != nil {
		return nil, nil, errors.Join(err, raw.Close())
	}
	return func() (float64, error) { return p.scan(ctx, db, raw, now) },
		func() error { return errors.Join(db.Close(), raw.Close()) }, nil
}

// scanRows asks whether the time to find abandoned carts grows with the carts
// that there are, and not only with those that are due.
func (b *bench) scanRows(ctx context.Context) (rows []row, err error) {
	few, err := b.populate(ctx, "few, to scan", fewCarts)
	if err != nil {
		return nil, err
	}
	many, err := b.manyCarts(ctx)
	if err != nil {
		return nil, err
	}
	var took [2][]float64
	var scans [2]func() (float64, error)
	for i, p := range []*population{few, many} {
		scan, done, err := p.scanner(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, done()) }()
		scans[i] = scan
	}
	for range min(b.cfg.rounds, scanRounds) {
		for i, scan := range scans {
			ms, err := scan()
			if err != nil {
				return nil, err
			}
			took[i] = append(took[i], ms)
		}
	}
	name := fmt.Sprintf("finding %d due carts among %s", scanDue, count(many.carts))
	return []row{compare(name, "ms", took[1], took[0], "among "+count(few.carts), atMost(3))}, nil
}
