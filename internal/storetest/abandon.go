package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// lookout watches the carts of store a. Times are minutes after noon.
type lookout struct {
	t  *testing.T
	db *sqlstore.DB
}

func newLookout(t *testing.T, db *sqlstore.DB) *lookout {
	t.Helper()
	for _, hash := range []string{"a", "b"} {
		if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: hash, Name: hash}); err != nil {
			t.Fatal(err)
		}
	}
	return &lookout{t, db}
}

func after(minutes int) time.Time { return Noon.Add(time.Duration(minutes) * time.Minute) }

// scan does all that is due in store a.
func (l *lookout) scan(minutes int) {
	l.t.Helper()
	if err := scanAll(l.t, l.db, "a", after(minutes)); err != nil {
		l.t.Fatal(err)
	}
}

func scanAll(t *testing.T, db *sqlstore.DB, store string, now time.Time) error {
	if err := db.BringCartsForward(t.Context(), store, now); err != nil {
		return err
	}
	for {
		if n, err := db.ScanCarts(t.Context(), store, now); n == 0 || err != nil {
			return err
		}
	}
}

// touch changes a cart.
func (l *lookout) touch(cartID cart.ID, minutes int) {
	l.t.Helper()
	if err := touch(l.t, l.db, cartID, after(minutes)); err != nil {
		l.t.Fatal(err)
	}
}

func touch(t *testing.T, db *sqlstore.DB, cartID cart.ID, at time.Time) error {
	_, err := db.UpdateCart(t.Context(), "a", cartID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated = at
		return cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
	})
	return err
}

// next holds when something falls due; never is -1.
func (l *lookout) next(minutes int) {
	l.t.Helper()
	at, ok, err := l.db.NextDueCart(l.t.Context())
	if err != nil || ok != (minutes >= 0) || ok && !at.Equal(after(minutes)) {
		l.t.Errorf("due %s after noon, %v, %v; want %d minutes", at.Sub(Noon), ok, err, minutes)
	}
}

// episodes holds when a cart was abandoned, and what ended that and when:
// "60 changed 70", or "60" for one that is open.
func (l *lookout) episodes(cartID cart.ID, want ...string) {
	l.t.Helper()
	if got := episodesOf(l.t, l.db, cartID); !cmp.Equal(got, want) {
		l.t.Errorf("episodes %q, want %q", got, want)
	}
}

func episodesOf(t *testing.T, db *sqlstore.DB, cartID cart.ID) []string {
	t.Helper()
	all, err := db.Episodes(t.Context(), "a", cartID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		s := fmt.Sprint(int(e.Abandoned.Sub(Noon).Minutes()))
		next := e.Abandoned
		if !e.Ended.IsZero() {
			s += fmt.Sprintf(" %s %d", e.How, int(e.Ended.Sub(Noon).Minutes()))
			next = e.Ended
		}
		if !e.Next.Equal(next) {
			s += " is looked at " + e.Next.String()
		}
		got = append(got, s)
	}
	return got
}

// tokens are those that webhooks told of a cart, in turn.
func (l *lookout) tokens(cartID cart.ID) []string {
	l.t.Helper()
	journal, err := l.db.Journal(l.t.Context(), "a", cartID)
	if err != nil {
		l.t.Fatal(err)
	}
	var tokens []string
	for _, e := range journal {
		for _, ev := range e.Events {
			if ev.Scope == event.CartAbandoned {
				tokens = append(tokens, ev.Token)
			}
		}
	}
	return tokens
}

