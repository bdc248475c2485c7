package merchant

import (
	"slices"
	"strings"
	"time"

	"cartwright/internal/money"
)

// The tax classes that every store has. More can be made over the API.
const (
	DefaultTaxClass    int64 = 0
	NonTaxableTaxClass int64 = 1
	ShippingTaxClass   int64 = 2
	WrappingTaxClass   int64 = 3
)

// DefaultTaxZone is the zone of every shopper who is in no other. It cannot be
// deleted, and has no rates until it is given some: no tax.
const DefaultTaxZone int64 = 1

// Tax is how a store charges tax. The zero value charges none.
type Tax struct {
	// Classes are those that the store added or renamed.
	Classes []TaxClass `json:"classes,omitempty"`
	// Zones are empty until one is changed: there is the default one, then.
	Zones []TaxZone   `json:"zones,omitempty"`
	Rates []TaxRate   `json:"rates,omitempty"`
	Shown TaxSettings `json:"settings,omitzero"`
}

// TaxClass groups products that are taxed alike.
type TaxClass struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	Created  time.Time `json:"created_at,omitzero"`
	Modified time.Time `json:"updated_at,omitzero"`
}

// TaxZone is a part of the world, or of the shoppers, with taxes of its own.
type TaxZone struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
	// Display is kept for the client; prices are shown as they are entered.
	Display TaxDisplay `json:"price_display_settings,omitzero"`
	// Locations and Groups say whom the zone is for; no groups are all.
	Locations []TaxLocation `json:"locations,omitempty"`
	Groups    []int64       `json:"customer_groups,omitempty"`
}

// TaxDisplay says how prices are shown to shoppers of a zone.
type TaxDisplay struct {
	Inclusive    bool `json:"show_inclusive,omitempty"`
	BothOnDetail bool `json:"show_both_on_detail_view,omitempty"`
	BothOnList   bool `json:"show_both_on_list_view,omitempty"`
}

// TaxLocation is a country, or some states or postal codes of it.
type TaxLocation struct {
	Country string   `json:"country_code"`
	States  []string `json:"subdivision_codes,omitempty"`
	Zips    []string `json:"postal_codes,omitempty"`
}

// TaxRate is one tax of a zone.
type TaxRate struct {
	ID      int64  `json:"id"`
	ZoneID  int64  `json:"tax_zone_id"`
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
	// Priority compounds: a tax is charged on those of lower numbers too.
	Priority int64       `json:"priority"`
	Classes  []ClassRate `json:"class_rates"`
}

// ClassRate is the per cent that a tax takes of one class, written like an
// amount: 8.25 % is 8.25.
type ClassRate struct {
	ClassID int64        `json:"tax_class_id"`
	Rate    money.Amount `json:"rate"`
}

// TaxSettings are kept for the client and have no effect.
type TaxSettings struct {
	InclusiveInPanel bool   `json:"show_inclusive_in_control_panel,omitempty"`
	InvoiceStrategy  string `json:"invoice_price_display_strategy,omitempty"` // "" is ZONE
	Fallback         string `json:"fallback_strategy,omitempty"`              // "" is FIXED
}

// Of returns the per cent that the tax takes of a class.
func (r *TaxRate) Of(class int64) money.Amount {
	for _, c := range r.Classes {
		if c.ClassID == class {
			return c.Rate
		}
	}
	return 0
}

// builtInClasses are there in every store; names can be changed.
var builtInClasses = []TaxClass{
	{ID: DefaultTaxClass, Name: "Default Tax Class"}, {ID: NonTaxableTaxClass, Name: "Non-Taxable Products"},
	{ID: ShippingTaxClass, Name: "Shipping"}, {ID: WrappingTaxClass, Name: "Gift Wrapping"},
}

// TaxClasses returns the tax classes by id.
func (s *Store) TaxClasses() []TaxClass {
	out := make([]TaxClass, 0, len(builtInClasses)+len(s.Tax.Classes))
	for _, c := range builtInClasses {
		c.Created, c.Modified = s.Created, s.Created
		if own := s.ownClass(c.ID); own != nil {
			c = *own
		}
		out = append(out, c)
	}
	for _, c := range s.Tax.Classes {
		if c.ID > WrappingTaxClass {
			out = append(out, c)
		}
	}
	return out
}

func (s *Store) ownClass(id int64) *TaxClass {
	for i := range s.Tax.Classes {
		if s.Tax.Classes[i].ID == id {
			return &s.Tax.Classes[i]
		}
	}
	return nil
}

// HasTaxClass reports whether there is a tax class with this id.
func (s *Store) HasTaxClass(id int64) bool {
	return id >= DefaultTaxClass && id <= WrappingTaxClass || s.ownClass(id) != nil
}

var defaultTaxZones = []TaxZone{{ID: DefaultTaxZone, Name: "Default Tax Zone", Enabled: true}}

// TaxZones returns the tax zones, the default one first. They must not be
// changed.
func (s *Store) TaxZones() []TaxZone {
	if len(s.Tax.Zones) == 0 {
		return defaultTaxZones
	}
	return s.Tax.Zones
}

// TaxesAt returns the taxes of a place for shoppers of a group, lowest priority
// first. The most precise zone holds: by postal code, by state, by country, by
// group alone, the default one.
func (s *Store) TaxesAt(p Place, group int64) []*TaxRate {
	if len(s.Tax.Rates) == 0 {
		return nil
	}
	var zone *TaxZone
	best := -1
	zones := s.TaxZones()
	for i := range zones {
		if fit := zones[i].fit(p, group); fit > best {
			zone, best = &zones[i], fit
		}
	}
	if zone == nil {
		return nil
	}
	var out []*TaxRate
	for i := range s.Tax.Rates {
		if r := &s.Tax.Rates[i]; r.Enabled && r.ZoneID == zone.ID {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *TaxRate) int { return int(a.Priority - b.Priority) })
	return out
}

// fit says how precisely a zone is for a shopper; -1 is not at all.
func (z *TaxZone) fit(p Place, group int64) int {
	switch {
	case !z.Enabled:
		return -1
	case z.ID == DefaultTaxZone:
		return 0
	case len(z.Groups) > 0 && !slices.Contains(z.Groups, group):
		return -1
	case len(z.Locations) == 0 && len(z.Groups) > 0:
		return 1
	}
	best := -1
	for _, l := range z.Locations {
		best = max(best, l.fit(p))
	}
	return best
}

func (l TaxLocation) fit(p Place) int {
	same := func(code string) bool { return strings.EqualFold(code, p.State) }
	zip := func(code string) bool { return matchesZip(code, p.Zip) }
	switch {
	case !strings.EqualFold(l.Country, p.Country):
		return -1
	case len(l.Zips) > 0:
		if slices.ContainsFunc(l.Zips, zip) && (len(l.States) == 0 || slices.ContainsFunc(l.States, same)) {
			return 4
		}
		return -1
	case len(l.States) > 0:
		if slices.ContainsFunc(l.States, same) {
			return 3
		}
		return -1
	}
	return 2
}
