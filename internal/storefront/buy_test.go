package storefront_test

import (
	"net/http"
	"testing"
)

func TestAddByURL(t *testing.T) {
	tests := map[string]struct {
		query    string
		landing  string
		units    int64 // in the cart afterwards
		thenSays string
	}{
		"by id":                  {"action=add&product_id=1&qty=3", "/cart.php", 3, "3 × Mug were added"},
		"by SKU":                 {"action=add&sku=MUG", "/cart.php", 1, "Mug was added"},
		"by variant SKU":         {"action=add&sku=LAMP-ST,MUG&qty=2", "/cart.php", 2, "Steel"},
		"buy":                    {"action=buy&product_id=1&source=www", "/checkout", 1, "Where does it go?"},
		"hidden product":         {"action=add&sku=SECRET", "/cart.php", 1, "Secret"},
		"with a coupon":          {"action=add&product_id=1&couponcode=spring", "/cart.php", 1, "Coupon SPRING</dt><dd>−$120.00"},
		"with a wrong coupon":    {"action=add&product_id=1&couponcode=SAVE10", "/cart.php", 1, "The coupon code SAVE10 is not valid."},
		"with an expired coupon": {"action=buy&product_id=1&couponcode=over", "/checkout", 1, "OVER has expired"},
		"options are missing":    {"action=add&product_id=2&qty=2", "/desk-lamp/?quantity=2", 0, "Please choose the options of Desk lamp"},
		"a modifier is missing":  {"action=add&product_id=10", "/shirt/", 0, "Please choose the options of Shirt"},
		"out of stock":           {"action=add&product_id=4&qty=4", "/cart.php", 0, "Vase is out of stock"},
		"variant out of stock":   {"action=buy&sku=LAMP-LONG", "/cart.php", 0, "Desk lamp is out of stock"},
		"disabled":               {"action=add&product_id=6", "/cart.php", 0, "cannot be ordered online"},
		"below the minimum":      {"action=add&product_id=5", "/cart.php", 0, "a minimum of 2 of the Tile"},
		"unknown product":        {"action=add&product_id=99", "/cart.php", 0, "not sold here"},
		"not a product":          {"action=add&product_id=x%27", "/cart.php", 0, "not sold here"},
		"unknown SKU":            {"action=add&sku=NONE", "/cart.php", 0, "not sold here"},
		"no product":             {"action=add", "/cart.php", 0, "does not say which product"},
		"a quantity of zero":     {"action=add&product_id=1&qty=0", "/cart.php", 0, "Please enter a quantity"},
		"a quantity that is not": {"action=add&product_id=1&qty=1e9", "/cart.php", 0, "Please enter a quantity"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser(atHost)
			b.do(http.MethodHead, "/cart.php?"+test.query, nil).want(http.StatusOK)
			b.get("/cart.php?" + test.query).want(http.StatusFound).leadsTo(test.landing)
			b.get(test.landing).want(http.StatusOK, test.thenSays)
			var units int64
			for _, c := range w.memory.carts {
				units += c.Quantity()
			}
			if units != test.units {
				t.Errorf("%d units, want %d", units, test.units)
			}
		})
	}
}

func TestCheckoutOfAList(t *testing.T) {
	tests := map[string]struct {
		query    string
		landing  string
		carts    int
		thenSays string
	}{
		"ids and SKUs":       {"products=1:2,LAMP-ST:1,MUG&order_source=www&action=buy&utm=x", "/checkout?utm=x", 2, "3 × Mug"},
		"with a coupon":      {"products=1:1&coupon=SPRING", "/checkout", 2, "Coupon SPRING</dt><dd>−$120.00"},
		"with a wrong one":   {"products=1:1&coupon=SAVE10", "/checkout", 2, "The coupon code SAVE10 is not valid."},
		"a product unknown":  {"products=1:1,NONE:1", "/cart.php", 1, "names NONE"},
		"options missing":    {"products=2:1", "/cart.php", 1, "Desk lamp has options"},
		"out of stock":       {"products=4:9", "/cart.php", 1, "Vase is out of stock"},
		"a modifier missing": {"products=10:1", "/cart.php", 1, "Initials"},
		"nonsense":           {"products=,,", "/cart.php", 1, "does not say which products"},
		"a bad quantity":     {"products=1:-2", "/cart.php", 1, "Please enter a quantity"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser(atHost)
			b.post("/vase/", nil).want(http.StatusSeeOther)
			b.get("/cart.php").want(http.StatusOK, "Vase was added to your cart.")
			b.do(http.MethodHead, "/checkout/?"+test.query, nil).want(http.StatusOK)
			b.get("/checkout/?" + test.query).want(http.StatusFound).leadsTo(test.landing)
			if len(w.memory.carts) != test.carts {
				t.Errorf("%d carts, want %d", len(w.memory.carts), test.carts)
			}
			page := b.get(test.landing).want(http.StatusOK, test.thenSays)
			if test.carts == 1 {
				page.want(http.StatusOK, "Vase")
			} else {
				page.without("Vase")
			}
		})
	}
}
