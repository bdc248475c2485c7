package contract_test

import (
	"net/http"
	"strings"

	"cartwright/test/world"
)

// moreSettingsRequests are refused in the ways that the vendor describes.
func moreSettingsRequests(*world.World) []world.Request {
	small := world.RecoverySettings()
	small["merchant_abandoned_cart_digest_email_frequency"] = 1
	const path = "/v3/abandoned-carts/settings"
	return []world.Request{
		{Method: http.MethodPut, Path: path, Body: small},
		{Method: http.MethodPut, Path: path, Body: world.M{}},
		{Method: http.MethodGet, Path: path, Token: "nobody"},
		{Method: http.MethodGet, Path: path + "?pagination=2"},
		{Method: http.MethodGet, Path: path + "/channels/1"},
		{Method: http.MethodPut, Path: path + "/channels/1", Body: world.M{"merchant_email_address": "nobody"}},
		{Method: http.MethodPut, Path: path + "/channels/1", Token: "nobody", Body: world.M{}},
		{Method: http.MethodGet, Path: "/v3/abandoned-carts/" + strings.Repeat("0", 32)},
		{Method: http.MethodGet, Path: "/v3/abandoned-carts/305c"},
	}
}

func moreMailRequests(*world.World) []world.Request {
	wrong := world.MailTemplate()
	wrong["notify_at_minutes"] = 61
	const path = "/v3/marketing/abandoned-cart-emails"
	return []world.Request{
		{Method: http.MethodPost, Path: path, Body: world.MailTemplate()},
		{Method: http.MethodPost, Path: path, Body: wrong},
		{Method: http.MethodPost, Path: path, Body: world.M{}},
		{Method: http.MethodPut, Path: path + "/1", Body: world.M{"is_active": false}},
		{Method: http.MethodPut, Path: path + "/1", Body: world.M{"template": world.M{"subject": "{{#if}}", "body": "", "translations": world.L{}}}},
		{Method: http.MethodGet, Path: path + "?channel_id=1"},
	}
}
