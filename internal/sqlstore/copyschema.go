package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
)

// notCopied are the tables that mean something to one database only: which
// migrations it has run, and who works on it just now.
var notCopied = []string{versionTable, "leases"}

// copyTable is a table as a copy sees it.
type copyTable struct {
	name    string
	columns []string
	text    []bool // which columns are text; the others are whole numbers
	key     []int  // the columns of the primary key, in its order
	// clustered says that SQLite keeps it in the order of its key, not in that in
	// which its rows were made.
	clustered bool
}

// copyTables returns the tables that a copy is made of. They are read from a
// schema that the migrations have just made, so that none of a later migration
// is forgotten, and what else is kept in the same database is left alone.
func copyTables(ctx context.Context) (tables []copyTable, err error) {
	pool, err := openPlain(sqliteDialect, ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1) // each connection would have a database of its own
	folder, err := migrationsFor(sqliteDialect)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(sqliteDialect.goose, pool, folder)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return nil, fmt.Errorf("make the schema in memory: %w", err)
	}
	names, err := column[string](pool.QueryContext(ctx, listTables[sqliteDialect.name]))
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	for _, name := range names {
		if slices.Contains(notCopied, name) {
			continue
		}
		t, err := readShape(ctx, pool, name)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// readShape reads columns and primary key of a table.
func readShape(ctx context.Context, pool *sql.DB, name string) (copyTable, error) {
	t := copyTable{name: name}
	rows, err := pool.QueryContext(ctx, `SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid`, name)
	if err != nil {
		return t, err
	}
	defer func() { _ = rows.Close() }()
	place := map[int]int{} // in the key, by the place among the columns
	for rows.Next() {
		var column, kind string
		var pk int
		if err := rows.Scan(&column, &kind, &pk); err != nil {
			return t, err
		}
		if kind != "TEXT" && kind != "BIGINT" {
			return t, fmt.Errorf("column %s is %s: a copy knows TEXT and BIGINT", column, kind)
		}
		if pk > 0 {
			place[len(t.columns)] = pk
			t.key = append(t.key, len(t.columns))
		}
		t.columns, t.text = append(t.columns, column), append(t.text, kind == "TEXT")
	}
	if err := rows.Err(); err != nil {
		return t, err
	}
	slices.SortFunc(t.key, func(a, b int) int { return place[a] - place[b] })
	if len(t.key) == 0 {
		return t, errors.New("it has no primary key, by which a copy goes")
	}
	return t, pool.QueryRowContext(ctx, `SELECT wr FROM pragma_table_list($1)`, name).Scan(&t.clustered)
}

// batchQuery reads the next rows in some order: from the beginning, or from
// behind the row whose key is in the first parameters. The last parameter is how
// many. Of each row the columns come first and its key after them.
func (t *copyTable) batchQuery(key []string, first bool) string {
	where, limit := "", 1
	if !first {
		marks := make([]string, len(key))
		for i := range key {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		where = " WHERE (" + strings.Join(key, ", ") + ") > (" + strings.Join(marks, ", ") + ")"
		limit += len(key)
	}
	order := strings.Join(key, ", ")
	return fmt.Sprintf("SELECT %s, %s FROM %s%s ORDER BY %s LIMIT $%d", strings.Join(t.columns, ", "), order, t.name, where, order, limit)
}

// order is by what a table is read: its primary key, or where SQLite keeps the
// rows in the order in which they were made, that. By the key it would read a
// page here and a page there.
func (r *raw) order(t *copyTable) []string {
	if r.file != "" && !t.clustered {
		return []string{"rowid"}
	}
	names := make([]string, len(t.key))
	for i, k := range t.key {
		names[i] = t.columns[k]
	}
	return names
}
