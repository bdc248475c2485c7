package storetest

import (
	"slices"
	"testing"

	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
)

// accountsOnce holds that there is one account per address, with a membership
// in each store that it was made for.
func accountsOnce(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	for _, hash := range []string{"a", "b"} {
		if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: hash, Name: hash}); err != nil {
			t.Fatal(err)
		}
	}
	if u, stores, err := db.FindUser(t.Context(), "ada@shop.example"); u != nil || stores != nil || err != nil {
		t.Errorf("before = %v, %v, %v", u, stores, err)
	}
	steps := []struct {
		account merchant.Account
		added   bool
		stores  []string
	}{
		{merchant.Account{Store: "b", Email: "ada@shop.example", Password: "the first one"}, true, []string{"b"}},
		{merchant.Account{Store: "b", Email: "ADA@shop.example", Password: "the second one"}, false, []string{"b"}},
		{merchant.Account{Store: "a", Email: "ada@shop.example", Password: "the third one"}, false, []string{"a", "b"}},
	}
	for _, step := range steps {
		added, err := m.PutUser(t.Context(), step.account)
		if err != nil || added != step.added {
			t.Fatalf("put %s = %v, %v", step.account.Password, added, err)
		}
		u, stores, err := db.FindUser(t.Context(), "ada@shop.example")
		if err != nil || u == nil {
			t.Fatalf("find = %v, %v", u, err)
		}
		if !merchant.PasswordMatches(u.Password, step.account.Password) {
			t.Errorf("the password is not %s", step.account.Password)
		}
		if !slices.Equal(stores, step.stores) {
			t.Errorf("stores = %v, want %v", stores, step.stores)
		}
	}
}

// clientKept holds that a client is made with its first token and keeps the
// secret that was shown then.
func clientKept(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "a"}); err != nil {
		t.Fatal(err)
	}
	grant := merchant.Grant{Store: "a", ClientID: "app", Scopes: []string{merchant.ScopeAll}}
	first, made, err := m.CreateToken(t.Context(), grant)
	if err != nil || made.Secret == "" {
		t.Fatalf("first = %+v, %v", made, err)
	}
	second, again, err := m.CreateToken(t.Context(), grant)
	if err != nil || again.Secret != "" || again.ID != "app" || second == first {
		t.Errorf("second = %+v, %v", again, err)
	}
}
