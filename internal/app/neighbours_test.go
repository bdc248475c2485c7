package app

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartwright/internal/clock"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// street is a server with one store and several clients, for the resources
// around a cart.
type street struct {
	*testing.T

	app *App
	h   http.Handler
}

// The tokens of a street, with their scopes.
var streetTokens = map[string][]string{
	"all":    {merchant.ScopeAll},
	"mine":   {"store_cart"},
	"theirs": {"store_cart"},
	"master": {"store_cart", "store_metafield_write_all"},
	"reader": {"store_cart_read_only", "store_v2_information_read_only", "store_v2_customers_read_only", "store_channel_settings_read_only", "store_sites_read_only"},
	"orders": {"store_v2_orders"},
}

// lamps is the store of most streets.
var lamps = merchant.Setup{Hash: "demo", Name: "Demo", URL: "https://shop.example", EmailFrom: "hello@shop.example"}

func newStreet(t *testing.T) *street {
	t.Helper()
	return streetWith(t, Config{}, lamps)
}

// newStreetWith is a sandbox that hands mails over to a mailer.
func newStreetWith(t *testing.T, m recovery.Mailer) *street {
	t.Helper()
	return streetWith(t, Config{Sandbox: true, mailer: m, machine: standing()}, lamps)
}

// standing is a machine's clock that stands still. A sandbox on it moves by its
// windings alone: what is to happen ten seconds before an hour is over happens
// then, however long the test takes.
func standing() clock.Clock { return clock.At(clock.Real{}.Now()) }

