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

// What a server promises for the time in which its database is away. The
// margin is that of a test machine that is busy with other things too.
const (
	answersWithin = 2 * time.Second
	returnsWithin = 2 * time.Second
	margin        = 500 * time.Millisecond

	outage      = 5 * time.Second
	mostCPU     = outage / 4 // for all those refusals; a busy loop takes a core
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
			endure(t, url, func() error { return stop(cluster) }, cluster.Restart)
		})
	}
}

// The network between server and database loses everything: no connection
// ends, none is refused, nobody answers.
func TestDatabaseSilent(t *testing.T) {
	t.Parallel()
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	proxy := testkit.StartProxy(t, cluster.Addr())
	endure(t, proxy.Through(t, url), func() error { proxy.Silence(); return nil }, proxy.Pass)
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
	c := gather(t, shoppers, f, s)
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

// endure begins an outage of a server's database under load and ends it.
func endure(t *testing.T, url string, begin, end func() error) {
	t.Helper()
	f := fleet.On(t, url)
	f.NewStore("crash")
	s := f.Start()
	c := gather(t, shoppers, f, s)
	memory, goroutines, lines := s.Memory(), s.Goroutines(), strings.Count(s.Log(), "\n")
	if saw := c.since(); saw.refused+saw.unanswered > 0 {
		t.Fatalf("%d requests were refused and %d got no answer before anything happened", saw.refused, saw.unanswered)
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	testkit.Eventually(t, "the server says that it is not ready", func() bool { return s.Ready() == http.StatusServiceUnavailable })
	if took := time.Since(began); took > answersWithin+margin {
		t.Errorf("/readyz says so after %v", took)
	}
	cpu := s.CPU()
	before := c.done.Load()
	time.Sleep(outage - time.Since(began))
	if n := c.done.Load() - before; n > 0 {
		t.Errorf("%d requests were acknowledged without a database", n)
	}
	took := s.CPU() - cpu
	grown, more := s.Memory()-memory, s.Goroutines()-goroutines
	if took > mostCPU {
		t.Errorf("the server took %v of processor time in an outage of %v", took, outage)
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
	back := time.Since(returned)
	if back > returnsWithin+margin {
		t.Errorf("the service returns %v after the database", back)
	}
	return back
}
