package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/hook"
)

var hooks = table[hook.Hook]{
	name:    "hooks",
	columns: "store, id, client_id, scope, destination, headers, active, deactivated, created, updated, last_delivery",
	scan: func(s scanner) (hook.Hook, error) {
		var h hook.Hook
		var headers string
		var active, deactivated, created, updated, last int64
		if err := s.Scan(&h.Store, &h.ID, &h.Client, &h.Scope, &h.Destination, &headers, &active, &deactivated, &created, &updated, &last); err != nil {
			return h, err
		}
		h.Active, h.Deactivated = active != 0, deactivated != 0
		h.Created, h.Updated, h.LastDelivery = fromMillis(created), fromMillis(updated), fromMillis(last)
		return h, json.Unmarshal([]byte(headers), &h.Headers)
	},
}

// ofOwner begins the conditions of what belongs to an API client.
func ofOwner(o hook.Owner) *conditions {
	c := inStore(o.Store)
	c.add("client_id = ?", o.Client)
	return c
}

// Hooks implements hook.Storage.
func (db *DB) Hooks(ctx context.Context, o hook.Owner, f hook.Filter, r cursor.Range) (cursor.Part[hook.Hook], error) {
	c := ofOwner(o)
	if f.Active != nil {
		c.add("active = ?", flag(*f.Active))
	}
	if f.Scope != "" {
		c.add("scope = ?", f.Scope)
	}
	if f.Destination != "" {
		c.add("destination = ?", f.Destination)
	}
	return hooks.list(ctx, db.reads, c, r)
}

// FindHook implements hook.Storage.
func (db *DB) FindHook(ctx context.Context, o hook.Owner, id int64) (*hook.Hook, error) {
	c := ofOwner(o)
	c.add("id = ?", id)
	return hooks.one(ctx, db.reads, c, "")
}

// changeHooks runs a change of a client's hooks. The row of revisions is
// written first: it makes writers of one store wait for each other, and
// servers look again whether anybody listens to the store.
func changeHooks(ctx context.Context, db *DB, o hook.Owner, change func(t *tx, all []hook.Hook) (hook.Hook, error)) (hook.Hook, error) {
	h, err := write(ctx, db, func(t *tx) (hook.Hook, error) {
		if err := bump(t, o.Store, "access"); err != nil {
			return hook.Hook{}, err
		}
		c := ofOwner(o)
		all, err := hooks.rows(t.ctx, t, "SELECT "+hooks.columns+" FROM hooks"+c.where()+" ORDER BY id", c.args...)
		if err != nil {
			return hook.Hook{}, err
		}
		return change(t, all)
	})
	if err == nil {
		db.changed(ctx, o.Store)
	}
	return h, err
}

// CreateHook implements hook.Storage.
func (db *DB) CreateHook(ctx context.Context, h hook.Hook, check func([]hook.Hook) error) (hook.Hook, error) {
	return changeHooks(ctx, db, hook.Owner{Store: h.Store, Client: h.Client}, func(t *tx, all []hook.Hook) (hook.Hook, error) {
		made := h
		if err := check(all); err != nil {
			return made, err
		}
		var err error
		if made.ID, err = t.nextID(h.Store, "hook", 1); err != nil {
			return made, err
		}
		headers, err := json.Marshal(h.Headers)
		if err != nil {
			return made, fmt.Errorf("encode headers: %w", err)
		}
		_, err = t.exec(`INSERT INTO hooks (store, id, client_id, scope, destination, headers, active, deactivated, created, updated, last_delivery, warned)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)`, made.Store, made.ID, made.Client, made.Scope, made.Destination,
			string(headers), flag(made.Active), flag(made.Deactivated), millis(made.Created), millis(made.Updated), millis(made.LastDelivery))
		if err != nil {
			return made, fmt.Errorf("insert hook: %w", err)
		}
		return made, nil
	})
}

// UpdateHook implements hook.Storage.
func (db *DB) UpdateHook(ctx context.Context, o hook.Owner, id int64, change func(*hook.Hook, []hook.Hook) error) (hook.Hook, error) {
	return changeHooks(ctx, db, o, func(t *tx, all []hook.Hook) (hook.Hook, error) {
		h := pick(all, id)
		if h == nil {
			return hook.Hook{}, errGoneRow()
		}
		if err := change(h, all); err != nil {
			return *h, err
		}
		headers, err := json.Marshal(h.Headers)
		if err != nil {
			return *h, fmt.Errorf("encode headers: %w", err)
		}
		_, err = t.exec(`UPDATE hooks SET scope = $1, destination = $2, headers = $3, active = $4, deactivated = $5, updated = $6, last_delivery = $7
			WHERE store = $8 AND id = $9`, h.Scope, h.Destination, string(headers), flag(h.Active), flag(h.Deactivated),
			millis(h.Updated), millis(h.LastDelivery), h.Store, h.ID)
		if err != nil {
			return *h, fmt.Errorf("write hook: %w", err)
		}
		return *h, nil
	})
}

// pick returns a copy of the hook with this id, or nil.
func pick(all []hook.Hook, id int64) *hook.Hook {
	for i := range all {
		if all[i].ID == id {
			h := all[i]
			return &h
		}
	}
	return nil
}

// DeleteHook implements hook.Storage. What was sent to it stays in the log.
func (db *DB) DeleteHook(ctx context.Context, o hook.Owner, id int64) (hook.Hook, error) {
	return changeHooks(ctx, db, o, func(t *tx, all []hook.Hook) (hook.Hook, error) {
		h := pick(all, id)
		if h == nil {
			return hook.Hook{}, errGoneRow()
		}
		if _, err := t.exec(`DELETE FROM hooks WHERE store = $1 AND id = $2`, o.Store, id); err != nil {
			return *h, fmt.Errorf("delete hook: %w", err)
		}
		return *h, nil
	})
}

