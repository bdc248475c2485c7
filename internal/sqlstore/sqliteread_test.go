package sqlstore

import (
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite/vfs"

	"cartwright/internal/fault"
)

// brittle is a disk that fails under a file behind its first pages, once it is
// told to.
type brittle struct {
	fs.FS
	broken atomic.Bool
}

func (b *brittle) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &brittleFile{f.(*os.File), b}, nil
}

type brittleFile struct {
	*os.File
	disk *brittle
}

func (f *brittleFile) Read(p []byte) (int, error) {
	if at, err := f.Seek(0, io.SeekCurrent); err != nil || f.disk.broken.Load() && at > 8<<10 {
		return 0, errors.Join(errors.New("input/output error"), err)
	}
	return f.File.Read(p)
}

// TestADiskThatFailsUnderARead: SQLite cannot read, at the first row or at a later
// one, and that is told as an outage.
func TestADiskThatFailsUnderARead(t *testing.T) {
	dir := t.TempDir()
	raw, err := sql.Open(sqliteDialect.driver, "file:"+filepath.Join(dir, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(t.Context(), `CREATE TABLE t (n INTEGER PRIMARY KEY, fill BLOB);
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500) INSERT INTO t SELECT n, zeroblob(1000) FROM numbers`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	disk := &brittle{FS: os.DirFS(dir)}
	name, registered, err := vfs.New(disk)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = registered.Close() }()
	db, err := openReads("file:shop.db?vfs="+name+"&_pragma=cache_size(1)", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all, err := column[int64](db.QueryContext(t.Context(), `SELECT n FROM t WHERE fill IS NOT NULL`))
	if err != nil || len(all) != 500 {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	disk.broken.Store(true)
	for what, query := range map[string]string{
		"a later row": `SELECT n FROM t WHERE fill IS NOT NULL ORDER BY n`,
		"the first":   `SELECT n FROM t WHERE fill IS NOT NULL ORDER BY n DESC`,
		"a sum":       `SELECT SUM(LENGTH(fill)) FROM t`,
	} {
		if got, err := column[int64](db.QueryContext(t.Context(), query)); !fault.IsOutage(err) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	if _, err := column[int64](db.QueryContext(t.Context(), `SELECT nothing FROM t`)); err == nil || fault.IsOutage(err) {
		t.Errorf("a wrong query: %v", err)
	}
}
