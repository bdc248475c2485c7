package webhook

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Bounds of Settle: how long it waits between looks when nothing ends, and
// without anything having ended before it gives up.
const (
	settleLook  = 50 * time.Millisecond
	settleStuck = time.Minute
)

// Next returns the earliest instant at which something is to be sent.
func (d *Dispatcher) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	return d.Storage.NextDelivery(ctx)
}

// Settle returns when what is due has been tried, by this server or by others.
// A clock that is wound waits for it at each stop.
func (d *Dispatcher) Settle(ctx context.Context) error {
	last := d.real.Now()
	for {
		if err := d.look(ctx); err != nil {
			return err
		}
		pending, err := d.Storage.PendingStores(ctx, d.Clock.Now())
		if err != nil || len(pending) == 0 {
			return err
		}
		timer := time.NewTimer(settleLook)
		select {
		case <-ctx.Done():
		case <-d.landed:
			last = d.real.Now()
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if d.real.Now().Sub(last) > settleStuck {
			return fmt.Errorf("the webhooks of %s were not sent within %s", strings.Join(pending, ", "), settleStuck)
		}
	}
}
