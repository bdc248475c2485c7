package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// TableSum is what a table holds, as one number and one fingerprint.
type TableSum struct {
	Rows int64
	// lanes are the sums of the rows' SHA-256, each lane of 64 bits by itself:
	// the order of the rows, which the engines see differently, does not count.
	lanes [4]uint64
}

// Checksum returns the fingerprint, in short.
func (s TableSum) Checksum() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], s.lanes[0])
	return hex.EncodeToString(b[:])
}

// add counts a row in.
func (s *TableSum) add(row []any, buffer []byte) []byte {
	buffer = buffer[:0]
	for _, value := range row {
		switch v := value.(type) {
		case nil:
			buffer = append(buffer, 0)
		case int64:
			buffer = binary.BigEndian.AppendUint64(append(buffer, 1), uint64(v))
		case string:
			buffer = binary.BigEndian.AppendUint64(append(buffer, 2), uint64(len(v)))
			buffer = append(buffer, v...)
		}
	}
	h := sha256.Sum256(buffer)
	for i := range s.lanes {
		s.lanes[i] += binary.BigEndian.Uint64(h[8*i:])
	}
	s.Rows++
	return buffer
}

// Of a batch, whichever comes first. A row is at most some megabytes.
const (
	batchRows  = 1000
	batchBytes = 16 << 20
)

// eachBatch reads a table with one query for each batch, which begins behind the
// last row of the one before, so that a table of any size takes little memory on
// either side. Values are int64, string or nil.
func (r *raw) eachBatch(ctx context.Context, t *copyTable, take func([][]any) error) error {
	key := r.order(t)
	query, args := t.batchQuery(key, true), []any{batchRows}
	for {
		rows, last, err := r.batch(ctx, t, len(key), query, args)
		if err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := take(rows); err != nil {
			return err
		}
		query, args = t.batchQuery(key, false), append(last, batchRows)
	}
}

// batch returns rows, and the key of the last.
func (r *raw) batch(ctx context.Context, t *copyTable, keys int, query string, args []any) (out [][]any, last []any, err error) {
	rows, err := r.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	targets := make([]any, len(t.columns)+keys)
	for size := 0; size < batchBytes && rows.Next(); {
		row := make([]any, len(targets))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, nil, err
		}
		row, last = row[:len(t.columns):len(t.columns)], row[len(t.columns):]
		for i := range row {
			if row[i], err = canonical(row[i], t.text[i]); err != nil {
				return nil, nil, fmt.Errorf("column %s: %w", t.columns[i], err)
			}
			if s, ok := row[i].(string); ok {
				size += len(s)
			}
		}
		out = append(out, row)
	}
	return out, last, rows.Err()
}

// canonical returns a value in the one form that it has in a copy.
func canonical(value any, text bool) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []byte:
		if text {
			return string(v), nil
		}
	case string:
		if text {
			return v, nil
		}
	case int64:
		if !text {
			return v, nil
		}
	}
	return nil, fmt.Errorf("it holds a %T", value)
}

// sum adds up a whole table.
func (r *raw) sum(ctx context.Context, t *copyTable, tell func(rows int)) (TableSum, error) {
	var s TableSum
	var buffer []byte
	err := r.eachBatch(ctx, t, func(rows [][]any) error {
		for _, row := range rows {
			buffer = s.add(row, buffer)
		}
		tell(len(rows))
		return nil
	})
	return s, err
}

// count counts the rows of a table.
func (r *raw) count(ctx context.Context, table string) (n int64, err error) {
	err = r.conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", table, err)
	}
	return n, nil
}

// holdsData reports whether any table has a row.
func (r *raw) holdsData(ctx context.Context, tables []string) (bool, error) {
	for _, table := range tables {
		var some bool
		if err := r.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+table+`)`).Scan(&some); err != nil {
			return false, fmt.Errorf("look into %s: %w", table, err)
		}
		if some {
			return true, nil
		}
	}
	return false, nil
}
