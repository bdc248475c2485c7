package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

var customers = table[customer.Customer]{
	name: "customers", columns: "id, doc",
	scan: func(s scanner) (customer.Customer, error) {
		var c customer.Customer
		return c, scanDoc(s, &c.ID, &c)
	},
}

// scanDoc reads a row of an id and a document.
func scanDoc(s scanner, id *int64, v any) error {
	var doc string
	if err := s.Scan(id, &doc); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return fmt.Errorf("decode %d: %w", *id, err)
	}
	return nil
}

// FindCustomer returns the customer with this id, or nil.
func (db *DB) FindCustomer(ctx context.Context, store string, customerID int64) (*customer.Customer, error) {
	return findCustomer(ctx, db.reads, store, customerID, "")
}

func findCustomer(ctx context.Context, q querier, store string, id int64, suffix string) (*customer.Customer, error) {
	c := inStore(store)
	c.add("id = ?", id)
	return customers.one(ctx, q, c, suffix)
}

// customerOfCart returns whose a cart is; nil for a guest, and for somebody who
// is gone.
func customerOfCart(ctx context.Context, q querier, store string, customerID int64) (*customer.Customer, error) {
	if customerID == 0 {
		return nil, nil
	}
	return findCustomer(ctx, q, store, customerID, "")
}

// Customers implements customer.Storage.
func (db *DB) Customers(ctx context.Context, store string, f customer.Filter, r cursor.Range) (cursor.Part[customer.Customer], error) {
	c := inStore(store)
	in(c, "id", f.IDs)
	in(c, "group_id", f.Groups)
	if f.Emails != nil {
		keys := make([]string, len(f.Emails))
		for i, email := range f.Emails {
			keys[i] = customer.Key(email)
		}
		in(c, "email", keys)
	}
	if f.NameLike != "" {
		c.like("name", f.NameLike)
	}
	c.dates(f.Dates)
	return customers.list(ctx, db.reads, c, r)
}

