package httpapi

import (
	"encoding/json"
	"net/http"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/hook"
)

var marketingLogScope = scopeOf("store_v2_marketing")

// deliveryRoutes are the log of what webhooks were sent, which is this
// server's own (decisions 1).
func (a *API) deliveryRoutes() []route {
	return []route{
		{"GET", "/v3/recovery/deliveries", marketingLogScope, a.listDeliveries},
		{"GET", "/v3/recovery/deliveries/{deliveryId}", marketingLogScope, a.getDelivery},
		{"POST", "/v3/recovery/deliveries/{deliveryId}/resend", marketingLogScope, a.resendDelivery},
	}
}

type deliveryJSON struct {
	ID        int64           `json:"id"`
	HookID    int64           `json:"hook_id"`
	Scope     string          `json:"scope"`
	Data      json.RawMessage `json:"data"`
	Hash      string          `json:"hash"`
	MessageID string          `json:"message_id"`
	State     hook.State      `json:"state"`
	Attempts  int             `json:"attempts"`
	Created   string          `json:"date_created"`
	Due       *string         `json:"date_due"`
	Finished  *string         `json:"date_finished"`
	History   []attemptJSON   `json:"history"`
}

type attemptJSON struct {
	At          string  `json:"date"`
	Destination string  `json:"destination"`
	Status      *int    `json:"status"`
	Error       *string `json:"error"`
	Millis      int64   `json:"duration_ms"`
}

// maybeTimeText writes a time that may be zero, which is null.
func maybeTimeText(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := timeText(t)
	return &s
}

func deliveryOf(d hook.Delivery) deliveryJSON {
	j := deliveryJSON{
		ID: d.ID, HookID: d.HookID, Scope: d.Scope, Data: d.Data, Hash: d.Hash, MessageID: d.MessageID, State: d.State, Attempts: d.Attempts,
		Created: timeText(d.Created), Due: maybeTimeText(d.Due), Finished: maybeTimeText(d.Finished), History: []attemptJSON{},
	}
	for _, t := range d.History {
		shown := attemptJSON{At: timeText(t.At), Destination: t.Destination, Status: statusOf(t), Millis: t.Millis}
		if t.Error != "" {
			shown.Error = &t.Error
		}
		j.History = append(j.History, shown)
	}
	return j
}

func showDelivery(d hook.Delivery) any { return one(deliveryOf(d)) }

// listDeliveries serves GET /v3/recovery/deliveries, the latest first.
func (a *API) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := hook.DeliveryFilter{Scope: q.text("scope")}
	if id := q.id("hook_id"); id != nil {
		f.HookID = *id
	}
	if state := q.oneOf("state", hook.States...); state != "" {
		f.States = []hook.State{hook.State(state)}
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Hooks.Deliveries(r.Context(), ownerOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit, Falling: true})
	if err != nil {
		return err
	}
	out := make([]deliveryJSON, len(part.Entries))
	for i, d := range part.Entries {
		out[i] = deliveryOf(d)
	}
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}

// getDelivery serves GET /v3/recovery/deliveries/{deliveryId}.
func (a *API) getDelivery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "deliveryId")
	if err != nil {
		return err
	}
	d, err := a.Hooks.Delivery(r.Context(), ownerOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showDelivery(*d))
}

// resendDelivery serves POST /v3/recovery/deliveries/{deliveryId}/resend. The
// body says nothing.
func (a *API) resendDelivery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "deliveryId")
	if err != nil {
		return err
	}
	if _, err := readBody(r); err != nil {
		return err
	}
	d, err := a.Hooks.Resend(answering(r.Context(), http.StatusOK, showDelivery), ownerOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showDelivery(d))
}
