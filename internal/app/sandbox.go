package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/admin"
	"cartwright/internal/demo"
	"cartwright/internal/fault"
	"cartwright/internal/jobs"
	"cartwright/internal/sqlstore"
)

// openClock brings the sandbox clock to where the database left it. A server
// without the sandbox would live in the past of such a database, or ahead of it,
// so it refuses (decisions 24).
func (a *App) openClock(ctx context.Context) error {
	offset, err := a.DB.ClockOffset(ctx)
	if a.Config.back > 0 && err == nil {
		offset, err = a.DB.BeginClock(ctx, a.Config.back)
	}
	if err != nil {
		return err
	}
	if !a.Config.Sandbox && offset != 0 {
		return wound(offset)
	}
	a.Clock.Begin(offset)
	return nil
}

// wound refuses a database whose clock does not show the machine's time.
func wound(offset time.Duration) error {
	const instead = "serve it with --sandbox, or name another database with --data or --database"
	if offset < 0 {
		return fmt.Errorf("the history of this database stops %s ago: finish it with cartwright demo, "+instead, -offset.Round(time.Second))
	}
	return fmt.Errorf("the clock of this database was wound %s ahead in a sandbox, so what it holds lies in the future: "+instead, offset.Round(time.Second))
}

// clockEvery is how often a server looks whether another has wound the clock.
const clockEvery = time.Second

// watchClock follows windings by other servers until ctx is done.
func (a *App) watchClock(ctx context.Context) {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.clockMoved:
		case <-tick.C:
		}
		offset, err := a.DB.ClockOffset(ctx)
		if err != nil {
			if ctx.Err() == nil && !fault.IsOutage(err) {
				a.Config.Log.Error("cannot follow the sandbox clock", "error", err)
			}
			continue
		}
		if moved := offset != a.Clock.Offset(); moved {
			a.Clock.SetOffset(offset)
			a.Webhooks.Wake()
			a.Mails.Wake()
		}
	}
}

// tasks lists what falls due on this server.
func (a *App) tasks() []jobs.Task {
	all := []jobs.Task{jobs.Scan(a.DB), jobs.CartSweep(a.DB), jobs.LeftoverSweep(a.DB), jobs.CouponSweep(a.DB), jobs.IdleHooks(a.DB, a.Config.Log)}
	if a.shoppers != nil {
		all = append(all, a.shoppers)
	}
	return all
}

// Wind moves the sandbox clock ahead and does everything that falls due on the
// way, in its order. A winding beyond sqlstore.MaxClockOffset is refused as a
// whole with sqlstore.ErrClockTooFar, unless another server winds meanwhile:
// then it ends where the clock cannot go further.
func (a *App) Wind(ctx context.Context, d time.Duration) error {
	left := d
	return a.Jobs.Wind(ctx, d, func(ctx context.Context, step time.Duration) error {
		// Only here is it this winding's turn, and the offset that of all before.
		if left > sqlstore.MaxClockOffset-a.Clock.Offset() {
			return sqlstore.ErrClockTooFar
		}
		offset, err := a.DB.AdvanceClock(ctx, step)
		if err == nil {
			a.Clock.SetOffset(offset)
			left -= step
		}
		return err
	})
}

// sandbox adds the routes that exist in sandbox mode only.
func (a *App) sandbox(mux *http.ServeMux) {
	pages := admin.New(admin.Config{Stores: a.DB, Shops: a.Shops, Recovery: a.Recoveries, Inbox: a.DB, MailServer: a.mailServer(), Clock: a.Clock,
		Example: a.example, Coupons: []string{demo.CodeTenOff, demo.CodeFreeShipping}, Log: a.Config.Log})
	mux.Handle("GET /{$}", a.guard(pages.Home()))
	mux.Handle("GET /admin", a.guard(pages.List()))
	mux.Handle("GET /admin/{store}", a.guard(pages.Store()))
	mux.Handle("GET /admin/{store}/carts/{cart}", a.guard(pages.Cart()))
	mux.HandleFunc("GET "+admin.StylePath, pages.Style)
	mux.Handle("GET "+admin.InboxPath, a.guard(pages.Inbox()))
	mux.Handle("DELETE "+admin.InboxPath, a.guard(pages.EmptyInbox()))
	mux.Handle("GET "+demo.PicturePath, demo.Pictures())
	mux.Handle("GET /sandbox/clock", a.guard(a.getClock))
	mux.Handle("POST /sandbox/clock", a.guard(a.windClock))
}

