package app

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"cartwright/internal/merchant"
	"cartwright/internal/pgcluster"
	"cartwright/internal/testkit"
)

// TestEverySurfaceTellsAnOutage: without its database the server says so in the
// shape of each surface, and that trying again makes sense.
func TestEverySurfaceTellsAnOutage(t *testing.T) {
	cluster, address := testkit.Cluster(t, pgcluster.Options{})
	a, err := Open(t.Context(), Config{Database: address, PublicURL: "http://localhost:8080", Sandbox: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if _, err := a.Merchants.CreateStore(t.Context(), merchant.Setup{Hash: "demo", Name: "Demo"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Merchants.AddToken(t.Context(), merchant.Grant{Store: "demo", Scopes: []string{"all"}}, "secret"); err != nil {
		t.Fatal(err)
	}
	call(a.Handler(), "GET", "/stores/demo/v3/carts/settings", "") // the store is in use
	if err := cluster.Stop("immediate"); err != nil {
		t.Fatal(err)
	}
	const unknown = "5838b5b1-772a-40da-b47b-54f6409290d8"
	for name, tc := range map[string]struct {
		method, path, body string
		holds              string
	}{
		"the V3 API, reading":      {"GET", "/stores/demo/v3/carts/" + unknown, "", `"status":503,"title":"The database does not answer. Please try again."`},
		"the V3 API, writing":      {"POST", "/stores/demo/v3/carts", `{"custom_items":[{"name":"Lamp","quantity":1,"list_price":5}]}`, `"status":503`},
		"the V2 API":               {"GET", "/stores/demo/v2/coupons", "", `[{"status":503,"message":"The database does not answer. Please try again."`},
		"an unknown store":         {"GET", "/stores/other/v3/carts/" + unknown, "", `"status":503`},
		"a page of the shop":       {"GET", "/shop/demo/cart.php?action=load&id=" + unknown + "&token=" + strings.Repeat("a", 64), "", "Please try again"},
		"the administration pages": {"GET", "/admin/demo", "", "Please try again"},
		"the inbox":                {"GET", "/sandbox/inbox", "", `"status":503`},
		"emptying the inbox":       {"DELETE", "/sandbox/inbox", "", `"status":503`},
		"the clock":                {"POST", "/sandbox/clock", `{"advance":"1h"}`, `"status":503`},
	} {
		testkit.Within(t, soon, name, func() {
			w := ask(a, tc.method, tc.path, tc.body, "X-Auth-Token", "secret", "Content-Type", "application/json", "Accept", "application/json")
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), tc.holds) {
				t.Errorf("%s answers %d, Retry-After %q: %.300s", name, w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		})
	}
	if w := ask(a, "GET", "/readyz", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d", w.Code)
	}
	if w := ask(a, "GET", "/healthz", ""); w.Code != http.StatusOK {
		t.Errorf("/healthz answers %d", w.Code)
	}
}
