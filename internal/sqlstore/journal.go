package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/recovery"
)

// JournalEntry is what one write did to a cart.
type JournalEntry struct {
	Version int64
	N       int64
	Channel int64
	At      time.Time
	Events  []event.Event
}

// Journal returns what happened to a cart, oldest first. It is kept when the
// cart is gone.
func (db *DB) Journal(ctx context.Context, store string, cartID cart.ID) ([]JournalEntry, error) {
	return journalEntries(ctx, db.reads, sqlJournalOf, store, string(cartID))
}

const sqlInsertJournal = `INSERT INTO journal (store, cart_id, version, n, channel, at, events)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

const sqlInsertOutbox = `INSERT INTO outbox (store, subject, version, n) VALUES ($1, $2, $3, $4)`

// journalRow is one row of the journal, encoded. Its subject is what the row
// is about: the id of a cart, or the name of something else that tells its
// events, such as order/75 (orderSubject). The version moves with the subject;
// n counts what happens to it at one version.
type journalRow struct {
	store, subject          string
	version, n, channel, at int64
	events                  string
}

// newJournalRow encodes a row of the journal. A change of a cart is
// journalEntry; an order tells with
//
//	row, err := newJournalRow(store, orderSubject(o.ID), o.Version, o.ChannelID, now, events)
//	…
//	err = row.insert(t)
func newJournalRow(store, subject string, version, channel int64, at time.Time, events []event.Event) (journalRow, error) {
	b, err := json.Marshal(events)
	if err != nil {
		return journalRow{}, fmt.Errorf("encode journal: %w", err)
	}
	return journalRow{store: store, subject: subject, version: version, channel: channel, at: millis(at), events: string(b)}, nil
}

// journalEntry is the row of a change of a cart.
func journalEntry(c *cart.Cart, events []event.Event) (journalRow, error) {
	return newJournalRow(c.Store, string(c.ID), c.Version, c.ChannelID, c.Updated, events)
}

// lockJournal makes those who add to a version of a cart's journal wait for
// each other where more than one may write at once. The row that stands for the
// cart is the first of its journal: the cart itself may be gone, and its writers
// need not wait. Without a journal the error is sql.ErrNoRows.
func (t *tx) lockJournal(store string, cartID cart.ID) error {
	if t.dialect.forUpdate == "" {
		return nil
	}
	var version int64
	err := t.QueryRowContext(t.ctx, `SELECT version FROM journal WHERE store = $1 AND cart_id = $2
		ORDER BY version, n LIMIT 1`+t.dialect.forUpdate, store, string(cartID)).Scan(&version)
	if err != nil {
		return fmt.Errorf("lock journal: %w", err)
	}
	return nil
}

// orderSubject is what the journal calls an order.
func orderSubject(order int64) string { return "order/" + strconv.FormatInt(order, 10) }

// insert writes the row, in the transaction of the change that it tells of.
// Every writer of the journal goes through here, whatever the row is about:
// this is where a row becomes work for webhooks, if anybody listens to the
// store.
func (j journalRow) insert(t *tx) error {
	if _, err := t.exec(sqlInsertJournal, j.store, j.subject, j.version, j.n, j.channel, j.at, j.events); err != nil {
		return fmt.Errorf("insert journal: %w", err)
	}
	listens, err := t.listens(j.store)
	if err != nil || !listens {
		return err
	}
	if _, err := t.exec(sqlInsertOutbox, j.store, j.subject, j.version, j.n); err != nil {
		return fmt.Errorf("insert outbox: %w", err)
	}
	t.told = true
	return nil
}

// JournalLifetime is how long the journal of a cart is kept after the cart has
// ended (decisions 11).
const JournalLifetime = 90 * 24 * time.Hour

// cartGone does what happens when a cart is deleted or has expired.
func (t *tx) cartGone(key cartKey, at time.Time) error {
	if err := t.endEpisode(key.store, key.id, recovery.Gone, at); err != nil {
		return err
	}
	return endCart(t, key, at)
}

// endCart notes when a cart ended, and makes the coupons void that were made
// for it.
func endCart(t *tx, key cartKey, at time.Time) error {
	_, err := t.exec(`INSERT INTO ended_carts (store, cart_id, ended) VALUES ($1, $2, $3)
		ON CONFLICT (store, cart_id) DO NOTHING`, key.store, string(key.id), millis(at))
	if err != nil {
		return fmt.Errorf("note the end of a cart: %w", err)
	}
	return voidCoupons(t, key, at)
}

// sweepJournals removes the journals of carts that ended by then, with the links
// that led back to them.
func sweepJournals(t *tx, ended int64) (int, error) {
	keys, err := scanCartKeys(t.QueryContext(t.ctx, `SELECT store, cart_id FROM ended_carts
		WHERE ended <= $1 ORDER BY ended LIMIT $2`, ended, sweepBatch))
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		for _, remove := range []string{
			`DELETE FROM journal WHERE store = $1 AND cart_id = $2`,
			`DELETE FROM recovery_tokens WHERE store = $1 AND cart_id = $2 AND purpose = 'recover'`,
			`DELETE FROM ended_carts WHERE store = $1 AND cart_id = $2`,
		} {
			if _, err := t.exec(remove, key.store, string(key.id)); err != nil {
				return 0, err
			}
		}
	}
	return len(keys), nil
}
