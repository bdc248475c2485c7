package csvimport

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table is a file cut into cells.
type table struct {
	header  []string       // as written
	columns map[string]int // by lower-case name
	rows    []row
	// problems holds what is wrong with the text itself.
	problems Problems
}

// row is one row below the header.
type row struct {
	line  int // where it begins
	cells []string
}

// The beginnings of files that are not UTF-8 text.
var (
	bomUTF8    = []byte("\xef\xbb\xbf")
	bomUTF16LE = []byte("\xff\xfe")
	bomUTF16BE = []byte("\xfe\xff")
	zipMagic   = []byte("PK\x03\x04")
)

// readTable reads the rows of a CSV file: with or without a byte order mark,
// with either kind of line end, separated by commas, semicolons or tabs.
func readTable(r io.Reader) (*table, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	start, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(start, bomUTF8):
		_, _ = buffered.Discard(len(bomUTF8))
	case bytes.HasPrefix(start, bomUTF16LE), bytes.HasPrefix(start, bomUTF16BE):
		return nil, problemOfFile("the file is UTF-16 text: save it as CSV UTF-8")
	case bytes.HasPrefix(start, zipMagic):
		return nil, problemOfFile("the file is a spreadsheet or an archive: save it as CSV UTF-8")
	}
	first, err := buffered.Peek(buffered.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	in := csv.NewReader(buffered)
	in.Comma = separator(first)
	in.FieldsPerRecord = -1
	return readRows(in)
}

func problemOfFile(text string) error { return Problems{List: []Problem{{Line: 1, Text: text}}} }

// separator is the one of the usual separators that the first line has most of.
func separator(first []byte) rune {
	line, _, _ := bytes.Cut(first, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}

func readRows(in *csv.Reader) (*table, error) {
	t := &table{columns: map[string]int{}}
	for {
		cells, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			if t.header == nil {
				return nil, problemOfFile("the file is empty: it needs a first row that names the columns")
			}
			return t, nil
		case err != nil:
			var bad *csv.ParseError
			if !errors.As(err, &bad) {
				return nil, fmt.Errorf("read the file: %w", err)
			}
			// Behind a broken quote nothing can be told apart any more.
			t.problems.add(bad.StartLine, "", brokenQuote(bad))
			return nil, t.problems
		}
		line, _ := in.FieldPos(0)
		if t.header == nil {
			t.setHeader(cells)
			continue
		}
		t.addRow(line, cells)
	}
}

func brokenQuote(bad *csv.ParseError) string {
	if errors.Is(bad.Err, csv.ErrQuote) {
		return fmt.Sprintf(`a quoted cell is not closed, or has a single quote inside (line %d): write "" for each " inside a quoted cell`, bad.Line)
	}
	return fmt.Sprintf(`there is a " in the middle of a cell that does not begin with one (column %d): put the whole cell in quotes and write "" for it`, bad.Column)
}

func (t *table) setHeader(cells []string) {
	t.header = make([]string, len(cells))
	for i, cell := range cells {
		t.header[i] = strings.TrimSpace(cell)
		name := strings.ToLower(t.header[i])
		if _, twice := t.columns[name]; !twice && name != "" {
			t.columns[name] = i
		}
	}
}

func (t *table) addRow(line int, cells []string) {
	r := row{line: line, cells: cells}
	empty := true
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		empty = false
		switch {
		case !utf8.ValidString(cell):
			t.problems.add(line, t.columnName(i), "the text is not UTF-8: save the file as CSV UTF-8")
		case strings.ContainsRune(cell, 0):
			t.problems.add(line, t.columnName(i), "there is a zero byte in the text: remove it")
		case i >= len(t.header) && strings.TrimSpace(cell) != "":
			t.problems.add(line, "", fmt.Sprintf("the row has %d cells and the first row names %d columns: put cells that hold a comma in quotes",
				len(cells), len(t.header)))
			return
		}
	}
	if !empty {
		t.rows = append(t.rows, r)
	}
}

func (t *table) columnName(i int) string {
	if i < len(t.header) && t.header[i] != "" {
		return t.header[i]
	}
	return fmt.Sprintf("column %d", i+1)
}

// column is one column of a file, or one that it lacks.
type column struct {
	name  string // as the file writes it, or as it should
	index int    // -1 when the file lacks it
}

// column finds a column by one of its names, in any case.
func (t *table) column(names ...string) column {
	for _, name := range names {
		if i, ok := t.columns[strings.ToLower(name)]; ok {
			return column{t.header[i], i}
		}
	}
	return column{names[0], -1}
}

// has reports whether the file has the column.
func (t *table) has(names ...string) bool { return t.column(names...).index >= 0 }

// text returns the cell of a column without the space around it; "" when the
// row or the file does not have it.
func (r row) text(c column) string {
	if c.index < 0 || c.index >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[c.index])
}
