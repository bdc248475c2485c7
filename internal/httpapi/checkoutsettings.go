package httpapi

import (
	"net/http"
	"slices"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// checkoutSettingsRoutes are the settings of spec/05 §1.8.
func (a *API) checkoutSettingsRoutes() []route {
	return []route{
		{"GET", "/v3/checkouts/settings", checkoutScope, a.getCheckoutSettings},
		{"PUT", "/v3/checkouts/settings", checkoutScope, a.updateCheckoutSettings},
		{"GET", "/v3/checkouts/settings/channels/{channelId}", checkoutScope, a.getChannelCheckoutSettings},
		{"PUT", "/v3/checkouts/settings/channels/{channelId}", checkoutScope, a.updateChannelCheckoutSettings},
	}
}

// storeLevel stands for the store where a channel is asked for.
const storeLevel int64 = 0

// checkoutSettingNames returns the settings that a channel has, or the store.
func checkoutSettingNames(channel int64) (texts, flags []string) {
	if channel == storeLevel {
		return merchant.CheckoutTexts, merchant.CheckoutFlags
	}
	return slices.Concat(merchant.CheckoutTexts, merchant.ChannelCheckoutTexts), slices.Concat(merchant.CheckoutFlags, merchant.ChannelCheckoutFlags)
}

func showCheckoutSettings(channel int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any {
		texts, flags := checkoutSettingNames(channel)
		out := make(map[string]any, len(texts)+len(flags))
		for _, name := range texts {
			out[name] = s.CheckoutText(channel, name)
		}
		for _, name := range flags {
			out[name] = s.CheckoutFlag(channel, name)
		}
		return one(out)
	}
}

// readCheckoutSettings reads the settings that a body names; null takes one
// away.
func readCheckoutSettings(channel int64) func(value) merchant.CheckoutChange {
	return func(v value) merchant.CheckoutChange {
		v.object()
		texts, flags := checkoutSettingNames(channel)
		change := merchant.CheckoutChange{Texts: map[string]*string{}, Flags: map[string]*bool{}}
		for _, name := range texts {
			most := 2048
			if name == "order_terms_and_conditions_textarea" {
				most = 65535
			}
			if v.has(name) {
				change.Texts[name] = optional(v.get(name), textOf(0, most))
			}
		}
		for _, name := range flags {
			if v.has(name) {
				change.Flags[name] = optional(v.get(name), value.bool)
			}
		}
		return change
	}
}

// getCheckoutSettings serves GET /v3/checkouts/settings.
func (a *API) getCheckoutSettings(w http.ResponseWriter, r *http.Request) error {
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showCheckoutSettings(storeLevel)(s))
}

// updateCheckoutSettings serves PUT /v3/checkouts/settings.
func (a *API) updateCheckoutSettings(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	change := readCheckoutSettings(storeLevel)(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		s.SetCheckout(change)
		return nil
	}, showCheckoutSettings(storeLevel))
}

// getChannelCheckoutSettings serves GET /v3/checkouts/settings/channels/{channelId}.
func (a *API) getChannelCheckoutSettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsChannel(r)
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	if s.Channel(channel) == nil { // the vendor says 422 here, not 404
		return fault.Field("channel_id", fault.ExpectedEnum)
	}
	return respond(w, http.StatusOK, showCheckoutSettings(channel)(s))
}

// updateChannelCheckoutSettings serves PUT /v3/checkouts/settings/channels/{channelId}:
// null takes the channel's own setting away, absence leaves it as it is.
func (a *API) updateChannelCheckoutSettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsChannel(r)
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	change := readCheckoutSettings(channel)(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		return s.SetChannelCheckout(channel, change)
	}, showCheckoutSettings(channel))
}
