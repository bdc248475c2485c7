package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
)

// soon is how long what one server changed may be hidden from another (decisions
// 5).
const soon = 2 * time.Second

// working has a server do what it does beside requests, until the test ends.
func working(t *testing.T, s *street) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.app.work(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

// shows fails the test unless it comes true within two seconds.
func shows(t *testing.T, what string, true func() bool) {
	t.Helper()
	begin := clock.Real{}.Now()
	for !true() {
		if time.Since(begin) > soon {
			t.Errorf("%s: not seen after %s", what, soon)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("%s: seen after %s", what, time.Since(begin).Round(time.Millisecond))
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
			product := number(t, one.do(step{"", "POST", "/v3/catalog/products", `{"name":"Torch","type":"physical","weight":1,"price":5}`, 200, nil}).Body.Bytes())
			item := fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, product)
			price := func(want string) func() bool {
				return func() bool {
					return strings.Contains(two.send("all", "POST", "/v3/carts", item, nil).Body.String(), `"list_price":`+want+`,`)
				}
			}
			shows(t, "a product", price("5"))
			one.do(step{"", "PUT", fmt.Sprintf("/v3/catalog/products/%d", product), `{"price":6}`, 200, nil})
			shows(t, "a price", price("6"))

			if _, err := one.app.DB.UpdateStore(t.Context(), "demo", func(s *merchant.Store) error { s.Name = "Lanterns"; return nil }); err != nil {
				t.Fatal(err)
			}
			shows(t, "a setting", func() bool {
				shop, err := two.app.Shops.Shop(t.Context(), "demo")
				return err == nil && shop.Store.Name == "Lanterns"
			})

			if err := one.app.Wind(t.Context(), time.Hour); err != nil {
				t.Fatal(err)
			}
			shows(t, "the sandbox clock", func() bool { return two.app.Clock.Offset() == one.app.Clock.Offset() })

			two.do(step{"mine", "GET", "/v3/carts/settings", "", http.StatusForbidden, nil})
			if _, err := one.app.Merchants.RevokeToken(t.Context(), "demo", "mine"); err != nil {
				t.Fatal(err)
			}
			one.do(step{"mine", "GET", "/v3/carts/settings", "", http.StatusUnauthorized, nil}) // at once
			shows(t, "a token that was revoked", func() bool {
				return two.send("mine", "GET", "/v3/carts/settings", "", nil).Code == http.StatusUnauthorized
			})
		})
	}
}
