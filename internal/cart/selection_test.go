package cart_test

import (
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

// TestOptionValues is the table of option values in spec/01 §4.
func TestOptionValues(t *testing.T) {
	object := func(pairs ...string) cart.OptionInput {
		in := cart.OptionInput{Kind: cart.InputObject, Fields: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			in.Fields[pairs[i]] = pairs[i+1]
		}
		return in
	}
	yes := cart.OptionInput{Kind: cart.InputBool, Bool: true}
	wedding := "The Wedding option must be "
	tests := map[string]struct {
		option  int64
		in      cart.OptionInput
		value   string // what is shown
		valueID int64
		title   string // of the refusal
	}{
		"a value id":                    {200, number("300"), "Ruby", 300, ""},
		"a value id as text":            {200, text("301"), "Pearl", 301, ""},
		"a label is no value":           {200, text("Ruby"), "", 0, fault.TitleRequired},
		"a fraction is no value":        {200, number("300.5"), "", 0, fault.TitleRequired},
		"a checkbox by id":              {201, number("311"), "No", 311, ""},
		"a checkbox by state":           {201, yes, "Yes", 310, ""},
		"a checkbox by label":           {201, text("yes"), "Yes", 310, ""},
		"a checkbox by another word":    {201, text("maybe"), "", 0, fault.TitleRequired},
		"a text":                        {202, text("AB ♥"), "AB ♥", 0, ""},
		"a number as text":              {202, number("42"), "42", 0, ""},
		"a text that is too short":      {202, text("A"), "", 0, "The Engraving option must be between 2 and 5 characters."},
		"a text that is too long":       {202, text("ABCDEF"), "", 0, "The Engraving option must be between 2 and 5 characters."},
		"an object for a text":          {202, object("a", "b"), "", 0, fault.TitleRequired},
		"two lines":                     {203, text("a\r\nb"), "a\nb", 0, ""},
		"three lines":                   {203, text("a\nb\nc"), "", 0, "The Letter option can have at most 2 lines."},
		"a number":                      {204, number("52"), "52", 0, ""},
		"a number in a string":          {204, text(" 52.0 "), "52", 0, ""},
		"a fraction of a number":        {204, text("52.5"), "", 0, "The Size option must be a whole number."},
		"a number that is too low":      {204, number("39"), "", 0, "The Size option must be between 40 and 70."},
		"a number that is too high":     {204, number("71"), "", 0, "The Size option must be between 40 and 70."},
		"no number":                     {204, text("big"), "", 0, "The Size option must be a number."},
		"Unix seconds":                  {205, number("1580515200"), "Feb 1, 2020", 0, ""},
		"Unix seconds as text":          {205, text("1580515200"), "Feb 1, 2020", 0, ""},
		"a date object":                 {205, object("day", "01", "month", "02", "year", "2020"), "Feb 1, 2020", 0, ""},
		"a date object as text":         {205, text(`{"day":"1","month":2,"year":"2020"}`), "Feb 1, 2020", 0, ""},
		"an ISO date":                   {205, text("2020-02-01T10:00:00Z"), "Feb 1, 2020", 0, ""},
		"a day that is not":             {205, object("day", "31", "month", "02", "year", "2020"), "", 0, wedding + "a valid date."},
		"no date":                       {205, text("tomorrow"), "", 0, wedding + "a valid date."},
		"seconds beyond the calendar":   {205, number("99999999999999"), "", 0, wedding + "a valid date."},
		"a date that is too early":      {205, text("2019-12-31"), "", 0, wedding + "between Jan 1, 2020 and Dec 31, 2030."},
		"the last day":                  {205, text("2030-12-31"), "Dec 31, 2030", 0, ""},
		"a file":                        {206, object("originalName", "a.PNG", "temporaryPath", "/tmp/1"), "a.PNG", 0, ""},
		"a file of another type":        {206, object("originalName", "a.dxf", "temporaryPath", "/tmp/1"), "a.dxf", 0, ""},
		"a file of a type that may not": {206, object("originalName", "a.exe", "temporaryPath", "/tmp/1"), "", 0, "The file for the Drawing option has a type that is not allowed."},
		"a file without a path":         {206, object("originalName", "a.png"), "", 0, "The file for the Drawing option needs originalName and temporaryPath."},
		"a listed product":              {207, number("370"), "A mug", 370, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			in := cart.Item{ProductID: ring, Quantity: 1, Selections: []cart.Choice{choose(tc.option, tc.in)}}
			c, err := k.service.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{in}}, cart.Options{})
			if tc.title != "" {
				wantFault(t, err, fault.Invalid, tc.title)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := c.Lines[0].Selections
			if len(got) != 1 || got[0].Value != tc.value || got[0].ValueID != tc.valueID || got[0].OptionID != tc.option {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestModifiersLeftOut(t *testing.T) {
	demand := func(i int, change func(*catalog.Modifier)) func() []catalog.Modifier {
		return func() []catalog.Modifier {
			all := everyModifier()
			change(&all[i])
			return all
		}
	}
	require := func(m *catalog.Modifier) { m.Required = true }
	tests := map[string]struct {
		modifiers func() []catalog.Modifier
		sent      []cart.Choice
		shown     []string
		title     string
	}{
		"optional ones stay out":          {everyModifier, nil, nil, ""},
		"a required choice":               {demand(0, require), nil, nil, "Please choose an option for the Stone option."},
		"a required choice with default":  {demand(0, func(m *catalog.Modifier) { m.Required, m.Values[1].Default = true, true }), nil, []string{"Pearl"}, ""},
		"a default that was not needed":   {demand(0, func(m *catalog.Modifier) { m.Values[0].Default = true }), nil, []string{"Ruby"}, ""},
		"a required checkbox":             {demand(1, require), nil, nil, "Please check the Gift box option."},
		"a required checkbox, unchecked":  {demand(1, require), []cart.Choice{choose(201, number("311"))}, nil, "Please check the Gift box option."},
		"a checkbox checked by default":   {demand(1, func(m *catalog.Modifier) { m.Config.CheckedByDefault = true }), nil, []string{"Yes"}, ""},
		"a required text":                 {demand(2, require), nil, nil, "Please enter some text for the Engraving option."},
		"a required text that is empty":   {demand(2, require), []cart.Choice{choose(202, text(""))}, nil, "Please enter some text for the Engraving option."},
		"a text's default is not applied": {demand(2, func(m *catalog.Modifier) { m.Config.DefaultValue = "AB" }), nil, nil, ""},
		"a required date":                 {demand(5, require), nil, nil, "Please choose an option for the Wedding option."},
		"names and values of the request": {everyModifier, []cart.Choice{{OptionID: 200, Value: number("300"), NameSet: "Stein", ValueSet: "Rubin"}}, []string{"Rubin"}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			p := *k.shop.Catalog.Product(ring)
			p.Modifiers = tc.modifiers()
			k.shop.Catalog = k.shop.Catalog.With(2, 2, []*catalog.Product{&p}, nil)
			in := cart.Item{ProductID: ring, Quantity: 1, Selections: tc.sent}
			c, err := k.service.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{in}}, cart.Options{})
			if tc.title != "" {
				wantFault(t, err, fault.Invalid, tc.title)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := c.Lines[0].Selections
			if len(got) != len(tc.shown) {
				t.Fatalf("got %+v", got)
			}
			for i := range got {
				if got[i].Value != tc.shown[i] {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}
