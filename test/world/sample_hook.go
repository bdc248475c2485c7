package world

import (
	"fmt"
	"net/http"
	"strconv"
)

var hookSamples = map[string]sample{
	"listHooks": func(w *World) Request {
		body := w.hookBody()
		w.Must(http.MethodPost, "/v3/hooks", body)
		return get("/v3/hooks?is_active=true&scope=%s&limit=2", body["scope"])
	},
	"createHook": func(w *World) Request { return post(w.hookBody(), "/v3/hooks") },
	"getHook":    func(w *World) Request { return get("/v3/hooks/%d", w.hook()) },
	"updateHook": func(w *World) Request {
		return put(M{"is_active": false, "headers": M{"X-Other": "2"}}, "/v3/hooks/%d", w.hook())
	},
	"deleteHook": func(w *World) Request { return remove("/v3/hooks/%d", w.hook()) },
	"getHooksAdmin": func(w *World) Request {
		w.Must(http.MethodPut, "/v3/hooks/admin", M{"emails": L{w.email()}})
		w.hook()
		return get("/v3/hooks/admin?limit=1")
	},
	"updateHooksAdmin": func(w *World) Request { return put(M{"emails": L{w.email()}}, "/v3/hooks/admin") },
	"listHookEvents":   func(*World) Request { return get("/v3/hooks/events?min_created_at=1700000000") },
	"listDeliveries": func(w *World) Request {
		hook, _ := w.delivery()
		return get("/v3/recovery/deliveries?hook_id=%d&state=waiting&limit=1", hook)
	},
	"getDelivery": func(w *World) Request {
		_, id := w.delivery()
		return get("/v3/recovery/deliveries/%d", id)
	},
	"resendDelivery": func(w *World) Request {
		_, id := w.delivery()
		return post(M{}, "/v3/recovery/deliveries/%d/resend", id)
	},
}

// hookBody describes a webhook whose scope and destination no other has: a
// client can have ten with one scope.
func (w *World) hookBody() M {
	w.names++
	return M{
		"scope": "store/channel/" + strconv.Itoa(w.names) + "/cart/*", "destination": w.url() + "/hooks",
		"headers": M{"X-Shared-Secret": "s3cr3t"},
	}
}

// hook makes a webhook.
func (w *World) hook() int64 {
	w.Helper()
	return w.make("/v3/hooks", w.hookBody())
}

// delivery makes a webhook and a cart that it is told of, and returns the
// webhook and the delivery. This server has nobody to send it.
func (w *World) delivery() (hook, id int64) {
	w.Helper()
	body := w.hookBody()
	own := body["scope"]
	body["scope"] = "store/cart/created"
	hook = w.make("/v3/hooks", body)
	w.Cart()
	for more := true; more; {
		var err error
		if more, err = w.App.DB.FeedDeliveries(w.Context(), Store); err != nil {
			w.Fatalf("feed deliveries: %v", err)
		}
	}
	data := w.Must(http.MethodGet, fmt.Sprintf("/v3/recovery/deliveries?hook_id=%d", hook), nil)
	w.Must(http.MethodPut, fmt.Sprintf("/v3/hooks/%d", hook), M{"scope": own}) // makes room for the next
	return hook, number(Get(data, 0, "id"))
}
