// Package hostile sends the server what no honest client sends, and holds it
// to three promises: it answers with a refusal in the API's shape, it does not
// break, and nothing has changed.
package hostile

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A Mutation is a valid body with one value replaced by one that the schema
// does not allow.
type Mutation struct {
	Place string // where, as in line_items.0.quantity
	Body  any
}

// Mutations returns the bodies that differ from a valid one in a single value
// that is wrong for its schema: each property, also those that the valid body
// leaves out, with values of every other type, out of bounds and of absurd
// size.
func Mutations(schema *openapi3.Schema, valid any) []Mutation {
	var m mutator
	m.value(valid, nil, view(schema), valid, true)
	return m.out
}

type mutator struct{ out []Mutation }

// shape is what a schema allows, with its allOf, anyOf and oneOf taken
// together.
type shape struct {
	kinds      map[string]bool // JSON types; empty allows all
	nullable   bool
	properties map[string]*openapi3.Schema
	required   map[string]bool
	items      *openapi3.Schema
	enum       []any
	minimum    *float64
	maximum    *float64
	minLength  uint64
	maxLength  *uint64
	minItems   uint64
	maxItems   *uint64
	words      bool // any text is allowed
}

func view(s *openapi3.Schema) shape {
	out := shape{kinds: map[string]bool{}, properties: map[string]*openapi3.Schema{}, required: map[string]bool{}}
	out.add(s)
	return out
}

func (sh *shape) add(s *openapi3.Schema) {
	if s.Type != nil {
		for _, kind := range s.Type.Slice() {
			sh.kinds[kind] = true
		}
	}
	sh.nullable = sh.nullable || s.Nullable
	for name, ref := range s.Properties {
		sh.properties[name] = ref.Value
	}
	for _, name := range s.Required {
		sh.required[name] = true
	}
	if s.Items != nil {
		sh.items = s.Items.Value
	}
	sh.enum = append(sh.enum, s.Enum...)
	sh.minimum, sh.maximum = either(s.Min, sh.minimum), either(s.Max, sh.maximum)
	sh.minLength, sh.minItems = max(sh.minLength, s.MinLength), max(sh.minItems, s.MinItems)
	sh.maxLength, sh.maxItems = either(s.MaxLength, sh.maxLength), either(s.MaxItems, sh.maxItems)
	sh.words = sh.words || s.Type != nil && s.Type.Is("string") && s.Pattern == "" && len(s.Enum) == 0
	for _, ref := range s.AllOf {
		sh.add(ref.Value)
	}
	for _, ref := range slices.Concat(s.OneOf, s.AnyOf) {
		if ref.Value.Type != nil { // else it only says which properties go together
			sh.add(ref.Value)
		}
	}
}

