package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/hook"
)

// DeliveryLifetime is how long the log keeps a delivery that is over.
const DeliveryLifetime = 30 * 24 * time.Hour

var deliveries = table[hook.Delivery]{
	name: "deliveries",
	columns: "store, id, client_id, hook_id, subject, version, n, event, scope, data, hash, message_id, created, state, attempts, " +
		"due, finished, history",
	scan: func(s scanner) (hook.Delivery, error) {
		var d hook.Delivery
		var data, history string
		var created int64
		var due, finished sql.NullInt64
		if err := s.Scan(&d.Store, &d.ID, &d.Client, &d.HookID, &d.Subject, &d.Version, &d.N, &d.Event, &d.Scope, &data, &d.Hash,
			&d.MessageID, &created, &d.State, &d.Attempts, &due, &finished, &history); err != nil {
			return d, err
		}
		d.Data, d.Created, d.Due, d.Finished = json.RawMessage(data), fromMillis(created), maybeTime(due), maybeTime(finished)
		return d, json.Unmarshal([]byte(history), &d.History)
	},
}

// maybeTime reads a time that may be NULL: the zero time.
func maybeTime(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return fromMillis(ms.Int64)
}

// maybeMillis writes a time that may be zero: NULL.
func maybeMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: millis(t), Valid: !t.IsZero()}
}

// Deliveries implements hook.Storage.
func (db *DB) Deliveries(ctx context.Context, o hook.Owner, f hook.DeliveryFilter, r cursor.Range) (cursor.Part[hook.Delivery], error) {
	c := ofOwner(o)
	if f.HookID != 0 {
		c.add("hook_id = ?", f.HookID)
	}
	if f.Scope != "" {
		c.add("scope = ?", f.Scope)
	}
	in(c, "state", f.States)
	c.between("created", f.CreatedMin, f.CreatedBefore)
	return deliveries.list(ctx, db.reads, c, r)
}

// FindDelivery implements hook.Storage.
func (db *DB) FindDelivery(ctx context.Context, o hook.Owner, id int64) (*hook.Delivery, error) {
	c := ofOwner(o)
	c.add("id = ?", id)
	return deliveries.one(ctx, db.reads, c, "")
}

// ChangeDelivery implements hook.Storage.
func (db *DB) ChangeDelivery(ctx context.Context, o hook.Owner, id int64, change func(*hook.Delivery, *hook.Hook) error) (hook.Delivery, error) {
	return write(ctx, db, func(t *tx) (hook.Delivery, error) {
		c := ofOwner(o)
		c.add("id = ?", id)
		d, err := deliveries.one(t.ctx, t, c, t.dialect.forUpdate)
		if err != nil {
			return hook.Delivery{}, err
		}
		if d == nil {
			return hook.Delivery{}, errGoneRow()
		}
		h, err := t.findHook(d.Store, d.HookID)
		if err != nil {
			return *d, err
		}
		if err := change(d, h); err != nil {
			return *d, err
		}
		t.told = true
		return *d, t.updateDelivery(d)
	})
}

func (t *tx) findHook(store string, id int64) (*hook.Hook, error) {
	c := inStore(store)
	c.add("id = ?", id)
	return hooks.one(t.ctx, t, c, "")
}

func (t *tx) updateDelivery(d *hook.Delivery) error {
	history, err := json.Marshal(d.History)
	if err != nil {
		return fmt.Errorf("encode attempts: %w", err)
	}
	if d.History == nil {
		history = []byte("[]")
	}
	_, err = t.exec(`UPDATE deliveries SET state = $1, attempts = $2, due = $3, finished = $4, history = $5 WHERE store = $6 AND id = $7`,
		string(d.State), d.Attempts, maybeMillis(d.Due), maybeMillis(d.Finished), string(history), d.Store, d.ID)
	if err != nil {
		return fmt.Errorf("write delivery: %w", err)
	}
	return nil
}

// dueReceivers reads rows of the ids of hooks.
var dueReceivers = table[hook.Receiver]{
	name: "deliveries", columns: "hook_id",
	scan: func(s scanner) (hook.Receiver, error) {
		var r hook.Receiver
		return r, s.Scan(&r.HookID)
	},
}

// DueReceivers returns the hooks of a store for which something is due.
func (db *DB) DueReceivers(ctx context.Context, store string, now time.Time) ([]hook.Receiver, error) {
	out, err := dueReceivers.rows(ctx, db.reads, `SELECT DISTINCT hook_id FROM deliveries WHERE store = $1 AND due <= $2 ORDER BY hook_id`,
		store, millis(now))
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := db.fillReceiver(ctx, store, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (db *DB) fillReceiver(ctx context.Context, store string, r *hook.Receiver) error {
	c := inStore(store)
	c.add("id = ?", r.HookID)
	var err error
	if r.Hook, err = hooks.one(ctx, db.reads, c, ""); err != nil || r.Hook == nil {
		return err
	}
	err = db.reads.QueryRowContext(ctx, `SELECT secret FROM clients WHERE store = $1 AND id = $2`, store, r.Hook.Client).Scan(&r.Secret)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the secret of a client: %w", err)
	}
	return nil
}

// DueDeliveries returns what is due for a hook at now in one state, the
// earliest first.
func (db *DB) DueDeliveries(ctx context.Context, store string, hookID int64, state hook.State, now time.Time, limit int) ([]hook.Delivery, error) {
	return deliveries.rows(ctx, db.reads, `SELECT `+deliveries.columns+` FROM deliveries
		WHERE store = $1 AND hook_id = $2 AND state = $3 AND due <= $4 ORDER BY due, id LIMIT $5`,
		store, hookID, string(state), millis(now), limit)
}

// DropDeliveries gives up what is due for a hook that is gone or inactive, and
// returns how many deliveries that was.
func (db *DB) DropDeliveries(ctx context.Context, store string, hookID int64, now time.Time) (int64, error) {
	return db.moveDue(ctx, `UPDATE deliveries SET state = $1, due = NULL, finished = $2 WHERE store = $3 AND hook_id = $4 AND due <= $2`,
		string(hook.Dropped), millis(now), store, hookID)
}

// PutOffDeliveries moves what is due for a hook whose receiver is blocked to
// those that are tried again.
func (db *DB) PutOffDeliveries(ctx context.Context, store string, hookID int64, now time.Time) (int64, error) {
	off := hook.Delivery{}.PutOff(now)
	return db.moveDue(ctx, `UPDATE deliveries SET state = $1, due = $2 WHERE store = $3 AND hook_id = $4 AND due <= $5`,
		string(off.State), millis(off.Due), store, hookID, millis(now))
}

func (db *DB) moveDue(ctx context.Context, query string, args ...any) (int64, error) {
	n, err := write(ctx, db, func(t *tx) (int64, error) { return t.exec(query, args...) })
	if err != nil {
		return 0, fmt.Errorf("move deliveries: %w", err)
	}
	return n, nil
}
