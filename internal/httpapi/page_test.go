package httpapi

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"cartwright/internal/fault"
)

func TestReadPage(t *testing.T) {
	tests := map[string]struct {
		query  string
		number int64
		limit  int
		field  string // the one that is refused
	}{
		"nothing said":      {"", 1, 50, ""},
		"both":              {"page=3&limit=10", 3, 10, ""},
		"the largest":       {"limit=250", 1, 250, ""},
		"too large":         {"limit=251", 0, 0, "limit"},
		"none":              {"limit=0", 0, 0, "limit"},
		"page zero":         {"page=0", 0, 0, "page"},
		"a page beyond int": {"page=99999999999999999999", 0, 0, "page"},
		"words":             {"page=first", 0, 0, "page"},
		"empty":             {"page=&limit=", 1, 50, ""},
		"not UTF-8":         {"page=%ff", 0, 0, "page"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := readPage(httptest.NewRequest("GET", "/x?"+tt.query, nil))
			if tt.field != "" {
				f := fault.As(err)
				if f == nil || f.Kind != fault.Invalid || f.Fields[tt.field] == "" {
					t.Fatalf("got %v, want %s refused", err, tt.field)
				}
				return
			}
			if err != nil || p.number != tt.number || p.limit != tt.limit {
				t.Errorf("got page %d of %d (%v)", p.number, p.limit, err)
			}
		})
	}
}

func TestPageLinks(t *testing.T) {
	tests := map[string]struct {
		query string
		total int64
		want  string
	}{
		"in the middle": {"page=2&limit=10", 36, `{"total":36,"count":10,"per_page":10,"current_page":2,"total_pages":4,` +
			`"links":{"previous":"?page=1&limit=10","current":"?page=2&limit=10","next":"?page=3&limit=10"}}`},
		"the only one": {"", 3, `{"total":3,"count":3,"per_page":50,"current_page":1,"total_pages":1,"links":{"current":"?page=1&limit=50"}}`},
		"empty":        {"", 0, `{"total":0,"count":0,"per_page":50,"current_page":1,"total_pages":0,"links":{"current":"?page=1&limit=50"}}`},
		"beyond the end": {"page=9&limit=2", 3, `{"total":3,"count":0,"per_page":2,"current_page":9,"total_pages":2,` +
			`"links":{"previous":"?page=2&limit=2","current":"?page=9&limit=2"}}`},
		"filters are repeated": {"limit=2&name=A+%26+B&page=1&id:in=1,2", 2, `{"total":2,"count":2,"per_page":2,"current_page":1,"total_pages":1,` +
			`"links":{"current":"?id%3Ain=1%2C2&name=A+%26+B&page=1&limit=2"}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := readPage(httptest.NewRequest("GET", "/x?"+tt.query, nil))
			if err != nil {
				t.Fatal(err)
			}
			shown := listOf(p, make([]int, tt.total), func(n int) int { return n })
			b, err := encodeJSON(shown.Meta.(listMeta).Pagination)
			if err != nil || string(b) != tt.want {
				t.Errorf("got %s (%v)\nwant %s", b, err, tt.want)
			}
		})
	}
}

func TestCursors(t *testing.T) {
	if c := cursorOf(7); c != "aWQ6Nw==" { // spec/00 §6
		t.Errorf("the cursor of 7 is %s", c)
	}
	for _, bad := range []string{"x", "aWQ6", "aWQ6LTE=", "Nw==", "aWQ6OTk5OTk5OTk5OTk5OTk5OTk5OTk="} {
		if _, ok := parseCursor(bad); ok {
			t.Errorf("%q is taken for a cursor", bad)
		}
	}
	r := httptest.NewRequest("GET", "/x?limit=2&after=aWQ6Nw%3D%3D&page=5", nil)
	p, err := readCursorPage(r)
	if err != nil || p.after != 7 || !p.hasCursor() {
		t.Fatalf("got %+v (%v)", p, err)
	}
	b, _ := json.Marshal(p.list([]int{8, 9}, cursorList{total: 9, ids: []int64{8, 9}, earlier: true}).Meta)
	want := `{"cursor_pagination":{"count":2,"per_page":2,"start_cursor":"aWQ6OA==","end_cursor":"aWQ6OQ==",` +
		`"links":{"previous":"?limit=2\u0026before=aWQ6OA%3D%3D","current":"?limit=2\u0026after=aWQ6Nw%3D%3D"}}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	for query, want := range map[string]string{
		"after=aWQ6Nw%3D%3D&before=aWQ6OQ%3D%3D": "error.after.and.before",
		"before=9":                               "error.expected.cursor",
	} {
		_, err := readCursorPage(httptest.NewRequest("GET", "/x?"+query, nil))
		if f := fault.As(err); f == nil || f.Fields["before"] != want {
			t.Errorf("%s: %v", query, err)
		}
	}
	first, err := readCursorPage(httptest.NewRequest("GET", "/x?limit=1&direction=desc", nil))
	if err != nil || !first.falling {
		t.Fatalf("got %+v (%v)", first, err)
	}
	meta := first.list([]int{3}, cursorList{total: 3, ids: []int64{3}, later: true}).Meta.(listMeta)
	if meta.Pagination == nil || meta.Pagination.Total != 3 || meta.Cursor.Links.Next != "?direction=desc&limit=1&after=aWQ6Mw%3D%3D" {
		t.Errorf("without a cursor: %+v %+v", meta.Pagination, meta.Cursor)
	}
}
