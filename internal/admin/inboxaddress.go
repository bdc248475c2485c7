package admin

import (
	"net/url"
	"strconv"
	"strings"
)

// InboxPath is where the inbox is.
const InboxPath = "/sandbox/inbox"

// The ways to look at a mail. The page shows viewHTML in a frame, which is
// filled from viewFrame.
const (
	viewHTML    = "html"
	viewText    = "text"
	viewHeaders = "headers"
	viewFrame   = "frame"
)

// inboxAddress is what an address of the inbox says.
type inboxAddress struct {
	ID     int64 // of the mail that is open; 0 for none
	Before int64 // the list begins below this mail; 0 is the newest
	To     string
	View   string
}

// readInboxAddress reads the query of an address. What cannot be read counts
// as not said.
func readInboxAddress(q url.Values) inboxAddress {
	a := inboxAddress{To: strings.TrimSpace(q.Get("to")), View: q.Get("view")}
	a.ID, _ = strconv.ParseInt(q.Get("id"), 10, 64)
	a.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64)
	switch a.View {
	case viewText, viewHeaders, viewFrame:
	default:
		a.View = viewHTML
	}
	return a
}

// String writes the address.
func (a inboxAddress) String() string {
	q := url.Values{}
	if a.ID != 0 {
		q.Set("id", strconv.FormatInt(a.ID, 10))
	}
	if a.Before != 0 {
		q.Set("before", strconv.FormatInt(a.Before, 10))
	}
	if a.To != "" {
		q.Set("to", a.To)
	}
	if a.View != viewHTML {
		q.Set("view", a.View)
	}
	if len(q) == 0 {
		return InboxPath
	}
	return InboxPath + "?" + q.Encode()
}

// mail is the address of a mail in the same list, list that of the list alone.
func (a inboxAddress) mail(id int64) inboxAddress  { a.ID = id; return a }
func (a inboxAddress) as(view string) inboxAddress { a.View = view; return a }
func (a inboxAddress) list(before int64) inboxAddress {
	return inboxAddress{Before: before, To: a.To, View: viewHTML}
}
