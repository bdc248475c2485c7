package httpapi

import (
	"strconv"
	"sync/atomic"
	"time"

	"cartwright/internal/metric"
)

// Metrics counts requests by route and status.
type Metrics struct {
	requests *metric.Counter
	seconds  *metric.Histogram
}

// NewMetrics registers the API's metrics.
func NewMetrics(reg *metric.Registry) *Metrics {
	return &Metrics{
		requests: reg.Counter("cartwright_api_requests_total", "Requests of the management API by route and status.", "method", "route", "status"),
		seconds: reg.Histogram("cartwright_api_request_seconds", "How long requests of the management API took.",
			[]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, "method", "route"),
	}
}

// route returns what counts the requests of one route.
func (m *Metrics) route(rt route) func(status int, took time.Duration) {
	if m == nil {
		return func(int, time.Duration) {}
	}
	seconds := m.seconds.With(rt.method, rt.pattern)
	var counters [600]atomic.Pointer[metric.Count] // by status: looking a label up costs more than counting
	return func(status int, took time.Duration) {
		seconds.Observe(took.Seconds())
		if status < 0 || status >= len(counters) {
			return
		}
		counter := counters[status].Load()
		if counter == nil {
			counter = m.requests.With(rt.method, rt.pattern, strconv.Itoa(status))
			counters[status].Store(counter)
		}
		counter.Add(1)
	}
}
