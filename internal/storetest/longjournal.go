package storetest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/sqlstore"
)

// longJournal holds that a journal is whole and in order wherever its rows
// stand: it is compared after every write with what was written, by all kinds of
// writes in turn, and once more when the cart is gone.
func longJournal(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	want := []string{"1.0 " + event.CartCreated + " " + event.CartUpdated}
	check := func(after string) {
		t.Helper()
		journal, err := db.Journal(t.Context(), "a", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, e := range journal {
			var scopes []string
			for _, ev := range e.Events {
				scopes = append(scopes, ev.Scope)
			}
			got = append(got, fmt.Sprintf("%d.%d %s", e.Version, e.N, strings.Join(scopes, " ")))
			if e.Channel != 1 || i > 0 && e.At.Before(journal[i-1].At) {
				t.Fatalf("after %s: entry %d is %+v", after, i, e)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("after %s: %s", after, diff)
		}
	}
	at := Noon
	update := func(change func(*cart.Cart), scopes ...string) {
		t.Helper()
		at = at.Add(time.Second)
		events := make([]event.Event, len(scopes))
		for i := range scopes {
			events[i].Scope = scopes[i]
		}
		changed, err := db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
			c.Version++
			c.Updated = at
			change(c)
			return cart.Change{Events: events}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("%d.0 %s", changed.Version, strings.Join(scopes, " ")))
	}
	nothing := func(*cart.Cart) {}
	for i := range 40 {
		update(nothing, event.LineUpdated, event.CartUpdated)
		switch {
		case i%11 == 3:
			update(func(c *cart.Cart) { c.CustomerID++ }, event.CartUpdated)
		case i%7 == 2: // long enough to have a row of its own
			update(nothing, strings.Split(strings.Repeat(event.LineCreated+" ", 60)+event.CartUpdated, " ")...)
		case i%5 == 1:
			m := note(c.ID, "app", fmt.Sprint(i))
			m.Created, m.Modified = at, at
			keepMetafield(t, db, m)
			version, _, _ := strings.Cut(want[len(want)-1], ".")
			want = append(want, version+".1 "+event.MetafieldCreated)
		}
		check(fmt.Sprint("round ", i))
	}
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Updated = at
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	var last int
	_, _ = fmt.Sscanf(want[len(want)-1], "%d", &last)
	want = append(want, fmt.Sprintf("%d.0 %s", last+1, event.CartDeleted))
	check("the end")
}

// CopiedJournal holds that what stands beside a cart is read and filed on every
// engine, though only SQLite writes it: a database may have been copied from
// there.
func CopiedJournal(t *testing.T, db *sqlstore.DB, raw *sql.DB) {
	c := mustCreate(t, db, NewCart("a"))
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`DELETE FROM journal WHERE store = 'a'`,
		`UPDATE carts SET recent = '{"v":1,"c":1,"t":1772625600000,"e":[{"scope":"first"}]}{"v":2,"c":1,"t":1772625600000,"e":[{"scope":"second"}]}' WHERE store = 'a'`,
	} {
		if _, err := raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"1.0 first", "2.0 second"}
	check := func() {
		t.Helper()
		journal, err := db.Journal(t.Context(), "a", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range journal {
			got = append(got, fmt.Sprintf("%d.%d %s", e.Version, e.N, e.Events[0].Scope))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	check()
	keepMetafield(t, db, note(c.ID, "app", "note"))
	want = append(want, "2.1 "+event.MetafieldCreated)
	check()
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit); err != nil {
		t.Fatal(err)
	}
	want = append(want, "3.0 "+event.CartUpdated)
	check()
}
