package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// Settling an order locks rows in one order, whoever does it, so that payments
// never wait for each other in a circle: the store's revisions, the counters of
// the order's ids, the order, the address of whoever bought, the cart, the cart's
// mark, its episode, its minted coupons, stock, uses, gift certificates, the
// shopper's hold-outs, digests and notices, the customer's count. The counters of
// addresses, gift certificates, digests and notices are locked where the first
// of their ids is given.
// Writers of the catalog and of offers begin with the revisions too, and writers
// of carts hold nothing but their cart.

// PlaceOrder implements order.Storage.
func (db *DB) PlaceOrder(ctx context.Context, o order.Order, events []event.Event) (*order.Order, error) {
	release, err := db.locks.acquire(ctx, o.Store+"/"+string(o.Cart.ID))
	if err != nil {
		return nil, busy(err)
	}
	defer release()
	placed, err := write(ctx, db, func(t *tx) (*order.Order, error) {
		made := o
		c, err := t.beginSettling(o.Store)
		if err != nil {
			return nil, err
		}
		if err := c.pricesStand(o.Cart.Priced); err != nil {
			return nil, err
		}
		if err := t.numberOrder(&made); err != nil {
			return nil, err
		}
		if err := c.settle(&made, o.Cart.Version); err != nil {
			return nil, err
		}
		if err := t.insertOrder(&made); err != nil {
			return nil, err
		}
		return &made, t.tellOrder(&made, events)
	})
	db.forget(o.Store, o.Cart.ID)
	if err == nil {
		db.changed(ctx, o.Store)
	}
	return placed, err
}

// saveOrder writes o in the place of old, with what it means for stock, cart
// and uses.
func (db *DB) saveOrder(ctx context.Context, old *order.Order, o order.Order, events []event.Event) (*order.Order, error) {
	settles, moves := o.Settled && !old.Settled, o.Held != old.Held
	if settles {
		// Writers of the cart in this process wait, so that what they put into the
		// cache does not outlive the cart.
		release, err := db.locks.acquire(ctx, o.Store+"/"+string(o.Cart.ID))
		if err != nil {
			return nil, busy(err)
		}
		defer release()
	}
	saved, err := write(ctx, db, func(t *tx) (*order.Order, error) {
		done := o
		if settles || moves {
			c, err := t.beginSettling(o.Store)
			if err != nil {
				return nil, err
			}
			if err := t.lockOrder(old); err != nil {
				return nil, err
			}
			switch {
			case settles:
				err = c.settle(&done, anyVersion)
			case done.Held:
				err = c.takeAgain(&done)
			default:
				err = c.giveBack(&done)
			}
			if err != nil {
				return nil, err
			}
		}
		if err := t.updateOrder(&done); err != nil {
			return nil, err
		}
		if order.Declines(old.Status, done.Status) {
			if err := t.paymentTried(o.Store, o.Cart.ID, anyVersion, o.Modified); err != nil {
				return nil, err
			}
		}
		return &done, t.tellOrder(&done, events)
	})
	if settles {
		db.forget(o.Store, o.Cart.ID)
	}
	if err == nil && (settles || moves) {
		db.changed(ctx, o.Store)
	}
	return saved, err
}

// lockOrder locks the row of an order, if it is as it was read.
func (t *tx) lockOrder(o *order.Order) error {
	var version int64
	err := t.QueryRowContext(t.ctx, `SELECT version FROM orders WHERE store = $1 AND id = $2`+t.dialect.forUpdate, o.Store, o.ID).Scan(&version)
	if err != nil {
		return fmt.Errorf("lock order %d: %w", o.ID, err)
	}
	if version != o.Version {
		return errStale
	}
	return nil
}

// settlement is a transaction that settles orders of a store, or moves their
// stock. Its catalog cannot change meanwhile.
type settlement struct {
	catalogTx
	price int64 // the store's price revision
	moved bool  // the catalog's revision
}

// beginSettling locks the revisions of a store.
func (t *tx) beginSettling(store string) (*settlement, error) {
	c := &settlement{catalogTx: catalogTx{tx: t, store: store}}
	err := t.QueryRowContext(t.ctx, `SELECT catalog, price FROM revisions WHERE store = $1`+t.dialect.forUpdate, store).
		Scan(&c.revision, &c.price)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("lock revisions: %w", err)
	}
	return c, nil
}

