package pgcluster_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
)

// What was committed when the primary is killed is on the promoted standby, and
// whoever knows both finds it there.
func TestPromotedStandbyHasEverything(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	primary := must(t)(pgcluster.Start(pgcluster.Options{}))
	url, err := primary.CreateDatabase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, url)
	exec(t, db, "CREATE TABLE lines (n INT PRIMARY KEY)")
	standby := must(t)(primary.Standby(ctx))
	const rows = 100
	for n := range rows {
		exec(t, db, "INSERT INTO lines VALUES ($1)", n)
	}
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO lines VALUES (-1)"); err == nil {
		t.Error("a killed cluster takes a write")
	}
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	both := open(t, pgcluster.Hosts("test1", primary, standby))
	if n := count(t, both); n != rows {
		t.Errorf("%d of %d rows are on the standby", n, rows)
	}
	exec(t, both, "INSERT INTO lines VALUES ($1)", rows)
}

// Whatever way a server ends, what was committed is there when it is back, on
// the same port.
func TestRestartHasEverything(t *testing.T) {
	c := must(t)(pgcluster.Start(pgcluster.Options{}))
	url, err := c.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, open(t, url), "CREATE TABLE lines (n INT PRIMARY KEY)")
	ways := map[string]func() error{
		"kill":      c.Kill,
		"immediate": func() error { return c.Stop("immediate") },
		"fast":      func() error { return c.Stop("fast") },
	}
	n := 0
	for name, end := range ways {
		exec(t, open(t, url), "INSERT INTO lines VALUES ($1)", n)
		n++
		if err := end(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.Restart(); err != nil {
			t.Fatalf("restart after %s: %v", name, err)
		}
		if got := count(t, open(t, url)); got != n {
			t.Errorf("after %s %d of %d rows are there", name, got, n)
		}
	}
}

// must fails the test when a cluster did not start, and removes it at the end.
func must(t *testing.T) func(*pgcluster.Cluster, error) *pgcluster.Cluster {
	return func(c *pgcluster.Cluster, err error) *pgcluster.Cluster {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Remove(); err != nil {
				t.Error(err)
			}
		})
		return c
	}
}

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *sql.DB) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM lines").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A port is one caller's, though nobody listens on it yet.
func TestFreePortIsGivenOnce(t *testing.T) {
	given := map[int]bool{}
	for range 400 {
		port, err := pgcluster.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		if given[port] {
			t.Fatalf("the port %d was given twice", port)
		}
		given[port] = true
	}
}

func TestVersion(t *testing.T) {
	if n, err := pgcluster.Version(); err != nil || n < 10 || n > 99 {
		t.Errorf("version %d, %v", n, err)
	}
}
