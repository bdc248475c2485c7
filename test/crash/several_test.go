package crash

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// Two servers change one cart at once: nothing that either acknowledged is lost,
// and each change has its version and its journal row.
func TestTwoServersKeepEveryAddToOneCart(t *testing.T) {
	t.Parallel()
	f := fleet.New(t, fleet.Postgres)
	f.NewStore("crash")
	c := &crowd{t: t, client: f.Client(), servers: []*fleet.Server{f.Start(), f.Start()}, home: make(chan struct{}),
		log: &acknowledged{lines: map[string]map[string]bool{}}}
	c.machine = watch(t, f.Database, c.servers...)
	const adds = 64
	for attempt := 1; ; attempt++ {
		begun := time.Now()
		kept := c.addAtOnce(fmt.Sprintf("attempt %d", attempt), adds)
		if kept == adds {
			break
		}
		if attempt == attempts || !c.machine.hiccuped(begun) {
			t.Errorf("%d of %d adds were acknowledged", kept, adds)
			break
		}
	}
	c.settle(f)
}

// addAtOnce makes a cart and adds so many lines to it at the same time, over all
// servers and each once. It returns how many were acknowledged. The servers may
// refuse others for now, and say so.
func (c *crowd) addAtOnce(name string, adds int) int {
	c.t.Helper()
	cartID, ok := c.insist(0, request{path: "/carts", key: name, line: name})
	if !ok {
		c.t.Fatal("no cart")
	}
	var all sync.WaitGroup
	var kept atomic.Int64
	for i := range adds {
		line := fmt.Sprintf("line %d of %s", i, name)
		r := fleet.Request{Method: http.MethodPost, Path: "/v3/carts/" + cartID + "/items", Body: request{line: line}.body()}
		all.Go(func() {
			switch a := c.client.Send(c.servers[i%len(c.servers)], r); {
			case a.Status == http.StatusCreated:
				c.log.add(cartID, line)
				kept.Add(1)
			case a.Unavailable() != "":
				c.t.Errorf("add %d answered %d: %s", i, a.Status, a.Body)
			}
		})
	}
	all.Wait()
	return int(kept.Load())
}

// One of two servers is killed under load, again and again, and started again.
// The other one goes on, and clients that got no answer ask it, with the same
// Idempotency-Key. The payments of one cart go to both: one of them counts.
func TestKillOneOfTwoServersLosesNothing(t *testing.T) {
	t.Parallel()
	f := fleet.New(t, fleet.Postgres)
	f.NewStore("crash")
	a, b := f.Start(), f.Start()
	c := gather(t, f.Database, f, a, b)
	buyers := sell(t, f, a, b)
	c.since()
	unanswered := 0
	for _, victim := range []*fleet.Server{a, b, a} {
		killed := time.Now()
		victim.Kill()
		before := c.done.Load() + shoppers // who were answered already
		time.Sleep(500 * time.Millisecond)
		testkit.Eventually(t, "the other server goes on alone", func() bool { return c.done.Load() > before })
		victim.Restart()
		saw := c.since()
		unanswered += saw.unanswered
		if saw.refused > 0 && !c.machine.hiccuped(killed) {
			t.Errorf("%d requests were refused when a server was killed", saw.refused)
		}
	}
	c.settle(f)
	buyers.settle()
	if unanswered == 0 {
		t.Error("no request was cut off: the load was no load")
	}
	t.Logf("%d requests went without an answer", unanswered)
}

// The mails of several stores are due and two servers send them, until one is
// killed and another started. Each mail goes out once, or nobody knows and the
// ledger says so.
func TestTwoServersSendNoMailTwice(t *testing.T) {
	t.Parallel()
	sink := slowSink(t, 100*time.Millisecond)
	f := fleet.New(t, fleet.Postgres)
	flags := []string{"--sandbox", "--smtp", sink.URL()}
	const stores = 6
	shops := make([]*server, stores)
	for i := range shops {
		f.NewStore(fmt.Sprintf("shop%d", i))
		shops[i] = &server{Fleet: f, t: t, client: f.Client(), store: f.Store}
	}
	first, second := f.Start(flags...), f.Start(flags...)
	carts := make([]map[string]string, stores)
	var leaving sync.WaitGroup
	for i, shop := range shops {
		shop.Server = first
		leaving.Go(func() { carts[i] = shop.leaveCarts(abandoned / stores) })
	}
	leaving.Wait()
	shops[0].wind(`{"advance":"61m"}`) // they are abandoned, and nothing is due yet
	shops[0].sleep(time.Hour)          // now all of them are due
	testkit.Eventually(t, "both send", func() bool {
		mails := sink.Mails()
		return len(mails) > abandoned/3 && linkTo(mails, first) && linkTo(mails, second)
	})
	first.Kill()
	third := f.Start(flags...)
	for _, shop := range shops {
		shop.Server = third
	}
	all := func(outcomes ...string) func() int {
		return func() (n int) {
			for _, shop := range shops {
				n += len(shop.outcomes(outcomes...))
			}
			return n
		}
	}
	moving(t, "the others send on", all("claimed"), abandoned)
	second.Stop() // when what it sends has been sent
	third.Stop()
	shops[0].sleep(11 * time.Minute) // until what was cut off counts as unknown
	third.Restart()
	moving(t, "every mail is accounted for", all("sent", "unknown"), abandoned)
	arrived := arrivals(sink)
	unknown := 0
	for i, shop := range shops {
		unknown += shop.checkMails(carts[i], arrived)
	}
	t.Logf("%d mails arrived, %d are unknown", len(arrived), unknown)
}

// linkTo reports whether some mail links to a server, and so comes from it.
func linkTo(mails []testkit.SinkMail, s *fleet.Server) bool {
	return slices.ContainsFunc(mails, func(m testkit.SinkMail) bool { return strings.Contains(m.Text, s.Addr) })
}
