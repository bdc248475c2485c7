package httpapi

import (
	"net/http"
	"slices"
	"strconv"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// promotionRoutes are the promotions, their codes and settings of spec/05 §7.3.
func (a *API) promotionRoutes() []route {
	return slices.Concat([]route{
		{"GET", "/v3/promotions", marketingScope, a.listPromotions},
		{"POST", "/v3/promotions", marketingScope, a.createPromotion},
		{"DELETE", "/v3/promotions", marketingScope, a.deletePromotions},
		{"GET", "/v3/promotions/settings", marketingScope, a.getPromotionSettings},
		{"PUT", "/v3/promotions/settings", marketingScope, a.updatePromotionSettings},
		{"GET", "/v3/promotions/{promotionId}", marketingScope, a.getPromotion},
		{"PUT", "/v3/promotions/{promotionId}", marketingScope, a.updatePromotion},
		{"DELETE", "/v3/promotions/{promotionId}", marketingScope, a.deletePromotion},
	}, a.promotionCodeRoutes())
}

// listPromotions serves GET /v3/promotions.
func (a *API) listPromotions(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, query := q.page(), readPromotionQuery(q)
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Promotions.List(r.Context(), storeOf(r), query, cursor.Range{Offset: p.offset(), Limit: p.limit})
	if err != nil {
		return err
	}
	out := make([]shownPromotion, len(part.Entries))
	for i, l := range part.Entries {
		out[i] = promotionOf(l)
	}
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}

// readPromotionQuery reads the filters. redemption_type is in lower case here
// and in upper case in bodies; either is taken.
func readPromotionQuery(q *params) promotion.Query {
	out := promotion.Query{
		ID: q.id("id"), Name: q.text("name"), Code: q.text("code"), Text: q.text("query"), Currency: q.text("currency_code"),
		Status: promotion.Status(q.oneOf("status", string(promotion.Enabled), string(promotion.Disabled), string(promotion.Invalid))),
		Sort:   q.oneOf("sort", promotion.Sorts...), Falling: q.oneOf("direction", "asc", "desc") == "desc",
	}
	switch q.oneOf("redemption_type", "automatic", "coupon", "AUTOMATIC", "COUPON") {
	case "automatic", "AUTOMATIC":
		out.Redemption = promotion.Automatic
	case "coupon", "COUPON":
		out.Redemption = promotion.ByCoupon
	}
	if ids := q.ids("channels"); len(ids) > 0 {
		out.Channels = ids
	}
	return out
}

// getPromotion serves GET /v3/promotions/{promotionId}.
func (a *API) getPromotion(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "promotionId")
	if err != nil {
		return err
	}
	l, err := a.Promotions.Get(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(promotionOf(l)))
}

// createPromotion serves POST /v3/promotions.
func (a *API) createPromotion(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readNewPromotion(body)
	if err := body.err(); err != nil {
		return err
	}
	p, err := a.Promotions.Create(answering(r.Context(), http.StatusCreated, showNewPromotion), storeOf(r), fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, showNewPromotion(p))
}

// updatePromotion serves PUT /v3/promotions/{promotionId}; what is not sent
// stays.
func (a *API) updatePromotion(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "promotionId", readPromotion)
	if err != nil {
		return err
	}
	l, err := a.Promotions.Update(r.Context(), storeOf(r), id, fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(promotionOf(l)))
}

// deletePromotion serves DELETE /v3/promotions/{promotionId}. One that is not
// there is no error.
func (a *API) deletePromotion(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "promotionId")
	if err != nil {
		return err
	}
	kept, err := a.Promotions.Delete(r.Context(), storeOf(r), []int64{id})
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		return fault.New(fault.Invalid, "The promotion still has coupon codes. Delete them first.")
	}
	return respond(w, http.StatusNoContent, nil)
}

// maxDeleted is how many promotions or codes the vendor deletes at once.
const maxDeleted = 50

// idsToDelete reads id:in, which is required.
func (p *params) idsToDelete() []int64 {
	ids := p.ids("id:in")
	if len(ids) == 0 {
		p.fail("id:in", fault.Missing)
	}
	if len(ids) > maxDeleted {
		p.fail("id:in", fault.MaxLength)
	}
	return ids
}

// deletePromotions serves DELETE /v3/promotions. Those that still have codes
// stay, and the answer says which.
func (a *API) deletePromotions(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	ids := q.idsToDelete()
	if err := q.err(); err != nil {
		return err
	}
	kept, err := a.Promotions.Delete(r.Context(), storeOf(r), ids)
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		return respond(w, http.StatusNoContent, nil)
	}
	return respond(w, http.StatusUnprocessableEntity, keptPromotions(ids, kept))
}

// deletedInPart is the vendor's answer to a removal that left something.
type deletedInPart struct {
	Errors []errorBody `json:"errors"`
	Meta   struct {
		Total   int `json:"total"`
		Success int `json:"success"`
		Failed  int `json:"failed"`
	} `json:"meta"`
}

func keptPromotions(ids, kept []int64) deletedInPart {
	var out deletedInPart
	reasons := map[string]string{}
	for i, id := range ids {
		if slices.Contains(kept, id) {
			reasons[strconv.Itoa(i)+".code"] = "Failed for id=" + strconv.FormatInt(id, 10) + ". Error: some relating codes are still present."
		}
	}
	out.Errors = []errorBody{{Status: http.StatusUnprocessableEntity, Title: "Errors occurred in bulk delete action.", Type: statusType, Errors: &reasons}}
	out.Meta.Total, out.Meta.Failed = len(ids), len(reasons)
	out.Meta.Success = out.Meta.Total - out.Meta.Failed
	return out
}

// getPromotionSettings serves GET /v3/promotions/settings: a bare object.
func (a *API) getPromotionSettings(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Promotions.Settings(r.Context(), storeOf(r))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, s)
}

// updatePromotionSettings serves PUT /v3/promotions/settings. All four are
// required.
func (a *API) updatePromotionSettings(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in := readPromotionSettings(body)
	if err := body.err(); err != nil {
		return err
	}
	s, err := a.Promotions.PutSettings(r.Context(), storeOf(r), in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, s)
}

func readPromotionSettings(v value) promotion.Settings {
	return promotion.Settings{
		OnCustomPrices:    v.get("promotions_apply_on_products_with_custom_product_price").required().bool(),
		TriggeredByZero:   v.get("promotions_triggered_by_products_with_zero_product_price").required().bool(),
		MaxCoupons:        v.get("number_of_coupons_allowed_at_checkout").required().int(1, promotion.MaxCoupons),
		FromOriginalPrice: v.get("promotions_applied_on_original_product_price").required().bool(),
	}
}
