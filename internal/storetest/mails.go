package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// office decides about the mails of store a.
type office struct{ *lookout }

// left makes a cart of a guest who left it, and returns its episode. An hour
// after noon it is abandoned.
func (o *office) left(email string) *recovery.Episode {
	o.t.Helper()
	c := NewCart("a")
	c.Email = email
	mustCreate(o.t, o.db, c)
	o.scan(60)
	return o.episode(c.ID)
}

func (o *office) episode(cartID cart.ID) *recovery.Episode {
	o.t.Helper()
	all, err := o.db.Episodes(o.t.Context(), "a", cartID)
	if err != nil || len(all) == 0 {
		o.t.Fatalf("episodes %v, %v", all, err)
	}
	return all[len(all)-1]
}

// claims rules that template 1 be sent, unless something became of it before or
// the address is on the list.
func claims(e *recovery.Episode, at time.Time) func(recovery.Standing) recovery.Ruling {
	return func(s recovery.Standing) recovery.Ruling {
		for _, step := range s.Steps {
			if step.Template == 1 && step.State != recovery.Deferred {
				return recovery.Ruling{Next: s.Episode.Next}
			}
		}
		hash := recovery.AddressHash("a", s.Address)
		if s.Suppressed != "" {
			return recovery.Ruling{Notes: []recovery.Note{{Template: 1, State: recovery.Skipped, Reason: recovery.Suppressed}}}
		}
		return recovery.Ruling{Next: at.Add(recovery.ClaimTime), Claim: &recovery.Claim{
			Template: recovery.Template{ID: 1, Minutes: 60}, Episode: *e, Address: s.Address,
			Step: recovery.Step{Template: 1, State: recovery.Claimed, Address: hash, Claimed: at, MessageID: fmt.Sprintf("%d.1.x@a.example", e.ID)},
		}}
	}
}

