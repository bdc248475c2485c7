package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/pgcluster"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testkit"
)

// TestServersChangeOneCart: each of two servers begins its writes with what it
// saw last, which the other has changed since.
func TestServersChangeOneCart(t *testing.T) {
	address := testkit.Postgres(t)
	storetest.TakeTurns(t, open(t, address), open(t, address))
}

// TestMailsAreClaimedSideBySide: what one visit waits for keeps no other from a
// new address.
func TestMailsAreClaimedSideBySide(t *testing.T) {
	storetest.VisitSideBySide(t, open(t, testkit.Postgres(t)))
}

// watched opens a database whose outages are noticed.
func watched(t *testing.T, address string, connections int) *sqlstore.DB {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{
		Clock: clock.At(storetest.Noon), Connections: connections, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// soon is when whoever asks a database that is away knows it.
const soon = 2 * time.Second

// TestAnOutageIsToldAndEnds: a database that stops, hangs or is slow is told
// apart from a defect, quickly, and used again when it is back.
func TestAnOutageIsToldAndEnds(t *testing.T) {
	cluster, address := testkit.Cluster(t, pgcluster.Options{Durable: true}) // "immediate" is a crash
	db := watched(t, address, 4)
	c := storetest.NewCart("a")
	if err := db.CreateCart(t.Context(), c, cart.Change{}); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"fast", "immediate"} {
		if err := cluster.Stop(mode); err != nil {
			t.Fatal(err)
		}
		testkit.Within(t, soon, "an answer without a database", func() {
			for range 20 {
				if _, err := db.FindCart(t.Context(), "a", c.ID); !fault.IsOutage(err) {
					t.Fatalf("%s: reading answers %v", mode, err)
				}
				if _, err := db.UpdateCart(t.Context(), "a", c.ID, storetest.AddUnit); !fault.IsOutage(err) {
					t.Fatalf("%s: writing answers %v", mode, err)
				}
				if err := db.Ping(t.Context()); !fault.IsOutage(err) {
					t.Fatalf("%s: the check answers %v", mode, err)
				}
			}
		})
		if err := cluster.Restart(); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, "the database comes back", func() bool { return db.Ping(t.Context()) == nil })
		if _, err := db.UpdateCart(t.Context(), "a", c.ID, storetest.AddUnit); err != nil {
			t.Errorf("after %s: %v", mode, err)
		}
	}
	got, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil || got.Version != 3 {
		t.Errorf("the cart is %+v, %v", got, err)
	}
}

