package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"cartwright/internal/mail"
	"cartwright/internal/merchant"
	"cartwright/internal/testkit"
)

// mailShop is a sandbox with a store whose owner looks at mails.
func mailShop(t *testing.T, c Config) *street {
	t.Helper()
	c.PublicURL, c.Sandbox = "https://carts.example", true
	return streetWith(t, c, merchant.Setup{Hash: "demo", Name: "<b>Lämp</b> & Co", EmailFrom: "hello@shop.example"})
}

// leave fills a cart, says who it is and goes away until the first mail is out.
func (s *street) leave() {
	s.Helper()
	at := s.cart("")
	s.do(step{"", "POST", "/v3/checkouts/" + strings.TrimPrefix(at, "/v3/carts/") + "/billing-address", billing, 200, nil})
	s.app.wind(s.T, "2h")
}

func (s *street) inbox(query string) []map[string]any {
	s.Helper()
	w := ask(s.app, "GET", "/sandbox/inbox"+query, "", "Host", "carts.example", "Accept", "application/json")
	var mails []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &mails); err != nil || w.Code != http.StatusOK {
		s.Fatalf("the inbox answers %d %s", w.Code, w.Body)
	}
	return mails
}

func TestInboxKeepsTheMailsOfTheSandbox(t *testing.T) {
	s := mailShop(t, Config{})
	if got := s.inbox(""); len(got) != 0 {
		t.Fatalf("an empty inbox holds %v", got)
	}
	s.leave()
	got := s.inbox("")
	if len(got) != 1 {
		t.Fatalf("the inbox holds %d mails", len(got))
	}
	m := got[0]
	for _, name := range []string{"id", "to", "from", "subject", "html", "text", "headers", "sent_at"} {
		if m[name] == nil || m[name] == "" {
			t.Errorf("the mail lacks %s: %v", name, m)
		}
	}
	headers, _ := m["headers"].(map[string]any)
	link, _ := headers["List-Unsubscribe"].(string)
	if m["to"] != "ada@shop.example" || m["from"] != "hello@shop.example" || headers["From"] != `<b>Lämp</b> & Co <hello@shop.example>` ||
		!strings.HasPrefix(link, "<https://carts.example/shop/demo/") || headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
		t.Errorf("kept %v", m)
	}
	if html, _ := m["html"].(string); strings.Contains(html, "<b>Lämp") || !strings.Contains(html, "&lt;b&gt;Lämp") {
		t.Errorf("the store's name is markup in %s", html)
	}
	s.app.wind(t, "1d")
	if got := s.inbox(""); len(got) != 2 || got[0]["id"].(float64) < got[1]["id"].(float64) {
		t.Errorf("a day later the inbox holds %v", got)
	}
	if got := s.inbox("?limit=1"); len(got) != 1 {
		t.Errorf("%d mails of at most one", len(got))
	}
	if got := s.inbox("?to=ADA"); len(got) != 2 {
		t.Errorf("%d mails to Ada", len(got))
	}
	if got := s.inbox("?to=eve"); len(got) != 0 {
		t.Errorf("%d mails to Eve", len(got))
	}
	if w := ask(s.app, "GET", "/sandbox/inbox?limit=x", "", "Accept", "application/json"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a limit that is none: %d", w.Code)
	}
	if w := ask(s.app, "DELETE", "/sandbox/inbox", ""); w.Code != http.StatusNoContent {
		t.Errorf("emptying: %d %s", w.Code, w.Body)
	}
	if got := s.inbox(""); len(got) != 0 {
		t.Errorf("an inbox that was emptied holds %v", got)
	}
}

// A mail server takes the place of the inbox, and gets mails signed.
func TestMailsGoToTheMailServer(t *testing.T) {
	sink := (&testkit.SMTPSink{User: "u", Password: "p"}).Start(t)
	s := mailShop(t, Config{SMTP: sink.URL()})
	key, _, err := mail.CreateKey(t.Context(), s.app.DB, "demo", "shop.example", "mail1", s.app.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.leave()
	got := sink.Mails()
	if len(got) != 1 || got[0].From != "hello@shop.example" || !slices.Equal(got[0].To, []string{"ada@shop.example"}) {
		t.Fatalf("arrived: %+v", got)
	}
	name, value, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(got[0].Data), &dkim.VerifyOptions{LookupTXT: func(asked string) ([]string, error) {
		if asked != name {
			return nil, errors.New("no record " + asked)
		}
		return []string{value}, nil
	}})
	if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "shop.example" {
		t.Errorf("the signature: %+v, %v", found, err)
	}
	if kept := s.inbox(""); len(kept) != 0 {
		t.Errorf("the inbox holds %v too", kept)
	}
}

func TestServersWarnAboutMail(t *testing.T) {
	tests := map[string]struct {
		config Config
		says   string // "" for nothing
	}{
		"without a mail server":     {Config{}, "no mail is sent"},
		"without https":             {Config{SMTP: "smtp://127.0.0.1:1"}, "over https only"},
		"with both":                 {Config{SMTP: "smtp://127.0.0.1:1", PublicURL: "https://carts.example"}, ""},
		"the sandbox":               {Config{Sandbox: true}, ""},
		"the sandbox that has both": {Config{Sandbox: true, SMTP: "smtp://user:pw@127.0.0.1:1"}, "mails really go out, to 127.0.0.1:1"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.config.Listen = "127.0.0.1:0"
			_, log, stop := start(t, tc.config)
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			warned := strings.Contains(log.String(), "level=WARN")
			if warned != (tc.says != "") || !strings.Contains(log.String(), tc.says) {
				t.Errorf("logged %s", log)
			}
		})
	}
}
