package sqlstore

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
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
