package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver that cartwright uses
)

// rowStore is the least that a durable store on SQLite can be: one table of
// numbered documents, reads through a pool, one goroutine that takes every
// waiting write into one transaction. It is the yardstick, so it is written as
// fast as database/sql goes, and leaves SQLite's own settings alone except
// for those that make a write durable.
type rowStore struct {
	reads   *sql.DB
	read    *sql.Stmt
	writes  *sql.DB
	waiting chan write
	ended   chan struct{}
	stamps  atomic.Int64
}

// write is one document on its way to disk; id 0 asks for a new row.
type write struct {
	id   int64
	doc  []byte
	done chan error
}

const (
	readRow   = `SELECT doc FROM row WHERE id = ?`
	insertRow = `INSERT INTO row (doc) VALUES (?)`
	upsertRow = `INSERT INTO row (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`
)

// openRowStore makes a database in dir, or opens the one that is there.
func openRowStore(dir string) (*rowStore, error) {
	path := filepath.Join(dir, "rows.db")
	writes, err := openDB(path, 2) // the writer's connection and loop's
	if err != nil {
		return nil, err
	}
	_, err = writes.Exec(`CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, doc BLOB NOT NULL)`)
	if err != nil {
		return nil, fmt.Errorf("create table: %w", err)
	}
	reads, err := openDB(path, 2*runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	s := &rowStore{reads: reads, writes: writes, waiting: make(chan write, 1024), ended: make(chan struct{})}
	if s.read, err = reads.Prepare(readRow); err != nil {
		return nil, fmt.Errorf("prepare read: %w", err)
	}
	w, err := newWriter(writes)
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(s.ended)
		w.run(s.waiting)
	}()
	return s, nil
}

func openDB(path string, conns int) (*sql.DB, error) {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// close must not meet a put that is still under way.
func (s *rowStore) close() error {
	close(s.waiting)
	<-s.ended
	return errors.Join(s.reads.Close(), s.writes.Close())
}

// get reads one document. It takes no context on purpose: the driver watches
// a context that can end from a goroutine of its own, which a yardstick does
// not need.
func (s *rowStore) get(id int64) ([]byte, error) {
	var doc []byte
	err := s.read.QueryRow(id).Scan(&doc)
	return doc, err
}

// stamped returns doc with a number that no other has, in each of its pages.
// SQLite notices when a row is overwritten with what it holds, and then writes
// nothing: the commit would be free.
func (s *rowStore) stamped(doc []byte) []byte {
	const every, digits = 1 << 10, 16
	stamp := fmt.Appendf(nil, "%0*d", digits, s.stamps.Add(1))
	doc = bytes.Clone(doc)
	// From the end, and not up to the front, by which answers are checked.
	for end := len(doc); end >= every/2; end -= every {
		copy(doc[end-digits:end], stamp)
	}
	return doc
}

// put returns when the document is durable: in the row of that id, or for id 0
// in a new one.
func (s *rowStore) put(id int64, doc []byte) error {
	w := write{id, s.stamped(doc), make(chan error, 1)}
	s.waiting <- w
	return <-w.done
}

// loop writes one row after the other, each with a commit of its own, for d,
// and returns how long each took. Nobody else should be writing, and there is
// one client: the file has one writer.
func (s *rowStore) loop(ctx context.Context, doc []byte, clients int, d time.Duration) ([]time.Duration, error) {
	if clients != 1 {
		return nil, errors.New("SQLite has one writer")
	}
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	upsert, err := conn.PrepareContext(ctx, upsertRow)
	if err != nil {
		return nil, fmt.Errorf("prepare upsert: %w", err)
	}
	defer func() { _ = upsert.Close() }()
	var each []time.Duration
	began := time.Now()
	for now := began; now.Sub(began) < d; {
		if _, err := upsert.Exec(1, s.stamped(doc)); err != nil {
			return nil, fmt.Errorf("commit alone: %w", err)
		}
		then := now
		now = time.Now()
		each = append(each, now.Sub(then))
	}
	return each, nil
}

// writer owns the one connection that writes.
type writer struct {
	begin, commit, rollback, insert, upsert *sql.Stmt
}

func newWriter(db *sql.DB) (*writer, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.rollback, `ROLLBACK`},
		{&w.insert, insertRow},
		{&w.upsert, upsertRow},
	} {
		if *p.stmt, err = conn.PrepareContext(context.Background(), p.text); err != nil {
			return nil, fmt.Errorf("prepare %s: %w", p.text, err)
		}
	}
	return w, nil
}

// run commits until waiting is closed. While one commit is on its way to disk
// the next batch gathers, so batches grow with the load by themselves.
func (w *writer) run(waiting <-chan write) {
	var batch []write
	for first := range waiting {
		batch = append(batch[:0], first)
		for range len(waiting) {
			batch = append(batch, <-waiting)
		}
		err := w.write(batch)
		for _, b := range batch {
			b.done <- err
		}
	}
}

// write commits the batch as one. An error is everybody's: the yardstick's
// writes cannot fail one by one.
func (w *writer) write(batch []write) error {
	if _, err := w.begin.Exec(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for _, b := range batch {
		var err error
		if b.id == 0 {
			_, err = w.insert.Exec(b.doc)
		} else {
			_, err = w.upsert.Exec(b.id, b.doc)
		}
		if err != nil {
			_, undo := w.rollback.Exec()
			return errors.Join(fmt.Errorf("write row %d: %w", b.id, err), undo)
		}
	}
	if _, err := w.commit.Exec(); err != nil {
		return fmt.Errorf("commit %d rows: %w", len(batch), err)
	}
	return nil
}
