package world

import (
	"fmt"
	"net/http"
	"time"

	"cartwright/internal/cart"
)

const mailTemplates = "/v3/marketing/abandoned-cart-emails"

var recoverySamples = map[string]sample{
	"getRecoverySettings":    func(*World) Request { return get("/v3/abandoned-carts/settings") },
	"updateRecoverySettings": func(*World) Request { return put(RecoverySettings(), "/v3/abandoned-carts/settings") },
	"getChannelRecoverySettings": func(w *World) Request {
		channel := w.channel()
		w.Must(http.MethodPut, fmt.Sprintf("/v3/abandoned-carts/settings/channels/%d", channel), M{"enable_notification": false})
		return get("/v3/abandoned-carts/settings/channels/%d", channel)
	},
	"updateChannelRecoverySettings": func(w *World) Request {
		return put(M{"enable_notification": false, "merchant_email_address": "eu@example.com", "merchant_abandoned_cart_email_frequency_type": nil},
			"/v3/abandoned-carts/settings/channels/%d", w.channel())
	},
	"getAbandonedCart":      func(w *World) Request { return get("/v3/abandoned-carts/%s", w.abandonedToken()) },
	"getRecoveryOptions":    func(*World) Request { return get("/v3/recovery/settings") },
	"updateRecoveryOptions": func(w *World) Request { return put(RecoveryOptions(w.channel()), "/v3/recovery/settings") },
	"listMailTemplates":     func(*World) Request { return get(mailTemplates) },
	"createMailTemplate":    func(w *World) Request { return post(MailTemplate(), mailTemplates+"?channel_id=%d", w.channel()) },
	"getMailTemplate":       func(w *World) Request { return get(mailTemplates+"/%d", w.mailTemplate()) },
	"updateMailTemplate": func(w *World) Request {
		return put(M{"coupon_code": "FF11-22X4", "notify_at_minutes": 120}, mailTemplates+"/%d", w.mailTemplate())
	},
	"deleteMailTemplate":     func(w *World) Request { return remove(mailTemplates+"/%d", w.mailTemplate()) },
	"getDefaultMailTemplate": func(*World) Request { return get(mailTemplates + "/default") },
	"getMailTemplateSettings": func(w *World) Request {
		return get(mailTemplates+"/settings?channel_id=%d", w.channel())
	},
	"updateMailTemplateSettings": func(w *World) Request {
		return put(M{"use_global": false}, mailTemplates+"/settings?channel_id=%d", w.channel())
	},
	"testMailTemplate": func(w *World) Request {
		return post(M{"to": "owner@example.com", "locale": "de"}, "/v3/recovery/templates/%d/test", w.mailTemplate())
	},
	"previewMailTemplate": func(w *World) Request {
		return post(M{"cart_id": w.Cart(), "locale": "fr-CA"}, "/v3/recovery/templates/%d/preview", w.mailTemplate())
	},
}

// RecoverySettings is a body with every setting.
func RecoverySettings() M {
	return M{
		"enable_notification": true, "email_customer_until_cart_is_recovered": true, "marketing_emails_require_customer_consent": false,
		"email_merchant_when_cart_is_converted": true, "email_merchant_when_cart_is_abandoned": true, "merchant_email_address": "owner@example.com",
		"merchant_abandoned_cart_email_frequency_type": "digest", "merchant_abandoned_cart_digest_email_frequency": 5,
	}
}

// MailTemplate is a body with everything that a mail has.
func MailTemplate() M {
	return M{
		"is_active": true, "notify_at_minutes": 1440, "coupon_code": "COMEBACK10",
		"template": M{
			"subject":      "{{lang 'subject' shop=store.name}}",
			"body":         `<p>{{lang 'hello' name=customer.first_name}}</p>{{#each cart.products}}<p>{{quantity}} x {{name}}</p>{{/each}}<a href="{{notification.checkout_link}}">{{lang 'go'}}</a>`,
			"translations": L{M{"locale": "en", "keys": M{"subject": "Still interested? {shop}", "hello": "Hello {name}", "go": "Back to my cart"}}},
		},
	}
}

// mailTemplate makes a mail and returns its id.
func (w *World) mailTemplate() int64 {
	w.Helper()
	return w.make(mailTemplates, MailTemplate())
}

// RecoveryOptions is a body with every setting of ours.
func RecoveryOptions(channel int64) M {
	return M{
		"waiting_minutes": 30, "frequency_cap": M{"mails": 3, "days": 7},
		"quiet_hours": M{"from": "21:00", "to": "08:00", "time_zone": "Europe/Berlin", "channels": L{M{"channel_id": channel, "time_zone": "Asia/Tokyo"}}},
		"utm":         M{"source": "cartwright", "medium": "email", "campaign": "come back", "term": "", "content": ""},
		"hold_outs":   L{M{"channel_id": 0, "percent": 10}, M{"channel_id": channel, "percent": 0}},
		"coupons": L{
			M{"template_id": 2, "type": "percentage_discount", "amount": 10, "min_purchase": 0, "valid_hours": 72},
			M{"template_id": 3, "type": "per_total_discount", "amount": 5.5, "min_purchase": 50, "valid_hours": 24},
		},
		"coupon_budget": M{"amount": 500, "days": 30},
	}
}

// abandonedToken makes a cart, has it found as if two hours had passed, and
// returns the token that its webhooks carry.
func (w *World) abandonedToken() string {
	w.Helper()
	cartID := cart.ID(w.Cart())
	if _, err := w.App.DB.ScanCarts(w.Context(), Store, w.App.Clock.Now().Add(2*time.Hour)); err != nil {
		w.Fatal(err)
	}
	journal, err := w.App.DB.Journal(w.Context(), Store, cartID)
	if err != nil {
		w.Fatal(err)
	}
	last := journal[len(journal)-1].Events
	return last[len(last)-1].Token
}
