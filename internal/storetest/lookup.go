package storetest

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/id"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// Abandonments holds of abandoned carts what needs a second way into the
// database.
func Abandonments(t *testing.T, open func(t *testing.T) (*sqlstore.DB, *sql.DB)) {
	for name, test := range map[string]func(*testing.T, *past){
		"who went on from a link waits as others do": continuedWaits,
		"a paid order is known of its address":       addressOrdered,
		"what is known of old episodes goes":         episodesSwept,
		"a cart is abandoned as the model has it":    abandonedAsModelled,
		"an unreadable cart keeps no other waiting":  unreadableLeftOut,
		"a mail is decided knowing of a restore":     restoredStands,
	} {
		t.Run(name, func(t *testing.T) {
			db, raw := open(t)
			test(t, &past{t: t, db: db, raw: raw})
		})
	}
}

// restoredStands holds that whoever decides about a mail knows when its store was
// last taken back from a backup.
func restoredStands(t *testing.T, p *past) {
	o := &office{newLookout(t, p.db)}
	e := o.left("ada@shop.example")
	known := func() (at time.Time) {
		o.visit(e, after(3000), func(s recovery.Standing) recovery.Ruling {
			at = s.Restored
			return recovery.Ruling{Next: e.Next}
		})
		return at
	}
	if at := known(); !at.IsZero() {
		t.Errorf("never restored, and known as of %s", at)
	}
	for _, minutes := range []int{100, 200} {
		p.exec(`INSERT INTO counters (store, kind, value) SELECT hash, 'restored', $1 FROM stores WHERE true
			ON CONFLICT (store, kind) DO UPDATE SET value = excluded.value`, after(minutes).UnixMilli())
		if at := known(); !at.Equal(after(minutes)) {
			t.Errorf("restored at %s, and known as of %s", after(minutes), at)
		}
	}
}

// unreadableLeftOut holds that the carts beside one that cannot be read are
// found, and that it is told once.
func unreadableLeftOut(t *testing.T, p *past) {
	l := newLookout(t, p.db)
	var carts []cart.ID
	for range 3 {
		carts = append(carts, mustCreate(t, p.db, NewCart("a")).ID)
	}
	broken := slices.Sorted(slices.Values(carts))[1]
	p.exec(`UPDATE carts SET doc = '{' WHERE store = 'a' AND id = $1`, string(broken))
	n, err := p.db.ScanCarts(t.Context(), "a", after(60))
	if n != 3 || err == nil || !strings.Contains(err.Error(), string(broken)) {
		t.Errorf("%d were looked at, %v", n, err)
	}
	for _, cartID := range carts {
		if cartID != broken {
			l.episodes(cartID, "60")
		}
	}
	l.scan(60)
	l.next(-1)
}

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
	// A customer may have left another cart as a guest, under the address on the
	// bill.
	who := mustAddCustomers(t, p.db, person("account@shop.example"))[0]
	if _, err := p.raw.ExecContext(t.Context(), `UPDATE mail_addresses SET ordered = NULL`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.place(d.checkoutWith(cart.Draft{CustomerID: who.ID, Items: []cart.Item{{ProductID: d.lamp.ID, Quantity: 1}}}), order.TestApproved); err != nil {
		t.Fatal(err)
	}
	if account, bill := ordered("account@shop.example"), ordered("anna@shop.example"); account != 1 || bill != 1 {
		t.Errorf("%d rows for the account and %d for the address on the bill", account, bill)
	}
}

// rows counts the rows of a table that are of a cart.
func (p *past) rows(table string, cartID cart.ID) (n int) {
	p.t.Helper()
	if err := p.raw.QueryRowContext(p.t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE store = 'a' AND cart_id = $1`, string(cartID)).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

// episodesSwept holds that links back go with the journal of a cart that ended,
// and all that is known of an episode 400 days after it began.
func episodesSwept(t *testing.T, p *past) {
	newLookout(t, p.db)
	ended, alive := mustCreate(t, p.db, NewCart("a")), mustCreate(t, p.db, NewCart("a"))
	if _, err := p.db.UpdateCart(t.Context(), "a", ended.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	for n, c := range []*cart.Cart{ended, alive} {
		e := p.abandon(c.ID, 1, "jane@example.com", Noon, Noon.Add(time.Minute), recovery.Changed)
		p.mail(e, 2, recovery.Sent, "jane@example.com", Noon, "")
		p.see(c.ID, e, 2, recovery.Clicked, Noon)
		p.exec(`INSERT INTO decisions (store, id, episode, cart_id, channel, template, address, at, outcome, reason, doc)
			VALUES ('a', $1, $1, $2, 1, 2, '', $3, 'sent', 'due', '{}')`, e, string(c.ID), Noon.UnixMilli())
		for _, purpose := range []recovery.Purpose{recovery.Recover, recovery.Unsubscribe} {
			p.exec(`INSERT INTO recovery_tokens (store, hash, purpose, cart_id, episode, template, address, plain, created)
				VALUES ('a', $1, $2, $3, $4, 2, '', '', $5)`, id.Hash(string(c.ID)+string(purpose)), string(purpose), string(c.ID), int64(n+1), Noon.UnixMilli())
		}
	}
	later := p.abandon(alive.ID, 1, "", Noon.Add(time.Hour), time.Time{}, "")
	for _, step := range []struct {
		at                                time.Time
		endedTokens, aliveTokens, aliveOf int // tokens of each cart, episodes of the one that lives
		next                              time.Time
	}{
		{Noon.Add(sqlstore.JournalLifetime - time.Millisecond), 2, 2, 2, Noon.Add(sqlstore.JournalLifetime)},
		{Noon.Add(sqlstore.JournalLifetime), 1, 2, 2, Noon.Add(sqlstore.EpisodeLifetime)},
		{Noon.Add(sqlstore.EpisodeLifetime - time.Millisecond), 1, 2, 2, Noon.Add(sqlstore.EpisodeLifetime)},
		{Noon.Add(sqlstore.EpisodeLifetime), 0, 1, 1, Noon.Add(sqlstore.EpisodeLifetime + time.Hour)},
	} {
		if err := p.db.SweepLeftovers(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		if e, a := p.rows("recovery_tokens", ended.ID), p.rows("recovery_tokens", alive.ID); e != step.endedTokens || a != step.aliveTokens {
			t.Errorf("at %v %d and %d tokens are left, want %d and %d", step.at, e, a, step.endedTokens, step.aliveTokens)
		}
		left := step.aliveOf - 1 // of the first episode
		if n := p.rows("episodes", alive.ID); n != step.aliveOf {
			t.Errorf("at %v %d episodes are left", step.at, n)
		}
		for _, table := range []string{"decisions", "mail_visits"} {
			if e, a := p.rows(table, ended.ID), p.rows(table, alive.ID); e != left || a != left {
				t.Errorf("at %v %d and %d rows of %s are left", step.at, e, a, table)
			}
		}
		at, ok, err := p.db.NextLeftover(t.Context())
		if err != nil || !ok || !at.Equal(step.next) {
			t.Errorf("at %v something is over next at %v, %v, %v; want %v", step.at, at, ok, err, step.next)
		}
	}
	var steps int
	if err := p.raw.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM episode_steps`).Scan(&steps); err != nil || steps != 0 {
		t.Errorf("%d steps are left, %v", steps, err)
	}
	if all, err := p.db.Episodes(t.Context(), "a", alive.ID); err != nil || len(all) != 1 || all[0].ID != later {
		t.Errorf("%+v, %v", all, err)
	}
}
