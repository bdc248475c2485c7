package contract_test

import (
	"fmt"
	"net/http"

	"cartwright/internal/money"
	"cartwright/internal/promotion"
	"cartwright/test/world"
)

// discountedCarts are requests for carts that offers change: one with a coupon,
// a discount of items and one of the order, a gift and a banner, and one with
// discounts of the API.
func discountedCarts(w *world.World) []world.Request {
	w.Helper()
	product := w.Must(http.MethodPost, "/v3/catalog/products", world.M{"name": "Offered", "type": "physical", "weight": 1, "price": 20})
	present := w.Must(http.MethodPost, "/v3/catalog/products", world.M{"name": "Present", "type": "digital", "weight": 0, "price": 5})
	offer(w, id(product), id(present))
	coupon, err := w.App.DB.CreateCoupon(w.Context(), world.Store, &promotion.Coupon{Name: "Twenty", Code: "TWENTY", Type: promotion.Percentage,
		Amount: 20 * money.Unit, Enabled: true})
	if err != nil {
		w.Fatalf("create coupon: %v", err)
	}
	var out []world.Request
	for path, body := range map[string]world.M{
		"coupons":   {"coupon_code": coupon.Code},
		"discounts": {"cart": world.M{"discounts": world.L{world.M{"discounted_amount": 3}}}},
	} {
		cart := w.Must(http.MethodPost, "/v3/carts", world.M{"line_items": world.L{world.M{"product_id": id(product), "quantity": 2}}})
		w.Must(http.MethodPost, fmt.Sprintf("/v3/checkouts/%v/%s", world.Get(cart, "id"), path), body)
		out = append(out, world.Request{Method: http.MethodGet, Path: fmt.Sprintf("/v3/carts/%v?include=promotions.banners", world.Get(cart, "id"))})
	}
	return out
}

// offer makes a promotion of everything for whoever buys a product.
func offer(w *world.World, product, present int64) {
	w.Helper()
	tenth := 10 * money.Unit
	discount := promotion.Discount{Percent: &tenth}
	buys := &promotion.Condition{Cart: &promotion.CartCondition{Items: &promotion.Matcher{Products: []int64{product}}, MinimumQuantity: 1}}
	p := &promotion.Promotion{Name: "Everything", Redemption: promotion.Automatic, Status: promotion.Enabled, Currency: promotion.AnyCurrency, Combines: true,
		Notifications: []promotion.Notification{{Type: "APPLIED", Content: "A free %ACTION.FREE_PRODUCT%", Locations: []string{"CART_PAGE", "CHECKOUT_PAGE"}}}}
	for _, a := range []promotion.Action{
		{CartValue: &promotion.CartValue{Discount: discount}},
		{CartItems: &promotion.CartItems{Discount: discount, IncludeCondition: true}},
		{GiftItem: &promotion.GiftItem{ProductID: present, Quantity: 1}},
	} {
		p.Rules = append(p.Rules, promotion.Rule{Condition: buys, Action: a, ApplyOnce: true})
	}
	if _, err := w.App.DB.CreatePromotion(w.Context(), world.Store, p); err != nil {
		w.Fatalf("create promotion: %v", err)
	}
}

func id(made any) int64 {
	n, _ := world.Get(made, "id").(float64)
	return int64(n)
}
