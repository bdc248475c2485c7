package demo

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
)

// midnight begins a week.
var midnight = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestShoppersAreTheSameEachTimeAndNobody(t *testing.T) {
	all, again := people(), people()
	seen := map[string]bool{}
	languages := map[string]int{}
	for i := range all {
		p := &all[i]
		if diff := cmp.Diff(*p, again[i], cmp.AllowUnexported(shopper{})); diff != "" {
			t.Fatal(diff)
		}
		if _, err := mail.ParseAddress(p.email); err != nil || !strings.HasSuffix(p.email, ".example") || !cart.ValidEmail(p.email) {
			t.Errorf("%q is no address of nobody: %v", p.email, err)
		}
		if seen[p.email] || p.email != p.address.Email {
			t.Errorf("%q is there twice, or its bill goes to %q", p.email, p.address.Email)
		}
		seen[p.email] = true
		languages[p.locale]++
		if p.customer && p.nowhere {
			t.Errorf("the customer %s cannot be written to", p.email)
		}
	}
	for _, l := range lands {
		if n := languages[l.locale] * 100 / population; n < l.share-6 || n > l.share+6 {
			t.Errorf("%d %% speak %s", n, l.locale)
		}
	}
}

// What a few weeks bring is what a shop knows: more in the evening than at
// night, more on Sundays, and most carts are left.
func TestVisitsAreBelievable(t *testing.T) {
	const weeks = 30
	var total, bought, unknown, bots, night, sunday int
	items := map[int]int{}
	for hour := midnight; hour.Before(midnight.AddDate(0, 0, 7*weeks)); hour = hour.Add(time.Hour) {
		visits := visitsOf(hour)
		if diff := cmp.Diff(visits, visitsOf(hour), cmp.AllowUnexported(visit{}, wish{})); diff != "" {
			t.Fatal(diff)
		}
		for _, v := range visits {
			if v.at.Before(hour) || !v.at.Before(hour.Add(time.Hour)) {
				t.Fatalf("%s is not in the hour of %s", v.at, hour)
			}
			total++
			items[len(v.wishes)]++
			if v.bot {
				bots++
				continue
			}
			if v.end == orders {
				bought++
			}
			if v.end == leavesAtCart {
				unknown++
			}
			if h := hour.Hour(); h < 6 {
				night++
			}
			if hour.Weekday() == time.Sunday {
				sunday++
			}
		}
	}
	within := func(what string, n, of, low, high int) {
		t.Helper()
		if p := n * 100 / of; p < low || p > high {
			t.Errorf("%s: %d %%, not %d to %d", what, p, low, high)
		}
	}
	within("carts a day", total, weeks*7, 100*cartsADay-200, 100*cartsADay+200)
	within("orders at once", bought, total, 25, 33)
	within("left without an address", unknown, total, 22, 32)
	within("bots", bots, total, 1, 5)
	within("at night", night, total, 5, 14)
	within("on Sundays", sunday, total, 15, 21)
	for n := range items {
		if n < 1 || n > 5 {
			t.Errorf("%d things in a cart", n)
		}
	}
}

func TestReactionsAreBelievable(t *testing.T) {
	all := people()
	does := map[response]int{}
	n := 0
	for i := range all {
		for _, id := range []string{"a", "b", "c"} {
			mail := all[i].email + id
			r := reactionTo(&all[i], mail)
			if r != reactionTo(&all[i], mail) {
				t.Fatal("a reaction is another each time")
			}
			if r.does != ignores && (r.after <= 0 || r.after > 30*time.Hour) {
				t.Errorf("reacts after %s", r.after)
			}
			if all[i].nowhere != (r.does == bounces) {
				t.Errorf("%s does %d", all[i].email, r.does)
			}
			does[r.does]++
			n++
		}
	}
	for kind, bounds := range map[response][2]int{ignores: {75, 92}, buys: {4, 12}, looks: {3, 10}, unsubscribes: {0, 2}, bounces: {1, 4}} {
		if p := does[kind] * 100 / n; does[kind] == 0 || p < bounds[0] || p > bounds[1] {
			t.Errorf("%d of %d mails lead to %d", does[kind], n, kind)
		}
	}
}

func TestCountDrawsWhatIsExpected(t *testing.T) {
	r := draws(forHour, 1)
	const rounds = 20_000
	sum := 0
	for range rounds {
		sum += count(r, 1.5)
	}
	if mean := float64(sum) / rounds; mean < 1.45 || mean > 1.55 {
		t.Errorf("the mean of 1.5 is %.3f", mean)
	}
}
