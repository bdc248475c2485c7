package storetest

import (
	"log/slog"
	"strings"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/sqlstore"
)

// noStoreHash holds that what comes in a path and can be no store's hash is
// unknown, also where the engine cannot compare with it.
func noStoreHash(t *testing.T, db *sqlstore.DB) {
	shops := sqlstore.NewShops(db, "http://localhost:8080", slog.New(slog.DiscardHandler))
	for _, hash := range []string{"", "\x00", "\xff", "a\x00", "A", "a'", strings.Repeat("a", 33), "unknown"} {
		if _, err := shops.Shop(t.Context(), hash); !fault.Is(err, fault.NotFound) {
			t.Errorf("the shop of %q = %v", hash, err)
		}
		if token, err := shops.Token(t.Context(), hash, "token"); token != nil || err != nil {
			t.Errorf("the token of %q = %v, %v", hash, token, err)
		}
	}
}
