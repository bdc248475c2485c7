package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// mint is a store whose mails carry coupons: ten per cent for a day.
type mint struct {
	*counterDesk
	coupons *recovery.Coupons
	options recovery.Options
}

func newMint(t *testing.T, db *sqlstore.DB) *mint {
	t.Helper()
	m := &mint{counterDesk: newDesk(t, db), coupons: recovery.NewCoupons(db, db, clock.At(Noon)), options: recovery.DefaultOptions()}
	m.options.Coupons = []recovery.Mint{
		{Template: 1, Type: string(promotion.Percentage), Amount: 10 * money.Unit, ValidHours: 24},
		{Template: 2, Type: string(promotion.PerTotal), Amount: 3 * money.Unit, Minimum: 100 * money.Unit, ValidHours: 24},
		{Template: 3, Type: string(promotion.PerTotal), Amount: 3 * money.Unit, ValidHours: 48},
	}
	return m
}

// of asks for the coupon of a mail about a cart.
func (m *mint) of(c *cart.Cart, episode, template int64, now time.Time) (recovery.Incentive, error) {
	shop, err := m.shops.Shop(m.t.Context(), "a")
	if err != nil {
		return recovery.Incentive{}, err
	}
	return m.coupons.Incentive(m.t.Context(), recovery.MintOf{
		Store: "a", Shop: shop, Options: m.options, Cart: c, Episode: episode, Template: &recovery.Template{ID: template}, Now: now,
	})
}

func (m *mint) make(c *cart.Cart, episode, template int64) *promotion.Coupon {
	m.t.Helper()
	in, err := m.of(c, episode, template, Noon)
	if err != nil || in.Coupon == nil || in.Code != in.Coupon.Code || in.Detail != "coupon "+in.Code {
		m.t.Fatalf("minted %+v, %v", in, err)
	}
	return in.Coupon
}

func (m *mint) wantRow(c *promotion.Coupon, want recovery.Minted) {
	m.t.Helper()
	row := m.row(c)
	if row == nil {
		m.t.Errorf("%s is not among the minted coupons", c.Code)
		return
	}
	got := recovery.Minted{State: row.State, Reserved: row.Reserved, Given: row.Given, Order: row.Order}
	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Errorf("the row of %s: %s", c.Code, diff)
	}
}

// row is what is kept of a coupon, or nil.
func (m *mint) row(c *promotion.Coupon) *recovery.Minted {
	m.t.Helper()
	part, err := m.db.MintedCoupons(m.t.Context(), "a", recovery.CouponFilter{}, cursor.Range{Limit: 50}, Noon)
	if err != nil {
		m.t.Fatal(err)
	}
	for i := range part.Entries {
		if part.Entries[i].CouponID == c.ID {
			return &part.Entries[i]
		}
	}
	return nil
}

func (m *mint) stored(c *promotion.Coupon) *promotion.Coupon {
	m.t.Helper()
	shop, err := m.shops.Shop(m.t.Context(), "a")
	if err != nil {
		m.t.Fatal(err)
	}
	return shop.Offers.Coupon(c.ID)
}

// office is whoever decides about the mails of the store.
func (m *mint) office() *office { return &office{&lookout{m.t, m.db}} }

// claim has a mail sent, and takes whatever became of it before.
func (m *mint) claim(e *recovery.Episode, template int64) *recovery.Claim {
	m.t.Helper()
	step := recovery.Step{Template: template, State: recovery.Claimed, Claimed: after(60)}
	return m.office().visit(e, after(60), func(recovery.Standing) recovery.Ruling {
		return recovery.Ruling{Claim: &recovery.Claim{Step: step, Episode: *e}, Next: after(60)}
	}).Claim
}

// fail has a mail refused for good.
func (m *mint) fail(e *recovery.Episode, template int64) {
	m.t.Helper()
	m.office().settle(m.claim(e, template), recovery.Failed, 0, nil)
}

