package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"cartwright/internal/fault"
)

// DefaultConnections is how many connections to PostgreSQL a server keeps
// unless it is told otherwise.
const DefaultConnections = 16

// What bounds the wait for a connection. A request that cannot have one soon is
// better told so than kept: whoever waits takes memory, and the next one waits
// longer. A program that starts, or that serves nobody, has the time that a slow
// machine needs.
const (
	acquireTimeout = 1500 * time.Millisecond
	waitersEach    = 16 // for each connection
	connectTimeout = 1500 * time.Millisecond
	patience       = 10 * time.Second // unwatched, for both

	// maxFull bounds how often a server is asked that has no connection left: for
	// about as long as acquireTimeout.
	maxFull = 16
)

// pool is the connections to a PostgreSQL. Most of the store uses them through
// database/sql; the hot path of carts talks to pgx itself (pgcart.go). Both get
// their connections here, so that both find an outage told apart from other
// errors, and neither waits long for one.
type pool struct {
	conns   *pgxpool.Pool
	db      *sql.DB
	lines   lines
	pulse   *pulse // nil where nobody watches
	hurry   atomic.Bool
	herald  *herald
	room    int64 // how many may wait
	waiting atomic.Int64
}

// openPool makes a pool of n connections; it connects nowhere yet. opened is
// called for each new connection.
func openPool(dsn string, n int, opened func(), h *herald) (*pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", redact(dsn), err)
	}
	if n == 0 {
		n = DefaultConnections
	}
	p := &pool{room: int64(n) * waitersEach, herald: h}
	cfg.MaxConns = int32(max(n, 2)) //nolint:gosec // a number of connections; a migration renews its lease on a second one
	cfg.MaxConnLifetimeJitter = cfg.MaxConnLifetime / 10
	cfg.PingTimeout = acquireTimeout
	cfg.AfterConnect = func(context.Context, *pgx.Conn) error { opened(); return nil }
	if cfg.ConnConfig.ConnectTimeout == 0 { // else the URL says it
		cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
			if !p.hurry.Load() {
				c.ConnectTimeout = patience
			}
			return nil
		}
	}
	p.prepare(cfg.ConnConfig)
	if p.conns, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
		return nil, fmt.Errorf("open %s: %w", redact(dsn), err)
	}
	p.db = sql.OpenDB(&connector{p, stdlib.GetPoolConnector(p.conns)})
	p.db.SetMaxIdleConns(0) // they go back to the pool below
	return p, nil
}

// prepare sets what a connection needs beside what its URL says.
func (p *pool) prepare(cfg *pgx.ConnConfig) {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return p.lines.add(c), nil
	}
	// A statement whose request has ended must not go on waiting for a lock in the
	// server: it is cancelled there, and its connection can be used again.
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	// A commit that is cancelled while it waits for a synchronous standby succeeds,
	// with a warning alone: nobody must be told that what it wrote is safe.
	cfg.OnNotice = func(c *pgconn.PgConn, n *pgconn.Notice) {
		if n.Routine == "SyncRepWaitForLSN" { // its text depends on the server's language
			c.CustomData()[unconfirmed] = true
		}
	}
}

// unconfirmed marks a connection whose last commit the standby did not confirm.
const unconfirmed = "unconfirmed"

var errUnconfirmed = errors.New("a commit was not confirmed by the synchronous standby in time; the standby may be away")

// watch has an outage noticed, and hanging connections cut, until close. From
// now on nobody waits long for a connection.
func (p *pool) watch(log *slog.Logger) {
	p.hurry.Store(true)
	cfg := p.conns.Config().ConnConfig
	p.pulse = startPulse(cfg, &p.lines, p.conns.Reset, log)
}

func (p *pool) close() error {
	if p.pulse != nil {
		p.pulse.stop()
	}
	err := p.db.Close()
	p.conns.Close()
	return err
}

// maxUnsent bounds how often a statement is sent that did not leave: each time on
// another connection, until those are gone that broke while nobody used them.
const maxUnsent = 10

// with runs f with a connection, again when the database asks for it or when
// nothing of it was sent. It is for single statements.
func (p *pool) with(ctx context.Context, f func(*pgx.Conn) error) error {
	for attempt := 1; ; attempt++ {
		err := p.once(ctx, f)
		if err == nil {
			return nil
		}
		again := postgresDialect.isRetryable(err)
		switch {
		case !again && (attempt >= maxUnsent || !pgconn.SafeToRetry(err)):
			return err
		case attempt == maxAttempts:
			return inTheWay(err)
		}
		if err := backOff(ctx, attempt); err != nil {
			return err
		}
	}
}

func (p *pool) once(ctx context.Context, f func(*pgx.Conn) error) error {
	c, err := acquire(ctx, p, p.conns.Acquire)
	if err != nil {
		return err
	}
	defer c.Release()
	return p.herald.tell(explain(c.Conn(), f(c.Conn())))
}

