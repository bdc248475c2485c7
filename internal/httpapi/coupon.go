package httpapi

import (
	"net/http"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// couponRoutes are the coupons of spec/05 §7.1: V2, bare objects.
func (a *API) couponRoutes() []route {
	return []route{
		{"GET", "/v2/coupons", marketingScope, a.listCoupons},
		{"POST", "/v2/coupons", marketingScope, a.createCoupon},
		{"DELETE", "/v2/coupons", marketingScope, a.deleteCoupons},
		{"GET", "/v2/coupons/count", marketingScope, a.countCoupons},
		{"GET", "/v2/coupons/{id}", marketingScope, a.getCoupon},
		{"PUT", "/v2/coupons/{id}", marketingScope, a.updateCoupon},
		{"DELETE", "/v2/coupons/{id}", marketingScope, a.deleteOneCoupon},
	}
}

type couponJSON struct {
	ID                 int64         `json:"id"`
	Name               string        `json:"name"`
	Type               string        `json:"type"`
	Amount             string        `json:"amount"`
	MinPurchase        string        `json:"min_purchase"`
	Expires            string        `json:"expires"`
	Enabled            bool          `json:"enabled"`
	Code               string        `json:"code"`
	AppliesTo          appliesToJSON `json:"applies_to"`
	Uses               int64         `json:"num_uses"`
	MaxUses            int64         `json:"max_uses"`
	MaxUsesPerCustomer int64         `json:"max_uses_per_customer"`
	RestrictedTo       any           `json:"restricted_to"`
	ShippingMethods    []string      `json:"shipping_methods"`
	Created            string        `json:"date_created"`
}

type appliesToJSON struct {
	Entity string  `json:"entity"`
	IDs    []int64 `json:"ids"`
}

type restrictionJSON struct {
	Countries []string `json:"countries,omitempty"`
}

func couponOf(l promotion.ListedCoupon) couponJSON {
	c := l.Coupon
	j := couponJSON{
		ID: c.ID, Name: c.Name, Type: string(c.Type), Amount: c.Amount.Fixed(4), MinPurchase: c.MinPurchase.Fixed(4),
		Enabled: c.Enabled, Code: c.Code, AppliesTo: appliesToJSON{c.AppliesTo.Entity, c.AppliesTo.IDs},
		Uses: l.Uses, MaxUses: c.MaxUses, MaxUsesPerCustomer: c.MaxUsesPerCustomer,
		RestrictedTo: restrictionJSON{c.Countries}, ShippingMethods: texts(c.ShippingMethods), Created: c.Created.UTC().Format(v2Time),
	}
	if !c.Expires.IsZero() {
		j.Expires = c.Expires.UTC().Format(v2Time)
	}
	if j.AppliesTo.Entity == "" {
		j.AppliesTo.Entity = "categories"
	}
	if j.AppliesTo.IDs == nil {
		j.AppliesTo.IDs = []int64{}
	}
	if c.Type == promotion.PromotionCoupon { // what the vendor shows in place of the rules of the promotion
		j.RestrictedTo, j.ShippingMethods = []string{}, nil
	}
	return j
}

// showCoupon shows a coupon that was just made.
func showCoupon(c *promotion.Coupon) any { return couponOf(promotion.ListedCoupon{Coupon: c}) }

var listedTypes = []string{"per_item_discount", "percentage_discount", "per_total_discount", "shipping_discount", "free_shipping", "promotion"}

func readCouponFilter(q *params) promotion.CouponFilter {
	f := promotion.CouponFilter{
		Code: q.text("code"), Name: q.text("name"),
		Type:        promotion.CouponType(q.oneOf("type", listedTypes...)),
		ExcludeType: promotion.CouponType(q.oneOf("exclude_type", listedTypes...)),
	}
	if id := q.id("id"); id != nil {
		f.IDs = []int64{*id}
	}
	if id := q.id("min_id"); id != nil {
		f.MinID = *id
	}
	if id := q.id("max_id"); id != nil {
		f.MaxID = *id
	}
	return f
}

// listCoupons serves GET /v2/coupons; an empty list has no body.
func (a *API) listCoupons(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, f := q.page(), readCouponFilter(q)
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Promotions.Coupons(r.Context(), storeOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit})
	if err != nil {
		return err
	}
	if len(part.Entries) == 0 {
		return respond(w, http.StatusNoContent, nil)
	}
	out := make([]couponJSON, len(part.Entries))
	for i, l := range part.Entries {
		out[i] = couponOf(l)
	}
	return respond(w, http.StatusOK, out)
}

// countCoupons serves GET /v2/coupons/count.
func (a *API) countCoupons(w http.ResponseWriter, r *http.Request) error {
	part, err := a.Promotions.Coupons(r.Context(), storeOf(r), promotion.CouponFilter{}, cursor.Range{Limit: 1})
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, struct {
		Count int64 `json:"count"`
	}{part.Total})
}

