package httpapi

import (
	"encoding/json"
	"testing"

	"cartwright/internal/fault"
)

func TestReadInt(t *testing.T) {
	tests := []struct {
		raw  any
		want int64
		says string
	}{
		{json.Number("1"), 1, ""},
		{"1", 1, ""},
		{" 7 ", 7, ""},
		{json.Number("2.0"), 2, ""},
		{json.Number("1e3"), 1000, ""},
		{json.Number("1E+2"), 100, ""},
		{nil, 0, ""},
		{json.Number("0"), 0, fault.Min},
		{json.Number("0.0"), 0, fault.Min},
		{json.Number("-1.0"), -1, fault.Min},
		{json.Number("0e5"), 0, fault.Min},
		{json.Number("1001"), 1001, fault.Max},
		{json.Number("1e4"), 10_000, fault.Max},
		{json.Number("1001.0"), 1001, fault.Max},
		{json.Number("1e999"), 0, fault.Max},
		{json.Number("-1e999"), 0, fault.Min},
		{json.Number("9223372036854775808"), 0, fault.Max},
		{json.Number("-9223372036854775809"), 0, fault.Min},
		{json.Number("0.1"), 0, fault.ExpectedNumber},
		{json.Number("2.00004"), 0, fault.ExpectedNumber},
		{json.Number("1e-5"), 0, fault.ExpectedNumber},
		{json.Number("10e-1"), 0, fault.ExpectedNumber},
		{json.Number("1e-999"), 0, fault.ExpectedNumber},
		{"", 0, fault.ExpectedNumber},
		{"many", 0, fault.ExpectedNumber},
		{true, 0, fault.ExpectedNumber},
		{[]any{}, 0, fault.ExpectedNumber},
	}
	for _, tt := range tests {
		v := value{form: &form{}, path: "n", raw: tt.raw}
		got := v.int(1, 1000)
		if says := v.form.fields["n"]; got != tt.want || says != tt.says {
			t.Errorf("%#v is %d %q, want %d %q", tt.raw, got, says, tt.want, tt.says)
		}
	}
}
