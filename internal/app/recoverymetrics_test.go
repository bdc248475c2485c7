package app

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cartwright/internal/testkit"
)

// TestRecoveryMetrics: a cart that was left and paid is counted, and what waits
// is seen.
func TestRecoveryMetrics(t *testing.T) {
	s := newTill(t)
	at, e := s.leave(s.stocked("Lamp", 5))
	s.mailed(at, e, 1, true)
	begin := time.Now()
	s.write(`UPDATE episodes SET next_at = $1`, s.app.Clock.Now().Add(-90*time.Second).UnixMilli())
	lag := 0.0
	testkit.Eventually(t, "the database is asked in time how long mails wait", func() bool {
		for line := range strings.SplitSeq(s.metrics(), "\n") {
			_, _ = fmt.Sscanf(line, "cartwright_recovery_lag_seconds %g", &lag)
		}
		return lag > 0
	})
	if most := 91 + time.Since(begin).Seconds(); lag < 89 || lag > most {
		t.Errorf("the oldest waits for %v seconds, at most %v are over", lag, most)
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
