package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"cartwright/internal/fault"
)

// openWriter returns a SQLite database with a table to write into.
func openWriter(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "test.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func insertCounter(t *tx, name string) error {
	_, err := t.exec(`INSERT INTO counters (store, kind, value) VALUES ('s', $1, 1)`, name)
	return err
}

func counters(t *testing.T, db *DB) map[string]bool {
	t.Helper()
	rows, err := db.reads.QueryContext(t.Context(), `SELECT kind FROM counters WHERE store = 's'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// hold keeps the writer busy with a group of its own until free is called, and
// then waits for that group.
func hold(t *testing.T, db *DB) (free func()) {
	t.Helper()
	held, released := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	var once sync.Once
	wg.Go(func() {
		_, err := write(context.Background(), db, func(*tx) (int, error) {
			once.Do(func() { close(held) })
			<-released
			return 0, nil
		})
		if err != nil {
			t.Errorf("the write that held the writer: %v", err)
		}
	})
	<-held
	return func() {
		close(released)
		wg.Wait()
	}
}

// awaitWaiting returns when so many writes wait for their group.
func awaitWaiting(db *DB, n int) {
	waiting := func() int {
		db.writer.mu.Lock()
		defer db.writer.mu.Unlock()
		return len(db.writer.waiting)
	}
	for waiting() < n {
		runtime.Gosched()
	}
}

// together gathers writes into one group: the writer is held until all of them
// wait.
func together(t *testing.T, db *DB, writes map[string]func(*tx) error) map[string]error {
	t.Helper()
	free := hold(t, db)
	var wg sync.WaitGroup
	var mu sync.Mutex
	errs := map[string]error{}
	for name, fn := range writes {
		wg.Go(func() {
			_, err := write(t.Context(), db, func(t *tx) (int, error) { return 0, fn(t) })
			mu.Lock()
			defer mu.Unlock()
			errs[name] = err
		})
	}
	awaitWaiting(db, len(writes))
	free()
	wg.Wait()
	return errs
}

var errRefused = errors.New("refused")

// TestAFailedWriteTakesBackOnlyItself puts writes that fail in every way
// between writes that do not, all in one group.
func TestAFailedWriteTakesBackOnlyItself(t *testing.T) {
	db := openWriter(t)
	writes := map[string]func(*tx) error{}
	for i := range 20 {
		name := fmt.Sprint("good", i)
		writes[name] = func(t *tx) error { return insertCounter(t, name) }
	}
	bad := map[string]func(*tx) error{
		"refused before writing": func(*tx) error { return errRefused },
		"refused after writing":  func(t *tx) error { return errors.Join(insertCounter(t, "bad1"), errRefused) },
		"refused after an id": func(t *tx) error {
			_, err := t.nextID("s", "bad2", 1)
			return errors.Join(err, errRefused)
		},
		"a duplicate key": func(t *tx) error {
			return errors.Join(insertCounter(t, "bad3"), insertCounter(t, "bad3"))
		},
		"a panic": func(t *tx) error {
			_ = insertCounter(t, "bad4")
			panic("boom")
		},
		"no SQL": func(t *tx) error {
			_, err := t.exec("HELLO")
			return err
		},
	}
	for name, fn := range bad {
		writes[name] = fn
	}
	errs := together(t, db, writes)
	got := counters(t, db)
	for name := range writes {
		switch _, fails := bad[name]; {
		case fails && errs[name] == nil:
			t.Errorf("%s: no error", name)
		case !fails && (errs[name] != nil || !got[name]):
			t.Errorf("%s: %v, written %v", name, errs[name], got[name])
		}
	}
	if len(got) != 20 {
		t.Errorf("left behind: %v", got)
	}
}

func TestACancelledWriteIsNotWritten(t *testing.T) {
	db := openWriter(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := write(ctx, db, func(t *tx) (int, error) { return 0, insertCounter(t, "late") })
	if !errors.Is(err, context.Canceled) || len(counters(t, db)) != 0 {
		t.Errorf("got %v, %v", err, counters(t, db))
	}
}

func TestAClosedDatabaseRefusesWrites(t *testing.T) {
	db := openWriter(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), db, func(t *tx) (int, error) { return 0, nil }); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

// A disk that is full has SQLite take back the whole transaction in the middle of
// a group. What comes behind must not be written by itself then, and each is told
// why it was not.
func TestATransactionThatEndsTakesItsGroupBack(t *testing.T) {
	db := openWriter(t)
	if err := LimitRoom(db, true); err != nil {
		t.Fatal(err)
	}
	released := make(chan struct{})
	var wg sync.WaitGroup
	errs := make([]error, 4)
	begin := func(i int, fn func(*tx) error) {
		wg.Go(func() { _, errs[i] = write(t.Context(), db, func(t *tx) (int, error) { return 0, fn(t) }) })
	}
	small := func(name string) func(*tx) error { return func(t *tx) error { return insertCounter(t, name) } }
	leads := make(chan struct{}, 2) // it runs twice
	begin(0, func(*tx) error { leads <- struct{}{}; <-released; return nil })
	<-leads
	begin(1, small("before"))
	awaitWaiting(db, 1)
	begin(2, small(strings.Repeat("large", 100_000)))
	awaitWaiting(db, 2)
	begin(3, small("after"))
	awaitWaiting(db, 3)
	close(released)
	wg.Wait()
	for i, err := range errs {
		if f := fault.Refusal(err); f == nil || f.Kind != fault.Full {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if got := counters(t, db); len(got) > 0 {
		t.Errorf("written are %v", got)
	}
	if err := LimitRoom(db, false); err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), db, func(t *tx) (int, error) { return 0, insertCounter(t, "later") }); err != nil {
		t.Error(err)
	}
}
