package linear

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of what shoppers do.
const (
	slots       = 4   // carts that are used at the same time
	longest     = 120 // operations on a cart before another takes its place
	mostUnsure  = 8   // without an answer before that: the search for an order takes longer with each
	fullAt      = 7   // lines from which on shoppers rather take out
	mostAtOnce  = 3   // entries that one request adds
	maxQuantity = 20
)

// sharedCart is a cart that several shoppers know.
type sharedCart struct {
	id string

	mu     sync.Mutex
	latest *cartView
	used   int
	unsure int
	ended  bool
}

// see notes what an answer showed.
func (c *sharedCart) see(status int, v *cartView) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v != nil && v.version > c.latest.version {
		c.latest = v
	}
	if status == http.StatusNotFound || status == http.StatusNoContent {
		c.ended = true
	}
}

// use returns what is known of the cart, and whether it should go on being used.
func (c *sharedCart) use() (v *cartView, stays bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used++
	return c.latest, c.used < longest && c.unsure < mostUnsure && !c.ended
}

// doubt notes an operation that got no answer.
func (c *sharedCart) doubt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsure++
}

// counter is the carts that are used now.
type counter struct {
	mu     sync.Mutex
	carts  [slots]*sharedCart
	making [slots]bool
	all    []*sharedCart
}

// take returns the cart of a slot, and whether the caller should make another
// in its place: one shopper does, the others go on with what is there.
func (k *counter) take(slot int) (c *sharedCart, known *cartView, renew bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c = k.carts[slot]
	stays := false
	if c != nil {
		known, stays = c.use()
	}
	if !stays && !k.making[slot] {
		k.making[slot] = true
		return c, known, true
	}
	return c, known, false
}

// put ends what take began; c is nil when no cart was made.
func (k *counter) put(slot int, c *sharedCart) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.making[slot] = false
	if c != nil {
		k.carts[slot] = c
		k.all = append(k.all, c)
	}
}

// shopper does random operations on the shared carts and records them.
type shopper struct {
	*client
	world  *world
	rec    *recorder
	carts  *counter
	unsure *sharedCart // in which something may have happened or not
}

// shopping goes on until stop is closed.
func (s *shopper) shopping(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			s.step()
		}
	}
}

// step does one operation.
func (s *shopper) step() {
	s.next()
	if c := s.unsure; c != nil { // whoever gets no answer looks
		s.unsure = nil
		in := input{kind: read}
		s.do(c, in, s.request(c, in))
		return
	}
	slot := s.rng.IntN(slots)
	c, known, renew := s.carts.take(slot)
	if renew {
		s.carts.put(slot, s.make())
		return
	}
	if c == nil {
		time.Sleep(time.Millisecond) // somebody makes the first
		return
	}
	in := s.choose(known)
	if in.kind == read && s.rng.IntN(3) == 0 {
		s.do(c, in, request{method: http.MethodGet, path: "/v3/checkouts/" + c.id})
		return
	}
	s.do(c, in, s.request(c, in))
}

// choose picks an operation on a cart of which so much is known. It may be out
// of date, so the version and the lines may be stale.
func (s *shopper) choose(known *cartView) input {
	in := input{}
	if s.rng.IntN(5) < 2 {
		in.version = known.version
	}
	lines := slices.Concat(known.products, known.customs)
	roll := s.rng.IntN(100)
	switch {
	case roll < 28:
		return input{kind: read}
	case roll < 29 && s.rng.IntN(4) == 0:
		return input{kind: deleteCart}
	case roll < 36:
		in.kind, in.customer = setCustomer, s.world.customers[s.rng.IntN(len(s.world.customers))]
	case roll < 56 && len(known.products) > 0:
		l := known.products[s.rng.IntN(len(known.products))]
		in.kind, in.line, in.quantity = setQuantity, l.id, 1+s.rng.IntN(maxQuantity)
	case len(lines) > 0 && (roll < 64 || len(lines) >= fullAt) && (len(lines) > 2 || s.rng.IntN(8) == 0):
		in.kind, in.line = removeLine, lines[s.rng.IntN(len(lines))].id
	default:
		in.kind, in.entries = add, s.entries()
	}
	return in
}

