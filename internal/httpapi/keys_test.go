package httpapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestRepeatsKey(t *testing.T) {
	var wide strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&wide, `"k%d":1,`, i)
	}
	tests := map[string]struct {
		text string
		want bool
	}{
		"none":                      {`{}`, false},
		"a word":                    {`"a"`, false},
		"a number":                  {`7`, false},
		"different":                 {`{"a":1,"b":2}`, false},
		"twice":                     {`{"a":1,"a":2}`, true},
		"with blanks":               {"{ \"a\" : 1 ,\n \"a\" : 2 }", true},
		"written otherwise":         {`{"a":1,"\u0061":2}`, true},
		"with a quote in it":        {`{"a\"":1,"a\\":2,"a":3}`, false},
		"in another case":           {`{"a":1,"A":2}`, false},
		"in two objects":            {`[{"a":1},{"a":2}]`, false},
		"inside and outside":        {`{"a":{"a":{"a":1}}}`, false},
		"further inside":            {`{"b":[{"x":{"a":1,"a":2}}]}`, true},
		"after an object":           {`{"a":{"b":1},"c":[1,{"d":2}],"a":2}`, true},
		"as a value":                {`{"a":"b","b":"a","c":["a","a"]}`, false},
		"braces in a string":        {`{"a":"{\"a\":1,\"a\":2}"}`, false},
		"a thousand":                {`{` + wide.String() + `"z":1}`, false},
		"a thousand, first and end": {`{` + wide.String() + `"k0":1}`, true},
		"a thousand, late":          {`{` + wide.String() + `"k999":1}`, true},
	}
	for name, tt := range tests {
		if !json.Valid([]byte(tt.text)) {
			t.Fatalf("%s: the text is not JSON", name)
		}
		if got := repeatsKey([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// Encoding what was decoded gives every key once: then nothing may be found,
// and if something was found, keys got lost.
func FuzzRepeatsKey(f *testing.F) {
	for _, s := range append(bodySeeds, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[{"a":[{"b":1,"b":2}]}]`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := parseJSON(b)
		if !json.Valid(b) {
			if err == nil {
				t.Fatalf("%q was read", b)
			}
			return
		}
		repeated := repeatsKey(b)
		if err == nil && repeated {
			t.Fatalf("%q was read", b)
		}
		if err != nil {
			return
		}
		again, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		if repeatsKey(again) {
			t.Fatalf("%s repeats no key", again)
		}
	})
}

func BenchmarkRepeatsKey(b *testing.B) {
	text := []byte(bodySeeds[10])
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		repeatsKey(text)
	}
}
