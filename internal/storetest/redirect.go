package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/id"
	"cartwright/internal/sqlstore"
)

func redirectOnce(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	_, r := cart.NewRedirect(map[string][]string{"utm_source": {"mail & more"}})
	r.Store, r.Cart, r.Expires = "a", c.ID, Noon.Add(time.Hour)
	if err := db.AddRedirect(t.Context(), *r); err != nil {
		t.Fatal(err)
	}
	if got, err := db.UseRedirect(t.Context(), "a", r.Hash, cart.ID(id.UUID()), Noon); got != nil || err != nil {
		t.Errorf("with another cart = %v, %v", got, err)
	}
	var mu sync.Mutex
	var used []*cart.Redirect
	errs := inParallel(16, func(int) error {
		got, err := db.UseRedirect(t.Context(), "a", r.Hash, c.ID, Noon)
		if got != nil {
			mu.Lock()
			used = append(used, got)
			mu.Unlock()
		}
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if len(used) != 1 || used[0].Query.Get("utm_source") != "mail & more" {
		t.Errorf("used %d times: %v", len(used), used)
	}
}

func redirectExpires(t *testing.T, db *sqlstore.DB) {
	c := NewCart("a")
	_, r := cart.NewRedirect(nil)
	r.Store, r.Cart, r.Expires = "a", c.ID, Noon.Add(cart.RedirectLifetime)
	ch := created
	ch.Redirect = r
	if err := db.CreateCart(t.Context(), c, ch); err != nil {
		t.Fatal(err)
	}
	if got, err := db.UseRedirect(t.Context(), "a", r.Hash, c.ID, r.Expires); got != nil || err != nil {
		t.Errorf("at the instant it expires = %v, %v", got, err)
	}
	if got, err := db.UseRedirect(t.Context(), "a", r.Hash, c.ID, r.Expires.Add(-time.Millisecond)); got == nil || err != nil {
		t.Errorf("before it expires = %v, %v", got, err)
	}
}
