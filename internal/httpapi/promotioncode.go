package httpapi

import (
	"net/http"

	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// promotionCodeRoutes are the codes of promotions that are won by coupon.
func (a *API) promotionCodeRoutes() []route {
	return []route{
		{"GET", "/v3/promotions/codes", marketingScope, a.findPromotionCode},
		{"DELETE", "/v3/promotions/codes", marketingScope, a.deletePromotionCodeByCode},
		{"GET", "/v3/promotions/{promotionId}/codes", marketingScope, a.listPromotionCodes},
		{"POST", "/v3/promotions/{promotionId}/codes", marketingScope, a.createPromotionCode},
		{"DELETE", "/v3/promotions/{promotionId}/codes", marketingScope, a.deletePromotionCodes},
		{"DELETE", "/v3/promotions/{promotionId}/codes/{codeId}", marketingScope, a.deletePromotionCode},
		{"POST", "/v3/promotions/{promotionId}/codegen", marketingScope, a.generatePromotionCodes},
	}
}

type promotionCodeJSON struct {
	ID                 int64  `json:"id"`
	Code               string `json:"code"`
	MaxUses            int64  `json:"max_uses"`
	MaxUsesPerCustomer int64  `json:"max_uses_per_customer"`
	Uses               int64  `json:"current_uses"`
	Created            string `json:"created"`
}

func promotionCodeOf(c promotion.Code) promotionCodeJSON {
	return promotionCodeJSON{c.ID, c.Code, c.MaxUses, c.MaxUsesPerCustomer, c.Uses, timeText(c.Created)}
}

func codeID(c promotion.Code) int64 { return c.ID }

func promotionCodesOf(codes []promotion.Code) []promotionCodeJSON {
	out := make([]promotionCodeJSON, len(codes))
	for i, c := range codes {
		out[i] = promotionCodeOf(c)
	}
	return out
}

// listPromotionCodes serves GET /v3/promotions/{promotionId}/codes.
func (a *API) listPromotionCodes(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "promotionId")
	if err != nil {
		return err
	}
	p, err := readCursorPage(r)
	if err != nil {
		return err
	}
	q := readParams(r)
	code := q.text("code")
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Promotions.Codes(r.Context(), storeOf(r), id, code, p.cursorRange())
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listPart(p, part, promotionCodesOf(part.Entries), codeID))
}

// codeToFind reads the code that a request is about.
func (p *params) codeToFind() string {
	code := p.text("code")
	if promotion.CodeKey(code) == "" {
		p.fail("code", fault.Missing)
	}
	return code
}

// findPromotionCode serves GET /v3/promotions/codes: a list with one code, or
// none.
func (a *API) findPromotionCode(w http.ResponseWriter, r *http.Request) error {
	p, err := readCursorPage(r)
	if err != nil {
		return err
	}
	q := readParams(r)
	code := q.codeToFind()
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Promotions.CodesNamed(r.Context(), storeOf(r), code, p.cursorRange())
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listPart(p, part, promotionCodesOf(part.Entries), codeID))
}

// createPromotionCode serves POST /v3/promotions/{promotionId}/codes.
func (a *API) createPromotionCode(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "promotionId", readPromotionCode)
	if err != nil {
		return err
	}
	show := func(made []promotion.Code) any { return one(promotionCodeOf(made[0])) }
	c, err := a.Promotions.AddCode(answering(r.Context(), http.StatusCreated, show), storeOf(r), id, fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, one(promotionCodeOf(c)))
}

func readPromotionCode(v value) promotion.CodeFields {
	return promotion.CodeFields{
		Code:               v.get("code").required().text(1, promotion.MaxCode),
		MaxUses:            v.get("max_uses").int(0, maxUses),
		MaxUsesPerCustomer: v.get("max_uses_per_customer").int(0, maxUses),
	}
}

type codeBatchJSON struct {
	MaxUses            int64           `json:"max_uses"`
	MaxUsesPerCustomer int64           `json:"max_uses_per_customer"`
	Created            string          `json:"created"`
	Size               int             `json:"batch_size"`
	Codes              []generatedJSON `json:"codes"`
}

type generatedJSON struct {
	Code string `json:"code"`
}

func showCodeBatch(made []promotion.Code) any {
	first := made[0]
	j := codeBatchJSON{first.MaxUses, first.MaxUsesPerCustomer, timeText(first.Created), len(made), make([]generatedJSON, len(made))}
	for i, c := range made {
		j.Codes[i].Code = c.Code
	}
	return one(j)
}

// generatePromotionCodes serves POST /v3/promotions/{promotionId}/codegen.
func (a *API) generatePromotionCodes(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "promotionId")
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	size, fields := readCodeBatch(body)
	if err := body.err(); err != nil {
		return err
	}
	made, err := a.Promotions.GenerateCodes(answering(r.Context(), http.StatusCreated, showCodeBatch), storeOf(r), id, size, fields)
	if err != nil {
		if fault.Is(err, fault.NotAllowed) {
			w.Header().Set("Allow", "") // nothing is, for a promotion that cannot have many codes
		}
		return err
	}
	return respond(w, http.StatusCreated, showCodeBatch(made))
}

// maxBatchUses is the vendor's bound for generated codes.
const maxBatchUses = 100_000

// readCodeBatch reads how many codes are wanted; each can be used once unless
// told otherwise.
func readCodeBatch(v value) (size int64, f promotion.CodeFields) {
	size = v.get("batch_size").required().int(1, promotion.MaxBatch)
	f = promotion.CodeFields{MaxUses: 1, MaxUsesPerCustomer: 1}
	if n := optional(v.get("max_uses"), intOf(0, maxBatchUses)); n != nil {
		f.MaxUses = *n
	}
	if n := optional(v.get("max_uses_per_customer"), intOf(0, maxBatchUses)); n != nil {
		f.MaxUsesPerCustomer = *n
	}
	return size, f
}

// deletePromotionCodes serves DELETE /v3/promotions/{promotionId}/codes.
func (a *API) deletePromotionCodes(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "promotionId")
	if err != nil {
		return err
	}
	q := readParams(r)
	ids := q.idsToDelete()
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Promotions.DeleteCodes(r.Context(), storeOf(r), id, ids); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// deletePromotionCode serves DELETE /v3/promotions/{promotionId}/codes/{codeId}.
// One that is not there is no error.
func (a *API) deletePromotionCode(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "promotionId")
	if err != nil {
		return err
	}
	code, err := pathID(r, "codeId")
	if err != nil {
		return err
	}
	if err := a.Promotions.DeleteCodes(r.Context(), storeOf(r), id, []int64{code}); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// deletePromotionCodeByCode serves DELETE /v3/promotions/codes.
func (a *API) deletePromotionCodeByCode(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	code := q.codeToFind()
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Promotions.DeleteCode(r.Context(), storeOf(r), code); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}
