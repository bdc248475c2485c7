package storefront

import (
	"net/http"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// sessionCookie is the vendor's name (spec/06 §3).
const sessionCookie = "SHOP_SESSION_TOKEN"

// SessionLifetime is how long a session lives after it was last used
// (spec/06 §3). It is lengthened at most once a day, so that reading a page
// hardly ever writes.
const SessionLifetime = 7 * 24 * time.Hour

// session is what the database knows of the browser that sent a request.
type session struct {
	found bool
	token string
	cart  cart.ID
	// typed and ordered are those of cart.Session.
	typed   string
	ordered int64
}

func (s *session) hash() string { return id.Hash(s.token) }

// loadSession returns the request's session; found is false when it has none.
func (v *visit) loadSession() (*session, error) {
	if v.session != nil {
		return v.session, nil
	}
	now := v.Clock.Now()
	s, expires, err := v.findSession(now)
	if err != nil {
		return nil, err
	}
	if s.found && expires.Sub(now) < SessionLifetime-24*time.Hour && v.acts() {
		if _, err := v.Sessions.SwapSessionCart(v.ctx(), v.store(), s.hash(), s.cart, s.cart, now.Add(SessionLifetime)); err != nil {
			return nil, err
		}
		v.setCookie(s.token)
	}
	v.session = s
	return s, nil
}

// findSession returns the session of the first cookie that has one. There may
// be more: a frame on a page of the same site gets its own cookie and that of
// the shop's other pages.
func (v *visit) findSession(now time.Time) (*session, time.Time, error) {
	cookies := v.r.CookiesNamed(sessionCookie)
	for _, cookie := range cookies[:min(len(cookies), 3)] {
		if len(cookie.Value) != 2*tokenBytes {
			continue
		}
		s := &session{token: cookie.Value}
		kept, err := v.Sessions.FindSession(v.ctx(), v.store(), s.hash(), now)
		if err != nil {
			return s, time.Time{}, err
		}
		if kept != nil {
			s.found, s.cart, s.typed, s.ordered = true, kept.Cart, kept.Typed, kept.Ordered
			return s, kept.Expires, nil
		}
	}
	return &session{}, time.Time{}, nil
}

// tokenBytes is how many random bytes a session's token has.
const tokenBytes = 32

// startSession gives the browser a new session that is bound to a cart. The
// token is new even when there was a session before: whoever knew the old one
// does not get to see the cart.
func (v *visit) startSession(cartID cart.ID) error {
	old, err := v.loadSession()
	if err != nil {
		return err
	}
	replaces := ""
	if old.found {
		replaces = old.hash()
	}
	s := &session{found: true, token: id.Hex(tokenBytes), cart: cartID}
	if err := v.Sessions.StartSession(v.ctx(), v.store(), s.hash(), cartID, v.Clock.Now().Add(SessionLifetime), replaces); err != nil {
		return err
	}
	v.session = s
	v.setCookie(s.token)
	return nil
}

// setCookie binds the browser to the session. Into a frame on another site a
// browser sends only what says SameSite=None, and most only what is partitioned
// too: kept apart for each site that shows the frame.
func (v *visit) setCookie(token string) {
	c := &http.Cookie{Name: sessionCookie, Value: token, Path: v.base, MaxAge: int(SessionLifetime / time.Second),
		HttpOnly: true, Secure: v.encrypted(), SameSite: http.SameSiteLaxMode}
	if c.Path == "" {
		c.Path = "/"
	}
	if v.embedded {
		inFrame(c)
	}
	http.SetCookie(v.w, c)
}

// inFrame lets a browser send a cookie into a frame on another site.
func inFrame(c *http.Cookie) {
	c.Secure, c.SameSite, c.Partitioned = true, http.SameSiteNoneMode, true
}

func (v *visit) encrypted() bool { return v.secure || v.r.TLS != nil }

// currentCart returns the session's cart with the prices of now, or nil.
func (v *visit) currentCart() (*cart.Cart, error) {
	s, err := v.loadSession()
	if err != nil || s.cart == "" {
		return nil, err
	}
	c, err := v.Carts.Get(v.ctx(), v.store(), s.cart)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return c, err
}

// bindAttempts bounds how often a shopper's requests may cross.
const bindAttempts = 5

// addToCart adds items to the session's cart, and makes cart and session when
// there are none. Two requests that both find no cart end with one cart that
// holds what both added: the loser throws its cart away and adds to the
// winner's.
func (v *visit) addToCart(items []cart.Item) error {
	for range bindAttempts {
		s, err := v.loadSession()
		if err != nil {
			return err
		}
		if s.cart != "" {
			_, err := v.Carts.AddLines(v.ctx(), v.store(), s.cart, cart.Entries{Items: items}, cart.Options{})
			if !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		c, err := v.newCart(items)
		if err != nil {
			return err
		}
		if !s.found {
			return v.startSession(c.ID)
		}
		bound, err := v.Sessions.SwapSessionCart(v.ctx(), v.store(), s.hash(), s.cart, c.ID, v.Clock.Now().Add(SessionLifetime))
		if err != nil {
			return err
		}
		if bound {
			v.session = &session{found: true, token: s.token, cart: c.ID, typed: s.typed, ordered: s.ordered}
			v.setCookie(s.token)
			return nil
		}
		if err := v.Carts.Delete(v.ctx(), v.store(), c.ID); err != nil {
			return err
		}
		v.session = nil
	}
	return fault.New(fault.Unavailable, "The cart is busy. Please try again.")
}

// newCart makes a cart. One that a program made, by following a link that adds
// to a cart, is marked: reports keep such carts apart.
func (v *visit) newCart(items []cart.Item) (*cart.Cart, error) {
	c, err := v.Carts.Create(v.ctx(), v.store(), cart.Draft{ChannelID: v.channel, Items: items}, cart.Options{})
	if err != nil || v.r.Method != http.MethodGet || !isProgram(v.r.UserAgent()) {
		return c, err
	}
	if err := v.Recovery.MarkBot(v.ctx(), v.store(), c.ID, true); err != nil {
		v.Log.Warn("a cart of a program is not marked", "id", v.id, "cart", c.ID, "error", err)
	}
	return c, nil
}
