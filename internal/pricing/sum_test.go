package pricing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/pricing"
)

// TestSum adds up a checkout by hand, once with prices that do not include tax
// and once with prices that do (spec/05 §1.1).
func TestSum(t *testing.T) {
	checkout := cart.Cart{
		Lines: []cart.Line{
			{ID: "a", Quantity: 2, SalePrice: amount("50"), ExtendedSale: amount("100"), Shared: amount("10"), Coupon: amount("5"),
				Tax: amount("8.5"), TaxBefore: amount("10"), WrapPrice: amount("4"), WrapTax: amount("0.4")},
			{ID: "b", Quantity: 1, ExtendedSale: amount("20")},
		},
		Totals: cart.Totals{Discount: amount("10"), Coupon: amount("5"), Tax: amount("8.5")},
		Checkout: &cart.Checkout{
			Consignments: []cart.Consignment{{Shipping: amount("10"), ShippingTaxBefore: amount("1"), ShippingTax: amount("0.7"),
				Handling: amount("2"), HandlingTax: amount("0.2"), Cuts: []cart.Cut{{Amount: amount("3")}}}},
			Fees:  []cart.Fee{{Cost: amount("6"), Tax: amount("0.6")}},
			Taxes: []cart.Tax{{Name: "VAT", Amount: amount("10.4")}},
		},
	}
	pairs := func(inc, ex string) pricing.Pair { return pricing.Pair{Inc: amount(inc), Ex: amount(ex)} }
	tests := map[string]struct {
		included bool
		want     pricing.Sums
		unit     pricing.Pair
	}{
		"tax comes on top": {false, pricing.Sums{
			Subtotal: pairs("130", "120"), Cart: pairs("113.5", "105"), Shipping: pairs("11", "10"), Handling: pairs("2.2", "2"),
			Fees: pairs("6.6", "6"), Wrapping: pairs("4.4", "4"), Grand: amount("134.4"),
		}, pairs("55", "50")},
		"prices include tax": {true, pricing.Sums{
			Subtotal: pairs("120", "110"), Cart: pairs("105", "96.5"), Shipping: pairs("10", "9"), Handling: pairs("2", "1.8"),
			Fees: pairs("6", "5.4"), Wrapping: pairs("4", "3.6"), Grand: amount("124"),
		}, pairs("50", "45")},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := checkout
			c.TaxIncluded = tc.included
			tc.want.Discount, tc.want.Coupon, tc.want.ShippingDiscount = amount("10"), amount("5"), amount("3")
			tc.want.Tax, tc.want.Taxes = amount("10.4"), c.Checkout.Taxes
			if diff := cmp.Diff(tc.want, pricing.Sum(&c)); diff != "" {
				t.Error(diff)
			}
			if got := pricing.LineUnit(&c, &c.Lines[0]); got != tc.unit {
				t.Errorf("one unit = %v, want %v", got, tc.unit)
			}
		})
	}
	bare := cart.Cart{Lines: checkout.Lines[1:]}
	if got := pricing.Sum(&bare); got.Grand != amount("20") || got.Subtotal != pairs("20", "20") || got.Taxes != nil {
		t.Errorf("a cart without a checkout = %+v", got)
	}
}
