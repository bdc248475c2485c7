package storetest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/order"
	"cartwright/internal/sqlstore"
)

func checkoutTokenUses(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	token := order.Token{Store: "a", Hash: "h", Checkout: c.ID, Uses: 3, Expires: Noon.Add(time.Hour)}
	if err := db.AddCheckoutToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct {
		store, hash string
		at          time.Time
	}{
		"of another store":          {"b", "h", Noon},
		"that nobody made":          {"a", "x", Noon},
		"at the instant it is over": {"a", "h", token.Expires},
	} {
		if got, err := db.UseCheckoutToken(t.Context(), try.store, try.hash, try.at); got != nil || err != nil {
			t.Errorf("a token %s = %v, %v", name, got, err)
		}
	}
	var used atomic.Int64
	errs := inParallel(16, func(int) error {
		got, err := db.UseCheckoutToken(t.Context(), "a", "h", Noon)
		if got != nil && got.Checkout == c.ID && got.Expires.Equal(token.Expires) {
			used.Add(1)
		}
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if used.Load() != 3 {
		t.Errorf("a token with 3 uses was used %d times", used.Load())
	}
}
