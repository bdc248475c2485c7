package storefront

import (
	"regexp"
	"slices"
	"strings"

	"cartwright/internal/fault"
)

// lineInTitle is how the rules name a line in the vendor's words. A shopper
// does not know lines by their ids (spec/06 §6.3: clients strip it too).
var lineInTitle = regexp.MustCompile(`^Item \([0-9a-f-]{36}\) `)

// shopperText puts a refusal into words for a shopper. Most rules already
// speak so; what they say of fields is meant for programs.
func shopperText(f *fault.Error) string {
	var fields []string
	for path := range f.Fields {
		fields = append(fields, path)
	}
	slices.Sort(fields)
	for _, path := range fields {
		switch {
		case strings.Contains(path, "quantity"):
			return quantityText
		case path == "coupon_code":
			return "Please enter a coupon code of at most 50 characters."
		case path == "variant":
			return "Please choose one of the options that are offered."
		case path == "option_selections":
			return "Please choose one of the values that are offered."
		}
	}
	if f.Detail != "" {
		return f.Detail
	}
	return lineInTitle.ReplaceAllString(f.Title, "")
}

const quantityText = "Please enter a quantity between 1 and 1,000,000."
