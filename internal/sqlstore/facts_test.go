package sqlstore_test

import (
	"bytes"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testkit"
)

func examine(t *testing.T, url string) sqlstore.Facts {
	t.Helper()
	f, err := sqlstore.Examine(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Examine says the same of both engines: nothing yet, then the schema, the
// stores and their keys, how far the clock is; also beside an open database.
func TestExamine(t *testing.T) {
	for name, url := range map[string]string{
		"SQLite":     "sqlite://" + filepath.Join(t.TempDir(), "shop.db"),
		"PostgreSQL": testkit.Postgres(t),
	} {
		t.Run(name, func(t *testing.T) {
			empty := examine(t, url)
			if empty.Engine != name || empty.Schema != 0 || empty.Newest < 12 || len(empty.Stores) > 0 {
				t.Errorf("before the first start: %+v", empty)
			}
			db := open(t, url)
			if err := db.CreateStore(t.Context(), &merchant.Store{Hash: "alpha", EmailFrom: "shop@alpha.example", Revision: 1}); err != nil {
				t.Fatal(err)
			}
			if _, err := db.PutDKIMKey(t.Context(), "alpha", "alpha.example", "mail1", "secret", storetest.Noon); err != nil {
				t.Fatal(err)
			}
			if _, err := db.AdvanceClock(t.Context(), time.Hour); err != nil {
				t.Fatal(err)
			}
			f := examine(t, url)
			if f.Schema != f.Newest || f.Newest != empty.Newest || f.Version == "" || f.ClockOffset != time.Hour {
				t.Errorf("found %+v", f)
			}
			if len(f.Stores) != 1 || f.Stores[0].EmailFrom != "shop@alpha.example" {
				t.Errorf("the stores are %+v", f.Stores)
			}
			if want := (sqlstore.DKIMKey{Store: "alpha", Domain: "alpha.example", Selector: "mail1", Private: "secret"}); len(f.Keys) != 1 || f.Keys[0] != want {
				t.Errorf("the keys are %+v", f.Keys)
			}
		})
	}
}

func TestExamineAServer(t *testing.T) {
	f := examine(t, testkit.Postgres(t)+"&pool_max_conns=3") // of pgx, not of the database
	s := f.Server
	if f.File != nil || s == nil {
		t.Fatalf("found %+v", f)
	}
	if s.Number < 100000 || !strings.HasPrefix(f.Version, strconv.Itoa(s.Number/10000)) || s.Standby || s.ReadOnly || !s.MayCreate || s.Encoding != "UTF8" {
		t.Errorf("found %+v of version %s", s, f.Version)
	}
	// As the cluster of the tests is set up.
	if s.FSync || s.FullPageWrites || s.SynchronousCommit != "on" || s.Standbys != "" || s.Connections < 100 || s.Used < 1 || s.Used > 100 {
		t.Errorf("found %+v", s)
	}
	if s.Ahead.Abs() > s.Within+time.Second || s.Within <= 0 {
		t.Errorf("one machine's clock differs from itself by %s within %s", s.Ahead, s.Within)
	}
}

// What a user and a database may have beside all others is found out too.
func TestExamineLimits(t *testing.T) {
	address := testkit.Postgres(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if s := examine(t, address).Server; s.Role.Most != -1 || s.Database.Most != -1 {
		t.Errorf("without limits: %+v", s)
	}
	name := strings.Trim(u.Path, "/")
	admin := sqlOf(t, address)
	mustExec(t, admin, `CREATE ROLE few`+name+` LOGIN CONNECTION LIMIT 7; ALTER DATABASE `+name+` CONNECTION LIMIT 9`)
	afterwards(t, admin, `DROP ROLE few`+name)
	u.User = url.User("few" + name)
	s := examine(t, u.String()).Server
	if want := (sqlstore.Limit{Most: 7, Used: 1}); s.Role != want {
		t.Errorf("found %+v of the user", s.Role)
	}
	if s.Database.Most != 9 || s.Database.Used < 1 || s.Database.Used > 4 {
		t.Errorf("found %+v of the database", s.Database)
	}
}

// Looking at a file changes nothing, neither beside a server, nor when one has
// stopped or was killed.
func TestExamineLeavesFilesAlone(t *testing.T) {
	dir := t.TempDir()
	url := "sqlite://" + filepath.Join(dir, "shop.db")
	look := func() (sqlstore.Facts, map[string][]byte) {
		t.Helper()
		before := files(t, dir)
		f := examine(t, url)
		if found, err := sqlstore.QuickCheck(t.Context(), url); err != nil || len(found) > 0 {
			t.Errorf("found %q, %v", found, err)
		}
		after := files(t, dir)
		for name := range after {
			if _, was := before[name]; !was {
				t.Errorf("%s is new", name)
			}
		}
		for name, b := range before {
			if !strings.HasSuffix(name, "-shm") && !bytes.Equal(b, after[name]) {
				t.Errorf("%s has changed", name)
			}
		}
		return f, after
	}
	if f, found := look(); !f.File.Missing || len(found) > 0 {
		t.Errorf("found %+v, %d files", f.File, len(found))
	}
	release, err := sqlstore.Lock(url)
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, url)
	f, running := look()
	if !f.File.Served || f.File.Holder != strconv.Itoa(os.Getpid()) || !f.File.WAL || f.File.Bytes < 4096 || f.File.Mode.Perm() == 0 {
		t.Errorf("beside a server: %+v", f.File)
	}
	if err := errors.Join(db.Close(), release()); err != nil {
		t.Fatal(err)
	}
	if f, _ := look(); f.File.Served || f.Schema != f.Newest {
		t.Errorf("after a server: %+v", f)
	}
	for name, b := range running { // as kill -9 leaves it
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if f, _ := look(); f.File.Served || f.Schema != f.Newest {
		t.Errorf("after a killed server: %+v", f)
	}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestExamineANewerSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.db")
	if err := open(t, "sqlite://"+file).Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = raw.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1); DROP TABLE stores`)
	if err := errors.Join(err, raw.Close()); err != nil {
		t.Fatal(err)
	}
	if f := examine(t, "sqlite://"+file); f.Schema != 9999 || f.Newest >= 9999 {
		t.Errorf("found %+v", f)
	}
}

func TestExamineSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte("Dear reader, this is a letter."), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"sqlite://" + text:                                        "text.db: this is no SQLite database",
		"sqlite://" + text + "/shop.db":                           "not a directory",
		"postgres://u:hunter2@127.0.0.1:1/x":                      "is PostgreSQL running there",
		"mysql://u:hunter2@h/x":                                   "write sqlite:///path",
		strings.Replace(testkit.Postgres(t), "/test", "/none", 1): `database "none`,
	} {
		_, err := sqlstore.Examine(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error is %v, want one with %q", url, err, want)
		}
	}
}

func TestQuickCheckFindsDamage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.db")
	if err := open(t, "sqlite://"+file).Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for page := 10 * 4096; page < len(b)-4096; page += 4096 {
		copy(b[page:], bytes.Repeat([]byte{0xAA}, 64))
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := sqlstore.QuickCheck(t.Context(), "sqlite://"+file)
	if err != nil || len(found) == 0 {
		t.Errorf("found %q, %v", found, err)
	}
}
