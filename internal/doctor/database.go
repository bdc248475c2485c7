package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cartwright/internal/human"
	"cartwright/internal/sqlstore"
)

// database examines what holds the data. Other checks wait for what it knows.
type database struct {
	Setup
	known chan struct{} // closed when url, facts and err are set
	url   string
	facts sqlstore.Facts
	err   error
}

// wait returns when the database is known. It reports whether its tables could
// be read.
func (d *database) wait(ctx context.Context) bool {
	select {
	case <-d.known:
		return d.err == nil && d.facts.Schema > 0 && d.facts.Schema == d.facts.Newest
	case <-ctx.Done():
		return false
	}
}

func (d *database) examine(ctx context.Context) []Finding {
	if d.url, d.err = d.Config.DatabaseURL(); d.err == nil {
		d.err = sqlstore.CheckURL(d.url)
	}
	if d.err != nil {
		close(d.known)
		return nil // the configuration says so
	}
	d.facts, d.err = sqlstore.Examine(ctx, d.url)
	close(d.known)
	if d.err != nil {
		return append([]Finding{unreachable(d.err, d.url)}, d.folder()...)
	}
	var found []Finding
	if d.facts.File != nil {
		found = append(d.file(), d.folder()...)
	} else {
		found = d.server()
	}
	if schema := d.schema(); schema.Check != "" {
		found = append(found, schema)
	}
	return found
}

// unreachable says what to look at when the database does not answer.
func unreachable(err error, url string) Finding {
	f := Finding{"database", Failed, err.Error(), "see that PostgreSQL runs and that this machine may connect to it, for example with psql"}
	var why *sqlstore.UnreachableError
	switch {
	case errors.As(err, &why):
		f.Said, f.Advice = fmt.Sprintf("cannot reach the database %s: %s", why.Database, why.Cause), why.Advice
	case strings.HasPrefix(url, "sqlite://"):
		f.Advice = "name a file of cartwright in --data or --database, and ask as the user that runs the server"
	}
	return f
}

// file says what is found out about a SQLite file from outside.
func (d *database) file() []Finding {
	const check = "database"
	f := d.facts.File
	if _, err := os.Stat(filepath.Dir(f.Path)); f.Missing && errors.Is(err, fs.ErrNotExist) {
		return []Finding{{check, Warning, fmt.Sprintf("there is no folder %s", filepath.Dir(f.Path)),
			"see whether --data or --database has a slip; if this is to be a new installation, the first start makes it"}}
	}
	if f.Missing {
		return []Finding{ok(check, "SQLite; %s is not there yet, the first start makes it", f.Path)}
	}
	who := "no server runs on it"
	if f.Served {
		who = "served by process " + f.Holder
	}
	found := []Finding{ok(check, "SQLite %s in %s, %s; %s", d.facts.Version, f.Path, human.Bytes(f.Bytes), who)}
	if f.Mode.Perm()&0o077 != 0 && openFolder(filepath.Dir(f.Path)) {
		found = append(found, Finding{check, Warning, fmt.Sprintf("others on this machine can read %s: customers' addresses, and the keys that mails are signed with (mode %04o)",
			f.Path, f.Mode.Perm()), "chmod 700 " + filepath.Dir(f.Path)})
	}
	return found
}

// server says what is found out about a PostgreSQL server.
func (d *database) server() []Finding {
	const check = "database"
	s := d.facts.Server
	found := []Finding{ok(check, "PostgreSQL %s at %s; %d of %d connections are in use, and a server opens up to %d",
		d.facts.Version, sqlstore.Describe(d.url), s.Used, s.Connections, d.connections())}
	add := func(state State, said, advice string) { found = append(found, Finding{check, state, said, advice}) }
	if s.Standby || s.ReadOnly {
		add(Failed, "the database takes no writes: it is a standby, or read-only",
			"name every host in --database and add target_session_attrs=read-write: postgres://user:password@a,b/name?target_session_attrs=read-write")
	}
	if !s.FSync || !s.FullPageWrites {
		add(Warning, "fsync or full_page_writes is off: when its machine crashes, acknowledged writes can be lost and the database can be damaged", "turn both on in postgresql.conf")
	}
	switch {
	case s.SynchronousCommit == "off":
		add(Warning, "synchronous_commit is off: writes that were acknowledged can be lost when the database crashes", "set synchronous_commit to on")
	case s.Standbys != "" && s.SynchronousCommit == "local":
		add(Warning, "synchronous_commit is local: the standby may lack what was acknowledged when it takes over", "set synchronous_commit to on")
	}
	found = append(found, d.room()...)
	if s.Encoding != "UTF8" {
		add(Failed, "the database's encoding is "+s.Encoding+": not every name can be kept", "make the database with ENCODING 'UTF8' TEMPLATE template0")
	}
	if !s.MayCreate && d.facts.Schema < d.facts.Newest {
		add(Failed, "the user may not make tables in the database", "GRANT CREATE ON SCHEMA public TO the user, or make the user the owner of the database")
	}
	if s.Number < oldestServer {
		add(Warning, "PostgreSQL "+d.facts.Version+" gets no repairs any more", "plan its upgrade; the tests run on 15")
	}
	return found
}

