package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// floor has carts that are due, by store, and one server at a time for each.
type floor struct {
	mu     sync.Mutex
	due    map[string]int
	holder map[string]string
	asked  int    // for the lease of a store
	broken string // a store that cannot be read
	torn   string // a store of whose carts some cannot be read
	lines  []string
}

func (f *floor) note(format string, args ...any) {
	f.lines = append(f.lines, fmt.Sprintf(format, args...))
}

func (f *floor) NextDueCart(context.Context) (time.Time, bool, error) {
	return noon, len(f.due) > 0, nil
}

func (f *floor) StoresWithDueCarts(context.Context, time.Time) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var stores []string
	for store, n := range f.due {
		if n > 0 {
			stores = append(stores, store)
		}
	}
	slices.Sort(stores)
	return stores, nil
}

func (f *floor) BringCartsForward(_ context.Context, store string, _ time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("%s forward", store)
	return nil
}

func (f *floor) ScanCarts(_ context.Context, store string, _ time.Time) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if store == f.broken {
		return 0, errors.New("broken")
	}
	seen := min(f.due[store], 200)
	f.due[store] -= seen
	f.note("%s %d", store, seen)
	if store == f.torn && seen == 200 {
		return seen, errors.New("torn")
	}
	return seen, nil
}

func (f *floor) Lease(_ context.Context, store, work, holder string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if have := f.holder[store]; work != scanWork || have != "" && have != holder {
		return false, nil
	}
	f.holder[store] = holder
	return true, nil
}

func (f *floor) FreeLease(_ context.Context, store, _, holder string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.holder[store] == holder {
		delete(f.holder, store)
	}
	return nil
}

func TestScanGoesThroughTheStores(t *testing.T) {
	f := &floor{due: map[string]int{"a": 450, "b": 1, "c": 0, "d": 3}, holder: map[string]string{}, broken: "b", torn: "a"}
	err := Scan(f).Run(t.Context(), noon)
	if err == nil || err.Error() != "torn\ntorn\nbroken" {
		t.Errorf("the failures of one store, and of carts of another: %v", err)
	}
	want := []string{"a forward", "a 200", "a 200", "a 50", "a 0", "b forward", "d forward", "d 3", "d 0"}
	if !slices.Equal(f.lines, want) {
		t.Errorf("it did %q", f.lines)
	}
	if len(f.holder) != 0 {
		t.Errorf("leases are left: %v", f.holder)
	}
}

// A store that another server scans is waited for, so that a winding answers
// when its carts have been found, by whomever; it is scanned when that one stops.
func TestScanWaitsForAnotherServer(t *testing.T) {
	for name, tc := range map[string]struct {
		other func(f *floor)
		want  []string
	}{
		"it finds them all": {func(f *floor) { f.due["a"] = 0 }, nil},
		"it stops":          {func(f *floor) { delete(f.holder, "a") }, []string{"a forward", "a 1", "a 0"}},
	} {
		f := &floor{due: map[string]int{"a": 1}, holder: map[string]string{"a": "other"}}
		done := make(chan error)
		go func() { done <- Scan(f).Run(t.Context(), noon) }()
		for waiting := true; waiting; time.Sleep(time.Millisecond) {
			select {
			case err := <-done:
				t.Fatalf("%s: it did not wait: %v", name, err)
			default:
			}
			f.mu.Lock()
			if waiting = f.asked < 3; !waiting { // it has waited, and looked again
				tc.other(f)
			}
			f.mu.Unlock()
		}
		if err := <-done; err != nil || !slices.Equal(f.lines, tc.want) {
			t.Errorf("%s: %q, %v", name, f.lines, err)
		}
	}
	f := &floor{due: map[string]int{"a": 1}, holder: map[string]string{"a": "other"}}
	ctx, cancel := context.WithTimeout(t.Context(), scanPoll)
	defer cancel()
	if err := Scan(f).Run(ctx, noon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a scan that is given up says %v", err)
	}
}
