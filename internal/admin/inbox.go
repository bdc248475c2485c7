package admin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

// Inbox holds the mails that the sandbox kept.
type Inbox interface {
	// InboxMails returns the newest first, whole.
	InboxMails(ctx context.Context, q recovery.InboxQuery) ([]recovery.InboxMail, error)
	// InboxMail returns a NotFound fault for an unknown id.
	InboxMail(ctx context.Context, id int64) (*recovery.InboxMail, error)
	// EmptyInbox forgets them all.
	EmptyInbox(ctx context.Context) error
}

// listedMails is how many mails the list shows at once.
const listedMails = 50

// inboxView is what the page shows.
type inboxView struct {
	At    inboxAddress
	Mails []inboxLine
	Shops []inboxShop
	// List is the list without a mail, Newest its beginning, Older where it goes
	// on; "" when it does not.
	List, Newest, Older string
	// Open is the mail to read: the one of the address, or else the first of the
	// list, which a phone does not show.
	Open    *inboxMail
	Missing bool // there is no mail with the id of the address
}

// inboxLine is a mail in the list.
type inboxLine struct {
	recovery.InboxMail

	// URL opens the mail, and leaves the list where the mail is.
	URL, When, Shop string
	Open            bool
}

// inboxMail is the mail to read.
type inboxMail struct {
	inboxLine

	Tabs         []inboxTab
	Frame        string // where its HTML is
	Newer, Older string // the mails beside it in the list
	Story        string // what became of the cart that it is about; "" for others
}

type inboxTab struct {
	Name, URL string
	Open      bool
}

// inboxShop is a store, and where its shop is.
type inboxShop struct{ Hash, Name, URL string }

// inbox serves the page, or the HTML of one mail to its frame.
func (p *Pages) inbox(w http.ResponseWriter, r *http.Request) error {
	v := inboxView{At: readInboxAddress(r.URL.Query())}
	chosen, err := p.chosenMail(r.Context(), v.At.ID)
	if err != nil {
		return err
	}
	if chosen != nil && v.At.View == viewFrame {
		writeMail(w, chosen.HTML)
		return nil
	}
	if err := p.fillInbox(r.Context(), &v, chosen); err != nil {
		return err
	}
	status, title := http.StatusOK, "Inbox"
	switch {
	case v.Missing:
		status = http.StatusNotFound
	case chosen != nil:
		title = chosen.Subject
	}
	return p.render(w, status, inboxTemplate, title, "inbox", v)
}

// chosenMail returns the mail of an id, or nil.
func (p *Pages) chosenMail(ctx context.Context, id int64) (*recovery.InboxMail, error) {
	if id == 0 {
		return nil, nil
	}
	m, err := p.Config.Inbox.InboxMail(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return m, err
}

// fillInbox lists the mails and opens one.
func (p *Pages) fillInbox(ctx context.Context, v *inboxView, chosen *recovery.InboxMail) (err error) {
	if v.Shops, err = p.inboxShops(ctx); err != nil {
		return err
	}
	mails, err := p.Config.Inbox.InboxMails(ctx, recovery.InboxQuery{Recipient: v.At.To, Before: v.At.Before, Most: listedMails + 1})
	if err != nil {
		return err
	}
	v.List, v.Newest = v.At.list(v.At.Before).String(), v.At.list(0).String()
	if len(mails) > listedMails {
		mails = mails[:listedMails]
		v.Older = v.At.list(mails[listedMails-1].ID).String()
	}
	v.Missing = v.At.ID != 0 && chosen == nil
	if v.At.ID == 0 && len(mails) > 0 {
		chosen = &mails[0]
	}
	now := p.Clock.Now()
	for i := range mails {
		line := v.line(&mails[i], now)
		line.Open = chosen != nil && chosen.ID == line.ID
		v.Mails = append(v.Mails, line)
	}
	if chosen != nil {
		v.Open = v.read(chosen, now)
		v.Open.Story, err = p.storyOf(ctx, chosen)
	}
	return err
}

// storyOf returns the page of the cart that a mail was sent about, or "". Its
// Message-ID tells which it is.
func (p *Pages) storyOf(ctx context.Context, m *recovery.InboxMail) (string, error) {
	for _, h := range m.Headers {
		if h.Name != "Message-ID" {
			continue
		}
		_, episode, _, ok := recovery.ReadMessageID(h.Value)
		if !ok {
			return "", nil
		}
		e, err := p.Stores.Episode(ctx, m.Store, episode)
		if err != nil || e == nil {
			return "", err
		}
		return "/admin/" + m.Store + "/carts/" + string(e.Cart), nil
	}
	return "", nil
}

func (v *inboxView) line(m *recovery.InboxMail, now time.Time) inboxLine {
	line := inboxLine{InboxMail: *m, URL: v.At.mail(m.ID).as(viewHTML).String() + "#m" + strconv.FormatInt(m.ID, 10), When: shortly(m.SentAt, now), Shop: m.Store}
	for _, s := range v.Shops {
		if s.Hash == m.Store {
			line.Shop = s.Name
		}
	}
	return line
}

// read is a mail with all that is around it on the page.
func (v *inboxView) read(m *recovery.InboxMail, now time.Time) *inboxMail {
	here := v.At.mail(m.ID)
	open := &inboxMail{inboxLine: v.line(m, now), Frame: here.as(viewFrame).String()}
	for _, tab := range []struct{ name, view string }{{"Mail", viewHTML}, {"Plain text", viewText}, {"Headers", viewHeaders}} {
		open.Tabs = append(open.Tabs, inboxTab{tab.name, here.as(tab.view).String(), v.At.View == tab.view})
	}
	for i := range v.Mails {
		if v.Mails[i].ID != m.ID {
			continue
		}
		if i > 0 {
			open.Newer = v.Mails[i-1].URL
		}
		if i+1 < len(v.Mails) {
			open.Older = v.Mails[i+1].URL
		}
	}
	return open
}

// inboxShops lists the stores.
func (p *Pages) inboxShops(ctx context.Context) ([]inboxShop, error) {
	all, err := p.Stores.ListStores(ctx)
	if err != nil {
		return nil, err
	}
	shops := make([]inboxShop, len(all))
	for i, s := range all {
		shop, err := p.Shops.Shop(ctx, s.Hash)
		if err != nil {
			return nil, err
		}
		shops[i] = inboxShop{s.Hash, s.Name, shop.SiteURL(merchant.DefaultChannel) + "/"}
	}
	return shops, nil
}

// shortly writes a time as briefly as it can be understood today.
func shortly(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	switch {
	case at.Year() == now.Year() && at.YearDay() == now.YearDay():
		return at.Format("15:04")
	case at.Year() == now.Year():
		return at.Format("2 Jan, 15:04")
	}
	return at.Format("2 Jan 2006, 15:04")
}
