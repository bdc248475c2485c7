package world

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// openDump opens a connection of its own to look at the database with.
func (w *World) openDump(file string) {
	w.Helper()
	var err error
	if w.db, err = sql.Open("sqlite", "file:"+file+"?_pragma=query_only(1)&_pragma=busy_timeout(15000)"); err != nil {
		w.Fatalf("open %s: %v", file, err)
	}
	if w.conn, err = w.db.Conn(w.Context()); err != nil {
		w.Fatalf("open %s: %v", file, err)
	}
	w.Cleanup(func() {
		_ = w.conn.Close()
		_ = w.db.Close()
	})
}

// Revision returns a number that moves when anybody else commits something to
// the database.
func (w *World) Revision() int64 {
	w.Helper()
	var n int64
	if err := w.conn.QueryRowContext(w.Context(), "PRAGMA data_version").Scan(&n); err != nil {
		w.Fatalf("look at the database: %v", err)
	}
	return n
}

// Dump returns every row of every table.
func (w *World) Dump() Rows {
	w.Helper()
	tables, err := w.column("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		w.Fatalf("list tables: %v", err)
	}
	rows := Rows{}
	for _, table := range tables {
		if rows[table], err = w.rows(table); err != nil {
			w.Fatalf("dump %s: %v", table, err)
		}
	}
	return rows
}

// Snapshot returns a dump and the revision that it shows. It looks at the
// database again only when something was committed since the last snapshot.
func (w *World) Snapshot() (rows Rows, revision int64) {
	w.Helper()
	if revision = w.Revision(); w.last == nil || revision != w.lastRevision {
		w.last, w.lastRevision = w.Dump(), revision
	}
	return w.last, revision
}

// Rows is the content of a database: the rows of each table as text, sorted.
type Rows map[string][]string

// Diff returns what b has and a has not, and the other way round; "" when they
// are the same.
func (a Rows) Diff(b Rows) string {
	var out strings.Builder
	for table := range b {
		for _, row := range a[table] {
			if !slices.Contains(b[table], row) {
				fmt.Fprintf(&out, "- %s %s\n", table, row)
			}
		}
		for _, row := range b[table] {
			if !slices.Contains(a[table], row) {
				fmt.Fprintf(&out, "+ %s %s\n", table, row)
			}
		}
		if len(a[table]) != len(b[table]) && out.Len() == 0 {
			fmt.Fprintf(&out, "%s has %d rows, had %d\n", table, len(b[table]), len(a[table]))
		}
	}
	return out.String()
}

func (w *World) column(query string) ([]string, error) {
	rows, err := w.conn.QueryContext(w.Context(), query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func (w *World) rows(table string) ([]string, error) {
	rows, err := w.conn.QueryContext(w.Context(), `SELECT * FROM "`+table+`"`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := []string{}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = string(b)
			}
		}
		row, err := json.Marshal(values)
		if err != nil {
			return nil, err
		}
		out = append(out, string(row))
	}
	slices.Sort(out)
	return out, rows.Err()
}
