package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// promote makes an automatic promotion and returns its id.
func (s *till) promote(p promotion.Promotion) int64 {
	s.Helper()
	p.Name, p.Redemption, p.Status, p.Combines, p.Currency, p.Start = "offer", promotion.Automatic, promotion.Enabled, true, "USD", time.Now().Add(-time.Hour)
	made, err := s.app.DB.CreatePromotion(s.Context(), "demo", &p)
	if err != nil {
		s.Fatal(err)
	}
	return made.ID
}

func (s *till) set(change func(*merchant.Store)) {
	s.Helper()
	if _, err := s.app.Merchants.Update(s.Context(), "demo", func(st *merchant.Store) error {
		change(st)
		return nil
	}); err != nil {
		s.Fatal(err)
	}
}

// tax charges 10 % on products and 5 % on shipping.
func (s *till) tax(included bool) {
	s.Helper()
	s.set(func(st *merchant.Store) {
		st.PricesIncludeTax = included
		st.Tax.Rates = []merchant.TaxRate{{ID: 1, ZoneID: merchant.DefaultTaxZone, Name: "VAT", Enabled: true, Classes: []merchant.ClassRate{
			{ClassID: merchant.DefaultTaxClass, Rate: 10 * money.Unit}, {ClassID: merchant.ShippingTaxClass, Rate: 5 * money.Unit},
		}}}
	})
}

// TestTaxesOfACheckout: the amounts with tax and without, and the taxes by name,
// once with prices that do not include tax and once with prices that do
// (spec/05 §1.1).
func TestTaxesOfACheckout(t *testing.T) {
	tests := map[string]struct {
		included bool
		want     []string
	}{
		"tax comes on top": {false, []string{
			`"tax_included":false`, `"cart_amount_inc_tax":133.1,"cart_amount_ex_tax":121`, `"subtotal_inc_tax":133.1,"subtotal_ex_tax":121`,
			`"shipping_cost_total_inc_tax":6.3,"shipping_cost_total_ex_tax":6`, `"cost_inc_tax":11,"cost_ex_tax":10`,
			`"taxes":[{"name":"VAT","amount":13.4}]`, `"tax_total":13.4`, `"grand_total":150.4`,
		}},
		"prices include tax": {true, []string{
			`"tax_included":true`, `"cart_amount_inc_tax":121,"cart_amount_ex_tax":110.01`, `"subtotal_inc_tax":121,"subtotal_ex_tax":110.01`,
			`"shipping_cost_total_inc_tax":6,"shipping_cost_total_ex_tax":5.71`, `"cost_inc_tax":10,"cost_ex_tax":9.09`,
			`"taxes":[{"name":"VAT","amount":12.19}]`, `"tax_total":12.19`, `"grand_total":137`,
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTill(t)
			s.tax(tc.included)
			at, c := s.open()
			made := s.consign(at, c.Cart.Lines.Physical[0].ID)
			s.read("PUT", at+"/consignments/"+made.Consignments[0].ID, fmt.Sprintf(`{"shipping_option_id":%q}`, made.Consignments[0].Options[0].ID))
			s.read("POST", at+"/billing-address", `{`+texas+`}`) // where the download and the work are taxed
			s.read("POST", at+"/fees", `{"fees":[{"type":"custom_fee","name":"n","display_name":"d","cost":10,"source":"app"}]}`)
			s.do(step{"", "GET", at, "", 200, tc.want})
		})
	}
}

