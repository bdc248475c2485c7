package world

var reportSamples = map[string]sample{
	"getRecoveryReport": func(*World) Request {
		return get("/v3/recovery/report?from=2026-01-01&to=2026-03-31&group_by=day,channel,template&channel_id=1&template_id=0")
	},
	"listReportCarts": func(*World) Request { return get("/v3/recovery/report/carts?figure=abandoned&bots=false&limit=1") },
	"getCartTimeline": func(w *World) Request { return get("/v3/recovery/carts/%s", w.Cart()) },
	"updateCartMark":  func(w *World) Request { return put(M{"bot": true}, "/v3/recovery/carts/%s", w.Cart()) },
}
