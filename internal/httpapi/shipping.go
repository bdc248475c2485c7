package httpapi

import (
	"net/http"
	"time"

	"cartwright/internal/merchant"
)

// shippingRoutes are the shipping zones of a store and their methods: V2, bare
// objects.
func (a *API) shippingRoutes() []route {
	return []route{
		{"GET", "/v2/shipping/zones", informationScope, a.listShippingZones},
		{"POST", "/v2/shipping/zones", informationScope, a.createShippingZone},
		{"GET", "/v2/shipping/zones/{zoneId}", informationScope, a.getShippingZone},
		{"PUT", "/v2/shipping/zones/{zoneId}", informationScope, a.updateShippingZone},
		{"DELETE", "/v2/shipping/zones/{zoneId}", informationScope, a.deleteShippingZone},
		{"GET", "/v2/shipping/zones/{zoneId}/methods", informationScope, a.listShippingMethods},
		{"POST", "/v2/shipping/zones/{zoneId}/methods", informationScope, a.createShippingMethod},
		{"GET", "/v2/shipping/zones/{zoneId}/methods/{methodId}", informationScope, a.getShippingMethod},
		{"PUT", "/v2/shipping/zones/{zoneId}/methods/{methodId}", informationScope, a.updateShippingMethod},
		{"DELETE", "/v2/shipping/zones/{zoneId}/methods/{methodId}", informationScope, a.deleteShippingMethod},
	}
}

func showShippingZone(id *int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return shippingZoneOf(s.ShippingZone(*id)) }
}

func showShippingMethod(zone int64, id *int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return shippingMethodOf(s, s.ShippingZone(zone).Method(*id)) }
}

// listShippingZones serves GET /v2/shipping/zones.
func (a *API) listShippingZones(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, shownPage(p, s.ShippingZones(), shippingZoneOf))
}

// shippingZoneFor reads the zone of a path, which must exist.
func (a *API) shippingZoneFor(r *http.Request) (*merchant.Store, *merchant.ShippingZone, error) {
	id, err := pathID(r, "zoneId")
	if err != nil {
		return nil, nil, err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return nil, nil, err
	}
	if z := s.ShippingZone(id); z != nil {
		return s, z, nil
	}
	return nil, nil, errNotFound()
}

// getShippingZone serves GET /v2/shipping/zones/{zoneId}.
func (a *API) getShippingZone(w http.ResponseWriter, r *http.Request) error {
	_, z, err := a.shippingZoneFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, shippingZoneOf(z))
}

// createShippingZone serves POST /v2/shipping/zones.
func (a *API) createShippingZone(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readNewShippingZone(body)
	if err := body.err(); err != nil {
		return err
	}
	var id int64
	return a.changeStore(w, r, http.StatusCreated, func(s *merchant.Store, _ time.Time) (err error) {
		id, err = s.AddShippingZone(fields)
		return err
	}, showShippingZone(&id))
}

// updateShippingZone serves PUT /v2/shipping/zones/{zoneId}.
func (a *API) updateShippingZone(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "zoneId", readShippingZone)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		return s.UpdateShippingZone(id, fields)
	}, showShippingZone(&id))
}

// deleteShippingZone serves DELETE /v2/shipping/zones/{zoneId}.
func (a *API) deleteShippingZone(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "zoneId")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error {
		return s.RemoveShippingZone(id)
	}, showNothing)
}

// listShippingMethods serves GET /v2/shipping/zones/{zoneId}/methods.
func (a *API) listShippingMethods(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	s, z, err := a.shippingZoneFor(r)
	if err != nil {
		return err
	}
	part := pageOf(p, z.Methods)
	out := make([]shippingMethodJSON, len(part))
	for i := range part {
		out[i] = shippingMethodOf(s, &part[i])
	}
	return respond(w, http.StatusOK, out)
}

// getShippingMethod serves GET /v2/shipping/zones/{zoneId}/methods/{methodId}.
func (a *API) getShippingMethod(w http.ResponseWriter, r *http.Request) error {
	s, z, err := a.shippingZoneFor(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "methodId")
	if err != nil {
		return err
	}
	m := z.Method(id)
	if m == nil {
		return errNotFound()
	}
	return respond(w, http.StatusOK, shippingMethodOf(s, m))
}

// createShippingMethod serves POST /v2/shipping/zones/{zoneId}/methods. The
// vendor answers it with 200.
func (a *API) createShippingMethod(w http.ResponseWriter, r *http.Request) error {
	zone, err := pathID(r, "zoneId")
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readNewShippingMethod(body)
	if err := body.err(); err != nil {
		return err
	}
	var id int64
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) (err error) {
		id, err = s.AddShippingMethod(zone, fields)
		return err
	}, showShippingMethod(zone, &id))
}

// methodPath reads the ids of a path to a method.
func methodPath(r *http.Request) (zone, method int64, err error) {
	if zone, err = pathID(r, "zoneId"); err != nil {
		return 0, 0, err
	}
	method, err = pathID(r, "methodId")
	return zone, method, err
}

// updateShippingMethod serves PUT
// /v2/shipping/zones/{zoneId}/methods/{methodId}.
func (a *API) updateShippingMethod(w http.ResponseWriter, r *http.Request) error {
	zone, id, err := methodPath(r)
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readShippingMethod(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		return s.UpdateShippingMethod(zone, id, fields)
	}, showShippingMethod(zone, &id))
}

// deleteShippingMethod serves DELETE
// /v2/shipping/zones/{zoneId}/methods/{methodId}.
func (a *API) deleteShippingMethod(w http.ResponseWriter, r *http.Request) error {
	zone, id, err := methodPath(r)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error {
		return s.RemoveShippingMethod(zone, id)
	}, showNothing)
}
