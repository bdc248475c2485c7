package httpapi

import (
	"net/http"

	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/merchant"
)

// subscriberRoutes are the subscribers of spec/05 §3.
func (a *API) subscriberRoutes() []route {
	return []route{
		{"GET", "/v3/customers/subscribers", customerScope, a.listSubscribers},
		{"POST", "/v3/customers/subscribers", customerScope, a.createSubscriber},
		{"DELETE", "/v3/customers/subscribers", customerScope, a.deleteSubscribers},
		{"GET", "/v3/customers/subscribers/{subscriberId}", customerScope, a.getSubscriber},
		{"PUT", "/v3/customers/subscribers/{subscriberId}", customerScope, a.updateSubscriber},
		{"DELETE", "/v3/customers/subscribers/{subscriberId}", customerScope, a.deleteSubscriber},
	}
}

type subscriberJSON struct {
	ID        int64    `json:"id"`
	Email     string   `json:"email"`
	FirstName string   `json:"first_name"`
	LastName  string   `json:"last_name"`
	Source    string   `json:"source"`
	OrderID   *int64   `json:"order_id"`
	ChannelID int64    `json:"channel_id"`
	Consents  []string `json:"consents"`
	Created   string   `json:"date_created"`
	Modified  string   `json:"date_modified"`
}

func subscriberOf(s customer.Subscriber) subscriberJSON {
	j := subscriberJSON{
		ID: s.ID, Email: s.Email, FirstName: s.FirstName, LastName: s.LastName, Source: s.Source,
		ChannelID: s.ChannelID, Consents: s.Consents, Created: timeText(s.Created), Modified: timeText(s.Modified),
	}
	if s.OrderID != 0 {
		j.OrderID = &s.OrderID
	}
	if j.Consents == nil {
		j.Consents = []string{}
	}
	return j
}

func showSubscriber(s customer.Subscriber) any { return one(subscriberOf(s)) }

// subscriberFilter reads the filters that listing and deleting share.
func subscriberFilter(q *params) customer.SubscriberFilter {
	f := customer.SubscriberFilter{
		Email: q.text("email"), FirstName: q.text("first_name"), LastName: q.text("last_name"), Source: q.text("source"),
	}
	if id := q.id("order_id"); id != nil {
		f.OrderID = *id
	}
	return f
}

// listSubscribers serves GET /v3/customers/subscribers.
func (a *API) listSubscribers(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, f := q.page(), subscriberFilter(q)
	f.IDs, f.Dates = q.ids("id:in"), q.dates()
	if id := q.id("id"); id != nil {
		if anyOf(f.IDs, *id) {
			f.IDs = []int64{*id}
		} else {
			f.IDs = []int64{}
		}
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Customers.Subscribers(r.Context(), storeOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit})
	if err != nil {
		return err
	}
	out := make([]subscriberJSON, len(part.Entries))
	for i, s := range part.Entries {
		out[i] = subscriberOf(s)
	}
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}

// createSubscriber serves POST /v3/customers/subscribers.
func (a *API) createSubscriber(w http.ResponseWriter, r *http.Request) error {
	fields, err := a.subscriberBody(r, true)
	if err != nil {
		return err
	}
	ctx := answering(r.Context(), http.StatusOK, showSubscriber)
	s, err := a.Customers.Subscribe(ctx, storeOf(r), fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showSubscriber(s))
}

// subscriberBody reads what a request says of a subscriber.
func (a *API) subscriberBody(r *http.Request, fresh bool) (customer.SubscriberFields, error) {
	body, err := readBody(r)
	if err != nil {
		return customer.SubscriberFields{}, err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return customer.SubscriberFields{}, err
	}
	fields := readSubscriber(body, s)
	if fresh {
		body.get("email").required()
	}
	return fields, body.err()
}

func readSubscriber(v value, s *merchant.Store) customer.SubscriberFields {
	f := customer.SubscriberFields{
		Email:     optional(v.get("email"), readAddress),
		FirstName: optional(v.get("first_name"), textOf(0, 255)),
		LastName:  optional(v.get("last_name"), textOf(0, 255)),
		Source:    optional(v.get("source"), textOf(0, 255)),
		OrderID:   optional(v.get("order_id"), intOf(1, maxInt)),
		ChannelID: optional(v.get("channel_id"), channelIn(s)),
		Consents:  optional(v.get("consents"), readConsents),
	}
	if v.has("order_id") && f.OrderID == nil {
		f.OrderID = new(int64) // null: no order
	}
	return f
}

func readConsents(v value) []string {
	consents := []string{}
	for _, item := range v.bounded(10) {
		consents = append(consents, item.required().oneOf(customer.Consents...))
	}
	return consents
}

// deleteSubscribers serves DELETE /v3/customers/subscribers: every subscriber
// that the filters select; without a filter, all.
func (a *API) deleteSubscribers(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	f := subscriberFilter(q)
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Customers.DeleteSubscribers(r.Context(), storeOf(r), f); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// getSubscriber serves GET /v3/customers/subscribers/{subscriberId}.
func (a *API) getSubscriber(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "subscriberId")
	if err != nil {
		return err
	}
	s, err := a.Customers.Subscriber(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showSubscriber(*s))
}

// updateSubscriber serves PUT /v3/customers/subscribers/{subscriberId}.
func (a *API) updateSubscriber(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "subscriberId")
	if err != nil {
		return err
	}
	fields, err := a.subscriberBody(r, false)
	if err != nil {
		return err
	}
	s, err := a.Customers.UpdateSubscriber(r.Context(), storeOf(r), id, fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showSubscriber(s))
}

// deleteSubscriber serves DELETE /v3/customers/subscribers/{subscriberId}.
func (a *API) deleteSubscriber(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "subscriberId")
	if err != nil {
		return err
	}
	if err := a.Customers.DeleteSubscriber(r.Context(), storeOf(r), id); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}
