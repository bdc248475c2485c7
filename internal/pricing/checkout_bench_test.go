package pricing_test

import (
	"fmt"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/pricing"
)

// BenchmarkPrice prices carts without offers: what a checkout adds, and that a
// cart without one pays nothing for it.
func BenchmarkPrice(b *testing.B) {
	s := taxed(zoned(shop(product(1, "19.99", nil)), worldwide(flat("7"))), vat(classes("19", "19", "19", "7")))
	for _, lines := range []int{5, 250} {
		c := &cart.Cart{ChannelID: 1, Currency: "USD"}
		for i := range lines {
			c.Lines = append(c.Lines, named(fmt.Sprint(i), line(1, 2)))
		}
		bench := func(name string) {
			b.Run(fmt.Sprintf("%s/%d", name, lines), func(b *testing.B) {
				for b.Loop() {
					if err := pricing.Default.Price(c, s, noon); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		bench("cart")
		con := sent(c)
		con.Option = &pricing.ShippingOptions(c, s, con)[0]
		bench("checkout")
	}
}
