package storefront

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"cartwright/internal/merchant"
)

// country is an entry of the list of countries.
type country struct{ Code, Name string }

// countries lists every country by its English name.
var countries = sync.OnceValue(func() []country {
	var all []country
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if iso, name, ok := merchant.Country(code); ok {
				all = append(all, country{iso, name})
			}
		}
	}
	slices.SortFunc(all, func(a, b country) int { return strings.Compare(sortKey(a.Name), sortKey(b.Name)) })
	return all
})

// sortKey is what names of countries are sorted by: their letters without
// accents, so that Åland does not stand behind Zimbabwe. A collator would do the
// same for two megabytes more of program.
func sortKey(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f { // combining accents
			return -1
		}
		return r
	}, strings.ToLower(norm.NFD.String(name)))
}

// states lists the states of countries whose shipping zones and taxes are set
// up by their codes: code and name in turn.
var states = map[string][]string{
	"US": {"AL", "Alabama", "AK", "Alaska", "AZ", "Arizona", "AR", "Arkansas", "CA", "California", "CO", "Colorado", "CT", "Connecticut",
		"DE", "Delaware", "DC", "District of Columbia", "FL", "Florida", "GA", "Georgia", "HI", "Hawaii", "ID", "Idaho", "IL", "Illinois",
		"IN", "Indiana", "IA", "Iowa", "KS", "Kansas", "KY", "Kentucky", "LA", "Louisiana", "ME", "Maine", "MD", "Maryland",
		"MA", "Massachusetts", "MI", "Michigan", "MN", "Minnesota", "MS", "Mississippi", "MO", "Missouri", "MT", "Montana",
		"NE", "Nebraska", "NV", "Nevada", "NH", "New Hampshire", "NJ", "New Jersey", "NM", "New Mexico", "NY", "New York",
		"NC", "North Carolina", "ND", "North Dakota", "OH", "Ohio", "OK", "Oklahoma", "OR", "Oregon", "PA", "Pennsylvania",
		"RI", "Rhode Island", "SC", "South Carolina", "SD", "South Dakota", "TN", "Tennessee", "TX", "Texas", "UT", "Utah",
		"VT", "Vermont", "VA", "Virginia", "WA", "Washington", "WV", "West Virginia", "WI", "Wisconsin", "WY", "Wyoming",
		"AS", "American Samoa", "GU", "Guam", "MP", "Northern Mariana Islands", "PR", "Puerto Rico", "VI", "U.S. Virgin Islands",
		"AA", "Armed Forces Americas", "AE", "Armed Forces Europe", "AP", "Armed Forces Pacific"},
	"CA": {"AB", "Alberta", "BC", "British Columbia", "MB", "Manitoba", "NB", "New Brunswick", "NL", "Newfoundland and Labrador",
		"NS", "Nova Scotia", "NT", "Northwest Territories", "NU", "Nunavut", "ON", "Ontario", "PE", "Prince Edward Island",
		"QC", "Quebec", "SK", "Saskatchewan", "YT", "Yukon"},
	"AU": {"ACT", "Australian Capital Territory", "NSW", "New South Wales", "NT", "Northern Territory", "QLD", "Queensland",
		"SA", "South Australia", "TAS", "Tasmania", "VIC", "Victoria", "WA", "Western Australia"},
}

// stateOf returns the name and the code of a state that was typed as either.
// Where the states are not known, it is a name; known says whether they are.
func stateOf(countryCode, typed string) (name, code string, known, found bool) {
	list, known := states[countryCode]
	for i := 0; i < len(list); i += 2 {
		if strings.EqualFold(typed, list[i]) || strings.EqualFold(typed, list[i+1]) {
			return list[i+1], list[i], true, true
		}
	}
	return typed, "", known, false
}
