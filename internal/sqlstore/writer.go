package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// maxWaiting bounds the writes that wait for their group; whoever comes on top
// of them waits for room.
const maxWaiting = 256

// writer lets one goroutine at a time lead: it begins a transaction, takes in
// every write that waits, commits once and answers each. While it commits, the
// next group gathers.
//
// A write that finds nobody leading leads itself, for one group, so that a
// client alone does not wait until another goroutine has been woken. What has
// gathered by then is left to the relief, a goroutine that leads until nothing
// waits: under load it goes from group to group without a change of goroutines,
// and no request works for others for longer than one group.
type writer struct {
	conn      *sql.Conn
	committed func(writes int)
	stmts     map[string]*sql.Stmt
	company   bool          // whether the last group was of more than one write
	wrote     bool          // whether the write that runs may have changed something
	room      chan struct{} // holds one entry for each write that waits
	relief    chan struct{} // wakes the relief, which leads from then on
	quit      chan struct{} // closed when no more writes are taken
	done      chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	waiting []*writeOp // in the order in which they came
	led     bool       // whether anybody leads; if not, nothing waits
	closed  bool
}

type writeOp struct {
	ctx     context.Context
	dialect *dialect
	run     func(*tx) error
	err     error
	done    chan struct{} // holds an entry once err says how it went
}

// writeOps are used again: their channels are most of what a write allocates.
var writeOps = sync.Pool{New: func() any { return &writeOp{done: make(chan struct{}, 1)} }}

var errClosed = errors.New("the database is closed")

// startWriter returns a writer on a connection of db. It calls committed with
// the number of writes of each group.
func startWriter(ctx context.Context, db *sql.DB, committed func(int)) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the writing connection: %w", err)
	}
	w := &writer{
		conn: conn, committed: committed, stmts: map[string]*sql.Stmt{}, room: make(chan struct{}, maxWaiting),
		relief: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go w.relieve()
	return w, nil
}

// do has a write done and returns when it is durable, has failed, or ctx ended
// before its turn came.
func (w *writer) do(ctx context.Context, d *dialect, run func(*tx) error) error {
	select {
	case w.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errClosed
	}
	op := writeOps.Get().(*writeOp)
	op.ctx, op.dialect, op.run, op.err = ctx, d, run, nil
	leads, err := w.join(op)
	if err == nil && leads {
		w.leadOnce()
	}
	if err == nil {
		err = w.await(op)
	}
	// Not after a panic: then the channel may hold an entry.
	op.ctx, op.dialect, op.run = nil, nil, nil
	writeOps.Put(op)
	return err
}

// join has a write wait, and reports whether its goroutine is to lead.
func (w *writer) join(op *writeOp) (leads bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		<-w.room
		return false, errClosed
	}
	w.waiting = append(w.waiting, op)
	leads, w.led = !w.led, true
	return leads, nil
}

// await returns how a write went.
func (w *writer) await(op *writeOp) error {
	select {
	case <-op.done: // that of a leader is done already
		return op.err
	default:
	}
	select {
	case <-op.done:
	case <-op.ctx.Done():
		if w.withdraw(op) {
			return op.ctx.Err()
		}
		<-op.done // it is being written, and only that tells how it ends
	case <-w.done:
		select {
		case <-op.done:
		default:
			return errClosed
		}
	}
	return op.err
}

// withdraw takes back a write that still waits.
func (w *writer) withdraw(op *writeOp) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.waiting, op)
	if i < 0 {
		return false
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
	<-w.room
	return true
}

// take appends up to n of the writes that wait to ops.
func (w *writer) take(ops []*writeOp, n int) []*writeOp {
	w.mu.Lock()
	defer w.mu.Unlock()
	n = min(n, len(w.waiting))
	ops = append(ops, w.waiting[:n]...)
	w.waiting = slices.Delete(w.waiting, 0, n)
	for range n {
		<-w.room
	}
	return ops
}

// leadOnce leads one group and leaves what waits then to the relief, whatever
// became of the group.
func (w *writer) leadOnce() {
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.led = len(w.waiting) > 0 || w.closed; w.led {
			w.relief <- struct{}{}
		}
	}()
	w.group()
}

// relieve leads whenever it is woken, until nothing waits any more. It ends when
// the writer was closed and everything has been written.
func (w *writer) relieve() {
	defer close(w.done)
	defer w.close()
	for range w.relief {
		for w.goesOn() {
			w.group()
		}
		if w.ended() {
			return
		}
	}
}

// goesOn reports whether anything waits; if not, nobody leads from now on.
func (w *writer) goesOn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.led = len(w.waiting) > 0
	return w.led
}

// ended reports whether nothing will wait any more.
func (w *writer) ended() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed && !w.led
}

// stop takes no more writes and returns when those that wait are written.
func (w *writer) stop() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.quit)
		if !w.led {
			w.relief <- struct{}{} // to end
		}
	}
	w.mu.Unlock()
	<-w.done
}

// close gives the connection back. A statement left open would keep it alive
// behind database/sql, and with it the write-ahead log beside the database.
func (w *writer) close() {
	for _, s := range w.stmts {
		_ = s.Close()
	}
	_ = w.conn.Close()
}
