package crash

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// How a crowd behaves: how many lines a shopper puts into a cart before taking
// a new one, how long a request is made again before it counts as lost, and how
// long a shopper who was told to come back waits.
const (
	fewLines = 25
	stubborn = 3 * time.Minute
	comeBack = 50 * time.Millisecond
)

// crowd are shoppers who fill carts until they are sent home, whatever becomes
// of the servers. What got no answer, or 503, is asked again of the next server,
// with the same Idempotency-Key.
type crowd struct {
	t       *testing.T
	client  *fleet.Client
	servers []*fleet.Server
	log     *acknowledged
	machine *machine
	home    chan struct{}
	inside  sync.WaitGroup
	done    atomic.Int64 // requests that were acknowledged
	away    atomic.Bool  // nothing can be acknowledged
	wonders atomic.Int64 // requests that were, though they were made and answered then

	mu    sync.Mutex
	seen  seen
	wrong map[string]int // answers that should not be
}

// seen is what shoppers saw since the crowd was last asked.
type seen struct {
	refused, unanswered int
	slowest             time.Duration // as the machine allowed
}

// gather lets shoppers in. The database is where it is to be found while servers
// are kept from it.
func gather(t *testing.T, database string, f *fleet.Fleet, servers ...*fleet.Server) *crowd {
	t.Helper()
	c := &crowd{t: t, client: f.Client(), servers: servers, machine: watch(t, database, servers...), home: make(chan struct{}),
		log: &acknowledged{lines: map[string]map[string]bool{}, deleted: map[string]bool{}}}
	for i := range shoppers {
		c.inside.Go(func() { c.shop(i) })
	}
	testkit.Eventually(t, "shoppers are at it", func() bool { return c.done.Load() > int64(2*shoppers) })
	return c
}

// since returns what shoppers saw since it was last called.
func (c *crowd) since() seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.seen
	c.seen = seen{}
	return s
}

// refused returns how many refusals since would show.
func (c *crowd) refused() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen.refused
}

// goHome ends the shopping: each finishes what was begun.
func (c *crowd) goHome() {
	close(c.home)
	c.inside.Wait()
	c.complain()
}

func (c *crowd) shop(who int) {
	for n := 0; ; n++ {
		first := fmt.Sprintf("s%d-c%d-first", who, n)
		cartID, ok := c.insist(who, request{path: "/carts", key: first, line: first})
		for i := 0; ok && i < fewLines; i++ {
			select {
			case <-c.home:
				return
			default:
			}
			line := fmt.Sprintf("s%d-c%d-l%d", who, n, i)
			_, ok = c.insist(who+i, request{path: "/carts/" + cartID + "/items", key: line, line: line})
		}
		if !ok {
			return
		}
	}
}

// insist asks until it is done, and notes what was acknowledged.
func (c *crowd) insist(from int, r request) (cartID string, ok bool) {
	ask := fleet.Request{Method: http.MethodPost, Path: "/v3" + r.path, Key: r.key, Body: r.body()}
	for begun := time.Now(); time.Since(begun) < stubborn; from++ {
		away := c.away.Load()
		answer := c.client.Send(c.servers[from%len(c.servers)], ask)
		c.note(answer)
		if away && c.away.Load() && answer.OK() {
			c.wonders.Add(1)
		}
		if answer.Status == http.StatusCreated {
			var made struct{ Data struct{ ID string } }
			answer.Read(c.t, &made)
			c.log.add(made.Data.ID, r.line)
			c.done.Add(1)
			return made.Data.ID, true
		}
		if answer.Status != 0 && !retryLater(answer) {
			return "", false
		}
		time.Sleep(comeBack)
	}
	c.t.Errorf("%s was not done within %s", r.key, stubborn)
	return "", false
}

// retryLater reports whether the same request may be done later: the servers
// cannot now, or they are still at the attempt that went without an answer. That
// they say so with another status than 503 is noted, and not the shopper's end.
func retryLater(a fleet.Answer) bool {
	return a.Status >= http.StatusInternalServerError || a.Status == http.StatusConflict
}

func (c *crowd) note(a fleet.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	took := a.Took
	if took > answersWithin {
		took = c.machine.fair(a.Asked, a.Asked.Add(took))
	}
	c.seen.slowest = max(c.seen.slowest, took)
	switch {
	case a.OK(), a.Status == http.StatusConflict:
		return
	case a.Status == 0:
		c.seen.unanswered++
		return
	}
	c.seen.refused++
	if why := a.Unavailable(); why != "" {
		c.blame(a, why)
	}
}

// blame notes an answer that should not be. The caller has the lock.
func (c *crowd) blame(a fleet.Answer, why string) {
	if c.wrong == nil {
		c.wrong = map[string]int{}
	}
	c.wrong[fmt.Sprintf("answered %d, and %s", a.Status, why)]++
}

// complain fails the test for each kind of answer that should not be.
func (c *crowd) complain() {
	c.t.Helper()
	for what, n := range c.wrong {
		c.t.Errorf("%d times: %s", n, what)
	}
}

// settle sends the crowd home and looks whether all that was acknowledged is
// there, once, as every server tells it and in the journal.
func (c *crowd) settle(f *fleet.Fleet) {
	c.t.Helper()
	c.goHome()
	for _, s := range c.servers {
		if s.Running() {
			(&server{Fleet: f, Server: s, t: c.t, client: c.client}).check(c.log)
		}
	}
	c.log.checkJournal(c.t, f)
	c.t.Logf("%d acknowledged lines in %d carts", c.log.count(), len(c.log.lines))
}
