package jobs

import (
	"context"
	"log/slog"
	"time"

	"cartwright/internal/hook"
)

// SweepEvery is how often what is over is swept at most. Nobody can see when
// it goes: an expired cart or link is refused from the instant it expires. So
// the sweep is put off to the next full hour, and a winding of the clock over
// many expired carts stops once an hour instead of once a cart.
const SweepEvery = time.Hour

// CartStorage removes expired carts.
type CartStorage interface {
	NextExpiredCart(ctx context.Context) (at time.Time, ok bool, err error)
	SweepCarts(ctx context.Context, now time.Time) (gone int, err error)
}

// LeftoverStorage removes redirect links, sessions and idempotency keys that
// are over.
type LeftoverStorage interface {
	NextLeftover(ctx context.Context) (at time.Time, ok bool, err error)
	SweepLeftovers(ctx context.Context, now time.Time) error
}

// CartSweep returns the task that removes expired carts.
func CartSweep(s CartStorage) Task {
	return sweep{name: "remove expired carts", next: s.NextExpiredCart,
		run: func(ctx context.Context, now time.Time) error {
			_, err := s.SweepCarts(ctx, now)
			return err
		}}
}

// LeftoverSweep returns the task that removes what else is over.
func LeftoverSweep(s LeftoverStorage) Task {
	return sweep{name: "remove expired links, sessions and idempotency keys", next: s.NextLeftover, run: s.SweepLeftovers}
}

// CouponStorage disables and removes the coupons of mails that are over.
type CouponStorage interface {
	NextUntidyCoupon(ctx context.Context) (at time.Time, ok bool, err error)
	TidyCoupons(ctx context.Context, now time.Time) error
}

// CouponSweep returns the task that disables the coupons of carts that are
// gone, and removes those that have been over for long.
func CouponSweep(s CouponStorage) Task {
	return sweep{name: "tidy the coupons of mails", next: s.NextUntidyCoupon, run: s.TidyCoupons}
}

// HookStorage switches off webhooks that had no delivery for too long.
type HookStorage interface {
	NextIdleHook(ctx context.Context) (at time.Time, ok bool, err error)
	SweepIdleHooks(ctx context.Context, now time.Time) ([]hook.Hook, error)
}

// IdleHooks returns the task that switches off webhooks without deliveries.
func IdleHooks(s HookStorage, log *slog.Logger) Task {
	return sweep{name: "switch off webhooks without deliveries", next: s.NextIdleHook,
		run: func(ctx context.Context, now time.Time) error {
			idle, err := s.SweepIdleHooks(ctx, now)
			for _, h := range idle {
				log.Warn("a webhook was deactivated: it had no delivery for 90 days", "store", h.Store, "hook", h.ID, "destination", h.Destination)
			}
			return err
		}}
}

type sweep struct {
	name string
	next func(context.Context) (time.Time, bool, error)
	run  func(context.Context, time.Time) error
}

func (s sweep) Name() string { return s.name }

// Next puts the instant off to a full hour.
func (s sweep) Next(ctx context.Context) (time.Time, bool, error) {
	at, ok, err := s.next(ctx)
	if full := at.Truncate(SweepEvery); !full.Equal(at) {
		at = full.Add(SweepEvery)
	}
	return at, ok, err
}

func (s sweep) Run(ctx context.Context, now time.Time) error { return s.run(ctx, now) }
