package storefront

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// visit is one request to one shop.
type visit struct {
	*Storefront
	w  http.ResponseWriter
	r  *http.Request
	id string // of the request, for the log

	shop    cart.Shop
	channel int64
	// base is the path that every link of the shop begins with, without a slash
	// at the end; path is what the request asks for below it.
	base, path string
	// elsewhere says that the shop's own pages are on another host, and this
	// one only takes carts and checkouts.
	elsewhere bool
	// embedded says that the page stands in a frame on the merchant's site.
	embedded bool

	session *session
	done    context.CancelFunc
}

func (s *Storefront) visit(w http.ResponseWriter, r *http.Request, base, path string) *visit {
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	return &visit{Storefront: s, w: w, r: r.WithContext(ctx), id: id.Hex(16), base: base, path: path, done: cancel}
}

func (v *visit) ctx() context.Context { return v.r.Context() }

func (v *visit) store() string { return v.shop.Store.Hash }

// run answers the request with what serve does, or with the page of its error.
func (v *visit) run(serve func() error) {
	defer v.done()
	if err := v.guarded(serve); err != nil {
		v.errorPage(err)
	}
}

func (v *visit) guarded(serve func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return serve()
}

// enter finds the shop.
func (v *visit) enter(store string, channel int64) error {
	if store == "" || len(store) > 64 {
		return errNoShop()
	}
	shop, err := v.Shops.Shop(v.ctx(), store)
	if fault.Is(err, fault.NotFound) {
		return errNoShop()
	}
	if err != nil {
		return err
	}
	v.shop, v.channel = shop, channel
	if shop.Store.Suspended && v.path != unsubscribePath { // nobody is made to wait for that
		return fault.New(fault.Unavailable, "This shop is closed at the moment.")
	}
	return nil
}

func errNoShop() error { return fault.New(fault.NotFound, "There is no shop at this address.") }

func errNoPage() error { return fault.New(fault.NotFound, "There is no page at this address.") }

// serve finds the page. A path that is none of the server's own is the address
// of a product.
func (v *visit) serve() error {
	if name, ok := strings.CutPrefix(v.path, "/theme/"); ok {
		return v.asset(name)
	}
	if below, ok := strings.CutPrefix(v.path, embeddedPath+confirmationPath); ok {
		v.embedded = true
		return v.confirmationRequest(below)
	}
	if below, ok := strings.CutPrefix(v.path, confirmationPath); ok {
		return v.confirmationRequest(below)
	}
	switch strings.TrimSuffix(v.path, "/") {
	case "":
		return v.listPage()
	case "/cart.php":
		return v.cartRequest()
	case "/checkout":
		return v.checkoutRequest()
	case unsubscribePath:
		return v.unsubscribeRequest()
	case embeddedPath:
		v.embedded = true
		return v.checkoutRequest()
	}
	return v.productRequest()
}

// allow refuses methods that a page does not have.
func (v *visit) allow(methods ...string) error {
	if slices.Contains(methods, v.r.Method) {
		return nil
	}
	v.w.Header().Set("Allow", strings.Join(methods, ", "))
	return fault.New(fault.NotAllowed, "This page cannot be asked for that way.")
}

// maxForm bounds the body of a form.
const maxForm = 1 << 20

// form reads a form that was sent from one of the shop's own pages, and
// refuses one that another site sent in the shopper's name.
func (v *visit) form() (url.Values, error) {
	if err := v.cross.Check(v.r); err != nil {
		return nil, &fault.Error{Kind: fault.Forbidden, Title: "This form was sent from another site, so nothing was changed.", Err: err}
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	err := v.r.ParseForm()
	if err == nil {
		err = v.r.ParseMultipartForm(maxForm)
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.TooLarge, "The form is too large.")
	case err != nil && !errors.Is(err, http.ErrNotMultipart):
		return nil, &fault.Error{Kind: fault.Malformed, Title: "The form could not be read.", Err: err}
	}
	return v.r.PostForm, nil
}

// acts reports whether a request that changes state by GET should do so: HEAD
// and a browser that fetches ahead of its user should not.
func (v *visit) acts() bool {
	for _, header := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.Contains(strings.ToLower(v.r.Header.Get(header)), "prefetch") {
			return false
		}
	}
	return v.r.Method != http.MethodHead
}

// withhold answers a request that must not act. A browser throws a prefetched
// 503 away and asks again when its user really goes there.
func (v *visit) withhold() error {
	v.headers()
	v.w.Header().Set("Cache-Control", "no-store")
	status := http.StatusServiceUnavailable
	if v.r.Method == http.MethodHead {
		status = http.StatusOK
	}
	v.w.WriteHeader(status)
	return nil
}

// href returns the address of a page of this shop. The path may be
// percent-encoded already, as a merchant may have written a product's.
func (v *visit) href(path string, query url.Values) string {
	u := url.URL{Path: path}
	if decoded, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = decoded, path
	}
	address := v.base + u.EscapedPath()
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

// redirect sends the browser to a page of this shop.
func (v *visit) redirect(status int, path string, query url.Values) error {
	v.headers()
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.Header().Set("Location", v.href(path, query))
	v.w.WriteHeader(status)
	return nil
}

// forwarded returns the parameters of the request without those that it meant
// itself.
func (v *visit) forwarded(own ...string) url.Values {
	out := v.r.URL.Query()
	for _, name := range own {
		out.Del(name)
	}
	return out
}
