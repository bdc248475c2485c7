package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/sqlstore"
)

func person(email string) customer.Customer {
	return customer.Customer{Email: email, FirstName: "Ada", LastName: "Byron", OriginChannelID: 1, Created: Noon, Modified: Noon}
}

func mustAddCustomers(t *testing.T, db *sqlstore.DB, cs ...customer.Customer) []customer.Customer {
	t.Helper()
	out, err := db.CreateCustomers(t.Context(), "a", cs)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func customerRoundTrip(t *testing.T, db *sqlstore.DB) {
	c := person("ada@shop.example")
	c.ChannelIDs, c.GroupID, c.StoreCredit, c.Notes = []int64{1, 2}, 3, 12_5000, "☂ 50% \\ off_"
	out := mustAddCustomers(t, db, c, person("bob@shop.example"))
	if out[0].ID != 1 || out[1].ID != 2 {
		t.Errorf("ids = %d, %d", out[0].ID, out[1].ID)
	}
	got, err := db.FindCustomer(t.Context(), "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&out[0], got); diff != "" {
		t.Error(diff)
	}
	if got, err := db.FindCustomer(t.Context(), "b", 1); got != nil || err != nil {
		t.Errorf("in another store = %v, %v", got, err)
	}
}

// addressOnce holds that an address belongs to one customer, however it is
// written, and that a batch is stored whole or not at all.
func addressOnce(t *testing.T, db *sqlstore.DB) {
	mustAddCustomers(t, db, person("ada@shop.example"))
	_, err := db.CreateCustomers(t.Context(), "a", []customer.Customer{person("new@shop.example"), person("ADA@shop.example")})
	if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Fields[".1.email"] == "" {
		t.Errorf("error = %v", err)
	}
	part, err := db.Customers(t.Context(), "a", customer.Filter{}, cursor.Range{Limit: 10})
	if err != nil || part.Total != 1 {
		t.Errorf("%d customers, %v", part.Total, err)
	}
	errs := inParallel(16, func(int) error {
		_, err := db.CreateCustomers(t.Context(), "a", []customer.Customer{person("raced@shop.example")})
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.Invalid) {
			t.Errorf("loser got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d made the same address", won)
	}
}

func customerFilters(t *testing.T, db *sqlstore.DB) {
	all := []customer.Customer{person("ada@shop.example"), person("Bob@shop.example"), person("cy@shop.example")}
	all[0].LastName = "Ö_50%"
	all[1].FirstName, all[1].GroupID = "Bob", 7
	all[2].Created, all[2].Modified = Noon.Add(time.Hour), Noon.Add(2*time.Hour)
	mustAddCustomers(t, db, all...)
	for name, tt := range map[string]struct {
		filter customer.Filter
		want   []int64
	}{
		"all":                     {customer.Filter{}, []int64{1, 2, 3}},
		"ids":                     {customer.Filter{IDs: []int64{3, 1, 9}}, []int64{1, 3}},
		"no ids":                  {customer.Filter{IDs: []int64{}}, nil},
		"address in another case": {customer.Filter{Emails: []string{"bOB@SHOP.example", "x"}}, []int64{2}},
		"group":                   {customer.Filter{Groups: []int64{7}}, []int64{2}},
		"no group":                {customer.Filter{Groups: []int64{0}}, []int64{1, 3}},
		"part of a name":          {customer.Filter{NameLike: "OB BY"}, []int64{2}},
		"a letter beyond ASCII":   {customer.Filter{NameLike: "ö"}, []int64{1}},
		"a wildcard is a letter":  {customer.Filter{NameLike: "_50%"}, []int64{1}},
		"made before":             {customer.Filter{Dates: customer.Dates{CreatedBefore: Noon.Add(time.Hour)}}, []int64{1, 2}},
		"made at or after":        {customer.Filter{Dates: customer.Dates{CreatedMin: Noon.Add(time.Hour)}}, []int64{3}},
		"made just after":         {customer.Filter{Dates: customer.Dates{CreatedMin: Noon.Add(time.Hour + 1)}}, nil},
		"changed after":           {customer.Filter{Dates: customer.Dates{ModifiedMin: Noon.Add(time.Minute)}}, []int64{3}},
		"two filters":             {customer.Filter{IDs: []int64{1, 2}, Groups: []int64{7}}, []int64{2}},
	} {
		part, err := db.Customers(t.Context(), "a", tt.filter, cursor.Range{Limit: 10})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []int64
		for _, c := range part.Entries {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, tt.want) || part.Total != int64(len(tt.want)) {
			t.Errorf("%s: %v of %d, want %v", name, got, part.Total, tt.want)
		}
	}
}

// parts holds how a list is read by number and by cursor, in both directions.
func parts(t *testing.T, db *sqlstore.DB) {
	for i := range 5 {
		mustAddCustomers(t, db, person(fmt.Sprintf("p%d@shop.example", i)))
	}
	for _, tt := range []struct {
		r              cursor.Range
		want           []int64
		total          int64
		earlier, later bool
	}{
		{cursor.Range{Limit: 2}, []int64{1, 2}, 5, false, true},
		{cursor.Range{Limit: 2, Offset: 2}, []int64{3, 4}, 5, true, true},
		{cursor.Range{Limit: 2, Offset: 4}, []int64{5}, 5, true, false},
		{cursor.Range{Limit: 2, Offset: 9}, nil, 5, true, false},
		{cursor.Range{Limit: 5}, []int64{1, 2, 3, 4, 5}, 5, false, false},
		{cursor.Range{Limit: 2, After: 2}, []int64{3, 4}, 0, true, true},
		{cursor.Range{Limit: 2, After: 3}, []int64{4, 5}, 0, true, false},
		{cursor.Range{Limit: 2, After: 5}, nil, 0, true, false},
		{cursor.Range{Limit: 2, After: 99}, nil, 0, true, false},
		{cursor.Range{Limit: 2, Before: 4}, []int64{2, 3}, 0, true, true},
		{cursor.Range{Limit: 2, Before: 3}, []int64{1, 2}, 0, false, true},
		{cursor.Range{Limit: 2, Before: 1}, nil, 0, false, true},
		{cursor.Range{Limit: 2, Falling: true}, []int64{5, 4}, 5, false, true},
		{cursor.Range{Limit: 2, Falling: true, After: 4}, []int64{3, 2}, 0, true, true},
		{cursor.Range{Limit: 2, Falling: true, After: 2}, []int64{1}, 0, true, false},
		{cursor.Range{Limit: 2, Falling: true, Before: 3}, []int64{5, 4}, 0, false, true},
		{cursor.Range{Limit: 1, Falling: true, Before: 3}, []int64{4}, 0, true, true},
	} {
		part, err := db.Customers(t.Context(), "a", customer.Filter{}, tt.r)
		if err != nil {
			t.Fatalf("%+v: %v", tt.r, err)
		}
		var got []int64
		for _, c := range part.Entries {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, tt.want) || part.Total != tt.total || part.Earlier != tt.earlier || part.Later != tt.later {
			t.Errorf("%+v: %v of %d, earlier %v, later %v", tt.r, got, part.Total, part.Earlier, part.Later)
		}
	}
}

// rename gives a customer another address.
func rename(db *sqlstore.DB, t *testing.T, id int64, email string) error {
	_, err := db.UpdateCustomers(t.Context(), "a", []int64{id}, func(have []*customer.Customer) ([]int, error) {
		if have[0] == nil {
			return nil, fault.New(fault.NotFound, "")
		}
		have[0].Email = email
		return []int{0}, nil
	}, func(who customer.Customer) cart.Follow { return owner(who.ID, who.Email) })
	return err
}

// owner gives a cart to a customer.
func owner(id int64, email string) cart.Follow {
	return func(c *cart.Cart) (*cart.Change, error) {
		c.CustomerID, c.Email = id, email
		c.Version++
		c.Updated = c.Updated.Add(time.Minute)
		return &cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
	}
}

func cartOf(t *testing.T, db *sqlstore.DB, customerID int64) *cart.Cart {
	t.Helper()
	c := NewCart("a")
	c.CustomerID, c.Email = customerID, "old@shop.example"
	return mustCreate(t, db, c)
}

// customerCartsFollow holds that what happens to a customer happens to the
// customer's carts, with version and journal, in memory and in the database.
func customerCartsFollow(t *testing.T, db *sqlstore.DB) {
	mustAddCustomers(t, db, person("ada@shop.example"), person("bob@shop.example"))
	ada, again, bob := cartOf(t, db, 1), cartOf(t, db, 1), cartOf(t, db, 2)
	if err := rename(db, t, 1, "new@shop.example"); err != nil {
		t.Fatal(err)
	}
	check := func(id cart.ID, customerID int64, email string, version int64) {
		t.Helper()
		for range 2 {
			c, err := db.FindCart(t.Context(), "a", id)
			if err != nil || c.CustomerID != customerID || c.Email != email || c.Version != version {
				t.Errorf("cart = %+v, %v", c, err)
			}
			db.ForgetCarts()
		}
		journal, err := db.Journal(t.Context(), "a", id)
		if last := journal[len(journal)-1]; err != nil || last.Version != version || int64(len(journal)) != version {
			t.Errorf("journal = %+v, %v", journal, err)
		}
	}
	check(ada.ID, 1, "new@shop.example", 2)
	check(again.ID, 1, "new@shop.example", 2)
	check(bob.ID, 2, "old@shop.example", 1)
	if err := rename(db, t, 1, "BOB@shop.example"); !fault.Is(err, fault.Invalid) {
		t.Errorf("an address in use: %v", err)
	}
	if err := rename(db, t, 9, "x@shop.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown customer: %v", err)
	}
	gone := map[int64]string{}
	err := db.DeleteCustomers(t.Context(), "a", []int64{9, 1, 1}, func(who customer.Customer) cart.Follow {
		gone[who.ID] = who.Email
		return owner(0, "")
	})
	if diff := cmp.Diff(map[int64]string{0: "", 1: "new@shop.example"}, gone); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	check(ada.ID, 0, "", 3)
	check(again.ID, 0, "", 3)
	check(bob.ID, 2, "old@shop.example", 1)
	if c, err := db.FindCustomer(t.Context(), "a", 1); c != nil || err != nil {
		t.Errorf("the deleted customer = %v, %v", c, err)
	}
}

// followLosesNothing holds that a cart which is written while its customer is
// deleted keeps what both writes did.
func followLosesNothing(t *testing.T, db *sqlstore.DB) {
	mustAddCustomers(t, db, person("ada@shop.example"))
	c := cartOf(t, db, 1)
	const writers = 16
	errs := inParallel(writers+1, func(i int) error {
		if i == writers/2 {
			return db.DeleteCustomers(t.Context(), "a", []int64{1}, func(customer.Customer) cart.Follow { return owner(0, "") })
		}
		_, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"memory", "the database"} {
		got, err := db.FindCart(t.Context(), "a", c.ID)
		if err != nil || got.CustomerID != 0 || got.Email != "" || got.Lines[0].Quantity != 1+writers || got.Version != 2+writers {
			t.Errorf("in %s: %+v, %v", where, got, err)
		}
		db.ForgetCarts()
	}
}

func subscribers(t *testing.T, db *sqlstore.DB) {
	sub := customer.Subscriber{Email: "Ada@shop.example", FirstName: "Ada", Source: "order", OrderID: 12, ChannelID: 1,
		Consents: []string{"abandoned_cart"}, Created: Noon, Modified: Noon}
	made, err := db.CreateSubscriber(t.Context(), "a", sub)
	if err != nil || made.ID != 1 {
		t.Fatalf("made %+v, %v", made, err)
	}
	twin := sub
	twin.Email = "ADA@shop.example"
	if _, err := db.CreateSubscriber(t.Context(), "a", twin); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same address = %v", err)
	}
	twin.ChannelID, twin.LastName = 2, "Byron"
	if _, err := db.CreateSubscriber(t.Context(), "a", twin); err != nil {
		t.Errorf("the same address on another channel = %v", err)
	}
	got, err := db.FindSubscriber(t.Context(), "a", 1)
	if diff := cmp.Diff(&made, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	other, err := db.Subscribers(t.Context(), "a", customer.SubscriberFilter{LastName: "Byron"}, cursor.Range{Limit: 9})
	if err != nil || other.Total != 1 {
		t.Fatalf("found %+v, %v", other, err)
	}
	collide := func(s *customer.Subscriber) { s.ChannelID = 1 }
	if _, err := db.UpdateSubscriber(t.Context(), "a", other.Entries[0].ID, collide); !fault.Is(err, fault.Conflict) {
		t.Errorf("moving to a taken place = %v", err)
	}
	if _, err := db.UpdateSubscriber(t.Context(), "a", 99, collide); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown one = %v", err)
	}
	if _, err := db.UpdateSubscriber(t.Context(), "a", 1, func(s *customer.Subscriber) { s.Source, s.OrderID = "custom", 0 }); err != nil {
		t.Error(err)
	}
	for name, tt := range map[string]struct {
		filter customer.SubscriberFilter
		want   int64
	}{
		"all":               {customer.SubscriberFilter{}, 2},
		"address":           {customer.SubscriberFilter{Email: "aDA@shop.example"}, 2},
		"first name":        {customer.SubscriberFilter{FirstName: "ada"}, 0},
		"changed source":    {customer.SubscriberFilter{Source: "custom"}, 1},
		"order":             {customer.SubscriberFilter{OrderID: 12}, 1},
		"made later":        {customer.SubscriberFilter{Dates: customer.Dates{CreatedMin: Noon.Add(1)}}, 0},
		"id":                {customer.SubscriberFilter{IDs: []int64{1}}, 1},
		"id and wrong name": {customer.SubscriberFilter{IDs: []int64{1}, LastName: "Byron"}, 0},
	} {
		part, err := db.Subscribers(t.Context(), "a", tt.filter, cursor.Range{Limit: 9})
		if err != nil || part.Total != tt.want || int64(len(part.Entries)) != tt.want {
			t.Errorf("%s: %d, %v", name, part.Total, err)
		}
	}
	for _, want := range []int64{1, 0} {
		if n, err := db.DeleteSubscribers(t.Context(), "a", customer.SubscriberFilter{OrderID: 12}); n != want || err != nil {
			t.Errorf("deleted %d, %v", n, err)
		}
	}
	if n, err := db.DeleteSubscribers(t.Context(), "b", customer.SubscriberFilter{}); n != 0 || err != nil {
		t.Errorf("deleted %d of another store, %v", n, err)
	}
}
