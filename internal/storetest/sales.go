package storetest

import (
	"database/sql"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

const day = 24 * time.Hour

// sale reads what was noted of an order; nil when nothing was.
func (p *past) sale(orderID int64) *recovery.Sale {
	p.t.Helper()
	found, err := p.db.Sales(p.t.Context(), "a", recovery.SaleFilter{Order: orderID})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(found) == 0 {
		return nil
	}
	return &found[0]
}

// ordersAttributed holds that a paid order notes which mail it is thanked for,
// and that one that has nothing to do with recovery notes nothing.
func ordersAttributed(t *testing.T, p *past) {
	d := newDesk(t, p.db)
	const anna, berta = "Anna@shop.example", "berta@shop.example" // anna is who orders
	before := func(n time.Duration) time.Time { return Noon.Add(-n) }
	tests := map[string]struct {
		past   func(c *cart.Cart)
		credit recovery.Credit // "" for nothing noted
		mail   int64
		of     bool // whether the cart had been abandoned
	}{
		"never abandoned, no mail": {func(*cart.Cart) {}, "", 0, false},
		"abandoned, no mail": {func(c *cart.Cart) {
			p.abandon(c.ID, 1, "", before(day), before(day-time.Hour), recovery.Changed)
		}, recovery.CreditNone, 0, true},
		"a mail about it": {func(c *cart.Cart) {
			e := p.abandon(c.ID, 1, anna, before(2*day), time.Time{}, "")
			p.mail(e, 1, recovery.Sent, anna, before(day), "")
			p.mail(e, 2, recovery.Failed, anna, before(time.Hour), "")
		}, recovery.CreditInfluenced, 1, true},
		"a mail about it to another address": {func(c *cart.Cart) {
			p.mail(p.abandon(c.ID, 1, berta, before(2*day), time.Time{}, ""), 1, recovery.Sent, berta, before(day), "")
		}, recovery.CreditInfluenced, 1, true},
		"a click": {func(c *cart.Cart) {
			e := p.abandon(c.ID, 1, anna, before(3*day), time.Time{}, "")
			p.mail(e, 1, recovery.Sent, anna, before(2*day), "")
			p.see(c.ID, e, 1, recovery.Clicked, before(2*day))
			p.see(c.ID, e, 1, recovery.Clicked, before(day))
			p.mail(e, 2, recovery.Sent, anna, before(time.Hour), "")
		}, recovery.CreditClicked, 1, true},
		"a look-up by a storefront": {func(c *cart.Cart) {
			e := p.abandon(c.ID, 1, anna, before(3*day), time.Time{}, "")
			p.mail(e, 3, recovery.Sent, anna, before(2*day), "")
			p.see(c.ID, e, 3, recovery.LookedUp, before(day))
		}, recovery.CreditClicked, 3, true},
		"the webhook's token looked up": {func(c *cart.Cart) {
			e := p.abandon(c.ID, 1, "", before(3*day), time.Time{}, "")
			p.see(c.ID, e, 0, recovery.LookedUp, before(day))
		}, recovery.CreditNone, 0, true},
		"an unsubscribing": {func(c *cart.Cart) {
			e := p.abandon(c.ID, 1, anna, before(3*day), time.Time{}, "")
			p.mail(e, 1, recovery.Sent, anna, before(2*day), "")
			p.see(c.ID, e, 1, recovery.Unsubscribed, before(day))
		}, recovery.CreditInfluenced, 1, true},
		"a mail about another cart of the address": {func(*cart.Cart) {
			p.mail(p.abandon("other", 1, anna, before(2*day), time.Time{}, ""), 2, recovery.Sent, anna, before(day), "")
		}, recovery.CreditInfluenced, 2, false},
		"a click on a mail about another cart": {func(*cart.Cart) {
			e := p.abandon("other", 1, anna, before(20*day), time.Time{}, "")
			p.mail(e, 2, recovery.Sent, anna, before(19*day), "")
			p.see("other", e, 2, recovery.Clicked, before(day))
		}, recovery.CreditClicked, 2, false},
		"a mail to a stranger": {func(*cart.Cart) {
			p.mail(p.abandon("other", 1, berta, before(2*day), time.Time{}, ""), 2, recovery.Sent, berta, before(day), "")
		}, "", 0, false},
		"an old mail": {func(c *cart.Cart) {
			p.mail(p.abandon(c.ID, 1, anna, before(9*day), time.Time{}, ""), 1, recovery.Sent, anna, before(8*day), "")
		}, recovery.CreditNone, 0, true},
	}
	for name, tc := range tests {
		p.exec(`DELETE FROM episode_steps`)
		p.exec(`DELETE FROM episodes`)
		c := d.checkout(1)
		tc.past(c)
		o := d.create(c)
		if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, order.Completed); err != nil {
			t.Fatal(err)
		}
		p.exec(`UPDATE stock SET level = 10`)
		s := p.sale(o.ID)
		if tc.credit == "" {
			if s != nil {
				t.Errorf("%s: noted %+v", name, s)
			}
			continue
		}
		if s == nil || s.Credit != tc.credit || s.Template != tc.mail || (s.Episode != 0) != tc.of || s.Cart != c.ID ||
			s.Amount != 15*money.Unit || s.Currency != "USD" || s.Channel != 1 || !s.At.Equal(Noon) || !s.Canceled.IsZero() {
			t.Errorf("%s: noted %+v", name, s)
		}
	}
}

