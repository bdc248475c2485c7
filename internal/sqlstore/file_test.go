package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestLock(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "new", "shop.db")
	release, err := Lock("sqlite://" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	alias := filepath.Join(dir, "alias.db")
	if err := os.Symlink(file, alias); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, alias, filepath.Join(dir, "new", ".", "..", "new", "shop.db")} {
		_, err := Lock("sqlite://" + name)
		if err == nil || !strings.Contains(err.Error(), "is served already by another cartwright (process "+strconv.Itoa(os.Getpid())+")") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = Lock("sqlite://" + alias); err != nil {
		t.Fatalf("locked although it was released: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestLockIsForSQLiteOnly(t *testing.T) {
	for range 2 {
		if _, err := Lock("postgres://localhost/shop"); err != nil {
			t.Error(err)
		}
	}
	if _, err := Lock("mysql://localhost/shop"); err == nil {
		t.Error("an unknown engine was locked")
	}
}

func TestPrepareFolder(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := prepareFolder(deep); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(deep); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := prepareFolder(file); err == nil || !strings.Contains(err.Error(), "cannot write in the data folder "+file) {
		t.Errorf("the error is %v", err)
	}
}

func TestADatabaseIsItsOwnersAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.db")
	db, err := Open(t.Context(), "sqlite://"+file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestDescribeHidesPasswords(t *testing.T) {
	tests := map[string]string{
		"postgres://shop:secret@db/shop":                         "postgres://shop:xxxxx@db/shop",
		"postgres://shop:secret@one:5432,two:5433/shop?a=b":      "postgres://shop:xxxxx@one:5432,two:5433/shop?a=b",
		"postgres://shop@db/shop?password=secret&sslmode=prefer": "postgres://shop@db/shop?password=xxxxx&sslmode=prefer",
		"postgres://shop@db/shop?sslmode=prefer&sslkey=a%2Fb":    "postgres://shop@db/shop?sslmode=prefer&sslkey=a%2Fb",
		"sqlite:///var/lib/cartwright.db":                        "sqlite:///var/lib/cartwright.db",
		"postgres://shop:secret@db:port/shop":                    "(not a URL)",
		"postgres://shop:secret@%zz":                             "(not a URL)",
		"postgres://shop@db/shop?password=sec%zzret":             "(not a URL)",
		"postgres://shop@db/shop?password=sec;ret":               "(not a URL)",
	}
	for url, want := range tests {
		if got := Describe(url); got != want {
			t.Errorf("%s is described as %s, want %s", url, got, want)
		}
	}
}

// Whoever makes a backup onto a full disk is told which disk that is.
func TestABackupOntoAFullDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "full.db")
	r, err := sql.Open(sqliteDialect.driver, "file:"+file+"?_pragma=max_page_count(3)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	_, full := r.ExecContext(t.Context(), `CREATE TABLE a AS SELECT randomblob(100000) AS b`)
	const want = "there is no room for the backup in /mnt/backup, and nothing was left there: make room, or name a file on another disk with --to"
	if full == nil || errBackup("/mnt/backup/monday.db", full).Error() != want {
		t.Errorf("%v is told as %v", full, errBackup("/mnt/backup/monday.db", full))
	}
	if err := errBackup("/mnt/backup/monday.db", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
