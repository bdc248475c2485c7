package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
)

const reportPath = "/v3/recovery/report"

// write writes rows as other parts of the server do when their time has come.
func (s *till) write(query string, args ...any) {
	s.Helper()
	db := testdb.Raw(s, s.app.Config.Database)
	if _, err := db.ExecContext(s.Context(), query, args...); err != nil {
		s.Fatalf("%s: %v", query, err)
	}
}

// leave makes a cart that is ready to be ordered, leaves it until it is
// abandoned, and mails about it. It returns the path of its checkout.
func (s *till) leave(product int64) (at string, episode int64) {
	s.Helper()
	at = s.ready(product)
	if err := s.app.Wind(s.Context(), 61*time.Minute); err != nil {
		s.Fatal(err)
	}
	all, err := s.app.DB.Episodes(s.Context(), "demo", cartOf(at))
	if err != nil || len(all) != 1 {
		s.Fatalf("episodes %v, %v", all, err)
	}
	return at, all[0].ID
}

// mailed writes that a mail about a cart was sent now, and clicked or not.
func (s *till) mailed(at string, episode, template int64, clicked bool) {
	s.Helper()
	now := s.app.Clock.Now().UnixMilli()
	s.write(`INSERT INTO episode_steps (store, episode, template, state, address, claimed, retry_at, doc)
		VALUES ('demo', $1, $2, 'sent', $3, $4, NULL, '{"attempts":1,"message_id":"1@shop.example","coupon":"BACK5"}')`,
		episode, template, recovery.AddressHash("demo", "jane@example.com"), now)
	for i, outcome := range []string{"claimed", "sent"} {
		s.write(`INSERT INTO decisions (store, id, episode, cart_id, channel, template, address, at, outcome, reason, doc)
			VALUES ('demo', $1, $2, $3, 1, $4, '', $5, $6, $7, '{"detail":"250 OK"}')`,
			1000*episode+10*template+int64(i), episode, string(cartOf(at)), template, now, outcome, []string{"due", "accepted"}[i])
	}
	if clicked {
		s.write(`INSERT INTO mail_visits (store, id, cart_id, episode, template, kind, at) VALUES ('demo', $1, $2, $3, $4, 'clicked', $5)`,
			1000*episode+template, string(cartOf(at)), episode, template, now+1)
	}
}

