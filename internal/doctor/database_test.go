package doctor

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
)

// store opens a database as a server does, and lets make fill it.
func store(t *testing.T, url string, fill func(*sqlstore.DB) error) {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), url, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = db.CreateStore(t.Context(), &merchant.Store{Hash: "alpha", EmailFrom: "hello@alpha.example", Revision: 1})
	if fill != nil {
		err = errors.Join(err, fill(db))
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// tinker changes a SQLite file behind the back of the program.
func tinker(t *testing.T, file, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(query)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestSQLite(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, file string)
		check   string
		state   State
		said    string // FILE is the database
		advice  string
	}{
		"not there yet": {func(*testing.T, string) {}, "database", OK, "SQLite; FILE is not there yet, the first start makes it", ""},
		"in order":      {nil, "schema", OK, "at version NEWEST, as this program needs it; 1 store", ""},
		"undamaged":     {nil, "integrity", OK, "SQLite finds no damage", ""},
		"an older schema": {func(t *testing.T, file string) {
			tinker(t, file, `DELETE FROM goose_db_version WHERE version_id > 11`)
		}, "schema", Warning, "at version 11, and this program is made for NEWEST", "make a backup, then start this program: it brings the schema up to date, and there is no way back"},
		"a newer schema": {func(t *testing.T, file string) {
			tinker(t, file, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
		}, "schema", Failed, "at version 9999, and this program knows NEWEST: a newer one has been here", "run the newer program, or restore a backup from before it"},
		"another's database": {func(t *testing.T, file string) {
			tinker(t, file, `DROP TABLE goose_db_version`)
		}, "schema", OK, "there are no tables yet, the first start makes them", ""},
		"a wound clock": {func(t *testing.T, file string) {
			tinker(t, file, `INSERT INTO clock (id, offset_ms) VALUES (1, 3600000)`)
		}, "clock", Failed, "the clock of this database was wound by 1h0m0s in a sandbox; serve refuses it", "serve it with --sandbox, or name another database with --data or --database"},
		"something else": {func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte("Dear reader, this is a letter."), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "database", Failed, "cannot open the SQLite file FILE: this is no SQLite database", "name a file of cartwright in --data or --database, and ask as the user that runs the server"},
		"damage": {func(t *testing.T, file string) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for page := 10 * 4096; page < len(b); page += 4096 {
				copy(b[page:], strings.Repeat("x", 64))
			}
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "integrity", Failed, "the database is damaged: ", "stop the server, keep a copy of the files, and restore a backup (docs/operations.md); then look for the cause: disk, memory, copies of open files"},
		"readable by others": {func(t *testing.T, file string) {
			if err := errors.Join(os.Chmod(filepath.Dir(file), 0o755), os.Chmod(file, 0o644)); err != nil {
				t.Fatal(err)
			}
		}, "database", Warning, "others on this machine can read FILE: customers' addresses, and the keys that mails are signed with (mode 0644)", "chmod 700 FOLDER"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(t, func(c *app.Config) { c.Sandbox = false })
			if err := os.Chmod(c.Data, 0o700); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(c.Data, "cartwright.db")
			if name != "not there yet" {
				store(t, "sqlite://"+file, nil)
			}
			if tc.prepare != nil {
				tc.prepare(t, file)
			}
			facts, _ := sqlstore.Examine(t.Context(), "sqlite://"+file)
			fill := strings.NewReplacer("FILE", file, "FOLDER", c.Data, "NEWEST", fmt.Sprint(facts.Newest))
			found := Examine(t.Context(), Setup{Config: c, Resolver: names{}}).of(tc.check)
			for _, f := range found {
				if f.State == tc.state && strings.HasPrefix(f.Said, fill.Replace(tc.said)) && f.Advice == fill.Replace(tc.advice) {
					return
				}
			}
			t.Errorf("found %+v", found)
		})
	}
}

func TestSQLiteBesideAServer(t *testing.T) {
	c := config(t, nil)
	address, err := c.DatabaseURL()
	if err != nil {
		t.Fatal(err)
	}
	release, err := sqlstore.Lock(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = release() }()
	store(t, address, nil)
	found := Examine(t.Context(), Setup{Config: c, Resolver: names{}}).of("database")
	if want := fmt.Sprintf("; served by process %d", os.Getpid()); len(found) == 0 || !strings.HasSuffix(found[0].Said, want) {
		t.Errorf("found %+v, want one with %q", found, want)
	}
}

