package merchant

import (
	"testing"
)

func TestCountry(t *testing.T) {
	tests := map[string]struct{ iso, name string }{
		"us": {"US", "United States"}, " De ": {"DE", "Germany"}, "GB": {"GB", "United Kingdom"}, "XK": {"XK", "Kosovo"},
		"UK": {}, "XX": {}, "ZZ": {}, "EU": {}, "EZ": {}, "UN": {}, "": {}, "U": {}, "USA": {}, "42": {}, "ü": {}, "DD": {}, "SU": {},
	}
	for code, want := range tests {
		if iso, name, ok := Country(code); iso != want.iso || name != want.name || ok != (want.iso != "") {
			t.Errorf("%q is %q, %q, %t", code, iso, name, ok)
		}
	}
	for _, code := range []string{"us", " US", "SU", "EU", ""} {
		if IsCountry(code) {
			t.Errorf("%q is written as a country", code)
		}
	}
	if !IsCountry("US") {
		t.Error("the United States are none")
	}
}
