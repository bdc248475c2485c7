package linear

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"cartwright/internal/testkit"
)

// world is what is in the store besides carts. It does not change while
// histories are recorded.
type world struct {
	productIDs []int64
	prices     map[string]int64 // cents, by productName
	customers  []int64          // with 0, the guest
}

// newWorld fills the store at some servers, which run.
func newWorld(t *testing.T, to target) *world {
	t.Helper()
	w := &world{prices: map[string]int64{}, customers: []int64{0}}
	c := newClient(t, to, 0, 0)
	for i, price := range []int64{1000, 250, 1999} {
		id := c.made("/v3/catalog/products", fmt.Sprintf(`{"name":"Lamp %d","type":"physical","weight":1,"price":%d.%02d}`, i, price/100, price%100))
		w.productIDs = append(w.productIDs, id)
		w.prices[productName(id)] = price
	}
	for i := range 2 {
		w.customers = append(w.customers, c.made("/v3/customers",
			fmt.Sprintf(`[{"first_name":"Ada","last_name":"Byron","email":"ada%d@shop.example"}]`, i)))
	}
	for _, server := range to.servers { // which learn of it within two seconds
		for _, id := range w.productIDs {
			testkit.Eventually(t, "every server has the products", func() bool {
				return c.send(request{method: "GET", path: fmt.Sprintf("/v3/catalog/products/%d", id)}, server, patience).status == http.StatusOK
			})
		}
	}
	return w
}

// made sends a POST to the first server and returns the id of what it made.
func (c *client) made(path, body string) int64 {
	c.t.Helper()
	got := c.insist(request{method: "POST", path: path, body: body})
	var one struct {
		ID   int64 // V2
		Data struct{ ID int64 }
	}
	var list struct{ Data []struct{ ID int64 } }
	switch {
	case got.status != http.StatusOK && got.status != http.StatusCreated:
		c.t.Fatalf("%s answered %d: %s", path, got.status, got.body)
	case json.Unmarshal(got.body, &one) == nil:
		return one.ID + one.Data.ID
	case json.Unmarshal(got.body, &list) != nil || len(list.Data) != 1:
		c.t.Fatalf("%s answered %s", path, got.body)
	}
	return list.Data[0].ID
}

// crowd is who uses some servers at the same time, with what is there to use.
type crowd struct {
	target
	seed     uint64
	world    *world
	shoppers int
	payers   int
	sales    []*sale
	fresh    func() // has the first server know every level of stock as it is
}

// record has the crowd at work while meanwhile runs, reads everything when it
// is over, and returns what happened.
func (c crowd) record(t *testing.T, meanwhile func(*recorder)) *recorder {
	t.Helper()
	rec, carts, stop := newRecorder(), &counter{}, make(chan struct{})
	number := 0
	somebody := func() *client {
		number++
		return newClient(t, c.target, c.seed, number)
	}
	shopper := func() *shopper { return &shopper{client: somebody(), world: c.world, rec: rec, carts: carts} }
	payer := func() *payer { return &payer{client: somebody(), rec: rec, sales: c.sales} }
	var wg sync.WaitGroup
	for range c.shoppers {
		s := shopper()
		wg.Go(func() { s.shopping(stop) })
	}
	for range c.payers {
		p := payer()
		wg.Go(func() { p.paying(stop) })
	}
	meanwhile(rec)
	close(stop)
	wg.Wait()
	last, cashier := shopper(), payer()
	for _, server := range c.servers {
		last.servers, cashier.servers = []string{server}, []string{server}
		for _, cart := range carts.all {
			in := input{kind: read}
			last.do(cart, in, last.request(cart, in))
		}
	}
	if c.fresh != nil {
		c.fresh()
		cashier.servers = c.servers[:1]
	}
	for _, l := range c.sales {
		cashier.do(l, saleInput{deed: count})
	}
	return rec
}

// model is what a history of the crowd is checked against.
func (c crowd) model(of string) porcupine.Model {
	for _, l := range c.sales {
		if l.name == of {
			return l.model()
		}
	}
	return cartModel(c.world.prices)
}

// report says what a history is made of, so that nobody takes an idle one for
// a proof.
func report(t *testing.T, rec *recorder, seed uint64, checking time.Duration) {
	t.Helper()
	answers := map[string]int{}
	for _, history := range rec.histories {
		for _, op := range history {
			in, ok := op.Input.(input)
			out, answered := op.Output.(output)
			sale, _ := op.Input.(saleInput)
			sold, settled := op.Output.(saleOutput)
			switch {
			case ok && answered:
				answers[fmt.Sprintf("%s %d", kindNames[in.kind], out.status)]++
			case ok:
				answers[kindNames[in.kind]+" unanswered"]++
			case settled:
				answers[strings.TrimSpace(fmt.Sprintf("%s %d %s", deedNames[sale.deed], sold.status, sold.why))]++
			default:
				answers[deedNames[sale.deed]+" unanswered"]++
			}
		}
	}
	operations, unanswered := rec.count()
	t.Logf("seed %d: %d operations on %d things, %d without an answer, checked in %v: %v",
		seed, operations, len(rec.histories), unanswered, checking.Round(time.Millisecond), answers)
}
