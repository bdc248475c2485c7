package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
)

const billing = `{"first_name":"Ada","last_name":"Byron","email":"ada@shop.example","address1":"1 Main","city":"Austin",` +
	`"state_or_province_code":"TX","postal_code":"78701","country_code":"US"}`

// TestAbandonedCart is spec/02 §11, items 1, 2, 3 and 8: what shops and apps see
// of a cart that is left alone.
func TestAbandonedCart(t *testing.T) {
	for engine, database := range map[string]string{"SQLite": testdb.SQLite(t), "PostgreSQL": testdb.PostgreSQL(t)} {
		t.Run(engine, func(t *testing.T) { abandonedCart(newSandboxStreet(t, database, true)) })
	}
}

func abandonedCart(s *street) {
	rec, channel := s.receiver(nil), s.receiver(nil)
	s.hook("store/cart/abandoned", rec.URL)
	s.hook("store/channel/1/cart/abandoned", channel.URL)
	s.do(step{"", "POST", "/v3/catalog/products", `{"name":"Song","type":"digital","weight":0,"price":100}`, 200, nil})
	begin := s.app.Clock.Now()
	id := strings.TrimPrefix(s.made("POST", "/v3/carts", `{"line_items":[{"product_id":1,"quantity":1}]}`, ""), "/")
	at := "/v3/carts/" + id
	s.app.wind(s.T, "30m")
	s.walk(step{"", "GET", at, "", 200, nil}, step{"", "POST", at + "/redirect_urls", "", 201, nil}) // reading is no activity
	s.app.wind(s.T, "29m50s")
	if n := len(rec.calls()); n != 0 {
		s.Fatalf("%d webhooks before the hour", n)
	}
	s.app.wind(s.T, "10s")
	got := rec.wait(s.T, 1)
	token, _ := got[0].Data["token"].(string)
	if _, ok := recovery.ReadToken(token); !ok || got[0].Data["type"] != "cart" || got[0].Data["id"] != id || len(got[0].Data) != 3 {
		s.Fatalf("told %s", got[0].body)
	}
	if told := time.Unix(got[0].Created, 0); told.Before(begin.Add(time.Hour-time.Second)) || told.After(begin.Add(time.Hour+time.Second)) {
		s.Errorf("abandoned %s after it was made", told.Sub(begin))
	}
	if c := channel.wait(s.T, 1)[0]; c.Data["cart_id"] != id || len(c.Data) != 1 {
		s.Errorf("the channel was told %s", c.body)
	}
	found := []string{`{"data":{"cart_id":"` + id + `"},"meta":{}}`}
	lost := []string{`{"status":404,"title":"Not Found","type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"}`}
	dashed := fmt.Sprintf("%s-%s-%s-%s-%s", token[:8], token[8:12], token[12:16], token[16:20], token[20:])
	s.walk(
		step{"", "GET", "/v3/abandoned-carts/" + token, "", 200, found},
		step{"reader", "GET", "/v3/abandoned-carts/" + strings.ToUpper(dashed), "", 200, found},
		step{"", "GET", at, "", 200, []string{`"version":1`}},
	)
	s.app.wind(s.T, "5h")
	if n := len(rec.calls()); n != 1 {
		s.Errorf("%d webhooks of one silence", n)
	}

	// The write of an e-mail address is activity: another silence, the same token.
	s.do(step{"", "POST", "/v3/checkouts/" + id + "/billing-address", billing, 200, nil})
	s.app.wind(s.T, "30m")
	s.do(step{"", "PUT", at, `{"customer_id":0}`, 200, nil})
	s.app.wind(s.T, "59m50s")
	if n := len(rec.calls()); n != 1 {
		s.Errorf("%d webhooks within the hour after a change", n)
	}
	s.app.wind(s.T, "10s")
	if got := rec.wait(s.T, 2); got[1].Data["token"] != token {
		s.Errorf("told %s", got[1].body)
	}
	episodes, err := s.app.DB.Episodes(s.Context(), "demo", cart.ID(id))
	if err != nil || len(episodes) != 2 || episodes[0].How != recovery.Changed || episodes[0].Address != "" ||
		episodes[1].Address != recovery.AddressHash("demo", "ada@shop.example") {
		s.Errorf("%+v, %v", episodes, err)
	}

	s.do(step{"", "POST", "/v3/checkouts/" + id + "/orders", "", 200, nil})
	s.do(step{"", "PUT", "/v2/orders/100", `{"status_id":11}`, 200, nil})
	s.walk(
		step{"", "GET", "/v3/abandoned-carts/" + token, "", 404, lost},
		step{"", "GET", "/v3/abandoned-carts/" + strings.Repeat("0", 32), "", 404, lost},
	)
}

