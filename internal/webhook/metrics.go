package webhook

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cartwright/internal/hook"
)

// Metrics counts deliveries by what became of them.
type Metrics struct {
	deliveries *prometheus.CounterVec
	seconds    prometheus.Histogram
}

// NewMetrics registers the metrics of deliveries.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cartwright_webhook_deliveries_total",
			Help: "Webhook deliveries by result: delivered, retrying, failed (every attempt did), dropped (no active hook), put off (receiver blocked).",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cartwright_webhook_attempt_seconds", Help: "How long receivers of webhooks took.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	reg.MustRegister(m.deliveries, m.seconds)
	return m
}

func (m *Metrics) attempt(s hook.State, took time.Duration) {
	if m != nil {
		m.seconds.Observe(took.Seconds())
		m.deliveries.WithLabelValues(string(s)).Inc()
	}
}

func (m *Metrics) count(result string, n int64) {
	if m != nil && n > 0 {
		m.deliveries.WithLabelValues(result).Add(float64(n))
	}
}
