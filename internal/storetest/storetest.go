// Package storetest is the conformance suite that every database engine
// passes: the same list on SQLite and on PostgreSQL.
package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/once"
	"cartwright/internal/sqlstore"
)

// Noon is the time at which the suite's carts are made.
var Noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// Run runs the suite. open returns a new, empty database each time.
func Run(t *testing.T, open func(t *testing.T) *sqlstore.DB) {
	for name, test := range map[string]func(*testing.T, *sqlstore.DB){
		"a cart is read as it was written":             cartRoundTrip,
		"an unknown cart is nothing":                   unknownCart,
		"stores do not see each other's carts":         storesApart,
		"a change that fails changes nothing":          failedChange,
		"64 concurrent writers all get in":             concurrentWriters,
		"of writers with one version exactly one wins": oneVersionOneWinner,
		"a deleted cart is gone":                       deletedCart,
		"a redirect link works once":                   redirectOnce,
		"a redirect link expires":                      redirectExpires,
		"an answer is kept with its write":             answerKept,
		"of requests with one key exactly one writes":  oneKeyOneWrite,
		"a failed write keeps no answer":               failedWriteKeepsNoAnswer,
		"a store is created once":                      storeOnce,
		"changes of a store do not get lost":           concurrentStoreChanges,
		"a host name belongs to one store":             hostsApart,
		"a token is found by its hash":                 tokens,
		"there is one account per address":             accountsOnce,
		"a client keeps its secret":                    clientKept,
		"a session is bound to one cart":               sessionBound,
		"of a session's carts exactly one is bound":    sessionOneWinner,
		"steps of the sandbox clock add up":            clockAddsUp,
		"expired carts are swept, touched ones stay":   expiredCartsSwept,
		"links, sessions and answers are swept":        leftoversSwept,
		"journals outlive their carts by 90 days":      journalsSwept,
		"a customer is read as it was written":         customerRoundTrip,
		"an address belongs to one customer":           addressOnce,
		"customers are found by every filter":          customerFilters,
		"a list is read in parts":                      parts,
		"a customer's carts follow":                    customerCartsFollow,
		"carts that follow lose nothing":               followLosesNothing,
		"subscribers are kept, found and removed":      subscribers,
		"metafields tell the journal of their cart":    metafieldEvents,
		"metafields outlive their cart":                metafieldsOutliveCarts,
		"metafields are found by every filter":         metafieldFilters,
		"writers of one cart's metafields wait":        metafieldWritersWait,
		"a refused change of metafields leaves none":   metafieldsWhole,
		"a product is read as it was written":          productRoundTrip,
		"names, paths and SKUs belong to one product":  productNamesOnce,
		"of products of one name exactly one is made":  productNameRace,
		"a change of a product shows at once":          productRevisions,
		"changes of products are whole":                productsWhole,
		"adjustments of stock add up":                  stockAddsUp,
		"brands and categories keep their rules":       shelves,
		"an import is checked first, and idempotent":   imports,
		"an import loses nothing beside it":            importBeside,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// NewCart returns a cart with one line, not yet stored.
func NewCart(store string) *cart.Cart {
	return &cart.Cart{
		ID: cart.ID(id.UUID()), Store: store, Version: 1, ChannelID: 1, Currency: "USD", Locale: "en",
		Created: Noon, Updated: Noon,
		Lines: []cart.Line{{
			ID: id.UUID(), Kind: cart.Physical, Quantity: 1, ProductID: 31, VariantID: 407, Name: "Lámpara ☂ \"x\"",
			ListPrice: 299_000, SalePrice: 299_000, ExtendedList: 299_000, ExtendedSale: 299_000,
			Selections: []cart.Selection{{OptionID: 88, ValueID: 142, Variant: true, Name: "Finish", Value: "Brass"}},
		}},
		Totals: cart.Totals{Base: 299_000, Cart: 299_000},
	}
}

var created = cart.Change{Events: []event.Event{{Scope: event.CartCreated}, {Scope: event.CartUpdated}}}

func mustCreate(t *testing.T, db *sqlstore.DB, c *cart.Cart) *cart.Cart {
	t.Helper()
	if err := db.CreateCart(t.Context(), c, created); err != nil {
		t.Fatalf("create: %v", err)
	}
	return c
}

func cartRoundTrip(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	got, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
	price := money.Amount(10_000)
	changed, err := db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Version++
		c.CustomerID = 7
		c.Lines[0].Override = &price
		return cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	db.ForgetCarts()
	if got, err = db.FindCart(t.Context(), "a", c.ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changed, got); diff != "" {
		t.Error(diff)
	}
	journal, err := db.Journal(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(journal) != 2 || journal[0].Version != 1 || journal[1].Version != 2 || journal[1].Events[0].Scope != event.CartUpdated {
		t.Errorf("journal = %+v", journal)
	}
}

func unknownCart(t *testing.T, db *sqlstore.DB) {
	if c, err := db.FindCart(t.Context(), "a", cart.ID(id.UUID())); c != nil || err != nil {
		t.Errorf("find = %v, %v", c, err)
	}
	_, err := db.UpdateCart(t.Context(), "a", cart.ID(id.UUID()), func(*cart.Cart) (cart.Change, error) {
		t.Error("change was called")
		return cart.Change{}, nil
	})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("update = %v", err)
	}
}

func storesApart(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	if got, err := db.FindCart(t.Context(), "b", c.ID); got != nil || err != nil {
		t.Errorf("find in another store = %v, %v", got, err)
	}
	twin := NewCart("b")
	twin.ID = c.ID
	mustCreate(t, db, twin)
}

func failedChange(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	refuse := errors.New("refused")
	_, err := db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
		c.Lines[0].Quantity, c.Version = 99, 99
		c.Lines = append(c.Lines, cart.Line{ID: "x"})
		return cart.Change{}, refuse
	})
	if !errors.Is(err, refuse) {
		t.Errorf("error = %v", err)
	}
	got, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
}

