package recovery

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// AttributionWindow is how long a mail, or a click, counts for an order.
const AttributionWindow = 7 * 24 * time.Hour

// Credit says whether a mail brought an order.
type Credit string

// The kinds of credit, the strongest first.
const (
	CreditClicked    Credit = "clicked"    // somebody went on from a mail in the seven days before
	CreditInfluenced Credit = "influenced" // a mail went out in the seven days before, and nobody clicked
	CreditNone       Credit = "none"
)

// Touch is a mail that may have brought an order: one about its cart, to
// whomever, or one to an address of its shopper about another cart.
type Touch struct {
	Cart     cart.ID `json:"cart_id,omitempty"`
	Episode  int64   `json:"episode,omitempty"`
	Template int64   `json:"-"`
	// Sent is when the mail was handed over; zero when it never was.
	Sent time.Time `json:"sent,omitzero"`
	// Clicked is when somebody last went on from it; zero when nobody did.
	Clicked time.Time `json:"clicked,omitzero"`
	// Coupon is the code that stood in it.
	Coupon string `json:"-"`
}

// Attribute returns which mail an order is thanked for. Each order is thanked
// for once:
//
//   - clicked: somebody went on from a mail in the AttributionWindow before the
//     order; the mail with the latest click has it;
//   - influenced: nobody did, but a mail was handed over in that time; the latest
//     has it;
//   - none: neither. The Touch is then the zero one.
//
// Mails about another cart of the same shopper count as those about the order's
// own: shoppers who are reminded often begin a new cart.
func Attribute(touches []Touch, at time.Time) (Credit, Touch) {
	counts := func(then time.Time) bool {
		return !then.IsZero() && !then.After(at) && !then.Before(at.Add(-AttributionWindow))
	}
	var clicked, sent *Touch
	for i := range touches {
		t := &touches[i]
		if counts(t.Clicked) && (clicked == nil || t.Clicked.After(clicked.Clicked)) {
			clicked = t
		}
		if counts(t.Sent) && (sent == nil || t.Sent.After(sent.Sent)) {
			sent = t
		}
	}
	switch {
	case clicked != nil:
		return CreditClicked, *clicked
	case sent != nil:
		return CreditInfluenced, *sent
	}
	return CreditNone, Touch{}
}

// DiscountOf returns what codes that stood in these mails took off an order,
// shipping included. A code counts however long ago its mail was.
func DiscountOf(touches []Touch, redeemed []cart.Applied) money.Amount {
	mailed := map[string]bool{}
	for _, t := range touches {
		if t.Coupon != "" {
			mailed[promotion.CodeKey(t.Coupon)] = true
		}
	}
	var sum money.Amount
	for _, a := range redeemed {
		if mailed[promotion.CodeKey(a.Code)] {
			sum += a.Amount + a.Shipping
		}
	}
	return sum
}

// Sale is an order as recovery counts it: one of a cart that had been
// abandoned, or one that a mail, or its code, is thanked for.
type Sale struct {
	Order   int64   `json:"-"`
	Cart    cart.ID `json:"-"`
	Channel int64   `json:"-"`
	// Episode is the last time that its cart was abandoned; 0 when it never was.
	Episode  int64  `json:"-"`
	Template int64  `json:"-"` // the mail that it is thanked for, 0 for none
	Credit   Credit `json:"-"`
	// Amount is what the order costs, in its currency, before gift certificates.
	Amount   money.Amount `json:"-"`
	Currency string       `json:"-"`
	Discount money.Amount `json:"-"`
	At       time.Time    `json:"-"`
	// Canceled is since when it does not count: the order was cancelled, declined
	// or refunded. Zero while it counts.
	Canceled time.Time `json:"-"`
	// Mail is the mail that it is thanked for.
	Mail Touch `json:"mail"`
}

// SaleFilter picks sales: those of one order or of one cart.
type SaleFilter struct {
	Order int64
	Cart  cart.ID
}