// room looks at how many connections PostgreSQL takes altogether, from this
// program's user and to its database.
func (d *database) room() (found []Finding) {
	s := d.facts.Server
	for _, l := range []struct {
		who, of, raise string
		limit          sqlstore.Limit
	}{
		{"the database takes", "", "raise max_connections", sqlstore.Limit{Most: s.Connections, Used: s.Used}},
		{"this user may have", " of this user", "ALTER ROLE USER CONNECTION LIMIT -1", s.Role},
		{"this one database takes", " to this one database", "ALTER DATABASE NAME CONNECTION LIMIT -1", s.Database},
	} {
		switch {
		case l.limit.Most < 0:
		case d.connections() > l.limit.Most:
			found = append(found, Finding{"database", Failed, fmt.Sprintf("one server may open %d connections, and %s %d", d.connections(), l.who, l.limit.Most),
				l.raise + ", or lower --database-connections"})
		case l.limit.Most-l.limit.Used < l.limit.Most/10:
			found = append(found, Finding{"database", Warning, fmt.Sprintf("%d of %d connections%s are in use", l.limit.Used, l.limit.Most, l.of),
				l.raise + ", lower --database-connections, or put pgbouncer in between"})
		}
	}
	return found
}

// oldestServer is the oldest version that is still maintained.
const oldestServer = 140000

// besidePool is what a server opens beside its pool: a connection to feel whether
// the database is there, and one on which other servers wake it.
const besidePool = 2

// connections is how many a server opens at most.
func (d *database) connections() int {
	if n := d.Config.Connections; n > 0 {
		return n + besidePool
	}
	return sqlstore.DefaultConnections + besidePool
}

// schema says whether this program and the tables fit together; a Finding
// without a check has nothing to say.
func (d *database) schema() Finding {
	const check = "schema"
	f := d.facts
	switch {
	case f.File != nil && f.File.Missing:
		return Finding{}
	case f.Schema == 0:
		return ok(check, "there are no tables yet, the first start makes them")
	case f.Schema < f.Newest:
		return Finding{check, Warning, fmt.Sprintf("at version %d, and this program is made for %d", f.Schema, f.Newest),
			"make a backup, then start this program: it brings the schema up to date, and there is no way back"}
	case f.Schema > f.Newest:
		return Finding{check, Failed, fmt.Sprintf("at version %d, and this program knows %d: a newer one has been here", f.Schema, f.Newest),
			"run the newer program, or restore a backup from before it"}
	}
	return ok(check, "at version %d, as this program needs it; %s", f.Schema, human.Count(len(f.Stores), "store"))
}

// integrity has SQLite look for damage.
func (d *database) integrity(ctx context.Context) []Finding {
	const check = "integrity"
	url, err := d.Config.DatabaseURL()
	if err != nil || !strings.HasPrefix(url, "sqlite://") {
		return nil
	}
	damage, err := sqlstore.QuickCheck(ctx, url)
	if len(damage) > 0 {
		return []Finding{{check, Failed, "the database is damaged: " + strings.Join(damage, "; "),
			"stop the server, keep a copy of the files, and restore a backup (docs/operations.md); then look for the cause: disk, memory, copies of open files"}}
	}
	if ctx.Err() != nil {
		return []Finding{ok(check, "no damage was found in the time there was; sqlite3 FILE 'PRAGMA quick_check' looks through the whole database")}
	}
	if err != nil {
		return nil // it does not open, and the database says why
	}
	if d.wait(ctx); d.err != nil || d.facts.File == nil || d.facts.File.Missing {
		return nil
	}
	return []Finding{ok(check, "SQLite finds no damage")}
}

// The clocks of the machine and of a database may differ by what nobody
// notices; an hour's waiting is off by what lies above.
const (
	clockWarning = 2 * time.Second
	clockFailed  = time.Minute
)

// clock compares the clocks that matter.
func (d *database) clock(ctx context.Context) []Finding {
	const check = "clock"
	readable := d.wait(ctx)
	var found []Finding
	if readable && d.facts.ClockOffset != 0 && !d.Config.Sandbox {
		found = append(found, Finding{check, Failed, fmt.Sprintf("the clock of this database was wound by %s in a sandbox; serve refuses it", d.facts.ClockOffset.Round(time.Second)),
			"serve it with --sandbox, or name another database with --data or --database"})
	}
	if s := d.facts.Server; readable && s != nil {
		switch off := s.Ahead.Abs() - s.Within; {
		case off >= clockFailed:
			found = append(found, Finding{check, Failed, fmt.Sprintf("the database's clock differs by %s from this machine's", s.Ahead.Abs().Round(time.Second)),
				"have both keep time with NTP (chrony, systemd-timesyncd)"})
		case off >= clockWarning:
			found = append(found, Finding{check, Warning, fmt.Sprintf("the database's clock differs by %s from this machine's", s.Ahead.Abs().Round(100*time.Millisecond)),
				"have both keep time with NTP (chrony, systemd-timesyncd)"})
		}
	}
	switch synchronized, known := clockKept(); {
	case known && !synchronized:
		found = append(found, Finding{check, Warning, "nothing keeps this machine's clock right, as its kernel says", "run a time service: chrony or systemd-timesyncd"})
	case known && len(found) == 0:
		found = append(found, ok(check, "kept right by a time service, as the kernel says"))
	case len(found) == 0:
		found = append(found, ok(check, "this machine does not say whether its clock is kept right"))
	}
	return found
}