// pricesStand reports order.ErrMoved unless amounts that were computed then are
// those of now.
func (c *settlement) pricesStand(p cart.Priced) error {
	var revision int64
	if err := c.QueryRowContext(c.ctx, `SELECT revision FROM stores WHERE hash = $1`, c.store).Scan(&revision); err != nil {
		return fmt.Errorf("read revision of the store: %w", err)
	}
	if p.PriceRevision != c.price || p.StoreRevision != revision {
		return order.ErrMoved
	}
	return nil
}

// anyVersion says that a cart is converted as it is, however it has changed
// since its order was made.
const anyVersion = 0

// settle does what happens once to an order: its cart is converted, its stock
// taken, its uses counted, its gift certificates charged and issued.
func (c *settlement) settle(o *order.Order, cartVersion int64) error {
	addresses, err := c.addressesOf(o)
	if err != nil {
		return err
	}
	if err := c.noteOrdered(o, addresses); err != nil {
		return err
	}
	if err := c.convertCart(o, cartVersion); err != nil {
		return err
	}
	if err := c.takeStock(o); err != nil {
		return err
	}
	if err := countUses(c.tx, o.Store, o.Uses(), o.Shopper(), o.ID, o.Modified); err != nil {
		return asConflict(err)
	}
	if err := c.redeemMinted(o); err != nil {
		return err
	}
	if err := chargeCertificates(c.tx, o.Store, o.Charges, o.ID, o.Modified); err != nil {
		return err
	}
	if err := issueCertificates(c.tx, o.Store, o.ID, o.Cart.CustomerID, o.Cart.Lines, o.Cart.Currency, o.Modified); err != nil {
		return err
	}
	if err := c.noteSale(o, addresses); err != nil {
		return err
	}
	if err := c.tellOfConverted(o); err != nil {
		return err
	}
	if o.Cart.CustomerID == 0 {
		return nil
	}
	_, err = c.exec(`INSERT INTO customer_orders (store, customer_id, placed) VALUES ($1, $2, 1)
		ON CONFLICT (store, customer_id) DO UPDATE SET placed = customer_orders.placed + 1`, o.Store, o.Cart.CustomerID)
	if err != nil {
		return fmt.Errorf("count order of customer: %w", err)
	}
	return nil
}

// asConflict makes a use that is not left a conflict: the order was fine when
// it was made.
func asConflict(err error) error {
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return &fault.Error{Kind: fault.Conflict, Title: f.Title, Err: f}
	}
	return err
}

// convertCart ends the cart of an order. A cart that is gone already has
// nothing to end; one that became another order is refused.
func (c *settlement) convertCart(o *order.Order, version int64) error {
	key := cartKey{o.Store, o.Cart.ID}
	if err := c.fileRecent(key.store, key.id); err != nil {
		return err
	}
	query, args := `DELETE FROM carts WHERE store = $1 AND id = $2`, []any{key.store, string(key.id)}
	if version != anyVersion {
		query, args = query+` AND version = $3`, append(args, version)
	}
	var last int64
	err := c.QueryRowContext(c.ctx, query+` RETURNING version`, args...).Scan(&last)
	gone := errors.Is(err, sql.ErrNoRows)
	switch {
	case gone && version != anyVersion:
		return order.ErrMoved
	case err != nil && !gone:
		return fmt.Errorf("convert cart: %w", err)
	}
	if err := c.markPlaced(o); err != nil || gone {
		return err
	}
	row, err := newJournalRow(o.Store, string(key.id), last+1, o.Cart.ChannelID, o.Modified,
		[]event.Event{{Scope: event.CartConverted, Order: o.ID}})
	if err != nil {
		return err
	}
	if err := row.insert(c.tx); err != nil {
		return err
	}
	if err := c.endEpisode(key.store, key.id, recovery.Converted, o.Modified); err != nil {
		return err
	}
	return endCart(c.tx, key, o.Modified)
}

