package cart_test

import (
	"slices"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// giving makes a promotion that gives a product to whoever buys a mug, for each
// two of them.
func (k *shopkeeper) giving(productID int64) {
	k.shop.Offers = promotion.NewOffers(1, promotion.DefaultSettings, []*promotion.Promotion{{
		ID: 4, Redemption: promotion.Automatic, Status: promotion.Enabled, Currency: "USD", Combines: true,
		Rules: []promotion.Rule{{Action: promotion.Action{GiftItem: &promotion.GiftItem{ProductID: productID, Quantity: 1}},
			Condition: &promotion.Condition{Cart: &promotion.CartCondition{Items: &promotion.Matcher{Products: []int64{mug}}, MinimumQuantity: 2}}}}}}, nil)
}

// TestGiftsAreLinesOfTheirOwn: buying the product that one also gets for
// nothing makes another line, the gift cannot be changed, it follows what earns
// it, and the journal tells all of it (spec/01 §3.2, §8, §11; spec/04 §5).
func TestGiftsAreLinesOfTheirOwn(t *testing.T) {
	k := newShop(t)
	k.giving(ebook)
	ctx := t.Context()
	c := k.create(t, item(mug, 2))
	if len(c.Lines) != 2 || c.Lines[1].AddedBy != 4 || c.Lines[1].Kind != cart.Digital || c.Totals.Cart != amount("20") {
		t.Fatalf("cart = %+v", c)
	}
	mugs, gift := c.Lines[0].ID, c.Lines[1].ID
	if got := k.scopes(); !slices.Equal(got, []string{"created", "lineItem/created", "lineItem/created", "updated"}) {
		t.Errorf("events of create = %v", got)
	}

	c, err := k.service.AddLines(ctx, "demo", c.ID, cart.Entries{Items: []cart.Item{item(ebook, 1), item(ebook, 2)}}, cart.Options{})
	if err != nil || len(c.Lines) != 3 {
		t.Fatalf("add = %+v, %v", c, err)
	}
	own := c.Lines[1]
	if own.AddedBy != 0 || own.Quantity != 3 || own.ExtendedSale != amount("15") || c.Lines[2].ID != gift || c.Totals.Cart != amount("35") {
		t.Errorf("lines = %+v", c.Lines)
	}
	if got := k.scopes(); !slices.Equal(got, []string{"lineItem/created", "updated"}) {
		t.Errorf("events of add = %v", got)
	}

	title := "This item was added by a promotion and cannot be changed."
	_, err = k.service.UpdateLine(ctx, "demo", c.ID, gift, cart.LineUpdate{Quantity: ref(int64(5))}, cart.Options{})
	wantFault(t, err, fault.Invalid, title)
	_, err = k.service.RemoveLine(ctx, "demo", c.ID, gift, cart.Options{})
	wantFault(t, err, fault.Invalid, title)

	c, err = k.service.UpdateLine(ctx, "demo", c.ID, mugs, cart.LineUpdate{Quantity: ref(int64(4))}, cart.Options{})
	if err != nil || c.Line(gift).Quantity != 2 {
		t.Fatalf("update = %+v, %v", c, err)
	}
	if got := k.scopes(); !slices.Equal(got, []string{"lineItem/updated", "lineItem/updated", "updated"}) {
		t.Errorf("events of update = %v", got)
	}
	c, err = k.service.UpdateLine(ctx, "demo", c.ID, mugs, cart.LineUpdate{Quantity: ref(int64(1))}, cart.Options{})
	if err != nil || c.Line(gift) != nil {
		t.Fatalf("update = %+v, %v", c, err)
	}
	if got := k.scopes(); !slices.Equal(got, []string{"lineItem/updated", "lineItem/deleted", "updated"}) {
		t.Errorf("events of update = %v", got)
	}
}

// TestTheLastLineTakesGiftsWithIt: a cart that holds gifts only is empty.
func TestTheLastLineTakesGiftsWithIt(t *testing.T) {
	k := newShop(t)
	k.giving(ebook)
	c := k.create(t, item(mug, 2))
	if c, err := k.service.RemoveLine(t.Context(), "demo", c.ID, c.Lines[0].ID, cart.Options{}); err != nil || c != nil {
		t.Fatalf("cart = %+v, %v", c, err)
	}
}

// TestGiftsGiveWay: what a shopper wants to buy is never refused because a gift
// took it.
func TestGiftsGiveWay(t *testing.T) {
	k := newShop(t)
	k.giving(sold) // three in stock
	c := k.create(t, item(mug, 4))
	if len(c.Lines) != 2 || c.Lines[1].Quantity != 2 {
		t.Fatalf("lines = %+v", c.Lines)
	}
	c, err := k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{item(sold, 3)}}, cart.Options{})
	if err != nil || len(c.Lines) != 2 || c.Lines[1].AddedBy != 0 {
		t.Fatalf("cart = %+v, %v", c, err)
	}
	_, err = k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{item(sold, 1)}}, cart.Options{})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("more than there is: %v", err)
	}

	k.giving(bulk) // two to five an order
	c = k.create(t, item(mug, 4), item(bulk, 5))
	if len(c.Lines) != 3 || c.Lines[2].Quantity != 2 {
		t.Errorf("lines = %+v", c.Lines)
	}

	full := make([]cart.CustomItem, cart.MaxLines-1)
	for i := range full {
		full[i] = cart.CustomItem{Name: "Work", Quantity: 1, ListPrice: amount("1")}
	}
	c = k.create(t, item(mug, 2))
	c, err = k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{CustomItems: full}, cart.Options{})
	if err != nil || len(c.Lines) != cart.MaxLines || slices.ContainsFunc(c.Lines, func(l cart.Line) bool { return l.AddedBy != 0 }) {
		t.Errorf("%d lines, %v", len(c.Lines), err)
	}
}

// TestReadingDoesNotChangeAGift: a read that prices again finds the line where
// it was.
func TestReadingDoesNotChangeAGift(t *testing.T) {
	k := newShop(t)
	k.giving(ebook)
	c := k.create(t, item(mug, 2))
	k.shop.Store.Revision++ // prices are old
	again, err := k.service.Get(t.Context(), "demo", c.ID)
	if err != nil || len(again.Lines) != 2 || again.Lines[1].ID != c.Lines[1].ID {
		t.Errorf("read = %+v, %v", again, err)
	}
	k.giving(retired) // another gift, off sale
	k.shop.Store.Revision++
	if again, err = k.service.Get(t.Context(), "demo", c.ID); err != nil || len(again.Lines) != 1 {
		t.Errorf("read = %+v, %v", again, err)
	}
}
