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
	"time"
)

// RestoreOptions say how a backup is taken back.
type RestoreOptions struct {
	// Now is when that is.
	Now time.Time
	// SendAgain leaves mails to be sent that fell due before Now. Without it they
	// are not sent: they may have gone after the backup was made.
	SendAgain bool
}

// Restored is what a restore came to.
type Restored struct {
	Contents

	// Kept is where the database is now that was there before; "" for none.
	Kept string
}

// Restore puts a backup in the place of a SQLite database that nobody serves.
// What was there is kept beside it. The backup is looked through first, and
// nothing is changed when it is damaged, no database of cartwright, or of a
// newer version; at every moment the old database is in its place or the new
// one, complete.
func Restore(ctx context.Context, from, url string, o RestoreOptions) (out Restored, err error) {
	_, _, file, err := parseURL(url)
	if err != nil {
		return out, err
	}
	if file == "" {
		return out, fmt.Errorf("%s is PostgreSQL: restore it with pg_restore, or whatever made the backup", redact(url))
	}
	if err := mustBeBackup(from, file); err != nil {
		return out, err
	}
	release, err := lock(url, "stop that one first, then restore")
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	if err := clearDrafts(file, "restore"); err != nil {
		return out, err
	}
	d, err := newDraft(file, "restore")
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, d.discard()) }()
	if err := copyBytes(ctx, from, d.path); err != nil {
		return out, fmt.Errorf("read %s: %w", from, err)
	}
	if out.Contents, err = inspectFile(ctx, d.path); err != nil {
		return out, fmt.Errorf("%s: %w; nothing was changed", from, err)
	}
	if out.Schema > out.Newest {
		return out, fmt.Errorf("%s: %w; nothing was changed", from, errNewer(out.Schema, out.Newest))
	}
	if !o.SendAgain {
		if err := holdMails(ctx, d.url(), o.Now); err != nil {
			return out, err
		}
	}
	if out.Kept, err = keepBeside(ctx, file, o.Now); err != nil {
		return out, err
	}
	return out, d.place()
}

// mustBeBackup refuses files that Restore cannot take.
func mustBeBackup(from, file string) error {
	if err := mustBeThere(from); err != nil {
		return err
	}
	a, errA := os.Stat(from)
	b, errB := os.Stat(file)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return fmt.Errorf("%s is the database itself", from)
	}
	if log, err := os.Stat(from + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%s is not complete: a part of it is in %s-wal, as beside a database in use. Make one file of both first: "+
			"cartwright backup --database %s --to FILE", from, from, fileURL(from))
	}
	return nil
}

func copyBytes(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, readerOf(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return in.Read(p)
	}))
	return err
}

// readerOf is a function that reads.
type readerOf func([]byte) (int, error)

// Read implements io.Reader.
func (f readerOf) Read(p []byte) (int, error) { return f(p) }

// restoredKind is the counter that says when a store was taken back from a
// backup, in milliseconds: mails that were due by then are not sent, because
// they may have gone after the backup was made.
const restoredKind = "restored"

// holdMails sets that counter for every store of a database file, in the time
// of its clock.
func holdMails(ctx context.Context, url string, now time.Time) (err error) {
	r, err := openRaw(ctx, url, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	_, err = r.conn.ExecContext(ctx, `INSERT INTO counters (store, kind, value)
		SELECT hash, $1, $2 + COALESCE((SELECT offset_ms FROM clock WHERE id = $3), 0) FROM stores WHERE true
		ON CONFLICT (store, kind) DO UPDATE SET value = excluded.value`, restoredKind, millis(now), clockRow)
	if err != nil {
		return fmt.Errorf("hold the mails that fell due: %w", err)
	}
	return nil
}

// restored returns when a store was taken back from a backup; zero for never.
func (t *tx) restored(store string) (time.Time, error) {
	var at sql.NullInt64
	err := t.QueryRowContext(t.ctx, `SELECT value FROM counters WHERE store = $1 AND kind = $2`, store, restoredKind).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read when the store was restored: %w", err)
	}
	return maybeTime(at), nil
}

// keepBeside gives the database that is there a second name, which it keeps
// when another takes its place. What was written last is folded into it first.
// A database that is damaged is moved as it is, with its log.
func keepBeside(ctx context.Context, file string, now time.Time) (string, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	kept := file + ".before-restore-" + now.UTC().Format("20060102T150405Z")
	if _, err := os.Lstat(kept); err == nil {
		return "", fmt.Errorf("%s is there already: move it away, or wait a second", kept)
	}
	if err := foldLog(ctx, file); errors.Is(err, errInUse) {
		return "", err
	} else if err != nil {
		if err := os.Rename(file+"-wal", kept+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := os.Link(file, kept); err != nil { // a file system without links
		if err := os.Rename(file, kept); err != nil {
			return "", err
		}
	}
	return kept, syncFolder(filepath.Dir(file))
}

var errInUse = errors.New("another program uses the database: end it first")

// foldLog has SQLite move everything from the log of a database into its file.
func foldLog(ctx context.Context, file string) (err error) {
	r, err := openRaw(ctx, fileURL(file), "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	var busy, frames, moved int64
	if err := r.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errInUse
	}
	return nil
}
