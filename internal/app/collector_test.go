package app

import (
	"context"
	"runtime"
	"testing"
	"time"
)

func TestCollectorPercent(t *testing.T) {
	tests := map[string]struct {
		live  uint64
		since time.Duration
		want  int
	}{
		"a small heap at rest":         {6 << 20, time.Minute, 100},
		"a small heap, busy":           {6 << 20, 50 * time.Millisecond, 800},
		"nearly nothing lives":         {1 << 20, time.Millisecond, 1000},
		"nothing lives":                {0, time.Millisecond, 1000},
		"half of what may lie about":   {24 << 20, time.Millisecond, 200},
		"as much as may lie about":     {48 << 20, time.Millisecond, 100},
		"more lives than may be spare": {500 << 20, time.Millisecond, 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := collectorPercent(tt.live, tt.since); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAfterEachCollection(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found := make(chan struct{}, 100)
	afterEachCollection(ctx, func() { found <- struct{}{} })
	for range 3 {
		runtime.GC()
		select {
		case <-found:
		case <-time.After(time.Minute):
			t.Fatal("a collection was not noticed")
		}
	}
}
