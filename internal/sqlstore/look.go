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
	var err error
	if db.pool != nil { // pgx prepares by itself
		err = db.reads.QueryRowContext(ctx, query).Scan(&ms)
	} else {
		var s *sql.Stmt
		if s, err = db.look(ctx, query); err == nil {
			err = s.QueryRowContext(ctx).Scan(&ms)
		}
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find what falls due next: %w", err)
	}
	return fromMillis(ms.Int64).Add(keep), ms.Valid, nil
}

// look returns a query of earliest, prepared: they are asked at each stop of a
// winding, where understanding them would cost more than answering.
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