// TestRecoveryReport follows carts from being left to being paid, and reads what
// is counted of them.
func TestRecoveryReport(t *testing.T) {
	s := newTill(t)
	lamp := s.stocked("Lamp", 50)
	nothing := `"abandoned":0,"with_address":0,"mails":0,"mailed":0,"held_out":0,"clicked":0,"recovered":0,"converted":0,"orders":{"clicked":0,"influenced":0,"unattributed":0},"money":[]`
	s.do(step{"", "GET", reportPath, "", 200, []string{`"totals":{` + nothing + `,"bots":{` + nothing + `}},"groups":[],"hold_outs":[]`, `"time_zone":"UTC"`}})

	clicked, e := s.leave(lamp)
	s.mailed(clicked, e, 1, false)
	s.mailed(clicked, e, 2, true)
	bought := s.order(clicked)
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", bought), `{"status_id":11}`, 200, nil})
	left, e := s.leave(lamp)
	s.mailed(left, e, 1, false)
	s.draw()

	counts := `"abandoned":2,"with_address":2,"mails":3,"mailed":2,"held_out":0,"clicked":1,"recovered":1,"converted":1,"orders":{"clicked":1,"influenced":0,"unattributed":0},` +
		`"money":[{"currency_code":"USD","clicked":{"orders":1,"amount":26,"discount":0},"influenced":{"orders":0,"amount":0,"discount":0},"unattributed":{"orders":0,"amount":0,"discount":0}}]`
	s.walk(
		step{"", "GET", reportPath, "", 200, []string{`"totals":{` + counts + `,"bots":{` + nothing + `}}`, `"groups":[]`}},
		step{"", "GET", reportPath + "?channel_id=2", "", 200, []string{`"totals":{` + nothing}},
		step{"", "GET", reportPath + "?from=2037-01-01&to=2037-02-01", "", 200, []string{`"totals":{` + nothing, `"from":"2037-01-01T00:00:00+00:00","to":"2037-02-02T00:00:00+00:00"`}},
		step{"", "GET", reportPath + "?group_by=channel", "", 200, []string{`"groups":[{"channel_id":1,` + counts}},
		step{"", "GET", reportPath + "?group_by=template", "", 200, []string{`{"template_id":0,"abandoned":2,`, `{"template_id":1,"abandoned":0,"with_address":0,"mails":2,"mailed":2,`,
			`{"template_id":2,"abandoned":0,"with_address":0,"mails":1,"mailed":0,"held_out":0,"clicked":1,"recovered":1,"converted":1,`}},
		step{"", "GET", reportPath + "?template_id=2", "", 200, []string{`"abandoned":0,"with_address":0,"mails":1,`}},
		step{"", "GET", reportPath + "?group_by=day,channel,template", "", 200, []string{`"day":"`, `"channel_id":1`, `"template_id":2`}},
		step{"", "GET", reportPath, "", 200, []string{`"hold_outs":[{"channel_id":0,"mailed":{"shoppers":1,"ordered":1,"rate":1},"held_out":{"shoppers":0,"ordered":0,"rate":null},"waiting":1,"difference":null,`,
			`"level":0.95},"conclusive":false,"verdict":"not_enough_data"}]`}},
	)
	// An order that is cancelled does not count.
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", bought), `{"status_id":5}`, 200, nil})
	s.do(step{"", "GET", reportPath, "", 200, []string{`"converted":0,"orders":{"clicked":0`, `"recovered":1`}})
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", bought), `{"status_id":11}`, 200, nil})
	// A cart that turns out to be a bot's is counted apart.
	s.do(step{"", "PUT", "/v3/recovery/carts/" + string(cartOf(clicked)), `{"bot":true}`, 200, []string{`"bot":true`}})
	s.do(step{"", "GET", reportPath, "", 200, []string{`"totals":{"abandoned":1,`, `"bots":{"abandoned":1,"with_address":1,"mails":2,`}})
	s.walk(
		step{"", "GET", reportPath + "/carts?figure=mails", "", 200, []string{`"cart_id":"` + string(cartOf(left)) + `"`, `"total":1,`, "!" + string(cartOf(clicked))}},
		step{"", "GET", reportPath + "/carts?figure=mails&bots=true", "", 200, []string{`"cart_id":"` + string(cartOf(clicked)) + `"`, `"total":2,`}},
		step{"", "GET", reportPath + "/carts?figure=orders_clicked&bots=1", "", 200, []string{fmt.Sprintf(`"template_id":2,"order_id":%d,"currency_code":"USD","amount":26,"discount":0`, bought)}},
		step{"", "GET", reportPath + "/carts?figure=abandoned&limit=1&page=2", "", 200, []string{`{"data":[],`}},
		step{"", "GET", reportPath + "/carts?figure=abandoned&template_id=0", "", 200, []string{`"template_id":null,"order_id":null,"currency_code":null,"amount":null,"discount":null`}},
	)
}

// draw writes two shoppers who were drawn, one of whom has had the time to order.
func (s *till) draw() {
	s.Helper()
	now := s.app.Clock.Now()
	s.write(`INSERT INTO holdouts (store, channel, address, held, assigned, ordered) VALUES ('demo', 0, 'x', 0, $1, $2), ('demo', 0, 'y', 1, $2, NULL)`,
		now.Add(-8*24*time.Hour).UnixMilli(), now.Add(-7*24*time.Hour+time.Hour).UnixMilli())
}

// TestRecoveryReportRefusals: what is no report.
func TestRecoveryReportRefusals(t *testing.T) {
	s := newStreet(t)
	for path, part := range map[string]string{
		"?from=soon":                     `"from":"error.expected.date"`,
		"?from=2026-03-02&to=2026-02-28": `"to":"error.min"`,
		"?from=2020-01-01&to=2026-02-28": `"from":"error.min"`,
		"?group_by=day,week":             `"group_by":"error.expected.validenumvalue"`,
		"?channel_id=0":                  `"channel_id":"error.min"`,
		"?template_id=x":                 `"template_id":"error.expected.jsnumber"`,
		"/carts":                         `"figure":"error.path.missing"`,
		"/carts?figure=clicks":           `"figure":"error.expected.validenumvalue"`,
		"/carts?figure=clicked&bots=x":   `"bots":"error.expected.jsboolean"`,
		"/carts?figure=clicked&limit=0":  `"limit":"error.min"`,
	} {
		s.do(step{"", "GET", reportPath + path, "", 422, []string{part}})
	}
	s.walk(
		step{"reader", "GET", reportPath, "", 403, nil},
		step{"reader", "GET", reportPath + "/carts?figure=mails", "", 403, nil},
		step{"nobody", "GET", reportPath, "", 401, nil},
		step{"", "POST", reportPath, "", 405, nil},
	)
}