func addUnit(c *cart.Cart) (cart.Change, error) {
	c.Version++
	c.Lines[0].Quantity++
	return cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
}

func concurrentWriters(t *testing.T, db *sqlstore.DB) {
	const writers = 64
	c := mustCreate(t, db, NewCart("a"))
	errs := inParallel(writers, func(int) error {
		_, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	db.ForgetCarts()
	got, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Lines[0].Quantity != 1+writers || got.Version != 1+writers {
		t.Errorf("quantity %d, version %d", got.Lines[0].Quantity, got.Version)
	}
	journal, err := db.Journal(t.Context(), "a", c.ID)
	if err != nil || len(journal) != 1+writers {
		t.Errorf("journal has %d rows, %v", len(journal), err)
	}
}

func oneVersionOneWinner(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	stale := fault.New(fault.Conflict, fault.TitleConflict)
	errs := inParallel(32, func(int) error {
		_, err := db.UpdateCart(t.Context(), "a", c.ID, func(c *cart.Cart) (cart.Change, error) {
			if c.Version != 1 {
				return cart.Change{}, stale
			}
			return addUnit(c)
		})
		return err
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, stale):
			t.Errorf("loser got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d writers won", won)
	}
}

func deletedCart(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	remove := func(*cart.Cart) (cart.Change, error) {
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	}
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, remove); err != nil {
		t.Fatal(err)
	}
	if got, err := db.FindCart(t.Context(), "a", c.ID); got != nil || err != nil {
		t.Errorf("find = %v, %v", got, err)
	}
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, remove); !fault.Is(err, fault.NotFound) {
		t.Errorf("second delete = %v", err)
	}
}

