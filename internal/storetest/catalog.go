package storetest

import (
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/sqlstore"
)

// shelf is a store "a" with a catalog service on it.
type shelf struct {
	*catalog.Service
	t     *testing.T
	shops *sqlstore.Shops
}

func newShelf(t *testing.T, db *sqlstore.DB) shelf {
	t.Helper()
	shops := sqlstore.NewShops(db, "", slog.New(slog.NewTextHandler(io.Discard, nil)))
	for _, hash := range []string{"a", "b"} {
		if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: hash, Name: hash}); err != nil {
			t.Fatal(err)
		}
	}
	return shelf{catalog.NewService(db, shops, clock.At(Noon)), t, shops}
}

func (s shelf) snapshot() *catalog.Snapshot {
	s.t.Helper()
	snap, err := s.shops.Catalog(s.t.Context(), "a")
	if err != nil {
		s.t.Fatal(err)
	}
	return snap
}

func (s shelf) make(in catalog.ProductInput) *catalog.Product {
	s.t.Helper()
	p, err := s.Create(s.t.Context(), "a", in)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: got %v, want %s", what, err, kind)
	}
}

func named(name string) catalog.ProductInput {
	return catalog.ProductInput{Name: catalog.Set(name), Price: catalog.Set(10 * money.Unit)}
}

// lampInput says everything about a product that can be said when it is made.
func lampInput() catalog.ProductInput {
	in := named("Desk lamp ☂")
	in.SKU, in.InventoryTracking = catalog.Set("LAMP"), catalog.Set(catalog.TrackVariant)
	in.BrandName = catalog.Set("Lumen & Sons")
	in.Images = catalog.Set([]catalog.ImageInput{{URL: catalog.Set("https://x.example/lamp.png")}})
	in.CustomFields = catalog.Set([]catalog.CustomFieldInput{{Name: catalog.Set("Bulb"), Value: catalog.Set("E27")}})
	in.Modifiers = catalog.Set([]catalog.ModifierInput{{DisplayName: catalog.Set("Gift box"), Type: catalog.Set(catalog.Checkbox)}})
	in.Variants = catalog.Set([]catalog.VariantInput{
		{SKU: catalog.Set("LAMP-BR"), InventoryLevel: catalog.Set[int64](3), Labels: []catalog.ValueLabel{{Option: "Finish", Label: "Brass"}}},
		{SKU: catalog.Set("LAMP-ST"), InventoryLevel: catalog.Set[int64](5), Labels: []catalog.ValueLabel{{Option: "Finish", Label: "Steel"}}},
	})
	return in
}

// productRoundTrip holds that a product is read as it was written, at once and
// by another server.
func productRoundTrip(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	p := s.make(lampInput())
	if p.URL != "/desk-lamp/" || p.BrandID == 0 || p.ID == 0 {
		t.Errorf("made %+v", p)
	}
	other := sqlstore.NewShops(db, "", slog.New(slog.NewTextHandler(io.Discard, nil)))
	for who, shops := range map[string]*sqlstore.Shops{"this server": s.shops, "another": other} {
		snap, err := shops.Catalog(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, snap.Product(p.ID)); diff != "" {
			t.Errorf("%s: %s", who, diff)
		}
		if q, v := snap.BySKU("LAMP-ST"); q == nil || v == nil || v.InventoryLevel != 5 {
			t.Errorf("%s finds by SKU %v %v", who, q, v)
		}
	}
	empty, err := s.shops.Catalog(t.Context(), "b")
	if err != nil || empty.Len() != 0 {
		t.Errorf("another store has %d products (%v)", empty.Len(), err)
	}
	if _, err := s.Product(t.Context(), "b", p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another store finds the product: %v", err)
	}
}

// productNamesOnce holds that names, paths and SKUs belong to one product of a
// store, and are free again when it lets them go.
func productNamesOnce(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	p := s.make(lampInput())
	mug := s.make(named("Mug"))
	try := func(in catalog.ProductInput) error {
		_, err := s.Create(t.Context(), "a", in)
		return err
	}
	sku, url := named("Cup"), named("Cup")
	sku.SKU, url.URL = catalog.Set("LAMP-BR"), catalog.Set("/mug/")
	wantKind(t, "a name", try(named("Mug")), fault.Conflict)
	wantKind(t, "a SKU of a variant", try(sku), fault.Conflict)
	wantKind(t, "a path", try(url), fault.Conflict)
	_, err := s.Update(t.Context(), "a", mug.ID, catalog.ProductInput{Name: p0(p.Name)})
	wantKind(t, "a name, changed", err, fault.Conflict)
	if q := s.make(named("mug!")); q.URL != "/mug-2/" {
		t.Errorf("a second mug is at %s", q.URL)
	}
	// Of two products in one write, each takes what the other has.
	_, err = s.UpdateMany(t.Context(), "a", []catalog.ProductChange{
		{ID: p.ID, ProductInput: catalog.ProductInput{Name: p0("Mug"), URL: p0("/mug/"), SKU: p0("M")}},
		{ID: mug.ID, ProductInput: catalog.ProductInput{Name: p0(p.Name), URL: p0(p.URL), SKU: p0("LAMP")}},
	})
	if err != nil {
		t.Fatalf("swapping: %v", err)
	}
	if q, _ := s.snapshot().BySKU("LAMP"); q == nil || q.ID != mug.ID || q.Name != p.Name {
		t.Errorf("after swapping, LAMP is %+v", q)
	}
	if err := s.Delete(t.Context(), "a", mug.ID); err != nil {
		t.Fatal(err)
	}
	again := named(p.Name)
	again.SKU = p0("LAMP")
	s.make(again)
	if _, err := s.Create(t.Context(), "b", named("Mug")); err != nil {
		t.Errorf("a name of another store: %v", err)
	}
}

