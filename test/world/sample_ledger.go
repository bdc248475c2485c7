package world

import (
	"net/http"
	"net/url"
)

var ledgerSamples = map[string]sample{
	"listDecisions": func(w *World) Request {
		return get("/v3/recovery/decisions?cart_id=%s&template_id=1&outcome=skipped&reason=no_consent&min_date=2026-01-01&direction=desc&limit=2", w.Cart())
	},
	"listSuppressions": func(w *World) Request { w.suppressed(); return get("/v3/recovery/suppressions?limit=1") },
	"createSuppression": func(w *World) Request {
		return post(M{"email": w.email(), "reason": "complaint"}, "/v3/recovery/suppressions")
	},
	"deleteSuppression": func(w *World) Request {
		return remove("/v3/recovery/suppressions?email=%s", url.QueryEscape(w.suppressed()))
	},
	"createBounces": func(w *World) Request {
		return post(L{
			M{"email": w.email(), "type": "hard", "message_id": "<1.1.0123456789abcdef@shop.example>"}, M{"email": w.email(), "type": "soft"},
		}, "/v3/recovery/bounces")
	},
}

// suppressed puts an address on the list of who gets no mails, and returns it.
func (w *World) suppressed() string {
	w.Helper()
	email := w.email()
	w.Must(http.MethodPost, "/v3/recovery/suppressions", M{"email": email})
	return email
}
