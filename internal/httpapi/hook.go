package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/hook"
)

// anyToken is the scope of what every valid token may use: its client's own
// webhooks (spec/04).
var anyToken = scope{}

// hookRoutes are the webhooks of spec/04.
func (a *API) hookRoutes() []route {
	return []route{
		{"GET", "/v3/hooks", anyToken, a.listHooks},
		{"POST", "/v3/hooks", anyToken, a.createHook},
		{"GET", "/v3/hooks/admin", anyToken, a.getHooksAdmin},
		{"PUT", "/v3/hooks/admin", anyToken, a.updateHooksAdmin},
		{"GET", "/v3/hooks/events", anyToken, a.listHookEvents},
		{"GET", "/v3/hooks/{webhookId}", anyToken, a.getHook},
		{"PUT", "/v3/hooks/{webhookId}", anyToken, a.updateHook},
		{"DELETE", "/v3/hooks/{webhookId}", anyToken, a.deleteHook},
	}
}

// ofHooks reports whether a route is one of the webhooks', whose refusal of a
// token has words of its own.
func ofHooks(rt route) bool { return strings.HasPrefix(rt.pattern, "/v3/hooks") }

func errUnauthorizedHooks() error {
	return &fault.Error{Kind: fault.Unauthorized, Fields: map[string]string{},
		Title: "Unauthorized - the v3 Auth client ID or token in the request are not a valid combination for this store."}
}

// ownerOf returns whose webhooks a request is about: those of its token's
// client.
func ownerOf(r *http.Request) hook.Owner {
	return hook.Owner{Store: storeOf(r), Client: tokenOf(r).ClientID}
}

type hookJSON struct {
	ID          int64             `json:"id"`
	ClientID    string            `json:"client_id"`
	StoreHash   string            `json:"store_hash"`
	Created     int64             `json:"created_at"`
	Updated     int64             `json:"updated_at"`
	Scope       string            `json:"scope"`
	Destination string            `json:"destination"`
	Active      bool              `json:"is_active"`
	Headers     map[string]string `json:"headers"`
}

func hookOf(h hook.Hook) hookJSON {
	return hookJSON{
		ID: h.ID, ClientID: h.Client, StoreHash: h.Store, Created: h.Created.Unix(), Updated: h.Updated.Unix(),
		Scope: h.Scope, Destination: h.Destination, Active: h.Active, Headers: h.Headers,
	}
}

func showHook(h hook.Hook) any { return one(hookOf(h)) }

// listHooks serves GET /v3/hooks.
func (a *API) listHooks(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := hook.Filter{Active: q.bool("is_active"), Scope: q.text("scope"), Destination: q.text("destination")}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Hooks.List(r.Context(), ownerOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit})
	if err != nil {
		return err
	}
	out := make([]hookJSON, len(part.Entries))
	for i, h := range part.Entries {
		out[i] = hookOf(h)
	}
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}

// createHook serves POST /v3/hooks.
func (a *API) createHook(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	f := readNewHook(body)
	if err := body.err(); err != nil {
		return err
	}
	h, err := a.Hooks.Create(answering(r.Context(), http.StatusOK, showHook), ownerOf(r), f)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showHook(h))
}

func readNewHook(body value) hook.Fields {
	body.get("scope").required()
	body.get("destination").required()
	return readHook(body)
}

// readHook reads what a body says of a hook. headers may be null, which clears
// them.
func readHook(body value) hook.Fields {
	return hook.Fields{
		Scope:       optional(body.get("scope"), textOf(1, 255)),
		Destination: optional(body.get("destination"), textOf(1, hook.MaxDestination)),
		Active:      optional(body.get("is_active"), value.bool),
		Headers:     readHeaders(body.get("headers")),
		HasHeaders:  body.has("headers"),
	}
}

func readHeaders(v value) map[string]string {
	if v.null() {
		return nil
	}
	headers := map[string]string{}
	members, _ := v.object().raw.(map[string]any)
	for name := range members {
		headers[name] = v.get(name).required().text(0, 8<<10)
	}
	return headers
}

// hookID reads the id of a path. What is not one is an unknown webhook.
func hookID(r *http.Request) (int64, error) {
	named := r.PathValue("webhookId")
	id, err := strconv.ParseInt(named, 10, 64)
	if err != nil || id <= 0 {
		return 0, hook.ErrNoHook(named)
	}
	return id, nil
}

// getHook serves GET /v3/hooks/{webhookId}.
func (a *API) getHook(w http.ResponseWriter, r *http.Request) error {
	id, err := hookID(r)
	if err != nil {
		return err
	}
	h, err := a.Hooks.Get(r.Context(), ownerOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showHook(*h))
}

