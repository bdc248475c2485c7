package storetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/id"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// Migrated makes a cart, and returns what must hold of it in a database whose
// schema was taken back behind recovery and brought up to date again.
func Migrated(t *testing.T, db *sqlstore.DB) func(again *sqlstore.DB) {
	newLookout(t, db)
	c := mustCreate(t, db, NewCart("a"))
	return func(again *sqlstore.DB) {
		t.Helper()
		l := &lookout{t, again}
		l.next(60)
		l.scan(3 * 24 * 60)
		l.episodes(c.ID, "60")
	}
}

// lonely is what abandonment means, in a few lines: one cart and what happened to
// it, in minutes after noon.
type lonely struct {
	now, active, wait int
	waits             bool // whether somebody looks whether it is left
	episodes          []string
	open              bool
}

// scan is a look at the cart.
func (m *lonely) scan() {
	if m.waits && m.now >= m.active+m.wait {
		m.waits, m.open = false, true
		m.episodes = append(m.episodes, fmt.Sprint(m.active+m.wait))
	}
}

// end is what ends an episode, if there is one.
func (m *lonely) end(how recovery.End) {
	if m.open {
		m.open = false
		m.episodes[len(m.episodes)-1] += fmt.Sprintf(" %s %d", how, m.now)
	}
}

func (m *lonely) act(how recovery.End) {
	m.end(how)
	m.active, m.waits = m.now, true
}

// abandonedAsModelled holds that over random histories of one cart what is
// stored is what the model says. Looks may be late, but not at a change of the
// waiting time: what it was until then counts.
func abandonedAsModelled(t *testing.T, p *past) {
	newLookout(t, p.db)
	rapid.Check(t, func(rt *rapid.T) {
		h := &solitude{past: p, rt: rt, m: lonely{wait: 60, waits: true}}
		h.set(60)
		h.c = mustCreate(t, p.db, NewCart("a"))
		steps := rapid.IntRange(1, 12).Draw(rt, "steps")
		for range steps {
			h.m.now += rapid.SampledFrom([]int{1, 20, 45, 60, 90, 300}).Draw(rt, "minutes")
			rapid.SampledFrom([]func(){h.scan, h.scan, h.touch, h.touch, h.goOn, h.pay, h.wait}).Draw(rt, "step")()
		}
		h.m.now += 2 * 24 * 60
		h.scan()
		if got := episodesOf(t, p.db, h.c.ID); !cmp.Equal(got, h.m.episodes) {
			rt.Fatalf("episodes %q, the model has %q", got, h.m.episodes)
		}
		h.m.now++
		h.remove()
		if got := episodesOf(t, p.db, h.c.ID); !cmp.Equal(got, h.m.episodes) {
			rt.Fatalf("after the end episodes %q, the model has %q", got, h.m.episodes)
		}
	})
}

// solitude is a cart with its model.
type solitude struct {
	*past

	rt *rapid.T
	c  *cart.Cart
	m  lonely
}

func (h *solitude) must(err error) {
	if err != nil {
		h.rt.Fatal(err)
	}
}

func (h *solitude) scan() {
	h.must(scanAll(h.t, h.db, "a", after(h.m.now)))
	h.m.scan()
}

func (h *solitude) touch() {
	h.must(touch(h.t, h.db, h.c.ID, after(h.m.now)))
	h.m.act(recovery.Changed)
}

// goOn is a click on a link of a mail.
func (h *solitude) goOn() {
	k := recovery.Token{Store: "a", Hash: id.Hash("k"), Purpose: recovery.Recover, Cart: h.c.ID, Episode: int64(len(h.m.episodes)), Template: 2}
	h.must(h.db.ContinueFromLink(h.t.Context(), &k, after(h.m.now)))
	h.m.act(recovery.Continued)
}

func (h *solitude) pay() {
	c, err := h.db.FindCart(h.t.Context(), "a", h.c.ID)
	h.must(err)
	h.must(h.db.PaymentTried(h.t.Context(), "a", h.c.ID, c.Version, after(h.m.now)))
	h.m.end(recovery.Attempted)
	h.m.waits = false
}

func (h *solitude) wait() {
	h.scan()
	h.set(rapid.SampledFrom([]int{15, 60, 240}).Draw(h.rt, "wait"))
	h.scan()
}

func (h *solitude) set(minutes int) {
	o := recovery.DefaultOptions()
	o.WaitMinutes = int64(minutes)
	_, err := h.db.PutRecoveryOptions(h.t.Context(), "a", o)
	h.must(err)
	h.m.wait = minutes
}

func (h *solitude) remove() {
	_, err := h.db.UpdateCart(h.t.Context(), "a", h.c.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated = after(h.m.now)
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	})
	h.must(err)
	h.m.end(recovery.Gone)
}
