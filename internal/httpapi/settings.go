package httpapi

import (
	"net/http"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

var informationScope = scopeOf("store_v2_information")

// settingsRoutes are the operations C9 and C10 of spec/01.
func (a *API) settingsRoutes() []route {
	return []route{
		{"GET", "/v3/carts/settings", informationScope, a.getCartSettings},
		{"PUT", "/v3/carts/settings", informationScope, a.updateCartSettings},
		{"GET", "/v3/carts/settings/channels/{channelId}", informationScope, a.getChannelCartSettings},
		{"PUT", "/v3/carts/settings/channels/{channelId}", informationScope, a.updateChannelCartSettings},
	}
}

type cartSettingsJSON struct {
	AllowPurchasing bool `json:"allow_purchasing"`
}

// channelCartSettingsJSON has null where the channel does as the store does.
type channelCartSettingsJSON struct {
	AllowPurchasing *bool `json:"allow_purchasing"`
}

func showCartSettings(s *merchant.Store) any {
	return one(cartSettingsJSON{s.CartSettings.AllowPurchasing})
}

// getCartSettings serves GET /v3/carts/settings.
func (a *API) getCartSettings(w http.ResponseWriter, r *http.Request) error {
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showCartSettings(s))
}

// updateCartSettings serves PUT /v3/carts/settings.
func (a *API) updateCartSettings(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	allow := body.get("allow_purchasing").required().bool()
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		s.CartSettings.AllowPurchasing = allow
		return nil
	}, showCartSettings)
}

// settingsChannel reads the channel of a path. A channel that is not there is
// an unknown path here (spec/01 §15).
func settingsChannel(r *http.Request) (int64, error) {
	id, err := pathID(r, "channelId")
	if err != nil {
		return 0, errUnknownRoute()
	}
	return id, nil
}

func showChannelCartSettings(channel int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return one(channelCartSettingsJSON{s.Purchasing(channel)}) }
}

// getChannelCartSettings serves GET /v3/carts/settings/channels/{channelId}.
func (a *API) getChannelCartSettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsChannel(r)
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	if s.Channel(channel) == nil {
		return errUnknownRoute()
	}
	return respond(w, http.StatusOK, showChannelCartSettings(channel)(s))
}

// updateChannelCartSettings serves PUT /v3/carts/settings/channels/{channelId}:
// null takes the channel's own setting away, absence leaves it as it is.
func (a *API) updateChannelCartSettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsChannel(r)
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	given := body.object().has("allow_purchasing")
	allow := optional(body.get("allow_purchasing"), value.bool)
	if err := body.err(); err != nil {
		return err
	}
	err = a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		if !given {
			allow = s.Purchasing(channel)
		}
		return s.SetPurchasing(channel, allow)
	}, showChannelCartSettings(channel))
	if fault.Is(err, fault.NotFound) {
		return errUnknownRoute()
	}
	return err
}
