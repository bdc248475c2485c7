package hostile

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"cartwright/internal/testkit"
	"cartwright/test/world"
)

// suspect is one operation under attack, with a valid request to start from.
type suspect struct {
	*world.World

	op      testkit.Operation
	request world.Request
}

// attack runs f for every operation that passes the filter.
func attack(t *testing.T, which func(testkit.Operation) bool, f func(s *suspect)) {
	t.Helper()
	w := world.New(t)
	for _, op := range w.Doc.Operations() {
		if !which(op) {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			w.TB = t
			f(&suspect{World: w, op: op, request: w.Sample(op.OperationID)})
		})
	}
}

func takesBody(op testkit.Operation) bool { return op.RequestBody != nil }

func (s *suspect) schema() *openapi3.Schema {
	return s.op.RequestBody.Value.Content["application/json"].Schema.Value
}

// refused sends a request and fails the test unless it was refused and nothing
// has changed. The shape of the refusal is checked with every answer.
func (s *suspect) refused(r world.Request, what string, statuses ...int) {
	s.Helper()
	answer, unchanged := s.watch(r)
	ok := answer.Status >= 400 && answer.Status < 500
	if len(statuses) > 0 {
		ok = false
		for _, status := range statuses {
			ok = ok || answer.Status == status
		}
	}
	if !ok {
		s.Errorf("%s: answered %d: %s", what, answer.Status, clip(answer.Bytes))
	}
	s.renew(unchanged)
}

// renew makes a request anew when the last one used up what it was about.
func (s *suspect) renew(unchanged bool) {
	s.Helper()
	if !unchanged && s.op.Method != http.MethodPut {
		s.request = s.Sample(s.op.OperationID)
	}
}

// survives sends a request that may succeed or be refused, but must not break
// the server, nor change anything when it is refused.
func (s *suspect) survives(r world.Request, what string) {
	s.Helper()
	if answer, unchanged := s.watch(r); answer.Status >= 500 {
		s.Errorf("%s: answered %d: %s", what, answer.Status, clip(answer.Bytes))
	} else {
		s.renew(unchanged)
	}
}

func (s *suspect) watch(r world.Request) (answer world.Answer, unchanged bool) {
	s.Helper()
	before, revision := s.Snapshot()
	answer = s.Do(r)
	if s.Revision() == revision {
		return answer, true
	}
	after, _ := s.Snapshot()
	diff := before.Diff(after)
	if answer.Status >= 300 && diff != "" && !inPart(answer) {
		s.Errorf("a request that was answered %d changed:\n%s%s", answer.Status, diff, clip(r.Bytes()))
	}
	return answer, diff == ""
}

// inPart reports whether an answer says that some entries of a batch were
// taken and others refused (spec/01 §14).
func inPart(answer world.Answer) bool {
	taken, _ := world.Get(answer.JSON(), "meta", "success").(float64)
	return taken > 0
}

func clip(b []byte) string {
	if len(b) > 400 {
		return string(b[:400]) + "…"
	}
	return string(b)
}

// Every value of every body, of the wrong type, out of bounds, absurdly large.
func TestWrongValues(t *testing.T) {
	attack(t, takesBody, func(s *suspect) {
		mutations := Mutations(s.schema(), decoded(s.request))
		from := s.request.Path
		for i := range mutations {
			if s.request.Path != from { // the last one was taken, and what it was about may be gone
				mutations, from = Mutations(s.schema(), decoded(s.request)), s.request.Path
			}
			m := mutations[i]
			r := s.request
			r.Body = m.Body
			switch {
			case passedOver(s.op, m.Place):
				s.survives(r, m.Place+" "+clip(r.Bytes()))
				continue
			case m.Body == nil && !s.op.RequestBody.Value.Required:
				continue
			case m.Body == nil:
				r.Raw = []byte("null")
			}
			s.refused(r, m.Place+" "+clip(r.Bytes()))
		}
	})
}

// passedOver reports whether the server does not look at a value, as at a
// property that it does not know.
func passedOver(op testkit.Operation, place string) bool {
	switch op.OperationID {
	case "createCustomField", "createOptionValue", "updateOptionValue", "createModifierValue", "updateModifierValue":
		return place == "id" // it counts only among others of the same parent
	case "updateCartItem":
		return strings.HasPrefix(place, "line_items") // beside line_item, which counts
	case "createCartRedirectURLs":
		return place == "query_params.0.value" // numbers become text, however large
	}
	return strings.HasPrefix(place, "config.") // TestModifierConfigs looks closer
}

// The settings of each type of modifier, as far as they count for that type. A
// default may be a number, which is taken for its digits.
func TestModifierConfigs(t *testing.T) {
	create := func(op testkit.Operation) bool { return op.OperationID == "createModifier" }
	attack(t, create, func(s *suspect) {
		config := s.Doc.Components.Schemas["ModifierConfig"].Value
		for _, kind := range s.Doc.Components.Schemas["ModifierType"].Value.Enum {
			body := world.M{"display_name": "A choice", "type": kind, "required": false}
			if choices[kind] {
				body["option_values"] = world.L{world.M{"label": "One", "value_data": world.M{"product_id": s.Product(), "colors": world.L{"#123456"}}}}
			}
			for _, m := range Mutations(config, world.M{}) {
				name, _, _ := strings.Cut(m.Place, ".")
				property := config.Properties[name]
				kindName, _ := kind.(string)
				if name == "default_value" || m.Place == "body" || !slices.Contains(strings.FieldsFunc(property.Value.Description, notWord), kindName) {
					continue
				}
				r := s.request
				r.Body = set(body, []any{"config"}, m.Body)
				s.refused(r, kindName+" "+m.Place+" "+clip(r.Bytes()))
			}
		}
	})
}

