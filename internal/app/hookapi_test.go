package app

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestHooks walks through the life of a webhook (spec/04 §1).
func TestHooks(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "GET", "/v3/hooks", "", 200, []string{`"data":[]`, `"total":0`}},
		step{"orders", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/bc","headers":{"X-Shared-Secret":"s3cr3t"},"extra":1}`, 200,
			[]string{`{"data":{"id":1,"client_id":"orders","store_hash":"demo","created_at":1`, `"scope":"store/cart/*","destination":"https://hooks.example.com/bc","is_active":true,"headers":{"X-Shared-Secret":"s3cr3t"}},"meta":{}}`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/order/*","destination":"https://hooks.example.com/bc","is_active":false}`, 200, []string{`"id":2`, `"is_active":false,"headers":null`}},
		step{"", "GET", "/v3/hooks", "", 200, []string{`"id":2`, `!"id":1,`, `"total":1`}},
		step{"", "GET", "/v3/hooks/2", "", 200, []string{`"id":2`, `"meta":{}`}},
		step{"", "GET", "/v3/hooks/1", "", 404, []string{`"title":"Webhook with id [1] not found"`}},
		step{"", "PUT", "/v3/hooks/1", `{"is_active":false}`, 404, []string{`Webhook with id [1] not found`}},
		step{"", "DELETE", "/v3/hooks/1", "", 404, []string{`Webhook with id [1] not found`}},
		step{"", "GET", "/v3/hooks/x", "", 404, []string{`Webhook with id [x] not found`}},
		step{"", "GET", "/v3/hooks?is_active=false&scope=store/order/*&destination=https://hooks.example.com/bc", "", 200, []string{`"total":1`}},
		step{"", "GET", "/v3/hooks?is_active=true", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/hooks?scope=store/order", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/hooks?is_active=maybe&limit=0", "", 422, []string{`"is_active"`, `"limit"`}},
		step{"", "PUT", "/v3/hooks/2", `{"headers":{"A":"1"},"is_active":true}`, 200, []string{`"headers":{"A":"1"}`, `"is_active":true`, `"scope":"store/order/*"`}},
		step{"", "PUT", "/v3/hooks/2", `{"headers":null,"scope":"store/order/created"}`, 200, []string{`"headers":null`, `"scope":"store/order/created"`}},
		step{"", "PUT", "/v3/hooks/2", `{"unknown":1}`, 422, nil},
		step{"", "DELETE", "/v3/hooks/2", "", 200, []string{`"data":{"id":2`, `"meta":{}`}},
		step{"", "GET", "/v3/hooks/2", "", 404, nil},
		step{"nobody", "GET", "/v3/hooks", "", 401, []string{`Unauthorized - the v3 Auth client ID or token in the request are not a valid combination for this store.`}},
	)
}

// TestHookRefusals: what a webhook may not be, in the vendor's words.
func TestHookRefusals(t *testing.T) {
	s := newStreet(t)
	body := `{"status":422,"title":"JSON data is missing or invalid","type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes","errors":{"destination":"error.path.missing"}}`
	if w := s.send("all", "POST", "/v3/hooks", `{"scope":"store/cart/*"}`, nil); w.Body.String() != body {
		t.Errorf("without a destination: %s\nwant %s", w.Body, body)
	}
	s.walk(
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"http://hooks.example.com/"}`, 422, []string{`"errors":{"destination":"error.url"}`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com:8443/"}`, 422, []string{`"destination":"error.url"`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/paid","destination":"https://hooks.example.com/"}`, 422, []string{`"scope":"Scope is not valid"`}},
		step{"", "POST", "/v3/hooks", `{"scope":5,"destination":[],"is_active":"yes","headers":[]}`, 422,
			[]string{`"scope":"error.expected.jsstring"`, `"destination":"error.expected.jsstring"`, `"is_active":"error.expected.jsboolean"`, `"headers":"error.expected.jsobject"`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/","headers":{"A":1,"B":null}}`, 422,
			[]string{`"headers.A":"error.expected.jsstring"`, `"headers.B":"error.path.missing"`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/","headers":{"Host":"x"}}`, 422, []string{`"headers.Host":"error.header.reserved"`}},
		step{"", "POST", "/v3/hooks", `{"a":`, 400, []string{`"title":"Input is invalid"`, `"detail":"Syntax error"`}},
		step{"", "GET", "/v3/hooks", "", 200, []string{`"total":0`}},
	)
	for i := range 10 {
		s.do(step{"", "POST", "/v3/hooks", fmt.Sprintf(`{"scope":"store/cart/*","destination":"https://hooks.example.com/%d"}`, i), 200, nil})
	}
	s.walk(
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/10"}`, 422, []string{`"scope"`}},
		step{"mine", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/1"}`, 200, nil},
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/created","destination":"https://hooks.example.com/1"}`, 200, nil},
		step{"mine", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/1"}`, 422, []string{`Webhook with this scope and destination already exists`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/hook/deliveryException","destination":"https://hooks.example.com/1"}`, 422, []string{`"destination"`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/hook/deliveryException","destination":"https://errors.example.com/"}`, 200, nil},
		step{"", "POST", "/v3/hooks", `{"scope":"store/hook/deliveryException","destination":"https://more.example.com/"}`, 422, []string{`"scope"`}},
		step{"", "PUT", "/v3/hooks/1", `{"destination":"https://errors.example.com/"}`, 422, []string{`"destination"`}},
		step{"", "PUT", "/v3/hooks/1", `{"destination":"https://hooks.example.com/1"}`, 422, []string{`already exists`}},
		step{"", "GET", "/v3/hooks/1", "", 200, []string{`"destination":"https://hooks.example.com/0"`}},
	)
}

// TestHooksAdmin: the overview, and who is told.
func TestHooksAdmin(t *testing.T) {
	s := newStreet(t)
	s.walk(
		step{"", "GET", "/v3/hooks/admin", "", 200, []string{`{"data":{"emails":[],"hooks_list":[],"blocked_domains":[]},"meta":{"pagination"`}},
		step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/"}`, 200, nil},
		step{"", "POST", "/v3/hooks", `{"scope":"store/order/*","destination":"https://hooks.example.com/","is_active":false}`, 200, nil},
		step{"", "PUT", "/v3/hooks/admin", `{"emails":["a@b.example","a@b.example","c@d.example"]}`, 204, nil},
		step{"", "GET", "/v3/hooks/admin", "", 200, []string{`"emails":["a@b.example","c@d.example"]`, `"status":"active"`, `"status":"inactive"`, `"total":2`}},
		step{"", "GET", "/v3/hooks/admin?is_active=true", "", 200, []string{`"status":"active"`, `!"status":"inactive"`, `"total":1`}},
		step{"mine", "GET", "/v3/hooks/admin", "", 200, []string{`"emails":[]`, `"hooks_list":[]`}},
		step{"", "PUT", "/v3/hooks/admin", `{"emails":["nobody"]}`, 422, []string{`"emails.0":"error.email"`}},
		step{"", "PUT", "/v3/hooks/admin", `{}`, 422, []string{`"emails":"error.path.missing"`}},
		step{"", "PUT", "/v3/hooks/admin", `{"emails":[]}`, 204, nil},
		step{"", "GET", "/v3/hooks/admin", "", 200, []string{`"emails":[]`}},
		step{"", "GET", "/v3/hooks/events?min_created_at=x", "", 422, []string{`"min_created_at":"error.expected.date"`}},
		step{"", "DELETE", "/v3/hooks/admin", "", 404, nil},
		step{"", "POST", "/v3/hooks/admin", `{}`, 405, nil},
	)
}

// TestDeliveryLog: what is to be sent stands in the log of its client alone.
func TestDeliveryLog(t *testing.T) {
	s := newStreet(t)
	s.do(step{"", "POST", "/v3/hooks", `{"scope":"store/cart/*","destination":"https://hooks.example.com/"}`, 200, nil})
	s.cart("")
	if _, err := s.app.DB.FeedDeliveries(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	s.walk(
		step{"", "GET", "/v3/recovery/deliveries", "", 200, []string{`"total":3`, `"data":[{"id":3`, `"state":"waiting","attempts":0`, `"date_finished":null,"history":[]`}},
		step{"", "GET", "/v3/recovery/deliveries?scope=store/cart/created&hook_id=1&state=waiting&limit=1", "", 200, []string{`"total":1`, `"scope":"store/cart/created"`}},
		step{"", "GET", "/v3/recovery/deliveries?state=delivered", "", 200, []string{`"total":0`}},
		step{"", "GET", "/v3/recovery/deliveries?state=lost&hook_id=x", "", 422, []string{`"state":"error.expected.validenumvalue"`, `"hook_id":"error.expected.jsnumber"`}},
		step{"", "GET", "/v3/recovery/deliveries/1", "", 200, []string{`"id":1`, `"data":{"type":"cart","id":"`, `"message_id":"msg_`}},
		step{"", "POST", "/v3/recovery/deliveries/1/resend", ``, 200, []string{`"state":"waiting"`}},
		step{"", "GET", "/v3/recovery/deliveries/99", "", 404, nil},
		step{"mine", "GET", "/v3/recovery/deliveries", "", 403, nil},
		step{"", "PUT", "/v3/hooks/1", `{"is_active":false}`, 200, nil},
		step{"", "POST", "/v3/recovery/deliveries/1/resend", ``, 422, []string{`not active`}},
		step{"", "DELETE", "/v3/hooks/1", ``, 200, nil},
		step{"", "GET", "/v3/recovery/deliveries", "", 200, []string{`"total":3`}},
		step{"", "GET", "/v3/hooks/events", "", 200, []string{`"total":0`}},
	)
}

// TestHooksApplyOnce: with an Idempotency-Key one webhook is made.
func TestHooksApplyOnce(t *testing.T) {
	s := newStreet(t)
	key := http.Header{"Idempotency-Key": {"k"}}
	body := `{"scope":"store/cart/*","destination":"https://hooks.example.com/"}`
	first, again := s.send("all", "POST", "/v3/hooks", body, key), s.send("all", "POST", "/v3/hooks", body, key)
	if first.Code != 200 || first.Body.String() != again.Body.String() || !regexp.MustCompile(`"id":1\b`).MatchString(again.Body.String()) {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
	if !strings.Contains(s.send("all", "GET", "/v3/hooks", "", nil).Body.String(), `"total":1`) {
		t.Error("there is more than one webhook")
	}
}
