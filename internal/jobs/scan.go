package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"cartwright/internal/id"
)

// ScanStorage finds the carts that were left alone. What it does is safe when
// many servers do it at once; the lease spares them the same work.
type ScanStorage interface {
	// NextDueCart returns the earliest instant at which a cart is to be looked at.
	NextDueCart(ctx context.Context) (at time.Time, ok bool, err error)
	// StoresWithDueCarts returns the stores that have something to do at now.
	StoresWithDueCarts(ctx context.Context, now time.Time) ([]string, error)
	// BringCartsForward applies a waiting time that became shorter.
	BringCartsForward(ctx context.Context, store string, now time.Time) error
	// ScanCarts looks at the next carts that are due, and returns how many. An
	// error beside them is of some that are not looked at again.
	ScanCarts(ctx context.Context, store string, now time.Time) (seen int, err error)

	Lease(ctx context.Context, store, work, holder string) (bool, error)
	FreeLease(ctx context.Context, store, work, holder string) error
}

// scanWork is what the lease of the scan is for.
const scanWork = "scan"

// scanPoll is how often a server looks whether another one that scans a store
// is done, so that a winding answers when everything has been found.
const scanPoll = 50 * time.Millisecond

// Scan returns the task that finds abandoned carts.
func Scan(s ScanStorage) Task { return &scan{storage: s, holder: id.UUID()} }

type scan struct {
	storage ScanStorage
	holder  string
}

func (s *scan) Name() string { return "find abandoned carts" }

func (s *scan) Next(ctx context.Context) (time.Time, bool, error) { return s.storage.NextDueCart(ctx) }

// Run scans the stores one after the other. One that fails does not keep the
// others from it.
func (s *scan) Run(ctx context.Context, now time.Time) error {
	stores, err := s.storage.StoresWithDueCarts(ctx, now)
	if err != nil {
		return err
	}
	var errs []error
	for _, store := range stores {
		errs = append(errs, s.store(ctx, store, now))
	}
	return errors.Join(errs...)
}

// store scans a store, or waits until another server has.
func (s *scan) store(ctx context.Context, store string, now time.Time) error {
	for {
		mine, err := s.storage.Lease(ctx, store, scanWork, s.holder)
		if err != nil {
			return err
		}
		if mine {
			err := s.leased(ctx, store, now)
			return errors.Join(err, s.storage.FreeLease(context.WithoutCancel(ctx), store, scanWork, s.holder))
		}
		left, err := s.storage.StoresWithDueCarts(ctx, now)
		if err != nil || !slices.Contains(left, store) {
			return err
		}
		if err := pause(ctx, scanPoll); err != nil {
			return err
		}
	}
}

// leased scans a store that this server has the lease of. It renews that with
// each batch, and goes on without it when it was lost: a batch is safe anyhow.
func (s *scan) leased(ctx context.Context, store string, now time.Time) error {
	if err := s.storage.BringCartsForward(ctx, store, now); err != nil {
		return err
	}
	var errs []error
	for {
		seen, err := s.storage.ScanCarts(ctx, store, now)
		errs = append(errs, err)
		if seen == 0 {
			return errors.Join(errs...)
		}
		if _, err := s.storage.Lease(ctx, store, scanWork, s.holder); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
