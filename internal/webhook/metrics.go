package webhook

import (
	"time"

	"cartwright/internal/hook"
	"cartwright/internal/metric"
)

// Metrics counts deliveries by what became of them.
type Metrics struct {
	deliveries *metric.Counter
	seconds    *metric.Observed
}

// NewMetrics registers the metrics of deliveries.
func NewMetrics(reg *metric.Registry) *Metrics {
	return &Metrics{
		deliveries: reg.Counter("cartwright_webhook_deliveries_total",
			"Webhook deliveries by result: delivered, retrying, failed (every attempt did), dropped (no active hook), put off (receiver blocked).", "result"),
		seconds: reg.Histogram("cartwright_webhook_attempt_seconds", "How long receivers of webhooks took.",
			[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}).With(),
	}
}

func (m *Metrics) attempt(s hook.State, took time.Duration) {
	if m != nil {
		m.seconds.Observe(took.Seconds())
		m.deliveries.With(string(s)).Add(1)
	}
}

func (m *Metrics) count(result string, n int64) {
	if m != nil && n > 0 {
		m.deliveries.With(result).Add(uint64(n))
	}
}
