// Package handlebars reads and renders the part of Handlebars that e-mail
// templates need: variables, if, unless, each, with, sections, comments, and
// helpers that the caller brings.
//
//	t, err := handlebars.Parse(`Hello {{customer.first_name}}`)
//	err = t.Check(rules)                  // what a merchant is told when saving
//	html, err := t.Render(ctx, data, opt) // bounded in steps, items and bytes
//
// Templates come from outside, and so does what is put into them. Three things
// always hold:
//   - a template cannot reach anything but the values it is given: no files, no
//     partials, no methods of Go types;
//   - rendering ends: by its limits, or when the context is done;
//   - whatever the text, nothing here panics.
package handlebars

import (
	"fmt"
	"strings"
)

// Template is a template that was read. It is safe for use by many goroutines.
type Template struct{ nodes []node }

// Error is what is wrong with a template, and in which line, the first being 1.
type Error struct {
	Line    int
	Message string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// The bounds of a template's form. They are far beyond what a person writes,
// and keep a hostile one from eating the stack.
const (
	maxDepth    = 50 // blocks in blocks, and helpers in helpers
	maxSegments = 32 // names in one path
)

// node is text, *output or *block.
type node any

type text string

// output is {{path}}, {{helper …}} or {{{raw}}}.
type output struct {
	call *call
	raw  bool
}

// block is {{#name …}} … {{else}} … {{/name}}.
type block struct {
	call          *call
	names         []string // as |product index|
	body, inverse []node
}

// call is what stands inside braces: a path, or a helper with arguments.
type call struct {
	line  int
	head  *path
	args  []operand
	named []namedOperand
}

func (c *call) bare() bool { return len(c.args) == 0 && len(c.named) == 0 }

type namedOperand struct {
	name  string
	value operand
}

// operand is *path, *call or literal.
type operand any

type literal struct{ value any }

// path leads to a value: up frames first, then through parts. data says that
// it begins at @root, @index and the like.
type path struct {
	up    int
	data  bool
	parts []string
}

// name is how the path is written, for a helper's name and for messages.
func (p *path) name() string {
	s := strings.Repeat("../", p.up) + strings.Join(p.parts, ".")
	switch {
	case p.data:
		return "@" + s
	case s == "":
		return "this"
	}
	return s
}

// simple returns the path's only name, or "" when it is more than that.
func (p *path) simple() string {
	if p.up == 0 && !p.data && len(p.parts) == 1 {
		return p.parts[0]
	}
	return ""
}
