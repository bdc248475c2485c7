package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cartwright/internal/testdb"
)

// openDump opens a connection of its own to look at the database with.
func (w *World) openDump(address string) {
	w.Helper()
	var err error
	if w.conn, err = testdb.Raw(w, address).Conn(w.Context()); err != nil {
		w.Fatalf("open %s: %v", address, err)
	}
	w.Cleanup(func() { _ = w.conn.Close() })
	tables := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if w.postgres = !strings.HasPrefix(address, "sqlite:"); w.postgres {
		tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
	}
	if w.tables, err = w.column(tables); err != nil {
		w.Fatalf("list tables: %v", err)
	}
}

// Revision returns a number that moves when anybody else changes something in
// the database.
func (w *World) Revision() int64 {
	w.Helper()
	if !w.postgres {
		return w.number("PRAGMA data_version")
	}
	// This number of PostgreSQL's moves with each transaction that may have changed
	// something, anywhere in the cluster. Whether one did, the rows say.
	next := w.number("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)")
	if w.last == nil || next != w.nextTransaction {
		w.nextTransaction = next
		if rows := w.Dump(); w.last == nil || w.last.Diff(rows) != "" {
			w.last, w.lastRevision = rows, w.lastRevision+1
		}
	}
	return w.lastRevision
}

func (w *World) number(query string) (n int64) {
	w.Helper()
	if err := w.conn.QueryRowContext(w.Context(), query).Scan(&n); err != nil {
		w.Fatalf("look at the database: %v", err)
	}
	return n
}

// Dump returns every row of every table.
func (w *World) Dump() Rows {
	w.Helper()
	if w.postgres {
		return w.dumpAtOnce()
	}
	rows := Rows{}
	for _, table := range w.tables {
		var err error
		if rows[table], err = w.rows(table); err != nil {
			w.Fatalf("dump %s: %v", table, err)
		}
	}
	return rows
}

// dumpAtOnce is Dump in one statement: each costs a round trip.
func (w *World) dumpAtOnce() Rows {
	w.Helper()
	parts, rows := make([]string, len(w.tables)), Rows{}
	for i, table := range w.tables {
		parts[i] = fmt.Sprintf(`SELECT %d, CAST(row_to_json(t) AS TEXT) FROM %q t`, i, table)
		rows[table] = []string{}
	}
	found, err := w.conn.QueryContext(w.Context(), strings.Join(parts, " UNION ALL "))
	if err != nil {
		w.Fatalf("dump the database: %v", err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var table int
		var row string
		if err := found.Scan(&table, &row); err != nil {
			w.Fatalf("dump the database: %v", err)
		}
		rows[w.tables[table]] = append(rows[w.tables[table]], row)
	}
	if err := found.Err(); err != nil {
		w.Fatalf("dump the database: %v", err)
	}
	for _, of := range rows {
		slices.Sort(of)
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
