package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/sqlstore"
)

// imports holds what an import promises: all is checked before anything is
// written, and once more changes nothing.
func imports(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	mug := s.make(named("Mug"))
	var in []catalog.ImportProduct
	for i := range 230 { // more than two parts
		p := catalog.ImportProduct{Source: fmt.Sprintf("line %d", i+2), ProductInput: named(fmt.Sprintf("Poster %d", i))}
		p.BrandName, p.SKU = p0("Press"), p0(fmt.Sprintf("P-%d", i))
		p.CategoryPaths = catalog.Set([][]string{{"Prints", "Posters"}, {"Prints"}})
		in = append(in, p)
	}
	lamp := catalog.ImportProduct{Source: "line 900", ProductInput: lampInput()}
	cup := catalog.ImportProduct{Source: "line 901", ProductInput: named("Cup")}
	cup.URL, cup.InventoryLevel = p0("mug/"), catalog.Set[int64](9) // the mug, with another name
	lamp.URL = p0("/mug/")
	in = append(in, lamp, cup)

	_, err := s.Import(t.Context(), "a", in)
	if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Fields["line 901: custom_url.url"] == "" || s.snapshot().Len() != 1 {
		t.Fatalf("two entries about one product: %v, %d products", err, s.snapshot().Len())
	}
	in[len(in)-2].URL = catalog.Field[string]{}
	for round, want := range []catalog.ImportResult{
		{Created: 231, Updated: 1, Brands: 2, Categories: 2},
		{Unchanged: 232},
	} {
		got, err := s.Import(t.Context(), "a", in)
		if err != nil || got != want {
			t.Fatalf("round %d: %+v, %v", round+1, got, err)
		}
	}
	snap := s.snapshot()
	if q := snap.Product(mug.ID); snap.Len() != 232 || q.Name != "Cup" || q.InventoryLevel != 9 || q.Price != 10*money.Unit {
		t.Errorf("%d products, the mug is %+v", snap.Len(), q)
	}
	poster, _ := snap.BySKU("P-229")
	if poster == nil || poster.URL != "/poster-229/" || poster.BrandID == 0 || len(poster.Categories) != 2 {
		t.Fatalf("the last poster is %+v", poster)
	}
	steel, variant := snap.BySKU("LAMP-ST")
	if steel == nil || variant == nil {
		t.Fatal("the lamp has no variants")
	}
	// One variant less, and a price: what is left keeps its id.
	in[230].Variants.Value = in[230].Variants.Value[1:]
	in[5].Price = catalog.Set(3 * money.Unit)
	got, err := s.Import(t.Context(), "a", in)
	if err != nil || got != (catalog.ImportResult{Updated: 2, Unchanged: 230}) {
		t.Fatalf("after two changes: %+v, %v", got, err)
	}
	if p, v := s.snapshot().BySKU("LAMP-ST"); p == nil || len(p.Variants) != 1 || v.ID != variant.ID || len(p.Options[0].Values) != 1 {
		t.Errorf("the lamp is %+v", p)
	}
	if p, _ := s.snapshot().BySKU("LAMP-BR"); p != nil {
		t.Error("the SKU of a variant that is gone is still there")
	}
	free := named("Another lamp")
	free.SKU = p0("LAMP-BR")
	s.make(free)
	if err := s.DeleteBrand(t.Context(), "a", poster.BrandID); err != nil {
		t.Fatal(err)
	}
	for p := range s.snapshot().All {
		if p.BrandID == poster.BrandID {
			t.Fatalf("%s keeps a brand that is gone", p.Name)
		}
	}
}

// importBeside holds that an import loses nothing that is written beside it.
func importBeside(t *testing.T, db *sqlstore.DB) {
	s := newShelf(t, db)
	var in []catalog.ImportProduct
	for i := range 120 {
		in = append(in, catalog.ImportProduct{Source: fmt.Sprint(i), ProductInput: named(fmt.Sprintf("Poster %d", i))})
	}
	if _, err := s.Import(t.Context(), "a", in); err != nil {
		t.Fatal(err)
	}
	snap := s.snapshot()
	var ids []int64
	for p := range snap.All {
		ids = append(ids, p.ID)
	}
	for i := range in {
		in[i].Description = p0("on paper")
	}
	var wg sync.WaitGroup
	const moved = 40
	var moving error
	wg.Go(func() {
		for i := range moved {
			_, err := s.Adjust(t.Context(), "a", []catalog.StockItem{{LocationID: 1, ProductID: ids[i%len(ids)], Quantity: 1}}, false)
			moving = errors.Join(moving, err)
		}
	})
	_, err := s.Import(t.Context(), "a", in)
	wg.Wait()
	if err := errors.Join(err, moving); err != nil && !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "a", in); err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for p := range s.snapshot().All {
		total += p.InventoryLevel
		if p.Description != "on paper" {
			t.Errorf("%s was not imported", p.Name)
		}
	}
	if total != moved {
		t.Errorf("the stock is %d, want %d", total, moved)
	}
}
