package cart

import (
	"context"

	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
)

// Follow is what a cart does when its customer changes. It edits the cart and
// returns the change to write with it, or nil when the cart stays as it is.
type Follow func(*Cart) (*Change, error)

// AccountStorage writes customers together with the carts that belong to them.
type AccountStorage interface {
	// UpdateCustomers calls change with the customers of these ids, in their
	// order and nil where there is none, and writes what it made of them. change
	// returns the places of those whose carts follow, each by the rule that
	// follow returns for its customer. All of it is one transaction; the
	// functions may be called again. It returns an Invalid fault for an address
	// that belongs to another customer.
	UpdateCustomers(ctx context.Context, store string, ids []int64,
		change func([]*customer.Customer) (moved []int, err error),
		follow func(customer.Customer) Follow) ([]customer.Customer, error)
	// DeleteCustomers removes customers and lets their carts follow, each by the
	// rule that follow returns for its customer as he was, in one transaction.
	// Ids that are not there are passed over; carts that still name one follow
	// the rule of a customer without anything.
	DeleteCustomers(ctx context.Context, store string, ids []int64, follow func(customer.Customer) Follow) error
}

// Accounts changes and deletes customers: the writes of customers that reach
// into carts.
type Accounts struct {
	storage AccountStorage
	carts   *Service
}

// NewAccounts returns a service on this storage; carts prices what follows.
func NewAccounts(storage AccountStorage, carts *Service) *Accounts { return &Accounts{storage, carts} }

// Update changes customers: all of them, or none. The carts of a customer
// whose address or group is another now follow (spec/01 §1, 9).
func (a *Accounts) Update(ctx context.Context, store string, changes []customer.Change) ([]customer.Customer, error) {
	if err := customer.CheckChanges(changes); err != nil {
		return nil, err
	}
	follow, err := a.follow(ctx, store)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(changes))
	for i, ch := range changes {
		ids[i] = ch.ID
	}
	now := a.carts.now()
	return a.storage.UpdateCustomers(ctx, store, ids,
		func(have []*customer.Customer) ([]int, error) { return customer.Apply(have, changes, now) },
		func(who customer.Customer) Follow { return follow(&who) })
}

// Delete removes customers; their carts become carts of guests (spec/05 §3).
func (a *Accounts) Delete(ctx context.Context, store string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	follow, err := a.follow(ctx, store)
	if err != nil {
		return err
	}
	guest := follow(&customer.Customer{})
	return a.storage.DeleteCustomers(ctx, store, ids, func(gone customer.Customer) Follow {
		return func(c *Cart) (*Change, error) {
			ch, err := guest(c)
			if ch != nil { // deleting an account is no consent to mails at the address of the bill
				c.NoMail = !gone.AcceptsAbandonedCartEmails
			}
			return ch, err
		}
	})
}

// follow returns the rule that makes a cart the customer's as he is now; one
// without an id is a guest. It prices the cart, since prices may depend on who
// buys.
func (a *Accounts) follow(ctx context.Context, store string) (func(*customer.Customer) Follow, error) {
	shop, err := a.carts.shops.Shop(ctx, store)
	if err != nil {
		return nil, err
	}
	now := a.carts.now()
	return func(who *customer.Customer) Follow {
		return func(c *Cart) (*Change, error) {
			if c.Expired(now) {
				return nil, nil
			}
			var orders int64
			if who.ID != 0 {
				orders = c.Shopper.Orders
			}
			c.belongTo(who, orders)
			before := c.addedLines()
			c.Version++
			c.Updated = now
			// Amounts that grew too large since the last write must not keep a
			// customer from being deleted: the cart keeps those it has.
			priced := c.Clone()
			if err := a.carts.price(priced, shop, now); err == nil {
				*c = *priced
			} else if !fault.Is(err, fault.Invalid) {
				return nil, err
			}
			events := withAddedLines([]event.Event{{Scope: event.CartUpdated}}, before, c.addedLines())
			return &Change{Events: events}, nil
		}
	}, nil
}