// TestAnOutageInTheMiddle: the database can go away between the row that was
// asked for and the end of the answer, and between two statements of a
// transaction.
func TestAnOutageInTheMiddle(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	if err := sqlstore.LoseConnection(db); !fault.IsOutage(err) {
		t.Errorf("behind the last row: %v", err)
	}
	if err := sqlstore.LoseTransaction(db); !fault.IsOutage(err) {
		t.Errorf("in a transaction: %v", err)
	}
	if err := sqlstore.LoseAll(db); err != nil {
		t.Fatal(err)
	}
	if err := sqlstore.Execute(db); !fault.IsOutage(err) {
		t.Errorf("on connections that are all gone: %v", err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestWhoeverLeavesIsNoError: a transaction that ends since its client went away
// is told as that, and not as a defect.
func TestWhoeverLeavesIsNoError(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	if err := sqlstore.Abandon(ctx, open(t, testkit.Postgres(t)), leave); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestNobodyWaitsLongForAConnection: with every connection taken, some wait a
// moment and the rest is sent away at once.
func TestNobodyWaitsLongForAConnection(t *testing.T) {
	db := watched(t, testkit.Postgres(t), 2)
	release := make(chan struct{})
	var holders sync.WaitGroup
	for range 2 {
		held := make(chan struct{})
		holders.Go(func() { _ = sqlstore.HoldConnection(db, held, release) })
		<-held
	}
	const crowd, room = 200, 2 * 16
	var atOnce, later atomic.Int64
	testkit.Within(t, soon, "sending a crowd away", func() {
		var all sync.WaitGroup
		for range crowd {
			all.Go(func() {
				_, err := db.FindStore(t.Context(), "a")
				switch {
				case !fault.IsOutage(err):
					t.Errorf("the answer is %v", err)
				case strings.Contains(err.Error(), "too many wait"):
					atOnce.Add(1)
				default:
					later.Add(1)
				}
			})
		}
		all.Wait()
	})
	// While those wait for whom there is room: as many again where the machine
	// stands still for as long as they do.
	if later.Load() < room || later.Load() > 4*room {
		t.Errorf("%d of %d were sent away at once, and %d when they had waited", atOnce.Load(), crowd, later.Load())
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("a busy database does not answer: %v", err)
	}
	close(release)
	holders.Wait()
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestAFullDiskIsToldAndReadsGoOn: SQLite finds no room for a write.
func TestAFullDiskIsToldAndReadsGoOn(t *testing.T) {
	var log strings.Builder
	db, err := sqlstore.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "full.db"), sqlstore.Options{
		Clock: clock.At(storetest.Noon), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := storetest.NewCart("a")
	if err := db.CreateCart(t.Context(), c, cart.Change{}); err != nil {
		t.Fatal(err)
	}
	room := func(full bool) {
		t.Helper()
		if err := sqlstore.LimitRoom(db, full); err != nil {
			t.Fatal(err)
		}
	}
	room(true)
	var full *fault.Outage
	for n := 0; ; n++ {
		err := db.CreateCart(t.Context(), storetest.NewCart("a"), cart.Change{})
		if errors.As(err, &full) && full.Full {
			break
		}
		if err != nil || n > 1000 {
			t.Fatalf("cart %d: %v", n, err)
		}
	}
	for range 20 {
		if err := db.CreateCart(t.Context(), storetest.NewCart("a"), cart.Change{}); !fault.IsOutage(err) {
			t.Fatalf("without room: %v", err)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "no room left") || strings.Contains(log.String(), "no transaction is active") {
		t.Errorf("logged %d lines:\n%s", n, log.String())
	}
	before, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil || before == nil {
		t.Fatalf("reading without room: %v, %v", before, err)
	}
	room(false)
	if _, err := db.UpdateCart(context.Background(), "a", c.ID, storetest.AddUnit); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestACommitThatTheStandbyLacksIsNotAcknowledged: PostgreSQL reports a commit
// as done when the wait for its synchronous standby is cancelled, as a request
// that takes too long does. Were that standby promoted, the write would be gone.
func TestACommitThatTheStandbyLacksIsNotAcknowledged(t *testing.T) {
	_, address := testkit.Cluster(t, pgcluster.Options{Durable: true})
	db := watched(t, address, 4)
	c := storetest.NewCart("a")
	if err := db.CreateCart(t.Context(), c, cart.Change{}); err != nil {
		t.Fatal(err)
	}
	awaitStandby(t, address, "nobody")
	writes := map[string]func(context.Context) error{
		"a cart, in one statement": func(ctx context.Context) error {
			_, err := db.UpdateCart(ctx, "a", c.ID, storetest.AddUnit)
			return err
		},
		"a store, in a transaction": func(ctx context.Context) error {
			return db.CreateStore(ctx, &merchant.Store{Hash: "b", Revision: 1})
		},
	}
	for name, write := range writes {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if err := write(ctx); err == nil {
			t.Errorf("%s: acknowledged without the standby", name)
		}
		cancel()
	}
	awaitStandby(t, address, "")
	for name, write := range writes {
		if err := write(t.Context()); err != nil && !strings.Contains(err.Error(), "exists already") {
			t.Errorf("%s: without a standby to wait for: %v", name, err)
		}
	}
}

// awaitStandby has commits wait for a standby of this name; "" is none.
func awaitStandby(t *testing.T, address, name string) {
	t.Helper()
	raw, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	_, err = raw.ExecContext(t.Context(), `ALTER SYSTEM SET synchronous_standby_names = '`+name+`'`)
	if _, reload := raw.ExecContext(t.Context(), `SELECT pg_reload_conf()`); err != nil || reload != nil {
		t.Fatal(err, reload)
	}
	testkit.Eventually(t, "the setting holds", func() bool {
		wait, err := pgcluster.CommitsWait(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		return wait == (name != "")
	})
}

// TestLongListsAreRead: the first rows are read before any is shown, and those
// behind them as they are asked for.
func TestLongListsAreRead(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	for _, n := range []int{0, 1, 4095, 4096, 4097, 10_000} {
		got, err := sqlstore.ReadNumbers(db, n)
		if err != nil || len(got) != n {
			t.Fatalf("%d rows of %d, %v", len(got), n, err)
		}
		for i, v := range got {
			if v != int64(i+1) {
				t.Fatalf("row %d of %d is %d", i+1, n, v)
			}
		}
	}
}

// TestAStartHasTime: a database that is slow to answer is no reason to end.
func TestAStartHasTime(t *testing.T) {
	address := testkit.Postgres(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := testkit.StartProxy(t, u.Host)
	proxy.Silence()
	time.AfterFunc(2*time.Second, func() { _ = proxy.Pass() })
	watched(t, proxy.Through(t, address), 2)
}

// TestConnectionsOfTheServerRunOut: where the database gives fewer connections
// than the pool would have, requests share those that it gives, and the log says so.
func TestConnectionsOfTheServerRunOut(t *testing.T) {
	address := testkit.Postgres(t)
	raw, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	role := "limited_" + strings.Trim(u.Path, "/")
	for _, statement := range []string{"CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 4", "ALTER DATABASE " + strings.Trim(u.Path, "/") + " OWNER TO " + role} {
		if _, err := raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	u.User = url.User(role)
	var log strings.Builder
	db, err := sqlstore.Open(t.Context(), u.String(), sqlstore.Options{
		Clock: clock.At(storetest.Noon), Connections: 16, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	c := storetest.NewCart("a")
	if err := db.CreateCart(t.Context(), c, cart.Change{}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 5 { // few, so that a slow machine comes to each before it has waited too long
				if _, err := db.FindCart(t.Context(), "a", c.ID); err != nil {
					t.Errorf("with few connections: %v", err)
				}
			}
		})
	}
	all.Wait()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "too many connections for role") {
		t.Errorf("logged %d lines:\n%s", n, log.String())
	}
}
