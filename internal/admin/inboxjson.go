package admin

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// mailJSON is a mail of the sandbox's inbox.
type mailJSON struct {
	ID      int64             `json:"id"`
	Store   string            `json:"store"`
	To      string            `json:"to"` // addresses alone; the headers have the names
	From    string            `json:"from"`
	Subject string            `json:"subject"`
	HTML    string            `json:"html"`
	Text    string            `json:"text"`
	Headers map[string]string `json:"headers"` // decoded
	SentAt  string            `json:"sent_at"` // by the clock of the sandbox
}

func toMailJSON(m *recovery.InboxMail) mailJSON {
	out := mailJSON{
		ID: m.ID, Store: m.Store, To: m.To.Address, From: m.From.Address, Subject: m.Subject, HTML: m.HTML, Text: m.Text,
		Headers: map[string]string{}, SentAt: m.SentAt.UTC().Format(time.RFC3339Nano),
	}
	for _, h := range m.Headers {
		out.Headers[h.Name] = h.Value
	}
	return out
}

// inboxPart is how many mails are read at a time.
const inboxPart = 100

// Inbox serves the mail that the sandbox kept: as JSON to who asks for that,
// newest mail first, and as a page otherwise.
func (p *Pages) Inbox() http.HandlerFunc {
	page := p.serve(p.inbox)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept")
		if wantsJSON(r) {
			p.inboxJSON(w, r)
			return
		}
		page(w, r)
	}
}

// wantsJSON reports whether a program asks, and no browser.
func wantsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// inboxJSON lists the mails: ?to= finds a recipient, ?limit= bounds how many.
func (p *Pages) inboxJSON(w http.ResponseWriter, r *http.Request) {
	limit := math.MaxInt32
	if raw := r.URL.Query().Get("limit"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 1 {
			refuse(w, http.StatusUnprocessableEntity, "limit must be a whole number, 1 or more")
			return
		}
		limit = n
	}
	p.writeInbox(w, r, limit)
}

func (p *Pages) writeInbox(w http.ResponseWriter, r *http.Request, limit int) {
	q := recovery.InboxQuery{Recipient: r.URL.Query().Get("to"), Most: min(limit, inboxPart)}
	part, err := p.Config.Inbox.InboxMails(r.Context(), q)
	if err != nil {
		p.failed(w, "the inbox cannot be read", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	encoder, open := json.NewEncoder(w), "["
	for {
		for i := range part {
			if _, err := w.Write([]byte(open)); err != nil {
				return // nobody listens any more
			}
			if err := encoder.Encode(toMailJSON(&part[i])); err != nil {
				return
			}
			open = ","
		}
		limit -= len(part)
		if len(part) < q.Most || limit <= 0 {
			break
		}
		q.Before, q.Most = part[len(part)-1].ID, min(limit, inboxPart)
		if part, err = p.Config.Inbox.InboxMails(r.Context(), q); err != nil {
			p.Log.Error("cannot read the inbox to its end", "error", err)
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
	}
	if open == "[" {
		_, _ = w.Write([]byte("["))
	}
	_, _ = w.Write([]byte("]\n"))
}

// EmptyInbox forgets the mails that were kept.
func (p *Pages) EmptyInbox() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := p.Config.Inbox.EmptyInbox(context.WithoutCancel(r.Context())); err != nil {
			p.failed(w, "the inbox cannot be emptied", err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// failed answers when something could not be done, and logs why unless the
// database is away.
func (p *Pages) failed(w http.ResponseWriter, what string, err error) {
	if fault.IsOutage(err) {
		status, title := TryLater(w, err)
		refuse(w, status, title)
		return
	}
	p.Log.Error(what, "error", err)
	refuse(w, http.StatusInternalServerError, what+"; the log says why")
}

// refuse answers with an error in the shape of the API's.
func refuse(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": title}) // who went away is nobody's error
}
