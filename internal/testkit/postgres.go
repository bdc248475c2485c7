// Package testkit holds what tests of several rooms need: throw-away PostgreSQLs,
// mail servers, and our OpenAPI document to hold exchanges to.
package testkit

import (
	"context"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
)

// One throw-away PostgreSQL serves a whole test binary.
var (
	cluster   = sync.OnceValues(startCluster)
	started   *pgcluster.Cluster
	making    sync.Mutex
	templates = map[string]string{} // the URLs of the databases that others are copied from; guarded by making
)

func startCluster() (*pgcluster.Cluster, error) {
	c, err := pgcluster.Start(pgcluster.Options{Dir: memory()})
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL is needed: %w", err)
	}
	started = c
	return c, nil
}

// memory returns a folder that is kept in memory and has room for a cluster, ""
// when there is none: a database made there costs a fifth.
func memory() string {
	const dir, room = "/dev/shm", 1 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room {
		return ""
	}
	return dir
}

// Main runs the tests of a package and then stops the PostgreSQL that they may
// have started. A package whose tests use one needs it as its TestMain.
func Main(m *testing.M) { os.Exit(Tests{m}.Run()) }

// Tests are those of a package, for a TestMain that does more than Main.
type Tests struct{ M *testing.M }

// Run runs the tests as Main does and returns the status to exit with.
func (t Tests) Run() int {
	code := t.M.Run()
	for _, do := range atExit {
		do()
	}
	if started != nil {
		_ = started.Remove()
	}
	return code
}

var atExit []func()

// AtExit has Main call f when all tests have run, for what they share. It must
// not be called by two tests at once.
func AtExit(f func()) { atExit = append(atExit, f) }

// Postgres returns the URL of a new, empty database, which is dropped after the
// test. A machine without PostgreSQL fails the test: skipping would hide that one
// engine is untested.
func Postgres(t testing.TB) string {
	t.Helper()
	c, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	address, err := c.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dropLater(t, c, address)
	return address
}

// PostgresCopy returns the URL of a new database that begins as prepare leaves
// an empty one. The first call with a name prepares one for the whole test binary,
// and each is given a copy of it, which is a tenth of the work.
func PostgresCopy(t testing.TB, name string, prepare func(ctx context.Context, address string) error) string {
	t.Helper()
	c, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	making.Lock()
	defer making.Unlock()
	if templates[name] == "" {
		first, err := c.CreateDatabase(t.Context())
		if err == nil {
			err = prepare(t.Context(), first)
		}
		if err != nil {
			t.Fatal(err)
		}
		templates[name] = first
	}
	address, err := c.CopyDatabase(t.Context(), pgcluster.Name(templates[name]))
	if err != nil {
		t.Fatal(err)
	}
	dropLater(t, c, address)
	return address
}

func dropLater(t testing.TB, c *pgcluster.Cluster, address string) {
	t.Cleanup(func() {
		if err := c.DropDatabase(context.Background(), address); err != nil {
			t.Error(err)
		}
	})
}

// Cluster starts a PostgreSQL that the test may stop, kill and start again, and
// returns it with the URL of an empty database on it. Both go with the test.
func Cluster(t testing.TB, o pgcluster.Options) (*pgcluster.Cluster, string) {
	t.Helper()
	c, err := pgcluster.Start(o)
	if err != nil {
		t.Fatalf("PostgreSQL is needed: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
	address, err := c.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c, address
}

// Deadline returns a context that ends well before the test would be killed.
func Deadline(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
