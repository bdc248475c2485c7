package merchant

import (
	"slices"
	"strconv"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// What one store may set up of shipping.
const (
	MaxZones           = 100
	MaxLocations       = 2000 // of all zones together
	MaxShippingMethods = 50   // of one zone
	MaxRanges          = 100  // of one method
)

// ZoneFields is what a request says of a shipping zone. Nil fields stay as
// they are; Locations replace those that are there.
type ZoneFields struct {
	Name      *string
	Type      *ZoneType
	Locations *[]ShippingLocation
	Free      *FreeShipping
	Handling  *HandlingFee
	Enabled   *bool
}

// MethodFields is what a request says of a shipping method. Nil fields stay as
// they are; Rates replace those that are there.
type MethodFields struct {
	Name     *string
	Type     *MethodType
	Rates    *MethodSettings
	Enabled  *bool
	Handling *HandlingFee
	Fallback *bool
	Channels *[]int64
}

// setShipping makes what a store has by default its own, so that it can be
// changed.
func (s *Store) setShipping() {
	if s.ShippingSet {
		return
	}
	s.ShippingSet = true
	s.Zones = slices.Clone(everywhere)
	s.Zones[0].ID, s.Zones[0].Methods = s.NextID("shipping_zone"), slices.Clone(everywhere[0].Methods)
	s.Zones[0].Methods[0].ID = s.NextID("shipping_method")
}

// AddShippingZone makes a zone without methods and returns its id.
func (s *Store) AddShippingZone(f ZoneFields) (int64, error) {
	s.setShipping()
	if len(s.Zones) >= MaxZones {
		return 0, fault.Newf(fault.Invalid, "A store can have at most %d shipping zones.", MaxZones)
	}
	z := ShippingZone{ID: s.NextID("shipping_zone"), Type: ZoneGlobal, Enabled: true}
	s.Zones = append(s.Zones, z)
	return z.ID, s.UpdateShippingZone(z.ID, f)
}

// UpdateShippingZone changes a zone. Carts that are sent there are priced anew.
func (s *Store) UpdateShippingZone(id int64, f ZoneFields) error {
	s.setShipping()
	z := zoneWith(s.Zones, id)
	if z == nil {
		return notFound()
	}
	set(&z.Name, f.Name)
	set(&z.Type, f.Type)
	set(&z.Free, f.Free)
	set(&z.Handling, f.Handling)
	set(&z.Enabled, f.Enabled)
	if f.Locations != nil {
		z.Locations = nil
		for _, l := range *f.Locations {
			l.Country, l.State = strings.ToUpper(l.Country), strings.ToUpper(l.State)
			l.ID = s.NextID("shipping_location")
			z.Locations = append(z.Locations, l)
		}
	}
	return s.checkZone(z)
}

// checkZone refuses locations that do not name what the type of their zone
// asks for.
func (s *Store) checkZone(z *ShippingZone) error {
	if z.Type == ZoneGlobal {
		z.Locations = nil
		return nil
	}
	if len(z.Locations) == 0 {
		return fault.Field("locations", fault.Missing)
	}
	total := 0
	for i := range s.Zones {
		total += len(s.Zones[i].Locations)
	}
	if total > MaxLocations {
		return fault.Field("locations", fault.MaxLength)
	}
	for i, l := range z.Locations {
		at := "locations." + strconv.Itoa(i)
		switch {
		case !IsCountry(l.Country):
			return fault.Field(at+".country_iso2", fault.ExpectedEnum)
		case z.Type == ZoneState && l.State == "":
			return fault.Field(at+".state_iso2", fault.Missing)
		case z.Type == ZoneZip && l.Zip == "":
			return fault.Field(at+".zip", fault.Missing)
		}
	}
	return nil
}

// RemoveShippingZone takes a zone away with its methods. Carts that chose one
// of them have to choose anew.
func (s *Store) RemoveShippingZone(id int64) error {
	s.setShipping()
	if zoneWith(s.Zones, id) == nil {
		return notFound()
	}
	s.Zones = slices.DeleteFunc(s.Zones, func(z ShippingZone) bool { return z.ID == id })
	return nil
}

// AddShippingMethod gives a zone a method and returns its id.
func (s *Store) AddShippingMethod(zone int64, f MethodFields) (int64, error) {
	s.setShipping()
	z := zoneWith(s.Zones, zone)
	if z == nil {
		return 0, notFound()
	}
	if len(z.Methods) >= MaxShippingMethods {
		return 0, fault.Newf(fault.Invalid, "A shipping zone can have at most %d methods.", MaxShippingMethods)
	}
	m := ShippingMethod{ID: s.NextID("shipping_method"), Type: ForFree, Enabled: true}
	z.Methods = append(z.Methods, m)
	return m.ID, s.UpdateShippingMethod(zone, m.ID, f)
}

// UpdateShippingMethod changes a method. Carts that chose it are priced anew.
func (s *Store) UpdateShippingMethod(zone, id int64, f MethodFields) error {
	s.setShipping()
	z := zoneWith(s.Zones, zone)
	if z == nil {
		return notFound()
	}
	m := z.Method(id)
	if m == nil {
		return notFound()
	}
	set(&m.Name, f.Name)
	set(&m.Type, f.Type)
	set(&m.Rates, f.Rates)
	set(&m.Enabled, f.Enabled)
	set(&m.Handling, f.Handling)
	set(&m.Fallback, f.Fallback)
	if f.Channels != nil {
		m.Channels = *f.Channels
	}
	return s.checkMethod(m)
}

func (s *Store) checkMethod(m *ShippingMethod) error {
	for i, id := range m.Channels {
		if s.Channel(id) == nil {
			return fault.Field("channel_ids."+strconv.Itoa(i), fault.ExpectedEnum)
		}
	}
	switch m.Type {
	case PerOrder, PerItem:
		m.Rates = MethodSettings{Rate: m.Rates.Rate}
	case ForFree:
		m.Rates = MethodSettings{}
	case ByWeight, ByTotal:
		m.Rates.Rate = 0
		for i, r := range m.Rates.Ranges {
			if r.Upper < r.Lower {
				return fault.Field("settings.range."+strconv.Itoa(i)+".upper_limit", fault.Min)
			}
		}
	}
	if m.Rates.DefaultPercent && m.Rates.Default != nil && *m.Rates.Default > 100*money.Unit {
		return fault.Field("settings.default_cost", fault.Max)
	}
	return nil
}

// RemoveShippingMethod takes a method away. Carts that chose it have to choose
// anew.
func (s *Store) RemoveShippingMethod(zone, id int64) error {
	s.setShipping()
	z := zoneWith(s.Zones, zone)
	if z == nil || z.Method(id) == nil {
		return notFound()
	}
	z.Methods = slices.DeleteFunc(z.Methods, func(m ShippingMethod) bool { return m.ID == id })
	return nil
}
