// Package fleet runs the real program for tests as its users do: any number of
// servers of one database, on either engine, that can be killed and started
// again, and clients that see each answer as it came.
//
//	func TestMain(m *testing.M) { fleet.Main(m) }
//
//	f := fleet.New(t, fleet.Postgres) // or fleet.On(t, url), for a database that can be had out
//	f.NewStore("crash")               // with a token in f.Token
//	a, b := f.Start(), f.Start("--sandbox")
//	answer := f.Client().Send(a, fleet.Request{Method: "POST", Path: "/v3/carts", Key: "k1", Body: `{…}`})
//	a.Kill()    // kill -9; b goes on
//	a.Restart() // on the address that it had
//
// The program is built once for all tests of a package. Whatever a test leaves
// running is killed at its end.
package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
)

// Engine is one of those that keep the data.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Each runs a test on each engine.
func Each(t *testing.T, test func(t *testing.T, e Engine)) {
	t.Helper()
	for _, e := range []Engine{SQLite, Postgres} {
		t.Run(string(e), func(t *testing.T) { test(t, e) })
	}
}

// program is where the binary is, once it is built.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cartwright-fleet-")
	if err != nil {
		return "", err
	}
	testkit.AtExit(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "cartwright")
	out, err := exec.Command("go", "build", "-o", path, "cartwright/cmd/cartwright").CombinedOutput()
	if err != nil {
		return "", errors.New("build: " + err.Error() + "\n" + string(out))
	}
	return path, nil
})

// Main runs the tests of a package that has fleets, and tidies up after them.
func Main(m *testing.M) { testkit.Main(m) }

// Fleet is a database and the servers that were started on it.
type Fleet struct {
	// Store is the store that clients ask for, Token what opens it.
	Store, Token string
	// Database is the URL that servers and commands are given.
	Database string
	// Wrap is a command, with arguments, that servers are started by: it runs
	// what follows. It is empty for most.
	Wrap []string
	// Env are settings of servers that begin from now on, as NAME=value.
	Env []string

	t       testing.TB
	program string
	servers []*Server
}

// New returns a fleet without a server, on a new and empty database of its own.
func New(t testing.TB, e Engine) *Fleet {
	t.Helper()
	if e == Postgres {
		return On(t, testkit.Postgres(t))
	}
	return On(t, "sqlite://"+filepath.Join(t.TempDir(), "cartwright.db"))
}

// On returns a fleet without a server, on a database that the test made.
func On(t testing.TB, database string) *Fleet {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	f := &Fleet{Database: database, t: t, program: path}
	t.Cleanup(func() {
		for _, s := range f.servers {
			if s.Running() {
				s.Kill()
			}
			if t.Failed() {
				t.Logf("the server on %s said:\n%s", s.Addr, clip(s.Log()))
			}
		}
	})
	return f
}

// clip keeps what a failure shows of a log readable: its beginning and its end.
func clip(log string) string {
	const most, width = 24, 240
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if cut := len(lines) - most; cut > 0 {
		lines = slices.Concat(lines[:most/2], []string{fmt.Sprintf("… %d lines …", cut)}, lines[len(lines)-most/2:])
	}
	for i, l := range lines {
		lines[i] = l[:min(len(l), width)]
	}
	return strings.Join(lines, "\n")
}

// NewStore makes a store with a token that may do everything, and has clients
// ask for it.
func (f *Fleet) NewStore(hash string) {
	f.t.Helper()
	f.Command("store", "create", hash, "--name", hash)
	f.Store, f.Token = hash, strings.TrimSpace(f.Command("token", "create", "--store", hash, "--scopes", "all"))
}

// Command runs the program with a command that works on the database, and
// returns what it printed.
func (f *Fleet) Command(args ...string) string {
	f.t.Helper()
	cmd := exec.Command(f.program, append(args, "--database", f.Database)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		f.t.Fatalf("cartwright %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// DB opens the database to look into it, or to wind its clock. The caller
// closes it.
func (f *Fleet) DB() *sqlstore.DB {
	f.t.Helper()
	db, err := sqlstore.Open(f.t.Context(), f.Database, sqlstore.Options{Shared: true})
	if err != nil {
		f.t.Fatal(err)
	}
	return db
}
