package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"cartwright/internal/cart"
)

// The hot path of carts on SQLite: the read of one that is not in memory talks to
// the driver itself. What database/sql and the driver do so that a query can be
// interrupted and any row be scanned costs a third of what reading a cart does;
// ADR 16 has what that is worth.

// cartReader reads single carts on connections of its own. Whoever waits for one
// can hang up; a read that has begun runs to its end, a few pages further on.
type cartReader struct {
	driver driver.Driver
	dsn    string
	room   chan struct{} // holds one entry for each read under way
	quit   chan struct{} // closed when no more reads begin
	once   sync.Once

	mu   sync.Mutex
	idle []*cartQuery // the one that was used last, and has most in memory, at the end
}

// cartQuery is a connection with the one statement that it is there for.
type cartQuery struct {
	conn driver.Conn
	stmt driver.Stmt
}

func newCartReader(d driver.Driver, dsn string) *cartReader {
	return &cartReader{driver: d, dsn: dsn, room: make(chan struct{}, readers), quit: make(chan struct{})}
}

// document returns a cart as it is stored, or sql.ErrNoRows.
func (r *cartReader) document(ctx context.Context, store string, cartID cart.ID) (string, error) {
	select {
	case r.room <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	case <-r.quit:
		return "", errClosed
	}
	defer func() { <-r.room }()
	q, err := r.take()
	if err != nil {
		return "", err
	}
	defer r.giveBack(q)
	return q.document(store, string(cartID))
}

// take returns a connection that nobody uses. There are never more of them than
// there is room for.
func (r *cartReader) take() (*cartQuery, error) {
	r.mu.Lock()
	if last := len(r.idle) - 1; last >= 0 {
		q := r.idle[last]
		r.idle = r.idle[:last]
		r.mu.Unlock()
		return q, nil
	}
	r.mu.Unlock()
	conn, err := r.driver.Open(r.dsn)
	if err != nil {
		return nil, err
	}
	stmt, err := conn.Prepare(sqlSelectCart)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &cartQuery{conn, stmt}, nil
}

func (r *cartReader) giveBack(q *cartQuery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, q)
}

func (q *cartQuery) document(store, cartID string) (doc string, err error) {
	rows, err := q.stmt.(driver.StmtQueryContext).QueryContext(context.Background(),
		[]driver.NamedValue{{Ordinal: 1, Value: store}, {Ordinal: 2, Value: cartID}})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var row [1]driver.Value
	if err := rows.Next(row[:]); errors.Is(err, io.EOF) {
		return "", sql.ErrNoRows
	} else if err != nil {
		return "", err
	}
	doc, ok := row[0].(string)
	if !ok {
		return "", fmt.Errorf("the document is no text but %T", row[0])
	}
	return doc, nil
}

// close returns when the reads under way have ended and their connections are
// closed.
func (r *cartReader) close() (err error) {
	r.once.Do(func() {
		close(r.quit)
		for range cap(r.room) {
			r.room <- struct{}{}
		}
		for _, q := range r.idle {
			err = errors.Join(err, q.stmt.Close(), q.conn.Close())
		}
	})
	return err
}
