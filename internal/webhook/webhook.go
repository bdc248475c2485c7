// Package webhook sends what happened to those who asked to be told.
//
//	d := webhook.New(webhook.Config{…})
//	go d.Run(ctx)   // sends what is due, again and again
//	d.Wake()        // something was written: look at once
//	err := d.Settle(ctx) // or, while a clock is wound: send what is due and wait for it
//
// Three things always hold:
//   - what the journal's outbox has is sent at least once, whatever is killed when;
//   - of one cart, a receiver is first told in the order in which it happened:
//     the next event is tried when the one before was tried;
//   - a receiver that is slow or dead takes none of the places of others.
//
// Where a store's deliveries stand is in the database. One server at a time
// works for a store, by lease; what it keeps in memory are the requests that
// are running and how the last two minutes went.
package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/hook"
	"cartwright/internal/id"
)

// Storage keeps deliveries. Its methods are those of sqlstore.DB.
type Storage interface {
	PendingStores(ctx context.Context, now time.Time) ([]string, error)
	NextDelivery(ctx context.Context) (at time.Time, ok bool, err error)
	Lease(ctx context.Context, store, work, holder string) (bool, error)
	FreeLeases(ctx context.Context, holder string) error
	FeedDeliveries(ctx context.Context, store string) (more bool, err error)
	StoreBlocks(ctx context.Context, store string, now time.Time) ([]hook.Block, error)
	DueReceivers(ctx context.Context, store string, now time.Time) ([]hook.Receiver, error)
	DueDeliveries(ctx context.Context, store string, hookID int64, state hook.State, now time.Time, limit int) ([]hook.Delivery, error)
	DropDeliveries(ctx context.Context, store string, hookID int64, now time.Time) (int64, error)
	PutOffDeliveries(ctx context.Context, store string, hookID int64, now time.Time) (int64, error)
	SettleDelivery(ctx context.Context, d hook.Delivery, h *hook.Hook, now time.Time) (hook.Settled, error)
	BlockOrigin(ctx context.Context, b hook.Block, about *hook.Hook, now time.Time) error
}

// Config is what a Dispatcher is made of.
type Config struct {
	Storage Storage
	Policy  hook.Policy
	Clock   clock.Clock // the time that the shop lives in
	Log     *slog.Logger
	Metrics *Metrics // nil counts nothing
	// Timeout bounds a request; 0 means ten seconds (spec/04 §2.2).
	Timeout time.Duration
}

// pollEvery is how often Run looks for what is due when nobody wakes it.
const pollEvery = time.Second

// work is the name of the lease.
const work = "webhooks"

// Dispatcher sends deliveries. It is safe for use by many goroutines.
type Dispatcher struct {
	Config

	sender sender
	holder string // the name of this server in leases
	real   clock.Real
	wake   chan struct{}
	landed chan struct{} // told at each attempt that ended, for Settle

	// looking is held by who looks for what is due: one at a time starts
	// attempts.
	looking sync.Mutex
	leased  map[string]time.Time // when to renew, by store; guarded by looking
	air     traffic              // guarded by looking

	mu      sync.Mutex
	ended   []flight // attempts that ended since the last look
	windows map[receiverKey]*hook.Window
	closed  bool

	ctx    context.Context //nolint:containedctx // the life of the attempts, which outlives each look
	cancel context.CancelFunc
	flying sync.WaitGroup
}

// New returns a dispatcher that does nothing until it is told to.
func New(c Config) *Dispatcher {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	d := &Dispatcher{
		Config: c, holder: id.UUID(), wake: make(chan struct{}, 1), landed: make(chan struct{}, 1),
		leased: map[string]time.Time{}, air: newTraffic(), windows: map[receiverKey]*hook.Window{},
	}
	d.sender = newSender(c.Policy, c.Timeout)
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Wake has Run look for what is due at once.
func (d *Dispatcher) Wake() { signal(d.wake) }

// signal says that there is something, without waiting for who listens.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run sends what is due until ctx is done. Attempts that are running then go
// on; Close waits for them.
func (d *Dispatcher) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := d.look(ctx)
		if err != nil && ctx.Err() == nil {
			d.Log.Error("webhooks cannot be sent", "error", err)
		}
		wake := d.wake
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

// closeGrace is how long Close lets running attempts end by themselves.
const closeGrace = 3 * time.Second

// Close stops. What is being sent is given a moment and then cut off: whether
// it arrived is not known, so it is sent again by whoever works on.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	done := make(chan struct{})
	go func() { d.flying.Wait(); close(done) }()
	timer := time.NewTimer(closeGrace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	d.cancel()
	<-done
	d.sender.close()
	return d.Storage.FreeLeases(context.WithoutCancel(ctx), d.holder)
}
