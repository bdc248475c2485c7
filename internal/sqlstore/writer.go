package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// maxGroup bounds the writes of one transaction, so that the first of them
// does not wait for too many others.
const maxGroup = 256

// writer is the goroutine through which all writes to SQLite go. It begins a
// transaction when a write arrives, takes in whatever else is waiting, commits
// once and then answers each. While it commits, the next group gathers.
type writer struct {
	conn  *sql.Conn
	queue chan *writeOp
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once
	stmts map[string]*sql.Stmt
	wrote bool // whether the write that runs may have changed something
}

type writeOp struct {
	ctx     context.Context
	dialect *dialect
	run     func(*tx) error
	err     error
	done    chan struct{}
}

var errClosed = errors.New("the database is closed")

func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the writing connection: %w", err)
	}
	w := &writer{
		conn: conn, queue: make(chan *writeOp, maxGroup), stmts: map[string]*sql.Stmt{},
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	go w.loop()
	return w, nil
}

// do queues a write and waits until it is durable, has failed, or ctx is done
// before its turn came.
func (w *writer) do(ctx context.Context, d *dialect, run func(*tx) error) error {
	op := &writeOp{ctx: ctx, dialect: d, run: run, done: make(chan struct{})}
	select {
	case w.queue <- op:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errClosed
	}
	select {
	case <-op.done:
		return op.err
	case <-w.done:
		select {
		case <-op.done:
			return op.err
		default:
			return errClosed
		}
	}
}

func (w *writer) stop() {
	w.once.Do(func() { close(w.quit) })
	<-w.done
}

func (w *writer) loop() {
	defer close(w.done)
	defer w.close()
	for {
		select {
		case op := <-w.queue:
			w.group(op)
		case <-w.quit:
			for {
				select {
				case op := <-w.queue:
					w.group(op)
				default:
					return
				}
			}
		}
	}
}

// close gives the connection back. A statement left open would keep it alive
// behind database/sql, and with it the write-ahead log beside the database.
func (w *writer) close() {
	for _, s := range w.stmts {
		_ = s.Close()
	}
	_ = w.conn.Close()
}

// group writes first and everything that waits behind it in one transaction.
//
// A write that fails takes back nothing but itself. Most that fail have written
// nothing (a stale version, a refused rule), so the group runs without
// savepoints; when one fails after it wrote, the transaction is rolled back and
// the group runs again with a savepoint around each. Writes may run again
// (see write), so that costs time and nothing else.
func (w *writer) group(first *writeOp) {
	// The transaction outlives every single request, so it has no deadline:
	// interrupting it would take back the writes of others.
	ctx := context.Background()
	ops := make([]*writeOp, 0, 16)
	err := w.transaction(ctx, func() error {
		for op := first; op != nil && len(ops) < maxGroup; op = w.next() {
			ops = append(ops, op)
			if w.apply(ctx, op); op.err != nil && w.wrote {
				return errSpoiled
			}
		}
		return nil
	})
	if errors.Is(err, errSpoiled) {
		err = w.transaction(ctx, func() error {
			for _, op := range ops {
				w.applyAlone(ctx, op)
			}
			return nil
		})
	}
	for _, op := range ops {
		if op.err == nil {
			op.err = err
		}
		close(op.done)
	}
	if len(ops) == 0 { // the transaction could not begin
		first.err = err
		close(first.done)
	}
}

// errSpoiled says that a failed write has left something in the transaction.
var errSpoiled = errors.New("a write failed half way")

// transaction runs fn between BEGIN and COMMIT, or ROLLBACK when it fails.
func (w *writer) transaction(ctx context.Context, fn func() error) error {
	if err := w.stmt(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := fn()
	if err == nil {
		if err = w.stmt(ctx, "COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	if rollback := w.stmt(ctx, "ROLLBACK"); rollback != nil {
		return errors.Join(err, rollback)
	}
	return err
}

// next returns a write that waits, or nil. Before it gives up it lets the
// requests run that are ready to: what they write joins this group instead of
// costing a commit of its own. With nobody else about that takes no time.
func (w *writer) next() *writeOp {
	for attempt := range 2 {
		if attempt > 0 {
			runtime.Gosched()
		}
		select {
		case op := <-w.queue:
			return op
		default:
		}
	}
	return nil
}

// apply runs one write; wrote tells afterwards whether it changed anything.
func (w *writer) apply(ctx context.Context, op *writeOp) {
	w.wrote = false
	if op.err = op.ctx.Err(); op.err == nil {
		op.err = w.guarded(op, &tx{querier: preparing{w}, ctx: ctx, dialect: op.dialect})
	}
}

// applyAlone runs one write under a savepoint.
func (w *writer) applyAlone(ctx context.Context, op *writeOp) {
	if op.err = w.stmt(ctx, "SAVEPOINT w"); op.err != nil {
		return
	}
	if w.apply(ctx, op); op.err != nil {
		op.err = errors.Join(op.err, w.stmt(ctx, "ROLLBACK TO w"))
	}
	if err := w.stmt(ctx, "RELEASE w"); err != nil {
		op.err = errors.Join(op.err, err)
	}
}

// guarded turns a panic of one write into its error: the goroutine that all
// writes need must not die of it.
func (w *writer) guarded(op *writeOp, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v", p)
		}
	}()
	return op.run(t)
}

// stmt runs a statement that steers the transaction.
func (w *writer) stmt(ctx context.Context, query string) error {
	s, err := w.prepare(ctx, query)
	if err == nil {
		_, err = s.ExecContext(ctx)
	}
	return err
}

// maxStatements bounds the prepared statements that the writer keeps.
const maxStatements = 200

// prepare returns the prepared form of a query on the writing connection.
func (w *writer) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(w.stmts) >= maxStatements {
		for q, old := range w.stmts {
			_ = old.Close()
			delete(w.stmts, q)
			break
		}
	}
	w.stmts[query] = s
	return s, nil
}

// preparing is the writing connection with its prepared statements. It notes
// what may have changed something: an Exec that touched rows or failed, and a
// query that is not a plain SELECT.
type preparing struct{ w *writer }

func (p preparing) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		p.w.wrote = true
		return nil, err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		p.w.wrote = true
	}
	return res, nil
}

func (p preparing) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	p.noteQuery(query)
	s, err := p.w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (p preparing) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	p.noteQuery(query)
	s, err := p.w.prepare(ctx, query)
	if err != nil {
		return p.w.conn.QueryRowContext(ctx, query, args...) // carries the same error
	}
	return s.QueryRowContext(ctx, args...)
}

func (p preparing) noteQuery(query string) {
	if !strings.HasPrefix(query, "SELECT") {
		p.w.wrote = true
	}
}
