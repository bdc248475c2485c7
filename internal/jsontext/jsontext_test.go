package jsontext_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
	"unicode/utf8"

	"cartwright/internal/jsontext"
	"cartwright/internal/money"
)

func TestStringsReadBack(t *testing.T) {
	for _, s := range []string{"", "plain", `quote " and \ slash`, "line\nbreak\ttab\x00\x1f", "Lámpara ☂ 𝄞", "</script>\u2028"} {
		var back string
		if err := json.Unmarshal(jsontext.AppendString(nil, s), &back); err != nil || back != s {
			t.Errorf("%q read back as %q, %v", s, back, err)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"a", "\"", "\\", "é", "\xff", "\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(jsontext.AppendString(nil, s), &back); err != nil {
			t.Fatalf("%q is written as JSON that does not read: %v", s, err)
		}
		if utf8.ValidString(s) && back != s {
			t.Fatalf("%q read back as %q", s, back)
		}
	})
}

func TestObject(t *testing.T) {
	o := jsontext.Open([]byte("["))
	o.StringOmit("gone", "")
	o.Int("n", -3)
	o.IntOmit("zero", 0)
	o.TrueOmit("no", false)
	o.TrueOmit("yes", true)
	o.Done(jsontext.AppendTime(o.Key("at"), time.Date(2026, 3, 4, 12, 0, 0, 0, time.FixedZone("x", 3600)), time.RFC3339))
	o.String("s", "x")
	if got, want := string(o.Close()), `[{"n":-3,"yes":true,"at":"2026-03-04T11:00:00Z","s":"x"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReaderReadsWhatAnObjectWrote(t *testing.T) {
	at := time.Date(2026, 3, 4, 11, 0, 0, 5, time.UTC)
	o := jsontext.Open(nil)
	o.String("name", "Lámpara ☂ \"\\\n")
	o.Int("n", -3)
	o.TrueOmit("yes", true)
	o.Done(money.Amount(125_000).Append(o.Key("price")))
	o.Done(append(o.Key("list"), `[{"s":"a"},{"s":"b"}]`...))
	o.Done(append(o.Key("none"), `[]`...))
	inner := jsontext.Open(o.Key("inner"))
	inner.Int("deep", 7)
	o.Done(inner.Close())
	o.Done(append(o.Key("part"), `{"a":["]",{"b":"}"}]}`...))
	o.Done(jsontext.AppendTime(o.Key("at"), at, time.RFC3339Nano))

	var name, missing string
	var n, deep int64
	var yes, no bool
	var price money.Amount
	var list []string
	var part map[string]any
	var when time.Time
	r := jsontext.Read(string(o.Close()))
	r.Open()
	r.String("missing", &missing)
	r.String("name", &name)
	r.Int("n", &n)
	r.True("no", &no)
	r.True("yes", &yes)
	r.Amount("price", &price)
	for ok := r.Array("list") && r.Next(); ok; ok = r.Next() {
		var s string
		r.Open()
		r.String("s", &s)
		r.Close()
		list = append(list, s)
	}
	if !r.Array("none") || r.Next() {
		t.Error("the empty list is not read as one")
	}
	if r.Object("inner") {
		r.Int("deep", &deep)
		r.Close()
	}
	r.Part("part", &part)
	r.Time("at", &when)
	r.Close()
	if !r.Done() {
		t.Error("not read to its end")
	}
	got := fmt.Sprint(missing, "|", name, "|", n, no, yes, price, list, deep, part, when.Equal(at))
	if want := "|Lámpara ☂ \"\\\n|-3 false true 12.5 [a b] 7 map[a:[] map[b:}]]] true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever a Reader is given, it ends, and what it does not take it says.
func TestReaderStops(t *testing.T) {
	for _, text := range []string{
		"", "{", "}", "[]", `{"s":"a"`, `{"s":"a",}`, `{"s":"a"}}`, `{"s":1}`, `{"s":"a","s":"b"}`, `{"t":"a"}`, `{ "s":"a"}`, `{"s":"a\"}`,
		`{"s":"\x"}`, "{\"s\":\"\x00\"}", `{"s":"a""l":[]}`, `{"l":[}`, `{"l":[1]}`, `{"l":[{}`, `{"l":[{},]}`, `{"l":[{}{}]}`, `{"l":{}}`,
		`{"p":1}`, `{"p":}`, `{"p":{`, `{"p":[}]}`, `{"p":"a"}`, `{"i":01}`, `{"i":1.5}`, `{"i":-}`, `{"i":9223372036854775808}`, `{"i":"1"}`,
		`{"a":1.}`, `{"a":1e2}`, `{"a":1.00001}`, `{"a":"1"}`, `{"b":false}`, `{"b":tru`, `{"w":"2026-03-04"}`, `{"w":"2026-02-30T11:00:00Z"}`,
	} {
		var s string
		var p any
		var i int64
		var a money.Amount
		var b bool
		var w time.Time
		r := jsontext.Read(text)
		r.Open()
		r.String("s", &s)
		if r.Array("l") {
			for r.Next() {
				r.Open()
				r.Close()
			}
		}
		r.Part("p", &p)
		r.Int("i", &i)
		r.Amount("a", &a)
		r.True("b", &b)
		r.Time("w", &w)
		r.Close()
		if r.Done() {
			t.Errorf("%q was taken", text)
		}
	}
}
