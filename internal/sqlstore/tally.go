package sqlstore

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/recovery"
)

// WhenTallied has f called after each write that did something that metrics
// count, once it is durable. It must be set before the first write.
func (db *DB) WhenTallied(f func([]recovery.Tally)) { db.tallied = f }

// tally notes something to count once the transaction is committed.
func (t *tx) tally(n recovery.Tally) { t.tallies = append(t.tallies, n) }

// RecoveryLag returns for how long the episode has been waiting that has waited
// longest of those whose mails should have been looked at; 0 when none waits.
func (db *DB) RecoveryLag(ctx context.Context, now time.Time) (time.Duration, error) {
	due, ok, err := db.NextEpisode(ctx)
	if err != nil {
		return 0, fmt.Errorf("read how long mails wait: %w", err)
	}
	if !ok || due.After(now) {
		return 0, nil
	}
	return now.Sub(due), nil
}
