package httpapi

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// limiter counts the requests of each store in windows of fixed length, as the
// vendor does (spec/00 §3). A nil limiter lets everything pass and sends no
// headers.
type limiter struct {
	quota   int
	clock   clock.Clock
	mu      sync.Mutex
	windows map[string]*window
}

type window struct {
	ends time.Time
	left int
}

func newLimiter(quota int, c clock.Clock) *limiter {
	if quota <= 0 {
		return nil
	}
	return &limiter{quota: quota, clock: c, windows: map[string]*window{}}
}

// take counts one request and writes the four headers; beyond the quota it
// returns a TooMany fault.
func (l *limiter) take(w http.ResponseWriter, store string) error {
	if l == nil {
		return nil
	}
	now := l.clock.Now()
	l.mu.Lock()
	win := l.windows[store]
	if win == nil || !now.Before(win.ends) {
		win = &window{ends: now.Add(QuotaWindow), left: l.quota}
		l.windows[store] = win
	}
	win.left--
	left, reset := win.left, win.ends.Sub(now)
	l.mu.Unlock()

	h := w.Header()
	h.Set("X-Rate-Limit-Time-Window-Ms", strconv.FormatInt(QuotaWindow.Milliseconds(), 10))
	h.Set("X-Rate-Limit-Time-Reset-Ms", strconv.FormatInt(reset.Milliseconds(), 10))
	h.Set("X-Rate-Limit-Requests-Quota", strconv.Itoa(l.quota))
	h.Set("X-Rate-Limit-Requests-Left", strconv.Itoa(max(left, 0)))
	if left >= 0 {
		return nil
	}
	h.Set("X-Retry-After", strconv.FormatInt(int64(reset/time.Second)+1, 10))
	return fault.New(fault.TooMany, "Too many requests")
}
