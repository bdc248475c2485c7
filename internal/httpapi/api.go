// Package httpapi speaks BigCommerce's V3 management API, and the little of V2
// that carts need.
//
// A handler decodes, calls a service and responds. What every request has in
// common stands here, in one place: the token and its scope, the quota, request
// ids, errors in the vendor's shapes, idempotency keys, logs and metrics.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/hook"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/once"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

// Shops gives stores and tokens, from memory where it can.
type Shops interface {
	// Shop returns a NotFound fault for an unknown store.
	Shop(ctx context.Context, store string) (cart.Shop, error)
	// Token returns nil for an unknown token.
	Token(ctx context.Context, store, token string) (*merchant.Token, error)
}

// Answers finds what a request with an Idempotency-Key was answered.
type Answers interface {
	FindAnswer(ctx context.Context, store, client, key string) (*once.Answer, error)
}

// Config is what an API is made of.
type Config struct {
	Shops   Shops
	Answers Answers
	Carts   *cart.Service
	// Checkouts are what carts gather on their way to an order.
	Checkouts *order.Checkouts
	// Accounts changes and deletes customers, whose carts follow.
	Accounts   *cart.Accounts
	Metafields *cart.Metafields
	Customers  *customer.Service
	Catalog    *catalog.Service
	Promotions *promotion.Service
	Merchants  *merchant.Service
	Hooks      *hook.Service
	Recoveries *recovery.Service
	MailTests  *recovery.Tests
	// Coupons are those that were made for mails.
	Coupons *recovery.Coupons
	// Notices are the mails to merchants.
	Notices *recovery.Notices
	// Orders are what carts become.
	Orders *order.Service
	// Certificates are gift certificates.
	Certificates *order.Certificates
	Clock        clock.Clock
	Log          *slog.Logger
	// Quota is how many requests a store may make in QuotaWindow; 0 is no limit.
	Quota   int
	Metrics *Metrics
}

// QuotaWindow is the vendor's window (spec/00 §3).
const QuotaWindow = 30 * time.Second

// requestTimeout bounds how long a request may take, waiting for other writers
// of its cart included.
const requestTimeout = 15 * time.Second

// API serves /stores/{store}/v3/… and /stores/{store}/v2/….
type API struct {
	Config
	mux     *http.ServeMux
	nowhere http.Handler // what answers when no route does
	limiter *limiter
	running runningKeys
}

// handler answers a request or returns why it could not; API.handle renders
// the error.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one operation.
type route struct {
	method  string
	pattern string // below /stores/{store}
	scope   scope
	serve   handler
}

// scope names what a token needs: any one of read for GET, or of modify.
type scope struct {
	read   []string
	modify []string
}

// scopeOf returns the vendor's usual pair: NAME_read_only reads, NAME does all.
func scopeOf(name string) scope {
	return scope{read: []string{name, name + "_read_only"}, modify: []string{name}}
}

// New returns an API that serves every route.
func New(c Config) *API {
	a := &API{Config: c, mux: http.NewServeMux(), limiter: newLimiter(c.Quota, c.Clock)}
	a.nowhere = a.handle(route{pattern: "unknown", serve: a.unknown})
	for _, rt := range a.routes() {
		h := a.handle(rt)
		if ofOneCart(rt.pattern) {
			h = a.exceptLiterals(h)
		}
		a.mux.Handle(rt.method+" /stores/{store}"+rt.pattern, h)
	}
	a.mux.Handle(anyPath, a.nowhere)
	a.mux.Handle("/stores/{store}", a.nowhere) // else the mux would redirect it to anyPath
	a.mux.Handle("/", a.nowhere)
	return a
}

// anyPath is the pattern of everything that no route matches.
const anyPath = "/stores/{store}/{rest...}"

// routes lists every operation, by resource.
func (a *API) routes() []route {
	return slices.Concat(
		a.cartRoutes(),
		a.settingsRoutes(),
		a.checkoutRoutes(),
		a.orderRoutes(),
		a.checkoutSettingsRoutes(),
		a.metafieldRoutes(),
		a.customerRoutes(),
		a.subscriberRoutes(),
		a.channelRoutes(),
		a.siteRoutes(),
		a.currencyRoutes(),
		a.giftWrapRoutes(),
		a.shippingRoutes(),
		a.taxRoutes(),
		a.pickupRoutes(),
		a.certificateRoutes(),
		a.storeRoutes(),
		a.hookRoutes(),
		a.deliveryRoutes(),
		a.mintedCouponRoutes(),
		a.noticeRoutes(),
		a.recoveryRoutes(),
		a.mailTemplateRoutes(),
		a.ledgerRoutes(),
		a.reportRoutes(),
		a.catalogRoutes(),
		a.couponRoutes(),
		a.promotionRoutes(),
	)
}

