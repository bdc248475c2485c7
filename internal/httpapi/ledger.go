package httpapi

import (
	"net/http"
	"regexp"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// ledgerRoutes are why mails went out or did not, who gets none, and what came
// back, all of which are this server's own (decisions 1).
func (a *API) ledgerRoutes() []route {
	return []route{
		{"GET", "/v3/recovery/decisions", marketingScope, a.listDecisions},
		{"GET", "/v3/recovery/suppressions", marketingScope, a.listSuppressions},
		{"POST", "/v3/recovery/suppressions", marketingScope, a.createSuppression},
		{"DELETE", "/v3/recovery/suppressions", marketingScope, a.deleteSuppression},
		{"POST", "/v3/recovery/bounces", marketingScope, a.createBounces},
	}
}

type decisionJSON struct {
	ID       int64              `json:"id"`
	CartID   cart.ID            `json:"cart_id"`
	Channel  int64              `json:"channel_id"`
	Episode  int64              `json:"episode"`
	Template int64              `json:"template_id"`
	Address  *string            `json:"address_hash"`
	Outcome  recovery.StepState `json:"outcome"`
	Reason   recovery.Reason    `json:"reason"`
	Detail   *string            `json:"detail"`
	At       string             `json:"date"`
}

func decisionOf(d recovery.Decision) decisionJSON {
	return decisionJSON{
		ID: d.ID, CartID: d.Cart, Channel: d.Channel, Episode: d.Episode, Template: d.Template, Address: textOrNull(d.Address),
		Outcome: d.Outcome, Reason: d.Reason, Detail: textOrNull(d.Detail), At: timeText(d.At),
	}
}

// textOrNull writes a text, and "" as null.
func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// listDecisions serves GET /v3/recovery/decisions.
func (a *API) listDecisions(w http.ResponseWriter, r *http.Request) error {
	p, err := readCursorPage(r)
	if err != nil {
		return err
	}
	q := readParams(r)
	f := recovery.DecisionFilter{
		Cart: cart.ID(strings.ToLower(q.text("cart_id"))), Min: q.since("min_date"), Before: q.until("max_date"),
		Outcome: recovery.StepState(q.oneOf("outcome", namesOf(recovery.Outcomes)...)), Reason: recovery.Reason(q.oneOf("reason", namesOf(recovery.Reasons)...)),
	}
	if id := q.id("template_id"); id != nil {
		f.Template = *id
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Recoveries.Decisions(r.Context(), storeOf(r), f, p.cursorRange())
	if err != nil {
		return err
	}
	out := make([]decisionJSON, len(part.Entries))
	for i, d := range part.Entries {
		out[i] = decisionOf(d)
	}
	return respond(w, http.StatusOK, listPart(p, part, out, func(d recovery.Decision) int64 { return d.ID }))
}

// namesOf writes the values of a kind of name as texts.
func namesOf[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

type suppressionJSON struct {
	Hash   string               `json:"address_hash"`
	Reason recovery.Suppression `json:"reason"`
	At     string               `json:"date"`
}

func suppressionOf(s recovery.SuppressedAddress) suppressionJSON {
	return suppressionJSON{s.Hash, s.Reason, timeText(s.At)}
}

func showSuppression(s recovery.SuppressedAddress) any { return one(suppressionOf(s)) }

var addressHash = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

// suppressionFilter reads which entry of the list is meant.
func suppressionFilter(q *params) recovery.SuppressionFilter {
	f := recovery.SuppressionFilter{Email: q.text("email"), Hash: q.text("address_hash")}
	if f.Email != "" && !cart.ValidEmail(f.Email) {
		q.fail("email", fault.Email)
	}
	if f.Hash != "" && !addressHash.MatchString(f.Hash) {
		q.fail("address_hash", fault.ExpectedString)
	}
	if f.Email != "" && f.Hash != "" {
		q.fail("address_hash", "error.email.and.address_hash")
	}
	return f
}

// listSuppressions serves GET /v3/recovery/suppressions.
func (a *API) listSuppressions(w http.ResponseWriter, r *http.Request) error {
	p, err := readCursorPage(r)
	if err != nil {
		return err
	}
	q := readParams(r)
	f := suppressionFilter(q)
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Recoveries.Suppressions(r.Context(), storeOf(r), f, p.cursorRange())
	if err != nil {
		return err
	}
	out := make([]suppressionJSON, len(part.Entries))
	for i, s := range part.Entries {
		out[i] = suppressionOf(s)
	}
	return respond(w, http.StatusOK, listPart(p, part, out, func(s recovery.SuppressedAddress) int64 { return s.ID }))
}

// createSuppression serves POST /v3/recovery/suppressions.
func (a *API) createSuppression(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	email, why := readSuppression(body)
	if err := body.err(); err != nil {
		return err
	}
	s, err := a.Recoveries.Suppress(answering(r.Context(), http.StatusOK, showSuppression), storeOf(r), email, why)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showSuppression(s))
}

func readSuppression(body value) (email string, why recovery.Suppression) {
	email = body.object().get("email").required().email()
	why = recovery.ByMerchant
	if body.has("reason") {
		why = recovery.Suppression(body.get("reason").required().oneOf(namesOf(recovery.SuppressionReasons)...))
	}
	return email, why
}

// deleteSuppression serves DELETE /v3/recovery/suppressions. It takes one
// address off the list, so it must be named.
func (a *API) deleteSuppression(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	f := suppressionFilter(q)
	if f.Email == "" && f.Hash == "" {
		q.fail("email", fault.Missing)
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Recoveries.Unsuppress(r.Context(), storeOf(r), f); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

type bouncesJSON struct {
	Suppressed int `json:"suppressed"`
	Recorded   int `json:"recorded"`
}

func showBounces(b recovery.Bounces) any { return one(bouncesJSON{b.Suppressed, b.Recorded}) }

// createBounces serves POST /v3/recovery/bounces: one report, or a list of
// them.
func (a *API) createBounces(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	all := readBounces(body)
	if err := body.err(); err != nil {
		return err
	}
	b, err := a.Recoveries.TakeBounces(answering(r.Context(), http.StatusOK, showBounces), storeOf(r), all)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showBounces(b))
}

func readBounces(body value) []recovery.Bounce {
	items := []value{body}
	if _, many := body.raw.([]any); many {
		items = body.bounded(recovery.MaxBounces)
	}
	out := make([]recovery.Bounce, len(items))
	for i, v := range items {
		v.object()
		out[i] = recovery.Bounce{
			Email: v.get("email").required().email(), Kind: recovery.BounceKind(v.get("type").required().oneOf(namesOf(recovery.BounceKinds)...)),
			MessageID: v.get("message_id").text(0, 998),
		}
	}
	return out
}
