package webhook

import (
	"fmt"
	"strings"
	"testing"

	"cartwright/internal/hook"
)

func TestChoose(t *testing.T) {
	due := func(list string) (out []hook.Delivery) {
		for i, subject := range strings.Fields(list) {
			state := hook.Waiting
			if strings.HasPrefix(subject, "!") {
				state = hook.Retrying
			}
			out = append(out, hook.Delivery{Store: "s", HookID: 1, ID: int64(i + 1), Subject: strings.TrimPrefix(subject, "!"), State: state})
		}
		return out
	}
	tests := map[string]struct {
		due  string
		runs []int64 // which of them run already
		n    int
		want string
	}{
		"the first of each cart":             {"a a b a c", nil, 9, "[1 3 5]"},
		"as many as there is room for":       {"a b c", nil, 2, "[1 2]"},
		"a cart whose first event runs":      {"a a b", []int64{1}, 9, "[3]"},
		"none overtakes for lack of room":    {"a a", nil, 0, "[]"},
		"repetitions wait for nobody":        {"!a !a !b", nil, 9, "[1 2 3]"},
		"a repetition that runs":             {"!a !a", []int64{1}, 9, "[2]"},
		"a repetition holds up no new event": {"!a a", []int64{1}, 9, "[2]"},
	}
	for name, tc := range tests {
		air := newTraffic()
		all := due(tc.due)
		for _, id := range tc.runs {
			air.start(flightOf(&all[id-1], "o"))
		}
		got := []int64{}
		for _, d := range air.choose(all, tc.n) {
			got = append(got, d.ID)
		}
		if fmt.Sprint(got) != tc.want {
			t.Errorf("%s: %v, want %s", name, got, tc.want)
		}
	}
}

func TestRoom(t *testing.T) {
	air := newTraffic()
	d := func(id, hookID int64, state hook.State) flight {
		return flightOf(&hook.Delivery{Store: "s", Client: "c", HookID: hookID, ID: id, Subject: fmt.Sprint(id), State: state}, "https://a.example")
	}
	first := d(0, 1, hook.Waiting)
	for i := range int64(firstPerHook) {
		if air.room(first.hook, first.receiver) <= 0 {
			t.Fatalf("no room for %d", i)
		}
		air.start(d(i, 1, hook.Waiting))
	}
	if n := air.room(first.hook, first.receiver); n > 0 {
		t.Errorf("room for %d more first attempts", n)
	}
	if n := air.room(d(0, 1, hook.Retrying).hook, first.receiver); n != retriesPerHook {
		t.Errorf("room for %d repetitions", n)
	}
	if n := air.room(d(0, 2, hook.Waiting).hook, first.receiver); n != firstPerHook {
		t.Errorf("room for %d of another hook", n)
	}
	for i := range int64(firstPerHook) {
		air.start(d(100+i, 2, hook.Waiting))
	}
	if n := air.room(d(0, 3, hook.Waiting).hook, first.receiver); n > 0 {
		t.Errorf("room for %d more at a receiver that has its share", n)
	}
	for i := range int64(firstPerHook) {
		air.end(d(i, 1, hook.Waiting))
		air.end(d(100+i, 2, hook.Waiting))
	}
	if len(air.deliveries)+len(air.lines)+len(air.hooks)+len(air.receivers) != 0 {
		t.Errorf("something is left: %+v", air)
	}
}
