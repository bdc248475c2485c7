package storetest

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
	"cartwright/internal/sqlstore"
)

// offering is a store with two servers in front of one database: shops is told
// of what is written, other has to look.
type offering struct {
	db           *sqlstore.DB
	shops, other *sqlstore.Shops
}

func newOffering(t *testing.T, db *sqlstore.DB) offering {
	t.Helper()
	_, err := merchant.NewService(db, clock.At(Noon)).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A"})
	if err != nil {
		t.Fatal(err)
	}
	o := offering{db: db, other: NewShops(db), shops: NewShops(db)}
	o.seen(t)
	return o
}

// seen returns what both servers offer, which must be the same, and the
// revision of prices.
func (o offering) seen(t *testing.T) (*promotion.Offers, int64) {
	t.Helper()
	shop, err := o.shops.Shop(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.other.FreshCatalog(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	other, err := o.other.Shelf(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shop.Offers, other.Offers, cmp.AllowUnexported(promotion.Offers{})); diff != "" {
		t.Fatalf("the servers differ: %s", diff)
	}
	return shop.Offers, shop.Catalog.PriceRevision
}

// NewShops returns a cache in front of a database that tells nobody.
func NewShops(db *sqlstore.DB) *sqlstore.Shops {
	return sqlstore.NewShops(db, "http://localhost:8080", slog.New(slog.DiscardHandler))
}

// tenPercent takes ten per cent off the order.
func tenPercent() *promotion.Promotion {
	off := 10 * money.Unit
	return &promotion.Promotion{
		Name: "Zehn Prozent ☂", Redemption: promotion.Automatic, Status: promotion.Enabled, Start: Noon, Created: Noon,
		Currency: "USD", Combines: true, Channels: []int64{1}, Customer: promotion.Audience{GroupIDs: []int64{0, 3}},
		Rules: []promotion.Rule{{
			ApplyOnce: true, Stop: true,
			Condition: &promotion.Condition{Cart: &promotion.CartCondition{
				Items:           &promotion.Matcher{Not: &promotion.Matcher{Option: &promotion.Named{Name: "Größe", Values: []string{"\"L\""}}}},
				MinimumQuantity: 2, MinimumSpend: 123_400,
			}},
			Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Percent: &off}}},
		}},
		Schedule: &promotion.Schedule{WeekFrequency: 1, WeekDays: []string{"Monday"}, DailyStart: "00:00:00", DailyEnd: "12:00:00"},
	}
}

func newCoupon(n int) *promotion.Coupon {
	return &promotion.Coupon{Name: fmt.Sprintf("Coupon %d", n), Code: fmt.Sprintf("Code-%d", n), Type: promotion.PerTotal,
		Amount: 5 * money.Unit, Enabled: true, Created: Noon, Expires: Noon.Add(time.Hour),
		AppliesTo: promotion.AppliesTo{Entity: "categories", IDs: []int64{0}}, Countries: []string{"AU"}}
}

