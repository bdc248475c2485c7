package httpapi

import (
	"net/http"
	"slices"
	"time"

	"cartwright/internal/merchant"
)

var siteScope = scopeOf("store_sites")

// siteRoutes are the sites of spec/05 §5, by their own ids and by channel.
func (a *API) siteRoutes() []route {
	return []route{
		{"GET", "/v3/sites", siteScope, a.listSites},
		{"POST", "/v3/sites", siteScope, a.createSite},
		{"GET", "/v3/sites/{siteId}", siteScope, a.getSite},
		{"PUT", "/v3/sites/{siteId}", siteScope, a.updateSite},
		{"DELETE", "/v3/sites/{siteId}", siteScope, a.deleteSite},
		{"GET", "/v3/channels/{channelId}/site", siteScope, a.getChannelSite},
		{"POST", "/v3/channels/{channelId}/site", siteScope, a.createChannelSite},
		{"PUT", "/v3/channels/{channelId}/site", siteScope, a.updateChannelSite},
		{"DELETE", "/v3/channels/{channelId}/site", siteScope, a.deleteChannelSite},
		{"PUT", "/v3/channels/{channelId}/site/checkout-url", siteScope, a.setCheckoutURL},
		{"DELETE", "/v3/channels/{channelId}/site/checkout-url", siteScope, a.removeCheckoutURL},
		{"GET", "/v3/sites/{siteId}/routes", siteScope, a.listRoutes},
		{"POST", "/v3/sites/{siteId}/routes", siteScope, a.createRoute},
		{"PUT", "/v3/sites/{siteId}/routes", siteScope, a.upsertRoutes},
		{"GET", "/v3/sites/{siteId}/routes/{routeId}", siteScope, a.getRoute},
		{"PUT", "/v3/sites/{siteId}/routes/{routeId}", siteScope, a.updateRoute},
		{"DELETE", "/v3/sites/{siteId}/routes/{routeId}", siteScope, a.deleteRoute},
	}
}

// siteTime is the form of times of sites and routes (spec/00 §7).
const siteTime = "2006-01-02T15:04:05Z"

func siteTimeText(t time.Time) string { return t.UTC().Format(siteTime) }

type siteJSON struct {
	ID           int64         `json:"id"`
	URL          string        `json:"url"`
	ChannelID    int64         `json:"channel_id"`
	Created      string        `json:"created_at"`
	Modified     string        `json:"updated_at"`
	SSLStatus    string        `json:"ssl_status"`
	URLs         []siteURLJSON `json:"urls"`
	IsCustomized bool          `json:"is_checkout_url_customized"`
}

type siteURLJSON struct {
	URL      string `json:"url"`
	Type     string `json:"type"`
	Created  string `json:"created_at"`
	Modified string `json:"updated_at"`
}

func siteOf(t *merchant.Site) siteJSON {
	created, modified := siteTimeText(t.Created), siteTimeText(t.Modified)
	j := siteJSON{
		ID: t.ID, URL: t.URL, ChannelID: t.ChannelID, Created: created, Modified: modified, SSLStatus: "dedicated",
		URLs: []siteURLJSON{{t.URL, "primary", created, modified}}, IsCustomized: t.CheckoutURL != "",
	}
	if t.CheckoutURL != "" {
		j.URLs = append(j.URLs, siteURLJSON{t.CheckoutURL, "checkout", created, modified})
	}
	return j
}

// listSites serves GET /v3/sites.
func (a *API) listSites(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p, channels, types := q.page(), q.ids("channel_id:in"), q.texts("url_type:in")
	if err := q.err(); err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	var found []siteJSON
	for i := range s.Sites {
		j := siteOf(&s.Sites[i])
		hasType := slices.ContainsFunc(j.URLs, func(u siteURLJSON) bool { return anyOf(types, u.Type) })
		if anyOf(channels, j.ChannelID) && hasType {
			found = append(found, j)
		}
	}
	return respond(w, http.StatusOK, listOf(p, found, func(j siteJSON) siteJSON { return j }))
}

func showSite(id *int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return one(siteOf(s.Site(*id))) }
}

// createSite serves POST /v3/sites.
func (a *API) createSite(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	address := readURL(body)
	channel := body.get("channel_id").required().int(1, maxInt)
	if err := body.err(); err != nil {
		return err
	}
	return a.addSite(w, r, http.StatusCreated, channel, address)
}

