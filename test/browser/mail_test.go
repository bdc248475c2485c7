package browser

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"testing"
)

// wind winds the clock of a sandbox ahead.
func (s *server) wind(by string) {
	s.t.Helper()
	s.sandbox(http.MethodPost, "/sandbox/clock", object{"advance": by})
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

// mails winds the clock ahead and returns the mails that have gone out since,
// which it takes out of the inbox.
func (s *server) mails(by string) []letter {
	s.t.Helper()
	s.wind(by)
	return s.inbox()
}

func (s *server) inbox() []letter {
	s.t.Helper()
	var kept []struct{ To, Text string }
	text := s.sandbox(http.MethodGet, "/sandbox/inbox", nil)
	if err := json.Unmarshal(text, &kept); err != nil {
		s.t.Fatalf("%v: %s", err, text)
	}
	var all []letter
	for _, m := range kept {
		all = append(all, newLetter(m.To, m.Text))
	}
	s.sandbox(http.MethodDelete, "/sandbox/inbox", nil)
	return all
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
