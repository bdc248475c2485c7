package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
	"cartwright/internal/sqlstore"
)

// orderMade holds that an order is read as it was made, that each call makes
// another one, and that neither moves the cart.
func orderMade(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	c := d.checkout(2)
	first, second := d.create(c), d.create(c)
	if first.ID != order.FirstID || second.ID != order.FirstID+1 || first.Status != order.Incomplete || first.Total() != 25*money.Unit {
		t.Errorf("made %+v and %+v", first, second)
	}
	got, err := d.orders.Get(t.Context(), "a", first.ID)
	if diff := cmp.Diff(first, got); diff != "" || err != nil {
		t.Errorf("read %s %v", diff, err)
	}
	_, err = d.orders.Get(t.Context(), "b", first.ID)
	wantKind(t, "an order of another store", err, fault.NotFound)
	if latest, err := db.LatestOrder(t.Context(), "a", c.ID); latest != second.ID || err != nil {
		t.Errorf("the latest is %d, %v", latest, err)
	}
	if o, err := d.orders.OfCart(t.Context(), "a", c.ID); o != nil || err != nil {
		t.Errorf("the cart became %v, %v", o, err)
	}
	now, err := d.carts.Get(t.Context(), "a", c.ID)
	if err != nil || now.Version != c.Version || !now.Updated.Equal(c.Updated) {
		t.Errorf("the cart moved: %+v, %v", now, err)
	}
	journal, err := db.OrderJournal(t.Context(), "a", first.ID)
	d.wantScopes("the order", journal, err, []event.Event{{Scope: event.OrderCreated, Order: first.ID}})
	d.wantStock(10)
}

// orderPaid holds that the payment of one order settles everything once, and
// that no other order of the cart can be paid.
func orderPaid(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	c := d.checkout(3)
	first, second := d.create(c), d.create(c)
	d.apply(c, func(c *cart.Cart) { c.Lines[0].Quantity = 5 }) // what is paid is what the order froze
	paid, err := d.orders.SetStatus(t.Context(), "a", first.ID, order.AwaitingFulfillment)
	if err != nil || !paid.Settled || paid.Payment != order.PaymentCaptured || paid.Version != 2 || paid.Total() != 35*money.Unit {
		t.Fatalf("paid %+v, %v", paid, err)
	}
	d.wantStock(7)
	if c, err := db.FindCart(t.Context(), "a", c.ID); c != nil || err != nil {
		t.Errorf("the cart is still there: %v, %v", c, err)
	}
	_, err = d.orders.SetStatus(t.Context(), "a", second.ID, order.Completed)
	wantKind(t, "paying the second", err, fault.Conflict)
	if o, err := d.orders.Get(t.Context(), "a", second.ID); err != nil || o.Status != order.Incomplete || o.Version != 1 {
		t.Errorf("the second is %+v, %v", o, err)
	}
	if o, err := d.orders.OfCart(t.Context(), "a", c.ID); err != nil || o == nil || o.ID != first.ID {
		t.Errorf("the cart became %v, %v", o, err)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", first.ID, order.Shipped); err != nil {
		t.Error(err)
	}
	if n, err := db.CountPlacedOrders(t.Context(), "a", 9); n != 1 || err != nil {
		t.Errorf("%d orders were placed, %v", n, err)
	}
	d.wantStock(7)
	journal, err := db.OrderJournal(t.Context(), "a", first.ID)
	d.wantScopes("the order", journal, err,
		[]event.Event{{Scope: event.OrderCreated, Order: first.ID}},
		[]event.Event{{Scope: event.OrderUpdated, Order: first.ID}, {Scope: event.OrderStatusUpdated, Order: first.ID, Before: 0, After: 11}},
		[]event.Event{{Scope: event.OrderUpdated, Order: first.ID}, {Scope: event.OrderStatusUpdated, Order: first.ID, Before: 11, After: 2}})
	journal, err = db.Journal(t.Context(), "a", c.ID)
	if n := len(journal); err != nil || n != 4 || journal[3].Version != 4 {
		t.Fatalf("the journal of the cart: %+v, %v", journal, err)
	}
	d.wantScopes("the cart", journal[3:], nil, []event.Event{{Scope: event.CartConverted, Order: first.ID}})
}

