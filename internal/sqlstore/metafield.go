package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/merchant"
)

var metafields = table[cart.Metafield]{
	name:    "metafields",
	columns: "id, cart_id, client_id, namespace, name, value, description, permission, created, modified",
	scan: func(s scanner) (cart.Metafield, error) {
		var m cart.Metafield
		var created, modified int64
		err := s.Scan(&m.ID, &m.Cart, &m.Client, &m.Namespace, &m.Key, &m.Value, &m.Description, &m.PermissionSet, &created, &modified)
		m.Created, m.Modified = fromMillis(created), fromMillis(modified)
		return m, err
	},
}

// metafieldOwners reads what the rules need of the metafields around one: not
// their values, which may be large.
var metafieldOwners = table[cart.Metafield]{
	name: "metafields", columns: "id, client_id, namespace, name",
	scan: func(s scanner) (cart.Metafield, error) {
		var m cart.Metafield
		return m, s.Scan(&m.ID, &m.Client, &m.Namespace, &m.Key)
	},
}

// Metafields implements cart.MetafieldStorage.
func (db *DB) Metafields(ctx context.Context, store string, f cart.MetafieldFilter, r cursor.Range) (cursor.Part[cart.Metafield], error) {
	c := inStore(store)
	if f.Cart != "" {
		c.add("cart_id = ?", string(f.Cart))
	}
	if !f.Asker.All {
		c.add("(client_id = ? OR permission <> 'app_only')", f.Asker.Client)
	}
	in(c, "name", f.Keys)
	in(c, "namespace", f.Namespaces)
	c.between("created", f.CreatedMin, f.CreatedBefore)
	c.between("modified", f.ModifiedMin, f.ModifiedBefore)
	return metafields.list(ctx, db.reads, c, r)
}

// FindMetafield implements cart.MetafieldStorage.
func (db *DB) FindMetafield(ctx context.Context, store string, id int64) (*cart.Metafield, error) {
	c := inStore(store)
	c.add("id = ?", id)
	return metafields.one(ctx, db.reads, c, "")
}

// UpdateMetafields implements cart.MetafieldStorage.
func (db *DB) UpdateMetafields(ctx context.Context, store string,
	change func(cart.MetafieldTx) (cart.MetafieldResult, error)) (cart.MetafieldResult, error) {
	return write(ctx, db, func(t *tx) (cart.MetafieldResult, error) {
		return change(&metafieldTx{tx: t, store: store, now: db.clock.Now()})
	})
}

// metafieldTx implements cart.MetafieldTx.
type metafieldTx struct {
	*tx
	store string
	now   time.Time
}

// Find implements cart.MetafieldTx.
func (t *metafieldTx) Find(id int64) (*cart.Metafield, error) {
	c := inStore(t.store)
	c.add("id = ?", id)
	return metafields.one(t.ctx, t, c, t.dialect.forUpdate)
}

// OfCart implements cart.MetafieldTx.
func (t *metafieldTx) OfCart(cartID cart.ID) ([]cart.Metafield, error) {
	if err := t.lock(cartID); err != nil {
		return nil, err
	}
	return metafieldOwners.rows(t.ctx, t, `SELECT id, client_id, namespace, name FROM metafields
		WHERE store = $1 AND cart_id = $2 ORDER BY id`, t.store, string(cartID))
}

// lock makes writers of one cart's metafields wait for each other. Where the
// journal of the cart is gone, what they wait at is the mark that the cart has
// ended.
func (t *metafieldTx) lock(cartID cart.ID) error {
	if err := t.fileRecent(t.store, cartID); err != nil {
		return err
	}
	err := t.lockJournal(t.store, cartID)
	if errors.Is(err, sql.ErrNoRows) {
		return t.markEnded(cartID, t.now)
	}
	return err
}

// markEnded notes that a cart without a journal has ended, so that a journal
// that begins anew is swept when its time is over. A mark that is there is
// written as well, and not left alone as by endCart: that locks it, and who
// comes second waits.
func (t *metafieldTx) markEnded(cartID cart.ID, at time.Time) error {
	_, err := t.exec(`INSERT INTO ended_carts (store, cart_id, ended) VALUES ($1, $2, $3)
		ON CONFLICT (store, cart_id) DO UPDATE SET ended = excluded.ended`, t.store, string(cartID), millis(at))
	if err != nil {
		return fmt.Errorf("mark a cart without a journal: %w", err)
	}
	return nil
}

// Insert implements cart.MetafieldTx.
func (t *metafieldTx) Insert(m *cart.Metafield) error {
	var err error
	if m.ID, err = t.nextID(t.store, "metafield", 1); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO metafields (store, id, cart_id, client_id, namespace, name, value, description, permission, created, modified)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, t.store, m.ID, string(m.Cart), m.Client,
		m.Namespace, m.Key, m.Value, m.Description, m.PermissionSet, millis(m.Created), millis(m.Modified))
	if err != nil {
		return fmt.Errorf("insert metafield: %w", err)
	}
	return t.tell(event.MetafieldCreated, m, m.Modified)
}

// Update implements cart.MetafieldTx.
func (t *metafieldTx) Update(m cart.Metafield) error {
	_, err := t.exec(`UPDATE metafields SET namespace = $1, name = $2, value = $3, description = $4, permission = $5, modified = $6
		WHERE store = $7 AND id = $8`, m.Namespace, m.Key, m.Value, m.Description, m.PermissionSet, millis(m.Modified), t.store, m.ID)
	if err != nil {
		return fmt.Errorf("write metafield: %w", err)
	}
	return t.tell(event.MetafieldUpdated, &m, m.Modified)
}

// Delete implements cart.MetafieldTx.
func (t *metafieldTx) Delete(m cart.Metafield, at time.Time) error {
	if err := t.lock(m.Cart); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM metafields WHERE store = $1 AND id = $2`, t.store, m.ID); err != nil {
		return fmt.Errorf("delete metafield: %w", err)
	}
	return t.tell(event.MetafieldDeleted, &m, at)
}

// tell puts an event into the journal of the metafield's cart: under the
// version that the journal ends with, since a metafield does not move it, and
// behind what stands there (decisions 11). A cart whose journal is gone
// already begins a new one at version 0, and is marked as ended again.
func (t *metafieldTx) tell(scope string, m *cart.Metafield, at time.Time) error {
	if err := t.fileRecent(t.store, m.Cart); err != nil {
		return err
	}
	version, n, channel, err := t.journalEnd(m.Cart)
	if errors.Is(err, sql.ErrNoRows) {
		if err := t.markEnded(m.Cart, at); err != nil {
			return err
		}
		// Another may have begun the journal while this one waited for the mark.
		version, n, channel, err = t.journalEnd(m.Cart)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find the end of the journal: %w", err)
	}
	row, err := newJournalRow(t.store, string(m.Cart), version, channel, at,
		[]event.Event{{Scope: scope, Metafield: m.ID, Namespace: m.Namespace}})
	if err != nil {
		return err
	}
	row.n = n
	return row.insert(t.tx)
}

// journalEnd returns the place behind the last entry of a cart's journal, and
// its channel. Without an entry the error is sql.ErrNoRows, and the place the
// first.
func (t *metafieldTx) journalEnd(cartID cart.ID) (version, n, channel int64, err error) {
	channel = merchant.DefaultChannel
	err = t.QueryRowContext(t.ctx, `SELECT version, n + 1, channel FROM journal WHERE store = $1 AND cart_id = $2
		ORDER BY version DESC, n DESC LIMIT 1`, t.store, string(cartID)).Scan(&version, &n, &channel)
	return version, n, channel, err
}
