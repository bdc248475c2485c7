package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// raw is a database as it is, over one connection beside everything that DB
// does: nothing is migrated, kept in memory or leased.
type raw struct {
	dialect dialect
	url     string
	file    string // "" for PostgreSQL
	pool    *sql.DB
	conn    *sql.Conn
}

// listTables names the tables of a database, by the name of its dialect.
var listTables = map[string]string{
	sqliteDialect.name:   `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
	postgresDialect.name: `SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
}

// openRaw opens a database that must be there. pragmas are further parameters of
// a SQLite connection, each with its & in front.
func openRaw(ctx context.Context, url, pragmas string) (*raw, error) {
	d, dsn, file, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if file != "" {
		if err := mustBeThere(file); err != nil {
			return nil, err
		}
		dsn += "?mode=rw&_pragma=busy_timeout(15000)" + pragmas
	}
	r := &raw{dialect: d, url: url, file: file}
	if r.pool, err = openPlain(d, dsn); err != nil {
		return nil, fmt.Errorf("open %s: %w", redact(url), err)
	}
	if r.conn, err = r.pool.Conn(ctx); err != nil {
		return nil, errors.Join(errUnreachable(url, err), r.pool.Close())
	}
	return r, nil
}

// openPlain opens a database without what DB adds to its connections.
func openPlain(d dialect, dsn string) (*sql.DB, error) {
	if d.oneWriter {
		return sql.Open(d.driver, dsn)
	}
	cfg, err := pgxpool.ParseConfig(dsn) // which takes settings of a pool too, as Open does
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*cfg.ConnConfig), nil
}

// MustBeThere refuses a database of SQLite that nobody has made yet. It asks no
// other engine.
func MustBeThere(url string) error {
	_, _, file, err := parseURL(url)
	if err != nil || file == "" {
		return err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database in %s (%s)", filepath.Dir(file), filepath.Base(file))
	}
	return nil // what else may be wrong is said when it is opened
}

// mustBeThere says plainly that a file is missing.
func mustBeThere(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s", file)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", file)
	}
	return nil
}

// close takes back what was begun. A connection that was lost is closed already.
func (r *raw) close() error {
	err := r.conn.Close()
	if errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) {
		err = nil
	}
	return errors.Join(err, r.pool.Close())
}

// exec runs statements one after the other.
func (r *raw) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := r.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// versionTable is where goose keeps which migrations have run.
const versionTable = goose.DefaultTablename

// tables returns the names of all tables that are in the database, those of
// others included.
func (r *raw) tables(ctx context.Context) ([]string, error) {
	names, err := column[string](r.conn.QueryContext(ctx, listTables[r.dialect.name]))
	if err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", redact(r.url), err)
	}
	return names, nil
}

// schema returns the version of the database's schema; 0 is none.
func (r *raw) schema(ctx context.Context) (int64, error) {
	names, err := r.tables(ctx)
	if err != nil || !slices.Contains(names, versionTable) {
		return 0, err
	}
	var version int64
	err = r.conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+versionTable+` WHERE is_applied`).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read the version of the schema of %s: %w", redact(r.url), err)
	}
	return version, nil
}

// newestSchema is the version of the schema that this program works with.
func newestSchema() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("there are no migrations"), err)
	}
	return goose.NumericComponent(slices.Max(names))
}
