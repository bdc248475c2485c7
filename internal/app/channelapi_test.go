package app

import (
	"testing"
	"time"
)

const lineOfWork = `{"custom_items":[{"name":"Work","quantity":1,"list_price":1}]}`

func TestCartSettings(t *testing.T) {
	s := newStreet(t)
	add := func(channel string, status int, parts ...string) step {
		return step{"", "POST", "/v3/carts", `{"channel_id":` + channel + `,"custom_items":[{"name":"Work","quantity":1,"list_price":1}]}`, status, parts}
	}
	s.walk(
		step{"", "GET", "/v3/carts/settings", "", 200, []string{`{"data":{"allow_purchasing":true},"meta":{}}`}},
		step{"", "POST", "/v3/channels", `{"name":"B","type":"storefront","platform":"custom"}`, 200, nil},
		step{"", "GET", "/v3/carts/settings/channels/2", "", 200, []string{`{"data":{"allow_purchasing":null},"meta":{}}`}},
		step{"", "PUT", "/v3/carts/settings", `{"allow_purchasing":false}`, 200, []string{`{"data":{"allow_purchasing":false},"meta":{}}`}},
		add("1", 422, `"Purchasing is disabled on this store."`),
		add("2", 422),
		step{"", "PUT", "/v3/carts/settings/channels/2", `{"allow_purchasing":true}`, 200, []string{`{"allow_purchasing":true}`}},
		add("1", 422), add("2", 201),
		step{"", "PUT", "/v3/carts/settings/channels/2", `{}`, 200, []string{`{"allow_purchasing":true}`}},
		step{"", "PUT", "/v3/carts/settings/channels/2", ``, 200, []string{`{"allow_purchasing":true}`}},
		step{"", "PUT", "/v3/carts/settings", `{"allow_purchasing":true}`, 200, nil},
		step{"", "PUT", "/v3/carts/settings/channels/2", `{"allow_purchasing":false}`, 200, nil},
		add("1", 201), add("2", 422),
		step{"", "PUT", "/v3/carts/settings/channels/2", `{"allow_purchasing":null}`, 200, []string{`{"data":{"allow_purchasing":null},"meta":{}}`}},
		step{"", "GET", "/v3/carts/settings/channels/2", "", 200, []string{`null`}},
		add("2", 201),

		step{"", "PUT", "/v3/carts/settings", `{}`, 422, []string{`"errors":{"allow_purchasing":"error.path.missing"}`}},
		step{"", "PUT", "/v3/carts/settings", ``, 422, []string{`"errors":{"allow_purchasing":"error.path.missing"}`}},
		step{"", "PUT", "/v3/carts/settings", `{"allow_purchasing":null}`, 422, []string{`error.path.missing`}},
		step{"", "PUT", "/v3/carts/settings", `{"allow_purchasing":"true"}`, 422, []string{`"title":"JSON data is missing or invalid"`, `error.expected.jsboolean`}},
		step{"", "PUT", "/v3/carts/settings/channels/2", `{"allow_purchasing":0}`, 422, []string{`error.expected.jsboolean`}},
		step{"", "PUT", "/v3/carts/settings/channels/2", `[]`, 422, []string{`error.expected.jsobject`}},
		step{"", "GET", "/v3/carts/settings/channels/9", "", 404, []string{`"title":"Not Found"`}},
		step{"", "PUT", "/v3/carts/settings/channels/9", `{"allow_purchasing":true}`, 404, []string{`"title":"Not Found"`}},
		step{"", "GET", "/v3/carts/settings/channels/x", "", 404, []string{`"title":"Not Found"`}},
		step{"", "POST", "/v3/carts/settings", "{}", 405, nil},
		step{"", "GET", "/v3/carts/settings/", "", 200, nil},
	)
}

