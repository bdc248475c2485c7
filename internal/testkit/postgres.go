// Package testkit holds what tests of several rooms need: temporary databases
// and a store with something in it.
package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the pgx driver
)

// cluster is one throw-away PostgreSQL for a test binary.
type cluster struct {
	dir  string
	bin  string
	port int
	as   *syscall.Credential
	n    int
	mu   sync.Mutex
}

var (
	shared    *cluster
	sharedErr error
	startOnce sync.Once
)

// Main runs the tests of a package and then stops the PostgreSQL that they may
// have started. A package that calls Postgres needs it as its TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.stop()
	}
	os.Exit(code)
}

// Postgres returns the URL of a new, empty database. A machine without
// PostgreSQL fails the test: skipping would hide that one engine is untested.
func Postgres(t testing.TB) string {
	t.Helper()
	startOnce.Do(func() { shared, sharedErr = startCluster() })
	if sharedErr != nil {
		t.Fatalf("PostgreSQL is needed (Debian: apt-get install postgresql): %v", sharedErr)
	}
	address, err := shared.create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func startCluster() (*cluster, error) {
	c := &cluster{}
	var err error
	if c.bin, err = findPostgres(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "cartwright-postgres-"); err != nil {
		return nil, err
	}
	if err := c.dropRoot(); err != nil {
		return nil, err
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := c.run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"); err != nil {
		return nil, err
	}
	// The machine does not lose its power during a test, so nothing waits for
	// the disk.
	options := fmt.Sprintf("-p %d -k '' -c listen_addresses=127.0.0.1 -c max_connections=200 -c shared_buffers=64MB"+
		" -c fsync=off -c synchronous_commit=off -c full_page_writes=off", c.port)
	return c, c.run("pg_ctl", "-D", c.data(), "-w", "-t", "60", "-l", filepath.Join(c.dir, "log"), "-o", options, "start")
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// dropRoot finds the user to run PostgreSQL as: it refuses to run as root.
func (c *cluster) dropRoot() error {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return err
		}
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return os.Chown(c.dir, int(uid), int(gid))
	}
	return errors.New("there is no user to run PostgreSQL as")
}

func (c *cluster) run(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	// pg_ctl leaves the server running with its output: a pipe would never end.
	log, err := os.Create(filepath.Join(c.dir, name+".out"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w\n%s", name, err, text)
	}
	return nil
}

func (c *cluster) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

func (c *cluster) create(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	name := fmt.Sprintf("test%d", c.n)
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("create database: %w", err)
	}
	return c.url(name), nil
}

func (c *cluster) stop() {
	_ = c.run("pg_ctl", "-D", c.data(), "-m", "immediate", "stop")
	_ = os.RemoveAll(c.dir)
}

// findPostgres returns the folder of initdb and pg_ctl: Debian keeps them off
// the PATH, one folder for each version.
func findPostgres() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		sort.Strings(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("initdb was not found in /usr/lib/postgresql or on the PATH")
	}
	return filepath.Dir(path), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Deadline returns a context that ends well before the test would be killed.
func Deadline(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
