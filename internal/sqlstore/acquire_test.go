package sqlstore

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"cartwright/internal/fault"
)

// TestWhoeverIsCutShortIsToldWhy: a server has no connection left, and the
// attempt behind that takes longer than anybody waits.
func TestWhoeverIsCutShortIsToldWhy(t *testing.T) {
	p := &pool{room: 1}
	p.hurry.Store(true)
	attempts := 0
	_, err := acquire(t.Context(), p, func(ctx context.Context) (int, error) {
		if attempts++; attempts == 1 {
			return 0, &pgconn.PgError{Code: noConnectionLeft}
		}
		<-ctx.Done()
		return 0, ctx.Err()
	})
	if pgCode(err) != noConnectionLeft || attempts != 2 {
		t.Errorf("after %d attempts: %v", attempts, err)
	}
}

// TestWhoeverLeavesWaitsForNoConnection: the client's own end is told as that.
func TestWhoeverLeavesWaitsForNoConnection(t *testing.T) {
	p := &pool{room: 1}
	ctx, leave := context.WithCancel(t.Context())
	attempts := 0
	_, err := acquire(ctx, p, func(ctx context.Context) (int, error) {
		if attempts++; attempts == 1 {
			return 0, &pgconn.PgError{Code: noConnectionLeft}
		}
		leave()
		return 0, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after %d attempts: %v", attempts, err)
	}
}

// TestAProcessThatStoodStillWaitsOnceMore: the time was over, but nobody had it.
func TestAProcessThatStoodStillWaitsOnceMore(t *testing.T) {
	for name, stops := range map[string]int{"once": 1, "each time": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pool{room: 1}
				p.hurry.Store(true)
				attempts := 0
				_, err := acquire(t.Context(), p, func(ctx context.Context) (int, error) {
					if attempts++; attempts > stops {
						return 0, nil
					}
					time.Sleep(acquireTimeout + acquireTimeout/2) // whatever the context says
					return 0, ctx.Err()
				})
				var busy *fault.Outage
				if stops == 1 && (err != nil || attempts != 2) || stops == 2 && (!errors.As(err, &busy) || busy.Title != titleBusy || attempts != 2) {
					t.Errorf("after %d attempts: %v", attempts, err)
				}
			})
		})
	}
}

// TestNobodyWaitsTwiceForNothing: whoever had the whole time and no connection is
// told so at once.
func TestNobodyWaitsTwiceForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pool{room: 1}
		p.hurry.Store(true)
		attempts := 0
		_, err := acquire(t.Context(), p, func(ctx context.Context) (int, error) {
			attempts++
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if !fault.IsOutage(err) || attempts != 1 {
			t.Errorf("after %d attempts: %v", attempts, err)
		}
	})
}