// orderOutOfStock holds that an order that cannot have its stock stays
// incomplete, and nothing else has changed.
func orderOutOfStock(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	c := d.checkout(6)
	o, other := d.create(c), d.create(d.checkout(6))
	if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, order.AwaitingShipment); err != nil {
		t.Fatal(err)
	}
	before, err := db.CountUses(t.Context(), "a", promotion.Use{CouponID: 1}, promotion.Shopper{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.orders.SetStatus(t.Context(), "a", other.ID, order.AwaitingShipment)
	wantKind(t, "paying without stock", err, fault.Conflict)
	d.wantStock(4)
	same, err := d.orders.Get(t.Context(), "a", other.ID)
	if diff := cmp.Diff(other, same); diff != "" || err != nil {
		t.Errorf("the order changed: %s %v", diff, err)
	}
	if c, err := d.carts.Get(t.Context(), "a", other.Cart.ID); err != nil || c.Version != other.Cart.Version {
		t.Errorf("its cart is %+v, %v", c, err)
	}
	if after, err := db.CountUses(t.Context(), "a", promotion.Use{CouponID: 1}, promotion.Shopper{}); err != nil || after != before {
		t.Errorf("uses %+v, %v", after, err)
	}
	if err := d.DeleteMany(t.Context(), "a", []int64{d.lamp.ID}); err != nil {
		t.Fatal(err)
	}
	_, err = d.orders.SetStatus(t.Context(), "a", other.ID, order.Completed)
	wantKind(t, "paying for what is gone", err, fault.Conflict)
}

// orderOfADeletedCart holds that an order can be paid although its cart was
// deleted, and tells nobody that a cart was converted.
func orderOfADeletedCart(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	c := d.checkout(2)
	o := d.create(c)
	if err := d.carts.Delete(t.Context(), "a", c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, order.Completed); err != nil {
		t.Fatal(err)
	}
	d.wantStock(8)
	journal, err := db.Journal(t.Context(), "a", c.ID)
	d.wantScopes("the cart", journal[len(journal)-1:], err, []event.Event{{Scope: event.CartDeleted}})
}

// orderCancelled holds that stock is given back once, however often an order is
// cancelled, and taken again when it is not cancelled after all.
func orderCancelled(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	o := d.create(d.checkout(4))
	for _, step := range []struct {
		to   order.Status
		left int64
	}{
		{order.Completed, 6}, {order.Cancelled, 10}, {order.Refunded, 10}, {order.Declined, 10}, {order.AwaitingShipment, 6},
		{order.PartiallyRefunded, 6}, {order.Cancelled, 10},
	} {
		if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, step.to); err != nil {
			t.Fatalf("to %s: %v", step.to.Name(), err)
		}
		d.wantStock(step.left)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", d.create(d.checkout(8)).ID, order.Completed); err != nil {
		t.Fatal(err)
	}
	_, err := d.orders.SetStatus(t.Context(), "a", o.ID, order.AwaitingShipment)
	wantKind(t, "taking back a cancellation without stock", err, fault.Conflict)
	// A product that is gone has no stock to give back to.
	if err := d.DeleteMany(t.Context(), "a", []int64{d.lamp.ID}); err != nil {
		t.Fatal(err)
	}
	all, err := d.orders.List(t.Context(), "a", order.Filter{Limit: 10, Falling: true})
	if err != nil || len(all.Entries) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", all.Entries[0].ID, order.Refunded); err != nil {
		t.Errorf("refunding what is gone: %v", err)
	}
}