// TestLookUpOfATokenIsRefused is spec/02 §2: what has not the form of a token,
// and who may not ask.
func TestLookUpOfATokenIsRefused(t *testing.T) {
	s := newStreet(t)
	bad := []string{`{"status":400,"title":"Input is invalid","type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"}`}
	for _, token := range []string{"305c", strings.Repeat("0", 31), strings.Repeat("0", 33), strings.Repeat("g", 32), "%00", strings.Repeat("-", 40)} {
		s.do(step{"", "GET", "/v3/abandoned-carts/" + token, "", 400, bad})
	}
	zeros := "/v3/abandoned-carts/" + strings.Repeat("0", 32)
	s.walk(
		step{"nobody", "GET", zeros, "", 401, nil},
		step{"orders", "GET", zeros, "", 403, nil},
		step{"", "PUT", zeros, `{}`, 405, nil},
	)
}

const optionsPath = "/v3/recovery/settings"

// allOptions is a body with every option; changes replace parts of it.
func allOptions(changes ...string) string {
	body := `{"waiting_minutes":30,"frequency_cap":{"mails":3,"days":7},` +
		`"quiet_hours":{"from":"21:00","to":"08:00","time_zone":"Europe/Berlin","channels":[{"channel_id":1,"time_zone":"Asia/Tokyo"}]},` +
		`"utm":{"source":"cartwright","medium":"email","campaign":"","term":"","content":""},"hold_outs":[{"channel_id":0,"percent":10}],` +
		`"coupons":[{"template_id":2,"type":"percentage_discount","amount":10,"min_purchase":50,"valid_hours":72}],` +
		`"coupon_budget":{"amount":500,"days":30}}`
	return strings.NewReplacer(changes...).Replace(body)
}

