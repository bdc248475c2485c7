// Package pgcluster runs PostgreSQL clusters of one's own for tests and
// benchmarks: made in a temporary folder from what Debian's package installs,
// stopped and thrown away afterwards.
//
//	c, err := pgcluster.Start(pgcluster.Options{})
//	…
//	defer c.Remove()
//	url, err := c.CreateDatabase(ctx)
//
// Outages are had with Stop and Kill, and Restart ends them; a Standby takes
// over with Promote:
//
//	standby, err := c.Standby(ctx)
//	url := pgcluster.Hosts(database, c, standby)
//	…
//	err = c.Kill()
//	err = standby.Promote()
package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the pgx driver
)

// Options say how a cluster is set up. The zero value is a fast one that
// survives Kill but no loss of power, on a free port, in the system's temporary
// folder.
type Options struct {
	// Durable has it wait for the disk at each commit, as in real use.
	Durable bool
	// Settings are further settings of the server, by name.
	Settings map[string]string
	// Dir is the folder in which its own is made; "" means the system's.
	Dir string
}

// patience is how many seconds a server may take to start or to stop: so long
// only a failure takes, even on a slow machine.
const patience = "120"

// Cluster is one PostgreSQL server with its databases. It listens on
// 127.0.0.1 and lets everybody in who can reach that.
type Cluster struct {
	options Options
	dir     string
	bin     string
	port    int
	as      *syscall.Credential

	mu sync.Mutex
	n  int
}

// Start makes a cluster and starts it.
func Start(o Options) (*Cluster, error) {
	c, err := newCluster(o)
	if err != nil {
		return nil, err
	}
	if err := c.run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"); err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	if err := c.Restart(); err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	return c, nil
}

func newCluster(o Options) (*Cluster, error) {
	c := &Cluster{options: o}
	var err error
	if c.bin, err = findPostgres(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp(o.Dir, "cartwright-postgres-"); err != nil {
		return nil, err
	}
	if err := c.dropRoot(); err != nil {
		return nil, err
	}
	if c.port, err = FreePort(); err != nil {
		return nil, err
	}
	return c, nil
}

// Restart starts a cluster that was stopped, on the port that it had.
func (c *Cluster) Restart() error {
	settings := fmt.Sprintf("-p %d -k '' -c listen_addresses=127.0.0.1 -c max_connections=200 -c shared_buffers=64MB", c.port)
	if !c.options.Durable {
		// Commits stay synchronous: they reach the kernel, which Kill leaves
		// alone, and a standby, if there is one.
		settings += " -c fsync=off -c full_page_writes=off"
	}
	for name, value := range c.options.Settings {
		settings += fmt.Sprintf(" -c %s='%s'", name, value)
	}
	return c.run("pg_ctl", "-D", c.data(), "-w", "-t", patience, "-l", filepath.Join(c.dir, "log"), "-o", settings, "start")
}

// Stop ends the server as pg_ctl does: "fast" cuts clients off and writes a
// checkpoint, "immediate" is like a crash. The data stay.
func (c *Cluster) Stop(mode string) error {
	return c.run("pg_ctl", "-D", c.data(), "-w", "-t", patience, "-m", mode, "stop")
}

// Remove ends the server, if it runs, and deletes everything.
func (c *Cluster) Remove() error {
	_ = c.Stop("immediate") // it may be stopped already
	return os.RemoveAll(c.dir)
}

// URL is that of a database of the cluster.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Addr is where the cluster listens.
func (c *Cluster) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

// CreateDatabase makes a new, empty database and returns its URL.
func (c *Cluster) CreateDatabase(ctx context.Context) (string, error) {
	return c.CopyDatabase(ctx, "template1")
}

// CopyDatabase makes a new database with everything that is in another, to which
// nobody may be connected, and returns its URL.
func (c *Cluster) CopyDatabase(ctx context.Context, from string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	name := fmt.Sprintf("test%d", c.n)
	// Copying files is the faster way while nothing waits for the disk.
	if err := c.exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", name, from)); err != nil {
		return "", fmt.Errorf("create database: %w", err)
	}
	return c.URL(name), nil
}

// DropDatabase deletes the database of a URL and ends the connections to it.
func (c *Cluster) DropDatabase(ctx context.Context, address string) error {
	if err := c.exec(ctx, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", Name(address))); err != nil {
		return fmt.Errorf("drop database: %w", err)
	}
	return nil
}

// Name is that of the database of a URL.
func Name(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Path, "/")
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// dropRoot finds the user to run PostgreSQL as: it refuses to run as root.
func (c *Cluster) dropRoot() error {
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

func (c *Cluster) run(name string, args ...string) error {
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

// Version returns the number of the PostgreSQL that Start starts, such as 15.
func Version() (int, error) {
	bin, err := findPostgres()
	if err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(context.Background(), filepath.Join(bin, "postgres"), "--version").Output() // postgres (PostgreSQL) 15.18 (…)
	if err != nil {
		return 0, fmt.Errorf("ask PostgreSQL for its version: %w", err)
	}
	var version int
	if _, err := fmt.Sscanf(string(out), "postgres (PostgreSQL) %d", &version); err != nil {
		return 0, fmt.Errorf("read the version of PostgreSQL in %q: %w", out, err)
	}
	return version, nil
}

// findPostgres returns the folder of initdb and pg_ctl: Debian keeps them off
// the PATH, one folder for each version.
func findPostgres() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("initdb was not found in /usr/lib/postgresql or on the PATH (Debian: apt-get install postgresql)")
	}
	return filepath.Dir(path), nil
}
