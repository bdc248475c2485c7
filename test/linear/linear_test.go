package linear

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	_ "cartwright/internal/app" // what is tested: a change of it makes Go run the tests again
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
	peace      = 700 * time.Millisecond // before and after each fault
	soakFaults = 8                      // in each history of a soak
)

func TestCartsAreLinearizableOnSQLite(t *testing.T) {
	t.Parallel()
	prove(t, onSQLite(t), killServer, stopServer, killServer)
}

func TestCartsAreLinearizableOnPostgreSQL(t *testing.T) {
	t.Parallel()
	prove(t, onPostgres(t, 3), killServer, cutOne, restartDatabase, cutAll, crashDatabase)
}

// prove records histories of a site while faults happen to it, and checks them:
// one with these faults, or as many as a soak has time for, with faults by
// chance.
func prove(t *testing.T, s *site, faults ...fault) {
	w := newWorld(t, s.target)
	began := time.Now()
	for n := uint64(0); n == 0 || time.Since(began) < *soakFlag && !t.Failed(); n++ {
		seed := seed() + n
		rng := rand.New(rand.NewPCG(seed, 0))
		if *soakFlag > 0 {
			faults = make([]fault, soakFaults)
			for i := range faults {
				faults[i] = pick(s.endured(), rng)
			}
		}
		c := crowd{target: s.target, seed: seed, world: w, shoppers: shoppers, payers: payers,
			sales: newSales(t, s.target, seed, 1+len(faults)/4),
			fresh: func() { // servers show the stock that they have in memory
				s.running[0].Stop()
				s.running[0].Restart()
			}}
		rec := c.record(t, func(rec *recorder) { s.suffer(rec, rng, peace, faults...) })
		checking := time.Now()
		rec.check(t, c.model)
		report(t, rec, seed, time.Since(checking))
	}
}

func seed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano()) % 1_000_000
}
