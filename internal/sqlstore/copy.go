package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// CopyProgress is told how a copy goes on.
type CopyProgress interface {
	// Begin says how many rows will be gone through: those of the source, once
	// to copy and once to compare. served says that a server works on the source:
	// what it writes from now on is not in the copy.
	Begin(rows int64, served bool)
	// Table says which table comes next and how many rows the source has of it.
	Table(doing, table string, rows int64)
	// Done says how many rows were gone through since the last time.
	Done(rows int)
}

// CopyReport is what a copy came to.
type CopyReport struct {
	Tables []CopiedTable
	// Already says that the target held the same before, so that nothing was
	// written.
	Already bool
}

// CopiedTable compares one table on both sides.
type CopiedTable struct {
	Name     string
	From, To TableSum
}

// Same reports whether both sides hold the same rows.
func (t CopiedTable) Same() bool { return t.From == t.To }

// Rows is how many rows the source holds.
func (r *CopyReport) Rows() (n int64) {
	for _, t := range r.Tables {
		n += t.From.Rows
	}
	return n
}

// different names the tables that differ.
func (r *CopyReport) different() []string {
	var names []string
	for _, t := range r.Tables {
		if !t.Same() {
			names = append(names, t.Name)
		}
	}
	return names
}

// Copy copies a whole database into an empty one, of the same engine or the
// other, and compares both. The URLs are those of Open; the schema of the
// target is made by the migrations.
//
// The source is read as it stands at one moment, and is not changed. The target
// has everything or nothing: rows become visible when all of them have been
// compared, so a copy that was interrupted leaves a database without a row, and
// is run again. On PostgreSQL it is one transaction; on SQLite a file beside the
// target, which then takes its place. A target that holds the same already is
// left alone, one that holds anything else is refused.
//
// Whatever a server keeps open on SQLite is refused by the lock (Lock). Servers
// on a PostgreSQL source must have been stopped by whoever calls this.
//
// A report comes back with an error too when both sides were compared.
func Copy(ctx context.Context, from, to string, progress CopyProgress) (report *CopyReport, err error) {
	c := &copying{progress: progress}
	defer func() {
		err = errors.Join(err, c.close())
		if err != nil && ctx.Err() != nil {
			err = errors.New("interrupted, and nothing was copied: run it again")
		}
	}()
	if c.newest, err = newestSchema(); err != nil {
		return nil, err
	}
	if c.tables, err = copyTables(ctx); err != nil {
		return nil, err
	}
	if err := c.lock(from, to); err != nil {
		return nil, err
	}
	if err := c.openSource(ctx, from); err != nil {
		return nil, fmt.Errorf("the source: %w", err)
	}
	held, err := c.openTarget(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("the target: %w", err)
	}
	if held {
		return c.compareOnly(ctx)
	}
	return c.run(ctx)
}

// copying is one copy.
type copying struct {
	progress CopyProgress
	newest   int64
	tables   []copyTable
	from, to *raw
	served   bool
	draft    *draft         // where a SQLite target is made; nil for PostgreSQL
	releases []func() error // locks
}

func (c *copying) close() error {
	var errs []error
	for _, side := range []*raw{c.to, c.from} {
		if side != nil {
			errs = append(errs, side.close())
		}
	}
	if c.draft != nil {
		errs = append(errs, c.draft.discard())
	}
	for _, release := range c.releases {
		errs = append(errs, release())
	}
	return errors.Join(errs...)
}

// lock keeps servers off both sides where one process serves a file.
func (c *copying) lock(from, to string) error {
	same, err := sameFile(from, to)
	if err != nil {
		return err
	}
	if same || from == to {
		return errors.New("source and target are the same database: name another one with --to")
	}
	if _, _, file, _ := parseURL(from); file != "" { // lock would make its folder
		if err := mustBeThere(file); err != nil {
			return fmt.Errorf("the source: %w", err)
		}
	}
	for _, url := range []string{from, to} {
		release, err := lock(url, "stop that one first, because what it writes meanwhile would be missing from the copy")
		if err != nil {
			return err
		}
		c.releases = append(c.releases, release)
	}
	return nil
}