// streetWith opens a street and furnishes it.
func streetWith(t *testing.T, c Config, setup merchant.Setup) *street {
	t.Helper()
	s := openStreet(t, c)
	if _, err := s.app.Merchants.CreateStore(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	for token, scopes := range streetTokens {
		if _, err := s.app.Merchants.AddToken(t.Context(), merchant.Grant{Store: setup.Hash, Scopes: scopes, ClientID: token}, token); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// openStreet opens a street, which may be there already. What c leaves out is
// as it is everywhere.
func openStreet(t *testing.T, c Config) *street {
	t.Helper()
	if c.Database == "" {
		c.Database = testdb.URL(t)
	}
	c.PublicURL, c.Log = cmp.Or(c.PublicURL, "http://localhost:8080"), slog.New(slog.DiscardHandler)
	a, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s := &street{t, a, testkit.Contract(t, a.Handler())}
	t.Cleanup(s.close)
	return s
}

// close stops the server, unless that was done.
func (s *street) close() {
	s.Helper()
	if s.app == nil {
		return
	}
	if err := s.app.Close(); err != nil {
		s.Error(err)
	}
	s.app = nil
}

// step is a request with what its answer must be: the status, and parts of
// the body. A part that begins with ! must not stand there.
type step struct {
	as, method, path, body string
	status                 int
	parts                  []string
}

// walk makes requests one after the other. A step without a token may do
// everything.
func (s *street) walk(steps ...step) {
	s.Helper()
	for _, e := range steps {
		s.do(e)
	}
}

func (s *street) do(e step) *httptest.ResponseRecorder {
	s.Helper()
	if e.as == "" {
		e.as = "all"
	}
	w := s.send(e.as, e.method, e.path, e.body, nil)
	if w.Code != e.status {
		s.Errorf("%s %s %s answers %d, want %d: %s", e.method, e.path, e.body, w.Code, e.status, w.Body)
	}
	for _, part := range e.parts {
		unwanted, not := strings.CutPrefix(part, "!")
		if not == strings.Contains(w.Body.String(), unwanted) {
			s.Errorf("%s %s %s: want %s in %s", e.method, e.path, e.body, part, w.Body)
		}
	}
	return w
}

func (s *street) send(token, method, path, body string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.Context(), method, "/stores/demo"+path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", token)
	r.Header.Set("Content-Type", "application/json")
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w
}

// cart makes a cart with one custom item of 100 and returns its path.
func (s *street) cart(body string) string {
	s.Helper()
	body = strings.TrimSuffix(body, "}")
	if body == "" {
		body = "{"
	} else if body != "{" {
		body += ","
	}
	w := s.do(step{"", "POST", "/v3/carts", body + `"custom_items":[{"name":"Work","quantity":1,"list_price":100}]}`, 201, nil})
	var made struct{ Data struct{ ID string } }
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
		s.Fatal(err)
	}
	return "/v3/carts/" + made.Data.ID
}

// TestNeighboursNeedTheirScopes: reading needs one of two scopes, writing the
// one, and a stranger's token neither.
func TestNeighboursNeedTheirScopes(t *testing.T) {
	s := newStreet(t)
	for _, path := range []string{
		"/v3/carts/settings", "/v3/carts/settings/channels/1", "/v3/carts/metafields", "/v3/customers", "/v3/customers/subscribers", "/v3/channels",
		"/v3/channels/1", "/v3/channels/currency-assignments", "/v3/channels/1/currency-assignments", "/v3/channels/1/site", "/v3/sites", "/v3/sites/1",
		"/v3/sites/1/routes", "/v2/currencies", "/v2/currencies/1", "/v2/gift_wrapping", "/v2/store", "/v2/time",
	} {
		s.walk(
			step{"reader", "GET", path, "", 200, nil},
			step{"orders", "GET", path, "", 403, []string{"You don't have a required scope to access the endpoint"}},
			step{"nobody", "GET", path, "", 401, []string{"Unauthorized"}},
		)
	}
	for _, e := range []step{
		{"", "PUT", "/v3/carts/settings", `{}`, 0, nil}, {"", "PUT", "/v3/carts/settings/channels/1", `{}`, 0, nil},
		{"", "POST", "/v3/carts/metafields", `[]`, 0, nil}, {"", "PUT", "/v3/carts/metafields", `[]`, 0, nil}, {"", "DELETE", "/v3/carts/metafields", `[]`, 0, nil},
		{"", "POST", "/v3/customers", `[]`, 0, nil}, {"", "PUT", "/v3/customers", `[]`, 0, nil}, {"", "DELETE", "/v3/customers", ``, 0, nil},
		{"", "POST", "/v3/customers/subscribers", `{}`, 0, nil}, {"", "DELETE", "/v3/customers/subscribers", ``, 0, nil},
		{"", "POST", "/v3/channels", `{}`, 0, nil}, {"", "PUT", "/v3/channels/1", `{}`, 0, nil}, {"", "POST", "/v3/sites", `{}`, 0, nil},
		{"", "DELETE", "/v3/sites/1", ``, 0, nil}, {"", "PUT", "/v3/channels/1/site", `{}`, 0, nil}, {"", "POST", "/v3/sites/1/routes", `{}`, 0, nil},
		{"", "POST", "/v2/currencies", `{}`, 0, nil}, {"", "DELETE", "/v2/currencies/1", ``, 0, nil}, {"", "POST", "/v2/gift_wrapping", `{}`, 0, nil},
	} {
		e.as, e.status = "reader", 403
		s.do(e)
	}
}

// TestNeighboursReadBodies: what is not JSON, and what is not declared as it.
func TestNeighboursReadBodies(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	for _, e := range []step{
		{"", "PUT", "/v3/carts/settings", "", 0, nil}, {"", "PUT", "/v3/carts/settings/channels/1", "", 0, nil}, {"", "POST", at + "/metafields", "", 0, nil},
		{"", "PUT", at + "/metafields/1", "", 0, nil}, {"", "POST", "/v3/carts/metafields", "", 0, nil}, {"", "PUT", "/v3/carts/metafields", "", 0, nil},
		{"", "DELETE", "/v3/carts/metafields", "", 0, nil}, {"", "POST", "/v3/customers", "", 0, nil}, {"", "PUT", "/v3/customers", "", 0, nil},
		{"", "POST", "/v3/customers/subscribers", "", 0, nil}, {"", "PUT", "/v3/customers/subscribers/1", "", 0, nil}, {"", "POST", "/v3/channels", "", 0, nil},
		{"", "PUT", "/v3/channels/1", "", 0, nil}, {"", "POST", "/v3/channels/currency-assignments", "", 0, nil}, {"", "PUT", "/v3/channels/currency-assignments", "", 0, nil},
		{"", "POST", "/v3/channels/1/currency-assignments", "", 0, nil}, {"", "PUT", "/v3/channels/1/currency-assignments", "", 0, nil},
		{"", "POST", "/v3/channels/1/site", "", 0, nil}, {"", "PUT", "/v3/channels/1/site", "", 0, nil}, {"", "PUT", "/v3/channels/1/site/checkout-url", "", 0, nil},
		{"", "POST", "/v3/sites", "", 0, nil}, {"", "PUT", "/v3/sites/1", "", 0, nil}, {"", "POST", "/v3/sites/1/routes", "", 0, nil}, {"", "PUT", "/v3/sites/1/routes", "", 0, nil},
		{"", "PUT", "/v3/sites/1/routes/1", "", 0, nil}, {"", "POST", "/v2/currencies", "", 0, nil}, {"", "PUT", "/v2/currencies/1", "", 0, nil},
		{"", "POST", "/v2/gift_wrapping", "", 0, nil}, {"", "PUT", "/v2/gift_wrapping/1", "", 0, nil},
	} {
		e.status, e.body = 400, `{"a":`
		s.do(e)
		e.status, e.body = 413, `"`+strings.Repeat("x", 4<<20)+`"`
		s.do(e)
		if w := s.send("all", e.method, e.path, `{}`, http.Header{"Content-Type": {"text/plain"}}); w.Code != 415 {
			t.Errorf("%s %s of plain text answers %d: %s", e.method, e.path, w.Code, w.Body)
		}
		if w := s.send("all", e.method, e.path, `{}`, http.Header{"Accept": {"text/html"}}); w.Code != 406 {
			t.Errorf("%s %s for a browser answers %d: %s", e.method, e.path, w.Code, w.Body)
		}
	}
}

// TestNeighboursApplyOnce: a POST with an Idempotency-Key is applied once, and
// its answer is repeated byte for byte.
func TestNeighboursApplyOnce(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	id := strings.TrimPrefix(at, "/v3/carts/")
	metafield := `{"key":"k","namespace":"n","value":"v","permission_set":"read"`
	for _, e := range []step{
		{"", "POST", at + "/metafields", metafield + `}`, 200, nil},
		{"", "POST", "/v3/carts/metafields", `[` + strings.Replace(metafield, `"k"`, `"other"`, 1) + `,"resource_id":"` + id + `"}]`, 200, nil},
		{"", "POST", "/v3/customers", `[{"email":"ada@shop.example","first_name":"Ada","last_name":"Byron"}]`, 200, nil},
		{"", "POST", "/v3/customers/subscribers", `{"email":"ada@shop.example"}`, 200, nil},
		{"", "POST", "/v3/channels", `{"name":"B","type":"pos","platform":"square"}`, 200, nil},
		{"", "POST", "/v3/channels/currency-assignments", `[{"channel_id":2,"enabled_currencies":["USD"],"default_currency":"USD"}]`, 200, nil},
		{"", "POST", "/v3/channels/2/currency-assignments", `{"enabled_currencies":["USD"],"default_currency":"USD"}`, 200, nil},
		{"", "POST", "/v3/channels/2/site", `{"url":"https://b.example"}`, 200, nil},
		{"", "POST", "/v3/sites/2/routes", `{"type":"cart","route":"/x"}`, 201, nil},
		{"", "POST", "/v2/currencies", `{"name":"Euro","currency_code":"EUR","currency_exchange_rate":0.5,"token_location":"left","token":"€","decimal_token":".","thousands_token":",","decimal_places":2}`, 200, nil},
		{"", "POST", "/v2/gift_wrapping", `{"name":"Blue","price":"1"}`, 201, nil},
	} {
		key := http.Header{"Idempotency-Key": {e.path}}
		first := s.send("all", e.method, e.path, e.body, key)
		again := s.send("all", e.method, e.path, e.body, key)
		if first.Code != e.status || again.Code != e.status || first.Body.String() != again.Body.String() || again.Header().Get("Idempotency-Replayed") == "" {
			t.Errorf("POST %s answers %d %s, then %d %s", e.path, first.Code, first.Body, again.Code, again.Body)
		}
		if w := s.send("all", e.method, e.path, e.body+" ", key); w.Code != 422 && w.Code != 400 {
			t.Errorf("POST %s with the key of another answers %d %s", e.path, w.Code, w.Body)
		}
	}
	s.walk(
		step{"", "GET", "/v3/channels", "", 200, []string{`"total":2`}},
		step{"", "GET", "/v3/customers", "", 200, []string{`"total":1`}},
		step{"", "GET", at + "/metafields", "", 200, []string{`"total":2`}},
		step{"", "GET", "/v3/sites/2/routes", "", 200, []string{`"total":1`}},
	)
	// A batch that was applied in part is not kept: sending it again tries the
	// rest again.
	body := `[` + metafield + `,"resource_id":"` + id + `"},{"key":"late","namespace":"n","value":"v","permission_set":"read","resource_id":"` + id + `"}]`
	key := http.Header{"Idempotency-Key": {"partial"}}
	first, again := s.send("all", "POST", "/v3/carts/metafields", body, key), s.send("all", "POST", "/v3/carts/metafields", body, key)
	if first.Code != 422 || !strings.Contains(first.Body.String(), `"success":1,"failed":1`) || again.Code != 422 || !strings.Contains(again.Body.String(), `"success":0,"failed":2`) {
		t.Errorf("in part: %s, then %s", first.Body, again.Body)
	}
}
