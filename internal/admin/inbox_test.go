package admin

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

// mailbag is an inbox in memory: the newest first.
type mailbag []recovery.InboxMail

func (b mailbag) InboxMails(_ context.Context, q recovery.InboxQuery) ([]recovery.InboxMail, error) {
	var found []recovery.InboxMail
	for _, m := range b {
		to := strings.ToLower(m.To.Name + " " + m.To.Address)
		if (q.Before == 0 || m.ID < q.Before) && strings.Contains(to, strings.ToLower(q.Recipient)) && len(found) < q.Most {
			found = append(found, m)
		}
	}
	return found, nil
}

func (b mailbag) InboxMail(_ context.Context, id int64) (*recovery.InboxMail, error) {
	for i := range b {
		if b[i].ID == id {
			return &b[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such mail.")
}

func (mailbag) EmptyInbox(context.Context) error { return nil }

// oneStore is a database with one store.
type oneStore struct{ Stores }

var linden = &merchant.Store{Hash: "linden", Name: "Linden & Sons", Currencies: []merchant.Currency{{Code: "USD", Default: true}}, Channels: []merchant.Channel{{ID: 1}}}

func (oneStore) ListStores(context.Context) ([]*merchant.Store, error) {
	return []*merchant.Store{linden}, nil
}

// Episode knows one time that a cart was abandoned.
func (oneStore) Episode(_ context.Context, store string, id int64) (*recovery.Episode, error) {
	if store != "linden" || id != 7 {
		return nil, nil
	}
	return &recovery.Episode{ID: 7, Cart: "c-7"}, nil
}

func (oneStore) Shop(context.Context, string) (cart.Shop, error) {
	return cart.Shop{PublicURL: "http://localhost:8080", Store: linden, Catalog: &catalog.Snapshot{}}, nil
}

func mailTo(id int64, name, address string) recovery.InboxMail {
	return recovery.InboxMail{
		ID: id, Store: "linden", From: recovery.Mailbox{Name: "Linden & Sons", Address: "hello@linden.example"}, To: recovery.Mailbox{Name: name, Address: address},
		Subject: fmt.Sprintf("Mail %d", id), HTML: "<!doctype html>\n<html lang=\"en\"><head><title>T</title></head><p>Come back", Text: "Come back\n",
		Headers: []recovery.MailHeader{{Name: "Message-ID", Value: "<m@linden.example>"}}, SentAt: time.Date(2026, 3, 4, 12, int(id%60), 0, 0, time.UTC),
	}
}

// ask asks for the inbox as a browser does.
func ask(t *testing.T, inbox Inbox, path string) *httptest.ResponseRecorder {
	t.Helper()
	p := New(Config{
		Stores: oneStore{}, Shops: oneStore{}, Inbox: inbox, Clock: &clock.Wound{}, Log: slog.New(slog.DiscardHandler),
		Example: func(context.Context, string) (string, error) { return "", nil },
	})
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	p.Inbox()(w, r)
	return w
}

func TestInboxPage(t *testing.T) {
	var many mailbag
	for id := range int64(120) {
		many = append(many, mailTo(id+1, "", fmt.Sprintf("shopper%d@example.com", id+1)))
	}
	slices.Reverse(many)
	two := mailbag{mailTo(2, "Ada Byron", "ada@example.com"), mailTo(1, "", "bob@example.com")}
	about := mailTo(1, "", "ada@example.com")
	about.Headers[0].Value = "<7.1.0a1b@linden.example>"
	unknown := about
	unknown.Headers = []recovery.MailHeader{{Name: "Message-ID", Value: "<8.1.0a1b@linden.example>"}}
	for name, tt := range map[string]struct {
		inbox     Inbox
		query     string
		status    int
		has, lack []string
	}{
		"empty": {mailbag{}, "", 200, []string{"There is no mail yet", `value="/sandbox/inbox"`, `name="advance" value="1h"`, `href="http://localhost:8080/shop/linden/"`}, []string{"<iframe", "search"}},
		"the newest is open": {two, "", 200, []string{"Ada Byron", "bob@example.com", `<h2 id="subject"><bdi>Mail 2</bdi>`, `<li id="m2"><a href="/sandbox/inbox?id=2#m2" aria-current="true"`, `src="/sandbox/inbox?id=2&amp;view=frame"`,
			`sandbox="allow-popups allow-popups-to-escape-sandbox"`, `<a href="/admin/linden"><bdi>Linden &amp; Sons</bdi></a>`, "Wednesday, 4 March 2026, 12:02:00 UTC"}, []string{"Older mails", `"inbox reading"`, "Newest"}},
		"about a cart":       {mailbag{about}, "", 200, []string{`<dt>Cart</dt><dd><a href="/admin/linden/carts/c-7">its story`}, nil},
		"about one long ago": {mailbag{unknown}, "", 200, []string{"Mail 1"}, []string{"<dt>Cart</dt>"}},
		"one of them":        {two, "?id=1", 200, []string{`"inbox reading"`, "<title>Mail 1 –", `<a href="/sandbox/inbox?id=2#m2" rel="prev">`, `<a href="/sandbox/inbox?id=1" aria-current="page">Mail</a>`}, []string{`rel="next"`}},
		"its text":           {two, "?id=1&view=text", 200, []string{"Come back\n</pre>", `<a href="/sandbox/inbox?id=1&amp;view=text" aria-current="page">`}, []string{"<iframe"}},
		"its headers":        {two, "?id=1&view=headers", 200, []string{"<dt>Message-ID</dt><dd>&lt;m@linden.example&gt;</dd>"}, []string{"<iframe"}},
		"a view of no name":  {two, "?id=1&view=x", 200, []string{"<iframe"}, nil},
		"one recipient":      {two, "?to=BYRON", 200, []string{`value="BYRON"`, "Mail 2", `href="/sandbox/inbox?id=2&amp;to=BYRON#m2"`, "Show all"}, []string{"bob@"}},
		"nobody":             {two, "?to=eve", 200, []string{"No mail to “<bdi>eve</bdi>”"}, []string{"<iframe", "bob@"}},
		"gone":               {two, "?id=9", 404, []string{"This mail is not here", "Mail 2"}, []string{"<iframe"}},
		"gone from an empty": {mailbag{}, "?id=9", 404, []string{"This mail is not here"}, nil},
		"no id":              {two, "?id=x&before=y", 200, []string{"Mail 2"}, []string{`"inbox reading"`}},
		"the first fifty":    {many, "", 200, []string{"Mail 120<", "Mail 71<", `href="/sandbox/inbox?before=71"`}, []string{"Mail 70<", "Newest"}},
		"the next fifty":     {many, "?before=71", 200, []string{"Mail 70<", "Mail 21<", `href="/sandbox/inbox">Newest`, `href="/sandbox/inbox?before=21"`, `href="/sandbox/inbox?before=71&amp;id=70#m70"`}, []string{"Mail 71<", "Mail 20<"}},
		"the last":           {many, "?before=21", 200, []string{"Mail 20<", "Mail 1<"}, []string{"Older mails"}},
	} {
		w := ask(t, tt.inbox, InboxPath+tt.query)
		if w.Code != tt.status {
			t.Errorf("%s: %d", name, w.Code)
		}
		for _, part := range tt.has {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s lacks %s in\n%s", name, part, w.Body)
			}
		}
		for _, part := range append(tt.lack, "<script", " style=") {
			if strings.Contains(w.Body.String(), part) {
				t.Errorf("%s has %s in\n%s", name, part, w.Body)
			}
		}
	}
}

// TestMailFrame: the HTML of a mail is shown where it can do nothing, and its
// links open elsewhere.
func TestMailFrame(t *testing.T) {
	evil := mailTo(1, "", "a@example.com")
	for body, want := range map[string]string{
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=utf-8>": "<!DOCTYPE html>\n<html lang=\"en\">\n<head><base target=\"_blank\">\n<meta charset=utf-8>",
		" <!-- > --> <!doctype html><p>":                                    " <!-- > --> <!doctype html><base target=\"_blank\"><p>",
		"<header>Hello</header>":                                            `<base target="_blank"><header>Hello</header>`,
		"":                                                                  `<base target="_blank">`,
		"<script>alert(1)</script>":                                         `<base target="_blank"><script>alert(1)</script>`,
	} {
		evil.HTML = body
		w := ask(t, mailbag{evil}, InboxPath+"?id=1&view=frame")
		if w.Body.String() != want {
			t.Errorf("%q is shown as %q", body, w.Body)
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';") || strings.Contains(policy, "script") {
			t.Errorf("the policy is %s", policy)
		}
	}
	if w := ask(t, mailbag{evil}, InboxPath+"?id=2&view=frame"); w.Code != http.StatusNotFound {
		t.Errorf("a frame of no mail: %d", w.Code)
	}
}

// TestScriptInAMailIsText: what strangers call themselves, and what stands in a
// mail, is text on the page.
func TestScriptInAMailIsText(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	m := mailTo(1, evil, evil)
	m.Subject, m.Text, m.From, m.Headers = evil, evil, m.To, []recovery.MailHeader{{Name: evil, Value: evil}}
	for _, query := range []string{"", "?id=1", "?id=1&view=text", "?id=1&view=headers", "?to=%22%3E%3Cscript%3E"} {
		if page := ask(t, mailbag{m}, InboxPath+query).Body.String(); strings.Contains(page, "<script") || strings.Contains(page, `"">`) {
			t.Errorf("%s:\n%s", query, page)
		}
	}
}

func TestShortly(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{
		now:                                     "12:00",
		now.Add(-12*time.Hour - time.Second):    "3 Mar, 23:59",
		now.AddDate(-1, 0, 0):                   "4 Mar 2025, 12:00",
		now.In(time.FixedZone("east", 14*3600)): "12:00",
	} {
		if got := shortly(at, now); got != want {
			t.Errorf("%v: %s, want %s", at, got, want)
		}
	}
}

// TestMailsThatGoOut: beside a mail server the pages do not say that mails stay.
func TestMailsThatGoOut(t *testing.T) {
	p := New(Config{Stores: oneStore{}, Shops: oneStore{}, Inbox: mailbag{}, MailServer: "mail.example:587", Clock: &clock.Wound{}, Log: slog.New(slog.DiscardHandler)})
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, InboxPath, nil)
	r.Header.Set("Accept", "text/html")
	p.Inbox()(w, r)
	if body := w.Body.String(); !strings.Contains(body, "mails go to mail.example:587") || strings.Contains(body, "stays here instead") {
		t.Errorf("the inbox says\n%s", body)
	}
}

// outInbox is an inbox whose database is out.
type outInbox struct {
	mailbag
	out *fault.Outage
}

func (b outInbox) InboxMails(context.Context, recovery.InboxQuery) ([]recovery.InboxMail, error) {
	return nil, b.out
}
func (b outInbox) EmptyInbox(context.Context) error { return b.out }

// TestAnOutageIsNoDefect: a database that is away and a disk that is full are
// told apart, to browsers and to programs.
func TestAnOutageIsNoDefect(t *testing.T) {
	for status, out := range map[int]*fault.Outage{503: {Title: "It is away."}, 507: {Title: "It is full.", Full: true}} {
		p := New(Config{Inbox: outInbox{out: out}, Log: slog.New(slog.DiscardHandler)})
		empty := httptest.NewRecorder()
		p.EmptyInbox()(empty, httptest.NewRequest(http.MethodDelete, InboxPath, nil))
		for what, w := range map[string]*httptest.ResponseRecorder{"the page": ask(t, outInbox{out: out}, InboxPath), "emptying": empty} {
			if w.Code != status || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), out.Title) {
				t.Errorf("%s: %d, Retry-After %q: %s", what, w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		}
	}
}
