package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"cartwright/internal/cart"
)

func withoutCache(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), sqliteFile(t), Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// However many read at once, each gets the cart that it asked for, and they take
// turns at the connections there are.
func TestCartsAreReadSideBySide(t *testing.T) {
	db := withoutCache(t)
	carts := make([]*cart.Cart, 5*readers)
	for i := range carts {
		carts[i] = docCart(i)
		if err := db.CreateCart(t.Context(), carts[i], cart.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for i := range carts {
		all.Go(func() {
			for n := range carts {
				want := carts[(i+n)%len(carts)]
				c, err := db.FindCart(t.Context(), want.Store, want.ID)
				if err != nil || c == nil || c.ID != want.ID || len(c.Lines) != len(want.Lines) {
					t.Errorf("cart %s of %d lines: got %v, %v", want.ID, len(want.Lines), c, err)
				}
			}
			if c, err := db.FindCart(t.Context(), "bench", cart.ID(fmt.Sprint("none", i))); c != nil || err != nil {
				t.Errorf("a cart that is not there: got %v, %v", c, err)
			}
		})
	}
	all.Wait()
	if n := len(db.cartReads.idle); n < 1 || n > readers {
		t.Errorf("%d connections were opened, want 1 to %d", n, readers)
	}
}

// Who waits for a connection can hang up, and is told when none will come.
func TestWhoWaitsToReadACartCanHangUp(t *testing.T) {
	db := withoutCache(t)
	c := docCart(1)
	if err := db.CreateCart(t.Context(), c, cart.Change{}); err != nil {
		t.Fatal(err)
	}
	for range readers {
		db.cartReads.room <- struct{}{} // as if so many read
	}
	ctx, hangUp := context.WithCancel(t.Context())
	answers := make(chan error)
	go func() {
		_, err := db.FindCart(ctx, c.Store, c.ID)
		answers <- err
	}()
	hangUp()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("hung up: got %v", err)
	}
	for range readers {
		<-db.cartReads.room
	}
	if back, err := db.FindCart(t.Context(), c.Store, c.ID); err != nil || back == nil {
		t.Errorf("afterwards: got %v, %v", back, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FindCart(t.Context(), c.Store, c.ID); !errors.Is(err, errClosed) {
		t.Errorf("closed: got %v", err)
	}
}
