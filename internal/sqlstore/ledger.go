package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/recovery"
)

var decisions = table[recovery.Decision]{
	name: "decisions", columns: "id, episode, cart_id, channel, template, address, at, outcome, reason, doc",
	scan: func(s scanner) (recovery.Decision, error) {
		var d recovery.Decision
		var at int64
		var doc string
		if err := s.Scan(&d.ID, &d.Episode, &d.Cart, &d.Channel, &d.Template, &d.Address, &at, &d.Outcome, &d.Reason, &doc); err != nil {
			return d, err
		}
		d.At = fromMillis(at)
		if err := json.Unmarshal([]byte(doc), &d); err != nil {
			return d, fmt.Errorf("decode decision %d: %w", d.ID, err)
		}
		return d, nil
	},
}

// Decisions implements recovery.LedgerStorage.
func (db *DB) Decisions(ctx context.Context, store string, f recovery.DecisionFilter, r cursor.Range) (cursor.Part[recovery.Decision], error) {
	c := inStore(store)
	if f.Cart != "" {
		c.add("cart_id = ?", string(f.Cart))
	}
	if f.Template != 0 {
		c.add("template = ?", f.Template)
	}
	if f.Outcome != "" {
		c.add("outcome = ?", string(f.Outcome))
	}
	if f.Reason != "" {
		c.add("reason = ?", string(f.Reason))
	}
	c.between("at", f.Min, f.Before)
	return decisions.list(ctx, db.reads, c, r)
}

// decided adds to the ledger what a step has just become, and why.
func (t *tx) decided(e *recovery.Episode, step recovery.Step, at time.Time, why recovery.Reason, detail string) error {
	id, err := t.nextID(e.Store, "decision", 1)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(recovery.Decision{Detail: detail})
	if err != nil {
		return fmt.Errorf("encode decision: %w", err)
	}
	_, err = t.exec(`INSERT INTO decisions (store, id, episode, cart_id, channel, template, address, at, outcome, reason, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.Store, id, e.ID, string(e.Cart), e.Channel, step.Template, step.Address, millis(at), string(step.State), string(why), string(doc))
	if err != nil {
		return fmt.Errorf("insert decision: %w", err)
	}
	t.tally(recovery.Tally{Kind: recovery.TallyDecided, Outcome: step.State, Reason: why})
	return nil
}
