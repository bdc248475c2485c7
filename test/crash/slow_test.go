package crash

import (
	"database/sql"
	"net/http"
	"sync"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// Many ask at once while the database is slow: so many, each once.
const (
	many       = 500
	mostGrowth = 200 << 20 // memory for all of them
	calmsDown  = 10 * time.Second
	slowAnswer = 200 * time.Millisecond // of the database, in each direction
)

// The database takes 400 ms for each question. Of five hundred who ask at once
// some are served, and most are told soon to come back; nothing piles up.
func TestSlowDatabaseShedsLoad(t *testing.T) {
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	proxy := testkit.StartProxy(t, cluster.Addr())
	f := fleet.On(t, proxy.Through(t, url))
	f.NewStore("crash")
	s := f.Start()
	carts := fill(t, f, s, 10)
	before, m := s.Memory(), watch(t, url, s)
	proxy.Delay(slowAnswer)
	var r rush
	for attempt := 1; ; attempt++ {
		r = askAtOnce(f, s, m, func(int) fleet.Request { return newCart() })
		r.check(t)
		if r.served > 0 && r.refused >= many/2 {
			break
		}
		if attempt == attempts {
			t.Errorf("%d were served, %d told to come back", r.served, r.refused)
			break
		}
	}
	if grown := s.Memory() - before; grown > mostGrowth {
		t.Errorf("the server grew by %d MB", grown>>20)
	}
	if err := proxy.Pass(); err != nil {
		t.Fatal(err)
	}
	calm(t, f, s, m, carts)
	t.Logf("%d of %d were served, the slowest refusal took %v", r.served, many, r.slowest)
}

// Five hundred ask at once just when the database falls silent: each is told so
// soon, and nothing is left of them afterwards.
func TestSilentDatabaseHoldsNobody(t *testing.T) {
	t.Parallel()
	cluster, url := testkit.Cluster(t, pgcluster.Options{})
	proxy := testkit.StartProxy(t, cluster.Addr())
	f := fleet.On(t, proxy.Through(t, url))
	f.NewStore("crash")
	s := f.Start()
	carts := fill(t, f, s, 10)
	before, m := s.Memory(), watch(t, url, s)
	proxy.Silence()
	r := askAtOnce(f, s, m, func(int) fleet.Request { return newCart() })
	if r.served > 0 {
		t.Errorf("%d were served without a database", r.served)
	}
	r.check(t)
	if grown := s.Memory() - before; grown > mostGrowth {
		t.Errorf("the server grew by %d MB", grown>>20)
	}
	if err := proxy.Pass(); err != nil {
		t.Fatal(err)
	}
	calm(t, f, s, m, carts)
	t.Logf("the slowest refusal took %v", r.slowest)
}

// Somebody holds the row of a cart. Some of those who change that cart wait for
// it and are served when it is free, the others are told soon to come back;
// whoever has another cart notices nothing.
func TestLockedCartHoldsUpNoOther(t *testing.T) {
	f := fleet.New(t, fleet.Postgres)
	f.NewStore("crash")
	s := f.Start()
	carts := fill(t, f, s, 20)
	goroutines, before, m := s.Goroutines(), s.Memory(), watch(t, f.Database, s)
	var r rush
	for attempt := 1; ; attempt++ {
		free := lock(t, f, carts[0])
		var waiting sync.WaitGroup
		waiting.Go(func() { r = askAtOnce(f, s, m, func(int) fleet.Request { return add(carts[0]) }) })
		testkit.Eventually(t, "some wait", func() bool { return s.Goroutines() > goroutines+many/5 })
		changeOthers(t, f, s, m, carts[1:])
		if grown := s.Memory() - before; grown > mostGrowth {
			t.Errorf("the server grew by %d MB", grown>>20)
		}
		free()
		waiting.Wait()
		r.check(t)
		if r.served > 0 && r.refused >= many/2 {
			break
		}
		if attempt == attempts {
			t.Errorf("%d were served, %d told to come back", r.served, r.refused)
			break
		}
	}
	calm(t, f, s, m, carts)
	t.Logf("%d of %d were served, the slowest refusal took %v", r.served, many, r.slowest)
}

// changeOthers has each cart changed, and goes on with that for a moment, well
// below what a server gives those who wait.
func changeOthers(t *testing.T, f *fleet.Fleet, s *fleet.Server, m *machine, carts []string) {
	t.Helper()
	client := f.Client()
	for begun, n := time.Now(), 0; n < len(carts) || time.Since(begun) < time.Second; n++ {
		answer := client.Send(s, add(carts[n%len(carts)]))
		if !answer.OK() && !m.hiccuped(answer.Asked) {
			t.Errorf("the change of another cart is answered with %d: %s", answer.Status, answer.Body)
		}
		if took := m.fair(answer.Asked, answer.Asked.Add(answer.Took)); took > answersWithin {
			t.Errorf("the change of another cart took %v", took)
		}
	}
}

// lock holds the row of a cart until it is freed.
func lock(t *testing.T, f *fleet.Fleet, cartID string) (free func()) {
	t.Helper()
	db, err := sql.Open("pgx", f.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "SELECT 1 FROM carts WHERE id = $1 FOR UPDATE", cartID); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// fill makes carts with one line.
func fill(t *testing.T, f *fleet.Fleet, s *fleet.Server, n int) (carts []string) {
	t.Helper()
	client := f.Client()
	for range n {
		var made struct{ Data struct{ ID string } }
		client.Send(s, newCart()).Read(t, &made)
		carts = append(carts, made.Data.ID)
	}
	return carts
}

func newCart() fleet.Request {
	return fleet.Request{Method: http.MethodPost, Path: "/v3/carts", Body: request{line: "first"}.body()}
}

func add(cartID string) fleet.Request {
	return fleet.Request{Method: http.MethodPost, Path: "/v3/carts/" + cartID + "/items", Body: request{line: "more"}.body()}
}

// rush is what many who ask at once are told.
type rush struct {
	served, refused int
	slowest         time.Duration // of those who were refused, as the machine allowed
	wrong           map[string]int
}

// askAtOnce has many ask at once, each once.
func askAtOnce(f *fleet.Fleet, s *fleet.Server, m *machine, what func(i int) fleet.Request) rush {
	client := f.Client()
	r := rush{wrong: map[string]int{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			a := client.Send(s, what(i))
			mu.Lock()
			defer mu.Unlock()
			if a.OK() {
				r.served++
				return
			}
			r.refused++
			r.slowest = max(r.slowest, m.fair(a.Asked, a.Asked.Add(a.Took)))
			if why := a.Unavailable(); why != "" {
				r.wrong[why]++
			}
		})
	}
	all.Wait()
	client.Leave()
	return r
}

func (r rush) check(t *testing.T) {
	t.Helper()
	for why, n := range r.wrong {
		t.Errorf("%d refusals are wrong: %s", n, why)
	}
	if r.slowest > answersWithin+margin {
		t.Errorf("the slowest refusal took %v", r.slowest)
	}
}

// calm looks whether a server is as before once nobody asks any more.
func calm(t *testing.T, f *fleet.Fleet, s *fleet.Server, m *machine, carts []string) {
	t.Helper()
	client := f.Client()
	begun := time.Now()
	testkit.Eventually(t, "every cart can be changed", func() bool {
		for _, id := range carts {
			if !client.Send(s, add(id)).OK() {
				return false
			}
		}
		return true
	})
	testkit.Eventually(t, "nothing is left of the crowd", func() bool { return s.Goroutines() < many/2 })
	if took := m.fair(begun, time.Now()); took > calmsDown {
		t.Errorf("it takes %v until all is as before", took)
	}
}
