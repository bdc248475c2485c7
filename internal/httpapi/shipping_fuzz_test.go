package httpapi

import (
	"testing"

	"cartwright/internal/merchant"
)

// FuzzShippingBody reads the bodies of shipping zones, methods and pick-up
// methods.
func FuzzShippingBody(f *testing.F) {
	addBodies(f,
		`{"name":"Carolina","type":"state","locations":[{"country_iso2":"us","state_iso2":"SC","zip":"1*"}],"free_shipping":{"enabled":true,"minimum_sub_total":"50"},"handling_fees":{"percentage_surcharge":"5","display_separately":false}}`,
		`{"name":"World","type":"global","locations":[{"country_iso2":"US"}],"handling_fees":{"fixed_surcharge":1e12}}`,
		`{"name":"Post","type":"weight","settings":{"rate":7,"default_cost":null,"default_cost_type":"percentage_of_total","range":[{"lower_limit":0,"upper_limit":20,"shipping_cost":8}]},"channel_ids":[]}`,
		`{"name":"Post","type":"perorder","settings":{"rate":"7.25"},"channel_ids":["1",2],"is_fallback":true}`,
		`[{"location_id":1,"display_name":"Shop"},{"id":1,"collection_instructions":"Ring"}]`,
	)
	store := fuzzStore(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, readNewShippingZone); ok {
			var id int64
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddShippingZone(in); return err }, showShippingZone(&id))
		}
		if in, ok := read(t, body, readShippingZone); ok {
			id := int64(1)
			tryRule(t, store, func(s *merchant.Store) error { return s.UpdateShippingZone(id, in) }, showShippingZone(&id))
		}
		if in, ok := read(t, body, readNewShippingMethod); ok {
			var id int64
			tryRule(t, store, func(s *merchant.Store) (err error) { id, err = s.AddShippingMethod(1, in); return err }, showShippingMethod(1, &id))
		}
		if in, ok := read(t, body, readShippingMethod); ok {
			id := int64(1)
			tryRule(t, store, func(s *merchant.Store) error { return s.UpdateShippingMethod(1, id, in) }, showShippingMethod(1, &id))
		}
		if in, ok := read(t, body, readEach(readPickupFields)); ok {
			var ids []int64
			tryRule(t, store, func(s *merchant.Store) (err error) { ids, err = s.PutPickups(in, fuzzNow); return err },
				func(s *merchant.Store) any { return showPickups(s, ids) })
		}
	})
}

// FuzzTaxBody reads the bodies of tax classes, zones, rates and settings.
func FuzzTaxBody(f *testing.F) {
	addBodies(f,
		`[{"name":"Books"},{"id":2,"name":"Freight"}]`,
		`[{"name":"Australia","shopper_target_settings":{"locations":[{"country_code":"au","subdivision_codes":["NSW"],"postal_codes":[]}],"customer_groups":[]}},{"id":1,"enabled":false}]`,
		`[{"tax_zone_id":1,"name":"GST","class_rates":[{"rate":"10.25","tax_class_id":0},{"rate":5,"tax_class_id":0}],"priority":2}]`,
		`{"tax_entered_with_prices":true,"price_display_settings":{"invoice_price_display_strategy":"ZONE"},"fallback_strategy":"BASIC"}`,
	)
	store := fuzzStore(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var ids []int64
		if in, ok := read(t, body, readEach(readNewTaxClass)); ok {
			tryRule(t, store, func(s *merchant.Store) (err error) { ids, err = s.PutTaxClasses(in, fuzzNow); return err },
				func(s *merchant.Store) any { return showTaxClasses(s, ids) })
		}
		if in, ok := read(t, body, readEach(readNewTaxZone)); ok {
			tryRule(t, store, func(s *merchant.Store) (err error) { ids, err = s.PutTaxZones(in); return err },
				func(s *merchant.Store) any { return showTaxZones(s, ids) })
		}
		if in, ok := read(t, body, readEach(readTaxZone)); ok {
			tryRule(t, store, func(s *merchant.Store) (err error) { ids, err = s.PutTaxZones(in); return err },
				func(s *merchant.Store) any { return showTaxZones(s, ids) })
		}
		if in, ok := read(t, body, readEach(readNewTaxRate)); ok {
			tryRule(t, store, func(s *merchant.Store) (err error) { ids, err = s.PutTaxRates(in); return err },
				func(s *merchant.Store) any { return showTaxRates(s, ids) })
		}
		if in, ok := read(t, body, readTaxSettings); ok {
			tryRule(t, store, func(s *merchant.Store) error { in.apply(s); return nil }, showTaxSettings)
		}
	})
}

// readEach reads the entries of a list, as many as a batch may have.
func readEach[T any](one func(value) T) func(value) []T {
	return func(v value) []T {
		out, err := readBatch(v, maxTaxBatch, one)
		if err != nil {
			v.fail("error")
		}
		return out
	}
}
