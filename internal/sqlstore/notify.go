package sqlstore

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"cartwright/internal/id"
)

// Servers on one PostgreSQL wake each other with NOTIFY, so that what one
// changes shows on the others at once. Nothing depends on it: each looks every
// second by itself (Shops.Watch, worker.Worker), and a message that is lost, or a
// pooler that passes none on, costs that second.
//
// A message is sent after the commit, by itself, a few times a second at most: in
// the transaction of the change it would have all those commits wait for one
// another, since PostgreSQL keeps messages in the order of commits.
const (
	channel   = "cartwright"
	bellRest  = 50 * time.Millisecond
	bellWait  = 2 * time.Second // for how long one message may keep a server that stops
	listenMin = time.Second     // between attempts to listen again
	listenMax = 15 * time.Second
)

// wake is what other servers are woken for, one bit for each.
type wake uint8

const (
	wakeShops wake = 1 << iota // settings, catalog, tokens, offers
	wakeWork                   // deliveries
	wakeClock
)

// letters are the bits of wake as they stand in a message, in order.
const letters = "swc"

func (w wake) String() string {
	var b strings.Builder
	for i, letter := range letters {
		if w&(1<<i) != 0 {
			b.WriteRune(letter)
		}
	}
	return b.String()
}

func parseWake(s string) (w wake) {
	for i, letter := range letters {
		if strings.ContainsRune(s, letter) {
			w |= 1 << i
		}
	}
	return w
}

// bell wakes the other servers of a database. A nil bell wakes nobody.
type bell struct {
	send   func(ctx context.Context, message string) error
	sender string // by which a server knows its own messages

	mu      sync.Mutex
	waiting wake
	ringing bool
	closed  chan struct{}
	done    sync.WaitGroup
}

func newBell(send func(ctx context.Context, message string) error) *bell {
	return &bell{send: send, sender: id.UUID(), closed: make(chan struct{})}
}

// ring has the others woken soon. It waits for nothing.
func (b *bell) ring(w wake) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting |= w
	select {
	case <-b.closed:
		return
	default:
	}
	if !b.ringing {
		b.ringing = true
		b.done.Go(b.toll)
	}
}

// toll sends messages as long as there is something to say.
func (b *bell) toll() {
	for {
		b.mu.Lock()
		w := b.waiting
		b.waiting, b.ringing = 0, w != 0
		b.mu.Unlock()
		if w == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), bellWait)
		_ = b.send(ctx, b.sender+" "+w.String()) // the others look by themselves
		cancel()
		rest := time.NewTimer(bellRest)
		select {
		case <-rest.C:
		case <-b.closed:
		}
		rest.Stop()
	}
}

// close says what is still to be said: a command of the administration ends
// right after its change.
func (b *bell) close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	select {
	case <-b.closed:
	default:
		close(b.closed)
	}
	b.mu.Unlock()
	b.done.Wait()
}

// Wakes are called when another server has changed something, in any order and
// more often than there is something new. They must return at once.
type Wakes struct {
	Shops func() // settings, catalog, tokens, offers
	Work  func() // what webhooks have to send
	Clock func() // the sandbox clock
}

func (k Wakes) call(w wake) {
	for bit, f := range map[wake]func(){wakeShops: k.Shops, wakeWork: k.Work, wakeClock: k.Clock} {
		if w&bit != 0 && f != nil {
			f()
		}
	}
}

// Listen wakes this server when another one says that it has changed something,
// until ctx is done. It keeps a connection of its own, beside the pool. On
// SQLite, where one server is all there is, it does nothing.
func (db *DB) Listen(ctx context.Context, log *slog.Logger, wakes Wakes) {
	if db.bell == nil {
		return
	}
	wait := listenMin
	for {
		heard, err := db.listen(ctx, wakes)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait = listenMin
		}
		// Once for each time that it breaks, and not of a database that was away for a
		// moment, of which the pulse tells.
		if wait > listenMin && wait <= 2*listenMin {
			log.Warn("other servers cannot wake this one for now: what they change shows after a second", "error", err)
		}
		if sleep(ctx, wait) != nil {
			return
		}
		wait = min(2*wait, listenMax)
	}
}

// listen listens on one connection until that breaks. heard reports whether it
// ever worked.
func (db *DB) listen(ctx context.Context, wakes Wakes) (heard bool, err error) {
	dialing, cancel := context.WithTimeout(ctx, listenMax)
	defer cancel()
	conn, err := db.dialListener(dialing)
	if err != nil {
		return false, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing) // it is given up in any case
	}()
	if _, err := conn.Exec(dialing, "LISTEN "+channel); err != nil {
		return false, err
	}
	wakes.call(wakeShops | wakeWork | wakeClock) // of what was said meanwhile
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		if sender, what, ok := strings.Cut(n.Payload, " "); ok && sender != db.bell.sender {
			wakes.call(parseWake(what))
		}
	}
}

// dialListener opens the connection on which this server listens.
func (db *DB) dialListener(ctx context.Context) (*pgx.Conn, error) {
	cfg := db.pool.conns.Config().ConnConfig
	// It waits until it is told to stop, and then no statement is to be cancelled.
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: c.Conn()}
	}
	return pgx.ConnectConfig(ctx, cfg)
}

// notify sends a message to the servers that listen.
func (db *DB) notify(ctx context.Context, message string) error {
	_, err := db.writes.ExecContext(ctx, `SELECT pg_notify($1, $2)`, channel, message)
	return err
}
