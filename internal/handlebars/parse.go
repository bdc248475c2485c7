package handlebars

import (
	"fmt"
	"strings"
)

// Parse reads a template. What is wrong with it is an *Error.
func Parse(src string) (*Template, error) {
	p := &parser{src: src, line: 1}
	nodes := p.list(0)
	switch p.end.kind {
	case endClose:
		p.failAt(p.end.line, "{{/%s}} closes nothing", p.end.name)
	case endElse:
		p.failAt(p.end.line, "{{else}} stands in no block")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Template{nodes}, nil
}

// parser reads from pos on. After the first mistake it does not move any more:
// err is set and everything that is left counts as read.
type parser struct {
	src  string
	pos  int
	err  *Error
	end  ending // what ended the last list
	trim bool   // the tag before wants the blanks that follow it gone

	counted, line int // the line at an earlier position
	depth         int // helpers in helpers
}

// ending is the tag behind a list of nodes.
type ending struct {
	kind endKind
	line int
	name string // of endClose
	// chain is set for {{else if …}}: the block that stands there.
	chain *block
}

type endKind int

const (
	endText endKind = iota
	endClose
	endElse
)

func (p *parser) failAt(line int, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{line, fmt.Sprintf(format, args...)}
	}
	p.pos = len(p.src)
}

func (p *parser) fail(format string, args ...any) { p.failAt(p.lineHere(), format, args...) }

func (p *parser) lineHere() int {
	if p.pos > p.counted {
		p.line += strings.Count(p.src[p.counted:p.pos], "\n")
		p.counted = p.pos
	}
	return p.line
}

func (p *parser) has(s string) bool { return strings.HasPrefix(p.src[p.pos:], s) }

// take moves past s if it stands here.
func (p *parser) take(s string) bool {
	if !p.has(s) {
		return false
	}
	p.pos += len(s)
	return true
}

const blanks = " \t\r\n\f\v"

func (p *parser) space() {
	p.pos = len(p.src) - len(strings.TrimLeft(p.src[p.pos:], blanks))
}

