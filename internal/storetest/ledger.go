package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/id"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// unsubscribed holds that a link takes back all that was agreed to, once,
// whether its cart is there or not.
func unsubscribed(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	for _, gone := range []bool{false, true} {
		email := fmt.Sprintf("ada%v@shop.example", gone)
		who := person(email)
		who.AcceptsAbandonedCartEmails = true
		who = mustAddCustomers(t, db, who)[0]
		sub, err := db.CreateSubscriber(t.Context(), "a", customer.Subscriber{Email: email, ChannelID: 1, Consents: []string{"abandoned_cart", "marketing_newsletter"}})
		if err != nil {
			t.Fatal(err)
		}
		e := o.left(email)
		plain, hash := recovery.NewToken()
		o.visit(e, after(120), func(s recovery.Standing) recovery.Ruling {
			r := claims(e, after(120))(s)
			r.Claim.Tokens = []recovery.Token{{Store: "a", Hash: hash, Purpose: recovery.Unsubscribe, Cart: e.Cart, Episode: e.ID, Template: 1,
				Address: r.Claim.Step.Address, Created: after(120)}}
			return r
		})
		if gone {
			if _, err := db.UpdateCart(t.Context(), "a", e.Cart, func(*cart.Cart) (cart.Change, error) {
				return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if k, err := db.Unsubscribe(t.Context(), "a", id.Hash(plain), after(130)); err != nil || k == nil || k.Cart != e.Cart {
				t.Errorf("%+v, %v", k, err)
			}
		}
		if got, err := db.FindCustomer(t.Context(), "a", who.ID); err != nil || got.AcceptsAbandonedCartEmails {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := db.FindSubscriber(t.Context(), "a", sub.ID); err != nil || !slices.Equal(got.Consents, []string{"marketing_newsletter"}) {
			t.Errorf("%+v, %v", got, err)
		}
		list, err := db.Suppressions(t.Context(), "a", recovery.AddressHash("a", email), cursor.Range{Limit: 5})
		if err != nil || list.Total != 1 || list.Entries[0].Reason != recovery.ByShopper {
			t.Errorf("%+v, %v", list, err)
		}
		// A link goes on working when the merchant took the address off the list.
		if _, err := db.Unsuppress(t.Context(), "a", recovery.AddressHash("a", email)); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Unsubscribe(t.Context(), "a", id.Hash(plain), after(140)); err != nil {
			t.Fatal(err)
		}
		if list, err := db.Suppressions(t.Context(), "a", recovery.AddressHash("a", email), cursor.Range{Limit: 5}); err != nil || list.Total != 1 {
			t.Errorf("unsubscribed once more: %+v, %v", list, err)
		}
		if k, err := db.Unsubscribe(t.Context(), "b", id.Hash(plain), after(130)); k != nil || err != nil {
			t.Errorf("in another store: %+v, %v", k, err)
		}
	}
	_, hash := recovery.NewToken()
	if k, err := db.Unsubscribe(t.Context(), "a", hash, after(130)); k != nil || err != nil {
		t.Errorf("a link that nobody made: %+v, %v", k, err)
	}
	if on, err := db.Unsuppress(t.Context(), "a", recovery.AddressHash("a", "adatrue@shop.example")); !on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
	if on, err := db.Unsuppress(t.Context(), "a", recovery.AddressHash("a", "adatrue@shop.example")); on || err != nil {
		t.Errorf("twice: %v, %v", on, err)
	}
	if list, err := db.Suppressions(t.Context(), "a", "", cursor.Range{Limit: 5}); err != nil || list.Total != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// bouncesTaken holds that a report counts once, and that a mail is only
// recorded as come back when it is one of ours to that address.
func bouncesTaken(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	e := o.left("ada@shop.example")
	mail := o.claim(e, 120).Step.MessageID
	take := func(want recovery.Bounces, all ...recovery.Bounce) {
		t.Helper()
		if got, err := db.TakeBounces(t.Context(), "a", all, after(130)); err != nil || got != want {
			t.Errorf("%+v: %+v, %v; want %+v", all, got, err, want)
		}
	}
	report := func(email string, kind recovery.BounceKind, mail string) recovery.Bounce {
		return recovery.Bounce{Email: email, Kind: kind, MessageID: mail}
	}
	take(recovery.Bounces{}, report("ada@shop.example", recovery.SoftBounce, mail))
	take(recovery.Bounces{Suppressed: 1}, report("bob@shop.example", recovery.HardBounce, mail))
	take(recovery.Bounces{Suppressed: 1, Recorded: 1}, report("Ada@shop.example", recovery.HardBounce, "<"+mail+">"), report("ada@shop.example", recovery.HardBounce, mail))
	take(recovery.Bounces{}, report("ada@shop.example", recovery.HardBounce, mail))
	take(recovery.Bounces{Recorded: 1}, report("ada@shop.example", recovery.Complaint, mail))
	take(recovery.Bounces{}, report("ada@shop.example", recovery.HardBounce, fmt.Sprintf("%d.1.other@a.example", e.ID)),
		report("ada@shop.example", recovery.HardBounce, "999.1.x@a.example"), report("ada@shop.example", recovery.HardBounce, "nonsense"))
	errs := inParallel(8, func(n int) error {
		all := []recovery.Bounce{report("x@shop.example", recovery.HardBounce, ""), report("y@shop.example", recovery.HardBounce, "")}
		if n%2 == 0 {
			slices.Reverse(all)
		}
		_, err := db.TakeBounces(t.Context(), "a", all, after(140))
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// ledgerFilters holds that the ledger is found by what it says.
func ledgerFilters(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	one, two := o.left("one@shop.example"), o.left("two@shop.example")
	o.settle(o.claim(one, 120), recovery.Sent, 121, nil)
	o.visit(two, after(130), func(recovery.Standing) recovery.Ruling {
		return recovery.Ruling{Notes: []recovery.Note{{Template: 2, State: recovery.Skipped, Reason: recovery.NoConsent, Detail: "why"}}}
	})
	for name, tc := range map[string]struct {
		f    recovery.DecisionFilter
		want int
	}{
		"all":            {recovery.DecisionFilter{}, 3},
		"of a cart":      {recovery.DecisionFilter{Cart: one.Cart}, 2},
		"of a template":  {recovery.DecisionFilter{Template: 2}, 1},
		"by outcome":     {recovery.DecisionFilter{Outcome: recovery.Sent}, 1},
		"by reason":      {recovery.DecisionFilter{Reason: recovery.NoConsent}, 1},
		"since":          {recovery.DecisionFilter{Min: after(121)}, 2},
		"before":         {recovery.DecisionFilter{Before: after(121)}, 1},
		"of all at once": {recovery.DecisionFilter{Cart: two.Cart, Template: 2, Outcome: recovery.Skipped, Reason: recovery.NoConsent, Min: after(130), Before: after(131)}, 1},
		"of none":        {recovery.DecisionFilter{Cart: two.Cart, Template: 1}, 0},
	} {
		part, err := db.Decisions(t.Context(), "a", tc.f, cursor.Range{Limit: 10})
		if err != nil || len(part.Entries) != tc.want || part.Total != int64(tc.want) {
			t.Errorf("%s: %+v, %v", name, part.Entries, err)
		}
	}
	part, err := db.Decisions(t.Context(), "a", recovery.DecisionFilter{Cart: two.Cart}, cursor.Range{Limit: 10})
	want := recovery.Decision{ID: part.Entries[0].ID, Episode: two.ID, Cart: two.Cart, Channel: 1, Template: 2, Address: recovery.AddressHash("a", "two@shop.example"),
		At: after(130), Outcome: recovery.Skipped, Reason: recovery.NoConsent, Detail: "why"}
	if diff := cmp.Diff(want, part.Entries[0]); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if part, err := db.Decisions(t.Context(), "b", recovery.DecisionFilter{}, cursor.Range{Limit: 10}); err != nil || len(part.Entries) != 0 {
		t.Errorf("another store: %+v, %v", part, err)
	}
}

// askedOff holds that whoever asked for no more mail stays off the list of
// mistakes: a bounce does not take the place of that, and that takes the place of
// a bounce.
func askedOff(t *testing.T, db *sqlstore.DB) {
	newLookout(t, db)
	for name, tt := range map[string]struct {
		first, then, want recovery.Suppression
	}{
		"bounced, then unsubscribed": {recovery.ByHardBounce, recovery.ByShopper, recovery.ByShopper},
		"listed, then complained":    {recovery.ByMerchant, recovery.ByComplaint, recovery.ByComplaint},
		"unsubscribed, then bounced": {recovery.ByShopper, recovery.ByHardBounce, recovery.ByShopper},
		"complained, unsubscribed":   {recovery.ByComplaint, recovery.ByShopper, recovery.ByComplaint},
		"bounced, then listed":       {recovery.ByHardBounce, recovery.ByMerchant, recovery.ByHardBounce},
	} {
		hash := recovery.AddressHash("a", name+"@shop.example")
		if _, err := db.Suppress(t.Context(), "a", hash, tt.first, Noon); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Suppress(t.Context(), "a", hash, tt.then, Noon); err != nil || got.Reason != tt.want {
			t.Errorf("%s: %s, %v", name, got.Reason, err)
		}
	}
}
