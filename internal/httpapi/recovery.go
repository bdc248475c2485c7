package httpapi

import (
	"net/http"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// recoveryRoutes are A1 to A5 of spec/02, and our own settings.
func (a *API) recoveryRoutes() []route {
	return []route{
		{"GET", "/v3/abandoned-carts/{token}", informationScope, a.lookUpToken},
		{"GET", "/v3/abandoned-carts/settings", informationScope, a.getRecoverySettings},
		{"PUT", "/v3/abandoned-carts/settings", informationScope, a.updateRecoverySettings},
		{"GET", "/v3/abandoned-carts/settings/channels/{channelId}", informationScope, a.getChannelRecoverySettings},
		{"PUT", "/v3/abandoned-carts/settings/channels/{channelId}", informationScope, a.updateChannelRecoverySettings},
		{"GET", "/v3/recovery/settings", marketingScope, a.getRecoveryOptions},
		{"PUT", "/v3/recovery/settings", marketingScope, a.updateRecoveryOptions},
	}
}

// cartIDJSON is the answer to a token.
type cartIDJSON struct {
	CartID cart.ID `json:"cart_id"`
}

// lookUpToken serves GET /v3/abandoned-carts/{token}.
func (a *API) lookUpToken(w http.ResponseWriter, r *http.Request) error {
	cartID, err := a.Recoveries.LookUp(r.Context(), storeOf(r), r.PathValue("token"))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(cartIDJSON{cartID}))
}

// getRecoverySettings serves GET /v3/abandoned-carts/settings.
func (a *API) getRecoverySettings(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Recoveries.Settings(r.Context(), storeOf(r))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(s))
}

// updateRecoverySettings serves PUT /v3/abandoned-carts/settings: it replaces
// all of them.
func (a *API) updateRecoverySettings(w http.ResponseWriter, r *http.Request) error {
	in, err := readAs(r, readRecoverySettings)
	if err != nil {
		return err
	}
	s, err := a.Recoveries.SetSettings(r.Context(), storeOf(r), in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(s))
}

func readRecoverySettings(body value) recovery.Settings {
	flag := func(name string) bool { return body.get(name).required().bool() }
	return recovery.Settings{
		Notify:         body.get(notifyName(body)).required().bool(),
		UntilRecovered: flag("email_customer_until_cart_is_recovered"),
		RequireConsent: flag("marketing_emails_require_customer_consent"),
		TellConverted:  flag("email_merchant_when_cart_is_converted"),
		TellAbandoned:  flag("email_merchant_when_cart_is_abandoned"),
		MerchantEmail:  body.get("merchant_email_address").required().merchantEmail(),
		Frequency:      body.get("merchant_abandoned_cart_email_frequency_type").required().oneOf(recovery.Frequencies...),
		DigestSize:     body.get("merchant_abandoned_cart_digest_email_frequency").required().int(recovery.MinDigest, recovery.MaxDigest),
	}
}

// notifyName is the name under which a body has the master switch: the
// vendor's document also calls it enabled (spec/02 §3.1).
func notifyName(body value) string {
	if !body.has("enable_notification") && body.has("enabled") {
		return "enabled"
	}
	return "enable_notification"
}

// merchantEmail reads a mail address, or "" for nobody.
func (v value) merchantEmail() string {
	s := v.text(0, recovery.MaxMerchantEmail)
	if s != "" && !cart.ValidEmail(s) {
		v.fail(fault.Email)
	}
	return s
}

// getChannelRecoverySettings serves
// GET /v3/abandoned-carts/settings/channels/{channelId}: what the channel has
// of its own, and null for the rest.
func (a *API) getChannelRecoverySettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsChannel(r)
	if err != nil {
		return err
	}
	own, err := a.Recoveries.Overrides(r.Context(), storeOf(r), channel)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(own))
}

// updateChannelRecoverySettings serves
// PUT /v3/abandoned-carts/settings/channels/{channelId}: null takes the
// channel's own setting away, absence leaves it as it is.
func (a *API) updateChannelRecoverySettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsChannel(r)
	if err != nil {
		return err
	}
	in, err := readAs(r, readRecoveryOverrides)
	if err != nil {
		return err
	}
	own, err := a.Recoveries.SetOverrides(r.Context(), storeOf(r), channel, in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(own))
}

func readRecoveryOverrides(body value) recovery.OverridesChange {
	body.object()
	return recovery.OverridesChange{
		Notify:         ownOf(body, notifyName(body), value.bool),
		UntilRecovered: ownOf(body, "email_customer_until_cart_is_recovered", value.bool),
		RequireConsent: ownOf(body, "marketing_emails_require_customer_consent", value.bool),
		TellConverted:  ownOf(body, "email_merchant_when_cart_is_converted", value.bool),
		TellAbandoned:  ownOf(body, "email_merchant_when_cart_is_abandoned", value.bool),
		MerchantEmail:  ownOf(body, "merchant_email_address", value.merchantEmail),
		Frequency:      ownOf(body, "merchant_abandoned_cart_email_frequency_type", enumOf(recovery.Frequencies)),
		DigestSize:     ownOf(body, "merchant_abandoned_cart_digest_email_frequency", intOf(recovery.MinDigest, recovery.MaxDigest)),
	}
}

func ownOf[T any](body value, name string, read func(value) T) recovery.Own[T] {
	return recovery.Own[T]{Given: body.has(name), To: optional(body.get(name), read)}
}
