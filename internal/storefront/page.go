package storefront

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// The pages, each with the layout around it.
var (
	listTemplate         = parse("list.html")
	productTemplate      = parse("product.html")
	cartTemplate         = parse("cart.html")
	checkoutTemplate     = parse("checkout.html")
	confirmationTemplate = parse("confirmation.html")
	usedTemplate         = parse("used.html")
	landingTemplate      = parse("landing.html")
	unsubscribeTemplate  = parse("unsubscribe.html")
	errorTemplate        = parse("error.html")
)

func parse(name string) *template.Template {
	return template.Must(template.ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/"+name))
}

// styleVersion moves with the stylesheet, so that browsers may keep it for
// good.
var styleVersion = func() string {
	b, err := assetFiles.ReadFile("assets/shop.css")
	if err != nil {
		panic(err) // it is embedded
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}()

// page is what the layout shows around a page.
type page struct {
	Title  string
	Shop   string // the store's name
	Home   string
	Cart   string
	Style  string
	Icon   string
	Search string
	// SearchURL is where products are searched; "" when not in this shop.
	SearchURL string
	Units     int64 // in the cart
	Notices   []notice
	// Bare leaves the shop's head and foot out: in a frame on another site.
	Bare bool
	// NoShop says that there is no shop to link to.
	NoShop bool
	Body   any
}

// page returns the layout's part of a page.
func (v *visit) page(title string, body any) page {
	p := page{Title: title, Style: v.href("/theme/shop.css", url.Values{"v": {styleVersion}}),
		Icon: v.href("/theme/icon.svg", nil), Bare: v.embedded, NoShop: v.shop.Store == nil, Body: body}
	if v.shop.Store == nil {
		return p
	}
	p.Shop, p.Home, p.Cart = v.shop.Store.Name, v.href("/", nil), v.href("/cart.php", nil)
	p.SearchURL = p.Home
	if v.elsewhere {
		p.Home, p.SearchURL = v.shop.SiteURL(v.channel)+"/", ""
	}
	return p
}

// render sends a page with the state of the cart and the notices of the
// request before.
func (v *visit) render(status int, t *template.Template, p page) error {
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	if c != nil {
		p.Units = c.Quantity()
	}
	p.Notices = append(v.told(), p.Notices...)
	return v.send(status, t, p)
}

// send writes a page. It is put together before the first byte goes out, so
// that a failure can still be told.
func (v *visit) send(status int, t *template.Template, p page) error {
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout", p); err != nil {
		return fmt.Errorf("render %s: %w", t.Name(), err)
	}
	v.headers()
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	h.Set("Cache-Control", "no-store") // the head of every page shows the cart
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(buf.Bytes()) // a browser that went away is nobody's error
	}
	return nil
}

// headers sets what every answer carries. Pictures may come from anywhere,
// since the merchant names their addresses; nothing else may.
func (v *visit) headers() {
	h := v.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' https: http:; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors "+v.frameAncestors())
	h.Set("X-Content-Type-Options", "nosniff")
	// The address of a page may hold a token: other sites do not get to see it.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Request-Id", v.id)
}

// frameAncestors lets the store's own sites, and nobody else, show the
// embedded checkout in a frame.
func (v *visit) frameAncestors() string {
	if !v.embedded || v.shop.Store == nil {
		return "'none'"
	}
	allowed := []string{"'self'"}
	for i := range v.shop.Store.Sites {
		if origin := originOf(&v.shop.Store.Sites[i]); origin != "" {
			allowed = append(allowed, origin)
		}
	}
	return strings.Join(allowed, " ")
}

// originOf returns the origin of a site's address. One that could be taken for
// more than an origin inside a header is left out.
func originOf(site *merchant.Site) string {
	u, err := url.Parse(site.URL)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"*\\") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// errorBody is what the page of an error says.
type errorBody struct {
	Heading, Text string
	Home, Cart    string
	RequestID     string
}

// errorPage is the one place where an error becomes a page. What is not a
// fault is logged and told to nobody.
func (v *visit) errorPage(err error) {
	status, body := http.StatusInternalServerError, errorBody{Heading: "Something went wrong", Text: "The shop could not answer. Please try again in a moment."}
	f := fault.Refusal(err)
	if f == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		f = fault.New(fault.Unavailable, "The shop is busy. Please try again in a moment.")
	}
	if f == nil {
		v.Log.Error("page failed", "id", v.id, "method", v.r.Method, "path", v.r.URL.Path, "error", err)
		body.RequestID = v.id
	} else {
		status, body.Heading = statusOf(f.Kind)
		body.Text = shopperText(f)
	}
	if status >= http.StatusServiceUnavailable {
		v.w.Header().Set("Retry-After", "1")
	}
	p := v.page(body.Heading, &body)
	body.Home, body.Cart = p.Home, p.Cart
	if err := v.send(status, errorTemplate, p); err != nil {
		v.Log.Error("page of an error failed", "id", v.id, "error", err)
		http.Error(v.w, "The shop could not answer.", http.StatusInternalServerError)
	}
}

// statusOf returns the status and the heading of the page of a refusal.
func statusOf(kind fault.Kind) (int, string) {
	switch kind {
	case fault.NotFound:
		return http.StatusNotFound, "Page not found"
	case fault.NotAllowed:
		return http.StatusMethodNotAllowed, "That did not work"
	case fault.Forbidden:
		return http.StatusForbidden, "That did not work"
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge, "That did not work"
	case fault.Malformed:
		return http.StatusBadRequest, "That did not work"
	case fault.Conflict:
		return http.StatusConflict, "That did not work"
	case fault.Unavailable:
		return http.StatusServiceUnavailable, "Please try again"
	case fault.Full:
		return http.StatusInsufficientStorage, "Please try again later"
	}
	return http.StatusUnprocessableEntity, "That did not work"
}

// asset serves a file of the pages.
func (v *visit) asset(name string) error {
	if err := v.allow(http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	if !serveAsset(v.w, v.r, name) {
		return errNoPage()
	}
	return nil
}

// Asset serves the files of the pages under /assets/ on this server's own
// address, where carts find the placeholder for a line without a picture.
func (s *Storefront) Asset(w http.ResponseWriter, r *http.Request) {
	if !serveAsset(w, r, path.Base(r.URL.Path)) {
		http.NotFound(w, r)
	}
}

func serveAsset(w http.ResponseWriter, r *http.Request, name string) bool {
	b, err := assetFiles.ReadFile("assets/" + name)
	if err != nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cache-Control", "public, max-age=3600")
	if r.URL.Query().Get("v") == styleVersion {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Length", strconv.Itoa(len(b)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
	return true
}
