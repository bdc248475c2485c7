package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// stockAtFirst is how much of the one product there is.
const stockAtFirst = 100_000

// TestKillDuringPaymentsSellsNothingTwice kills the server while shoppers pay
// several orders of each cart at once. Whatever the kill interrupts, no cart
// becomes two paid orders, a payment that was acknowledged stands, and the stock
// is what the paid orders left.
func TestKillDuringPaymentsSellsNothingTwice(t *testing.T) {
	t.Parallel()
	fleet.Each(t, killDuringPayments)
}

func killDuringPayments(t *testing.T, e fleet.Engine) {
	s := newServer(t, e)
	s.start()
	product := s.stock()
	log := &payments{acknowledged: map[int64]bool{}}
	for range rounds {
		var wg sync.WaitGroup
		for range shoppers {
			wg.Go(func() {
				for s.Running() {
					if !s.buy(product, log) {
						time.Sleep(comeBack)
					}
				}
			})
		}
		before := log.count()
		testkit.Eventually(t, "a payment is acknowledged", func() bool { return log.count() > before })
		time.Sleep(time.Duration(rand.IntN(700)) * time.Millisecond)
		s.Kill()
		wg.Wait()
		s.start()
		s.checkOrders(product, log)
	}
	s.Kill()
	t.Logf("%d acknowledged payments over %d kills", len(log.acknowledged), rounds)
}

// stock makes the one product that is sold.
func (s *server) stock() int64 {
	s.t.Helper()
	var product struct{ Data struct{ ID int64 } }
	if status := s.send(http.MethodPost, "/catalog/products", "stock", fmt.Sprintf(
		`{"name":"Lamp","type":"physical","weight":1,"price":10,"inventory_tracking":"product","inventory_level":%d}`, stockAtFirst), &product); status != http.StatusOK {
		s.t.Fatalf("make product: %d", status)
	}
	return product.Data.ID
}

// buyers pay until they are sent home, whatever becomes of the servers.
type buyers struct {
	*server

	product int64
	log     *payments
	home    chan struct{}
	inside  sync.WaitGroup
}

// sell lets a few buyers in. The payments of one cart are spread over all
// servers.
func sell(t *testing.T, f *fleet.Fleet, servers ...*fleet.Server) *buyers {
	t.Helper()
	b := &buyers{server: &server{Fleet: f, Server: servers[0], peers: servers, t: t, client: f.Client()},
		log: &payments{acknowledged: map[int64]bool{}}, home: make(chan struct{})}
	b.product = b.stock()
	for range 4 {
		b.inside.Go(func() {
			for {
				select {
				case <-b.home:
					return
				default:
				}
				if !b.buy(b.product, b.log) {
					time.Sleep(comeBack)
				}
			}
		})
	}
	testkit.Eventually(t, "a payment is acknowledged", func() bool { return b.log.count() > 0 })
	return b
}

// settle sends the buyers home and looks at what they paid for.
func (b *buyers) settle() {
	b.t.Helper()
	close(b.home)
	b.inside.Wait()
	b.checkOrders(b.product, b.log)
	b.t.Logf("%d acknowledged payments", b.log.count())
}

// payments are those that the server has answered with 200.
type payments struct {
	mu           sync.Mutex
	acknowledged map[int64]bool
}

// count returns how many payments were acknowledged.
func (p *payments) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.acknowledged)
}

