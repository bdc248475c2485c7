package sqlstore

import (
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/testkit"
)

// On PostgreSQL the first change of a cart finds room on the page that it is on,
// however many carts came after it, so that no index has to learn of it.
func TestAChangedCartStaysOnItsPage(t *testing.T) {
	db, err := Open(t.Context(), testkit.Postgres(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	const carts = 100
	all := make([]*cart.Cart, carts)
	for i := range all {
		all[i] = docCart(3)
		if err := db.CreateCart(t.Context(), all[i], cart.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	before := pagesOfCarts(t, db)
	for _, c := range all {
		_, err := db.UpdateCart(t.Context(), c.Store, c.ID, func(c *cart.Cart) (cart.Change, error) {
			c.Version++
			return cart.Change{Events: []event.Event{{Scope: "store/cart/updated"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	moved := 0
	for id, page := range pagesOfCarts(t, db) {
		if page != before[id] {
			moved++
		}
	}
	// What else happens to the table at that moment may keep a page from being tidied.
	if moved > carts/20 {
		t.Errorf("%d of %d carts moved to another page with their first change", moved, carts)
	}
}

// pagesOfCarts returns on which page each cart is.
func pagesOfCarts(t *testing.T, db *DB) map[string]string {
	t.Helper()
	rows, err := db.reads.QueryContext(t.Context(), `SELECT id, split_part(ctid::text, ',', 1) FROM carts`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	pages := map[string]string{}
	for rows.Next() {
		var id, page string
		if err := rows.Scan(&id, &page); err != nil {
			t.Fatal(err)
		}
		pages[id] = page
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return pages
}
