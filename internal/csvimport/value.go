package csvimport

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// bad notes that a cell cannot be used. A cell that is looked at twice is
// complained about once.
func (in *reader) bad(r row, c column, format string, args ...any) {
	p := Problem{r.line, c.name, fmt.Sprintf(format, args...)}
	if !in.told[p] {
		in.told[p] = true
		in.problems.add(p.Line, p.Column, p.Text)
	}
}

// amount reads a price or a measure that is not below zero; given is false
// when the cell is empty or wrong.
func (in *reader) amount(r row, c column) (a money.Amount, given bool) {
	text := r.text(c)
	if text == "" {
		return 0, false
	}
	a, err := money.Parse(text)
	if err == nil && a >= 0 {
		return a, true
	}
	switch {
	case strings.HasPrefix(text, "-"):
		in.bad(r, c, "%q is below zero: write 0 or more", shorten(text))
	case strings.ContainsAny(text, ",'  "), strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Sc, c) }):
		in.bad(r, c, "%q is not a plain number: write it with a point and nothing else, such as 1234.50", shorten(text))
	default:
		in.bad(r, c, "%q is not an amount: write a number such as 19.95", shorten(text))
	}
	return 0, false
}

// whole reads a whole number.
func (in *reader) whole(r row, c column) (n int64, given bool) {
	text := r.text(c)
	if text == "" {
		return 0, false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > -maxWhole && n < maxWhole {
		return n, true
	}
	// Spreadsheets like to write whole numbers with decimals.
	if a, err := money.Parse(text); err == nil && a%money.Unit == 0 && a/money.Unit < maxWhole && a/money.Unit > -maxWhole {
		return int64(a / money.Unit), true
	}
	in.bad(r, c, "%q is not a whole number: write one such as 12", shorten(text))
	return 0, false
}

// maxWhole bounds stock levels and quantities.
const maxWhole = 1_000_000_000

// flag reads a yes or no; an empty cell is fallback.
func (in *reader) flag(r row, c column, fallback bool) bool {
	text := r.text(c)
	switch strings.ToLower(text) {
	case "":
		return fallback
	case "true", "t", "yes", "y", "1":
		return true
	case "false", "f", "no", "n", "0":
		return false
	}
	in.bad(r, c, "%q is neither yes nor no: write true or false", shorten(text))
	return fallback
}

// address reads the web address of a picture.
func (in *reader) address(r row, c column) string {
	text := r.text(c)
	if text == "" {
		return ""
	}
	if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return text
	}
	in.bad(r, c, "%q is not a web address: write one that begins with https://", shorten(text))
	return ""
}

// pagePath turns a handle or a path into the path of a product page.
func (in *reader) pagePath(r row, c column, text string) string {
	text = strings.Trim(text, "/")
	for _, part := range strings.Split(text, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, func(c rune) bool {
			return c <= ' ' || strings.ContainsRune(`?#%\<>"`, c) || unicode.IsSpace(c) || unicode.IsControl(c)
		}) {
			in.bad(r, c, "%q cannot be the address of a page: write letters, digits and hyphens, such as blue-wool-hat", shorten(text))
			return ""
		}
	}
	return "/" + text + "/"
}

// given returns a field that is given when the file has the column.
func given[T any](value T, c column) catalog.Field[T] {
	if c.index < 0 {
		return catalog.Field[T]{}
	}
	return catalog.Set(value)
}

// amountField returns the amount of a column as a field; an empty cell is 0.
func (in *reader) amountField(r row, c column) catalog.Field[money.Amount] {
	a, _ := in.amount(r, c)
	return given(a, c)
}

// wholeField returns the number of a column as a field; an empty cell is 0.
func (in *reader) wholeField(r row, c column) catalog.Field[int64] {
	n, _ := in.whole(r, c)
	return given(n, c)
}

// need names those of the columns that the file lacks.
func (in *reader) need(columns ...column) bool {
	complete := true
	for _, c := range columns {
		if c.index < 0 {
			complete = false
			in.problems.add(1, "", fmt.Sprintf("there is no column %q: the first row must name it", c.name))
		}
	}
	return complete
}
