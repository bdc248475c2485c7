package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/pricing"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// wind winds the clock of a sandbox ahead and returns what it shows then.
func (s *server) wind(by string) time.Time {
	s.t.Helper()
	var now struct{ Now time.Time }
	text := s.sandbox(http.MethodPost, "/sandbox/clock", object{"advance": by})
	if err := json.Unmarshal(text, &now); err != nil {
		s.t.Fatalf("%v: %s", err, text)
	}
	return now.Now
}

func (s *server) sandbox(method, path string, body any) []byte {
	s.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(b))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
	}
	return text
}

// letter is a mail that a shopper got, with its two links.
type letter struct{ to, back, unsubscribe string }

var (
	backLink        = regexp.MustCompile(`https?://[^\s"<>()]*action=recover[^\s"<>()]*`)
	unsubscribeLink = regexp.MustCompile(`https?://[^\s"<>()]*/unsubscribe\?t=[0-9a-f]+`)
)

func newLetter(to, text string) letter {
	return letter{to, backLink.FindString(text), unsubscribeLink.FindString(text)}
}

// mails winds the clock ahead and returns the mails that have gone out since:
// those of the inbox, which it empties, and those that the program has left to
// send, as it does without a mailer. These are sent from here, out of its
// database.
func (s *server) mails(by string) []letter {
	s.t.Helper()
	now := s.wind(by)
	return append(s.inbox(), s.unsent(now)...)
}

func (s *server) inbox() []letter {
	s.t.Helper()
	var kept []struct {
		To   any
		Text string
	}
	text := s.sandbox(http.MethodGet, "/sandbox/inbox", nil)
	if err := json.Unmarshal(text, &kept); err != nil {
		s.t.Fatalf("%v: %s", err, text)
	}
	var all []letter
	for _, m := range kept {
		all = append(all, newLetter(fmt.Sprint(m.To), m.Text))
	}
	s.sandbox(http.MethodDelete, "/sandbox/inbox", nil)
	return all
}

func (s *server) unsent(now time.Time) []letter {
	s.t.Helper()
	db, err := sqlstore.Open(s.t.Context(), "sqlite://"+filepath.Join(s.data, "cartwright.db"), sqlstore.Options{Shared: true, Clock: clock.At(now)})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	log := slog.New(slog.DiscardHandler)
	shops := sqlstore.NewShops(db, s.url, log)
	carts := cart.NewService(db, shops, db, pricing.Default, clock.At(now))
	box := &postbox{}
	engine := recovery.NewEngine(recovery.EngineConfig{Storage: db, Service: recovery.NewService(db, shops, carts, db, clock.At(now)),
		Mailer: box, Clock: clock.At(now), Log: log})
	if err := engine.Settle(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if err := engine.Close(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return box.letters
}

// mail is the only one that goes out when the clock is wound ahead.
func (s *server) mail(by string) letter {
	s.t.Helper()
	all := s.mails(by)
	if len(all) != 1 {
		s.t.Fatalf("%d mails went out: %+v", len(all), all)
	}
	return all[0]
}

// postbox keeps the mails that are put into it.
type postbox struct {
	mu      sync.Mutex
	letters []letter
}

func (p *postbox) Deliver(_ context.Context, m recovery.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, newLetter(m.To.Address, m.Message.Text))
	return nil
}

func (p *postbox) Connections() int { return 1 }

// scan opens a link as a mail scanner does, and returns the status and the
// page.
func scan(t *testing.T, method, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; SafeLinksBot/1.0)")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if c := res.Cookies(); len(c) > 0 {
		t.Errorf("%s %s sets %v", method, address, c)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}
