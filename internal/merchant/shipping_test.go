package merchant

import (
	"fmt"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// TestZoneFor finds the zone of a place: the most precise one that is enabled.
func TestZoneFor(t *testing.T) {
	s := shop(t)
	add := func(name string, kind ZoneType, locations ...ShippingLocation) int64 {
		id, err := s.AddShippingZone(ZoneFields{Name: &name, Type: &kind, Locations: &locations})
		must(t, err)
		return id
	}
	us := add("US", ZoneCountry, ShippingLocation{Country: "us"}, ShippingLocation{Country: "CA"})
	texas := add("Texas", ZoneState, ShippingLocation{Country: "US", State: "tx"})
	austin := add("Austin", ZoneZip, ShippingLocation{Country: "US", Zip: "787*"}, ShippingLocation{Country: "GB", Zip: "SW1A 1??"})
	off := add("Off", ZoneCountry, ShippingLocation{Country: "FR"})
	must(t, s.UpdateShippingZone(off, ZoneFields{Enabled: ptr(false)}))
	tests := map[string]struct {
		place Place
		want  int64
	}{
		"a postal code":                   {Place{"US", "TX", "78701"}, austin},
		"a postal code in another state":  {Place{"US", "NY", "78799"}, austin},
		"a postal code with a blank":      {Place{"GB", "", "sw1a1aa"}, austin},
		"a state":                         {Place{"US", "tx", "75001"}, texas},
		"a country":                       {Place{"US", "NY", "10001"}, us},
		"another country of the zone":     {Place{"CA", "", ""}, us},
		"everywhere":                      {Place{"DE", "BE", "10115"}, 1},
		"a zone that is switched off":     {Place{"FR", "", "75001"}, 1},
		"nowhere":                         {Place{}, 1},
		"a state of that name, elsewhere": {Place{"MX", "TX", ""}, 1},
	}
	for name, tc := range tests {
		if z := s.ZoneFor(tc.place); z == nil || z.ID != tc.want {
			t.Errorf("%s: %+v, want zone %d", name, z, tc.want)
		}
	}
	must(t, s.RemoveShippingZone(1))
	if z := s.ZoneFor(Place{Country: "DE"}); z != nil {
		t.Errorf("without a zone for everywhere: %+v", z)
	}
}

func TestMatches(t *testing.T) {
	tests := map[string]bool{
		"|": true, "*|": true, "*|abc": true, "a*|abc": true, "*c|abc": true, "a*c|abc": true, "a?c|abc": true, "a**c|abbbc": true, "*b*|abc": true,
		"|a": false, "?|": false, "a|ab": false, "ab|a": false, "a*d|abc": false, "??|a": false, "*ab|aab": true, "a*b*c|aXbXbX": false,
	}
	for in, want := range tests {
		for i := range in {
			if in[i] == '|' {
				if got := matches(in[:i], in[i+1:]); got != want {
					t.Errorf("matches(%q, %q) = %v", in[:i], in[i+1:], got)
				}
			}
		}
	}
}

func TestRows(t *testing.T) {
	unit := func(n int64) money.Amount { return money.Amount(n) * money.Unit }
	m := MethodSettings{Ranges: []Range{{unit(0), unit(5), 1}, {unit(5), unit(10), 2}, {unit(20), unit(49), 3}, {unit(50), unit(50), 4}}}
	for x, want := range map[money.Amount]money.Amount{0: 1, unit(5) - 1: 1, unit(5): 2, unit(10): 2, unit(10) + 1: 0, unit(20): 3, unit(49): 3, unit(50): 4, unit(51): 0} {
		if got, ok := m.Row(x); got != want || ok != (want != 0) {
			t.Errorf("Row(%s) = %d, %v, want %d", x, got, ok, want)
		}
	}
}

func TestShippingLife(t *testing.T) {
	s := shop(t)
	if zones := s.ShippingZones(); len(zones) != 1 || s.ShippingSet || zones[0].Methods[0].Type != ForFree {
		t.Fatalf("by default %+v", zones)
	}
	id, err := s.AddShippingMethod(1, MethodFields{Name: ptr("Post"), Type: ptr(PerOrder), Rates: &MethodSettings{Rate: 7, Ranges: []Range{{}}}})
	must(t, err)
	if m := s.ShippingZone(1).Method(id); id != 2 || m.Rates.Rate != 7 || m.Rates.Ranges != nil || !m.Offered(1) || !m.Offered(2) {
		t.Errorf("method %d = %+v", id, m)
	}
	must(t, s.UpdateShippingMethod(1, id, MethodFields{Channels: &[]int64{2}, Handling: &HandlingFee{Surcharge: 3}}))
	if m := s.ShippingZone(1).Method(id); m.Offered(1) || !m.Offered(2) || m.Name != "Post" || m.Handling.Surcharge != 3 {
		t.Errorf("changed: %+v", m)
	}
	must(t, s.RemoveShippingMethod(1, 1))
	must(t, s.UpdateShippingZone(1, ZoneFields{Name: ptr("World"), Free: &FreeShipping{Enabled: true, Minimum: 5}}))
	if z := s.ShippingZone(1); z.Name != "World" || len(z.Methods) != 1 || z.Free.Minimum != 5 {
		t.Errorf("zone = %+v", z)
	}
	must(t, s.RemoveShippingZone(1))
	if again, err := s.AddShippingZone(ZoneFields{Name: ptr("Again")}); err != nil || again != 2 {
		t.Errorf("the next zone is %d, %v", again, err)
	}
	if everywhere[0].Name != "Everywhere" || len(everywhere[0].Methods) != 1 {
		t.Errorf("another store's default changed: %+v", everywhere)
	}
}

func TestShippingRefusals(t *testing.T) {
	country := ptr(ZoneCountry)
	at := func(locations ...ShippingLocation) *[]ShippingLocation { return &locations }
	zone := func(f ZoneFields) func(*Store) error {
		return func(s *Store) error { return ids(s.AddShippingZone(f)) }
	}
	method := func(f MethodFields) func(*Store) error {
		return func(s *Store) error { return ids(s.AddShippingMethod(1, f)) }
	}
	tests := map[string]struct {
		do    func(*Store) error
		kind  fault.Kind
		field string
	}{
		"no locations":             {zone(ZoneFields{Type: country}), fault.Invalid, "locations"},
		"no country":               {zone(ZoneFields{Type: country, Locations: at(ShippingLocation{Country: "XX"})}), fault.Invalid, "locations.0.country_iso2"},
		"a continent":              {zone(ZoneFields{Type: country, Locations: at(ShippingLocation{Country: "US"}, ShippingLocation{Country: "150"})}), fault.Invalid, "locations.1.country_iso2"},
		"no state":                 {zone(ZoneFields{Type: ptr(ZoneState), Locations: at(ShippingLocation{Country: "US"})}), fault.Invalid, "locations.0.state_iso2"},
		"no postal code":           {zone(ZoneFields{Type: ptr(ZoneZip), Locations: at(ShippingLocation{Country: "US"})}), fault.Invalid, "locations.0.zip"},
		"too many locations":       {zone(ZoneFields{Type: country, Locations: ptr(make([]ShippingLocation, MaxLocations+1))}), fault.Invalid, "locations"},
		"another zone":             {func(s *Store) error { return s.UpdateShippingZone(9, ZoneFields{}) }, fault.NotFound, ""},
		"to delete another zone":   {func(s *Store) error { return s.RemoveShippingZone(9) }, fault.NotFound, ""},
		"a method elsewhere":       {func(s *Store) error { return ids(s.AddShippingMethod(9, MethodFields{})) }, fault.NotFound, ""},
		"another method":           {func(s *Store) error { return s.UpdateShippingMethod(1, 9, MethodFields{}) }, fault.NotFound, ""},
		"a method of another zone": {func(s *Store) error { return s.UpdateShippingMethod(9, 1, MethodFields{}) }, fault.NotFound, ""},
		"to delete another method": {func(s *Store) error { return s.RemoveShippingMethod(1, 9) }, fault.NotFound, ""},
		"a channel that is none":   {method(MethodFields{Channels: &[]int64{1, 7}}), fault.Invalid, "channel_ids.1"},
		"a range upside down":      {method(MethodFields{Type: ptr(ByTotal), Rates: &MethodSettings{Ranges: []Range{{}, {Lower: 2, Upper: 1}}}}), fault.Invalid, "settings.range.1.upper_limit"},
		"more than all of it":      {method(MethodFields{Type: ptr(ByWeight), Rates: &MethodSettings{Default: ptr(101 * money.Unit), DefaultPercent: true}}), fault.Invalid, "settings.default_cost"},
		"too many zones": {func(s *Store) error {
			for range MaxZones {
				if err := ids(s.AddShippingZone(ZoneFields{})); err != nil {
					return err
				}
			}
			return nil
		}, fault.Invalid, ""},
		"too many methods": {func(s *Store) error {
			for range MaxShippingMethods {
				if err := ids(s.AddShippingMethod(1, MethodFields{})); err != nil {
					return err
				}
			}
			return nil
		}, fault.Invalid, ""},
		"a pick-up that is none": {func(s *Store) error {
			_, err := s.PutPickups([]PickupFields{{}, {ID: 9}}, noon)
			return err
		}, fault.Invalid, "1.id"},
		"a location that is none": {func(s *Store) error {
			_, err := s.PutPickups([]PickupFields{{LocationID: ptr(int64(2))}}, noon)
			return err
		}, fault.Invalid, "0.location_id"},
		"too many pick-ups": {func(s *Store) error {
			_, err := s.PutPickups(make([]PickupFields, MaxPickups+1), noon)
			return err
		}, fault.Invalid, ""},
	}
	for name, tc := range tests {
		checkRefusal(t, name, tc.do(shop(t)), tc.kind, tc.field)
	}
}

func TestPickupLife(t *testing.T) {
	s := shop(t)
	made, err := s.PutPickups([]PickupFields{{Name: ptr("Shop")}, {Name: ptr("Depot"), Instructions: ptr("Ring")}}, noon)
	must(t, err)
	changed, err := s.PutPickups([]PickupFields{{ID: made[1], Hours: ptr("9-17")}}, later)
	must(t, err)
	m := s.Pickup(changed[0])
	if fmt.Sprint(made, changed) != "[1 2] [2]" || m.Name != "Depot" || m.Hours != "9-17" || m.Created != noon || m.Modified != later || m.LocationID != OnlyLocation {
		t.Errorf("%v %v: %+v", made, changed, m)
	}
	s.RemovePickups([]int64{1, 99})
	if s.Pickup(1) != nil || s.Pickup(2) == nil {
		t.Errorf("left: %+v", s.Pickups)
	}
}
