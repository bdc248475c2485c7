package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"cartwright/internal/recovery"
)

var steps = table[recovery.Step]{
	name: "episode_steps", columns: "template, state, address, claimed, retry_at, doc",
	scan: func(s scanner) (recovery.Step, error) {
		var out recovery.Step
		var claimed int64
		var retry sql.NullInt64
		var doc string
		if err := s.Scan(&out.Template, &out.State, &out.Address, &claimed, &retry, &doc); err != nil {
			return out, err
		}
		out.Claimed, out.Retry = fromMillis(claimed), maybeTime(retry)
		if err := json.Unmarshal([]byte(doc), &out); err != nil {
			return out, fmt.Errorf("decode step of template %d: %w", out.Template, err)
		}
		return out, nil
	},
}

// Steps returns what became of the mails of an episode, by template.
func (db *DB) Steps(ctx context.Context, store string, episode int64) ([]recovery.Step, error) {
	return episodeSteps(ctx, db.reads, store, episode)
}

func episodeSteps(ctx context.Context, q querier, store string, episode int64) ([]recovery.Step, error) {
	return steps.rows(ctx, q, `SELECT `+steps.columns+` FROM episode_steps WHERE store = $1 AND episode = $2 ORDER BY template`, store, episode)
}

// FindStep implements recovery.LandingStorage.
func (db *DB) FindStep(ctx context.Context, store string, episode, template int64) (*recovery.Step, error) {
	return steps.one(ctx, db.reads, ofStep(store, episode, template), "")
}

func (t *tx) findStep(store string, episode, template int64) (*recovery.Step, error) {
	return steps.one(t.ctx, t, ofStep(store, episode, template), t.dialect.forUpdate)
}

func ofStep(store string, episode, template int64) *conditions {
	c := inStore(store)
	c.add("episode = ?", episode)
	c.add("template = ?", template)
	return c
}

// putStep writes a step. The episode's row is locked.
func (t *tx) putStep(store string, episode int64, s recovery.Step) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode step: %w", err)
	}
	_, err = t.exec(`INSERT INTO episode_steps (store, episode, template, state, address, claimed, retry_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (store, episode, template) DO UPDATE SET state = excluded.state, address = excluded.address, claimed = excluded.claimed,
			retry_at = excluded.retry_at, doc = excluded.doc`,
		store, episode, s.Template, string(s.State), s.Address, millis(s.Claimed), maybeMillis(s.Retry), string(doc))
	if err != nil {
		return fmt.Errorf("write step: %w", err)
	}
	return nil
}
