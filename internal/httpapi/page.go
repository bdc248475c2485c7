package httpapi

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The sizes of a page (spec/00 §6).
const (
	defaultLimit = 50
	maxLimit     = 250
	// maxPage keeps page × limit far from overflowing.
	maxPage = 1 << 40
)

// page is which part of a list a request asks for, by number.
type page struct {
	number int64
	limit  int
	// query is the request's, for the links to the pages around this one.
	query url.Values
}

// readPage reads page and limit. A limit beyond 250 is refused with 422.
func readPage(r *http.Request) (page, error) {
	q := readParams(r)
	p := q.page()
	return p, q.err()
}

// offset is how many entries come before the page.
func (p page) offset() int64 { return (p.number - 1) * int64(p.limit) }

// pageOf cuts the page out of a whole list. The result is never nil.
func pageOf[T any](p page, all []T) []T {
	from := min(p.offset(), int64(len(all)))
	to := min(from+int64(p.limit), int64(len(all)))
	return append([]T{}, all[from:to]...)
}

// shownPage cuts the page out of a whole list and shows its entries, for lists
// without an envelope (spec/00 §4). The result is never nil.
func shownPage[T, J any](p page, all []T, show func(*T) J) []J {
	return mapped(pageOf(p, all), show)
}

// list wraps the entries of a page with their place in the whole list, which
// has total entries (spec/00 §4, §6). data must be a slice that is not nil,
// with count entries.
func (p page) list(data any, count int, total int64) envelope {
	return envelope{Data: data, Meta: listMeta{Pagination: p.pagination(count, total)}}
}

// listOf cuts the page out of a whole list and wraps it, each entry as show
// makes it.
func listOf[T, J any](p page, all []T, show func(T) J) envelope {
	part := pageOf(p, all)
	data := make([]J, len(part))
	for i := range part {
		data[i] = show(part[i])
	}
	return p.list(data, len(data), int64(len(all)))
}

// listMeta is the meta of a list.
type listMeta struct {
	Pagination *pagination       `json:"pagination,omitempty"`
	Cursor     *cursorPagination `json:"cursor_pagination,omitempty"`
}

type pagination struct {
	Total       int64     `json:"total"`
	Count       int       `json:"count"`
	PerPage     int       `json:"per_page"`
	CurrentPage int64     `json:"current_page"`
	TotalPages  int64     `json:"total_pages"`
	Links       pageLinks `json:"links"`
}

type pageLinks struct {
	Previous string `json:"previous,omitempty"`
	Current  string `json:"current"`
	Next     string `json:"next,omitempty"`
}

func (p page) pagination(count int, total int64) *pagination {
	limit := int64(p.limit)
	pages := (total + limit - 1) / limit
	out := &pagination{Total: total, Count: count, PerPage: p.limit, CurrentPage: p.number, TotalPages: pages}
	out.Links.Current = p.link(p.number)
	if before := min(p.number-1, pages); before > 0 {
		out.Links.Previous = p.link(before)
	}
	if p.number < pages {
		out.Links.Next = p.link(p.number + 1)
	}
	return out
}

// link is the query string of a page: the request's filters, page and limit.
func (p page) link(number int64) string {
	return p.filters() + "page=" + strconv.FormatInt(number, 10) + "&limit=" + strconv.Itoa(p.limit)
}

// filters is the beginning of a link: every parameter that is not about
// paging.
func (p page) filters() string {
	rest := make(url.Values, len(p.query))
	for name, values := range p.query {
		switch name {
		case "page", "limit", "after", "before":
		default:
			rest[name] = values
		}
	}
	if len(rest) == 0 {
		return "?"
	}
	return "?" + rest.Encode() + "&"
}

// cursorPage is which part of a list a request asks for, by cursor or, without
// one, by number. Lists that take cursors are ordered by id.
type cursorPage struct {
	page
	// after and before are ids, 0 for none; at most one is set. The entries
	// asked for stand behind after in the order of the list, nearest first; or
	// in front of before, again the nearest.
	after, before int64
	// falling says that the list runs from the largest id to the smallest.
	falling bool
}

// hasCursor reports whether the request named a cursor; its page number then
// does not count.
func (p cursorPage) hasCursor() bool { return p.after != 0 || p.before != 0 }

// readCursorPage reads after, before, direction, page and limit.
func readCursorPage(r *http.Request) (cursorPage, error) {
	q := readParams(r)
	p := cursorPage{page: q.page(), after: q.cursor("after"), before: q.cursor("before")}
	p.falling = q.oneOf("direction", "asc", "desc") == "desc"
	if p.after != 0 && p.before != 0 {
		q.fail("before", "error.after.and.before")
	}
	return p, q.err()
}

// cursorOf writes the cursor that stands for an entry (spec/00 §6).
func cursorOf(id int64) string {
	return base64.StdEncoding.EncodeToString([]byte("id:" + strconv.FormatInt(id, 10)))
}

// parseCursor reads what cursorOf wrote.
func parseCursor(s string) (int64, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		b, err = base64.RawURLEncoding.DecodeString(s)
	}
	digits, ok := strings.CutPrefix(string(b), "id:")
	if err != nil || !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0
}

type cursorPagination struct {
	Count       int       `json:"count"`
	PerPage     int       `json:"per_page"`
	StartCursor string    `json:"start_cursor,omitempty"`
	EndCursor   string    `json:"end_cursor,omitempty"`
	Links       pageLinks `json:"links"`
}

// cursorList describes one page of a list that takes cursors.
type cursorList struct {
	// total is the length of the whole list; it is not shown with a cursor.
	total int64
	// ids are those of the entries on this page, in the order of the list.
	ids []int64
	// earlier and later say whether entries stand before and behind the page.
	earlier, later bool
}

// list wraps the entries of a page. A request without a cursor is told of both
// ways to go on, one with a cursor of its own alone (spec/00 §6).
func (p cursorPage) list(data any, l cursorList) envelope {
	c := &cursorPagination{Count: len(l.ids), PerPage: p.limit}
	base := p.filters() + "limit=" + strconv.Itoa(p.limit)
	c.Links.Current = base
	switch {
	case p.after != 0:
		c.Links.Current += "&after=" + url.QueryEscape(cursorOf(p.after))
	case p.before != 0:
		c.Links.Current += "&before=" + url.QueryEscape(cursorOf(p.before))
	case p.number > 1:
		c.Links.Current += "&page=" + strconv.FormatInt(p.number, 10)
	}
	if n := len(l.ids); n > 0 {
		c.StartCursor, c.EndCursor = cursorOf(l.ids[0]), cursorOf(l.ids[n-1])
		if l.earlier {
			c.Links.Previous = base + "&before=" + url.QueryEscape(c.StartCursor)
		}
		if l.later {
			c.Links.Next = base + "&after=" + url.QueryEscape(c.EndCursor)
		}
	}
	meta := listMeta{Cursor: c}
	if !p.hasCursor() {
		meta.Pagination = p.pagination(len(l.ids), l.total)
	}
	return envelope{Data: data, Meta: meta}
}
