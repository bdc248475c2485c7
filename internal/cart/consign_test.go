package cart_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/event"
)

// TestNewLinesJoinTheOnlyConsignment is spec/05 §1.3: what is added later goes
// where everything else goes; what was left out on purpose stays out.
func TestNewLinesJoinTheOnlyConsignment(t *testing.T) {
	k := newShop(t)
	c := k.create(t, item(mug, 3), item(sold, 1), item(ebook, 1))
	first, second := c.Lines[0].ID, c.Lines[1].ID
	consign := func(cons ...cart.Consignment) {
		t.Helper()
		var err error
		c, err = k.service.Apply(t.Context(), "demo", c.ID, cart.Options{}, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
			c.Checkout = &cart.Checkout{Consignments: cons}
			return []event.Event{{Scope: event.CartUpdated}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, want ...[]cart.ConsignedItem) {
		t.Helper()
		var got [][]cart.ConsignedItem
		for _, con := range c.Checkout.Consignments {
			got = append(got, con.Items)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	one := func(id string, n int64) cart.ConsignedItem { return cart.ConsignedItem{LineID: id, Quantity: n} }

	consign(cart.Consignment{ID: "a", Items: []cart.ConsignedItem{one(first, 2)}})
	check("a part", []cart.ConsignedItem{one(first, 2)})
	var err error
	if c, err = k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{item(mug, 2), item(bulk, 2), item(ebook, 1)}}, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	third := c.Lines[3].ID
	check("two more and a new line", []cart.ConsignedItem{one(first, 4), one(third, 2)})
	if c, err = k.service.UpdateLine(t.Context(), "demo", c.ID, first, cart.LineUpdate{Quantity: ref(int64(1))}, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	check("fewer units", []cart.ConsignedItem{one(first, 1), one(third, 2)})

	consign(cart.Consignment{ID: "a", Items: []cart.ConsignedItem{one(first, 1)}}, cart.Consignment{ID: "b", Items: []cart.ConsignedItem{one(second, 1)}})
	if c, err = k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{item(mug, 2)}}, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	check("nobody chooses between two", []cart.ConsignedItem{one(first, 1)}, []cart.ConsignedItem{one(second, 1)})
}
