package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/money"
	"cartwright/internal/sqlstore"
)

const (
	scanStore  = "bench"
	scanDue    = 1_000
	scanAmong  = 10_000 // the reference: as many carts as a small shop has
	scanIDMark = "@"    // stands for a cart's id in the document that all have
)

// scanFound is when the carts that are due were: an hour after their last
// change. The scan comes by a second later, the others are due an hour later.
var scanFound = time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC)

// scanFloor is a database with carts, of which a thousand fall due in each
// round. A server does this by itself, and nobody can see from outside how long
// it takes: so it is the one row that is measured inside.
type scanFloor struct {
	db    *sqlstore.DB
	path  string
	carts int
	round int
}

// openScanFloor fills a database without the server: a million carts are made
// in seconds so.
func openScanFloor(ctx context.Context, dir string, carts int) (*scanFloor, error) {
	f := &scanFloor{path: filepath.Join(dir, fmt.Sprintf("scan-%d.db", carts)), carts: carts}
	var err error
	if f.db, err = sqlstore.Open(ctx, "sqlite://"+f.path, sqlstore.Options{Clock: clock.At(scanFound)}); err != nil {
		return nil, err
	}
	if err := f.fill(ctx); err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	return f, nil
}

// fill makes carts whose ids are spread as UUIDs are. Half of them are abandoned
// already, and the rest fall due in the next hour.
func (f *scanFloor) fill(ctx context.Context) error {
	raw, err := openDB(f.path, 1)
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	for _, statement := range []string{"PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000",
		`INSERT INTO stores (hash, revision, doc) VALUES ('` + scanStore + `', 1, '{}')`} {
		if _, err := raw.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	const insert = `INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, due_at)
		WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2),
			made (i, id) AS (SELECT i, printf('%08x-0000-4000-8000-%012x', i * 2654435761 % 4294967296, i) FROM n)
		SELECT $3, id, 1, 0, $4, $4 + 2592000000, replace($5, $6, id), CASE WHEN i % 2 = 0 THEN NULL ELSE $7 + i % 3600000 END FROM made`
	const batch = 50_000
	for first := 1; first <= f.carts; first += batch {
		last := min(first+batch-1, f.carts)
		if _, err := raw.ExecContext(ctx, insert, first, last, scanStore, scanFound.Add(-time.Hour).UnixMilli(),
			scanDocument(), scanIDMark, scanFound.Add(time.Hour).UnixMilli()); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	_, err = raw.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// scanDocument is a cart of three lines, as it is stored.
func scanDocument() string {
	c := &cart.Cart{ID: scanIDMark, Store: scanStore, Version: 1, ChannelID: 1, Currency: "USD", Locale: "en", Email: "ada at shop.example",
		Created: scanFound.Add(-2 * time.Hour), Updated: scanFound.Add(-time.Hour)}
	for i := range usualLines {
		price := money.Amount(i+1) * 10 * money.Unit
		c.Lines = append(c.Lines, cart.Line{
			ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Kind: cart.Physical, Quantity: 1, ProductID: int64(100 + i), VariantID: int64(200 + i),
			Name: strings.Repeat("Lamp ", 8), SKU: "LAMP", URL: "/lamp/", ImageURL: "https://shop.example/pictures/lamp.jpg", Taxable: true,
			ListPrice: price, SalePrice: price, ExtendedList: price, ExtendedSale: price,
		})
		c.Totals.Base += price
		c.Totals.Cart += price
	}
	return string(c.AppendDocument(nil))
}

// fallDue has a thousand carts fall due, from all over the table, and others in
// each round.
func (f *scanFloor) fallDue(ctx context.Context) error {
	raw, err := openDB(f.path, 1)
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	f.round++
	res, err := raw.ExecContext(ctx, `UPDATE carts SET due_at = $1 WHERE rowid IN (
		WITH RECURSIVE n (i) AS (SELECT $2 UNION ALL SELECT i + $3 FROM n WHERE i + $3 <= $4) SELECT i FROM n)`,
		scanFound.UnixMilli(), f.round, f.carts/scanDue, f.carts)
	if err != nil {
		return fmt.Errorf("have carts fall due: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != scanDue {
		return fmt.Errorf("%d carts fell due and not %d (%w)", n, scanDue, err)
	}
	return nil
}

// scan finds them, as the server's task does, and returns how many milliseconds
// that took.
func (f *scanFloor) scan(ctx context.Context) (float64, error) {
	if err := f.fallDue(ctx); err != nil {
		return 0, err
	}
	now, found := scanFound.Add(time.Second), 0
	began := time.Now()
	if _, ok, err := f.db.NextDueCart(ctx); err != nil || !ok {
		return 0, fmt.Errorf("nothing is due (%w)", err)
	}
	stores, err := f.db.StoresWithDueCarts(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, store := range stores {
		for n := 1; n > 0; found += n {
			if n, err = f.db.ScanCarts(ctx, store, now); err != nil {
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

// scanRows asks whether the time to find abandoned carts grows with the carts
// that there are, and not only with those that are due.
func (b *bench) scanRows(ctx context.Context) (rows []row, err error) {
	few, err := openScanFloor(ctx, b.engine.dir, scanAmong)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, few.db.Close()) }()
	fmt.Fprintf(b.progress, "  making %d carts …\n", b.cfg.carts)
	many, err := openScanFloor(ctx, b.engine.dir, b.cfg.carts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.db.Close()) }()
	var value, reference []float64
	for range b.cfg.rounds {
		for _, side := range []struct {
			of   *scanFloor
			into *[]float64
		}{{few, &reference}, {many, &value}} {
			took, err := side.of.scan(ctx)
			if err != nil {
				return nil, err
			}
			*side.into = append(*side.into, took)
		}
	}
	name := fmt.Sprintf("finding %d due carts among %d", scanDue, b.cfg.carts)
	return []row{compare(name, "ms", value, reference, fmt.Sprintf("among %d", scanAmong), atMost(3))}, nil
}
