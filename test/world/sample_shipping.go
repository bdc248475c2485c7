package world

var shippingSamples = map[string]sample{
	"listShippingZones":  func(w *World) Request { w.zone(); return get("/v2/shipping/zones?limit=5") },
	"createShippingZone": func(w *World) Request { return post(zoneBody(w.name("Carolina")), "/v2/shipping/zones") },
	"getShippingZone":    func(w *World) Request { return get("/v2/shipping/zones/%d", w.zone()) },
	"updateShippingZone": func(w *World) Request {
		return put(M{"name": "Carolinas", "free_shipping": M{"enabled": true, "minimum_sub_total": "50"}}, "/v2/shipping/zones/%d", w.zone())
	},
	"deleteShippingZone":  func(w *World) Request { return remove("/v2/shipping/zones/%d", w.zone()) },
	"listShippingMethods": func(w *World) Request { zone, _ := w.method(); return get("/v2/shipping/zones/%d/methods", zone) },
	"createShippingMethod": func(w *World) Request {
		return post(M{"name": "By weight", "type": "weight", "settings": M{"default_cost": nil, "default_cost_type": "fixed_amount",
			"range": L{M{"lower_limit": 0, "upper_limit": 20, "shipping_cost": 8}}}}, "/v2/shipping/zones/%d/methods", w.zone())
	},
	"getShippingMethod": func(w *World) Request {
		zone, method := w.method()
		return get("/v2/shipping/zones/%d/methods/%d", zone, method)
	},
	"updateShippingMethod": func(w *World) Request {
		zone, method := w.method()
		return put(M{"settings": M{"rate": 9}, "channel_ids": L{1}}, "/v2/shipping/zones/%d/methods/%d", zone, method)
	},
	"deleteShippingMethod": func(w *World) Request {
		zone, method := w.method()
		return remove("/v2/shipping/zones/%d/methods/%d", zone, method)
	},
	"listPickupMethods": func(w *World) Request { w.pickup(); return get("/v3/pickup/methods?sort=name:asc&limit=1") },
	"createPickupMethods": func(w *World) Request {
		return post(L{M{"location_id": 1, "display_name": w.name("Shop")}}, "/v3/pickup/methods")
	},
	"updatePickupMethods": func(w *World) Request {
		return put(L{M{"id": w.pickup(), "collection_time_description": "9 to 17"}}, "/v3/pickup/methods")
	},
	"deletePickupMethods": func(w *World) Request { return remove("/v3/pickup/methods?id:in=%d", w.pickup()) },
}

func zoneBody(name string) M {
	return M{"name": name, "type": "state", "locations": L{M{"country_iso2": "US", "state_iso2": "SC"}},
		"handling_fees": M{"percentage_surcharge": "5", "display_separately": false}}
}

// zone makes a shipping zone without methods.
func (w *World) zone() int64 {
	w.Helper()
	return w.make("/v2/shipping/zones", zoneBody(w.name("Carolina")))
}

// method makes a shipping zone with a flat rate.
func (w *World) method() (zone, method int64) {
	w.Helper()
	zone = w.zone()
	data := w.Must("POST", shippingPath(zone), M{"name": "Flat rate", "type": "perorder", "settings": M{"rate": 7}})
	return zone, number(Get(data, "id"))
}

func shippingPath(zone int64) string { return get("/v2/shipping/zones/%d/methods", zone).Path }

func (w *World) pickup() int64 {
	w.Helper()
	return w.make("/v3/pickup/methods", L{M{"display_name": w.name("Shop")}}, 0)
}

var taxSamples = map[string]sample{
	"listTaxClasses":   func(w *World) Request { w.taxClass(); return get("/v2/tax_classes") },
	"getTaxClass":      func(w *World) Request { return get("/v2/tax_classes/%d", w.taxClass()) },
	"createTaxClasses": func(w *World) Request { return post(L{M{"name": w.name("Books")}}, "/v3/tax/classes") },
	"updateTaxClasses": func(w *World) Request {
		return put(L{M{"id": w.taxClass(), "name": w.name("Papers")}}, "/v3/tax/classes")
	},
	"deleteTaxClasses": func(w *World) Request { return remove("/v3/tax/classes?id:in=%d", w.taxClass()) },
	"listTaxZones":     func(w *World) Request { w.taxZone(); return get("/v3/tax/zones?limit=2") },
	"createTaxZones":   func(w *World) Request { return post(L{taxZoneBody(w.name("Australia"))}, "/v3/tax/zones") },
	"updateTaxZones":   func(w *World) Request { return put(L{M{"id": w.taxZone(), "enabled": false}}, "/v3/tax/zones") },
	"deleteTaxZones":   func(w *World) Request { return remove("/v3/tax/zones?id:in=%d", w.taxZone()) },
	"listTaxRates":     func(w *World) Request { w.taxRate(); return get("/v3/tax/rates?tax_zone_id:in=1,2") },
	"createTaxRates":   func(w *World) Request { return post(L{taxRateBody(w.taxZone())}, "/v3/tax/rates") },
	"updateTaxRates":   func(w *World) Request { return put(L{M{"id": w.taxRate(), "priority": 2}}, "/v3/tax/rates") },
	"deleteTaxRates":   func(w *World) Request { return remove("/v3/tax/rates?id:in=%d", w.taxRate()) },
	"getTaxSettings":   func(*World) Request { return get("/v3/tax/settings") },
	"updateTaxSettings": func(*World) Request {
		return put(M{"tax_entered_with_prices": false, "price_display_settings": M{"invoice_price_display_strategy": "INCLUSIVE"}}, "/v3/tax/settings")
	},
}

func (w *World) taxClass() int64 {
	w.Helper()
	return w.make("/v3/tax/classes", L{M{"name": w.name("Food")}}, 0)
}

func taxZoneBody(name string) M {
	return M{"name": name, "price_display_settings": M{"show_inclusive": true}, "shopper_target_settings": M{
		"locations": L{M{"country_code": "AU", "subdivision_codes": L{"NSW"}, "postal_codes": L{"2234"}}}, "customer_groups": L{2}}}
}

func (w *World) taxZone() int64 {
	w.Helper()
	return w.make("/v3/tax/zones", L{taxZoneBody(w.name("Australia"))}, 0)
}

func taxRateBody(zone int64) M {
	return M{"tax_zone_id": zone, "name": "GST", "class_rates": L{M{"rate": 10, "tax_class_id": 0}, M{"rate": "12.5", "tax_class_id": 2}}}
}

func (w *World) taxRate() int64 {
	w.Helper()
	return w.make("/v3/tax/rates", L{taxRateBody(w.taxZone())}, 0)
}
