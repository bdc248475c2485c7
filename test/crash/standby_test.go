package crash

import (
	"testing"
	"time"

	"cartwright/internal/pgcluster"
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// The machine of the primary is lost under load, and its synchronous standby
// promoted. Servers that know both find it by themselves, and it has everything
// that was acknowledged.
func TestStandbyTakesOver(t *testing.T) {
	t.Parallel()
	primary, _ := testkit.Cluster(t, pgcluster.Options{})
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Remove(); err != nil {
			t.Error(err)
		}
	})
	f := fleet.On(t, pgcluster.Hosts("test1", primary, standby))
	f.NewStore("crash")
	a, b := f.Start(), f.Start()
	c := gather(t, f.Database, f, a, b)
	buyers := sell(t, f, a, b)
	c.since()

	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "shoppers are refused", func() bool { return c.refused() > 0 })
	time.Sleep(2 * time.Second) // until somebody notices and decides
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	back := max(returns(t, c, a), returns(t, c, b))
	saw, done := c.since(), c.done.Load()
	if saw.refused == 0 || saw.unanswered > 0 || saw.slowest > answersWithin+margin {
		t.Errorf("%d requests were refused, %d got no answer, the slowest took %v", saw.refused, saw.unanswered, saw.slowest)
	}
	bought := buyers.log.count()
	testkit.Eventually(t, "the new primary is used", func() bool { return c.done.Load() > done+10*shoppers && buyers.log.count() > bought })
	c.settle(f)
	buyers.settle()
	t.Logf("%d refusals, the slowest answer took %v; back after %v", saw.refused, saw.slowest, back)
}
