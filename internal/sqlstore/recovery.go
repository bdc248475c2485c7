package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cartwright/internal/event"
	"cartwright/internal/recovery"
)

// settingsDoc reads the row of a store (channel 0) or of a channel into v; ok
// is false when there is none.
func settingsDoc(ctx context.Context, q querier, store string, channel int64, suffix string, v any) (ok bool, err error) {
	var doc string
	err = q.QueryRowContext(ctx, `SELECT doc FROM recovery_settings WHERE store = $1 AND channel = $2`+suffix, store, channel).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read recovery settings: %w", err)
	}
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return false, fmt.Errorf("decode recovery settings: %w", err)
	}
	return true, nil
}

func (t *tx) putSettingsDoc(store string, channel int64, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode recovery settings: %w", err)
	}
	_, err = t.exec(`INSERT INTO recovery_settings (store, channel, doc) VALUES ($1, $2, $3)
		ON CONFLICT (store, channel) DO UPDATE SET doc = excluded.doc`, store, channel, string(doc))
	if err != nil {
		return fmt.Errorf("write recovery settings: %w", err)
	}
	return nil
}

// RecoverySettings implements recovery.Storage.
func (db *DB) RecoverySettings(ctx context.Context, store string) (*recovery.Settings, error) {
	var s recovery.Settings
	ok, err := settingsDoc(ctx, db.reads, store, recovery.AllChannels, "", &s)
	if err != nil || !ok {
		return nil, err
	}
	return &s, nil
}

// PutRecoverySettings implements recovery.Storage.
func (db *DB) PutRecoverySettings(ctx context.Context, store string, s recovery.Settings) (recovery.Settings, error) {
	return write(ctx, db, func(t *tx) (recovery.Settings, error) {
		return s, t.putSettingsDoc(store, recovery.AllChannels, s)
	})
}

// RecoveryChannel implements recovery.Storage.
func (db *DB) RecoveryChannel(ctx context.Context, store string, channel int64) (recovery.Channel, error) {
	var c recovery.Channel
	_, err := settingsDoc(ctx, db.reads, store, channel, "", &c)
	return c, err
}

// UpdateRecoveryChannel implements recovery.Storage.
func (db *DB) UpdateRecoveryChannel(ctx context.Context, store string, channel int64, change func(*recovery.Channel) []event.Event) (recovery.Channel, error) {
	return write(ctx, db, func(t *tx) (recovery.Channel, error) {
		var c recovery.Channel
		// The row is there before it is read: so one writer waits for the other,
		// also at the first change.
		_, err := t.exec(`INSERT INTO recovery_settings (store, channel, doc) VALUES ($1, $2, '{}') ON CONFLICT (store, channel) DO NOTHING`, store, channel)
		if err != nil {
			return c, fmt.Errorf("write recovery settings: %w", err)
		}
		if _, err := settingsDoc(t.ctx, t, store, channel, t.dialect.forUpdate, &c); err != nil {
			return c, err
		}
		before, now := c.OwnTemplates, db.clock.Now()
		events := change(&c)
		if err := t.putSettingsDoc(store, channel, c); err != nil {
			return c, err
		}
		if c.OwnTemplates != before {
			if err := t.relook(store, now); err != nil {
				return c, err
			}
		}
		return c, t.tellChannel(store, channel, now, events)
	})
}

// tellChannel writes what happened to a channel into the journal.
func (t *tx) tellChannel(store string, channel int64, now time.Time, events []event.Event) error {
	if len(events) == 0 {
		return nil
	}
	version, err := t.nextID(store, "channel_event", 1)
	if err != nil {
		return err
	}
	row, err := newJournalRow(store, "channel/"+strconv.FormatInt(channel, 10), version, channel, now, events)
	if err != nil {
		return err
	}
	return row.insert(t)
}

// KeepTest implements recovery.Storage.
func (db *DB) KeepTest(ctx context.Context, m recovery.TestMail) (recovery.TestMail, error) {
	return write(ctx, db, func(*tx) (recovery.TestMail, error) { return m, nil })
}

// DropTest implements recovery.Storage.
func (db *DB) DropTest(ctx context.Context) error { return db.dropAnswer(ctx) }

// KeepPreview implements recovery.Storage.
func (db *DB) KeepPreview(ctx context.Context, m recovery.Message) (recovery.Message, error) {
	return write(ctx, db, func(*tx) (recovery.Message, error) { return m, nil })
}
