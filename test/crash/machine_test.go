package crash

import (
	"context"
	"database/sql"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// pingEvery is how often a machine is asked for a sign of life, and hiccup how
// long one may take that is no sign of trouble. A server takes a database for dead
// that is silent for about twice that.
const (
	pingEvery = 20 * time.Millisecond
	hiccup    = 500 * time.Millisecond
)

// attempts are how often a test tries what a machine that stops for a moment may
// spoil, and what one good attempt proves.
const attempts = 5

// machine is what a test runs on. What a server promises, it promises on a
// machine that has time for it: while not even a ping is answered, which needs no
// database and no work, no promise counts. A server that answers pings and keeps
// others waiting has no excuse.
type machine struct {
	pings []*pings
}

// watch pings servers, and a database if its address is not "", until the test
// is over.
func watch(t *testing.T, database string, servers ...*fleet.Server) *machine {
	t.Helper()
	m := &machine{}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait() })
	ping := func(once func(context.Context)) {
		p := &pings{}
		m.pings = append(m.pings, p)
		running.Go(func() { p.run(ctx, once) })
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for _, s := range servers {
		ping(func(ctx context.Context) { healthz(ctx, client, s) })
	}
	if database != "" {
		db, err := sql.Open("pgx", database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		db.SetMaxOpenConns(1)
		ping(func(ctx context.Context) { _, _ = db.ExecContext(ctx, "SELECT 1") })
	}
	return m
}

// healthz waits for an answer of a server, or for its connection to end.
func healthz(ctx context.Context, client *http.Client, s *fleet.Server) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addr+"/healthz", nil)
	if err != nil {
		return
	}
	if resp, err := client.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// fair returns how long something took that began and ended then, without the
// time in which a ping was under way.
func (m *machine) fair(from, to time.Time) time.Duration {
	took := to.Sub(from)
	if m == nil {
		return took
	}
	lost := time.Duration(0)
	for _, p := range m.pings {
		lost = max(lost, p.within(from, to))
	}
	return took - lost
}

// hiccuped reports whether a ping took so long since then that a server may have
// taken the machine's silence for that of the database.
func (m *machine) hiccuped(since time.Time) bool {
	return slices.ContainsFunc(m.pings, func(p *pings) bool { return p.longest(since) > hiccup })
}

// pings are those of one server or database, one after the other.
type pings struct {
	mu   sync.Mutex
	all  []span
	next time.Time // when the one that runs was to begin
}

type span struct{ from, to time.Time }

// run pings until ctx is done. A ping that begins late, since nobody woke the
// test in time, counts from when it was to begin.
func (p *pings) run(ctx context.Context, once func(context.Context)) {
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		p.mu.Lock()
		p.next = time.Now().Add(pingEvery)
		p.mu.Unlock()
		tick.Reset(pingEvery)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		once(ctx)
		p.mu.Lock()
		p.all = append(p.all, span{p.next, time.Now()})
		p.mu.Unlock()
	}
}

// since returns the pings that ended after a moment, with the one that runs.
func (p *pings) since(moment time.Time) []span {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, _ := slices.BinarySearchFunc(p.all, moment, func(s span, at time.Time) int { return s.to.Compare(at) })
	found := slices.Clone(p.all[at:])
	if now := time.Now(); p.next.Before(now) {
		found = append(found, span{p.next, now})
	}
	return found
}

func (p *pings) within(from, to time.Time) time.Duration {
	sum := time.Duration(0)
	for _, s := range p.since(from) {
		sum += max(0, min(s.to.Sub(from), s.to.Sub(s.from), to.Sub(s.from), to.Sub(from)))
	}
	return sum
}

func (p *pings) longest(since time.Time) time.Duration {
	longest := time.Duration(0)
	for _, s := range p.since(since) {
		longest = max(longest, s.to.Sub(s.from))
	}
	return longest
}

// moving waits until a number has become so large, for as long as it moves.
func moving(t testing.TB, what string, number func() int, least int) {
	t.Helper()
	for n := number(); n < least; {
		before := n
		testkit.Eventually(t, what, func() bool { n = number(); return n > before })
	}
}

// TestOnlyTheTimeOfAMachineIsExcused reads a record of pings made by hand.
func TestOnlyTheTimeOfAMachineIsExcused(t *testing.T) {
	begun := time.Now().Add(-time.Hour)
	at := func(ms int) time.Time { return begun.Add(time.Duration(ms) * time.Millisecond) }
	quick := &pings{next: time.Now().Add(time.Hour), all: []span{{at(20), at(21)}, {at(41), at(43)}, {at(63), at(64)}}}
	stuck := &pings{next: time.Now().Add(time.Hour), all: []span{{at(20), at(21)}, {at(41), at(2041)}, {at(2061), at(2062)}}}
	tests := map[string]struct {
		pings    []*pings
		from, to int
		want     time.Duration
		hiccup   bool
	}{
		"a machine that answers":         {[]*pings{quick}, 0, 100, 96 * time.Millisecond, false},
		"one that hung for two seconds":  {[]*pings{stuck}, 0, 2500, 498 * time.Millisecond, true},
		"one of two that hung":           {[]*pings{quick, stuck}, 0, 2500, 498 * time.Millisecond, true},
		"what began while it hung":       {[]*pings{stuck}, 1041, 2051, 10 * time.Millisecond, true},
		"what ended while it hung":       {[]*pings{stuck}, 31, 1041, 10 * time.Millisecond, true},
		"what was over before":           {[]*pings{stuck}, 0, 30, 29 * time.Millisecond, true},
		"what began after it had hung":   {[]*pings{stuck}, 2050, 2100, 49 * time.Millisecond, false},
		"what took as long as it hung":   {[]*pings{stuck}, 41, 2041, 0, true},
		"what took no longer than that":  {[]*pings{stuck}, 500, 700, 0, true},
		"a machine that nobody watches":  {nil, 0, 100, 100 * time.Millisecond, false},
		"a server that keeps us waiting": {[]*pings{quick}, 0, 5000, 4996 * time.Millisecond, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := &machine{pings: tt.pings}
			if got := m.fair(at(tt.from), at(tt.to)); got != tt.want {
				t.Errorf("it took %v, not %v", got, tt.want)
			}
			if got := m.hiccuped(at(tt.from)); got != tt.hiccup {
				t.Errorf("hiccuped: %v", got)
			}
		})
	}
	never := &pings{next: begun}
	if got := (&machine{pings: []*pings{never}}).fair(at(0), at(100)); got != 0 {
		t.Errorf("%v count of the time in which a ping runs", got)
	}
}
