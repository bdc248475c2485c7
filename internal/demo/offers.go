package demo

import (
	"context"
	"fmt"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// Offers is what Fill needs of promotion.Service.
type Offers interface {
	List(ctx context.Context, store string, q promotion.Query, r cursor.Range) (cursor.Part[promotion.Listed], error)
	Create(ctx context.Context, store string, f promotion.Fields) (*promotion.Promotion, error)
	AddCode(ctx context.Context, store string, promotionID int64, f promotion.CodeFields) (promotion.Code, error)
	CreateCoupon(ctx context.Context, store string, f promotion.CouponFields) (*promotion.Coupon, error)
}

// The codes that a shopper of the demo can try.
const (
	CodeTenOff       = "LANTERN10"
	CodeFreeShipping = "FREEPOST"
)

// offer puts the store's offers in, those that are not there yet.
func offer(ctx context.Context, o Offers, ids map[string]int64) error {
	mug, ok := ids["Enamel Mug"]
	if !ok {
		return fmt.Errorf("there is no mug to give away")
	}
	for _, f := range []promotion.Fields{largeOrders(), mugs(mug)} {
		if _, err := ensurePromotion(ctx, o, f); err != nil {
			return err
		}
	}
	p, err := ensurePromotion(ctx, o, tenOff())
	if err != nil {
		return err
	}
	if p.Code == nil {
		if _, err := o.AddCode(ctx, Store, p.ID, promotion.CodeFields{Code: CodeTenOff}); err != nil {
			return fmt.Errorf("make the code %s: %w", CodeTenOff, err)
		}
	}
	if _, err := o.CreateCoupon(ctx, Store, freeShipping()); err != nil && !fault.Is(err, fault.Conflict) { // it is there
		return fmt.Errorf("make the code %s: %w", CodeFreeShipping, err)
	}
	return nil
}

// ensurePromotion makes a promotion unless there is one of its name, and
// returns it.
func ensurePromotion(ctx context.Context, o Offers, f promotion.Fields) (promotion.Listed, error) {
	found, err := o.List(ctx, Store, promotion.Query{Name: *f.Name}, cursor.Range{Limit: 1})
	if err != nil {
		return promotion.Listed{}, err
	}
	if len(found.Entries) > 0 {
		return found.Entries[0], nil
	}
	p, err := o.Create(ctx, Store, f)
	if err != nil {
		return promotion.Listed{}, fmt.Errorf("make the offer %q: %w", *f.Name, err)
	}
	return promotion.Listed{Promotion: p}, nil
}

func percent(p money.Amount) promotion.Discount {
	p *= money.Unit
	return promotion.Discount{Percent: &p}
}

// automatic is a promotion with one rule that needs no code.
func automatic(name string, r promotion.Rule, banners ...promotion.Notification) promotion.Fields {
	way := promotion.Automatic
	return promotion.Fields{Name: &name, DisplayName: &name, Redemption: &way, Rules: &[]promotion.Rule{r}, Notifications: &banners}
}

func banner(kind, text string) promotion.Notification {
	return promotion.Notification{Type: kind, Content: text, Locations: []string{"CART_PAGE"}}
}

func largeOrders() promotion.Fields {
	return automatic("5 % off from $250", promotion.Rule{
		Condition: &promotion.Condition{Cart: &promotion.CartCondition{MinimumSpend: 250 * money.Unit}},
		Action:    promotion.Action{CartValue: &promotion.CartValue{Discount: percent(5)}}, ApplyOnce: true,
	}, banner("UPSELL", "From $250 on, 5 % of the whole order is on us."), banner("APPLIED", "5 % of the whole order is on us."))
}

func mugs(id int64) promotion.Fields {
	mug := &promotion.Matcher{Products: []int64{id}}
	return automatic("Every third Enamel Mug is free", promotion.Rule{
		Condition: &promotion.Condition{Cart: &promotion.CartCondition{Items: mug, MinimumQuantity: 2}},
		Action:    promotion.Action{CartItems: &promotion.CartItems{Discount: percent(100), Items: mug, Quantity: 1, Strategy: promotion.LeastExpensive}},
	}, banner("ELIGIBLE", "Take a third Enamel Mug: it is free."), banner("APPLIED", "The third Enamel Mug is free."))
}

func tenOff() promotion.Fields {
	f := automatic("10 % off by lantern light", promotion.Rule{Action: promotion.Action{CartValue: &promotion.CartValue{Discount: percent(10)}}, ApplyOnce: true})
	way, everywhere := promotion.ByCoupon, promotion.AnyCurrency
	f.Redemption, f.Currency = &way, &everywhere
	return f
}

func freeShipping() promotion.CouponFields {
	name, code, kind, amount, least := "Free shipping from $25", CodeFreeShipping, promotion.FreeShipping, money.Amount(0), 25*money.Unit
	return promotion.CouponFields{Name: &name, Code: &code, Type: &kind, Amount: &amount, MinPurchase: &least,
		AppliesTo: promotion.AppliesTo{Entity: "categories", IDs: []int64{0}}}
}