func p0(s string) catalog.Field[string] { return catalog.Set(s) }

// productRevisions holds that a change shows at once, and that the revision of
// prices moves when a cart can show the difference, and only then.
func productRevisions(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	p := s.make(lampInput())
	steps := []struct {
		name     string
		do       func() error
		repriced bool
		check    func(*catalog.Product) bool
	}{
		{"price", func() error {
			_, err := s.Update(t.Context(), "a", p.ID, catalog.ProductInput{Price: catalog.Set(7 * money.Unit)})
			return err
		}, true, func(p *catalog.Product) bool { return p.Price == 7*money.Unit }},
		{"description", func() error {
			_, err := s.Update(t.Context(), "a", p.ID, catalog.ProductInput{Description: p0("bright")})
			return err
		}, false, func(p *catalog.Product) bool { return p.Description == "bright" }},
		{"stock", func() error {
			_, err := s.Adjust(t.Context(), "a", []catalog.StockItem{{LocationID: 1, SKU: "LAMP-BR", Quantity: 40}}, true)
			return err
		}, false, func(p *catalog.Product) bool { return p.Variants[0].InventoryLevel == 40 }},
		{"variant price", func() error {
			_, err := s.UpdateVariant(t.Context(), "a", p.ID, p.Variants[1].ID, catalog.VariantInput{Price: catalog.Set(new(3 * money.Unit))})
			return err
		}, true, func(p *catalog.Product) bool { return *p.Variants[1].Price == 3*money.Unit }},
		{"a value goes", func() error {
			return s.RemoveOptionValue(t.Context(), "a", p.ID, p.Options[0].ID, p.Options[0].Values[0].ID)
		}, true, func(p *catalog.Product) bool { return len(p.Variants) == 1 && p.Variants[0].SKU == "LAMP-ST" }},
		{"deleted", func() error { return s.Delete(t.Context(), "a", p.ID) }, true, func(p *catalog.Product) bool { return p == nil }},
	}
	for _, step := range steps {
		before := s.snapshot()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		after := s.snapshot()
		if !step.check(after.Product(p.ID)) {
			t.Errorf("%s: the change does not show: %+v", step.name, after.Product(p.ID))
		}
		if moved := after.PriceRevision != before.PriceRevision; moved != step.repriced {
			t.Errorf("%s: prices moved: %t", step.name, moved)
		}
	}
	if q, _ := s.snapshot().BySKU("LAMP-ST"); q != nil {
		t.Errorf("a deleted product is found by SKU")
	}
	wantKind(t, "deleting again", s.Delete(t.Context(), "a", p.ID), fault.NotFound)
	_, err := s.Update(t.Context(), "a", p.ID, named("x"))
	wantKind(t, "changing what is deleted", err, fault.NotFound)
}

