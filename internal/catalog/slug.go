package catalog

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug bounds a path that is made from a name, with room for a number
// behind it.
const maxSlug = 200

// Slug makes the path of a page from a name: "Café Table, 2 m" becomes
// "/cafe-table-2-m/".
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r): // the accent of the letter before
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case r == '\'' || r == '’':
		default:
			gap = true
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	if b.Len() == 0 {
		return "/item/"
	}
	return "/" + b.String() + "/"
}

// NumberedSlug returns the n-th path to try for a name: the first is Slug, the
// second "/cafe-table-2/".
func NumberedSlug(name string, n int) string {
	s := Slug(name)
	if n > 1 {
		s = strings.TrimSuffix(s, "/") + "-" + strconv.Itoa(n) + "/"
	}
	return s
}
