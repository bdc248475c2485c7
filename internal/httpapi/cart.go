package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"cartwright/internal/cart"
)

var cartScope = scopeOf("store_cart")

// cartRoutes are the operations C1 to C8 of spec/01.
func (a *API) cartRoutes() []route {
	return []route{
		{"POST", "/v3/carts", cartScope, a.createCart},
		{"GET", "/v3/carts/{cartId}", cartScope, a.getCart},
		{"PUT", "/v3/carts/{cartId}", cartScope, a.updateCart},
		{"DELETE", "/v3/carts/{cartId}", cartScope, a.deleteCart},
		{"POST", "/v3/carts/{cartId}/items", cartScope, a.addItems},
		{"PUT", "/v3/carts/{cartId}/items/{itemId}", cartScope, a.updateItem},
		{"DELETE", "/v3/carts/{cartId}/items/{itemId}", cartScope, a.deleteItem},
		{"POST", "/v3/carts/{cartId}/redirect_urls", cartScope, a.createRedirectURLs},
	}
}

func cartID(r *http.Request) cart.ID { return cart.ID(r.PathValue("cartId")) }

// createCart serves POST /v3/carts.
func (a *API) createCart(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	draft := readDraft(body)
	if err := body.err(); err != nil {
		return err
	}
	reply, opt, err := a.cartReply(r, nil)
	if err != nil {
		return err
	}
	ctx := answering(r.Context(), http.StatusCreated, reply.of)
	c, err := a.Carts.Create(ctx, storeOf(r), draft, opt)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, reply.of(c))
}

// getCart serves GET /v3/carts/{cartId}.
func (a *API) getCart(w http.ResponseWriter, r *http.Request) error {
	c, err := a.Carts.Get(r.Context(), storeOf(r), cartID(r))
	if err != nil {
		return err
	}
	reply := cartReply{include: readIncludes(r.URL.Query())}
	if reply.include.redirectURLs && r.Method != http.MethodHead { // nobody would see the link
		link, err := a.Carts.NewLink(r.Context(), storeOf(r), c.ID, nil)
		if err != nil {
			return err
		}
		if err := a.Carts.KeepLink(r.Context(), link); err != nil {
			return err
		}
		reply.urls = func(*cart.Cart) cart.RedirectURLs { return link.URLs }
	}
	return respond(w, http.StatusOK, reply.of(c))
}

// updateCart serves PUT /v3/carts/{cartId}. It answers 200, which the vendor's
// service does, not the 201 of its document (spec/01 §17).
func (a *API) updateCart(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	customerID := body.get("customer_id").required().int(0, maxInt)
	reply, opt, err := a.cartReply(r, &body)
	if err != nil {
		return err
	}
	c, err := a.Carts.SetCustomer(r.Context(), storeOf(r), cartID(r), customerID, opt)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, reply.of(c))
}

// deleteCart serves DELETE /v3/carts/{cartId}.
func (a *API) deleteCart(w http.ResponseWriter, r *http.Request) error {
	if err := a.Carts.Delete(r.Context(), storeOf(r), cartID(r)); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// addItems serves POST /v3/carts/{cartId}/items.
func (a *API) addItems(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	entries := readEntries(body)
	reply, opt, err := a.cartReply(r, &body)
	if err != nil {
		return err
	}
	ctx := answering(r.Context(), http.StatusCreated, reply.of)
	c, err := a.Carts.AddLines(ctx, storeOf(r), cartID(r), entries, opt)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, reply.of(c))
}

// updateItem serves PUT /v3/carts/{cartId}/items/{itemId}.
func (a *API) updateItem(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	update := readLineUpdate(body)
	reply, opt, err := a.cartReply(r, &body)
	if err != nil {
		return err
	}
	c, err := a.Carts.UpdateLine(r.Context(), storeOf(r), cartID(r), itemID(r), update, opt)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, reply.of(c))
}

// deleteItem serves DELETE /v3/carts/{cartId}/items/{itemId}: 204 when that
// was the last line and the cart is gone.
func (a *API) deleteItem(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	reply, opt, err := a.cartReply(r, &body)
	if err != nil {
		return err
	}
	c, err := a.Carts.RemoveLine(r.Context(), storeOf(r), cartID(r), itemID(r), opt)
	if err != nil {
		return err
	}
	if c == nil {
		return respond(w, http.StatusNoContent, nil)
	}
	return respond(w, http.StatusOK, reply.of(c))
}

func itemID(r *http.Request) string { return strings.ToLower(r.PathValue("itemId")) }

// createRedirectURLs serves POST /v3/carts/{cartId}/redirect_urls.
func (a *API) createRedirectURLs(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	query := readQueryParams(body.get("query_params"))
	if err := body.err(); err != nil {
		return err
	}
	link, err := a.Carts.NewLink(r.Context(), storeOf(r), cartID(r), query)
	if err != nil {
		return err
	}
	reply := func(cart.Redirect) any { return one(redirectJSON(link.URLs)) }
	if err := a.Carts.KeepLink(answering(r.Context(), http.StatusCreated, reply), link); err != nil {
		return err
	}
	return respond(w, http.StatusCreated, one(redirectJSON(link.URLs)))
}

// cartReply is how a cart is sent back: with which extras.
type cartReply struct {
	include includes
	// urls makes the redirect URLs, when they were asked for.
	urls func(*cart.Cart) cart.RedirectURLs
}

// cartReply reads what a cart write has in common: the includes, the version
// of the body, and a redirect link that is made in the same transaction.
func (a *API) cartReply(r *http.Request, body *value) (cartReply, cart.Options, error) {
	reply := cartReply{include: readIncludes(r.URL.Query())}
	var opt cart.Options
	if body != nil {
		if v := body.get("version"); !v.null() {
			n := v.int(-maxInt, maxInt)
			opt.Version = &n
		}
		if err := body.err(); err != nil {
			return reply, opt, err
		}
	}
	if reply.include.redirectURLs {
		shop, err := a.Shops.Shop(r.Context(), storeOf(r))
		if err != nil {
			return reply, opt, err
		}
		token, redirect := cart.NewRedirect(nil)
		opt.Redirect = redirect
		reply.urls = func(c *cart.Cart) cart.RedirectURLs { return shop.RedirectURLs(c, token, nil) }
	}
	return reply, opt, nil
}

// of wraps a cart with the extras.
func (reply cartReply) of(c *cart.Cart) any {
	j := cartJSON{cart: c, include: reply.include}
	if reply.urls != nil {
		urls := reply.urls(c)
		j.urls = &urls
	}
	return j
}

// includes are the values of the include parameter that a cart knows
// (spec/00 §8). Others are ignored.
type includes struct {
	redirectURLs    bool
	physicalOptions bool
	digitalOptions  bool
	banners         bool
}

// readIncludes accepts a comma list, a repeated parameter, and blanks.
func readIncludes(q url.Values) includes {
	var in includes
	for _, v := range q["include"] {
		for name := range strings.SplitSeq(v, ",") {
			switch strings.TrimSpace(name) {
			case "redirect_urls":
				in.redirectURLs = true
			case "line_items.physical_items.options":
				in.physicalOptions = true
			case "line_items.digital_items.options":
				in.digitalOptions = true
			case "promotions.banners":
				in.banners = true
			}
		}
	}
	return in
}
