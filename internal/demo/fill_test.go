package demo_test

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/demo"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/sqlstore"
)

type house struct {
	db        *sqlstore.DB
	merchants *merchant.Service
	catalog   *catalog.Service
}

func open(t *testing.T) house {
	t.Helper()
	now := clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	db, err := sqlstore.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "demo.db"), sqlstore.Options{Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return house{db, merchant.NewService(db, now), catalog.NewService(db, sqlstore.NewShops(db, "", slog.New(slog.DiscardHandler)), now)}
}

func (h house) fill(t *testing.T) {
	t.Helper()
	if err := demo.Fill(t.Context(), h.merchants, h.catalog); err != nil {
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
	b, err := json.MarshalIndent(map[string]any{"store": st, "products": products}, "", " ")
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
