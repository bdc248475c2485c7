package linear

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// site is some servers on one database that can be disturbed.
type site struct {
	target
	t       *testing.T
	running []*fleet.Server
	cluster *pgcluster.Cluster // nil on SQLite
	standby *pgcluster.Cluster // that follows it; nil for most
	proxies []*testkit.Proxy   // between each server and the cluster
}

// onSQLite starts the one server that a SQLite file can have.
func onSQLite(t *testing.T) *site {
	t.Helper()
	f := fleet.New(t, fleet.SQLite)
	f.NewStore("linear")
	return (&site{t: t, running: []*fleet.Server{f.Start()}}).ready(f)
}

// onPostgres starts servers on a cluster of their own, each of which reaches it
// through a proxy.
func onPostgres(t *testing.T, servers int) *site {
	t.Helper()
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	s := &site{t: t, cluster: cluster}
	first := fleet.On(t, url)
	first.NewStore("linear")
	for range servers {
		p := testkit.StartProxy(t, s.cluster.Addr())
		f := fleet.On(t, p.Through(t, url))
		s.proxies, s.running = append(s.proxies, p), append(s.running, f.Start())
	}
	return s.ready(first)
}

// onStandby starts servers on a cluster that a standby follows: they know both.
func onStandby(t *testing.T, servers int) *site {
	t.Helper()
	cluster, address := testkit.Cluster(t, pgcluster.Options{})
	s := &site{t: t, cluster: cluster}
	var err error
	s.standby, err = s.cluster.Standby(t.Context())
	s.must(err)
	t.Cleanup(func() { _ = s.standby.Remove() })
	database, err := url.Parse(address)
	s.must(err)
	f := fleet.On(t, pgcluster.Hosts(strings.TrimPrefix(database.Path, "/"), s.cluster, s.standby))
	f.NewStore("linear")
	for range servers {
		s.running = append(s.running, f.Start())
	}
	return s.ready(f)
}

func (s *site) ready(f *fleet.Fleet) *site {
	s.store, s.token = f.Store, f.Token
	for _, r := range s.running {
		s.servers = append(s.servers, r.Addr)
	}
	return s
}

// fault is something that happens to a site and is over when do returns.
type fault struct {
	name string
	do   func(s *site, rng *rand.Rand)
}

// The faults of which a soak chooses. The short tests name theirs.
var (
	killServer = fault{"a server is killed", func(s *site, rng *rand.Rand) {
		server := pick(s.running, rng)
		server.Kill()
		linger(rng, 300*time.Millisecond)
		server.Restart()
	}}
	stopServer = fault{"a server is stopped as for an upgrade", func(s *site, rng *rand.Rand) {
		server := pick(s.running, rng)
		server.Stop()
		server.Restart()
	}}
	freezeServer = fault{"a server hangs", func(s *site, rng *rand.Rand) {
		pick(s.running, rng).Freeze(time.Duration(rng.Int64N(int64(3 * time.Second))))
	}}
	cutOne = fault{"the connections of a server to the database are cut", func(s *site, rng *rand.Rand) {
		pick(s.proxies, rng).Cut()
	}}
	cutAll = fault{"all connections to the database are cut, again and again", func(s *site, rng *rand.Rand) {
		for range 5 {
			for _, p := range s.proxies {
				p.Cut()
			}
			linger(rng, 100*time.Millisecond)
		}
	}}
	silence = fault{"a server hears nothing of the database", func(s *site, rng *rand.Rand) {
		p := pick(s.proxies, rng)
		p.Silence()
		linger(rng, 5*time.Second)
		s.must(p.Pass())
	}}
	slow = fault{"the database is far away for a server", func(s *site, rng *rand.Rand) {
		p := pick(s.proxies, rng)
		p.Delay(time.Duration(rng.IntN(50)) * time.Millisecond)
		linger(rng, time.Second)
		s.must(p.Pass())
	}}
	restartDatabase = fault{"PostgreSQL is restarted", func(s *site, rng *rand.Rand) {
		s.must(s.cluster.Stop("fast"))
		linger(rng, time.Second)
		s.must(s.cluster.Restart())
	}}
	crashDatabase = fault{"PostgreSQL is stopped without a goodbye", func(s *site, rng *rand.Rand) {
		s.must(s.cluster.Stop("immediate"))
		linger(rng, time.Second)
		s.must(s.cluster.Restart())
	}}
	killDatabase = fault{"PostgreSQL is killed", func(s *site, rng *rand.Rand) {
		s.must(s.cluster.Kill())
		linger(rng, time.Second)
		s.must(s.cluster.Restart())
	}}
)

// failOver is what happens once: the primary is lost, and its standby takes
// over.
var failOver = fault{"the standby takes over from a primary that was killed", func(s *site, rng *rand.Rand) {
	s.must(s.cluster.Kill())
	linger(rng, 500*time.Millisecond)
	s.must(s.standby.Promote())
}}

// endured is what can happen on each engine.
func (s *site) endured() []fault {
	if s.cluster == nil {
		return []fault{killServer, stopServer, freezeServer}
	}
	return []fault{killServer, stopServer, freezeServer, cutOne, cutAll, silence, slow, restartDatabase, crashDatabase, killDatabase}
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func pick[T any](from []T, rng *rand.Rand) T { return from[rng.IntN(len(from))] }

func linger(rng *rand.Rand, atMost time.Duration) { pause(time.Duration(rng.Int64N(int64(atMost)))) }

func pause(d time.Duration) { <-time.After(d) }