// explain tells an outage from other errors of a connection, and from a success
// that is none, and drops a connection that leads to a server which takes no
// writes any more.
func explain(c *pgx.Conn, err error) error {
	if noted := c.PgConn().CustomData(); noted[unconfirmed] != nil {
		delete(noted, unconfirmed)
		if err == nil {
			return away(errUnconfirmed)
		}
	}
	if err == nil {
		return nil
	}
	if pgCode(err) == "25006" {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = c.Close(ctx)
	}
	return postgresOutage(err, c.IsClosed())
}

// backOff waits before the next attempt, longer each time up to a quarter of a
// second, and never as long as others that met in the same place.
func backOff(ctx context.Context, attempt int) error {
	const first, most = 2 * time.Millisecond, 250 * time.Millisecond
	return sleep(ctx, rand.N(min(first<<min(attempt, 10), most)))
}

// inTheWay is the outage of a statement or transaction that met others each time
// it was run.
func inTheWay(err error) error { return &fault.Outage{Title: titleBusy, Err: err} }

// connector gives database/sql its connections.
type connector struct {
	pool *pool
	driver.Connector
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := acquire(ctx, c.pool, c.Connector.Connect)
	if err != nil {
		return nil, err
	}
	return &line{Conn: conn.(*stdlib.Conn), herald: c.pool.herald}, nil
}

// line is a connection of database/sql that tells outages from other errors, and
// asks again where a statement outside of a transaction met a serialization
// failure. One within a transaction is the business of transact.
type line struct {
	*stdlib.Conn
	herald *herald
	inside bool // a transaction
}

func (l *line) again(ctx context.Context, attempt int, err error) bool {
	return err != nil && !l.inside && attempt < maxAttempts && postgresDialect.isRetryable(err) && backOff(ctx, attempt) == nil
}

// mostKept bounds the rows that are read before any of them is shown.
const mostKept = 4096

// kept reads rows to their end, or mostKept of them. A statement outside of a
// transaction may meet a serialization failure at its last row: whoever reads has
// seen none of them yet, so that it can be asked again. What is longer, a whole
// catalog, would take too much memory, and fails.
func (l *line) kept(rows driver.Rows) (driver.Rows, error) {
	k := &keptRows{columns: rows.Columns()}
	for len(k.rows) < mostKept {
		row := make([]driver.Value, len(k.columns))
		err := rows.Next(row)
		if errors.Is(err, io.EOF) && !l.Conn.Conn().IsClosed() {
			return k, rows.Close()
		}
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		k.rows = append(k.rows, row)
	}
	k.rest = &lineRows{rows, l}
	return k, nil
}

// keptRows are rows that were read, and those behind them.
type keptRows struct {
	columns []string
	rows    [][]driver.Value
	rest    driver.Rows // nil where there are none
}

// Columns implements driver.Rows.
func (k *keptRows) Columns() []string { return k.columns }

// Close implements driver.Rows.
func (k *keptRows) Close() error {
	if k.rest == nil {
		return nil
	}
	return k.rest.Close()
}

// Next implements driver.Rows.
func (k *keptRows) Next(dest []driver.Value) error {
	if len(k.rows) > 0 {
		copy(dest, k.rows[0])
		k.rows = k.rows[1:]
		return nil
	}
	if k.rest == nil {
		return io.EOF
	}
	return k.rest.Next(dest)
}

// ExecContext implements driver.ExecerContext.
func (l *line) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	for attempt := 1; ; attempt++ {
		res, err := l.Conn.ExecContext(ctx, query, args)
		if !l.again(ctx, attempt, err) {
			return res, l.explain(err)
		}
	}
}

// QueryContext implements driver.QueryerContext.
func (l *line) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	for attempt := 1; ; attempt++ {
		rows, err := l.Conn.QueryContext(ctx, query, args)
		if err == nil && l.inside {
			return &lineRows{rows, l}, nil
		}
		if err == nil {
			rows, err = l.kept(rows)
		}
		if !l.again(ctx, attempt, err) {
			return rows, l.explain(err)
		}
	}
}

// BeginTx implements driver.ConnBeginTx.
func (l *line) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	t, err := l.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, l.explain(err)
	}
	l.inside = true
	return &lineTx{t, l}, nil
}

func (l *line) explain(err error) error {
	if err != nil && !l.inside && postgresDialect.isRetryable(err) {
		return inTheWay(err)
	}
	if errors.Is(err, driver.ErrBadConn) { // outside of a transaction database/sql takes another one, three times
		return away(err)
	}
	return l.herald.tell(explain(l.Conn.Conn(), err))
}

type lineTx struct {
	driver.Tx
	line *line
}

// Commit implements driver.Tx.
func (t *lineTx) Commit() error {
	err := t.line.explain(t.Tx.Commit())
	t.line.inside = false
	return err
}

// Rollback implements driver.Tx.
func (t *lineTx) Rollback() error {
	err := t.line.explain(t.Tx.Rollback())
	t.line.inside = false
	return err
}

type lineRows struct {
	driver.Rows
	line *line
}

// Next implements driver.Rows.
func (r *lineRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil || errors.Is(err, io.EOF) && !r.line.Conn.Conn().IsClosed() {
		return err
	}
	return r.line.explain(err)
}

// Close implements driver.Rows. What is left of the answer is read here.
func (r *lineRows) Close() error { return r.line.explain(r.Rows.Close()) }
