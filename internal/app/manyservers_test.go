package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// soon is how long what one server changed may be hidden from another (decisions
// 5), and how long a request waits for a database that is away (docs/adr/0018).
// The machine itself may be away for longer: what was late is tried again, a few
// times, and a server that is late by itself is late each time.
const (
	soon     = 2 * time.Second
	attempts = 10
)

// working has a server do what it does beside requests, until the test ends.
func working(t *testing.T, s *street) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.app.work(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

// shows makes a change until one has shown within two seconds. Each must show.
// change makes the nth one and returns what tells that it is seen.
func shows(t *testing.T, what string, change func(n int) (seen func() bool)) {
	t.Helper()
	for n := range attempts {
		seen := change(n)
		begin := time.Now()
		testkit.Eventually(t, what+" is seen", seen)
		took := time.Since(begin)
		t.Logf("%s: seen after %s", what, took.Round(time.Millisecond))
		if took <= soon {
			return
		}
	}
	t.Errorf("%s: not once seen within %s", what, soon)
}

// What is changed on one server shows on another within two seconds, also where
// servers cannot wake each other: on SQLite, where the other one is a command of
// the administration, and where a pooler passes no messages on.
func TestChangesShowOnOtherServers(t *testing.T) {
	for name, tc := range map[string]struct {
		database func(testing.TB) string
		deaf     bool
	}{
		"SQLite":           {testdb.SQLite, false},
		"PostgreSQL":       {testdb.PostgreSQL, false},
		"PostgreSQL, deaf": {testdb.PostgreSQL, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{Database: tc.database(t), Sandbox: true, deaf: tc.deaf}
			one := streetWith(t, c, lamps)
			two := openStreet(t, c)
			working(t, two)
			var product int64
			price := func(want int) func() bool {
				return func() bool {
					item := fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, product)
					return strings.Contains(two.send("all", "POST", "/v3/carts", item, nil).Body.String(), fmt.Sprintf(`"list_price":%d,`, want))
				}
			}
			shows(t, "a product", func(n int) func() bool {
				product = number(t, one.do(step{"", "POST", "/v3/catalog/products", fmt.Sprintf(`{"name":"Torch %d","type":"physical","weight":1,"price":5}`, n), 200, nil}).Body.Bytes())
				return price(5)
			})
			shows(t, "a price", func(n int) func() bool {
				one.do(step{"", "PUT", fmt.Sprintf("/v3/catalog/products/%d", product), fmt.Sprintf(`{"price":%d}`, 6+n), 200, nil})
				return price(6 + n)
			})
			shows(t, "a setting", func(n int) func() bool {
				name := fmt.Sprint("Lanterns ", n)
				if _, err := one.app.DB.UpdateStore(t.Context(), "demo", func(s *merchant.Store) error { s.Name = name; return nil }); err != nil {
					t.Fatal(err)
				}
				return func() bool {
					shop, err := two.app.Shops.Shop(t.Context(), "demo")
					return err == nil && shop.Store.Name == name
				}
			})
			shows(t, "the sandbox clock", func(int) func() bool {
				one.wind(time.Hour)
				return func() bool { return two.app.Clock.Offset() == one.app.Clock.Offset() }
			})
			shows(t, "a token that was revoked", func(n int) func() bool {
				token := fmt.Sprint("spare ", n)
				if _, err := one.app.Merchants.AddToken(t.Context(), merchant.Grant{Store: "demo", Scopes: []string{"store_cart"}}, token); err != nil {
					t.Fatal(err)
				}
				two.do(step{token, "GET", "/v3/carts/settings", "", http.StatusForbidden, nil})
				if _, err := one.app.Merchants.RevokeToken(t.Context(), "demo", token); err != nil {
					t.Fatal(err)
				}
				one.do(step{token, "GET", "/v3/carts/settings", "", http.StatusUnauthorized, nil}) // at once
				return func() bool {
					return two.send(token, "GET", "/v3/carts/settings", "", nil).Code == http.StatusUnauthorized
				}
			})
		})
	}
}
