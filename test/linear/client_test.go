package linear

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// How long a client waits.
const (
	patience    = 20 * time.Second        // for one answer: longer than a server lets a request take
	persistence = time.Minute             // until a request with a key is given up
	breath      = 30 * time.Millisecond   // after a request that was not answered
	hurry       = 3000 * time.Microsecond // at most, before a client that is in a hurry cuts its connection
)

// client sends requests to the servers.
type client struct {
	t *testing.T
	target
	http   *http.Client
	seed   uint64
	number int // tells it from the others of the same seed
	n      int // what it does now, counted
	pcg    *mathrand.PCG
	rng    *mathrand.Rand
}

// target is where clients send requests, and what lets them in.
type target struct {
	servers []string // addresses
	store   string
	token   string
}

func newClient(t *testing.T, to target, seed uint64, number int) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	pcg := mathrand.NewPCG(seed, uint64(number))
	return &client{t: t, target: to, seed: seed, number: number, pcg: pcg, rng: mathrand.New(pcg), http: &http.Client{Transport: transport}}
}

// next begins the next thing that the client does. What it chooses then depends
// on the seed and on how many things it did, and not on how often it had to ask
// for them.
func (c *client) next() {
	c.n++
	c.pcg.Seed(c.seed, uint64(c.number)<<32|uint64(c.n))
}

// name is one that nothing else has.
func (c *client) name() string { return fmt.Sprintf("%x-%d-%d", c.seed, c.number, c.n) }

// request is what is sent, perhaps more than once.
type request struct {
	method, path, key, body string
}

// reply is what became of one attempt. A status of 0 says that it got no
// answer; then it may have been applied, unless it was not sent.
type reply struct {
	status   int
	body     []byte
	replayed bool
	unsent   bool
}

// unknown says that nobody knows whether the request was applied.
func (r reply) unknown() bool { return r.status == 0 || r.status >= 500 }

// running says that another request with the same key was being answered.
func (r reply) running() bool {
	return r.status == http.StatusConflict && bytes.Contains(r.body, []byte("still running"))
}

func (c *client) anyServer() string { return c.servers[c.rng.IntN(len(c.servers))] }

// limit is how long the client waits for an answer: now and then it cuts the
// connection at once.
func (c *client) limit() time.Duration {
	if c.rng.IntN(30) == 0 {
		return time.Duration(c.rng.Int64N(int64(hurry)))
	}
	return patience
}

// send makes one attempt at one server.
func (c *client) send(r request, server string, limit time.Duration) reply {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, "http://"+server+"/stores/"+c.store+r.path, strings.NewReader(r.body))
	if err != nil {
		c.t.Error(err)
		return reply{unsent: true}
	}
	// The transport itself would send a request again whose connection turned
	// out to be closed; each attempt is the test's own here.
	req.GetBody = nil
	req.Header.Set("X-Auth-Token", c.token)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{unsent: errors.Is(err, syscall.ECONNREFUSED)}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}
	}
	if resp.StatusCode == http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests {
		c.t.Errorf("%s %s answered %d: %s", r.method, r.path, resp.StatusCode, body)
	}
	return reply{status: resp.StatusCode, body: body, replayed: resp.Header.Get("Idempotency-Replayed") != ""}
}

// once sends a request without a key until it has been sent, and no more.
func (c *client) once(r request) reply {
	for {
		got := c.send(r, c.anyServer(), c.limit())
		if got.unknown() {
			time.Sleep(breath)
		}
		if !got.unsent {
			return got
		}
	}
}

// persist sends a request that may be sent again, to any server, until it is
// answered.
func (c *client) persist(r request) reply {
	for began := time.Now(); ; {
		got := c.send(r, c.anyServer(), c.limit())
		if !got.unknown() && !got.running() {
			return got
		}
		if time.Since(began) > persistence {
			return reply{}
		}
		if !got.running() && c.rng.IntN(2) == 0 { // now and then at once
			time.Sleep(breath)
		}
	}
}

// insist sends a request to the first server until that answers it, for what a
// test needs before anything is recorded.
func (c *client) insist(r request) reply {
	r.key = rand.Text()
	for began := time.Now(); ; time.Sleep(breath) {
		got := c.send(r, c.servers[0], patience)
		if !got.unknown() && !got.running() || time.Since(began) > persistence {
			return got
		}
	}
}

// twice sends a request with a key to two servers at the same moment, and
// persists when neither answers. Whoever answers that it was applied says the
// same.
func (c *client) twice(r request) reply {
	first, second := c.anyServer(), c.anyServer()
	limit := c.limit()
	answers := make(chan reply)
	go func() { answers <- c.send(r, second, limit) }()
	a := c.send(r, first, patience)
	b := <-answers
	if a.status >= 300 || a.unknown() {
		a, b = b, a
	}
	switch {
	case a.unknown() || a.running():
		return c.persist(r)
	case a.status < 300:
		c.compare(r, a, b)
	case b.unknown() || b.running(): // which may be applied yet
		return c.persist(r)
	}
	return a
}

// again repeats a request with a key that was applied. It gets the same answer,
// whatever happened since.
func (c *client) again(r request, first reply) {
	if got := c.send(r, c.anyServer(), patience); !got.unknown() {
		c.compare(r, first, got)
	}
}

// compare fails the test when the second of two requests with one key was told
// something else than the first, which was applied.
func (c *client) compare(r request, first, second reply) {
	if second.unknown() || second.running() || second.status == first.status && bytes.Equal(second.body, first.body) {
		return
	}
	c.t.Errorf("%s %s with the key %s was answered %d %s\nand once more %d %s", r.method, r.path, r.key,
		first.status, first.body, second.status, second.body)
}

// cartBody is a cart, or a checkout with its cart inside, as the API shows it.
type cartBody struct {
	Data struct {
		cartJSON
		Version int64
		Cart    *cartJSON
	}
}

type cartJSON struct {
	ID       string
	Customer int64   `json:"customer_id"`
	Base     float64 `json:"base_amount"`
	Lines    struct {
		Physical []lineJSON `json:"physical_items"`
		Custom   []lineJSON `json:"custom_items"`
	} `json:"line_items"`
}

type lineJSON struct {
	ID       string
	Product  int64 `json:"product_id"`
	Name     string
	Quantity int
	Price    float64 `json:"list_price"`
}

// readCart reads the cart that an answer shows.
func readCart(body []byte) (id string, v *cartView, err error) {
	var b cartBody
	if err := json.Unmarshal(body, &b); err != nil {
		return "", nil, fmt.Errorf("%w in %s", err, body)
	}
	c := &b.Data.cartJSON
	if b.Data.Cart != nil {
		c = b.Data.Cart
	}
	v = &cartView{version: b.Data.Version, customer: c.Customer, base: cents(c.Base)}
	for _, l := range c.Lines.Physical {
		v.products = append(v.products, lineView{l.ID, productName(l.Product), l.Quantity, cents(l.Price)})
	}
	for _, l := range c.Lines.Custom {
		v.customs = append(v.customs, lineView{l.ID, l.Name, l.Quantity, cents(l.Price)})
	}
	return c.ID, v, nil
}

func cents(amount float64) int64 { return int64(math.Round(amount * 100)) }

// productName is what the model calls a product.
func productName(id int64) string { return fmt.Sprintf("p%d", id) }
