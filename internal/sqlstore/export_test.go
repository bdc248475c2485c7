package sqlstore

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"
)

// MigrateTo takes migrations back until the schema has this version. Nothing
// can be written after that.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	if db.writer != nil { // it has the one connection that writes
		db.writer.stop()
	}
	folder, err := migrationsFor(db.dialect)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(db.dialect.goose, db.writes, folder)
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, version)
	return err
}

// HoldConnection takes a connection of the pool until release is closed.
func HoldConnection(db *DB, held, release chan struct{}) error {
	conn, err := db.writes.Conn(context.Background())
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
