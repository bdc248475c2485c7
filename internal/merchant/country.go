package merchant

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country returns the upper-case ISO 3166 code of a country and its English
// name. ok is false for what is no country, or is none any more.
func Country(code string) (iso, name string, ok bool) {
	iso = strings.ToUpper(strings.TrimSpace(code))
	if len(iso) != 2 || slices.Contains(unions, iso) {
		return "", "", false
	}
	region, err := language.ParseRegion(iso)
	if err != nil || !region.IsCountry() || region.Canonicalize().String() != iso {
		return "", "", false
	}
	if name = display.English.Regions().Name(region); name == "" {
		return "", "", false // it has become other countries
	}
	return iso, name, true
}

// unions have a code of two letters and pass for countries; nothing is sent to
// them.
var unions = []string{"EZ", "UN"}

// IsCountry reports whether a code is that of a country, as it is written.
func IsCountry(code string) bool {
	iso, _, ok := Country(code)
	return ok && iso == code
}
