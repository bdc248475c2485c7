package admin

import (
	"net/http"
	"regexp"
)

// mailPolicy lets a mail show pictures and styles of its own, as mail clients
// do, and nothing else: no scripts, no forms, no frames. The sandbox gives it an
// origin of its own, so that it reaches nothing here, and lets its links open in
// a new tab.
const mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
	"img-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// writeMail answers with the HTML of a mail.
func writeMail(w http.ResponseWriter, mail string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	at := headOf(mail)
	_, _ = w.Write([]byte(mail[:at] + `<base target="_blank">` + mail[at:]))
}

// beforeHead is what stands before what a head holds: nothing of ours may come
// before a doctype, or browsers lay the page out as they did in the last century.
var beforeHead = regexp.MustCompile(`(?is)^(?:\s|<!--.*?-->)*(?:<!doctype[^>]*>)?\s*(?:<html(?:\s[^>]*)?>)?\s*(?:<head(?:\s[^>]*)?>)?`)

// headOf returns where the head of a page begins.
func headOf(page string) int { return beforeHead.FindStringIndex(page)[1] }
