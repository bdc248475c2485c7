package storetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cursor"
	"cartwright/internal/promotion"
	"cartwright/internal/sqlstore"
)

// couponFilters lists coupons and the codes of promotions with one code, by
// every filter. Ids 1 to 3 are coupons, 4 is such a code, 5 is one of many.
func couponFilters(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	for n := range 3 {
		c := newCoupon(n + 1)
		if n == 1 {
			c.Type = promotion.Percentage
		}
		o.coupon(t, c)
	}
	single, bulk := tenPercent(), tenPercent()
	single.Redemption, single.CouponType = promotion.ByCoupon, promotion.Single
	bulk.Redemption, bulk.CouponType = promotion.ByCoupon, promotion.Bulk
	single, bulk = o.promotion(t, single), o.promotion(t, bulk)
	o.code(t, single.ID, promotion.Code{Code: "One", MaxUses: 9, Created: Noon})
	o.code(t, bulk.ID, promotion.Code{Code: "Many", Created: Noon})
	if err := db.Redeem(t.Context(), "a", []promotion.Use{{PromotionID: single.ID, CodeID: 4}, {CouponID: 2}}, anna, 1); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		filter promotion.CouponFilter
		want   []int64
	}{
		"all":                        {promotion.CouponFilter{}, []int64{1, 2, 3, 4}},
		"by id":                      {promotion.CouponFilter{IDs: []int64{4, 1, 5}}, []int64{1, 4}},
		"from an id":                 {promotion.CouponFilter{MinID: 3}, []int64{3, 4}},
		"to an id":                   {promotion.CouponFilter{MaxID: 2}, []int64{1, 2}},
		"by code":                    {promotion.CouponFilter{Code: " ONE "}, []int64{4}},
		"by a code that is one more": {promotion.CouponFilter{Code: "many"}, nil},
		"by name":                    {promotion.CouponFilter{Name: "Coupon 2"}, []int64{2}},
		"by the promotion's name":    {promotion.CouponFilter{Name: "Coupon 2", Promotions: []int64{single.ID, bulk.ID}}, []int64{2, 4}},
		"by type":                    {promotion.CouponFilter{Type: promotion.PerTotal}, []int64{1, 3}},
		"of promotions":              {promotion.CouponFilter{Type: promotion.PromotionCoupon}, []int64{4}},
		"without a type":             {promotion.CouponFilter{ExcludeType: promotion.PerTotal, MinID: 1, Name: "Coupon 2"}, []int64{2}},
	} {
		part, err := db.Coupons(t.Context(), "a", tc.filter, cursor.Range{Limit: 10})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var ids []int64
		for _, row := range part.Entries {
			ids = append(ids, row.ID)
		}
		if diff := cmp.Diff(tc.want, ids); diff != "" || part.Total != int64(len(ids)) {
			t.Errorf("%s: total %d, %s", name, part.Total, diff)
		}
	}
	part, err := db.Coupons(t.Context(), "a", promotion.CouponFilter{}, cursor.Range{Limit: 2, Offset: 2})
	if err != nil || len(part.Entries) != 2 || part.Total != 4 {
		t.Fatalf("the second page: %+v, %v", part, err)
	}
	want := promotion.CouponRow{Code: promotion.Code{ID: 4, PromotionID: single.ID, Code: "One", MaxUses: 9, Uses: 1, Created: Noon}}
	if diff := cmp.Diff(want, part.Entries[1]); diff != "" {
		t.Error(diff)
	}
	if c := part.Entries[0].Coupon; c == nil || c.Name != "Coupon 3" {
		t.Errorf("the coupon before it is %+v", c)
	}
	couponsRemoved(t, o)
}

// couponsRemoved removes some coupons, and then all: the codes of promotions
// with many stay.
func couponsRemoved(t *testing.T, o offering) {
	t.Helper()
	for _, step := range []struct {
		ids  []int64
		want int
	}{{[]int64{}, 0}, {[]int64{5}, 0}, {[]int64{4, 1, 1, 99}, 2}, {nil, 2}, {nil, 0}} {
		if n, err := o.db.DeleteCoupons(t.Context(), "a", step.ids); err != nil || n != step.want {
			t.Errorf("removing %v: %d, %v, want %d", step.ids, n, err, step.want)
		}
	}
	if c, err := o.db.FindCode(t.Context(), "a", "many"); err != nil || c == nil {
		t.Errorf("the code of many is %v, %v", c, err)
	}
	if c, err := o.db.FindCode(t.Context(), "a", "one"); err != nil || c != nil {
		t.Errorf("the removed code is %v, %v", c, err)
	}
}

// promotionCodes finds codes of promotions by every filter and in parts, and
// counts what promotions were used.
func promotionCodes(t *testing.T, db *sqlstore.DB) {
	o := newOffering(t, db)
	o.coupon(t, newCoupon(1))
	a, b := tenPercent(), tenPercent()
	a.Redemption, a.CouponType = promotion.ByCoupon, promotion.Bulk
	a, b = o.promotion(t, a), o.promotion(t, b)
	for _, code := range []string{"A_1", "A-2", "Ax1"} {
		o.code(t, a.ID, promotion.Code{Code: code, Created: Noon})
	}
	o.code(t, b.ID, promotion.Code{Code: "B%1", Created: Noon})
	for name, tc := range map[string]struct {
		filter promotion.CodeFilter
		want   []string
	}{
		"all":              {promotion.CodeFilter{}, []string{"A_1", "A-2", "Ax1", "B%1"}},
		"of one promotion": {promotion.CodeFilter{Promotions: []int64{a.ID}}, []string{"A_1", "A-2", "Ax1"}},
		"of none":          {promotion.CodeFilter{Promotions: []int64{}}, nil},
		"by code":          {promotion.CodeFilter{Code: "a-2"}, []string{"A-2"}},
		"by id":            {promotion.CodeFilter{Promotions: []int64{a.ID}, IDs: []int64{1, 4, 5}}, []string{"Ax1"}},
	} {
		part, err := db.Codes(t.Context(), "a", tc.filter, cursor.Range{Limit: 10})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, c := range part.Entries {
			got = append(got, c.Code)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	part, err := db.Codes(t.Context(), "a", promotion.CodeFilter{}, cursor.Range{Limit: 1, After: 3})
	if err != nil || len(part.Entries) != 1 || part.Entries[0].ID != 4 || !part.Earlier || !part.Later {
		t.Errorf("behind a cursor: %+v, %v", part, err)
	}
	for text, want := range map[string][]int64{"a_1": {a.ID}, "1": {a.ID, b.ID}, "%": {b.ID}, "code": nil} {
		got, err := db.PromotionsByCode(t.Context(), "a", text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	if err := db.Redeem(t.Context(), "a", []promotion.Use{{PromotionID: b.ID}}, anna, 1); err != nil {
		t.Fatal(err)
	}
	uses, err := db.PromotionUses(t.Context(), "a", []int64{a.ID, b.ID, 99})
	if diff := cmp.Diff(map[int64]int64{b.ID: 1}, uses); diff != "" || err != nil {
		t.Errorf("uses: %v, %s", err, diff)
	}
}
