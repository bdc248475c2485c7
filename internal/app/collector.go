package app

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"cartwright/internal/clock"
)

// The garbage collector runs whenever what was allocated since is as much as
// what lives. A server with little in memory that answers thousands of requests
// a second then collects twenty times a second, and a tenth of its time goes
// there. While it is that busy it may leave more lying about, up to
// spareGarbage; a large heap, and one at rest, is collected as usual.
const (
	spareGarbage = 48 << 20
	usualPercent = 100
	mostPercent  = 1000
	busyWithin   = time.Second // between two collections of a busy server
)

// paceCollector sets the pace until ctx is done. Whoever has set GOGC knows
// better. It follows each collection and not a clock: within a second what lives
// may grow fourfold, and with it what a percentage of it allows.
func paceCollector(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	collected := make(chan struct{}, 1)
	afterEachCollection(ctx, func() {
		select {
		case collected <- struct{}{}:
		default:
		}
	})
	defer debug.SetGCPercent(usualPercent)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	last, now := clock.Real{}.Now(), usualPercent
	for {
		select {
		case <-ctx.Done():
			return
		case <-collected:
		}
		metrics.Read(live)
		before := last
		last = clock.Real{}.Now()
		if next := collectorPercent(live[0].Value.Uint64(), last.Sub(before)); next != now {
			now = next
			debug.SetGCPercent(now)
		}
	}
}

// collectorPercent is how much may be allocated before the next collection, in
// percent of what lives, a time after the one before the last.
func collectorPercent(live uint64, since time.Duration) int {
	const step = 50 // changing the percentage stops everybody for a moment
	if since > busyWithin {
		return usualPercent
	}
	percent := int(spareGarbage * 100 / max(live, 1))
	return min(max(percent/step*step, usualPercent), mostPercent)
}

// afterEachCollection calls f after each run of the garbage collector until ctx
// is done: an object that nobody holds is found by each of them.
func afterEachCollection(ctx context.Context, f func()) {
	type sentinel struct{ of *byte }
	var found func(*sentinel)
	found = func(s *sentinel) {
		if ctx.Err() == nil {
			f()
			runtime.SetFinalizer(s, found)
		}
	}
	runtime.SetFinalizer(&sentinel{new(byte)}, found)
}
