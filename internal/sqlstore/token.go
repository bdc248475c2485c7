package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cartwright/internal/recovery"
)

// FindRecoveryToken implements recovery.TokenStorage.
func (db *DB) FindRecoveryToken(ctx context.Context, store, hash string) (*recovery.Token, error) {
	k := recovery.Token{Store: store, Hash: hash}
	var created int64
	err := db.reads.QueryRowContext(ctx, `SELECT purpose, cart_id, episode, template, address, plain, created FROM recovery_tokens
		WHERE store = $1 AND hash = $2`, store, hash).
		Scan(&k.Purpose, &k.Cart, &k.Episode, &k.Template, &k.Address, &k.Plain, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read recovery token: %w", err)
	}
	k.Created = fromMillis(created)
	return &k, nil
}

// insertToken stores a new token. Of those that stand in mails the text itself
// is not kept.
func (t *tx) insertToken(k recovery.Token) error {
	_, err := t.exec(`INSERT INTO recovery_tokens (store, hash, purpose, cart_id, episode, template, address, plain, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		k.Store, k.Hash, string(k.Purpose), string(k.Cart), k.Episode, k.Template, k.Address, k.Plain, millis(k.Created))
	if err != nil {
		return fmt.Errorf("insert recovery token: %w", err)
	}
	return nil
}
