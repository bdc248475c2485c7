package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/sqlstore"
)

func merchants(db *sqlstore.DB) *merchant.Service { return merchant.NewService(db, clock.At(Noon)) }

func storeOnce(t *testing.T, db *sqlstore.DB) {
	s, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A", Currency: "jpy", URL: "https://Shop.example/"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.FindStore(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, got); diff != "" {
		t.Error(diff)
	}
	if got.Sites[0].URL != "https://shop.example" || got.DefaultCurrency().DecimalPlaces != 0 {
		t.Errorf("store = %+v", got)
	}
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "B"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("second = %v", err)
	}
}

// storeSetUp reads back what a store says of shipping, pick-up and taxes.
func storeSetUp(t *testing.T, db *sqlstore.DB) {
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A"}); err != nil {
		t.Fatal(err)
	}
	name, kind, table := "Südsee", merchant.ZoneState, merchant.ByWeight
	cost := 12 * money.Unit
	written, err := db.UpdateStore(t.Context(), "a", func(s *merchant.Store) error {
		zone, err := s.AddShippingZone(merchant.ZoneFields{Name: &name, Type: &kind, Locations: &[]merchant.ShippingLocation{{Country: "US", State: "HI"}},
			Free: &merchant.FreeShipping{Enabled: true, Minimum: cost}, Handling: &merchant.HandlingFee{Surcharge: 5, ByPercent: true, Hidden: true}})
		if err != nil {
			return err
		}
		if _, err = s.AddShippingMethod(zone, merchant.MethodFields{Name: &name, Type: &table, Channels: &[]int64{},
			Rates: &merchant.MethodSettings{Default: &cost, DefaultPercent: true, Ranges: []merchant.Range{{Lower: 0, Upper: cost, Cost: 7}}}}); err != nil {
			return err
		}
		if _, err = s.PutPickups([]merchant.PickupFields{{Name: &name}}, Noon); err != nil {
			return err
		}
		if _, err = s.PutTaxClasses([]merchant.TaxClassFields{{Name: "Books"}}, Noon); err != nil {
			return err
		}
		made, err := s.PutTaxZones([]merchant.TaxZoneFields{{Name: &name, Locations: &[]merchant.TaxLocation{{Country: "US", States: []string{"HI"}, Zips: []string{"96*"}}}, Groups: &[]int64{3}}})
		if err != nil {
			return err
		}
		_, err = s.PutTaxRates([]merchant.TaxRateFields{{ZoneID: &made[0], Name: &name, Classes: &[]merchant.ClassRate{{ClassID: 4, Rate: cost}}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.FindStore(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written, got); diff != "" {
		t.Error(diff)
	}
	if z := got.ZoneFor(merchant.Place{Country: "US", State: "HI"}); z == nil || z.Name != name || z.Methods[0].Offered(1) {
		t.Errorf("zone = %+v", z)
	}
}

func concurrentStoreChanges(t *testing.T, db *sqlstore.DB) {
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A"}); err != nil {
		t.Fatal(err)
	}
	errs := inParallel(16, func(i int) error {
		_, err := db.UpdateStore(t.Context(), "a", func(s *merchant.Store) error {
			s.GiftWraps = append(s.GiftWraps, merchant.GiftWrap{ID: s.NextID("wrap"), Name: fmt.Sprint(i)})
			return nil
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	got, err := db.FindStore(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, w := range got.GiftWraps {
		ids = append(ids, w.ID)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 16 || got.Revision != 17 {
		t.Errorf("ids %v, revision %d", ids, got.Revision)
	}
}

func storeUnlocked(t *testing.T, db *sqlstore.DB) {
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A"}); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		if _, err := db.UpdateStore(t.Context(), "a", func(*merchant.Store) error { panic("a defect") }); err == nil {
			t.Error("a change that panics is no error")
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := db.UpdateStore(ctx, "a", func(s *merchant.Store) error { s.Name = "B"; return nil })
	if err != nil || s.Name != "B" {
		t.Errorf("the next change: %+v, %v", s, err)
	}
}

func hostsApart(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A", URL: "https://shop.example"}); err != nil {
		t.Fatal(err)
	}
	if store, channel, err := db.FindHost(t.Context(), "SHOP.example"); store != "a" || channel != 1 || err != nil {
		t.Errorf("host leads to %q, %d, %v", store, channel, err)
	}
	if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: "b", Name: "B", URL: "https://shop.example"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("second store = %v", err)
	}
	if s, err := db.FindStore(t.Context(), "b"); s != nil || err != nil {
		t.Errorf("the refused store is there: %v, %v", s, err)
	}
}

func tokens(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	for _, hash := range []string{"a", "b"} {
		if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: hash, Name: hash}); err != nil {
			t.Fatal(err)
		}
	}
	token, client, err := m.CreateToken(t.Context(), merchant.Grant{Store: "a", Name: "app", Scopes: []string{"store_cart", "store_v2_products"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.FindToken(t.Context(), "a", id.Hash(token))
	if err != nil || got == nil {
		t.Fatalf("find = %v, %v", got, err)
	}
	if got.ClientID != client.ID || !got.Has("store_cart") || got.Has("store_v2_orders") {
		t.Errorf("token = %+v", got)
	}
	if got, err := db.FindToken(t.Context(), "b", id.Hash(token)); got != nil || err != nil {
		t.Errorf("in another store = %v, %v", got, err)
	}
	if _, _, err := m.CreateToken(t.Context(), merchant.Grant{Store: "zzz", Scopes: []string{"all"}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown store = %v", err)
	}
}

func tokensRevoked(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	made := map[string]string{} // by store and name
	for _, store := range []string{"a", "b"} {
		if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: store, Name: store}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"one", "two"} {
			token, _, err := m.CreateToken(t.Context(), merchant.Grant{Store: store, Name: name, Scopes: []string{"store_cart", "all"}})
			if err != nil {
				t.Fatal(err)
			}
			made[store+name] = token
		}
	}
	revoke := func(store, which string, want string) {
		t.Helper()
		got, err := m.RevokeToken(t.Context(), store, which)
		if want == "" && !fault.Is(err, fault.NotFound) || want != "" && (err != nil || got.Name != want) {
			t.Errorf("revoking %s of %s: %+v, %v", which, store, got, err)
		}
	}
	revoke("a", made["bone"], "")
	revoke("a", "", "")
	revoke("zzz", made["aone"], "")
	revoke("a", made["aone"], "one")
	revoke("a", made["aone"], "")
	left, err := m.Tokens(t.Context(), "a")
	if err != nil || len(left) != 1 || left[0].Name != "two" || left[0].Hash != id.Hash(made["atwo"]) || !left[0].Has("store_cart") {
		t.Fatalf("left are %+v, %v", left, err)
	}
	revoke("a", left[0].ID(), "two")
	if left, err := m.Tokens(t.Context(), "a"); err != nil || len(left) != 0 {
		t.Errorf("left are %+v, %v", left, err)
	}
	if others, err := m.Tokens(t.Context(), "b"); err != nil || len(others) != 2 {
		t.Errorf("the other store has %+v, %v", others, err)
	}
}
