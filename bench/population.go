package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	fewCarts = 10_000 // the reference: as many carts as a small shop has
	// room is how much more than the size of the carts is asked of a disk: for
	// what is written on the way, and for the system.
	room = 1.2
)

// population is a store on a database of its own that holds many carts. Its
// server runs while requests are measured.
type population struct {
	engine engine
	shop   *shop
	model  string // the cart that all others are copies of
	carts  int
	rounds int // of the scan so far
}

// manyCarts is the large population. It is made once for all parts that want it.
func (b *bench) manyCarts(ctx context.Context) (*population, error) {
	var err error
	if b.many == nil {
		b.many, err = b.populate(ctx, "many", b.cfg.carts)
	}
	return b.many, err
}

// populate makes a store with so many carts, all of them with the usual lines.
func (b *bench) populate(ctx context.Context, name string, carts int) (p *population, err error) {
	p = &population{carts: carts}
	if p.engine, err = b.engine.another(ctx, name); err != nil {
		return nil, err
	}
	if p.shop, err = openShop(ctx, b.shop.binary, p.engine.shopFlags(), usualLines); err != nil {
		return nil, err
	}
	p.model, err = p.shop.newCart(usualLines)
	if err = errors.Join(err, p.shop.stop()); err != nil {
		return nil, err
	}
	// The first few tell how large the rest will be.
	first := min(carts, fewCarts)
	empty, err := p.engine.size(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.engine.fill(ctx, shopStore, p.model, 1, first); err != nil {
		return nil, err
	}
	if first < carts {
		full, err := p.engine.size(ctx)
		if err != nil {
			return nil, err
		}
		if err := checkRoom(filepath.Dir(b.engine.dir), int64(carts-first), (full-empty)/int64(first)); err != nil {
			return nil, err
		}
		fmt.Fprintf(b.progress, "  making %d carts …\n", carts)
		if err := p.engine.fill(ctx, shopStore, p.model, first+1, carts); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// checkRoom refuses more carts than the disk has room for, each of so many
// bytes.
func checkRoom(dir string, carts, each int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("look for room on the disk: %w", err)
	}
	return roomFor(dir, carts, each, int64(float64(disk.Bavail)*float64(disk.Bsize)))
}

func roomFor(dir string, carts, each, free int64) error {
	need := int64(float64(carts*each) * room)
	if need <= free {
		return nil
	}
	return fmt.Errorf("%d carts of %d bytes want %.1f GB on the disk of %s, which has %.1f GB left: name a folder on another disk with --dir, or fewer carts with --carts",
		carts, each, gigabytes(need), dir, gigabytes(free))
}

func gigabytes(n int64) float64 { return float64(n) / (1 << 30) }

// another is the engine with another database.
func (e engine) another(ctx context.Context, name string) (engine, error) {
	e.dir = filepath.Join(e.dir, name)
	err := os.Mkdir(e.dir, 0o700)
	if err == nil && e.url != "" {
		e.url, err = e.cluster.CreateDatabase(ctx)
	}
	return e, err
}

// open opens the database of the server, beside it: SQLite on one connection,
// so that what is set there stays set.
func (e engine) open() (*sql.DB, error) {
	if e.url == "" {
		return openDB(e.file(), 1)
	}
	return sql.Open("pgx", e.url)
}

// size is what the database takes on the disk, in bytes.
func (e engine) size(ctx context.Context) (n int64, err error) {
	if e.url == "" {
		info, err := os.Stat(e.file())
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	db, err := e.open()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&n)
	return n, err
}
