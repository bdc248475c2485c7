package app

import (
	"log/slog"
	"testing"
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
)

// TestAdminWorksBesideAServer makes a store and a token while a server has the
// same database open: its next request finds them.
func TestAdminWorksBesideAServer(t *testing.T) {
	engines := map[string]Config{
		"SQLite":     {Data: t.TempDir()},
		"PostgreSQL": {Database: testdb.PostgreSQL(t)},
	}
	for name, c := range engines {
		t.Run(name, func(t *testing.T) {
			c.Log, c.Sandbox, c.PublicURL = slog.New(slog.DiscardHandler), true, "http://localhost"
			server, err := Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = server.Close() }()
			const ahead = 48 * time.Hour
			if _, err := server.DB.AdvanceClock(t.Context(), ahead); err != nil {
				t.Fatal(err)
			}

			admin, err := OpenAdmin(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = admin.Close() }()
			made, err := admin.Merchants.CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A"})
			if err != nil {
				t.Fatal(err)
			}
			if early := time.Until(made.Created); early < ahead-time.Hour {
				t.Errorf("the store was made %s from now, not in the sandbox's time", early)
			}
			token, _, err := admin.Merchants.CreateToken(t.Context(), merchant.Grant{Store: "a", Scopes: []string{"store_cart"}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := server.Shops.Token(t.Context(), "a", token)
			if err != nil || got == nil || !got.Has("store_cart") {
				t.Errorf("the server finds %+v, %v", got, err)
			}
		})
	}
}
