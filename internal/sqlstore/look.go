package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// earliest runs a query for one time that may be NULL.
func (db *DB) earliest(ctx context.Context, query string, keep time.Duration) (time.Time, bool, error) {
	var ms sql.NullInt64
	if err := db.ask(ctx, query, nil, &ms); err != nil {
		return time.Time{}, false, fmt.Errorf("find what falls due next: %w", err)
	}
	return fromMillis(ms.Int64).Add(keep), ms.Valid, nil
}

// ask scans the one row that a frequent query finds.
func (db *DB) ask(ctx context.Context, query string, args []any, dest ...any) error {
	if db.pool != nil { // pgx prepares by itself
		return db.reads.QueryRowContext(ctx, query, args...).Scan(dest...)
	}
	s, err := db.look(ctx, query)
	if err != nil {
		return db.herald.tell(sqliteOutage(err))
	}
	return db.herald.tell(sqliteOutage(s.QueryRowContext(ctx, args...).Scan(dest...)))
}

// look returns a query on SQLite, prepared: those of earliest are asked at each
// stop of a winding, and understanding them costs more than answering.
func (db *DB) look(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := db.looks.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := db.reads.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if other, lost := db.looks.LoadOrStore(query, s); lost {
		return other.(*sql.Stmt), s.Close()
	}
	return s, nil
}
