package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// goods are the products that the journeys need.
type goods struct{ lamp, vase, attack int }

// stock fills the shop.
func stock(s *server) goods {
	s.t.Helper()
	var g goods
	g.lamp = s.product("Desk lamp", "/desk-lamp/", 134.9, object{
		"sale_price": 119.9, "description": "<p>Solid oak and brass.</p><script>alert(3)</script>",
		"variants": []object{
			{"sku": "LAMP-BR-2", "option_values": values("Finish", "Brass", "Cable", "2 m")},
			{"sku": "LAMP-ST-2", "option_values": values("Finish", "Steel", "Cable", "2 m")},
			{"sku": "LAMP-BR-4", "price": 139.9, "option_values": values("Finish", "Brass", "Cable", "4 m")},
		},
	})
	for _, modifier := range []object{
		{"display_name": "Engraving", "type": "text", "required": true, "config": object{"text_characters_limited": true, "text_min_length": 1, "text_max_length": 12}},
		{"display_name": "Note", "type": "multi_line_text", "required": false},
		{"display_name": "Arm length", "type": "numbers_only_text", "required": false, "config": object{"number_limited": true, "number_limit_mode": "range", "number_lowest_value": 40, "number_highest_value": 70}},
		{"display_name": "Deliver on", "type": "date", "required": false},
		{"display_name": "Logo", "type": "file", "required": false},
		{"display_name": "Gift box", "type": "checkbox", "required": false, "config": object{"checkbox_label": "Pack it in a gift box", "checked_by_default": true}},
		{"display_name": "Bulb", "type": "radio_buttons", "required": false, "option_values": []object{
			{"label": "Warm", "adjusters": object{"price": object{"adjuster": "relative", "adjuster_value": 12.5}}}, {"label": "Cold"}}},
		{"display_name": "Shade", "type": "swatch", "required": false, "option_values": []object{
			{"label": "Sand", "value_data": object{"colors": []string{"#d8c7ae"}}}, {"label": "Night and day", "value_data": object{"colors": []string{"#111111", "#eeeeee"}}}}},
		{"display_name": "Plug", "type": "dropdown", "required": true, "option_values": []object{{"label": "Type F"}, {"label": "Type G"}}},
	} {
		modifier["sort_order"] = 1
		s.api(http.MethodPost, fmt.Sprintf("/catalog/products/%d/modifiers", g.lamp), modifier)
	}
	g.vase = s.product("Vase", "/vase/", 1120, object{"inventory_tracking": "product", "inventory_level": 3, "inventory_warning_level": 5})
	g.attack = s.product("<script>alert(1)</script>", "/attack/", 1, object{
		"description": `<img src="x" onerror="alert(2)"><svg onload="alert(4)"></svg><p>Harmless.</p>`})
	for n := range 26 {
		s.product(fmt.Sprintf("Notebook %02d", n), fmt.Sprintf("/notebook-%d/", n), 12.5, object{"sort_order": 10})
	}
	return g
}

// values names the options of a variant with their values, in turn.
func values(pairs ...string) []object {
	var out []object
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, object{"option_display_name": pairs[i], "label": pairs[i+1]})
	}
	return out
}

// cart makes a cart through the API and returns the addresses that lead there.
func (s *server) cart(g goods) object {
	s.t.Helper()
	made := s.api(http.MethodPost, "/carts?include=redirect_urls", object{
		"line_items":        []object{{"product_id": g.vase, "quantity": 1}, {"product_id": g.attack, "quantity": 2}},
		"gift_certificates": []object{{"name": "Gift certificate", "theme": "Birthday", "amount": 50, "quantity": 1, "sender": object{"name": "Jane", "email": "jane@example.com"}, "recipient": object{"name": "Joe", "email": "joe@example.com"}}},
	})
	urls, _ := made["redirect_urls"].(object)
	return urls
}

