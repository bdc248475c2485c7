package storetest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/id"
	"cartwright/internal/sqlstore"
)

func sessionBound(t *testing.T, db *sqlstore.DB) {
	first, second := cart.ID(id.UUID()), cart.ID(id.UUID())
	expires := Noon.Add(time.Hour)
	if err := db.StartSession(t.Context(), "a", "h1", first, expires, ""); err != nil {
		t.Fatal(err)
	}
	look := func(store, hash string, now time.Time, want cart.ID) {
		t.Helper()
		got, until, found, err := db.FindSession(t.Context(), store, hash, now)
		if err != nil || got != want || found != (want != "") {
			t.Errorf("session %s of %s = %q, %v, %v; want %q", hash, store, got, found, err, want)
		}
		if found && !until.Equal(expires) {
			t.Errorf("lives until %v, want %v", until, expires)
		}
	}
	look("a", "h1", Noon, first)
	look("b", "h1", Noon, "")
	look("a", "h2", Noon, "")
	look("a", "h1", expires, "")

	expires = Noon.Add(2 * time.Hour)
	if swapped, err := db.SwapSessionCart(t.Context(), "a", "h1", second, first, expires); swapped || err != nil {
		t.Errorf("swap from a cart it is not bound to = %v, %v", swapped, err)
	}
	if swapped, err := db.SwapSessionCart(t.Context(), "a", "h1", first, second, expires); !swapped || err != nil {
		t.Errorf("swap = %v, %v", swapped, err)
	}
	look("a", "h1", Noon, second)

	if err := db.StartSession(t.Context(), "a", "h3", first, expires, "h1"); err != nil {
		t.Fatal(err)
	}
	look("a", "h1", Noon, "")
	look("a", "h3", Noon, first)
}

func sessionOneWinner(t *testing.T, db *sqlstore.DB) {
	if err := db.StartSession(t.Context(), "a", "h", "", Noon.Add(time.Hour), ""); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int64
	errs := inParallel(16, func(int) error {
		swapped, err := db.SwapSessionCart(t.Context(), "a", "h", "", cart.ID(id.UUID()), Noon.Add(time.Hour))
		if swapped {
			won.Add(1)
		}
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if won.Load() != 1 {
		t.Errorf("%d carts were bound", won.Load())
	}
}
