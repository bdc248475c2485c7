package httpapi

import (
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

type shippingZoneJSON struct {
	ID        int64                  `json:"id"`
	Name      string                 `json:"name"`
	Type      merchant.ZoneType      `json:"type"`
	Locations []shippingLocationJSON `json:"locations"`
	Free      freeShippingJSON       `json:"free_shipping"`
	Handling  handlingJSON           `json:"handling_fees"`
	Enabled   bool                   `json:"enabled"`
}

type shippingLocationJSON struct {
	ID      int64  `json:"id"`
	Zip     string `json:"zip,omitempty"`
	Country string `json:"country_iso2"`
	State   string `json:"state_iso2,omitempty"`
}

type freeShippingJSON struct {
	Enabled      bool   `json:"enabled"`
	Minimum      string `json:"minimum_sub_total"`
	ExcludeFixed bool   `json:"exclude_fixed_shipping_products"`
}

// handlingJSON has one of the two surcharges. Only a zone says whether fees are
// shown.
type handlingJSON struct {
	Fixed    string `json:"fixed_surcharge,omitempty"`
	Percent  string `json:"percentage_surcharge,omitempty"`
	Separate *bool  `json:"display_separately,omitempty"`
}

func handlingOf(f merchant.HandlingFee) handlingJSON {
	if f.ByPercent {
		return handlingJSON{Percent: f.Surcharge.String()}
	}
	return handlingJSON{Fixed: f.Surcharge.String()}
}

func shippingZoneOf(z *merchant.ShippingZone) shippingZoneJSON {
	separate := !z.Handling.Hidden
	j := shippingZoneJSON{
		ID: z.ID, Name: z.Name, Type: z.Type, Locations: make([]shippingLocationJSON, len(z.Locations)),
		Free:     freeShippingJSON{z.Free.Enabled, z.Free.Minimum.Fixed(4), z.Free.ExcludeFixed},
		Handling: handlingOf(z.Handling), Enabled: z.Enabled,
	}
	j.Handling.Separate = &separate
	for i, l := range z.Locations {
		j.Locations[i] = shippingLocationJSON(l)
	}
	return j
}

type shippingMethodJSON struct {
	ID       int64               `json:"id"`
	Name     string              `json:"name"`
	Type     merchant.MethodType `json:"type"`
	Settings any                 `json:"settings"`
	Enabled  bool                `json:"enabled"`
	Handling handlingJSON        `json:"handling_fees"`
	Fallback bool                `json:"is_fallback"`
	Channels []int64             `json:"channel_ids"`
}

type flatSettingsJSON struct {
	Rate money.Amount `json:"rate"`
}

type tableSettingsJSON struct {
	Default     *money.Amount    `json:"default_cost"`
	DefaultType string           `json:"default_cost_type"`
	Ranges      []merchant.Range `json:"range"`
}

// The kinds of a table's default cost.
const (
	fixedAmount       = "fixed_amount"
	percentageOfTotal = "percentage_of_total"
)

// shippingMethodOf shows a method. The channels of one that all offer are all.
func shippingMethodOf(s *merchant.Store, m *merchant.ShippingMethod) shippingMethodJSON {
	j := shippingMethodJSON{ID: m.ID, Name: m.Name, Type: m.Type, Enabled: m.Enabled, Handling: handlingOf(m.Handling),
		Fallback: m.Fallback, Channels: m.Channels}
	switch m.Type {
	case merchant.PerOrder, merchant.PerItem:
		j.Settings = flatSettingsJSON{m.Rates.Rate}
	case merchant.ByWeight, merchant.ByTotal:
		t := tableSettingsJSON{Default: m.Rates.Default, DefaultType: fixedAmount, Ranges: m.Rates.Ranges}
		if m.Rates.DefaultPercent {
			t.DefaultType = percentageOfTotal
		}
		if t.Ranges == nil {
			t.Ranges = []merchant.Range{}
		}
		j.Settings = t
	default:
		j.Settings = struct{}{}
	}
	if j.Channels == nil {
		for i := range s.Channels {
			if c := &s.Channels[i]; !c.Gone() {
				j.Channels = append(j.Channels, c.ID)
			}
		}
	}
	return j
}

// readNewShippingZone reads a zone with everything that a new one needs.
func readNewShippingZone(v value) merchant.ZoneFields {
	v.get("name").required()
	v.get("type").required()
	return readShippingZone(v)
}

func readShippingZone(v value) merchant.ZoneFields {
	v.object()
	return merchant.ZoneFields{
		Name:      optional(v.get("name"), textOf(1, 255)),
		Type:      optional(v.get("type"), func(v value) merchant.ZoneType { return merchant.ZoneType(v.oneOf(merchant.ZoneTypes...)) }),
		Locations: optional(v.get("locations"), readShippingLocations),
		Free:      optional(v.get("free_shipping"), readFreeShipping),
		Handling:  optional(v.get("handling_fees"), readHandling),
		Enabled:   optional(v.get("enabled"), value.bool),
	}
}

func readShippingLocations(v value) []merchant.ShippingLocation {
	var out []merchant.ShippingLocation
	for _, l := range v.bounded(merchant.MaxLocations) {
		out = append(out, merchant.ShippingLocation{
			Zip:     strings.TrimSpace(l.get("zip").text(0, 20)),
			Country: l.get("country_iso2").required().text(2, 2),
			State:   strings.TrimSpace(l.get("state_iso2").text(0, 50)),
		})
	}
	return out
}

func readFreeShipping(v value) merchant.FreeShipping {
	return merchant.FreeShipping{
		Enabled: v.get("enabled").bool(), Minimum: v.get("minimum_sub_total").amount(),
		ExcludeFixed: v.get("exclude_fixed_shipping_products").bool(),
	}
}

// readHandling reads a fee. One that names no surcharge is none.
func readHandling(v value) merchant.HandlingFee {
	f := merchant.HandlingFee{Surcharge: v.get("fixed_surcharge").amount()}
	if percent := v.get("percentage_surcharge"); !percent.null() {
		f.Surcharge, f.ByPercent = percent.percent(), true
	}
	if separate := v.get("display_separately"); !separate.null() {
		f.Hidden = !separate.bool()
	}
	return f
}

// percent reads a share of at most all of it.
func (v value) percent() money.Amount {
	p := v.amount()
	if p > 100*money.Unit {
		v.fail(fault.Max)
	}
	return p
}

// readNewShippingMethod reads a method with everything that a new one needs.
func readNewShippingMethod(v value) merchant.MethodFields {
	v.get("name").required()
	v.get("type").required()
	return readShippingMethod(v)
}

func readShippingMethod(v value) merchant.MethodFields {
	v.object()
	return merchant.MethodFields{
		Name:     optional(v.get("name"), textOf(1, 255)),
		Type:     optional(v.get("type"), func(v value) merchant.MethodType { return merchant.MethodType(v.oneOf(merchant.MethodTypes...)) }),
		Rates:    optional(v.get("settings"), readMethodSettings),
		Enabled:  optional(v.get("enabled"), value.bool),
		Handling: optional(v.get("handling_fees"), readHandling),
		Fallback: optional(v.get("is_fallback"), value.bool),
		Channels: optional(v.get("channel_ids"), readMethodChannels),
	}
}

func readMethodSettings(v value) merchant.MethodSettings {
	m := merchant.MethodSettings{
		Rate: v.get("rate").amount(), Default: optional(v.get("default_cost"), value.amount),
		DefaultPercent: v.get("default_cost_type").oneOf(fixedAmount, percentageOfTotal) == percentageOfTotal,
	}
	for _, row := range v.get("range").bounded(merchant.MaxRanges) {
		m.Ranges = append(m.Ranges, merchant.Range{
			Lower: row.get("lower_limit").required().amount(), Upper: row.get("upper_limit").required().amount(),
			Cost: row.get("shipping_cost").required().amount(),
		})
	}
	return m
}

// readMethodChannels reads a list of channels; an empty one is none, not all.
func readMethodChannels(v value) []int64 {
	out := []int64{}
	for _, id := range v.bounded(merchant.MaxChannels) {
		out = append(out, id.required().int(1, maxInt))
	}
	return out
}
