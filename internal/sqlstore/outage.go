package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// What a client is told of a database that cannot do what it was asked for.
const (
	titleAway = "The database does not answer. Please try again."
	titleBusy = "The server is busy. Please try again."
	titleFull = "There is no room left on the disk of the database. Nothing was changed."
)

// herald logs outages, for everybody who meets one: each kind once in heraldRest,
// since they come by the hundred. Of a PostgreSQL that is away the pulse tells.
// A nil herald tells nobody.
type herald struct {
	log  *slog.Logger
	mu   sync.Mutex
	told map[string]time.Time
}

const heraldRest = 30 * time.Second

// tell logs err if it is an outage, and returns it.
func (h *herald) tell(err error) error {
	var o *fault.Outage
	if h == nil || !errors.As(err, &o) || lost(o) {
		return err
	}
	now := clock.Real{}.Now()
	h.mu.Lock()
	last, before := h.told[o.Title]
	rests := before && now.Sub(last) < heraldRest
	if !rests {
		h.told[o.Title] = now
	}
	h.mu.Unlock()
	if !rests {
		h.log.Error("the database cannot do what it is asked for: requests get 503, or 507 when there is no room", "error", err)
	}
	return err
}

// lost reports whether an outage is that of a connection to PostgreSQL.
func lost(o *fault.Outage) bool {
	var e *sqlite.Error
	code := pgCode(o)
	return o.Title == titleAway && !errors.As(o.Err, &e) && (code == "" || strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P"))
}

func away(err error) error { return &fault.Outage{Title: titleAway, Err: err} }

// noConnectionLeft is the code of a server, role or database that has as many
// connections as it may.
const noConnectionLeft = "53300"

// postgresOutage turns an error of PostgreSQL that says that the server cannot
// work now into an outage, and leaves any other as it is. gone tells whether the
// connection was lost with it.
func postgresOutage(err error, gone bool) error {
	if err == nil || fault.IsOutage(err) {
		return err
	}
	code := pgCode(err)
	switch {
	case code == "53100": // disk_full
		return &fault.Outage{Title: titleFull, Full: true, Err: err}
	case code == "57014", code == lockTimeout, code == noConnectionLeft: // query_canceled, lock_not_available
		return &fault.Outage{Title: titleBusy, Err: err}
	case code == "25006", // read_only_sql_transaction: this server has become a standby
		code == "25P03", code == "25P04", // a transaction or session that was idle for too long
		strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "58"):
		return away(err)
	case code != "":
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err // the request's own time, not the database's doing
	}
	var connect *pgconn.ConnectError
	if gone || errors.As(err, &connect) {
		return away(err)
	}
	return err
}

// sqliteOutage turns an error of SQLite that says that the disk, and not the
// statement, is at fault into an outage.
func sqliteOutage(err error) error {
	var e *sqlite.Error
	if err == nil || fault.IsOutage(err) || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // without what the extended codes add
	case sqlite3.SQLITE_FULL:
		return &fault.Outage{Title: titleFull, Full: true, Err: err}
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return away(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM:
		return &fault.Outage{Title: titleBusy, Err: err}
	}
	return err
}
