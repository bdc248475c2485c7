package storefront

import (
	"net/http"
	"net/url"

	"cartwright/internal/recovery"
)

// unsubscribePath is where the recipients of mails say that they want no more.
const unsubscribePath = "/unsubscribe"

// unsubscribeView is the page on which they do.
type unsubscribeView struct{ Action string }

// unsubscribeRequest serves that page. Only a POST acts: scanners open links.
// It needs neither cookie nor form, since mail programs send it for their users
// (RFC 8058): whoever holds the token got the mail.
func (v *visit) unsubscribeRequest() error {
	if err := v.allow(http.MethodGet, http.MethodHead, http.MethodPost); err != nil {
		return err
	}
	token := v.r.URL.Query().Get("t")
	if v.r.Method == http.MethodPost {
		if _, err := v.Recovery.UnsubscribeToken(v.ctx(), v.store(), token); err != nil {
			return v.deadLink(err)
		}
		return v.say(http.StatusOK, "You are unsubscribed", "The address that the mail went to gets no more reminders of carts from "+
			v.shop.Store.Name+". If this was a mistake, please write to the shop.")
	}
	if _, err := v.Recovery.Resolve(v.ctx(), v.store(), token, recovery.Unsubscribe); err != nil {
		return v.deadLink(err)
	}
	view := unsubscribeView{Action: v.href(unsubscribePath, url.Values{"t": {token}})}
	return v.sendUnchanged(http.StatusOK, unsubscribeTemplate, v.page("Unsubscribe", &view))
}
