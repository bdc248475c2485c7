package merchant

import "cartwright/internal/fault"

// The settings of checkouts that a client may keep here (spec/05 §1.8). They
// are stored and shown, and have no effect: they are about the vendor's own
// checkout page. Those of channels alone come second.
var (
	CheckoutTexts = []string{"custom_checkout_script_url", "custom_order_confirmation_script_url", "custom_checkout_sri_hash",
		"custom_order_confirmation_sri_hash"}
	CheckoutFlags = []string{"order_confirmation_use_custom_checkout_script", "custom_checkout_supports_uco_settings"}

	ChannelCheckoutTexts = []string{"checkout_type", "guest_checkout_type", "guest_checkout_for_existing_accounts", "policy_consent",
		"order_confirmation_contact_email", "order_terms_and_conditions_type", "order_terms_and_conditions_link",
		"order_terms_and_conditions_textarea"}
	ChannelCheckoutFlags = []string{"is_order_terms_and_conditions_enabled", "should_redirect_to_storefront_for_auth"}
)

// CheckoutSettings are settings by name. What is not there is "" and false, or,
// for a channel, as the store has it.
type CheckoutSettings struct {
	Texts map[string]string `json:"texts,omitempty"`
	Flags map[string]bool   `json:"flags,omitempty"`
}

// AllCheckoutSettings are those of the store and of channels that differ.
type AllCheckoutSettings struct {
	CheckoutSettings

	Channels map[int64]CheckoutSettings `json:"channels,omitempty"`
}

// CheckoutChange is a change of settings: those that it names, where nil takes
// the setting away.
type CheckoutChange struct {
	Texts map[string]*string
	Flags map[string]*bool
}

func (c *CheckoutSettings) apply(change CheckoutChange) {
	applyTo(&c.Texts, change.Texts)
	applyTo(&c.Flags, change.Flags)
}

func applyTo[T any](settings *map[string]T, change map[string]*T) {
	for name, v := range change {
		if v == nil {
			delete(*settings, name)
			continue
		}
		if *settings == nil {
			*settings = map[string]T{}
		}
		(*settings)[name] = *v
	}
}

// SetCheckout changes the store's settings of checkouts.
func (s *Store) SetCheckout(change CheckoutChange) { s.Checkout.apply(change) }

// SetChannelCheckout changes the settings of a channel's checkouts.
func (s *Store) SetChannelCheckout(channel int64, change CheckoutChange) error {
	if s.Channel(channel) == nil {
		return fault.Field("channel_id", fault.ExpectedEnum)
	}
	own := s.Checkout.Channels[channel]
	own.apply(change)
	if s.Checkout.Channels == nil {
		s.Checkout.Channels = map[int64]CheckoutSettings{}
	}
	s.Checkout.Channels[channel] = own
	return nil
}

// CheckoutText returns a setting as it counts for a channel; 0 is the store.
func (s *Store) CheckoutText(channel int64, name string) string {
	if v, own := s.Checkout.Channels[channel].Texts[name]; own {
		return v
	}
	return s.Checkout.Texts[name]
}

// CheckoutFlag returns a setting as it counts for a channel; 0 is the store.
func (s *Store) CheckoutFlag(channel int64, name string) bool {
	if v, own := s.Checkout.Channels[channel].Flags[name]; own {
		return v
	}
	return s.Checkout.Flags[name]
}
