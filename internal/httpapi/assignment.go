package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// maxAssigned bounds the currencies of one channel; ISO 4217 has fewer.
const maxAssigned = 300

type assignmentJSON struct {
	ChannelID int64    `json:"channel_id"`
	Enabled   []string `json:"enabled_currencies"`
	Default   string   `json:"default_currency"`
}

func assignmentOf(s *merchant.Store, channel int64) assignmentJSON {
	offered := s.ChannelCurrencies(channel)
	return assignmentJSON{channel, offered.Enabled, offered.Default}
}

func showAssignment(channel int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return one(assignmentOf(s, channel)) }
}

// assignment is one entry of a request.
type assignment struct {
	channel int64
	merchant.CurrencyAssignment
}

func readAssignment(v value) assignment {
	var a assignment
	for _, code := range v.get("enabled_currencies").required().bounded(maxAssigned) {
		a.Enabled = append(a.Enabled, code.required().text(1, 10))
	}
	a.Default = v.get("default_currency").required().text(1, 10)
	return a
}

func readAssignments(body value) []assignment {
	var entries []assignment
	for _, v := range body.bounded(merchant.MaxChannels) {
		v.object()
		e := readAssignment(v)
		e.channel = v.get("channel_id").required().int(1, maxInt)
		entries = append(entries, e)
	}
	return entries
}

// listAssignments serves GET /v3/channels/currency-assignments. A channel
// without an assignment offers what the store does.
func (a *API) listAssignments(w http.ResponseWriter, r *http.Request) error {
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	all := make([]assignmentJSON, len(s.Channels))
	for i := range s.Channels {
		all[i] = assignmentOf(s, s.Channels[i].ID)
	}
	return respond(w, http.StatusOK, one(all))
}

// assignAll serves POST and PUT /v3/channels/currency-assignments: all entries
// are applied, or none.
func (a *API) assignAll(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	entries := readAssignments(body)
	if err := atLeastOne(body, len(entries)); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		for i, e := range entries {
			if s.Channel(e.channel) == nil {
				return fault.Field(strconv.Itoa(i)+".channel_id", fault.ExpectedEnum)
			}
			if err := s.AssignCurrencies(e.channel, e.CurrencyAssignment, now); err != nil {
				return fault.Within(strconv.Itoa(i), err)
			}
		}
		return nil
	}, func(s *merchant.Store) any {
		out := make([]assignmentJSON, len(entries))
		for i, e := range entries {
			out[i] = assignmentOf(s, e.channel)
		}
		return one(out)
	})
}

// atLeastOne returns what is wrong with a body that must be an array with an
// entry.
func atLeastOne(body value, n int) error {
	if err := body.err(); err != nil {
		return err
	}
	if _, ok := body.raw.([]any); !ok {
		body.fail(fault.ExpectedArray)
	} else if n == 0 {
		body.fail(fault.MinLength)
	}
	return body.err()
}

// getAssignment serves GET /v3/channels/{channelId}/currency-assignments.
func (a *API) getAssignment(w http.ResponseWriter, r *http.Request) error {
	id, s, err := a.channelFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showAssignment(id)(s))
}

// assign serves POST and PUT /v3/channels/{channelId}/currency-assignments.
func (a *API) assign(w http.ResponseWriter, r *http.Request) error {
	id, in, err := readChange(r, "channelId", readAssignment)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.AssignCurrencies(id, in.CurrencyAssignment, now)
	}, showAssignment(id))
}

// unassign serves DELETE /v3/channels/{channelId}/currency-assignments.
func (a *API) unassign(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "channelId")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.UnassignCurrencies(id, now)
	}, showEmpty)
}
