package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// checkouts lets the shop ship, tax and give discounts, and returns the id of
// the product that the journeys buy.
func checkouts(s *server) int {
	s.t.Helper()
	s.call(http.MethodPost, "/v2/shipping/zones/1/methods", object{"name": "Parcel", "type": "perorder", "settings": object{"rate": 7.5}})
	s.call(http.MethodPost, "/v3/pickup/methods", []object{{"location_id": 1, "display_name": "The workshop", "collection_instructions": "Ring the bell.", "collection_time_description": "9 to 5"}})
	s.call(http.MethodPost, "/v2/coupons", object{"name": "Spring sale", "code": "SPRING", "type": "percentage_discount", "amount": "10", "enabled": true,
		"applies_to": object{"entity": "categories", "ids": []int{0}}})
	return s.product("Vase", "/vase/", 40, object{"inventory_tracking": "product", "inventory_level": 30})
}

// orders lists what was ordered.
func (s *server) orders() []object {
	s.t.Helper()
	text := s.call(http.MethodGet, "/v2/orders", nil)
	if len(text) == 0 {
		return nil
	}
	var all []object
	if err := json.Unmarshal(text, &all); err != nil {
		s.t.Fatalf("%v: %s", err, text)
	}
	return all
}

// janes is what Jane types into the first form of the checkout.
var janes = map[string]string{"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "address1": "1 Elm Street",
	"city": "Springfield", "postcode": "62701", "state": "Illinois", "country": "US"}

// fillAddress fills in the first form of the checkout.
func (b *tab) fillAddress() {
	b.t.Helper()
	for field, text := range janes {
		b.fill("#"+field, text)
	}
}

// toPayment goes from an empty cart to the last step of the checkout.
func (b *tab) toPayment(s *server) {
	b.t.Helper()
	b.visit(s.shop + "/vase/")
	b.click(".order .button")
	b.visit(s.shop + "/checkout")
	b.fillAddress()
	b.click("[value=address]")
	b.choose("Ways of shipping", "Parcel")
	b.click("[value=shipping]")
}

func TestFromAProductToTheOrder(t *testing.T) {
	s := serve(t, "--sandbox")
	checkouts(s)
	for n, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			b := open(t, screen)
			b.visit(s.shop + "/vase/")
			b.fill("#quantity", "2")
			b.click(".order .button")
			b.says(".summary .sums .total", "$80.00")

			b.fill("#coupon", "WINTER")
			if status := b.click("[value=coupon]"); status != http.StatusUnprocessableEntity {
				t.Errorf("a wrong coupon = %d", status)
			}
			b.says("#coupon-problem", "The coupon code WINTER is not valid.")
			b.accessible("coupon-refused")
			b.fill("#coupon", "spring")
			b.click("[value=coupon]")
			b.says(".notice", "The coupon SPRING was applied.")
			b.says(".summary .sums", "Coupon SPRING", "−$8.00", "$72.00")
			b.accessible("cart-with-coupon")

			b.click(".summary > .button")
			b.says("h1", "Checkout")
			b.click("[value=address]")
			b.says(".steps", "Please look at the marked fields again.", "Please enter your first name.")
			b.accessible("checkout-refused")
			b.fillAddress()
			b.accessible("checkout-address")
			b.click("[value=address]")
			b.says(".steps", "1 Elm Street", "Parcel", "$7.50", "Collect: The workshop")
			b.accessible("checkout-shipping")
			b.choose("Ways of shipping", "Parcel")
			b.click("[value=shipping]")
			b.says(".summary .sums", "Shipping", "$7.50", "$79.50")
			b.fill("#message", "Please ring twice.")
			b.accessible("checkout-payment")

			b.choose("How do you want to pay?", "Test payment that is declined")
			if status := b.click("[value=place]"); status != http.StatusUnprocessableEntity {
				t.Errorf("a declined payment = %d", status)
			}
			b.says("#payment-problem", "The payment was declined. Nothing was ordered and nothing was charged")
			b.accessible("payment-declined")
			if got := len(s.orders()); got != n {
				t.Errorf("%d orders after a declined payment, want %d", got, n)
			}
			b.choose("How do you want to pay?", "Test payment")
			b.click("[value=place]")
			b.says("main", "Thank you for your order", "is placed and paid", "2 × Vase", "1 Elm Street", "Please ring twice.", "$79.50")
			if !strings.Contains(b.address(), "/order-confirmation/") {
				t.Errorf("the confirmation is at %s", b.address())
			}
			b.accessible("confirmation")
			confirmation := b.address()
			b.visit(s.shop + "/cart.php")
			b.says("main", "Your cart is empty.")
			stranger := open(t, screen)
			if status := stranger.visit(confirmation); status != http.StatusNotFound {
				t.Errorf("a stranger sees the confirmation: %d", status)
			}
		})
	}
	all := s.orders()
	if len(all) != len(screens) {
		t.Fatalf("%d orders", len(all))
	}
	for _, o := range all {
		if o["total_inc_tax"] != "79.5000" || o["status_id"] != float64(11) {
			t.Errorf("order %v: total %v, status %v", o["id"], o["total_inc_tax"], o["status_id"])
		}
	}
}

func TestAPriceThatChangesBeforeTheOrder(t *testing.T) {
	s := serve(t)
	vase := checkouts(s)
	for n, screen := range []screen{phone, desktop} {
		t.Run(screen.name, func(t *testing.T) {
			b := open(t, screen)
			b.toPayment(s)
			before, after := 40+n, 41+n
			b.says(".buy [value=place]", fmt.Sprintf("Place order · $%d.50", before+7))
			s.api(http.MethodPut, fmt.Sprintf("/catalog/products/%d", vase), object{"price": after})
			if status := b.click("[value=place]"); status != http.StatusConflict {
				t.Fatalf("an order at another price = %d", status)
			}
			b.says(".changes", "Your order has changed since you saw it", fmt.Sprintf("Vase1 for $%d.001 for $%d.00", before, after), fmt.Sprintf("$%d.50$%d.50", before+7, after+7))
			b.accessible("order-changed")
			if got := len(s.orders()); got != n {
				t.Errorf("%d orders, want %d", got, n)
			}
			b.click("[value=place]")
			b.says("main", "Thank you for your order", "waits for its payment", fmt.Sprintf("$%d.50", after+7))
		})
	}
}
