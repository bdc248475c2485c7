package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/hook"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// tellAll are settings under which the merchant is told of everything.
func tellAll() recovery.Settings {
	return recovery.Settings{TellAbandoned: true, TellConverted: true, MerchantEmail: "Owner@shop.example", Frequency: recovery.Individual, DigestSize: 3}
}

func setRecovery(t *testing.T, db *sqlstore.DB, s recovery.Settings) {
	t.Helper()
	if _, err := db.PutRecoverySettings(t.Context(), "a", s); err != nil {
		t.Fatal(err)
	}
}

func override(t *testing.T, db *sqlstore.DB, channel int64, change func(*recovery.Overrides)) {
	t.Helper()
	_, err := db.UpdateRecoveryChannel(t.Context(), "a", channel, func(c *recovery.Channel) []event.Event { change(&c.Overrides); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

// told lists the notices of store a, oldest first: "abandoned 1 to
// owner@shop.example: 1 cart".
func told(t *testing.T, db *sqlstore.DB, f recovery.NoticeFilter) []string {
	t.Helper()
	part, err := db.Notices(t.Context(), "a", f, cursor.Range{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range part.Entries {
		all = append(all, fmt.Sprintf("%s %d to %s: %d", n.Kind, n.Channel, n.Recipient, len(n.Carts)))
	}
	return all
}

func wantTold(t *testing.T, db *sqlstore.DB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, told(t, db, recovery.NoticeFilter{})); diff != "" {
		t.Errorf("the merchant is told %s", diff)
	}
}

// leave makes a cart in a channel and has it abandoned.
func (l *lookout) leave(channel int64, minutes int) cart.ID {
	l.t.Helper()
	c := NewCart("a")
	c.ChannelID, c.Created, c.Updated = channel, after(minutes-60), after(minutes-60)
	mustCreate(l.t, l.db, c)
	l.scan(minutes)
	return c.ID
}

// merchantTold is spec/02 §7: one notice for each cart, as the settings of the
// channel have it, whoever the shopper is.
func merchantTold(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	l.leave(1, 60)
	wantTold(t, db) // nobody asked for it
	setRecovery(t, db, tellAll())
	first := l.leave(1, 120)
	no, other := false, "eu@shop.example"
	override(t, db, 4, func(o *recovery.Overrides) { o.MerchantEmail = &other })
	l.leave(4, 180)
	override(t, db, 4, func(o *recovery.Overrides) { o.TellAbandoned = &no })
	l.leave(4, 240)
	l.touch(first, 300)
	l.scan(359)
	wantTold(t, db, "abandoned 1 to Owner@shop.example: 1", "abandoned 4 to eu@shop.example: 1")
	l.scan(360) // the first again: the next time is told as well
	wantTold(t, db, "abandoned 1 to Owner@shop.example: 1", "abandoned 4 to eu@shop.example: 1", "abandoned 1 to Owner@shop.example: 1")
	part, err := db.Notices(t.Context(), "a", recovery.NoticeFilter{Kind: recovery.TellAbandoned, State: recovery.NoticeWaiting}, cursor.Range{Limit: 1})
	if err != nil || part.Total != 3 {
		t.Fatalf("%+v, %v", part, err)
	}
	c, err := db.FindCart(t.Context(), "a", first)
	if err != nil {
		t.Fatal(err)
	}
	want := recovery.Notice{Store: "a", ID: 1, Kind: recovery.TellAbandoned, Channel: 1, Recipient: "Owner@shop.example", State: recovery.NoticeWaiting,
		Created: after(120), Due: after(120), Carts: []recovery.NoticeCart{recovery.NoticeOf(c, nil, after(120))}}
	if diff := cmp.Diff(want, part.Entries[0]); diff != "" {
		t.Error(diff)
	}
	if got := told(t, db, recovery.NoticeFilter{State: recovery.NoticeSent}); got != nil {
		t.Errorf("sent are %v", got)
	}
}

// digestsCount is the digest of spec/02 §7: it counts for each recipient and
// channel, and by whatever size counts now.
func digestsCount(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	s := tellAll()
	s.Frequency = recovery.Digest
	setRecovery(t, db, s)
	other := "eu@shop.example"
	override(t, db, 4, func(o *recovery.Overrides) { o.MerchantEmail = &other })
	l.leave(1, 60)
	l.leave(4, 61)
	l.leave(2, 62)
	l.leave(1, 63)
	l.leave(4, 64)
	wantTold(t, db)
	l.leave(1, 65)
	want := []string{"digest 1 to Owner@shop.example: 3"}
	wantTold(t, db, want...)
	s.MerchantEmail = "owner@SHOP.example" // the same person
	setRecovery(t, db, s)
	l.leave(1, 66)
	l.leave(1, 67)
	l.leave(2, 68)
	s.DigestSize = 10
	setRecovery(t, db, s)
	l.leave(1, 69)
	wantTold(t, db, want...)
	s.DigestSize = 2
	setRecovery(t, db, s)
	wantTold(t, db, want...) // not before the next cart
	l.leave(1, 70)
	want = append(want, "digest 1 to owner@SHOP.example: 4")
	wantTold(t, db, want...)
	l.leave(2, 71)
	l.leave(4, 72)
	wantTold(t, db, append(want, "digest 2 to owner@SHOP.example: 3", "digest 4 to eu@shop.example: 3")...)
}

// digestsSwept holds that a cart does not wait for a digest for ever that is
// never full.
func digestsSwept(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	s := tellAll()
	s.Frequency = recovery.Digest
	setRecovery(t, db, s)
	l.leave(1, 60)
	l.leave(1, 120)
	if err := db.SweepLeftovers(t.Context(), after(120).Add(recovery.NoticeLifetime-time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	l.leave(1, 180)
	wantTold(t, db) // the first of three is gone
	l.leave(1, 240)
	wantTold(t, db, "digest 1 to Owner@shop.example: 3")
}

// digestRace holds that carts which are abandoned at once are each in one
// digest.
func digestRace(t *testing.T, db *sqlstore.DB) {
	newLookout(t, db)
	s := tellAll()
	s.Frequency, s.DigestSize = recovery.Digest, 2
	setRecovery(t, db, s)
	for range 40 {
		mustCreate(t, db, NewCart("a"))
	}
	for _, err := range inParallel(4, func(int) error { return scanAll(t, db, "a", after(60)) }) {
		if err != nil {
			t.Error(err)
		}
	}
	part, err := db.Notices(t.Context(), "a", recovery.NoticeFilter{}, cursor.Range{Limit: 100})
	if err != nil || len(part.Entries) != 20 {
		t.Fatalf("%d digests, %v", len(part.Entries), err)
	}
	seen := map[cart.ID]bool{}
	for _, n := range part.Entries {
		for _, c := range n.Carts {
			seen[c.Cart] = true
		}
	}
	if len(seen) != 40 {
		t.Errorf("the digests tell of %d carts", len(seen))
	}
}

// conversionsTold holds that an order is told once, if its cart had been
// abandoned.
func conversionsTold(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	s := tellAll()
	s.TellAbandoned = false
	setRecovery(t, db, s)
	left, bought := d.checkout(2), d.checkout(1)
	if err := scanAll(t, db, "a", after(59)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", d.create(bought).ID, order.Completed); err != nil {
		t.Fatal(err)
	}
	if err := scanAll(t, db, "a", after(60)); err != nil {
		t.Fatal(err)
	}
	wantTold(t, db)
	o := d.create(left)
	for _, status := range []order.Status{order.AwaitingShipment, order.Completed, order.Cancelled, order.Completed} {
		if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, status); err != nil {
			t.Fatal(err)
		}
	}
	part, err := db.Notices(t.Context(), "a", recovery.NoticeFilter{}, cursor.Range{Limit: 10})
	if err != nil || len(part.Entries) != 1 || len(part.Entries[0].Carts) != 1 {
		t.Fatalf("told %+v, %v", part.Entries, err)
	}
	got := part.Entries[0]
	lines := []recovery.SentLine{{ID: left.Lines[0].ID, Name: "Lamp", Quantity: 2, Price: 10 * money.Unit}}
	want := recovery.NoticeCart{Cart: left.ID, Name: "Anna Berg", Email: "anna@shop.example", Currency: "USD", Total: 25 * money.Unit,
		Lines: lines, At: Noon, Order: o.ID}
	if diff := cmp.Diff(want, got.Carts[0]); diff != "" || got.Kind != recovery.TellConverted {
		t.Errorf("%s %s", got.Kind, diff)
	}
}

// noticesClaimed holds that each notice is taken once, however many servers
// look, that one which was refused for now comes again, and that one whose
// server stopped does not.
func noticesClaimed(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	setRecovery(t, db, tellAll())
	for i := range 12 {
		l.leave(1, 60+i)
	}
	notices := recovery.NewNotices(db, NewShops(db))
	var mu sync.Mutex
	taken := map[string]*recovery.Parcel{}
	for _, err := range inParallel(4, func(int) error {
		for {
			p, err := notices.Take(t.Context(), after(80))
			if err != nil || p == nil {
				return err
			}
			mu.Lock()
			if taken[p.Mail.ID] != nil {
				t.Errorf("%s was taken twice", p.Mail.ID)
			}
			taken[p.Mail.ID] = p
			mu.Unlock()
		}
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if len(taken) != 12 {
		t.Fatalf("%d were taken", len(taken))
	}
	if at, ok, err := notices.Next(t.Context()); !ok || !at.Equal(after(80).Add(recovery.ClaimTime)) || err != nil {
		t.Errorf("while they are being sent, the next is at %v, %t, %v", at, ok, err)
	}
	settle := func(p *recovery.Parcel, said error) {
		if err := p.Done(context.WithoutCancel(t.Context()), after(81), said); err != nil {
			t.Error(err)
		}
	}
	var late *recovery.Parcel
	for i, id := range slices.Sorted(maps.Keys(taken)) {
		switch i {
		case 0: // nobody says what became of it
		case 1:
			late = taken[id]
			settle(late, recovery.ErrTemporary)
		case 2:
			settle(taken[id], recovery.ErrNoAnswer)
		case 3:
			settle(taken[id], recovery.ErrRefused)
		default:
			settle(taken[id], nil)
		}
	}
	again, err := notices.Take(t.Context(), after(86))
	if err != nil || again == nil || again.Mail.ID != late.Mail.ID || again.Mail.Message != late.Mail.Message {
		t.Fatalf("taken again: %+v, %v", again, err)
	}
	settle(again, nil)
	if at, ok, err := notices.Next(t.Context()); !ok || !at.Equal(after(80).Add(recovery.ClaimTime)) || err != nil {
		t.Errorf("while one is left, the next is at %v, %t, %v", at, ok, err)
	}
	if p, err := notices.Take(t.Context(), after(80).Add(recovery.ClaimTime-time.Millisecond)); p != nil || err != nil {
		t.Errorf("taken once more: %+v, %v", p, err)
	}
	if got := told(t, db, recovery.NoticeFilter{State: recovery.NoticeClaimed}); len(got) != 1 {
		t.Errorf("%d are claimed, want the one of which nobody said anything", len(got))
	}
	if p, err := notices.Take(t.Context(), after(80).Add(recovery.ClaimTime)); p != nil || err != nil {
		t.Errorf("taken once more: %+v, %v", p, err)
	}
	if at, ok, err := notices.Next(t.Context()); ok || err != nil {
		t.Errorf("when all are over, the next is at %v, %v", at, err)
	}
	for state, want := range map[recovery.NoticeState]int{recovery.NoticeSent: 9, recovery.NoticeUnknown: 2, recovery.NoticeFailed: 1} {
		if got := told(t, db, recovery.NoticeFilter{State: state}); len(got) != want {
			t.Errorf("%d are %s, want %d", len(got), state, want)
		}
	}
	slow := taken[slices.Min(slices.Collect(maps.Keys(taken)))]
	settle(slow, recovery.ErrTemporary)
	if got := told(t, db, recovery.NoticeFilter{State: recovery.NoticeUnknown}); len(got) != 2 {
		t.Errorf("%d are unknown when one that was given up comes back, want 2", len(got))
	}
	settle(slow, nil)
	if got := told(t, db, recovery.NoticeFilter{State: recovery.NoticeSent}); len(got) != 10 {
		t.Errorf("%d are sent when the answer came after all, want 10", len(got))
	}
	if err := db.SweepLeftovers(t.Context(), after(90).Add(recovery.NoticeLifetime)); err != nil {
		t.Fatal(err)
	}
	wantTold(t, db)
}

// hooksTold holds that those are told of a webhook that is deactivated who want
// to know (spec/04 §4).
func hooksTold(t *testing.T, db *sqlstore.DB) {
	h := listen(t, db, "store/cart/*", "https://hooks.example.com/")
	if err := db.SetHookEmails(t.Context(), clientA, []string{"dev@hooks.example", "ops@hooks.example"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := db.SweepIdleHooks(t.Context(), Noon.Add(hook.IdleLimit)); err != nil {
			t.Fatal(err)
		}
	}
	wantTold(t, db, "webhook 0 to dev@hooks.example: 0", "webhook 0 to ops@hooks.example: 0")
	part, err := db.Notices(t.Context(), "a", recovery.NoticeFilter{}, cursor.Range{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&recovery.NoticeHook{ID: h.ID, Scope: h.Scope, Destination: h.Destination}, part.Entries[0].Hook); diff != "" {
		t.Error(diff)
	}
	if late, err := recovery.NewNotices(db, NewShops(db)).Take(t.Context(), Noon.Add(hook.IdleLimit+25*time.Hour)); late != nil || err != nil {
		t.Errorf("a day later it is sent: %+v, %v", late, err)
	}
	if failed := told(t, db, recovery.NoticeFilter{State: recovery.NoticeFailed}); len(failed) != 2 {
		t.Errorf("given up are %v", failed)
	}
	if _, ok, err := db.NextNotice(t.Context()); ok || err != nil {
		t.Errorf("there is still something to send: %v", err)
	}
}
