package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// MaxInbox is how many mails of a store the sandbox keeps: the newest.
const MaxInbox = 2000

// inboxCounter numbers the mails of all stores, under no store's name.
const inboxCounter = "sandbox_mail"

// KeepMail implements mail.Keeper.
func (db *DB) KeepMail(ctx context.Context, m recovery.InboxMail) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) {
		var err error
		if m.ID, err = t.nextID("", inboxCounter, 1); err != nil {
			return 0, err
		}
		doc, err := json.Marshal(m)
		if err != nil {
			return 0, fmt.Errorf("write mail: %w", err)
		}
		if _, err := t.exec(`INSERT INTO sandbox_mails (store, id, recipient, doc) VALUES ($1, $2, $3, $4)`,
			m.Store, m.ID, strings.ToLower(m.To.Name+" "+m.To.Address), doc); err != nil {
			return 0, fmt.Errorf("keep mail: %w", err)
		}
		return t.exec(`DELETE FROM sandbox_mails WHERE store = $1 AND id <=
			(SELECT id FROM sandbox_mails WHERE store = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`, m.Store, MaxInbox)
	})
	return err
}

// InboxMails returns mails that the sandbox kept, the newest first.
func (db *DB) InboxMails(ctx context.Context, q recovery.InboxQuery) ([]recovery.InboxMail, error) {
	c := &conditions{}
	c.add("id > ?", 0)
	if q.Recipient != "" {
		c.like("recipient", q.Recipient)
	}
	if q.Before != 0 {
		c.add("id < ?", q.Before)
	}
	return readInbox(ctx, db.reads, c, q.Most)
}

// InboxMail returns a mail that the sandbox kept, or a NotFound fault.
func (db *DB) InboxMail(ctx context.Context, id int64) (*recovery.InboxMail, error) {
	c := &conditions{}
	c.add("id = ?", id)
	found, err := readInbox(ctx, db.reads, c, 1)
	if err != nil || len(found) == 0 {
		if err == nil {
			err = fault.New(fault.NotFound, "There is no such mail.")
		}
		return nil, err
	}
	return &found[0], nil
}

func readInbox(ctx context.Context, q querier, c *conditions, most int) ([]recovery.InboxMail, error) {
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT id, doc FROM sandbox_mails%s ORDER BY id DESC LIMIT %d", c.where(), most), c.args...)
	if err != nil {
		return nil, fmt.Errorf("read inbox: %w", err)
	}
	defer func() { _ = rows.Close() }()
	found := []recovery.InboxMail{}
	for rows.Next() {
		var m recovery.InboxMail
		if err := scanDoc(rows, &m.ID, &m); err != nil {
			return nil, fmt.Errorf("read inbox: %w", err)
		}
		found = append(found, m)
	}
	return found, rows.Err()
}

// EmptyInbox forgets the mails that the sandbox kept.
func (db *DB) EmptyInbox(ctx context.Context) error {
	_, err := write(ctx, db, func(t *tx) (int64, error) { return t.exec(`DELETE FROM sandbox_mails`) })
	if err != nil {
		return fmt.Errorf("empty inbox: %w", err)
	}
	return nil
}
