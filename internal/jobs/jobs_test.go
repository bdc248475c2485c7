package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/clock"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// diary notes what ran when, as "NAME after".
type diary struct {
	clock *clock.Fixed
	lines []string
}

// alarms is a task with a list of instants. What it does when one is due may
// set another.
type alarms struct {
	name  string
	at    []time.Time
	diary *diary
	then  func(now time.Time) error
}

func (a *alarms) Name() string { return a.name }

func (a *alarms) Next(context.Context) (time.Time, bool, error) {
	if len(a.at) == 0 {
		return time.Time{}, false, nil
	}
	return slices.MinFunc(a.at, time.Time.Compare), true, nil
}

func (a *alarms) Run(_ context.Context, now time.Time) error {
	a.at = slices.DeleteFunc(a.at, func(t time.Time) bool { return !t.After(now) })
	a.diary.lines = append(a.diary.lines, fmt.Sprintf("%s after %s", a.name, now.Sub(noon)))
	if a.then != nil {
		return a.then(now)
	}
	return nil
}

func start(t *testing.T) (*diary, func(name string, after ...time.Duration) *alarms, func(...Task) *Runner) {
	t.Helper()
	d := &diary{clock: clock.At(noon)}
	task := func(name string, after ...time.Duration) *alarms {
		a := &alarms{name: name, diary: d}
		for _, x := range after {
			a.at = append(a.at, noon.Add(x))
		}
		return a
	}
	return d, task, func(tasks ...Task) *Runner { return New(d.clock, slog.New(slog.DiscardHandler), tasks...) }
}

func (d *diary) move(_ context.Context, step time.Duration) error {
	d.clock.Advance(step)
	return nil
}

func (d *diary) wind(ctx context.Context, r *Runner, h int) error {
	return r.Wind(ctx, time.Duration(h)*time.Hour, d.move)
}

