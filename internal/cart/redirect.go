package cart

import (
	"context"
	"net/url"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
)

// RedirectLifetime is how long a redirect link may be used, once
// (spec/01 §10).
const RedirectLifetime = 30 * 24 * time.Hour

// Redirect is a one-time link into the hosted pages. The token itself is only
// known to whoever made it; its hash is stored.
type Redirect struct {
	Store   string
	Cart    ID
	Hash    string
	Query   url.Values
	Expires time.Time
}

// RedirectURLs are the three addresses of one link.
type RedirectURLs struct {
	Cart, Checkout, EmbeddedCheckout string
}

// RedirectStorage keeps redirect links.
type RedirectStorage interface {
	// AddRedirect stores a link.
	AddRedirect(ctx context.Context, r Redirect) error
	// UseRedirect marks a link as used and returns it, or nil when there is no
	// such link, it was used before, or it has expired.
	UseRedirect(ctx context.Context, store, hash string, cartID ID, now time.Time) (*Redirect, error)
}

// NewRedirect makes a link with a fresh token of 64 hex digits. The rest of it
// is filled in when it is stored.
func NewRedirect(query url.Values) (token string, r *Redirect) {
	token = id.Hex(32)
	return token, &Redirect{Hash: id.Hash(token), Query: query}
}

// Link is a redirect link with its addresses, not yet stored.
type Link struct {
	Redirect Redirect
	URLs     RedirectURLs
}

// NewLink makes a link to a cart that exists. It works once KeepLink has
// stored it.
func (s *Service) NewLink(ctx context.Context, store string, cartID ID, query url.Values) (Link, error) {
	c, err := s.find(ctx, store, cartID)
	if err != nil {
		return Link{}, err
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return Link{}, err
	}
	token, r := NewRedirect(query)
	opt := Options{Redirect: r}
	return Link{Redirect: *opt.redirect(c, s.now()), URLs: shop.RedirectURLs(c, token, query)}, nil
}

// KeepLink stores a link.
func (s *Service) KeepLink(ctx context.Context, l Link) error {
	return s.storage.AddRedirect(ctx, l.Redirect)
}

// Redeem uses a link up and returns its cart and the parameters to hand on.
// It returns a NotFound fault for a link that is unknown, used or expired, and
// for one whose cart is gone.
func (s *Service) Redeem(ctx context.Context, store string, cartID ID, token string) (*Cart, url.Values, error) {
	c, err := s.find(ctx, store, cartID)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.storage.UseRedirect(ctx, store, id.Hash(token), c.ID, s.now())
	if err != nil {
		return nil, nil, err
	}
	if r == nil {
		return nil, nil, fault.New(fault.NotFound, "The link is unknown, used or expired.")
	}
	return c, r.Query, nil
}

// RedirectURLs writes the three addresses of a link, in the vendor's order of
// parameters (spec/07 §1.5).
func (shop Shop) RedirectURLs(c *Cart, token string, query url.Values) RedirectURLs {
	base := shop.CheckoutURL(c.ChannelID)
	tail := "&id=" + string(c.ID) + "&token=" + token
	if len(query) > 0 {
		tail += "&" + query.Encode()
	}
	return RedirectURLs{
		Cart:             base + "/cart.php?action=load" + tail,
		Checkout:         base + "/cart.php?action=loadInCheckout" + tail,
		EmbeddedCheckout: base + "/cart.php?embedded=1&action=loadInCheckout" + tail,
	}
}

// SiteURL returns where a channel's hosted pages are, without a slash at the
// end: the channel's site, or this server's own address.
func (shop Shop) SiteURL(channel int64) string {
	if site := shop.Store.SiteOf(channel); site != nil {
		return site.URL
	}
	return shop.PublicURL + "/shop/" + shop.Store.Hash
}

// CheckoutURL returns the base of a channel's redirect links: its own checkout
// address when one is set, else the address of the default channel
// (spec/01 §10).
func (shop Shop) CheckoutURL(channel int64) string {
	if site := shop.Store.SiteOf(channel); site != nil && site.CheckoutURL != "" {
		return site.CheckoutURL
	}
	return shop.SiteURL(merchant.DefaultChannel)
}