// updateHook serves PUT /v3/hooks/{webhookId}.
func (a *API) updateHook(w http.ResponseWriter, r *http.Request) error {
	id, err := hookID(r)
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	f := readHook(body)
	if err := body.err(); err != nil {
		return err
	}
	h, err := a.Hooks.Update(r.Context(), ownerOf(r), id, f)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showHook(h))
}

// deleteHook serves DELETE /v3/hooks/{webhookId}: it answers with what is gone.
func (a *API) deleteHook(w http.ResponseWriter, r *http.Request) error {
	id, err := hookID(r)
	if err != nil {
		return err
	}
	h, err := a.Hooks.Delete(r.Context(), ownerOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showHook(h))
}

// hooksAdminJSON is the data of GET /v3/hooks/admin.
type hooksAdminJSON struct {
	Emails  []string          `json:"emails"`
	Hooks   []hookStatusJSON  `json:"hooks_list"`
	Blocked []blockedHostJSON `json:"blocked_domains"`
}

type hookStatusJSON struct {
	hookJSON

	Status string `json:"status"`
}

type blockedHostJSON struct {
	Destination string       `json:"destination"`
	TimeLeft    int64        `json:"time_left"`
	Reasons     []reasonJSON `json:"reasons"`
}

type reasonJSON struct {
	Description string `json:"failure_description"`
	Count       int    `json:"count"`
	Timestamp   int64  `json:"timestamp"`
}

// getHooksAdmin serves GET /v3/hooks/admin.
func (a *API) getHooksAdmin(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := hook.Filter{Active: q.bool("is_active")}
	if err := q.err(); err != nil {
		return err
	}
	owner := ownerOf(r)
	part, err := a.Hooks.List(r.Context(), owner, f, cursor.Range{Offset: p.offset(), Limit: p.limit})
	if err != nil {
		return err
	}
	emails, err := a.Hooks.Emails(r.Context(), owner)
	if err != nil {
		return err
	}
	blocked, err := a.Hooks.Blocked(r.Context(), owner)
	if err != nil {
		return err
	}
	out := hooksAdminJSON{Emails: append([]string{}, emails...), Hooks: []hookStatusJSON{}, Blocked: blockedHosts(blocked)}
	for _, h := range part.Entries {
		out.Hooks = append(out.Hooks, hookStatusJSON{hookOf(h), h.Status()})
	}
	return respond(w, http.StatusOK, p.list(out, len(out.Hooks), part.Total))
}

func blockedHosts(blocked []hook.Blocked) []blockedHostJSON {
	out := []blockedHostJSON{}
	for _, b := range blocked {
		j := blockedHostJSON{Destination: b.Origin, TimeLeft: int64(b.Left.Seconds()), Reasons: []reasonJSON{}}
		for _, reason := range b.Reasons {
			j.Reasons = append(j.Reasons, reasonJSON{reason.Description, reason.Count, reason.At.Unix()})
		}
		out = append(out, j)
	}
	return out
}

// updateHooksAdmin serves PUT /v3/hooks/admin.
func (a *API) updateHooksAdmin(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	emails := readEmails(body)
	if err := body.err(); err != nil {
		return err
	}
	if err := a.Hooks.SetEmails(r.Context(), ownerOf(r), emails); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

func readEmails(body value) []string {
	emails := []string{}
	for _, v := range body.get("emails").required().bounded(hook.MaxEmails) {
		if email := v.required().email(); !slices.Contains(emails, email) {
			emails = append(emails, email)
		}
	}
	return emails
}

// hookEventJSON is an event that did not arrive (spec/04 §1.4).
type hookEventJSON struct {
	ID          int64           `json:"id"`
	Scope       string          `json:"scope"`
	Destination string          `json:"destination"`
	Data        json.RawMessage `json:"data"`
	Hash        string          `json:"hash"`
	Created     int64           `json:"created_at"`
	LastStatus  *int            `json:"last_status"`
	Attempts    int             `json:"attempts"`
}

// listHookEvents serves GET /v3/hooks/events: what was tried and did not
// arrive.
func (a *API) listHookEvents(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := hook.DeliveryFilter{
		States: []hook.State{hook.Retrying, hook.Failed}, CreatedMin: q.since("min_created_at"), CreatedBefore: q.until("max_created_at"),
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Hooks.Deliveries(r.Context(), ownerOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit})
	if err != nil {
		return err
	}
	out := make([]hookEventJSON, len(part.Entries))
	for i, d := range part.Entries {
		last := d.Last()
		out[i] = hookEventJSON{d.ID, d.Scope, last.Destination, d.Data, d.Hash, d.Created.Unix(), statusOf(last), d.Attempts}
	}
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}

// statusOf is the status of an attempt; nil when nobody answered.
func statusOf(t hook.Attempt) *int {
	if t.Status == 0 {
		return nil
	}
	return &t.Status
}
