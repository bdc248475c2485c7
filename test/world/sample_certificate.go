package world

var certificateSamples = map[string]sample{
	"listGiftCertificates": func(w *World) Request {
		w.certificate()
		return get("/v2/gift_certificates?limit=1&from_name=Ada")
	},
	"createGiftCertificate": func(w *World) Request { return post(w.newCertificate(), "/v2/gift_certificates") },
	"getGiftCertificate":    func(w *World) Request { return get("/v2/gift_certificates/%d", w.certificate()) },
	"updateGiftCertificate": func(w *World) Request {
		return put(M{"balance": "12.5000", "status": "disabled", "expiry_date": "Thu, 31 Dec 2037 12:00:00 +0000"}, "/v2/gift_certificates/%d", w.certificate())
	},
	"deleteGiftCertificate": func(w *World) Request { return remove("/v2/gift_certificates/%d", w.certificate()) },
}

func (w *World) newCertificate() M {
	return M{"to_name": "Bob", "to_email": w.email(), "from_name": "Ada", "from_email": w.email(), "amount": "25.00", "message": "For you"}
}

// certificate makes a gift certificate and returns its id.
func (w *World) certificate() int64 {
	w.Helper()
	return w.make("/v2/gift_certificates", w.newCertificate())
}
