package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/fault"
)

// MigrateTo takes migrations back until the schema has this version. Nothing
// can be written after that.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	db.StopWriter()
	m, err := db.migrator()
	if err != nil {
		return err
	}
	_, err = m.goose.DownTo(ctx, version)
	return err
}

// HoldConnection takes a connection of the pool until release is closed. It asks
// as often as it needs to on a slow machine.
func HoldConnection(db *DB, held, release chan struct{}) error {
	conn, err := db.writes.Conn(context.Background())
	for fault.IsOutage(err) {
		conn, err = db.writes.Conn(context.Background())
	}
	close(held)
	if err != nil {
		return err
	}
	<-release
	return conn.Close()
}

// LimitRoom has a SQLite file not grow any further, as on a full disk, or lets
// it grow again.
func LimitRoom(db *DB, full bool) error {
	_, err := write(context.Background(), db, func(t *tx) (int64, error) {
		pages := int64(1 << 30)
		if full {
			if err := t.QueryRowContext(t.ctx, "PRAGMA page_count").Scan(&pages); err != nil {
				return 0, err
			}
		}
		return pages, t.QueryRowContext(t.ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&pages)
	})
	return err
}

// HoldSchema does something while it has the lease of the schema, for so long
// without being renewed.
func (db *DB) HoldSchema(ctx context.Context, lease time.Duration, do func(context.Context) error) error {
	m, err := db.migrator()
	if err != nil {
		return err
	}
	m.lease = lease
	if mine, err := m.take(ctx); err != nil || !mine {
		return errors.Join(errors.New("the lease is another's"), err)
	}
	return m.while(ctx, do)
}

// ErrLeaseLost is what HoldSchema ends with when another has taken the lease.
var ErrLeaseLost = errLeaseLost

// StopWriter ends the goroutine that has the one connection that writes.
func (db *DB) StopWriter() {
	if db.writer != nil {
		db.writer.stop()
	}
}

// LoseConnection reads a row of a PostgreSQL that ends the connection behind
// that row, and returns what comes of it.
func LoseConnection(db *DB) error {
	var n int
	return db.reads.QueryRowContext(context.Background(),
		"SELECT n FROM generate_series(1, 2) n WHERE n = 1 OR pg_terminate_backend(pg_backend_pid())").Scan(&n)
}

// LoseAll cuts as many connections to a PostgreSQL as database/sql tries, while
// nobody uses them.
func LoseAll(db *DB) error {
	for range 3 {
		c, err := db.pool.conns.Acquire(context.Background())
		if err != nil {
			return err
		}
		defer c.Release()
	}
	db.pool.lines.cut()
	return nil
}

// Execute runs a statement outside of a transaction.
func Execute(db *DB) error {
	_, err := db.writes.ExecContext(context.Background(), "SELECT 1")
	return err
}

// LoseTransaction goes on in a transaction whose connection is gone, and
// returns what comes of it.
func LoseTransaction(db *DB) error {
	t, err := db.writes.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	_, _ = t.Exec("SELECT pg_terminate_backend(pg_backend_pid())")
	_, err = t.Exec("SELECT 1")
	_ = t.Rollback()
	return err
}

// Abandon writes to PostgreSQL for a client that leaves meanwhile, and returns
// what comes of it.
func Abandon(ctx context.Context, db *DB, leave func()) error {
	_, err := write(ctx, db, func(t *tx) (int, error) {
		leave()
		for {
			if _, err := t.ExecContext(context.Background(), "SELECT 1"); err != nil {
				return 0, err
			}
		}
	})
	return err
}

// ReadNumbers reads the numbers up to n from a PostgreSQL, in a row each.
func ReadNumbers(db *DB, n int) ([]int64, error) {
	return column[int64](db.reads.QueryContext(context.Background(), "SELECT n FROM generate_series(1, $1) n", n))
}
