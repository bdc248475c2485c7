package crash

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// abandoned carts are due at once, and the server is killed while their mails
// go out.
const abandoned = 300

// mailKills are fewer on PostgreSQL, where the lease of a killed server must run
// out before the next one sends.
var mailKills = map[fleet.Engine]int{fleet.SQLite: 4, fleet.Postgres: 1}

// 300 carts are due, and the server is killed again and again in the middle of
// their mails. None goes out twice, and the ledger says of each what became of
// it: that the mail server took it, or that nobody knows.
func TestKillWhileSendingMailsRepeatsNone(t *testing.T) {
	t.Parallel()
	fleet.Each(t, killWhileSending)
}

func killWhileSending(t *testing.T, e fleet.Engine) {
	sink := slowSink(t, 10*time.Millisecond)
	s := newServer(t, e)
	s.flags = []string{"--sandbox", "--smtp", sink.URL()}
	s.start()
	carts := s.leaveCarts(abandoned)
	s.wind(`{"advance":"61m"}`) // they are abandoned, and nothing is due yet
	if n := len(sink.Mails()); n > 0 {
		t.Fatalf("%d mails went out an hour early", n)
	}
	s.Kill()
	s.sleep(time.Hour) // while nobody serves: now all of them are due
	kills := mailKills[e]
	for n := range kills {
		s.start()
		least := min(abandoned-50, (n+1)*abandoned/(kills+1))
		moving(t, "mails go out", func() int { return len(sink.Mails()) }, least)
		s.Kill()
	}
	s.start()
	if e == fleet.Postgres { // time tells that a server is no more, and the clock's winding waits for that
		moving(t, "others send", func() int { return len(s.outcomes("claimed")) }, abandoned)
		s.wind(`{"advance":"11m"}`)
	}
	moving(t, "every mail is accounted for", func() int { return len(s.outcomes("sent", "unknown")) }, abandoned)

	arrived := arrivals(sink)
	unknown := s.checkMails(carts, arrived)
	if len(arrived) < abandoned/2 {
		t.Errorf("only %d shoppers got a mail", len(arrived))
	}
	t.Logf("%d kills: %d mails arrived, %d are unknown", kills, len(arrived), unknown)
}

// slowSink is a mail server that takes its time, so that kills fall between the
// claim of a mail and the answer to it.
func slowSink(t *testing.T, d time.Duration) *testkit.SMTPSink {
	t.Helper()
	return (&testkit.SMTPSink{
		OnData: func(testkit.SinkMail) error { time.Sleep(d); return nil },
		Kept:   func(testkit.SinkMail) error { time.Sleep(d / 2); return nil },
	}).Start(t)
}

// arrivals counts the mails that arrived, by address.
func arrivals(sink *testkit.SMTPSink) map[string]int {
	n := map[string]int{}
	for _, m := range sink.Mails() {
		n[m.To[0]]++
	}
	return n
}

// checkMails compares the mails that arrived with what the ledger says of each
// cart, and returns how many are unknown.
func (s *server) checkMails(carts map[string]string, arrived map[string]int) int {
	s.t.Helper()
	sent, unknown := s.outcomes("sent"), s.outcomes("unknown")
	for id, email := range carts {
		switch n := arrived[email]; {
		case n > 1:
			s.t.Errorf("%s got %d mails", email, n)
		case sent[id] != 1 && unknown[id] != 1 || sent[id]+unknown[id] != 1:
			s.t.Errorf("the ledger says %d times that the mail of %s was sent and %d times that it is unknown", sent[id], email, unknown[id])
		case n == 0 && unknown[id] == 0:
			s.t.Errorf("the ledger says that %s got a mail, and none came", email)
		}
	}
	return len(unknown)
}

// leaveCarts makes carts of guests who left an address, and returns those by
// the carts' ids. One mail alone is active.
func (s *server) leaveCarts(count int) map[string]string {
	s.t.Helper()
	for id := range 2 {
		s.send(http.MethodPut, fmt.Sprintf("/marketing/abandoned-cart-emails/%d", id+2), "", `{"is_active":false}`, nil)
	}
	carts := map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range shoppers {
		wg.Go(func() {
			for i := n; i < count; i += shoppers {
				id, ok := s.post(request{path: "/carts", key: fmt.Sprintf("m%d", i), line: "Lamp"})
				email := fmt.Sprintf("shopper%d@%s.example", i, s.store)
				status := s.send(http.MethodPost, "/checkouts/"+id+"/billing-address", fmt.Sprintf("a%d", i), fmt.Sprintf(`{"email":%q,"country_code":"US"}`, email), nil)
				if !ok || status != http.StatusOK {
					s.t.Errorf("cart %d was not made: %d", i, status)
					return
				}
				mu.Lock()
				carts[id] = email
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(carts) != count {
		s.t.Fatalf("%d carts were made", len(carts))
	}
	return carts
}

// wind moves the clock of the sandbox.
func (s *server) wind(body string) {
	s.t.Helper()
	resp, err := http.Post("http://"+s.Addr+"/sandbox/clock", "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("the clock was not wound: %d", resp.StatusCode)
	}
}

// sleep lets time pass while no server runs.
func (s *server) sleep(d time.Duration) {
	s.t.Helper()
	db := s.DB()
	defer func() { _ = db.Close() }()
	if _, err := db.AdvanceClock(s.t.Context(), d); err != nil {
		s.t.Fatal(err)
	}
}

// outcomes counts how often the ledger has one of some outcomes, by cart.
func (s *server) outcomes(names ...string) map[string]int {
	s.t.Helper()
	all := map[string]int{}
	for _, name := range names {
		for page := 1; ; page++ {
			var answer struct {
				Data []struct {
					Cart string `json:"cart_id"`
				}
			}
			path := fmt.Sprintf("/recovery/decisions?outcome=%s&limit=250&page=%d", name, page)
			if status := s.send(http.MethodGet, path, "", "", &answer); status != http.StatusOK {
				s.t.Fatalf("the ledger answered %d", status)
			}
			for _, d := range answer.Data {
				all[d.Cart]++
			}
			if len(answer.Data) < 250 {
				break
			}
		}
	}
	return all
}

// The database goes away while mails go out and comes back. What was handed to
// the mail server meanwhile is not sent again, though nobody could write down
// what became of it.
func TestOutageWhileSendingMailsRepeatsNone(t *testing.T) {
	t.Parallel()
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	sink := slowSink(t, 10*time.Millisecond)
	f := fleet.On(t, url)
	f.NewStore("crash")
	s := &server{Fleet: f, t: t, store: f.Store, client: f.Client(), flags: []string{"--sandbox", "--smtp", sink.URL()}}
	s.start()
	carts := s.leaveCarts(abandoned)
	s.wind(`{"advance":"61m"}`) // they are abandoned, and nothing is due yet
	s.sleep(time.Hour)          // now all of them are due
	const outages = 3
	for n := range outages {
		moving(t, "mails go out", func() int { return len(sink.Mails()) }, (n+1)*abandoned/(outages+2)+1)
		if err := cluster.Stop("immediate"); err != nil {
			t.Fatal(err)
		}
		if err := cluster.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	moving(t, "all are sent", func() int { return len(s.outcomes("claimed")) }, abandoned)
	s.wind(`{"advance":"11m"}`) // until what was cut off counts as unknown
	arrived := arrivals(sink)
	unknown := s.checkMails(carts, arrived)
	t.Logf("%d outages: %d mails arrived, %d are unknown", outages, len(arrived), unknown)
}
