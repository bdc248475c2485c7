package cart_test

import (
	"context"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// registry keeps customers beside the carts of a shopkeeper.
type registry struct {
	*shopkeeper
	customers map[int64]customer.Customer
	followed  int
}

// UpdateCustomers implements cart.AccountStorage.
func (r *registry) UpdateCustomers(_ context.Context, _ string, ids []int64, change func([]*customer.Customer) ([]int, error),
	follow func(customer.Customer) cart.Follow) ([]customer.Customer, error) {
	have := make([]*customer.Customer, len(ids))
	for i, id := range ids {
		if c, ok := r.customers[id]; ok {
			have[i] = &c
		}
	}
	moved, err := change(have)
	if err != nil {
		return nil, err
	}
	var out []customer.Customer
	for _, c := range have {
		r.customers[c.ID] = *c
		out = append(out, *c)
	}
	for _, i := range moved {
		if err := r.lead(ids[i], follow(*have[i])); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DeleteCustomers implements cart.AccountStorage.
func (r *registry) DeleteCustomers(_ context.Context, _ string, ids []int64, follow func(customer.Customer) cart.Follow) error {
	for _, id := range ids {
		gone := r.customers[id]
		delete(r.customers, id)
		if err := r.lead(id, follow(gone)); err != nil {
			return err
		}
	}
	return nil
}

func (r *registry) lead(customerID int64, follow cart.Follow) error {
	for cartID, old := range r.carts {
		if old.CustomerID != customerID {
			continue
		}
		c := old.Clone()
		ch, err := follow(c)
		if err != nil {
			return err
		}
		if ch != nil {
			r.carts[cartID] = c
			r.note(*ch)
			r.followed++
		}
	}
	return nil
}

func newRegistry(t *testing.T) (*registry, *cart.Accounts, *cart.Cart) {
	t.Helper()
	r := &registry{newShop(t), map[int64]customer.Customer{7: {ID: 7, Email: "ada@example.com"}}, 0}
	c, err := r.service.Create(t.Context(), "demo", cart.Draft{CustomerID: 7, Items: []cart.Item{item(mug, 2)}}, cart.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r, cart.NewAccounts(r, r.service), c
}

func TestCartsFollowTheirCustomer(t *testing.T) {
	r, accounts, c := newRegistry(t)
	ctx := t.Context()
	r.clock.Advance(time.Hour)
	out, err := accounts.Update(ctx, "demo", []customer.Change{{ID: 7, Fields: customer.Fields{LastName: ref("Byron")}}})
	if err != nil || out[0].LastName != "Byron" || r.followed != 0 || r.carts[c.ID].Version != 1 {
		t.Errorf("a new name: %+v, %v, %d carts followed", out, err, r.followed)
	}
	if _, err = accounts.Update(ctx, "demo", []customer.Change{{ID: 7, Fields: customer.Fields{Email: ref("new@example.com")}}}); err != nil {
		t.Fatal(err)
	}
	got := r.carts[c.ID]
	if got.Email != "new@example.com" || got.CustomerID != 7 || got.Version != 2 || !got.Updated.Equal(noon.Add(time.Hour)) {
		t.Errorf("a new address: %+v", got)
	}
	if scopes := r.scopes(); len(scopes) != 1 || scopes[0] != "updated" {
		t.Errorf("events = %v", scopes)
	}
	r.shop.Catalog = catalog.NewSnapshot(2, 2, fixtureProducts()[2:3]) // the mug is gone, prices moved
	if err := accounts.Delete(ctx, "demo", []int64{7}); err != nil {
		t.Fatal(err)
	}
	got = r.carts[c.ID]
	if got.Email != "" || got.CustomerID != 0 || got.Version != 3 || got.Totals.Cart != amount("20") || got.Priced.PriceRevision != 2 {
		t.Errorf("without a customer: %+v", got)
	}
	if _, err := accounts.Update(ctx, "demo", []customer.Change{{ID: 7}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("the deleted customer = %v", err)
	}
	if err := accounts.Delete(ctx, "demo", nil); err != nil {
		t.Errorf("nobody = %v", err)
	}
	if _, err := accounts.Update(ctx, "demo", nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("no changes = %v", err)
	}
}

func TestExpiredCartsDoNotFollow(t *testing.T) {
	r, accounts, c := newRegistry(t)
	r.clock.Advance(cart.Lifetime)
	if err := accounts.Delete(t.Context(), "demo", []int64{7}); err != nil || r.carts[c.ID].Version != 1 {
		t.Errorf("an expired cart: %+v, %v", r.carts[c.ID], err)
	}
}

// TestACustomerGoesWhateverTheCartCosts: an amount that no longer fits does
// not keep a customer.
func TestACustomerGoesWhateverTheCartCosts(t *testing.T) {
	r, accounts, c := newRegistry(t)
	products := fixtureProducts()
	for _, p := range products {
		p.Price = money.Max
	}
	r.shop.Catalog = catalog.NewSnapshot(2, 2, products)
	if err := accounts.Delete(t.Context(), "demo", []int64{7}); err != nil {
		t.Fatal(err)
	}
	if got := r.carts[c.ID]; got.CustomerID != 0 || got.Version != 2 || got.Totals.Cart != amount("20") {
		t.Errorf("the cart = %+v", got)
	}
}

// TestWhatADeletedCustomerDidNotAgreeTo: the cart of a customer who did not
// agree to mails about carts says so when it has become a guest's, until it is
// a customer's again.
func TestWhatADeletedCustomerDidNotAgreeTo(t *testing.T) {
	for name, agreed := range map[string]bool{"agreed": true, "did not": false} {
		t.Run(name, func(t *testing.T) {
			r, accounts, c := newRegistry(t)
			ctx := t.Context()
			r.customers[7] = customer.Customer{ID: 7, Email: "ada@example.com", AcceptsAbandonedCartEmails: agreed}
			r.carts[c.ID].Checkout = &cart.Checkout{Billing: &cart.Address{Email: "home@example.com"}}
			if err := accounts.Delete(ctx, "demo", []int64{7}); err != nil {
				t.Fatal(err)
			}
			if got := r.carts[c.ID]; got.Email != "home@example.com" || got.NoMail == agreed {
				t.Errorf("a guest's: %q, no mail %v", got.Email, got.NoMail)
			}
			if _, err := r.service.SetCustomer(ctx, "demo", c.ID, 0, cart.Options{}); err != nil || r.carts[c.ID].NoMail == agreed {
				t.Errorf("given to a guest: no mail %v, %v", r.carts[c.ID].NoMail, err)
			}
			if _, err := r.service.SetCustomer(ctx, "demo", c.ID, 7, cart.Options{}); err != nil || r.carts[c.ID].NoMail {
				t.Errorf("given to a customer: no mail %v, %v", r.carts[c.ID].NoMail, err)
			}
		})
	}
}
