package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cartwright/internal/merchant"
)

// PutUser implements merchant.Storage.
func (db *DB) PutUser(ctx context.Context, store string, u merchant.User) (added bool, err error) {
	return write(ctx, db, func(t *tx) (bool, error) {
		n, err := t.exec(`INSERT INTO users (email, password, created) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING`,
			u.Email, u.Password, millis(u.Created))
		if err != nil {
			return false, fmt.Errorf("insert user: %w", err)
		}
		if n == 0 {
			if _, err := t.exec(`UPDATE users SET password = $1 WHERE email = $2`, u.Password, u.Email); err != nil {
				return false, fmt.Errorf("set password: %w", err)
			}
		}
		if _, err := t.exec(`INSERT INTO memberships (store, email, created) VALUES ($1, $2, $3) ON CONFLICT (store, email) DO NOTHING`,
			store, u.Email, millis(u.Created)); err != nil {
			return false, fmt.Errorf("insert membership: %w", err)
		}
		return n > 0, nil
	})
}

// FindUser returns the user with this lower-case address and the stores the
// user may see, or nil.
func (db *DB) FindUser(ctx context.Context, email string) (*merchant.User, []string, error) {
	u := merchant.User{Email: email}
	var created int64
	err := db.reads.QueryRowContext(ctx, `SELECT password, created FROM users WHERE email = $1`, email).Scan(&u.Password, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read user: %w", err)
	}
	u.Created = fromMillis(created)
	stores, err := column[string](db.reads.QueryContext(ctx, `SELECT store FROM memberships WHERE email = $1 ORDER BY store`, email))
	if err != nil {
		return nil, nil, fmt.Errorf("read memberships: %w", err)
	}
	return &u, stores, nil
}
