// Package worker is what senders beside the requests have in common. One
// server at a time works for a store, by lease; what is due is looked for again
// and again, and started; a winding of the clock, and a stop, wait for it.
//
//	w := worker.New(worker.Job{Name: "webhooks", Leases: db, Look: d.look, …})
//	go w.Run(ctx)        // looks, again and again
//	w.Wake()             // something may be due: look at once
//	err := w.Settle(ctx) // or, while a clock is wound: look, and wait for what was due
//
// What is sent, and what keeps it from being sent twice, is the business of
// whoever works.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// Leases say which server works for a store. They are those of sqlstore.DB.
type Leases interface {
	Lease(ctx context.Context, store, work, holder string) (bool, error)
	FreeLeases(ctx context.Context, holder string) error
}

// Job is what a Worker does.
type Job struct {
	// Name is that of its leases, and of what it sends: mails.
	Name   string
	Leases Leases
	Log    *slog.Logger
	// Look starts what is due and waits for none of it. One look at a time runs.
	Look func(ctx context.Context) error
	// Pending says what is due and not dealt with, "" for nothing.
	Pending func(ctx context.Context) (string, error)
	// Grace is how long Close lets what is running end by itself.
	Grace time.Duration
}

// In real time: how often Run looks when nobody wakes it, when a lease in use is
// renewed, how long Settle waits between looks when nothing ends, and how long
// without anything having ended before it gives up.
const (
	lookEvery   = time.Second
	renewAfter  = 3 * time.Second
	settleLook  = 50 * time.Millisecond
	settleStuck = time.Minute
)

// Worker works at a Job. It is safe for use by many goroutines.
type Worker struct {
	job    Job
	holder string // the name of this server in leases
	real   clock.Real
	wake   chan struct{}
	landed chan struct{} // told at each thing that ended, for Settle

	looking sync.Mutex
	leasing sync.Mutex
	leased  map[string]time.Time // when to renew, by store; guarded by leasing

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup

	life   context.Context //nolint:containedctx // that of what is running, which outlives each look
	cancel context.CancelFunc
}

// New returns a worker that does nothing until it is told to.
func New(j Job) *Worker {
	w := &Worker{job: j, holder: id.UUID(), wake: make(chan struct{}, 1), landed: make(chan struct{}, 1), leased: map[string]time.Time{}}
	w.life, w.cancel = context.WithCancel(context.Background())
	return w
}

// Wake has Run look at once.
func (w *Worker) Wake() { signal(w.wake) }

// signal says that there is something, without waiting for who listens.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *Worker) look(ctx context.Context) error {
	w.looking.Lock()
	defer w.looking.Unlock()
	return w.job.Look(ctx)
}

// Run looks until ctx is done. What is running then goes on; Close waits for it.
func (w *Worker) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := w.look(ctx)
		if err != nil && ctx.Err() == nil && !fault.IsOutage(err) {
			w.job.Log.Error(w.job.Name+" cannot be sent", "error", err)
		}
		wake := w.wake
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

// Settle looks, and returns when what is due has been dealt with, by this server
// or by others.
func (w *Worker) Settle(ctx context.Context) error {
	last := w.real.Now()
	for {
		if err := w.look(ctx); err != nil {
			return err
		}
		pending, err := w.job.Pending(ctx)
		if err != nil || pending == "" {
			return err
		}
		timer := time.NewTimer(settleLook)
		select {
		case <-ctx.Done():
		case <-w.landed:
			last = w.real.Now()
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if w.real.Now().Sub(last) > settleStuck {
			return fmt.Errorf("%s were not sent within %s", pending, settleStuck)
		}
	}
}

// Hold reports whether this server works for a store, and takes or renews the
// lease.
func (w *Worker) Hold(ctx context.Context, store string) (bool, error) {
	w.leasing.Lock()
	defer w.leasing.Unlock()
	now := w.real.Now()
	if now.Before(w.leased[store]) {
		return true, nil
	}
	delete(w.leased, store)
	mine, err := w.job.Leases.Lease(ctx, store, w.job.Name, w.holder)
	if mine {
		w.leased[store] = now.Add(renewAfter)
	}
	return mine, err
}

// Begin says that something runs from now on, until End. It reports false once
// the worker is closed: then nothing may begin.
func (w *Worker) Begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.running.Add(1)
	}
	return !w.closed
}

// End takes back a Begin. Where something was done in between, Land comes
// first.
func (w *Worker) End() { w.running.Done() }

// Land says that something was dealt with: there may be room for more, and
// Settle need not give up.
func (w *Worker) Land() {
	signal(w.landed)
	w.Wake()
}

// Life is the context of what is running. It outlives each look and ends with
// Close.
func (w *Worker) Life() context.Context { return w.life }

// keepTimeout bounds how long what became of something may take to be kept.
const (
	keepTimeout = 15 * time.Second
	keepAgain   = 250 * time.Millisecond
)

// Keep keeps what became of something, also while the worker stops. It calls
// store again while the database is away, for a moment: what happened outside
// cannot be taken back. So store must be able to find that it was done.
func (w *Worker) Keep(store func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.life), keepTimeout)
	defer cancel()
	tick := time.NewTicker(keepAgain)
	defer tick.Stop()
	for {
		err := store(ctx)
		if !fault.IsOutage(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// Close lets nothing begin, gives what is running a moment, and then ends Life.
// It returns when everything has ended.
func (w *Worker) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	done := make(chan struct{})
	go func() { w.running.Wait(); close(done) }()
	timer := time.NewTimer(w.job.Grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	w.cancel()
	<-done
	return w.job.Leases.FreeLeases(context.WithoutCancel(ctx), w.holder)
}
