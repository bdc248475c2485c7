package sqlstore

import (
	"context"

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
