package money

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	tests := map[string]struct {
		in   string
		want Amount
		err  error
	}{
		"a whole number":             {"5", 50_000, nil},
		"cents":                      {"74.75", 747_500, nil},
		"four digits":                {"0.0001", 1, nil},
		"the fifth digit rounds up":  {"0.00005", 1, nil},
		"the fifth digit stays down": {"0.00004", 0, nil},
		"negative rounds away":       {"-0.00005", -1, nil},
		"an exponent":                {"1.5e2", 1_500_000, nil},
		"a small exponent":           {"15e-1", 15_000, nil},
		"an absurd small exponent":   {"1e-999999999", 0, nil},
		"leading zeros":              {"000.50", 5_000, nil},
		"an absurd exponent":         {"1e999999999", 0, ErrOverflow},
		"beyond the bound":           {"1000000000001", 0, ErrOverflow},
		"nothing":                    {"", 0, ErrSyntax},
		"a bare point":               {".5", 0, ErrSyntax},
		"a point at the end":         {"5.", 0, ErrSyntax},
		"two points":                 {"1.2.3", 0, ErrSyntax},
		"a word":                     {"NaN", 0, ErrSyntax},
		"hexadecimal":                {"0x10", 0, ErrSyntax},
		"a plus sign":                {"+1", 0, ErrSyntax},
		"an exponent without digits": {"1e", 0, ErrSyntax},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tc.in)
			if !errors.Is(err, tc.err) || (err == nil && got != tc.want) {
				t.Errorf("Parse(%q) = %d, %v; want %d, %v", tc.in, got, err, tc.want, tc.err)
			}
		})
	}
}

func TestRound(t *testing.T) {
	tests := map[string]struct {
		in     Amount
		places int
		want   Amount
	}{
		"half a cent goes up":        {10_050, 2, 10_100},
		"below half stays":           {10_049, 2, 10_000},
		"negative half goes away":    {-10_050, 2, -10_100},
		"yen have no decimals":       {14_999, 0, 10_000},
		"dinars have three":          {10_005, 3, 10_010},
		"four places change nothing": {10_001, 4, 10_001},
		"more places change nothing": {10_001, 8, 10_001},
		"negative places mean whole": {15_000, -2, 20_000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tc.in.Round(tc.places); got != tc.want {
				t.Errorf("Round(%d, %d) = %d, want %d", tc.in, tc.places, got, tc.want)
			}
		})
	}
}

func TestFormatting(t *testing.T) {
	if got := Amount(747_500).String(); got != "74.75" {
		t.Errorf("String = %s", got)
	}
	if got := Amount(-5_000).String(); got != "-0.5" {
		t.Errorf("String = %s", got)
	}
	if got := Amount(540_000).Fixed(4); got != "54.0000" {
		t.Errorf("Fixed = %s", got)
	}
	if got := Amount(15_000).Fixed(0); got != "2" {
		t.Errorf("Fixed = %s", got)
	}
	if got := Rate(7_500_000_000).String(); got != "0.7500000000" {
		t.Errorf("Rate = %s", got)
	}
}

func TestTimesOverflows(t *testing.T) {
	for _, n := range []int64{1 << 62, -1 << 63, 1_000_000} {
		if got, err := Max.Times(n); err == nil {
			t.Errorf("Max.Times(%d) = %d without an error", n, got)
		}
	}
	if got, err := Amount(-30_000).Times(3); err != nil || got != -90_000 {
		t.Errorf("Times = %d, %v", got, err)
	}
	if _, err := Max.MulDiv(1<<62, 1); !errors.Is(err, ErrOverflow) {
		t.Errorf("MulDiv = %v", err)
	}
}

func TestConvert(t *testing.T) {
	yen, err := ParseRate("156.1234567891")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := yen.Convert(10*Unit, 0); err != nil || got != 1561*Unit {
		t.Errorf("Convert = %s, %v", got, err)
	}
	for _, bad := range []string{"0", "-1", "x"} {
		if _, err := ParseRate(bad); err == nil {
			t.Errorf("ParseRate(%q) has no error", bad)
		}
	}
}