func readURL(body value) string { return body.get("url").required().text(1, 2048) }

func (a *API) addSite(w http.ResponseWriter, r *http.Request, status int, channel int64, address string) error {
	var id int64
	return a.changeStore(w, r, status, func(s *merchant.Store, now time.Time) (err error) {
		id, err = s.AddSite(channel, address, now)
		return err
	}, showSite(&id))
}

// siteFor reads the site of a path, which must exist.
func (a *API) siteFor(r *http.Request) (*merchant.Site, error) {
	id, err := pathID(r, "siteId")
	if err != nil {
		return nil, err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return nil, err
	}
	if site := s.Site(id); site != nil {
		return site, nil
	}
	return nil, errNotFound()
}

// getSite serves GET /v3/sites/{siteId}.
func (a *API) getSite(w http.ResponseWriter, r *http.Request) error {
	site, err := a.siteFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(siteOf(site)))
}

// updateSite serves PUT /v3/sites/{siteId}.
func (a *API) updateSite(w http.ResponseWriter, r *http.Request) error {
	id, address, err := readChange(r, "siteId", readURL)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.SetSiteURL(id, address, now)
	}, showSite(&id))
}

// deleteSite serves DELETE /v3/sites/{siteId}.
func (a *API) deleteSite(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "siteId")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error {
		return s.RemoveSite(id)
	}, showNothing)
}

// siteOfChannel returns the site of a channel, or a NotFound fault.
func siteOfChannel(s *merchant.Store, channel int64) (*merchant.Site, error) {
	if site := s.SiteOf(channel); site != nil {
		return site, nil
	}
	return nil, errNotFound()
}

func showChannelSite(channel int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return one(siteOf(s.SiteOf(channel))) }
}

// getChannelSite serves GET /v3/channels/{channelId}/site.
func (a *API) getChannelSite(w http.ResponseWriter, r *http.Request) error {
	channel, s, err := a.channelFor(r)
	if err != nil {
		return err
	}
	site, err := siteOfChannel(s, channel)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(siteOf(site)))
}

// createChannelSite serves POST /v3/channels/{channelId}/site.
func (a *API) createChannelSite(w http.ResponseWriter, r *http.Request) error {
	channel, _, err := a.channelFor(r)
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	address := readURL(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.addSite(w, r, http.StatusOK, channel, address)
}

// changeChannelSite changes the site of the channel in the path by the address
// in the body.
func (a *API) changeChannelSite(w http.ResponseWriter, r *http.Request,
	change func(s *merchant.Store, site *merchant.Site, address string, now time.Time) error) error {
	channel, err := pathID(r, "channelId")
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	address := readURL(body)
	if err := body.err(); err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		site, err := siteOfChannel(s, channel)
		if err != nil {
			return err
		}
		return change(s, site, address, now)
	}, showChannelSite(channel))
}

// updateChannelSite serves PUT /v3/channels/{channelId}/site.
func (a *API) updateChannelSite(w http.ResponseWriter, r *http.Request) error {
	return a.changeChannelSite(w, r, func(s *merchant.Store, site *merchant.Site, address string, now time.Time) error {
		return s.SetSiteURL(site.ID, address, now)
	})
}

// setCheckoutURL serves PUT /v3/channels/{channelId}/site/checkout-url.
func (a *API) setCheckoutURL(w http.ResponseWriter, r *http.Request) error {
	return a.changeChannelSite(w, r, func(s *merchant.Store, site *merchant.Site, address string, now time.Time) error {
		return s.SetCheckoutURL(site.ChannelID, address, now)
	})
}

// deleteChannelSite serves DELETE /v3/channels/{channelId}/site.
func (a *API) deleteChannelSite(w http.ResponseWriter, r *http.Request) error {
	channel, err := pathID(r, "channelId")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		site, err := siteOfChannel(s, channel)
		if err != nil {
			return err
		}
		return s.RemoveSite(site.ID)
	}, showEmpty)
}

// removeCheckoutURL serves DELETE /v3/channels/{channelId}/site/checkout-url.
func (a *API) removeCheckoutURL(w http.ResponseWriter, r *http.Request) error {
	channel, err := pathID(r, "channelId")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.SetCheckoutURL(channel, "", now)
	}, showEmpty)
}
