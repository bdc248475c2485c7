package merchant

import (
	"fmt"
	"net/url"
	"time"

	"cartwright/internal/fault"
)

// RouteTypes are the kinds of pages a route may lead to: those of the vendor's
// schema and those of its prose (spec/05 §5).
var RouteTypes = []string{
	"product", "brand", "category", "page", "blog", "home", "cart", "checkout", "search", "account", "login",
	"returns", "static", "create_account", "forgot_password", "account_order_status", "account_new_return",
	"recover_abandoned_cart",
}

// AddSite gives a channel an address and returns the id of the site. A channel
// has one site at most (spec/05 §5).
func (s *Store) AddSite(channel int64, address string, now time.Time) (int64, error) {
	c := s.Channel(channel)
	if c == nil || c.Gone() {
		return 0, fault.Field("channel_id", fault.ExpectedEnum)
	}
	if s.SiteOf(channel) != nil {
		return 0, &fault.Error{Kind: fault.Invalid, Title: "The channel has a site already.",
			Fields: map[string]string{"channel_id": "A channel can have one site"}}
	}
	address, err := s.siteURL(channel, address)
	if err != nil {
		return 0, err
	}
	site := Site{ID: s.NextID("site"), ChannelID: channel, URL: address, Created: now, Modified: now}
	s.Sites = append(s.Sites, site)
	return site.ID, nil
}

// SetSiteURL gives a site another address.
func (s *Store) SetSiteURL(id int64, address string, now time.Time) error {
	site := s.Site(id)
	if site == nil {
		return notFound()
	}
	address, err := s.siteURL(site.ChannelID, address)
	if err != nil {
		return err
	}
	site.URL, site.Modified = address, now
	return nil
}

// SetCheckoutURL moves the checkout of a channel to an address of its own; ""
// moves it back to the site of the default channel.
func (s *Store) SetCheckoutURL(channel int64, address string, now time.Time) error {
	site := s.SiteOf(channel)
	if site == nil {
		return notFound()
	}
	if address != "" {
		var err error
		if address, err = s.siteURL(channel, address); err != nil {
			return err
		}
	}
	site.CheckoutURL, site.Modified = address, now
	return nil
}

// siteURL checks an address for a channel. A host name leads to one channel,
// so no other channel may use it.
func (s *Store) siteURL(channel int64, address string) (string, error) {
	clean, err := CleanURL(address)
	if err != nil {
		return "", fault.Field("url", fault.ExpectedURL)
	}
	host := hostOf(clean)
	for _, other := range s.Sites {
		if other.ChannelID != channel && (hostOf(other.URL) == host || hostOf(other.CheckoutURL) == host) {
			return "", &fault.Error{Kind: fault.Invalid, Title: "The host name " + host + " belongs to another channel.",
				Fields: map[string]string{"url": fault.ExpectedURL}}
		}
	}
	return clean, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// RemoveSite takes a site, with its routes, from its channel.
func (s *Store) RemoveSite(id int64) error {
	for i := range s.Sites {
		if s.Sites[i].ID == id {
			s.Sites = append(s.Sites[:i], s.Sites[i+1:]...)
			return nil
		}
	}
	return notFound()
}

// RouteFields is what a request says of a route. Nil fields stay as they are;
// a new route needs a type and a path.
type RouteFields struct {
	Type     *string
	Matching *string
	Route    *string
}

// RouteEntry is one entry of a list of routes: the one with this id is
// changed; without an id one is made.
type RouteEntry struct {
	ID int64
	RouteFields
}

// Route returns the route with this id, or nil.
func (t *Site) Route(id int64) *Route {
	for i := range t.Routes {
		if t.Routes[i].ID == id {
			return &t.Routes[i]
		}
	}
	return nil
}

// AddRoute adds a route to a site and returns its id.
func (s *Store) AddRoute(siteID int64, f RouteFields, now time.Time) (int64, error) {
	site := s.Site(siteID)
	if site == nil {
		return 0, notFound()
	}
	if len(site.Routes) >= MaxRoutes {
		return 0, fault.Newf(fault.Invalid, "A site can have at most %d routes.", MaxRoutes)
	}
	if f.Type == nil {
		return 0, fault.Field("type", fault.Missing)
	}
	if f.Route == nil {
		return 0, fault.Field("route", fault.Missing)
	}
	r := Route{ID: s.NextID("route"), Created: now, Modified: now}
	r.apply(f)
	site.Routes = append(site.Routes, r)
	return r.ID, nil
}

// UpdateRoute changes a route.
func (s *Store) UpdateRoute(siteID, id int64, f RouteFields, now time.Time) error {
	site := s.Site(siteID)
	if site == nil || site.Route(id) == nil {
		return notFound()
	}
	r := site.Route(id)
	r.apply(f)
	r.Modified = now
	return nil
}

func (r *Route) apply(f RouteFields) {
	set(&r.Type, f.Type)
	set(&r.Matching, f.Matching)
	set(&r.Route, f.Route)
}

// UpsertRoutes changes the entries that have an id and adds the others. It
// returns the ids of all of them, in order.
func (s *Store) UpsertRoutes(siteID int64, entries []RouteEntry, now time.Time) ([]int64, error) {
	site := s.Site(siteID)
	if site == nil {
		return nil, notFound()
	}
	ids := make([]int64, len(entries))
	for i, e := range entries {
		if ids[i] = e.ID; e.ID != 0 {
			if site.Route(e.ID) == nil {
				return nil, &fault.Error{Kind: fault.Invalid, Title: fmt.Sprintf("The site has no route %d.", e.ID),
					Fields: map[string]string{fmt.Sprintf("%d.id", i): fault.ExpectedEnum}}
			}
			if err := s.UpdateRoute(siteID, e.ID, e.RouteFields, now); err != nil {
				return nil, err
			}
			continue
		}
		var err error
		if ids[i], err = s.AddRoute(siteID, e.RouteFields, now); err != nil {
			return nil, fault.Within(fmt.Sprint(i), err)
		}
	}
	return ids, nil
}

// RemoveRoute takes a route from a site.
func (s *Store) RemoveRoute(siteID, id int64) error {
	if site := s.Site(siteID); site != nil {
		for i := range site.Routes {
			if site.Routes[i].ID == id {
				site.Routes = append(site.Routes[:i], site.Routes[i+1:]...)
				return nil
			}
		}
	}
	return notFound()
}
