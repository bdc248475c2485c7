// Package crash kills the real server under load and checks that everything it
// had acknowledged is there when it comes back.
package crash

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// Bounds of the test: some rounds of load, each ended by kill -9 after a time
// that differs, so that the kill falls into every phase of a write.
const (
	rounds   = 3
	shoppers = 16
	perCart  = 150 // lines before a shopper takes a new cart
)

// sideBySide is how many of these tests run at once: they wait, for leases and
// for outages, more than they work.
const sideBySide = 4

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(sideBySide)); err != nil {
		panic(err)
	}
	fleet.Main(m)
}

func TestKillUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	fleet.Each(t, killUnderLoad)
}

func killUnderLoad(t *testing.T, e fleet.Engine) {
	s := newServer(t, e)
	log := &acknowledged{lines: map[string]map[string]bool{}, deleted: map[string]bool{}}
	for round := range rounds {
		s.start()
		inFlight := s.load(round, log)
		s.start()
		for _, req := range inFlight {
			s.retry(req, log)
		}
		s.check(log)
		s.Kill()
	}
	log.checkJournal(t, s.Fleet)
	t.Logf("%d acknowledged lines in %d carts over %d kills", log.count(), len(log.lines), rounds)
}

// acknowledged is what the server has answered with a status below 300.
type acknowledged struct {
	mu      sync.Mutex
	lines   map[string]map[string]bool // by cart, by the line's name
	deleted map[string]bool
	writes  int // of lines, those included that were deleted since
}

func (a *acknowledged) add(cartID, line string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lines[cartID] == nil {
		a.lines[cartID] = map[string]bool{}
	}
	a.lines[cartID][line] = true
	a.writes++
}

// remove notes a DELETE. One without an answer may have happened or not, so
// nothing is expected of its cart any more.
func (a *acknowledged) remove(cartID string, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if status == http.StatusNoContent {
		a.deleted[cartID] = true
	}
	delete(a.lines, cartID)
}

func (a *acknowledged) count() int {
	n := 0
	for _, lines := range a.lines {
		n += len(lines)
	}
	return n
}

// written returns how many lines were acknowledged so far.
func (a *acknowledged) written() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.writes
}

// request is one write that a shopper made.
type request struct {
	path, key, cart, line string
}

func (r request) body() string {
	return fmt.Sprintf(`{"custom_items":[{"name":%q,"quantity":1,"list_price":1.25}]}`, r.line)
}

// server is one server of a fleet and the client that asks it.
type server struct {
	*fleet.Fleet
	*fleet.Server

	t      *testing.T
	store  string
	client *fleet.Client
	flags  []string        // of serve, besides those that every test needs
	peers  []*fleet.Server // others of the same database
}

// newServer returns a server with a store, which is yet to be started.
func newServer(t *testing.T, e fleet.Engine) *server {
	t.Helper()
	f := fleet.New(t, e)
	f.NewStore("crash")
	return &server{Fleet: f, t: t, store: f.Store, client: f.Client()}
}

func (s *server) start() {
	s.t.Helper()
	if s.Server == nil {
		s.Server = s.Start(s.flags...)
		return
	}
	s.Restart()
}

// load lets shoppers fill carts, kills the server in the middle and returns
// the requests that got no answer.
func (s *server) load(round int, log *acknowledged) []request {
	s.t.Helper()
	before := log.written()
	var wg sync.WaitGroup
	unanswered := make([]*request, shoppers)
	for i := range shoppers {
		wg.Go(func() { unanswered[i] = s.shop(fmt.Sprintf("r%d-s%d", round, i), log) })
	}
	moving(s.t, "the load is a load", log.written, before+2*shoppers)
	time.Sleep(time.Duration(200+rand.IntN(700)) * time.Millisecond)
	s.Kill()
	wg.Wait()
	var all []request
	for _, r := range unanswered {
		if r != nil {
			all = append(all, *r)
		}
	}
	return all
}

// shop fills carts until the server is gone. One cart in four is deleted when
// it is full.
func (s *server) shop(name string, log *acknowledged) *request {
	for n := 0; ; n++ {
		first := request{path: "/carts", key: fmt.Sprintf("%s-c%d", name, n), line: fmt.Sprintf("%s-c%d-first", name, n)}
		cartID, ok := s.post(first)
		if !ok {
			return &first
		}
		log.add(cartID, first.line)
		for i := range perCart {
			line := fmt.Sprintf("%s-c%d-l%d", name, n, i)
			req := request{path: "/carts/" + cartID + "/items", key: line, cart: cartID, line: line}
			if _, ok := s.post(req); !ok {
				return &req
			}
			log.add(cartID, line)
		}
		if n%4 == 3 {
			log.remove(cartID, s.send(http.MethodDelete, "/carts/"+cartID, "", "", nil))
		}
	}
}

