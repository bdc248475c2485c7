package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// enter lets the caller wait for a connection, or says why it should not. The
// context that it returns ends when the wait has been too long.
func (p *pool) enter(ctx context.Context) (context.Context, func(), error) {
	if p.pulse != nil && p.pulse.away() {
		return nil, nil, away(nil)
	}
	if p.waiting.Add(1) > p.room {
		p.waiting.Add(-1)
		return nil, nil, &fault.Outage{Title: titleBusy, Err: errors.New("too many wait for a connection to the database")}
	}
	ctx, cancel := context.WithTimeout(ctx, p.wait())
	return ctx, func() { cancel(); p.waiting.Add(-1) }, nil
}

// wait is for how long a caller waits for a connection.
func (p *pool) wait() time.Duration {
	if p.hurry.Load() {
		return acquireTimeout
	}
	return patience
}

// acquire returns a connection that get gets. Where this process stood still
// while it waited, the time was over before anybody could use it: it waits once
// more.
func acquire[T any](ctx context.Context, p *pool, get func(context.Context) (T, error)) (T, error) {
	began, wait := clock.Real{}.Now(), p.wait()
	c, err := acquireOnce(ctx, p, get)
	if err != nil && ctx.Err() == nil && stoodStill(began, wait) {
		c, err = acquireOnce(ctx, p, get)
	}
	return c, p.herald.tell(err)
}

// stoodStill reports whether a wait ended so much later than it should have that
// this process cannot have been running for all of it.
func stoodStill(began time.Time, wait time.Duration) bool {
	return clock.Real{}.Now().Sub(began) > wait+wait/3
}

// acquireOnce waits for a connection as long as anybody waits. Where the server
// has none left to give, one that this pool has already may come free.
func acquireOnce[T any](ctx context.Context, p *pool, get func(context.Context) (T, error)) (T, error) {
	var none T
	short, leave, err := p.enter(ctx)
	if err != nil {
		return none, err
	}
	defer leave()
	var full error
	for attempt := 1; ; attempt++ {
		c, err := get(short)
		if err == nil {
			return c, nil
		}
		if full != nil && short.Err() != nil && ctx.Err() == nil {
			err = full // why there was another attempt says more than that it was cut short
		}
		if pgCode(err) != noConnectionLeft || attempt == maxFull || backOff(short, attempt) != nil {
			return none, entered(ctx, err)
		}
		full = err
		_ = p.herald.tell(postgresOutage(err, true))
	}
}

// entered explains why there was no connection for a caller whose own context
// is outer.
func entered(outer context.Context, err error) error {
	switch {
	case outer.Err() != nil:
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &fault.Outage{Title: titleBusy, Err: fmt.Errorf("no connection to the database was free: %w", err)}
	}
	return postgresOutage(err, true)
}