// CreateCustomers implements customer.Storage.
func (db *DB) CreateCustomers(ctx context.Context, store string, cs []customer.Customer) ([]customer.Customer, error) {
	return write(ctx, db, func(t *tx) ([]customer.Customer, error) {
		first, err := t.nextID(store, "customer", int64(len(cs)))
		if err != nil {
			return nil, err
		}
		out := slices.Clone(cs)
		for i := range out {
			c := &out[i]
			c.ID = first + int64(i)
			doc, err := json.Marshal(c)
			if err != nil {
				return nil, fmt.Errorf("encode customer: %w", err)
			}
			n, err := t.exec(`INSERT INTO customers (store, id, email, name, group_id, created, modified, doc)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (store, email) DO NOTHING`,
				store, c.ID, customer.Key(c.Email), c.SearchName(), c.GroupID, millis(c.Created), millis(c.Modified), string(doc))
			if err != nil {
				return nil, fmt.Errorf("insert customer: %w", err)
			}
			if n == 0 {
				return nil, customer.EmailTaken(i)
			}
			if err := t.tellCustomer(store, c.ID, event.CustomerCreated, c.Created); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// accountWrite is what a write of customers did.
type accountWrite struct {
	customers []customer.Customer
	followed  []cart.ID
}

// UpdateCustomers implements cart.AccountStorage.
func (db *DB) UpdateCustomers(ctx context.Context, store string, ids []int64,
	change func([]*customer.Customer) ([]int, error), follow func(customer.Customer) cart.Follow) ([]customer.Customer, error) {
	done, err := write(ctx, db, func(t *tx) (accountWrite, error) {
		var out accountWrite
		have, err := t.lockCustomers(store, ids)
		if err != nil {
			return out, err
		}
		moved, err := change(have)
		if err != nil {
			return out, err
		}
		for i, c := range have {
			if err := t.updateCustomer(store, i, c); err != nil {
				return out, err
			}
			if err := t.tellCustomer(store, c.ID, event.CustomerUpdated, c.Modified); err != nil {
				return out, err
			}
			out.customers = append(out.customers, *c)
		}
		for _, i := range moved {
			followed, err := t.followCustomer(store, have[i].ID, follow(*have[i]))
			if err != nil {
				return out, err
			}
			out.followed = append(out.followed, followed...)
		}
		return out, nil
	})
	db.forgetFollowed(ctx, store, done.followed)
	return done.customers, err
}

// lockCustomers reads customers for a change, in the order of their ids, so
// that two transactions never wait for each other; it returns them in the
// order asked for.
func (t *tx) lockCustomers(store string, ids []int64) ([]*customer.Customer, error) {
	byID := map[int64]*customer.Customer{}
	for _, id := range slices.Sorted(slices.Values(ids)) {
		c, err := findCustomer(t.ctx, t, store, id, t.dialect.forUpdate)
		if err != nil {
			return nil, err
		}
		byID[id] = c
	}
	have := make([]*customer.Customer, len(ids))
	for i, id := range ids {
		have[i] = byID[id]
	}
	return have, nil
}

func (t *tx) updateCustomer(store string, i int, c *customer.Customer) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode customer: %w", err)
	}
	key := customer.Key(c.Email)
	others := inStore(store)
	others.add("email = ?", key)
	others.add("id <> ?", c.ID)
	taken, err := customers.exists(t.ctx, t, others)
	if err == nil && !taken {
		_, err = t.exec(`UPDATE customers SET email = $1, name = $2, group_id = $3, modified = $4, doc = $5
			WHERE store = $6 AND id = $7`, key, c.SearchName(), c.GroupID, millis(c.Modified), string(doc), store, c.ID)
	}
	switch {
	case taken, err != nil && t.dialect.isDuplicate(err):
		return customer.EmailTaken(i)
	case err != nil:
		return fmt.Errorf("write customer: %w", err)
	}
	return nil
}

// DeleteCustomers implements cart.AccountStorage.
func (db *DB) DeleteCustomers(ctx context.Context, store string, ids []int64, follow func(customer.Customer) cart.Follow) error {
	done, err := write(ctx, db, func(t *tx) (accountWrite, error) {
		var out accountWrite
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			var gone customer.Customer
			who, err := findCustomer(t.ctx, t, store, id, t.dialect.forUpdate)
			if err != nil {
				return out, err
			}
			if who != nil {
				gone = *who
				if _, err := t.exec(`DELETE FROM customers WHERE store = $1 AND id = $2`, store, id); err != nil {
					return out, fmt.Errorf("delete customer: %w", err)
				}
				if err := t.tellCustomer(store, id, event.CustomerDeleted, db.clock.Now()); err != nil {
					return out, err
				}
			}
			followed, err := t.followCustomer(store, id, follow(gone))
			if err != nil {
				return out, err
			}
			out.followed = append(out.followed, followed...)
		}
		return out, nil
	})
	db.forgetFollowed(ctx, store, done.followed)
	return err
}

// tellCustomer puts an event of a customer into the journal, where somebody
// listens: nobody else reads it. A customer has no version, so events are
// counted. Whoever tells holds the customer's row, if there is one.
func (t *tx) tellCustomer(store string, id int64, scope string, at time.Time) error {
	listens, err := t.listens(store)
	if err != nil || !listens {
		return err
	}
	subject := "customer/" + strconv.FormatInt(id, 10)
	var version int64
	err = t.QueryRowContext(t.ctx, `SELECT COALESCE(MAX(version), 0) + 1 FROM journal WHERE store = $1 AND cart_id = $2`, store, subject).Scan(&version)
	if err != nil {
		return fmt.Errorf("find the end of the journal: %w", err)
	}
	row, err := newJournalRow(store, subject, version, merchant.DefaultChannel, at, []event.Event{{Scope: scope, Customer: id}})
	if err != nil {
		return err
	}
	if err := row.insert(t); err != nil {
		return err
	}
	if scope == event.CustomerDeleted { // the journal goes some time later
		return endCart(t, cartKey{store, cart.ID(subject)}, at)
	}
	return nil
}

var customerCarts = table[*cart.Cart]{
	name: "carts", columns: "doc",
	scan: func(s scanner) (*cart.Cart, error) {
		var doc string
		if err := s.Scan(&doc); err != nil {
			return nil, err
		}
		c := &cart.Cart{}
		return c, json.Unmarshal([]byte(doc), c)
	},
}

// followCustomer applies a rule to every cart of a customer and returns those
// that it changed.
func (t *tx) followCustomer(store string, customerID int64, follow cart.Follow) ([]cart.ID, error) {
	carts, err := customerCarts.rows(t.ctx, t, `SELECT doc FROM carts WHERE store = $1 AND customer_id = $2 ORDER BY id`+
		t.dialect.forUpdate, store, customerID)
	if err != nil {
		return nil, err
	}
	var followed []cart.ID
	for _, old := range carts {
		c := old.Clone()
		ch, err := follow(c)
		if err != nil {
			return nil, err
		}
		if ch == nil {
			continue
		}
		if err := t.writeFollowed(old, c, *ch); err != nil {
			return nil, err
		}
		followed = append(followed, c.ID)
	}
	return followed, nil
}

func (t *tx) writeFollowed(old, c *cart.Cart, ch cart.Change) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode cart: %w", err)
	}
	entry, err := journalEntry(c, ch.Events)
	if err != nil {
		return err
	}
	n, err := updateRow(t, old, c, string(doc))
	if err != nil {
		return fmt.Errorf("write cart: %w", err)
	}
	if n == 0 {
		return errStale
	}
	return entry.insert(t)
}

// forgetFollowed drops carts that were written without their lock from memory.
// It takes the lock for that: a writer that finished before may only now put
// its own, older cart there.
func (db *DB) forgetFollowed(ctx context.Context, store string, ids []cart.ID) {
	if db.carts == nil {
		return
	}
	for _, cartID := range ids {
		release, err := db.locks.acquire(context.WithoutCancel(ctx), store+"/"+string(cartID))
		db.forget(store, cartID)
		if err == nil {
			release()
		}
	}
}

// errGoneRow is the refusal of a write to a row that is not there.
func errGoneRow() error { return fault.New(fault.NotFound, fault.TitleNotFound) }