// choices are the types whose values are listed.
var choices = map[any]bool{
	"radio_buttons": true, "rectangles": true, "dropdown": true, "product_list": true, "product_list_with_images": true, "swatch": true,
}

func notWord(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }

// decoded returns the body of a request as JSON gives it back.
func decoded(r world.Request) any {
	var v any
	dec := json.NewDecoder(bytes.NewReader(r.Bytes()))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return map[string]any{}
	}
	return v
}

// Bodies that are not JSON, or only nearly.
func TestWrongSyntax(t *testing.T) {
	deep := func(open, end string) []byte {
		return []byte(strings.Repeat(open, 100_000) + strings.Repeat(end, 100_000))
	}
	attack(t, takesBody, func(s *suspect) {
		whole := s.request.Bytes()
		if whole == nil {
			whole = []byte(`{}`)
		}
		bodies := map[string][]byte{
			"half":                  whole[:len(whole)-1],
			"twice":                 append(bytes.Clone(whole), whole...),
			"with a comma too many": append(bytes.Clone(whole), ','),
			"a NUL":                 {0},
			"a NUL in front":        append([]byte{0}, whole...),
			"a byte order mark":     append([]byte("\xef\xbb\xbf"), whole...),
			"bad UTF-8":             []byte("{\"a\":\"\xff\xfe\"}"),
			"bad UTF-8 as a key":    []byte("{\"\xc0\x80\":1}"),
			"a half surrogate cut":  []byte(`{"a":"\ud8`),
			"UTF-16":                []byte("{\x00}\x00"),
			"a form":                []byte("line_items=1&quantity=2"),
			"XML":                   []byte("<cart/>"),
			"a comment":             []byte("/* */ {}"),
			"single quotes":         []byte("{'a':1}"),
			"NaN":                   []byte(`{"a":NaN}`),
			"infinity":              []byte(`{"a":Infinity}`),
			"a leading zero":        []byte(`{"a":01}`),
			"100,000 arrays deep":   deep("[", "]"),
			"100,000 objects deep":  deep(`{"a":`, "}"),
			"open without end":      bytes.Repeat([]byte("["), 100_000),
		}
		for name, body := range bodies {
			r := s.request
			r.Raw = body
			s.refused(r, name, http.StatusBadRequest)
		}
	})
}

// The same property twice: programs along the way may take either.
func TestDuplicateKeys(t *testing.T) {
	attack(t, takesBody, func(s *suspect) {
		object, ok := decoded(s.request).(map[string]any)
		if !ok {
			return
		}
		for name := range object {
			key, err := json.Marshal(name)
			if err != nil {
				s.Fatal(err)
			}
			r := s.request
			r.Raw = []byte(`{` + string(key) + `:[[{"a":7}]],` + string(bytes.TrimPrefix(s.request.Bytes(), []byte("{"))))
			s.refused(r, name+" twice", http.StatusBadRequest)
		}
	})
}

// 10 MB, in four ways.
func TestLargeBodies(t *testing.T) {
	const size = 10 << 20
	bodies := map[string][]byte{
		"blanks":   bytes.Repeat([]byte(" "), size),
		"a string": append(append([]byte(`{"a":"`), bytes.Repeat([]byte("x"), size)...), `"}`...),
		"an array": append(append([]byte(`[`), bytes.Repeat([]byte("1,"), size/2)...), `1]`...),
		"zeros":    append([]byte(`{"a":1`), bytes.Repeat([]byte("0"), size)...),
	}
	attack(t, takesBody, func(s *suspect) {
		for name, body := range bodies {
			r := s.request
			r.Raw = body
			s.refused(r, name, http.StatusRequestEntityTooLarge)
		}
	})
}

// Lists that are within 4 MB and far too long.
func TestLongLists(t *testing.T) {
	attack(t, takesBody, func(s *suspect) {
		switch body := decoded(s.request).(type) {
		case []any:
			r := s.request
			r.Body = repeat(body[0], 20_000)
			s.refused(r, "20,000 entries")
		case map[string]any:
			for name, v := range body {
				list, ok := v.([]any)
				if !ok || len(list) == 0 {
					continue
				}
				r := s.request
				r.Body = set(body, []any{name}, repeat(list[0], 20_000))
				s.refused(r, "20,000 "+name)
			}
		}
	})
}

func repeat(v any, n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// A body that says it is something else.
func TestContentTypes(t *testing.T) {
	attack(t, takesBody, func(s *suspect) {
		r := s.request
		if r.Bytes() == nil {
			r.Raw = []byte(`{}`)
		}
		for _, kind := range []string{
			"", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
			"application/json;", ";", "json", "application/jsonp", "application/json, text/plain", "application/json\x00", strings.Repeat("a", 64<<10),
		} {
			if kind == "application/json;" {
				s.survives(r.With("Content-Type", kind), kind)
				continue
			}
			s.refused(r.With("Content-Type", kind), "Content-Type "+clip([]byte(kind)), http.StatusUnsupportedMediaType)
		}
	})
}