func TestAllocate(t *testing.T) {
	cents := func(all ...Amount) []Amount {
		for i := range all {
			all[i] *= 100
		}
		return all
	}
	tests := map[string]struct {
		total   Amount
		weights []Amount
		want    []Amount
	}{
		"the recorded promotion (spec/07 1.3)": {112_5000, cents(1500, 600, 19999), cents(764, 305, 10181)},
		"the odd cent goes to the first":       {100 * 100, cents(1, 1, 1), cents(34, 33, 33)},
		"nothing to share over":                {100, cents(0, 0), cents(0, 0)},
		"a negative total":                     {-100 * 100, cents(1, 1, 1), cents(-34, -33, -33)},
		"zero weights get nothing":             {100 * 100, cents(0, 5), cents(0, 100)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := Allocate(tc.total, tc.weights, 2)
			for i := range got {
				if got[i] != tc.want[i] {
					t.Fatalf("Allocate = %v, want %v", got, tc.want)
				}
			}
		})
	}
}

func TestSharesAlwaysAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := Amount(rapid.Int64Range(-1e15, 1e15).Draw(t, "total"))
		places := rapid.IntRange(0, 4).Draw(t, "places")
		raw := rapid.SliceOfN(rapid.Int64Range(0, 1e14), 1, 250).Draw(t, "weights")
		weights := make([]Amount, len(raw))
		var sum Amount
		for i, w := range raw {
			weights[i] = Amount(w)
			sum += Amount(w)
		}
		var got Amount
		for i, share := range Allocate(total, weights, places) {
			if weights[i] == 0 && share != 0 {
				t.Fatalf("a zero weight got %d", share)
			}
			if (total >= 0) != (share >= 0) && share != 0 {
				t.Fatalf("share %d has another sign than total %d", share, total)
			}
			got += share
		}
		if sum > 0 && got != total {
			t.Fatalf("shares add up to %d, want %d", got, total)
		}
	})
}

func TestTextAndBackIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(-int64(Max), int64(Max)).Draw(t, "amount"))
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back, quoted Amount
		if err := json.Unmarshal(b, &back); err != nil || back != a {
			t.Fatalf("%s read back as %d, %v", b, back, err)
		}
		if err := json.Unmarshal([]byte(`"`+string(b)+`"`), &quoted); err != nil || quoted != a {
			t.Fatalf("%q read back as %d, %v", b, quoted, err)
		}
		if read, n := Read(string(b) + ","); read != a || n != len(b) {
			t.Fatalf("%s read back as %d from %d bytes", b, read, n)
		}
	})
}

func TestRead(t *testing.T) {
	tests := []struct {
		text string
		want Amount
		n    int
	}{
		{"0", 0, 1}, {"-0,", 0, 2}, {"12.5}", 125_000, 4}, {"-0.0001", -1, 7}, {"1.2300 ", 12_300, 6}, {"1000000000000", Max, 13},
		{"1000000000000.0001", 0, 0}, {"-1000000000000.0001", 0, 0}, {"", 0, 0}, {"-", 0, 0}, {".5", 0, 0}, {"1.", 0, 0}, {"01", 0, 0},
		{"+1", 0, 0}, {`"1"`, 0, 0}, {"x", 0, 0},
		// More of the number follows, which the caller finds.
		{"1.23456", 12_345, 6}, {"1e2", 10_000, 1}, {"1.5e2", 15_000, 3},
	}
	for _, tc := range tests {
		if got, n := Read(tc.text); got != tc.want || n != tc.n {
			t.Errorf("%q: %d from %d bytes, want %d from %d", tc.text, got, n, tc.want, tc.n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-0.5", "1e400", "..", "1e-5", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if read, n := Read(s); n > 0 && n == len(s) && (err != nil || read != a) {
			t.Fatalf("%q is %d to Read, and %d to Parse, %v", s, read, a, err)
		}
		if err != nil {
			return
		}
		if back, err := Parse(a.String()); err != nil || back != a {
			t.Fatalf("%q became %d, whose text %q became %d, %v", s, a, a, back, err)
		}
	})
}

func TestDivide(t *testing.T) {
	tests := []struct {
		total  string
		n      int64
		places int
		want   string
	}{
		{"20", 3, 2, "6.67"}, {"10", 3, 2, "3.33"}, {"0.05", 10, 2, "0.01"}, {"0.0149", 3, 2, "0"},
		{"-20", 3, 2, "-6.67"}, {"100", 3, 0, "33"}, {"200", 3, 0, "67"}, {"1", 8, 3, "0.125"}, {"7", 1, 2, "7"}, {"0", 5, 2, "0"},
	}
	for _, tc := range tests {
		total, err := Parse(tc.total)
		if err != nil {
			t.Fatal(err)
		}
		if got := total.Divide(tc.n, tc.places).String(); got != tc.want {
			t.Errorf("%s / %d = %s, want %s", tc.total, tc.n, got, tc.want)
		}
	}
}
