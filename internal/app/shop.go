package app

import (
	"net/http"
	"strings"

	"cartwright/internal/storefront"
)

// shop adds the hosted pages, and returns the handler that serves them at the
// root of the hosts that sites name. The server's own paths come first on
// every host, so that the API answers wherever it is asked; only the start
// page gives way.
func (a *App) shop(mux *http.ServeMux) http.Handler {
	pages := storefront.New(storefront.Config{
		Shops: a.Shops, Hosts: a.DB, Carts: a.Carts, Sessions: a.DB, Recovery: a.Recoveries, Clock: a.Clock,
		Ordering:  storefront.Ordering{Checkouts: a.Checkouts, Orders: a.Orders, Certificates: a.Certificates, Subscribers: a.Customers},
		PublicURL: strings.TrimSuffix(a.Config.PublicURL, "/"), Log: a.Config.Log,
	})
	mux.Handle("/shop/", pages)
	mux.HandleFunc("GET /assets/placeholder.svg", pages.Asset)
	return pages.AtHosts(mux, func(r *http.Request) bool {
		_, pattern := mux.Handler(r)
		if _, path, ok := strings.Cut(pattern, " "); ok {
			pattern = path
		}
		return pattern != "" && pattern != "/" && pattern != "/{$}"
	})
}
