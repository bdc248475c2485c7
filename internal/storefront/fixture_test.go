package storefront_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
	"cartwright/internal/storefront"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func amount(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func ref[T any](v T) *T { return &v }

// memory keeps carts, links and sessions.
type memory struct {
	mu        sync.Mutex
	carts     map[cart.ID]*cart.Cart
	redirects map[string]cart.Redirect
	sessions  map[string]binding
	// created is called after a cart was stored.
	created func(*cart.Cart)
	// down makes every read of a cart fail.
	down error
	counter
}

type binding struct {
	cart.Session
	tries int64
	since time.Time
}

func (m *memory) CreateCart(_ context.Context, c *cart.Cart, ch cart.Change) error {
	m.mu.Lock()
	m.carts[c.ID] = c.Clone()
	if ch.Redirect != nil {
		m.redirects[ch.Redirect.Hash] = *ch.Redirect
	}
	m.mu.Unlock()
	if m.created != nil {
		m.created(c)
	}
	return nil
}

func (m *memory) FindCart(_ context.Context, store string, cartID cart.ID) (*cart.Cart, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.carts[cartID]; c != nil && c.Store == store {
		return c, m.down
	}
	return nil, m.down
}

func (m *memory) UpdateCart(_ context.Context, store string, cartID cart.ID, change func(*cart.Cart) (cart.Change, error)) (*cart.Cart, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.carts[cartID]
	if old == nil || old.Store != store {
		return nil, &fault.Error{Kind: fault.NotFound}
	}
	c := old.Clone()
	ch, err := change(c)
	if err != nil {
		return nil, err
	}
	if m.carts[cartID] = c; ch.Delete {
		delete(m.carts, cartID)
	}
	return c, nil
}

func (m *memory) AddRedirect(_ context.Context, r cart.Redirect) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.redirects[r.Hash] = r
	return nil
}

func (m *memory) UseRedirect(_ context.Context, store, hash string, cartID cart.ID, now time.Time) (*cart.Redirect, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.redirects[hash]
	if !ok || r.Store != store || r.Cart != cartID || !now.Before(r.Expires) {
		return nil, nil
	}
	delete(m.redirects, hash)
	return &r, nil
}

func (m *memory) FindSession(_ context.Context, store, hash string, now time.Time) (*cart.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.sessions[store+hash]
	if !ok || !now.Before(b.Expires) {
		return nil, nil
	}
	return &b.Session, nil
}

func (m *memory) StartSession(_ context.Context, store, hash string, cartID cart.ID, expires time.Time, replaces string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, store+replaces)
	m.sessions[store+hash] = binding{Session: cart.Session{Cart: cartID, Expires: expires}}
	return nil
}

func (m *memory) SwapSessionCart(_ context.Context, store, hash string, from, to cart.ID, expires time.Time) (bool, error) {
	return m.editSession(store, hash, func(b *binding) bool {
		if b.Cart != from {
			return false
		}
		b.Cart, b.Expires = to, expires
		return true
	})
}

func (m *memory) KeepTyped(_ context.Context, store, hash, typed string) error {
	_, err := m.editSession(store, hash, func(b *binding) bool { b.Typed = typed; return true })
	return err
}

func (m *memory) KeepOrdered(_ context.Context, store, hash string, orderID int64) error {
	_, err := m.editSession(store, hash, func(b *binding) bool { b.Ordered = orderID; return true })
	return err
}

func (m *memory) CountTry(_ context.Context, store, hash string, limit int64, now time.Time, window time.Duration) (bool, error) {
	return m.editSession(store, hash, func(b *binding) bool {
		if !now.Before(b.since.Add(window)) {
			b.tries, b.since = 0, now
		}
		b.tries++
		return b.tries <= limit
	})
}

func (m *memory) editSession(store, hash string, edit func(*binding) bool) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.sessions[store+hash]
	if !ok {
		return false, nil
	}
	done := edit(&b)
	m.sessions[store+hash] = b
	return done, nil
}

func (m *memory) FindCustomer(_ context.Context, _ string, id int64) (*customer.Customer, error) {
	return &customer.Customer{ID: id, Email: "jane@example.com"}, nil
}

// world is a shop at noon, served under /shop/demo/ and at https://shop.example.
type world struct {
	*memory
	t       *testing.T
	store   *merchant.Store
	catalog *catalog.Snapshot
	public  string
	clock   *clock.Fixed
	carts   *cart.Service
	offers  *promotion.Offers
	mails   *mails
	// checkouts and orders are the real services; payments takes the money.
	checkouts *order.Checkouts
	orders    *order.Service
	payments  order.Payments
	log       bytes.Buffer
	handler   http.Handler
}

