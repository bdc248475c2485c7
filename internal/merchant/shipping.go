package merchant

import (
	"slices"
	"strings"
	"time"

	"cartwright/internal/money"
)

// ZoneType says what the locations of a shipping zone name.
type ZoneType string

// The types of shipping zones. The more precise one wins where several fit an
// address.
const (
	ZoneZip     ZoneType = "zip"
	ZoneState   ZoneType = "state"
	ZoneCountry ZoneType = "country"
	ZoneGlobal  ZoneType = "global"
)

// ZoneTypes are the types of shipping zones, the most precise first.
var ZoneTypes = []string{string(ZoneZip), string(ZoneState), string(ZoneCountry), string(ZoneGlobal)}

// MethodType says how a shipping method finds its price.
type MethodType string

// The types of shipping methods. The vendor's carriers are not among them:
// their prices would have to be asked for over the network.
const (
	PerOrder MethodType = "perorder"
	PerItem  MethodType = "peritem"
	ByWeight MethodType = "weight"
	ByTotal  MethodType = "total"
	ForFree  MethodType = "freeshipping"
)

// MethodTypes are the types of shipping methods.
var MethodTypes = []string{string(PerOrder), string(PerItem), string(ByWeight), string(ByTotal), string(ForFree)}

// ShippingZone is a part of the world with its ways of shipping. Amounts are
// in the default currency, weights in the unit that the catalog uses.
type ShippingZone struct {
	ID        int64              `json:"id"`
	Name      string             `json:"name"`
	Type      ZoneType           `json:"type"`
	Locations []ShippingLocation `json:"locations,omitempty"`
	// Free adds an option that costs nothing.
	Free     FreeShipping     `json:"free_shipping,omitzero"`
	Handling HandlingFee      `json:"handling_fees,omitzero"`
	Enabled  bool             `json:"enabled"`
	Methods  []ShippingMethod `json:"methods,omitempty"`
}

// ShippingLocation is a country, a state of it, or postal codes in it. Zip may
// hold * for any characters and ? for one.
type ShippingLocation struct {
	ID      int64  `json:"id"`
	Zip     string `json:"zip,omitempty"`
	Country string `json:"country_iso2"`
	State   string `json:"state_iso2,omitempty"`
}

// FreeShipping is shipping for nothing from a subtotal on.
type FreeShipping struct {
	Enabled bool         `json:"enabled,omitempty"`
	Minimum money.Amount `json:"minimum_sub_total,omitempty"`
	// ExcludeFixed is kept for the client; there are no products with a fixed
	// price of shipping.
	ExcludeFixed bool `json:"exclude_fixed_shipping_products,omitempty"`
}

// HandlingFee is what is asked for packing: an amount, or per cent of the
// shipping cost when ByPercent.
type HandlingFee struct {
	Surcharge money.Amount `json:"surcharge,omitempty"`
	ByPercent bool         `json:"by_percent,omitempty"`
	// Hidden says that a zone's fees are part of the shipping cost that shoppers
	// see, instead of standing beside it.
	Hidden bool `json:"hidden,omitempty"`
}

// ShippingMethod is one way of shipping into a zone.
type ShippingMethod struct {
	ID      int64          `json:"id"`
	Name    string         `json:"name"`
	Type    MethodType     `json:"type"`
	Rates   MethodSettings `json:"settings,omitzero"`
	Enabled bool           `json:"enabled"`
	// Handling is the method's own fee; the zone's applies where it is zero.
	Handling HandlingFee `json:"handling_fees,omitzero"`
	Fallback bool        `json:"is_fallback,omitempty"` // kept for the client
	// Channels are those that offer it; nil is every one.
	Channels []int64 `json:"channel_ids"`
}

// MethodSettings are the prices of a method: Rate for flat ones, the rest for
// tables.
type MethodSettings struct {
	Rate money.Amount `json:"rate,omitempty"`
	// Default is the price where no range fits; nil lets the method not be
	// offered there. It is per cent of the total when DefaultPercent.
	Default        *money.Amount `json:"default_cost,omitempty"`
	DefaultPercent bool          `json:"default_percent,omitempty"`
	Ranges         []Range       `json:"range,omitempty"`
}

// Range is one row of a table, of weights or of totals.
type Range struct {
	Lower money.Amount `json:"lower_limit"`
	Upper money.Amount `json:"upper_limit"`
	Cost  money.Amount `json:"shipping_cost"`
}

