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
	a, err := c.lockAddress(o.Store, recovery.AddressHash(o.Store, address))
	if err != nil {
		return err
	}
	_, err = c.exec(`UPDATE mail_addresses SET ordered = $1 WHERE store = $2 AND hash = $3`, millis(o.Modified), o.Store, a.Hash)
	if err != nil {
		return fmt.Errorf("note an order of an address: %w", err)
	}
	return nil
}
