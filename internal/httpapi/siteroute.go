package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

type routeJSON struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`
	Matching string `json:"matching"`
	Route    string `json:"route"`
	Created  string `json:"created_at"`
	Modified string `json:"updated_at"`
}

func routeOf(rt *merchant.Route) routeJSON {
	return routeJSON{rt.ID, rt.Type, rt.Matching, rt.Route, siteTimeText(rt.Created), siteTimeText(rt.Modified)}
}

func showRoute(siteID int64, id *int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return one(routeOf(s.Site(siteID).Route(*id))) }
}

// readRoute reads what a request says of a route. matching names an id, or
// everything by *, or is empty where there is only one page (spec/05 §5).
func readRoute(v value) merchant.RouteFields {
	v.object()
	return merchant.RouteFields{
		Type:     optional(v.get("type"), enumOf(merchant.RouteTypes)),
		Matching: optional(v.get("matching"), readMatching),
		Route:    optional(v.get("route"), readPath),
	}
}

func readMatching(v value) string {
	if _, ok := v.raw.(json.Number); ok {
		return strconv.FormatInt(v.int(0, maxInt), 10)
	}
	return v.text(0, 255)
}

// readPath reads the path of a page on a site.
func readPath(v value) string {
	s := v.text(1, 2048)
	if s != "" && (s[0] != '/' || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' })) {
		v.fail(fault.ExpectedURL)
	}
	return s
}

// listRoutes serves GET /v3/sites/{siteId}/routes.
func (a *API) listRoutes(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, kind := q.page(), q.text("type")
	if err := q.err(); err != nil {
		return err
	}
	site, err := a.siteFor(r)
	if err != nil {
		return err
	}
	var found []*merchant.Route
	for i := range site.Routes {
		if kind == "" || site.Routes[i].Type == kind {
			found = append(found, &site.Routes[i])
		}
	}
	return respond(w, http.StatusOK, listOf(p, found, routeOf))
}

// createRoute serves POST /v3/sites/{siteId}/routes.
func (a *API) createRoute(w http.ResponseWriter, r *http.Request) error {
	site, err := pathID(r, "siteId")
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readNewRoute(body)
	if err := body.err(); err != nil {
		return err
	}
	var id int64
	return a.changeStore(w, r, http.StatusCreated, func(s *merchant.Store, now time.Time) (err error) {
		id, err = s.AddRoute(site, fields, now)
		return err
	}, showRoute(site, &id))
}

func readNewRoute(v value) merchant.RouteFields {
	v.get("type").required()
	v.get("route").required()
	return readRoute(v)
}

// readRouteEntries reads the body of PUT /v3/sites/{siteId}/routes: entries
// with an id change that route, the others are new.
func readRouteEntries(body value) []merchant.RouteEntry {
	var entries []merchant.RouteEntry
	for _, v := range body.bounded(merchant.MaxRoutes) {
		var e merchant.RouteEntry
		if id := v.get("id"); id.null() {
			e.RouteFields = readNewRoute(v)
		} else {
			e.ID, e.RouteFields = id.int(1, maxInt), readRoute(v)
		}
		entries = append(entries, e)
	}
	return entries
}

// upsertRoutes serves PUT /v3/sites/{siteId}/routes.
func (a *API) upsertRoutes(w http.ResponseWriter, r *http.Request) error {
	site, err := pathID(r, "siteId")
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	entries := readRouteEntries(body)
	if err := atLeastOne(body, len(entries)); err != nil {
		return err
	}
	var ids []int64
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) (err error) {
		ids, err = s.UpsertRoutes(site, entries, now)
		return err
	}, func(s *merchant.Store) any {
		out := make([]routeJSON, len(ids))
		for i, id := range ids {
			out[i] = routeOf(s.Site(site).Route(id))
		}
		return one(out)
	})
}

// routePath reads the site and the route of a path.
func routePath(r *http.Request) (site, id int64, err error) {
	if site, err = pathID(r, "siteId"); err == nil {
		id, err = pathID(r, "routeId")
	}
	return site, id, err
}

// getRoute serves GET /v3/sites/{siteId}/routes/{routeId}.
func (a *API) getRoute(w http.ResponseWriter, r *http.Request) error {
	_, id, err := routePath(r)
	if err != nil {
		return err
	}
	site, err := a.siteFor(r)
	if err != nil {
		return err
	}
	if site.Route(id) == nil {
		return errNotFound()
	}
	return respond(w, http.StatusOK, one(routeOf(site.Route(id))))
}

// updateRoute serves PUT /v3/sites/{siteId}/routes/{routeId}. It answers 200;
// the vendor's document says 201 (spec/05 §5).
func (a *API) updateRoute(w http.ResponseWriter, r *http.Request) error {
	site, id, err := routePath(r)
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readRoute(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.UpdateRoute(site, id, fields, now)
	}, showRoute(site, &id))
}

// deleteRoute serves DELETE /v3/sites/{siteId}/routes/{routeId}.
func (a *API) deleteRoute(w http.ResponseWriter, r *http.Request) error {
	site, id, err := routePath(r)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error {
		return s.RemoveRoute(site, id)
	}, showNothing)
}
