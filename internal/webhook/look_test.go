package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/hook"
)

// interrupted is a database that is away for the first times it is asked to keep
// something.
type interrupted struct {
	Storage

	away    int
	settled int
	blocks  []hook.Block
}

func (s *interrupted) outage() error {
	if s.away == 0 {
		return nil
	}
	s.away--
	return &fault.Outage{Title: "away"}
}

func (s *interrupted) SettleDelivery(context.Context, hook.Delivery, *hook.Hook, time.Time) (hook.Settled, error) {
	err := s.outage()
	if err == nil {
		s.settled++
	}
	return hook.Settled{}, err
}

func (s *interrupted) BlockOrigin(_ context.Context, b hook.Block, _ *hook.Hook, _ time.Time) error {
	err := s.outage()
	if err == nil {
		s.blocks = append(s.blocks, b)
	}
	return err
}

// An attempt counts once for its receiver, however often the database has to be
// asked to keep what came of it, and a block that was decided is kept.
func TestAnAttemptCountsOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer server.Close()
	storage := &interrupted{}
	d := New(Config{Storage: storage, Policy: hook.Policy{Anywhere: true}, Clock: clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)), Log: slog.New(slog.DiscardHandler)})
	to := receiverKey{store: "a", origin: server.URL}
	attempt := func(away int) {
		t.Helper()
		storage.away = away
		err := d.deliver(hook.Receiver{Hook: &hook.Hook{Store: "a", ID: 1, Destination: server.URL}}, hook.Delivery{Store: "a", ID: 1}, to)
		if err != nil {
			t.Fatal(err)
		}
	}
	before := &hook.Window{}
	for range 98 { // the 100th blocks
		before.Add(d.Clock.Now(), "HTTP 500")
	}
	d.windows[to] = before
	attempt(2)
	if len(storage.blocks) > 0 || storage.settled != 1 {
		t.Errorf("after 99 failures: %d blocks, %d settled", len(storage.blocks), storage.settled)
	}
	attempt(1)
	if len(storage.blocks) != 1 || storage.settled != 2 {
		t.Errorf("after 100 failures: %d blocks, %d settled", len(storage.blocks), storage.settled)
	}
}
