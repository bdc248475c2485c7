package world

import "fmt"

var customerSamples = map[string]sample{
	"listCustomers": func(w *World) Request {
		w.customer()
		return get("/v3/customers?limit=1&include=addresses,storecredit")
	},
	"createCustomers": func(w *World) Request {
		return post(L{M{"email": w.email(), "first_name": "Ada", "last_name": "Byron"}, M{"email": w.email(), "first_name": "Bob", "last_name": "Hope"}}, "/v3/customers")
	},
	"updateCustomers": func(w *World) Request { return put(L{M{"id": w.customer(), "company": "Engines"}}, "/v3/customers") },
	"deleteCustomers": func(w *World) Request { return remove("/v3/customers?id:in=%d", w.customer()) },
	"listSubscribers": func(w *World) Request { w.subscriber(); return get("/v3/customers/subscribers?limit=1") },
	"createSubscriber": func(w *World) Request {
		return post(M{"email": w.email(), "consents": L{"abandoned_cart"}}, "/v3/customers/subscribers")
	},
	"deleteSubscribers": func(w *World) Request {
		email := w.email()
		w.make("/v3/customers/subscribers", M{"email": email})
		return remove("/v3/customers/subscribers?email=%s", email)
	},
	"getSubscriber":    func(w *World) Request { return get("/v3/customers/subscribers/%d", w.subscriber()) },
	"updateSubscriber": func(w *World) Request { return put(M{"consents": L{}}, "/v3/customers/subscribers/%d", w.subscriber()) },
	"deleteSubscriber": func(w *World) Request { return remove("/v3/customers/subscribers/%d", w.subscriber()) },
}

func (w *World) subscriber() int64 {
	w.Helper()
	return w.make("/v3/customers/subscribers", M{"email": w.email()})
}

var channelSamples = map[string]sample{
	"listChannels": func(*World) Request { return get("/v3/channels?include=currencies&available=true") },
	"createChannel": func(w *World) Request {
		return post(M{"name": w.name("Headless shop"), "type": "storefront", "platform": "custom", "status": "active"}, "/v3/channels")
	},
	"getChannel":    func(w *World) Request { return get("/v3/channels/%d", w.channel()) },
	"updateChannel": func(w *World) Request { return put(M{"status": "inactive"}, "/v3/channels/%d", w.channel()) },
	"listCurrencyAssignments": func(w *World) Request {
		w.assigned()
		return get("/v3/channels/currency-assignments")
	},
	"createCurrencyAssignments": func(w *World) Request {
		return post(L{assignment("channel_id", w.channel())}, "/v3/channels/currency-assignments")
	},
	"updateCurrencyAssignments": func(w *World) Request {
		return put(L{assignment("channel_id", w.assigned())}, "/v3/channels/currency-assignments")
	},
	"getCurrencyAssignment": func(w *World) Request { return get("/v3/channels/%d/currency-assignments", w.assigned()) },
	"createCurrencyAssignment": func(w *World) Request {
		return post(assignment(), "/v3/channels/%d/currency-assignments", w.channel())
	},
	"updateCurrencyAssignment": func(w *World) Request {
		return put(assignment(), "/v3/channels/%d/currency-assignments", w.assigned())
	},
	"deleteCurrencyAssignment": func(w *World) Request { return remove("/v3/channels/%d/currency-assignments", w.assigned()) },
}

func assignment(more ...any) M {
	m := M{"enabled_currencies": L{"USD"}, "default_currency": "USD"}
	for i := 0; i+1 < len(more); i += 2 {
		name, _ := more[i].(string)
		m[name] = more[i+1]
	}
	return m
}

// assigned makes a channel with currencies of its own.
func (w *World) assigned() int64 {
	w.Helper()
	channel := w.channel()
	w.Must("POST", "/v3/channels/currency-assignments", L{assignment("channel_id", channel)})
	return channel
}

