package recovery

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/promotion"
)

// Incentive is the coupon that a mail carries.
type Incentive struct {
	// Code stands in the mail; "" is none.
	Code string
	// Coupon is what the code does. It is nil without a code, and for one that is
	// no coupon of the store.
	Coupon *promotion.Coupon
	// Detail is what the ledger says of it: why there is none although there
	// should be one, or what is wrong with it. "" is nothing to say.
	Detail string
}

// MintOf says for which mail a coupon is asked.
type MintOf struct {
	Store    string
	Shop     cart.Shop
	Options  Options
	Cart     *cart.Cart
	Episode  int64
	Template *Template
	Now      time.Time
}

// Minter gives mails their coupons.
type Minter interface {
	// Incentive returns the coupon of a mail that is about to go out: a new one
	// for this cart alone where the options ask for it, within their budget, and
	// the template's own code where they do not. For one mail it makes at most
	// one coupon: a further attempt gets the same again. An error is one of the
	// database, or ErrCartGone when the cart has ended; what speaks against a
	// coupon is a Detail, and the mail goes out without.
	Incentive(ctx context.Context, of MintOf) (Incentive, error)
}
