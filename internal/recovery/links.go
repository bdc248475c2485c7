package recovery

import (
	"net/url"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
)

// recoverRoute is the type of the route that a headless site has for links back
// to carts; anyOne is what it matches when it is meant for all of them
// (spec/02 §6).
const (
	recoverRoute = "recover_abandoned_cart"
	anyOne       = "*"
)

// LinkToCart returns the address that leads from a mail back to a cart: the
// route that the channel's site has for it, or else the built-in page of that
// site (spec/02 §6). A channel without a site sends its shoppers to the default
// channel. The parameters of a campaign, which may be nil, stand before the
// token. They are added to this link alone: it is the one whose use is counted.
func LinkToCart(shop cart.Shop, channel int64, token string, campaign *UTM) string {
	channel = siteChannel(shop.Store, channel)
	u := landing(shop, channel)
	query := u.RawQuery
	add := func(name, value string) {
		if query != "" && !strings.HasSuffix(query, "&") {
			query += "&"
		}
		query += name + "=" + url.QueryEscape(value)
	}
	known := u.Query()
	for _, p := range campaign.parameters() {
		if p.value != "" && !known.Has(p.name) { // the route's own stay
			add(p.name, p.value)
		}
	}
	add("t", token)
	u.RawQuery, u.ForceQuery = query, false
	return bare.Replace(u.String())
}

// bare takes out of an address what would end it where a mail holds it.
var bare = strings.NewReplacer(`"`, "%22", "'", "%27", "<", "%3C", ">", "%3E", " ", "%20", "`", "%60")

// siteChannel returns the channel whose site has the carts of a channel.
func siteChannel(store *merchant.Store, channel int64) int64 {
	if store.SiteOf(channel) == nil {
		return merchant.DefaultChannel
	}
	return channel
}

// ownLanding returns the route that the site of a channel's carts has for links
// back to them, or nil.
func ownLanding(store *merchant.Store, channel int64) *merchant.Route {
	site := store.SiteOf(siteChannel(store, channel))
	if site == nil {
		return nil
	}
	for i := range site.Routes {
		if r := &site.Routes[i]; r.Type == recoverRoute && r.Matching == anyOne {
			return r
		}
	}
	return nil
}

// landing returns the page to which the token of a channel's link is added.
func landing(shop cart.Shop, channel int64) *url.URL {
	base := shop.SiteURL(channel)
	if r := ownLanding(shop.Store, channel); r != nil {
		if u, err := url.Parse(base + "/" + strings.TrimLeft(r.Route, "/")); err == nil {
			return u
		}
	}
	u, err := url.Parse(base + "/cart.php?action=recover")
	if err != nil { // addresses of sites are checked when they are set
		return &url.URL{Path: "/cart.php", RawQuery: "action=recover"}
	}
	return u
}

// LinkToUnsubscribe returns the address at which whoever got a mail says that
// it was the last. It is this server's, whatever site the channel has
// (decisions 17).
func LinkToUnsubscribe(shop cart.Shop, token string) string {
	return shop.PublicURL + "/shop/" + url.PathEscape(shop.Store.Hash) + "/unsubscribe?t=" + url.QueryEscape(token)
}

// parameter is one of a link.
type parameter struct{ name, value string }

// parameters returns those of a campaign, in the usual order.
func (u *UTM) parameters() []parameter {
	if u == nil {
		return nil
	}
	return []parameter{{"utm_source", u.Source}, {"utm_medium", u.Medium}, {"utm_campaign", u.Campaign}, {"utm_term", u.Term}, {"utm_content", u.Content}}
}
