package storetest

import (
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/once"
	"cartwright/internal/order"
	"cartwright/internal/sqlstore"
)

func clockAddsUp(t *testing.T, db *sqlstore.DB) {
	if offset, err := db.ClockOffset(t.Context()); offset != 0 || err != nil {
		t.Errorf("a new database's clock is %s ahead, %v", offset, err)
	}
	errs := inParallel(8, func(int) error {
		_, err := db.AdvanceClock(t.Context(), time.Hour)
		return err
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if offset, err := db.ClockOffset(t.Context()); offset != 8*time.Hour || err != nil {
		t.Errorf("eight hours came out as %s, %v", offset, err)
	}
	if offset, err := db.AdvanceClock(t.Context(), time.Nanosecond); offset != 8*time.Hour+time.Millisecond || err != nil {
		t.Errorf("the shortest step came out as %s, %v: it must not be lost", offset, err)
	}
	if _, err := db.AdvanceClock(t.Context(), -time.Hour); err == nil {
		t.Error("the clock went back")
	}
	clockBounded(t, db)
}

func expiredCartsSwept(t *testing.T, db *sqlstore.DB) {
	if _, ok, err := db.NextExpiredCart(t.Context()); ok || err != nil {
		t.Errorf("without carts something is due: %v, %v", ok, err)
	}
	idle, touched := mustCreate(t, db, NewCart("a")), mustCreate(t, db, NewCart("a"))
	for range 250 { // more than one batch
		mustCreate(t, db, NewCart("b"))
	}
	later := Noon.Add(5 * 24 * time.Hour)
	if _, err := db.UpdateCart(t.Context(), "a", touched.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated = later
		return cart.Change{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	keepMetafield(t, db, note(idle.ID, "app", "note"))
	kept := keepMetafield(t, db, note(touched.ID, "app", "note"))
	end := Noon.Add(cart.Lifetime)
	sweep(t, db, end.Add(-time.Millisecond), 0, end)
	sweep(t, db, end, 251, later.Add(cart.Lifetime))
	if c, err := db.FindCart(t.Context(), "a", idle.ID); c != nil || err != nil {
		t.Errorf("the expired cart is there: %v, %v", c, err)
	}
	if c, err := db.FindCart(t.Context(), "a", touched.ID); c == nil || err != nil {
		t.Errorf("the touched cart is gone: %v", err)
	}
	left, err := db.Metafields(t.Context(), "a", cart.MetafieldFilter{Asker: cart.Asker{All: true}}, cursor.Range{Limit: 9})
	if err != nil || left.Total != 1 || left.Entries[0].ID != kept.ID {
		t.Errorf("metafields left: %+v, %v", left, err)
	}
}

func sweep(t *testing.T, db *sqlstore.DB, now time.Time, gone int, next time.Time) {
	t.Helper()
	if n, err := db.SweepCarts(t.Context(), now); n != gone || err != nil {
		t.Errorf("at %v %d carts went, want %d, %v", now, n, gone, err)
	}
	if at, ok, err := db.NextExpiredCart(t.Context()); !at.Equal(next) || !ok || err != nil {
		t.Errorf("next is due at %v, %v, %v; want %v", at, ok, err, next)
	}
}

func leftoversSwept(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	for n, life := range []time.Duration{time.Hour, 3 * time.Hour} {
		r := cart.Redirect{Store: "a", Hash: []string{"r0", "r1"}[n], Cart: c.ID, Expires: Noon.Add(life)}
		if err := db.AddRedirect(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	token := order.Token{Store: "a", Hash: "t", Checkout: c.ID, Uses: 1, Expires: Noon.Add(4 * time.Hour)}
	if err := db.AddCheckoutToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := db.StartSession(t.Context(), "a", "s", c.ID, Noon.Add(2*time.Hour), ""); err != nil {
		t.Fatal(err)
	}
	request := &once.Request{Store: "a", Client: "app", Key: "k", Fingerprint: "f",
		Render: func(any) (once.Answer, error) { return once.Answer{Status: 201, Body: []byte("{}")}, nil }}
	if err := db.CreateCart(once.With(t.Context(), request), NewCart("a"), created); err != nil {
		t.Fatal(err)
	}
	due := func(want time.Duration, ok bool) {
		t.Helper()
		at, found, err := db.NextLeftover(t.Context())
		if err != nil || found != ok || (ok && !at.Equal(Noon.Add(want))) {
			t.Errorf("next is due at %v, %v, %v; want %s after noon", at, found, err, want)
		}
	}
	due(time.Hour, true)
	for _, step := range []struct{ at, next time.Duration }{
		{time.Hour, 2 * time.Hour}, {2 * time.Hour, 3 * time.Hour}, {3 * time.Hour, 4 * time.Hour},
		{4 * time.Hour, sqlstore.AnswerLifetime},
	} {
		if err := db.SweepLeftovers(t.Context(), Noon.Add(step.at)); err != nil {
			t.Fatal(err)
		}
		due(step.next, true)
	}
	if err := db.SweepLeftovers(t.Context(), Noon.Add(sqlstore.AnswerLifetime)); err != nil {
		t.Fatal(err)
	}
	due(0, false)
	if r, err := db.UseRedirect(t.Context(), "a", "r0", c.ID, Noon); r != nil || err != nil {
		t.Errorf("the link is still there: %v, %v", r, err)
	}
}

// journalsSwept is decisions 11: a journal is kept for 90 days after its cart
// has ended, deleted or expired.
func journalsSwept(t *testing.T, db *sqlstore.DB) {
	deleted, expired, alive := mustCreate(t, db, NewCart("a")), mustCreate(t, db, NewCart("a")), mustCreate(t, db, NewCart("a"))
	if _, err := db.UpdateCart(t.Context(), "a", deleted.ID, func(*cart.Cart) (cart.Change, error) {
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	end := Noon.Add(cart.Lifetime)
	if _, err := db.UpdateCart(t.Context(), "a", alive.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated = end.Add(sqlstore.JournalLifetime)
		return cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := db.SweepCarts(t.Context(), end); n != 1 || err != nil {
		t.Fatalf("%d carts expired, %v", n, err)
	}
	rows := func(id cart.ID) int {
		t.Helper()
		journal, err := db.Journal(t.Context(), "a", id)
		if err != nil {
			t.Fatal(err)
		}
		return len(journal)
	}
	for _, step := range []struct {
		at                      time.Time
		deleted, expired, alive int
		next                    time.Time
	}{
		{Noon.Add(sqlstore.JournalLifetime - time.Millisecond), 2, 1, 2, Noon.Add(sqlstore.JournalLifetime)},
		{Noon.Add(sqlstore.JournalLifetime), 0, 1, 2, end.Add(sqlstore.JournalLifetime)},
		{end.Add(sqlstore.JournalLifetime), 0, 0, 2, time.Time{}},
	} {
		if err := db.SweepLeftovers(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		if d, e, a := rows(deleted.ID), rows(expired.ID), rows(alive.ID); d != step.deleted || e != step.expired || a != step.alive {
			t.Errorf("at %v the journals have %d, %d and %d rows", step.at, d, e, a)
		}
		at, ok, err := db.NextLeftover(t.Context())
		if err != nil || ok != !step.next.IsZero() || (ok && !at.Equal(step.next)) {
			t.Errorf("next is due at %v, %v, %v; want %v", at, ok, err, step.next)
		}
	}
}
