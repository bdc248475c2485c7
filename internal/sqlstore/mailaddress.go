package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// mailAddress is what is known of an address, its row locked.
type mailAddress struct {
	recovery.SuppressedAddress

	ordered time.Time
}

// lockAddress locks the row of an address, which it makes when there is none.
// Whoever locks more than one thing begins with it (decisions 19).
func (t *tx) lockAddress(store, hash string) (mailAddress, error) {
	for {
		a, found, err := t.findAddress(store, hash)
		if found || err != nil {
			return a, err
		}
		if err := t.addAddress(store, hash); err != nil {
			return a, err
		}
	}
}

// findAddress locks the row of an address, if there is one.
func (t *tx) findAddress(store, hash string) (a mailAddress, found bool, err error) {
	a.Hash = hash
	var at, ordered sql.NullInt64
	err = t.QueryRowContext(t.ctx, `SELECT id, suppressed, reason, ordered FROM mail_addresses WHERE store = $1 AND hash = $2`+t.dialect.forUpdate,
		store, hash).Scan(&a.ID, &at, &a.Reason, &ordered)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, false, nil
	case err != nil:
		return a, false, fmt.Errorf("lock address: %w", err)
	}
	a.At, a.ordered = maybeTime(at), maybeTime(ordered)
	return a, true, nil
}

// addAddress makes the row of an address. The counter of addresses is locked from
// then on until the transaction ends.
func (t *tx) addAddress(store, hash string) error {
	number, err := t.nextID(store, "mail_address", 1)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO mail_addresses (store, hash, id, suppressed, reason, ordered) VALUES ($1, $2, $3, NULL, '', NULL)
		ON CONFLICT (store, hash) DO NOTHING`, store, hash, number); err != nil {
		return fmt.Errorf("insert address: %w", err)
	}
	return nil
}

// noteOrdered notes when the addresses of whoever ordered last bought
// something: that of the account and that on the bill, since a cart of either
// may have been left. It locks them before the cart is touched, as whoever
// decides about a mail does: so a mail is either decided on before the order was
// paid, or sees it (decisions 19).
func (c *settlement) noteOrdered(o *order.Order, addresses []string) error {
	sorted := slices.Sorted(slices.Values(addresses)) // two payments lock them in one order
	for _, hash := range sorted {
		if _, err := c.lockAddress(o.Store, hash); err != nil {
			return err
		}
		_, err := c.exec(`UPDATE mail_addresses SET ordered = $1 WHERE store = $2 AND hash = $3`, millis(o.Modified), o.Store, hash)
		if err != nil {
			return fmt.Errorf("note an order of an address: %w", err)
		}
	}
	return nil
}

// addressesOf returns the hashes of the addresses under which the shopper of an
// order may have been written to.
func (t *tx) addressesOf(o *order.Order) ([]string, error) {
	known := []string{o.Email, o.Cart.Email}
	who, err := customerOfCart(t.ctx, t, o.Store, o.Cart.CustomerID)
	if err != nil {
		return nil, err
	}
	if who != nil {
		known = append(known, who.Email)
	}
	var hashes []string
	for _, address := range known {
		if hash := recovery.AddressHash(o.Store, address); hash != "" && !slices.Contains(hashes, hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes, nil
}
