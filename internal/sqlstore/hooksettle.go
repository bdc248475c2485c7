package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/hook"
)

// SettleDelivery keeps what an attempt led to: the delivery as it is now, and
// what follows for its hook. A hook whose delivery was given up is switched
// off; its client's exception hook is told of failures, but not of its own.
func (db *DB) SettleDelivery(ctx context.Context, d hook.Delivery, h *hook.Hook, now time.Time) (hook.Settled, error) {
	out, err := write(ctx, db, func(t *tx) (hook.Settled, error) {
		if err := t.updateDelivery(&d); err != nil {
			return hook.Settled{}, err
		}
		switch d.State {
		case hook.Delivered:
			return hook.Settled{}, t.noteDelivery(h, now)
		case hook.Failed:
			return t.giveUp(h, now)
		default:
			return hook.Settled{}, t.warn(h, now)
		}
	})
	if err != nil {
		return out, fmt.Errorf("settle delivery %d: %w", d.ID, err)
	}
	if out.Deactivated {
		db.changed(ctx, d.Store)
	}
	return out, nil
}

// noteDelivery notes that the hook gets deliveries, to the hour: so a busy one
// is not written at each.
func (t *tx) noteDelivery(h *hook.Hook, now time.Time) error {
	if now.Sub(h.LastDelivery) < time.Hour {
		return nil
	}
	_, err := t.exec(`UPDATE hooks SET last_delivery = $1 WHERE store = $2 AND id = $3 AND last_delivery < $1`, millis(now), h.Store, h.ID)
	if err != nil {
		return fmt.Errorf("note a delivery: %w", err)
	}
	return nil
}

func (t *tx) giveUp(h *hook.Hook, now time.Time) (hook.Settled, error) {
	have, err := t.findHook(h.Store, h.ID)
	if err != nil || have == nil || !have.Active {
		return hook.Settled{}, err
	}
	if err := t.switchOff(have, now); err != nil {
		return hook.Settled{}, err
	}
	out := hook.Settled{Deactivated: true}
	if out.Emails, err = emailsOf(t.ctx, t, hook.Owner{Store: h.Store, Client: h.Client}); err != nil {
		return out, err
	}
	return out, t.except(h, hook.CodeDisable, now)
}

// warn tells of a failure that will be tried again, once in a while for each
// destination.
func (t *tx) warn(h *hook.Hook, now time.Time) error {
	if h.Scope == hook.ScopeException {
		return nil
	}
	n, err := t.exec(`UPDATE hooks SET warned = $1 WHERE store = $2 AND client_id = $3 AND destination = $4 AND warned <= $5`,
		millis(now), h.Store, h.Client, h.Destination, millis(now.Add(-hook.WarnEvery)))
	if err != nil {
		return fmt.Errorf("note a warning: %w", err)
	}
	if n == 0 {
		return nil
	}
	return t.except(h, hook.CodeRetry, now)
}

// except tells the exception hook of the client, if it has one.
func (t *tx) except(about *hook.Hook, code int, now time.Time) error {
	if about.Scope == hook.ScopeException {
		return nil
	}
	c := inStore(about.Store)
	c.add("client_id = ?", about.Client)
	c.add("scope = ?", hook.ScopeException)
	c.add("active = 1")
	to, err := hooks.one(t.ctx, t, c, "")
	if err != nil || to == nil {
		return err
	}
	id, err := t.nextID(about.Store, "delivery", 1)
	if err != nil {
		return err
	}
	d := hook.Exception(to, about, code, id, now)
	d.ID, t.told = id, true
	return t.insertDelivery(&d)
}

// BlockOrigin keeps a block, and tells the exception hook of it.
func (db *DB) BlockOrigin(ctx context.Context, b hook.Block, about *hook.Hook, now time.Time) error {
	reasons, err := json.Marshal(b.Reasons)
	if err != nil {
		return fmt.Errorf("encode reasons: %w", err)
	}
	_, err = write(ctx, db, func(t *tx) (bool, error) {
		_, err := t.exec(`INSERT INTO hook_blocks (store, client_id, origin, until, reasons) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (store, client_id, origin) DO UPDATE SET until = excluded.until, reasons = excluded.reasons`,
			b.Store, b.Client, b.Origin, millis(b.Until), string(reasons))
		if err != nil {
			return false, err
		}
		return true, t.except(about, hook.CodeBlocked, now)
	})
	if err != nil {
		return fmt.Errorf("block %s: %w", b.Origin, err)
	}
	return nil
}
