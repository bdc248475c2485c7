package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/recovery"
)

var notices = table[recovery.Notice]{
	name:    "recovery_notices",
	columns: "store, id, kind, channel, recipient, state, created, due, finished, doc",
	scan: func(s scanner) (recovery.Notice, error) {
		var n recovery.Notice
		var created int64
		var due, finished sql.NullInt64
		var doc string
		if err := s.Scan(&n.Store, &n.ID, &n.Kind, &n.Channel, &n.Recipient, &n.State, &created, &due, &finished, &doc); err != nil {
			return n, err
		}
		n.Created, n.Due, n.Finished = fromMillis(created), maybeTime(due), maybeTime(finished)
		return n, json.Unmarshal([]byte(doc), &n)
	},
}

// NextNotice implements recovery.NoticeStorage.
func (db *DB) NextNotice(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(due) FROM recovery_notices`, 0)
}

// DueNotice implements recovery.NoticeStorage.
func (db *DB) DueNotice(ctx context.Context, now time.Time) (*recovery.Notice, error) {
	all, err := notices.rows(ctx, db.reads, `SELECT `+notices.columns+` FROM recovery_notices
		WHERE due <= $1 ORDER BY due, store, id LIMIT $2`, millis(now), sweepBatch)
	if err != nil {
		return nil, fmt.Errorf("find due notice: %w", err)
	}
	for i := range all {
		if all[i].State != recovery.NoticeClaimed {
			return &all[i], nil
		}
		_, err := write(ctx, db, func(t *tx) (int64, error) {
			return t.interruptNotices(now, ` AND store = $3 AND id = $4 AND due = $5`, all[i].Store, all[i].ID, millis(all[i].Due))
		})
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// interruptNotices gives up what a server that is no more was sending.
func (t *tx) interruptNotices(now time.Time, which string, args ...any) (int64, error) {
	n, err := t.exec(`UPDATE recovery_notices SET state = $1, due = NULL, finished = $2 WHERE state = 'claimed'`+which,
		append([]any{string(recovery.NoticeUnknown), millis(now)}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("give up notices: %w", err)
	}
	return n, nil
}

// ClaimNotice implements recovery.NoticeStorage.
func (db *DB) ClaimNotice(ctx context.Context, n *recovery.Notice, now time.Time) (bool, error) {
	doc, err := json.Marshal(n)
	if err != nil {
		return false, fmt.Errorf("encode notice: %w", err)
	}
	claimed, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE recovery_notices SET state = 'claimed', due = $1, doc = $2 WHERE store = $3 AND id = $4 AND state = $5 AND due = $6`,
			millis(now.Add(recovery.ClaimTime)), string(doc), n.Store, n.ID, string(n.State), maybeMillis(n.Due))
	})
	if err != nil {
		return false, fmt.Errorf("claim notice %d: %w", n.ID, err)
	}
	return claimed > 0, nil
}

// SettleNotice implements recovery.NoticeStorage. A notice that was given up
// counts as what it became when the answer comes after all.
func (db *DB) SettleNotice(ctx context.Context, n recovery.Notice) error {
	doc, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	_, err = write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE recovery_notices SET state = $1, due = $2, finished = $3, doc = $4 WHERE store = $5 AND id = $6
			AND (state = 'claimed' OR state = 'unknown' AND $7 <> 'deferred')`,
			string(n.State), maybeMillis(n.Due), maybeMillis(n.Finished), string(doc), n.Store, n.ID, string(n.State))
	})
	if err != nil {
		return fmt.Errorf("settle notice %d: %w", n.ID, err)
	}
	return nil
}

// Notices implements recovery.NoticeStorage.
func (db *DB) Notices(ctx context.Context, store string, f recovery.NoticeFilter, r cursor.Range) (cursor.Part[recovery.Notice], error) {
	c := inStore(store)
	if f.Kind != "" {
		c.add("kind = ?", string(f.Kind))
	}
	if f.State != "" {
		c.add("state = ?", string(f.State))
	}
	return notices.list(ctx, db.reads, c, r)
}

// insertNotice stores a notice that is due at once.
func (t *tx) insertNotice(n recovery.Notice) error {
	doc, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	id, err := t.nextID(n.Store, "notice", 1)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO recovery_notices (store, id, kind, channel, recipient, state, created, due, doc)
		VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6, $7)`,
		n.Store, id, string(n.Kind), n.Channel, n.Recipient, millis(n.Created), string(doc))
	if err != nil {
		return fmt.Errorf("insert notice: %w", err)
	}
	return nil
}

// tell has a merchant told of a cart: at once, or when enough carts wait for a
// digest. A digest counts for each recipient and channel, by whatever size
// counts now (spec/02 §7). It is due when it is found, not when the cart was
// left.
func (t *tx) tell(store string, channel int64, what *recovery.Telling, now time.Time) error {
	if what == nil {
		return nil
	}
	n := recovery.Notice{Store: store, Kind: what.Kind, Channel: channel, Recipient: what.Recipient, Created: now,
		Carts: []recovery.NoticeCart{what.Cart}}
	if what.Kind == recovery.TellDigest {
		waiting, err := t.gather(store, channel, what, now)
		if err != nil || int64(len(waiting)) < what.Every {
			return err
		}
		n.Carts = waiting
	}
	return t.insertNotice(n)
}

// gather adds a cart to those that wait for a digest. It returns the carts,
// and has none wait any more, when there are enough. The counter of ids makes
// those who count wait for each other.
func (t *tx) gather(store string, channel int64, what *recovery.Telling, now time.Time) ([]recovery.NoticeCart, error) {
	id, err := t.nextID(store, "digest", 1)
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(what.Cart)
	if err != nil {
		return nil, fmt.Errorf("encode cart of a digest: %w", err)
	}
	key := customer.Key(what.Recipient)
	if _, err := t.exec(`INSERT INTO recovery_digests (store, channel, recipient, id, cart_id, created, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		store, channel, key, id, string(what.Cart.Cart), millis(now), string(doc)); err != nil {
		return nil, fmt.Errorf("add a cart to a digest: %w", err)
	}
	const of = ` FROM recovery_digests WHERE store = $1 AND channel = $2 AND recipient = $3`
	var have int64
	if err := t.QueryRowContext(t.ctx, `SELECT COUNT(*)`+of, store, channel, key).Scan(&have); err != nil {
		return nil, fmt.Errorf("count the carts of a digest: %w", err)
	}
	if have < what.Every {
		return nil, nil
	}
	carts := table[recovery.NoticeCart]{name: "recovery_digests", scan: func(s scanner) (c recovery.NoticeCart, err error) {
		var doc string
		if err := s.Scan(&doc); err != nil {
			return c, err
		}
		return c, json.NewDecoder(strings.NewReader(doc)).Decode(&c)
	}}
	waiting, err := carts.rows(t.ctx, t, `SELECT doc`+of+` ORDER BY id`, store, channel, key)
	if err != nil {
		return nil, err
	}
	if _, err := t.exec(`DELETE`+of, store, channel, key); err != nil {
		return nil, fmt.Errorf("empty a digest: %w", err)
	}
	return waiting, nil
}
