package httpapi

import (
	"cmp"
	"net/http"
	"slices"

	"cartwright/internal/merchant"
)

// pickupScope has the vendor's own names.
var pickupScope = scope{
	read:   []string{"store_fulfillment_methods_manage", "store_fulfillment_methods_read_only"},
	modify: []string{"store_fulfillment_methods_manage"},
}

// pickupRoutes are the pick-up methods of a store.
func (a *API) pickupRoutes() []route {
	return []route{
		{"GET", "/v3/pickup/methods", pickupScope, a.listPickups},
		{"POST", "/v3/pickup/methods", pickupScope, a.createPickups},
		{"PUT", "/v3/pickup/methods", pickupScope, a.updatePickups},
		{"DELETE", "/v3/pickup/methods", pickupScope, a.deletePickups},
	}
}

// The vendor's bounds of a batch of pick-up methods.
const (
	maxPickupsMade    = 100
	maxPickupsChanged = 10
)

type pickupMethodJSON struct {
	ID           int64  `json:"id"`
	LocationID   int64  `json:"location_id"`
	Name         string `json:"display_name"`
	Instructions string `json:"collection_instructions"`
	Hours        string `json:"collection_time_description"`
	Created      string `json:"date_created"`
	Modified     string `json:"date_modified"`
}

func pickupOf(m *merchant.PickupMethod) pickupMethodJSON {
	return pickupMethodJSON{m.ID, m.LocationID, m.Name, m.Instructions, m.Hours, siteTimeText(m.Created), siteTimeText(m.Modified)}
}

func showPickups(s *merchant.Store, ids []int64) any {
	return picked(s.Pickups, ids, func(m *merchant.PickupMethod) int64 { return m.ID }, pickupOf)
}

// listPickups serves GET /v3/pickup/methods.
func (a *API) listPickups(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, ids := q.page(), q.ids("id:in")
	made, changed := q.days("date_created"), q.days("date_modified")
	order := q.oneOf("sort", "date_modified:asc", "date_modified:desc", "name:asc", "name:desc")
	if err := q.err(); err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	found := slices.DeleteFunc(slices.Clone(s.Pickups), func(m merchant.PickupMethod) bool {
		return !anyOf(ids, m.ID) || !made.holds(m.Created) || !changed.holds(m.Modified)
	})
	slices.SortStableFunc(found, pickupOrders[order])
	return respond(w, http.StatusOK, listOf(p, found, func(m merchant.PickupMethod) pickupMethodJSON { return pickupOf(&m) }))
}

// pickupOrders compare by the values of sort.
var pickupOrders = map[string]func(a, b merchant.PickupMethod) int{
	"":                   func(a, b merchant.PickupMethod) int { return cmp.Compare(a.ID, b.ID) },
	"date_modified:asc":  func(a, b merchant.PickupMethod) int { return a.Modified.Compare(b.Modified) },
	"date_modified:desc": func(a, b merchant.PickupMethod) int { return b.Modified.Compare(a.Modified) },
	"name:asc":           func(a, b merchant.PickupMethod) int { return cmp.Compare(a.Name, b.Name) },
	"name:desc":          func(a, b merchant.PickupMethod) int { return cmp.Compare(b.Name, a.Name) },
}

// days reads NAME, NAME:min and NAME:max. NAME alone is a span of its own.
func (p *params) days(name string) span {
	s := p.span(name)
	if from := p.since(name); !from.IsZero() {
		s = span{from, p.until(name)}
	}
	return s
}

func readPickupFields(v value) merchant.PickupFields {
	v.object()
	return merchant.PickupFields{
		LocationID: optional(v.get("location_id"), intOf(1, maxInt)), Name: optional(v.get("display_name"), textOf(0, 250)),
		Instructions: optional(v.get("collection_instructions"), textOf(0, 250)),
		Hours:        optional(v.get("collection_time_description"), textOf(0, 250)),
	}
}

func readPickupMethod(v value) merchant.PickupFields {
	f := readPickupFields(v)
	f.ID = v.get("id").required().int(1, maxInt)
	return f
}

// createPickups serves POST /v3/pickup/methods.
func (a *API) createPickups(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxPickupsMade, readPickupFields, (*merchant.Store).PutPickups, showPickups)
}

// updatePickups serves PUT /v3/pickup/methods.
func (a *API) updatePickups(w http.ResponseWriter, r *http.Request) error {
	return putBatch(a, w, r, maxPickupsChanged, readPickupMethod, (*merchant.Store).PutPickups, showPickups)
}

// deletePickups serves DELETE /v3/pickup/methods.
func (a *API) deletePickups(w http.ResponseWriter, r *http.Request) error {
	return a.deleteBatch(w, r, func(s *merchant.Store, ids []int64) error {
		s.RemovePickups(ids)
		return nil
	})
}