// A folder that is not there is more likely a slip than a new installation.
func TestAFolderThatIsMissing(t *testing.T) {
	c := config(t, func(c *app.Config) { c.Data = filepath.Join(c.Data, "none") })
	r := Examine(t.Context(), Setup{Config: c, Resolver: names{}})
	expect(t, r, "database", Finding{"", Warning, "there is no folder " + c.Data,
		"see whether --data or --database has a slip; if this is to be a new installation, the first start makes it"})
}

func TestAFolderThatIsNone(t *testing.T) {
	c := config(t, nil)
	file := filepath.Join(c.Data, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Data = file
	r := Examine(t.Context(), Setup{Config: c, Resolver: names{}})
	expect(t, r, "database", Finding{"", Failed, "cannot open the SQLite file " + file + "/cartwright.db: not a directory",
		"name a file of cartwright in --data or --database, and ask as the user that runs the server"})
}

// The cluster of the tests waits for no disk, which is what a real one must not
// do.
func TestPostgres(t *testing.T) {
	address := testkit.Postgres(t)
	var (
		noDisk = Finding{"", Warning, "fsync or full_page_writes is off: when its machine crashes, acknowledged writes can be lost and the database can be damaged", "turn both on in postgresql.conf"}
		noWait = Finding{"", Warning, "synchronous_commit is off: writes that were acknowledged can be lost when the database crashes", "set synchronous_commit to on"}
	)
	tests := map[string]struct {
		url  string
		want []Finding // besides the first, which says where it is
	}{
		"that does not wait":    {address + "&synchronous_commit=off", []Finding{noDisk, noWait}},
		"that waits for itself": {address + "&synchronous_commit=on", []Finding{noDisk}},
		"that takes no writes": {address + "&default_transaction_read_only=on", []Finding{
			{"", Failed, "the database takes no writes: it is a standby, or read-only",
				"name every host in --database and add target_session_attrs=read-write: postgres://user:password@a,b/name?target_session_attrs=read-write"},
			noDisk,
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := Examine(t.Context(), Setup{Config: config(t, func(c *app.Config) { c.Database = tc.url }), Resolver: names{}})
			found := r.of("database")
			if len(found) == 0 || !strings.HasPrefix(found[0].Said, "PostgreSQL 1") || found[0].State != OK {
				t.Fatalf("found %+v", found)
			}
			expect(t, r, "database", append([]Finding{found[0]}, tc.want...)...)
			expect(t, r, "schema", Finding{"", OK, "there are no tables yet, the first start makes them", ""})
			if clocks := r.of("clock"); len(clocks) != 1 || clocks[0].State == Failed {
				t.Errorf("one machine's clock: %+v", clocks)
			}
		})
	}
}

func TestPostgresThatCannotBeReached(t *testing.T) {
	address := testkit.Postgres(t)
	for name, tc := range map[string]struct{ url, advice string }{
		"nothing there":          {"postgres://u@127.0.0.1:1/x", "is PostgreSQL running there, and listening on that address (listen_addresses)?"},
		"nowhere there":          {"postgres://u@127.0.0.1:1,127.0.0.1:2/x", "is PostgreSQL running there, and listening on that address (listen_addresses)?"},
		"no such database":       {strings.Replace(address, "/test", "/none", 1), "make the database: createdb -O USER NAME"},
		"a setting that is none": {address + "&colour=red", "correct what the database URL says behind its ?"},
		"no primary":             {address + "&default_transaction_read_only=on" + "&target_session_attrs=read-write", "every host named is a standby: promote one, or name the primary too"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Examine(t.Context(), Setup{Config: config(t, func(c *app.Config) { c.Database = tc.url }), Resolver: names{}})
			if found := r.of("database"); len(found) != 1 || found[0].State != Failed || found[0].Advice != tc.advice || strings.Contains(found[0].Said, tc.advice) || strings.Contains(found[0].Said, "\n") {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// What a cluster of the tests cannot be set up as is judged from facts.
func TestServerFacts(t *testing.T) {
	good := sqlstore.ServerFacts{Number: 150004, FSync: true, FullPageWrites: true, SynchronousCommit: "on", Connections: 97, Used: 3, Encoding: "UTF8", MayCreate: true,
		Role: sqlstore.Limit{Most: -1, Used: 3}, Database: sqlstore.Limit{Most: -1, Used: 3}}
	tests := map[string]struct {
		change func(*sqlstore.ServerFacts)
		want   Finding // "" is nothing besides where it is
	}{
		"in order":             {func(*sqlstore.ServerFacts) {}, Finding{}},
		"a standby without it": {func(s *sqlstore.ServerFacts) { s.Standbys, s.SynchronousCommit = "b", "local" }, Finding{"", Warning, "synchronous_commit is local: the standby may lack what was acknowledged when it takes over", "set synchronous_commit to on"}},
		"too few connections":  {func(s *sqlstore.ServerFacts) { s.Connections = 12 }, Finding{"", Failed, "one server may open 18 connections, and the database takes 12", "raise max_connections, or lower --database-connections"}},
		"hardly any left":      {func(s *sqlstore.ServerFacts) { s.Used = 95 }, Finding{"", Warning, "95 of 97 connections are in use", "raise max_connections, lower --database-connections, or put pgbouncer in between"}},
		"a role with few":      {func(s *sqlstore.ServerFacts) { s.Role.Most = 10 }, Finding{"", Failed, "one server may open 18 connections, and this user may have 10", "ALTER ROLE USER CONNECTION LIMIT -1, or lower --database-connections"}},
		"a role's last ones":   {func(s *sqlstore.ServerFacts) { s.Role = sqlstore.Limit{Most: 40, Used: 37} }, Finding{"", Warning, "37 of 40 connections of this user are in use", "ALTER ROLE USER CONNECTION LIMIT -1, lower --database-connections, or put pgbouncer in between"}},
		"a database with few":  {func(s *sqlstore.ServerFacts) { s.Database.Most = 17 }, Finding{"", Failed, "one server may open 18 connections, and this one database takes 17", "ALTER DATABASE NAME CONNECTION LIMIT -1, or lower --database-connections"}},
		"another encoding":     {func(s *sqlstore.ServerFacts) { s.Encoding = "LATIN1" }, Finding{"", Failed, "the database's encoding is LATIN1: not every name can be kept", "make the database with ENCODING 'UTF8' TEMPLATE template0"}},
		"no rights":            {func(s *sqlstore.ServerFacts) { s.MayCreate = false }, Finding{"", Failed, "the user may not make tables in the database", "GRANT CREATE ON SCHEMA public TO the user, or make the user the owner of the database"}},
		"an old version":       {func(s *sqlstore.ServerFacts) { s.Number = 120003 }, Finding{"", Warning, "PostgreSQL 12.3 gets no repairs any more", "plan its upgrade; the tests run on 15"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := good
			tc.change(&s)
			d := &database{url: "postgres://h/x", facts: sqlstore.Facts{Version: "12.3", Newest: 12, Server: &s}}
			r := Report{Checks: d.server()}
			want := []Finding{r.Checks[0]}
			if tc.want.Said != "" {
				want = append(want, tc.want)
			}
			expect(t, r, "database", want...)
		})
	}
}

func TestClocksThatDiffer(t *testing.T) {
	for name, tc := range map[string]struct {
		ahead time.Duration
		state State
		said  string
	}{
		"by seconds":  {-5 * time.Second, Warning, "the database's clock differs by 5s from this machine's"},
		"by minutes":  {3 * time.Minute, Failed, "the database's clock differs by 3m0s from this machine's"},
		"by a little": {time.Second, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := &database{known: make(chan struct{}), facts: sqlstore.Facts{Schema: 1, Newest: 1, Server: &sqlstore.ServerFacts{Ahead: tc.ahead, Within: time.Millisecond}}}
			close(d.known)
			for _, f := range d.clock(t.Context()) {
				if f.Said == tc.said && f.State == tc.state && f.Advice != "" {
					return
				}
			}
			if tc.said != "" {
				t.Errorf("found %+v", d.clock(t.Context()))
			}
		})
	}
}
