package recovery

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"cartwright/internal/clock"
)

// quietStorage has no episodes.
type quietStorage struct{ EngineStorage }

func (quietStorage) FreeLeases(context.Context, string) error                     { return nil }
func (quietStorage) InterruptSteps(context.Context, time.Time) error              { return nil }
func (quietStorage) PendingEpisodes(context.Context, time.Time) ([]string, error) { return nil, nil }
func (quietStorage) NextEpisode(context.Context) (at time.Time, ok bool, err error) {
	return at, false, nil
}

// mailbag has mails for merchants, each of which is due at once.
type mailbag struct {
	mu      sync.Mutex
	parcels int
	ended   []error
	broken  error
}

func (b *mailbag) Next(context.Context) (time.Time, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return left, b.parcels > 0, nil
}

func (b *mailbag) Take(context.Context, time.Time) (*Parcel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.parcels == 0 {
		return nil, nil
	}
	b.parcels--
	return &Parcel{Done: func(_ context.Context, _ time.Time, err error) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.ended = append(b.ended, err)
		return b.broken
	}}, nil
}

// postman takes a moment for each mail, and notes how many are under way.
type postman struct {
	together chan struct{} // closed when as many are under way as may be; nil waits for none

	mu           sync.Mutex
	flying, most int
	says         error
}

func (p *postman) Connections() int { return 3 }

func (p *postman) Deliver(context.Context, Mail) error {
	p.mu.Lock()
	p.flying++
	p.most = max(p.most, p.flying)
	if p.together != nil && p.flying == p.Connections() {
		close(p.together)
		p.together = nil
	}
	together := p.together
	p.mu.Unlock()
	if together != nil {
		select {
		case <-together:
		case <-time.After(30 * time.Second):
		}
	}
	time.Sleep(20 * time.Millisecond) // more than may would meet
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying--
	return p.says
}

func newQuietEngine(t *testing.T, b *mailbag, p *postman) *Engine {
	t.Helper()
	e := NewEngine(EngineConfig{Storage: quietStorage{}, Mailer: p, Couriers: []Courier{b}, Clock: clock.At(left), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e
}

// A clock that is wound waits for the mails of couriers, of which no more are
// under way at a time than the mailer has connections.
func TestSettleWaitsForCouriers(t *testing.T) {
	b, p := &mailbag{parcels: 10}, &postman{together: make(chan struct{}), says: ErrRefused}
	e := newQuietEngine(t, b, p)
	if at, ok, err := e.Next(t.Context()); !at.Equal(left) || !ok || err != nil {
		t.Errorf("next is %s, %v, %v", at, ok, err)
	}
	if err := e.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.ended) != 10 || p.most != p.Connections() {
		t.Errorf("%d mails, %d at a time", len(b.ended), p.most)
	}
	for _, err := range b.ended {
		if !errors.Is(err, ErrRefused) {
			t.Errorf("was told %v", err)
		}
	}
}

func TestSettleTellsWhatFailed(t *testing.T) {
	broken := errors.New("broken")
	e := newQuietEngine(t, &mailbag{parcels: 1, broken: broken}, &postman{})
	if err := e.Settle(t.Context()); !errors.Is(err, broken) {
		t.Errorf("said %v", err)
	}
	if err := e.Settle(t.Context()); err != nil {
		t.Errorf("and again: %v", err)
	}
}

// late has something fail in the moment in which it is asked for what is left.
type late struct {
	quietStorage

	fail func()
}

func (l *late) PendingEpisodes(context.Context, time.Time) ([]string, error) {
	l.fail()
	return nil, nil
}

func TestSettleTellsWhatFailedMeanwhile(t *testing.T) {
	broken, l := errors.New("broken"), &late{}
	e := NewEngine(EngineConfig{Storage: l, Mailer: &postman{}, Clock: clock.At(left), Log: slog.New(slog.DiscardHandler)})
	l.fail = func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.failed = broken
	}
	if what, err := e.pending(t.Context()); what == "" || !errors.Is(err, broken) {
		t.Errorf("pending is %q, %v", what, err)
	}
}

// An engine that is closed takes nothing up, and one without a mailer does
// nothing at all.
func TestEnginesThatDoNothing(t *testing.T) {
	b := &mailbag{parcels: 1}
	e := newQuietEngine(t, b, &postman{})
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.look(t.Context()); err != nil || b.parcels != 1 {
		t.Errorf("%d parcels are left, %v", b.parcels, err)
	}
	none := NewEngine(EngineConfig{Storage: quietStorage{}, Couriers: []Courier{b}, Clock: clock.At(left), Log: slog.New(slog.DiscardHandler)})
	none.Run(t.Context())
	if at, ok, err := none.Next(t.Context()); ok || err != nil {
		t.Errorf("next is %s, %v", at, err)
	}
	if err := errors.Join(none.Settle(t.Context()), none.Close(t.Context())); err != nil || b.parcels != 1 {
		t.Errorf("%d parcels are left, %v", b.parcels, err)
	}
}