func (o *office) visit(e *recovery.Episode, at time.Time, rule func(recovery.Standing) recovery.Ruling) *recovery.Ruling {
	o.t.Helper()
	r, err := o.db.VisitEpisode(o.t.Context(), recovery.VisitOf{Store: "a", Episode: e.ID, Now: at}, rule)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// claim claims template 1 at a minute after noon.
func (o *office) claim(e *recovery.Episode, minutes int) *recovery.Claim {
	o.t.Helper()
	r := o.visit(e, after(minutes), claims(e, after(minutes)))
	if r == nil || r.Claim == nil {
		o.t.Fatalf("nothing was claimed: %+v", r)
	}
	return r.Claim
}

func (o *office) settle(c *recovery.Claim, state recovery.StepState, minutes int, change func(*recovery.Settlement)) {
	o.t.Helper()
	s := recovery.Settlement{Episode: c.Episode, Step: c.Step, Reason: recovery.Accepted, At: after(minutes), Next: after(1440), Seed: recovery.DefaultSet()}
	s.Step.State = state
	if change != nil {
		change(&s)
	}
	if err := o.db.SettleStep(o.t.Context(), s); err != nil {
		o.t.Fatal(err)
	}
}

// stands holds where the step of template 1 is, and when its episode is looked
// at; never is -1.
func (o *office) stands(e *recovery.Episode, state recovery.StepState, minutes int) {
	o.t.Helper()
	steps, err := o.db.Steps(o.t.Context(), "a", e.ID)
	if err != nil || len(steps) != 1 || steps[0].State != state {
		o.t.Errorf("steps %+v, %v; want %s", steps, err, state)
	}
	now := o.episode(e.Cart)
	if minutes < 0 && !now.Next.IsZero() || minutes >= 0 && !now.Next.Equal(after(minutes)) {
		o.t.Errorf("looked at %s after noon, want %d minutes", now.Next.Sub(Noon), minutes)
	}
}

// outcomes are what the ledger says of a cart.
func (o *office) outcomes(e *recovery.Episode, want ...string) {
	o.t.Helper()
	part, err := o.db.Decisions(o.t.Context(), "a", recovery.DecisionFilter{Cart: e.Cart}, cursor.Range{Limit: 50})
	if err != nil {
		o.t.Fatal(err)
	}
	var got []string
	for _, d := range part.Entries {
		got = append(got, string(d.Outcome)+" "+string(d.Reason))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Error(diff)
	}
}

// claimedOnce holds that of many who visit at once one claims the mail, and
// that a claim is never taken again.
func claimedOnce(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	e := o.left("ada@shop.example")
	if r := o.visit(e, after(59), claims(e, after(59))); r != nil {
		t.Errorf("visited before its time: %+v", r)
	}
	var claimed atomic.Int64
	errs := inParallel(16, func(int) error {
		r, err := db.VisitEpisode(t.Context(), recovery.VisitOf{Store: "a", Episode: e.ID, Now: after(120)}, claims(e, after(120)))
		if r != nil && r.Claim != nil {
			claimed.Add(1)
		}
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if claimed.Load() != 1 {
		t.Errorf("%d claims", claimed.Load())
	}
	o.stands(e, recovery.Claimed, 130)
	o.outcomes(e, "claimed due")
	if stores, err := db.PendingEpisodes(t.Context(), after(121)); err != nil || !slices.Equal(stores, []string{"a"}) {
		t.Errorf("pending in %q, %v", stores, err)
	}
	if due, err := db.DueEpisodes(t.Context(), "a", after(121), 10); err != nil || len(due) != 0 {
		t.Errorf("due %v, %v", due, err)
	}
}

// noClaimAfterUnsubscribing holds that once an address is on the list nobody
// claims a mail to it, however close that was.
func noClaimAfterUnsubscribing(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	for i := range 20 {
		email := fmt.Sprintf("shopper%d@shop.example", i)
		e := o.left(email)
		var off atomic.Bool
		var mu sync.Mutex
		late := false
		errs := inParallel(4, func(n int) error {
			if n == 0 {
				_, err := db.Suppress(t.Context(), "a", recovery.AddressHash("a", email), recovery.ByShopper, after(120))
				off.Store(true)
				return err
			}
			before := off.Load()
			r, err := db.VisitEpisode(t.Context(), recovery.VisitOf{Store: "a", Episode: e.ID, Now: after(120)}, claims(e, after(120)))
			mu.Lock()
			defer mu.Unlock()
			late = late || before && r != nil && r.Claim != nil
			return err
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if late {
			t.Error("a mail was claimed after its address was on the list")
		}
		steps, err := db.Steps(t.Context(), "a", e.ID)
		if err != nil || len(steps) != 1 {
			t.Errorf("%+v, %v", steps, err)
		}
	}
}

// standingRead holds that the gate is shown everything that is known.
func standingRead(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	ada := person("ada@shop.example")
	ada.AcceptsAbandonedCartEmails = true
	ada = mustAddCustomers(t, db, ada)[0]
	c := NewCart("a")
	c.CustomerID, c.Email = ada.ID, "other@shop.example"
	mustCreate(t, db, c)
	o.scan(60)
	e := o.episode(c.ID)
	if _, err := db.CreateSubscriber(t.Context(), "a", customer.Subscriber{Email: "Ada@shop.example", ChannelID: 2, Consents: []string{"abandoned_cart"}}); err != nil {
		t.Fatal(err)
	}
	off := false
	if _, err := db.UpdateRecoveryChannel(t.Context(), "a", 1, func(c *recovery.Channel) []event.Event {
		c.Overrides.Notify = &off
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.PutRecoverySettings(t.Context(), "a", recovery.Settings{Notify: true}); err != nil {
		t.Fatal(err)
	}
	earlier := o.left("ada@shop.example")
	o.settle(o.claim(earlier, 120), recovery.Sent, 121, nil) // stores the default set
	var s recovery.Standing
	rule := func(standing recovery.Standing) recovery.Ruling {
		s = standing
		return recovery.Ruling{Draw: &recovery.Draw{Channel: recovery.AllChannels, Held: true}, Next: after(200)}
	}
	o.visit(e, after(130), rule)
	if s.Address != "ada@shop.example" || s.Customer == nil || s.Customer.ID != ada.ID || !s.Consent || s.Suppressed != "" || s.Held != nil || s.Claims != 0 {
		t.Errorf("%+v", s)
	}
	if s.Own == nil || !s.Own.Notify || s.Channel.Overrides.Notify == nil || !s.Stored || len(s.Set) != 3 || s.Cart == nil || s.Cart.ID != c.ID {
		t.Errorf("%+v", s)
	}
	if _, err := db.Suppress(t.Context(), "a", recovery.AddressHash("a", "ADA@shop.example"), recovery.ByComplaint, after(131)); err != nil {
		t.Fatal(err)
	}
	of := recovery.VisitOf{Store: "a", Episode: e.ID, Now: after(200), CapSince: after(100)}
	if _, err := db.VisitEpisode(t.Context(), of, rule); err != nil {
		t.Fatal(err)
	}
	if s.Suppressed != recovery.ByComplaint || s.Held == nil || !*s.Held || s.Claims != 1 {
		t.Errorf("%+v", s)
	}
	o.touch(c.ID, 210)
	o.visit(e, after(210), rule)
	if s.Episode.How != recovery.Changed || s.Cart != nil || s.Address != "" {
		t.Errorf("an episode that ended: %+v", s)
	}
}

// stepsSettled holds what becomes of claims, and when their episodes are looked
// at again.
func stepsSettled(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	sent := o.left("sent@shop.example")
	o.settle(o.claim(sent, 120), recovery.Sent, 121, nil)
	o.stands(sent, recovery.Sent, 1440)
	o.outcomes(sent, "claimed due", "sent accepted")
	if tpl, stored, err := db.FindMailTemplate(t.Context(), "a", 1); err != nil || !stored || tpl.Sent != 1 {
		t.Errorf("%+v, %v, %v", tpl, stored, err)
	}

	later := o.left("later@shop.example")
	c := o.claim(later, 120)
	retry := func(minutes int) func(*recovery.Settlement) {
		return func(s *recovery.Settlement) {
			s.Step.Retry, s.Step.Attempts, s.Reason = after(minutes), 1, recovery.TemporaryRefusal
		}
	}
	o.settle(c, recovery.Deferred, 121, retry(126))
	o.stands(later, recovery.Deferred, 126)
	c = o.claim(later, 126)
	o.settle(c, recovery.Unknown, 127, func(s *recovery.Settlement) { s.Reason, s.Next = recovery.NoAnswer, time.Time{} })
	o.stands(later, recovery.Unknown, -1)
	o.settle(c, recovery.Sent, 128, nil) // the answer came after all
	o.stands(later, recovery.Sent, -1)
	o.settle(c, recovery.Failed, 129, nil) // and that is the end of it
	o.stands(later, recovery.Sent, -1)
	o.outcomes(later, "claimed due", "deferred temporary_refusal", "claimed due", "unknown no_answer", "sent accepted")

	ended := o.left("ended@shop.example")
	c = o.claim(ended, 120)
	o.touch(ended.Cart, 120)
	o.visit(ended, after(120), func(s recovery.Standing) recovery.Ruling {
		if s.Episode.Ended.IsZero() || len(s.Steps) != 1 || s.Cart != nil {
			t.Errorf("%+v", s)
		}
		return recovery.Ruling{}
	})
	o.settle(c, recovery.Deferred, 121, retry(126))
	o.stands(ended, recovery.Canceled, -1)
	o.outcomes(ended, "claimed due", "canceled episode_ended")

	gone := o.left("gone@shop.example")
	o.settle(o.claim(gone, 120), recovery.Failed, 121, func(s *recovery.Settlement) { s.Reason, s.Suppress = recovery.Refused, recovery.ByHardBounce })
	o.stands(gone, recovery.Failed, 1440)
	list, err := db.Suppressions(t.Context(), "a", recovery.AddressHash("a", "gone@shop.example"), cursor.Range{Limit: 5})
	if err != nil || len(list.Entries) != 1 || list.Entries[0].Reason != recovery.ByHardBounce || !list.Entries[0].At.Equal(after(121)) {
		t.Errorf("%+v, %v", list, err)
	}
}

// stepsKept holds that what stands in a claimed mail is there when nobody says
// any more what became of it, and that nothing is kept of a mail that was dealt
// with.
func stepsKept(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	lines := []recovery.SentLine{{ID: "l", Name: "Lamp", Quantity: 2, Price: 5}}
	keep := func(c *recovery.Claim, coupon string) {
		t.Helper()
		step := c.Step
		step.Coupon, step.Lines = coupon, lines
		if err := db.KeepStep(t.Context(), "a", c.Episode.ID, step); err != nil {
			t.Fatal(err)
		}
	}
	stands := func(e *recovery.Episode, want recovery.Step) {
		t.Helper()
		steps, err := db.Steps(t.Context(), "a", e.ID)
		if diff := cmp.Diff([]recovery.Step{want}, steps); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}

	lost := o.left("lost@shop.example")
	c := o.claim(lost, 120)
	keep(c, "BACK")
	want := c.Step
	want.Coupon, want.Lines = "BACK", lines
	stands(lost, want)
	o.visit(lost, after(120).Add(recovery.ClaimTime), func(recovery.Standing) recovery.Ruling {
		return recovery.Ruling{Notes: []recovery.Note{{Template: 1, State: recovery.Unknown, Reason: recovery.Interrupted}}}
	})
	want.State = recovery.Unknown
	stands(lost, want)
	keep(c, "LATE")
	stands(lost, want)

	died := o.left("died@shop.example")
	c = o.claim(died, 120)
	keep(c, "BACK")
	want = c.Step
	want.Coupon, want.Lines = "BACK", lines
	if err := db.InterruptSteps(t.Context(), after(121)); err != nil {
		t.Fatal(err)
	}
	if !o.episode(died.Cart).Next.Equal(after(120).Add(recovery.ClaimTime)) {
		want.State = recovery.Unknown // one server has the database for itself, so its claims are over
	}
	stands(died, want)
}

// looksAgain holds that episodes are looked at when the mails of their set
// change, and only then.
func looksAgain(t *testing.T, db *sqlstore.DB) {
	o := &office{newLookout(t, db)}
	e := o.left("ada@shop.example")
	rest := func() {
		o.visit(e, after(60), func(recovery.Standing) recovery.Ruling { return recovery.Ruling{Next: after(2000)} })
		if _, err := db.VisitEpisode(t.Context(), recovery.VisitOf{Store: "a", Episode: e.ID, Now: after(3000)},
			func(recovery.Standing) recovery.Ruling { return recovery.Ruling{Next: after(2000)} }); err != nil {
			t.Fatal(err)
		}
	}
	looked := func(what string, want bool) {
		t.Helper()
		if at := o.episode(e.Cart).Next; at.Equal(after(2000)) == want {
			t.Errorf("%s: looked at %s after noon", what, at.Sub(Noon))
		}
	}
	change := func(do func(*recovery.Template)) {
		t.Helper()
		if _, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), func(s recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
			tpl, err := s.Find(2)
			if err != nil {
				return recovery.Template{}, nil, err
			}
			do(tpl)
			return *tpl, nil, s.Put(tpl)
		}); err != nil {
			t.Fatal(err)
		}
	}
	rest()
	change(func(r *recovery.Template) { r.Text.Subject = "New" })
	looked("another subject", false)
	change(func(r *recovery.Template) { r.Minutes = 180 })
	looked("another time", true)
	rest()
	change(func(r *recovery.Template) { r.Active = false })
	looked("turned off", true)
	rest()
	addTemplate(t, db, 0, "one more")
	looked("one more", true)
	rest()
	for _, own := range []bool{false, true} {
		if _, err := db.UpdateRecoveryChannel(t.Context(), "a", 1, func(c *recovery.Channel) []event.Event { c.OwnTemplates = own; return nil }); err != nil {
			t.Fatal(err)
		}
		looked("a set of the channel's own", own)
	}
}
