package handlebars

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What a template is filled with is made of map[string]any, []any, string,
// bool, int64, nil and the types below. Anything else shows as nothing.
type (
	// HTML is markup that is put into the text as it is.
	HTML string
	// Foreign is text that a stranger wrote: it is escaped even where a template
	// asks for raw text.
	Foreign string
)

// escaper writes what has a meaning in HTML, also in attributes without quotes.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;", "`", "&#x60;", "=", "&#x3D;")

// textOf writes a value without escaping it.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case HTML:
		return string(v)
	case Foreign:
		return string(v)
	case Number:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// truthy is what {{#if}} asks: nothing, false, 0, an empty text and an empty
// list are false.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case Number:
		return strings.Trim(string(v), "-0.") != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return v != nil
	}
	return textOf(v) != ""
}

// member returns what a value has under a name, or nil.
func member(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[name]
	case []any:
		if name == "length" {
			return int64(len(v))
		}
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// Lookup is the helper of that name: {{lookup list @index}}.
func Lookup(a Args) any {
	if len(a.Values) != 2 {
		return nil
	}
	return member(a.Values[0], textOf(a.Values[1]))
}

// Text writes a value without escaping it.
func Text(v any) string { return textOf(v) }
