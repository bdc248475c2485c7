package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/once"
)

// AnswerLifetime is how long the answer to a request with an Idempotency-Key
// is kept (decisions 2).
const AnswerLifetime = 24 * time.Hour

// FindAnswer returns the answer kept for an idempotency key, or nil.
func (db *DB) FindAnswer(ctx context.Context, store, client, key string) (*once.Answer, error) {
	var a once.Answer
	var body string
	err := db.reads.QueryRowContext(ctx, `SELECT fingerprint, status, body FROM idempotency
		WHERE store = $1 AND client_id = $2 AND name = $3 AND created > $4`,
		store, client, key, millis(db.clock.Now().Add(-AnswerLifetime))).Scan(&a.Fingerprint, &a.Status, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read idempotency key: %w", err)
	}
	a.Body = []byte(body)
	return &a, nil
}

// keepAnswer stores the answer of a request that must be applied once, in the
// transaction of its first write. An answer that is too old gives way.
func keepAnswer(t *tx, r *once.Request, result any, now time.Time) (*once.Answer, error) {
	if r == nil || r.Render == nil || r.Stored != nil {
		return nil, nil
	}
	a, err := r.Render(result)
	if err != nil || a.Status >= 300 {
		return nil, err // a batch that was applied in part is not kept (decisions 2)
	}
	a.Fingerprint = r.Fingerprint
	n, err := t.exec(`INSERT INTO idempotency (store, client_id, name, fingerprint, status, body, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (store, client_id, name) DO UPDATE
		SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created = excluded.created
		WHERE idempotency.created <= $8`,
		r.Store, r.Client, r.Key, a.Fingerprint, a.Status, string(a.Body), millis(now), millis(now.Add(-AnswerLifetime)))
	if err != nil {
		return nil, fmt.Errorf("keep idempotency key: %w", err)
	}
	if n == 0 {
		return nil, once.ErrTaken
	}
	return &a, nil
}

// dropAnswer takes back what was kept for a request: what it was to do was not
// done after all, and it may be tried again with its key.
func (db *DB) dropAnswer(ctx context.Context) error {
	r := once.From(ctx)
	if r == nil || r.Stored == nil {
		return nil
	}
	_, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`DELETE FROM idempotency WHERE store = $1 AND client_id = $2 AND name = $3 AND fingerprint = $4`,
			r.Store, r.Client, r.Key, r.Fingerprint)
	})
	if err != nil {
		return fmt.Errorf("drop idempotency key: %w", err)
	}
	r.Stored = nil
	return nil
}
