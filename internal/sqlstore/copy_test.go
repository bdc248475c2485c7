package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cartwright/internal/clock"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testkit"
)

// engines make the URL of a database that does not exist yet, or is empty.
var engines = map[string]func(t *testing.T) string{
	"SQLite":   func(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "test.db") },
	"Postgres": func(t *testing.T) string { return testkit.Postgres(t) },
}

// sqlOf opens a database beside everything else.
func sqlOf(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", strings.TrimSuffix(url, "&pool_max_conns=3")
	if file, ok := strings.CutPrefix(url, "sqlite://"); ok {
		driver, dsn = "sqlite", "file:"+file+"?_pragma=busy_timeout(15000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// closed makes the schema, and a store when it has a name, and closes the
// database again.
func closed(t *testing.T, url, store string) string {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), url, sqlstore.Options{Clock: clock.At(storetest.Noon)})
	if err != nil {
		t.Fatal(err)
	}
	if store != "" {
		if _, err := merchant.NewService(db, clock.At(storetest.Noon)).CreateStore(t.Context(), merchant.Setup{Hash: store, Name: store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return url
}

// oddTexts are what an engine, or a copy between two, might take for something
// else.
var oddTexts = []string{"", " ", "\t", "line\nline\r\n", `back\slash \N \. \x`, `{"a":"\u0000\"'"}`, "’ß漢字🛒", "NULL", "z", "Z", "ä", "%s$1"}

// filled makes a database with more rows than a batch has, and odd ones.
func filled(t *testing.T, url string) string {
	t.Helper()
	closed(t, url, "a")
	db := sqlOf(t, url)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert := func(query string, args ...any) {
		if _, err := tx.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for i := range 2500 {
		insert(`INSERT INTO journal (store, cart_id, version, n, channel, at, events) VALUES ($1, $2, $3, $4, 1, $5, $6)`,
			[]string{"a", "B", "b"}[i%3], fmt.Sprintf("cart-%d", i%7), i/21, i%21, i, oddTexts[i%len(oddTexts)])
	}
	for i, text := range oddTexts {
		insert(`INSERT INTO products (store, id, revision, url, name, doc) VALUES ('a', $1, $2, NULL, $3, NULL)`,
			int64(i), int64(math.MaxInt64)-int64(i), text)
		insert(`INSERT INTO tokens (store, hash, client_id, name, scopes, created) VALUES ($1, $2, '', $2, $1, $3)`, text, text, int64(math.MinInt64)+int64(i))
	}
	insert(`INSERT INTO idempotency (store, client_id, name, fingerprint, status, body, created) VALUES ('a', '', '', '', 200, $1, 0)`, strings.Repeat("long ", 1<<20))
	insert(`INSERT INTO leases (store, work, holder, until) VALUES ('a', 'scan', 'old', 1)`)
	insert(`INSERT INTO clock (id, offset_ms) VALUES (1, 3660000)`)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return url
}

// quiet hears how a copy goes on, and calls at before each table.
type quiet struct {
	at     func(doing, table string)
	rows   int64
	done   int64
	served bool
}

func (q *quiet) Begin(rows int64, served bool) { q.rows, q.served = rows, served }
func (q *quiet) Done(rows int)                 { q.done += int64(rows) }
func (q *quiet) Table(doing, table string, _ int64) {
	if q.at != nil {
		q.at(doing, table)
	}
}

func mustCopy(t *testing.T, from, to string) *sqlstore.CopyReport {
	t.Helper()
	var heard quiet
	report, err := sqlstore.Copy(t.Context(), from, to, &heard)
	if err != nil {
		t.Fatalf("copy: %v", err)
	}
	if heard.done != heard.rows || heard.rows != 2*report.Rows() {
		t.Errorf("%d rows were announced and %d gone through, there are %d on each side", heard.rows, heard.done, report.Rows())
	}
	return report
}

func TestCopy(t *testing.T) {
	for from, source := range engines {
		for to, target := range engines {
			t.Run(from+" to "+to, func(t *testing.T) {
				a, b, back := filled(t, source(t)), target(t), source(t)
				if strings.HasPrefix(b, "postgres://") {
					b += "&pool_max_conns=3" // what Open takes is taken here
				}
				report := mustCopy(t, a, b)
				if report.Already {
					t.Error("it says that nothing was copied")
				}
				if got := report.Rows(); got < 2500+2*int64(len(oddTexts))+3 {
					t.Errorf("%d rows were copied", got)
				}
				again := mustCopy(t, a, b)
				if !again.Already || !slices.Equal(again.Tables, report.Tables) {
					t.Errorf("the second time: already = %v, %v", again.Already, again.Tables)
				}
				if returned := mustCopy(t, b, back); !slices.Equal(returned.Tables, report.Tables) {
					t.Errorf("on the way back: %v", returned.Tables)
				}
				db := open(t, b)
				if offset, err := db.ClockOffset(t.Context()); err != nil || offset.Minutes() != 61 {
					t.Errorf("the sandbox clock of the copy is %s ahead, %v", offset, err)
				}
				var leases, long int64
				if err := sqlOf(t, b).QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM leases), (SELECT length(body) FROM idempotency)`).Scan(&leases, &long); err != nil {
					t.Fatal(err)
				}
				if leases != 0 || long != 5<<20 {
					t.Errorf("%d leases were copied, the long text has %d characters", leases, long)
				}
			})
		}
	}
}

// A copy that ends early leaves nothing, wherever it was, and is simply run
// again.
func TestCopyInterrupted(t *testing.T) {
	source := filled(t, engines["SQLite"](t))
	for name, target := range engines {
		for _, at := range [][2]string{{"Copying", "outbox"}, {"Comparing", "journal"}} {
			t.Run(fmt.Sprint(name, " ", at), func(t *testing.T) {
				to := target(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				heard := &quiet{at: func(doing, table string) {
					if at == [2]string{doing, table} {
						cancel()
					}
				}}
				if _, err := sqlstore.Copy(ctx, source, to, heard); err == nil || !strings.Contains(err.Error(), "nothing was copied") {
					t.Fatalf("the error is %v", err)
				}
				if file, ok := strings.CutPrefix(to, "sqlite://"); ok {
					if left := filesIn(t, filepath.Dir(file)); len(left) != 1 { // the lock
						t.Errorf("left behind: %q", left)
					}
				} else if n := countRows(t, to, "journal"); n != 0 {
					t.Errorf("%d rows are there", n)
				}
				if mustCopy(t, source, to).Already {
					t.Error("the second time nothing was copied")
				}
			})
		}
	}
}

func countRows(t *testing.T, url, table string) (n int) {
	t.Helper()
	if err := sqlOf(t, url).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// What a killed copy left beside its target goes away, and nothing else does: a
// copy that somebody made by hand may have any name.
func TestCopyClearsAway(t *testing.T) {
	source, to := filled(t, engines["SQLite"](t)), engines["SQLite"](t)
	file := strings.TrimPrefix(to, "sqlite://")
	for _, name := range []string{"test.db.unfinished-copy-123", "test.db.unfinished-copy-123-journal", "test.db.copy-20260304"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte("half of it"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustCopy(t, source, to)
	if got, want := filesIn(t, filepath.Dir(file)), []string{"test.db", "test.db.copy-20260304", "test.db.lock"}; !slices.Equal(got, want) {
		t.Errorf("there are %q", got)
	}
}

func TestCopyRefuses(t *testing.T) {
	source := filled(t, engines["SQLite"](t))
	setVersion := func(t *testing.T, url string, by int) {
		db := sqlOf(t, url)
		var newest int
		if err := db.QueryRowContext(t.Context(), `SELECT MAX(version_id) FROM goose_db_version`).Scan(&newest); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, `UPDATE goose_db_version SET version_id = $1 WHERE version_id = $2`, newest+by, newest)
	}
	for name, engine := range engines {
		tests := map[string]struct {
			from, to func(t *testing.T) string // nil is the good one
			want     string
			shared   bool // by code that knows no engine: tried on SQLite alone
		}{
			"source of an earlier version": {from: func(t *testing.T) string {
				url := closed(t, engine(t), "a")
				setVersion(t, url, -1) // the version before is there too
				mustExec(t, sqlOf(t, url), `DELETE FROM goose_db_version WHERE version_id IN (SELECT MAX(version_id) FROM goose_db_version)`)
				return url
			}, want: "start this version of cartwright once", shared: true},
			"source of a later version": {from: func(t *testing.T) string {
				url := closed(t, engine(t), "a")
				setVersion(t, url, 1)
				return url
			}, want: "the source: it was made by a newer version of cartwright", shared: true},
			"source of somebody else": {from: func(t *testing.T) string {
				url := engine(t)
				if file, ok := strings.CutPrefix(url, "sqlite://"); ok {
					if err := os.WriteFile(file, nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				return url
			}, want: "is not a database of cartwright"},
			"target with another store": {to: func(t *testing.T) string { return closed(t, engine(t), "b") },
				want: "holds other data already"},
			"target of an earlier version": {to: func(t *testing.T) string {
				url := closed(t, engine(t), "b")
				setVersion(t, url, -1)
				mustExec(t, sqlOf(t, url), `DELETE FROM goose_db_version WHERE version_id IN (SELECT MAX(version_id) FROM goose_db_version)`)
				return url
			}, want: "holds data of an earlier version of cartwright", shared: true},
			"target of a later version": {to: func(t *testing.T) string {
				url := closed(t, engine(t), "")
				setVersion(t, url, 1)
				return url
			}, want: "the target: it was made by a newer version of cartwright", shared: true},
			"target of somebody else": {to: func(t *testing.T) string {
				url := closed(t, engine(t), "b")
				mustExec(t, sqlOf(t, url), `DROP TABLE goose_db_version`)
				return url
			}, want: "has tables of the same names"},
			"one database twice": {from: func(*testing.T) string { return source }, to: func(*testing.T) string { return source },
				want: "source and target are the same database"},
		}
		for what, tc := range tests {
			if tc.shared && name != "SQLite" {
				continue
			}
			t.Run(name+" "+what, func(t *testing.T) {
				from, target := source, engine
				if tc.from != nil {
					from = tc.from(t)
				}
				if tc.to != nil {
					target = tc.to
				}
				to := target(t)
				before := rowsOf(t, to)
				_, err := sqlstore.Copy(t.Context(), from, to, &quiet{})
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("the error is %v", err)
				}
				if after := rowsOf(t, to); !maps.Equal(before, after) {
					t.Errorf("the target had %v, has %v", before, after)
				}
			})
		}
	}
}

// rowsOf counts the rows of every table; a file that is missing has none.
func rowsOf(t *testing.T, url string) map[string]int {
	t.Helper()
	query := `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	if file, ok := strings.CutPrefix(url, "sqlite://"); ok {
		if _, err := os.Stat(file); err != nil {
			return nil
		}
		query = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	db := sqlOf(t, url)
	names, err := namesOf(t.Context(), db, query)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, name := range names {
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[name] = n
	}
	return counts
}

func namesOf(ctx context.Context, db *sql.DB, query string) (names []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// A file that a server has open is neither source nor target, and a source
// that is missing is not made.
func TestCopyKeepsOffServedFiles(t *testing.T) {
	served, other := filled(t, engines["SQLite"](t)), filled(t, engines["SQLite"](t))
	release, err := sqlstore.Lock(served)
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{served, engines["SQLite"](t)}, {other, served}} {
		if _, err := sqlstore.Copy(t.Context(), pair[0], pair[1], &quiet{}); err == nil || !strings.Contains(err.Error(), "is served already by another cartwright") {
			t.Errorf("the error is %v", err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	mustCopy(t, served, engines["SQLite"](t))
	missing := filepath.Join(t.TempDir(), "typo", "shop.db")
	if _, err := sqlstore.Copy(t.Context(), "sqlite://"+missing, engines["SQLite"](t), &quiet{}); err == nil || !strings.Contains(err.Error(), "there is no file "+missing) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(filepath.Dir(missing)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder was made: %v", err)
	}
}

// What PostgreSQL cannot hold is named, and nothing of the copy stays.
func TestCopyNamesWhatCannotBeCopied(t *testing.T) {
	source, to := closed(t, engines["SQLite"](t), "a"), testkit.Postgres(t)
	mustExec(t, sqlOf(t, source), `INSERT INTO uses (store, kind, id, used) VALUES ('a', 'b' || char(0), 1, 1)`)
	_, err := sqlstore.Copy(t.Context(), source, to, &quiet{})
	if err == nil || !strings.Contains(err.Error(), "copy uses: ") || !strings.Contains(err.Error(), "COPY uses, line 1, column kind") {
		t.Errorf("the error is %v", err)
	}
	if n := countRows(t, to, "stores"); n != 0 {
		t.Errorf("%d stores are there", n)
	}
}

// Servers on PostgreSQL cannot be kept off; they are told of.
func TestCopyTellsOfServers(t *testing.T) {
	source := filled(t, engines["Postgres"](t))
	for until, want := range map[string]bool{"0": false, "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) + 9000": true} {
		mustExec(t, sqlOf(t, source), `UPDATE leases SET until = `+until)
		heard := &quiet{}
		if _, err := sqlstore.Copy(t.Context(), source, engines["SQLite"](t), heard); err != nil || heard.served != want {
			t.Errorf("until %s: served = %v, %v", until, heard.served, err)
		}
	}
}

// Of what is written while a copy reads, nothing is in it: it shows one moment.
func TestCopyShowsOneMoment(t *testing.T) {
	for name, engine := range engines {
		t.Run(name, func(t *testing.T) {
			source, to := filled(t, engine(t)), engines["SQLite"](t)
			writer := sqlOf(t, source)
			heard := &quiet{at: func(doing, table string) {
				if doing == "Copying" && table == "brands" { // the first
					mustExec(t, writer, `INSERT INTO uses (store, kind, id, used) VALUES ('a', 'late', 1, 1)`)
				}
			}}
			if _, err := sqlstore.Copy(t.Context(), source, to, heard); err != nil {
				t.Fatal(err)
			}
			if n := countRows(t, to, "uses"); n != 0 {
				t.Errorf("%d rows came later and are there", n)
			}
		})
	}
}

// What two copies into one database do at once ends as if one had been later.
func TestCopyTwiceAtOnce(t *testing.T) {
	source, to := filled(t, engines["Postgres"](t)), closed(t, engines["Postgres"](t), "")
	already := make(chan bool, 2)
	for range 2 {
		go func() {
			report, err := sqlstore.Copy(t.Context(), source, to, &quiet{})
			if err != nil {
				t.Error(err)
			}
			already <- report != nil && report.Already
		}()
	}
	if a, b := <-already, <-already; a == b {
		t.Errorf("already = %v and %v", a, b)
	}
}