// entries are what a request adds.
func (s *shopper) entries() []entry {
	var all []entry
	for i := range 1 + s.rng.IntN(mostAtOnce) {
		e := entry{quantity: 1 + s.rng.IntN(3)}
		if s.rng.IntN(2) == 0 {
			e.name, e.custom, e.price = fmt.Sprintf("%s-%d", s.name(), i), true, int64(1+s.rng.IntN(5000))
		} else {
			e.name = productName(s.world.productIDs[s.rng.IntN(len(s.world.productIDs))])
		}
		all = append(all, e)
	}
	// The API takes products first, and so does the model.
	slices.SortStableFunc(all, func(a, b entry) int {
		switch {
		case a.custom == b.custom:
			return 0
		case b.custom:
			return -1
		}
		return 1
	})
	return all
}

// request is an operation as the API takes it.
func (s *shopper) request(c *sharedCart, in input) request {
	body := map[string]any{}
	if in.version != 0 {
		body["version"] = in.version
	}
	r := request{method: http.MethodPost, path: "/v3/carts"}
	if in.kind != create {
		r.path += "/" + c.id
	}
	switch in.kind {
	case create, add:
		if in.kind == add {
			r.path += "/items"
		}
		s.addEntries(body, in.entries)
	case setQuantity:
		r.method, r.path = http.MethodPut, r.path+"/items/"+in.line
		body["line_item"] = map[string]any{"quantity": in.quantity}
	case removeLine:
		r.method, r.path = http.MethodDelete, r.path+"/items/"+in.line
	case setCustomer:
		r.method = http.MethodPut
		body["customer_id"] = in.customer
	case deleteCart:
		r.method = http.MethodDelete
	case read:
		r.method = http.MethodGet
	}
	if len(body) > 0 {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Error(err)
		}
		r.body = string(b)
	}
	if in.kind == create || in.kind == add && s.rng.IntN(3) > 0 {
		r.key = s.name()
	}
	return r
}

func (s *shopper) addEntries(body map[string]any, entries []entry) {
	var items, customs []any
	for _, e := range entries {
		if e.custom {
			customs = append(customs, map[string]any{"name": e.name, "quantity": e.quantity, "list_price": json.Number(fmt.Sprintf("%d.%02d", e.price/100, e.price%100))})
			continue
		}
		items = append(items, map[string]any{"product_id": json.Number(strings.TrimPrefix(e.name, "p")), "quantity": e.quantity})
	}
	if items != nil {
		body["line_items"] = items
	}
	if customs != nil {
		body["custom_items"] = customs
	}
}

// make creates a cart. It returns nil when nobody knows whether there is one.
func (s *shopper) make() *sharedCart {
	in := input{kind: create, entries: s.entries()}
	r := s.request(nil, in)
	call := s.rec.now()
	got := s.carry(r)
	ret := s.rec.now()
	if got.unknown() {
		return nil
	}
	id, v, err := readCart(got.body)
	if got.status != http.StatusCreated || err != nil {
		s.t.Errorf("%s answered %d: %s", r.path, got.status, got.body)
		return nil
	}
	s.rec.add("cart "+id, s.number, call, ret, in, output{got.status, v})
	return &sharedCart{id: id, latest: v}
}

// do sends an operation and records what became of it.
func (s *shopper) do(c *sharedCart, in input, r request) {
	call := s.rec.now()
	got := s.carry(r)
	ret := s.rec.now()
	if got.unknown() {
		if in.kind != read {
			s.rec.add("cart "+c.id, s.number, call, never, in, nil)
			s.unsure = c
			c.doubt()
		}
		return
	}
	out := output{status: got.status}
	if shows(got.status) {
		var err error
		if _, out.cart, err = readCart(got.body); err != nil {
			s.t.Error(err)
			return
		}
	}
	s.rec.add("cart "+c.id, s.number, call, ret, in, out)
	c.see(out.status, out.cart)
}

// carry brings a request to the servers: a write without a key once, a read
// until it is answered, and a write with a key by one of the ways that must come
// to the same.
func (s *shopper) carry(r request) reply {
	switch {
	case r.method == http.MethodGet:
		return s.persist(r)
	case r.key == "":
		return s.once(r)
	}
	carry := s.persist
	if s.rng.IntN(5) == 0 {
		carry = s.twice
	}
	got := carry(r)
	if got.status == http.StatusCreated && s.rng.IntN(8) == 0 {
		s.client.again(r, got)
	}
	return got
}
