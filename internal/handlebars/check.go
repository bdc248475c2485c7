package handlebars

import "slices"

// Rules say what a template may use.
type Rules struct {
	// Helpers are the names that may stand before arguments.
	Helpers []string
	// Known reports whether something is the first name of a variable, so that a
	// section {{#name}} may be made of it.
	Known func(name string) bool
	// Loops is how many loops may stand inside each other.
	Loops int
}

// blockHelpers are the blocks of Handlebars itself.
var blockHelpers = []string{"if", "unless", "each", "with"}

// Check returns the first thing that the rules forbid, as an *Error. A variable
// may be unknown: it renders as nothing.
func (t *Template) Check(r Rules) error {
	c := checker{Rules: r}
	c.nodes(t.nodes, 0)
	if c.err != nil {
		return c.err
	}
	return nil
}

type checker struct {
	Rules

	err *Error
}

func (c *checker) fail(line int, message string) {
	if c.err == nil {
		c.err = &Error{line, message}
	}
}

func (c *checker) nodes(nodes []node, loops int) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *output:
			c.output(n.call)
		case *block:
			c.block(n, loops)
		}
	}
}

// output checks {{…}}: without arguments it is a variable, unless a helper has
// that name.
func (c *checker) output(at *call) {
	name := at.head.simple()
	if slices.Contains(c.Helpers, name) {
		if len(at.args) == 0 {
			c.fail(at.line, name+" needs an argument")
		}
	} else if !at.bare() {
		c.fail(at.line, "there is no helper "+at.head.name())
	}
	c.arguments(at)
}

func (c *checker) arguments(at *call) {
	for _, a := range at.args {
		c.operand(a)
	}
	for _, n := range at.named {
		c.operand(n.value)
	}
}

func (c *checker) operand(o operand) {
	nested, ok := o.(*call)
	if !ok {
		return
	}
	if !slices.Contains(c.Helpers, nested.head.simple()) {
		c.fail(nested.line, "there is no helper "+nested.head.name())
	}
	c.arguments(nested)
}

func (c *checker) block(b *block, loops int) {
	name, inside := b.call.head.simple(), loops
	switch {
	case slices.Contains(blockHelpers, name):
		if len(b.call.args) != 1 || len(b.call.named) > 0 {
			c.fail(b.call.line, "{{#"+name+"}} needs one argument")
		}
		if name == "each" {
			inside++
		}
	case !b.call.bare(), !c.known(b.call.head):
		c.fail(b.call.line, "there is no block helper "+b.call.head.name())
	default:
		inside++ // a section loops when its variable is a list
	}
	if inside > c.Loops {
		c.fail(b.call.line, "loops are nested too deep")
	}
	c.arguments(b.call)
	c.nodes(b.body, inside)
	c.nodes(b.inverse, loops)
}

// known reports whether a path may lead somewhere; one that begins at a frame
// may.
func (c *checker) known(p *path) bool {
	return p.up > 0 || p.data || len(p.parts) == 0 || c.Known(p.parts[0])
}
