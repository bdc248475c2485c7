package sqlstore

import (
	"fmt"
	"slices"

	"cartwright/internal/order"
)

// noteOrdered notes when the addresses of whoever ordered last bought
// something: that of the account and that on the bill, since a cart of either
// may have been left. It locks them before the cart is touched, as whoever
// decides about a mail does: so a mail is either decided on before the order was
// paid, or sees it (decisions 19).
func (c *settlement) noteOrdered(o *order.Order) error {
	hashes, err := c.addressesOf(o)
	if err != nil {
		return err
	}
	slices.Sort(hashes) // two payments lock them in one order
	for _, hash := range hashes {
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
