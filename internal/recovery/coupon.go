package recovery

import (
	"errors"
	"math"
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// Minted is a coupon that was made for one mail, and what became of it. Its
// amounts are in the store's default currency.
type Minted struct {
	CouponID int64
	Code     string
	Cart     cart.ID
	Channel  int64
	Episode  int64
	Template int64
	State    CouponState
	// Reserved is what it could take off the cart as that was when it was made,
	// Given what it took off an order, Order the order.
	Reserved, Given money.Amount
	Order           int64
	Created         time.Time
	Expires         time.Time
	// Closed is when it was redeemed or became void.
	Closed time.Time
}

// CouponState is where a minted coupon stands.
type CouponState string

// The states of minted coupons. Only open ones can be used.
const (
	CouponOpen     CouponState = "open"
	CouponRedeemed CouponState = "redeemed" // by an order
	CouponExpired  CouponState = "expired"
	CouponVoid     CouponState = "void" // its cart is gone or converted without it, its mail never went out, or its order was cancelled
)

// CouponStates lists them.
var CouponStates = []CouponState{CouponOpen, CouponRedeemed, CouponExpired, CouponVoid}

// KeepCoupon is how long a minted coupon stays among the coupons of its store
// once it is over, so that codes which nobody can use do not pile up there.
const KeepCoupon = 30 * 24 * time.Hour

// MintOfTemplate returns what is made for the mails of a template, or nil.
func (o Options) MintOfTemplate(template int64) *Mint {
	for i := range o.Coupons {
		if o.Coupons[i].Template == template {
			return &o.Coupons[i]
		}
	}
	return nil
}

// codeLetters are what minted codes are made of: nothing that is read as
// something else, and no vowels, so that no code is a word.
const codeLetters = "BCDFGHJKMNPQRSTVWXYZ23456789"

// newCode makes a code that nobody guesses and everybody can type:
// BACK-7KQ4-M2XW.
func newCode() string {
	s := id.Letters(codeLetters, 8)
	return "BACK-" + s[:4] + "-" + s[4:]
}

// draftID stands for a coupon that is not stored yet.
const draftID = math.MaxInt64

// draft makes the coupon of a mail, and says what it could take off the cart as
// it is. It returns an Invalid fault when the cart could not use it.
func (r *Mint) draft(of MintOf, code string) (*promotion.Coupon, money.Amount, error) {
	c := &promotion.Coupon{
		ID: draftID, Code: code, Name: "Abandoned cart " + string(of.Cart.ID) + " (" + code + ")",
		Type: promotion.CouponType(r.Type), Amount: r.Amount, MinPurchase: r.Minimum, Enabled: true,
		MaxUses: 1, MaxUsesPerCustomer: 1, Cart: string(of.Cart.ID),
		Created: of.Now, Expires: of.Now.Add(time.Duration(r.ValidHours) * time.Hour),
	}
	worth, err := worthOf(c, of)
	return c, worth, err
}

// worthOf tries a coupon on a cart.
func worthOf(c *promotion.Coupon, of MintOf) (money.Amount, error) {
	basket, err := pricing.Basket(of.Cart, of.Shop)
	if err != nil {
		return 0, err
	}
	offers := of.Shop.Offers
	if offers == nil {
		offers = promotion.NewOffers(0, promotion.DefaultSettings, nil, nil)
	}
	offers = offers.WithCoupons(offers.Revision, []*promotion.Coupon{c}, nil)
	admission, err := offers.Admit(basket, c.Code, nil, promotion.Uses{}, of.Now)
	if err != nil {
		return 0, err
	}
	basket.Codes = slices.DeleteFunc(basket.Codes, func(r promotion.Redeemed) bool { return slices.Contains(admission.Replaces, r.Code) })
	basket.Codes = append(basket.Codes, admission.Redeemed)
	for _, does := range offers.Evaluate(basket, of.Now).Codes {
		if does.Code == c.Code {
			return does.Amount, nil
		}
	}
	return 0, nil
}

// BudgetStanding is how much of a store's budget is spoken for.
type BudgetStanding struct {
	// Budget is nil when nothing bounds what coupons may cost; the rest is then
	// of all time.
	Budget *Budget
	// Since is where the period begins.
	Since time.Time
	// Given is what coupons of the period gave, Reserved what those can still
	// give that can be used.
	Given, Reserved money.Amount
}

// Left is what coupons may still cost.
func (s BudgetStanding) Left() money.Amount {
	if s.Budget == nil {
		return money.Max
	}
	return max(0, s.Budget.Amount-s.Given-s.Reserved)
}

// Begins returns where the rolling period of a budget begins that ends now.
func (b *Budget) Begins(now time.Time) time.Time {
	if b == nil {
		return time.Time{}
	}
	return now.Add(-time.Duration(b.Days) * 24 * time.Hour)
}

// ErrCartGone says that a coupon was asked for a cart that has just ended.
var ErrCartGone = errors.New("the cart of the coupon is gone")

// ErrBudget refuses a coupon that the budget has no room for.
func ErrBudget() error { return fault.New(fault.Invalid, "coupon budget used up") }
