package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// visit is what one shopper does who puts something into a cart. Most people
// who look at a shop never do; nothing of them would remain, so they are left
// out.
type visit struct {
	at      time.Time
	shopper int // number of the person
	channel int // which of the store's channels, from 0
	// wishes are what goes into the cart: numbers that stand for whatever is on
	// the shelves then. later is put in after a while, 0 is nothing.
	wishes []wish
	later  time.Duration
	end    ending
	// back is when somebody who left looks in again without being asked to; 0 is
	// never.
	back  time.Duration
	buys  bool // then, or only changes something
	bot   bool // no person at all
	coded bool // knows the code that the shop prints everywhere
}

type wish struct {
	item     uint64
	quantity int64
}

// ending is how far a visit gets.
type ending int

const (
	leavesAtCart    ending = iota // nobody knows whose cart it is
	leavesAtAddress               // the address is known
	leavesAtPayment               // everything but the payment
	declined                      // the payment failed
	orders
)

// cartsADay is about how many carts are filled on a day like any other.
const cartsADay = 14

// rhythm is the share of a day's visits in each of its hours, in UTC: the
// shoppers live between California and Kiel.
var rhythm = [24]float64{3, 2, 2, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 5, 6, 7, 8, 9, 9, 8, 6, 4}

// weekdays is how busy the days are beside each other, from Sunday.
var weekdays = [7]float64{1.25, 0.95, 0.9, 0.9, 0.95, 0.9, 1.15}

// visitsOf returns who comes in the hour that begins at an instant, the earliest
// first. It is the same each time.
func visitsOf(hour time.Time) []visit {
	r := draws(forHour, uint64(hour.Unix()/3600)) //nolint:gosec // after 1970
	var sum float64
	for _, share := range rhythm {
		sum += share
	}
	expected := cartsADay * rhythm[hour.UTC().Hour()] / sum * weekdays[hour.UTC().Weekday()]
	n := count(r, expected)
	all := make([]visit, n)
	for i := range all {
		all[i] = visitAt(r, hour.Add(time.Duration(r.IntN(3600/grain))*grain*time.Second))
	}
	return all
}

// grain is the precision of the time table in seconds: who comes in the same
// minute is served at once.
const grain = 60

// count draws a number of things that happen independently of each other.
func count(r *rand.Rand, expected float64) int {
	n, p := 0, math.Exp(-expected)
	for rest := r.Float64(); rest > p && n < 20; n++ {
		rest -= p
		p *= expected / float64(n+1)
	}
	return n
}

func visitAt(r *rand.Rand, at time.Time) visit {
	v := visit{at: at, shopper: customers + r.IntN(population-customers)}
	if chance(r, 25) {
		v.shopper = r.IntN(customers)
	}
	if chance(r, 22) {
		v.channel = 1
	}
	if v.bot = chance(r, 3); v.bot {
		v.wishes = []wish{{r.Uint64(), 9}, {r.Uint64(), 9}}
		return v
	}
	for range 1 + min(r.IntN(3), r.IntN(3)) + r.IntN(2) {
		quantity := int64(1)
		if chance(r, 20) {
			quantity = 2
		}
		v.wishes = append(v.wishes, wish{r.Uint64(), quantity})
	}
	if chance(r, 25) {
		v.later = minutes(r, 2, 20)
	}
	switch n := r.IntN(100); {
	case n < 29:
		v.end = orders
	case n < 31:
		v.end = declined
	case n < 43:
		v.end = leavesAtPayment
	case n < 72:
		v.end = leavesAtAddress
	default:
		v.end = leavesAtCart
	}
	v.coded = chance(r, 8)
	if v.end != orders && chance(r, 14) {
		v.back, v.buys = minutes(r, 40, 50*60), chance(r, 60)
	}
	return v
}

// reaction is what somebody does with a mail.
type reaction struct {
	after time.Duration
	does  response
}

// response is what is done with a mail.
type response int

const (
	ignores response = iota
	looks            // continues from the link, and leaves again
	buys             // continues from the link, and orders
	unsubscribes
	complains
	bounces // it came back
)

// reactionTo returns what a shopper does with a mail of this id. It is the same
// each time.
func reactionTo(p *shopper, mail string) reaction {
	var number uint64
	for _, c := range []byte(mail) {
		number = number*1099511628211 ^ uint64(c)
	}
	r := draws(forMail, number)
	if p.nowhere {
		return reaction{minutes(r, 1, 9), bounces}
	}
	after := minutes(r, 4, 60)
	if chance(r, 60) {
		after = minutes(r, 60, 30*60)
	}
	eager := 100 - p.patience
	switch n := r.IntN(1000); {
	case n < 10:
		return reaction{after, unsubscribes}
	case n < 12:
		return reaction{after, complains}
	case n < 30+eager:
		return reaction{after, buys}
	case n < 50+2*eager:
		return reaction{after, looks}
	}
	return reaction{}
}

func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

func minutes(r *rand.Rand, from, to int) time.Duration {
	return time.Duration(from+r.IntN(to-from)) * time.Minute
}
