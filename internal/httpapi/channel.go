package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

var channelScope = scopeOf("store_channel_settings")

// maxConfigMeta bounds a client's own object on a channel, in bytes.
const maxConfigMeta = 16 << 10

// channelRoutes are the channels of spec/05 §4.
func (a *API) channelRoutes() []route {
	return []route{
		{"GET", "/v3/channels", channelScope, a.listChannels},
		{"POST", "/v3/channels", channelScope, a.createChannel},
		{"GET", "/v3/channels/{channelId}", channelScope, a.getChannel},
		{"PUT", "/v3/channels/{channelId}", channelScope, a.updateChannel},
		{"GET", "/v3/channels/currency-assignments", channelScope, a.listAssignments},
		{"POST", "/v3/channels/currency-assignments", channelScope, a.assignAll},
		{"PUT", "/v3/channels/currency-assignments", channelScope, a.assignAll},
		{"GET", "/v3/channels/{channelId}/currency-assignments", channelScope, a.getAssignment},
		{"POST", "/v3/channels/{channelId}/currency-assignments", channelScope, a.assign},
		{"PUT", "/v3/channels/{channelId}/currency-assignments", channelScope, a.assign},
		{"DELETE", "/v3/channels/{channelId}/currency-assignments", channelScope, a.unassign},
	}
}

type channelJSON struct {
	ID           int64           `json:"id"`
	Name         string          `json:"name"`
	Type         string          `json:"type"`
	Platform     string          `json:"platform"`
	Status       string          `json:"status"`
	ExternalID   string          `json:"external_id"`
	IconURL      *string         `json:"icon_url"`
	ListableInUI bool            `json:"is_listable_from_ui"`
	Visible      bool            `json:"is_visible"`
	ConfigMeta   json.RawMessage `json:"config_meta"`
	Created      string          `json:"date_created"`
	Modified     string          `json:"date_modified"`
	Currencies   *currenciesJSON `json:"currencies,omitempty"`
}

type currenciesJSON struct {
	Enabled []string `json:"enabled_currencies"`
	Default string   `json:"default_currency"`
}

func channelOf(s *merchant.Store, c *merchant.Channel, currencies bool) channelJSON {
	j := channelJSON{
		ID: c.ID, Name: c.Name, Type: c.Type, Platform: c.Platform, Status: c.Status, ExternalID: c.ExternalID,
		ListableInUI: c.ListableInUI, Visible: c.Visible, ConfigMeta: json.RawMessage("null"),
		Created: timeText(c.Created), Modified: timeText(c.Modified),
	}
	if c.IconURL != "" {
		j.IconURL = &c.IconURL
	}
	if c.ConfigMeta != "" {
		j.ConfigMeta = json.RawMessage(c.ConfigMeta)
	}
	if currencies {
		offered := s.ChannelCurrencies(c.ID)
		j.Currencies = &currenciesJSON{offered.Enabled, offered.Default}
	}
	return j
}

// listChannels serves GET /v3/channels.
func (a *API) listChannels(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, available := q.page(), q.bool("available")
	statuses, types, platforms := q.texts("status:in"), q.texts("type:in"), q.texts("platform:in")
	created, modified := q.span("date_created"), q.span("date_modified")
	if err := q.err(); err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	var found []*merchant.Channel
	for i := range s.Channels {
		c := &s.Channels[i]
		if (available == nil || c.Available() == *available) && anyOf(statuses, c.Status) && anyOf(types, c.Type) &&
			anyOf(platforms, c.Platform) && created.holds(c.Created) && modified.holds(c.Modified) {
			found = append(found, c)
		}
	}
	currencies := included(q.values, "currencies")
	return respond(w, http.StatusOK, listOf(p, found, func(c *merchant.Channel) channelJSON {
		return channelOf(s, c, currencies)
	}))
}

// anyOf reports whether a filter lets a value through; nil lets all.
func anyOf[T comparable](filter []T, v T) bool { return filter == nil || slices.Contains(filter, v) }

func showChannel(id *int64, currencies bool) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return one(channelOf(s, s.Channel(*id), currencies)) }
}

// getChannel serves GET /v3/channels/{channelId}.
func (a *API) getChannel(w http.ResponseWriter, r *http.Request) error {
	id, s, err := a.channelFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showChannel(&id, included(r.URL.Query(), "currencies"))(s))
}

// channelFor reads the channel of a path, which must exist.
func (a *API) channelFor(r *http.Request) (int64, *merchant.Store, error) {
	id, err := pathID(r, "channelId")
	if err != nil {
		return 0, nil, err
	}
	s, err := a.storeFor(r)
	if err == nil && s.Channel(id) == nil {
		err = errNotFound()
	}
	return id, s, err
}

// createChannel serves POST /v3/channels.
func (a *API) createChannel(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in := readNewChannel(body)
	if err := body.err(); err != nil {
		return err
	}
	var id int64
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) (err error) {
		id, err = s.AddChannel(in, now)
		return err
	}, showChannel(&id, false))
}

// updateChannel serves PUT /v3/channels/{channelId}.
func (a *API) updateChannel(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "channelId", readChannel)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.UpdateChannel(id, fields, now)
	}, showChannel(&id, false))
}

func readNewChannel(v value) merchant.NewChannel {
	v.get("name").required()
	return merchant.NewChannel{
		Type:          v.get("type").required().oneOf(merchant.ChannelTypes...),
		Platform:      v.get("platform").required().text(1, 255),
		ChannelFields: readChannel(v),
	}
}

func readChannel(v value) merchant.ChannelFields {
	return merchant.ChannelFields{
		Name:         optional(v.get("name"), textOf(1, 255)),
		Status:       optional(v.get("status"), enumOf(merchant.ChannelStatuses)),
		ExternalID:   optional(v.get("external_id"), textOf(0, 255)),
		ListableInUI: optional(v.get("is_listable_from_ui"), value.bool),
		Visible:      optional(v.get("is_visible"), value.bool),
		ConfigMeta:   readConfigMeta(v),
	}
}

// readConfigMeta keeps a client's own object as it came; null clears it.
func readConfigMeta(v value) *string {
	if !v.has("config_meta") {
		return nil
	}
	meta := v.get("config_meta").object()
	var text string
	if m, ok := meta.raw.(map[string]any); ok {
		b, err := json.Marshal(m)
		if err != nil || len(b) > maxConfigMeta {
			meta.fail(fault.MaxLength)
		}
		text = string(b)
	}
	return &text
}
