package order_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

var checkoutNoon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// kiosk is one cart with everything that a checkout asks for, in memory.
type kiosk struct {
	*order.Checkouts

	cart *cart.Cart
	shop cart.Shop
	told []event.Event

	codes  map[string]*promotion.Code
	uses   promotion.Uses
	asked  []promotion.Shopper
	broken error // what looking up codes fails with
	tokens map[string]order.Token
}

func newKiosk(lines ...cart.Line) *kiosk {
	k := &kiosk{
		cart: &cart.Cart{ID: cart.ID(id.UUID()), Store: "demo", Version: 1, ChannelID: 1, Currency: "USD", Lines: lines, Created: checkoutNoon, Updated: checkoutNoon},
		shop: cart.Shop{
			Store: &merchant.Store{Hash: "demo", Channels: []merchant.Channel{{ID: 1}},
				Currencies: []merchant.Currency{{Code: "USD", Rate: money.RateOne, Default: true, Enabled: true, Transactional: true, DecimalPlaces: 2}}},
			Catalog: &catalog.Snapshot{},
		},
		codes: map[string]*promotion.Code{}, tokens: map[string]order.Token{},
	}
	if err := pricing.Default.Price(k.cart, k.shop, checkoutNoon); err != nil {
		panic(err)
	}
	k.Checkouts = order.NewCheckouts(k, k, k, k, k, clock.At(checkoutNoon))
	return k
}

func work(lineID, price string, n int64) cart.Line {
	amount, _ := money.Parse(price)
	return cart.Line{ID: lineID, Kind: cart.Custom, Name: lineID, Quantity: n, ListPrice: amount}
}

func (k *kiosk) Shop(context.Context, string) (cart.Shop, error) { return k.shop, nil }

func (k *kiosk) Get(_ context.Context, _ string, cartID cart.ID) (*cart.Cart, error) {
	if cartID != k.cart.ID {
		return nil, &fault.Error{Kind: fault.NotFound}
	}
	return k.cart, nil
}

// Apply does what the service of carts does, without a database.
func (k *kiosk) Apply(ctx context.Context, store string, cartID cart.ID, opt cart.Options,
	change func(*cart.Cart, cart.Shop, time.Time) ([]event.Event, error)) (*cart.Cart, error) {
	if _, err := k.Get(ctx, store, cartID); err != nil {
		return nil, err
	}
	if opt.Version != nil && *opt.Version != k.cart.Version {
		return nil, fault.New(fault.Conflict, fault.TitleConflict)
	}
	next := k.cart.Clone()
	events, err := change(next, k.shop, checkoutNoon)
	if err != nil {
		return nil, err
	}
	next.Version++
	if err := pricing.Default.Price(next, k.shop, checkoutNoon); err != nil {
		return nil, err
	}
	k.cart, k.told = next, append(k.told, events...)
	return next, nil
}

func (k *kiosk) FindCode(_ context.Context, _, key string) (*promotion.Code, error) {
	return k.codes[key], k.broken
}

func (k *kiosk) CountUses(_ context.Context, _ string, _ promotion.Use, by promotion.Shopper) (promotion.Uses, error) {
	k.asked = append(k.asked, by)
	return k.uses, nil
}

func (k *kiosk) AddCheckoutToken(_ context.Context, t order.Token) error {
	k.tokens[t.Hash] = t
	return nil
}

func (k *kiosk) UseCheckoutToken(_ context.Context, _, hash string, now time.Time) (*order.Token, error) {
	t, ok := k.tokens[hash]
	if !ok || t.Uses == 0 || !now.Before(t.Expires) {
		return nil, nil
	}
	t.Uses--
	k.tokens[hash] = t
	return &t, nil
}

func (k *kiosk) LatestOrder(context.Context, string, cart.ID) (int64, error) { return 75, nil }

func address() cart.Address {
	return cart.Address{Email: "ada@shop.example", CountryCode: "us"}
}

