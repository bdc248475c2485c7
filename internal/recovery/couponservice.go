package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// CouponFilter selects minted coupons. Zero values select all.
type CouponFilter struct {
	State CouponState
	Cart  cart.ID
}

// CouponStorage keeps minted coupons.
type CouponStorage interface {
	// FindMinted returns the coupon of a mail as it stands now, with the coupon
	// of the store that it is; nil when none was made. The coupon is nil once it
	// was deleted.
	FindMinted(ctx context.Context, store string, episode, template int64, now time.Time) (*Minted, *promotion.Coupon, error)
	// MintCoupon stores a coupon for a mail under a new id, unless the mail has
	// one, which it returns then. What all coupons cost is read and this one's
	// share reserved in one piece, so that no two of them share the last of a
	// budget. It returns ErrBudget when there is no room, ErrCartGone when the
	// cart has ended, and a Conflict fault for a code in use.
	MintCoupon(ctx context.Context, store string, m Minted, c *promotion.Coupon, b *Budget) (Minted, *promotion.Coupon, error)
	// MintedCoupons returns a part of the coupons that the filter selects, as
	// they stand now.
	MintedCoupons(ctx context.Context, store string, f CouponFilter, r cursor.Range, now time.Time) (cursor.Part[Minted], error)
	// CouponStanding says what coupons have cost in the period of a budget.
	CouponStanding(ctx context.Context, store string, b *Budget, now time.Time) (BudgetStanding, error)
}

// Coupons gives mails their coupons. It implements Minter.
type Coupons struct {
	storage CouponStorage
	codes   promotion.Redemptions
	clock   clock.Clock
}

// NewCoupons returns a service on this storage.
func NewCoupons(s CouponStorage, codes promotion.Redemptions, c clock.Clock) *Coupons {
	return &Coupons{s, codes, c}
}

// Incentive implements Minter.
func (s *Coupons) Incentive(ctx context.Context, of MintOf) (Incentive, error) {
	rule := of.Options.MintOfTemplate(of.Template.ID)
	if rule == nil {
		return s.fixed(ctx, of)
	}
	had, coupon, err := s.storage.FindMinted(ctx, of.Store, of.Episode, of.Template.ID, of.Now)
	if err != nil {
		return Incentive{}, err
	}
	if had != nil {
		return again(*had, coupon), nil
	}
	return s.mint(ctx, rule, of)
}

// again is the coupon of a mail that had one before.
func again(m Minted, c *promotion.Coupon) Incentive {
	if m.State != CouponOpen || c == nil || !c.Enabled {
		return Incentive{Detail: "its coupon " + m.Code + " can no longer be used"}
	}
	return Incentive{Code: c.Code, Coupon: c, Detail: "coupon " + c.Code}
}

// codeTries is how often a code is drawn that nobody has.
const codeTries = 5

func (s *Coupons) mint(ctx context.Context, rule *Mint, of MintOf) (Incentive, error) {
	for range codeTries {
		code := newCode()
		coupon, worth, err := rule.draft(of, code)
		if err == nil {
			m := Minted{
				Code: coupon.Code, Cart: of.Cart.ID, Channel: of.Cart.ChannelID, Episode: of.Episode, Template: of.Template.ID,
				State: CouponOpen, Reserved: worth, Created: coupon.Created, Expires: coupon.Expires,
			}
			m, coupon, err = s.storage.MintCoupon(ctx, of.Store, m, coupon, of.Options.Budget)
			if err == nil {
				return again(m, coupon), nil
			}
		}
		var why promotion.Refusal
		switch f := fault.As(err); {
		case f == nil:
			return Incentive{}, err
		case f.Kind == fault.Conflict:
			continue
		case errors.As(err, &why): // nobody has heard of the code
			return Incentive{Detail: "no coupon: it " + string(why) + "."}, nil
		default:
			return Incentive{Detail: "no coupon: " + f.Title}, nil
		}
	}
	return Incentive{Detail: "no coupon: every code drawn is in use"}, nil
}

// fixed is the template's own code. It stands in the mail whatever it is, as
// with the vendor (spec/03 §1); the ledger says what is wrong with it.
func (s *Coupons) fixed(ctx context.Context, of MintOf) (Incentive, error) {
	code := of.Template.CouponCode
	if code == "" {
		return Incentive{}, nil
	}
	in := Incentive{Code: code, Coupon: of.Shop.Offers.CouponByCode(code)}
	say := func(what string) (Incentive, error) {
		in.Detail = fmt.Sprintf("coupon %s %s", code, what)
		return in, nil
	}
	if in.Coupon == nil {
		found, err := s.codes.FindCode(ctx, of.Store, promotion.CodeKey(code))
		if err != nil {
			return Incentive{}, err
		}
		if found == nil {
			return say("does not exist")
		}
		in.Detail = "coupon " + code // of a promotion
		return in, nil
	}
	uses, err := s.codes.CountUses(ctx, of.Store, promotion.Use{CouponID: in.Coupon.ID}, promotion.Shopper{})
	if err != nil {
		return Incentive{}, err
	}
	if why := in.Coupon.Unusable(uses, of.Now); why != "" {
		return say(string(why))
	}
	if c := in.Coupon.Cart; c != "" && c != string(of.Cart.ID) {
		return say("is of another cart")
	}
	in.Detail = "coupon " + code
	return in, nil
}

// List returns a part of the minted coupons of a store.
func (s *Coupons) List(ctx context.Context, store string, f CouponFilter, r cursor.Range) (cursor.Part[Minted], error) {
	return s.storage.MintedCoupons(ctx, store, f, r, s.clock.Now())
}

// Standing says how much of a store's budget is spoken for.
func (s *Coupons) Standing(ctx context.Context, store string, o Options) (BudgetStanding, error) {
	return s.storage.CouponStanding(ctx, store, o.Budget, s.clock.Now())
}
