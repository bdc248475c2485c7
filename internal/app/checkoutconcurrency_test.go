package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestConcurrentCheckoutWritesAreAllKept: 64 writers change one checkout at
// once, each sending one unit of a line somewhere else. Every one is kept.
func TestConcurrentCheckoutWritesAreAllKept(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			h := openStore(t, database(t))
			const writers = 64
			c := readCart(t, h, "POST", "/stores/demo/v3/carts",
				fmt.Sprintf(`{"custom_items":[{"name":"Work","quantity":%d,"list_price":1.5}]}`, writers), http.StatusCreated)
			path := "/stores/demo/v3/checkouts/" + c.Data.ID
			var wg sync.WaitGroup
			for i := range writers {
				wg.Go(func() {
					body := fmt.Sprintf(`[{"address":{"email":"ada%d@shop.example","country_code":"US"},"line_items":[{"item_id":%q,"quantity":1}]}]`,
						i, c.Data.LineItems.Custom[0].ID)
					if w := call(h, "POST", path+"/consignments", body); w.Code != http.StatusOK {
						t.Errorf("writer %d got %d: %s", i, w.Code, w.Body)
					}
				})
			}
			wg.Wait()
			w := call(h, "GET", path, "")
			for i := range writers {
				if !strings.Contains(w.Body.String(), fmt.Sprintf(`"ada%d@shop.example"`, i)) {
					t.Errorf("what writer %d sent is lost", i)
				}
			}
			var got struct{ Data struct{ Version int64 } }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Data.Version != 1+writers {
				t.Errorf("version %d, %v", got.Data.Version, err)
			}
			// There is nothing left to be sent.
			if w := call(h, "POST", path+"/consignments", fmt.Sprintf(`[{"address":{"email":"a@shop.example","country_code":"US"},"line_items":[{"item_id":%q,"quantity":1}]}]`,
				c.Data.LineItems.Custom[0].ID)); w.Code != http.StatusUnprocessableEntity {
				t.Errorf("one unit too many is answered with %d: %s", w.Code, w.Body)
			}
		})
	}
}

// TestOneVersionOneWinnerAtTheCheckout: of writers of the cart and of its checkout that
// believe in one version, exactly one wins.
func TestOneVersionOneWinnerAtTheCheckout(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			h := openStore(t, database(t))
			c := readCart(t, h, "POST", "/stores/demo/v3/carts", custom("first"), http.StatusCreated)
			at := "/stores/demo/v3/checkouts/" + c.Data.ID
			writes := []struct{ method, path, body string }{
				{"PUT", at, `{"customer_message":"x","version":1}`},
				{"POST", at + "/billing-address", `{"email":"ada@shop.example","country_code":"US","version":1}`},
				{"POST", at + "/fees", `{"fees":[{"type":"custom_fee","name":"n","display_name":"d","cost":1,"source":"s"}],"version":1}`},
				{"POST", at + "/discounts", `{"cart":{"discounts":[{"discounted_amount":1}],"version":1}}`},
				{"POST", strings.Replace(at, "/checkouts/", "/carts/", 1) + "/items", `{"version":1,` + custom("second")[1:]},
			}
			var mu sync.Mutex
			won, lost := 0, 0
			var wg sync.WaitGroup
			for i := range 40 {
				wg.Go(func() {
					write := writes[i%len(writes)]
					w := call(h, write.method, write.path, write.body)
					mu.Lock()
					defer mu.Unlock()
					switch w.Code {
					case http.StatusOK, http.StatusCreated:
						won++
					case http.StatusConflict:
						lost++
					default:
						t.Errorf("%s %s answers %d: %s", write.method, write.path, w.Code, w.Body)
					}
				})
			}
			wg.Wait()
			if won != 1 || lost != 39 {
				t.Errorf("%d won, %d lost", won, lost)
			}
		})
	}
}
