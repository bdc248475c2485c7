package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"cartwright/internal/merchant"
)

// Facts are what Examine finds out about a database, for whoever looks after
// it.
type Facts struct {
	Engine  string // SQLite or PostgreSQL
	Version string // of the engine
	// Schema is the version of the last migration that ran, 0 before the first;
	// Newest that of the last one this program knows.
	Schema, Newest int64
	// ClockOffset is how far the sandbox clock was wound ahead.
	ClockOffset time.Duration
	Stores      []*merchant.Store
	Keys        []DKIMKey

	File   *FileFacts   // SQLite only
	Server *ServerFacts // PostgreSQL only
}

// FileFacts are those of a SQLite database.
type FileFacts struct {
	Path string
	// Missing says that there is no file yet; nothing else is known then.
	Missing bool
	// Served says that a server runs on it, Holder which process that is.
	Served bool
	Holder string
	// WAL says that the file keeps a write-ahead log, as every server sets it.
	WAL bool
	// Bytes is what the database takes with its write-ahead log.
	Bytes int64
	Mode  fs.FileMode
}

// DKIMKey is what a store signs mails from a domain with.
type DKIMKey struct{ Store, Domain, Selector, Private string }

// errNoSQLite says that a file is something else.
var errNoSQLite = errors.New("this is no SQLite database")

// Examine reads what there is to know about a database and changes nothing: it
// makes no file, migrates nothing, and works beside a server. A SQLite file
// that is not there yet is a fact, not an error.
func Examine(ctx context.Context, url string) (Facts, error) {
	d, dsn, file, err := parseURL(url)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Engine: "PostgreSQL"}
	if f.Newest, err = newestSchema(); err != nil {
		return f, err
	}
	if d.oneWriter {
		f.Engine = "SQLite"
		if f.File, err = examineFile(file); err != nil {
			return f, fmt.Errorf("cannot open the SQLite file %s: %w", file, err)
		}
		if f.File.Missing {
			return f, nil
		}
		dsn = readOnly(dsn, f.File)
	}
	db, err := openPlain(d, dsn)
	if err != nil {
		return f, errUnreachable(url, err)
	}
	defer func() { _ = db.Close() }() // it only read
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return f, errUnreachable(url, err)
	}
	return f, f.read(ctx, db)
}

// read fills in what the database itself tells.
func (f *Facts) read(ctx context.Context, db *sql.DB) error {
	version, migrated := `SELECT sqlite_version()`, `SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`
	if f.File == nil {
		version, migrated = `SHOW server_version`, `SELECT CASE WHEN to_regclass('goose_db_version') IS NULL THEN 0 ELSE 1 END`
		s, err := examineServer(ctx, db)
		if err != nil {
			return err
		}
		f.Server = s
	}
	var tables int
	if err := errors.Join(db.QueryRowContext(ctx, version).Scan(&f.Version), db.QueryRowContext(ctx, migrated).Scan(&tables)); err != nil {
		return fmt.Errorf("ask the database for its version: %w", err)
	}
	if tables == 0 {
		return nil
	}
	if err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&f.Schema); err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	if f.Schema != f.Newest {
		return nil // its tables may be others
	}
	return f.readStores(ctx, db)
}

func (f *Facts) readStores(ctx context.Context, db *sql.DB) error {
	var err error
	reader := &DB{reads: db}
	if f.ClockOffset, err = reader.ClockOffset(ctx); err != nil {
		return err
	}
	if f.Stores, err = reader.ListStores(ctx); err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT store, domain, selector, private FROM dkim_keys ORDER BY store, domain`)
	if err != nil {
		return fmt.Errorf("list DKIM keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k DKIMKey
		if err := rows.Scan(&k.Store, &k.Domain, &k.Selector, &k.Private); err != nil {
			return fmt.Errorf("list DKIM keys: %w", err)
		}
		f.Keys = append(f.Keys, k)
	}
	return rows.Err()
}

// walVersion stands in bytes 18 and 19 of a file with a write-ahead log
// (https://sqlite.org/fileformat2.html).
const walVersion = 2

// examineFile looks at a database from outside.
func examineFile(file string) (*FileFacts, error) {
	f := &FileFacts{Path: file}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		f.Missing = true
		return f, nil
	}
	if err != nil {
		return nil, cause(err)
	}
	f.Mode, f.Bytes = info.Mode(), info.Size()
	if log, err := os.Stat(file + "-wal"); err == nil {
		f.Bytes += log.Size()
	}
	head, err := os.Open(file)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = head.Close() }()
	var b [20]byte
	if n, err := io.ReadFull(head, b[:]); n > 0 && (err != nil || string(b[:16]) != "SQLite format 3\x00") {
		return nil, errNoSQLite
	}
	f.WAL = b[18] == walVersion
	f.Holder, f.Served, err = holder(file)
	return f, err
}

// holder returns the process that serves a SQLite file, if one does.
func holder(file string) (pid string, served bool, err error) {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	f, err := os.Open(file + ".lock")
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, cause(err)
	}
	defer func() { _ = f.Close() }() // gives the lock back, if nobody had it
	free, err := tryLock(f)
	if err != nil || free {
		return "", false, err
	}
	text, err := io.ReadAll(io.LimitReader(f, 20))
	return strings.TrimSpace(string(text)), true, err
}

// readOnly returns what a file is opened with to read it alone. SQLite makes a
// write-ahead log even for readers, unless it is told that nobody writes: that
// holds where no server runs and no log is left over.
func readOnly(dsn string, f *FileFacts) string {
	dsn += "?mode=ro&_pragma=busy_timeout(2000)&_pragma=query_only(1)"
	if _, err := os.Stat(f.Path + "-wal"); err != nil && !f.Served {
		dsn += "&immutable=1"
	}
	return dsn
}

// QuickCheck has SQLite look for damage in its file and returns what it found;
// other engines look after themselves. It reads the whole database, so it may
// take longer than ctx allows.
func QuickCheck(ctx context.Context, url string) ([]string, error) {
	_, dsn, file, err := parseURL(url)
	if err != nil || file == "" {
		return nil, err
	}
	f, err := examineFile(file)
	if err != nil || f.Missing {
		return nil, err
	}
	db, err := sql.Open(sqliteDialect.driver, readOnly(dsn, f))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	found, err := quickCheck(ctx, db)
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CORRUPT {
		return append(found, e.Error()), nil // it did not even get through
	}
	return found, err
}

func quickCheck(ctx context.Context, db *sql.DB) (found []string, err error) {
	rows, err := db.QueryContext(ctx, `PRAGMA quick_check(5)`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return found, err
		}
		if line != "ok" {
			found = append(found, line)
		}
	}
	return found, rows.Err()
}
