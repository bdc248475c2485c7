package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// FindStep implements recovery.LandingStorage.
func (db *DB) FindStep(ctx context.Context, store string, episode, template int64) (*recovery.Step, error) {
	s := recovery.Step{Template: template}
	var claimed int64
	var retry sql.NullInt64
	var doc string
	err := db.reads.QueryRowContext(ctx, `SELECT state, address, claimed, retry_at, doc FROM episode_steps
		WHERE store = $1 AND episode = $2 AND template = $3`, store, episode, template).Scan(&s.State, &s.Address, &claimed, &retry, &doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read step: %w", err)
	}
	s.Claimed, s.Retry = fromMillis(claimed), maybeTime(retry)
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		return nil, fmt.Errorf("decode step %d of episode %d: %w", template, episode, err)
	}
	return &s, nil
}

// ContinueFromLink implements recovery.LandingStorage. Whoever decides about a
// mail locks the row of the cart too, so a mail is either claimed before the
// click or sees that the episode has ended.
func (db *DB) ContinueFromLink(ctx context.Context, k *recovery.Token, at time.Time) error {
	_, err := write(ctx, db, func(t *tx) (recovery.Token, error) {
		found, err := t.continueCart(k.Store, k.Cart, at)
		if err != nil {
			return *k, err
		}
		if !found {
			return *k, fault.New(fault.NotFound, fault.TitleNotFound)
		}
		return *k, t.insertVisit(k.Store, recovery.Visit{Cart: k.Cart, Episode: k.Episode, Template: k.Template, Kind: recovery.Clicked, At: at})
	})
	if err != nil {
		return fmt.Errorf("continue cart %s from a link: %w", k.Cart, err)
	}
	return nil
}

// insertVisit keeps what somebody did with a mail.
func (t *tx) insertVisit(store string, v recovery.Visit) error {
	id, err := t.nextID(store, "mail_visit", 1)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO mail_visits (store, id, cart_id, episode, template, kind, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		store, id, string(v.Cart), v.Episode, v.Template, string(v.Kind), millis(v.At))
	if err != nil {
		return fmt.Errorf("insert visit: %w", err)
	}
	if v.Counts() {
		t.tally(recovery.Tally{Kind: recovery.TallyClicked})
	}
	return nil
}
