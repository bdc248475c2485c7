package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cartwright/internal/customer"
)

// FindCustomer returns the customer with this id, or nil.
func (db *DB) FindCustomer(ctx context.Context, store string, customerID int64) (*customer.Customer, error) {
	var doc string
	err := db.reads.QueryRowContext(ctx, `SELECT doc FROM customers WHERE store = $1 AND id = $2`, store, customerID).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read customer: %w", err)
	}
	var c customer.Customer
	if err := json.Unmarshal([]byte(doc), &c); err != nil {
		return nil, fmt.Errorf("decode customer %d: %w", customerID, err)
	}
	return &c, nil
}
