// Package storefront serves the hosted pages: the product list, product pages,
// the cart, the checkout up to the confirmation of the order, the landing of
// redirect links, and the pages behind the links of mails.
//
// The same pages stand under /shop/{store}/ and at the root of every host that
// a channel's site names. They are plain HTML forms: nothing needs a script,
// and the Content-Security-Policy allows none.
//
// Three things always hold:
//   - a request reads and writes only the cart that its session is bound to;
//     the ways to bind a session to a cart made elsewhere are a redirect link, and
//     the button on the page behind a mail's link;
//   - no page shows an e-mail address or an address that was not typed in the
//     very session that sees it, whoever filled the cart;
//   - HEAD and a browser's prefetch change nothing, also where the vendor's
//     URLs change state on GET.
package storefront

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/merchant"
)

// Config is what a Storefront is made of.
type Config struct {
	Shops    Shops
	Hosts    Hosts
	Carts    Carts
	Sessions Sessions
	Ordering
	Recovery Recovery
	Clock    clock.Clock
	// PublicURL is where browsers reach this server, without a slash at the end.
	PublicURL string
	Log       *slog.Logger
}

// requestTimeout bounds how long a request may take, waiting for other writers
// of its cart included.
const requestTimeout = 15 * time.Second

// Storefront serves the hosted pages of every store.
type Storefront struct {
	Config
	// publicPath is the path of PublicURL: links begin with it.
	publicPath string
	// secure says that browsers reach this server over https.
	secure  bool
	cross   *http.CrossOriginProtection
	shelves shelves
}

// New returns a Storefront.
func New(c Config) *Storefront {
	s := &Storefront{Config: c, cross: http.NewCrossOriginProtection()}
	if u, err := url.Parse(c.PublicURL); err == nil && u.Host != "" {
		s.publicPath, s.secure = strings.TrimSuffix(u.EscapedPath(), "/"), u.Scheme == "https"
		// A proxy may hand on another Host than the browser asked for.
		if err := s.cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			c.Log.Warn("the public URL is not an origin that forms can come from", "error", err)
		}
	}
	return s
}

// shopPath is where the stores stand on this server's own address.
const shopPath = "/shop/"

// ServeHTTP serves /shop/{store}/….
func (s *Storefront) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	store, below, deep := strings.Cut(strings.TrimPrefix(r.URL.Path, shopPath), "/")
	v := s.visit(w, r, s.publicPath+shopPath+url.PathEscape(store), "/"+below)
	v.run(func() error {
		if err := v.enter(store, merchant.DefaultChannel); err != nil {
			return err
		}
		if !deep {
			return v.redirect(http.StatusMovedPermanently, "/", r.URL.Query())
		}
		return v.serve()
	})
}

// AtHosts serves the shop at the root of the hosts that sites name, and hands
// everything else on. own reports the requests that belong to the server
// itself on every host: the API, the administration, health.
func (s *Storefront) AtHosts(next http.Handler, own func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if own(r) {
			next.ServeHTTP(w, r)
			return
		}
		v := s.visit(w, r, "", r.URL.Path)
		store, channel, err := s.findHost(r.Context(), r.Host)
		if err == nil && store == "" {
			next.ServeHTTP(w, r)
			return
		}
		v.run(func() error {
			if err != nil {
				return err
			}
			if err := v.enter(store, channel); err != nil {
				return err
			}
			v.setBase(r.Host)
			return v.serve()
		})
	})
}

// findHost looks a Host header up.
func (s *Storefront) findHost(ctx context.Context, host string) (store string, channel int64, err error) {
	for _, name := range spellings(host) {
		store, channel, err = s.Hosts.FindHost(ctx, name)
		if err != nil || store != "" {
			return store, channel, err
		}
	}
	return "", 0, nil
}

// spellings returns the ways in which a site may have written this host:
// browsers leave the usual ports out, proxies sometimes add them.
func spellings(host string) []string {
	host = strings.ToLower(host)
	if name, port, err := net.SplitHostPort(host); err == nil && (port == "80" || port == "443") {
		return []string{host, name}
	}
	return []string{host}
}

// setBase makes links begin with the path of the site's address, when it has
// one, whether or not the proxy in front has taken it off the request.
func (v *visit) setBase(host string) {
	site := v.shop.Store.SiteOf(v.channel)
	if site == nil {
		return
	}
	for _, address := range []string{site.URL, site.CheckoutURL} {
		u, err := url.Parse(address)
		if err != nil || !slices.Contains(spellings(host), strings.ToLower(u.Host)) {
			continue
		}
		v.base = strings.TrimSuffix(u.EscapedPath(), "/")
		below, ok := strings.CutPrefix(v.path, strings.TrimSuffix(u.Path, "/"))
		if ok && (below == "" || below[0] == '/') { // whole segments only
			v.path = "/" + strings.TrimPrefix(below, "/")
		}
		v.elsewhere = address != site.URL
		return
	}
}