// TestOffersOnACheckout: what promotions and coupons take off lines, the order and
// shipping, a free item, and what is told of it (spec/05 §1.1, §7.5).
func TestOffersOnACheckout(t *testing.T) {
	s := newTill(t)
	amount := 21 * money.Unit
	order := s.promote(promotion.Promotion{Rules: []promotion.Rule{{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Fixed: &amount}}}}},
		Notifications: []promotion.Notification{
			{Type: "APPLIED", Content: "You save 21", Locations: []string{"CART_PAGE", "CHECKOUT_PAGE"}},
			{Type: "APPLIED", Content: "On the cart only", Locations: []string{"CART_PAGE"}},
		}})
	bowl := s.product(`{"name":"Bowl","type":"physical","weight":1,"price":7}`)
	s.promote(promotion.Promotion{Rules: []promotion.Rule{{Action: promotion.Action{GiftItem: &promotion.GiftItem{Quantity: 1, ProductID: bowl}}}}})
	ship := s.coupon(promotion.Coupon{Code: "SHIPPED", Type: promotion.ShippingOff, Amount: 4 * money.Unit})
	at, c := s.open()
	// The guide is 5 of 21 that promotions see, the two mugs are 16.
	s.do(step{"", "GET", at + "?include=promotions.banners", "", 200, []string{
		fmt.Sprintf(`"discounts":[{"id":%d,"discounted_amount":16}]`, order), fmt.Sprintf(`"discounts":[{"id":%d,"discounted_amount":5}]`, order),
		`"discount_amount":21,"manual_discount_amount":0`, `"cart_amount_inc_tax":100`, `"subtotal_inc_tax":121`, `"grand_total":100`,
		fmt.Sprintf(`"promotions":[{"banners":[{"id":"%d","type":"applied","page":["cart_page","checkout_page"],"text":"You save 21"}]}]`, order),
		`"name":"Bowl"`, `"is_mutable":false,"added_by_promotion":true`, `!On the cart only`,
	}})
	// The free item goes with the only consignment.
	made := s.consign(at, c.Cart.Lines.Physical[0].ID)
	if len(made.Consignments[0].Lines) != 2 {
		t.Errorf("the consignment holds %q", made.Consignments[0].Lines)
	}
	con := at + "/consignments/" + made.Consignments[0].ID
	s.walk(
		step{"", "PUT", con, fmt.Sprintf(`{"shipping_option_id":%q}`, made.Consignments[0].Options[0].ID), 200, []string{`"shipping_cost_total_inc_tax":6`, `"grand_total":106`}},
		step{"", "POST", at + "/coupons", `{"coupon_code":"shipped"}`, 200, []string{
			`"coupon_discounts":[{"code":"SHIPPED","amount":4}]`, fmt.Sprintf(`{"id":%d,"code":"SHIPPED","coupon_type":"shipping_discount","discounted_amount":4,`, ship),
			`"shipping_cost_total_inc_tax":6`, `"cart_amount_inc_tax":100`, `"grand_total":102`,
		}},
		// A line that a promotion made free cannot be discounted by hand; the order
		// can, and the free item goes, as do promotions and coupons.
		step{"", "POST", at + "/discounts", fmt.Sprintf(`{"cart":{"line_items":[{"id":%q,"discounted_amount":1}]}}`, giftLine(made)), 422, []string{"has a coupon or a promotion already"}},
		step{"", "POST", at + "/discounts", `{"cart":{"discounts":[{"discounted_amount":1}]}}`, 200, []string{`!"name":"Bowl"`, `"coupons":[]`, `"coupon_discounts":[]`, `"grand_total":126`}},
		step{"", "POST", at + "/discounts", `{"cart":{"discounts":[{"discounted_amount":0}]}}`, 200, []string{`"name":"Bowl"`, `"grand_total":106`}},
	)
	told := strings.Join(s.events(at), "; ")
	if want := "lineItem/deleted updated; lineItem/created updated"; !strings.HasSuffix(told, want) {
		t.Errorf("told is %s, want %s at the end", told, want)
	}
	free := s.promote(promotion.Promotion{Rules: []promotion.Rule{{Action: promotion.Action{Shipping: &promotion.Shipping{}}}}})
	s.do(step{"", "GET", at, "", 200, []string{fmt.Sprintf(`"discounts":[{"id":%d}],"line_item_ids"`, free), `"shipping_cost_inc_tax":6`, `"grand_total":100`}})
	// A share of a promotion of the whole order keeps no line from a discount.
	s.do(step{"", "POST", at + "/discounts", fmt.Sprintf(`{"cart":{"line_items":[{"id":%q,"discounted_amount":1}]}}`, c.Cart.Lines.Physical[0].ID), 200, []string{
		`"discounts":[{"id":"manual-discount","discounted_amount":1}]`, `"grand_total":126`,
	}})
}

// giftLine is the line that is second in a consignment.
func giftLine(c checkoutOf) string { return c.Consignments[0].Lines[1] }
