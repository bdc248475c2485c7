package linear

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// How scarce things are.
const (
	howMany    = 8  // units of a product, or uses of a coupon
	saleCarts  = 12 // that want some of them
	cartOrders = 2  // made of each cart
)

// sale is a scarce thing and the orders that want it.
type sale struct {
	name    string
	product int64
	coupon  int64 // 0: what is scarce is the product
	orders  []saleInput
	unsure  atomic.Int64 // operations without an answer
}

func (l *sale) model() porcupine.Model { return saleModel(howMany, l.coupon == 0) }

// newSales makes some scarce products and coupons, and orders that are not paid.
func newSales(t *testing.T, to target, seed uint64, pairs int) []*sale {
	t.Helper()
	var all []*sale
	for n := range pairs {
		all = append(all, newPair(t, to, fmt.Sprintf("%d-%d", seed, n))...)
	}
	return all
}

func newPair(t *testing.T, to target, number string) []*sale {
	t.Helper()
	c := newClient(t, to, 0, 0)
	stock := &sale{name: fmt.Sprintf("stock %s", number)}
	stock.product = c.made("/v3/catalog/products", fmt.Sprintf(
		`{"name":"Rare %s","type":"digital","weight":0,"price":5,"inventory_tracking":"product","inventory_level":%d}`, number, howMany))
	coupon := &sale{name: fmt.Sprintf("coupon %s", number)}
	coupon.product = c.made("/v3/catalog/products", fmt.Sprintf(`{"name":"Plenty %s","type":"digital","weight":0,"price":5}`, number))
	code := fmt.Sprintf("FEW%s", number)
	coupon.coupon = c.made("/v2/coupons", fmt.Sprintf(
		`{"name":%[1]q,"code":%[1]q,"type":"per_total_discount","amount":"1","enabled":true,"max_uses":%[2]d,"applies_to":{"entity":"categories","ids":[0]}}`, code, howMany))
	for _, l := range []*sale{stock, coupon} {
		for cart := range saleCarts {
			units := 1
			if l == stock {
				units += c.rng.IntN(3)
			}
			l.fill(c, cart, units, code)
		}
	}
	return []*sale{stock, coupon}
}

// fill makes a cart and its orders, all at the first server.
func (l *sale) fill(c *client, cart, units int, code string) {
	c.t.Helper()
	var made struct{ Data struct{ ID string } }
	post := func(path, body string, into any) {
		c.t.Helper()
		got := c.insist(request{method: "POST", path: path, body: body})
		if got.status != http.StatusOK && got.status != http.StatusCreated {
			c.t.Fatalf("%s answered %d: %s", path, got.status, got.body)
		}
		if err := json.Unmarshal(got.body, into); err != nil {
			c.t.Fatal(err)
		}
	}
	post("/v3/carts", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":%d}]}`, l.product, units), &made)
	at := "/v3/checkouts/" + made.Data.ID
	post(at+"/billing-address", `{"email":"ada@shop.example","country_code":"US","first_name":"Ada","last_name":"Byron","address1":"1 Main Street",`+
		`"city":"Austin","state_or_province":"Texas","state_or_province_code":"TX","postal_code":"78701"}`, new(any))
	if l.coupon != 0 {
		post(at+"/coupons", fmt.Sprintf(`{"coupon_code":%q}`, code), new(any))
	}
	for range cartOrders {
		var order struct{ Data struct{ ID int64 } }
		post(at+"/orders", "", &order)
		l.orders = append(l.orders, saleInput{order: order.Data.ID, cart: cart, units: units})
	}
}

// payer does random things to the orders of sales and records them.
type payer struct {
	*client
	rec    *recorder
	sales  []*sale
	unsure func() // looks at what may have happened or not
}

// paying goes on until stop is closed.
func (p *payer) paying(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			p.step()
		}
	}
}

