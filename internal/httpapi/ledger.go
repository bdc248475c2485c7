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
	Episode  int64              `json:"episode_id"`
	Template int64              `json:"template_id"`
	Address  *string            `json:"address_hash"`
	Outcome  recovery.StepState `json:"outcome"`
	Reason   recovery.Reason    `json:"reason"`
	Detail   *string            `json:"detail"`
	At       string             `json:"date"`
}

func decisionOf(d *recovery.Decision) decisionJSON {
	return decisionJSON{
		ID: d.ID, CartID: d.Cart, Channel: d.Channel, Episode: d.Episode, Template: d.Template, Address: filled(d.Address),
		Outcome: d.Outcome, Reason: d.Reason, Detail: filled(d.Detail), At: timeText(d.At),
	}
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
	return respond(w, http.StatusOK, listPart(p, part, mapped(part.Entries, decisionOf), func(d recovery.Decision) int64 { return d.ID }))
}

type suppressionJSON struct {
	Hash   string               `json:"address_hash"`
	Reason recovery.Suppression `json:"reason"`
	At     string               `json:"date"`
}

func suppressionOf(s *recovery.SuppressedAddress) suppressionJSON {
	return suppressionJSON{s.Hash, s.Reason, timeText(s.At)}
}

func showSuppression(s recovery.SuppressedAddress) any { return one(suppressionOf(&s)) }

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
	return respond(w, http.StatusOK, listPart(p, part, mapped(part.Entries, suppressionOf), func(s recovery.SuppressedAddress) int64 { return s.ID }))
}

// createSuppression serves POST /v3/recovery/suppressions.
func (a *API) createSuppression(w http.ResponseWriter, r *http.Request) error {
	in, err := readAs(r, readSuppression)
	if err != nil {
		return err
	}
	s, err := a.Recoveries.Suppress(answering(r.Context(), http.StatusOK, showSuppression), storeOf(r), in.email, in.why)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showSuppression(s))
}

// newSuppression is an address that shall get no mail.
type newSuppression struct {
	email string
	why   recovery.Suppression
}

func readSuppression(body value) newSuppression {
	in := newSuppression{body.object().get("email").required().email(), recovery.ByMerchant}
	if body.has("reason") {
		in.why = enum(recovery.SuppressionReasons)(body.get("reason").required())
	}
	return in
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
	return deleted(w, a.Recoveries.Unsuppress(r.Context(), storeOf(r), f))
}

type bouncesJSON struct {
	Suppressed int `json:"suppressed"`
	Recorded   int `json:"recorded"`
}

func showBounces(b recovery.Bounces) any { return one(bouncesJSON{b.Suppressed, b.Recorded}) }

// createBounces serves POST /v3/recovery/bounces: one report, or a list of
// them.
func (a *API) createBounces(w http.ResponseWriter, r *http.Request) error {
	all, err := readAs(r, readBounces)
	if err != nil {
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
	kind, out := enum(recovery.BounceKinds), make([]recovery.Bounce, len(items))
	for i, v := range items {
		v.object()
		out[i] = recovery.Bounce{
			Email: v.get("email").required().email(), Kind: kind(v.get("type").required()),
			MessageID: v.get("message_id").text(0, 998),
		}
	}
	return out
}
