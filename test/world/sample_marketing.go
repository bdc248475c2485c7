package world

import (
	"fmt"
	"strings"
)

var couponSamples = map[string]sample{
	"listCoupons":   func(w *World) Request { w.classicCoupon(); return get("/v2/coupons?limit=1&exclude_type=promotion") },
	"createCoupon":  func(w *World) Request { return post(w.newCoupon(), "/v2/coupons") },
	"deleteCoupons": func(w *World) Request { return remove("/v2/coupons?id:in=%d", w.classicCoupon()) },
	"countCoupons":  func(w *World) Request { w.classicCoupon(); return get("/v2/coupons/count") },
	"getCoupon":     func(w *World) Request { return get("/v2/coupons/%d", w.classicCoupon()) },
	"updateCoupon": func(w *World) Request {
		return put(M{"max_uses": 5, "expires": "Thu, 31 Dec 2037 12:00:00 +0000", "applies_to": M{"entity": "products", "ids": L{w.Product()}}}, "/v2/coupons/%d", w.classicCoupon())
	},
	"deleteOneCoupon": func(w *World) Request { return remove("/v2/coupons/%d", w.classicCoupon()) },
}

var promotionSamples = map[string]sample{
	"listPromotions": func(w *World) Request {
		w.promotion("AUTOMATIC", "")
		return get("/v3/promotions?limit=1&redemption_type=automatic&channels=1&sort=priority")
	},
	"createPromotion":  func(w *World) Request { return post(w.newPromotion("AUTOMATIC", ""), "/v3/promotions") },
	"deletePromotions": func(w *World) Request { return remove("/v3/promotions?id:in=%d", w.promotion("AUTOMATIC", "")) },
	"getPromotion": func(w *World) Request {
		id := w.promotion("COUPON", "SINGLE")
		w.promotionCode(id)
		return get("/v3/promotions/%d", id)
	},
	"updatePromotion": func(w *World) Request {
		return put(w.changedPromotion(), "/v3/promotions/%d", w.promotion("AUTOMATIC", ""))
	},
	"deletePromotion":      func(w *World) Request { return remove("/v3/promotions/%d", w.promotion("AUTOMATIC", "")) },
	"getPromotionSettings": func(*World) Request { return get("/v3/promotions/settings") },
	"updatePromotionSettings": func(*World) Request {
		return put(M{
			"promotions_apply_on_products_with_custom_product_price": true, "promotions_triggered_by_products_with_zero_product_price": true,
			"number_of_coupons_allowed_at_checkout": 2, "promotions_applied_on_original_product_price": false,
		}, "/v3/promotions/settings")
	},
	"listPromotionCodes": func(w *World) Request {
		id := w.promotion("COUPON", "BULK")
		w.promotionCode(id)
		w.promotionCode(id)
		return get("/v3/promotions/%d/codes?limit=1", id)
	},
	"createPromotionCode": func(w *World) Request {
		return post(M{"code": w.code50(), "max_uses": 10, "max_uses_per_customer": 1}, "/v3/promotions/%d/codes", w.promotion("COUPON", "SINGLE"))
	},
	"deletePromotionCodes": func(w *World) Request {
		id := w.promotion("COUPON", "BULK")
		return remove("/v3/promotions/%d/codes?id:in=%d", id, w.promotionCode(id))
	},
	"deletePromotionCode": func(w *World) Request {
		id := w.promotion("COUPON", "BULK")
		return remove("/v3/promotions/%d/codes/%d", id, w.promotionCode(id))
	},
	"findPromotionCode": func(w *World) Request {
		r := w.Sample("createPromotionCode")
		code, _ := Get(w.Must(r.Method, r.Path, r.Body), "code").(string)
		return get("/v3/promotions/codes?code=%s", code)
	},
	"deletePromotionCodeByCode": func(w *World) Request {
		r := w.Sample("findPromotionCode")
		r.Method = "DELETE"
		return r
	},
	"generatePromotionCodes": func(w *World) Request {
		return post(M{"batch_size": 3, "max_uses": 0}, "/v3/promotions/%d/codegen", w.promotion("COUPON", "BULK"))
	},
}

// code50 makes a code that nobody has.
func (w *World) code50() string { return strings.ReplaceAll(w.name("CODE"), " ", "-") }

func (w *World) newCoupon() M {
	return M{
		"name": w.name("5 off"), "code": w.code50(), "type": "per_total_discount", "amount": "5", "min_purchase": 25,
		"applies_to": M{"entity": "categories", "ids": L{0}}, "restricted_to": M{"countries": L{"AU"}}, "shipping_methods": L{"flat_rate"},
	}
}

// classicCoupon makes a coupon and returns its id.
func (w *World) classicCoupon() int64 {
	w.Helper()
	return w.make("/v2/coupons", w.newCoupon())
}

func (w *World) newPromotion(redemption, couponType string) M {
	p := M{
		"name": w.name("10 % off lamps"), "redemption_type": redemption, "display_name": "10 % off", "max_uses": 100,
		"channels": L{M{"id": 1}}, "customer": M{"group_ids": L{0}, "minimum_order_count": 0},
		"rules": L{M{
			"action":    M{"cart_items": M{"discount": M{"percentage_amount": "10"}, "items": M{"not": M{"brands": L{3}}}, "quantity": 2}},
			"condition": M{"cart": M{"items": M{"categories": L{1, 2}}, "minimum_quantity": 2, "minimum_spend": "12.95"}},
		}},
		"notifications": L{M{"type": "UPSELL", "content": "<b>Almost</b>", "locations": L{"CART_PAGE"}}},
	}
	if couponType != "" {
		p["coupon_type"] = couponType
	}
	return p
}

// promotion makes a promotion and returns its id.
func (w *World) promotion(redemption, couponType string) int64 {
	w.Helper()
	return w.make("/v3/promotions", w.newPromotion(redemption, couponType))
}

func (w *World) promotionCode(promotion int64) int64 {
	w.Helper()
	return w.make(fmt.Sprintf("/v3/promotions/%d/codes", promotion), M{"code": w.code50()})
}

func (w *World) changedPromotion() M {
	return M{
		"status": "DISABLED", "end_date": "2037-12-31T12:00:00+00:00", "shipping_address": M{"countries": L{M{"iso2_country_code": "AU"}}},
		"schedule": M{"week_frequency": 2, "week_days": L{"Monday"}, "daily_start_time": "08:00:00", "daily_end_time": "20:00:00"},
		"rules":    L{M{"action": M{"gift_item": M{"quantity": 1, "product_id": w.Product()}}}},
	}
}