func either[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// value adds the mutations of the value at a path of a body, and of what is
// inside it.
func (m *mutator) value(body any, at []any, sh shape, valid any, required bool) {
	for _, bad := range wrong(sh, required) {
		m.out = append(m.out, Mutation{Place: place(at), Body: set(body, at, bad)})
	}
	if len(at) > 8 { // no document of ours is deeper
		return
	}
	if len(sh.properties) > 0 && sh.kinds["object"] {
		object, ok := valid.(map[string]any)
		if !ok {
			object = map[string]any{}
		}
		for _, name := range slices.Sorted(maps.Keys(sh.properties)) {
			inner := view(sh.properties[name])
			m.inside(body, append(slices.Clone(at), name), inner, object[name], sh.required[name])
		}
	}
	if sh.items != nil && sh.kinds["array"] {
		var first any
		if list, ok := valid.([]any); ok && len(list) > 0 {
			first = list[0]
		}
		m.inside(body, append(slices.Clone(at), 0), view(sh.items), first, true)
	}
}

// inside adds the mutations of a value further inside. What the valid body
// leaves out is put in first, so that only one thing is wrong.
func (m *mutator) inside(body any, at []any, sh shape, given any, required bool) {
	if given == nil {
		given = example(sh)
		body = set(body, at, given)
	}
	m.value(body, at, sh, given, required)
}

// Numbers that no program should take without thinking. They are written out,
// because Go has no such numbers either.
const (
	infinite = json.Number("1e999")
	tiny     = json.Number("1e-999")
	beyond64 = json.Number("9223372036854775808")
	googol   = json.Number("1000000000000000000000000000000")
)

// wrong lists values that the shape does not allow.
func wrong(sh shape, required bool) []any {
	if len(sh.kinds) == 0 {
		return nil // anything goes
	}
	var out []any
	if !sh.kinds["object"] {
		out = append(out, map[string]any{}, map[string]any{"a": map[string]any{}})
	}
	if !sh.kinds["array"] {
		out = append(out, []any{}, []any{[]any{}})
	}
	if !sh.kinds["boolean"] {
		out = append(out, true, false)
	}
	numeric := sh.kinds["integer"] || sh.kinds["number"]
	switch {
	case numeric:
		out = append(out, infinite, googol)
		if sh.kinds["integer"] && !sh.kinds["number"] {
			out = append(out, json.Number("0.1"), json.Number("-0.5"), beyond64, tiny)
		}
		if sh.minimum != nil {
			out = append(out, *sh.minimum-1)
		}
		if sh.maximum != nil {
			out = append(out, *sh.maximum+1)
		}
	default:
		out = append(out, 5, json.Number("0.1"), infinite)
	}
	switch {
	case !sh.kinds["string"] || numeric && !sh.words: // numbers may be written as strings of digits
		out = append(out, "text", "", " ", "1e999", "0x10", "NaN", "\x00", "١٢", "1;", strings.Repeat("9", 400))
	case len(sh.enum) > 0:
		out = append(out, "no such value", "\x00")
	default:
		out = append(out, "a\x00b")
		if sh.minLength > 0 {
			out = append(out, "")
		}
		if sh.maxLength != nil {
			out = append(out, strings.Repeat("é", int(*sh.maxLength)+1))
		}
	}
	if required && !sh.nullable {
		out = append(out, nil)
	}
	if sh.kinds["array"] {
		if sh.minItems > 0 {
			out = append(out, []any{})
		}
		if sh.maxItems != nil && sh.items != nil {
			out = append(out, slices.Repeat([]any{example(view(sh.items))}, int(*sh.maxItems)+1))
		}
	}
	return out
}

// example returns a small value that the shape allows.
func example(sh shape) any {
	switch {
	case len(sh.enum) > 0:
		return sh.enum[0]
	case sh.kinds["object"]:
		out := map[string]any{}
		for name := range sh.required {
			if inner, ok := sh.properties[name]; ok {
				out[name] = example(view(inner))
			}
		}
		return out
	case sh.kinds["array"]:
		if sh.items == nil {
			return []any{}
		}
		return []any{example(view(sh.items))}
	case sh.kinds["integer"], sh.kinds["number"]:
		if sh.minimum != nil {
			return *sh.minimum
		}
		return 1
	case sh.kinds["boolean"]:
		return true
	}
	return "example"
}

// set returns a copy of a body with the value at a path replaced. What is
// missing on the way is made.
func set(body any, at []any, v any) any {
	if len(at) == 0 {
		return v
	}
	switch step := at[0].(type) {
	case string:
		object, _ := body.(map[string]any)
		out := maps.Clone(object)
		if out == nil {
			out = map[string]any{}
		}
		out[step] = set(out[step], at[1:], v)
		return out
	case int:
		list, _ := body.([]any)
		out := slices.Clone(list)
		for len(out) <= step {
			out = append(out, nil)
		}
		out[step] = set(out[step], at[1:], v)
		return out
	}
	return body
}

func place(at []any) string {
	if len(at) == 0 {
		return "body"
	}
	parts := make([]string, len(at))
	for i, step := range at {
		switch step := step.(type) {
		case string:
			parts[i] = step
		case int:
			parts[i] = strconv.Itoa(step)
		}
	}
	return strings.Join(parts, ".")
}
