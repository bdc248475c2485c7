package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// taxRoutes are the taxes of a store: classes, zones, rates and settings.
func (a *API) taxRoutes() []route {
	return []route{
		{"GET", "/v2/tax_classes", informationScope, a.listTaxClasses},
		{"GET", "/v2/tax_classes/{id}", informationScope, a.getTaxClass},
		{"POST", "/v3/tax/classes", informationScope, a.createTaxClasses},
		{"PUT", "/v3/tax/classes", informationScope, a.updateTaxClasses},
		{"DELETE", "/v3/tax/classes", informationScope, a.deleteTaxClasses},
		{"GET", "/v3/tax/zones", informationScope, a.listTaxZones},
		{"POST", "/v3/tax/zones", informationScope, a.createTaxZones},
		{"PUT", "/v3/tax/zones", informationScope, a.updateTaxZones},
		{"DELETE", "/v3/tax/zones", informationScope, a.deleteTaxZones},
		{"GET", "/v3/tax/rates", informationScope, a.listTaxRates},
		{"POST", "/v3/tax/rates", informationScope, a.createTaxRates},
		{"PUT", "/v3/tax/rates", informationScope, a.updateTaxRates},
		{"DELETE", "/v3/tax/rates", informationScope, a.deleteTaxRates},
		{"GET", "/v3/tax/settings", informationScope, a.getTaxSettings},
		{"PUT", "/v3/tax/settings", informationScope, a.updateTaxSettings},
	}
}

// The vendor's bounds of a batch of tax classes; zones and rates have none of
// their own, so they take this one too.
const maxTaxBatch = 50

// readBatch reads the entries of a body that must be an array with at least one and
// at most most.
func readBatch[T any](body value, most int, read func(value) T) ([]T, error) {
	items := body.list()
	if len(items) > most {
		return nil, fault.Newf(fault.TooLarge, "A request can have at most %d entries.", most)
	}
	out := make([]T, len(items))
	for i, item := range items {
		out[i] = read(item)
	}
	return out, atLeastOne(body, len(items))
}

// putBatch reads a batch and applies it: all of it or nothing.
func putBatch[T any](a *API, w http.ResponseWriter, r *http.Request, most int, read func(value) T,
	put func(*merchant.Store, []T, time.Time) ([]int64, error), show func(*merchant.Store, []int64) any) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in, err := readBatch(body, most, read)
	if err != nil {
		return err
	}
	var ids []int64
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) (err error) {
		ids, err = put(s, in, now)
		return err
	}, func(s *merchant.Store) any { return one(show(s, ids)) })
}

// deleteBatch removes what id:in names, which is required.
func (a *API) deleteBatch(w http.ResponseWriter, r *http.Request, remove func(*merchant.Store, []int64) error) error {
	q := readParams(r)
	ids := q.ids("id:in")
	if len(ids) == 0 {
		q.fail("id:in", fault.Missing)
	}
	if err := q.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error { return remove(s, ids) }, showNothing)
}

// picked shows the entries with these ids, in that order.
func picked[T, J any](all []T, ids []int64, id func(*T) int64, show func(*T) J) []J {
	out := make([]J, len(ids))
	for n, want := range ids {
		if i := slices.IndexFunc(all, func(e T) bool { return id(&e) == want }); i >= 0 {
			out[n] = show(&all[i])
		}
	}
	return out
}

func taxClassID(c *merchant.TaxClass) int64 { return c.ID }
func taxZoneID(z *merchant.TaxZone) int64   { return z.ID }
func taxRateID(r *merchant.TaxRate) int64   { return r.ID }

func showTaxClasses(s *merchant.Store, ids []int64) any {
	return picked(s.TaxClasses(), ids, taxClassID, taxClassOf)
}

func showTaxZones(s *merchant.Store, ids []int64) any {
	return picked(s.TaxZones(), ids, taxZoneID, taxZoneOf)
}

func showTaxRates(s *merchant.Store, ids []int64) any {
	return picked(s.Tax.Rates, ids, taxRateID, taxRateOf)
}

// listTaxClasses serves GET /v2/tax_classes.
func (a *API) listTaxClasses(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, shownPage(p, s.TaxClasses(), oldTaxClassOf))
}

