package handlebars

import (
	"regexp"
	"strings"
)

// Number is a number in its digits: 34.9.
type Number string

// call reads a path with its arguments, if there are any.
func (p *parser) call() *call {
	p.space()
	c := &call{line: p.lineHere(), head: p.path()}
	for p.err == nil && !p.argumentsEnd() {
		if name := p.argumentName(); name != "" {
			c.named = append(c.named, namedOperand{name, p.operand()})
			continue
		}
		if len(c.named) > 0 {
			p.fail("an argument without a name stands behind one with a name")
		}
		c.args = append(c.args, p.operand())
	}
	return c
}

// argumentsEnd moves to what comes next and reports whether that is no
// argument any more.
func (p *parser) argumentsEnd() bool {
	p.space()
	if p.pos == len(p.src) {
		p.fail("}} is expected")
		return true
	}
	return strings.ContainsRune("})~|", rune(p.src[p.pos])) || blockNamesHere.MatchString(p.src[p.pos:min(len(p.src), p.pos+64)])
}

var blockNamesHere = regexp.MustCompile(`^as\s+\|`)

// argumentName moves past name= and returns the name.
func (p *parser) argumentName() string {
	before := p.pos
	if name := p.identifier(); name != "" && p.take("=") {
		return name
	}
	p.pos = before
	return ""
}

var (
	numberHere = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,18})?`)
	words      = map[string]any{"true": true, "false": false, "null": nil, "undefined": nil}
)

func (p *parser) operand() operand {
	switch {
	case p.pos == len(p.src):
		p.fail("a value is expected")
		return literal{}
	case p.take("("):
		return p.nested()
	case p.has(`"`), p.has(`'`):
		return p.quoted()
	}
	if digits := numberHere.FindString(p.src[p.pos:min(len(p.src), p.pos+40)]); digits != "" {
		p.pos += len(digits)
		if p.pos < len(p.src) && !strings.ContainsRune(blanks+"})~|", rune(p.src[p.pos])) {
			p.fail("%q is no number", digits+p.src[p.pos:p.pos+1])
		}
		return literal{Number(digits)}
	}
	at := p.path()
	if value, ok := words[at.simple()]; ok {
		return literal{value}
	}
	return at
}

// nested reads a helper in brackets, behind the opening one.
func (p *parser) nested() operand {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		p.fail("helpers are nested more than %d deep", maxDepth)
		return literal{}
	}
	c := p.call()
	p.space()
	if !p.take(")") {
		p.fail(") is expected")
	}
	return c
}

// quoted reads a text in single or double quotes; a backslash before the same
// quote keeps it from ending the text.
func (p *parser) quoted() operand {
	quote := p.src[p.pos]
	line := p.lineHere()
	var out strings.Builder
	for i := p.pos + 1; i < len(p.src); i++ {
		switch c := p.src[i]; {
		case c == '\\' && i+1 < len(p.src) && p.src[i+1] == quote:
			i++
			out.WriteByte(quote)
		case c == quote:
			p.pos = i + 1
			return literal{out.String()}
		default:
			out.WriteByte(c)
		}
	}
	p.failAt(line, "the text in quotes is not closed")
	return literal{""}
}

// path reads a.b, a/b, ../a, this.a, @index and a.[any name].
func (p *parser) path() *path {
	out := &path{}
	out.data = p.take("@")
	for p.err == nil {
		switch {
		case p.take(".."):
			if out.up++; len(out.parts) > 0 || out.data && out.up > 1 {
				p.fail("../ must stand at the beginning")
			}
		case p.has("."):
			if p.pos++; len(out.parts) > 0 {
				p.fail("a name is expected")
			}
		case p.take("["):
			end := strings.IndexByte(p.src[p.pos:], ']')
			if end < 0 {
				p.fail("] is expected")
				break
			}
			out.parts = append(out.parts, p.src[p.pos:p.pos+end])
			p.pos += end + 1
		default:
			name := p.identifier()
			if name == "" {
				p.fail("a name is expected")
				break
			}
			if name != "this" || len(out.parts) > 0 || out.data {
				out.parts = append(out.parts, name)
			}
		}
		if len(out.parts) > maxSegments || out.up > maxSegments {
			p.fail("a path has more than %d names", maxSegments)
		}
		if !p.take(".") && !p.take("/") {
			break
		}
	}
	return out
}

// notInNames cannot stand in a name without brackets around it.
const notInNames = blanks + "!\"#%&'()*+,./;<=>@[\\]^`{|}~"

func (p *parser) identifier() string {
	rest := p.src[p.pos:]
	end := strings.IndexAny(rest, notInNames)
	if end < 0 {
		end = len(rest)
	}
	p.pos += end
	return rest[:end]
}
