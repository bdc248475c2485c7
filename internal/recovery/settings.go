package recovery

import (
	"cartwright/internal/cart"
	"cartwright/internal/merchant"
)

// How the merchant is told of abandoned carts (spec/02 §7).
const (
	Individual = "individual" // one mail for each
	Digest     = "digest"     // one mail for every so many
)

// Frequencies lists them.
var Frequencies = []string{Individual, Digest}

// The bounds of the settings (spec/02 §3.1).
const (
	MinDigest        = 2
	MaxDigest        = 1000
	MaxMerchantEmail = 500 // characters
)

// Settings say who gets mail about abandoned carts (spec/02 §3.1).
type Settings struct {
	// Notify is the master switch of the mails to shoppers.
	Notify bool `json:"enable_notification"`
	// UntilRecovered sends every mail of the sequence; without it the first is
	// the only one.
	UntilRecovered bool `json:"email_customer_until_cart_is_recovered"`
	// RequireConsent writes only to those who agreed to it.
	RequireConsent bool `json:"marketing_emails_require_customer_consent"`
	TellConverted  bool `json:"email_merchant_when_cart_is_converted"`
	TellAbandoned  bool `json:"email_merchant_when_cart_is_abandoned"`
	// MerchantEmail is who gets the mails to the merchant; "" is nobody.
	MerchantEmail string `json:"merchant_email_address"`
	Frequency     string `json:"merchant_abandoned_cart_email_frequency_type"`
	// DigestSize is how many abandoned carts make a digest.
	DigestSize int64 `json:"merchant_abandoned_cart_digest_email_frequency"`
}

// DefaultSettings are those of a store that never set any. The merchant is
// whoever its mail comes from.
func DefaultSettings(s *merchant.Store) Settings {
	out := Settings{Notify: true, UntilRecovered: true, Frequency: Individual, DigestSize: 10}
	if cart.ValidEmail(s.EmailFrom) {
		out.MerchantEmail = s.EmailFrom
	}
	return out
}

// Overrides are the settings of a channel that differ from the store's; nil is
// as the store has it (spec/02 §3.2).
type Overrides struct {
	Notify         *bool   `json:"enable_notification"`
	UntilRecovered *bool   `json:"email_customer_until_cart_is_recovered"`
	RequireConsent *bool   `json:"marketing_emails_require_customer_consent"`
	TellConverted  *bool   `json:"email_merchant_when_cart_is_converted"`
	TellAbandoned  *bool   `json:"email_merchant_when_cart_is_abandoned"`
	MerchantEmail  *string `json:"merchant_email_address"`
	Frequency      *string `json:"merchant_abandoned_cart_email_frequency_type"`
	DigestSize     *int64  `json:"merchant_abandoned_cart_digest_email_frequency"`
}

// With returns the settings as they count for a channel.
func (s Settings) With(o Overrides) Settings {
	override(&s.Notify, o.Notify)
	override(&s.UntilRecovered, o.UntilRecovered)
	override(&s.RequireConsent, o.RequireConsent)
	override(&s.TellConverted, o.TellConverted)
	override(&s.TellAbandoned, o.TellAbandoned)
	override(&s.MerchantEmail, o.MerchantEmail)
	override(&s.Frequency, o.Frequency)
	override(&s.DigestSize, o.DigestSize)
	return s
}

func override[T any](place, own *T) {
	if own != nil {
		*place = *own
	}
}

// Own is a channel's own setting as a request gives it. It is left as it is
// unless Given; nil then takes it away.
type Own[T any] struct {
	Given bool
	To    *T
}

// OverridesChange is what a request says of a channel's settings.
type OverridesChange struct {
	Notify, UntilRecovered, RequireConsent, TellConverted, TellAbandoned Own[bool]

	MerchantEmail, Frequency Own[string]
	DigestSize               Own[int64]
}

// apply changes overrides and reports whether they are others now.
func (o *Overrides) apply(c OverridesChange) bool {
	changed := []bool{
		put(&o.Notify, c.Notify), put(&o.UntilRecovered, c.UntilRecovered), put(&o.RequireConsent, c.RequireConsent),
		put(&o.TellConverted, c.TellConverted), put(&o.TellAbandoned, c.TellAbandoned),
		put(&o.MerchantEmail, c.MerchantEmail), put(&o.Frequency, c.Frequency), put(&o.DigestSize, c.DigestSize),
	}
	for _, yes := range changed {
		if yes {
			return true
		}
	}
	return false
}

// put writes one setting and reports whether it is another now.
func put[T comparable](place **T, own Own[T]) bool {
	before := *place
	if !own.Given || before == nil && own.To == nil || before != nil && own.To != nil && *before == *own.To {
		return false
	}
	*place = own.To
	return true
}

// Channel is what a channel has of its own.
type Channel struct {
	Overrides Overrides `json:"overrides,omitzero"`
	// OwnTemplates says that the channel sends its own set of mails, not the
	// store's: the vendor's use_global turned round (spec/03 §4).
	OwnTemplates bool `json:"own_templates,omitempty"`
}