func (p *payer) step() {
	p.next()
	if check := p.unsure; check != nil {
		p.unsure = nil
		check()
		return
	}
	l := pick(p.sales, p.rng)
	if l.unsure.Load() >= mostUnsure {
		time.Sleep(time.Millisecond) // it is closed
		return
	}
	in := pick(l.orders, p.rng)
	switch roll := p.rng.IntN(20); {
	case roll < 3 && l.coupon != 0: // the stock of products is shown as it was some moments ago
		in = saleInput{deed: count}
	case roll < 5:
		in.deed = cancel
	case roll < 8:
		in.deed = look
	case roll < 9 && l.coupon == 0:
		in = saleInput{deed: restock, units: 1 + p.rng.IntN(2)}
	}
	p.do(l, in)
}

// do sends an operation and records what became of it.
func (p *payer) do(l *sale, in saleInput) {
	r := request{method: http.MethodPut, path: fmt.Sprintf("/v2/orders/%d", in.order)}
	switch in.deed {
	case pay:
		r.body = fmt.Sprintf(`{"status_id":%d}`, statusPaid)
	case cancel:
		r.body = fmt.Sprintf(`{"status_id":%d}`, statusCancelled)
	case look:
		r.method = http.MethodGet
	case restock:
		r = request{method: http.MethodPost, path: "/v3/inventory/adjustments/relative", key: p.name(),
			body: fmt.Sprintf(`{"items":[{"location_id":1,"product_id":%d,"quantity":%d}]}`, l.product, in.units)}
	case count:
		r = request{method: http.MethodGet, path: fmt.Sprintf("/v2/coupons/%d", l.coupon)}
		if l.coupon == 0 {
			r.path = fmt.Sprintf("/v3/catalog/products/%d", l.product)
		}
	}
	call := p.rec.now()
	var got reply
	if in.deed == pay || in.deed == cancel { // sent again it might undo what another did in between
		got = p.once(r)
	} else {
		got = p.persist(r)
	}
	ret := p.rec.now()
	switch out, err := l.output(in, got); {
	case err != nil:
		p.t.Errorf("%s %s answered %d: %s: %v", r.method, r.path, got.status, got.body, err)
	case !got.unknown():
		p.rec.add(l.name, p.number, call, ret, in, out)
	case in.deed != count && in.deed != look:
		p.rec.add(l.name, p.number, call, never, in, nil)
		l.unsure.Add(1)
		if in.deed != restock {
			in.deed = look
			p.unsure = func() { p.do(l, in) }
		}
	}
}

// output reads an answer.
func (l *sale) output(in saleInput, got reply) (saleOutput, error) {
	out := saleOutput{status: got.status}
	if got.status == http.StatusConflict {
		switch {
		case bytes.Contains(got.body, []byte("Another order")):
			out.why = sold
		case bytes.Contains(got.body, []byte("before it was paid")):
			out.why = declined
		case bytes.Contains(got.body, []byte("out of stock")), bytes.Contains(got.body, []byte("oupon")):
			out.why = tooFew
		default:
			return out, fmt.Errorf("a refusal that nobody expects")
		}
	}
	if got.status != http.StatusOK {
		return out, nil
	}
	switch in.deed {
	case look:
		var order struct {
			Status int `json:"status_id"`
		}
		err := json.Unmarshal(got.body, &order)
		out.shows = order.Status
		return out, err
	case count:
		left, err := l.readLeft(got.body)
		out.left = left
		return out, err
	}
	return out, nil
}

// readLeft reads how many are left of what an answer shows.
func (l *sale) readLeft(body []byte) (int, error) {
	if l.coupon == 0 {
		var product struct {
			Data struct {
				Level *int `json:"inventory_level"`
			}
		}
		if err := json.Unmarshal(body, &product); err != nil || product.Data.Level == nil {
			return 0, fmt.Errorf("no level of stock: %w", err)
		}
		return *product.Data.Level, nil
	}
	var coupon struct {
		Uses *int `json:"num_uses"`
	}
	if err := json.Unmarshal(body, &coupon); err != nil || coupon.Uses == nil {
		return 0, fmt.Errorf("no uses of a coupon: %w", err)
	}
	return howMany - *coupon.Uses, nil
}
