package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/hook"
)

// look makes what the outboxes have into deliveries and begins what is due and
// has room. It waits for no receiver.
func (d *Dispatcher) look(ctx context.Context) error {
	d.collect()
	stores, err := d.Storage.PendingStores(ctx, d.Clock.Now())
	if err != nil {
		return err
	}
	var errs []error
	for _, store := range stores {
		if err := d.lookAt(ctx, store); err != nil { // the others are served all the same
			errs = append(errs, fmt.Errorf("store %s: %w", store, err))
		}
	}
	return errors.Join(errs...)
}

// collect takes the attempts that ended out of the traffic.
func (d *Dispatcher) collect() {
	d.mu.Lock()
	ended := d.ended
	d.ended = nil
	d.mu.Unlock()
	for _, f := range ended {
		d.air.end(f)
	}
}

func (d *Dispatcher) lookAt(ctx context.Context, store string) error {
	if mine, err := d.Hold(ctx, store); err != nil || !mine {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = d.Storage.FeedDeliveries(ctx, store); err != nil {
			return err
		}
	}
	now := d.Clock.Now()
	receivers, err := d.Storage.DueReceivers(ctx, store, now)
	if err != nil || len(receivers) == 0 {
		return err
	}
	blocks, err := d.Storage.StoreBlocks(ctx, store, now)
	if err != nil {
		return err
	}
	blocked := map[receiverKey]bool{}
	for _, b := range blocks {
		blocked[receiverKey{b.Store, b.Client, b.Origin}] = true
	}
	var errs []error
	for _, r := range receivers {
		errs = append(errs, d.serve(ctx, store, r, blocked, now))
	}
	return errors.Join(errs...)
}

// serve begins what is due for one hook.
func (d *Dispatcher) serve(ctx context.Context, store string, r hook.Receiver, blocked map[receiverKey]bool, now time.Time) error {
	if r.Hook == nil || !r.Hook.Active {
		n, err := d.Storage.DropDeliveries(ctx, store, r.HookID, now)
		d.Metrics.count("dropped", n)
		return err
	}
	to := receiverKey{store, r.Hook.Client, hook.Origin(r.Hook.Destination)}
	if blocked[to] {
		n, err := d.Storage.PutOffDeliveries(ctx, store, r.HookID, now)
		d.Metrics.count("put off", n)
		return err
	}
	for state, ahead := range map[hook.State]int{hook.Waiting: readAhead, hook.Retrying: repetitionsRead} {
		room := d.air.room(hookKey{store, r.HookID, state}, to)
		if room <= 0 {
			continue
		}
		due, err := d.Storage.DueDeliveries(ctx, store, r.HookID, state, now, ahead)
		if err != nil {
			return err
		}
		for _, delivery := range d.air.choose(due, room) {
			d.begin(r, delivery, to.origin)
		}
	}
	return nil
}

// begin sends a delivery in a goroutine of its own.
func (d *Dispatcher) begin(r hook.Receiver, delivery hook.Delivery, origin string) {
	if !d.Begin() {
		return
	}
	f := flightOf(&delivery, origin)
	d.air.start(f)
	go func() {
		defer func() {
			d.mu.Lock()
			d.ended = append(d.ended, f)
			d.mu.Unlock()
			d.Land()
			d.End()
		}()
		if err := d.deliver(r, delivery, f.receiver); err != nil {
			d.Log.Error("what became of a webhook was not kept, so it is sent again", "store", delivery.Store, "delivery", delivery.ID, "error", err)
		}
	}()
}

// deliver makes one attempt and keeps what came of it.
func (d *Dispatcher) deliver(r hook.Receiver, delivery hook.Delivery, to receiverKey) error {
	began := d.real.Now()
	status, failure := d.sender.send(d.Life(), r, &delivery, began)
	if stopped := d.Life().Err() != nil; stopped && failure != "" {
		return nil // cut off by Close, which is not the receiver's failure
	}
	took := d.real.Now().Sub(began)
	now := d.Clock.Now().Truncate(time.Millisecond)
	next := delivery.After(hook.Attempt{At: now, Destination: r.Hook.Destination, Status: status, Error: failure, Millis: took.Milliseconds()})
	d.Metrics.attempt(next.State, took)
	if err := d.block(r.Hook, to, now, failure); err != nil {
		return err
	}
	var settled hook.Settled
	err := d.Keep(func(ctx context.Context) (err error) {
		settled, err = d.Storage.SettleDelivery(ctx, next, r.Hook, now)
		return err
	})
	if err != nil {
		return err
	}
	if settled.Deactivated {
		d.Log.Warn("a webhook was deactivated: every attempt to deliver an event failed", "store", r.Hook.Store, "hook", r.Hook.ID,
			"client", r.Hook.Client, "destination", r.Hook.Destination, "failure", failure, "notify", settled.Emails)
	}
	return nil
}

// block counts an attempt, and blocks the receiver when too many failed.
func (d *Dispatcher) block(h *hook.Hook, to receiverKey, now time.Time, failure string) error {
	d.mu.Lock()
	w := d.windows[to]
	if w == nil {
		w = &hook.Window{}
		d.windows[to] = w
	}
	reasons := w.Add(now, failure)
	d.mu.Unlock()
	if reasons == nil {
		return nil
	}
	d.Log.Warn("a receiver of webhooks is left alone for a while: too much failed", "store", to.store, "client", to.client, "origin", to.origin)
	b := hook.Block{Store: to.store, Client: to.client, Origin: to.origin, Until: now.Add(hook.BlockTime), Reasons: reasons}
	return d.Keep(func(ctx context.Context) error { return d.Storage.BlockOrigin(ctx, b, h, now) })
}
