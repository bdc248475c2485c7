package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// How often the database is felt, and for how long it may be silent meanwhile.
// Together they stay well below the two seconds within which a request is told
// that the database is away.
const (
	pulseEvery  = 250 * time.Millisecond
	pulseWithin = 1200 * time.Millisecond
)

var errSilent = fmt.Errorf("no sign of life within %s", pulseWithin)

// pulse feels whether a PostgreSQL is alive, over a connection of its own. When
// it is not, requests are refused at once instead of each finding out for
// itself, and those that hang on a connection are freed. When it is again, they
// are let through: nothing needs a restart.
type pulse struct {
	cfg   *pgx.ConnConfig
	lines *lines
	drop  func() // forgets the connections of the pool
	log   *slog.Logger
	gone  atomic.Bool
	end   context.CancelFunc
	done  chan struct{}
}

func startPulse(cfg *pgx.ConnConfig, l *lines, drop func(), log *slog.Logger) *pulse {
	ctx, cancel := context.WithCancel(context.Background())
	cfg.DialFunc = (&net.Dialer{}).DialContext                                 // not one of the lines that it cuts
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler { // nothing that would need to be cancelled first
		return &pgconn.DeadlineContextWatcherHandler{Conn: c.Conn()}
	}
	if cfg.ConnectTimeout >= pulseWithin { // else one silent host of several takes less than all of that
		cfg.ConnectTimeout = 0
	}
	p := &pulse{cfg: cfg, lines: l, drop: drop, log: log, end: cancel, done: make(chan struct{})}
	go p.run(ctx)
	return p
}

// away reports whether the database did not answer when it was last felt.
func (p *pulse) away() bool { return p.gone.Load() }

func (p *pulse) stop() {
	p.end()
	<-p.done
}

func (p *pulse) run(ctx context.Context) {
	defer close(p.done)
	var conn *pgx.Conn
	defer func() { p.hangUp(conn) }()
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	for {
		var err error
		if conn, err = p.feel(ctx, conn); ctx.Err() != nil {
			return
		}
		p.note(err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// feel asks the database for a sign of life. Silence on this one connection
// says nothing while others still hear from it: then it is only slow. Answers
// that were on their way when the silence began do not count.
func (p *pulse) feel(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	var heard atomic.Int64
	counting := time.AfterFunc(pulseWithin/4, func() { heard.Store(p.lines.heard.Load()) })
	defer counting.Stop()
	ctx, cancel := awake(ctx, pulseWithin)
	defer cancel()
	if conn != nil {
		if conn.Ping(ctx) == nil {
			return conn, nil
		}
		p.hangUp(conn) // perhaps it is only this connection: try another one
	}
	conn, err := pgx.ConnectConfig(ctx, p.cfg)
	silent := errors.Is(context.Cause(ctx), errSilent)
	switch {
	case err == nil:
		return conn, nil
	case speaks(err), silent && p.lines.heard.Load() != heard.Load():
		return nil, nil
	case silent:
		return nil, errSilent
	}
	return nil, err
}

// awake returns a context that ends when this process has been awake for so
// long. A process that was stopped, or a machine that stood still as virtual ones
// do when they are moved, heard nothing meanwhile, and that is not the database's
// silence.
func awake(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	const parts = 8 // a pause counts as one of them, however long it was
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		tick := time.NewTicker(d / parts)
		defer tick.Stop()
		for range parts {
			select {
			case <-tick.C: // those that were missed do not come later
			case <-ctx.Done():
				return
			}
		}
		cancel(errSilent)
	}()
	return ctx, func() { cancel(nil) }
}

// speaks reports whether it was a working server that refused a connection: it
// has no more to give, or does not know the password any more.
func speaks(err error) bool {
	code := pgCode(err)
	return code != "" && !strings.HasPrefix(code, "57P")
}

func (p *pulse) hangUp(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = conn.Close(ctx) // it is of no use any more
}

// note acts when the database went away or came back.
func (p *pulse) note(err error) {
	switch was := p.gone.Swap(err != nil); {
	case err != nil:
		p.lines.cut()
		p.drop()
		if !was {
			p.log.Error("the database does not answer: requests get 503 until it does", "error", err)
		}
	case was:
		p.log.Info("the database answers again")
	}
}

// lines are the network connections of a pool.
type lines struct {
	mu    sync.Mutex
	open  map[*heardConn]struct{}
	heard atomic.Int64 // moves with everything that the database says
}

func (l *lines) add(c net.Conn) net.Conn {
	h := &heardConn{Conn: c, lines: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[*heardConn]struct{}{}
	}
	l.open[h] = struct{}{}
	return h
}

// cut closes every connection, so that whoever waits for an answer on one gets
// an error instead.
func (l *lines) cut() {
	l.mu.Lock()
	all := l.open
	l.open = nil
	l.mu.Unlock()
	for c := range all {
		_ = c.Conn.Close()
	}
}

// heardConn is one of them.
type heardConn struct {
	net.Conn
	lines *lines
}

// Read implements net.Conn.
func (c *heardConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.lines.heard.Add(1)
	}
	return n, err
}

// Close implements net.Conn.
func (c *heardConn) Close() error {
	c.lines.mu.Lock()
	delete(c.lines.open, c)
	c.lines.mu.Unlock()
	return c.Conn.Close()
}
