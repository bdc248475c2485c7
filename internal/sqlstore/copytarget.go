package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// openTarget looks at the target and, unless it holds something, makes it ready
// to be filled.
func (c *copying) openTarget(ctx context.Context, url string) (held bool, err error) {
	_, _, file, err := parseURL(url)
	if err != nil {
		return false, err
	}
	if file == "" {
		return c.openPostgresTarget(ctx, url)
	}
	if _, err := os.Stat(file); err == nil {
		if held, err = c.inspect(ctx, url); err != nil || held {
			return held, err
		}
		if err := c.to.close(); err != nil {
			return false, err
		}
		c.to = nil
	}
	return false, c.openDraft(ctx, file)
}

func (c *copying) openPostgresTarget(ctx context.Context, url string) (held bool, err error) {
	if held, err = c.inspect(ctx, url); err != nil || held {
		return held, err
	}
	if err := migrateOnly(ctx, url); err != nil {
		return false, err
	}
	// Two copies at once, or a store that is created meanwhile, wait for each
	// other here; whoever comes second sees what the first has made.
	if err := c.to.exec(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED", "LOCK TABLE stores IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return false, err
	}
	tables, err := c.known(ctx, c.to)
	if err != nil {
		return false, err
	}
	return c.to.holdsData(ctx, tables)
}

// inspect opens a target that is there, and tells whether it holds anything.
// Nothing is changed by it.
func (c *copying) inspect(ctx context.Context, url string) (held bool, err error) {
	if c.to, err = openRaw(ctx, url, ""); err != nil {
		return false, err
	}
	version, err := c.to.schema(ctx)
	if err != nil {
		return false, err
	}
	if version > c.newest {
		return false, errNewer(version, c.newest)
	}
	tables, err := c.known(ctx, c.to)
	if err != nil {
		return false, err
	}
	if version == 0 && len(tables) > 0 {
		return false, fmt.Errorf("%s has tables of the same names (%s) that are not cartwright's: copy into an empty database",
			redact(url), strings.Join(tables, ", "))
	}
	if held, err = c.to.holdsData(ctx, tables); err != nil {
		return false, err
	}
	if held && version < c.newest {
		return false, fmt.Errorf("%s holds data of an earlier version of cartwright, and was left as it is: copy into an empty database", redact(url))
	}
	return held, nil
}

// migrateOnly makes the schema of a database.
func migrateOnly(ctx context.Context, url string) error {
	db, err := Open(ctx, url, Options{Shared: true, Connections: 2})
	if err != nil {
		return err
	}
	return db.Close()
}

// openDraft makes a new SQLite file beside the target. Whatever happens to it
// happens to nobody else, so it has no journal and does not wait for the disk
// until it is complete.
func (c *copying) openDraft(ctx context.Context, file string) error {
	err := clearDrafts(file, "copy")
	if err != nil {
		return err
	}
	if c.draft, err = newDraft(file, "copy"); err != nil {
		return err
	}
	if err := migrateOnly(ctx, c.draft.url()); err != nil {
		return err
	}
	c.to, err = openRaw(ctx, c.draft.url(), "&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-262144)")
	if err != nil {
		return err
	}
	return c.to.exec(ctx, "BEGIN IMMEDIATE")
}

// finish lets the target be seen.
func (c *copying) finish(ctx context.Context) error {
	if c.draft == nil {
		// Without what ANALYZE learns, the first queries would be planned blindly.
		names := make([]string, len(c.tables))
		for i := range c.tables {
			names[i] = c.tables[i].name
		}
		return c.to.exec(ctx, "ANALYZE "+strings.Join(names, ", "), "COMMIT")
	}
	if err := c.to.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	err := c.to.close()
	c.to = nil
	if err != nil {
		return err
	}
	return c.draft.place()
}

// load writes the rows of a table. next returns a batch at a time, nil at the
// end.
func (r *raw) load(ctx context.Context, t *copyTable, next func() [][]any) error {
	if r.file == "" {
		return r.loadPostgres(ctx, t, next)
	}
	marks := make([]string, len(t.columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	insert, err := r.conn.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.name, strings.Join(t.columns, ", "), strings.Join(marks, ", ")))
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	for rows := next(); rows != nil; rows = next() {
		if err := insertAll(ctx, insert, rows); err != nil {
			return err
		}
	}
	return nil
}

func insertAll(ctx context.Context, insert *sql.Stmt, rows [][]any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// A context that can end costs a goroutine for each row.
	ctx = context.WithoutCancel(ctx)
	for _, row := range rows {
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}

// loadPostgres sends a table with COPY.
func (r *raw) loadPostgres(ctx context.Context, t *copyTable, next func() [][]any) error {
	var rows [][]any
	source := pgx.CopyFromFunc(func() ([]any, error) {
		if len(rows) == 0 {
			if rows = next(); rows == nil {
				return nil, nil
			}
		}
		row := rows[0]
		rows = rows[1:]
		return row, nil
	})
	return r.conn.Raw(func(conn any) error {
		c, ok := conn.(*stdlib.Conn)
		if !ok {
			return errors.New("the driver cannot COPY")
		}
		_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, source)
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Where != "" { // the row and the column
			return fmt.Errorf("%w: %s", err, refused.Where)
		}
		return err
	})
}
