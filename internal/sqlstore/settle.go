package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/recovery"
)

// KeepStep implements recovery.EngineStorage. It leaves the columns alone, by
// which others look for steps, and so needs no lock but that of the row.
func (db *DB) KeepStep(ctx context.Context, store string, episode int64, step recovery.Step) error {
	doc, err := json.Marshal(step)
	if err != nil {
		return fmt.Errorf("encode step: %w", err)
	}
	_, err = write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`UPDATE episode_steps SET doc = $1 WHERE store = $2 AND episode = $3 AND template = $4 AND state = 'claimed'`,
			string(doc), store, episode, step.Template)
	})
	if err != nil {
		return fmt.Errorf("keep what stands in mail %s: %w", step.MessageID, err)
	}
	return nil
}

// SettleStep implements recovery.EngineStorage. It locks the template that is
// counted, as those who change templates do, then the address and the episode.
func (db *DB) SettleStep(ctx context.Context, s recovery.Settlement) error {
	_, err := write(ctx, db, func(t *tx) (bool, error) {
		// It may have been settled before, by an attempt whose answer was lost.
		have, err := steps.one(t.ctx, t, ofStep(s.Episode.Store, s.Episode.ID, s.Step.Template), "")
		if err != nil || have == nil || have.State != recovery.Claimed && have.State != recovery.Unknown {
			return false, err
		}
		if s.Step.State == recovery.Sent {
			if err := t.countSent(s); err != nil {
				return false, err
			}
		}
		if s.Suppress != "" {
			a, err := t.lockAddress(s.Episode.Store, s.Step.Address)
			if err == nil {
				_, err = t.suppress(s.Episode.Store, &a, s.Suppress, s.At)
			}
			if err != nil {
				return false, err
			}
		}
		return true, t.settleStep(s)
	})
	if err != nil {
		return fmt.Errorf("settle mail %s: %w", s.Step.MessageID, err)
	}
	return nil
}

// countSent counts a mail that was handed over. The set of a store that has
// stored none is stored with it.
func (t *tx) countSent(s recovery.Settlement) error {
	store := s.Episode.Store
	stored, err := templatesStored(t.ctx, t, store)
	if err != nil {
		return err
	}
	if !stored {
		if err := (&templateShelf{t: t, store: store}).begin(s.Seed); err != nil {
			return err
		}
	}
	if _, err := t.exec(`UPDATE mail_templates SET sent = sent + 1 WHERE store = $1 AND id = $2`, store, s.Step.Template); err != nil {
		return fmt.Errorf("count a mail: %w", err)
	}
	return nil
}

func (t *tx) settleStep(s recovery.Settlement) error {
	store := s.Episode.Store
	e, err := findEpisode(t.ctx, t, store, s.Episode.ID, t.dialect.forUpdate)
	if err != nil || e == nil {
		return err
	}
	have, err := t.findStep(store, e.ID, s.Step.Template)
	if err != nil || have == nil {
		return err
	}
	late := have.State == recovery.Unknown && s.Step.State != recovery.Deferred // it was given up, and the answer came after all
	if have.State != recovery.Claimed && !late {
		return nil
	}
	step, why, detail := s.Step, s.Reason, s.Detail
	if step.State == recovery.Deferred && !e.Ended.IsZero() {
		step.State, step.Retry, why, detail = recovery.Canceled, time.Time{}, recovery.EpisodeEnded, string(e.How)
	}
	if err := t.putStep(store, e.ID, step); err != nil {
		return err
	}
	if step.State == recovery.Failed || step.State == recovery.Canceled {
		if err := t.withdrawCoupon(store, e.ID, step.Template, s.At); err != nil {
			return err
		}
	}
	if err := t.decided(e, step, s.At, why, detail); err != nil {
		return err
	}
	// Until now the episode was put off to the end of the claim. Where something
	// else put it elsewhere meanwhile, it is looked at then.
	next := e.Next
	if e.Next.Equal(step.Claimed.Add(recovery.ClaimTime)) {
		next = s.Next
	}
	if next = recovery.Earlier(next, step.Retry); next.Equal(e.Next) {
		return nil
	}
	if _, err := t.exec(`UPDATE episodes SET next_at = $1 WHERE store = $2 AND id = $3`, maybeMillis(next), store, e.ID); err != nil {
		return fmt.Errorf("put off an episode: %w", err)
	}
	return nil
}

// InterruptSteps implements recovery.EngineStorage.
func (db *DB) InterruptSteps(ctx context.Context, now time.Time) error {
	if !db.dialect.oneWriter {
		return nil
	}
	_, err := write(ctx, db, func(t *tx) (bool, error) {
		left, err := scanEpisodeKeys(t.QueryContext(t.ctx, `SELECT DISTINCT store, episode FROM episode_steps WHERE state = 'claimed' ORDER BY store, episode`))
		if err != nil {
			return false, err
		}
		for _, key := range left {
			if err := t.interrupt(key, now); err != nil {
				return false, err
			}
		}
		given, err := t.interruptNotices(now, "")
		return len(left) > 0 || given > 0, err
	})
	if err != nil {
		return fmt.Errorf("give up what was being sent: %w", err)
	}
	return nil
}

type episodeKey struct {
	store   string
	episode int64
}

func scanEpisodeKeys(rows *sql.Rows, err error) ([]episodeKey, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var keys []episodeKey
	for rows.Next() {
		var key episodeKey
		if err := rows.Scan(&key.store, &key.episode); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// interrupt gives up the claims of an episode, and has it looked at.
func (t *tx) interrupt(key episodeKey, now time.Time) error {
	e, err := findEpisode(t.ctx, t, key.store, key.episode, t.dialect.forUpdate)
	if err != nil || e == nil {
		return err
	}
	all, err := episodeSteps(t.ctx, t, key.store, key.episode)
	if err != nil {
		return err
	}
	for _, step := range all {
		if step.State != recovery.Claimed {
			continue
		}
		step.State = recovery.Unknown
		if err := t.putStep(key.store, key.episode, step); err != nil {
			return err
		}
		if err := t.decided(e, step, now, recovery.Interrupted, ""); err != nil {
			return err
		}
	}
	_, err = t.exec(`UPDATE episodes SET next_at = $1 WHERE store = $2 AND id = $3`, millis(now), key.store, key.episode)
	return err
}

// relook has the episodes of a store looked at again whose mails may be others
// now: those that are young enough for one of them to come, or to be due.
func (t *tx) relook(store string, now time.Time) error {
	longest := time.Duration(recovery.Minutes[len(recovery.Minutes)-1])*time.Minute + recovery.MaxLate
	_, err := t.exec(`UPDATE episodes SET next_at = $1 WHERE store = $2 AND abandoned > $3 AND ended IS NULL AND (next_at IS NULL OR next_at > $1)`,
		millis(now), store, millis(now.Add(-longest)))
	if err != nil {
		return fmt.Errorf("have mails looked at again: %w", err)
	}
	return nil
}
