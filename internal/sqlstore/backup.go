package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Contents says what is in a database file, as far as a person would count it.
type Contents struct {
	Bytes         int64
	Stores, Carts int64
	// Schema is the version of its schema, Newest that of this program.
	Schema, Newest int64
}

// Backup writes everything that is in a SQLite database into a new file, which
// only its owner may read. A server may be using the database: what was
// acknowledged before Backup was called is in the file, and what is written
// meanwhile hardly waits. The file has its name once it is complete, intact and
// on the disk.
func Backup(ctx context.Context, url, to string) (in Contents, err error) {
	_, _, file, err := parseURL(url)
	if err != nil {
		return in, err
	}
	if file == "" {
		return in, fmt.Errorf("%s is PostgreSQL, which has a backup of its own: pg_dump --format=custom --file=%s URL, "+
			"or whatever you use already", redact(url), to)
	}
	if err := mustBeNew(to); err != nil {
		return in, err
	}
	from, err := openRaw(ctx, url, "")
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	if version, err := from.schema(ctx); err != nil || version == 0 {
		return in, errors.Join(fmt.Errorf("%s is not a database of cartwright", file), err)
	}
	d, err := newDraft(to, "backup")
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, d.discard()) }()
	if _, err := from.conn.ExecContext(ctx, `VACUUM INTO $1`, d.path); err != nil {
		return in, errBackup(to, err)
	}
	if in, err = inspectFile(ctx, d.path); err != nil {
		return in, fmt.Errorf("look at the copy: %w", err)
	}
	if err := mustBeNew(to); err != nil { // another backup may have been quicker
		return in, err
	}
	return in, d.place()
}

// errBackup says which of two disks is full when a backup is.
func errBackup(to string, err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return fmt.Errorf("there is no room for the backup in %s, and nothing was left there: make room, or name a file on another disk with --to", filepath.Dir(to))
	}
	return fmt.Errorf("copy the database: %w", err)
}

// mustBeNew refuses to write over a file.
func mustBeNew(file string) error {
	_, err := os.Lstat(file)
	switch {
	case err == nil:
		return fmt.Errorf("%s is there already, and a backup writes over nothing: choose another name", file)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s: make it first, or name another with --to", filepath.Dir(file))
	}
	return nil
}

// inspectFile reads every page of a SQLite file that nobody uses, and says what
// is in it. One that is damaged, or no database of cartwright, is an error.
func inspectFile(ctx context.Context, file string) (in Contents, err error) {
	r, err := openRaw(ctx, fileURL(file), "&_pragma=query_only(1)")
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	complaints, err := column[string](r.conn.QueryContext(ctx, `PRAGMA integrity_check(3)`))
	if err != nil {
		return in, fmt.Errorf("it is damaged, or no SQLite database: %w", err)
	}
	if len(complaints) != 1 || complaints[0] != "ok" {
		return in, fmt.Errorf("it is damaged: %q", complaints)
	}
	if in.Schema, err = r.schema(ctx); err != nil {
		return in, err
	}
	if in.Schema == 0 {
		return in, errors.New("it is not a database of cartwright")
	}
	if in.Newest, err = newestSchema(); err != nil {
		return in, err
	}
	if in.Stores, err = r.count(ctx, "stores"); err != nil {
		return in, err
	}
	if in.Carts, err = r.count(ctx, "carts"); err != nil {
		return in, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return in, err
	}
	in.Bytes = info.Size()
	return in, nil
}
