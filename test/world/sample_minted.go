package world

var mintedSamples = map[string]sample{
	"listMintedCoupons": func(w *World) Request {
		return get("/v3/recovery/coupons?cart_id=%s&state=open&limit=1", w.Cart())
	},
	"listNotices":     func(*World) Request { return get("/v3/recovery/notices?kind=digest&state=sent&limit=1") },
	"getCouponBudget": func(*World) Request { return get("/v3/recovery/coupons/budget") },
}