// getCoupon serves GET /v2/coupons/{id}.
func (a *API) getCoupon(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	l, err := a.Promotions.Coupon(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, couponOf(l))
}

// createCoupon serves POST /v2/coupons.
func (a *API) createCoupon(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readNewCoupon(body)
	if err := body.err(); err != nil {
		return err
	}
	c, err := a.Promotions.CreateCoupon(answering(r.Context(), http.StatusCreated, showCoupon), storeOf(r), fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, showCoupon(c))
}

// updateCoupon serves PUT /v2/coupons/{id}. What is not sent stays, but for
// applies_to, which is cleared.
func (a *API) updateCoupon(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "id", readCoupon)
	if err != nil {
		return err
	}
	l, err := a.Promotions.UpdateCoupon(r.Context(), storeOf(r), id, fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, couponOf(l))
}

// deleteOneCoupon serves DELETE /v2/coupons/{id}.
func (a *API) deleteOneCoupon(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := a.Promotions.DeleteCoupon(r.Context(), storeOf(r), id); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// deleteCoupons serves DELETE /v2/coupons: those of id:in. Without any query it
// removes all, as with the vendor; a query that names no ids is refused, lest a
// slip of the pen removes all.
func (a *API) deleteCoupons(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	ids := q.ids("id:in")
	if ids == nil && r.URL.RawQuery != "" {
		q.fail("id:in", fault.Missing)
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Promotions.DeleteCoupons(r.Context(), storeOf(r), ids); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// readNewCoupon reads a coupon with everything that a new one needs.
func readNewCoupon(v value) promotion.CouponFields {
	f := readCoupon(v)
	for _, name := range []string{"name", "code", "type", "amount", "applies_to"} {
		v.get(name).required()
	}
	return f
}

func readCoupon(v value) promotion.CouponFields {
	v.object()
	f := promotion.CouponFields{
		Name:               optional(v.get("name"), textOf(1, promotion.MaxCouponName)),
		Code:               optional(v.get("code"), textOf(1, promotion.MaxCode)),
		Amount:             optional(v.get("amount"), value.amount),
		MinPurchase:        optional(v.get("min_purchase"), value.amount),
		Expires:            optional(v.get("expires"), readV2Time),
		Enabled:            optional(v.get("enabled"), value.bool),
		MaxUses:            optional(v.get("max_uses"), intOf(0, maxUses)),
		MaxUsesPerCustomer: optional(v.get("max_uses_per_customer"), intOf(0, maxUses)),
		ShippingMethods:    optional(v.get("shipping_methods"), readMethodNames),
		AppliesTo:          readAppliesTo(v.get("applies_to")),
	}
	if v.has("expires") && f.Expires == nil {
		f.Expires = new(time.Time)
	}
	if kind := v.get("type"); !kind.null() {
		t := promotion.CouponType(kind.oneOf(listedTypes[:len(listedTypes)-1]...))
		f.Type = &t
	}
	if limits := v.get("restricted_to"); !limits.null() {
		countries := readRestriction(limits)
		f.Countries = &countries
	}
	return f
}

// maxUses bounds the limits of uses.
const maxUses = 1_000_000_000

func readMethodNames(v value) []string {
	names := []string{}
	for _, item := range v.bounded(100) {
		names = append(names, item.required().text(1, 255))
	}
	return names
}

// readAppliesTo reads what a coupon is for. Without ids it is for everything.
func readAppliesTo(v value) promotion.AppliesTo {
	v.object()
	if v.null() {
		return promotion.AppliesTo{}
	}
	out := promotion.AppliesTo{Entity: v.get("entity").required().oneOf("products", "categories")}
	low := int64(1)
	if out.Entity == "categories" {
		low = 0
	}
	for _, id := range v.get("ids").required().bounded(maxListed) {
		out.IDs = append(out.IDs, id.required().int(low, maxInt))
	}
	if out.IDs == nil {
		return promotion.AppliesTo{}
	}
	return out
}

// readRestriction reads the countries that orders must go to: a list, or one
// text with commas. An empty array, which PHP makes of no object, is none.
func readRestriction(v value) []string {
	if list, ok := v.raw.([]any); ok && len(list) == 0 {
		return nil
	}
	var out []string
	v = v.object().get("countries")
	if text, ok := v.raw.(string); ok {
		for code := range strings.SplitSeq(text, ",") {
			if code = strings.TrimSpace(code); code != "" {
				out = append(out, v.at(len(out), code).country())
			}
		}
		return out
	}
	for _, code := range v.bounded(maxCountries) {
		out = append(out, code.required().country())
	}
	return out
}

// maxCountries is more than there are.
const maxCountries = 300