// couponsMinted holds that a mail has one coupon, which is a coupon of the
// store that the cart alone can use, and that making it moves no prices.
func couponsMinted(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	c, other := m.checkout(2), m.checkout(2)
	before := m.snapshot().PriceRevision
	made := m.make(c, 7, 1)
	if got := m.snapshot().PriceRevision; got != before {
		t.Errorf("the price revision moved from %d to %d", before, got)
	}
	want := &promotion.Coupon{
		ID: made.ID, Code: made.Code, Name: "Abandoned cart " + string(c.ID) + " (" + made.Code + ")", Type: promotion.Percentage, Amount: 10 * money.Unit,
		Enabled: true, MaxUses: 1, MaxUsesPerCustomer: 1, Cart: string(c.ID), Created: Noon, Expires: Noon.Add(24 * time.Hour),
	}
	if diff := cmp.Diff(want, m.stored(made)); diff != "" {
		t.Errorf("the store has %s", diff)
	}
	if !strings.HasPrefix(made.Code, "BACK-") || len(made.Code) != 14 {
		t.Errorf("the code is %s", made.Code)
	}
	m.wantRow(made, recovery.Minted{State: recovery.CouponOpen, Reserved: 2 * money.Unit})
	if again := m.make(c, 7, 1); again.ID != made.ID {
		t.Errorf("a further attempt got %s", again.Code)
	}
	if next := m.make(c, 8, 1); next.ID == made.ID {
		t.Error("the next episode got the same coupon")
	}
	if in, err := m.of(c, 7, 2, Noon); err != nil || in.Code != "" || !strings.Contains(in.Detail, "requires a minimum purchase of 100.00 USD") {
		t.Errorf("below the minimum: %+v, %v", in, err)
	}
	checkouts := order.NewCheckouts(m.carts, m.shops, db, db, db, clock.At(Noon))
	_, err := checkouts.ApplyCoupon(t.Context(), "a", other.ID, made.Code, cart.Options{})
	if f := fault.As(err); f == nil || f.Title != "The coupon code "+made.Code+" is not valid." {
		t.Errorf("on another cart: %v", err)
	}
	if got, err := checkouts.ApplyCoupon(t.Context(), "a", c.ID, made.Code, cart.Options{}); err != nil || got.Totals.Coupon != 2*money.Unit {
		t.Errorf("on its cart: %+v, %v", got, err)
	}
}