// getTaxClass serves GET /v2/tax_classes/{id}. The default class has the id 0.
func (a *API) getTaxClass(w http.ResponseWriter, r *http.Request) error {
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	for _, c := range s.TaxClasses() {
		if r.PathValue("id") == strconv.FormatInt(c.ID, 10) {
			return respond(w, http.StatusOK, oldTaxClassOf(&c))
		}
	}
	return errNotFound()
}

// createTaxClasses serves POST /v3/tax/classes.
func (a *API) createTaxClasses(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxTaxBatch, readNewTaxClass, (*merchant.Store).PutTaxClasses, showTaxClasses)
}

// updateTaxClasses serves PUT /v3/tax/classes.
func (a *API) updateTaxClasses(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxTaxBatch, readTaxClass, (*merchant.Store).PutTaxClasses, showTaxClasses)
}

// deleteTaxClasses serves DELETE /v3/tax/classes.
func (a *API) deleteTaxClasses(w http.ResponseWriter, r *http.Request) error {
	return a.deleteBatch(w, r, (*merchant.Store).RemoveTaxClasses)
}

// listTaxZones serves GET /v3/tax/zones.
func (a *API) listTaxZones(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, ids := q.page(), q.ids("id:in")
	if err := q.err(); err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	found := slices.DeleteFunc(slices.Clone(s.TaxZones()), func(z merchant.TaxZone) bool { return !anyOf(ids, z.ID) })
	return respond(w, http.StatusOK, listOf(p, found, func(z merchant.TaxZone) taxZoneJSON { return taxZoneOf(&z) }))
}

func putTaxZones(s *merchant.Store, in []merchant.TaxZoneFields, _ time.Time) ([]int64, error) {
	return s.PutTaxZones(in)
}

// createTaxZones serves POST /v3/tax/zones.
func (a *API) createTaxZones(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxTaxBatch, readNewTaxZone, putTaxZones, showTaxZones)
}

// updateTaxZones serves PUT /v3/tax/zones.
func (a *API) updateTaxZones(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxTaxBatch, readTaxZone, putTaxZones, showTaxZones)
}

// deleteTaxZones serves DELETE /v3/tax/zones.
func (a *API) deleteTaxZones(w http.ResponseWriter, r *http.Request) error {
	return a.deleteBatch(w, r, (*merchant.Store).RemoveTaxZones)
}

// listTaxRates serves GET /v3/tax/rates.
func (a *API) listTaxRates(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, ids, zones := q.page(), q.ids("id:in"), q.ids("tax_zone_id:in")
	if err := q.err(); err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	found := slices.DeleteFunc(slices.Clone(s.Tax.Rates), func(t merchant.TaxRate) bool {
		return !anyOf(ids, t.ID) || !anyOf(zones, t.ZoneID)
	})
	return respond(w, http.StatusOK, listOf(p, found, func(t merchant.TaxRate) taxRateJSON { return taxRateOf(&t) }))
}

func putTaxRates(s *merchant.Store, in []merchant.TaxRateFields, _ time.Time) ([]int64, error) {
	return s.PutTaxRates(in)
}

// createTaxRates serves POST /v3/tax/rates.
func (a *API) createTaxRates(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxTaxBatch, readNewTaxRate, putTaxRates, showTaxRates)
}

// updateTaxRates serves PUT /v3/tax/rates.
func (a *API) updateTaxRates(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxTaxBatch, readTaxRate, putTaxRates, showTaxRates)
}

// deleteTaxRates serves DELETE /v3/tax/rates.
func (a *API) deleteTaxRates(w http.ResponseWriter, r *http.Request) error {
	return a.deleteBatch(w, r, func(s *merchant.Store, ids []int64) error {
		s.RemoveTaxRates(ids)
		return nil
	})
}

func showTaxSettings(s *merchant.Store) any { return one(taxSettingsOf(s)) }

// getTaxSettings serves GET /v3/tax/settings.
func (a *API) getTaxSettings(w http.ResponseWriter, r *http.Request) error {
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showTaxSettings(s))
}

// updateTaxSettings serves PUT /v3/tax/settings.
func (a *API) updateTaxSettings(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in := readTaxSettings(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		in.apply(s)
		return nil
	}, showTaxSettings)
}