// Row returns the price of the row that holds x. Where rows meet, the upper one
// holds; the upper limit itself belongs to a row that none follows.
func (m MethodSettings) Row(x money.Amount) (money.Amount, bool) {
	for _, r := range m.Ranges {
		if r.Lower <= x && x < r.Upper {
			return r.Cost, true
		}
	}
	for _, r := range m.Ranges {
		if x == r.Upper && r.Lower <= x {
			return r.Cost, true
		}
	}
	return 0, false
}

// Offered reports whether a channel offers the method.
func (m *ShippingMethod) Offered(channel int64) bool {
	return m.Enabled && (m.Channels == nil || slices.Contains(m.Channels, channel))
}

// PickupMethod is a place where shoppers can collect what they bought.
type PickupMethod struct {
	ID           int64     `json:"id"`
	LocationID   int64     `json:"location_id"`
	Name         string    `json:"display_name"`
	Instructions string    `json:"collection_instructions,omitempty"`
	Hours        string    `json:"collection_time_description,omitempty"`
	Created      time.Time `json:"date_created"`
	Modified     time.Time `json:"date_modified"`
}

// everywhere is how a store ships that set nothing up: for nothing, to
// everywhere, so that a cart can become an order at once.
var everywhere = []ShippingZone{{ID: 1, Name: "Everywhere", Type: ZoneGlobal, Enabled: true,
	Methods: []ShippingMethod{{ID: 1, Name: "Free Shipping", Type: ForFree, Enabled: true}}}}

// ShippingZones returns the zones of the store. They must not be changed.
func (s *Store) ShippingZones() []ShippingZone {
	if !s.ShippingSet {
		return everywhere
	}
	return s.Zones
}

// ShippingZone returns the zone with this id, or nil. It must not be changed.
func (s *Store) ShippingZone(id int64) *ShippingZone { return zoneWith(s.ShippingZones(), id) }

func zoneWith(zones []ShippingZone, id int64) *ShippingZone {
	for i := range zones {
		if zones[i].ID == id {
			return &zones[i]
		}
	}
	return nil
}

// Method returns the method with this id, or nil.
func (z *ShippingZone) Method(id int64) *ShippingMethod {
	for i := range z.Methods {
		if z.Methods[i].ID == id {
			return &z.Methods[i]
		}
	}
	return nil
}

// Pickup returns the pick-up method with this id, or nil.
func (s *Store) Pickup(id int64) *PickupMethod {
	for i := range s.Pickups {
		if s.Pickups[i].ID == id {
			return &s.Pickups[i]
		}
	}
	return nil
}

// Place is where something is sent, as far as zones ask.
type Place struct {
	Country string // ISO 3166, two upper-case letters
	State   string // its code, or its name where there is no code
	Zip     string
}

// ZoneFor returns the zone that a place is in, or nil: the most precise one
// that is enabled, and of those the first.
func (s *Store) ZoneFor(p Place) *ShippingZone {
	zones := s.ShippingZones()
	for _, kind := range ZoneTypes {
		for i := range zones {
			if z := &zones[i]; z.Enabled && z.Type == ZoneType(kind) && z.holds(p) {
				return z
			}
		}
	}
	return nil
}

func (z *ShippingZone) holds(p Place) bool {
	if z.Type == ZoneGlobal {
		return true
	}
	return slices.ContainsFunc(z.Locations, func(l ShippingLocation) bool {
		if !strings.EqualFold(l.Country, p.Country) {
			return false
		}
		switch z.Type {
		case ZoneState:
			return strings.EqualFold(l.State, p.State)
		case ZoneZip:
			return matchesZip(l.Zip, p.Zip)
		}
		return true
	})
}

// matchesZip compares postal codes without their blanks, in one case.
func matchesZip(pattern, zip string) bool {
	return matches(plainZip(pattern), plainZip(zip))
}

func plainZip(s string) string { return strings.ToUpper(strings.ReplaceAll(s, " ", "")) }

// matches compares a text with a pattern in which * stands for any characters
// and ? for one.
func matches(pattern, s string) bool {
	star, mark, i, j := -1, 0, 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == s[j]):
			i, j = i+1, j+1
		case star >= 0: // let the last * take one more
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}