func TestChannels(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "POST", "/v3/channels", `{"name":"Headless","type":"storefront","platform":"next","status":"prelaunch","external_id":"x-1","is_listable_from_ui":false,"config_meta":{"app":{"id":1}}}`, 200,
			[]string{`"id":2,"name":"Headless","type":"storefront","platform":"next","status":"prelaunch","external_id":"x-1","icon_url":null,"is_listable_from_ui":false,"is_visible":true,"config_meta":{"app":{"id":1}}`, `!"currencies"`}},
		step{"", "GET", "/v3/channels/2?include=currencies", "", 200, []string{`"currencies":{"enabled_currencies":["USD"],"default_currency":"USD"}`}},
		step{"", "GET", "/v3/channels/2", "", 200, []string{`!"currencies"`}},
		step{"", "PUT", "/v3/channels/2", `{"name":"New","type":"pos","platform":"x","config_meta":null}`, 200, []string{`"name":"New"`, `"type":"storefront"`, `"platform":"next"`, `"status":"prelaunch"`, `"config_meta":null`}},
		step{"", "PUT", "/v3/channels/2", `{}`, 200, []string{`"name":"New"`}},
		step{"", "POST", "/v3/channels", `{"name":"Till","type":"pos","platform":"square","is_visible":false}`, 200, []string{`"status":"active"`, `"is_visible":false`}},

		step{"", "GET", "/v3/channels", "", 200, []string{`"total":3`, `"Demo"`, `"New"`, `"Till"`}},
		step{"", "GET", "/v3/channels?type:in=pos", "", 200, []string{`"total":1`, `"Till"`}},
		step{"", "GET", "/v3/channels?status:in=prelaunch,archived", "", 200, []string{`"total":1`, `"New"`}},
		step{"", "GET", "/v3/channels?platform:in=square&platform:in=next", "", 200, []string{`"total":2`}},
		step{"", "GET", "/v3/channels?limit=1&page=2", "", 200, []string{`"total":3,"count":1,"per_page":1,"current_page":2,"total_pages":3`, `"New"`, `"previous":"?page=1&limit=1"`, `"next":"?page=3&limit=1"`}},
		step{"", "GET", "/v3/channels?page=9", "", 200, []string{`"data":[]`}},
		step{"", "GET", "/v3/channels?date_created:min=" + time.Now().UTC().Format(time.DateOnly), "", 200, []string{`"total":3`}},
		step{"", "GET", "/v3/channels?date_created:max=2020-01-01", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/channels?date_modified:min=2020-01-01T00:00:00", "", 200, []string{`"total":3`}},
		step{"", "GET", "/v3/channels?limit=251", "", 422, []string{`"limit":"error.max"`}},
		step{"", "GET", "/v3/channels?available=maybe&date_created:min=x", "", 422, []string{`"available":"error.expected.jsboolean"`, `"date_created:min":"error.expected.date"`}},

		step{"", "PUT", "/v3/channels/3", `{"status":"deleted"}`, 200, []string{`"status":"deleted"`}},
		step{"", "GET", "/v3/channels?available=true", "", 200, []string{`"total":2`, `!"Till"`}},
		step{"", "GET", "/v3/channels?available=false", "", 200, []string{`"total":1`, `"Till"`}},
		step{"", "POST", "/v3/carts", `{"channel_id":3,` + lineOfWork[1:], 422, []string{`"channel_id"`}},
		step{"", "PUT", "/v3/channels/2", `{"status":"inactive"}`, 200, nil},
		step{"", "POST", "/v3/carts", `{"channel_id":2,` + lineOfWork[1:], 201, []string{`"channel_id":2`}},

		step{"", "PUT", "/v3/channels/1", `{"status":"deleted"}`, 422, []string{`"status":"error.expected.validenumvalue"`}},
		step{"", "PUT", "/v3/channels/2", `{"status":"terminated"}`, 422, []string{`"status":"error.expected.validenumvalue"`}},
		step{"", "PUT", "/v3/channels/2", `{"name":"","is_visible":"yes","config_meta":[]}`, 422, []string{`"name":"error.minLength"`, `"is_visible":"error.expected.jsboolean"`, `"config_meta":"error.expected.jsobject"`}},
		step{"", "POST", "/v3/channels", `{}`, 422, []string{`"name":"error.path.missing"`, `"type":"error.path.missing"`, `"platform":"error.path.missing"`}},
		step{"", "POST", "/v3/channels", `{"name":"x","type":"moon","platform":"x"}`, 422, []string{`"type":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v3/channels", `{"name":"x","type":"pos","platform":"x","status":"deleted"}`, 422, []string{`"status":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v3/channels", `[]`, 422, []string{`error.expected.jsobject`}},
		step{"", "GET", "/v3/channels/9", "", 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"", "GET", "/v3/channels/x", "", 404, nil},
		step{"", "PUT", "/v3/channels/9", `{}`, 404, nil},
		step{"", "DELETE", "/v3/channels/2", ``, 405, nil},
	)
}

const euro = `{"name":"Euro","currency_code":"eur","currency_exchange_rate":"0.5","token_location":"right","token":" €","decimal_token":",","thousands_token":".","decimal_places":2}`

// TestCurrencyAssignments: what a channel offers decides in which currency its
// carts begin and may be.
func TestCurrencyAssignments(t *testing.T) {
	s := newStreet(t)
	cart := func(channel, currency string, status int, parts ...string) step {
		return step{"", "POST", "/v3/carts", `{"channel_id":` + channel + `,"currency":{"code":"` + currency + `"},` + lineOfWork[1:], status, parts}
	}
	base := "/v3/channels/2/currency-assignments"
	s.walk(
		step{"", "POST", "/v2/currencies", euro, 200, nil},
		step{"", "POST", "/v3/channels", `{"name":"B","type":"storefront","platform":"custom"}`, 200, nil},
		step{"", "GET", base, "", 200, []string{`{"data":{"channel_id":2,"enabled_currencies":["USD","EUR"],"default_currency":"USD"},"meta":{}}`}},
		step{"", "POST", base, `{"enabled_currencies":["eur","EUR"],"default_currency":"Eur"}`, 200, []string{`{"channel_id":2,"enabled_currencies":["EUR"],"default_currency":"EUR"}`}},
		cart("2", "", 201, `"currency":{"code":"EUR"}`), cart("2", "USD", 400, `"detail":"The currency USD`), cart("1", "", 201, `"currency":{"code":"USD"}`),
		step{"", "PUT", base, `{"enabled_currencies":["EUR","USD"],"default_currency":"USD"}`, 200, []string{`"default_currency":"USD"`}},
		cart("2", "", 201, `"currency":{"code":"USD"}`), cart("2", "eur", 201, `"currency":{"code":"EUR"}`),
		step{"", "PUT", "/v3/channels/currency-assignments", `[{"channel_id":1,"enabled_currencies":["EUR"],"default_currency":"EUR"},{"channel_id":"2","enabled_currencies":["USD"],"default_currency":"USD"}]`, 200,
			[]string{`"data":[{"channel_id":1,"enabled_currencies":["EUR"],"default_currency":"EUR"},{"channel_id":2,"enabled_currencies":["USD"],"default_currency":"USD"}]`}},
		step{"", "GET", "/v3/channels/currency-assignments", "", 200, []string{`{"channel_id":1,"enabled_currencies":["EUR"]`, `{"channel_id":2,"enabled_currencies":["USD"]`}},
		cart("1", "", 201, `"currency":{"code":"EUR"}`), cart("2", "EUR", 400),
		step{"", "DELETE", base, "", 200, []string{`{"data":{},"meta":{}}`}},
		step{"", "DELETE", base, "", 200, []string{`{"data":{},"meta":{}}`}},
		cart("2", "EUR", 201),

		step{"", "PUT", base, `{}`, 422, []string{`"enabled_currencies":"error.path.missing"`, `"default_currency":"error.path.missing"`}},
		step{"", "PUT", base, `{"enabled_currencies":["CHF"],"default_currency":"CHF"}`, 422, []string{`"enabled_currencies.0":"error.expected.validenumvalue"`}},
		step{"", "POST", base, `{"enabled_currencies":["EUR"],"default_currency":"USD"}`, 422, []string{`"default_currency":"error.expected.validenumvalue"`}},
		step{"", "POST", base, `{"enabled_currencies":"EUR","default_currency":5}`, 422, []string{`"enabled_currencies":"error.expected.jsarray"`, `"default_currency":"error.expected.jsstring"`}},
		step{"", "POST", "/v3/channels/currency-assignments", `[]`, 422, []string{`"body":"error.minLength"`}},
		step{"", "POST", "/v3/channels/currency-assignments", `{}`, 422, []string{`"body":"error.expected.jsarray"`}},
		step{"", "POST", "/v3/channels/currency-assignments", `[{"channel_id":2,"enabled_currencies":["USD"],"default_currency":"USD"},{"channel_id":9,"enabled_currencies":["USD"],"default_currency":"USD"}]`, 422, []string{`"1.channel_id":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v3/channels/currency-assignments", `[{"channel_id":2,"enabled_currencies":["USD"],"default_currency":"EUR"}]`, 422, []string{`"0.default_currency":"error.expected.validenumvalue"`}},
		step{"", "POST", "/v3/channels/currency-assignments", `[7]`, 422, []string{`"0":"error.expected.jsobject"`}},
		step{"", "GET", base, "", 200, []string{`["USD","EUR"]`}},
		step{"", "GET", "/v3/channels/9/currency-assignments", "", 404, nil},
		step{"", "POST", "/v3/channels/9/currency-assignments", `{"enabled_currencies":["USD"],"default_currency":"USD"}`, 404, nil},
		step{"", "PUT", "/v3/channels/9/currency-assignments", `{"enabled_currencies":["USD"],"default_currency":"USD"}`, 404, nil},
		step{"", "DELETE", "/v3/channels/9/currency-assignments", "", 404, nil},
		step{"", "DELETE", "/v3/channels/currency-assignments", "", 405, nil},
	)
}
