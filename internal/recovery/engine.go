package recovery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/worker"
)

// EngineStorage keeps where the mails of episodes stand. Its methods are those
// of sqlstore.DB.
type EngineStorage interface {
	worker.Leases

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
	// says, in one transaction. The coupon of a mail that is not sent after all
	// becomes void with it. decide may be called again, so it does nothing
	// else. It returns what decide said last, and nil for an episode at which
	// there is nothing to look by now.
	VisitEpisode(ctx context.Context, of VisitOf, decide func(Standing) Ruling) (*Ruling, error)
	// KeepStep keeps what stands in the mail of a claimed step before it is handed
	// over. It does nothing for a step that is not claimed any more.
	KeepStep(ctx context.Context, store string, episode int64, step Step) error
	// SettleStep keeps what became of a claimed step, and makes the coupon void of
	// a mail that nobody will read.
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
	*worker.Worker
	EngineConfig

	real   clock.Real
	places chan struct{} // one for each mail that may be in flight
	begun  bool          // what a server that stopped left behind is given up; of whoever looks

	mu      sync.Mutex
	busy    map[episodeKey]bool      // in flight
	resting map[episodeKey]time.Time // failed, and left alone until then
	parcels int                      // mails of couriers in flight
	failed  error                    // the last failure, for Settle
}

// In real time: how long something that failed is left alone, and how long Close
// lets what is in flight end by itself.
const (
	failureRest = time.Second
	closeGrace  = 5 * time.Second
)

type episodeKey struct {
	store   string
	episode int64
}

// NewEngine returns an engine that does nothing until it is told to.
func NewEngine(c EngineConfig) *Engine {
	e := &Engine{EngineConfig: c, busy: map[episodeKey]bool{}, resting: map[episodeKey]time.Time{}}
	e.Worker = worker.New(worker.Job{Name: "mails", Leases: c.Storage, Log: c.Log, Look: e.look, Pending: e.pending, Grace: closeGrace})
	if c.Mailer != nil {
		e.places = make(chan struct{}, max(1, c.Mailer.Connections()))
	}
	return e
}

// now is the time in the precision in which it is stored.
func (e *Engine) now() time.Time { return e.Clock.Now().Truncate(time.Millisecond) }

// Run sends what is due until ctx is done. What is in flight then goes on;
// Close waits for it.
func (e *Engine) Run(ctx context.Context) {
	if e.Mailer != nil {
		e.Worker.Run(ctx)
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

// Settle returns when what is due has been dealt with, by this server or by
// others. A clock that is wound waits for it at each stop.
func (e *Engine) Settle(ctx context.Context) error {
	if e.Mailer == nil {
		return nil
	}
	e.mu.Lock()
	e.failed = nil
	e.mu.Unlock()
	return e.Worker.Settle(ctx)
}

// pending says what is not dealt with yet, and returns an error when something
// could not be. What fails while it looks at the rest is neither due nor in flight
// any more, so it asks for that before and behind.
func (e *Engine) pending(ctx context.Context) (string, error) {
	if what, err := e.flying(); what != "" {
		return what, err
	}
	if what, err := e.due(ctx); what != "" || err != nil {
		return what, err
	}
	return e.flying()
}

// flying says whether mails of couriers are in flight, and what failed.
func (e *Engine) flying() (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed != nil || e.parcels > 0 {
		return "the mails to merchants", e.failed
	}
	return "", nil
}

// due says what is due or, of mails to shoppers, in flight.
func (e *Engine) due(ctx context.Context) (string, error) {
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
	mine, err := e.Hold(ctx, store)
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