// hookEmails reads rows of addresses.
var hookEmails = table[[]string]{
	name: "hook_emails", columns: "emails",
	scan: func(s scanner) (emails []string, err error) {
		var doc string
		if err := s.Scan(&doc); err != nil {
			return nil, err
		}
		return emails, json.Unmarshal([]byte(doc), &emails)
	},
}

// HookEmails implements hook.Storage.
func (db *DB) HookEmails(ctx context.Context, o hook.Owner) ([]string, error) {
	return emailsOf(ctx, db.reads, o)
}

func emailsOf(ctx context.Context, q querier, o hook.Owner) ([]string, error) {
	emails, err := hookEmails.one(ctx, q, ofOwner(o), "")
	if err != nil || emails == nil {
		return nil, err
	}
	return *emails, nil
}

// SetHookEmails implements hook.Storage.
func (db *DB) SetHookEmails(ctx context.Context, o hook.Owner, emails []string) error {
	doc, err := json.Marshal(emails)
	if err != nil {
		return fmt.Errorf("encode addresses: %w", err)
	}
	_, err = write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`INSERT INTO hook_emails (store, client_id, emails) VALUES ($1, $2, $3)
			ON CONFLICT (store, client_id) DO UPDATE SET emails = excluded.emails`, o.Store, o.Client, string(doc))
	})
	if err != nil {
		return fmt.Errorf("write addresses: %w", err)
	}
	return nil
}

var hookBlocks = table[hook.Block]{
	name: "hook_blocks", columns: "store, client_id, origin, until, reasons",
	scan: func(s scanner) (hook.Block, error) {
		var b hook.Block
		var until int64
		var reasons string
		if err := s.Scan(&b.Store, &b.Client, &b.Origin, &until, &reasons); err != nil {
			return b, err
		}
		b.Until = fromMillis(until)
		return b, json.Unmarshal([]byte(reasons), &b.Reasons)
	},
}

// Blocks implements hook.Storage.
func (db *DB) Blocks(ctx context.Context, o hook.Owner, now time.Time) ([]hook.Block, error) {
	c := ofOwner(o)
	c.add("until > ?", millis(now))
	return hookBlocks.rows(ctx, db.reads, "SELECT "+hookBlocks.columns+" FROM hook_blocks"+c.where()+" ORDER BY origin", c.args...)
}

// StoreBlocks returns the origins of a store that get nothing at now.
func (db *DB) StoreBlocks(ctx context.Context, store string, now time.Time) ([]hook.Block, error) {
	return hookBlocks.rows(ctx, db.reads, `SELECT `+hookBlocks.columns+` FROM hook_blocks WHERE store = $1 AND until > $2`, store, millis(now))
}

// listens reports whether anybody is told of what happens in a store: from
// memory while the store is in use, otherwise from the database.
func (t *tx) listens(store string) (bool, error) { return t.db.listens(t.ctx, t, store) }

func (db *DB) listens(ctx context.Context, q querier, store string) (bool, error) {
	if s := db.shops; s != nil {
		s.mu.RLock()
		e := s.shops[store]
		s.mu.RUnlock()
		if e != nil {
			return e.hooks, nil
		}
	}
	return anyHook(ctx, q, store)
}

// anyHook reports whether a store has an active hook.
func anyHook(ctx context.Context, q querier, store string) (bool, error) {
	c := inStore(store)
	c.add("active = 1")
	return hooks.exists(ctx, q, c)
}

// NextIdleHook returns the earliest instant at which an active hook has been
// without any delivery for too long.
func (db *DB) NextIdleHook(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(last_delivery) FROM hooks WHERE active = 1`, hook.IdleLimit)
}

// SweepIdleHooks switches off the hooks that had no delivery for too long and
// returns them. Each store is a transaction of its own.
func (db *DB) SweepIdleHooks(ctx context.Context, now time.Time) ([]hook.Hook, error) {
	before := millis(now.Add(-hook.IdleLimit))
	stores, err := column[string](db.reads.QueryContext(ctx, `SELECT DISTINCT store FROM hooks WHERE active = 1 AND last_delivery <= $1`, before))
	if err != nil {
		return nil, fmt.Errorf("find idle hooks: %w", err)
	}
	var all []hook.Hook
	for _, store := range stores {
		idle, err := write(ctx, db, func(t *tx) ([]hook.Hook, error) { return t.switchOffIdle(store, before, now) })
		if err != nil {
			return all, err
		}
		db.changed(ctx, store)
		all = append(all, idle...)
	}
	return all, nil
}

func (t *tx) switchOffIdle(store string, before int64, now time.Time) ([]hook.Hook, error) {
	c := inStore(store)
	c.add("active = 1")
	c.add("last_delivery <= ?", before)
	idle, err := hooks.rows(t.ctx, t, `SELECT `+hooks.columns+` FROM hooks`+c.where()+t.dialect.forUpdate, c.args...)
	if err != nil {
		return nil, err
	}
	for i := range idle {
		if err := t.switchOff(&idle[i], now); err != nil {
			return nil, err
		}
	}
	return idle, nil
}

// switchOff deactivates a hook and has those told who want to know.
func (t *tx) switchOff(h *hook.Hook, now time.Time) error {
	if _, err := t.exec(`UPDATE hooks SET active = 0, deactivated = 1, updated = $1 WHERE store = $2 AND id = $3`, millis(now), h.Store, h.ID); err != nil {
		return fmt.Errorf("deactivate hook: %w", err)
	}
	if err := t.tellOfHook(h, now); err != nil {
		return err
	}
	return bump(t, h.Store, "access")
}