func TestFromALinkToTheCheckout(t *testing.T) {
	s := serve(t)
	g := stock(s)
	for _, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			link, _ := s.cart(g)["cart_url"].(string)
			b := open(t, screen)
			if status := b.visit(link); status != http.StatusOK || b.address() != s.shop+"/cart.php" {
				t.Fatalf("the link leads to %s with %d", b.address(), status)
			}
			b.says("main", "Vase", "$1,120.00", "<script>alert(1)</script>", "$1,172.00", "Gift certificate")
			if text := b.text("body"); strings.Contains(text, "@") {
				t.Errorf("the cart shows an address: %s", text)
			}
			b.accessible("cart")

			b.fill(".line:nth-child(1) input[type=number]", "2")
			b.click(".line:nth-child(1) [value=update]")
			b.says(".notice", "The quantity of Vase is now 2.")
			b.says(".sums .total", "$2,292.00")

			b.fill(".line:nth-child(1) input[type=number]", "9")
			if status := b.click(".line:nth-child(1) [value=update]"); status != http.StatusUnprocessableEntity {
				t.Errorf("too many = %d", status)
			}
			b.says(".line:nth-child(1) [role=alert]", "Vase is out of stock")
			b.accessible("cart-refused")

			b.click(".line:nth-child(2) [value=remove]")
			b.says(".notice", "was removed from your cart.")
			if n := b.count(".line"); n != 2 {
				t.Errorf("%d lines are left", n)
			}
			b.says(".sums .total", "$2,290.00")

			b.click(".summary > .button")
			b.says("main", "Where does it go?", "2 × Vase")
			if text := b.text("body"); strings.Contains(text, "@") {
				t.Errorf("the checkout shows an address: %s", text)
			}
			b.accessible("checkout")

			if status := b.visit(link); status != http.StatusGone {
				t.Errorf("the used link = %d", status)
			}
			b.says("h1", "This link cannot be used any more")
			b.accessible("used-link")
			b.click("main .button")
			b.says("main", "Vase")

			stranger := open(t, screen)
			if status := stranger.visit(link); status != http.StatusGone {
				t.Errorf("the used link = %d for a stranger", status)
			}
			stranger.visit(s.shop + "/cart.php")
			stranger.says("main", "Your cart is empty.")
			stranger.accessible("empty-cart")
		})
	}
}

func TestFromTheListToTheCart(t *testing.T) {
	s := serve(t)
	stock(s)
	for _, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			b := open(t, screen)
			b.visit(s.shop + "/")
			b.says(".heading", "29 products")
			b.accessible("list")
			b.click("a[rel=next]")
			b.says(".pages", "Page 2 of 2")
			b.fill("#q", "LAMP")
			b.click(".search button")
			b.says(".heading", "1 product")
			b.click(".card")
			b.says("h1", "Desk lamp")
			b.says(".tag", "From", "$119.90")
			b.accessible("product")

			b.choose("Finish", "Steel")
			b.choose("Cable", "4 m")
			b.choose("Engraving", "For Anna")
			b.choose("Plug", "Type G")
			b.click(".order .button")
			b.says("#problem", "Desk lamp is not available as Steel, 4 m.")
			b.accessible("product-refused")

			b.choose("Finish", "Brass")
			b.click(".check")
			b.says(".tag", "$139.90")
			b.pick("input[type=checkbox]")
			b.choose("Bulb", "Warm")
			b.fill("#quantity", "2")
			b.click(".order .button")
			b.says(".notice", "2 × Desk lamp were added to your cart.")
			b.says(".line", "Brass", "4 m", "For Anna", "Type G", "Gift boxNo", "Warm", "$304.80")
			b.says(".count", "2")
		})
	}
}

func TestAHostileNameIsOnlyText(t *testing.T) {
	s := serve(t)
	stock(s)
	b := open(t, desktop)
	b.visit(s.shop + "/attack/")
	b.says("h1", "<script>alert(1)</script>")
	b.says(".text", "Harmless.")
	b.click(".order .button")
	b.says(".notice", "<script>alert(1)</script> was added to your cart.")
	b.visit(s.shop + "/?q=" + "%3Cscript%3Ealert(5)%3C/script%3E")
	b.says("h1", "<script>alert(5)</script>")
	b.accessible("nothing-found")
	b.visit(s.shop + "/no-such-page/")
	b.says("h1", "Page not found")
	b.accessible("not-found")
}