func (d *diary) want(t *testing.T, lines ...string) {
	t.Helper()
	if !slices.Equal(d.lines, lines) {
		t.Errorf("it did\n\t%s\nand not\n\t%s", strings.Join(d.lines, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

func TestWindStopsAtEachDueInstantInTurn(t *testing.T) {
	d, task, runner := start(t)
	mail := task("mail", 61*time.Minute)
	carts := task("carts", 30*time.Minute, 2*time.Hour, 25*time.Hour)
	carts.then = func(now time.Time) error { // what a task does may make more fall due
		if now.Equal(noon.Add(2 * time.Hour)) {
			mail.at = append(mail.at, now.Add(time.Minute))
		}
		return nil
	}
	r := runner(mail, carts)
	if err := r.Wind(t.Context(), 24*time.Hour, d.move); err != nil {
		t.Fatal(err)
	}
	d.want(t, "carts after 30m0s", "mail after 1h1m0s", "carts after 2h0m0s", "mail after 2h1m0s")
	if got := d.clock.Now().Sub(noon); got != 24*time.Hour {
		t.Errorf("the clock moved %s, not a day", got)
	}
	if err := r.Wind(t.Context(), time.Hour, d.move); err != nil {
		t.Fatal(err)
	}
	if got := d.clock.Now().Sub(noon); got != 25*time.Hour || d.lines[len(d.lines)-1] != "carts after 25h0m0s" {
		t.Errorf("at %s the last was %s: what is due at the aim itself must be done", got, d.lines[len(d.lines)-1])
	}
}

// TestWhatFallsDueDuringWorkIsNotPassedOver: the clock of the sandbox ticks
// while a stop is dealt with, so that the next instant may be past by then.
func TestWhatFallsDueDuringWorkIsNotPassedOver(t *testing.T) {
	d, task, runner := start(t)
	carts := task("carts", 30*time.Minute)
	carts.then = func(now time.Time) error {
		if len(d.lines) == 1 {
			carts.at = append(carts.at, now.Add(5*time.Millisecond))
		}
		return nil
	}
	r := runner(carts)
	r.Follow(ticking{d.clock, 7 * time.Millisecond})
	if err := d.wind(t.Context(), r, 2); err != nil {
		t.Fatal(err)
	}
	if len(d.lines) != 2 || !strings.HasPrefix(d.lines[1], "carts after 30m0.") {
		t.Errorf("it did %q", d.lines)
	}
}

// ticking is a follower that takes its time.
type ticking struct {
	clock *clock.Fixed
	took  time.Duration
}

func (ticking) Next(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil }
func (f ticking) Settle(context.Context) error                { f.clock.Advance(f.took); return nil }

func TestDueWorkGoesByTimeThenByOrder(t *testing.T) {
	d, task, runner := start(t)
	r := runner(task("first", -time.Hour), task("second", -2*time.Hour, -time.Hour), task("later", time.Minute))
	if err := r.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	// second does all that is due in one run, at the earlier of its instants.
	d.want(t, "second after 0s", "first after 0s")
}

func TestATaskThatFailsDoesNotStopTheOthers(t *testing.T) {
	d, task, runner := start(t)
	bad, good := task("bad", -2*time.Hour), task("good", -time.Hour)
	broken := errors.New("broken")
	bad.then = func(time.Time) error { return broken }
	if err := runner(bad, good).RunDue(t.Context()); !errors.Is(err, broken) {
		t.Errorf("the failure was not told: %v", err)
	}
	d.want(t, "bad after 0s", "good after 0s")
}

// idle says that something is due and does nothing about it.
type idle struct{ runs int }

func (i *idle) Name() string                                  { return "idle" }
func (i *idle) Next(context.Context) (time.Time, bool, error) { return noon, true, nil }
func (i *idle) Run(context.Context, time.Time) error          { i.runs++; return nil }

func TestATaskThatMakesNoProgressIsToldAndLeft(t *testing.T) {
	_, task, runner := start(t)
	lazy := &idle{}
	good := task("good", time.Duration(0))
	err := runner(lazy, good).RunDue(t.Context())
	if err == nil || !strings.Contains(err.Error(), "still due") || lazy.runs != 1 {
		t.Errorf("after %d runs: %v", lazy.runs, err)
	}
	if len(good.at) != 0 {
		t.Error("the other task did not get its turn")
	}
}

func TestWindingsAddUp(t *testing.T) {
	d, _, runner := start(t)
	r := runner()
	errs := make(chan error)
	for range 10 {
		go func() { errs <- d.wind(t.Context(), r, 1) }()
	}
	for range 10 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := d.clock.Now().Sub(noon); got != 10*time.Hour {
		t.Errorf("ten hours came out as %s", got)
	}
}

func TestWindingStopsWithItsContext(t *testing.T) {
	d, _, runner := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.wind(ctx, runner(), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a winding that was given up said %v", err)
	}
}

// echo is a follower that repeats, an hour later, each thing that a task did.
type echo struct {
	diary *diary
	read  int
	due   []time.Time
}

func (e *echo) Next(context.Context) (time.Time, bool, error) {
	if len(e.due) == 0 {
		return time.Time{}, false, nil
	}
	return e.due[0], true, nil
}

func (e *echo) Settle(context.Context) error {
	now := e.diary.clock.Now()
	for ; e.read < len(e.diary.lines); e.read++ {
		if !strings.HasPrefix(e.diary.lines[e.read], "echo") {
			e.due = append(e.due, now.Add(time.Hour))
		}
	}
	for len(e.due) > 0 && !e.due[0].After(now) {
		e.due = e.due[1:]
		e.diary.lines = append(e.diary.lines, fmt.Sprintf("echo after %s", now.Sub(noon)))
	}
	return nil
}

func TestWindWaitsForFollowers(t *testing.T) {
	d, task, runner := start(t)
	r := runner(task("carts", 30*time.Minute, 2*time.Hour))
	r.Follow(&echo{diary: d})
	if err := d.wind(t.Context(), r, 3); err != nil {
		t.Fatal(err)
	}
	d.want(t, "carts after 30m0s", "echo after 1h30m0s", "carts after 2h0m0s", "echo after 3h0m0s")
}
