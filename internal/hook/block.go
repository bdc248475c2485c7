package hook

import (
	"cmp"
	"slices"
	"time"
)

// The rule about receivers that fail too often (spec/04 §3).
const (
	blockWindow  = 2 * time.Minute
	blockMinimum = 100 // requests in the window before a ratio means anything
	blockPercent = 90  // of them must succeed
	// BlockTime is for how long a receiver is left alone.
	BlockTime = 3 * time.Minute
)

// Block says that nothing is sent to an origin for a while. It concerns one
// client of one store.
type Block struct {
	Store   string
	Client  string
	Origin  string // https://hooks.example.com
	Until   time.Time
	Reasons []Reason
}

// Reason is one kind of failure that led to a block.
type Reason struct {
	Description string    `json:"failure_description"`
	Count       int       `json:"count"`
	At          time.Time `json:"at"` // the last of them
}

// Window counts how requests to one origin for one client went lately. The
// zero value is empty. It is not safe for use by many goroutines.
type Window struct{ seconds []tally }

// tally counts the requests of one second.
type tally struct {
	at       time.Time
	ok       int
	failures map[string]int
}

// Add counts a request that ended at now; failure is "" for one that was
// taken. It returns why the receiver is to be blocked, or nil. A window that
// led to a block is empty again.
func (w *Window) Add(now time.Time, failure string) []Reason {
	second := now.Truncate(time.Second)
	w.seconds = slices.DeleteFunc(w.seconds, func(t tally) bool { return now.Sub(t.at) >= blockWindow })
	i := slices.IndexFunc(w.seconds, func(t tally) bool { return t.at.Equal(second) })
	if i < 0 {
		i = len(w.seconds)
		w.seconds = append(w.seconds, tally{at: second, failures: map[string]int{}})
	}
	if failure == "" {
		w.seconds[i].ok++
	} else {
		w.seconds[i].failures[failure]++
	}
	if !w.tooMany() {
		return nil
	}
	reasons := w.reasons()
	w.seconds = nil
	return reasons
}

func (w *Window) tooMany() bool {
	ok, all := 0, 0
	for _, t := range w.seconds {
		ok += t.ok
		all += t.ok
		for _, n := range t.failures {
			all += n
		}
	}
	return all >= blockMinimum && ok*100 < all*blockPercent
}

// reasons lists the kinds of failure in the window, the most frequent first.
func (w *Window) reasons() []Reason {
	byKind := map[string]Reason{}
	for _, t := range w.seconds {
		for kind, n := range t.failures {
			r := byKind[kind]
			r.Description, r.Count = kind, r.Count+n
			if t.at.After(r.At) {
				r.At = t.at
			}
			byKind[kind] = r
		}
	}
	var out []Reason
	for _, r := range byKind {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Reason) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Description, b.Description)) })
	return out
}