// clockJSON is what the sandbox says about its clock.
type clockJSON struct {
	Now    string `json:"now"`
	Offset string `json:"offset"` // how far it is ahead, as a Go duration
}

func (a *App) getClock(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, a.readClock())
}

func (a *App) readClock() clockJSON {
	return clockJSON{Now: a.Clock.Now().Format(time.RFC3339Nano), Offset: a.Clock.Offset().String()}
}

// windClock takes {"advance":"61m"}, or the field of a form, and answers when
// everything that fell due has been done. The forms of pages come back to their
// page.
func (a *App) windClock(w http.ResponseWriter, r *http.Request) {
	text, back, err := readAdvance(w, r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	d, err := parseAdvance(text)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	// A long winding may take longer than an answer otherwise may, and one that
	// has begun goes on when its client leaves.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	err = a.Wind(context.WithoutCancel(r.Context()), d)
	if errors.Is(err, sqlstore.ErrClockTooFar) {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	if fault.IsOutage(err) {
		status, title := admin.TryLater(w, err)
		refuse(w, status, title+" The clock stands at "+a.readClock().Now)
		return
	}
	if err != nil {
		a.Config.Log.Error("the sandbox clock was not wound to its aim", "advance", d.String(), "error", err)
		refuse(w, http.StatusInternalServerError, "something that fell due could not be done; the log says what. The clock stands at "+a.readClock().Now)
		return
	}
	if back != "" {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	writeJSON(w, http.StatusOK, a.readClock())
}

// readAdvance finds by how much to wind in the body, and for a form the page to
// come back to.
func readAdvance(w http.ResponseWriter, r *http.Request) (text, back string, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		// curl -d without a header says form and sends JSON: the braces decide.
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return "", "", errors.New("the body cannot be read")
		}
		if !strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
			values, err := url.ParseQuery(string(b))
			back = "/admin"
			if values.Get("back") == admin.InboxPath {
				back = admin.InboxPath
			}
			return values.Get("advance"), back, err
		}
		r.Body = io.NopCloser(strings.NewReader(string(b)))
	}
	var body struct {
		Advance string `json:"advance"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return "", "", errors.New(`the body must be JSON such as {"advance":"61m"}`)
	}
	return body.Advance, "", nil
}

// parseAdvance reads a Go duration, which may begin with days: 61m, 1h30m,
// 30d, 1d12h.
func parseAdvance(s string) (time.Duration, error) {
	wrong := fmt.Errorf("advance must be a time to move ahead by, such as 61m, 24h or 30d, and not %q", s[:min(len(s), 40)])
	var days time.Duration
	rest := s
	if before, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(before, 10, 16)
		if err != nil {
			return 0, wrong
		}
		days, rest = time.Duration(n)*24*time.Hour, after
	}
	d := days
	if rest != "" || days == 0 {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 || more > sqlstore.MaxClockOffset {
			return 0, wrong
		}
		d += more
	}
	if d <= 0 {
		return 0, wrong
	}
	return d, nil
}

// guard keeps what other sites make a browser do away from pages that ask for
// no sign-in: requests for a foreign host name, as DNS rebinding makes them,
// and requests that another origin sends. Following a link to such a page is
// no harm.
func (a *App) guard(next http.HandlerFunc) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.ownHost(r.Host) {
			refuse(w, http.StatusForbidden, "the sandbox answers under this machine's own names and under --public-url only")
			return
		}
		embedded := r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Dest") != "document"
		if err := crossOrigin.Check(r); err != nil || embedded || foreignOrigin(r) {
			refuse(w, http.StatusForbidden, "the sandbox answers no requests of other sites")
			return
		}
		next(w, r)
	})
}

// foreignOrigin reports whether a request says that it comes from elsewhere.
func foreignOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != r.Host
}

// ownHost reports whether a host name can only mean this server: an address, a
// name of the machine itself, or the name of the public URL.
func (a *App) ownHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if net.ParseIP(host) != nil || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	u, err := url.Parse(a.Config.PublicURL)
	return err == nil && host != "" && host == strings.ToLower(u.Hostname())
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"status":500}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

// refuse answers with an error in the shape of the API's.
func refuse(w http.ResponseWriter, status int, title string) {
	writeJSON(w, status, map[string]any{"status": status, "title": title})
}
