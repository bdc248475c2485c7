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
		got, err := db.FindSession(t.Context(), store, hash, now)
		if err != nil || (got != nil) != (want != "") || got != nil && got.Cart != want {
			t.Errorf("session %s of %s = %+v, %v; want %q", hash, store, got, err, want)
		}
		if got != nil && !got.Expires.Equal(expires) {
			t.Errorf("lives until %v, want %v", got.Expires, expires)
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

func sessionRemembers(t *testing.T, db *sqlstore.DB) {
	for _, hash := range []string{"h1", "h2"} {
		if err := db.StartSession(t.Context(), "a", hash, cart.ID(id.UUID()), Noon.Add(time.Hour), ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(db.KeepTyped(t.Context(), "a", "h1", "f1 f2"), db.KeepOrdered(t.Context(), "a", "h1", 100),
		db.KeepTyped(t.Context(), "b", "h2", "f3"), db.KeepOrdered(t.Context(), "b", "h2", 101)); err != nil {
		t.Fatal(err)
	}
	for hash, want := range map[string]cart.Session{"h1": {Typed: "f1 f2", Ordered: 100}, "h2": {}} {
		s, err := db.FindSession(t.Context(), "a", hash, Noon)
		if err != nil || s == nil || s.Typed != want.Typed || s.Ordered != want.Ordered {
			t.Errorf("session %s = %+v, %v; want %+v", hash, s, err, want)
		}
	}
	if err := db.StartSession(t.Context(), "a", "h3", cart.ID(id.UUID()), Noon.Add(time.Hour), "h1"); err != nil {
		t.Fatal(err)
	}
	if s, err := db.FindSession(t.Context(), "a", "h3", Noon); err != nil || s == nil || s.Typed != "" || s.Ordered != 0 {
		t.Errorf("a new session knows what another typed: %+v, %v", s, err)
	}
}

func sessionTries(t *testing.T, db *sqlstore.DB) {
	for _, hash := range []string{"h", "other"} {
		if err := db.StartSession(t.Context(), "a", hash, "", Noon.Add(5*time.Hour), ""); err != nil {
			t.Fatal(err)
		}
	}
	var allowed atomic.Int64
	try := func(store, hash string, now time.Time) error {
		ok, err := db.CountTry(t.Context(), store, hash, 20, now, time.Hour)
		if ok {
			allowed.Add(1)
		}
		return err
	}
	check := func(what string, want int64, errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := allowed.Swap(0); got != want {
			t.Errorf("%s: %d tries were allowed, want %d", what, got, want)
		}
	}
	check("at once", 20, inParallel(30, func(int) error { return try("a", "h", Noon) })...)
	check("a moment before the hour is over", 0, try("a", "h", Noon.Add(time.Hour-time.Millisecond)))
	check("another session", 1, try("a", "other", Noon))
	check("another store", 0, try("b", "h", Noon))
	check("an hour later", 20, inParallel(30, func(int) error { return try("a", "h", Noon.Add(time.Hour)) })...)
}
