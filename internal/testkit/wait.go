package testkit

import (
	"sync"
	"testing"
	"time"
)

// Eventually waits until something holds, and fails the test when it does not
// within a minute: so long only a failure takes, even on a slow machine.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	const patience, look = time.Minute, 5 * time.Millisecond
	for begun := time.Now(); !holds(); time.Sleep(look) {
		if time.Since(begun) > patience {
			t.Fatalf("it does not come about that %s", what)
		}
	}
}

// Within fails a test when something takes longer than it should. A machine that
// is busy or stands still takes longer for everything: by as much as it is
// late, it may take longer.
func Within(t testing.TB, d time.Duration, what string, do func()) {
	t.Helper()
	behind := Late()
	defer behind() // also when do ends the test
	began := time.Now()
	do()
	took := time.Since(began)
	if late := behind(); took > d+late {
		t.Errorf("%s took %s, on a machine that was %s late", what, took, late)
	}
}

// Late begins to measure how late the machine is, and returns what ends that: by
// how much longer somebody has slept who sleeps for a few milliseconds again and
// again.
func Late() (stop func() time.Duration) {
	const nap = 5 * time.Millisecond
	done, sum := make(chan struct{}), make(chan time.Duration)
	go func() {
		var late time.Duration
		for {
			select {
			case <-done:
				sum <- late
				return
			default:
			}
			begun := time.Now()
			time.Sleep(nap)
			late += time.Since(begun) - nap
		}
	}()
	return sync.OnceValue(func() time.Duration {
		close(done)
		return <-sum
	})
}