// placingAsksAgain holds that what the shopper did not confirm is not placed.
func placingAsksAgain(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	c := d.checkout(1)
	if _, err := d.Update(t.Context(), "a", d.lamp.ID, catalog.ProductInput{Price: catalog.Set(12 * money.Unit)}); err != nil {
		t.Fatal(err)
	}
	var changed *order.Changed
	_, err := d.place(c, order.Manual)
	if !errors.As(err, &changed) || changed.Was != 15*money.Unit || changed.Now != 17*money.Unit || !fault.Is(err, fault.Conflict) {
		t.Fatalf("placed at an old price: %v", err)
	}
	_, err = d.place(changed.Cart, order.TestDeclined)
	wantKind(t, "a declined payment", err, fault.Invalid)
	_, err = d.place(changed.Cart, "unknown")
	wantKind(t, "a way to pay that is not offered", err, fault.Invalid)
	o, err := d.place(changed.Cart, order.TestApproved)
	if err != nil || o.Status != order.AwaitingFulfillment || o.Payment != order.PaymentCaptured || o.PaymentMethod != order.TestApproved {
		t.Errorf("placed %+v, %v", o, err)
	}
	again, err := d.place(changed.Cart, order.TestApproved)
	if err != nil || again.ID != o.ID {
		t.Errorf("placed again: %+v, %v", again, err)
	}
	_, err = d.orders.Place(t.Context(), "a", "00000000-0000-4000-8000-000000000000", order.Placement{})
	wantKind(t, "a cart that never was", err, fault.NotFound)

	c = d.checkout(1)
	d.apply(c, func(c *cart.Cart) { c.Locale = "de" })
	if _, err = d.place(c, order.Manual); !errors.As(err, &changed) || changed.Was != changed.Now {
		t.Errorf("placed a cart that was changed meanwhile: %v", err)
	}
}

// orderLists holds that orders are found by every filter, in every order, and
// counted.
func orderLists(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	for i := range 3 {
		c := d.checkout(1)
		if i == 1 {
			c = d.apply(c, func(c *cart.Cart) { c.CustomerID, c.Checkout.Billing.Email = 7, "Other@shop.example" })
		}
		d.create(c)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", 101, order.Completed); err != nil {
		t.Fatal(err)
	}
	if n, err := db.CountOrders(t.Context(), "a", 7); n != 1 || err != nil {
		t.Errorf("the customer has %d orders, %v", n, err)
	}
	seven, done := int64(7), order.Completed
	for name, tc := range map[string]struct {
		filter order.Filter
		want   []int64
	}{
		"all":             {order.Filter{}, []int64{100, 101, 102}},
		"a part":          {order.Filter{Limit: 1, Offset: 1}, []int64{101}},
		"the last first":  {order.Filter{Falling: true}, []int64{102, 101, 100}},
		"by status":       {order.Filter{Sort: order.ByStatus, Falling: true}, []int64{101, 102, 100}},
		"by customer":     {order.Filter{Sort: order.ByCustomer}, []int64{100, 102, 101}},
		"ids":             {order.Filter{MinID: 101, MaxID: 101}, []int64{101}},
		"a customer":      {order.Filter{CustomerID: &seven}, []int64{101}},
		"a status":        {order.Filter{Status: &done}, []int64{101}},
		"an address":      {order.Filter{Email: "other@SHOP.example"}, []int64{101}},
		"a channel":       {order.Filter{ChannelID: 2}, nil},
		"a method":        {order.Filter{PaymentMethod: order.Manual}, []int64{101}},
		"a time":          {order.Filter{MinCreated: Noon, MaxCreated: Noon}, nil},
		"another store's": {order.Filter{CartID: "x"}, nil},
		"archived":        {order.Filter{Archived: true}, nil},
	} {
		if tc.filter.Limit == 0 {
			tc.filter.Limit = 50
		}
		part, err := d.orders.List(t.Context(), "a", tc.filter)
		var got []int64
		for _, o := range part.Entries {
			got = append(got, o.ID)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
	for range 2 { // the second time changes nothing
		if err := d.orders.Archive(t.Context(), "a", 100); err != nil {
			t.Fatal(err)
		}
	}
	if o, err := d.orders.Get(t.Context(), "a", 100); err != nil || !o.Archived || o.Version != 2 {
		t.Errorf("archived %+v, %v", o, err)
	}
	counts, err := d.orders.Count(t.Context(), "a")
	if diff := cmp.Diff(map[order.Status]int64{order.Incomplete: 1, order.Completed: 1}, counts); diff != "" || err != nil {
		t.Errorf("counts: %s %v", diff, err)
	}
}
