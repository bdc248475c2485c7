package merchant

import (
	"fmt"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// TestTaxesAt finds the taxes of a place and a customer group.
func TestTaxesAt(t *testing.T) {
	s := shop(t)
	zone := func(name string, groups []int64, locations ...TaxLocation) int64 {
		made, err := s.PutTaxZones([]TaxZoneFields{{Name: &name, Locations: &locations, Groups: &groups}})
		must(t, err)
		_, err = s.PutTaxRates([]TaxRateFields{{ZoneID: &made[0], Name: &name, Priority: ptr(int64(2)), Classes: &[]ClassRate{{0, 5}}},
			{ZoneID: &made[0], Name: ptr("first"), Classes: &[]ClassRate{}}})
		must(t, err)
		return made[0]
	}
	if got := s.TaxesAt(Place{Country: "US"}, 0); got != nil {
		t.Errorf("without rates: %v", got)
	}
	zone("trade", []int64{7})
	zone("US", nil, TaxLocation{Country: "US"})
	zone("Texas", nil, TaxLocation{Country: "US", States: []string{"LA", "TX"}})
	zone("Austin", nil, TaxLocation{Country: "US", States: []string{"TX"}, Zips: []string{"787*"}})
	off := zone("off", nil, TaxLocation{Country: "FR"})
	_, err := s.PutTaxZones([]TaxZoneFields{{ID: off, Enabled: ptr(false)}})
	must(t, err)
	_, err = s.PutTaxRates([]TaxRateFields{{ZoneID: ptr(DefaultTaxZone), Name: ptr("default"), Classes: &[]ClassRate{}}})
	must(t, err)
	tests := map[string]struct {
		place Place
		group int64
		want  string
	}{
		"a postal code":                   {Place{"US", "TX", "78701"}, 0, "first Austin"},
		"the postal code elsewhere":       {Place{"US", "LA", "78701"}, 0, "first Texas"},
		"a state":                         {Place{"US", "tx", "1"}, 0, "first Texas"},
		"a country":                       {Place{"US", "NY", "1"}, 0, "first US"},
		"a country goes before the group": {Place{"US", "NY", "1"}, 7, "first US"},
		"a group":                         {Place{"DE", "", ""}, 7, "first trade"},
		"whoever is in no other":          {Place{"DE", "", ""}, 6, "default"},
		"a zone that is switched off":     {Place{"FR", "", ""}, 0, "default"},
	}
	for name, tc := range tests {
		got := ""
		for _, r := range s.TaxesAt(tc.place, tc.group) {
			got += " " + r.Name
		}
		if got != " "+tc.want {
			t.Errorf("%s:%s, want %s", name, got, tc.want)
		}
	}
	must(t, s.RemoveTaxZones([]int64{2, off, 99}))
	if len(s.Tax.Rates) != 7 || len(s.TaxZones()) != 4 {
		t.Errorf("left: %+v", s.Tax)
	}
	s.RemoveTaxRates([]int64{s.Tax.Rates[0].ID, 99})
	if len(s.Tax.Rates) != 6 {
		t.Errorf("left: %+v", s.Tax.Rates)
	}
}

func TestTaxClassLife(t *testing.T) {
	s := shop(t)
	if got := fmt.Sprint(len(s.TaxClasses()), s.HasTaxClass(3), s.HasTaxClass(4), s.HasTaxClass(-1)); got != "4 true false false" {
		t.Errorf("by default: %s", got)
	}
	made, err := s.PutTaxClasses([]TaxClassFields{{Name: "Books"}, {ID: 2, Name: "Freight"}}, noon)
	must(t, err)
	_, err = s.PutTaxRates([]TaxRateFields{{ZoneID: ptr(DefaultTaxZone), Name: ptr("VAT"), Classes: &[]ClassRate{{0, 19 * money.Unit}, {made[0], 7 * money.Unit}}}})
	must(t, err)
	if got := s.TaxClasses(); made[0] != 4 || got[2].Name != "Freight" || got[4].Name != "Books" || s.Tax.Rates[0].Of(4) != 7*money.Unit || s.Tax.Rates[0].Of(3) != 0 {
		t.Errorf("classes %+v, rates %+v", got, s.Tax.Rates)
	}
	must(t, s.RemoveTaxClasses([]int64{4, 99}))
	if s.HasTaxClass(4) || s.Tax.Rates[0].Of(4) != 0 {
		t.Errorf("left: %+v", s.Tax)
	}
	if made, err = s.PutTaxClasses([]TaxClassFields{{Name: "Food"}}, noon); err != nil || made[0] != 5 {
		t.Errorf("the next class is %v, %v", made, err)
	}
}

func TestTaxRefusals(t *testing.T) {
	zones := func(in ...TaxZoneFields) func(*Store) error {
		return func(s *Store) error { _, err := s.PutTaxZones(in); return err }
	}
	rates := func(in ...TaxRateFields) func(*Store) error {
		return func(s *Store) error { _, err := s.PutTaxRates(in); return err }
	}
	tests := map[string]struct {
		do    func(*Store) error
		kind  fault.Kind
		field string
	}{
		"a zone that is none":       {zones(TaxZoneFields{}, TaxZoneFields{ID: 9}), fault.Invalid, "1.id"},
		"a country that is none":    {zones(TaxZoneFields{Locations: &[]TaxLocation{{Country: "US"}, {Country: "us"}}}), fault.Invalid, "0.shopper_target_settings.locations.1.country_code"},
		"to aim the default zone":   {zones(TaxZoneFields{ID: DefaultTaxZone, Groups: &[]int64{2}}), fault.Invalid, "0.shopper_target_settings"},
		"too many zones":            {zones(make([]TaxZoneFields, MaxTaxZones)...), fault.Invalid, ""},
		"to delete the default one": {func(s *Store) error { return s.RemoveTaxZones([]int64{1}) }, fault.Invalid, ""},
		"a rate that is none":       {rates(TaxRateFields{ID: 9}), fault.Invalid, "0.id"},
		"a rate of no zone":         {rates(TaxRateFields{ZoneID: ptr(int64(9))}), fault.Invalid, "0.tax_zone_id"},
		"a rate of no class":        {rates(TaxRateFields{ZoneID: ptr(int64(1)), Classes: &[]ClassRate{{0, 1}, {44, 1}}}), fault.Invalid, "0.class_rates.1.tax_class_id"},
		"a class twice":             {rates(TaxRateFields{ZoneID: ptr(int64(1)), Classes: &[]ClassRate{{0, 1}, {0, 1}}}), fault.Invalid, "0.class_rates.1.tax_class_id"},
		"too many rates":            {rates(make([]TaxRateFields, MaxTaxRates+1)...), fault.Invalid, ""},
		"a class that is none": {func(s *Store) error {
			_, err := s.PutTaxClasses([]TaxClassFields{{ID: 77, Name: "x"}}, noon)
			return err
		}, fault.Invalid, "0.id"},
		"a class of that name": {func(s *Store) error {
			_, err := s.PutTaxClasses([]TaxClassFields{{Name: "shipping"}}, noon)
			return err
		}, fault.Conflict, ""},
		"to delete a class": {func(s *Store) error { return s.RemoveTaxClasses([]int64{3}) }, fault.Invalid, ""},
	}
	for name, tc := range tests {
		checkRefusal(t, name, tc.do(shop(t)), tc.kind, tc.field)
	}
}
