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
