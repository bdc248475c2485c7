package linear

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	_ "cartwright/internal/app" // what is tested: a change of it makes Go run the tests again
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

var (
	seedFlag = flag.Uint64("seed", 0, "choose operations and faults by this seed; 0 takes a new one")
	soakFlag = flag.Duration("soak", 0, "go on with new seeds for so long, on each engine")
)

func TestMain(m *testing.M) { fleet.Main(m) }

// Who is at work at each engine.
const (
	shoppers = 12
	payers   = 4
)

const (
	peace      = 700 * time.Millisecond // at least, before and after each fault
	busyness   = 100                    // operations that are answered in it, at least
	soakFaults = 8                      // in each history of a soak
)

func TestCartsAreLinearizableOnSQLite(t *testing.T) {
	t.Parallel()
	s := onSQLite(t)
	w := newWorld(t, s.target)
	rounds(t, func(t *testing.T, seed uint64, rng *rand.Rand) {
		s.prove(t, w, seed, rng, s.faults(rng, killServer, stopServer, killServer))
	})
}

func TestCartsAreLinearizableOnPostgreSQL(t *testing.T) {
	t.Parallel()
	s := onPostgres(t, 3)
	w := newWorld(t, s.target)
	rounds(t, func(t *testing.T, seed uint64, rng *rand.Rand) {
		s.prove(t, w, seed, rng, s.faults(rng, killServer, cutOne, restartDatabase, cutAll, crashDatabase))
	})
}

func TestCartsAreLinearizableAcrossAPromotion(t *testing.T) {
	t.Parallel()
	rounds(t, func(t *testing.T, seed uint64, rng *rand.Rand) {
		s := onStandby(t, 2)
		s.prove(t, newWorld(t, s.target), seed, rng, []fault{killServer, failOver, killServer})
	})
}

// rounds runs a test once, or with new seeds for as long as a soak goes on.
func rounds(t *testing.T, round func(t *testing.T, seed uint64, rng *rand.Rand)) {
	t.Helper()
	first, began := seed(), time.Now()
	for n := uint64(0); n == 0 || time.Since(began) < *soakFlag && !t.Failed(); n++ {
		seed := first + n
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { round(t, seed, rand.New(rand.NewPCG(seed, 0))) })
	}
}

// faults returns those of a short test, or some by chance in a soak.
func (s *site) faults(rng *rand.Rand, short ...fault) []fault {
	if *soakFlag == 0 {
		return short
	}
	var all []fault
	for range soakFaults {
		all = append(all, pick(s.endured(), rng))
	}
	return all
}

// prove records what a crowd does at a site while faults happen to it, and
// checks it.
func (s *site) prove(t *testing.T, w *world, seed uint64, rng *rand.Rand, faults []fault) {
	t.Helper()
	c := crowd{target: s.target, seed: seed, world: w, shoppers: shoppers, payers: payers,
		sales: newSales(t, s.target, seed, 1+len(faults)/4),
		fresh: func() { // servers show the stock that they have in memory
			s.running[0].Stop()
			s.running[0].Restart()
		}}
	rec := c.record(t, func(rec *recorder) { s.suffer(rec, rng, faults) })
	checking := time.Now()
	rec.check(t, c.model)
	report(t, rec, seed, time.Since(checking))
	s.checkLogs(t)
}

// checkLogs fails the test when a server met something that it could not
// explain, though the client that would have been told may have been gone.
func (s *site) checkLogs(t *testing.T) {
	t.Helper()
	for _, server := range s.running {
		for line := range strings.Lines(server.Log()) {
			if strings.Contains(line, `msg="request failed"`) || strings.Contains(line, "panic") {
				t.Errorf("the server on %s logged: %s", server.Addr, line)
			}
		}
	}
}

// suffer has faults happen one after the other, with peace in between.
func (s *site) suffer(rec *recorder, rng *rand.Rand, faults []fault) {
	s.t.Helper()
	s.rest(rec)
	for _, f := range faults {
		began := rec.now()
		f.do(s, rng)
		rec.fault(f.name, began)
		s.t.Logf("%s: %v", f.name, time.Duration(rec.now()-began).Round(time.Millisecond))
		s.rest(rec)
	}
}

// rest leaves the crowd in peace until it has done something.
func (s *site) rest(rec *recorder) {
	s.t.Helper()
	before := rec.answered()
	pause(peace)
	testkit.Eventually(s.t, "the crowd is served", func() bool { return rec.answered() >= before+busyness })
}

func seed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano()) % 1_000_000
}
