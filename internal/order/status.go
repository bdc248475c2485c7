package order

import (
	"cartwright/internal/fault"
)

// Status is where an order stands; the ids are the vendor's (spec/05 §2).
type Status int64

// The statuses of an order.
const (
	Incomplete Status = iota
	Pending
	Shipped
	PartiallyShipped
	Refunded
	Cancelled
	Declined
	AwaitingPayment
	AwaitingPickup
	AwaitingShipment
	Completed
	AwaitingFulfillment
	ManualVerification
	Disputed
	PartiallyRefunded
)

// StatusInfo says what a status is called and what it means. Order is the place
// at which the vendor lists it.
type StatusInfo struct {
	ID          Status
	Name        string
	Description string
	Order       int64
}

// Statuses are all statuses, by id.
var Statuses = []StatusInfo{
	{Incomplete, "Incomplete", "The shopper reached the payment step and did not finish it.", 0},
	{Pending, "Pending", "The order was placed and waits to be looked at.", 1},
	{Shipped, "Shipped", "The order was sent, and its arrival was not confirmed.", 8},
	{PartiallyShipped, "Partially Shipped", "Some items were sent, others were not.", 6},
	{Refunded, "Refunded", "All of the payment was given back.", 11},
	{Cancelled, "Cancelled", "The order was taken back, for want of stock or for another reason.", 9},
	{Declined, "Declined", "The order was refused by the merchant or the payment provider.", 10},
	{AwaitingPayment, "Awaiting Payment", "The order was placed, and the payment has not arrived.", 2},
	{AwaitingPickup, "Awaiting Pickup", "The order is packed and waits for the shopper.", 5},
	{AwaitingShipment, "Awaiting Shipment", "The order is packed and waits for the carrier.", 4},
	{Completed, "Completed", "The order was sent or picked up, and is done.", 7},
	{AwaitingFulfillment, "Awaiting Fulfillment", "The payment has arrived, and the order can be packed.", 3},
	{ManualVerification, "Manual Verification Required", "Somebody has to look at the order before it goes on.", 13},
	{Disputed, "Disputed", "The shopper disputes the payment.", 12},
	{PartiallyRefunded, "Partially Refunded", "A part of the payment was given back.", 14},
}

// Info describes the status; ok is false for an id that means none.
func (s Status) Info() (info StatusInfo, ok bool) {
	if s < 0 || int(s) >= len(Statuses) {
		return StatusInfo{}, false
	}
	return Statuses[s], true
}

// Name is what the vendor calls the status.
func (s Status) Name() string {
	info, _ := s.Info()
	return info.Name
}

// The payment methods that need no provider: paid outside, nothing to pay, and
// paid by gift certificates alone.
const (
	Manual        = "manual"
	Free          = "free"
	ByCertificate = "giftcertificate"
)

// PaymentStatus says how far the payment is; "" while there is none.
type PaymentStatus string

// The payment statuses that orders have here (spec/05 §2).
const (
	PaymentPending    PaymentStatus = "pending"
	PaymentAuthorized PaymentStatus = "authorized"
	PaymentCaptured   PaymentStatus = "captured"
	PaymentDeclined   PaymentStatus = "declined"
	PaymentRefunded   PaymentStatus = "refunded"
	PaymentPartly     PaymentStatus = "partially refunded"
	PaymentVoid       PaymentStatus = "void"
)

// settles reports whether an incomplete order is settled by moving to s: by a
// status of a paid order, or by a promise to pay by hand (spec/05 §1.6).
func (s Status) settles(method string) bool {
	switch s {
	case Shipped, PartiallyShipped, AwaitingPickup, AwaitingShipment, Completed, AwaitingFulfillment:
		return true
	case Pending, AwaitingPayment:
		return method == Manual
	}
	return false
}

// givesBack reports whether an order in this status has given back what it took.
func (s Status) givesBack() bool { return s == Refunded || s == Cancelled || s == Declined }

// paymentFor is the payment status that goes with a new status.
func paymentFor(s Status, old PaymentStatus) PaymentStatus {
	switch s {
	case Shipped, PartiallyShipped, AwaitingPickup, AwaitingShipment, Completed, AwaitingFulfillment:
		return PaymentCaptured
	case Pending, AwaitingPayment:
		if old == "" {
			return PaymentPending
		}
	case Refunded:
		return PaymentRefunded
	case PartiallyRefunded:
		return PaymentPartly
	case Declined:
		return PaymentDeclined
	case Cancelled:
		if old == PaymentPending || old == PaymentAuthorized {
			return PaymentVoid
		}
	}
	return old
}

// checkMove refuses a change of status that means nothing. Between the statuses
// of a settled order every move is allowed, as with the vendor.
func (o *Order) checkMove(to Status, method string) error {
	switch {
	case o.Settled && to == Incomplete:
		return fault.New(fault.Invalid, "An order that was placed cannot become incomplete again.")
	case o.Settled || to == o.Status || to.settles(method) && o.Status == Incomplete:
		return nil
	case o.Status != Incomplete:
		return fault.Newf(fault.Conflict, "The order was %s before it was paid.", o.Status.Name())
	case to == Cancelled || to == Declined:
		return nil
	case to == Pending || to == AwaitingPayment:
		return &fault.Error{Kind: fault.Invalid, Title: "An order that is not paid yet can only wait for a payment by hand.",
			Fields: map[string]string{"payment_method": "must be manual"}}
	}
	return fault.Newf(fault.Invalid, "An order that was never paid cannot be %s.", to.Name())
}
