package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// FindDKIMKey implements mail.Keys.
func (db *DB) FindDKIMKey(ctx context.Context, store, domain string) (selector, private string, err error) {
	err = db.reads.QueryRowContext(ctx, `SELECT selector, private FROM dkim_keys WHERE store = $1 AND domain = $2`, store, domain).Scan(&selector, &private)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("find DKIM key: %w", err)
	}
	return selector, private, nil
}

// PutDKIMKey keeps the key with which a store signs for a domain. It replaces
// one with another selector, whose record can leave the DNS some days later;
// with the same selector it changes nothing and reports false, since the record
// that is published would no longer fit.
func (db *DB) PutDKIMKey(ctx context.Context, store, domain, selector, private string, now time.Time) (bool, error) {
	n, err := write(ctx, db, func(t *tx) (int64, error) {
		return t.exec(`INSERT INTO dkim_keys (store, domain, selector, private, created) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (store, domain) DO UPDATE SET selector = excluded.selector, private = excluded.private, created = excluded.created
			WHERE dkim_keys.selector <> excluded.selector`, store, domain, selector, private, millis(now))
	})
	if err != nil {
		return false, fmt.Errorf("keep DKIM key: %w", err)
	}
	return n == 1, nil
}
