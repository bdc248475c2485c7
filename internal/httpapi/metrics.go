package httpapi

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics counts requests by route and status, and how long they took.
type Metrics struct{ set *metrics.Set }

// NewMetrics returns what counts the API's requests.
func NewMetrics(set *metrics.Set) *Metrics { return &Metrics{set} }

var requestSeconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// route returns what counts the requests of one route.
func (m *Metrics) route(rt route) func(status int, took time.Duration) {
	if m == nil {
		return func(int, time.Duration) {}
	}
	labels := fmt.Sprintf(`method=%q,route=%q`, rt.method, rt.pattern)
	seconds := m.set.GetOrCreatePrometheusHistogramExt(`cartwright_api_request_seconds{`+labels+`}`, requestSeconds)
	var counters [600]atomic.Pointer[metrics.Counter] // by status: looking a name up costs more than counting
	return func(status int, took time.Duration) {
		seconds.Update(took.Seconds())
		if status < 0 || status >= len(counters) {
			return
		}
		counter := counters[status].Load()
		if counter == nil {
			counter = m.set.GetOrCreateCounter(fmt.Sprintf(`cartwright_api_requests_total{%s,status="%d"}`, labels, status))
			counters[status].Store(counter)
		}
		counter.Inc()
	}
}
