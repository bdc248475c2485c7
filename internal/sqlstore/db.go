// Package sqlstore keeps everything in SQL: one text for SQLite and PostgreSQL,
// with what differs in dialect.go.
//
// On SQLite one goroutine at a time takes all waiting writes into one
// transaction, commits once with synchronous=FULL and answers each (writer.go).
// On PostgreSQL every write is a transaction of its own, run again when the
// database asks for it. Either way nothing is acknowledged before it is durable.
// Reads go through a pool.
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/once"
	"cartwright/internal/recovery"
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is the database with the caches in front of it. It is safe for use by
// many goroutines.
type DB struct {
	dialect dialect
	file    string
	reads   *sql.DB
	writes  *sql.DB // PostgreSQL: the same pool as reads
	writer  *writer // SQLite only
	pool    *pool   // PostgreSQL only
	herald  *herald

	checkpoints *checkpointer // SQLite only
	cartReads   *cartReader   // SQLite only

	// carts are hot carts as the database holds them; SQLite only. bases are carts
	// as this server last saw them, to begin a write with; PostgreSQL only.
	carts, bases *cartCache

	locks   keyedLocks
	clock   clock.Clock
	shops   *Shops   // told of what this process changes; nil in the command line
	looks   sync.Map // the prepared statements of look, by their text
	told    func()   // called when something was written that webhooks tell of
	bell    *bell    // wakes the other servers; PostgreSQL only
	tallied func([]recovery.Tally)
}

// WhenTold has f called after each write that webhooks tell of, so that they
// need not look for it. It must be set before the first write.
func (db *DB) WhenTold(f func()) {
	db.told = func() {
		f()
		db.bell.ring(wakeWork)
	}
}

// changed brings what is kept in memory of a store up to date after a write,
// so that the next request sees it, and wakes the other servers for it. A failure
// is left to the next round of Shops.Watch: the write itself stands.
func (db *DB) changed(ctx context.Context, store string) {
	db.bell.ring(wakeShops)
	if db.shops == nil {
		return
	}
	if _, err := db.shops.refresh(context.WithoutCancel(ctx), store); err != nil && !fault.IsOutage(err) {
		db.shops.log.Warn("cannot refresh a store after a change", "store", store, "error", err)
	}
}

// Options configure Open. The zero value is usable.
type Options struct {
	// CacheBytes bounds the memory that hot carts take, and on PostgreSQL those that
	// writes begin with; 0 means 24 MiB.
	CacheBytes int64
	// Connections bounds those to PostgreSQL; 0 means DefaultConnections.
	Connections int
	// Log is told of outages, and when a PostgreSQL goes away and comes back; nil
	// has nobody watch.
	Log *slog.Logger
	// Clock stamps rows; nil means the machine's clock.
	Clock clock.Clock
	// Shared says that another process may write carts to the same SQLite file,
	// as when an administration command runs beside the server, so hot carts
	// are not kept.
	Shared bool
}

func (o Options) cacheBytes() int64 {
	if o.CacheBytes == 0 {
		return 24 << 20
	}
	return o.CacheBytes
}