// productsWhole holds that of several changes either all are written or none,
// and that what a product refers to exists.
func productsWhole(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	a, b := s.make(named("A")), s.make(named("B"))
	change := func(id int64, in catalog.ProductInput) catalog.ProductChange {
		return catalog.ProductChange{ID: id, ProductInput: in}
	}
	price := catalog.ProductInput{Price: catalog.Set(3 * money.Unit)}
	for name, tt := range map[string]struct {
		last catalog.ProductChange
		kind fault.Kind
	}{
		"a price below zero": {change(b.ID, catalog.ProductInput{Price: catalog.Set(-money.Unit)}), fault.Invalid},
		"no such product":    {change(99, price), fault.NotFound},
		"no such brand":      {change(b.ID, catalog.ProductInput{BrandID: catalog.Set[int64](5)}), fault.Invalid},
		"no such category":   {change(b.ID, catalog.ProductInput{Categories: catalog.Set([]int64{5})}), fault.Invalid},
		"a name that is had": {change(b.ID, catalog.ProductInput{Name: p0("A")}), fault.Conflict},
	} {
		_, err := s.UpdateMany(t.Context(), "a", []catalog.ProductChange{change(a.ID, price), tt.last})
		wantKind(t, name, err, tt.kind)
		if p := s.snapshot().Product(a.ID); p.Price != 10*money.Unit {
			t.Errorf("%s: the first entry was written", name)
		}
	}
	_, err := s.AddModifier(t.Context(), "a", a.ID, catalog.ModifierInput{
		DisplayName: p0("Bulb"), Type: p0(catalog.PickList), Required: catalog.Set(false),
		Values: catalog.Set([]catalog.ValueInput{{Label: p0("x"), Data: catalog.Set(catalog.ValueData{ProductID: 99})}})})
	wantKind(t, "a list of what is not there", err, fault.Invalid)
	_, err = s.Adjust(t.Context(), "a", []catalog.StockItem{
		{LocationID: 1, ProductID: a.ID, Quantity: 5}, {LocationID: 1, ProductID: b.ID, Quantity: -1}}, false)
	wantKind(t, "stock below zero", err, fault.Invalid)
	if p := s.snapshot().Product(a.ID); p.InventoryLevel != 0 {
		t.Errorf("half an adjustment was written: %d", p.InventoryLevel)
	}
}

// stockAddsUp holds that of concurrent adjustments none is lost.
func stockAddsUp(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	p := s.make(named("Mug"))
	const writers, each = 16, 5
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() {
			for range each {
				_, err := s.Adjust(t.Context(), "a", []catalog.StockItem{{LocationID: 1, VariantID: p.Variants[0].ID, Quantity: 2}}, false)
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	snap, err := s.shops.FreshCatalog(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if q := snap.Product(p.ID); q.InventoryLevel != 2*writers*each || q.Variants[0].InventoryLevel != q.InventoryLevel {
		t.Errorf("there are %d, %d by variant", q.InventoryLevel, q.Variants[0].InventoryLevel)
	}
}

// productNameRace holds that of concurrent products of one name exactly one
// comes into being.
func productNameRace(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	errs := make([]error, 12)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.Create(t.Context(), "a", named("Mug")) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("got %v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d products of one name", made)
	}
}

// shelves holds the rules of brands and categories.
func shelves(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	ctx := t.Context()
	brand := func(id int64, name string) (*catalog.Brand, error) {
		return s.SaveBrand(ctx, "a", id, catalog.BrandInput{Name: p0(name)})
	}
	category := func(id, parent int64, name string) (*catalog.Category, error) {
		return s.SaveCategory(ctx, "a", id, catalog.CategoryInput{Name: p0(name), ParentID: catalog.Set(parent)})
	}
	p := s.make(lampInput())
	_, err := brand(0, "Lumen & Sons")
	wantKind(t, "a brand's name", err, fault.Conflict)
	other, err := brand(0, "Other")
	if err != nil {
		t.Fatal(err)
	}
	_, err = brand(other.ID, "Lumen & Sons")
	wantKind(t, "a brand's new name", err, fault.Conflict)
	_, err = brand(99, "x")
	wantKind(t, "no brand", err, fault.NotFound)

	top, err := category(0, 0, "Lighting")
	if err != nil {
		t.Fatal(err)
	}
	below, err := category(0, top.ID, "Desk")
	if err != nil || below.URL != "/desk/" {
		t.Fatalf("%+v, %v", below, err)
	}
	for name, tt := range map[string]struct {
		id, parent int64
		text       string
		kind       fault.Kind
	}{
		"a name beside it":   {0, 0, "Lighting", fault.Conflict},
		"no such parent":     {0, 99, "x", fault.Invalid},
		"below itself":       {top.ID, top.ID, "Lighting", fault.Invalid},
		"below its own":      {top.ID, below.ID, "Lighting", fault.Invalid},
		"no such category":   {99, 0, "x", fault.NotFound},
		"a name that is nil": {0, 0, " ", fault.Invalid},
	} {
		_, err := category(tt.id, tt.parent, tt.text)
		wantKind(t, name, err, tt.kind)
	}
	if _, err := s.Update(ctx, "a", p.ID, catalog.ProductInput{Categories: catalog.Set([]int64{below.ID, top.ID})}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "one with others below", s.DeleteCategory(ctx, "a", top.ID), fault.Invalid)
	for _, err := range []error{s.DeleteCategory(ctx, "a", below.ID), s.DeleteBrand(ctx, "a", p.BrandID)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if q := s.snapshot().Product(p.ID); q.BrandID != 0 || !slices.Equal(q.Categories, []int64{top.ID}) {
		t.Errorf("the product keeps brand %d, categories %v", q.BrandID, q.Categories)
	}
	wantKind(t, "a brand that is gone", s.DeleteBrand(ctx, "a", p.BrandID), fault.NotFound)
}
