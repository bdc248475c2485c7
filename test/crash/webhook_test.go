package crash

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// listener is a receiver of webhooks that can be told to hang.
type listener struct {
	*httptest.Server

	mu    sync.Mutex
	hang  chan struct{} // closed when it hangs no more; nil when it does not
	asked int
	told  map[string]int // carts, by how often their creation was told and taken
}

func newListener(t *testing.T) *listener {
	t.Helper()
	l := &listener{told: map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(func() { l.answer(); l.Close() })
	return l
}

func (l *listener) serve(w http.ResponseWriter, r *http.Request) {
	var event struct{ Data struct{ ID string } }
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &event) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	l.asked++
	hang := l.hang
	l.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
		return // whoever asked is gone
	}
	l.mu.Lock()
	l.told[event.Data.ID]++
	l.mu.Unlock()
}

func (l *listener) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hang = make(chan struct{})
}

func (l *listener) answer() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hang != nil {
		close(l.hang)
		l.hang = nil
	}
}

func (l *listener) count(read func() int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return read()
}

// Carts are changed, their webhooks have not arrived, the server is killed:
// the next one tells. In the first rounds the kill falls between the change
// and the delivery, in the others anywhere. On PostgreSQL there are fewer: the
// next server must wait for the lease of the one that was killed.
func TestKillBeforeDeliveryLosesNoWebhook(t *testing.T) {
	t.Parallel()
	fleet.Each(t, killBeforeDelivery)
}

func killBeforeDelivery(t *testing.T, e fleet.Engine) {
	s, l := newServer(t, e), newListener(t)
	s.flags = []string{"--webhook-allow", l.URL}
	s.start()
	if status := s.send(http.MethodPost, "/hooks", "", fmt.Sprintf(`{"scope":"store/cart/created","destination":%q}`, l.URL), nil); status != http.StatusOK {
		t.Fatalf("the webhook was not made: %d", status)
	}
	silent, rounds := 2, 4
	if e == fleet.Postgres {
		silent, rounds = 1, 2
	}
	made := map[string]int{} // carts, by the kills that they saw
	for round := range rounds {
		if round < silent {
			l.silence()
		}
		before := l.count(func() int { return l.asked })
		for i := range 10 {
			cart, ok := s.post(request{path: "/carts", key: fmt.Sprintf("w%d-%d", round, i), line: "Work"})
			if !ok {
				t.Fatal("no answer")
			}
			made[cart] = rounds - round
		}
		if round < silent { // it is being sent, and has not arrived
			testkit.Eventually(t, "a delivery runs", func() bool { return l.count(func() int { return l.asked }) > before })
		}
		s.Kill()
		l.answer()
		s.start()
	}
	moving(t, "every cart was told of", func() int { return l.count(func() int { return len(l.told) }) }, len(made))
	for cart, kills := range made { // each may have come between a delivery and its note
		if n := l.count(func() int { return l.told[cart] }); n < 1 || n > 1+kills {
			t.Errorf("cart %s was told of %d times, with %d kills", cart, n, kills)
		}
	}
}
