package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	defer func() { _ = w.conn.Close() }()
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

// group writes first and everything that waits behind it in one transaction.
func (w *writer) group(first *writeOp) {
	// The transaction outlives every single request, so it has no deadline:
	// interrupting it would take back the writes of others.
	ctx := context.Background()
	if _, err := w.stmt(ctx, "BEGIN IMMEDIATE"); err != nil {
		first.err = fmt.Errorf("begin: %w", err)
		close(first.done)
		return
	}
	ops := make([]*writeOp, 0, 16)
	for op := first; op != nil && len(ops) < maxGroup; op = w.next() {
		w.apply(ctx, op)
		ops = append(ops, op)
	}
	if _, err := w.stmt(ctx, "COMMIT"); err != nil {
		_, rollback := w.conn.ExecContext(ctx, "ROLLBACK")
		for _, op := range ops {
			if op.err == nil {
				op.err = errors.Join(fmt.Errorf("commit: %w", err), rollback)
			}
		}
	}
	for _, op := range ops {
		close(op.done)
	}
}

func (w *writer) next() *writeOp {
	select {
	case op := <-w.queue:
		return op
	default:
		return nil
	}
}

// apply runs one write under a savepoint, so that its failure takes back
// nothing but itself.
func (w *writer) apply(ctx context.Context, op *writeOp) {
	if op.err = op.ctx.Err(); op.err != nil {
		return
	}
	if _, op.err = w.stmt(ctx, "SAVEPOINT w"); op.err != nil {
		return
	}
	op.err = w.guarded(op, &tx{querier: preparing{w}, ctx: ctx, dialect: op.dialect})
	if op.err != nil {
		if _, err := w.stmt(ctx, "ROLLBACK TO w"); err != nil {
			op.err = errors.Join(op.err, err)
		}
	}
	if _, err := w.stmt(ctx, "RELEASE w"); err != nil {
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

func (w *writer) stmt(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return preparing{w}.ExecContext(ctx, query, args...)
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

// preparing is the writing connection with its prepared statements.
type preparing struct{ w *writer }

func (p preparing) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (p preparing) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (p preparing) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.w.prepare(ctx, query)
	if err != nil {
		return p.w.conn.QueryRowContext(ctx, query, args...) // carries the same error
	}
	return s.QueryRowContext(ctx, args...)
}
