package demo

import (
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// home is the country that the store is in.
const home = "US"

// furnishShipping sets up how the store ships, unless somebody did: at home for
// a flat rate and for nothing from a hundred dollars on, elsewhere by weight.
// The catalog weighs in kilograms.
func furnishShipping(st *merchant.Store, now time.Time) error {
	if st.ShippingSet {
		return nil
	}
	if err := furnishZones(st); err != nil {
		return err
	}
	name, instructions, hours := "Our workshop by the harbour", "Ring at the green door and name your order.", "Tuesday to Saturday, 10 to 18"
	_, err := st.PutPickups([]merchant.PickupFields{{Name: &name, Instructions: &instructions, Hours: &hours}}, now)
	return err
}

func furnishZones(st *merchant.Store) error {
	flat, weight := merchant.PerOrder, merchant.ByWeight
	row := func(lower, upper, cost int64) merchant.Range {
		return merchant.Range{Lower: money.Amount(lower) * money.Unit, Upper: money.Amount(upper) * money.Unit, Cost: cents(cost)}
	}
	type method struct {
		name  string
		kind  *merchant.MethodType
		rates merchant.MethodSettings
	}
	heavy := cents(6900)
	kind := merchant.ZoneCountry
	name := "United States"
	zone, err := st.AddShippingZone(merchant.ZoneFields{Name: &name, Type: &kind,
		Locations: &[]merchant.ShippingLocation{{Country: home}}, Free: &merchant.FreeShipping{Enabled: true, Minimum: cents(10_000)}})
	if err != nil {
		return err
	}
	elsewhere := "Everywhere else"
	if err := st.UpdateShippingZone(1, merchant.ZoneFields{Name: &elsewhere}); err != nil {
		return err
	}
	if err := st.RemoveShippingMethod(1, 1); err != nil {
		return err
	}
	for _, m := range []struct {
		zone int64
		method
	}{
		{zone, method{"Standard, 3 to 5 days", &flat, merchant.MethodSettings{Rate: cents(690)}}},
		{zone, method{"Express, the day after tomorrow", &weight, merchant.MethodSettings{Default: &heavy, Ranges: []merchant.Range{row(0, 2, 1400), row(2, 10, 2400)}}}},
		{1, method{"Parcel post, 1 to 2 weeks", &weight, merchant.MethodSettings{Default: &heavy, Ranges: []merchant.Range{row(0, 2, 1900), row(2, 10, 3800)}}}},
	} {
		if _, err := st.AddShippingMethod(m.zone, merchant.MethodFields{Name: &m.name, Type: m.kind, Rates: &m.rates}); err != nil {
			return err
		}
	}
	return nil
}

// furnishTaxes adds a sales tax at home, unless there are taxes.
func furnishTaxes(st *merchant.Store) error {
	if len(st.Tax.Rates) > 0 {
		return nil
	}
	zone, rate := "United States", "Sales tax"
	made, err := st.PutTaxZones([]merchant.TaxZoneFields{{Name: &zone, Locations: &[]merchant.TaxLocation{{Country: home}}}})
	if err != nil {
		return err
	}
	classes := []merchant.ClassRate{{ClassID: merchant.DefaultTaxClass, Rate: 7 * money.Unit}, {ClassID: merchant.WrappingTaxClass, Rate: 7 * money.Unit}}
	_, err = st.PutTaxRates([]merchant.TaxRateFields{{ZoneID: &made[0], Name: &rate, Classes: &classes}})
	return err
}
