// Package clock tells the time, and is the only place that asks the machine.
//
// Rules take now as an argument. In sandbox mode the clock runs ahead of real
// time by an offset that can only grow, so that an hour of waiting takes none.
// A history that is to be lived begins with an offset behind real time.
package clock

import (
	"sync/atomic"
	"time"
)

// Clock tells the time that the shop lives in, in UTC.
type Clock interface {
	Now() time.Time
}

// Real is the machine's clock.
type Real struct{}

// Now returns the machine's time.
func (Real) Now() time.Time { return time.Now().UTC() }

// Wound is the machine's clock plus an offset. The zero value has no offset.
// It is safe for use by many goroutines.
type Wound struct {
	machine Clock // nil is Real
	offset  atomic.Int64
}

// Ahead returns a Wound that takes another clock for the machine's, without an
// offset. With a Fixed one nothing but windings moves it.
func Ahead(machine Clock) *Wound { return &Wound{machine: machine} }

// Now returns the machine's time plus the offset.
func (w *Wound) Now() time.Time {
	machine := w.machine
	if machine == nil {
		machine = Real{}
	}
	return machine.Now().Add(time.Duration(w.offset.Load()))
}

// Offset returns how far the clock runs ahead of the machine; it is negative
// while it is behind.
func (w *Wound) Offset() time.Duration { return time.Duration(w.offset.Load()) }

// Begin sets where the clock starts, which may be behind the machine. It must be
// called before anybody reads the clock.
func (w *Wound) Begin(d time.Duration) { w.offset.Store(int64(d)) }

// SetOffset moves the clock ahead to this offset. A smaller offset than the
// present one is ignored: the clock never goes back (decisions 24).
func (w *Wound) SetOffset(d time.Duration) {
	for {
		old := w.offset.Load()
		if int64(d) <= old || w.offset.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}

// Fixed is a clock for tests that moves only when it is told to.
type Fixed struct{ at atomic.Int64 }

// At returns a Fixed clock that stands at t.
func At(t time.Time) *Fixed {
	f := &Fixed{}
	f.at.Store(t.UnixNano())
	return f
}

// Now returns the time the clock stands at.
func (f *Fixed) Now() time.Time { return time.Unix(0, f.at.Load()).UTC() }

// Advance moves the clock ahead.
func (f *Fixed) Advance(d time.Duration) { f.at.Add(int64(d)) }
