package demo_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/demo"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

type house struct {
	db         *sqlstore.DB
	merchants  *merchant.Service
	catalog    *catalog.Service
	offers     *promotion.Service
	recoveries *recovery.Service
}

func open(t *testing.T) house {
	t.Helper()
	now := clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	db, err := sqlstore.Open(t.Context(), testdb.URL(t), sqlstore.Options{Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	shops := sqlstore.NewShops(db, "", slog.New(slog.DiscardHandler))
	return house{db, merchant.NewService(db, now), catalog.NewService(db, shops, now), promotion.NewService(db, shops, now),
		recovery.NewService(db, shops, nil, db, now)}
}

func (h house) fill(t *testing.T) {
	t.Helper()
	if err := demo.Fill(t.Context(), demo.Services{Merchants: h.merchants, Catalog: h.catalog, Offers: h.offers, Recoveries: h.recoveries}); err != nil {
		t.Fatal(err)
	}
}

// look writes the store and its catalog down.
func (h house) look(t *testing.T) string {
	t.Helper()
	st, err := h.merchants.Find(t.Context(), demo.Store)
	if err != nil {
		t.Fatal(err)
	}
	products, err := h.catalog.Products(t.Context(), demo.Store, catalog.ProductQuery{})
	if err != nil {
		t.Fatal(err)
	}
	promotions, err := h.offers.List(t.Context(), demo.Store, promotion.Query{}, cursor.Range{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	coupons, err := h.offers.Coupons(t.Context(), demo.Store, promotion.CouponFilter{}, cursor.Range{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(map[string]any{"store": st, "products": products, "promotions": promotions, "coupons": coupons}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFillingAgainChangesNothing(t *testing.T) {
	h := open(t)
	h.fill(t)
	first := h.look(t)
	h.fill(t)
	if diff := cmp.Diff(first, h.look(t)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatSomebodyChangedStays(t *testing.T) {
	h := open(t)
	h.fill(t)
	if _, err := h.catalog.Update(t.Context(), demo.Store, 1, catalog.ProductInput{Price: catalog.Set(50 * money.Unit)}); err != nil {
		t.Fatal(err)
	}
	h.fill(t)
	if p, err := h.catalog.Product(t.Context(), demo.Store, 1); err != nil || p.Price != 50*money.Unit {
		t.Errorf("the price went back to %v, %v", p.Price, err)
	}
}

// A demo that was stopped while it filled its store goes on where it was.
func TestAHalfFullStoreIsFilled(t *testing.T) {
	h := open(t)
	if _, err := h.merchants.CreateStore(t.Context(), merchant.Setup{Hash: demo.Store, Name: "Larch & Lantern"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.catalog.Import(t.Context(), demo.Store, []catalog.ImportProduct{{Source: "test", ProductInput: catalog.ProductInput{
		Name: catalog.Set("Brass Compass"), URL: catalog.Set("/brass-compass/"), Price: catalog.Set(1 * money.Unit)}}}); err != nil {
		t.Fatal(err)
	}
	h.fill(t)
	all, err := h.catalog.Products(t.Context(), demo.Store, catalog.ProductQuery{})
	if err != nil || len(all) != 40 || all[0].Name != "Brass Compass" || all[0].Price != 45*money.Unit {
		t.Errorf("%d products, the first is %+v, %v", len(all), all[0], err)
	}
}

func TestWhatTheStoreHas(t *testing.T) {
	h := open(t)
	h.fill(t)
	st, err := h.merchants.Find(t.Context(), demo.Store)
	if err != nil {
		t.Fatal(err)
	}
	if us, fr := st.ZoneFor(merchant.Place{Country: "US"}), st.ZoneFor(merchant.Place{Country: "FR"}); us.Name != "United States" || len(us.Methods) != 2 ||
		fr.Name != "Everywhere else" || len(fr.Methods) != 1 || len(st.Pickups) != 1 || len(st.TaxesAt(merchant.Place{Country: "US"}, 0)) != 1 {
		t.Errorf("ships %+v, collects %+v, taxes %+v", st.Zones, st.Pickups, st.Tax)
	}
	if len(st.Channels) != 2 || len(st.GiftWraps) != 2 || st.Currency("EUR") == nil || !st.Currency("EUR").Transactional {
		t.Errorf("%+v", st)
	}
	mug, err := h.catalog.Products(t.Context(), demo.Store, catalog.ProductQuery{Name: "Enamel Mug"})
	if err != nil || len(mug) != 1 {
		t.Fatal(err)
	}
	if o := mug[0].Options[0]; o.Type != catalog.Swatch || len(o.Values) != 4 || len(o.Values[0].Data.Colors) != 1 {
		t.Errorf("the mug's colours: %+v", o)
	}
	box, err := h.catalog.Products(t.Context(), demo.Store, catalog.ProductQuery{Name: "First Night Out Gift Box"})
	if err != nil || len(box) != 1 || len(box[0].Listed()) != 3 || len(box[0].Modifiers) != 3 {
		t.Errorf("the gift box: %+v, %v", box, err)
	}
}

// What a merchant took out of a full store does not come back, and a store that
// an earlier version filled, without offers, stays without.
func TestOffersOfAFullStoreStayAsTheyAre(t *testing.T) {
	h := open(t)
	h.fill(t)
	part, err := h.offers.List(t.Context(), demo.Store, promotion.Query{Redemption: promotion.Automatic}, cursor.Range{Limit: 50})
	if err != nil || len(part.Entries) != 2 {
		t.Fatalf("%d automatic promotions, %v", len(part.Entries), err)
	}
	for _, p := range part.Entries {
		if _, err := h.offers.Delete(t.Context(), demo.Store, []int64{p.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.offers.DeleteCoupons(t.Context(), demo.Store, nil); err != nil {
		t.Fatal(err)
	}
	before := h.look(t)
	h.fill(t)
	if diff := cmp.Diff(before, h.look(t)); diff != "" {
		t.Error(diff)
	}
}

// Each offer is there once, also when a demo was stopped between them.
func TestOffersOfAHalfFullStore(t *testing.T) {
	h := open(t)
	if _, err := h.merchants.CreateStore(t.Context(), merchant.Setup{Hash: demo.Store, Name: "Larch & Lantern"}); err != nil {
		t.Fatal(err)
	}
	name, way, off := "10 % off by lantern light", promotion.ByCoupon, 10*money.Unit
	_, err := h.offers.Create(t.Context(), demo.Store, promotion.Fields{Name: &name, Redemption: &way,
		Rules: &[]promotion.Rule{{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Percent: &off}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	h.fill(t)
	promotions, err := h.offers.List(t.Context(), demo.Store, promotion.Query{}, cursor.Range{Limit: 50})
	if err != nil || len(promotions.Entries) != 3 || promotions.Entries[0].Code == nil || promotions.Entries[0].Code.Code != demo.CodeTenOff {
		t.Errorf("%+v, %v", promotions.Entries, err)
	}
	coupons, err := h.offers.Coupons(t.Context(), demo.Store, promotion.CouponFilter{}, cursor.Range{Limit: 50})
	if err != nil || len(coupons.Entries) != 2 {
		t.Errorf("%d coupons, %v", len(coupons.Entries), err)
	}
}
