package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/order"
)

var orders = table[*order.Order]{
	name: "orders", columns: "id, doc",
	scan: func(s scanner) (*order.Order, error) {
		var o order.Order
		return &o, scanDoc(s, &o.ID, &o)
	},
}

// FindOrder implements order.Storage.
func (db *DB) FindOrder(ctx context.Context, store string, id int64) (*order.Order, error) {
	c := inStore(store)
	c.add("id = ?", id)
	return db.oneOrder(ctx, c)
}

// FindOrderOfCart implements order.Storage.
func (db *DB) FindOrderOfCart(ctx context.Context, store string, cartID cart.ID) (*order.Order, error) {
	c := inStore(store)
	c.add("id = (SELECT p.placed FROM order_carts p WHERE p.store = ? AND p.cart_id = ?)", store, string(cartID))
	return db.oneOrder(ctx, c)
}

func (db *DB) oneOrder(ctx context.Context, c *conditions) (*order.Order, error) {
	o, err := orders.one(ctx, db.reads, c, "")
	if o == nil || err != nil {
		return nil, err
	}
	return *o, nil
}

// LatestOrder implements order.Storage.
func (db *DB) LatestOrder(ctx context.Context, store string, cartID cart.ID) (int64, error) {
	var latest int64
	err := db.reads.QueryRowContext(ctx, `SELECT COALESCE(MAX(latest), 0) FROM order_carts WHERE store = $1 AND cart_id = $2`,
		store, string(cartID)).Scan(&latest)
	if err != nil {
		return 0, fmt.Errorf("read latest order: %w", err)
	}
	return latest, nil
}

// orderColumns are the columns that lists are sorted by.
var orderColumns = map[order.Sort]string{
	order.ByID: "id", order.ByCustomer: "customer_id", order.ByCreated: "created", order.ByModified: "modified",
	order.ByStatus: "status", order.ByChannel: "channel",
}

// Orders implements order.Storage.
func (db *DB) Orders(ctx context.Context, store string, f order.Filter) (cursor.Part[*order.Order], error) {
	c := orderConditions(store, f)
	var part cursor.Part[*order.Order]
	if err := db.reads.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders"+c.where(), c.args...).Scan(&part.Total); err != nil {
		return part, fmt.Errorf("count orders: %w", err)
	}
	column := cmp.Or(orderColumns[f.Sort], "id")
	direction := ""
	if f.Falling {
		direction = " DESC"
	}
	query := "SELECT " + orders.columns + " FROM orders" + c.where() + " ORDER BY " + column + direction + ", id" + direction +
		" LIMIT " + strconv.Itoa(f.Limit) + " OFFSET " + strconv.FormatInt(f.Offset, 10)
	var err error
	part.Entries, err = orders.rows(ctx, db.reads, query, c.args...)
	return part, err
}