func (w *world) Shop(_ context.Context, store string) (cart.Shop, error) {
	if store != w.store.Hash {
		return cart.Shop{}, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return cart.Shop{Store: w.store, Catalog: w.catalog, Offers: w.offers, PublicURL: w.public}, nil
}

func (w *world) FindHost(_ context.Context, host string) (string, int64, error) {
	for _, site := range w.store.Sites {
		for _, address := range []string{site.URL, site.CheckoutURL} {
			if u, err := url.Parse(address); err == nil && u.Host != "" && u.Host == host {
				return w.store.Hash, site.ChannelID, nil
			}
		}
	}
	return "", 0, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: demoStore(), clock: clock.At(noon), public: "http://shops.test", payments: order.TestPayments{}, mails: newMails(),
		memory: &memory{counter: newCounter(), carts: map[cart.ID]*cart.Cart{}, redirects: map[string]cart.Redirect{}, sessions: map[string]binding{}}}
	w.catalog = catalog.NewSnapshot(1, 1, demoProducts())
	w.carts = cart.NewService(w.memory, w, w.memory, pricing.Default, w.clock)
	w.offers = demoOffers()
	w.checkouts = order.NewCheckouts(w.carts, w, w.memory, w.memory, w.memory, w.clock)
	w.serve()
	return w
}

// serve takes up a change of the public URL.
func (w *world) serve() {
	w.orders = order.NewService(w.memory, w.carts, w, w.payments, w.clock)
	s := storefront.New(storefront.Config{Shops: w, Hosts: w, Carts: w.carts, Sessions: w.memory, Clock: w.clock,
		Recovery:  recovery.NewService(w.mails, w, w.carts, w.memory, w.clock),
		Ordering:  storefront.Ordering{Checkouts: w.checkouts, Orders: w.orders, Certificates: order.NewCertificates(w.memory, w, w.clock), Subscribers: w.memory},
		PublicURL: w.public, Log: slog.New(slog.NewTextHandler(&w.log, nil))})
	mux := http.NewServeMux()
	mux.Handle("/shop/", s)
	mux.HandleFunc("/assets/", s.Asset)
	mux.HandleFunc("/", func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "the start page") })
	w.handler = s.AtHosts(mux, func(r *http.Request) bool {
		_, pattern := mux.Handler(r)
		return pattern != "/"
	})
}

// browser sends requests and keeps cookies, but follows no redirect.
type browser struct {
	*world
	origin string
	jar    http.CookieJar
	header http.Header
	// typed are the e-mail addresses that its shopper typed: no page may show
	// another.
	typed []string
}

func (w *world) browser(origin string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{world: w, origin: origin, jar: jar, header: http.Header{}}
}

// answer is what a browser got.
type answer struct {
	*http.Response
	body string
	t    *testing.T
}

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) do(method, path string, body io.Reader) answer {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, b.origin+path, body)
	r.TLS = nil
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.origin)
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	for _, c := range b.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	res := rec.Result()
	b.jar.SetCookies(r.URL, res.Cookies())
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{Response: res, body: string(text), t: b.t}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		a.wellBehaved(b.typed)
	}
	return a
}

// wellBehaved checks what holds for every page.
func (a answer) wellBehaved(typed []string) {
	a.t.Helper()
	if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script") {
		a.t.Errorf("Content-Security-Policy = %q", csp)
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") == "" {
		a.t.Errorf("headers = %v", a.Header)
	}
	if strings.Contains(a.body, "<script") || strings.Contains(a.body, "style=") || strings.Contains(a.body, "ZgotmplZ") {
		a.t.Errorf("the page holds a script, an inline style or what the template refused:\n%s", a.body)
	}
	text := a.body
	for _, address := range typed {
		text = strings.ReplaceAll(text, address, "")
	}
	if strings.Contains(text, "@") {
		a.t.Errorf("the page shows an address:\n%s", a.body)
	}
}

func (a answer) want(status int, texts ...string) answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s = %d, want %d\n%s", a.Header.Get("Location"), a.StatusCode, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("the page does not say %q:\n%s", text, a.body)
		}
	}
	return a
}

func (a answer) without(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.t.Errorf("the page says %q", text)
		}
	}
	return a
}

func (a answer) leadsTo(location string) answer {
	a.t.Helper()
	if got := a.Header.Get("Location"); got != location {
		a.t.Errorf("Location = %q, want %q\n%s", got, location, a.body)
	}
	return a
}

// cartOf returns the only cart there is.
func (w *world) onlyCart() *cart.Cart {
	w.t.Helper()
	if len(w.memory.carts) != 1 {
		w.t.Fatalf("there are %d carts", len(w.memory.carts))
	}
	for _, c := range w.memory.carts {
		return c
	}
	return nil
}

func (m *memory) CountOrders(context.Context, string, int64) (int64, error) { return 0, nil }
