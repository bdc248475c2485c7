package httpapi

import (
	"net/http/httptest"
	"strings"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

func body(t *testing.T, text string) value {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	v, err := readBody(r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWholeNumbers(t *testing.T) {
	tests := map[string]struct {
		json    string
		want    int64
		message string
	}{
		"a number":               {`5`, 5, ""},
		"a numeric string":       {`" 5 "`, 5, ""},
		"a whole fraction":       {`2.0`, 2, ""},
		"an exponent":            {`1e2`, 100, ""},
		"absent":                 {`null`, 0, ""},
		"a fraction":             {`2.5`, 0, fault.ExpectedNumber},
		"a tiny fraction":        {`2.000001`, 0, fault.ExpectedNumber},
		"below":                  {`0`, 0, fault.Min},
		"above":                  {`1001`, 1001, fault.Max},
		"far above":              {`1e999`, 0, fault.Max},
		"beyond 64 bits":         {`18446744073709551616`, 0, fault.Max},
		"far below":              {`-1e999`, 0, fault.Min},
		"a word":                 {`"many"`, 0, fault.ExpectedNumber},
		"an empty string":        {`""`, 0, fault.ExpectedNumber},
		"true":                   {`true`, 0, fault.ExpectedNumber},
		"a list":                 {`[1]`, 0, fault.ExpectedNumber},
		"nothing, with a point":  {`0.0`, 0, fault.Min},
		"above, with a point":    {`1001.0`, 1001, fault.Max},
		"above, as a power":      {`1e4`, 10_000, fault.Max},
		"below 64 bits":          {`-9223372036854775809`, 0, fault.Min},
		"a fraction, as a power": {`1e-5`, 0, fault.ExpectedNumber},
		"a very long string":     {`"` + strings.Repeat("1", 50) + `"`, 0, fault.ExpectedNumber},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			v := body(t, `{"n":`+tc.json+`}`)
			got := v.get("n").int(1, 1000)
			if message := v.form.fields["n"]; message != tc.message {
				t.Errorf("says %q, want %q", message, tc.message)
			}
			if tc.message == "" && got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

func TestAmounts(t *testing.T) {
	tests := map[string]struct {
		json    string
		want    money.Amount
		message string
	}{
		"a number":         {`21.5`, 215_000, ""},
		"a numeric string": {`"21.50"`, 215_000, ""},
		"nothing":          {`0`, 0, ""},
		"negative":         {`-0.01`, 0, fault.Min},
		"far too much":     {`1e30`, 0, fault.Max},
		"a word":           {`"free"`, 0, fault.ExpectedNumber},
		"an object":        {`{}`, 0, fault.ExpectedNumber},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			v := body(t, `{"n":`+tc.json+`}`)
			got := v.get("n").amount()
			if message := v.form.fields["n"]; message != tc.message || (message == "" && got != tc.want) {
				t.Errorf("got %s, says %q", got, message)
			}
		})
	}
}

func TestEverythingWrongIsNamed(t *testing.T) {
	v := body(t, `{"a":"x","list":[{"b":true},5]}`)
	v.get("a").int(0, 9)
	v.get("missing").required().text(1, 5)
	for _, item := range v.get("list").list() {
		item.get("b").text(1, 5)
	}
	want := map[string]string{"a": fault.ExpectedNumber, "missing": fault.Missing, "list.0.b": fault.ExpectedString, "list.1": fault.ExpectedObject}
	f := fault.As(v.err())
	if f == nil || len(f.Fields) != len(want) {
		t.Fatalf("got %v", v.err())
	}
	for path, message := range want {
		if f.Fields[path] != message {
			t.Errorf("%s: got %q, want %q", path, f.Fields[path], message)
		}
	}
}

func TestTextsHaveBounds(t *testing.T) {
	for text, message := range map[string]string{
		`"ok"`: "", `""`: fault.MinLength, `"☂☂☂☂☂☂"`: fault.MaxLength, `"a\u0000b"`: fault.ExpectedString, `5`: fault.ExpectedString,
	} {
		v := body(t, `{"s":`+text+`}`)
		v.get("s").text(1, 5)
		if got := v.form.fields["s"]; got != message {
			t.Errorf("%s: got %q, want %q", text, got, message)
		}
	}
}

func TestNullIsNoBody(t *testing.T) {
	r := httptest.NewRequest("PUT", "/", strings.NewReader(" null "))
	r.Header.Set("Content-Type", "application/json")
	_, err := readBody(r)
	if f := fault.As(err); f == nil || f.Fields["body"] != fault.Missing {
		t.Errorf("null is read with %v", err)
	}
}