// TestCartTimeline reads what happened to a cart, while it is there and when it
// is gone.
func TestCartTimeline(t *testing.T) {
	s := newTill(t)
	at, e := s.leave(s.stocked("Lamp", 5))
	path := "/v3/recovery/carts/" + string(cartOf(at))
	s.do(step{"", "GET", path, "", 200, []string{`"channel_id":1,"state":"abandoned","bot":false,`, `"type":"event","scope":"store/cart/created"`,
		fmt.Sprintf(`"type":"abandoned","episode_id":%d,"value":20,"currency_code":"USD"`, e)}})
	s.mailed(at, e, 1, true)
	now := s.app.Clock.Now().UnixMilli()
	s.write(`INSERT INTO recovery_coupons (store, id, episode, template, cart_id, channel, code, state, reserved, given, order_id, created, expires, closed, tidy_at)
		VALUES ('demo', 7, $1, 1, $2, 1, 'BACK5', 'void', 50000, 0, 0, $3, $4, $3, NULL)`, e, string(cartOf(at)), now+2, now+3_600_000)
	if err := s.app.Wind(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	bought := s.order(at)
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", bought), `{"status_id":11}`, 200, nil})
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", bought), `{"status_id":4}`, 200, nil})
	w := s.do(step{"", "GET", path, "", 200, []string{`"state":"converted"`}})
	var got struct {
		Data struct {
			Moments []struct {
				Type string
				At   time.Time `json:"date"`
			} `json:"timeline"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var last time.Time
	var kinds []string
	for _, m := range got.Data.Moments {
		if m.At.Before(last) {
			t.Errorf("%s at %v comes behind %v", m.Type, m.At, last)
		}
		if last = m.At; m.Type != "event" {
			kinds = append(kinds, m.Type)
		}
	}
	if want := "abandoned decision decision mail visit coupon coupon_closed ended order order_canceled"; strings.Join(kinds, " ") != want {
		t.Errorf("told %q, want %q", kinds, want)
	}
	for _, part := range []string{
		fmt.Sprintf(`"type":"decision","episode_id":%d,"template_id":1,"outcome":"claimed","reason":"due","detail":"250 OK"}`, e),
		fmt.Sprintf(`"type":"mail","episode_id":%d,"template_id":1,"message_id":"1@shop.example","coupon_code":"BACK5"}`, e),
		fmt.Sprintf(`"type":"visit","episode_id":%d,"template_id":1,"visit":"clicked"}`, e),
		fmt.Sprintf(`"type":"coupon_closed","episode_id":%d,"template_id":1,"coupon_code":"BACK5","coupon_state":"void"}`, e),
		fmt.Sprintf(`"type":"ended","episode_id":%d,"how":"converted"}`, e),
		fmt.Sprintf(`"type":"order","episode_id":%d,"template_id":1,"order_id":%d,"attribution":"clicked","currency_code":"USD","amount":26,"discount":0}`, e, bought),
		fmt.Sprintf(`"scope":"store/cart/converted","order_id":%d}`, bought),
	} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("want %s in %s", part, w.Body)
		}
	}
	live := strings.Replace(s.cart("{}"), "/v3/carts/", "/v3/recovery/carts/", 1)
	s.walk(
		step{"", "GET", live, "", 200, []string{`"state":"active"`}},
		step{"", "GET", live[:len(live)-36] + strings.ToUpper(live[len(live)-36:]), "", 200, []string{`"state":"active"`}},
		step{"", "PUT", live, `{"bot":true}`, 200, []string{`"bot":true`, `"type":"bot"`}},
		step{"", "PUT", live, `{"bot":true}`, 200, []string{`"bot":true`}},
		step{"", "PUT", live, `{"bot":false}`, 200, []string{`"bot":false`, `!"type":"bot"`}},
		step{"", "PUT", live, `{}`, 422, []string{`"bot":"error.path.missing"`}},
		step{"", "PUT", live, `{"bot":"no"}`, 422, []string{`"bot":"error.expected.jsboolean"`}},
		step{"", "PUT", live, `{`, 400, nil},
		step{"reader", "GET", live, "", 403, nil},
		step{"reader", "PUT", live, `{"bot":true}`, 403, nil},
		step{"", "DELETE", strings.Replace(live, "/recovery/", "/", 1), "", 204, nil},
		step{"", "GET", live, "", 200, []string{`"state":"gone"`, `"scope":"store/cart/deleted"`}},
		step{"", "GET", "/v3/recovery/carts/x", "", 404, []string{`"title":"Not Found"`}},
		step{"", "GET", "/v3/recovery/carts/00000000-0000-4000-8000-000000000000", "", 404, nil},
		step{"", "GET", "/v3/recovery/carts/order%2F" + fmt.Sprint(bought), "", 404, nil},
		step{"", "PUT", "/v3/recovery/carts/00000000-0000-4000-8000-000000000000", `{"bot":true}`, 404, nil},
		step{"", "PUT", "/v3/recovery/carts/x", `{"bot":true}`, 404, nil},
	)
}
