package sqlstore

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

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
		return *k, t.insertVisit(k.Store, visitOf(k, recovery.Clicked, at))
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
