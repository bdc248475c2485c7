package storetest

import (
	"fmt"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/promotion"
	"cartwright/internal/sqlstore"
)

var (
	anna  = promotion.Shopper{CustomerID: 7, Email: "Anna@shop.example"}
	guest = promotion.Shopper{Email: "guest@shop.example"}
)

func usesCounted(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	automatic := o.promotion(t, tenPercent())
	won := tenPercent()
	won.Redemption = promotion.ByCoupon
	won = o.promotion(t, won)
	code := o.code(t, won.ID, promotion.Code{Code: "LANTERN10", Created: Noon})
	c := o.coupon(t, newCoupon(1))
	uses := []promotion.Use{{CouponID: c.ID}, {PromotionID: automatic.ID}, {PromotionID: won.ID, CodeID: code.ID}, {CouponID: c.ID}}
	for order, by := range []promotion.Shopper{anna, guest, {Email: "ANNA@shop.example"}, {}, anna} {
		if err := db.Redeem(t.Context(), "a", uses, by, int64(order+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Redeem(t.Context(), "a", uses, anna, 1); err != nil { // once more
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		use  promotion.Use
		by   promotion.Shopper
		want promotion.Uses
	}{
		"a coupon":             {promotion.Use{CouponID: c.ID}, anna, promotion.Uses{Total: 5, ByShopper: 3}},
		"by nobody known":      {promotion.Use{CouponID: c.ID}, promotion.Shopper{}, promotion.Uses{Total: 5}},
		"by a guest":           {promotion.Use{CouponID: c.ID}, promotion.Shopper{Email: "GUEST@shop.example"}, promotion.Uses{Total: 5, ByShopper: 1}},
		"by a customer's id":   {promotion.Use{CouponID: c.ID}, promotion.Shopper{CustomerID: 7, Email: "new@shop.example"}, promotion.Uses{Total: 5, ByShopper: 2}},
		"a code":               {promotion.Use{PromotionID: won.ID, CodeID: code.ID}, anna, promotion.Uses{Total: 5, ByShopper: 3, Promotion: 5}},
		"an automatic one":     {promotion.Use{PromotionID: automatic.ID}, guest, promotion.Uses{Total: 5, ByShopper: 1, Promotion: 5}},
		"what was never used":  {promotion.Use{CouponID: 99}, anna, promotion.Uses{}},
		"another store's uses": {promotion.Use{}, anna, promotion.Uses{}},
	} {
		got, err := db.CountUses(t.Context(), "a", tc.use, tc.by)
		if err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, tc.want)
		}
	}
	if got, err := db.FindCode(t.Context(), "a", "lantern10"); err != nil || got == nil || got.Uses != 5 {
		t.Errorf("the code shows %+v, %v", got, err)
	}
}

func useLimits(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	c := newCoupon(1)
	c.MaxUses, c.MaxUsesPerCustomer = 3, 1
	c = o.coupon(t, c)
	other := o.coupon(t, newCoupon(2))
	use := []promotion.Use{{CouponID: other.ID}, {CouponID: c.ID}}
	redeem := func(order int64, by promotion.Shopper) error { return db.Redeem(t.Context(), "a", use, by, order) }
	for _, step := range []struct {
		name  string
		order int64
		by    promotion.Shopper
		kind  fault.Kind
	}{
		{"a first use", 1, anna, 0},
		{"the same order again", 1, anna, 0},
		{"the same customer", 2, anna, fault.Invalid},
		{"her address without an account", 3, promotion.Shopper{Email: "anna@SHOP.example"}, fault.Invalid},
		{"a guest", 4, guest, 0},
		{"the same guest", 5, guest, fault.Invalid},
		{"somebody unknown", 6, promotion.Shopper{}, 0},
		{"beyond the limit", 7, promotion.Shopper{Email: "new@shop.example"}, fault.Invalid},
	} {
		err := redeem(step.order, step.by)
		if step.kind == 0 && err != nil || step.kind != 0 && !fault.Is(err, step.kind) {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	for _, id := range []int64{c.ID, other.ID} { // a refusal took back what it had counted
		if got, err := db.CountUses(t.Context(), "a", promotion.Use{CouponID: id}, anna); err != nil || got.Total != 3 {
			t.Errorf("coupon %d was used %d times, %v", id, got.Total, err)
		}
	}
	if _, err := db.DeleteCoupons(t.Context(), "a", []int64{c.ID}); err != nil {
		t.Fatal(err)
	}
	if err := redeem(8, anna); err != nil {
		t.Errorf("a coupon that is gone: %v", err)
	}
	p := o.promotion(t, tenPercent())
	gone := []promotion.Use{{PromotionID: p.ID, CodeID: 99}}
	if err := db.Redeem(t.Context(), "a", gone, anna, 9); !fault.Is(err, fault.Invalid) {
		t.Errorf("a code that is gone: %v", err)
	}
}

// Of 40 payments at once with a promotion for 10, 10 succeed; the last of them
// switches it off.
func useRace(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	p := tenPercent()
	p.Redemption, p.MaxUses = promotion.ByCoupon, 10
	p = o.promotion(t, p)
	code := o.code(t, p.ID, promotion.Code{Code: "FIRST10", Created: Noon})
	c := o.coupon(t, newCoupon(1))
	_, before := o.seen(t)
	uses := []promotion.Use{{PromotionID: p.ID, CodeID: code.ID}, {CouponID: c.ID}}
	errs := inParallel(40, func(i int) error {
		return db.Redeem(t.Context(), "a", uses, promotion.Shopper{Email: fmt.Sprintf("%d@shop.example", i)}, int64(i+1))
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Invalid):
			t.Error(err)
		}
	}
	got, err := db.CountUses(t.Context(), "a", uses[0], anna)
	if err != nil || won != 10 || got.Total != 10 || got.Promotion != 10 {
		t.Errorf("%d payments succeeded, %+v were counted, %v", won, got, err)
	}
	if got, err := db.CountUses(t.Context(), "a", uses[1], anna); err != nil || got.Total != 10 {
		t.Errorf("the coupon beside it: %+v, %v", got, err)
	}
	seen, after := o.seen(t)
	if seen.Promotion(p.ID).Status != promotion.Disabled || after != before+1 {
		t.Errorf("status %s, prices moved from %d to %d", seen.Promotion(p.ID).Status, before, after)
	}
}

// Of 20 payments of one customer at once, as many succeed as one may have.
func useRacePerCustomer(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	c := newCoupon(1)
	c.MaxUsesPerCustomer = 2
	c = o.coupon(t, c)
	errs := inParallel(20, func(i int) error {
		return db.Redeem(t.Context(), "a", []promotion.Use{{CouponID: c.ID}}, anna, int64(i+1))
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Invalid):
			t.Error(err)
		}
	}
	if won != 2 {
		t.Errorf("%d payments succeeded", won)
	}
}