// Open opens the database and brings its schema up to date. The URL is
// sqlite:///path or postgres://….
func Open(ctx context.Context, url string, opt Options) (*DB, error) {
	d, dsn, file, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: d, file: file, clock: opt.Clock}
	if db.clock == nil {
		db.clock = clock.Real{}
	}
	if opt.Log != nil {
		db.herald = &herald{log: opt.Log, told: map[string]time.Time{}}
	}
	if d.oneWriter {
		err = db.openSQLite(dsn, opt)
	} else {
		err = db.openPostgres(dsn, opt)
	}
	if err != nil {
		return nil, err
	}
	if err := db.writes.PingContext(ctx); err != nil {
		return nil, errors.Join(errUnreachable(url, err), db.Close())
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if db.pool != nil && opt.Log != nil {
		db.pool.watch(opt.Log)
	}
	if d.oneWriter {
		if db.writer, err = startWriter(ctx, db.writes, db.checkpoints.wrote); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if !opt.Shared {
		if err := db.dropLeases(ctx); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// readers is how many connections read a SQLite file at once, and how many of
// their own those have that read a cart.
const readers = 8

func (db *DB) openSQLite(dsn string, opt Options) error {
	err := prepareFolder(filepath.Dir(db.file))
	if err == nil {
		err = prepareFile(db.file)
	}
	if err != nil {
		return err
	}
	const common = "?_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)"
	if db.writes, err = sql.Open(db.dialect.driver, dsn+common+"&_pragma=cache_size(-8000)&_pragma=synchronous(FULL)&_txlock=immediate"+
		fmt.Sprintf("&_pragma=wal_autocheckpoint(%d)", logPages)); err != nil {
		return err
	}
	db.writes.SetMaxOpenConns(1)
	if db.checkpoints, err = startCheckpointer(db.dialect.driver, dsn+common+"&_pragma=cache_size(-100)&_pragma=synchronous(FULL)"); err != nil {
		return err
	}
	readOnly := dsn + common + "&_pragma=query_only(1)"
	if db.reads, err = openReads(readOnly, db.herald); err != nil {
		return err
	}
	db.cartReads = newCartReader(db.reads.Driver(), readOnly)
	if !opt.Shared {
		db.carts = newCartCache(opt.cacheBytes())
	}
	return nil
}

func (db *DB) openPostgres(dsn string, opt Options) error {
	if !opt.Shared {
		db.bases = newCartCache(opt.cacheBytes())
	}
	// Another server may be the primary from now on, and may have lost what the
	// last one held.
	p, err := openPool(dsn, opt.Connections, db.bases.clear, db.herald)
	if err != nil {
		return err
	}
	db.pool, db.reads, db.writes = p, p.db, p.db
	db.bell = newBell(db.notify)
	return nil
}

// Ping reports whether the database answers. One whose connections are all in
// use does: a server that has much to do must not be taken for a broken one.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	err := db.reads.QueryRowContext(ctx, "SELECT 1").Scan(&one)
	var o *fault.Outage
	if errors.As(err, &o) && o.Title == titleBusy {
		return nil
	}
	return err
}

// Close finishes waiting writes and closes the database.
func (db *DB) Close() error {
	if db.writer != nil {
		db.writer.stop()
	}
	db.bell.close()
	var errs []error
	if db.checkpoints != nil {
		errs = append(errs, db.checkpoints.stop())
	}
	if db.cartReads != nil {
		errs = append(errs, db.cartReads.close())
	}
	db.looks.Range(func(_, s any) bool {
		errs = append(errs, s.(*sql.Stmt).Close())
		return true
	})
	if db.pool != nil {
		return errors.Join(append(errs, db.pool.close())...)
	}
	if db.reads != nil {
		errs = append(errs, db.reads.Close())
	}
	if db.writes != nil && db.writes != db.reads {
		errs = append(errs, db.writes.Close())
	}
	return errors.Join(errs...)
}

// querier is a transaction, or the pool of reads.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx is one write transaction, or one part of a group of writes.
type tx struct {
	querier
	ctx     context.Context
	dialect *dialect
	db      *DB
	told    bool // whether webhooks have something to tell once it is committed
	tallies []recovery.Tally
}

func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// maxAttempts bounds how often a transaction is run, which with the waiting in
// between (backOff) takes three seconds.
const maxAttempts = 30

// write runs fn in a write transaction and returns what fn returns, once that
// is durable. fn may run more than once, so it must not do anything but use
// the transaction. If the context carries a request that must be applied once,
// its key and answer are stored in the same transaction.
func write[T any](ctx context.Context, db *DB, fn func(*tx) (T, error)) (T, error) {
	var out T
	var answer *once.Answer
	var told bool
	var tallies []recovery.Tally
	request := once.From(ctx)
	run := func(t *tx) error {
		var err error
		t.db = db
		if out, err = fn(t); err != nil {
			return err
		}
		told, tallies = t.told, t.tallies
		answer, err = keepAnswer(t, request, out, db.clock.Now())
		return err
	}
	var err error
	if db.writer != nil {
		err = db.herald.tell(sqliteOutage(db.writer.do(ctx, &db.dialect, run)))
	} else {
		err = db.transact(ctx, run)
	}
	if err != nil {
		var zero T
		return zero, err
	}
	if answer != nil {
		request.Stored = answer
	}
	if told && db.told != nil {
		db.told()
	}
	if len(tallies) > 0 && db.tallied != nil {
		db.tallied(tallies)
	}
	return out, nil
}

// transact runs one transaction on the pool, again with jitter when the
// database reports a serialization failure or a deadlock. One that others are in
// the way of each time is refused as an outage: the client may try again.
func (db *DB) transact(ctx context.Context, run func(*tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.tryTransact(ctx, run)
		switch {
		case err == nil, !db.dialect.isRetryable(err):
			return err
		case attempt == maxAttempts:
			return inTheWay(err)
		}
		if err := backOff(ctx, attempt); err != nil {
			return err
		}
	}
}

func (db *DB) tryTransact(ctx context.Context, run func(*tx) error) error {
	t, err := db.writes.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	// It does nothing after a commit. Without it the locks of what panics would stay.
	defer func() { _ = t.Rollback() }()
	if err = run(&tx{querier: t, ctx: ctx, dialect: &db.dialect}); err == nil {
		err = t.Commit()
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // which had database/sql roll back
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// nextID gives out the next n integer ids of a kind and returns the first.
func (t *tx) nextID(store, kind string, n int64) (int64, error) {
	var last int64
	err := t.QueryRowContext(t.ctx, `INSERT INTO counters (store, kind, value) VALUES ($1, $2, $3)
		ON CONFLICT (store, kind) DO UPDATE SET value = counters.value + excluded.value RETURNING value`,
		store, kind, n).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("next id of %s: %w", kind, err)
	}
	return last - n + 1, nil
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
