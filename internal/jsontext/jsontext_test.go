package jsontext_test

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"cartwright/internal/jsontext"
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
