package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cartwright/internal/event"
	"cartwright/internal/recovery"
)

var mailTemplates = table[recovery.Template]{
	name: "mail_templates", columns: "id, channel, sent, doc",
	scan: func(s scanner) (recovery.Template, error) {
		var out recovery.Template
		var doc string
		if err := s.Scan(&out.ID, &out.Channel, &out.Sent, &doc); err != nil {
			return out, err
		}
		if err := json.Unmarshal([]byte(doc), &out); err != nil {
			return out, fmt.Errorf("decode template %d: %w", out.ID, err)
		}
		return out, nil
	},
}

// templateCounter gives templates their ids. It is there from the first change
// of a template on: then the store's set is stored.
const templateCounter = "mail_template"

// templatesStored reports whether the templates of a store are stored, or still
// the default ones.
func templatesStored(ctx context.Context, q querier, store string) (bool, error) {
	var value int64
	err := q.QueryRowContext(ctx, `SELECT value FROM counters WHERE store = $1 AND kind = $2`, store, templateCounter).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for templates: %w", err)
	}
	return true, nil
}

// MailTemplates implements recovery.Storage. What is stored at the first look
// stays stored, so the two reads need no transaction.
func (db *DB) MailTemplates(ctx context.Context, store string, channel int64) ([]recovery.Template, bool, error) {
	stored, err := templatesStored(ctx, db.reads, store)
	if err != nil || !stored {
		return nil, false, err
	}
	set, err := mailTemplates.rows(ctx, db.reads, `SELECT `+mailTemplates.columns+` FROM mail_templates
		WHERE store = $1 AND channel = $2 ORDER BY id`, store, channel)
	return set, true, err
}

// FindMailTemplate implements recovery.Storage.
func (db *DB) FindMailTemplate(ctx context.Context, store string, id int64) (*recovery.Template, bool, error) {
	stored, err := templatesStored(ctx, db.reads, store)
	if err != nil || !stored {
		return nil, false, err
	}
	c := inStore(store)
	c.add("id = ?", id)
	found, err := mailTemplates.one(ctx, db.reads, c, "")
	return found, true, err
}

// ChangeMailTemplates implements recovery.Storage.
func (db *DB) ChangeMailTemplates(ctx context.Context, store string, seed []recovery.Template,
	change func(recovery.TemplateShelf) (recovery.Template, []event.Event, error)) (recovery.Template, error) {
	return write(ctx, db, func(t *tx) (recovery.Template, error) {
		shelf := &templateShelf{t: t, store: store, found: map[int64]recovery.Template{}}
		if err := shelf.begin(seed); err != nil {
			return recovery.Template{}, err
		}
		out, events, err := change(shelf)
		if err != nil {
			return out, err
		}
		now := db.clock.Now()
		if shelf.moved {
			if err := t.relook(store, now); err != nil {
				return out, err
			}
		}
		return out, t.tellChannel(store, out.Channel, now, events)
	})
}

// templateShelf implements recovery.TemplateShelf.
type templateShelf struct {
	t     *tx
	store string
	found map[int64]recovery.Template // as they were before
	moved bool                        // whether other mails may be due now, or at other times
}

// begin stores the default set, unless something is stored already. It writes
// the counter either way, which makes writers of one store wait for each other.
func (s *templateShelf) begin(seed []recovery.Template) error {
	n, err := s.t.exec(`INSERT INTO counters (store, kind, value) VALUES ($1, $2, $3) ON CONFLICT (store, kind) DO NOTHING`,
		s.store, templateCounter, len(seed))
	if err != nil {
		return fmt.Errorf("begin templates: %w", err)
	}
	if n == 0 {
		_, err := s.t.nextID(s.store, templateCounter, 0)
		return err
	}
	for i := range seed {
		if err := s.insert(&seed[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *templateShelf) insert(r *recovery.Template) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode template: %w", err)
	}
	_, err = s.t.exec(`INSERT INTO mail_templates (store, id, channel, sent, doc) VALUES ($1, $2, $3, $4, $5)`,
		s.store, r.ID, r.Channel, r.Sent, string(doc))
	if err != nil {
		return fmt.Errorf("insert template: %w", err)
	}
	return nil
}

// Find implements recovery.TemplateShelf.
func (s *templateShelf) Find(id int64) (*recovery.Template, error) {
	c := inStore(s.store)
	c.add("id = ?", id)
	found, err := mailTemplates.one(s.t.ctx, s.t, c, s.t.dialect.forUpdate)
	if found != nil {
		s.found[id] = *found
	}
	return found, err
}

// Count implements recovery.TemplateShelf.
func (s *templateShelf) Count(channel int64) (int, error) {
	var n int
	err := s.t.QueryRowContext(s.t.ctx, `SELECT COUNT(*) FROM mail_templates WHERE store = $1 AND channel = $2`, s.store, channel).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count templates: %w", err)
	}
	return n, nil
}

// Add implements recovery.TemplateShelf.
func (s *templateShelf) Add(r *recovery.Template) error {
	var err error
	if r.ID, err = s.t.nextID(s.store, templateCounter, 1); err != nil {
		return err
	}
	s.moved = true
	return s.insert(r)
}

// Put implements recovery.TemplateShelf. What was sent is counted elsewhere.
func (s *templateShelf) Put(r *recovery.Template) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode template: %w", err)
	}
	if _, err := s.t.exec(`UPDATE mail_templates SET doc = $1 WHERE store = $2 AND id = $3`, string(doc), s.store, r.ID); err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	if had, ok := s.found[r.ID]; !ok || had.Active != r.Active || had.Minutes != r.Minutes {
		s.moved = true
	}
	return nil
}

// Remove implements recovery.TemplateShelf.
func (s *templateShelf) Remove(id int64) error {
	if _, err := s.t.exec(`DELETE FROM mail_templates WHERE store = $1 AND id = $2`, s.store, id); err != nil {
		return fmt.Errorf("delete template: %w", err)
	}
	s.moved = true
	return nil
}
