// Package merchant holds a store and how it is set up: channels, sites and
// routes, currencies, gift wrapping, cart settings, users and API tokens.
//
// A Store is one small aggregate, kept as one row with a revision, and held in
// memory by every server as an immutable value. Update it through
// Service.Update, which is a compare-and-swap; never change a Store that was
// read.
package merchant

import (
	"time"

	"cartwright/internal/money"
)

// DefaultChannel is the channel every store has and cannot lose (spec/05 §4).
const DefaultChannel int64 = 1

// Store is one shop with its set-up.
type Store struct {
	// Hash is the permanent, opaque name of the store in every path.
	Hash      string    `json:"hash"`
	Name      string    `json:"name"`
	EmailFrom string    `json:"email_from,omitempty"`
	Suspended bool      `json:"suspended,omitempty"`
	Created   time.Time `json:"created"`
	// Revision moves with every change; a stale write is refused.
	Revision int64 `json:"-"`

	// PricesIncludeTax says that catalog prices are entered with tax.
	PricesIncludeTax bool `json:"prices_include_tax,omitempty"`

	Channels     []Channel    `json:"channels"`
	Sites        []Site       `json:"sites,omitempty"`
	Currencies   []Currency   `json:"currencies"`
	GiftWraps    []GiftWrap   `json:"gift_wraps,omitempty"`
	CartSettings CartSettings `json:"cart_settings"`
	// Checkout are settings of checkouts that clients keep here.
	Checkout AllCheckoutSettings `json:"checkout,omitzero"`

	// ShippingSet says that Zones are what the merchant made of them. A store
	// without it ships everywhere for nothing.
	ShippingSet bool           `json:"shipping_set,omitempty"`
	Zones       []ShippingZone `json:"shipping_zones,omitempty"`
	Pickups     []PickupMethod `json:"pickup_methods,omitempty"`
	Tax         Tax            `json:"tax,omitzero"`

	// LastIDs holds the last integer id given out of each kind inside this
	// aggregate, so that ids are never used twice.
	LastIDs map[string]int64 `json:"last_ids"`
}

// Channel is a place where the store sells (spec/05 §4).
type Channel struct {
	ID            int64     `json:"id"`
	Name          string    `json:"name"`
	Type          string    `json:"type"`
	Platform      string    `json:"platform"`
	Status        string    `json:"status"`
	ExternalID    string    `json:"external_id,omitempty"`
	IconURL       string    `json:"icon_url,omitempty"`
	ListableInUI  bool      `json:"is_listable_from_ui"`
	Visible       bool      `json:"is_visible"`
	ConfigMeta    string    `json:"config_meta,omitempty"` // raw JSON of the client's
	DefaultLocale string    `json:"default_locale,omitempty"`
	Created       time.Time `json:"date_created"`
	Modified      time.Time `json:"date_modified"`

	// Currencies is nil while the channel uses every enabled currency.
	Currencies *CurrencyAssignment `json:"currencies,omitempty"`
}

// CurrencyAssignment narrows a channel to some currencies.
type CurrencyAssignment struct {
	Enabled []string `json:"enabled_currencies"`
	Default string   `json:"default_currency"`
}

// Site is the web address of a channel (spec/05 §5).
type Site struct {
	ID          int64     `json:"id"`
	ChannelID   int64     `json:"channel_id"`
	URL         string    `json:"url"`
	CheckoutURL string    `json:"checkout_url,omitempty"`
	Created     time.Time `json:"created_at"`
	Modified    time.Time `json:"updated_at"`
	Routes      []Route   `json:"routes,omitempty"`
}

// Route is where a headless site shows a kind of page.
type Route struct {
	ID       int64     `json:"id"`
	Type     string    `json:"type"`
	Matching string    `json:"matching"`
	Route    string    `json:"route"`
	Created  time.Time `json:"created_at"`
	Modified time.Time `json:"updated_at"`
}