func orderConditions(store string, f order.Filter) *conditions {
	c := inStore(store)
	bound := func(part string, id int64) {
		if id != 0 {
			c.add(part, id)
		}
	}
	bound("id >= ?", f.MinID)
	bound("id <= ?", f.MaxID)
	bound("channel = ?", f.ChannelID)
	if f.Status != nil {
		c.add("status = ?", int64(*f.Status))
	}
	if f.CustomerID != nil {
		c.add("customer_id = ?", *f.CustomerID)
	}
	if f.CartID != "" {
		c.add("cart_id = ?", string(f.CartID))
	}
	if f.Email != "" {
		c.add("email = ?", customer.Key(f.Email))
	}
	if f.PaymentMethod != "" {
		c.add("method = ?", f.PaymentMethod)
	}
	c.between("created", f.MinCreated, f.MaxCreated)
	c.between("modified", f.MinModified, f.MaxModified)
	c.add("archived = ?", flag(f.Archived))
	return c
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// CountOrdersByStatus implements order.Storage.
func (db *DB) CountOrdersByStatus(ctx context.Context, store string) (map[order.Status]int64, error) {
	rows, err := db.reads.QueryContext(ctx, `SELECT status, COUNT(*) FROM orders WHERE store = $1 AND archived = 0 GROUP BY status`, store)
	if err != nil {
		return nil, fmt.Errorf("count orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[order.Status]int64{}
	for rows.Next() {
		var status order.Status
		var n int64
		if err := rows.Scan(&status, &n); err != nil {
			return nil, err
		}
		counts[status] = n
	}
	return counts, rows.Err()
}

// CountOrders returns how many orders a customer has placed.
func (db *DB) CountOrders(ctx context.Context, store string, customerID int64) (int64, error) {
	var n int64
	err := db.reads.QueryRowContext(ctx, `SELECT COALESCE(MAX(placed), 0) FROM customer_orders WHERE store = $1 AND customer_id = $2`,
		store, customerID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count orders of customer %d: %w", customerID, err)
	}
	return n, nil
}

// CreateOrder implements order.Storage.
func (db *DB) CreateOrder(ctx context.Context, o order.Order, events []event.Event) (*order.Order, error) {
	return write(ctx, db, func(t *tx) (*order.Order, error) {
		made := o
		if err := t.numberOrder(&made); err != nil {
			return nil, err
		}
		if err := t.insertOrder(&made); err != nil {
			return nil, err
		}
		if _, err := t.exec(`INSERT INTO order_carts (store, cart_id, latest, placed) VALUES ($1, $2, $3, 0)
			ON CONFLICT (store, cart_id) DO UPDATE SET latest = excluded.latest`,
			made.Store, string(made.Cart.ID), made.ID); err != nil {
			return nil, fmt.Errorf("note latest order: %w", err)
		}
		return &made, t.tellOrder(&made, events)
	})
}

// numberOrder gives an order and its parts their ids.
func (t *tx) numberOrder(o *order.Order) error {
	id, err := t.nextID(o.Store, "order", 1)
	if err != nil {
		return err
	}
	o.ID = id + order.FirstID - 1
	if o.LineIDs, err = t.numbers(o.Store, "order_product", len(o.Cart.Lines)); err != nil {
		return err
	}
	if co := o.Cart.Checkout; co != nil {
		if o.AddressIDs, err = t.numbers(o.Store, "order_address", len(co.Consignments)); err != nil {
			return err
		}
	}
	o.CouponIDs, err = t.numbers(o.Store, "order_coupon", len(o.Cart.Coupons))
	return err
}

// numbers gives out n ids of a kind.
func (t *tx) numbers(store, kind string, n int) ([]int64, error) {
	if n == 0 {
		return nil, nil
	}
	first, err := t.nextID(store, kind, int64(n))
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = first + int64(i)
	}
	return ids, err
}

func (t *tx) insertOrder(o *order.Order) error {
	doc, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode order: %w", err)
	}
	_, err = t.exec(`INSERT INTO orders (store, id, version, cart_id, customer_id, email, channel, status, method, archived, created, modified, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		o.Store, o.ID, o.Version, string(o.Cart.ID), o.Cart.CustomerID, customer.Key(o.Email), o.Cart.ChannelID, int64(o.Status),
		o.PaymentMethod, flag(o.Archived), millis(o.Created), millis(o.Modified), string(doc))
	if err != nil {
		return fmt.Errorf("insert order: %w", err)
	}
	return nil
}

// updateOrder writes an order in the place of its version before.
func (t *tx) updateOrder(o *order.Order) error {
	doc, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode order: %w", err)
	}
	n, err := t.exec(`UPDATE orders SET version = $1, status = $2, method = $3, archived = $4, modified = $5, doc = $6
		WHERE store = $7 AND id = $8 AND version = $9`, o.Version, int64(o.Status), o.PaymentMethod, flag(o.Archived),
		millis(o.Modified), string(doc), o.Store, o.ID, o.Version-1)
	if err != nil {
		return fmt.Errorf("write order %d: %w", o.ID, err)
	}
	if n == 0 {
		return errStale
	}
	return nil
}

// tellOrder writes what happened to an order into the journal.
func (t *tx) tellOrder(o *order.Order, events []event.Event) error {
	told := make([]event.Event, len(events))
	for i, e := range events {
		e.Order = o.ID
		told[i] = e
	}
	row, err := newJournalRow(o.Store, orderSubject(o.ID), o.Version, o.Cart.ChannelID, o.Modified, told)
	if err != nil {
		return err
	}
	return row.insert(t)
}

// OrderJournal returns what happened to an order, oldest first.
func (db *DB) OrderJournal(ctx context.Context, store string, id int64) ([]JournalEntry, error) {
	return db.Journal(ctx, store, cart.ID(orderSubject(id)))
}

// UpdateOrder implements order.Storage.
func (db *DB) UpdateOrder(ctx context.Context, store string, id int64,
	change func(*order.Order) ([]event.Event, error)) (*order.Order, error) {
	for attempt := 1; ; attempt++ {
		old, err := db.FindOrder(ctx, store, id)
		if err != nil {
			return nil, err
		}
		if old == nil {
			return nil, fault.New(fault.NotFound, fault.TitleNotFound)
		}
		o := *old
		events, err := change(&o)
		if err != nil || events == nil {
			return old, err
		}
		o.Version++
		saved, err := db.saveOrder(ctx, old, o, events)
		if !errors.Is(err, errStale) {
			return saved, err
		}
		if err := sleep(ctx, time.Duration(rand.Int64N(int64(min(attempt, 20))*2+1))*time.Millisecond); err != nil {
			return nil, &fault.Error{Kind: fault.Unavailable, Title: "The order is busy. Please try again.", Err: err}
		}
	}
}
