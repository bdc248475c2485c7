// Package crash kills the real server under load and checks that everything it
// had acknowledged is there when it comes back.
package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/sqlstore"
)

// Bounds of the test: some rounds of load, each ended by kill -9 after a time
// that differs, so that the kill falls into every phase of a write.
const (
	rounds   = 5
	shoppers = 16
	perCart  = 150 // lines before a shopper takes a new cart
)

func TestKillUnderLoadLosesNothing(t *testing.T) {
	s := newServer(t)
	log := &acknowledged{lines: map[string]map[string]bool{}, deleted: map[string]bool{}}
	for round := range rounds {
		s.start()
		inFlight := s.load(round, log, time.Duration(300+rand.IntN(700))*time.Millisecond)
		s.start()
		for _, req := range inFlight {
			s.retry(req, log)
		}
		s.check(log)
		s.kill()
	}
	log.checkJournal(t, s.data)
	if n := log.count(); n < rounds*shoppers {
		t.Errorf("only %d writes were acknowledged: the load was no load", n)
	}
	t.Logf("%d acknowledged lines in %d carts over %d kills", log.count(), len(log.lines), rounds)
}

// acknowledged is what the server has answered with a status below 300.
type acknowledged struct {
	mu      sync.Mutex
	lines   map[string]map[string]bool // by cart, by the line's name
	deleted map[string]bool
}

func (a *acknowledged) add(cartID, line string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lines[cartID] == nil {
		a.lines[cartID] = map[string]bool{}
	}
	a.lines[cartID][line] = true
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

// request is one write that a shopper made.
type request struct {
	path, key, cart, line string
}

func (r request) body() string {
	return fmt.Sprintf(`{"custom_items":[{"name":%q,"quantity":1,"list_price":1.25}]}`, r.line)
}

// server is the real binary with its data.
type server struct {
	t      *testing.T
	binary string
	data   string
	token  string
	base   string
	flags  []string // of serve, besides those that every test needs
	cmd    *exec.Cmd
	client *http.Client
}

func newServer(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{t: t, binary: filepath.Join(dir, "cartwright"), data: filepath.Join(dir, "data"),
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: shoppers}}}
	build := exec.Command("go", "build", "-o", s.binary, "cartwright/cmd/cartwright")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	s.command("store", "create", "crash", "--name", "Crash")
	s.token = strings.TrimSpace(s.command("token", "create", "--store", "crash", "--scopes", "all"))
	t.Cleanup(func() {
		if s.cmd != nil {
			s.kill()
		}
	})
	return s
}

func (s *server) command(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(s.binary, append(args, "--data", s.data)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("cartwright %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func (s *server) start() {
	s.t.Helper()
	l, err := (&net.ListenConfig{}).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	s.base = "http://" + address + "/stores/crash/v3"
	s.cmd = exec.Command(s.binary, append([]string{"serve", "--listen", address, "--data", s.data, "--log-level", "error"}, s.flags...)...)
	s.cmd.Stdout, s.cmd.Stderr = os.Stderr, os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if resp, err := s.client.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			s.t.Fatal("the server did not get ready")
		case <-tick.C:
		}
	}
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.client.CloseIdleConnections()
	s.cmd = nil
}

// load lets shoppers fill carts, kills the server in the middle and returns
// the requests that got no answer.
func (s *server) load(round int, log *acknowledged, killAfter time.Duration) []request {
	var wg sync.WaitGroup
	unanswered := make([]*request, shoppers)
	for i := range shoppers {
		wg.Go(func() { unanswered[i] = s.shop(fmt.Sprintf("r%d-s%d", round, i), log) })
	}
	timer := time.NewTimer(killAfter)
	<-timer.C
	s.kill()
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

// send returns the status, or 0 when there was no answer.
func (s *server) send(method, path, key, body string, into any) int {
	req, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return 0
	}
	req.Header.Set("X-Auth-Token", s.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	if into != nil && resp.StatusCode < 300 {
		if err := json.Unmarshal(b, into); err != nil {
			s.t.Errorf("%s: %v in %s", path, err, b)
		}
	}
	return resp.StatusCode
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
func (a *acknowledged) checkJournal(t *testing.T, data string) {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), "sqlite://"+filepath.Join(data, "cartwright.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for cartID := range a.lines {
		c, err := db.FindCart(t.Context(), "crash", cart.ID(cartID))
		if err != nil || c == nil {
			t.Fatalf("cart %s: %v, %v", cartID, c, err)
		}
		journal, err := db.Journal(t.Context(), "crash", c.ID)
		if err != nil {
			t.Fatal(err)
		}
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
