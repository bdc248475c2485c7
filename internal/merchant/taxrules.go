package merchant

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/fault"
)

// What one store may set up of taxes.
const (
	MaxTaxClasses = 100
	MaxTaxZones   = 250
	MaxTaxRates   = 1000
)

// TaxClassFields is what a request says of a tax class. ID is 0 for a new one.
type TaxClassFields struct {
	ID   int64
	Name string
}

// TaxZoneFields is what a request says of a tax zone. Nil fields stay as they
// are. ID is 0 for a new one.
type TaxZoneFields struct {
	ID        int64
	Name      *string
	Enabled   *bool
	Display   *TaxDisplay
	Locations *[]TaxLocation
	Groups    *[]int64
}

// TaxRateFields is what a request says of a tax rate. Nil fields stay as they
// are. ID is 0 for a new one.
type TaxRateFields struct {
	ID       int64
	ZoneID   *int64
	Name     *string
	Enabled  *bool
	Priority *int64
	Classes  *[]ClassRate
}

// PutTaxClasses makes the classes without an id and renames the others, all or
// none, and returns their ids. Names are unique, whatever their case.
func (s *Store) PutTaxClasses(in []TaxClassFields, now time.Time) ([]int64, error) {
	ids := make([]int64, len(in))
	for i, f := range in {
		for _, c := range s.TaxClasses() {
			if c.ID != f.ID && strings.EqualFold(c.Name, f.Name) {
				return nil, fault.Newf(fault.Conflict, "There is a tax class named %s already.", c.Name)
			}
		}
		own := s.ownClass(f.ID)
		switch {
		case f.ID != 0 && !s.HasTaxClass(f.ID):
			return nil, fault.Field(strconv.Itoa(i)+".id", fault.ExpectedEnum)
		case len(s.Tax.Classes) >= MaxTaxClasses && own == nil:
			return nil, fault.Newf(fault.Invalid, "A store can have at most %d tax classes.", MaxTaxClasses)
		case own == nil:
			c := TaxClass{ID: f.ID, Created: now}
			if f.ID == 0 {
				c.ID = WrappingTaxClass + s.NextID("tax_class")
			} else {
				c.Created = s.Created
			}
			s.Tax.Classes = append(s.Tax.Classes, c)
			own = &s.Tax.Classes[len(s.Tax.Classes)-1]
		}
		own.Name, own.Modified = f.Name, now
		ids[i] = own.ID
	}
	slices.SortFunc(s.Tax.Classes, func(a, b TaxClass) int { return int(a.ID - b.ID) })
	return ids, nil
}

// RemoveTaxClasses takes classes away with their rates. Products of a class
// that is gone count as of the default one. Those that every store has stay:
// Invalid.
func (s *Store) RemoveTaxClasses(ids []int64) error {
	for _, id := range ids {
		if id <= WrappingTaxClass && s.HasTaxClass(id) {
			return fault.Newf(fault.Invalid, "Tax class %d is there in every store and cannot be deleted.", id)
		}
	}
	s.Tax.Classes = slices.DeleteFunc(s.Tax.Classes, func(c TaxClass) bool { return slices.Contains(ids, c.ID) })
	for i := range s.Tax.Rates {
		r := &s.Tax.Rates[i]
		r.Classes = slices.DeleteFunc(r.Classes, func(c ClassRate) bool { return slices.Contains(ids, c.ClassID) })
	}
	return nil
}

// setTaxZones makes the zone that a store has by default its own, so that it
// can be changed.
func (s *Store) setTaxZones() {
	if len(s.Tax.Zones) == 0 {
		s.Tax.Zones = slices.Clone(defaultTaxZones)
		s.Tax.Zones[0].ID = s.NextID("tax_zone")
	}
}

func (s *Store) taxZone(id int64) *TaxZone {
	zones := s.TaxZones()
	for i := range zones {
		if zones[i].ID == id {
			return &zones[i]
		}
	}
	return nil
}

