package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// errStale says that a compare-and-swap came too late.
var errStale = errors.New("the cart was written in between")

// mostWriters bounds how many writers of one cart wait for their turn.
const mostWriters = 200

var errCrowded = errors.New("too many write to the cart")

const (
	sqlInsertCart = `INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $5 + ` + sqlWait + `)`
	sqlSelectCart = `SELECT doc FROM carts WHERE store = $1 AND id = $2`
	// Two forms, so that the index over customers is only touched when the
	// customer changes. Both leave due_at as it is: the scan moves it, not each
	// write.
	sqlUpdateCart = `UPDATE carts SET version = $1, updated = $2, doc = $3
		WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL`
	sqlUpdateCartCustomer = `UPDATE carts SET version = $1, updated = $2, doc = $3, customer_id = $7
		WHERE store = $4 AND id = $5 AND version = $6 AND due_at IS NOT NULL`
	// The form for a cart that nobody waits for: from now on the scan does.
	sqlReviveCart = `UPDATE carts SET version = $2, updated = $3, doc = $4, customer_id = $5, due_at = $3 + ` + sqlWait + `
		WHERE store = $1 AND id = $6 AND version = $7`
	sqlDeleteCart     = `DELETE FROM carts WHERE store = $1 AND id = $2 AND version = $3`
	sqlInsertRedirect = `INSERT INTO redirects (store, hash, cart_id, query, expires) VALUES ($1, $2, $3, $4, $5)`
)

// CreateCart implements cart.Storage.
func (db *DB) CreateCart(ctx context.Context, c *cart.Cart, ch cart.Change) error {
	// Nobody else knows the cart yet, but whoever follows its customer may, the
	// moment it is written: the lock keeps the cache in the order of the writes.
	release, err := db.locks.acquire(ctx, c.Store+"/"+string(c.ID))
	if err != nil {
		return busy(err)
	}
	defer release()
	doc := document(c)
	entry, err := journalEntry(c, ch.Events)
	if err != nil {
		return err
	}
	if db.pool != nil && ch.Redirect == nil && !keeps(ctx) {
		return db.createAtOnce(ctx, c, doc, entry)
	}
	_, err = write(ctx, db, func(t *tx) (*cart.Cart, error) {
		if err := t.insertCart(c, doc, &entry); err != nil {
			return nil, err
		}
		return c, insertRedirect(t, ch.Redirect)
	})
	if err == nil {
		db.written(c, len(doc))
	}
	return err
}

// written keeps what a write has just made durable.
func (db *DB) written(c *cart.Cart, size int) {
	db.carts.put(c, size)
	db.bases.put(c, size)
}

// forget drops what is in memory of a cart that was written otherwise, or of
// which nobody knows whether it was.
func (db *DB) forget(store string, cartID cart.ID) {
	db.carts.drop(store, cartID)
	db.bases.drop(store, cartID)
}

// FindCart implements cart.Storage. On PostgreSQL it always asks the database:
// another server may have written.
func (db *DB) FindCart(ctx context.Context, store string, cartID cart.ID) (*cart.Cart, error) {
	if c := db.carts.get(store, cartID); c != nil {
		return c, nil
	}
	generation := db.carts.generation()
	was, err := db.loadCart(ctx, store, cartID)
	if was.cart != nil {
		db.carts.putIfUnchanged(was.cart, was.size, generation)
	}
	return was.cart, err
}

// stored is a cart as it was found.
type stored struct {
	cart *cart.Cart // nil where there is none
	size int        // of the document that it was read from just now, which its strings are parts of
	left bool       // nobody waits for it: its due_at is not set; told on PostgreSQL only
}

func (db *DB) loadCart(ctx context.Context, store string, cartID cart.ID) (was stored, err error) {
	var doc string
	if db.pool != nil {
		doc, was.left, err = db.pool.cartDocument(ctx, store, cartID)
	} else {
		doc, err = db.cartReads.document(ctx, store, cartID)
		err = db.herald.tell(sqliteOutage(err))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, nil
	}
	if err != nil {
		return stored{}, fmt.Errorf("read cart: %w", err)
	}
	if was.cart, err = cart.ReadDocument(doc); err != nil {
		return stored{}, fmt.Errorf("cart %s: %w", cartID, err)
	}
	was.size = len(doc)
	return was, nil
}

// UpdateCart implements cart.Storage. Writers of one cart queue in memory, so
// that within one server none of them fails; against other servers the
// compare-and-swap decides, and the loser begins again until the request's
// deadline. Where mostWriters wait already, one more is told at once to come
// back: it would hardly have its turn in time.
//
// On PostgreSQL a write begins with the cart as this server last saw it, if it
// has. That is as good as reading it: were it stale, the swap would not happen.
// Only a refusal is no swap, so one is decided again on what the database holds.
func (db *DB) UpdateCart(ctx context.Context, store string, cartID cart.ID,
	change func(*cart.Cart) (cart.Change, error)) (*cart.Cart, error) {
	key := store + "/" + string(cartID)
	if db.locks.waiting(key) >= mostWriters {
		return nil, busy(errCrowded)
	}
	release, err := db.locks.acquire(ctx, key)
	if err != nil {
		return nil, busy(err)
	}
	defer release()
	if c, err := db.changeBase(ctx, store, cartID, change); c != nil || err != nil {
		return c, err
	}
	for attempt := 1; ; attempt++ {
		old, err := db.cartToChange(ctx, store, cartID)
		if err != nil {
			return nil, err
		}
		c := old.cart.Clone()
		ch, err := change(c)
		if err != nil {
			return nil, err
		}
		err = db.swapCart(ctx, old, c, ch)
		if !errors.Is(err, errStale) {
			return c, err
		}
		if err := sleep(ctx, time.Duration(rand.Int64N(int64(min(attempt, 20))*2+1))*time.Millisecond); err != nil {
			return nil, busy(err)
		}
	}
}