// TestAnUnknownCheckoutIsSaidFirst: before a stale version, and that before what
// is wrong with a code.
func TestAnUnknownCheckoutIsSaidFirst(t *testing.T) {
	k := newKiosk(work("a", "10", 1))
	stale := int64(9)
	tests := map[string]struct {
		id      cart.ID
		version *int64
		want    fault.Kind
		detail  string
	}{
		"unknown": {"nobody", &stale, fault.NotFound, "Checkout nobody not found"},
		"stale":   {k.cart.ID, &stale, fault.Conflict, ""},
		"wrong":   {k.cart.ID, nil, fault.Invalid, ""},
	}
	for name, tc := range tests {
		_, err := k.ApplyCoupon(t.Context(), "demo", tc.id, " ", cart.Options{Version: tc.version})
		if f := fault.As(err); f == nil || f.Kind != tc.want || f.Detail != tc.detail {
			t.Errorf("%s: %v", name, err)
		}
	}
	k.broken = errors.New("the database is away")
	if _, err := k.ApplyCoupon(t.Context(), "demo", k.cart.ID, "code", cart.Options{}); !errors.Is(err, k.broken) {
		t.Errorf("a lookup that fails: %v", err)
	}
	if k.cart.Version != 1 || len(k.told) != 0 {
		t.Errorf("version %d, %v", k.cart.Version, k.told)
	}
}

// TestUsesAreCountedForTheShopper: uses are those of the cart's customer and
// e-mail address; a code that is used up is refused.
func TestUsesAreCountedForTheShopper(t *testing.T) {
	k := newKiosk(cart.Line{ID: "a", Kind: cart.Physical, Quantity: 1, ProductID: 9, ListPrice: 10 * money.Unit})
	k.cart.CustomerID, k.cart.Email = 7, "ada@shop.example"
	k.shop.Offers = promotion.NewOffers(1, promotion.DefaultSettings, nil, []*promotion.Coupon{
		{ID: 3, Name: "n", Code: "Once", Type: promotion.Percentage, Amount: 10 * money.Unit, Enabled: true, MaxUsesPerCustomer: 1},
	})
	k.uses.ByShopper = 1
	_, err := k.ApplyCoupon(t.Context(), "demo", k.cart.ID, "once", cart.Options{})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "by this customer as often as it can be") {
		t.Errorf("used up: %v", err)
	}
	want := []promotion.Shopper{{CustomerID: 7, Email: "ada@shop.example"}}
	if diff := cmp.Diff(want, k.asked); diff != "" {
		t.Error(diff)
	}
}

// TestAGiftGoesWhereItIsSent: what a promotion added is put into the only
// consignment by itself; naming it in another moves it.
func TestAGiftGoesWhereItIsSent(t *testing.T) {
	gift := cart.Line{ID: "gift", Kind: cart.Physical, Quantity: 2, AddedBy: 5}
	items := func(lines ...string) []cart.ConsignedItem {
		var out []cart.ConsignedItem
		for _, l := range lines {
			out = append(out, cart.ConsignedItem{LineID: l, Quantity: 1})
		}
		return out
	}
	k := newKiosk(work("a", "10", 1), work("b", "10", 1))
	if _, err := k.AddConsignments(t.Context(), "demo", k.cart.ID, []order.Parcel{{Address: address(), Items: items("a")}}, cart.Options{}); err != nil {
		t.Fatal(err)
	}
	// The engine is not asked in this test: the gift stands there already.
	k.cart.Lines = append(k.cart.Lines, gift)
	k.cart.Checkout.Consignments[0].Items = append(items("a"), cart.ConsignedItem{LineID: "gift", Quantity: 2})
	before := k.cart
	k.Checkouts = order.NewCheckouts(unpriced{k}, k, k, k, k, clock.At(checkoutNoon))
	c, err := k.AddConsignments(t.Context(), "demo", k.cart.ID, []order.Parcel{{Address: address(), Items: items("b", "gift")}}, cart.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]cart.ConsignedItem{items("a"), items("b", "gift")}, [][]cart.ConsignedItem{c.Checkout.Consignments[0].Items, c.Checkout.Consignments[1].Items}); diff != "" {
		t.Error(diff)
	}
	if len(before.Checkout.Consignments) != 1 || len(before.Checkout.Consignments[0].Items) != 2 {
		t.Errorf("the cart that others read changed: %+v", before.Checkout.Consignments)
	}
}

// unpriced is a kiosk that leaves amounts and gifts as they are.
type unpriced struct{ *kiosk }

