package storefront

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
)

// addressField is one field of the form of an address.
type addressField struct {
	Name, Label, Value, Problem string
	Type                        string // of the input
	Autocomplete                string
	Required                    bool
	Help                        string
	// Wide says that it takes a line of its own on a wide screen.
	Wide bool
	// Countries is the list to choose from; nil for a text.
	Countries []country
}

// addressForm is the form of an address.
type addressForm struct {
	Fields []addressField
	// Newsletter and Reminder are what the shopper agrees to.
	Contact, Newsletter, Reminder bool
	// Choose offers to bill to another address, which Other does.
	Choose, Other bool
	Action        string
	Heading       string
	Back          string
	// Problems says that fields were refused.
	Problems bool
}

// maxAddressText is how many characters a field of an address may have.
const maxAddressText = 255

// fields says what the form of an address asks for, with what is in it.
func fields(a *cart.Address, contact bool, section string) []addressField {
	var all []addressField
	add := func(f addressField, complete string) {
		if f.Type == "" {
			f.Type = "text"
		}
		f.Autocomplete = complete
		if complete != "email" {
			f.Autocomplete = section + " " + complete
		}
		all = append(all, f)
	}
	if contact {
		add(addressField{Name: "email", Label: "E-mail", Value: a.Email, Type: "email", Required: true, Wide: true}, "email")
	}
	state := a.State
	if state == "" {
		state = a.StateCode
	}
	add(addressField{Name: "first_name", Label: "First name", Value: a.FirstName, Required: true}, "given-name")
	add(addressField{Name: "last_name", Label: "Last name", Value: a.LastName, Required: true}, "family-name")
	add(addressField{Name: "company", Label: "Company", Value: a.Company, Wide: true}, "organization")
	add(addressField{Name: "address1", Label: "Street and number", Value: a.Address1, Required: true, Wide: true}, "address-line1")
	add(addressField{Name: "address2", Label: "Flat, floor, building", Value: a.Address2, Wide: true}, "address-line2")
	add(addressField{Name: "postcode", Label: "Postcode", Value: a.PostalCode, Help: "If your country has postcodes."}, "postal-code")
	add(addressField{Name: "city", Label: "Town or city", Value: a.City, Required: true}, "address-level2")
	add(addressField{Name: "state", Label: "State or province", Value: state, Help: "If it is part of your address."}, "address-level1")
	add(addressField{Name: "country", Label: "Country", Value: a.CountryCode, Required: true, Countries: countries()}, "country")
	add(addressField{Name: "phone", Label: "Phone", Value: a.Phone, Type: "tel", Wide: true}, "tel")
	return all
}

// readAddress reads the form of an address. What is wrong is said by field.
func readAddress(values url.Values) (a cart.Address, problems map[string]string) {
	problems = map[string]string{}
	text := func(name string) string {
		s := strings.TrimSpace(values.Get(name))
		switch {
		case utf8.RuneCountInString(s) > maxAddressText:
			problems[name] = "Please enter at most 255 characters."
			return shorten(s, maxAddressText)
		case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
			problems[name] = "Please enter letters, digits and signs only."
			return ""
		}
		return s
	}
	a = cart.Address{Email: text("email"), FirstName: text("first_name"), LastName: text("last_name"), Company: text("company"),
		Address1: text("address1"), Address2: text("address2"), City: text("city"), State: text("state"), PostalCode: text("postcode"),
		CountryCode: strings.ToUpper(text("country")), Phone: text("phone")}
	for name, problem := range incomplete(&a) {
		if problems[name] == "" {
			problems[name] = problem
		}
	}
	if name, code, known, found := stateOf(a.CountryCode, a.State); found {
		a.State, a.StateCode = name, code
	} else if known && problems["state"] == "" {
		problems["state"] = "Please enter a state of this country, by its name or its short form."
	}
	return a, problems
}

// incomplete says by field what an address lacks before an order can be made
// (spec/05 §1.6).
func incomplete(a *cart.Address) map[string]string {
	problems := map[string]string{}
	for _, f := range []struct{ name, value, problem string }{
		{"first_name", a.FirstName, "Please enter your first name."},
		{"last_name", a.LastName, "Please enter your last name."},
		{"address1", a.Address1, "Please enter street and number."},
		{"city", a.City, "Please enter a town or city."},
	} {
		if f.value == "" {
			problems[f.name] = f.problem
		}
	}
	if !cart.ValidEmail(a.Email) {
		problems["email"] = "Please enter your e-mail address in full."
	}
	if !merchant.IsCountry(a.CountryCode) {
		problems["country"] = "Please choose a country."
		return problems
	}
	if a.State == "" && a.StateCode == "" && order.NeedsState(a.CountryCode) {
		problems["state"] = "Please enter a state or province."
	}
	if a.PostalCode == "" && order.NeedsPostalCode(a.CountryCode) {
		problems["postcode"] = "Please enter a postcode."
	}
	return problems
}

// complete reports whether an order can be made with an address.
func complete(a *cart.Address) bool { return a != nil && len(incomplete(a)) == 0 }

// addressLines writes an address as it is shown.
func addressLines(a *cart.Address) []string {
	_, countryName, _ := merchant.Country(a.CountryCode)
	var lines []string
	for _, parts := range [][]string{{a.FirstName, a.LastName}, {a.Company}, {a.Address1}, {a.Address2}, {a.PostalCode, a.City}, {a.State}, {countryName}, {a.Phone}, {a.Email}} {
		if line := strings.TrimSpace(strings.Join(parts, " ")); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// fingerprint tells one address from another without holding it.
func fingerprint(a *cart.Address) string {
	bare := *a
	bare.ID = ""
	b, err := json.Marshal(bare)
	if err != nil {
		return "" // strings always encode
	}
	return id.Hash("address " + string(b))
}

// sameAddress reports whether two addresses say the same.
func sameAddress(a, b *cart.Address) bool { return fingerprint(a) == fingerprint(b) }

// typedHere reports whether an address was typed in this session: the only ones
// that it gets to see. A session may be bound to a cart that was filled
// elsewhere, and anybody who may write to the cart may change its addresses.
func (v *visit) typedHere(a *cart.Address) bool {
	return a != nil && v.marked(fingerprint(a))
}

func (v *visit) marked(mark string) bool {
	s, err := v.loadSession()
	return err == nil && slices.Contains(strings.Fields(s.typed), mark)
}

// maxMarks bounds what a session remembers of what was typed in it.
const maxMarks = 24

// keepTyped notes that addresses were typed in this session.
func (v *visit) keepTyped(addresses ...*cart.Address) error {
	var marks []string
	for _, a := range addresses {
		marks = append(marks, fingerprint(a))
	}
	return v.keepMarks(marks...)
}

func (v *visit) keepMarks(marks ...string) error {
	s, err := v.loadSession()
	if err != nil {
		return err
	}
	var all []string
	for _, mark := range append(marks, strings.Fields(s.typed)...) {
		if !slices.Contains(all, mark) && len(all) < maxMarks {
			all = append(all, mark)
		}
	}
	typed := strings.Join(all, " ")
	if typed == s.typed {
		return nil
	}
	if err := v.Sessions.KeepTyped(v.ctx(), v.store(), s.hash(), typed); err != nil {
		return err
	}
	s.typed = typed
	return nil
}
