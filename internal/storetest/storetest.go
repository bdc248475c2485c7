// Package storetest is the conformance suite that every database engine
// passes: the same list on SQLite and on PostgreSQL.
package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
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
		"a checkout token works as often as it says":   checkoutTokenUses,
		"an answer is kept with its write":             answerKept,
		"of requests with one key exactly one writes":  oneKeyOneWrite,
		"a failed write keeps no answer":               failedWriteKeepsNoAnswer,
		"a store is created once":                      storeOnce,
		"a store keeps its shipping and taxes":         storeSetUp,
		"changes of a store do not get lost":           concurrentStoreChanges,
		"a change that panics leaves a store unlocked": storeUnlocked,
		"a host name belongs to one store":             hostsApart,
		"what is no store hash is no store":            noStoreHash,
		"a token is found by its hash":                 tokens,
		"a token that is revoked opens nothing":        tokensRevoked,
		"there is one account per address":             accountsOnce,
		"a client keeps its secret":                    clientKept,
		"a session is bound to one cart":               sessionBound,
		"of a session's carts exactly one is bound":    sessionOneWinner,
		"a session knows what was typed in it":         sessionRemembers,
		"tries of codes are counted by the hour":       sessionTries,
		"steps of the sandbox clock add up":            clockAddsUp,
		"only an empty database begins in the past":    clockBegins,
		"the clock of a store is not set back":         clockOfAStoreStays,
		"expired carts are swept, touched ones stay":   expiredCartsSwept,
		"links, sessions and answers are swept":        leftoversSwept,
		"journals outlive their carts by 90 days":      journalsSwept,
		"a long journal is whole":                      longJournal,
		"a customer is read as it was written":         customerRoundTrip,
		"an address belongs to one customer":           addressOnce,
		"customers are found by every filter":          customerFilters,
		"a list is read in parts":                      parts,
		"a customer's carts follow":                    customerCartsFollow,
		"carts that follow lose nothing":               followLosesNothing,
		"subscribers are kept, found and removed":      subscribers,
		"metafields tell the journal of their cart":    metafieldEvents,
		"metafields outlive their cart":                metafieldsOutliveCarts,
		"metafields begin a swept journal anew":        metafieldJournalAnew,
		"metafields without a journal wait as well":    metafieldNameRace,
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
		"offers are read as they were written":         offersRoundTrip,
		"offers move prices when they change carts":    offersMovePrices,
		"the sandbox keeps mails and finds them":       inboxFilled,
		"the sandbox keeps the newest mails":           inboxBounded,
		"a store signs with the key made last":         dkimKeys,
		"a code belongs to one coupon or promotion":    couponCodesOnce,
		"of coupons of one code exactly one is made":   couponCodeRace,
		"coupons are found by every filter":            couponFilters,
		"codes are found by every filter":              promotionCodes,
		"redemptions are counted by whom and of what":  usesCounted,
		"a limit of uses is kept":                      useLimits,
		"payments race for the last uses":              useRace,
		"one customer's payments race for the uses":    useRacePerCustomer,
		"coupons are made for one cart":                couponsMinted,
		"minted coupons give, or become void":          couponsRedeemed,
		"no order uses the coupon of another cart":     couponsOfOtherCarts,
		"minted coupons go when they are over":         couponsTidied,
		"minted coupons go with their mails":           couponsWithdrawn,
		"minted coupons are found":                     couponsListed,
		"no coupon is open of a cart that has ended":   couponsOfEndedCarts,
		"coupons never cost more than their budget":    couponBudgetRace,
		"the merchant is told of abandoned carts":      merchantTold,
		"digests count for recipients and channels":    digestsCount,
		"no cart waits for a digest for ever":          digestsSwept,
		"each cart is in one digest":                   digestRace,
		"the merchant is told of an order once":        conversionsTold,
		"each notice is taken once":                    noticesClaimed,
		"deactivated webhooks are told of":             hooksTold,
		"gift certificates are found":                  giftCertificates,
		"a certificate's code belongs to one":          giftCodesOnce,
		"orders are read as they were made":            orderMade,
		"an order is paid once":                        orderPaid,
		"an order without stock changes nothing":       orderOutOfStock,
		"an order gives its stock back once":           orderCancelled,
		"of orders of one cart exactly one is paid":    ordersRaceForOneCart,
		"50 shoppers race for the last 10":             ordersRaceForTheLast,
		"what was not confirmed is not placed":         placingAsksAgain,
		"gift certificates pay, and never too much":    ordersPayWithCertificates,
		"an order outlives its cart":                   orderOfADeletedCart,
		"cancelled orders give certificates back":      cancelledOrdersAndCertificates,
		"orders are found by every filter":             orderLists,
		"an import is checked first, and idempotent":   imports,
		"an import loses nothing beside it":            importBeside,
		"a hook is read as it was written":             hookRoundTrip,
		"hooks made at once keep their limit":          hookLimitRace,
		"the journal feeds deliveries":                 journalFeedsDeliveries,
		"a failed write tells nobody":                  failedWriteTellsNobody,
		"two servers make each delivery once":          feedRace,
		"a delivery fails, is given up and sent again": deliveryLife,
		"deliveries to a blocked origin are put off":   deliveriesPutOff,
		"hooks without deliveries are switched off":    idleHooks,
		"carts of bots are marked":                     botsMarked,
		"recovery settings are kept":                   recoverySettings,
		"changes of a channel's settings add up":       recoveryChannelRace,
		"mail templates begin with the default set":    mailTemplatesBegin,
		"the default set is stored once":               mailTemplateRace,
		"a refused change of templates leaves none":    mailTemplatesWhole,
		"channels are told of their settings":          channelsTold,
		"a mail is claimed once":                       claimedOnce,
		"no mail is claimed after unsubscribing":       noClaimAfterUnsubscribing,
		"the gate is shown what is known":              standingRead,
		"claims are settled":                           stepsSettled,
		"what stands in a claimed mail is kept":        stepsKept,
		"episodes are looked at when mails change":     looksAgain,
		"unsubscribing takes back what was agreed to":  unsubscribed,
		"who asked for no mail is no mistake":          askedOff,
		"reports of bounces count once":                bouncesTaken,
		"the ledger is found by what it says":          ledgerFilters,
		"work is done by one server at a time":         leases,
		"recovery options are kept":                    recoveryOptions,
		"a cart left alone is abandoned once":          abandonedOnce,
		"a change puts abandonment off":                touchedLater,
		"a change ends it, and it begins again":        abandonedAgain,
		"what ends an episode says how":                episodesEnd,
		"a payment that was tried ends the wait":       paymentTried,
		"carts of nobody are not abandoned":            neverAbandoned,
		"the waiting time is the store's":              waitingTimes,
		"many due carts are found in batches":          scanBatches,
		"writers race the scan":                        scanRaceWriters,
		"metafields and the scan share a journal":      scanRaceMetafields,
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