// TestRecoveryOptions holds that our own settings are replaced as a whole, and
// that what is wrong with them is named by its place.
func TestRecoveryOptions(t *testing.T) {
	s := newStreet(t)
	defaults := []string{`{"data":{"waiting_minutes":60,"frequency_cap":null,"quiet_hours":null,"utm":null,"hold_outs":[],"coupons":[],"coupon_budget":null},"meta":{}}`}
	stored := []string{`{"data":` + allOptions() + `,"meta":{}}`}
	s.walk(
		step{"", "GET", optionsPath, "", 200, defaults},
		step{"", "PUT", optionsPath, allOptions(), 200, stored},
		step{"", "GET", optionsPath, "", 200, stored},
		step{"reader", "GET", optionsPath, "", 403, nil},
		step{"orders", "PUT", optionsPath, allOptions(), 403, nil},
		step{"", "PUT", optionsPath, `{"waiting_minutes":10080}`, 200, []string{`"waiting_minutes":10080,"frequency_cap":null`}},
		step{"", "PUT", optionsPath, `{}`, 200, defaults},
		step{"", "PUT", optionsPath, `{"waiting_minutes":null,"hold_outs":null,"coupons":null,"utm":{}}`, 200, []string{`"waiting_minutes":60`, `"utm":{"source":"",`}},
		step{"", "PUT", optionsPath, allOptions(), 200, stored},
	)
	long := strings.Repeat("x", 256)
	for _, bad := range []struct{ from, to, field, why string }{
		{`:30,`, `:0,`, "waiting_minutes", "error.min"},
		{`:30,`, `:10081,`, "waiting_minutes", "error.max"},
		{`:30,`, `:1.5,`, "waiting_minutes", "error.expected.jsnumber"},
		{`{"mails":3,"days":7}`, `{"mails":3}`, "frequency_cap.days", "error.path.missing"},
		{`{"mails":3,"days":7}`, `[]`, "frequency_cap", "error.expected.jsobject"},
		{`"mails":3`, `"mails":0`, "frequency_cap.mails", "error.min"},
		{`"mails":3`, `"mails":101`, "frequency_cap.mails", "error.max"},
		{`"days":7`, `"days":91`, "frequency_cap.days", "error.max"},
		{`21:00`, `24:00`, "quiet_hours.from", "must be a time of day such as 21:30"},
		{`08:00`, `8:00`, "quiet_hours.to", "must be a time of day such as 21:30"},
		{`08:00`, `21:00`, "quiet_hours.to", "must not be the time at which they begin"},
		{`Europe/Berlin`, `Berlin`, "quiet_hours.time_zone", "must be a time zone such as Europe/Berlin"},
		{`Europe/Berlin`, `Local`, "quiet_hours.time_zone", "must be a time zone such as Europe/Berlin"},
		{`Europe/Berlin`, `../etc/passwd`, "quiet_hours.time_zone", "must be a time zone such as Europe/Berlin"},
		{`Asia/Tokyo`, ``, "quiet_hours.channels.0.time_zone", "must be a time zone such as Europe/Berlin"},
		{`"channel_id":1`, `"channel_id":9`, "quiet_hours.channels.0.channel_id", "there is no such channel"},
		{`"email"`, `"` + long + `"`, "utm.medium", "error.maxLength"},
		{`"percent":10`, `"percent":91`, "hold_outs.0.percent", "error.max"},
		{`{"channel_id":0`, `{"channel_id":9`, "hold_outs.0.channel_id", "there is no such channel"},
		{`"percent":10}`, `"percent":10},{"channel_id":0,"percent":5}`, "hold_outs.1.channel_id", "must be there once"},
		{`[{"channel_id":0,"percent":10}]`, `[null]`, "hold_outs.0", "error.expected.jsobject"},
		{`"amount":10,`, `"amount":0,`, "coupons.0.amount", "error.min"},
		{`"amount":10,`, `"amount":100.01,`, "coupons.0.amount", "error.max"},
		{`percentage_discount`, `free_shipping`, "coupons.0.type", "error.expected.validenumvalue"},
		{`"min_purchase":50`, `"min_purchase":-1`, "coupons.0.min_purchase", "error.min"},
		{`72`, `8761`, "coupons.0.valid_hours", "error.max"},
		{`"template_id":2`, `"template_id":0`, "coupons.0.template_id", "error.min"},
		{`"amount":500`, `"amount":0`, "coupon_budget.amount", "error.min"},
		{`"days":30`, `"days":367`, "coupon_budget.days", "error.max"},
	} {
		s.do(step{"", "PUT", optionsPath, allOptions(bad.from, bad.to), 422, []string{fmt.Sprintf(`"errors":{"%s":"%s"}`, bad.field, bad.why)}})
	}
	s.walk(
		step{"", "PUT", optionsPath, `{`, 400, []string{`"detail":"Syntax error"`}},
		step{"nobody", "PUT", optionsPath, allOptions(), 401, nil},
		step{"", "GET", optionsPath, "", 200, stored},
		step{"", "POST", optionsPath, allOptions(), 405, nil},
	)
}

// TestWaitingTimeOverTheAPI: a shorter waiting time counts for carts that wait
// already, a longer one as well, without any restart.
func TestWaitingTimeOverTheAPI(t *testing.T) {
	s := newSandboxStreet(t, testdb.URL(t), true)
	rec := s.receiver(nil)
	s.hook("store/cart/abandoned", rec.URL)
	s.cart("")
	s.app.wind(t, "20m")
	s.do(step{"", "PUT", optionsPath, `{"waiting_minutes":30}`, 200, nil})
	s.app.wind(t, "9m50s")
	if n := len(rec.calls()); n != 0 {
		t.Fatalf("%d webhooks within the half hour", n)
	}
	s.app.wind(t, "10s")
	rec.wait(t, 1)
	s.cart("")
	s.do(step{"", "PUT", optionsPath, `{"waiting_minutes":120}`, 200, nil})
	s.app.wind(t, "119m50s")
	if n := len(rec.calls()); n != 1 {
		t.Fatalf("%d webhooks within the two hours", n)
	}
	s.app.wind(t, "10s")
	got := rec.wait(t, 2)
	if tokens := []any{got[0].Data["token"], got[1].Data["token"]}; slices.Contains(tokens, nil) || tokens[0] == tokens[1] {
		t.Errorf("tokens %v", tokens)
	}
}
