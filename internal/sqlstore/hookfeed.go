package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/hook"
)

// feedBatch bounds the rows of the journal that one write makes into
// deliveries: requests of the same store wait for it.
const feedBatch = 50

// PendingStores returns the stores that have something to deliver at now.
func (db *DB) PendingStores(ctx context.Context, now time.Time) ([]string, error) {
	stores, err := column[string](db.reads.QueryContext(ctx, `SELECT store FROM outbox UNION SELECT store FROM deliveries WHERE due <= $1 ORDER BY store`, millis(now)))
	if err != nil {
		return nil, fmt.Errorf("find stores with deliveries: %w", err)
	}
	return stores, nil
}

// NextDelivery returns the earliest instant at which something is to be sent;
// ok is false when nothing is in sight.
func (db *DB) NextDelivery(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(due) FROM deliveries WHERE due IS NOT NULL`, 0)
}

// FeedDeliveries makes the next rows of a store's journal into deliveries. It
// reports whether there may be more of them.
func (db *DB) FeedDeliveries(ctx context.Context, store string) (more bool, err error) {
	n, err := write(ctx, db, func(t *tx) (int, error) {
		rows, err := t.waitingRows(store)
		if err != nil || len(rows) == 0 {
			return 0, err
		}
		c := inStore(store)
		c.add("active = 1")
		listeners, err := hooks.rows(t.ctx, t, "SELECT "+hooks.columns+" FROM hooks"+c.where()+" ORDER BY id", c.args...)
		if err != nil {
			return 0, err
		}
		now := db.clock.Now()
		var all []hook.Delivery
		for _, row := range rows {
			all = append(all, hook.Deliveries(row, listeners, now)...)
			if _, err := t.exec(`DELETE FROM outbox WHERE store = $1 AND subject = $2 AND version = $3 AND n = $4`,
				store, row.Subject, row.Version, row.N); err != nil {
				return 0, fmt.Errorf("empty the outbox: %w", err)
			}
		}
		return len(rows), t.insertDeliveries(store, all)
	})
	if err != nil {
		return false, fmt.Errorf("feed deliveries: %w", err)
	}
	return n == feedBatch, nil
}

// waitingRows reads the next rows of the journal that nobody was told of, of
// each subject in the order in which they were written.
func (t *tx) waitingRows(store string) ([]hook.Row, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT o.subject, o.version, o.n, j.channel, j.at, j.events FROM outbox o
		LEFT JOIN journal j ON j.store = o.store AND j.cart_id = o.subject AND j.version = o.version AND j.n = o.n
		WHERE o.store = $1 ORDER BY o.subject, o.version, o.n LIMIT $2`, store, feedBatch)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []hook.Row
	for rows.Next() {
		r := hook.Row{Store: store}
		var channel, at sql.NullInt64
		var events sql.NullString
		if err := rows.Scan(&r.Subject, &r.Version, &r.N, &channel, &at, &events); err != nil {
			return nil, err
		}
		r.Channel, r.At = channel.Int64, fromMillis(at.Int64)
		if events.Valid { // the journal may have been swept
			if err := json.Unmarshal([]byte(events.String), &r.Events); err != nil {
				return nil, fmt.Errorf("decode journal: %w", err)
			}
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (t *tx) insertDeliveries(store string, all []hook.Delivery) error {
	if len(all) == 0 {
		return nil
	}
	id, err := t.nextID(store, "delivery", int64(len(all)))
	if err != nil {
		return err
	}
	for i := range all {
		all[i].ID = id + int64(i)
		if err := t.insertDelivery(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

// insertDelivery stores a delivery. One that is there already stays: two
// servers may have read the same row.
func (t *tx) insertDelivery(d *hook.Delivery) error {
	_, err := t.exec(`INSERT INTO deliveries (store, id, client_id, hook_id, subject, version, n, event, scope, data, hash, message_id,
			created, state, attempts, due, finished, history)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, NULL, '[]')
		ON CONFLICT (store, hook_id, subject, version, n, event) DO NOTHING`,
		d.Store, d.ID, d.Client, d.HookID, d.Subject, d.Version, d.N, d.Event, d.Scope, string(d.Data), d.Hash, d.MessageID,
		millis(d.Created), string(d.State), millis(d.Due))
	if err != nil {
		return fmt.Errorf("insert delivery: %w", err)
	}
	return nil
}
