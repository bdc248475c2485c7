package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/cursor"
)

// conditions are the parts of a WHERE clause with their arguments.
type conditions struct {
	parts []string
	args  []any
}

// inStore begins the conditions of a list: every list is of one store.
func inStore(store string) *conditions {
	c := &conditions{}
	c.add("store = ?", store)
	return c
}

// add adds a condition; each ? in it stands for one argument.
func (c *conditions) add(part string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		part = strings.Replace(part, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, part)
}

// in adds that a column has one of these values; nil means any value.
func in[T any](c *conditions, column string, values []T) {
	if values == nil {
		return
	}
	if len(values) == 0 {
		c.add("1 = 0")
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	c.add(column+" IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
}

// quoted writes the values of a list of the domain into a query, so that a rule
// of the domain is stated once. They hold no quotes.
func quoted[T ~string](values []T) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = "'" + string(v) + "'"
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// between adds that a time lies at min or later and before end. Zero times
// bound nothing.
func (c *conditions) between(column string, start, end time.Time) {
	if !start.IsZero() {
		c.add(column+" >= ?", ceilMillis(start))
	}
	if !end.IsZero() {
		c.add(column+" < ?", ceilMillis(end))
	}
}

// ceilMillis rounds up: what is stored is whole milliseconds, so an instant
// between two of them bounds like the later one.
func ceilMillis(t time.Time) int64 {
	return millis(t.Add(time.Millisecond - time.Nanosecond))
}

// like adds that a column contains a text. The column and the text are in
// lower case, since the engines differ in what LIKE takes as equal.
func (c *conditions) like(column, text string) {
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text))
	c.add(column+` LIKE ? ESCAPE '\'`, "%"+escaped+"%")
}

// and returns the conditions with one more, leaving c as it is.
func (c *conditions) and(part string, args ...any) *conditions {
	d := &conditions{parts: slices.Clone(c.parts), args: slices.Clone(c.args)}
	d.add(part, args...)
	return d
}

func (c *conditions) where() string { return " WHERE " + strings.Join(c.parts, " AND ") }

// table is a table whose rows are listed by id.
type table[T any] struct {
	name    string
	columns string
	scan    func(scanner) (T, error)
}

type scanner interface{ Scan(dest ...any) error }

// list reads a part of the rows that the conditions select.
func (tb table[T]) list(ctx context.Context, q querier, c *conditions, r cursor.Range) (cursor.Part[T], error) {
	var part cursor.Part[T]
	var err error
	if !r.HasCursor() {
		if err := q.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+tb.name+c.where(), c.args...).Scan(&part.Total); err != nil {
			return part, fmt.Errorf("count %s: %w", tb.name, err)
		}
	}
	part.Entries, err = tb.read(ctx, q, c, r)
	if err != nil {
		return part, err
	}
	more := len(part.Entries) > r.Limit
	if more {
		part.Entries = part.Entries[:r.Limit]
	}
	part.Later = more
	switch {
	case r.Before != 0:
		slices.Reverse(part.Entries)
		part.Earlier = more
		part.Later, err = tb.exists(ctx, q, c.and("id "+rel(!r.Falling)+"= ?", r.Before))
	case r.After != 0:
		part.Earlier, err = tb.exists(ctx, q, c.and("id "+rel(r.Falling)+"= ?", r.After))
	default:
		part.Earlier = r.Offset > 0 && part.Total > 0
	}
	return part, err
}

// rel is the comparison that means behind in a rising list, and in front in a
// falling one.
func rel(greater bool) string {
	if greater {
		return ">"
	}
	return "<"
}

// read reads the rows of a part and one more, nearest to the cursor first.
func (tb table[T]) read(ctx context.Context, q querier, c *conditions, r cursor.Range) ([]T, error) {
	falling, offset := r.Falling, int64(0)
	switch {
	case r.Before != 0:
		falling = !falling
		c = c.and("id "+rel(!falling)+" ?", r.Before)
	case r.After != 0:
		c = c.and("id "+rel(!falling)+" ?", r.After)
	default:
		offset = r.Offset
	}
	order := " ORDER BY id"
	if falling {
		order += " DESC"
	}
	query := "SELECT " + tb.columns + " FROM " + tb.name + c.where() + order +
		" LIMIT " + strconv.Itoa(r.Limit+1) + " OFFSET " + strconv.FormatInt(offset, 10)
	return tb.rows(ctx, q, query, c.args...)
}

// rows reads everything that a query returns.
func (tb table[T]) rows(ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", tb.name, err)
	}
	defer func() { _ = rows.Close() }()
	out := []T{}
	for rows.Next() {
		v, err := tb.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", tb.name, err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// one reads the first row that the conditions select, or nil.
func (tb table[T]) one(ctx context.Context, q querier, c *conditions, suffix string) (*T, error) {
	all, err := tb.rows(ctx, q, "SELECT "+tb.columns+" FROM "+tb.name+c.where()+suffix, c.args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func (tb table[T]) exists(ctx context.Context, q querier, c *conditions) (bool, error) {
	var found int
	err := q.QueryRowContext(ctx, "SELECT 1 FROM "+tb.name+c.where()+" LIMIT 1", c.args...).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// column reads the rows of a query for one value each.
func column[T any](rows *sql.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
