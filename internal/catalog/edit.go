package catalog

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// The limits of the vendor's catalog, and our own where it names none.
const (
	maxName         = 250
	maxSKU          = 255
	maxShortText    = 255
	maxDescription  = 250_000
	maxAddress      = 2048
	maxVariants     = 600
	maxOptions      = 250 // options and modifiers together
	maxValues       = 250
	maxImages       = 1000
	maxCustomFields = 200
	maxCategories   = 1000
	maxLevel        = 1<<31 - 1
)

// check collects what is wrong with an input, by field path, and the first
// rule that it breaks as a whole or conflict with what is there already.
type check struct {
	prefix string
	fields map[string]string
	rule   *fault.Error
}

func (c *check) fail(path, message string) {
	if c.fields == nil {
		c.fields = map[string]string{}
	}
	if path = c.prefix + path; c.fields[path] == "" {
		c.fields[path] = message
	}
}

// duplicate notes that something of this name is there already.
func (c *check) duplicate(path, title string) {
	if c.rule == nil {
		c.rule = Duplicate(c.prefix+path, title)
	}
}

// refuse notes a rule that the input breaks as a whole.
func (c *check) refuse(title string) {
	if c.rule == nil {
		c.rule = fault.New(fault.Invalid, title)
	}
}

// Duplicate is the refusal of a name, SKU or address that is taken.
func Duplicate(path, title string) *fault.Error {
	return &fault.Error{Kind: fault.Conflict, Title: title, Fields: map[string]string{path: title}}
}

// err returns everything that was found wrong, as one fault. Wrong fields
// come before a broken rule.
func (c *check) err() error {
	if len(c.fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema, Fields: c.fields}
	}
	if c.rule != nil {
		return c.rule
	}
	return nil
}

func (c *check) text(path, s string, low, high int) {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0): // PostgreSQL's text holds no NUL
		c.fail(path, fault.ExpectedString)
	case n < low:
		c.fail(path, fault.MinLength)
	case n > high:
		c.fail(path, fault.MaxLength)
	}
}

func (c *check) oneOf(path, s string, allowed ...string) {
	for _, a := range allowed {
		if a == s {
			return
		}
	}
	c.fail(path, fault.ExpectedEnum)
}

func (c *check) number(path string, n, low, high int64) {
	switch {
	case n < low:
		c.fail(path, fault.Min)
	case n > high:
		c.fail(path, fault.Max)
	}
}

// amount checks an amount, a weight or a length that is not negative.
func (c *check) amount(path string, a money.Amount) { c.number(path, int64(a), 0, int64(money.Max)) }

// image checks the address of a picture: absolute, or a path on this server.
func (c *check) image(path, s string) {
	c.text(path, s, 0, maxAddress)
	u, err := url.Parse(s)
	rooted := strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`)
	absolute := err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
	if s != "" && (err != nil || (!rooted && !absolute)) {
		c.fail(path, fault.ExpectedURL)
	}
}

// path checks the path of a page, and returns it from the slash on.
func (c *check) path(path, s string) string {
	s = strings.TrimSpace(s)
	c.text(path, s, 1, maxShortText)
	if !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	odd := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("?#\\\"<>", r)
	})
	if odd >= 0 || strings.HasPrefix(s, "//") {
		c.fail(path, fault.ExpectedURL)
	}
	return s
}

// edit is one change of a product that is under way. What it makes gets a
// negative id that is unique in the product; the storage gives the real one
// (Product.Number).
type edit struct {
	*check
	p     *Product
	now   time.Time
	fresh int64
}

func newEdit(p *Product, now time.Time) *edit { return &edit{check: &check{}, p: p, now: now} }

func (e *edit) newID() int64 {
	e.fresh--
	return e.fresh
}

// done settles what depends on the rest of the product and returns what was
// found wrong.
func (e *edit) done() error {
	e.settleOptions()
	e.settleVariants()
	e.settleImages()
	e.p.Modified = e.now
	return e.err()
}

// at is the path of one entry of a list.
func at(path string, i int) string { return join(path, strconv.Itoa(i)) }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// missing is the refusal of an id that leads nowhere.
func missing(what string, id int64) string { return fmt.Sprintf("%s %d does not exist", what, id) }