func (o offering) promotion(t *testing.T, p *promotion.Promotion) *promotion.Promotion {
	t.Helper()
	p, err := o.db.CreatePromotion(t.Context(), "a", p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (o offering) coupon(t *testing.T, c *promotion.Coupon) *promotion.Coupon {
	t.Helper()
	c, err := o.db.CreateCoupon(t.Context(), "a", c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// code gives a promotion one more code.
func (o offering) code(t *testing.T, promotionID int64, c promotion.Code) promotion.Code {
	t.Helper()
	made, err := o.db.AddCodes(t.Context(), "a", promotionID, func(*promotion.Promotion, int64) ([]promotion.Code, error) {
		return []promotion.Code{c}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return made[0]
}

func offersRoundTrip(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	p, c := o.promotion(t, tenPercent()), o.coupon(t, newCoupon(1))
	if p.ID != 1 || c.ID != 1 {
		t.Errorf("ids %d, %d", p.ID, c.ID)
	}
	seen, _ := o.seen(t)
	if diff := cmp.Diff(p, seen.Promotion(1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(c, seen.Coupon(1)); diff != "" {
		t.Error(diff)
	}
	if seen.CouponByCode(" code-1 ") != seen.Coupon(1) {
		t.Error("the coupon is not found by its code")
	}
	if seen.Settings != promotion.DefaultSettings {
		t.Errorf("settings %+v", seen.Settings)
	}
	settings := promotion.Settings{MaxCoupons: 3, OnCustomPrices: true}
	if _, err := db.PutPromotionSettings(t.Context(), "a", settings); err != nil {
		t.Fatal(err)
	}
	if seen, _ = o.seen(t); seen.Settings != settings {
		t.Errorf("settings %+v", seen.Settings)
	}
}

// Prices move with everything that can change the amounts of a cart, and with
// nothing else (ADR 8).
func offersMovePrices(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	p, c := o.promotion(t, tenPercent()), o.coupon(t, newCoupon(1))
	steps := []struct {
		name  string
		do    func() error
		moves bool
	}{
		{"a new promotion", func() error { _, err := db.CreatePromotion(t.Context(), "a", tenPercent()); return err }, true},
		{"a changed promotion", func() error {
			_, err := db.UpdatePromotion(t.Context(), "a", p.ID, func(p *promotion.Promotion, _ int64) error { p.Priority = 9; return nil })
			return err
		}, true},
		{"a new coupon", func() error { _, err := db.CreateCoupon(t.Context(), "a", newCoupon(2)); return err }, false},
		{"a changed coupon", func() error {
			_, err := db.UpdateCoupon(t.Context(), "a", c.ID, func(c *promotion.Coupon) error { c.Code = "OTHER"; return nil })
			return err
		}, true},
		{"a new code", func() error { o.code(t, p.ID, promotion.Code{Code: "X", Created: Noon}); return nil }, false},
		{"a use", func() error {
			return db.Redeem(t.Context(), "a", []promotion.Use{{CouponID: c.ID}}, promotion.Shopper{}, 1)
		}, false},
		{"a deleted code", func() error { return db.DeleteCodes(t.Context(), "a", promotion.CodeFilter{Promotions: []int64{p.ID}}) }, false},
		{"settings", func() error {
			_, err := db.PutPromotionSettings(t.Context(), "a", promotion.DefaultSettings)
			return err
		}, true},
		{"a deleted coupon", func() error { _, err := db.DeleteCoupons(t.Context(), "a", []int64{c.ID, c.ID}); return err }, true},
		{"a coupon that is not there", func() error { _, err := db.DeleteCoupons(t.Context(), "a", []int64{c.ID}); return err }, false},
		{"a deleted promotion", func() error { _, err := db.DeletePromotions(t.Context(), "a", []int64{p.ID}); return err }, true},
		{"a promotion that is not there", func() error { _, err := db.DeletePromotions(t.Context(), "a", []int64{p.ID}); return err }, false},
	}
	for _, step := range steps {
		_, before := o.seen(t)
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if _, after := o.seen(t); (after != before) != step.moves {
			t.Errorf("%s: prices moved from %d to %d", step.name, before, after)
		}
	}
	seen, _ := o.seen(t)
	if seen.Promotion(p.ID) != nil || seen.Coupon(c.ID) != nil || seen.CouponByCode("OTHER") != nil || seen.CouponByCode("CODE-1") != nil {
		t.Error("what was deleted is still offered")
	}
	if n := len(seen.Promotions()); n != 1 {
		t.Errorf("%d promotions are left", n)
	}
}

func couponCodesOnce(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	p := o.promotion(t, tenPercent())
	c := o.coupon(t, newCoupon(1))
	code := o.code(t, p.ID, promotion.Code{Code: "Lantern 10", MaxUses: 4, MaxUsesPerCustomer: 2, Created: Noon})
	if code.ID != 2 {
		t.Errorf("the code has the id %d", code.ID)
	}
	got, err := db.FindCode(t.Context(), "a", promotion.CodeKey("LANTERN 10"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&code, got); diff != "" {
		t.Error(diff)
	}
	for _, key := range []string{"code-1", "lantern", ""} {
		if got, err := db.FindCode(t.Context(), "a", key); got != nil || err != nil {
			t.Errorf("%q: %v, %v", key, got, err)
		}
	}
	for name, change := range map[string]func(*promotion.Coupon){
		"name":                func(c *promotion.Coupon) { c.Name = "Coupon 1" },
		"code":                func(c *promotion.Coupon) { c.Code = "CODE-1" },
		"code of a promotion": func(c *promotion.Coupon) { c.Code = "lantern 10" },
	} {
		twin := newCoupon(7)
		change(twin)
		if _, err := db.CreateCoupon(t.Context(), "a", twin); !fault.Is(err, fault.Conflict) {
			t.Errorf("twin by %s: %v", name, err)
		}
	}
	_, err = db.AddCodes(t.Context(), "a", p.ID, func(*promotion.Promotion, int64) ([]promotion.Code, error) {
		return []promotion.Code{{Code: "free", Created: Noon}, {Code: "CODE-1", Created: Noon}}, nil
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a code that a coupon has: %v", err)
	}
	if got, err := db.FindCode(t.Context(), "a", "free"); got != nil || err != nil {
		t.Errorf("half of a refused batch is there: %v, %v", got, err)
	}
	// What is deleted gives its code and name back.
	if _, err := db.DeleteCoupons(t.Context(), "a", []int64{c.ID}); err != nil {
		t.Fatal(err)
	}
	if kept, err := db.DeletePromotions(t.Context(), "a", []int64{p.ID}); err != nil || !cmp.Equal(kept, []int64{p.ID}) {
		t.Errorf("a promotion with a code: %v, %v", kept, err)
	}
	if err := db.DeleteCodes(t.Context(), "a", promotion.CodeFilter{IDs: []int64{code.ID}}); err != nil {
		t.Fatal(err)
	}
	if kept, err := db.DeletePromotions(t.Context(), "a", []int64{p.ID, 99}); err != nil || kept != nil {
		t.Errorf("a promotion without codes: %v, %v", kept, err)
	}
	again := newCoupon(1)
	again.Code = "LANTERN 10"
	if c := o.coupon(t, again); c.ID != code.ID+1 {
		t.Errorf("id %d is used again or one was lost", c.ID)
	}
}

func couponCodeRace(t *testing.T, db *sqlstore.DB) {
	newOffering(t, db)
	errs := inParallel(16, func(i int) error {
		c := newCoupon(i)
		c.Code = "SAME"
		_, err := db.CreateCoupon(t.Context(), "a", c)
		return err
	})
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case !fault.Is(err, fault.Conflict):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d coupons have the code", made)
	}
}