func redirectOnce(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	_, r := cart.NewRedirect(map[string][]string{"utm_source": {"mail & more"}})
	r.Store, r.Cart, r.Expires = "a", c.ID, Noon.Add(time.Hour)
	if err := db.AddRedirect(t.Context(), *r); err != nil {
		t.Fatal(err)
	}
	if got, err := db.UseRedirect(t.Context(), "a", r.Hash, cart.ID(id.UUID()), Noon); got != nil || err != nil {
		t.Errorf("with another cart = %v, %v", got, err)
	}
	var mu sync.Mutex
	var used []*cart.Redirect
	errs := inParallel(16, func(int) error {
		got, err := db.UseRedirect(t.Context(), "a", r.Hash, c.ID, Noon)
		if got != nil {
			mu.Lock()
			used = append(used, got)
			mu.Unlock()
		}
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if len(used) != 1 || used[0].Query.Get("utm_source") != "mail & more" {
		t.Errorf("used %d times: %v", len(used), used)
	}
}

func redirectExpires(t *testing.T, db *sqlstore.DB) {
	c := NewCart("a")
	_, r := cart.NewRedirect(nil)
	r.Store, r.Cart, r.Expires = "a", c.ID, Noon.Add(cart.RedirectLifetime)
	ch := created
	ch.Redirect = r
	if err := db.CreateCart(t.Context(), c, ch); err != nil {
		t.Fatal(err)
	}
	if got, err := db.UseRedirect(t.Context(), "a", r.Hash, c.ID, r.Expires); got != nil || err != nil {
		t.Errorf("at the instant it expires = %v, %v", got, err)
	}
	if got, err := db.UseRedirect(t.Context(), "a", r.Hash, c.ID, r.Expires.Add(-time.Millisecond)); got == nil || err != nil {
		t.Errorf("before it expires = %v, %v", got, err)
	}
}

func onceRequest(key string) *once.Request {
	return &once.Request{Store: "a", Client: "c", Key: key, Fingerprint: "f",
		Render: func(result any) (once.Answer, error) {
			return once.Answer{Status: 201, Body: []byte(result.(*cart.Cart).ID)}, nil
		}}
}

func answerKept(t *testing.T, db *sqlstore.DB) {
	c := NewCart("a")
	request := onceRequest("k")
	if err := db.CreateCart(once.With(t.Context(), request), c, created); err != nil {
		t.Fatal(err)
	}
	if request.Stored == nil {
		t.Error("the request was not told that its answer is stored")
	}
	got, err := db.FindAnswer(t.Context(), "a", "c", "k")
	if err != nil {
		t.Fatal(err)
	}
	want := &once.Answer{Fingerprint: "f", Status: 201, Body: []byte(c.ID)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, other := range [][3]string{{"b", "c", "k"}, {"a", "d", "k"}, {"a", "c", "l"}} {
		if got, err := db.FindAnswer(t.Context(), other[0], other[1], other[2]); got != nil || err != nil {
			t.Errorf("answer of %v = %v, %v", other, got, err)
		}
	}
}

func oneKeyOneWrite(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	errs := inParallel(16, func(int) error {
		_, err := db.UpdateCart(once.With(t.Context(), onceRequest("k")), "a", c.ID, addUnit)
		return err
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, once.ErrTaken):
			t.Errorf("loser got %v", err)
		}
	}
	db.ForgetCarts()
	got, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if won != 1 || got.Lines[0].Quantity != 2 {
		t.Errorf("%d requests won, quantity is %d", won, got.Lines[0].Quantity)
	}
}

func failedWriteKeepsNoAnswer(t *testing.T, db *sqlstore.DB) {
	request := onceRequest("k")
	request.Render = func(any) (once.Answer, error) { return once.Answer{}, errors.New("cannot render") }
	c := NewCart("a")
	if err := db.CreateCart(once.With(t.Context(), request), c, created); err == nil {
		t.Error("no error")
	}
	if got, err := db.FindCart(t.Context(), "a", c.ID); got != nil || err != nil {
		t.Errorf("the cart is there: %v, %v", got, err)
	}
	if got, err := db.FindAnswer(t.Context(), "a", "c", "k"); got != nil || err != nil {
		t.Errorf("the answer is there: %v, %v", got, err)
	}
}

func merchants(db *sqlstore.DB) *merchant.Service { return merchant.NewService(db, clock.At(Noon)) }

func storeOnce(t *testing.T, db *sqlstore.DB) {
	s, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A", Currency: "jpy", URL: "https://Shop.example/"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.FindStore(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, got); diff != "" {
		t.Error(diff)
	}
	if got.Sites[0].URL != "https://shop.example" || got.DefaultCurrency().DecimalPlaces != 0 {
		t.Errorf("store = %+v", got)
	}
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "B"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("second = %v", err)
	}
}

func concurrentStoreChanges(t *testing.T, db *sqlstore.DB) {
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A"}); err != nil {
		t.Fatal(err)
	}
	errs := inParallel(16, func(i int) error {
		_, err := db.UpdateStore(t.Context(), "a", func(s *merchant.Store) error {
			s.GiftWraps = append(s.GiftWraps, merchant.GiftWrap{ID: s.NextID("wrap"), Name: fmt.Sprint(i)})
			return nil
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	got, err := db.FindStore(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, w := range got.GiftWraps {
		ids = append(ids, w.ID)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 16 || got.Revision != 17 {
		t.Errorf("ids %v, revision %d", ids, got.Revision)
	}
}

func hostsApart(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: "a", Name: "A", URL: "https://shop.example"}); err != nil {
		t.Fatal(err)
	}
	if store, channel, err := db.FindHost(t.Context(), "SHOP.example"); store != "a" || channel != 1 || err != nil {
		t.Errorf("host leads to %q, %d, %v", store, channel, err)
	}
	if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: "b", Name: "B", URL: "https://shop.example"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("second store = %v", err)
	}
	if s, err := db.FindStore(t.Context(), "b"); s != nil || err != nil {
		t.Errorf("the refused store is there: %v, %v", s, err)
	}
}

func tokens(t *testing.T, db *sqlstore.DB) {
	m := merchants(db)
	for _, hash := range []string{"a", "b"} {
		if _, err := m.CreateStore(t.Context(), merchant.Setup{Hash: hash, Name: hash}); err != nil {
			t.Fatal(err)
		}
	}
	token, client, err := m.CreateToken(t.Context(), merchant.Grant{Store: "a", Name: "app", Scopes: []string{"store_cart", "store_v2_products"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.FindToken(t.Context(), "a", id.Hash(token))
	if err != nil || got == nil {
		t.Fatalf("find = %v, %v", got, err)
	}
	if got.ClientID != client.ID || !got.Has("store_cart") || got.Has("store_v2_orders") {
		t.Errorf("token = %+v", got)
	}
	if got, err := db.FindToken(t.Context(), "b", id.Hash(token)); got != nil || err != nil {
		t.Errorf("in another store = %v, %v", got, err)
	}
	if _, _, err := m.CreateToken(t.Context(), merchant.Grant{Store: "zzz", Scopes: []string{"all"}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown store = %v", err)
	}
}

// inParallel calls f n times at once and returns what each returned.
func inParallel(n int, f func(int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}
