package app

import (
	"context"
	"errors"
	"fmt"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/mail"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
)

// Admin is what the administration commands work with: the services without a
// server around them. It may be used while a server runs on the same database.
type Admin struct {
	DB        *sqlstore.DB
	Merchants *merchant.Service
	Catalog   *catalog.Service

	clock clock.Clock
}

// OpenAdmin opens the database that the configuration names, which must be there
// where it is a file. Of the configuration it needs only that, and the log.
func OpenAdmin(ctx context.Context, c Config) (*Admin, error) {
	address, err := c.DatabaseURL()
	if err != nil {
		return nil, err
	}
	if err := sqlstore.MustBeThere(address); err != nil {
		return nil, fmt.Errorf("%w: name another with --data or --database; cartwright store create makes one", err)
	}
	return MakeAdmin(ctx, c)
}

// MakeAdmin is OpenAdmin that makes a file where none is.
func MakeAdmin(ctx context.Context, c Config) (*Admin, error) {
	address, err := c.DatabaseURL()
	if err != nil {
		return nil, err
	}
	wound := &clock.Wound{}
	db, err := sqlstore.Open(ctx, address, sqlstore.Options{Clock: wound, Shared: true})
	if err != nil {
		return nil, err
	}
	// What is made in a sandbox lives in the sandbox's time.
	offset, err := db.ClockOffset(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	wound.Begin(offset)
	shops := sqlstore.NewShops(db, "", c.Log)
	return &Admin{DB: db, Merchants: merchant.NewService(db, wound), Catalog: catalog.NewService(db, shops, wound), clock: wound}, nil
}

// Close closes the database.
func (a *Admin) Close() error { return a.DB.Close() }

// CreateDKIMKey makes the key with which a store signs mails from a domain.
// It is mail.CreateKey for a store that must be there.
func (a *Admin) CreateDKIMKey(ctx context.Context, store, domain, selector string) (key mail.Key, added bool, err error) {
	if err := a.Merchants.MustExist(ctx, store); err != nil {
		return mail.Key{}, false, err
	}
	return mail.CreateKey(ctx, a.DB, store, domain, selector, a.clock.Now())
}
