package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"cartwright/internal/fault"
)

// maxGroup bounds the writes of one transaction, so that the first of them
// does not wait for too many others.
const maxGroup = 256

// errCutShort is the error of the writes whose group ended in a panic.
var errCutShort = errors.New("the group of writes was cut short")

// group writes everything that waits in one transaction.
//
// A write that fails takes back nothing but itself. Most that fail have written
// nothing (a stale version, a refused rule), so the group runs without
// savepoints; when one fails after it wrote, the transaction is rolled back and
// the group runs again with a savepoint around each. Writes may run again
// (see write), so that costs time and nothing else.
//
// Before a group closes it lets the requests run that are ready to: what they
// write joins it instead of costing a commit of its own. Where the last group was
// of one write there is no company to wait for, and a client alone is spared
// the thread that would be woken to look for some.
func (w *writer) group() {
	// The transaction outlives every single request, so it has no deadline:
	// interrupting it would take back the writes of others.
	ctx := context.Background()
	ops := w.take(make([]*writeOp, 0, 16), maxGroup)
	err := errCutShort
	defer func() { answer(ops, err) }()
	err = w.transaction(ctx, func() error {
		for from := 0; from < len(ops); {
			for _, op := range ops[from:] {
				if w.apply(ctx, op); op.err != nil && (w.wrote || mayEnd(op.err)) {
					return errSpoiled
				}
			}
			from = len(ops)
			if ops = w.take(ops, maxGroup-from); len(ops) == from && w.company {
				runtime.Gosched()
				ops = w.take(ops, maxGroup-from)
			}
		}
		return nil
	})
	if errors.Is(err, errSpoiled) {
		err = w.transaction(ctx, func() error { return w.applyEach(ctx, ops) })
	}
	w.company = len(ops) > 1
	w.committed(len(ops))
}

// answer tells writes how they went; err is that of their transaction.
func answer(ops []*writeOp, err error) {
	for _, op := range ops {
		if op.err == nil {
			op.err = err
		}
		op.done <- struct{}{}
	}
}

// errSpoiled says that a failed write has left something in the transaction.
var errSpoiled = errors.New("a write failed half way")

// transaction runs fn between BEGIN and COMMIT, or ROLLBACK when it fails or
// does not return.
func (w *writer) transaction(ctx context.Context, fn func() error) (err error) {
	if err := w.stmt(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		// A disk that is full, or broken, has SQLite take everything back by itself.
		if rollback := w.stmt(ctx, "ROLLBACK"); rollback != nil && !strings.Contains(rollback.Error(), "no transaction is active") {
			err = errors.Join(err, rollback)
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if err := w.stmt(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}

// apply runs one write; wrote tells afterwards whether it changed anything.
func (w *writer) apply(ctx context.Context, op *writeOp) {
	w.wrote = false
	if op.err = op.ctx.Err(); op.err == nil {
		op.err = w.guarded(op, &tx{querier: preparing{w}, ctx: ctx, dialect: op.dialect})
	}
}

// mayEnd reports whether SQLite may have ended the transaction with an error, as
// it does when the disk is full or fails (https://sqlite.org/lang_transaction.html).
func mayEnd(err error) bool { return fault.IsOutage(sqliteOutage(err)) }

// applyEach runs writes, each under a savepoint. Where that is gone, so is the
// transaction: what came next would be written by itself, and told that it was not.
func (w *writer) applyEach(ctx context.Context, ops []*writeOp) error {
	for _, op := range ops {
		op.err = nil
	}
	for _, op := range ops {
		if err := w.stmt(ctx, "SAVEPOINT w"); err != nil {
			return err
		}
		if w.apply(ctx, op); op.err != nil {
			if err := w.stmt(ctx, "ROLLBACK TO w"); err != nil {
				return errors.Join(op.err, err)
			}
		}
		if err := w.stmt(ctx, "RELEASE w"); err != nil {
			return errors.Join(op.err, err)
		}
	}
	return nil
}

// guarded turns a panic of one write into its error: whoever leads must not die
// of another's.
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
