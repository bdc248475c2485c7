package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// MaxFees bounds the fees of one checkout (spec/05 §1.5).
const MaxFees = 5

// AddFees adds fees under new ids.
func (s *Checkouts) AddFees(ctx context.Context, store string, checkout cart.ID, fees []cart.Fee, opt cart.Options) (*cart.Cart, error) {
	made := slices.Clone(fees)
	for i := range made {
		made[i].ID = id.UUID()
	}
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, _ time.Time) ([]event.Event, error) {
		if len(made) == 0 {
			return nil, fault.Field("fees", fault.MinLength)
		}
		if len(c.Checkout.Fees)+len(made) > MaxFees {
			return nil, fault.Newf(fault.Invalid, "A checkout can have at most %d fees.", MaxFees)
		}
		for i, fee := range made {
			fee, err := checkFee(c, shop, fee, i)
			if err != nil {
				return nil, err
			}
			c.Checkout.Fees = append(c.Checkout.Fees, fee)
		}
		return nil, nil
	})
}

// UpdateFees replaces the fees with these ids.
func (s *Checkouts) UpdateFees(ctx context.Context, store string, checkout cart.ID, fees []cart.Fee, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, _ time.Time) ([]event.Event, error) {
		if len(fees) == 0 {
			return nil, fault.Field("fees", fault.MinLength)
		}
		for i, fee := range fees {
			n := slices.IndexFunc(c.Checkout.Fees, func(old cart.Fee) bool { return old.ID == fee.ID })
			if n < 0 {
				return nil, wrong(fmt.Sprintf("fees.%d.id", i), "The checkout has no fee with this id")
			}
			fee, err := checkFee(c, shop, fee, i)
			if err != nil {
				return nil, err
			}
			c.Checkout.Fees[n] = fee
		}
		return nil, nil
	})
}

// RemoveFees takes fees out. When none of the ids is a fee's, the checkout stays
// as it is.
func (s *Checkouts) RemoveFees(ctx context.Context, store string, checkout cart.ID, ids []string, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if len(ids) == 0 {
			return nil, fault.Field("ids", fault.MinLength)
		}
		before := len(c.Checkout.Fees)
		c.Checkout.Fees = slices.DeleteFunc(c.Checkout.Fees, func(f cart.Fee) bool { return slices.Contains(ids, f.ID) })
		if len(c.Checkout.Fees) == before {
			return nil, errUnchanged
		}
		return nil, nil
	})
}

func checkFee(c *cart.Cart, shop cart.Shop, fee cart.Fee, at int) (cart.Fee, error) {
	if fee.Cost < 0 {
		return fee, fault.Field(fmt.Sprintf("fees.%d.cost", at), fault.Min)
	}
	if !shop.Store.HasTaxClass(fee.TaxClassID) {
		return fee, wrong(fmt.Sprintf("fees.%d.tax_class_id", at), "The store has no tax class with this id")
	}
	fee.Cost = fee.Cost.Round(decimals(c, shop))
	return fee, nil
}
