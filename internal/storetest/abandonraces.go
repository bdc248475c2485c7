package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/sqlstore"
)

// scanRaceWriters holds that a cart which is written while the scan comes by is
// either abandoned and waits for nobody, or is not and will be looked at.
func scanRaceWriters(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	c := mustCreate(t, db, NewCart("a"))
	const rounds = 25
	for round := 1; round <= rounds; round++ {
		now := after(60 * round)
		for _, err := range inParallel(4, func(i int) error {
			if i == 0 {
				return touch(t, db, c.ID, now)
			}
			_, err := db.ScanCarts(t.Context(), "a", now)
			return err
		}) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	l.scan(60 * (rounds + 1))
	episodes := episodesOf(t, db, c.ID)
	for i, e := range episodes {
		if open := !strings.Contains(e, " "); open != (i == len(episodes)-1) {
			t.Errorf("episodes %q", episodes)
			break
		}
	}
	if last := fmt.Sprint(60 * (rounds + 1)); len(episodes) == 0 || episodes[len(episodes)-1] != last {
		t.Errorf("episodes %q, the last must be at %s", episodes, last)
	}
	if n := len(l.tokens(c.ID)); n != len(episodes) {
		t.Errorf("%d webhooks for %d episodes", n, len(episodes))
	}
	l.next(-1)
}

// scanRaceMetafields holds that metafields, which tell the journal at the same
// version of a cart, and the scan do not get into each other's way.
func scanRaceMetafields(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	c := mustCreate(t, db, NewCart("a"))
	errs := inParallel(9, func(i int) error {
		if i == 0 {
			_, err := db.ScanCarts(t.Context(), "a", after(60))
			return err
		}
		_, err := db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
			m := note(c.ID, "app", fmt.Sprint(i))
			if _, err := tx.OfCart(c.ID); err != nil {
				return cart.MetafieldResult{}, err
			}
			return cart.MetafieldResult{}, tx.Insert(&m)
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if journal, err := db.Journal(t.Context(), "a", c.ID); len(journal) != 10 || err != nil {
		t.Errorf("%d entries, %v", len(journal), err)
	}
	l.episodes(c.ID, "60")
}

// ScanRace holds that of servers that scan one database at once one alone finds
// each cart, without any lease.
func ScanRace(t *testing.T, servers ...*sqlstore.DB) {
	l := newLookout(t, servers[0])
	var carts []cart.ID
	for range 120 {
		carts = append(carts, mustCreate(t, servers[0], NewCart("a")).ID)
	}
	errs := inParallel(4*len(servers), func(i int) error { return scanAll(t, servers[i%len(servers)], "a", after(60)) })
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, cartID := range carts {
		l.episodes(cartID, "60")
		if tokens := l.tokens(cartID); len(tokens) != 1 {
			t.Errorf("tokens %q", tokens)
		}
	}
	l.next(-1)
}