// list reads nodes up to the tag that ends them, which it leaves in end.
func (p *parser) list(depth int) []node {
	p.end = ending{}
	if depth > maxDepth {
		p.fail("blocks are nested more than %d deep", maxDepth)
	}
	var out []node
	for p.err == nil {
		i := strings.Index(p.src[p.pos:], "{{")
		if i < 0 {
			out = p.addText(out, p.src[p.pos:])
			p.pos = len(p.src)
			break
		}
		before := p.src[p.pos : p.pos+i]
		p.pos += i
		if strings.HasSuffix(before, `\`) && !strings.HasSuffix(before, `\\`) {
			p.pos += 2
			out = p.addText(out, before[:len(before)-1]+"{{")
			continue
		}
		if strings.HasSuffix(before, `\\`) {
			before = before[:len(before)-1]
		}
		out = p.addText(out, before)
		var n node
		if out, n = p.tag(out, depth); n != nil {
			out = append(out, n)
		}
		if p.end.kind != endText {
			break
		}
	}
	return out
}

func (p *parser) addText(out []node, s string) []node {
	if p.trim {
		s, p.trim = strings.TrimLeft(s, blanks), false
	}
	if s == "" {
		return out
	}
	return append(out, text(s))
}

// tag reads one {{…}}. It returns the nodes before it, which a tilde may have
// trimmed, and the node that the tag is, if any.
func (p *parser) tag(out []node, depth int) ([]node, node) {
	line := p.lineHere()
	p.pos += 2
	if p.take("~") {
		if last := len(out) - 1; last >= 0 {
			if s, ok := out[last].(text); ok {
				out[last] = text(strings.TrimRight(string(s), blanks))
			}
		}
	}
	switch {
	case p.has("!"):
		p.comment(line)
	case p.has("{{"):
		p.fail("raw blocks are not supported")
	case p.has(">"), p.has("#>"), p.has("*"), p.has("#*"):
		p.fail("partials and decorators are not supported")
	case p.take("{"):
		o := &output{call: p.call(), raw: true}
		if p.space(); p.has("}}}") || p.has("}~}}") {
			p.pos++
		} else {
			p.fail("}}} is expected")
		}
		p.close()
		return out, o
	case p.take("&"):
		o := &output{call: p.call(), raw: true}
		p.close()
		return out, o
	case p.take("#"):
		return out, p.block(line, depth, false)
	case p.take("/"):
		p.space()
		p.end = ending{kind: endClose, line: line, name: p.path().name()}
		p.close()
	case p.take("^"):
		if p.closes() {
			p.close()
			p.end = ending{kind: endElse, line: line}
			break
		}
		return out, p.block(line, depth, true)
	default:
		if p.takeElse() {
			p.elseTag(line)
			break
		}
		o := &output{call: p.call()}
		p.close()
		return out, o
	}
	return out, nil
}

// comment moves past {{! …}} or {{!-- … --}}, in which braces may stand.
func (p *parser) comment(line int) {
	closing := "}}"
	if p.has("!--") {
		closing = "--}}"
		if i := strings.Index(p.src[p.pos:], "--~}}"); i >= 0 && !strings.Contains(p.src[p.pos:p.pos+i], "--}}") {
			closing = "--~}}"
		}
	}
	i := strings.Index(p.src[p.pos:], closing)
	if i < 0 {
		p.failAt(line, "the comment is not closed")
		return
	}
	p.trim = closing == "--~}}" || closing == "}}" && i > 0 && p.src[p.pos+i-1] == '~'
	p.pos += i + len(closing)
}

// closes reports whether the tag ends here, but for blanks.
func (p *parser) closes() bool {
	p.space()
	return p.has("}}") || p.has("~}}")
}

func (p *parser) close() {
	p.space()
	p.trim = p.take("~")
	if !p.take("}}") {
		p.fail("}} is expected")
	}
}

// takeElse moves past the word else, if that is what stands here.
func (p *parser) takeElse() bool {
	before := p.pos
	p.space()
	if p.take("else") && (p.closes() || p.pos > before && strings.ContainsRune(blanks, rune(p.src[p.pos-1]))) {
		return true
	}
	p.pos = before
	return false
}

func (p *parser) elseTag(line int) {
	end := ending{kind: endElse, line: line}
	if !p.closes() {
		end.chain = &block{call: p.call(), names: p.blockNames()}
	}
	p.close()
	p.end = end
}

func (p *parser) block(line, depth int, inverted bool) node {
	b := &block{call: p.call(), names: p.blockNames()}
	p.close()
	p.inside(b, b.call.head.name(), line, depth)
	if inverted {
		b.body, b.inverse = b.inverse, b.body
	}
	return b
}

// inside reads what a block holds, up to and with the tag that closes name.
func (p *parser) inside(b *block, name string, line, depth int) {
	b.body = p.list(depth + 1)
	if p.end.kind == endElse {
		if chain := p.end.chain; chain != nil {
			b.inverse = []node{chain}
			p.inside(chain, name, line, depth+1)
			return
		}
		b.inverse = p.list(depth + 1)
	}
	end := p.end
	p.end = ending{}
	switch {
	case end.kind == endElse:
		p.failAt(end.line, "a second {{else}} in {{#%s}}", name)
	case end.kind == endText:
		p.failAt(line, "{{#%s}} is not closed", name)
	case end.name != name:
		p.failAt(end.line, "{{/%s}} does not close {{#%s}} of line %d", end.name, name, line)
	}
}

// blockNames reads as |a b|.
func (p *parser) blockNames() []string {
	before := p.pos
	p.space()
	if !p.take("as") {
		return nil
	}
	p.space()
	if !p.take("|") {
		p.pos = before
		return nil
	}
	var names []string
	for {
		p.space()
		if p.take("|") {
			return names
		}
		name := p.identifier()
		if name == "" || len(names) == 2 {
			p.fail("one or two names and | are expected")
			return nil
		}
		names = append(names, name)
	}
}
