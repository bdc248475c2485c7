package storetest

import (
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/sqlstore"
)

// botsMarked holds that carts are marked, and marked back, alive or gone, and
// that one that never was is not.
func botsMarked(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	for _, bot := range []bool{true, true, false, false, true} {
		if err := db.MarkBot(t.Context(), "a", c.ID, bot); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, func(*cart.Cart) (cart.Change, error) {
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.MarkBot(t.Context(), "a", c.ID, false); err != nil {
		t.Errorf("a cart that is gone: %v", err)
	}
	wantKind(t, "a cart of another store", db.MarkBot(t.Context(), "b", c.ID, true), fault.NotFound)
	wantKind(t, "a cart that never was", db.MarkBot(t.Context(), "a", cart.ID(id.UUID()), true), fault.NotFound)
}
