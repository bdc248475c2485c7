package crash

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// What a server promises for the time in which its database is away, on a
// machine that answers pings. The margin is for what pings do not tell.
const (
	answersWithin = 2 * time.Second
	returnsWithin = 2 * time.Second
	margin        = time.Second

	outage      = 5 * time.Second
	mostCPU     = outage / 4 // for all those refusals, or else no more than twice that of as many served requests; a busy loop takes a core
	manyServed  = 200        // before that
	mostLines   = 30
	mostMemory  = 64 << 20 // beyond what it had before
	mostWorkers = 100      // goroutines beyond those that it had before
)

// PostgreSQL is stopped under load, as whoever runs it does and as a crash does.
// Meanwhile every answer is an honest 503, soon; afterwards the service is there
// again by itself, with everything that was acknowledged.
func TestDatabaseStopped(t *testing.T) {
	t.Parallel()
	stops := map[string]func(*pgcluster.Cluster) error{
		"fast":      func(c *pgcluster.Cluster) error { return c.Stop("fast") },
		"immediate": func(c *pgcluster.Cluster) error { return c.Stop("immediate") },
	}
	for name, stop := range stops {
		t.Run(name, func(t *testing.T) {
			cluster, url := testkit.Cluster(t, pgcluster.Options{})
			endure(t, url, url, func() error { return stop(cluster) }, cluster.Restart)
		})
	}
}

// The network between server and database loses everything: no connection
// ends, none is refused, nobody answers.
func TestDatabaseSilent(t *testing.T) {
	t.Parallel()
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	proxy := testkit.StartProxy(t, cluster.Addr())
	endure(t, proxy.Through(t, url), url, func() error { proxy.Silence(); return nil }, proxy.Pass)
}

// Connections are cut while the database goes on, as a balancer before it does
// when it restarts. That is over with the next connection.
func TestConnectionsCut(t *testing.T) {
	t.Parallel()
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	proxy := testkit.StartProxy(t, cluster.Addr())
	f := fleet.On(t, proxy.Through(t, url))
	f.NewStore("crash")
	s := f.Start()
	c := gather(t, url, f, s)
	c.since()
	for range 10 {
		proxy.Cut()
		time.Sleep(100 * time.Millisecond)
	}
	returns(t, c, s)
	saw := c.since()
	if saw.unanswered > 0 || saw.slowest > answersWithin+margin {
		t.Errorf("%d requests without an answer, the slowest took %v", saw.unanswered, saw.slowest)
	}
	c.settle(f)
	t.Logf("%d requests were refused, the slowest took %v", saw.refused, saw.slowest)
}

// endure begins an outage of a server's database under load and ends it. Direct
// leads to the database past everything that stands between.
func endure(t *testing.T, url, direct string, begin, end func() error) {
	t.Helper()
	f := fleet.On(t, url)
	f.NewStore("crash")
	s := f.Start()
	idle, peace := s.CPU(), time.Now()
	c := gather(t, direct, f, s)
	testkit.Eventually(t, "shoppers are served", func() bool { return c.done.Load() > manyServed })
	each := (s.CPU() - idle) / time.Duration(c.done.Load())
	memory, goroutines, lines := s.Memory(), s.Goroutines(), strings.Count(s.Log(), "\n")
	if saw := c.since(); saw.unanswered > 0 || saw.refused > 0 && !c.machine.hiccuped(peace) {
		t.Fatalf("%d requests were refused and %d got no answer before anything happened", saw.refused, saw.unanswered)
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	c.away.Store(true)
	began := time.Now()
	testkit.Eventually(t, "the server says that it is not ready", func() bool { return s.Ready() == http.StatusServiceUnavailable })
	if took := c.machine.fair(began, time.Now()); took > answersWithin+margin {
		t.Errorf("/readyz says so after %v", took)
	}
	cpu := s.CPU()
	time.Sleep(outage - time.Since(began))
	took := s.CPU() - cpu
	grown, more := s.Memory()-memory, s.Goroutines()-goroutines
	if c.away.Store(false); c.wonders.Load() > 0 {
		t.Errorf("%d requests were acknowledged without a database", c.wonders.Load())
	}
	if grown > mostMemory || more > mostWorkers {
		t.Errorf("the server grew by %d MB and %d goroutines", grown>>20, more)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	back := returns(t, c, s)
	saw := c.since()
	said := strings.Count(s.Log(), "\n") - lines
	if said > mostLines {
		t.Errorf("the server logged %d lines about an outage of %v:\n%s", said, outage, s.Log())
	}
	if saw.refused == 0 || saw.unanswered > 0 || saw.slowest > answersWithin+margin {
		t.Errorf("%d requests were refused, %d got no answer, the slowest took %v", saw.refused, saw.unanswered, saw.slowest)
	}
	if took > max(mostCPU, 2*each*time.Duration(saw.refused)) {
		t.Errorf("the server took %v of processor time for %d refusals in an outage of %v, and %v for each request before", took, saw.refused, outage, each)
	}
	c.settle(f)
	t.Logf("%d refusals, the slowest answer took %v; %v of processor time, %d log lines, %+d goroutines, %+d MB; back after %v",
		saw.refused, saw.slowest, took, said, more, grown>>20, back)
}

// returns waits until a server whose database has returned is there again, and
// says how long that took.
func returns(t *testing.T, c *crowd, s *fleet.Server) time.Duration {
	t.Helper()
	returned, before := time.Now(), c.done.Load()
	testkit.Eventually(t, "the service returns", func() bool { return c.done.Load() > before && s.Ready() == http.StatusOK })
	back := c.machine.fair(returned, time.Now())
	if back > returnsWithin+margin {
		t.Errorf("the service returns %v after the database", back)
	}
	return back
}
