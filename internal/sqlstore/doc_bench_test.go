package sqlstore

import (
	"fmt"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/id"
	"cartwright/internal/testkit"
)

func docCart(lines int) *cart.Cart {
	c := &cart.Cart{ID: cart.ID(id.UUID()), Store: "bench", Version: 3, ChannelID: 1, Currency: "USD", Locale: "en"}
	for i := range lines {
		c.Lines = append(c.Lines, cart.Line{
			ID: id.UUID(), Kind: cart.Physical, Quantity: 2, ProductID: int64(i), VariantID: int64(i), Name: "A thing to buy", SKU: "SKU-1",
			URL: "http://localhost:8080/shop/bench/a-thing/", ImageURL: "http://localhost:8080/assets/placeholder.svg", Taxable: true,
			OriginalPrice: 199_900, ListPrice: 199_900, SalePrice: 199_900, ExtendedList: 399_800, ExtendedSale: 399_800,
		})
	}
	return c
}

func BenchmarkCartDocument(b *testing.B) {
	for _, lines := range []int{3, 250} {
		c := docCart(lines)
		doc := document(c)
		b.Run(fmt.Sprintf("encode/%d", lines), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				_ = document(c)
			}
		})
		b.Run(fmt.Sprintf("decode/%d", lines), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cart.ReadDocument(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFindCart reads a cart that is not in memory.
func BenchmarkFindCart(b *testing.B) {
	for engine, empty := range map[string]func(testing.TB) string{"sqlite": sqliteFile, "postgres": testkit.Postgres} {
		for _, lines := range []int{3, 250} {
			b.Run(fmt.Sprintf("%s/%d", engine, lines), func(b *testing.B) {
				db, err := Open(b.Context(), empty(b), Options{Shared: true})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { _ = db.Close() })
				c := docCart(lines)
				if err := db.CreateCart(b.Context(), c, cart.Change{}); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if back, err := db.FindCart(b.Context(), c.Store, c.ID); err != nil || back == nil {
						b.Fatal(back, err)
					}
				}
			})
		}
	}
}

func sqliteFile(t testing.TB) string { return "sqlite://" + t.TempDir() + "/test.db" }
