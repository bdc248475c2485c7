package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// CreateStore implements merchant.Storage.
func (db *DB) CreateStore(ctx context.Context, s *merchant.Store) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode store: %w", err)
	}
	_, err = write(ctx, db, func(t *tx) (*merchant.Store, error) {
		n, err := t.exec(`INSERT INTO stores (hash, revision, doc) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING`,
			s.Hash, s.Revision, string(doc))
		if err != nil {
			return nil, fmt.Errorf("insert store: %w", err)
		}
		if n == 0 {
			return nil, fault.Newf(fault.Conflict, "The store %q exists already.", s.Hash)
		}
		if _, err := t.exec(`INSERT INTO revisions (store) VALUES ($1)`, s.Hash); err != nil {
			return nil, fmt.Errorf("insert revisions: %w", err)
		}
		return s, setHosts(t, s)
	})
	return err
}

// FindStore implements merchant.Storage.
func (db *DB) FindStore(ctx context.Context, hash string) (*merchant.Store, error) {
	return findStore(ctx, db.reads, hash)
}

func findStore(ctx context.Context, q querier, hash string) (*merchant.Store, error) {
	var s merchant.Store
	var doc string
	err := q.QueryRowContext(ctx, `SELECT revision, doc FROM stores WHERE hash = $1`, hash).Scan(&s.Revision, &doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read store: %w", err)
	}
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		return nil, fmt.Errorf("decode store %s: %w", hash, err)
	}
	return &s, nil
}

// ListStores returns all stores by their hashes.
func (db *DB) ListStores(ctx context.Context) ([]*merchant.Store, error) {
	rows, err := db.reads.QueryContext(ctx, `SELECT revision, doc FROM stores ORDER BY hash`)
	if err != nil {
		return nil, fmt.Errorf("list stores: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []*merchant.Store
	for rows.Next() {
		var s merchant.Store
		var doc string
		if err := rows.Scan(&s.Revision, &doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(doc), &s); err != nil {
			return nil, fmt.Errorf("decode store: %w", err)
		}
		all = append(all, &s)
	}
	return all, rows.Err()
}

// UpdateStore implements merchant.Storage.
func (db *DB) UpdateStore(ctx context.Context, hash string, change func(*merchant.Store) error) (*merchant.Store, error) {
	s, err := write(ctx, db, func(t *tx) (*merchant.Store, error) {
		// The row of revisions is written first: it makes writers of one store
		// wait for each other.
		if err := bump(t, hash, "config"); err != nil {
			return nil, err
		}
		s, err := findStore(t.ctx, t, hash)
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, fault.Newf(fault.NotFound, "There is no store %q.", hash)
		}
		if err := change(s); err != nil {
			return nil, err
		}
		s.Revision++
		doc, err := json.Marshal(s)
		if err != nil {
			return nil, fmt.Errorf("encode store: %w", err)
		}
		if _, err := t.exec(`UPDATE stores SET revision = $1, doc = $2 WHERE hash = $3`, s.Revision, string(doc), hash); err != nil {
			return nil, fmt.Errorf("write store: %w", err)
		}
		return s, setHosts(t, s)
	})
	if err == nil {
		db.changed(ctx, hash)
	}
	return s, err
}

// bump moves one of the numbers that other servers watch. part is a column of
// revisions.
func bump(t *tx, store, part string) error {
	_, err := t.exec(`UPDATE revisions SET `+part+` = `+part+` + 1 WHERE store = $1`, store)
	if err != nil {
		return fmt.Errorf("move revision: %w", err)
	}
	return nil
}

// setHosts makes the host names of a store's sites lead to it.
func setHosts(t *tx, s *merchant.Store) error {
	if _, err := t.exec(`DELETE FROM hosts WHERE store = $1`, s.Hash); err != nil {
		return fmt.Errorf("clear hosts: %w", err)
	}
	seen := map[string]bool{}
	for _, site := range s.Sites {
		for _, address := range []string{site.URL, site.CheckoutURL} {
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || seen[u.Host] {
				continue
			}
			seen[u.Host] = true
			n, err := t.exec(`INSERT INTO hosts (host, store, channel) VALUES ($1, $2, $3) ON CONFLICT (host) DO NOTHING`,
				u.Host, s.Hash, site.ChannelID)
			if err != nil {
				return fmt.Errorf("insert host: %w", err)
			}
			if n == 0 {
				return &fault.Error{Kind: fault.Invalid, Title: "The host name " + u.Host + " belongs to another store.",
					Fields: map[string]string{"url": fault.ExpectedURL}}
			}
		}
	}
	return nil
}

// FindHost returns the store and channel that a host name leads to; store is
// "" when there is none.
func (db *DB) FindHost(ctx context.Context, host string) (store string, channel int64, err error) {
	err = db.reads.QueryRowContext(ctx, `SELECT store, channel FROM hosts WHERE host = $1`, strings.ToLower(host)).Scan(&store, &channel)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return store, channel, err
}

// AddToken implements merchant.Storage.
func (db *DB) AddToken(ctx context.Context, tok merchant.Token, c merchant.Client) (made bool, err error) {
	return write(ctx, db, func(t *tx) (bool, error) {
		n, err := t.exec(`INSERT INTO clients (store, id, name, secret, created) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (store, id) DO NOTHING`, c.Store, c.ID, c.Name, c.Secret, millis(c.Created))
		if err != nil {
			return false, fmt.Errorf("insert client: %w", err)
		}
		if _, err := t.exec(`INSERT INTO tokens (store, hash, client_id, name, scopes, created) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (store, hash) DO NOTHING`,
			tok.Store, tok.Hash, tok.ClientID, tok.Name, strings.Join(tok.Scopes, ","), millis(tok.Created)); err != nil {
			return false, fmt.Errorf("insert token: %w", err)
		}
		return n > 0, bump(t, tok.Store, "access")
	})
}

// FindToken returns the token with this hash, or nil.
func (db *DB) FindToken(ctx context.Context, store, hash string) (*merchant.Token, error) {
	all, err := db.tokens(ctx, store, ` AND hash = $2`, hash)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// ListTokens implements merchant.Storage.
func (db *DB) ListTokens(ctx context.Context, store string) ([]merchant.Token, error) {
	return db.tokens(ctx, store, ` ORDER BY created, hash`)
}

func (db *DB) tokens(ctx context.Context, store, which string, args ...any) ([]merchant.Token, error) {
	rows, err := db.reads.QueryContext(ctx, `SELECT hash, client_id, name, scopes, created FROM tokens WHERE store = $1`+which, append([]any{store}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []merchant.Token
	for rows.Next() {
		t := merchant.Token{Store: store}
		var scopes string
		var created int64
		if err := rows.Scan(&t.Hash, &t.ClientID, &t.Name, &scopes, &created); err != nil {
			return nil, fmt.Errorf("read token: %w", err)
		}
		t.Scopes, t.Created = strings.Split(scopes, ","), fromMillis(created)
		all = append(all, t)
	}
	return all, rows.Err()
}

// DeleteToken implements merchant.Storage.
func (db *DB) DeleteToken(ctx context.Context, store, hash string) error {
	_, err := write(ctx, db, func(t *tx) (string, error) {
		if _, err := t.exec(`DELETE FROM tokens WHERE store = $1 AND hash = $2`, store, hash); err != nil {
			return "", fmt.Errorf("delete token: %w", err)
		}
		return hash, bump(t, store, "access")
	})
	if err == nil {
		db.changed(ctx, store)
	}
	return err
}
