// Package jobs does what falls due: it runs the tasks of the server when their
// time comes, and, in sandbox mode, winds the clock from one due instant to
// the next.
//
//	r := jobs.New(clock, log, jobs.CartSweep(db), jobs.LeftoverSweep(db))
//	go r.Watch(ctx)                           // in real time
//	err := r.Wind(ctx, 61*time.Minute, move)  // in no time
//
// Two things always hold: tasks of one server run one at a time, in the order
// in which they fall due; and a task that does nothing about what it says is
// due cannot keep the others, or a winding, from going on.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// Task is a kind of work that falls due.
type Task interface {
	// Name is what logs call the task.
	Name() string
	// Next returns the instant at which there is something to do, which may be
	// past; ok is false when nothing is in sight.
	Next(ctx context.Context) (at time.Time, ok bool, err error)
	// Run does everything that is due at now.
	Run(ctx context.Context, now time.Time) error
}

// Follower does work of its own accord, beside the tasks: what they, and
// requests, cause to be sent. In real time nobody waits for it; a winding does
// at each stop, and stops where it has something to do.
type Follower interface {
	// Next returns the instant at which there is something to do next.
	Next(ctx context.Context) (at time.Time, ok bool, err error)
	// Settle returns once everything that was due has been tried.
	Settle(ctx context.Context) error
}

// pollEvery is how often Watch looks for due work. Others write what falls
// due, so nobody can tell the runner when to wake.
const pollEvery = 5 * time.Second

// Runner runs tasks. It is safe for use by many goroutines.
type Runner struct {
	clock clock.Clock
	log   *slog.Logger
	tasks []Task
	after []Follower
	turn  chan struct{} // holds one token while nobody runs tasks
}

// New returns a runner of these tasks. Of two that are due at the same
// instant, the one named first goes first.
func New(c clock.Clock, log *slog.Logger, tasks ...Task) *Runner {
	r := &Runner{clock: c, log: log, tasks: tasks, turn: make(chan struct{}, 1)}
	r.turn <- struct{}{}
	return r
}

// Follow has windings wait for f. It must be called before the runner is used.
func (r *Runner) Follow(f Follower) { r.after = append(r.after, f) }

// Watch runs what is due, again and again, until ctx is done. A task that
// fails is logged and tried again at the next look.
func (r *Runner) Watch(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := r.RunDue(ctx); err != nil && ctx.Err() == nil && !fault.IsOutage(err) {
			r.log.Error("work that fell due was not done", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// RunDue runs everything that is due now and returns the first failure, once
// every other due task has had its turn.
func (r *Runner) RunDue(ctx context.Context) error {
	release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return r.runDue(ctx)
}

// Wind moves the clock ahead by d, stopping at each instant at which something
// falls due and doing it there, so that what happens looks as if the time had
// really passed. move advances the clock by one step. Windings wait for each
// other and add up.
func (r *Runner) Wind(ctx context.Context, d time.Duration, move func(context.Context, time.Duration) error) error {
	release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	for again := 0; ; {
		looked := r.clock.Now()
		if err := r.runDue(ctx); err != nil {
			return err
		}
		for _, f := range r.after {
			if err := f.Settle(ctx); err != nil {
				return err
			}
		}
		if d <= 0 {
			return nil
		}
		step, err := r.step(ctx, d, looked)
		if err != nil {
			return err
		}
		if step == 0 && again < maxAgain {
			again++
			continue
		}
		step, again = max(step, min(d, time.Millisecond)), 0
		if err := move(ctx, step); err != nil {
			return err
		}
		d -= step
	}
}

// maxAgain bounds how often a winding looks at one stop for what fell due
// meanwhile.
const maxAgain = 100

// step returns how far the clock may move before something falls due, at most
// d. Steps are whole milliseconds, the precision of what falls due, so that
// the clock never stops just before its aim. The clock ticks while work is
// done: for what fell due since it was looked at, the step is 0.
func (r *Runner) step(ctx context.Context, d time.Duration, looked time.Time) (time.Duration, error) {
	now := r.clock.Now()
	step := d
	until := func(next func(context.Context) (time.Time, bool, error)) error {
		at, ok, err := next(ctx)
		switch {
		case ok && at.After(now):
			step = min(step, (at.Sub(now) + time.Millisecond - 1).Truncate(time.Millisecond))
		case ok && at.After(looked):
			step = 0
		}
		return err
	}
	for _, t := range r.tasks {
		if err := until(t.Next); err != nil {
			return 0, fmt.Errorf("look what %s has to do: %w", t.Name(), err)
		}
	}
	for _, f := range r.after {
		if err := until(f.Next); err != nil {
			return 0, err
		}
	}
	return step, nil
}

// runDue runs due tasks, the earliest first, until nothing is due. A task that
// fails, or still names the same instant after it ran, gets no further turn.
func (r *Runner) runDue(ctx context.Context) error {
	done := make([]bool, len(r.tasks))
	last := make([]time.Time, len(r.tasks))
	var first error
	for ctx.Err() == nil {
		now := r.clock.Now()
		n, due, err := r.earliest(ctx, now, done)
		if n < 0 {
			return first
		}
		task := r.tasks[n]
		if err == nil && !last[n].IsZero() && last[n].Equal(due) {
			err = fmt.Errorf("what was due at %s is still due", due.Format(time.RFC3339))
		}
		if err == nil {
			last[n] = due
			err = task.Run(ctx, now)
		}
		if err != nil {
			done[n] = true
			if first == nil {
				first = fmt.Errorf("%s: %w", task.Name(), err)
			}
		}
	}
	return ctx.Err()
}

// earliest returns the number of the task that is due first, of those not
// done, or -1. With an error, it is the number of the task that failed to say.
func (r *Runner) earliest(ctx context.Context, now time.Time, done []bool) (n int, due time.Time, err error) {
	n = -1
	for i, t := range r.tasks {
		if done[i] {
			continue
		}
		at, ok, err := t.Next(ctx)
		if err != nil {
			return i, time.Time{}, err
		}
		if ok && !at.After(now) && (n < 0 || at.Before(due)) {
			n, due = i, at
		}
	}
	return n, due, nil
}

func (r *Runner) acquire(ctx context.Context) (release func(), err error) {
	select {
	case <-r.turn:
		return func() { r.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
