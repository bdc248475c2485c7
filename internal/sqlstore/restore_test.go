package sqlstore_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testkit"
)

var restoredAt = sqlstore.RestoreOptions{Now: storetest.Noon.Add(3*time.Hour + 4*time.Second)}

// backedUp returns a backup of a database with a store of this name.
func backedUp(t *testing.T, url string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup.db")
	if _, err := sqlstore.Backup(t.Context(), url, to); err != nil {
		t.Fatal(err)
	}
	return to
}

// crashed is the database of a server that was killed: a part of it is in the
// log alone.
func crashed(t *testing.T, store string) (file string) {
	t.Helper()
	url := engines["SQLite"](t)
	db := open(t, closed(t, url, store))
	if _, err := db.AdvanceClock(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	from := strings.TrimPrefix(url, "sqlite://")
	file = filepath.Join(t.TempDir(), "cartwright.db")
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + end)
		if err != nil || len(b) == 0 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		if err := os.WriteFile(file+end, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func TestRestore(t *testing.T) {
	source := filled(t, engines["SQLite"](t))
	want := rowsOf(t, source)
	want["counters"]++ // when it was restored
	backup := backedUp(t, source)

	t.Run("where nothing was", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "new", "cartwright.db")
		got, err := sqlstore.Restore(t.Context(), backup, "sqlite://"+file, restoredAt)
		if err != nil || got.Kept != "" || got.Stores != 1 || got.Schema != got.Newest {
			t.Fatalf("%+v, %v", got, err)
		}
		if got := filesIn(t, filepath.Dir(file)); !slices.Equal(got, []string{"cartwright.db", "cartwright.db.lock"}) {
			t.Errorf("there are %q", got)
		}
		if rows := rowsOf(t, "sqlite://"+file); !maps.Equal(rows, want) {
			t.Errorf("there are %v, not %v", rows, want)
		}
		var at int64
		if err := sqlOf(t, "sqlite://"+file).QueryRowContext(t.Context(), `SELECT value FROM counters WHERE store = 'a' AND kind = 'restored'`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		if since := time.UnixMilli(at).Sub(restoredAt.Now); since != 61*time.Minute { // by which its clock was wound
			t.Errorf("restored %s after it was", since)
		}
	})

	t.Run("over a server that was killed", func(t *testing.T) {
		file := crashed(t, "b")
		got, err := sqlstore.Restore(t.Context(), backup, "sqlite://"+file, restoredAt)
		if err != nil {
			t.Fatal(err)
		}
		if got.Kept != file+".before-restore-20260304T150004Z" {
			t.Errorf("kept as %s", got.Kept)
		}
		if left := filesIn(t, filepath.Dir(file)); !slices.Equal(left, []string{"cartwright.db", filepath.Base(got.Kept), "cartwright.db.lock"}) {
			t.Errorf("there are %q", left)
		}
		if rows := rowsOf(t, "sqlite://"+file); !maps.Equal(rows, want) {
			t.Errorf("there are %v, not %v", rows, want)
		}
		if offset, err := open(t, "sqlite://"+got.Kept).ClockOffset(t.Context()); err != nil || offset != time.Hour {
			t.Errorf("what was written last is not in what was kept: %s, %v", offset, err)
		}
		if _, err := sqlstore.Restore(t.Context(), backup, "sqlite://"+file, restoredAt); err == nil || !strings.Contains(err.Error(), "is there already") {
			t.Errorf("a second one in the same second: %v", err)
		}
	})

	t.Run("over one that is damaged", func(t *testing.T) {
		file := crashed(t, "b")
		if err := os.WriteFile(file, []byte("no database"), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sqlstore.Restore(t.Context(), backup, "sqlite://"+file, restoredAt)
		if err != nil {
			t.Fatal(err)
		}
		if left := filesIn(t, filepath.Dir(file)); !slices.Equal(left, []string{"cartwright.db", filepath.Base(got.Kept), filepath.Base(got.Kept) + "-wal", "cartwright.db.lock"}) {
			t.Errorf("there are %q", left)
		}
		if rows := rowsOf(t, "sqlite://"+file); !maps.Equal(rows, want) {
			t.Errorf("there are %v, not %v", rows, want)
		}
	})

	t.Run("with mails to be sent again", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "cartwright.db")
		again := restoredAt
		again.SendAgain = true
		if _, err := sqlstore.Restore(t.Context(), backup, "sqlite://"+file, again); err != nil {
			t.Fatal(err)
		}
		if rows := rowsOf(t, "sqlite://"+file); rows["counters"] != want["counters"]-1 {
			t.Errorf("%d counters", rows["counters"])
		}
	})

	t.Run("of an earlier version", func(t *testing.T) {
		url := closed(t, engines["SQLite"](t), "a")
		db := open(t, url)
		if err := db.MigrateTo(t.Context(), 11); err != nil {
			t.Fatal(err)
		}
		got, err := sqlstore.Restore(t.Context(), backedUp(t, url), engines["SQLite"](t), restoredAt)
		if err != nil || got.Schema != 11 || got.Newest < 12 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	source := filled(t, engines["SQLite"](t))
	backup := backedUp(t, source)
	intact, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(t *testing.T, change func([]byte) []byte) string {
		file := filepath.Join(t.TempDir(), "changed.db")
		if err := os.WriteFile(file, change(slices.Clone(intact)), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	tests := map[string]struct {
		from func(t *testing.T) string
		want string
	}{
		"a missing file": {func(t *testing.T) string { return filepath.Join(t.TempDir(), "none.db") }, "there is no file"},
		"a folder":       {func(t *testing.T) string { return t.TempDir() }, "is not a file"},
		"half of it":     {func(t *testing.T) string { return changed(t, func(b []byte) []byte { return b[:len(b)/2] }) }, "it is damaged"},
		"pages that were written over": {func(t *testing.T) string {
			return changed(t, func(b []byte) []byte {
				for i := 40_960; i < 200_000; i++ {
					b[i] ^= 0x5a
				}
				return b
			})
		}, "it is damaged"},
		"a letter": {func(t *testing.T) string { return changed(t, func([]byte) []byte { return []byte("Dear Ada,\n") }) }, "it is damaged, or no SQLite database"},
		"nothing":  {func(t *testing.T) string { return changed(t, func([]byte) []byte { return nil }) }, "it is not a database of cartwright"},
		"a later version": {func(t *testing.T) string {
			file := changed(t, func(b []byte) []byte { return b })
			mustExec(t, sqlOf(t, "sqlite://"+file), `UPDATE goose_db_version SET version_id = 4000 WHERE version_id = 1`)
			return file
		}, "made by a newer version of cartwright"},
		"a part of a database": {func(t *testing.T) string { return crashed(t, "b") }, "cartwright backup --database sqlite://"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			file := strings.TrimPrefix(closed(t, engines["SQLite"](t), "b"), "sqlite://")
			before := filesIn(t, filepath.Dir(file))
			_, err := sqlstore.Restore(t.Context(), tc.from(t), "sqlite://"+file, restoredAt)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("the error is %v", err)
			}
			after := slices.DeleteFunc(filesIn(t, filepath.Dir(file)), func(name string) bool { return strings.HasSuffix(name, ".lock") })
			if !slices.Equal(before, after) || rowsOf(t, "sqlite://"+file)["stores"] != 1 {
				t.Errorf("there were %q, are %q", before, after)
			}
		})
	}

	t.Run("while a server runs", func(t *testing.T) {
		release, err := sqlstore.Lock(source)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = release() }()
		if _, err := sqlstore.Restore(t.Context(), backup, source, restoredAt); err == nil || !strings.Contains(err.Error(), "is served already") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("itself", func(t *testing.T) {
		if _, err := sqlstore.Restore(t.Context(), strings.TrimPrefix(source, "sqlite://"), source, restoredAt); err == nil || !strings.Contains(err.Error(), "is the database itself") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		if _, err := sqlstore.Restore(t.Context(), backup, "postgres://db/shop", restoredAt); err == nil || !strings.Contains(err.Error(), "pg_restore") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		file := filepath.Join(t.TempDir(), "cartwright.db")
		if _, err := sqlstore.Restore(ctx, backup, "sqlite://"+file, restoredAt); err == nil {
			t.Error("no error")
		}
		if left := filesIn(t, filepath.Dir(file)); !slices.Equal(left, []string{"cartwright.db.lock"}) {
			t.Errorf("there are %q", left)
		}
	})
}

// What docs/operations.md says to run after pg_restore holds mails as Restore
// does, and may be run twice.
func TestHoldingMailsOnPostgres(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, statement, found := strings.Cut(string(page), "```\nINSERT INTO counters")
	statement, _, _ = strings.Cut(statement, "```")
	if !found {
		t.Fatal("the page does not say how")
	}
	db := sqlOf(t, closed(t, testkit.Postgres(t), "a"))
	for range 2 {
		began := time.Now().UnixMilli()
		mustExec(t, db, "INSERT INTO counters"+statement)
		var at int64
		if err := db.QueryRowContext(t.Context(), `SELECT value FROM counters WHERE store = 'a' AND kind = 'restored'`).Scan(&at); err != nil || at < began || at > began+60_000 {
			t.Errorf("restored at %d, not %d; %v", at, began, err)
		}
	}
}
