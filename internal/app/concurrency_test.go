package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"cartwright/internal/merchant"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// engines are the databases that a promise must hold on.
var engines = map[string]func(*testing.T) string{
	"sqlite":   func(t *testing.T) string { return testdb.SQLite(t) },
	"postgres": func(t *testing.T) string { return testdb.PostgreSQL(t) },
}

func openStore(t *testing.T, database string) http.Handler {
	t.Helper()
	a, err := Open(t.Context(), Config{Database: database, PublicURL: "http://localhost:8080", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
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
	return testkit.Contract(t, a.Handler())
}

type cartAnswer struct {
	Data struct {
		ID        string
		Version   int64
		Amount    json.Number `json:"cart_amount"`
		LineItems struct {
			Custom []struct {
				ID, Name string
				Quantity int64
			} `json:"custom_items"`
		} `json:"line_items"`
	}
}

func readCart(t *testing.T, h http.Handler, method, path, body string, status int) cartAnswer {
	t.Helper()
	w := call(h, method, path, body)
	var a cartAnswer
	if w.Code != status {
		t.Fatalf("%s %s answers %d: %s", method, path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func custom(name string) string {
	return fmt.Sprintf(`{"custom_items":[{"name":%q,"quantity":1,"list_price":1.5}]}`, name)
}

// TestConcurrentAddsAreAllKept is what BigCommerce's item endpoints do not
// promise, and ours do.
func TestConcurrentAddsAreAllKept(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			h := openStore(t, database(t))
			c := readCart(t, h, "POST", "/stores/demo/v3/carts", custom("first"), http.StatusCreated)
			path := "/stores/demo/v3/carts/" + c.Data.ID
			const writers = 64
			var wg sync.WaitGroup
			for i := range writers {
				wg.Go(func() {
					if w := call(h, "POST", path+"/items", custom(fmt.Sprint("line ", i))); w.Code != http.StatusCreated {
						t.Errorf("writer %d got %d: %s", i, w.Code, w.Body)
					}
				})
			}
			wg.Wait()
			got := readCart(t, h, "GET", path, "", http.StatusOK)
			if n := len(got.Data.LineItems.Custom); n != 1+writers || got.Data.Version != 1+writers || got.Data.Amount != "97.5" {
				t.Errorf("%d lines, version %d, amount %s", n, got.Data.Version, got.Data.Amount)
			}
		})
	}
}

// TestOneVersionOneWinner lets many writers believe in the same version.
func TestOneVersionOneWinner(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			h := openStore(t, database(t))
			c := readCart(t, h, "POST", "/stores/demo/v3/carts", custom("first"), http.StatusCreated)
			path := "/stores/demo/v3/carts/" + c.Data.ID
			var mu sync.Mutex
			statuses := map[int]int{}
			var wg sync.WaitGroup
			for range 32 {
				wg.Go(func() {
					w := call(h, "POST", path+"/items", `{"version":1,`+custom("second")[1:])
					mu.Lock()
					defer mu.Unlock()
					statuses[w.Code]++
				})
			}
			wg.Wait()
			if statuses[http.StatusCreated] != 1 || statuses[http.StatusConflict] != 31 {
				t.Errorf("statuses = %v", statuses)
			}
			if got := readCart(t, h, "GET", path, "", http.StatusOK); len(got.Data.LineItems.Custom) != 2 {
				t.Errorf("cart = %+v", got)
			}
		})
	}
}