// PutTaxZones makes the zones without an id and changes the others, all or
// none, and returns their ids. The default zone is for whoever is in no other.
func (s *Store) PutTaxZones(in []TaxZoneFields) ([]int64, error) {
	s.setTaxZones()
	ids := make([]int64, len(in))
	for i, f := range in {
		at := strconv.Itoa(i)
		z := s.taxZone(f.ID)
		switch {
		case f.ID != 0 && z == nil:
			return nil, fault.Field(at+".id", fault.ExpectedEnum)
		case f.ID == 0 && len(s.Tax.Zones) >= MaxTaxZones:
			return nil, fault.Newf(fault.Invalid, "A store can have at most %d tax zones.", MaxTaxZones)
		case f.ID == DefaultTaxZone && (f.Locations != nil && len(*f.Locations) > 0 || f.Groups != nil && len(*f.Groups) > 0):
			return nil, fault.Field(at+".shopper_target_settings", fault.ExpectedEnum)
		case f.ID == 0:
			s.Tax.Zones = append(s.Tax.Zones, TaxZone{ID: s.NextID("tax_zone"), Enabled: true})
			z = &s.Tax.Zones[len(s.Tax.Zones)-1]
		}
		set(&z.Name, f.Name)
		set(&z.Enabled, f.Enabled)
		set(&z.Display, f.Display)
		set(&z.Groups, f.Groups)
		set(&z.Locations, f.Locations)
		for n, l := range z.Locations {
			if !IsCountry(l.Country) {
				return nil, fault.Field(at+".shopper_target_settings.locations."+strconv.Itoa(n)+".country_code", fault.ExpectedEnum)
			}
		}
		ids[i] = z.ID
	}
	return ids, nil
}

// RemoveTaxZones takes zones away with their rates. The default zone stays:
// Invalid. Ids that are not there are passed over.
func (s *Store) RemoveTaxZones(ids []int64) error {
	if slices.Contains(ids, DefaultTaxZone) {
		return fault.New(fault.Invalid, "The default tax zone cannot be deleted.")
	}
	s.setTaxZones()
	s.Tax.Zones = slices.DeleteFunc(s.Tax.Zones, func(z TaxZone) bool { return slices.Contains(ids, z.ID) })
	s.Tax.Rates = slices.DeleteFunc(s.Tax.Rates, func(r TaxRate) bool { return slices.Contains(ids, r.ZoneID) })
	return nil
}

func (s *Store) taxRate(id int64) *TaxRate {
	for i := range s.Tax.Rates {
		if s.Tax.Rates[i].ID == id {
			return &s.Tax.Rates[i]
		}
	}
	return nil
}

// PutTaxRates makes the rates without an id and changes the others, all or
// none, and returns their ids.
func (s *Store) PutTaxRates(in []TaxRateFields) ([]int64, error) {
	ids := make([]int64, len(in))
	for i, f := range in {
		at := strconv.Itoa(i)
		r := s.taxRate(f.ID)
		switch {
		case f.ID != 0 && r == nil:
			return nil, fault.Field(at+".id", fault.ExpectedEnum)
		case f.ZoneID != nil && s.taxZone(*f.ZoneID) == nil:
			return nil, fault.Field(at+".tax_zone_id", fault.ExpectedEnum)
		case f.ID == 0 && len(s.Tax.Rates) >= MaxTaxRates:
			return nil, fault.Newf(fault.Invalid, "A store can have at most %d tax rates.", MaxTaxRates)
		case f.ID == 0:
			s.Tax.Rates = append(s.Tax.Rates, TaxRate{ID: s.NextID("tax_rate"), Enabled: true, Priority: 1})
			r = &s.Tax.Rates[len(s.Tax.Rates)-1]
		}
		set(&r.ZoneID, f.ZoneID)
		set(&r.Name, f.Name)
		set(&r.Enabled, f.Enabled)
		set(&r.Priority, f.Priority)
		set(&r.Classes, f.Classes)
		if err := s.checkClasses(r, at); err != nil {
			return nil, err
		}
		ids[i] = r.ID
	}
	return ids, nil
}

func (s *Store) checkClasses(r *TaxRate, at string) error {
	seen := map[int64]bool{}
	for n, c := range r.Classes {
		if !s.HasTaxClass(c.ClassID) || seen[c.ClassID] {
			return fault.Field(at+".class_rates."+strconv.Itoa(n)+".tax_class_id", fault.ExpectedEnum)
		}
		seen[c.ClassID] = true
	}
	return nil
}

// RemoveTaxRates takes rates away. Ids that are not there are passed over.
func (s *Store) RemoveTaxRates(ids []int64) {
	s.Tax.Rates = slices.DeleteFunc(s.Tax.Rates, func(r TaxRate) bool { return slices.Contains(ids, r.ID) })
}
