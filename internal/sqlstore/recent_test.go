package sqlstore

import (
	"context"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/id"
)

// journalRows counts the rows of the journal, and the bytes beside the cart.
func journalRows(t *testing.T, db *DB, cartID cart.ID) (rows, beside int) {
	t.Helper()
	err := db.reads.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM journal WHERE store = 's' AND cart_id = $1),
		COALESCE((SELECT LENGTH(recent) FROM carts WHERE store = 's' AND id = $1), 0)`, string(cartID)).Scan(&rows, &beside)
	if err != nil {
		t.Fatal(err)
	}
	return rows, beside
}

func newTestCart() *cart.Cart {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	return &cart.Cart{ID: cart.ID(id.UUID()), Store: "s", Version: 1, ChannelID: 3, Currency: "EUR", Locale: "en", Created: now, Updated: now}
}

func addVersion(ctx context.Context, db *DB, cartID cart.ID, events int) error {
	_, err := db.UpdateCart(ctx, "s", cartID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		return cart.Change{Events: make([]event.Event, events)}, nil
	})
	return err
}

// Eight versions share a row, and what stands beside the cart is bounded
// whatever versions come.
func TestRecentEntriesAreFiled(t *testing.T) {
	db := openWriter(t)
	c := newTestCart()
	if err := db.CreateCart(t.Context(), c, cart.Change{Events: make([]event.Event, 1)}); err != nil {
		t.Fatal(err)
	}
	for version := 2; version <= 40; version++ {
		if err := addVersion(t.Context(), db, c.ID, 2); err != nil {
			t.Fatal(err)
		}
		rows, beside := journalRows(t, db, c.ID)
		if rows != version/filedEvery || (beside == 0) != (version%filedEvery == 0) {
			t.Fatalf("version %d: %d rows, %d bytes beside the cart", version, rows, beside)
		}
	}
	for version := 41; version <= 400; version++ {
		n := 20
		if version%filedEvery == 0 {
			n = 200 // never one that files
		}
		if err := addVersion(t.Context(), db, c.ID, n); err != nil {
			t.Fatal(err)
		}
		if _, beside := journalRows(t, db, c.ID); beside >= maxRecentText+maxRecent+64 {
			t.Fatalf("version %d: %d bytes beside the cart", version, beside)
		}
	}
	journal, err := db.Journal(t.Context(), "s", c.ID)
	if err != nil || len(journal) != 400 {
		t.Fatalf("%d entries, %v", len(journal), err)
	}
	for i, e := range journal {
		if e.Version != int64(i+1) || e.Channel != 3 {
			t.Fatalf("entry %d is %+v", i, e)
		}
	}
}

// While somebody listens each write has a row: the outbox refers to it.
func TestNothingStandsBesideACartThatHooksListenTo(t *testing.T) {
	db := openWriter(t)
	shops := NewShops(db, "", nil)
	shops.shops["s"] = &shopEntry{hooks: true}
	c := newTestCart()
	if err := db.CreateCart(t.Context(), c, cart.Change{Events: make([]event.Event, 1)}); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		if err := addVersion(t.Context(), db, c.ID, 2); err != nil {
			t.Fatal(err)
		}
	}
	if rows, beside := journalRows(t, db, c.ID); rows != 10 || beside != 0 {
		t.Errorf("%d rows, %d bytes beside the cart", rows, beside)
	}
}

// BenchmarkJournal is what a write's journal costs: beside the cart, and as a
// row each time.
func BenchmarkJournal(b *testing.B) {
	for name, hooks := range map[string]bool{"beside": false, "rows": true} {
		b.Run(name, func(b *testing.B) {
			db, err := Open(b.Context(), "sqlite://"+b.TempDir()+"/test.db", Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			shops := NewShops(db, "", nil)
			shops.shops["s"] = &shopEntry{hooks: hooks}
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				c := docCart(3)
				c.Store = "s"
				if err := db.CreateCart(b.Context(), c, cart.Change{}); err != nil {
					b.Error(err)
				}
				events := []event.Event{{Scope: event.LineUpdated, Line: c.Lines[0].ID}, {Scope: event.CartUpdated}}
				for pb.Next() {
					if _, err := db.UpdateCart(b.Context(), "s", c.ID, func(c *cart.Cart) (cart.Change, error) {
						c.Version++
						return cart.Change{Events: events}, nil
					}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
