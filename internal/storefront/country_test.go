package storefront

import (
	"slices"
	"testing"
)

func TestCountriesAreInTheOrderOfTheirNames(t *testing.T) {
	place := func(code string) int {
		return slices.IndexFunc(countries(), func(c country) bool { return c.Code == code })
	}
	// Afghanistan, Åland Islands, Albania; Costa Rica, Côte d'Ivoire, Croatia; Zimbabwe is last.
	for _, codes := range [][]string{{"AF", "AX", "AL"}, {"CR", "CI", "HR"}, {"RW", "WS"}} {
		if !slices.IsSortedFunc(codes, func(a, b string) int { return place(a) - place(b) }) {
			t.Errorf("%v are in another order", codes)
		}
		for _, code := range codes {
			if place(code) < 0 {
				t.Errorf("%s is not listed", code)
			}
		}
	}
	if last := countries()[len(countries())-1]; last.Code != "ZW" {
		t.Errorf("the last is %s", last.Name)
	}
}
