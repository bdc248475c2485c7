package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// pgStore is the least that a durable store on PostgreSQL can be: one table of
// numbered documents, each with a version; a write reads the row and swaps it if
// nobody else did, in two statements that commit by themselves. pgx prepares
// each statement once for a connection.
type pgStore struct {
	pool *pgxpool.Pool
	last atomic.Int64 // the highest id so far
}

const (
	pgCreate = `CREATE TABLE IF NOT EXISTS bench_rows (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, doc TEXT NOT NULL)`
	pgLast   = `SELECT COALESCE(MAX(id), 0) FROM bench_rows`
	pgRead   = `SELECT doc FROM bench_rows WHERE id = $1`
	pgLook   = `SELECT version, doc FROM bench_rows WHERE id = $1`
	pgSwap   = `UPDATE bench_rows SET version = $2 + 1, doc = $3 WHERE id = $1 AND version = $2`
	pgInsert = `INSERT INTO bench_rows (id, version, doc) VALUES ($1, 1, $2)`
)

// openPGStore makes the table, or uses the one that is there. Each client of
// the load has a connection.
func openPGStore(ctx context.Context, url string, clients int) (*pgStore, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns, cfg.MinConns = int32(clients), int32(clients)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &pgStore{pool: pool}
	if err := s.prepare(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *pgStore) prepare(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, pgCreate); err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	var last int64
	if err := s.pool.QueryRow(ctx, pgLast).Scan(&last); err != nil {
		return fmt.Errorf("find the last row: %w", err)
	}
	s.last.Store(last)
	return nil
}

func (s *pgStore) close() error {
	s.pool.Close()
	return nil
}

// get reads one document. It has no context, as that of SQLite: pgx would watch
// one that can end.
func (s *pgStore) get(id int64) (doc []byte, err error) {
	err = s.pool.QueryRow(context.Background(), pgRead, id).Scan(&doc)
	return doc, err
}

// put returns when the document is durable: in the place of the one that the
// row held, or for id 0 in a new row.
func (s *pgStore) put(id int64, doc []byte) error {
	if id == 0 {
		_, err := s.pool.Exec(context.Background(), pgInsert, s.last.Add(1), string(doc))
		return err
	}
	var version int64
	var old []byte
	if err := s.pool.QueryRow(context.Background(), pgLook, id).Scan(&version, &old); err != nil {
		return fmt.Errorf("read row %d: %w", id, err)
	}
	tag, err := s.pool.Exec(context.Background(), pgSwap, id, version, string(doc))
	if err != nil {
		return fmt.Errorf("swap row %d: %w", id, err)
	}
	if tag.RowsAffected() != 1 {
		// Every client has a row of its own: this is a mistake of the yardstick's.
		return fmt.Errorf("row %d was swapped in between", id)
	}
	return nil
}

// loop has each client change its row, one time after the other, for d, and
// returns how long each change took. There is no HTTP in it.
func (s *pgStore) loop(ctx context.Context, doc []byte, clients int, d time.Duration) ([]time.Duration, error) {
	each := make([][]time.Duration, clients)
	errs := make([]error, clients)
	began := time.Now()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for now := began; now.Sub(began) < d && ctx.Err() == nil && errs[i] == nil; {
				errs[i] = s.put(int64(i+1), doc)
				then := now
				now = time.Now()
				each[i] = append(each[i], now.Sub(then))
			}
		})
	}
	all.Wait()
	return slices.Concat(each...), errors.Join(ctx.Err(), errors.Join(errs...))
}
