package handlebars

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// The limits of a rendering, when they are reached.
var (
	ErrTooLarge = errors.New("the rendered template is too large")
	ErrTooLong  = errors.New("rendering the template takes too long")
)

// Options say how a template is rendered.
type Options struct {
	// Helpers are called by name. A template that passed Check uses no others.
	Helpers map[string]Helper
	// Plain leaves HTML out of it: nothing is escaped.
	Plain bool
	// MaxBytes bounds the result, MaxItems each loop, MaxSteps all work.
	MaxBytes, MaxItems, MaxSteps int
}

// Helper makes a value of arguments.
type Helper func(Args) any

// Args are what a helper is called with.
type Args struct {
	Values []any
	Named  map[string]any
	// Room is how many bytes of a result there is still room for.
	Room int
	// Escape writes a value as it stands in the result.
	Escape func(any) string
}

// Render fills a template from data. It returns ErrTooLarge, ErrTooLong or the
// error of ctx when it had to stop.
func (t *Template) Render(ctx context.Context, data map[string]any, opt Options) (string, error) {
	r := &renderer{ctx: ctx, opt: opt, root: data}
	r.nodes(t.nodes, &frame{this: data})
	return r.out.String(), r.err
}

type renderer struct {
	ctx   context.Context
	opt   Options
	root  any
	out   strings.Builder
	steps int
	err   error
}

// frame is what names mean inside one loop or with.
type frame struct {
	parent *frame
	this   any
	data   map[string]any // index, key, first, last
	names  map[string]any // as |a b|
}

// step counts work, and reports whether there may be more of it.
func (r *renderer) step(n int) bool {
	before := r.steps
	r.steps += n
	switch {
	case r.err != nil:
	case r.steps > r.opt.MaxSteps:
		r.err = ErrTooLong
	case before>>10 != r.steps>>10:
		r.err = r.ctx.Err()
	}
	return r.err == nil
}

func (r *renderer) write(s string) {
	if r.err == nil && r.out.Len()+len(s) > r.opt.MaxBytes {
		r.err = ErrTooLarge
	}
	if r.err == nil {
		r.out.WriteString(s)
	}
}

func (r *renderer) nodes(nodes []node, f *frame) {
	for _, n := range nodes {
		if !r.step(1) {
			return
		}
		switch n := n.(type) {
		case text:
			r.write(string(n))
		case *output:
			r.write(r.show(r.call(n.call, f), n.raw))
		case *block:
			r.block(n, f)
		}
	}
}

// show writes a value into the text. What a shopper wrote is escaped even
// where the template asks for raw text.
func (r *renderer) show(v any, raw bool) string {
	_, html := v.(HTML)
	_, foreign := v.(Foreign)
	if r.opt.Plain || html || raw && !foreign {
		return textOf(v)
	}
	return escaper.Replace(textOf(v))
}

// call evaluates a variable or a helper with its arguments.
func (r *renderer) call(c *call, f *frame) any {
	helper, ok := r.opt.Helpers[c.head.simple()]
	if !ok {
		return r.path(c.head, f)
	}
	args := Args{Named: make(map[string]any, len(c.named)), Room: r.opt.MaxBytes - r.out.Len(), Escape: func(v any) string { return r.show(v, false) }}
	for _, a := range c.args {
		args.Values = append(args.Values, r.operand(a, f))
	}
	for _, n := range c.named {
		args.Named[n.name] = r.operand(n.value, f)
	}
	if !r.step(1) {
		return nil
	}
	v := helper(args)
	r.step(len(textOf(v)) / 16) // a helper's text is work too
	return v
}

func (r *renderer) operand(o operand, f *frame) any {
	if !r.step(1) {
		return nil
	}
	switch o := o.(type) {
	case *path:
		return r.path(o, f)
	case *call:
		return r.call(o, f)
	case literal:
		return o.value
	}
	return nil
}

// path follows a path from a frame; what is not there is nil.
func (r *renderer) path(p *path, f *frame) any {
	if !r.step(len(p.parts) + p.up) {
		return nil
	}
	for range p.up {
		if f = f.parent; f == nil {
			return nil
		}
	}
	parts := p.parts
	var v any
	switch {
	case p.data && len(parts) > 0 && parts[0] == "root":
		v, parts = r.root, parts[1:]
	case p.data && len(parts) > 0:
		v, parts = f.find(func(f *frame) map[string]any { return f.data }, parts[0]), parts[1:]
	case p.data:
		return nil
	case len(parts) > 0 && p.up == 0 && f.named(parts[0]):
		v, parts = f.find(func(f *frame) map[string]any { return f.names }, parts[0]), parts[1:]
	default:
		v = f.this
	}
	for _, name := range parts {
		v = member(v, name)
	}
	return v
}

func (f *frame) named(name string) bool {
	for ; f != nil; f = f.parent {
		if _, ok := f.names[name]; ok {
			return true
		}
	}
	return false
}

// find returns a name of the innermost frame that has it.
func (f *frame) find(of func(*frame) map[string]any, name string) any {
	for ; f != nil; f = f.parent {
		if v, ok := of(f)[name]; ok {
			return v
		}
	}
	return nil
}

func (r *renderer) block(b *block, f *frame) {
	name := b.call.head.simple()
	if !slices.Contains(blockHelpers, name) || len(b.call.args) != 1 {
		r.section(b, r.path(b.call.head, f), f)
		return
	}
	v := r.operand(b.call.args[0], f)
	switch name {
	case "if", "unless":
		if truthy(v) == (name == "if") {
			r.nodes(b.body, f)
		} else {
			r.nodes(b.inverse, f)
		}
	case "with":
		if truthy(v) {
			r.nodes(b.body, f.inside(b, v, nil))
		} else {
			r.nodes(b.inverse, f)
		}
	case "each":
		r.each(b, v, f)
	}
}

// section renders {{#name}}: once for each entry of a list, once for a value,
// and not at all for what is not there.
func (r *renderer) section(b *block, v any, f *frame) {
	_, list := v.([]any)
	switch {
	case list:
		r.each(b, v, f)
	case v == true:
		r.nodes(b.body, f)
	case truthy(v):
		r.nodes(b.body, f.inside(b, v, nil))
	default:
		r.nodes(b.inverse, f)
	}
}

func (r *renderer) each(b *block, v any, f *frame) {
	var keys, values []any
	switch v := v.(type) {
	case []any:
		values = v
		for i := range v {
			keys = append(keys, int64(i))
		}
	case map[string]any:
		for _, name := range sortedKeys(v) {
			keys, values = append(keys, name), append(values, v[name])
		}
	}
	if len(values) == 0 {
		r.nodes(b.inverse, f)
		return
	}
	values = values[:min(len(values), r.opt.MaxItems)]
	for i, entry := range values {
		if !r.step(1) {
			return
		}
		r.nodes(b.body, f.inside(b, entry, map[string]any{
			"index": int64(i), "key": keys[i], "first": i == 0, "last": i == len(values)-1,
		}))
	}
}

// inside returns the frame of one entry of a block.
func (f *frame) inside(b *block, this any, data map[string]any) *frame {
	in := &frame{parent: f, this: this, data: data}
	for i, name := range b.names {
		if in.names == nil {
			in.names = map[string]any{}
		}
		if in.names[name] = this; i == 1 {
			in.names[name] = data["key"]
		}
	}
	return in
}
