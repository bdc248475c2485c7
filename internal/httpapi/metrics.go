package httpapi

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts requests by route and status.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewMetrics registers the API's metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cartwright_api_requests_total", Help: "Requests of the management API by route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cartwright_api_request_seconds", Help: "How long requests of the management API took.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
	}
	reg.MustRegister(m.requests, m.seconds)
	return m
}

// route returns what counts the requests of one route.
func (m *Metrics) route(rt route) func(status int, took time.Duration) {
	if m == nil {
		return func(int, time.Duration) {}
	}
	seconds := m.seconds.WithLabelValues(rt.method, rt.pattern)
	requests := m.requests.MustCurryWith(prometheus.Labels{"method": rt.method, "route": rt.pattern})
	var counters [600]atomic.Pointer[prometheus.Counter] // by status: looking a label up costs more than counting
	return func(status int, took time.Duration) {
		seconds.Observe(took.Seconds())
		if status < 0 || status >= len(counters) {
			return
		}
		counter := counters[status].Load()
		if counter == nil {
			c := requests.WithLabelValues(strconv.Itoa(status))
			counter = &c
			counters[status].Store(counter)
		}
		(*counter).Inc()
	}
}
