package storetest

import (
	"errors"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/order"
	"cartwright/internal/sqlstore"
)

// ordersRaceForOneCart holds that of many orders of one cart exactly one is
// paid, and of many placings all return the same order.
func ordersRaceForOneCart(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	c := d.checkout(1)
	made := make([]*order.Order, 20)
	for i := range made {
		made[i] = d.create(c)
	}
	won := 0
	for _, err := range inParallel(len(made), func(i int) error {
		_, err := d.orders.SetStatus(t.Context(), "a", made[i].ID, order.AwaitingFulfillment)
		return err
	}) {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("a loser got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d orders of one cart were paid", won)
	}
	d.wantStock(9)

	for _, method := range []string{order.Manual, order.TestApproved} {
		c = d.checkout(1)
		placed := make([]*order.Order, 20)
		if err := errors.Join(inParallel(len(placed), func(i int) (err error) {
			placed[i], err = d.place(c, method)
			return err
		})...); err != nil {
			t.Fatal(err)
		}
		for _, o := range placed {
			if o.ID != placed[0].ID {
				t.Errorf("one cart became the orders %d and %d", placed[0].ID, o.ID)
			}
		}
	}
	d.wantStock(7)
}

// ordersRaceForTheLast holds that 50 shoppers who want the last 10 get 10, and
// that nothing is sold twice.
func ordersRaceForTheLast(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	carts := make([]*cart.Cart, 50)
	for i := range carts {
		carts[i] = d.checkout(1)
	}
	won := 0
	for i, err := range inParallel(len(carts), func(i int) error {
		if i%2 == 0 {
			_, err := d.place(carts[i], order.Manual)
			return err
		}
		o, err := d.orders.Create(t.Context(), "a", carts[i].ID)
		if err == nil {
			_, err = d.orders.SetStatus(t.Context(), "a", o.ID, order.AwaitingFulfillment)
		}
		return err
	}) {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("shopper %d got %v", i, err)
		}
	}
	if won != 10 {
		t.Errorf("%d shoppers got one of the last 10", won)
	}
	d.wantStock(0)
	for _, c := range carts {
		o, err := d.orders.OfCart(t.Context(), "a", c.ID)
		still, err2 := db.FindCart(t.Context(), "a", c.ID)
		if err := errors.Join(err, err2); err != nil || (o == nil) == (still == nil) {
			t.Errorf("the cart %s became %v and is %v, %v", c.ID, o, still, err)
		}
	}
}
