package storetest

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// Links holds what is behind the links of mails. open returns a new, empty
// database, and a second way into it.
func Links(t *testing.T, open func(t *testing.T) (*sqlstore.DB, *sql.DB)) {
	for name, test := range map[string]func(*testing.T, *past){
		"a mail's step is found":                         stepFound,
		"going on from a link ends the episode":          continuedFromLink,
		"every click is kept":                            clicksKept,
		"nobody goes on to a cart that is gone":          continuedGone,
		"going on beside changes of the cart loses none": continuedBesideChanges,
		"look-ups of a token are noted once an hour":     lookUpsNoted,
	} {
		t.Run(name, func(t *testing.T) {
			db, raw := open(t)
			test(t, &past{t: t, db: db, raw: raw})
		})
	}
}

// mailed makes a cart that was abandoned and mailed about, and returns it with
// the token of the mail's link.
func (p *past) mailed() (*cart.Cart, *recovery.Token) {
	p.t.Helper()
	c := mustCreate(p.t, p.db, NewCart("a"))
	episode := p.abandon(c.ID, 1, "jane@example.com", Noon, time.Time{}, "")
	p.exec(`UPDATE carts SET due_at = NULL WHERE store = 'a' AND id = $1`, string(c.ID))
	p.mail(episode, 2, recovery.Sent, "jane@example.com", Noon, "")
	return c, &recovery.Token{Store: "a", Hash: id.Hash(string(c.ID)), Purpose: recovery.Recover, Cart: c.ID, Episode: episode, Template: 2}
}

// due returns when a cart is due; the zero time is never.
func (p *past) due(cartID cart.ID) time.Time {
	p.t.Helper()
	var ms sql.NullInt64
	if err := p.raw.QueryRowContext(p.t.Context(), `SELECT due_at FROM carts WHERE store = 'a' AND id = $1`, string(cartID)).Scan(&ms); err != nil {
		p.t.Fatal(err)
	}
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

func (p *past) clicks(k *recovery.Token) int {
	p.t.Helper()
	var n int
	if err := p.raw.QueryRowContext(p.t.Context(), `SELECT COUNT(*) FROM mail_visits
		WHERE store = 'a' AND cart_id = $1 AND episode = $2 AND template = $3 AND kind = 'clicked'`,
		string(k.Cart), k.Episode, k.Template).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

func stepFound(t *testing.T, p *past) {
	p.exec(`INSERT INTO episode_steps (store, episode, template, state, address, claimed, retry_at, doc)
		VALUES ('a', 7, 2, 'deferred', 'h', $1, $2, '{"attempts":1,"coupon":"SPRING","lines":[{"id":"l","name":"Mug","quantity":2,"price":5.5}]}')`,
		Noon.UnixMilli(), Noon.Add(time.Minute).UnixMilli())
	got, err := p.db.FindStep(t.Context(), "a", 7, 2)
	want := &recovery.Step{Template: 2, State: recovery.Deferred, Address: "h", Claimed: Noon, Retry: Noon.Add(time.Minute), Attempts: 1, Coupon: "SPRING",
		Lines: []recovery.SentLine{{ID: "l", Name: "Mug", Quantity: 2, Price: 5*money.Unit + money.Unit/2}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, k := range []struct {
		store             string
		episode, template int64
	}{{"b", 7, 2}, {"a", 8, 2}, {"a", 7, 3}, {"a", 7, 0}} {
		if got, err := p.db.FindStep(t.Context(), k.store, k.episode, k.template); got != nil || err != nil {
			t.Errorf("%+v: %+v, %v", k, got, err)
		}
	}
}

func continuedFromLink(t *testing.T, p *past) {
	c, k := p.mailed()
	at := Noon.Add(3 * time.Hour)
	if err := p.db.ContinueFromLink(t.Context(), k, at); err != nil {
		t.Fatal(err)
	}
	all, err := p.db.Episodes(t.Context(), "a", c.ID)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if e := all[0]; e.How != recovery.Continued || !e.Ended.Equal(at) || !e.Next.Equal(at) {
		t.Errorf("the episode is %+v", e)
	}
	if got, want := p.due(c.ID), at.Add(recovery.DefaultWait); !got.Equal(want) {
		t.Errorf("due at %v, want %v", got, want)
	}
	now, err := p.db.FindCart(t.Context(), "a", c.ID)
	if err != nil || now.Version != c.Version || !now.Updated.Equal(c.Updated) {
		t.Errorf("the cart was changed: %+v, %v", now, err)
	}
	if n := p.clicks(k); n != 1 {
		t.Errorf("%d clicks", n)
	}
}

// clicksKept: a cart that waits already goes on waiting, and every click is
// kept, whatever the cart is doing.
func clicksKept(t *testing.T, p *past) {
	c, k := p.mailed()
	for i := range 3 {
		if err := p.db.ContinueFromLink(t.Context(), k, Noon.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.clicks(k); n != 3 {
		t.Errorf("%d clicks", n)
	}
	if got, want := p.due(c.ID), Noon.Add(recovery.DefaultWait); !got.Equal(want) {
		t.Errorf("due at %v, want %v", got, want)
	}
	if all, err := p.db.Episodes(t.Context(), "a", c.ID); err != nil || !all[0].Ended.Equal(Noon) {
		t.Errorf("%+v, %v", all, err)
	}
}

func continuedGone(t *testing.T, p *past) {
	c, k := p.mailed()
	if _, err := p.db.UpdateCart(t.Context(), "a", c.ID, func(*cart.Cart) (cart.Change, error) { return cart.Change{Delete: true}, nil }); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "a cart that is gone", p.db.ContinueFromLink(t.Context(), k, Noon), fault.NotFound)
	other := mustCreate(t, p.db, NewCart("b"))
	wantKind(t, "a cart of another store", p.db.ContinueFromLink(t.Context(), &recovery.Token{Store: "a", Cart: other.ID, Episode: 1, Template: 2}, Noon), fault.NotFound)
	if n := p.clicks(k); n != 0 {
		t.Errorf("%d clicks were kept", n)
	}
}

func continuedBesideChanges(t *testing.T, p *past) {
	c, k := p.mailed()
	errs := inParallel(16, func(i int) error {
		if i%2 == 0 {
			return p.db.ContinueFromLink(t.Context(), k, Noon)
		}
		_, err := p.db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
			c.Version++
			return cart.Change{}, nil
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	now, err := p.db.FindCart(t.Context(), "a", c.ID)
	if err != nil || now.Version != c.Version+8 {
		t.Errorf("%+v, %v", now, err)
	}
	if n := p.clicks(k); n != 8 {
		t.Errorf("%d clicks", n)
	}
	if p.due(c.ID).IsZero() {
		t.Error("nobody waits for the cart any more")
	}
}
