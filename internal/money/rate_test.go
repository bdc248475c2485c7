package money

import (
	"errors"
	"testing"
)

func TestRestate(t *testing.T) {
	for _, tt := range []struct{ rate, base, want string }{
		{"1", "0.8", "1.2500000000"},
		{"0.8", "0.8", "1.0000000000"},
		{"150", "0.8", "187.5000000000"},
		{"1", "3", "0.3333333333"},
		{"2", "3", "0.6666666667"},
		{"0.0000000001", "0.0000000002", "0.5000000000"},
		{"0.0000000001", "1.9", "0.0000000001"},
		{"0.0000000001", "2.1", ""}, // nothing is left of it
		{"99999999", "0.0000000001", ""},
	} {
		rate, err := ParseRate(tt.rate)
		if err != nil {
			t.Fatal(err)
		}
		base, err := ParseRate(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := rate.Restate(base)
		if tt.want == "" {
			if !errors.Is(err, ErrOverflow) {
				t.Errorf("%s per %s = %v, %v", tt.rate, tt.base, got, err)
			}
			continue
		}
		if err != nil || got.String() != tt.want {
			t.Errorf("%s per %s = %v, %v, want %s", tt.rate, tt.base, got, err, tt.want)
		}
	}
	if _, err := Rate(0).Restate(RateOne); !errors.Is(err, ErrOverflow) {
		t.Errorf("no rate = %v", err)
	}
}
