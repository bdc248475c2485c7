package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// TestQuota is spec/00 §3.
func TestQuota(t *testing.T) {
	now := clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	l := newLimiter(2, now)
	take := func(store string) (http.Header, error) {
		w := httptest.NewRecorder()
		err := l.take(w, store)
		return w.Header(), err
	}
	for i, left := range []string{"1", "0"} {
		h, err := take("a")
		if err != nil || h.Get("X-Rate-Limit-Requests-Left") != left || h.Get("X-Rate-Limit-Requests-Quota") != "2" ||
			h.Get("X-Rate-Limit-Time-Window-Ms") != "30000" || h.Get("X-Rate-Limit-Time-Reset-Ms") != "30000" {
			t.Errorf("request %d: %v, %v", i, h, err)
		}
	}
	now.Advance(2680 * time.Millisecond)
	h, err := take("a")
	if !fault.Is(err, fault.TooMany) || h.Get("X-Rate-Limit-Time-Reset-Ms") != "27320" || h.Get("X-Retry-After") != "28" || h.Get("X-Rate-Limit-Requests-Left") != "0" {
		t.Errorf("beyond the quota: %v, %v", h, err)
	}
	if _, err := take("b"); err != nil {
		t.Errorf("another store: %v", err)
	}
	now.Advance(QuotaWindow)
	if _, err := take("a"); err != nil {
		t.Errorf("the next window: %v", err)
	}
	var off *limiter
	w := httptest.NewRecorder()
	if err := off.take(w, "a"); err != nil || len(w.Header()) != 0 {
		t.Errorf("switched off: %v, %v", w.Header(), err)
	}
}
