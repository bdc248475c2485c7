package storefront

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"unicode/utf8"
)

// notice is a sentence above a page, about what the shopper has just done.
type notice struct {
	Text string `json:"t"`
	// Failed says that it was not done.
	Failed bool `json:"f,omitempty"`
}

// noticeCookie carries notices to the page that a request redirects to.
const noticeCookie = "SHOP_NOTICE"

// maxNotice bounds what is put into a cookie.
const maxNotice = 600

// tell shows notices on the next page.
func (v *visit) tell(notices ...notice) {
	if len(notices) == 0 {
		return
	}
	for i := range notices {
		notices[i].Text = shorten(notices[i].Text, maxNotice)
	}
	b, err := json.Marshal(notices)
	if err != nil {
		return // a string always encodes
	}
	http.SetCookie(v.w, v.noticeCookie(base64.RawURLEncoding.EncodeToString(b), 120))
}

// told returns the notices of the request before, once.
func (v *visit) told() []notice {
	cookie, err := v.r.Cookie(noticeCookie)
	if err != nil || v.r.Method == http.MethodHead {
		return nil
	}
	http.SetCookie(v.w, v.noticeCookie("", -1))
	b, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var notices []notice
	if json.Unmarshal(b, &notices) != nil {
		return nil
	}
	return notices
}

func (v *visit) noticeCookie(value string, maxAge int) *http.Cookie {
	path := v.base
	if path == "" {
		path = "/"
	}
	c := &http.Cookie{Name: noticeCookie, Value: value, Path: path, MaxAge: maxAge,
		HttpOnly: true, Secure: v.encrypted(), SameSite: http.SameSiteLaxMode}
	if v.embedded {
		inFrame(c)
	}
	return c
}

// shorten cuts a text to n bytes without cutting a character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