// buy fills a cart, makes three orders of it and pays all of them at once. It
// reports whether the server is still there.
func (s *server) buy(product int64, log *payments) bool {
	var made struct {
		Data struct {
			ID    string
			Lines struct {
				Physical []struct{ ID string } `json:"physical_items"`
			} `json:"line_items"`
		}
	}
	if s.call(http.MethodPost, "/v3/carts", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":2}]}`, product), &made) == 0 {
		return false
	}
	at := "/v3/checkouts/" + made.Data.ID
	const address = `"email":"ada@shop.example","country_code":"US","first_name":"Ada","last_name":"Byron","address1":"1 Main Street","city":"Austin",` +
		`"state_or_province":"Texas","state_or_province_code":"TX","postal_code":"78701"`
	var checkout struct {
		Data struct{ Consignments []struct{ ID string } }
	}
	if s.call(http.MethodPost, at+"/billing-address", `{`+address+`}`, nil) == 0 ||
		s.call(http.MethodPost, at+"/consignments", fmt.Sprintf(`[{"address":{%s},"line_items":[{"item_id":%q,"quantity":2}]}]`,
			address, made.Data.Lines.Physical[0].ID), &checkout) == 0 ||
		s.call(http.MethodPut, at+"/consignments/"+checkout.Data.Consignments[0].ID, `{"custom_shipping":{"price":5,"description":"By bicycle"}}`, nil) == 0 {
		return false
	}
	var wg sync.WaitGroup
	alive := true
	for i := range 3 {
		var o struct{ Data struct{ ID int64 } }
		if s.call(http.MethodPost, at+"/orders", "", &o) == 0 {
			alive = false
			break
		}
		wg.Go(func() {
			if s.at(i).call(http.MethodPut, fmt.Sprintf("/v2/orders/%d", o.Data.ID), `{"status_id":11}`, nil) == http.StatusOK {
				log.mu.Lock()
				defer log.mu.Unlock()
				log.acknowledged[o.Data.ID] = true
			}
		})
	}
	wg.Wait()
	return alive
}

// checkOrders reads every order and compares carts, stock and what was
// acknowledged.
func (s *server) checkOrders(product int64, log *payments) {
	s.t.Helper()
	paid, units := map[int64]bool{}, int64(0)
	ofCart := map[string]int64{}
	for page := 1; ; page++ {
		var orders []struct {
			ID     int64
			CartID string `json:"cart_id"`
			Items  int64  `json:"items_total"`
		}
		a := s.ask(fleet.Request{Method: http.MethodGet, Path: fmt.Sprintf("/v2/orders?status_id=11&limit=250&page=%d", page)})
		if a.Status == http.StatusNoContent {
			break
		}
		a.Read(s.t, &orders)
		for _, o := range orders {
			if other, twice := ofCart[o.CartID]; twice {
				s.t.Errorf("the cart %s became the orders %d and %d", o.CartID, other, o.ID)
			}
			ofCart[o.CartID], paid[o.ID] = o.ID, true
			units += o.Items
		}
	}
	for id := range log.acknowledged {
		if !paid[id] {
			s.t.Errorf("the payment of order %d was acknowledged and is gone", id)
		}
	}
	testkit.Eventually(s.t, "the stock is what was not sold", func() bool { // a server may show for two seconds what another has changed
		var p struct {
			Data struct {
				Level int64 `json:"inventory_level"`
			}
		}
		s.call(http.MethodGet, fmt.Sprintf("/v3/catalog/products/%d", product), "", &p)
		return p.Data.Level == stockAtFirst-units
	})
	for cartID := range ofCart {
		if status := s.send(http.MethodGet, "/carts/"+cartID, "", "", nil); status != http.StatusNotFound {
			s.t.Errorf("the cart %s became an order and answers %d", cartID, status)
		}
	}
}

// at is the server to which the i-th of several requests goes.
func (s *server) at(i int) *server {
	if len(s.peers) == 0 {
		return s
	}
	other := *s
	other.Server = s.peers[i%len(s.peers)]
	return &other
}

// call makes a request once and returns its status, or 0 when there was no
// answer. A proper 503 is as good as none.
func (s *server) call(method, path, body string, into any) int {
	answer := s.client.Send(s.Server, fleet.Request{Method: method, Path: path, Body: body})
	if answer.Unavailable() == "" {
		return 0
	}
	if answer.Status >= 500 {
		s.t.Errorf("%s %s answered %d: %s", method, path, answer.Status, answer.Body)
		return 0
	}
	if into != nil && (answer.Status == http.StatusOK || answer.Status == http.StatusCreated) {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			s.t.Errorf("%s: %v in %s", path, err, answer.Body)
		}
	}
	return answer.Status
}
