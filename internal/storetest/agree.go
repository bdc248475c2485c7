package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/sqlstore"
)

// Agree applies the same random operations to two databases and compares every
// answer and, at the end, every cart and journal.
func Agree(t *testing.T, a, b *sqlstore.DB) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		h := history{store: fmt.Sprintf("s%d", run), t: rt, dbs: [2]*sqlstore.DB{a, b}, ctx: t.Context()}
		rt.Repeat(map[string]func(*rapid.T){
			"create":   h.create,
			"add":      h.add,
			"customer": h.customer,
			"delete":   h.remove,
			"link":     h.link,
			"follow":   h.follow,
			"":         func(*rapid.T) {},
		})
		h.compareAll()
	})
}

type history struct {
	store string
	t     *rapid.T
	ctx   context.Context
	dbs   [2]*sqlstore.DB
	carts []cart.ID
	links []cart.Redirect
}

// both runs an operation on both databases and compares what it says.
func (h *history) both(op func(*sqlstore.DB) (any, error)) {
	h.t.Helper()
	first, errFirst := op(h.dbs[0])
	second, errSecond := op(h.dbs[1])
	if kind(errFirst) != kind(errSecond) {
		h.t.Fatalf("one says %v, the other %v", errFirst, errSecond)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		h.t.Fatal(diff)
	}
}

func kind(err error) string {
	if f := fault.As(err); f != nil {
		return f.Kind.String()
	}
	if err != nil {
		return "error"
	}
	return ""
}

func (h *history) create(t *rapid.T) {
	c := NewCart(h.store)
	c.Email = rapid.StringMatching(`[a-zé☂'"\\<]{0,12}`).Draw(t, "email")
	h.carts = append(h.carts, c.ID)
	h.both(func(db *sqlstore.DB) (any, error) { return nil, db.CreateCart(h.ctx, c, created) })
}

func (h *history) pick(t *rapid.T) cart.ID {
	if len(h.carts) == 0 {
		t.Skip("no cart yet")
	}
	return rapid.SampledFrom(h.carts).Draw(t, "cart")
}

func (h *history) add(t *rapid.T) {
	cartID, units := h.pick(t), rapid.Int64Range(1, 5).Draw(t, "units")
	version := rapid.Int64Range(0, 4).Draw(t, "version") // 0 means any
	h.both(func(db *sqlstore.DB) (any, error) {
		return db.UpdateCart(h.ctx, h.store, cartID, func(c *cart.Cart) (cart.Change, error) {
			if version != 0 && version != c.Version {
				return cart.Change{}, fault.New(fault.Conflict, fault.TitleConflict)
			}
			c.Version++
			c.Lines[0].Quantity += units
			return cart.Change{Events: []event.Event{{Scope: event.LineUpdated, Line: c.Lines[0].ID}}}, nil
		})
	})
}

func (h *history) customer(t *rapid.T) {
	cartID, who := h.pick(t), rapid.Int64Range(0, 3).Draw(t, "customer")
	h.both(func(db *sqlstore.DB) (any, error) {
		return db.UpdateCart(h.ctx, h.store, cartID, func(c *cart.Cart) (cart.Change, error) {
			c.Version++
			c.CustomerID = who
			return cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
		})
	})
}

func (h *history) remove(t *rapid.T) {
	cartID := h.pick(t)
	h.both(func(db *sqlstore.DB) (any, error) {
		_, err := db.UpdateCart(h.ctx, h.store, cartID, func(*cart.Cart) (cart.Change, error) {
			return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
		})
		return nil, err
	})
}

func (h *history) link(t *rapid.T) {
	_, r := cart.NewRedirect(map[string][]string{"q": {strings.Repeat("&=", 3)}})
	r.Store, r.Cart = h.store, h.pick(t)
	r.Expires = Noon.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "hours")) * time.Hour)
	h.links = append(h.links, *r)
	h.both(func(db *sqlstore.DB) (any, error) { return nil, db.AddRedirect(h.ctx, *r) })
}

func (h *history) follow(t *rapid.T) {
	if len(h.links) == 0 {
		t.Skip("no link yet")
	}
	r := rapid.SampledFrom(h.links).Draw(t, "link")
	h.both(func(db *sqlstore.DB) (any, error) { return db.UseRedirect(h.ctx, h.store, r.Hash, r.Cart, Noon) })
}

func (h *history) compareAll() {
	for _, cartID := range h.carts {
		h.both(func(db *sqlstore.DB) (any, error) {
			db.ForgetCarts()
			return db.FindCart(h.ctx, h.store, cartID)
		})
		h.both(func(db *sqlstore.DB) (any, error) { return db.Journal(h.ctx, h.store, cartID) })
	}
}
