package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// AddUnit is a change of a cart that never fails.
func AddUnit(c *cart.Cart) (cart.Change, error) { return addUnit(c) }

// TakeTurns has two servers of one database change a cart in turn: whatever
// each of them remembers of it is old each time.
func TakeTurns(t *testing.T, a, b *sqlstore.DB) {
	c := mustCreate(t, a, NewCart("a"))
	const turns = 20
	for n := range turns {
		db := []*sqlstore.DB{a, b}[n%2]
		got, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit)
		if err != nil || got.Version != int64(n+2) {
			t.Fatalf("turn %d: version %d, %v", n, got.Version, err)
		}
	}
	for name, db := range map[string]*sqlstore.DB{"one": a, "other": b} {
		got, err := db.FindCart(t.Context(), "a", c.ID)
		if err != nil || got.Version != turns+1 || got.Lines[0].Quantity != c.Lines[0].Quantity+turns {
			t.Errorf("the %s server reads %+v, %v", name, got, err)
		}
	}

	// A change that would be refused of the cart that a remembers is not: b has
	// written since.
	refused := errors.New("refused")
	if _, err := b.UpdateCart(t.Context(), "a", c.ID, addUnit); err != nil {
		t.Fatal(err)
	}
	got, err := a.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
		if c.Version != turns+2 {
			return cart.Change{}, refused
		}
		return addUnit(c)
	})
	if err != nil || got.Version != turns+3 {
		t.Errorf("after the other's write: %+v, %v", got, err)
	}
	if _, err := b.UpdateCart(t.Context(), "a", c.ID, func(*cart.Cart) (cart.Change, error) {
		return cart.Change{Delete: true}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.UpdateCart(t.Context(), "a", c.ID, addUnit); !fault.Is(err, fault.NotFound) {
		t.Errorf("a cart that the other server deleted: %v", err)
	}
}

// VisitSideBySide has a mail to a new address claimed while that of another one is
// being decided. It is for databases where many write at once.
func VisitSideBySide(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	ada, eve := o.left("ada@shop.example"), o.left("eve@shop.example")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r := o.visit(ada, after(120), func(s recovery.Standing) recovery.Ruling {
		of := recovery.VisitOf{Store: "a", Episode: eve.ID, Now: after(120)}
		if r, err := db.VisitEpisode(ctx, of, claims(eve, after(120))); err != nil || r == nil || r.Claim == nil {
			t.Errorf("beside the other: %+v, %v", r, err)
		}
		return claims(ada, after(120))(s)
	})
	if r == nil || r.Claim == nil {
		t.Errorf("nothing was claimed: %+v", r)
	}
}
