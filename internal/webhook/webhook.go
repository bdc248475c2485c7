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
	"strings"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/hook"
	"cartwright/internal/worker"
)

// Storage keeps deliveries. Its methods are those of sqlstore.DB.
type Storage interface {
	PendingStores(ctx context.Context, now time.Time) ([]string, error)
	NextDelivery(ctx context.Context) (at time.Time, ok bool, err error)
	worker.Leases
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

// Dispatcher sends deliveries. It is safe for use by many goroutines.
type Dispatcher struct {
	*worker.Worker
	Config

	sender sender
	real   clock.Real
	air    traffic // of whoever looks

	mu      sync.Mutex
	ended   []flight // attempts that ended since the last look
	windows map[receiverKey]*hook.Window
}

// closeGrace is how long Close lets running attempts end by themselves.
const closeGrace = 3 * time.Second

// New returns a dispatcher that does nothing until it is told to.
func New(c Config) *Dispatcher {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	d := &Dispatcher{Config: c, sender: newSender(c.Policy, c.Timeout), air: newTraffic(), windows: map[receiverKey]*hook.Window{}}
	d.Worker = worker.New(worker.Job{Name: "webhooks", Leases: c.Storage, Log: c.Log, Look: d.look, Pending: d.pending, Grace: closeGrace})
	return d
}

// Next returns the earliest instant at which something is to be sent.
func (d *Dispatcher) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	return d.Storage.NextDelivery(ctx)
}

// pending names the stores that have something to send.
func (d *Dispatcher) pending(ctx context.Context) (string, error) {
	stores, err := d.Storage.PendingStores(ctx, d.Clock.Now())
	if err != nil || len(stores) == 0 {
		return "", err
	}
	return "the webhooks of " + strings.Join(stores, ", "), nil
}

// Close stops. What is being sent is given a moment and then cut off: whether
// it arrived is not known, so it is sent again by whoever works on.
func (d *Dispatcher) Close(ctx context.Context) error {
	err := d.Worker.Close(ctx)
	d.sender.close()
	return err
}
