package pricing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/pricing"
)

// TestCheckoutsUnderOffersAddUp prices random checkouts, taxed and sent, under
// random promotions and coupons: what is paid is the sum of its parts and never
// more than subtotal, shipping, fees, wrapping and tax, and pricing again changes
// nothing.
func TestCheckoutsUnderOffersAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := func(name string) string { return cents(t, name, 3_000).String() }
		s := taxed(zoned(randomShop(), worldwide(flat(cents(t, "rate", 2_000).String()))),
			merchant.TaxRate{Name: "A", Priority: 1, Classes: classes(percent("product"), percent("shipping"), "5", "7")},
			merchant.TaxRate{Name: "B", Priority: rapid.Int64Range(1, 2).Draw(t, "priority"), Classes: classes(percent("product"), "0", "0", "0")})
		s.Store.PricesIncludeTax = rapid.Bool().Draw(t, "included")
		s.Store.Zones[0].Handling.Surcharge = cents(t, "handling", 300)
		s.Offers = randomOffers(t)
		c := randomCart(t, s.Offers)
		c.Checkout = &cart.Checkout{Billing: &berlin, Fees: []cart.Fee{{Cost: cents(t, "fee", 900)}}}
		con := cart.Consignment{ID: "con", Address: berlin}
		for i := range c.Lines {
			if l := &c.Lines[i]; l.Consignable() {
				con.Items = append(con.Items, cart.ConsignedItem{LineID: l.ID, Quantity: rapid.Int64Range(1, l.Quantity).Draw(t, "sent")})
			}
		}
		c.Checkout.Consignments = []cart.Consignment{con}
		run := func(c *cart.Cart) {
			if err := pricing.Default.Price(c, s, noon); err != nil {
				t.Fatal(err)
			}
		}
		run(c)
		for i := range c.Checkout.Consignments {
			con := &c.Checkout.Consignments[i]
			if options := pricing.ShippingOptions(c, s, con); len(options) > 0 && rapid.Bool().Draw(t, "chosen") {
				con.Option = &options[0]
			}
		}
		run(c)
		again := c.Clone()
		run(again)
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("priced twice: %s", diff)
		}
		checkSums(t, c)
	})
}
