package app

import (
	"encoding/json"
	"fmt"
	"testing"

	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// promotion makes a promotion of these rules that always counts.
func (s *till) promotion(p promotion.Promotion) int64 {
	s.Helper()
	p.Name, p.Status, p.Currency, p.Combines = "Offer", promotion.Enabled, "USD", true
	made, err := s.app.DB.CreatePromotion(s.Context(), "demo", &p)
	if err != nil {
		s.Fatal(err)
	}
	return made.ID
}

// basket makes a cart and returns its path.
func (s *till) basket(body string) string {
	s.Helper()
	var c struct{ Data struct{ ID string } }
	if err := json.Unmarshal(s.do(step{"", "POST", "/v3/carts", body, 201, nil}).Body.Bytes(), &c); err != nil {
		s.Fatal(err)
	}
	return "/v3/carts/" + c.Data.ID
}

func percentOff(n int64) promotion.Discount {
	p := money.Amount(n) * money.Unit
	return promotion.Discount{Percent: &p}
}

// TestTheSampleCouponOverHTTP is the vendor's sample of spec/01 §7.3: items of
// 32 and 35 and a coupon of 20 %.
func TestTheSampleCouponOverHTTP(t *testing.T) {
	s := newTill(t)
	a := s.product(`{"name":"A","type":"physical","weight":1,"price":32}`)
	b := s.product(`{"name":"B","type":"physical","weight":1,"price":35}`)
	id := s.coupon(promotion.Coupon{Code: "S20", Type: promotion.Percentage, Amount: 20 * money.Unit})
	cart := s.basket(fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1},{"product_id":%d,"quantity":1}]}`, a, b))
	s.walk(
		step{"", "POST", "/v3/checkouts" + cart[len("/v3/carts"):] + "/coupons", `{"coupon_code":"s20"}`, 200, nil},
		step{"", "GET", cart, "", 200, []string{`"base_amount":67`, `"discount_amount":0`, `"cart_amount":53.6`,
			fmt.Sprintf(`"coupons":[{"id":"%d","code":"S20","coupon_type":"percentage_discount","discounted_amount":13.4,"display_name":"S20"}]`, id),
			`"discounts":[{"id":"coupon","discounted_amount":6.4}],"coupons":6.4,"discount_amount":0,"coupon_amount":6.4,"original_price":32,"list_price":32,"sale_price":32`,
			`"discounts":[{"id":"coupon","discounted_amount":7}],"coupons":7,"discount_amount":0,"coupon_amount":7`}},
	)
}

// TestPromotionsOverHTTP: a discount of the order, a gift and a banner in a
// cart; the gift cannot be changed, goes with what earned it, and what ended is
// gone at the next read, without a new version.
func TestPromotionsOverHTTP(t *testing.T) {
	s := newTill(t)
	order := s.promotion(promotion.Promotion{Redemption: promotion.Automatic, Rules: []promotion.Rule{
		{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: percentOff(10)}}, ApplyOnce: true}}})
	gift := s.promotion(promotion.Promotion{Redemption: promotion.Automatic, Rules: []promotion.Rule{{ApplyOnce: true,
		Action:    promotion.Action{GiftItem: &promotion.GiftItem{ProductID: s.guide, Quantity: 1}},
		Condition: &promotion.Condition{Cart: &promotion.CartCondition{Items: &promotion.Matcher{Products: []int64{s.mug}}, MinimumQuantity: 2}}}},
		Notifications: []promotion.Notification{{Type: "APPLIED", Content: "A free %ACTION.FREE_PRODUCT%!", Locations: []string{"CART_PAGE"}},
			{Type: "UPSELL", Content: "One more mug", Locations: []string{"CART_PAGE"}}}})
	cart := s.basket(fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":2}]}`, s.mug))
	w := s.do(step{"", "GET", cart + "?include=promotions.banners", "", 200, []string{`"base_amount":21`, `"discount_amount":1.6`, `"cart_amount":14.4`, `"version":1`,
		fmt.Sprintf(`"discounts":[{"id":%d,"discounted_amount":1.6}],"coupons":[],"discount_amount":0`, order),
		fmt.Sprintf(`"discounts":[{"id":%d,"discounted_amount":5}],"coupons":[],"discount_amount":5`, gift), `"sale_price":0,"extended_list_price":5,"extended_sale_price":0`,
		`"is_mutable":false,"added_by_promotion":true`,
		fmt.Sprintf(`"promotions":{"banners":[{"id":"%d","type":"applied","page":["cart_page"],"text":"A free Guide!"}]}`, gift)}})
	var c struct {
		Data struct {
			Lines struct {
				Physical []struct{ ID string } `json:"physical_items"`
				Digital  []struct{ ID string } `json:"digital_items"`
			} `json:"line_items"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	mugs, free := cart+"/items/"+c.Data.Lines.Physical[0].ID, cart+"/items/"+c.Data.Lines.Digital[0].ID
	refused := []string{`"title":"This item was added by a promotion and cannot be changed."`}
	s.walk(
		step{"", "PUT", free, fmt.Sprintf(`{"line_item":{"product_id":%d,"quantity":3}}`, s.guide), 422, refused},
		step{"", "DELETE", free, "", 422, refused},
		step{"", "POST", cart + "/items", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, s.guide), 201, []string{`"base_amount":26`, `"is_mutable":true`, `"is_mutable":false`}},
		step{"", "PUT", mugs + "?include=promotions.banners", fmt.Sprintf(`{"line_item":{"product_id":%d,"quantity":1}}`, s.mug), 200,
			[]string{`!"is_mutable":false`, `"type":"upsell"`, `"text":"One more mug"`, `"discount_amount":1.3`, `"version":3`}},
	)
	if _, err := s.app.DB.DeletePromotions(s.Context(), "demo", []int64{order, gift}); err != nil {
		t.Fatal(err)
	}
	s.do(step{"", "GET", cart + "?include=promotions.banners", "", 200, []string{`"discount_amount":0`, `"cart_amount":13`, `"banners":[]`, `"version":3`}})
}

// TestManualDiscountsOverHTTP: a discount of the API stands in place of
// promotions, and taking it back lets them count again (spec/05 §1.4).
func TestManualDiscountsOverHTTP(t *testing.T) {
	s := newTill(t)
	s.promotion(promotion.Promotion{Redemption: promotion.Automatic, Rules: []promotion.Rule{
		{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: percentOff(50)}}, ApplyOnce: true}}})
	cart := s.basket(fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":2}]}`, s.mug))
	at := "/v3/checkouts" + cart[len("/v3/carts"):]
	s.walk(
		step{"", "GET", cart, "", 200, []string{`"discount_amount":8`, `"manual_discount_amount":0`, `"cart_amount":8`}},
		step{"", "POST", at + "/discounts", `{"cart":{"discounts":[{"discounted_amount":3}]}}`, 200, nil},
		step{"", "GET", cart, "", 200, []string{`"discount_amount":3`, `"manual_discount_amount":3`, `"cart_amount":13`, `"discounts":[{"id":"manual-discount","discounted_amount":3}]`}},
		step{"", "POST", at + "/discounts", `{"cart":{"discounts":[{"discounted_amount":0}]}}`, 200, nil},
		step{"", "GET", cart, "", 200, []string{`"discount_amount":8`, `"manual_discount_amount":0`, `"cart_amount":8`}},
	)
}
