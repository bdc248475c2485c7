package storetest

import (
	"errors"
	"testing"
	"time"

	"cartwright/internal/id"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// visits counts what was done with the mail of a token.
func (p *past) visits(k *recovery.Token, kind recovery.VisitKind) int {
	p.t.Helper()
	var n int
	if err := p.raw.QueryRowContext(p.t.Context(), `SELECT COUNT(*) FROM mail_visits
		WHERE store = 'a' AND cart_id = $1 AND episode = $2 AND template = $3 AND kind = $4`,
		string(k.Cart), k.Episode, k.Template, string(kind)).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

// lookUpsNoted holds that a shop which polls fills no table, and that looking
// up changes neither cart nor episode.
func lookUpsNoted(t *testing.T, p *past) {
	c, k := p.mailed()
	other := *k
	other.Template = 3
	for i, want := range []int{1, 1, 1, 2, 2} { // half an hour apart, the third just before the hour
		at := Noon.Add([]time.Duration{0, 30 * time.Minute, recovery.LookUpEvery - time.Millisecond, recovery.LookUpEvery, 90 * time.Minute}[i])
		if err := p.db.NoteLookUp(t.Context(), k, at); err != nil {
			t.Fatal(err)
		}
		if got := p.visits(k, recovery.LookedUp); got != want {
			t.Errorf("after look-up %d %d are noted, want %d", i+1, got, want)
		}
	}
	if err := errors.Join(p.db.NoteLookUp(t.Context(), &other, Noon), p.db.NoteLookUp(t.Context(), &other, Noon)); err != nil {
		t.Fatal(err)
	}
	if n := p.visits(&other, recovery.LookedUp); n != 1 {
		t.Errorf("%d of another mail", n)
	}
	if !p.due(c.ID).IsZero() {
		t.Error("the cart is waited for")
	}
	l := &lookout{t, p.db}
	if all, err := p.db.Episodes(t.Context(), "a", c.ID); err != nil || len(all) != 1 || !all[0].Ended.IsZero() {
		l.t.Errorf("%+v, %v", all, err)
	}
}

// continuedWaits holds that the waiting time begins anew where somebody went on
// from a link, whatever it is by then.
func continuedWaits(t *testing.T, p *past) {
	l := newLookout(t, p.db)
	c := mustCreate(t, p.db, NewCart("a"))
	set := func(minutes int64) {
		t.Helper()
		o := recovery.DefaultOptions()
		o.WaitMinutes = minutes
		if _, err := p.db.PutRecoveryOptions(t.Context(), "a", o); err != nil {
			t.Fatal(err)
		}
	}
	l.scan(60)
	k := recovery.Token{Store: "a", Hash: id.Hash("k"), Purpose: recovery.Recover, Cart: c.ID, Episode: 1, Template: 2}
	if err := p.db.ContinueFromLink(t.Context(), &k, after(70)); err != nil {
		t.Fatal(err)
	}
	l.next(130)
	set(30)
	l.scan(80)
	l.next(100)
	set(50)
	l.scan(100)
	l.next(120)
	l.scan(120)
	l.episodes(c.ID, "60 continued 70", "120")
	l.next(-1)
}

// addressOrdered holds when an address last bought something: the moment of
// payment, once for each order.
func addressOrdered(t *testing.T, p *past) {
	d := newDesk(t, p.db)
	ordered := func(email string) (n int) {
		t.Helper()
		if err := p.raw.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM mail_addresses WHERE store = 'a' AND hash = $1 AND ordered = $2 AND suppressed IS NULL`,
			recovery.AddressHash("a", email), Noon.UnixMilli()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	guest := d.create(d.checkout(1))
	if n := ordered("Anna@Shop.example"); n != 0 {
		t.Error("an incomplete order counts")
	}
	for _, to := range []order.Status{order.AwaitingFulfillment, order.Shipped} {
		if _, err := d.orders.SetStatus(t.Context(), "a", guest.ID, to); err != nil {
			t.Fatal(err)
		}
	}
	if n := ordered("Anna@Shop.example"); n != 1 {
		t.Errorf("%d rows for an address that ordered", n)
	}
	if _, err := d.place(d.checkout(1), order.TestApproved); err != nil {
		t.Fatal(err)
	}
	if n := ordered("anna@shop.example"); n != 1 {
		t.Errorf("%d rows for an address that ordered twice", n)
	}
}
