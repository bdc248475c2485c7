package pgcluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Standby makes a second server that follows the cluster by streaming
// replication. When it returns, the cluster's commits wait for the standby: what
// was acknowledged survives the loss of either one. A cluster without its
// standby waits forever.
func (c *Cluster) Standby(ctx context.Context) (*Cluster, error) {
	s, err := newCluster(c.options)
	if err != nil {
		return nil, err
	}
	err = s.run("pg_basebackup", "-D", s.data(), "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-U", "postgres",
		"-X", "stream", "-c", "fast", "-R", "--no-sync")
	if err == nil {
		err = c.waitForever(ctx)
	}
	if err == nil {
		err = s.Restart()
	}
	if err == nil {
		err = c.WaitForStandby(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

// waitForever has commits wait for a standby, and returns when they do.
func (c *Cluster) waitForever(ctx context.Context) error {
	if err := c.exec(ctx, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	for {
		if wait, err := CommitsWait(ctx, c.URL("postgres")); wait || err != nil {
			return err
		}
	}
}

// CommitsWait reports whether commits wait for a standby that does not answer. A
// change of the setting holds when a process of the server has read it to which
// nobody is connected: only a commit tells.
func CommitsWait(ctx context.Context, address string) (bool, error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return false, err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	committed := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "SELECT pg_logical_emit_message(true, 'cartwright', '')")
		committed <- err
	}()
	for {
		select {
		case err := <-committed:
			return false, err
		case <-time.After(10 * time.Millisecond):
		}
		var waiting int
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").Scan(&waiting); err != nil {
			return false, fmt.Errorf("see whether a commit waits: %w", err)
		}
		if waiting > 0 {
			return true, nil
		}
	}
}

// WaitForStandby returns when a standby follows the cluster and commits wait
// for it.
func (c *Cluster) WaitForStandby(ctx context.Context) error {
	db, err := sql.Open("pgx", c.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var n int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_replication
			WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')`).Scan(&n); err != nil {
			return fmt.Errorf("wait for the standby: %w", err)
		}
		if n > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the standby: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// Promote makes a standby the primary. It returns when the standby takes
// writes. Nothing keeps the old primary from doing so too: it should be gone.
func (c *Cluster) Promote() error {
	return c.run("pg_ctl", "-D", c.data(), "-w", "-t", patience, "promote")
}

// Hosts is the URL of a database on several clusters of which one is the
// primary: clients look for the one that takes writes.
func Hosts(database string, clusters ...*Cluster) string {
	var addresses []string
	for _, c := range clusters {
		addresses = append(addresses, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)))
	}
	// url.URL would not write several hosts with ports.
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable&target_session_attrs=read-write",
		strings.Join(addresses, ","), url.PathEscape(database))
}

// exec runs statements on the cluster, one at a time.
func (c *Cluster) exec(ctx context.Context, statements ...string) error {
	db, err := sql.Open("pgx", c.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
