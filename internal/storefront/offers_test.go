package storefront_test

import (
	"net/http"
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/promotion"
)

// TestOffersOnTheCartPage: discounts and coupons stand in the sums, a gift can
// be neither changed nor removed, and a banner is shown as text.
func TestOffersOnTheCartPage(t *testing.T) {
	w := newWorld(t)
	b := w.browser(underShop)
	b.post("/shop/demo/tile/", map[string][]string{"quantity": {"2"}}).want(http.StatusSeeOther)
	c := w.onlyCart()
	tile := c.Lines[0]
	w.offers = promotion.NewOffers(1, promotion.DefaultSettings, []*promotion.Promotion{{
		ID: 4, Redemption: promotion.Automatic, Status: promotion.Enabled, Currency: "USD", Combines: true,
		Rules: []promotion.Rule{
			{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Fixed: ref(amount("1"))}}}},
			{Action: promotion.Action{GiftItem: &promotion.GiftItem{VariantID: tile.VariantID, Quantity: 1}}, ApplyOnce: true}},
		Notifications: []promotion.Notification{{Type: "APPLIED", Content: "<b onclick=x()>You &amp; a gift</b><script>", Locations: []string{"CART_PAGE"}},
			{Type: "APPLIED", Content: "Elsewhere", Locations: []string{"HOME_PAGE"}}}}},
		[]*promotion.Coupon{{ID: 1, Code: "X", Type: promotion.PerTotal, Amount: amount("0.5"), Enabled: true}})
	changed := c.Clone()
	changed.Coupons, changed.Priced.StoreRevision = []cart.Applied{{Code: "X", ID: 1}}, -1
	w.memory.carts[c.ID] = changed
	page := b.get("/shop/demo/cart.php").want(http.StatusOK, "Discount</dt>", "Coupon X", "−$0.50", "You &amp; a gift</p>", "Added to your cart by an offer").
		without("onclick", "<script", "Elsewhere")
	for _, name := range []string{`value="update"`, `value="remove"`} {
		if got := strings.Count(page.body, name); got != 1 {
			t.Errorf("%s: %d lines can be changed", name, got)
		}
	}
}
