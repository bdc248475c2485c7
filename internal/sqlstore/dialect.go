package sqlstore

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"testing/fstest" // a file system in memory

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3/database"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is everything in which the two engines differ.
type dialect struct {
	name   string
	driver string
	goose  database.Dialect
	// oneWriter says that one goroutine at a time writes, and commits many writes
	// at once.
	oneWriter bool
	// isDuplicate recognises the violation of a unique key.
	isDuplicate func(error) bool
	// isRetryable recognises a transaction that may succeed when run again.
	isRetryable func(error) bool
	// isSchemaRace recognises what a change of the schema fails with because another
	// server makes the same one.
	isSchemaRace func(error) bool
	// begins stands before the statements of each migration.
	begins string
	// clustered ends a table that is kept in the order of its primary key.
	clustered string
	// leavesOut ends the lines of a migration that are for the other engine.
	leavesOut string
	// forUpdate follows a SELECT that locks the rows it reads.
	forUpdate string
	// realMillis is the database's real time in milliseconds.
	realMillis string
}

var sqliteDialect = dialect{
	name: "sqlite", driver: "sqlite", goose: database.DialectSQLite3, oneWriter: true,
	isDuplicate: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) &&
			(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
	},
	isRetryable: func(error) bool { return false },
	isSchemaRace: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
	},
	clustered:  ") WITHOUT ROWID;",
	leavesOut:  "-- PostgreSQL\n",
	realMillis: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
}

var postgresDialect = dialect{
	name: "postgres", driver: "pgx", goose: database.DialectPostgres,
	isDuplicate: func(err error) bool { return pgCode(err) == "23505" },
	isRetryable: func(err error) bool { c := pgCode(err); return c == "40001" || c == "40P01" },
	isSchemaRace: func(err error) bool {
		switch pgCode(err) {
		// A row of the catalogue, a table that is there, a row that another server
		// changed at the same time: CREATE TABLE IF NOT EXISTS looks before it locks.
		case "23505", "42P07", "42710", "42701", "XX000", "40001", "40P01", lockTimeout:
			return true
		}
		return false
	},
	// Whoever reads for long, as pg_dump does, keeps a change of a table waiting, and
	// everybody else behind it. An autovacuum gives way, but only to who has waited for
	// a second (deadlock_timeout).
	begins:     "SET LOCAL lock_timeout = '1200ms';\n",
	clustered:  ");",
	forUpdate:  " FOR UPDATE",
	realMillis: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
}

// lockTimeout is the code of PostgreSQL for a lock that was not to be had in time.
const lockTimeout = "55P03"

const upMark = "-- +goose Up\n"

// clusteredMark is how a migration says that a table is clustered.
const clusteredMark = "); -- clustered"

// migrationsFor returns the migrations as this engine is to run them.
func migrationsFor(d dialect) (fs.FS, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	folder := fstest.MapFS{}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text = bytes.ReplaceAll(text, []byte(clusteredMark), []byte(d.clustered))
		text = d.without(text)
		text = bytes.Replace(text, []byte(upMark), []byte(upMark+d.begins), 1)
		folder[path.Base(name)] = &fstest.MapFile{Data: text, Mode: 0o444}
	}
	return folder, nil
}

// without is a migration without the lines that this engine leaves out.
func (d dialect) without(text []byte) []byte {
	if d.leavesOut == "" {
		return text
	}
	var kept []byte
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte(d.leavesOut)) {
			kept = append(kept, line...)
		}
	}
	return kept
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
