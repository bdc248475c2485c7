package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testdb"
)

// listener is a server that notes what it is woken for.
type listener struct {
	*sqlstore.DB

	woken map[string]chan struct{}
}

// listen opens a server that listens until the test ends, and waits until it
// does.
func listen(t *testing.T, address string) *listener {
	t.Helper()
	l := &listener{open(t, address), map[string]chan struct{}{}}
	call := func(name string) func() {
		c := make(chan struct{}, 100)
		l.woken[name] = c
		return func() { c <- struct{}{} }
	}
	wakes := sqlstore.Wakes{Shops: call("shops"), Work: call("work"), Clock: call("clock")}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Listen(ctx, slog.New(slog.DiscardHandler), wakes) })
	t.Cleanup(func() { stop(); running.Wait() })
	l.expect(t, "shops", "work", "clock") // of what was said before
	return l
}

// expect waits until the server was woken for each of these.
func (l *listener) expect(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		select {
		case <-l.woken[name]:
		case <-time.After(time.Minute):
			t.Fatalf("nobody woke the server for %s", name)
		}
	}
}

func (l *listener) quiet(t *testing.T) {
	t.Helper()
	for name, c := range l.woken {
		if len(c) > 0 {
			t.Errorf("the server was woken for %s", name)
		}
	}
}

// A server wakes the others, and not itself.
func TestServersWakeEachOther(t *testing.T) {
	address := testdb.PostgreSQL(t)
	one, two := listen(t, address), listen(t, address)
	sqlstore.NewShops(one.DB, "", slog.New(slog.DiscardHandler))
	told := 0
	one.WhenTold(func() { told++ })
	now := storetest.Noon

	merchants := merchant.NewService(one.DB, clock.At(now))
	if _, err := merchants.CreateStore(t.Context(), merchant.Setup{Hash: "demo", Name: "Demo"}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.UpdateStore(t.Context(), "demo", func(s *merchant.Store) error { s.Name = "Lamps"; return nil }); err != nil {
		t.Fatal(err)
	}
	two.expect(t, "shops")
	if _, err := one.AdvanceClock(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	two.expect(t, "clock")
	one.Tell()
	two.expect(t, "work")
	if told != 1 {
		t.Errorf("the server told itself %d times", told)
	}
	one.quiet(t)
}

// A change of a command that ends at once is told before it does.
func TestACommandWakesServersBeforeItEnds(t *testing.T) {
	address := testdb.PostgreSQL(t)
	server := listen(t, address)
	command, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command.AdvanceClock(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	server.expect(t, "clock")
}

// A server whose listening connection was cut listens again, and looks at what
// it may have missed.
func TestAServerListensAgain(t *testing.T) {
	address := testdb.PostgreSQL(t)
	one, two := open(t, address), listen(t, address)
	raw := testdb.Raw(t, address)
	n := number(t, raw, `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
	if n != 1 {
		t.Fatalf("%d servers listened", n)
	}
	two.expect(t, "shops", "work", "clock")
	if _, err := one.AdvanceClock(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	two.expect(t, "clock")
}

// However often something changes, messages are few.
func TestWakesAreFew(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	b := sqlstore.NewBell(func(_ context.Context, message string) error {
		mu.Lock()
		defer mu.Unlock()
		_, what, _ := strings.Cut(message, " ")
		sent = append(sent, what)
		return nil
	})
	began := time.Now()
	for range 1000 {
		b.RingAll()
	}
	b.Close()
	// The first at once, the others a rest behind the one before, and one at the end.
	if most := 3 + int(time.Since(began)/sqlstore.BellRest); len(sent) == 0 || len(sent) > most || sent[len(sent)-1] != "swc" {
		t.Errorf("said %v in %s", sent, time.Since(began))
	}
	said := len(sent)
	b.RingAll() // after the end it does nothing
	if len(sent) > said {
		t.Errorf("said %v after the end", sent[said:])
	}
}

// A database may be closed twice, whatever its engine.
func TestClosingTwice(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, _ *sql.DB) {
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
}
