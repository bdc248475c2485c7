package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
)

var episodes = table[*recovery.Episode]{
	name:    "episodes",
	columns: "store, id, cart_id, channel, abandoned, ended, how, next_at, address, doc",
	scan: func(s scanner) (*recovery.Episode, error) {
		var e recovery.Episode
		var abandoned int64
		var ended, next sql.NullInt64
		var doc string
		if err := s.Scan(&e.Store, &e.ID, &e.Cart, &e.Channel, &abandoned, &ended, &e.How, &next, &e.Address, &doc); err != nil {
			return nil, err
		}
		e.Abandoned, e.Ended, e.Next = fromMillis(abandoned), maybeTime(ended), maybeTime(next)
		if err := json.Unmarshal([]byte(doc), &e); err != nil {
			return nil, fmt.Errorf("decode episode %d: %w", e.ID, err)
		}
		return &e, nil
	},
}

// Episodes returns the times that a cart was abandoned, oldest first. They
// outlive the cart.
func (db *DB) Episodes(ctx context.Context, store string, cartID cart.ID) ([]*recovery.Episode, error) {
	return episodes.rows(ctx, db.reads, "SELECT "+episodes.columns+" FROM episodes WHERE store = $1 AND cart_id = $2 ORDER BY id",
		store, string(cartID))
}

func findEpisode(ctx context.Context, q querier, store string, id int64, suffix string) (*recovery.Episode, error) {
	c := inStore(store)
	c.add("id = ?", id)
	found, err := episodes.one(ctx, q, c, suffix)
	if err != nil || found == nil {
		return nil, err
	}
	return *found, nil
}

// Episode returns one time that a cart was abandoned, or nil.
func (db *DB) Episode(ctx context.Context, store string, id int64) (*recovery.Episode, error) {
	return findEpisode(ctx, db.reads, store, id, "")
}

// openEpisode stores a new episode and gives it its id. The caller has taken
// the cart's due_at away in the same transaction, and tells the journal.
// Whatever else must happen at every abandonment, and with it, belongs here.
func (t *tx) openEpisode(e *recovery.Episode) error {
	var err error
	if e.ID, err = t.nextID(e.Store, "episode", 1); err != nil {
		return err
	}
	doc, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode episode: %w", err)
	}
	_, err = t.exec(`INSERT INTO episodes (store, id, cart_id, channel, abandoned, ended, how, next_at, address, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.Store, e.ID, string(e.Cart), e.Channel, millis(e.Abandoned), maybeMillis(e.Ended), string(e.How), maybeMillis(e.Next), e.Address, string(doc))
	if err != nil {
		return fmt.Errorf("insert episode: %w", err)
	}
	t.tally(recovery.Tally{Kind: recovery.TallyAbandoned})
	return nil
}

// endEpisode ends the open episode of a cart, if there is one, in the
// transaction of what ended it. Its mails are looked at once more, so that the
// ledger says what became of those that were to come. Only the latest can be
// open, so nothing has to be looked for among all that are.
func (t *tx) endEpisode(store string, cartID cart.ID, how recovery.End, at time.Time) error {
	n, err := t.exec(`UPDATE episodes SET ended = $1, how = $2, next_at = $1 WHERE ended IS NULL AND store = $3
		AND id = (SELECT MAX(id) FROM episodes WHERE store = $3 AND cart_id = $4)`,
		millis(at), string(how), store, string(cartID))
	if err != nil {
		return fmt.Errorf("end the episode of a cart: %w", err)
	}
	if n > 0 {
		t.tally(recovery.Tally{Kind: recovery.TallyEnded, How: how})
	}
	return nil
}

// continueCart has the waiting time of a cart begin at an instant without
// changing the cart, and ends its open episode: somebody went on from a link.
// It reports whether the cart is there.
func (t *tx) continueCart(store string, cartID cart.ID, at time.Time) (bool, error) {
	n, err := t.exec(`UPDATE carts SET due_at = CASE WHEN due_at IS NULL THEN $3 + `+sqlWait+` ELSE due_at END
		WHERE store = $1 AND id = $2`, store, string(cartID), millis(at))
	if err != nil {
		return false, fmt.Errorf("continue cart: %w", err)
	}
	return n > 0, t.endEpisode(store, cartID, recovery.Continued, at)
}

// EpisodeLifetime is how long episodes are kept, with the mails about them, the
// decisions behind those and what people did with them: reports reach back a
// year. Links that end mails are good for as long.
const EpisodeLifetime = 400 * 24 * time.Hour

// sweepEpisodes removes a batch of the episodes that began by then.
func sweepEpisodes(t *tx, began int64) (int, error) {
	old, err := episodes.rows(t.ctx, t, `SELECT `+episodes.columns+` FROM episodes
		WHERE abandoned <= $1 AND store IN (SELECT hash FROM stores) LIMIT $2`, began, sweepBatch)
	if err != nil {
		return 0, err
	}
	for _, e := range old {
		for _, table := range []string{"decisions", "mail_visits"} {
			if _, err := t.exec(`DELETE FROM `+table+` WHERE store = $1 AND cart_id = $2 AND episode = $3`, e.Store, string(e.Cart), e.ID); err != nil {
				return 0, fmt.Errorf("remove %s of episode %d: %w", table, e.ID, err)
			}
		}
		if _, err := t.exec(`DELETE FROM episode_steps WHERE store = $1 AND episode = $2`, e.Store, e.ID); err != nil {
			return 0, fmt.Errorf("remove steps of episode %d: %w", e.ID, err)
		}
		if _, err := t.exec(`DELETE FROM recovery_coupons WHERE store = $1 AND episode = $2 AND tidy_at IS NULL`, e.Store, e.ID); err != nil {
			return 0, fmt.Errorf("remove coupons of episode %d: %w", e.ID, err)
		}
		if _, err := t.exec(`DELETE FROM episodes WHERE store = $1 AND id = $2`, e.Store, e.ID); err != nil {
			return 0, fmt.Errorf("remove episode %d: %w", e.ID, err)
		}
	}
	return len(old), nil
}
