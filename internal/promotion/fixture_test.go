package promotion_test

import (
	"strconv"
	"testing"
	"time"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// noon is a Wednesday.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func amount(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func ref(s string) *money.Amount {
	a := amount(s)
	return &a
}

func fixed(s string) promotion.Discount   { return promotion.Discount{Fixed: ref(s)} }
func percent(s string) promotion.Discount { return promotion.Discount{Percent: ref(s)} }

// goods is a line of product n: its id is "l1" for product 1, its variant 10,
// its brand 100, its category 1000.
func goods(n int64, price string, quantity int64) promotion.Line {
	p := &catalog.Product{ID: n, BrandID: n * 100, Categories: []int64{n * 1000, 9}, Variants: []catalog.Variant{{ID: n * 10}}}
	return promotion.Line{ID: "l" + strconv.FormatInt(n, 10), Product: p, ProductID: n, VariantID: n * 10,
		List: amount(price), Original: amount(price), Quantity: quantity}
}

func dollars(lines ...promotion.Line) *promotion.Basket {
	return &promotion.Basket{Lines: lines, Channel: 1,
		Currency: promotion.Currency{Code: "USD", Rate: money.RateOne, Places: 2, Default: true, StoreCode: "USD"}}
}

// rules makes a promotion of these rules that always counts.
func rules(list ...promotion.Rule) *promotion.Promotion {
	return &promotion.Promotion{ID: 1, Name: "Offer", Redemption: promotion.Automatic, Status: promotion.Enabled, Currency: "USD",
		Combines: true, Rules: list}
}

func always(a promotion.Action) promotion.Rule { return promotion.Rule{Action: a, ApplyOnce: true} }

func offValue(d promotion.Discount) promotion.Action {
	return promotion.Action{CartValue: &promotion.CartValue{Discount: d}}
}

func offItems(a promotion.CartItems) promotion.Action { return promotion.Action{CartItems: &a} }

func products(ids ...int64) *promotion.Matcher { return &promotion.Matcher{Products: ids} }

func atLeast(quantity int64, m *promotion.Matcher) *promotion.Condition {
	return &promotion.Condition{Cart: &promotion.CartCondition{Items: m, MinimumQuantity: quantity}}
}

func spending(s string) *promotion.Condition {
	return &promotion.Condition{Cart: &promotion.CartCondition{MinimumSpend: amount(s)}}
}

func offers(list ...*promotion.Promotion) *promotion.Offers {
	return promotion.NewOffers(1, promotion.DefaultSettings, list, nil)
}

func with(settings func(*promotion.Settings), list []*promotion.Promotion, coupons ...*promotion.Coupon) *promotion.Offers {
	s := promotion.DefaultSettings
	if settings != nil {
		settings(&s)
	}
	return promotion.NewOffers(1, s, list, coupons)
}

// wanted is what a case expects of an outcome: amounts line by line, "" for
// nothing.
type wanted struct {
	items  []string // LineOutcome.Discount
	coupon []string
	shared []string
	added  int64 // units given away
	free   int   // shipping cuts
}

func (w wanted) check(t *testing.T, out *promotion.Outcome) {
	t.Helper()
	var discount, coupon money.Amount
	for i, l := range out.Lines {
		at := func(list []string) money.Amount {
			if i >= len(list) || list[i] == "" {
				return 0
			}
			return amount(list[i])
		}
		if l.Discount != at(w.items) || l.Coupon != at(w.coupon) || l.Shared != at(w.shared) {
			t.Errorf("line %d: items %s coupon %s shared %s, want %s %s %s", i, l.Discount, l.Coupon, l.Shared,
				at(w.items), at(w.coupon), at(w.shared))
		}
		var sum money.Amount
		for _, c := range l.Cuts {
			sum += c.Amount
		}
		if sum != l.Discount+l.Coupon+l.Shared {
			t.Errorf("line %d: cuts %+v do not add up", i, l.Cuts)
		}
		discount, coupon = discount+l.Shared, coupon+l.Coupon
	}
	if out.Discount != discount || out.Coupon != coupon {
		t.Errorf("discount %s coupon %s, lines add up to %s and %s", out.Discount, out.Coupon, discount, coupon)
	}
	var units int64
	for _, a := range out.Added {
		units += a.Quantity
	}
	if units != w.added || len(out.Shipping) != w.free {
		t.Errorf("added %+v, shipping %+v", out.Added, out.Shipping)
	}
}
