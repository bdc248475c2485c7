package worker

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cartwright/internal/fault"
)

// office gives out leases, unless somebody else has them.
type office struct {
	asked, freed int
	taken        bool
}

func (o *office) Lease(context.Context, string, string, string) (bool, error) {
	o.asked++
	return !o.taken, nil
}

func (o *office) FreeLeases(context.Context, string) error {
	o.freed++
	return nil
}

// job is one that does nothing.
func job(o *office) Job {
	return Job{Name: "letters", Leases: o, Log: slog.New(slog.DiscardHandler), Grace: 3 * time.Second,
		Look:    func(context.Context) error { return nil },
		Pending: func(context.Context) (string, error) { return "", nil }}
}

func TestSettleWaitsForWhatWasDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left, running := 3, false
		j := job(&office{})
		var w *Worker
		j.Look = func(context.Context) error { // one at a time, half a minute each
			if left == 0 || running || !w.Begin() {
				return nil
			}
			running = true
			go func() {
				defer w.End()
				time.Sleep(30 * time.Second)
				left, running = left-1, false
				w.Land()
			}()
			return nil
		}
		j.Pending = func(context.Context) (string, error) {
			if left > 0 {
				return "some letters", nil
			}
			return "", nil
		}
		w = New(j)
		if err := w.Settle(t.Context()); err != nil || left != 0 {
			t.Errorf("%d are left, %v", left, err)
		}
	})
}

func TestSettleGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := job(&office{})
		j.Pending = func(context.Context) (string, error) { return "the letters of a", nil }
		began := time.Now()
		err := New(j).Settle(t.Context())
		if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "the letters of a were not sent") || took < settleStuck || took > 2*settleStuck {
			t.Errorf("%v after %s", err, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := New(j).Settle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("its caller went away: %v", err)
		}
	})
}

func TestCloseEndsWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		w := New(job(o))
		if !w.Begin() {
			t.Fatal("nothing may begin")
		}
		kept := false
		go func() {
			defer w.End()
			<-w.Life().Done() // cut off
			err := w.Keep(func(ctx context.Context) error { kept = ctx.Err() == nil; return nil })
			kept = kept && err == nil
		}()
		began := time.Now()
		if err := w.Close(t.Context()); err != nil || time.Since(began) != 3*time.Second || !kept || o.freed != 1 {
			t.Errorf("closed after %s, kept %v, %d times given back, %v", time.Since(began), kept, o.freed, err)
		}
		if w.Begin() {
			t.Error("something began behind the end")
		}
	})
}

func TestHoldAsksSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		w := New(job(o))
		hold := func(want bool, asked int) {
			t.Helper()
			if mine, err := w.Hold(t.Context(), "a"); mine != want || err != nil || o.asked != asked {
				t.Errorf("mine is %v, asked %d times, %v", mine, o.asked, err)
			}
		}
		hold(true, 1)
		hold(true, 1)
		time.Sleep(renewAfter)
		hold(true, 2)
		o.taken = true
		time.Sleep(renewAfter)
		hold(false, 3)
		hold(false, 4)
	})
}

func TestRunRestsWhenALookFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, looks := job(&office{}), 0
		j.Look = func(context.Context) error {
			looks++
			return errors.New("the database is away")
		}
		w := New(j)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		var waking sync.WaitGroup
		waking.Go(func() {
			for ctx.Err() == nil {
				w.Wake()
				time.Sleep(time.Millisecond)
			}
		})
		w.Run(ctx)
		waking.Wait()
		if looks < 10 || looks > 12 {
			t.Errorf("%d looks in ten seconds", looks)
		}
	})
}

func TestKeepOutlivesAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := &fault.Outage{Title: "away"}
		for name, tc := range map[string]struct {
			lasts time.Duration
			then  error
			want  error
			took  time.Duration
		}{
			"a short outage":        {lasts: time.Second, took: time.Second},
			"a refusal afterwards":  {lasts: time.Second, then: errors.ErrUnsupported, want: errors.ErrUnsupported, took: time.Second},
			"an outage that stays":  {lasts: time.Hour, want: away, took: keepTimeout},
			"what fails without it": {then: errors.ErrUnsupported, want: errors.ErrUnsupported},
		} {
			began := time.Now()
			err := New(job(&office{})).Keep(func(context.Context) error {
				if time.Since(began) < tc.lasts {
					return away
				}
				return tc.then
			})
			if took := time.Since(began); !errors.Is(err, tc.want) || took != tc.took {
				t.Errorf("%s: %v after %s", name, err, took)
			}
		}
	})
}
