package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"cartwright/internal/cart"
)

// shopper is a person of the demo. Nobody of the name lives anywhere: addresses
// are under .example, which is nobody's.
type shopper struct {
	number      int
	first, last string
	email       string
	locale      string
	currency    string
	address     cart.Address
	// customer says that the shopper has an account, and agrees that mails about
	// carts are welcome there.
	customer, agrees bool
	// nowhere says that mail to the address comes back.
	nowhere bool
	// patience is how much of a mail it takes before the shopper acts on it, from
	// 0, which is at once, to 99.
	patience int
}

// seed makes everything that is drawn the same in every demo.
const seed = 0x1a2b3c4d

// draws returns numbers that are the same each time for the same purpose.
func draws(purpose, number uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed^purpose, number)) //nolint:gosec // a story, not a secret
}

// What numbers are drawn for.
const (
	forPerson uint64 = iota + 1
	forHour
	forMail
)

// land is where some of the shoppers live.
type land struct {
	locale, currency, country string
	share                     int // of a hundred
	first, last, streets      []string
	cities                    []city
}

type city struct{ name, state, code string }

var lands = []land{
	{"en", "USD", "US", 62,
		strings.Fields("Ada Grace Ruth Nora Iris Hazel June Edith Owen Miles Jonah Silas Felix Amos Walter Rosa Mabel Otis Clara Theo"),
		strings.Fields("Alder Birch Calloway Dunmore Ellery Fairweather Garland Hollis Ingram Juniper Kestrel Larkin Merrow Northcott Oakes Penhallow Quill Rowe Sayer Thorne"),
		[]string{"Main Street", "Mill Road", "Orchard Lane", "Harbor Drive", "Chapel Hill Road", "Foxglove Court"},
		[]city{{"Portland", "Maine", "04101"}, {"Asheville", "North Carolina", "28801"}, {"Boulder", "Colorado", "80302"}, {"Austin", "Texas", "78701"}, {"Eugene", "Oregon", "97401"}, {"Duluth", "Minnesota", "55802"}}},
	{"de", "EUR", "DE", 25,
		strings.Fields("Greta Jonas Hanna Emil Lotte Anton Frieda Paul Marlene Oskar Ida Karl Mathilda Bruno Klara Theodor"),
		strings.Fields("Ahorn Brinkmann Dorn Erlenbach Falke Grünwald Heidkamp Immental Kiefer Lindner Moosbach Nussbaum Quendel Rosenthal Steinweg Tannert"),
		[]string{"Lindenstraße", "Mühlenweg", "Am Hang", "Kirchgasse", "Waldstraße", "Seeufer"},
		[]city{{"Freiburg", "", "79098"}, {"Leipzig", "", "04109"}, {"Kiel", "", "24103"}, {"Kempten", "", "87435"}, {"Göttingen", "", "37073"}}},
	{"fr", "EUR", "FR", 13,
		strings.Fields("Camille Louis Manon Jules Agathe Hugo Élise Émile Margaux Léon Solène Victor"),
		strings.Fields("Aubépine Bruyère Chantal Dubois Fontaine Genêt Hérault Lavande Moulin Noisette Peuplier Sorbier"),
		[]string{"rue des Tilleuls", "chemin du Moulin", "rue de la Gare", "quai du Port", "impasse des Lilas"},
		[]city{{"Annecy", "", "74000"}, {"Nantes", "", "44000"}, {"Grenoble", "", "38000"}, {"Lille", "", "59000"}}},
}

// The people of the demo: the first few have accounts.
const (
	population = 900
	customers  = 90
)

// people are all shoppers of the demo, always the same.
func people() []shopper {
	all := make([]shopper, population)
	taken := map[string]bool{}
	for i := range all {
		all[i] = person(i)
		p := &all[i]
		if taken[p.email] {
			p.email = strings.Replace(p.email, "@", fmt.Sprintf("%d@", i), 1)
		}
		taken[p.email] = true
		p.address.Email = p.email
	}
	return all
}

func person(number int) shopper {
	r := draws(forPerson, uint64(number)) //nolint:gosec // never negative
	l := &lands[0]
	for at, n := 0, r.IntN(100); at < len(lands); at++ {
		if l = &lands[at]; n < l.share {
			break
		}
		n -= l.share
	}
	p := shopper{number: number, first: oneOf(r, l.first), last: oneOf(r, l.last), locale: l.locale, currency: l.currency}
	p.email = mailName(p.first) + "." + mailName(p.last) + "@" + oneOf(r, []string{"post", "letters", "inbox"}) + ".example"
	c := oneOf(r, l.cities)
	street := oneOf(r, l.streets)
	if house := 1 + r.IntN(120); l.locale == "de" {
		street = fmt.Sprintf("%s %d", street, house)
	} else {
		street = fmt.Sprintf("%d %s", house, street)
	}
	p.address = cart.Address{FirstName: p.first, LastName: p.last, Address1: street, City: c.name, State: c.state, PostalCode: c.code, CountryCode: l.country}
	p.customer = number < customers
	p.agrees = r.IntN(100) < 72
	p.nowhere = !p.customer && r.IntN(100) < 3
	p.patience = r.IntN(100)
	return p
}

func oneOf[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// mailName writes a name in the letters that addresses have.
func mailName(name string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e").Replace(strings.ToLower(name))
}