// couponsRedeemed holds what becomes of minted coupons with the order of their
// cart: what one gave is noted, the others are void.
func couponsRedeemed(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	checkouts := order.NewCheckouts(m.carts, m.shops, db, db, db, clock.At(Noon))
	c := m.checkout(3)
	used, left := m.make(c, 1, 1), m.make(c, 1, 3)
	m.make(m.checkout(1), 2, 1)
	if _, err := checkouts.ApplyCoupon(t.Context(), "a", c.ID, used.Code, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	c = m.apply(c, func(c *cart.Cart) { c.Lines[0].Quantity = 4 })
	before := m.snapshot().PriceRevision
	o := m.create(c)
	for _, step := range []struct {
		to    order.Status
		state recovery.CouponState
		given money.Amount
	}{
		{order.Completed, recovery.CouponRedeemed, 4 * money.Unit}, {order.Cancelled, recovery.CouponVoid, 0},
		{order.AwaitingShipment, recovery.CouponRedeemed, 4 * money.Unit},
	} {
		if _, err := m.orders.SetStatus(t.Context(), "a", o.ID, step.to); err != nil {
			t.Fatal(err)
		}
		m.wantRow(used, recovery.Minted{State: step.state, Reserved: 3 * money.Unit, Given: step.given, Order: o.ID})
		m.wantRow(left, recovery.Minted{State: recovery.CouponVoid, Reserved: 3 * money.Unit})
	}
	if m.stored(left).Enabled || !m.stored(used).Enabled {
		t.Errorf("the coupons are %+v and %+v", m.stored(left), m.stored(used))
	}
	if got := m.snapshot().PriceRevision; got != before {
		t.Errorf("the price revision moved from %d to %d", before, got)
	}
	got, err := db.CouponStanding(t.Context(), "a", &recovery.Budget{Amount: 50 * money.Unit, Days: 7}, Noon)
	if err != nil || got.Given != 4*money.Unit || got.Reserved != money.Unit || got.Left() != 45*money.Unit {
		t.Errorf("the budget stands at %+v, %v", got, err)
	}
}

// couponsOfOtherCarts holds that a coupon of another cart is refused at
// payment, however it got into the cart.
func couponsOfOtherCarts(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	made := m.make(m.checkout(2), 1, 1)
	c := m.checkout(2)
	o := m.create(c)
	_, err := db.UpdateOrder(t.Context(), "a", o.ID, func(o *order.Order) ([]event.Event, error) {
		o.Cart = o.Cart.Clone()
		o.Cart.Coupons = []cart.Applied{{Code: made.Code, ID: made.ID, Type: string(made.Type), Amount: money.Unit}}
		o.Settled, o.Held, o.Status = true, true, order.Completed
		return []event.Event{{Scope: event.OrderUpdated}}, nil
	})
	wantKind(t, "paying with the coupon of another cart", err, fault.Conflict)
	m.wantRow(made, recovery.Minted{State: recovery.CouponOpen, Reserved: 2 * money.Unit})
}

// couponsTidied holds that a coupon whose cart is gone is void at once,
// disabled with the next sweep, and removed a month after it was over.
func couponsTidied(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	c, kept := m.checkout(2), m.checkout(2)
	m.office().scan(60)
	e := m.office().episode(kept.ID)
	made, expiring := m.make(c, 1000, 1), m.make(kept, e.ID, 1)
	m.fail(e, 3) // none was made
	failed := m.make(kept, e.ID, 3)
	m.fail(e, 3)
	if err := m.carts.Delete(t.Context(), "a", c.ID); err != nil {
		t.Fatal(err)
	}
	before := m.snapshot().PriceRevision
	for _, step := range []struct {
		at                     time.Time
		made, failed, expiring string
	}{
		{Noon, "off", "off", "on"},
		{Noon.Add(25 * time.Hour), "off", "off", "on"},
		{Noon.Add(31 * 24 * time.Hour), "gone", "off", "gone"}, // the failed one would have lasted two days
		{Noon.Add(32 * 24 * time.Hour), "gone", "gone", "gone"},
	} {
		if err := db.TidyCoupons(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		for c, want := range map[*promotion.Coupon]string{made: step.made, failed: step.failed, expiring: step.expiring} {
			got := "gone"
			if now := m.stored(c); now != nil {
				got = map[bool]string{true: "on", false: "off"}[now.Enabled]
			}
			if got != want {
				t.Errorf("after %v, the coupon of mail %s is %s, want %s", step.at.Sub(Noon), c.Name, got, want)
			}
		}
	}
	if got := m.snapshot().PriceRevision; got != before {
		t.Errorf("the price revision moved from %d to %d", before, got)
	}
	if _, ok, err := db.NextUntidyCoupon(t.Context()); ok || err != nil {
		t.Errorf("there is still something to tidy: %v", err)
	}
	m.wantRow(made, recovery.Minted{State: recovery.CouponVoid, Reserved: 2 * money.Unit})
	if in, err := m.of(kept, e.ID, 3, Noon); err != nil || in.Code != "" || !strings.Contains(in.Detail, "can no longer be used") {
		t.Errorf("a further attempt of a mail whose coupon is void: %+v, %v", in, err)
	}
}

// couponsWithdrawn holds that a coupon is void as soon as nobody will read its
// mail, and stays while somebody may.
func couponsWithdrawn(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	o := m.office()
	later := func(s *recovery.Settlement) { s.Step.Retry = after(61) }
	noted := func(state recovery.StepState) func(*recovery.Claim) {
		return func(c *recovery.Claim) {
			o.settle(c, recovery.Deferred, 60, later)
			o.visit(&c.Episode, after(61), func(recovery.Standing) recovery.Ruling {
				return recovery.Ruling{Notes: []recovery.Note{{Template: 1, State: state, Retry: after(62)}}}
			})
		}
	}
	settled := func(state recovery.StepState) func(*recovery.Claim) {
		return func(c *recovery.Claim) { o.settle(c, state, 60, later) }
	}
	for name, tc := range map[string]struct {
		becomes func(*recovery.Claim)
		want    recovery.CouponState
	}{
		"sent":                 {settled(recovery.Sent), recovery.CouponOpen},
		"maybe sent":           {settled(recovery.Unknown), recovery.CouponOpen},
		"tried again":          {settled(recovery.Deferred), recovery.CouponOpen},
		"failed":               {settled(recovery.Failed), recovery.CouponVoid},
		"canceled":             {settled(recovery.Canceled), recovery.CouponVoid},
		"put off by the gate":  {noted(recovery.Deferred), recovery.CouponOpen},
		"skipped by the gate":  {noted(recovery.Skipped), recovery.CouponVoid},
		"held out by the gate": {noted(recovery.HeldOut), recovery.CouponVoid},
		"given up":             {noted(recovery.Unknown), recovery.CouponOpen},
		"refused for the time being, when its episode had ended": {func(c *recovery.Claim) {
			o.touch(c.Episode.Cart, 60)
			o.settle(c, recovery.Deferred, 60, later)
		}, recovery.CouponVoid},
		"to be tried again, and then its episode ended": {func(c *recovery.Claim) {
			o.settle(c, recovery.Deferred, 60, later)
			o.touch(c.Episode.Cart, 60)
			o.visit(&c.Episode, after(61), func(s recovery.Standing) recovery.Ruling {
				return recovery.Ruling{Notes: recovery.Plan(s.Episode, nil, false, s.Steps, time.Time{}, after(61)).Notes}
			})
		}, recovery.CouponVoid},
	} {
		c := m.checkout(1)
		o.scan(60)
		claim := m.claim(o.episode(c.ID), 1)
		made, other := m.make(c, claim.Episode.ID, 1), m.make(c, claim.Episode.ID, 3)
		claim.Step.Coupon = made.Code
		tc.becomes(claim)
		if got := m.row(made); got == nil || got.State != tc.want {
			t.Errorf("%s: the coupon is %+v, want %s", name, got, tc.want)
		}
		if got := m.row(other); got == nil || got.State != recovery.CouponOpen {
			t.Errorf("%s: the coupon of another mail is %+v", name, got)
		}
	}
}

// couponsOfEndedCarts holds that none is made for a cart that has ended, and
// that one which is made while it ends does not stay open: nobody could use it,
// and it would take from the budget.
func couponsOfEndedCarts(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	gone := m.checkout(2)
	if err := m.carts.Delete(t.Context(), "a", gone.ID); err != nil {
		t.Fatal(err)
	}
	if in, err := m.of(gone, 1, 1, Noon); !errors.Is(err, recovery.ErrCartGone) {
		t.Errorf("for a cart that is gone: %+v, %v", in, err)
	}
	carts := make([]*cart.Cart, 20)
	for i := range carts {
		carts[i] = m.checkout(2)
	}
	for i, err := range inParallel(2*len(carts), func(i int) error {
		c := carts[i/2]
		if i%2 == 0 {
			return m.carts.Delete(t.Context(), "a", c.ID)
		}
		_, err := m.of(c, int64(i), 1, Noon)
		if errors.Is(err, recovery.ErrCartGone) {
			return nil
		}
		return err
	}) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	part, err := db.MintedCoupons(t.Context(), "a", recovery.CouponFilter{State: recovery.CouponOpen}, cursor.Range{Limit: 50}, Noon)
	if err != nil || len(part.Entries) != 0 {
		t.Errorf("open are %+v, %v", part.Entries, err)
	}
	if err := db.TidyCoupons(t.Context(), Noon); err != nil {
		t.Fatal(err)
	}
}

// couponsListed holds that coupons are found by state and cart, and a deleted
// one is void.
func couponsListed(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	c := m.checkout(1)
	first, second, third := m.make(c, 1, 1), m.make(c, 1, 3), m.make(m.checkout(1), 2, 1)
	if _, err := db.DeleteCoupons(t.Context(), "a", []int64{third.ID}); err != nil {
		t.Fatal(err)
	}
	later := Noon.Add(24 * time.Hour) // ends the first, not the second
	for name, tc := range map[string]struct {
		filter recovery.CouponFilter
		at     time.Time
		want   []int64
	}{
		"all":        {recovery.CouponFilter{}, Noon, []int64{first.ID, second.ID, third.ID}},
		"of a cart":  {recovery.CouponFilter{Cart: c.ID}, Noon, []int64{first.ID, second.ID}},
		"open":       {recovery.CouponFilter{State: recovery.CouponOpen}, later, []int64{second.ID}},
		"open, then": {recovery.CouponFilter{State: recovery.CouponOpen}, Noon, []int64{first.ID, second.ID}},
		"expired":    {recovery.CouponFilter{State: recovery.CouponExpired}, later, []int64{first.ID}},
		"void":       {recovery.CouponFilter{State: recovery.CouponVoid}, later, []int64{third.ID}},
		"redeemed":   {recovery.CouponFilter{State: recovery.CouponRedeemed}, later, nil},
	} {
		part, err := db.MintedCoupons(t.Context(), "a", tc.filter, cursor.Range{Limit: 10}, tc.at)
		var got []int64
		for _, e := range part.Entries {
			got = append(got, e.CouponID)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil || part.Total != int64(len(tc.want)) {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
	part, err := db.MintedCoupons(t.Context(), "a", recovery.CouponFilter{State: recovery.CouponOpen}, cursor.Range{Limit: 1}, Noon)
	want := recovery.Minted{CouponID: first.ID, Code: first.Code, Cart: c.ID, Channel: 1, Episode: 1, Template: 1, State: recovery.CouponOpen,
		Reserved: money.Unit, Created: Noon, Expires: later}
	if err != nil || len(part.Entries) != 1 || cmp.Diff(want, part.Entries[0]) != "" {
		t.Errorf("%s %v", cmp.Diff([]recovery.Minted{want}, part.Entries), err)
	}
}

// couponBudgetRace holds that coupons that are made at once never cost more
// than the budget, and that what frees some of it is there again.
func couponBudgetRace(t *testing.T, db *sqlstore.DB) {
	m := newMint(t, db)
	m.options.Budget = &recovery.Budget{Amount: 21*money.Unit + 5000, Days: 7}
	carts := make([]*cart.Cart, 50)
	for i := range carts {
		carts[i] = m.checkout(2) // 2 dollars each
	}
	m.office().scan(60)
	episodes := make([]*recovery.Episode, len(carts))
	for i, c := range carts {
		episodes[i] = m.office().episode(c.ID)
	}
	var made [50]*promotion.Coupon
	for i, err := range inParallel(len(carts), func(i int) error {
		in, err := m.of(carts[i], episodes[i].ID, 1, Noon)
		made[i] = in.Coupon
		if err == nil && in.Coupon == nil && in.Detail != "no coupon: coupon budget used up" {
			t.Errorf("the detail is %q", in.Detail)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("mail %d: %v", i, err)
		}
	}
	var got []*recovery.Episode
	for i, c := range made {
		if c != nil {
			got = append(got, episodes[i])
		}
	}
	if len(got) != 10 {
		t.Fatalf("%d coupons were made of a budget for 10", len(got))
	}
	m.fail(got[0], 1)
	m.make(carts[0], 100, 1)
	if in, err := m.of(carts[0], 101, 1, Noon); err != nil || in.Code != "" {
		t.Errorf("beyond the budget: %+v, %v", in, err)
	}
	// A day later what nobody used counts no more.
	if in, err := m.of(carts[0], 101, 1, Noon.Add(24*time.Hour)); err != nil || in.Code == "" {
		t.Errorf("a day later: %+v, %v", in, err)
	}
}
