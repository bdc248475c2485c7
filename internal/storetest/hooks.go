package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/hook"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
)

var clientA = hook.Owner{Store: "a", Client: "app"}

var everything = cursor.Range{Limit: 250}

// listen makes a hook of client app in store a.
func listen(t *testing.T, db *sqlstore.DB, scope, destination string) hook.Hook {
	t.Helper()
	h, err := db.CreateHook(t.Context(), hook.Hook{
		Store: "a", Client: "app", Scope: scope, Destination: destination, Active: true, Created: Noon, Updated: Noon, LastDelivery: Noon,
	}, func([]hook.Hook) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// feed makes everything in the outbox into deliveries and returns those of the
// client, in the order in which they were made.
func feed(t *testing.T, db *sqlstore.DB) []hook.Delivery {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = db.FeedDeliveries(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	part, err := db.Deliveries(t.Context(), clientA, hook.DeliveryFilter{}, everything)
	if err != nil {
		t.Fatal(err)
	}
	return part.Entries
}

func hookRoundTrip(t *testing.T, db *sqlstore.DB) {
	h := hook.Hook{
		Store: "a", Client: "app", Scope: "store/cart/*", Destination: "https://hooks.example.com/", Headers: map[string]string{"X-A": "☂"},
		Active: true, Created: Noon, Updated: Noon, LastDelivery: Noon,
	}
	made, err := db.CreateHook(t.Context(), h, func(others []hook.Hook) error {
		if len(others) != 0 {
			t.Errorf("others: %+v", others)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.ID = made.ID
	got, err := db.FindHook(t.Context(), clientA, h.ID)
	if err != nil || got == nil {
		t.Fatal(got, err)
	}
	if diff := cmp.Diff(h, *got); diff != "" {
		t.Error(diff)
	}
	stranger := hook.Owner{Store: "a", Client: "other"}
	if got, err := db.FindHook(t.Context(), stranger, h.ID); got != nil || err != nil {
		t.Errorf("another client finds %+v, %v", got, err)
	}
	if _, err := db.DeleteHook(t.Context(), stranger, h.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another client deletes: %v", err)
	}
	refusal := errors.New("no")
	if _, err := db.CreateHook(t.Context(), h, func([]hook.Hook) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("a refused hook: %v", err)
	}
	changed, err := db.UpdateHook(t.Context(), clientA, h.ID, func(h *hook.Hook, all []hook.Hook) error {
		h.Headers, h.Active, h.Deactivated, h.Updated, h.LastDelivery = nil, false, true, Noon.Add(time.Hour), Noon.Add(time.Hour)
		if len(all) != 1 {
			t.Errorf("all: %+v", all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err = db.FindHook(t.Context(), clientA, h.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changed, *got); diff != "" {
		t.Error(diff)
	}
	off := false
	for _, f := range []hook.Filter{{}, {Active: &off}, {Scope: "store/cart/*"}, {Destination: "https://hooks.example.com/"}} {
		if part, err := db.Hooks(t.Context(), clientA, f, everything); err != nil || part.Total != 1 {
			t.Errorf("%+v finds %+v, %v", f, part, err)
		}
	}
	if gone, err := db.DeleteHook(t.Context(), clientA, h.ID); err != nil || gone.ID != h.ID {
		t.Errorf("deleted %+v, %v", gone, err)
	}
	if _, err := db.UpdateHook(t.Context(), clientA, h.ID, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("a deleted hook is changed: %v", err)
	}
	if emails, err := db.HookEmails(t.Context(), clientA); len(emails) != 0 || err != nil {
		t.Errorf("addresses: %v, %v", emails, err)
	}
	for _, emails := range [][]string{{"a@b.example", "c@d.example"}, {"e@f.example"}} {
		if err := db.SetHookEmails(t.Context(), clientA, emails); err != nil {
			t.Fatal(err)
		}
		if got, err := db.HookEmails(t.Context(), clientA); !slices.Equal(got, emails) || err != nil {
			t.Errorf("addresses: %v, %v", got, err)
		}
	}
}

// The eleventh hook of eleven that are made at once is refused: the check sees
// every other.
func hookLimitRace(t *testing.T, db *sqlstore.DB) {
	if err := db.CreateStore(t.Context(), &merchant.Store{Hash: "a", Name: "A", Created: Noon, Revision: 1}); err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	errs := inParallel(14, func(i int) error {
		_, err := db.CreateHook(t.Context(), hook.Hook{Store: "a", Client: "app", Scope: "store/cart/*", Destination: fmt.Sprintf("https://%d.example/", i)},
			func(others []hook.Hook) error {
				if len(others) >= hook.MaxPerScope {
					return full
				}
				return nil
			})
		return err
	})
	refused := 0
	for _, err := range errs {
		if errors.Is(err, full) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused != 4 {
		t.Errorf("%d of 14 were refused", refused)
	}
}

// Each write is told once, in the order of the journal, and only while
// somebody listens.
func journalFeedsDeliveries(t *testing.T, db *sqlstore.DB) {
	mustCreate(t, db, NewCart("a")) // nobody listens
	h := listen(t, db, "store/cart/*", "https://hooks.example.com/")
	channel := listen(t, db, "store/channel/1/cart/updated", "https://hooks.example.com/")
	c := mustCreate(t, db, NewCart("a"))
	mustCreate(t, db, NewCart("b")) // nobody listens there
	for range 3 {
		if _, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit); err != nil {
			t.Fatal(err)
		}
	}
	m := cart.Metafield{Cart: c.ID, Client: "x", Namespace: "n", Key: "k", Value: "v", PermissionSet: "read", Created: Noon, Modified: Noon}
	if _, err := db.UpdateMetafields(t.Context(), "a", func(t cart.MetafieldTx) (cart.MetafieldResult, error) {
		return cart.MetafieldResult{}, t.Insert(&m)
	}); err != nil {
		t.Fatal(err)
	}
	remove := func(*cart.Cart) (cart.Change, error) {
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, remove); err != nil {
		t.Fatal(err)
	}
	if stores, err := db.PendingStores(t.Context(), Noon.Add(-time.Hour)); !slices.Equal(stores, []string{"a"}) || err != nil {
		t.Errorf("pending: %v, %v", stores, err)
	}
	var got []string
	for _, d := range feed(t, db) {
		if d.Subject != string(c.ID) || d.State != hook.Waiting || d.Due.IsZero() {
			t.Errorf("%+v", d)
		}
		got = append(got, fmt.Sprintf("%d %d.%d.%d %s", d.HookID, d.Version, d.N, d.Event, d.Scope))
	}
	want := []string{
		fmt.Sprintf("%d 1.0.0 store/cart/created", h.ID), fmt.Sprintf("%d 1.0.1 store/cart/updated", h.ID), fmt.Sprintf("%d 1.0.1 store/channel/1/cart/updated", channel.ID),
	}
	for v := 2; v <= 4; v++ {
		want = append(want, fmt.Sprintf("%d %d.0.0 store/cart/updated", h.ID, v), fmt.Sprintf("%d %d.0.0 store/channel/1/cart/updated", channel.ID, v))
	}
	want = append(want, fmt.Sprintf("%d 4.1.0 store/cart/metafield/created", h.ID), fmt.Sprintf("%d 5.0.0 store/cart/deleted", h.ID))
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := feed(t, db); len(again) != len(got) {
		t.Errorf("%d deliveries when asked again", len(again))
	}
	if stores, err := db.PendingStores(t.Context(), Noon.Add(-time.Hour)); len(stores) != 0 || err != nil {
		t.Errorf("pending: %v, %v", stores, err)
	}
}

// A write that fails tells nobody.
func failedWriteTellsNobody(t *testing.T, db *sqlstore.DB) {
	listen(t, db, "store/cart/*", "https://hooks.example.com/")
	c := NewCart("a")
	mustCreate(t, db, c)
	if err := db.CreateCart(t.Context(), c, created); err == nil {
		t.Fatal("a cart was made twice")
	}
	if n := len(feed(t, db)); n != 2 {
		t.Errorf("%d deliveries, want 2", n)
	}
}

// Two servers that read the same rows make each delivery once.
func feedRace(t *testing.T, db *sqlstore.DB) {
	listen(t, db, "store/cart/*", "https://hooks.example.com/")
	for range 40 {
		mustCreate(t, db, NewCart("a"))
	}
	errs := inParallel(4, func(int) error {
		for more := true; more; {
			var err error
			if more, err = db.FeedDeliveries(t.Context(), "a"); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, d := range feed(t, db) {
		seen[d.MessageID]++
	}
	if len(seen) != 80 {
		t.Errorf("%d deliveries of 80", len(seen))
	}
}

func deliveryLife(t *testing.T, db *sqlstore.DB) {
	h := listen(t, db, "store/cart/*", "https://hooks.example.com/")
	errorsHook := listen(t, db, hook.ScopeException, "https://errors.example.com/")
	mustCreate(t, db, NewCart("a"))
	all := feed(t, db)
	receivers, err := db.DueReceivers(t.Context(), "a", Noon)
	if err != nil || len(receivers) != 1 || receivers[0].Hook == nil || receivers[0].Hook.ID != h.ID {
		t.Fatalf("receivers: %+v, %v", receivers, err)
	}
	due, err := db.DueDeliveries(t.Context(), "a", h.ID, hook.Waiting, Noon, 1)
	if err != nil || len(due) != 1 || due[0].ID != all[0].ID {
		t.Fatalf("due: %+v, %v", due, err)
	}
	failed := due[0].After(hook.Attempt{At: Noon, Destination: h.Destination, Status: 500, Error: "Response status 500", Millis: 3})
	if settled, err := db.SettleDelivery(t.Context(), failed, &h, Noon); err != nil || settled.Deactivated {
		t.Fatal(settled, err)
	}
	got, err := db.FindDelivery(t.Context(), clientA, failed.ID)
	if err != nil || got == nil {
		t.Fatal(got, err)
	}
	if diff := cmp.Diff(failed, *got); diff != "" {
		t.Error(diff)
	}
	if at, ok, err := db.NextDelivery(t.Context()); err != nil || !ok || !at.Equal(Noon) {
		t.Errorf("next: %v %t %v", at, ok, err)
	}
	second := all[1].After(hook.Attempt{At: Noon, Status: 200})
	if _, err := db.SettleDelivery(t.Context(), second, &h, Noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if have, _ := db.FindHook(t.Context(), clientA, h.ID); !have.LastDelivery.Equal(Noon.Add(2 * time.Hour)) {
		t.Errorf("last delivery: %v", have.LastDelivery)
	}
	// The failure was told, once in ten minutes.
	if _, err := db.SettleDelivery(t.Context(), failed, &h, Noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	exceptions := func() (n int) {
		part, err := db.Deliveries(t.Context(), clientA, hook.DeliveryFilter{HookID: errorsHook.ID, Scope: hook.ScopeException}, everything)
		if err != nil {
			t.Fatal(err)
		}
		return len(part.Entries)
	}
	if n := exceptions(); n != 1 {
		t.Errorf("%d exceptions, want 1", n)
	}
	// The last failure switches the hook off and is told.
	if err := db.SetHookEmails(t.Context(), clientA, []string{"a@b.example"}); err != nil {
		t.Fatal(err)
	}
	failed.State, failed.Due, failed.Finished = hook.Failed, time.Time{}, Noon
	settled, err := db.SettleDelivery(t.Context(), failed, &h, Noon.Add(2*time.Minute))
	if err != nil || !settled.Deactivated || !slices.Equal(settled.Emails, []string{"a@b.example"}) {
		t.Errorf("settled: %+v, %v", settled, err)
	}
	if have, _ := db.FindHook(t.Context(), clientA, h.ID); have.Active || have.Status() != hook.StatusDeactivated {
		t.Errorf("the hook: %+v", have)
	}
	if n := exceptions(); n != 2 {
		t.Errorf("%d exceptions, want 2", n)
	}
	again, err := db.ChangeDelivery(t.Context(), clientA, failed.ID, func(d *hook.Delivery, h *hook.Hook) error {
		if h == nil || h.Active {
			t.Errorf("its hook is %+v", h)
		}
		*d = d.Again(Noon)
		return nil
	})
	if err != nil || again.State != hook.Retrying {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := db.ChangeDelivery(t.Context(), hook.Owner{Store: "a", Client: "other"}, failed.ID, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("another client: %v", err)
	}
	if n, err := db.DropDeliveries(t.Context(), "a", h.ID, Noon.Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("dropped %d, %v", n, err)
	}
	if err := db.SweepLeftovers(t.Context(), Noon.Add(sqlstore.DeliveryLifetime+3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := feed(t, db); len(left) != 2 { // the exceptions are pending
		t.Errorf("%d deliveries are left: %+v", len(left), left)
	}
}

func deliveriesPutOff(t *testing.T, db *sqlstore.DB) {
	h := listen(t, db, "store/cart/*", "https://hooks.example.com/")
	listen(t, db, hook.ScopeException, "https://errors.example.com/")
	mustCreate(t, db, NewCart("a"))
	feed(t, db)
	b := hook.Block{Store: "a", Client: "app", Origin: "https://hooks.example.com", Until: Noon.Add(hook.BlockTime),
		Reasons: []hook.Reason{{Description: "Response status 500", Count: 100, At: Noon}}}
	if err := db.BlockOrigin(t.Context(), b, &h, Noon); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]int{Noon: 1, b.Until: 0} {
		blocks, err := db.Blocks(t.Context(), clientA, at)
		all, err2 := db.StoreBlocks(t.Context(), "a", at)
		if len(blocks) != want || len(all) != want || err != nil || err2 != nil {
			t.Errorf("at %v: %+v, %+v, %v, %v", at, blocks, all, err, err2)
		}
		if want == 1 {
			if diff := cmp.Diff(b, blocks[0]); diff != "" {
				t.Error(diff)
			}
		}
	}
	if n, err := db.PutOffDeliveries(t.Context(), "a", h.ID, Noon); n != 2 || err != nil {
		t.Errorf("put off %d, %v", n, err)
	}
	if due, err := db.DueDeliveries(t.Context(), "a", h.ID, hook.Retrying, Noon.Add(time.Minute), 10); len(due) != 2 || err != nil {
		t.Errorf("due after a minute: %+v, %v", due, err)
	}
	if err := db.SweepLeftovers(t.Context(), b.Until); err != nil {
		t.Fatal(err)
	}
}

func idleHooks(t *testing.T, db *sqlstore.DB) {
	if _, ok, err := db.NextIdleHook(t.Context()); ok || err != nil {
		t.Errorf("idle without hooks: %t, %v", ok, err)
	}
	h := listen(t, db, "store/cart/*", "https://hooks.example.com/")
	at, ok, err := db.NextIdleHook(t.Context())
	if !at.Equal(Noon.Add(hook.IdleLimit)) || !ok || err != nil {
		t.Errorf("idle at %v, %t, %v", at, ok, err)
	}
	if gone, err := db.SweepIdleHooks(t.Context(), at.Add(-time.Millisecond)); len(gone) != 0 || err != nil {
		t.Errorf("too early: %+v, %v", gone, err)
	}
	if gone, err := db.SweepIdleHooks(t.Context(), at); len(gone) != 1 || gone[0].ID != h.ID || err != nil {
		t.Errorf("idle: %+v, %v", gone, err)
	}
	if have, _ := db.FindHook(t.Context(), clientA, h.ID); have.Status() != hook.StatusDeactivated {
		t.Errorf("%+v", have)
	}
}

func leases(t *testing.T, db *sqlstore.DB) {
	take := func(store, work, holder string, want bool) {
		t.Helper()
		if got, err := db.Lease(t.Context(), store, work, holder); got != want || err != nil {
			t.Errorf("%s takes %s of %s: %t, %v", holder, work, store, got, err)
		}
	}
	take("a", "webhooks", "one", true)
	take("a", "webhooks", "two", false)
	take("a", "webhooks", "one", true)
	take("a", "mail", "two", true)
	take("b", "webhooks", "two", true)
	if err := db.FreeLeases(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	take("a", "webhooks", "two", true)
	won := 0
	for _, ok := range inParallel(8, func(i int) error {
		ok, err := db.Lease(t.Context(), "c", "webhooks", fmt.Sprint(i))
		if err == nil && !ok {
			err = errors.New("taken")
		}
		return err
	}) {
		if ok == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d servers have one lease", won)
	}
}
