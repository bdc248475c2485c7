package webhook

import (
	"fmt"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"cartwright/internal/hook"
)

// Metrics counts deliveries by what became of them: delivered, retrying,
// failed (every attempt did), dropped (no active hook), put off (receiver
// blocked).
type Metrics struct {
	set     *metrics.Set
	seconds *metrics.PrometheusHistogram // how long receivers took
}

// NewMetrics registers the metrics of deliveries.
func NewMetrics(set *metrics.Set) *Metrics {
	return &Metrics{set, set.NewPrometheusHistogramExt("cartwright_webhook_attempt_seconds",
		[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10})}
}

func (m *Metrics) attempt(s hook.State, took time.Duration) {
	if m != nil {
		m.seconds.Update(took.Seconds())
		m.count(string(s), 1)
	}
}

func (m *Metrics) count(result string, n int64) {
	if m != nil && n > 0 {
		m.set.GetOrCreateCounter(fmt.Sprintf(`cartwright_webhook_deliveries_total{result=%q}`, result)).Add(int(n))
	}
}
