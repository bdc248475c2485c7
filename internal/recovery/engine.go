package recovery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/id"
)

// EngineStorage keeps where the mails of episodes stand. Its methods are those
// of sqlstore.DB.
type EngineStorage interface {
	Lease(ctx context.Context, store, work, holder string) (bool, error)
	FreeLeases(ctx context.Context, holder string) error

	// NextEpisode returns the earliest instant at which an episode is looked at.
	NextEpisode(ctx context.Context) (at time.Time, ok bool, err error)
	// PendingEpisodes returns the stores that have an episode to look at by now,
	// or a mail that is being sent, by this server or by another.
	PendingEpisodes(ctx context.Context, now time.Time) (stores []string, err error)
	// DueEpisodes returns episodes of a store to look at by now, the earliest
	// first.
	DueEpisodes(ctx context.Context, store string, now time.Time, limit int) ([]int64, error)
	// VisitEpisode locks the row of the address, the cart and the episode, in
	// that order, reads what is known, calls decide with it and writes what it
	// says, in one transaction. decide may be called again, so it does nothing
	// else. It returns what decide said last, and nil for an episode at which
	// there is nothing to look by now.
	VisitEpisode(ctx context.Context, of VisitOf, decide func(Standing) Ruling) (*Ruling, error)
	// KeepStep keeps what stands in the mail of a claimed step before it is handed
	// over. It does nothing for a step that is not claimed any more.
	KeepStep(ctx context.Context, store string, episode int64, step Step) error
	// SettleStep keeps what became of a claimed step.
	SettleStep(ctx context.Context, s Settlement) error
	// InterruptSteps gives up what a server that is no more was sending. Only one
	// serves a SQLite file, so whoever starts there knows; elsewhere it does
	// nothing, and time tells (ClaimTime).
	InterruptSteps(ctx context.Context, now time.Time) error
}

// EngineConfig is what an Engine is made of.
type EngineConfig struct {
	Storage EngineStorage
	Service *Service
	// Mailer hands mails over. Without one the engine does nothing, and what
	// falls due waits, until it is too late for it.
	Mailer Mailer
	// Minter gives mails their coupons; nil leaves the codes of templates.
	Minter Minter
	// Couriers have other mails to send: those to merchants.
	Couriers []Courier
	Clock    clock.Clock // the time that the shop lives in
	Log      *slog.Logger
}

// engineWork is the name of the engine's lease.
const engineWork = "mails"

// How often Run looks for what is due when nobody wakes it, how long something
// that failed is left alone, and when a lease in use is renewed. All in real
// time.
const (
	engineEvery = time.Second
	failureRest = time.Second
	renewAfter  = 3 * time.Second
)

// Engine sends the mails of abandoned carts, and those of its couriers. It is
// safe for use by many goroutines.
//
//	go e.Run(ctx)   // sends what is due, again and again
//	e.Wake()        // something may be due: look at once
//	err := e.Settle(ctx) // or, while a clock is wound: send what is due and wait for it
//
// One server at a time works for a store, by lease. That saves work and no more:
// what keeps a mail from being sent twice is the claim in the database.
type Engine struct {
	EngineConfig

	holder string // the name of this server in leases
	real   clock.Real
	wake   chan struct{}
	landed chan struct{}  // told at each mail that was dealt with, for Settle
	places chan struct{}  // one for each mail that may be in flight
	flying sync.WaitGroup // what is in flight

	// looking is held by who looks for what is due.
	looking sync.Mutex
	leased  map[string]time.Time // when to renew, by store; guarded by looking
	begun   bool                 // what a server that stopped left behind is given up; guarded by looking

	mu      sync.Mutex
	busy    map[episodeKey]bool      // in flight
	resting map[episodeKey]time.Time // failed, and left alone until then
	parcels int                      // mails of couriers in flight
	failed  error                    // the last failure, for Settle
	closed  bool

	ctx    context.Context //nolint:containedctx // the life of what is in flight, which outlives each look
	cancel context.CancelFunc
}

type episodeKey struct {
	store   string
	episode int64
}

