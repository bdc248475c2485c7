package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"modernc.org/sqlite"
)

// openReads makes a pool of connections to a SQLite file that tells a disk that
// fails from other errors, for every query at once. Those of look, and the reads of
// single carts (sqlitecart.go), tell it by themselves.
func openReads(dsn string, h *herald) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(&reads{c, h})
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db, nil
}

type reads struct {
	driver.Connector
	herald *herald
}

// Connect implements driver.Connector.
func (r *reads) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, r.herald.tell(sqliteOutage(err))
	}
	return &readConn{c.(sqliteConn), r.herald}, nil
}

// sqliteConn is what database/sql asks of the driver's connections.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type readConn struct {
	sqliteConn
	herald *herald
}

// QueryContext implements driver.QueryerContext.
func (c *readConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.sqliteConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.herald.tell(sqliteOutage(err))
	}
	return &readRows{rows, c.herald}, nil
}

type readRows struct {
	driver.Rows
	herald *herald
}

// Next implements driver.Rows.
func (r *readRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return r.herald.tell(sqliteOutage(err))
}