// openSource begins to read the source as it stands now.
func (c *copying) openSource(ctx context.Context, url string) error {
	var err error
	if c.from, err = openRaw(ctx, url, "&_pragma=query_only(1)"); err != nil {
		return err
	}
	begin := "BEGIN"
	if c.from.file == "" {
		begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	if err := c.from.exec(ctx, begin); err != nil {
		return err
	}
	version, err := c.from.schema(ctx)
	if err != nil {
		return err
	}
	switch {
	case version == 0:
		return fmt.Errorf("%s is not a database of cartwright", redact(url))
	case version < c.newest:
		return fmt.Errorf("its schema has version %d, this program works with %d: start this version of cartwright once on %s, "+
			"which brings it up to date, then copy", version, c.newest, redact(url))
	case version > c.newest:
		return errNewer(version, c.newest)
	}
	if c.from.file == "" {
		c.served, err = c.from.isServed(ctx)
	}
	return err
}

// errNewer refuses a database of a later version of the program.
func errNewer(version, newest int64) error {
	return fmt.Errorf("it was made by a newer version of cartwright: its schema has version %d, this program knows %d; use that version", version, newest)
}

// isServed reports whether anybody holds a lease.
func (r *raw) isServed(ctx context.Context) (served bool, err error) {
	err = r.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM leases WHERE until > `+r.dialect.realMillis+`)`).Scan(&served)
	if err != nil {
		return false, fmt.Errorf("read the leases: %w", err)
	}
	return served, nil
}

// run fills the target, compares it with what was read, and lets it be seen.
func (c *copying) run(ctx context.Context) (*CopyReport, error) {
	report := &CopyReport{}
	counts, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	for i := range c.tables {
		t := &c.tables[i]
		c.progress.Table("Copying", t.name, counts[i])
		sum, err := c.copyTable(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("copy %s: %w", t.name, err)
		}
		report.Tables = append(report.Tables, CopiedTable{Name: t.name, From: sum})
	}
	for i := range c.tables {
		c.progress.Table("Comparing", c.tables[i].name, counts[i])
		if report.Tables[i].To, err = c.to.sum(ctx, &c.tables[i], c.progress.Done); err != nil {
			return nil, err
		}
	}
	if differ := report.different(); len(differ) > 0 {
		return report, fmt.Errorf("source and target differ after copying, so nothing of it was kept: %s", strings.Join(differ, ", "))
	}
	return report, c.finish(ctx)
}

// compareOnly compares a target that holds something with the source.
func (c *copying) compareOnly(ctx context.Context) (*CopyReport, error) {
	report := &CopyReport{Already: true}
	counts, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	for i := range c.tables {
		t := CopiedTable{Name: c.tables[i].name}
		c.progress.Table("Comparing", t.Name, counts[i])
		if t.From, err = c.from.sum(ctx, &c.tables[i], c.progress.Done); err != nil {
			return nil, err
		}
		if t.To, err = c.to.sum(ctx, &c.tables[i], c.progress.Done); err != nil {
			return nil, err
		}
		report.Tables = append(report.Tables, t)
	}
	if differ := report.different(); len(differ) > 0 {
		return report, fmt.Errorf("the target %s holds other data already (%d tables differ), and was left as it is: copy into an empty database, "+
			"or remove that one first", redact(c.to.url), len(differ))
	}
	return report, nil
}

// begin counts the rows of each table of the source.
func (c *copying) begin(ctx context.Context) ([]int64, error) {
	counts := make([]int64, len(c.tables))
	var total int64
	for i := range c.tables {
		var err error
		if counts[i], err = c.from.count(ctx, c.tables[i].name); err != nil {
			return nil, err
		}
		total += counts[i]
	}
	c.progress.Begin(2*total, c.served)
	return counts, nil
}

// copyTable reads a table and writes it at the same time.
func (c *copying) copyTable(ctx context.Context, t *copyTable) (TableSum, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan [][]any, 2)
	failed := make(chan error, 1)
	var sum TableSum
	go func() {
		defer close(batches)
		var buffer []byte
		failed <- c.from.eachBatch(ctx, t, func(rows [][]any) error {
			for _, row := range rows {
				buffer = sum.add(row, buffer)
			}
			select {
			case batches <- rows:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err := c.to.load(ctx, t, func() [][]any {
		rows := <-batches
		c.progress.Done(len(rows))
		return rows
	})
	if err != nil {
		cancel() // which ends the reader
	}
	if ended := <-failed; err == nil {
		err = ended
	}
	return sum, err
}

// known returns the tables of a copy that a database has.
func (c *copying) known(ctx context.Context, r *raw) ([]string, error) {
	there, err := r.tables(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range c.tables {
		if slices.Contains(there, t.name) {
			names = append(names, t.name)
		}
	}
	return names, nil
}
