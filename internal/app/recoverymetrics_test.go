package app

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRecoveryMetrics: a cart that was left and paid is counted, and what waits
// is seen.
func TestRecoveryMetrics(t *testing.T) {
	s := newTill(t)
	at, e := s.leave(s.stocked("Lamp", 5))
	s.mailed(at, e, 1, true)
	s.write(`UPDATE episodes SET next_at = $1`, s.app.Clock.Now().Add(-90*time.Second).UnixMilli())
	waits := s.metrics()
	lag := 0.0
	for line := range strings.SplitSeq(waits, "\n") {
		_, _ = fmt.Sscanf(line, "cartwright_recovery_lag_seconds %g", &lag)
	}
	if lag < 89 || lag > 120 {
		t.Errorf("the oldest waits for %v seconds", lag)
	}
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", s.order(at)), `{"status_id":11}`, 200, nil})
	got := s.metrics()
	for _, line := range []string{
		"cartwright_recovery_carts_abandoned_total 1", `cartwright_recovery_carts_recovered_total{how="converted"} 1`,
		"cartwright_recovery_carts_converted_total 1", `cartwright_recovery_orders_total{attribution="clicked"} 1`,
		"cartwright_recovery_clicks_total 0", "cartwright_recovery_carts_gone_total 0",
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("want %s in %s", line, got)
		}
	}
}

func (s *till) metrics() string {
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, httptest.NewRequestWithContext(s.Context(), "GET", "/metrics", nil))
	return w.Body.String()
}
