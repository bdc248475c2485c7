package recovery

import (
	"context"
	"errors"
	"fmt"

	"cartwright/internal/fault"
)

// lookAhead is how many episodes of a store are taken up before the next store
// has its turn.
const lookAhead = 64

// look takes up what is due. It waits for places, and not for what became of
// it.
func (e *Engine) look(ctx context.Context) error {
	if !e.begun {
		if err := e.Storage.InterruptSteps(ctx, e.now()); err != nil {
			return err
		}
		e.begun = true
	}
	for more := true; more && ctx.Err() == nil; {
		stores, err := e.Storage.PendingEpisodes(ctx, e.now())
		if err != nil {
			return err
		}
		more = false
		var errs []error
		for _, store := range stores {
			began, err := e.lookAt(ctx, store)
			if err != nil { // the others are served all the same
				errs = append(errs, fmt.Errorf("store %s: %w", store, err))
			}
			more = more || began >= lookAhead
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return e.askCouriers(ctx)
}

// lookAt takes up episodes of a store that are due, and returns how many.
func (e *Engine) lookAt(ctx context.Context, store string) (int, error) {
	if mine, err := e.Hold(ctx, store); err != nil || !mine {
		return 0, err
	}
	e.mu.Lock()
	passed := len(e.busy) + len(e.resting) // they must not hide the others
	e.mu.Unlock()
	due, err := e.Storage.DueEpisodes(ctx, store, e.now(), lookAhead+passed)
	if err != nil {
		return 0, err
	}
	began := 0
	for _, episode := range due {
		if err := e.place(ctx); err != nil {
			return began, err
		}
		if !e.begin(episodeKey{store, episode}) {
			<-e.places
			continue
		}
		began++
	}
	return began, nil
}

// place waits until something may be in flight.
func (e *Engine) place(ctx context.Context) error {
	select {
	case e.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin deals with an episode in a goroutine, which gives the place back. It
// reports false for one that is in flight already, or rests.
func (e *Engine) begin(key episodeKey) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.busy[key] || e.real.Now().Before(e.resting[key]) || !e.Begin() {
		return false
	}
	delete(e.resting, key)
	e.busy[key] = true
	go func() {
		defer e.End()
		err := e.guarded(func() error { return e.visit(e.Life(), key.store, key.episode) })
		e.mu.Lock()
		delete(e.busy, key)
		if err != nil {
			e.resting[key] = e.real.Now().Add(failureRest)
			e.failed = err
		}
		e.mu.Unlock()
		if err != nil && !fault.IsOutage(err) {
			e.Log.Error("the mails of an abandoned cart could not be looked at", "store", key.store, "episode", key.episode, "error", err)
		}
		<-e.places
		e.Land()
	}()
	return true
}

// guarded turns a panic into an error: what one mail does wrong must not stop
// the server.
func (e *Engine) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// askCouriers sends what the couriers have.
func (e *Engine) askCouriers(ctx context.Context) error {
	for _, c := range e.Couriers {
		for {
			at, ok, err := c.Next(ctx)
			if err != nil {
				return err
			}
			if !ok || at.After(e.now()) {
				break
			}
			took, err := e.take(ctx, c)
			if err != nil {
				return err
			}
			if !took {
				break
			}
		}
	}
	return nil
}

// take begins to send one mail of a courier, and reports whether there was one.
func (e *Engine) take(ctx context.Context, c Courier) (bool, error) {
	if err := e.place(ctx); err != nil {
		return false, err
	}
	if !e.Begin() {
		<-e.places
		return false, nil
	}
	e.mu.Lock()
	e.parcels++
	e.mu.Unlock()
	parcel, err := c.Take(ctx, e.now())
	if err != nil || parcel == nil {
		e.endParcel(err)
		return false, err
	}
	go func() {
		err := e.guarded(func() error {
			said := e.Mailer.Deliver(e.Life(), parcel.Mail)
			return e.Keep(func(ctx context.Context) error { return parcel.Done(ctx, e.now(), said) })
		})
		if err != nil {
			e.Log.Error("what became of a mail to a merchant was not kept", "store", parcel.Mail.Store, "error", err)
		}
		e.endParcel(err)
		e.Land()
	}()
	return true, nil
}

// endParcel gives back the place of a courier's mail.
func (e *Engine) endParcel(err error) {
	e.mu.Lock()
	e.parcels--
	if err != nil {
		e.failed = err
	}
	e.mu.Unlock()
	<-e.places
	e.End()
}