// post sends a write and returns the cart's id once it is acknowledged.
func (s *server) post(r request) (cartID string, ok bool) {
	var answer struct {
		Data struct{ ID string }
	}
	status := s.send(http.MethodPost, r.path, r.key, r.body(), &answer)
	if status == 0 {
		return "", false
	}
	if status != http.StatusCreated {
		s.t.Errorf("%s answered %d", r.path, status)
		return "", false
	}
	return answer.Data.ID, true
}

// ask makes a request, and makes it again while the server says that it cannot
// serve it now, as a client does. It must be one that may be applied twice, or that
// has a key.
func (s *server) ask(r fleet.Request) fleet.Answer {
	for begun := time.Now(); ; time.Sleep(comeBack) {
		if a := s.client.Send(s.Server, r); a.Unavailable() != "" || time.Since(begun) > stubborn {
			return a
		}
	}
}

// send asks for what is below /v3 and returns the status, or 0 when there was no
// answer.
func (s *server) send(method, path, key, body string, into any) int {
	answer := s.ask(fleet.Request{Method: method, Path: "/v3" + path, Key: key, Body: body})
	if into != nil && answer.OK() {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			s.t.Errorf("%s: %v in %s", path, err, answer.Body)
		}
	}
	return answer.Status
}

// retry repeats a request whose answer never came, with its key: whether the
// first attempt was written or not, its line is there once afterwards.
func (s *server) retry(r request, log *acknowledged) {
	s.t.Helper()
	cartID, ok := s.post(r)
	if !ok {
		s.t.Errorf("the retry of %s was not answered", r.key)
		return
	}
	log.add(cartID, r.line)
	again, _ := s.post(r)
	if again != cartID {
		s.t.Errorf("the second retry of %s made another cart: %s and %s", r.key, cartID, again)
	}
}

// check reads every cart and looks for every acknowledged line, exactly once.
func (s *server) check(log *acknowledged) {
	s.t.Helper()
	for cartID, lines := range log.lines {
		var answer struct {
			Data struct {
				Version   int64
				LineItems struct {
					Custom []struct{ Name string } `json:"custom_items"`
				} `json:"line_items"`
			}
		}
		if status := s.send(http.MethodGet, "/carts/"+cartID, "", "", &answer); status != http.StatusOK {
			s.t.Errorf("cart %s with %d acknowledged lines answers %d", cartID, len(lines), status)
			continue
		}
		seen := map[string]int{}
		for _, l := range answer.Data.LineItems.Custom {
			seen[l.Name]++
			if seen[l.Name] > 1 {
				s.t.Errorf("line %s is there twice", l.Name)
			}
		}
		for line := range lines {
			if seen[line] == 0 {
				s.t.Errorf("line %s was acknowledged and is gone", line)
			}
		}
		if want := int64(len(answer.Data.LineItems.Custom)); answer.Data.Version != want {
			s.t.Errorf("cart %s has version %d after %d writes", cartID, answer.Data.Version, want)
		}
	}
	for cartID := range log.deleted {
		if status := s.send(http.MethodGet, "/carts/"+cartID, "", "", nil); status != http.StatusNotFound {
			s.t.Errorf("the deleted cart %s answers %d", cartID, status)
		}
	}
}

// checkJournal looks for one journal row for each version of each cart.
func (a *acknowledged) checkJournal(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	db := f.DB()
	defer func() { _ = db.Close() }()
	for cartID := range a.lines {
		c := read(t, func() (*cart.Cart, error) { return db.FindCart(t.Context(), "crash", cart.ID(cartID)) })
		if c == nil {
			t.Fatalf("cart %s is gone", cartID)
		}
		journal := read(t, func() ([]sqlstore.JournalEntry, error) { return db.Journal(t.Context(), "crash", c.ID) })
		for i, entry := range journal {
			if entry.Version != int64(i+1) || len(entry.Events) == 0 {
				t.Fatalf("cart %s: journal row %d is %+v", cartID, i, entry)
			}
		}
		if int64(len(journal)) != c.Version {
			t.Errorf("cart %s has version %d and %d journal rows", cartID, c.Version, len(journal))
		}
	}
}

// read reads from the database, also when it cannot answer at first.
func read[T any](t *testing.T, from func() (T, error)) T {
	t.Helper()
	var got T
	var err error
	testkit.Eventually(t, "the database answers", func() bool { got, err = from(); return !fault.IsOutage(err) })
	if err != nil {
		t.Fatal(err)
	}
	return got
}
