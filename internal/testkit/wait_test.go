package testkit

import (
	"testing"
	"time"
)

// verdict is a test that notes whether it failed.
type verdict struct {
	testing.TB

	failed bool
}

func (v *verdict) Helper() {}

func (v *verdict) Errorf(string, ...any) { v.failed = true }

func TestWithin(t *testing.T) {
	quick := &verdict{TB: t}
	Within(quick, time.Minute, "nothing", func() {})
	if quick.failed {
		t.Error("what is quick fails")
	}
	slow := &verdict{TB: t}
	for try := 0; try < 100 && !slow.failed; try++ { // until the machine keeps up for a moment
		Within(slow, 10*time.Millisecond, "a nap", func() { time.Sleep(50 * time.Millisecond) })
	}
	if !slow.failed {
		t.Error("what is slow never fails")
	}
}
