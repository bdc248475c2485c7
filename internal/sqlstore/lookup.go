package sqlstore

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/recovery"
)

// NoteLookUp implements recovery.TokenStorage. It asks first, since who polls
// should not cost a write each time; of two at once both may be noted. The plus
// keeps the question to the visits of one cart.
func (db *DB) NoteLookUp(ctx context.Context, k *recovery.Token, at time.Time) error {
	var noted bool
	err := db.reads.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM mail_visits WHERE store = $1 AND cart_id = $2 AND episode = $3
		AND template = $4 AND kind = $5 AND +at > $6)`,
		k.Store, string(k.Cart), k.Episode, k.Template, string(recovery.LookedUp), millis(at.Add(-recovery.LookUpEvery))).Scan(&noted)
	if err != nil {
		return fmt.Errorf("look for a visit: %w", err)
	}
	if noted {
		return nil
	}
	_, err = write(ctx, db, func(t *tx) (recovery.Token, error) {
		return *k, t.insertVisit(k.Store, visitOf(k, recovery.LookedUp, at))
	})
	return err
}