// canceledSales holds that an order that is cancelled does not count, and counts
// again when it is not cancelled after all; and that the codes of mails are
// counted.
func canceledSales(t *testing.T, p *past) {
	d := newDesk(t, p.db)
	coupon, err := d.db.CreateCoupon(t.Context(), "a", &promotion.Coupon{Name: "Come back", Code: "COMEBACK",
		Type: promotion.PerTotal, Amount: 3 * money.Unit, Enabled: true, AppliesTo: promotion.AppliesTo{Entity: "categories", IDs: []int64{0}}})
	if err != nil {
		t.Fatal(err)
	}
	c := d.checkout(2)
	e := p.abandon(c.ID, 1, "anna@shop.example", Noon.Add(-20*day), Noon.Add(-19*day), recovery.Changed)
	p.mail(e, 1, recovery.Sent, "anna@shop.example", Noon.Add(-20*day), "comeback")
	c = d.apply(c, func(c *cart.Cart) {
		c.Coupons = []cart.Applied{{Code: coupon.Code, ID: coupon.ID}}
	})
	o := d.create(c)
	for _, step := range []struct {
		to       order.Status
		canceled bool
	}{
		{order.Completed, false}, {order.Shipped, false}, {order.Cancelled, true}, {order.Refunded, true}, {order.AwaitingShipment, false},
		{order.PartiallyRefunded, false}, {order.Declined, true},
	} {
		if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, step.to); err != nil {
			t.Fatal(err)
		}
		s := p.sale(o.ID)
		if s == nil || s.Canceled.IsZero() == step.canceled || s.Credit != recovery.CreditNone || s.Discount != 3*money.Unit {
			t.Errorf("%s: %+v", step.to.Name(), s)
		}
	}
}

// firstOrders holds that a shopper's first order after being drawn is noted, for
// each set of mails, and no later one.
func firstOrders(t *testing.T, p *past) {
	d := newDesk(t, p.db)
	earlier := Noon.Add(-day)
	p.draw(0, "anna@shop.example", true, earlier, time.Time{})
	p.draw(1, "anna@shop.example", false, earlier, time.Time{})
	p.draw(2, "anna@shop.example", false, earlier, earlier.Add(time.Hour)) // has ordered already
	p.draw(0, "berta@shop.example", false, earlier, time.Time{})
	c := d.apply(d.checkout(1), func(c *cart.Cart) { c.Email = "berta@shop.example" })
	for _, c := range []*cart.Cart{d.checkout(1), c} {
		if _, err := d.orders.SetStatus(t.Context(), "a", d.create(c).ID, order.Completed); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []struct {
		channel int64
		email   string
		ordered time.Time
	}{{0, "anna@shop.example", Noon}, {1, "anna@shop.example", Noon}, {2, "anna@shop.example", earlier.Add(time.Hour)}, {0, "berta@shop.example", Noon}} {
		var ordered sql.NullInt64
		err := p.raw.QueryRowContext(t.Context(), `SELECT ordered FROM holdouts WHERE store = 'a' AND channel = $1 AND address = $2`,
			want.channel, recovery.AddressHash("a", want.email)).Scan(&ordered)
		if err != nil || ordered.Int64 != want.ordered.UnixMilli() {
			t.Errorf("%s in set %d ordered at %v, want %v, %v", want.email, want.channel, ordered, want.ordered, err)
		}
	}
}
