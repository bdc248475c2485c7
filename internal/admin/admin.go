// Package admin serves the pages for whoever runs the server: the start page,
// the stores and what is in them, and the inbox of the sandbox.
//
// The pages exist in sandbox mode only, where nobody signs in (decisions 26);
// internal/app keeps requests of other sites away from them. They are plain
// HTML and work without scripts.
package admin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

// Stores lists what the database holds.
type Stores interface {
	ListStores(ctx context.Context) ([]*merchant.Store, error)
	// CountCarts and CountPlacedOrders count no further than most.
	CountCarts(ctx context.Context, store string, most int) (int, error)
	CountPlacedOrders(ctx context.Context, store string, most int) (int, error)
	// Episodes returns the times that a cart was abandoned.
	Episodes(ctx context.Context, store string, cartID cart.ID) ([]*recovery.Episode, error)
	// Episode returns one of them by its id, or nil.
	Episode(ctx context.Context, store string, id int64) (*recovery.Episode, error)
}

// Shops gives the set-up and catalog of a store.
type Shops interface {
	// Shop returns a NotFound fault for an unknown store.
	Shop(ctx context.Context, store string) (cart.Shop, error)
}

// Config is what the pages are made of.
type Config struct {
	Stores Stores
	Shops  Shops
	// Recovery tells what became of abandoned carts.
	Recovery Recoveries
	Inbox    Inbox
	// MailServer is where mails go out, "" while they stay in the inbox.
	MailServer string
	Clock      *clock.Wound
	// Example returns a command line that makes a cart in this store, or "".
	Example func(ctx context.Context, store string) (string, error)
	// Coupons are codes to try in a store that has an example.
	Coupons []string
	Log     *slog.Logger
}

// Pages serves the pages.
type Pages struct{ Config }

// New returns the pages.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/admin.css
var style []byte

// StylePath is where the stylesheet is served.
const StylePath = "/admin/style.css"

// styleVersion moves with the stylesheet, so that browsers may keep it.
var styleVersion = func() string {
	sum := sha256.Sum256(style)
	return hex.EncodeToString(sum[:6])
}()

var (
	homeTemplate   = parse("home.html")
	storesTemplate = parse("stores.html")
	storeTemplate  = parse("store.html")
	inboxTemplate  = parse("inbox.html")
	cartTemplate   = parse("cart.html")
	errorTemplate  = parse("error.html")
)

func parse(name string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{"rate": rate}).ParseFS(templateFiles, "templates/layout.html", "templates/report.html", "templates/"+name))
}

// Style serves the stylesheet.
func (p *Pages) Style(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(style)
}

// page is what the layout shows around a page.
type page struct {
	Title      string
	Here       string // the part of the navigation that is open
	Style      string
	Now        time.Time
	Ahead      string // of real time; "" when it is not
	Body       any
	MailServer string // as in Config
}

// policy lets the pages load nothing but their stylesheet and frames from here,
// and send forms nowhere but here.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (p *Pages) render(w http.ResponseWriter, status int, t *template.Template, title, here string, body any) error {
	var buf bytes.Buffer
	err := t.ExecuteTemplate(&buf, "layout", page{
		Title: title, Here: here, Style: StylePath + "?v=" + styleVersion,
		Now: p.Clock.Now(), Ahead: spoken(p.Clock.Offset()), MailServer: p.MailServer, Body: body,
	})
	if err != nil {
		return fmt.Errorf("render %s: %w", t.Name(), err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers send forms from nowhere
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // a browser that went away is nobody's error
	return nil
}

// serve turns a page that may fail into a handler.
func (p *Pages) serve(page func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := page(w, r)
		switch {
		case err == nil, errors.Is(err, context.Canceled):
			return
		case fault.Is(err, fault.NotFound):
			err = p.render(w, http.StatusNotFound, errorTemplate, "Not found", "", "There is no such store or cart.")
		case fault.IsOutage(err):
			status, title := TryLater(w, err)
			err = p.render(w, status, errorTemplate, "Please try again", "", title)
		default:
			p.Log.Error("cannot show a page", "path", r.URL.Path, "error", err)
			err = p.render(w, http.StatusInternalServerError, errorTemplate, "Something went wrong", "", "The log says what.")
		}
		if err != nil {
			p.Log.Error("cannot show an error", "path", r.URL.Path, "error", err)
		}
	}
}

// TryLater begins the answer to a request that met an outage, and returns its
// status, 503 or for a full disk 507, and what to say.
func TryLater(w http.ResponseWriter, outage error) (status int, title string) {
	w.Header().Set("Retry-After", "1")
	f := fault.Refusal(outage)
	if f.Kind == fault.Full {
		return http.StatusInsufficientStorage, f.Title
	}
	return http.StatusServiceUnavailable, f.Title
}

// Home serves the start page.
func (p *Pages) Home() http.HandlerFunc {
	return p.serve(func(w http.ResponseWriter, r *http.Request) error {
		stores, err := p.stores(r.Context())
		if err != nil {
			return err
		}
		return p.render(w, http.StatusOK, homeTemplate, "Cartwright", "home", stores)
	})
}

// List serves the list of stores.
func (p *Pages) List() http.HandlerFunc {
	return p.serve(func(w http.ResponseWriter, r *http.Request) error {
		stores, err := p.stores(r.Context())
		if err != nil {
			return err
		}
		return p.render(w, http.StatusOK, storesTemplate, "Stores", "stores", stores)
	})
}

// Store serves the page of the store that the path names.
func (p *Pages) Store() http.HandlerFunc {
	return p.serve(func(w http.ResponseWriter, r *http.Request) error {
		s, err := p.storeView(r.Context(), r.PathValue("store"))
		if err != nil {
			return err
		}
		if s.Report, err = p.reportOf(r.Context(), s.Store); err != nil {
			return err
		}
		return p.render(w, http.StatusOK, storeTemplate, s.Store.Name, "stores", s)
	})
}