// Currency is a currency the store knows (spec/05 §6).
type Currency struct {
	ID             int64      `json:"id"`
	Code           string     `json:"currency_code"`
	Name           string     `json:"name"`
	Rate           money.Rate `json:"currency_exchange_rate"`
	Default        bool       `json:"is_default,omitempty"`
	Enabled        bool       `json:"enabled"`
	Transactional  bool       `json:"is_transactional"`
	AutoUpdate     bool       `json:"auto_update,omitempty"`
	Country        string     `json:"country_iso2,omitempty"`
	DefaultFor     []string   `json:"default_for_country_codes,omitempty"`
	TokenLocation  string     `json:"token_location"` // left, right
	Token          string     `json:"token"`
	DecimalToken   string     `json:"decimal_token"`
	ThousandsToken string     `json:"thousands_token"`
	DecimalPlaces  int        `json:"decimal_places"`
	UseDefaultName bool       `json:"use_default_name,omitempty"`
	LastUpdated    time.Time  `json:"last_updated"`
	// Deleted says that the API does not show it any more; carts in it go on.
	Deleted bool `json:"deleted,omitempty"`
}

// GiftWrap is a kind of gift wrapping the store offers. Price is per wrapping,
// in the default currency.
type GiftWrap struct {
	ID            int64        `json:"id"`
	Name          string       `json:"name"`
	Price         money.Amount `json:"price"`
	Visible       bool         `json:"is_visible"`
	AllowComments bool         `json:"allow_comments"`
	PreviewImage  string       `json:"preview_image,omitempty"`
	// Deleted says that nobody can choose it any more; lines that are wrapped
	// in it stay so.
	Deleted bool `json:"deleted,omitempty"`
}

// CartSettings says whether carts may be filled, for the store and for
// channels that differ from it (spec/01 §15).
type CartSettings struct {
	AllowPurchasing bool           `json:"allow_purchasing"`
	Channels        map[int64]bool `json:"channels,omitempty"`
}

// Channel returns the channel with this id, or nil.
func (s *Store) Channel(id int64) *Channel {
	for i := range s.Channels {
		if s.Channels[i].ID == id {
			return &s.Channels[i]
		}
	}
	return nil
}

// Site returns the site with this id, or nil.
func (s *Store) Site(id int64) *Site {
	for i := range s.Sites {
		if s.Sites[i].ID == id {
			return &s.Sites[i]
		}
	}
	return nil
}

// SiteOf returns the site of a channel, or nil.
func (s *Store) SiteOf(channel int64) *Site {
	for i := range s.Sites {
		if s.Sites[i].ChannelID == channel {
			return &s.Sites[i]
		}
	}
	return nil
}

// Currency returns the currency with this upper-case code, or nil. It may be
// deleted by now, and is then not enabled.
func (s *Store) Currency(code string) *Currency {
	for i := range s.Currencies {
		if s.Currencies[i].Code == code {
			return &s.Currencies[i]
		}
	}
	return nil
}

// DefaultCurrency returns the store's default currency.
func (s *Store) DefaultCurrency() *Currency {
	for i := range s.Currencies {
		if s.Currencies[i].Default {
			return &s.Currencies[i]
		}
	}
	return &s.Currencies[0]
}

// ChannelCurrency returns the default currency of a channel.
func (s *Store) ChannelCurrency(channel int64) *Currency {
	if c := s.Channel(channel); c != nil && c.Currencies != nil {
		if cur := s.Currency(c.Currencies.Default); cur != nil {
			return cur
		}
	}
	return s.DefaultCurrency()
}

// GiftWrap returns the gift wrapping with this id, or nil. It may be deleted
// by now.
func (s *Store) GiftWrap(id int64) *GiftWrap {
	for i := range s.GiftWraps {
		if s.GiftWraps[i].ID == id {
			return &s.GiftWraps[i]
		}
	}
	return nil
}

// AllowPurchasing returns the effective setting of a channel.
func (s *Store) AllowPurchasing(channel int64) bool {
	if v, ok := s.CartSettings.Channels[channel]; ok {
		return v
	}
	return s.CartSettings.AllowPurchasing
}

// NextID gives out the next integer id of a kind.
func (s *Store) NextID(kind string) int64 {
	if s.LastIDs == nil {
		s.LastIDs = map[string]int64{}
	}
	s.LastIDs[kind]++
	return s.LastIDs[kind]
}