// abandonedOnce is spec/02 §11.1: not a millisecond before the hour, and once.
func abandonedOnce(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	l.next(-1)
	c := NewCart("a")
	c.Email = "Ada@Shop.Example"
	mustCreate(t, db, c)
	other := mustCreate(t, db, NewCart("b"))
	l.next(60)
	if stores, err := db.StoresWithDueCarts(t.Context(), after(60).Add(-time.Millisecond)); len(stores) != 0 || err != nil {
		t.Errorf("a millisecond early: %q, %v", stores, err)
	}
	if stores, err := db.StoresWithDueCarts(t.Context(), after(60)); !cmp.Equal(stores, []string{"a", "b"}) || err != nil {
		t.Errorf("%q, %v", stores, err)
	}
	if err := scanAll(t, db, "a", after(60).Add(-time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	l.episodes(c.ID)
	l.scan(300) // the server was down meanwhile
	l.scan(300)
	l.episodes(c.ID, "60")
	l.next(60) // the cart of the other store
	if all, err := db.Episodes(t.Context(), "b", other.ID); len(all) != 0 || err != nil {
		t.Errorf("the other store: %+v, %v", all, err)
	}
	all, err := db.Episodes(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := recovery.Episode{Store: "a", ID: 1, Cart: c.ID, Channel: 1, Abandoned: after(60), Next: after(60),
		Address: recovery.AddressHash("a", "ada@shop.example"), Value: 299_000, Currency: "USD", Found: after(300)}
	if diff := cmp.Diff(want, *all[0]); diff != "" {
		t.Error(diff)
	}
	tokens := l.tokens(c.ID)
	if len(tokens) != 1 {
		t.Fatalf("tokens %q", tokens)
	}
	key := recovery.Token{Store: "a", Hash: id.Hash(tokens[0]), Purpose: recovery.Recover, Cart: c.ID, Episode: 1, Plain: tokens[0], Created: after(300)}
	got, err := db.FindRecoveryToken(t.Context(), "a", key.Hash)
	if err != nil || got == nil || *got != key {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := db.FindRecoveryToken(t.Context(), "b", key.Hash); got != nil || err != nil {
		t.Errorf("in another store: %+v, %v", got, err)
	}
	if now, err := db.FindCart(t.Context(), "a", c.ID); err != nil || now.Version != 1 || !now.Updated.Equal(Noon) {
		t.Errorf("the cart moved: %+v, %v", now, err)
	}
}

// touchedLater is spec/02 §11.2: a change restarts the time, and the scan makes
// up for writes that left due_at alone.
func touchedLater(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	c := mustCreate(t, db, NewCart("a"))
	l.touch(c.ID, 30)
	l.next(60)
	l.scan(60)
	l.next(90)
	l.touch(c.ID, 45)
	l.scan(95)
	l.next(105)
	l.episodes(c.ID)
	l.scan(200)
	l.episodes(c.ID, "105")
	l.next(-1)
}

// abandonedAgain is the second half of spec/02 §11.3: every silence is an
// episode of its own, and the webhook has the same token.
func abandonedAgain(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	c := mustCreate(t, db, NewCart("a"))
	l.scan(60)
	l.touch(c.ID, 70)
	l.next(130)
	l.scan(129)
	l.touch(c.ID, 129)
	l.scan(189)
	l.episodes(c.ID, "60 changed 70", "189")
	if tokens := l.tokens(c.ID); len(tokens) != 2 || tokens[0] != tokens[1] {
		t.Errorf("tokens %q", tokens)
	}
	// To another customer, by the other form of the write.
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated, c.CustomerID = after(200), 7
		return cart.Change{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	l.scan(260)
	l.episodes(c.ID, "60 changed 70", "189 changed 200", "260")
	journal, err := db.Journal(t.Context(), "a", c.ID)
	if err != nil || len(journal) != 7 {
		t.Errorf("%+v, %v", journal, err)
	}
}

// episodesEnd holds how the ends of carts end their episodes: a deleted one is
// also one that was emptied, or merged into another.
func episodesEnd(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	l := &lookout{t, db}
	deleted, expired, untouched := mustCreate(t, db, NewCart("a")), mustCreate(t, db, NewCart("a")), mustCreate(t, db, NewCart("a"))
	paid, placed := d.checkout(1), d.checkout(1)
	l.scan(60)
	if _, err := db.UpdateCart(t.Context(), "a", deleted.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated = after(70)
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	l.episodes(deleted.ID, "60 gone 70")
	if _, err := d.orders.SetStatus(t.Context(), "a", d.create(paid).ID, order.AwaitingFulfillment); err != nil {
		t.Fatal(err)
	}
	l.episodes(paid.ID, "60 converted 0") // the desk's clock stands
	if _, err := d.place(placed, order.TestApproved); err != nil {
		t.Fatal(err)
	}
	l.episodes(placed.ID, "60 converted 0")
	l.episodes(untouched.ID, "60")
	l.touch(untouched.ID, 61)
	if n, err := db.SweepCarts(t.Context(), Noon.Add(cart.Lifetime)); n != 1 || err != nil {
		t.Fatalf("%d carts expired, %v", n, err)
	}
	l.episodes(expired.ID, fmt.Sprintf("60 gone %d", int(cart.Lifetime.Minutes())))
	l.episodes(untouched.ID, "60 changed 61")
}

// paymentTried is spec/02 §1, "what a payment attempt is".
func paymentTried(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	l := &lookout{t, db}
	declined, before, marked, made := d.checkout(1), d.checkout(1), d.checkout(1), d.checkout(1)
	decline := func(c *cart.Cart) {
		t.Helper()
		_, err := d.place(c, order.TestDeclined)
		if err == nil || !strings.Contains(err.Error(), "declined") {
			t.Fatalf("the payment: %v", err)
		}
	}
	d.create(made) // an incomplete order is no attempt
	decline(before)
	l.scan(60)
	l.episodes(before.ID)
	decline(declined)
	if _, err := d.orders.SetStatus(t.Context(), "a", d.create(marked).ID, order.Declined); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*cart.Cart{declined, marked} {
		l.episodes(c.ID, "60 attempted 0")
	}
	l.episodes(made.ID, "60")
	l.next(-1)
	l.touch(before.ID, 100)
	l.scan(160)
	l.episodes(before.ID, "160")
	// An attempt at what the cart was before its last change says nothing of it.
	l.touch(before.ID, 170)
	if err := db.PaymentTried(t.Context(), "a", before.ID, before.Version, after(171)); err != nil {
		t.Fatal(err)
	}
	l.next(230)
	if err := db.PaymentTried(t.Context(), "a", cart.ID(id.UUID()), 1, after(171)); err != nil {
		t.Errorf("a cart that is gone: %v", err)
	}
}

// neverAbandoned holds that what promotions put into a cart is nothing that
// somebody left, and that an expired cart is not abandoned late.
func neverAbandoned(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	gifts := NewCart("a")
	gifts.Lines[0].AddedBy = 3
	mustCreate(t, db, gifts)
	l.scan(60)
	l.episodes(gifts.ID)
	l.next(-1)
	if _, err := db.UpdateCart(t.Context(), "a", gifts.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.Updated, c.Lines[0].AddedBy = after(70), 0
		return cart.Change{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	l.next(130)
	expired := mustCreate(t, db, NewCart("a"))
	l.scan(int(cart.Lifetime.Minutes()))
	l.episodes(expired.ID)
	l.episodes(gifts.ID, "130")
	l.next(-1)
}

// waitingTimes holds that a new waiting time counts for the carts that wait,
// and only in its store.
func waitingTimes(t *testing.T, db *sqlstore.DB) {
	l := newLookout(t, db)
	set := func(minutes int64) {
		t.Helper()
		o := recovery.DefaultOptions()
		o.WaitMinutes = minutes
		if _, err := db.PutRecoveryOptions(t.Context(), "a", o); err != nil {
			t.Fatal(err)
		}
	}
	first := mustCreate(t, db, NewCart("a"))
	set(120)
	l.next(60)
	l.scan(60)
	l.next(120)
	for range 230 { // more than a batch
		mustCreate(t, db, NewCart("a"))
	}
	mustCreate(t, db, NewCart("b"))
	set(90)
	l.next(0) // there is something to do at once
	if stores, err := db.StoresWithDueCarts(t.Context(), Noon); !cmp.Equal(stores, []string{"a"}) || err != nil {
		t.Errorf("%q, %v", stores, err)
	}
	l.scan(10)
	l.next(60) // in the other store
	if err := scanAll(t, db, "b", after(60)); err != nil {
		t.Fatal(err)
	}
	l.next(90)
	l.touch(first.ID, 80)
	set(30)
	l.scan(100)
	l.next(110)
	l.scan(110)
	l.episodes(first.ID, "110")
	l.next(-1)
}

// scanBatches holds that every due cart is found, however many there are.
func scanBatches(t *testing.T, db *sqlstore.DB) {
	newLookout(t, db)
	for range 450 {
		mustCreate(t, db, NewCart("a"))
	}
	var seen []int
	for {
		n, err := db.ScanCarts(t.Context(), "a", after(60))
		if err != nil {
			t.Fatal(err)
		}
		if seen = append(seen, n); n == 0 {
			break
		}
	}
	if !cmp.Equal(seen, []int{200, 200, 50, 0}) {
		t.Errorf("batches of %v", seen)
	}
}