// NewEngine returns an engine that does nothing until it is told to.
func NewEngine(c EngineConfig) *Engine {
	e := &Engine{
		EngineConfig: c, holder: id.UUID(), wake: make(chan struct{}, 1), landed: make(chan struct{}, 1),
		leased: map[string]time.Time{}, busy: map[episodeKey]bool{}, resting: map[episodeKey]time.Time{},
	}
	if c.Mailer != nil {
		e.places = make(chan struct{}, max(1, c.Mailer.Connections()))
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// now is the time in the precision in which it is stored.
func (e *Engine) now() time.Time { return e.Clock.Now().Truncate(time.Millisecond) }

// Wake has Run look for what is due at once.
func (e *Engine) Wake() { signal(e.wake) }

// signal says that there is something, without waiting for who listens.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run sends what is due until ctx is done. What is in flight then goes on;
// Close waits for it.
func (e *Engine) Run(ctx context.Context) {
	if e.Mailer == nil {
		return
	}
	tick := time.NewTicker(engineEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := e.look(ctx)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("mails cannot be sent", "error", err)
		}
		wake := e.wake
		if err != nil {
			wake = nil // a database that fails is asked once a second
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
}

// Next returns the earliest instant at which there is something to do.
func (e *Engine) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	if e.Mailer == nil {
		return time.Time{}, false, nil
	}
	at, ok, err = e.Storage.NextEpisode(ctx)
	for _, c := range e.Couriers {
		if err != nil {
			break
		}
		var next time.Time
		var has bool
		if next, has, err = c.Next(ctx); has && (!ok || next.Before(at)) {
			at, ok = next, true
		}
	}
	return at, ok, err
}

// Bounds of Settle: how long it waits between looks when nothing ends, and
// without anything having ended before it gives up.
const (
	settleLook  = 50 * time.Millisecond
	settleStuck = time.Minute
)

// Settle returns when what is due has been dealt with, by this server or by
// others. A clock that is wound waits for it at each stop.
func (e *Engine) Settle(ctx context.Context) error {
	if e.Mailer == nil {
		return nil
	}
	e.mu.Lock()
	e.failed = nil
	e.mu.Unlock()
	last := e.real.Now()
	for {
		if err := e.look(ctx); err != nil {
			return err
		}
		pending, err := e.pending(ctx)
		if err != nil || pending == "" {
			return err
		}
		timer := time.NewTimer(settleLook)
		select {
		case <-ctx.Done():
		case <-e.landed:
			last = e.real.Now()
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if e.real.Now().Sub(last) > settleStuck {
			return fmt.Errorf("%s were not sent within %s", pending, settleStuck)
		}
	}
}

// pending says what is not dealt with yet, and returns an error when something
// could not be.
func (e *Engine) pending(ctx context.Context) (string, error) {
	e.mu.Lock()
	failed, parcels := e.failed, e.parcels
	e.mu.Unlock()
	if failed != nil || parcels > 0 {
		return "the mails to merchants", failed
	}
	now := e.now()
	stores, err := e.Storage.PendingEpisodes(ctx, now)
	if err != nil {
		return "", err
	}
	for _, store := range stores {
		if left, err := e.left(ctx, store, now); err != nil || left {
			return "the mails of store " + store, err
		}
	}
	for _, c := range e.Couriers {
		if at, ok, err := c.Next(ctx); err != nil || ok && !at.After(now) {
			return "the mails to merchants", err
		}
	}
	return "", nil
}

// left reports whether something of a store is due, or being sent. A mail that
// another server was sending counts for nothing once this one works for the
// store: that server is no more, and ClaimTime says so.
func (e *Engine) left(ctx context.Context, store string, now time.Time) (bool, error) {
	e.looking.Lock()
	mine, err := e.hold(ctx, store)
	e.looking.Unlock()
	if err != nil || !mine {
		return true, err
	}
	due, err := e.Storage.DueEpisodes(ctx, store, now, 1)
	if err != nil || len(due) > 0 {
		return true, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for key := range e.busy {
		if key.store == store {
			return true, nil
		}
	}
	return false, nil
}

// closeGrace is how long Close lets what is in flight end by itself.
const closeGrace = 5 * time.Second

// Close stops. What is being sent is given a moment and then cut off; the
// mailer says what that means for it.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	done := make(chan struct{})
	go func() { e.flying.Wait(); close(done) }()
	timer := time.NewTimer(closeGrace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	e.cancel()
	<-done
	return e.Storage.FreeLeases(context.WithoutCancel(ctx), e.holder)
}
