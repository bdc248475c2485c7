package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/event"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
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
