package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/event"
)

// On SQLite the newest entries of a cart's journal stand in the cart's own row,
// one JSON object behind the other, so that a write touches one page and not
// two. Each filedEvery-th version files them: they become one row of the
// journal, whose events are that same text, under the version and the channel
// of the last of them (docs/adr/0005-journal-rows.md).
//
// Who reads the journal of a cart reads both places, through journalEntries. Who
// adds to it at a version that is written already, or deletes the cart, files
// first. A row of the outbox always has a row of the journal of its own.

// filedEvery is how many versions of a cart share a row of the journal. With
// more the cart's row would grow beyond its page.
const filedEvery = 8

// maxRecent bounds the entries that may stand beside a cart. What is longer, the
// making of a large cart, goes into the journal at once.
const maxRecent = 512

// maxRecentText bounds them together, where the versions that file were others'
// than the most frequent writes, which alone do it.
const maxRecentText = filedEvery * maxRecent

const (
	sqlInsertCartRecent = `INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, recent, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $5 + ` + sqlWait + `)`
	sqlUpdateCartRecent = `UPDATE carts SET version = $1, updated = $2, doc = $3, recent = recent || $7
		WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL AND LENGTH(recent) < $8`
	sqlFileRecent = `INSERT INTO journal (store, cart_id, version, n, channel, at, events)
		SELECT store, id, $3, 0, $4, $5, recent || $6 FROM carts
		WHERE store = $1 AND id = $2 AND version = $7 AND due_at IS NOT NULL`
	sqlUpdateCartFiled = `UPDATE carts SET version = $1, updated = $2, doc = $3, recent = ''
		WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL`
	sqlSelectRecent = `SELECT recent FROM carts WHERE store = $1 AND id = $2`
	sqlClearRecent  = `UPDATE carts SET recent = '' WHERE store = $1 AND id = $2 AND recent = $3`
	// sqlJournalOf is the journal of a cart at both places.
	sqlJournalOf = `SELECT version, n, channel, at, events FROM journal WHERE store = $1 AND cart_id = $2
		UNION ALL SELECT version, 0, 0, updated, recent FROM carts WHERE store = $1 AND id = $2 AND recent <> ''`
)

// keepsRecent reports whether an entry may stand beside its cart.
func (t *tx) keepsRecent(entry *journalRow) (bool, error) {
	if !t.dialect.oneWriter || len(entry.events) > maxRecent {
		return false, nil
	}
	listens, err := t.listens(entry.store)
	return !listens, err
}

// recent is an entry as it stands beside its cart.
func (j *journalRow) recent() string {
	b := make([]byte, 0, len(j.events)+64)
	b = strconv.AppendInt(append(b, `{"v":`...), j.version, 10)
	b = strconv.AppendInt(append(b, `,"c":`...), j.channel, 10)
	b = strconv.AppendInt(append(b, `,"t":`...), j.at, 10)
	b = append(append(b, `,"e":`...), j.events...)
	return string(append(b, '}'))
}

// recentEntry is what recent wrote.
type recentEntry struct {
	Version int64         `json:"v"`
	Channel int64         `json:"c"`
	At      int64         `json:"t"`
	Events  []event.Event `json:"e"`
}

// appendRecent appends the entries of a text that recent wrote.
func appendRecent(all []JournalEntry, text string) ([]JournalEntry, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	for {
		var r recentEntry
		err := dec.Decode(&r)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("decode journal: %w", err)
		}
		all = append(all, JournalEntry{Version: r.Version, Channel: r.Channel, At: fromMillis(r.At), Events: r.Events})
	}
}

// insertCart writes the row of a new cart and its entry.
func (t *tx) insertCart(c *cart.Cart, doc string, entry *journalRow) error {
	args := []any{c.Store, string(c.ID), c.Version, c.CustomerID, millis(c.Updated), millis(c.Updated.Add(cart.Lifetime)), doc}
	keeps, err := t.keepsRecent(entry)
	if err != nil {
		return err
	}
	if keeps {
		_, err = t.exec(sqlInsertCartRecent, append(args, entry.recent())...)
	} else {
		_, err = t.exec(sqlInsertCart, args...)
	}
	if err != nil {
		return fmt.Errorf("insert cart: %w", err)
	}
	if keeps {
		return nil
	}
	return entry.insert(t)
}

// swapRow writes the row of a cart, or deletes it, with its entry. It returns 0
// when old does not stand any more.
func (t *tx) swapRow(old, c *cart.Cart, doc string, entry *journalRow) (int64, error) {
	n, err := t.swapRecent(old, c, doc, entry)
	if err != nil || n > 0 {
		return n, err
	}
	n, err = updateRow(t, old, c, doc)
	if err != nil || n == 0 {
		return n, err
	}
	return n, entry.insert(t)
}

// swapRecent is swapRow for the most frequent of writes. It returns 0 for all
// others.
func (t *tx) swapRecent(old, c *cart.Cart, doc string, entry *journalRow) (int64, error) {
	if doc == "" || old.CustomerID != c.CustomerID {
		return 0, nil
	}
	if keeps, err := t.keepsRecent(entry); err != nil || !keeps {
		return 0, err
	}
	if c.Version%filedEvery != 0 {
		return t.exec(sqlUpdateCartRecent, c.Version, entry.at, doc, old.Store, string(old.ID), old.Version, entry.recent(), maxRecentText)
	}
	n, err := t.exec(sqlFileRecent, old.Store, string(old.ID), c.Version, c.ChannelID, entry.at, entry.recent(), old.Version)
	if err != nil || n == 0 {
		return n, err
	}
	return t.exec(sqlUpdateCartFiled, c.Version, entry.at, doc, old.Store, string(old.ID), old.Version)
}

// fileRecent moves what stands beside a cart into the journal.
func (t *tx) fileRecent(store string, cartID cart.ID) error {
	texts, err := column[string](t.QueryContext(t.ctx, sqlSelectRecent, store, string(cartID)))
	if err != nil {
		return fmt.Errorf("read the recent journal: %w", err)
	}
	if len(texts) == 0 || texts[0] == "" {
		return nil
	}
	entries, err := appendRecent(nil, texts[0])
	if err != nil {
		return err
	}
	n, err := t.exec(sqlClearRecent, store, string(cartID), texts[0])
	if err != nil || n == 0 { // another has filed it
		return err
	}
	last := entries[len(entries)-1]
	if _, err := t.exec(sqlInsertJournal, store, string(cartID), last.Version, 0, last.Channel, millis(last.At), texts[0]); err != nil {
		return fmt.Errorf("file the recent journal: %w", err)
	}
	return nil
}

// journalEntries reads rows of sqlJournalOf, oldest first.
func journalEntries(ctx context.Context, q querier, query string, args ...any) ([]JournalEntry, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []JournalEntry
	for rows.Next() {
		var e JournalEntry
		var at int64
		var events string
		if err := rows.Scan(&e.Version, &e.N, &e.Channel, &at, &events); err != nil {
			return nil, err
		}
		if strings.HasPrefix(events, "{") {
			if all, err = appendRecent(all, events); err != nil {
				return nil, err
			}
			continue
		}
		e.At = fromMillis(at)
		if err := json.Unmarshal([]byte(events), &e.Events); err != nil {
			return nil, fmt.Errorf("decode journal: %w", err)
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b JournalEntry) int {
		if a.Version != b.Version {
			return int(a.Version - b.Version)
		}
		return int(a.N - b.N)
	})
	return all, rows.Err()
}
