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
	// DeleteCustomers removes customers and lets their carts follow, in one
	// transaction. Ids that are not there are passed over.
	DeleteCustomers(ctx context.Context, store string, ids []int64, follow Follow) error
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
// whose address is another now get that address (spec/01 §1, 9).
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
		func(who customer.Customer) Follow { return follow(who.ID, who.Email) })
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
	return a.storage.DeleteCustomers(ctx, store, ids, follow(0, ""))
}

// follow returns the rule that gives a cart to a customer with this address.
// It prices the cart, since prices may depend on who buys.
func (a *Accounts) follow(ctx context.Context, store string) (func(customerID int64, email string) Follow, error) {
	shop, err := a.carts.shops.Shop(ctx, store)
	if err != nil {
		return nil, err
	}
	now := a.carts.now()
	return func(customerID int64, email string) Follow {
		return func(c *Cart) (*Change, error) {
			if c.Expired(now) {
				return nil, nil
			}
			c.CustomerID, c.Email = customerID, email
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
			return &Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
		}
	}, nil
}