func (u unpriced) Apply(_ context.Context, _ string, _ cart.ID, _ cart.Options,
	change func(*cart.Cart, cart.Shop, time.Time) ([]event.Event, error)) (*cart.Cart, error) {
	next := u.cart.Clone()
	_, err := change(next, u.shop, checkoutNoon)
	return next, err
}

// TestARefusedChangeChangesNothing: of several consignments, fees and discounts,
// all are taken or none is.
func TestARefusedChangeChangesNothing(t *testing.T) {
	k := newKiosk(work("a", "10", 2))
	fee := cart.Fee{Name: "n", DisplayName: "d", Cost: money.Unit}
	ctx, at := t.Context(), k.cart.ID
	one := []cart.ConsignedItem{{LineID: "a", Quantity: 1}}
	for name, do := range map[string]func() (*cart.Cart, error){
		"a second consignment of too much": func() (*cart.Cart, error) {
			return k.AddConsignments(ctx, "demo", at, []order.Parcel{{Address: address(), Items: one},
				{Address: address(), Items: []cart.ConsignedItem{{LineID: "a", Quantity: 2}}}}, cart.Options{})
		},
		"no consignment": func() (*cart.Cart, error) { return k.AddConsignments(ctx, "demo", at, nil, cart.Options{}) },
		"more consignments than there may be": func() (*cart.Cart, error) {
			return k.AddConsignments(ctx, "demo", at, make([]order.Parcel, order.MaxConsignments+1), cart.Options{})
		},
		"a country that is none": func() (*cart.Cart, error) {
			return k.AddBilling(ctx, "demo", at, cart.Address{Email: "ada@shop.example", CountryCode: "XX"}, cart.Options{})
		},
		"a sixth fee": func() (*cart.Cart, error) {
			return k.AddFees(ctx, "demo", at, []cart.Fee{fee, fee, fee, fee, fee, fee}, cart.Options{})
		},
		"a fee below zero": func() (*cart.Cart, error) {
			return k.AddFees(ctx, "demo", at, []cart.Fee{fee, {Name: "n", Cost: -1}}, cart.Options{})
		},
		"a fee that is not there": func() (*cart.Cart, error) { return k.UpdateFees(ctx, "demo", at, []cart.Fee{fee}, cart.Options{}) },
		"a discount of a line that is not there": func() (*cart.Cart, error) {
			return k.Discount(ctx, "demo", at, order.Discounts{Order: []money.Amount{money.Unit}, Lines: []order.LineDiscount{{LineID: "x", Amount: 1}}}, cart.Options{})
		},
		"a discount below zero": func() (*cart.Cart, error) {
			return k.Discount(ctx, "demo", at, order.Discounts{Order: []money.Amount{money.Unit, -1}}, cart.Options{})
		},
		"no discount": func() (*cart.Cart, error) { return k.Discount(ctx, "demo", at, order.Discounts{}, cart.Options{}) },
		"a message that is too long": func() (*cart.Cart, error) {
			return k.SetMessage(ctx, "demo", at, strings.Repeat("ü", order.MaxMessage+1), cart.Options{})
		},
	} {
		if _, err := do(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if k.cart.Version != 1 || k.cart.Checkout != nil || k.cart.Manual || len(k.told) != 0 {
		t.Errorf("the cart is %+v, told was %v", k.cart, k.told)
	}
}

// TestAnotherAddressIsAnotherShoppers: what keeps mails from the address that a
// deleted customer left in the bill does not hold for another one.
func TestAnotherAddressIsAnotherShoppers(t *testing.T) {
	for typed, noMail := range map[string]bool{"ada@shop.example": true, "ADA@shop.example": true, "bob@shop.example": false} {
		t.Run(typed, func(t *testing.T) {
			k := newKiosk(work("a", "10", 1))
			k.cart.NoMail = true
			k.cart.Checkout = &cart.Checkout{Billing: &cart.Address{ID: "b", Email: "ada@shop.example", CountryCode: "US"}}
			c, err := k.UpdateBilling(t.Context(), "demo", k.cart.ID, "b", cart.Address{Email: typed, CountryCode: "DE"}, cart.Options{})
			if err != nil || c.NoMail != noMail {
				t.Errorf("no mail %v, %v", c.NoMail, err)
			}
		})
	}
}

// TestDiscountsStayWithinTheCart: what is taken off is rounded to what money
// holds, and no more than there is (spec/05 §1.4).
func TestDiscountsStayWithinTheCart(t *testing.T) {
	amount := func(s string) money.Amount { a, _ := money.Parse(s); return a }
	tests := map[string]struct {
		in               order.Discounts
		line, order, sum string
		manual           bool
	}{
		"both":               {order.Discounts{Order: []money.Amount{amount("1"), amount("2")}, Lines: []order.LineDiscount{{"a", amount("4")}}}, "4", "3", "33", true},
		"rounded":            {order.Discounts{Order: []money.Amount{amount("0.125")}}, "0", "0.13", "39.87", true},
		"more than a line":   {order.Discounts{Lines: []order.LineDiscount{{"a", amount("99")}}}, "20", "0", "20", true},
		"a line twice":       {order.Discounts{Lines: []order.LineDiscount{{"a", amount("15")}, {"a", amount("15")}}}, "20", "0", "20", true},
		"more than the rest": {order.Discounts{Order: []money.Amount{amount("35")}, Lines: []order.LineDiscount{{"a", amount("20")}}}, "20", "20", "0", true},
		"nothing":            {order.Discounts{Order: []money.Amount{0}, Lines: []order.LineDiscount{{"a", 0}}}, "0", "0", "40", false},
	}
	for name, tc := range tests {
		item := work("a", "10", 2)
		item.Kind = cart.Physical // of a product that is gone, which keeps its price
		k := newKiosk(item, work("b", "20", 1))
		c, err := k.Discount(t.Context(), "demo", k.cart.ID, tc.in, cart.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Lines[0].ManualOff != amount(tc.line) || c.ManualOff != amount(tc.order) || c.Manual != tc.manual || pricing.Sum(c).Grand != amount(tc.sum) {
			t.Errorf("%s: line %v, order %v, manual %t, grand total %v", name, c.Lines[0].ManualOff, c.ManualOff, c.Manual, pricing.Sum(c).Grand)
		}
	}
}

// TestTokenBounds is spec/05 §1.7.
func TestTokenBounds(t *testing.T) {
	k := newKiosk(work("a", "10", 1))
	for _, tc := range []struct {
		uses int64
		life time.Duration
		ok   bool
	}{
		{1, time.Second, true}, {order.MaxTokenUses, order.MaxTokenLife, true},
		{0, time.Hour, false}, {order.MaxTokenUses + 1, time.Hour, false}, {1, time.Second - 1, false}, {1, order.MaxTokenLife + 1, false},
	} {
		token, kept, err := k.NewToken(t.Context(), "demo", k.cart.ID, tc.uses, tc.life)
		if tc.ok != (err == nil) || err == nil && (len(token) != 64 || kept.Hash == token || !kept.Expires.Equal(checkoutNoon.Add(tc.life))) {
			t.Errorf("%d uses for %v: %q, %+v, %v", tc.uses, tc.life, token, kept, err)
		}
	}
	token, kept, err := k.NewToken(t.Context(), "demo", k.cart.ID, 1, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.UseToken(t.Context(), "demo", token); !fault.Is(err, fault.NotFound) {
		t.Errorf("before it is kept: %v", err)
	}
	if err := k.KeepToken(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if at, err := k.UseToken(t.Context(), "demo", token); at != k.cart.ID || err != nil {
		t.Errorf("used: %q, %v", at, err)
	}
	if _, err := k.UseToken(t.Context(), "demo", token); !fault.Is(err, fault.NotFound) {
		t.Errorf("used up: %v", err)
	}
}

// TestLatestOrder: the id of a cart is found in any case; what is no id has none.
func TestLatestOrderOfACheckout(t *testing.T) {
	k := newKiosk(work("a", "10", 1))
	for checkout, want := range map[cart.ID]int64{k.cart.ID: 75, cart.ID(strings.ToUpper(string(k.cart.ID))): 75, "100": 0} {
		if got, err := k.Checkouts.LatestOrder(t.Context(), "demo", checkout); got != want || err != nil {
			t.Errorf("%s: %d, %v", checkout, got, err)
		}
	}
}
