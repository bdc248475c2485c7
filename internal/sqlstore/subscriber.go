package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
)

var subscribers = table[customer.Subscriber]{
	name: "subscribers", columns: "id, doc",
	scan: func(s scanner) (customer.Subscriber, error) {
		var sub customer.Subscriber
		return sub, scanDoc(s, &sub.ID, &sub)
	},
}

// dates adds a filter by dates; every listed table has the two columns.
func (c *conditions) dates(d customer.Dates) {
	c.between("created", d.CreatedMin, d.CreatedBefore)
	c.between("modified", d.ModifiedMin, d.ModifiedBefore)
}

func subscriberConditions(store string, f customer.SubscriberFilter) *conditions {
	c := inStore(store)
	in(c, "id", f.IDs)
	if f.Email != "" {
		c.add("email = ?", customer.Key(f.Email))
	}
	for _, equal := range [][2]string{{"first_name", f.FirstName}, {"last_name", f.LastName}, {"source", f.Source}} {
		if equal[1] != "" {
			c.add(equal[0]+" = ?", equal[1])
		}
	}
	if f.OrderID != 0 {
		c.add("order_id = ?", f.OrderID)
	}
	c.dates(f.Dates)
	return c
}

// Subscribers implements customer.Storage.
func (db *DB) Subscribers(ctx context.Context, store string, f customer.SubscriberFilter, r cursor.Range) (cursor.Part[customer.Subscriber], error) {
	return subscribers.list(ctx, db.reads, subscriberConditions(store, f), r)
}

// FindSubscriber implements customer.Storage.
func (db *DB) FindSubscriber(ctx context.Context, store string, id int64) (*customer.Subscriber, error) {
	c := inStore(store)
	c.add("id = ?", id)
	return subscribers.one(ctx, db.reads, c, "")
}

func errSubscribed() error {
	return fault.New(fault.Conflict, "There is a subscriber with this email address already.")
}

// CreateSubscriber implements customer.Storage.
func (db *DB) CreateSubscriber(ctx context.Context, store string, s customer.Subscriber) (customer.Subscriber, error) {
	return write(ctx, db, func(t *tx) (customer.Subscriber, error) {
		out := s
		var err error
		if out.ID, err = t.nextID(store, "subscriber", 1); err != nil {
			return out, err
		}
		doc, err := json.Marshal(out)
		if err != nil {
			return out, fmt.Errorf("encode subscriber: %w", err)
		}
		n, err := t.exec(`INSERT INTO subscribers (store, id, email, channel, first_name, last_name, source, order_id, created, modified, doc)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (store, email, channel) DO NOTHING`,
			store, out.ID, customer.Key(out.Email), out.ChannelID, out.FirstName, out.LastName, out.Source, out.OrderID,
			millis(out.Created), millis(out.Modified), string(doc))
		if err != nil {
			return out, fmt.Errorf("insert subscriber: %w", err)
		}
		if n == 0 {
			return out, errSubscribed()
		}
		return out, nil
	})
}

// UpdateSubscriber implements customer.Storage.
func (db *DB) UpdateSubscriber(ctx context.Context, store string, id int64, change func(*customer.Subscriber)) (customer.Subscriber, error) {
	return write(ctx, db, func(t *tx) (customer.Subscriber, error) {
		c := inStore(store)
		c.add("id = ?", id)
		s, err := subscribers.one(t.ctx, t, c, t.dialect.forUpdate)
		if err != nil {
			return customer.Subscriber{}, err
		}
		if s == nil {
			return customer.Subscriber{}, errGoneRow()
		}
		change(s)
		return *s, t.updateSubscriber(store, s)
	})
}

func (t *tx) updateSubscriber(store string, s *customer.Subscriber) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode subscriber: %w", err)
	}
	_, err = t.exec(`UPDATE subscribers SET email = $1, channel = $2, first_name = $3, last_name = $4, source = $5,
		order_id = $6, modified = $7, doc = $8 WHERE store = $9 AND id = $10`,
		customer.Key(s.Email), s.ChannelID, s.FirstName, s.LastName, s.Source, s.OrderID, millis(s.Modified), string(doc),
		store, s.ID)
	switch {
	case err != nil && t.dialect.isDuplicate(err):
		return errSubscribed()
	case err != nil:
		return fmt.Errorf("write subscriber: %w", err)
	}
	return nil
}

// DeleteSubscribers implements customer.Storage.
func (db *DB) DeleteSubscribers(ctx context.Context, store string, f customer.SubscriberFilter) (int64, error) {
	c := subscriberConditions(store, f)
	return write(ctx, db, func(t *tx) (int64, error) {
		n, err := t.exec("DELETE FROM subscribers"+c.where(), c.args...)
		if err != nil {
			return 0, fmt.Errorf("delete subscribers: %w", err)
		}
		return n, nil
	})
}
