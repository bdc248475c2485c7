package order

import (
	"context"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
)

// Payments is where money is taken: the seam for a payment provider. An order
// is placed between Authorize and Capture, so that neither money is taken for an
// order that cannot be made nor an order made that nobody pays for
// (docs/adr/0011).
type Payments interface {
	// Methods lists the ways to pay that it offers, in the order in which they
	// are shown.
	Methods() []PaymentMethod
	// Authorize sets the amount aside and returns what the provider calls that.
	// It returns an Invalid fault, in words for the shopper, when the payment is
	// refused; nothing is set aside then.
	Authorize(ctx context.Context, charge Charging) (reference string, err error)
	// Capture takes what was set aside. Doing it again changes nothing.
	Capture(ctx context.Context, reference string) error
	// Void gives back what was set aside and not taken.
	Void(ctx context.Context, reference string) error
}

// PaymentMethod is a way to pay.
type PaymentMethod struct {
	ID string
	// Name is what shopper and merchant read.
	Name string
	Help string
}

// Charging is what a payment is for.
type Charging struct {
	Store    string
	Cart     cart.ID
	Version  int64  // of the cart, as the shopper confirmed it
	Method   string // of a PaymentMethod
	Amount   money.Amount
	Currency string
}

// Declines reports whether an order that moves from one status to another was an
// attempt to pay that came to nothing. An attempt is processing a payment,
// whatever comes of it (spec/02 §1): asking the payment provider is one too, and
// Place notes that itself. Making an order, and giving it up, is none.
func Declines(from, to Status) bool { return from == Incomplete && to == Declined }

// TestPayments takes no money: it approves or declines as the shopper asks it
// to. It is for the sandbox.
type TestPayments struct{}

// The methods of TestPayments.
const (
	TestApproved = "test"
	TestDeclined = "test-declined"
)

// Methods implements Payments.
func (TestPayments) Methods() []PaymentMethod {
	return []PaymentMethod{
		{ID: TestApproved, Name: "Test payment", Help: "Succeeds at once. No money moves."},
		{ID: TestDeclined, Name: "Test payment that is declined", Help: "Shows what a shopper sees when a payment fails."},
	}
}

// Authorize implements Payments.
func (TestPayments) Authorize(_ context.Context, charge Charging) (string, error) {
	if charge.Method == TestDeclined {
		return "", fault.New(fault.Invalid, "The payment was declined.")
	}
	return "test-" + id.Hex(16), nil
}

// Capture implements Payments.
func (TestPayments) Capture(context.Context, string) error { return nil }

// Void implements Payments.
func (TestPayments) Void(context.Context, string) error { return nil }