// ServeHTTP tolerates one slash at the end of a path (spec/00 §1), and answers
// paths that the mux would redirect to their clean form as unknown: the API
// never redirects.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	if trimmed := strings.TrimSuffix(p, "/"); trimmed != p && trimmed != "" {
		p = trimmed
	}
	if p != r.URL.Path {
		u := *r.URL
		u.Path, u.RawPath = p, strings.TrimSuffix(u.RawPath, "/")
		clone := *r
		clone.URL = &u
		r = &clone
	}
	if path.Clean(p) != p || r.Method == http.MethodConnect {
		a.nowhere.ServeHTTP(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// unknown answers a path that no route has, or a method that the path's routes
// do not have.
func (a *API) unknown(w http.ResponseWriter, r *http.Request) error {
	if path.Clean(r.URL.Path) != r.URL.Path {
		return errUnknownRoute() // the mux would speak of the clean path
	}
	var allowed []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPost, http.MethodPut} {
		probe := *r
		probe.Method = method
		_, pattern := a.mux.Handler(&probe)
		if !strings.HasPrefix(pattern, method+" ") || ofOneCart(pattern) && namesNoCart(r) {
			continue
		}
		if allowed = append(allowed, method); method == http.MethodGet {
			allowed = append(allowed, http.MethodHead) // the mux serves it like GET
		}
	}
	if len(allowed) == 0 {
		return errUnknownRoute()
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return errMethodNotAllowed()
}

// ofOneCart reports whether a pattern is that of a cart, a checkout, or of what
// is below it.
func ofOneCart(pattern string) bool {
	return strings.Contains(pattern, "/v3/carts/{cartId}") || ofOneCheckout(pattern)
}

func ofOneCheckout(pattern string) bool {
	return strings.Contains(pattern, "/v3/checkouts/{checkoutId}")
}

// namesNoCart reports whether a path has one of the literals where other paths
// have the id of a cart or a checkout. The mux would let the id win for each method and
// sub-path that the literal lacks.
func namesNoCart(r *http.Request) bool {
	segments := strings.SplitN(r.URL.EscapedPath(), "/", 7) // "", stores, {store}, v3, carts, {cartId}, …
	if len(segments) < 6 {
		return false
	}
	name, err := url.PathUnescape(segments[5])
	return err == nil && (name == "settings" || name == "metafields" && segments[4] == "carts")
}

// exceptLiterals serves the paths of carts, and no others that look like them.
func (a *API) exceptLiterals(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if namesNoCart(r) {
			a.nowhere.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// session is what is known of a request once its token was checked.
type session struct {
	requestID string
	token     *merchant.Token
}

type sessionKey struct{}

// tokenOf returns the token that the request was made with.
func tokenOf(r *http.Request) *merchant.Token {
	s, _ := r.Context().Value(sessionKey{}).(*session)
	return s.token
}

// storeOf returns the store that the request is about.
func storeOf(r *http.Request) string { return r.PathValue("store") }

// handle wraps a route in everything that requests have in common, in the
// order of spec/00 §2: token, store, scope, quota, then the route itself.
func (a *API) handle(rt route) http.Handler {
	watch := a.Metrics.route(rt)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.Clock.Now()
		s := &session{requestID: id.Hex(16)}
		rec := &recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-Id", s.requestID)
		ctx := context.WithValue(r.Context(), sessionKey{}, s)
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		err := a.serve(rec, r.WithContext(ctx), rt, s)
		if err != nil {
			a.renderError(rec, r, s.requestID, err)
		}
		watch(rec.status, a.Clock.Now().Sub(start))
		if a.Log.Enabled(ctx, slog.LevelDebug) {
			a.Log.Debug("request", "id", s.requestID, "method", r.Method, "path", loggedPath(r), "status", rec.status)
		}
	})
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, rt route, s *session) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	if err := a.authorize(r, rt, s); err != nil {
		if ofHooks(rt) && fault.Is(err, fault.Unauthorized) {
			return errUnauthorizedHooks()
		}
		return err
	}
	if err := a.limiter.take(w, storeOf(r)); err != nil {
		return err
	}
	if err := acceptable(r); err != nil {
		return err
	}
	if r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") != "" {
		return a.applyOnce(w, r, rt.serve)
	}
	return rt.serve(w, r)
}

// authorize checks the token, the store and the scope.
func (a *API) authorize(r *http.Request, rt route, s *session) error {
	store := r.PathValue("store")
	if store == "" { // a path that the mux did not split
		store = strings.SplitN(strings.TrimPrefix(r.URL.Path, "/stores/"), "/", 2)[0]
		r.SetPathValue("store", store)
	}
	presented := r.Header.Get("X-Auth-Token")
	if presented == "" || len(presented) > 255 || len(store) > 64 {
		return errUnauthorized()
	}
	token, err := a.Shops.Token(r.Context(), store, presented)
	if err != nil {
		return err
	}
	if token == nil {
		return errUnauthorized()
	}
	s.token = token
	shop, err := a.Shops.Shop(r.Context(), store)
	if err != nil {
		return err
	}
	if shop.Store.Suspended {
		return errSuspended()
	}
	need := rt.scope.modify
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		need = rt.scope.read
	}
	if len(need) > 0 && !token.Has(need...) {
		return errScope()
	}
	return nil
}

// acceptable checks the Accept header (spec/00 §3).
func acceptable(r *http.Request) error {
	named := false
	for _, v := range r.Header.Values("Accept") {
		for member := range strings.SplitSeq(v, ",") {
			kind, _, _ := strings.Cut(member, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "*/*", "application/*", "application/json":
				return nil
			case "":
			default:
				named = true
			}
		}
	}
	if named {
		return errNotAcceptable()
	}
	return nil
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
