package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"cartwright/internal/clock"
	"cartwright/internal/merchant"
)

// A store whose rows cannot be read does not keep the others from being
// followed.
func TestOneBrokenStoreDoesNotStopTheOthers(t *testing.T) {
	db := openWriter(t)
	shops := NewShops(db, "http://localhost:8080", slog.New(slog.DiscardHandler))
	stores := []string{"a", "b", "c", "d", "e", "f"}
	for _, store := range stores {
		if _, err := merchant.NewService(db, clock.Real{}).CreateStore(t.Context(), merchant.Setup{Hash: store, Name: store}); err != nil {
			t.Fatal(err)
		}
		if _, err := shops.Shop(t.Context(), store); err != nil {
			t.Fatal(err)
		}
	}
	_, err := write(t.Context(), db, func(t *tx) (int, error) {
		for _, broken := range stores[:2] {
			if _, err := t.exec(`INSERT INTO products (store, id, revision, doc) VALUES ($1, 1, 99, 'no JSON')`, broken); err != nil {
				return 0, err
			}
		}
		for _, store := range stores {
			if err := bump(t, store, "price"); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = shops.refreshAll(t.Context())
	if err == nil || !strings.Contains(err.Error(), "store a: ") || !strings.Contains(err.Error(), "store b: ") {
		t.Errorf("error = %v", err)
	}
	all, err := db.allRevisions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range stores[2:] {
		if shops.shops[store].seen != all[store] {
			t.Errorf("store %s was not followed", store)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := shops.refreshAll(done); !errors.Is(err, context.Canceled) {
		t.Errorf("once over = %v", err)
	}
}
