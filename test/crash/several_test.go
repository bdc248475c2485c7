package crash

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
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
	cartID, ok := c.insist(0, request{path: "/carts", key: "first", line: "first"})
	if !ok {
		t.Fatal("no cart")
	}
	const adds = 64
	var all sync.WaitGroup
	for i := range adds {
		line := fmt.Sprintf("line %d", i)
		r := fleet.Request{Method: http.MethodPost, Path: "/v3/carts/" + cartID + "/items", Body: request{line: line}.body()}
		all.Go(func() {
			if a := c.client.Send(c.servers[i%2], r); a.Status == http.StatusCreated {
				c.log.add(cartID, line)
			} else {
				t.Errorf("add %d answered %d: %s", i, a.Status, a.Body)
			}
		})
	}
	all.Wait()
	c.settle(f)
	if n := c.log.count(); n != adds+1 {
		t.Errorf("%d lines were acknowledged", n)
	}
}

// One of two servers is killed under load, again and again, and started again.
// The other one goes on, and clients that got no answer ask it, with the same
// Idempotency-Key. The payments of one cart go to both: one of them counts.
func TestKillOneOfTwoServersLosesNothing(t *testing.T) {
	t.Parallel()
	f := fleet.New(t, fleet.Postgres)
	f.NewStore("crash")
	a, b := f.Start(), f.Start()
	c := gather(t, shoppers, f, a, b)
	buyers := sell(t, f, a, b)
	c.since()
	unanswered := 0
	for _, victim := range []*fleet.Server{a, b, a} {
		victim.Kill()
		before := c.done.Load()
		time.Sleep(500 * time.Millisecond)
		if c.done.Load() == before {
			t.Error("while one server is gone, the other does nothing")
		}
		victim.Restart()
		saw := c.since()
		unanswered += saw.unanswered
		if saw.refused > 0 {
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
	var all sync.WaitGroup
	for i, shop := range shops {
		shop.Server = first
		all.Go(func() { carts[i] = shop.leaveCarts(abandoned / stores) })
	}
	all.Wait()
	shops[0].wind(`{"advance":"61m"}`) // they are abandoned, and nothing is due yet
	shops[0].sleep(time.Hour)          // now all of them are due
	testkit.Eventually(t, "both send", func() bool {
		mails := sink.Mails()
		return len(mails) > abandoned/3 && linkTo(mails, first) && linkTo(mails, second)
	})
	first.Kill()
	third := f.Start(flags...)
	testkit.Eventually(t, "the others send on", func() bool { return len(sink.Mails()) >= abandoned-2*smtpConnections })
	for _, shop := range shops {
		shop.Server = third
	}
	shops[0].sleep(11 * time.Minute) // until what was cut off counts as unknown
	testkit.Eventually(t, "every mail is accounted for", func() bool {
		settled := 0
		for _, shop := range shops {
			settled += len(shop.outcomes("sent", "unknown"))
		}
		return settled == abandoned
	})
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
