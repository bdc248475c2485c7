package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// Many carts are made by copying one: the server makes it, and the database
// repeats its row and those of its journal under other ids. A copy is a cart
// like any other, which the API reads and changes. The text is the same for both
// engines.
const (
	// In the order of the ids each page of a tree is written once. SQLite would
	// leave the order of a part out if that had no limit.
	copySeries = `WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2),
		copies (i, id) AS (SELECT i, ` + copyIDText + ` FROM n ORDER BY 2 LIMIT 1000000000) `
	// copyIDText is copyID in SQL.
	copyIDText = `substr(CAST(100000000 + i * 2654435761 % 100000000 AS TEXT), 2) || '-0000-4000-8000-' ||
		substr(CAST(1000000000000 + i AS TEXT), 2)`
	// Every second copy was abandoned long ago, as most carts of a shop are:
	// nobody waits for it. The others fall due long after the run, in the course
	// of an hour.
	copyCarts = copySeries + `INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, due_at)
		SELECT c.store, copies.id, c.version, c.customer_id, c.updated, c.sweep_at, replace(c.doc, c.id, copies.id),
			CASE WHEN copies.i % 2 = 0 THEN NULL ELSE c.updated + 86400000 + copies.i % 3600000 END
		FROM copies CROSS JOIN carts c WHERE c.store = $3 AND c.id = $4`
	copyJournal = copySeries + `INSERT INTO journal (store, cart_id, version, n, channel, at, events)
		SELECT j.store, copies.id, j.version, j.n, j.channel, j.at, replace(j.events, j.cart_id, copies.id)
		FROM copies CROSS JOIN journal j WHERE j.store = $3 AND j.cart_id = $4`
	// copyPasses are as many as leave pages about as full as carts that come one
	// by one do: what a pass puts between the copies of those before splits pages.
	copyPasses = 4
)

// copyID is the id of the i-th copy, from 1. Ids are all over their range in no
// order, as random ones are.
func copyID(i int64) string {
	return fmt.Sprintf("%08d-0000-4000-8000-%012d", i*2654435761%100_000_000, i)
}

// copies says which of the copies requests go to.
type copies int

const (
	noCopies      copies = iota
	allCopies            // every one
	waitingCopies        // every one that the scan waits for: they have odd numbers
)

// draw returns the number of a copy out of so many, by chance.
func (c copies) draw(of int) int64 {
	i := 1 + rand.Int64N(int64(of))
	if c == waitingCopies {
		return min((i-1)|1, int64(of-1)|1)
	}
	return i
}

// copyCart makes the copies first to last of a cart: rows and journals at once,
// if db has more than one connection. No server should have the database
// meanwhile.
func copyCart(ctx context.Context, db *sql.DB, store, model string, first, last int) error {
	each := (last - first + copyPasses) / copyPasses
	for ; first <= last; first += each {
		var all sync.WaitGroup
		var errs [2]error
		for i, statement := range []string{copyCarts, copyJournal} {
			all.Go(func() { _, errs[i] = db.ExecContext(ctx, statement, first, min(first+each-1, last), store, model) })
		}
		all.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			return fmt.Errorf("copy a cart %d times: %w", last, err)
		}
	}
	return nil
}

// fill is copyCart on an engine, as fast as it goes: a crash may lose it all.
// Afterwards it is on the disk, and what a database does by itself in the hours
// after so much was written is done, so that none of it falls into what is
// measured.
func (e engine) fill(ctx context.Context, store, model string, first, last int) (err error) {
	db, err := e.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	before := []string{"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000"}
	after := []string{"PRAGMA journal_mode = WAL"}
	if e.url != "" {
		before = nil
		after = []string{"VACUUM (ANALYZE) carts", "VACUUM (ANALYZE) journal", "CHECKPOINT"}
	}
	if err := execAll(ctx, db, before); err != nil {
		return err
	}
	if err := copyCart(ctx, db, store, model, first, last); err != nil {
		return err
	}
	if err := execAll(ctx, db, after); err != nil || e.url != "" {
		return err
	}
	file, err := os.Open(e.file())
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func execAll(ctx context.Context, db *sql.DB, statements []string) error {
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// lastChange is when the model, and so every copy of it, was changed last.
func lastChange(ctx context.Context, db *sql.DB, store, model string) (time.Time, error) {
	var ms int64
	err := db.QueryRowContext(ctx, `SELECT updated FROM carts WHERE store = $1 AND id = $2`, store, model).Scan(&ms)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the cart that is copied: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}
