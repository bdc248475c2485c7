package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/sqlstore"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// onBothEngines runs a test on an empty database of each engine. raw looks at it
// from outside.
func onBothEngines(t *testing.T, test func(t *testing.T, address string, raw *sql.DB)) {
	t.Helper()
	for name, empty := range map[string]func(testing.TB) string{"SQLite": testdb.SQLite, "PostgreSQL": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			address := empty(t)
			test(t, address, testdb.Raw(t, address))
		})
	}
}

func number(t *testing.T, db *sql.DB, query string) (n int64) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func mustExec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// Servers that start at once on an empty database all find it ready, and each
// migration has run once.
func TestServersStartAtOnce(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Shared: true, Connections: 2})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := db.CountCarts(t.Context(), "nowhere", 1); err != nil {
					t.Error(err)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := number(t, raw, `SELECT COUNT(*) - COUNT(DISTINCT version_id) FROM goose_db_version`); n != 0 {
			t.Errorf("%d migrations ran twice", n)
		}
		if n := number(t, raw, `SELECT COUNT(*) FROM schema_lease`); n != 0 {
			t.Errorf("%d leases of the schema are left", n)
		}
	})
}

// A server that dies in the middle of its migrations is followed by another when
// its lease has run out, and not before.
func TestAMigrationOfADeadServerIsFinished(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		half, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(half.MigrateTo(t.Context(), 8), half.Close()); err != nil {
			t.Fatal(err)
		}
		const left = 700 * time.Millisecond
		now := "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
		if strings.HasPrefix(address, "postgres") {
			now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
		}
		begin := time.Now() // before the lease does
		mustExec(t, raw, `INSERT INTO schema_lease (id, holder, until) VALUES (1, 'dead', `+now+` + $1)`, left.Milliseconds())
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if took := time.Since(begin); took < left-50*time.Millisecond {
			t.Errorf("it waited %s for a lease of %s", took, left)
		}
		if _, err := db.Episodes(t.Context(), "nowhere", "nothing"); err != nil {
			t.Errorf("the migrations were not finished: %v", err)
		}
	})
}

// A server that is told to stop while it waits for another stops.
func TestWhoWaitsForTheSchemaCanBeStopped(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		mustExec(t, raw, `CREATE TABLE schema_lease (id INTEGER NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL)`)
		mustExec(t, raw, `INSERT INTO schema_lease (id, holder, until) VALUES (1, 'busy', 9000000000000)`)
		// One that is slow may have come no further than to connect, and says so.
		var err error
		for limit := 300 * time.Millisecond; limit < time.Minute && !errors.Is(err, context.DeadlineExceeded); limit *= 2 {
			ctx, stop := context.WithTimeout(t.Context(), limit)
			var db *sqlstore.DB
			if db, err = sqlstore.Open(ctx, address, sqlstore.Options{}); err == nil {
				_ = db.Close()
				t.Fatal("it did not wait")
			}
			stop()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// lease is until when somebody has the lease of the schema.
const lease = `SELECT until FROM schema_lease`

// Who cannot renew its lease any more changes nothing further.
func TestALostLeaseEndsTheMigration(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		db.StopWriter()
		renewals := 0
		err = db.HoldSchema(t.Context(), 2*time.Second, func(ctx context.Context) error {
			until := number(t, raw, lease)
			for number(t, raw, lease) == until {
				if err := ctx.Err(); err != nil {
					return err
				}
				time.Sleep(10 * time.Millisecond)
			}
			renewals++
			mustExec(t, raw, `UPDATE schema_lease SET holder = 'other', until = 9000000000000`)
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, sqlstore.ErrLeaseLost) || renewals != 1 {
			t.Errorf("it ended with %v after %d renewals", err, renewals)
		}
		if n := number(t, raw, `SELECT COUNT(*) FROM schema_lease WHERE holder = 'other'`); n != 1 {
			t.Error("the lease of another was taken away")
		}
	})
}

// Whoever reads for long, as pg_dump does, keeps a change of the schema waiting,
// and that must not keep everybody else waiting behind it.
func TestAMigrationStandsInNobodysWay(t *testing.T) {
	address := testkit.Postgres(t)
	raw := testdb.Raw(t, address)
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.MigrateTo(t.Context(), 12); err != nil {
		t.Fatal(err)
	}
	dump, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dump.Rollback() }()
	var carts int
	if err := dump.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM carts`).Scan(&carts); err != nil {
		t.Fatal(err)
	}
	upgraded := make(chan error)
	go func() {
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Shared: true})
		if err == nil {
			err = db.Close()
		}
		upgraded <- err
	}()
	for number(t, raw, `SELECT COUNT(*) FROM pg_locks WHERE relation = 'carts'::regclass AND NOT granted`) == 0 {
		time.Sleep(time.Millisecond)
	}
	// The migration waits for 1.2 s at a time, and the dump goes on for as long as
	// this test wants.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	testkit.Within(t, soon, "a read behind the migration", func() {
		if _, err := db.FindCart(ctx, "a", "none"); err != nil {
			t.Error(err)
		}
	})
	if err := dump.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-upgraded; err != nil {
		t.Error(err)
	}
}

// A migration keeps its lease also where a server has one connection to spare.
func TestAMigrationNeedsOneConnection(t *testing.T) {
	address := testkit.Postgres(t)
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	raw := testdb.Raw(t, address)
	held, release := make(chan struct{}), make(chan struct{})
	var holding sync.WaitGroup
	err = db.HoldSchema(t.Context(), 4*time.Second, func(ctx context.Context) error {
		holding.Go(func() { _ = sqlstore.HoldConnection(db, held, release) })
		<-held
		for range 2 { // renewals
			for until := number(t, raw, lease); number(t, raw, lease) == until; {
				if err := ctx.Err(); err != nil {
					return err
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		return nil
	})
	close(release)
	holding.Wait()
	if err != nil {
		t.Error(err)
	}
}

// A schema that is up to date is looked at, and nothing else: a user of the
// database who may not make tables can start a server.
func TestASchemaThatIsUpToDateIsLeftAlone(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		for range 2 {
			db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			mustExec(t, raw, `DROP TABLE IF EXISTS schema_lease`)
		}
		mustExec(t, raw, `CREATE TABLE schema_lease (other INTEGER)`)
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatalf("it asked for the lease: %v", err)
		}
		_ = db.Close()
	})
}

// The schema of a newer version is refused, with what to do.
func TestASchemaOfANewerVersionIsRefused(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := raw.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, $1)`, true); err != nil {
			t.Fatal(err)
		}
		_, err = sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err == nil || !strings.Contains(err.Error(), "made by a newer cartwright: its schema has version 99999") {
			t.Errorf("it was opened: %v", err)
		}
	})
}

// A migration that stands in the table twice has run all the same.
func TestAMigrationThatIsNotedTwiceHasRun(t *testing.T) {
	onBothEngines(t, func(t *testing.T, address string, raw *sql.DB) {
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			db, err := sqlstore.Open(ctx, address, sqlstore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			mustExec(t, raw, `INSERT INTO goose_db_version (version_id, is_applied) SELECT version_id, is_applied FROM goose_db_version`)
		}
	})
}
