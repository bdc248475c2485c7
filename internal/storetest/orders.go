package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
	"cartwright/internal/sqlstore"
)

// counterDesk is a store that sells: carts that are ready to be ordered.
type counterDesk struct {
	shelf
	db     *sqlstore.DB
	carts  *cart.Service
	orders *order.Service
	lamp   *catalog.Product // 10 dollars, 10 in stock
}

func newDesk(t *testing.T, db *sqlstore.DB) *counterDesk {
	t.Helper()
	d := &counterDesk{shelf: newShelf(t, db), db: db}
	d.carts = cart.NewService(db, d.shops, db, pricing.Default, clock.At(Noon))
	d.orders = order.NewService(db, d.carts, d.shops, order.TestPayments{}, clock.At(Noon))
	in := named("Lamp")
	in.InventoryTracking, in.InventoryLevel = catalog.Set(catalog.TrackProduct), catalog.Set[int64](10)
	d.lamp = d.make(in)
	return d
}

// checkout makes a cart with this many lamps, ready to be ordered.
func (d *counterDesk) checkout(quantity int64) *cart.Cart {
	d.t.Helper()
	return d.checkoutWith(cart.Draft{Items: []cart.Item{{ProductID: d.lamp.ID, Quantity: quantity}}})
}

func (d *counterDesk) checkoutWith(draft cart.Draft) *cart.Cart {
	d.t.Helper()
	c, err := d.carts.Create(d.t.Context(), "a", draft, cart.Options{})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.apply(c, func(c *cart.Cart) {
		to := cart.Address{ID: "1", Email: "anna@shop.example", FirstName: "Anna", LastName: "Berg", Address1: "1 Main St", City: "Austin",
			StateCode: "TX", PostalCode: "78701", CountryCode: "US"}
		con := cart.Consignment{ID: "1", Address: to, Option: &cart.ShippingOption{ID: "x", Type: pricing.CustomShipping, Cost: 5 * money.Unit}}
		for _, l := range c.Lines {
			con.Items = append(con.Items, cart.ConsignedItem{LineID: l.ID, Quantity: l.Quantity})
		}
		c.Checkout = &cart.Checkout{Billing: &to, Consignments: []cart.Consignment{con}}
	})
}

func (d *counterDesk) apply(c *cart.Cart, change func(*cart.Cart)) *cart.Cart {
	d.t.Helper()
	c, err := d.carts.Apply(d.t.Context(), "a", c.ID, cart.Options{}, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		change(c)
		return []event.Event{{Scope: event.CartUpdated}}, nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func (d *counterDesk) create(c *cart.Cart) *order.Order {
	d.t.Helper()
	o, err := d.orders.Create(d.t.Context(), "a", c.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

// place places a cart as its page showed it.
func (d *counterDesk) place(c *cart.Cart, method string) (*order.Order, error) {
	q, err := d.orders.Quote(d.t.Context(), c)
	if err != nil {
		return nil, err
	}
	return d.orders.Place(d.t.Context(), "a", c.ID, order.Placement{Version: c.Version, Total: q.Total, Due: q.Due, Method: method})
}

func (d *counterDesk) wantStock(want int64) {
	d.t.Helper()
	if got := d.snapshot().Product(d.lamp.ID).InventoryLevel; got != want {
		d.t.Errorf("%d lamps are in stock, want %d", got, want)
	}
}

func (d *counterDesk) wantScopes(what string, journal []sqlstore.JournalEntry, err error, want ...[]event.Event) {
	d.t.Helper()
	var got [][]event.Event
	for _, e := range journal {
		got = append(got, e.Events)
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		d.t.Errorf("the journal of %s: %s %v", what, diff, err)
	}
}

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

// ordersPayWithCertificates holds that certificates are issued, pay as far as
// they go and never beyond, also when orders race for one.
func ordersPayWithCertificates(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	bob := cart.Person{Name: "Bob", Email: "bob@shop.example"}
	bought := d.checkoutWith(cart.Draft{Certificates: []cart.GiftItem{{Name: "A gift", Quantity: 1,
		Certificate: cart.Certificate{Theme: "Boy", Amount: 20 * money.Unit, Sender: bob, Recipient: bob}}}})
	if _, err := d.place(d.apply(bought, func(c *cart.Cart) { c.Checkout.Consignments = nil }), order.Manual); err != nil {
		t.Fatal(err)
	}
	issued, err := db.Certificates(t.Context(), "a", order.CertificateFilter{Limit: 10})
	if err != nil || len(issued.Entries) != 1 || issued.Entries[0].Balance != 20*money.Unit || issued.Entries[0].OrderID != order.FirstID {
		t.Fatalf("issued %+v, %v", issued.Entries, err)
	}
	code := issued.Entries[0].Code
	made := make([]*order.Order, 5) // 15 dollars each, of one certificate of 20
	for i := range made {
		made[i] = d.create(d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{code} }))
		if made[i].Charged() != 15*money.Unit {
			t.Fatalf("charged %v", made[i].Charges)
		}
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
	left, err := db.FindCertificateByCode(t.Context(), "a", order.CertificateKey(code))
	if err != nil || won != 1 || left.Balance != 5*money.Unit {
		t.Errorf("%d orders were paid, %v is left, %v", won, left, err)
	}
	d.wantStock(9)
	c := d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{code} })
	o, err := d.place(c, order.Manual)
	if err != nil || o.Charged() != 5*money.Unit || o.Status != order.AwaitingPayment {
		t.Errorf("placed %+v, %v", o, err)
	}
	_, err = d.place(d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{code} }), order.Manual)
	wantKind(t, "an empty certificate", err, fault.Invalid)
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