var siteSamples = map[string]sample{
	"getChannelSite":    func(w *World) Request { channel, _ := w.site(); return get("/v3/channels/%d/site", channel) },
	"createChannelSite": func(w *World) Request { return post(M{"url": w.url()}, "/v3/channels/%d/site", w.channel()) },
	"updateChannelSite": func(w *World) Request {
		channel, _ := w.site()
		return put(M{"url": w.url()}, "/v3/channels/%d/site", channel)
	},
	"deleteChannelSite": func(w *World) Request { channel, _ := w.site(); return remove("/v3/channels/%d/site", channel) },
	"updateCheckoutURL": func(w *World) Request {
		channel, _ := w.site()
		return put(M{"url": w.url()}, "/v3/channels/%d/site/checkout-url", channel)
	},
	"deleteCheckoutURL": func(w *World) Request {
		r := w.Sample("updateCheckoutURL")
		w.Must(r.Method, r.Path, r.Body)
		return remove("%s", r.Path)
	},
	"listSites":  func(w *World) Request { w.site(); return get("/v3/sites?limit=1") },
	"createSite": func(w *World) Request { return post(M{"url": w.url(), "channel_id": w.channel()}, "/v3/sites") },
	"getSite":    func(w *World) Request { _, site := w.site(); return get("/v3/sites/%d", site) },
	"updateSite": func(w *World) Request { _, site := w.site(); return put(M{"url": w.url()}, "/v3/sites/%d", site) },
	"deleteSite": func(w *World) Request { _, site := w.site(); return remove("/v3/sites/%d", site) },
	"listRoutes": func(w *World) Request { site, _ := w.route(); return get("/v3/sites/%d/routes", site) },
	"createRoute": func(w *World) Request {
		_, site := w.site()
		return post(M{"type": "recover_abandoned_cart", "matching": "*", "route": "/my-cart"}, "/v3/sites/%d/routes", site)
	},
	"upsertRoutes": func(w *World) Request {
		site, route := w.route()
		return put(L{M{"id": route, "type": "cart", "matching": "", "route": "/basket"}, M{"type": "product", "matching": "*", "route": "/{slug}"}},
			"/v3/sites/%d/routes", site)
	},
	"getRoute": func(w *World) Request { site, route := w.route(); return get("/v3/sites/%d/routes/%d", site, route) },
	"updateRoute": func(w *World) Request {
		site, route := w.route()
		return put(M{"route": "/basket"}, "/v3/sites/%d/routes/%d", site, route)
	},
	"deleteRoute": func(w *World) Request { site, route := w.route(); return remove("/v3/sites/%d/routes/%d", site, route) },
}

// route makes a site with a route.
func (w *World) route() (site, route int64) {
	w.Helper()
	r := w.Sample("createRoute")
	data := w.Must(r.Method, r.Path, r.Body)
	_, err := fmt.Sscanf(r.Path, "/v3/sites/%d/routes", &site)
	if err != nil {
		w.Fatal(err)
	}
	return site, number(Get(data, "id"))
}

var storeSamples = map[string]sample{
	"listCurrencies": func(w *World) Request { w.currency(); return get("/v2/currencies") },
	"createCurrency": func(w *World) Request { return post(currencyBody(w.code()), "/v2/currencies") },
	"getCurrency":    func(w *World) Request { return get("/v2/currencies/%d", w.currency()) },
	"updateCurrency": func(w *World) Request {
		return put(M{"currency_exchange_rate": "0.93"}, "/v2/currencies/%d", w.currency())
	},
	"deleteCurrency":     func(w *World) Request { return remove("/v2/currencies/%d", w.currency()) },
	"listGiftWrappings":  func(w *World) Request { w.wrapping(); return get("/v2/gift_wrapping") },
	"createGiftWrapping": func(w *World) Request { return post(M{"name": w.name("Red paper"), "price": 4.5}, "/v2/gift_wrapping") },
	"getGiftWrapping":    func(w *World) Request { return get("/v2/gift_wrapping/%d", w.wrapping()) },
	"updateGiftWrapping": func(w *World) Request { return put(M{"price": "5.0000"}, "/v2/gift_wrapping/%d", w.wrapping()) },
	"deleteGiftWrapping": func(w *World) Request { return remove("/v2/gift_wrapping/%d", w.wrapping()) },
	"getStore":           func(*World) Request { return get("/v2/store") },
	"getTime":            func(*World) Request { return get("/v2/time") },
}
