package sqlstore

import (
	"fmt"

	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// noteOrdered notes when the address of an order last bought something. It
// locks the address before the cart is touched, as whoever decides about a mail
// does: so a mail is either decided on before the order was paid, or sees it
// (decisions 19).
func (c *settlement) noteOrdered(o *order.Order) error {
	address, err := c.addressOf(o.Cart)
	if err != nil || address == "" {
		return err
	}
	hash, at := recovery.AddressHash(o.Store, address), millis(o.Modified)
	n, err := c.exec(`UPDATE mail_addresses SET ordered = $1 WHERE store = $2 AND hash = $3`, at, o.Store, hash)
	if err != nil {
		return fmt.Errorf("note an order of an address: %w", err)
	}
	if n > 0 {
		return nil
	}
	number, err := c.nextID(o.Store, "mail_address", 1)
	if err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO mail_addresses (store, hash, id, suppressed, reason, ordered) VALUES ($1, $2, $3, NULL, '', $4)
		ON CONFLICT (store, hash) DO UPDATE SET ordered = excluded.ordered`, o.Store, hash, number, at)
	if err != nil {
		return fmt.Errorf("note an order of an address: %w", err)
	}
	return nil
}
