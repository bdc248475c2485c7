package testkit

import (
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
// is busy or stands still takes longer for everything: by as much as somebody
// who sleeps meanwhile is woken late, it may take longer.
func Within(t testing.TB, d time.Duration, what string, do func()) {
	t.Helper()
	done, late := make(chan struct{}), make(chan time.Duration)
	go func() { late <- oversleep(done) }()
	began := time.Now()
	do()
	took := time.Since(began)
	close(done)
	if behind := <-late; took > d+behind {
		t.Errorf("%s took %s, on a machine that was %s late", what, took, behind)
	}
}

// oversleep sleeps for a few milliseconds again and again until done is closed,
// and returns by how much longer it slept altogether.
func oversleep(done <-chan struct{}) (late time.Duration) {
	const nap = 5 * time.Millisecond
	for {
		select {
		case <-done:
			return late
		default:
		}
		begun := time.Now()
		time.Sleep(nap)
		late += time.Since(begun) - nap
	}
}