// markPlaced notes that a cart became this order, or refuses when it became
// another one.
func (c *settlement) markPlaced(o *order.Order) error {
	n, err := c.exec(`INSERT INTO order_carts (store, cart_id, latest, placed) VALUES ($1, $2, $3, $3)
		ON CONFLICT (store, cart_id) DO UPDATE SET placed = excluded.placed WHERE order_carts.placed = 0`,
		o.Store, string(o.Cart.ID), o.ID)
	if err != nil {
		return fmt.Errorf("note the order of a cart: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "Another order of the same cart has been paid.")
	}
	return nil
}

// takeStock takes what an order needs, all of it or nothing: the caller takes
// the transaction back.
func (c *settlement) takeStock(o *order.Order) error {
	products, err := c.productsOf(o.Cart.Lines)
	if err != nil {
		return err
	}
	if o.Draws, err = cart.Draws(products, o.Cart.Lines); err != nil {
		return err
	}
	for _, d := range o.Draws {
		n, err := c.exec(`UPDATE stock SET level = level - $1 WHERE store = $2 AND product_id = $3 AND variant_id = $4 AND level >= $1`,
			d.Quantity, c.store, d.ProductID, d.VariantID)
		if err != nil {
			return fmt.Errorf("take stock of product %d: %w", d.ProductID, err)
		}
		if n == 0 {
			return cart.OutOfStock(d.Name)
		}
		if err := c.touch(d.ProductID); err != nil {
			return err
		}
	}
	return nil
}

// takeAgain takes what an order gave back when it was cancelled.
func (c *settlement) takeAgain(o *order.Order) error {
	if err := c.takeStock(o); err != nil {
		return err
	}
	if err := chargeCertificates(c.tx, o.Store, o.Charges, o.ID, o.Modified); err != nil {
		return err
	}
	if err := c.giveMintedAgain(o); err != nil {
		return err
	}
	if err := c.cancelSale(o.Store, o.ID, time.Time{}); err != nil {
		return err
	}
	return setIssued(c.tx, o.Store, o.ID, order.CertificateDisabled, order.CertificateActive)
}

// giveBack gives back what an order took: stock, and what gift certificates
// paid. Those that it has bought pay nothing from then on.
func (c *settlement) giveBack(o *order.Order) error {
	if err := c.returnStock(o); err != nil {
		return err
	}
	if err := returnCharges(c.tx, o.Store, o.Charges, o.ID); err != nil {
		return err
	}
	if err := c.takeBackMinted(o); err != nil {
		return err
	}
	if err := c.cancelSale(o.Store, o.ID, o.Modified); err != nil {
		return err
	}
	return setIssued(c.tx, o.Store, o.ID, order.CertificateActive, order.CertificateDisabled)
}

// returnStock gives the stock back that an order took. What was deleted since
// has no stock any more.
func (c *settlement) returnStock(o *order.Order) error {
	for _, d := range o.Draws {
		if _, err := c.exec(`UPDATE stock SET level = level + $1 WHERE store = $2 AND product_id = $3 AND variant_id = $4`,
			d.Quantity, c.store, d.ProductID, d.VariantID); err != nil {
			return fmt.Errorf("give back stock of product %d: %w", d.ProductID, err)
		}
		if err := c.touch(d.ProductID); err != nil {
			return err
		}
	}
	return nil
}

// touch lets other servers see that the stock of a product moved. Prices did
// not, so carts keep theirs.
func (c *settlement) touch(productID int64) error {
	if !c.moved {
		err := c.QueryRowContext(c.ctx, `UPDATE revisions SET catalog = catalog + 1 WHERE store = $1 RETURNING catalog`, c.store).Scan(&c.revision)
		if err != nil {
			return fmt.Errorf("move revision of the catalog: %w", err)
		}
		c.moved = true
	}
	if _, err := c.exec(`UPDATE products SET revision = $1 WHERE store = $2 AND id = $3`, c.revision, c.store, productID); err != nil {
		return fmt.Errorf("move revision of product %d: %w", productID, err)
	}
	return nil
}

// productSet is the products that an order needs, as the database holds them.
type productSet map[int64]*catalog.Product

// Product implements cart.Products.
func (s productSet) Product(id int64) *catalog.Product { return s[id] }

// productsOf loads the products of lines, and those they picked from lists.
func (c *settlement) productsOf(lines []cart.Line) (productSet, error) {
	set := productSet{}
	for range 2 { // what was picked is known once the lines' own products are
		for _, id := range cart.ProductsOf(set, lines) {
			if set[id] != nil {
				continue
			}
			p, err := c.load(id)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			set[id] = p
		}
	}
	return set, nil
}
