package order

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
)

// newAddressID returns an id of 13 hex digits, the form of addresses and
// consignments (spec/05 §1.2).
func newAddressID() string { return id.Hex(7)[:13] }

// checkAddress returns the address as it is kept. An e-mail address and a
// country are all that it needs (spec/05 §1.2); what an order needs besides is
// asked for when the order is made.
func checkAddress(a cart.Address) (cart.Address, error) {
	if !cart.ValidEmail(a.Email) {
		return a, fault.Field("email", fault.Email)
	}
	iso, _, ok := merchant.Country(a.CountryCode)
	if !ok {
		return a, fault.Field("country_code", fault.ExpectedEnum)
	}
	a.CountryCode = iso
	return a, nil
}

// AddBilling sets the billing address, under a new id.
func (s *Checkouts) AddBilling(ctx context.Context, store string, checkout cart.ID, a cart.Address, opt cart.Options) (*cart.Cart, error) {
	a.ID = newAddressID()
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		return bill(c, a)
	})
}

// UpdateBilling replaces the billing address with this id.
func (s *Checkouts) UpdateBilling(ctx context.Context, store string, checkout cart.ID, addressID string, a cart.Address, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if c.Checkout.Billing == nil || c.Checkout.Billing.ID != addressID {
			return nil, missing("Billing address %s not found", addressID)
		}
		a.ID = addressID
		return bill(c, a)
	})
}

// bill sets the billing address. A guest's cart takes its e-mail address, which
// is the only part of it that is told (spec/04 §5).
func bill(c *cart.Cart, a cart.Address) ([]event.Event, error) {
	a, err := checkAddress(a)
	if err != nil {
		return nil, err
	}
	if old := c.Checkout.Billing; old == nil || customer.Key(old.Email) != customer.Key(a.Email) {
		c.NoMail = false // the address of a shopper who typed it, and no more one that a customer left
	}
	c.Checkout.Billing = &a
	if c.CustomerID != 0 || c.Email == a.Email {
		return nil, nil
	}
	c.Email = a.Email
	return []event.Event{{Scope: event.CartUpdated}}, nil
}
