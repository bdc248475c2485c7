package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/id"
	"cartwright/internal/sqlstore"
)

// metafieldJournalAnew holds that a metafield whose cart's journal was swept
// begins a new one, which is swept in its turn, and that writers who begin it
// at once get in one after the other.
func metafieldJournalAnew(t *testing.T, db *sqlstore.DB) {
	const writers = 8
	stray := cart.ID(id.UUID()) // a cart whose journal is gone
	errs := inParallel(writers, func(i int) error {
		_, err := db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
			m := note(stray, "app", fmt.Sprint(i))
			if _, err := tx.OfCart(stray); err != nil {
				return cart.MetafieldResult{}, err
			}
			return cart.MetafieldResult{}, tx.Insert(&m)
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantJournal := func(n int) {
		t.Helper()
		if journal, err := db.Journal(t.Context(), "a", stray); err != nil || len(journal) != n {
			t.Errorf("the journal has %d entries and not %d, %v", len(journal), n, err)
		}
	}
	wantJournal(writers)
	over := Noon.Add(sqlstore.JournalLifetime)
	for _, step := range []struct {
		at   time.Time
		left int
	}{{over.Add(-time.Millisecond), writers}, {over, 0}} {
		if err := db.SweepLeftovers(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		wantJournal(step.left)
	}
	keepMetafield(t, db, note(stray, "app", "again"))
	wantJournal(1)
	if at, ok, err := db.NextLeftover(t.Context()); !ok || !at.Equal(over) || err != nil {
		t.Errorf("the new journal is over at %v, %v, %v", at, ok, err)
	}
	// The journal of a cart that lives is not marked to go.
	c := mustCreate(t, db, NewCart("a"))
	if err := db.SweepLeftovers(t.Context(), over); err != nil {
		t.Fatal(err)
	}
	keepMetafield(t, db, note(c.ID, "app", "note"))
	if at, ok, err := db.NextLeftover(t.Context()); ok || err != nil {
		t.Errorf("something is over at %v, %v", at, err)
	}
}

// metafieldNameRace holds that of writers who give one name at once, at a cart
// whose journal is gone, each sees those before it.
func metafieldNameRace(t *testing.T, db *sqlstore.DB) {
	stray := cart.ID(id.UUID())
	taken := errors.New("taken")
	won := 0
	for _, err := range inParallel(8, func(int) error {
		_, err := db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
			others, err := tx.OfCart(stray)
			if err != nil {
				return cart.MetafieldResult{}, err
			}
			if len(others) > 0 {
				return cart.MetafieldResult{}, taken
			}
			m := note(stray, "app", "note")
			return cart.MetafieldResult{}, tx.Insert(&m)
		})
		return err
	}) {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, taken):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d writers won", won)
	}
}
