package promotion

import (
	"slices"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// Basket is what the engine is asked about: what somebody wants to buy, who,
// where, and with which codes. Amounts are in Currency. It does not hold what
// promotions added: that is an answer, not a question.
type Basket struct {
	// Cart is the id of the cart that it is of.
	Cart  string
	Lines []Line
	// GroupID is the customer's group; 0 for guests and customers without one.
	GroupID int64
	// Orders is how many orders the customer has placed.
	Orders  int64
	Channel int64

	Currency Currency
	// Countries are where the order is sent, by ISO code; empty while nobody
	// knows.
	Countries []string
	// Codes were applied, in this order.
	Codes []Redeemed

	// Manual says that discounts of the API stand in place of every promotion
	// and coupon (spec/05 §1.4). ManualOff is theirs on the whole order.
	Manual    bool
	ManualOff money.Amount

	// Room says whether a gift can be added beside those before it, and Name what
	// a banner calls it. Nil has room for everything, and no names.
	Room func(gift Added, before []Added) bool
	Name func(productID, variantID int64) string
}

// amount turns an amount of a promotion into the basket's currency. One of a
// promotion for every currency is in the store's default currency. What is too
// large to say is as large as can be said.
func (b *Basket) amount(p *Promotion, a money.Amount) money.Amount {
	if a == 0 || p.Currency == b.Currency.Code || b.Currency.Rate == 0 {
		return a.Round(b.Currency.Places)
	}
	converted, err := b.Currency.Rate.Convert(a, b.Currency.Places)
	if err != nil {
		return money.Max
	}
	return converted
}

// Currency is the currency of a basket.
type Currency struct {
	Code   string
	Rate   money.Rate // units of it for one of the store's default currency
	Places int
	// Default says that it is the store's default currency, DisplayOnly that
	// nobody can pay in it.
	Default, DisplayOnly bool
	// StoreCode is the store's default currency.
	StoreCode string
}

// Line is one line of a basket.
type Line struct {
	// ID breaks ties, so that the order of lines never matters.
	ID   string
	Kind Kind
	// Product is nil for what is not of the catalog, and for a product that has
	// been deleted.
	Product              *catalog.Product
	ProductID, VariantID int64
	Options              []Option
	// List is the price of one unit before promotions, Original the one before
	// sale and override.
	List, Original money.Amount
	Quantity       int64
	// Overridden says that List was given by a client, not by the catalog.
	Overridden bool
	// OnSale says that List is the catalog's sale price.
	OnSale bool
	// ManualOff is what the API takes off the whole line.
	ManualOff money.Amount
}

// Kind is what a line of a basket holds.
type Kind int

// The kinds of lines. Only Goods take part in promotions and coupons.
const (
	Goods Kind = iota
	Custom
	Certificate
)

// Option is a chosen option or modifier value, by the names that the catalog
// gives it.
type Option struct{ Name, Value string }

// Redeemed is a code that a basket has: of the coupon CouponID, or of the
// promotion PromotionID, where CodeID is the code's.
type Redeemed struct {
	Code                          string
	CouponID, CodeID, PromotionID int64
}

// has reports whether the code was applied.
func (b *Basket) has(code string) bool {
	return slices.ContainsFunc(b.Codes, func(r Redeemed) bool { return CodeKey(r.Code) == CodeKey(code) })
}