// changeBase is an attempt of UpdateCart on the cart as this server last saw
// it. It returns nothing where that decides nothing.
func (db *DB) changeBase(ctx context.Context, store string, cartID cart.ID,
	change func(*cart.Cart) (cart.Change, error)) (*cart.Cart, error) {
	old := db.bases.get(store, cartID)
	if old == nil {
		return nil, nil
	}
	c := old.Clone()
	ch, refused := change(c)
	if refused == nil {
		if err := db.swapCart(ctx, stored{cart: old}, c, ch); !errors.Is(err, errStale) {
			return c, err
		}
	}
	return nil, nil
}

func busy(err error) error {
	return &fault.Error{Kind: fault.Unavailable, Title: "The cart is busy. Please try again.", Err: err}
}

// cartToChange returns a cart for a write to begin with, and whether nobody
// waits for it, as far as that is known.
func (db *DB) cartToChange(ctx context.Context, store string, cartID cart.ID) (stored, error) {
	if c := db.carts.get(store, cartID); c != nil {
		return stored{cart: c}, nil
	}
	was, err := db.loadCart(ctx, store, cartID)
	if err == nil && was.cart == nil {
		err = &fault.Error{Kind: fault.NotFound}
	}
	return was, err
}

// swapCart writes c in the place of a cart, or deletes it, if that still stands.
func (db *DB) swapCart(ctx context.Context, was stored, c *cart.Cart, ch cart.Change) error {
	old := was.cart
	if ch.Delete && c.Version == old.Version {
		c.Version++ // the journal's key needs a version of its own
	}
	entry, err := journalEntry(c, ch.Events)
	if err != nil {
		return err
	}
	var doc string
	if !ch.Delete {
		doc = document(c)
	}
	if db.pool != nil && !was.left && !ch.Delete && ch.Redirect == nil && !keeps(ctx) {
		err = db.swapAtOnce(ctx, old, c, doc, entry)
	} else {
		_, err = write(ctx, db, func(t *tx) (*cart.Cart, error) {
			n, err := t.swapRow(old, c, doc, &entry)
			if err != nil {
				return nil, fmt.Errorf("write cart: %w", err)
			}
			if n == 0 {
				return nil, errStale
			}
			return c, insertRedirect(t, ch.Redirect)
		})
	}
	if err == nil && !ch.Delete {
		db.written(c, max(len(doc), was.size))
	} else {
		db.forget(old.Store, old.ID)
	}
	return err
}

// document returns a cart as it is stored. The text is made for the driver,
// which copies it, so the buffer is used again.
func document(c *cart.Cart) string {
	buf := documents.Get().(*[]byte)
	defer documents.Put(buf)
	*buf = c.AppendDocument((*buf)[:0])
	return string(*buf)
}

var documents = sync.Pool{New: func() any { return new([]byte) }}

// updateRow writes the row of a cart; without a document it deletes it. It
// returns 0 when old does not stand any more.
func updateRow(t *tx, old, c *cart.Cart, doc string) (n int64, err error) {
	key := cartKey{old.Store, old.ID}
	switch {
	case doc == "":
		if err := t.fileRecent(key.store, key.id); err != nil {
			return 0, err
		}
		n, err = t.exec(sqlDeleteCart, key.store, string(key.id), old.Version)
		if err != nil || n == 0 {
			return n, err
		}
		return n, t.cartGone(key, c.Updated)
	case old.CustomerID != c.CustomerID:
		n, err = t.exec(sqlUpdateCartCustomer, c.Version, millis(c.Updated), doc, key.store, string(key.id), old.Version, c.CustomerID)
	default:
		n, err = t.exec(sqlUpdateCart, c.Version, millis(c.Updated), doc, key.store, string(key.id), old.Version)
	}
	if err != nil || n > 0 {
		return n, err
	}
	return t.reviveCart(old, c, doc)
}

// reviveCart writes the row of a cart whose due_at is not set: it was
// abandoned, or a payment was tried. That is over with this write.
func (t *tx) reviveCart(old, c *cart.Cart, doc string) (int64, error) {
	n, err := t.exec(sqlReviveCart, old.Store, c.Version, millis(c.Updated), doc, c.CustomerID, string(old.ID), old.Version)
	if err != nil || n == 0 {
		return n, err
	}
	return n, t.endEpisode(old.Store, old.ID, recovery.Changed, c.Updated)
}

func insertRedirect(t *tx, r *cart.Redirect) error {
	if r == nil {
		return nil
	}
	_, err := t.exec(sqlInsertRedirect, r.Store, r.Hash, string(r.Cart), r.Query.Encode(), millis(r.Expires))
	if err != nil {
		return fmt.Errorf("insert redirect: %w", err)
	}
	return nil
}
