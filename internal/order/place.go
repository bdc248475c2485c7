package order

import (
	"context"
	"errors"
	"fmt"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// Placement is the order that a shopper confirmed on the hosted checkout.
type Placement struct {
	// Version, Total and Due are what the page showed: the cart's version and its
	// Quote.
	Version    int64
	Total, Due money.Amount
	// Method is how the shopper pays: Manual, which is to pay later, or a method
	// of Payments. An order that costs nothing needs none.
	Method string
}

// Changed says that an order was not placed because the cart, or what it costs,
// is not what the shopper confirmed. The page shows Cart and asks again.
type Changed struct {
	// Cart is the cart with the prices of now.
	Cart *cart.Cart
	// Was and Now are what the order cost and costs, after gift certificates.
	Was, Now money.Amount
}

// Error says what changed.
func (e *Changed) Error() string {
	if e.Was != e.Now {
		return fmt.Sprintf("the total changed from %s to %s", e.Was, e.Now)
	}
	return "the cart changed"
}

// Unwrap returns the refusal that surfaces without a page of their own show.
func (e *Changed) Unwrap() error {
	title := "Your cart has changed. Please check your order and place it again."
	if e.Was != e.Now {
		title = "The total of your order has changed. Please check it and place the order again."
	}
	return fault.New(fault.Conflict, title)
}

// maxPlacing bounds how often placing begins again because something moved.
const maxPlacing = 10

// Place makes the order that a shopper confirmed, and pays it. It is
// idempotent: a cart becomes one order, and every further call returns that
// (decisions 14).
//
// It returns *Changed when the cart is not what the shopper confirmed, an
// Invalid fault when the checkout lacks something or the payment is declined,
// and a Conflict fault when something cannot be sold any more.
func (s *Service) Place(ctx context.Context, store string, cartID cart.ID, in Placement) (*Order, error) {
	asked := false // whether the payment provider was
	o, err := s.placeUntil(ctx, store, cartID, in, &asked)
	if err != nil && asked {
		// It was tried even when the shopper has gone.
		err = errors.Join(err, s.storage.PaymentTried(context.WithoutCancel(ctx), store, cartID, in.Version, s.now()))
	}
	return o, err
}

// placeUntil places an order in the end, though carts and prices move meanwhile.
func (s *Service) placeUntil(ctx context.Context, store string, cartID cart.ID, in Placement, asked *bool) (*Order, error) {
	for attempt := 1; ; attempt++ {
		o, err := s.tryPlace(ctx, store, cartID, in, asked)
		if !errors.Is(err, ErrMoved) {
			return o, err
		}
		if attempt == maxPlacing {
			return nil, &fault.Error{Kind: fault.Unavailable, Title: "The store is busy. Please try again.", Err: err}
		}
	}
}

func (s *Service) tryPlace(ctx context.Context, store string, cartID cart.ID, in Placement, asked *bool) (*Order, error) {
	shop, err := s.shops.Fresh(ctx, store)
	if err != nil {
		return nil, err
	}
	c, err := s.carts.Get(ctx, store, cartID)
	if fault.Is(err, fault.NotFound) {
		return s.placedBefore(ctx, store, cartID, err)
	}
	if err != nil {
		return nil, err
	}
	o, err := s.draft(ctx, c, shop)
	if err != nil {
		return nil, err
	}
	if now := o.Total() - o.Charged(); c.Version != in.Version || o.Total() != in.Total || now != in.Due {
		return nil, &Changed{Cart: c, Was: in.Due, Now: now}
	}
	if err := s.pay(ctx, o, in.Method, asked); err != nil {
		return nil, err
	}
	placed, err := s.storage.PlaceOrder(ctx, *o, []event.Event{
		{Scope: event.OrderCreated}, {Scope: event.OrderUpdated}, moved(Incomplete, o.Status),
	})
	if err != nil {
		s.void(ctx, o)
		return nil, err
	}
	return s.capture(ctx, placed)
}

// placedBefore returns the order that a cart became, or the error for a cart
// that is gone.
func (s *Service) placedBefore(ctx context.Context, store string, cartID cart.ID, gone error) (*Order, error) {
	o, err := s.storage.FindOrderOfCart(ctx, store, cartID)
	if err == nil && o == nil {
		err = gone
	}
	return o, err
}

// pay settles how a draft is paid, and sets the money aside. It notes whether
// the provider was asked for that.
func (s *Service) pay(ctx context.Context, o *Order, method string, asked *bool) error {
	now := o.Created
	due := o.Total() - o.Charged()
	switch {
	case due == 0:
		if o.PaymentMethod = Free; len(o.Charges) > 0 {
			o.PaymentMethod = ByCertificate
		}
		return o.move(AwaitingFulfillment, now)
	case method == Manual:
		o.PaymentMethod = Manual
		return o.move(AwaitingPayment, now)
	case s.payments == nil || !offers(s.payments, method):
		return fault.New(fault.Invalid, "Please choose how to pay.")
	}
	*asked = true
	reference, err := s.payments.Authorize(ctx, Charging{Store: o.Store, Cart: o.Cart.ID, Version: o.Cart.Version,
		Method: method, Amount: due, Currency: o.Cart.Currency})
	if err != nil {
		return err
	}
	o.PaymentMethod, o.Reference = method, reference
	if err := o.move(AwaitingFulfillment, now); err != nil {
		return err
	}
	o.Payment = PaymentAuthorized
	return nil
}

func offers(p Payments, method string) bool {
	for _, m := range p.Methods() {
		if m.ID == method {
			return true
		}
	}
	return false
}

// void gives back what was set aside for an order that was not made. It runs
// even when the shopper has gone.
func (s *Service) void(ctx context.Context, o *Order) {
	if o.Reference != "" {
		// What cannot be given back now lapses by itself: nothing was taken.
		_ = s.payments.Void(context.WithoutCancel(ctx), o.Reference)
	}
}

// capture takes the money of an order that was placed. One whose money cannot
// be taken now stays authorized, for the merchant to see.
func (s *Service) capture(ctx context.Context, o *Order) (*Order, error) {
	if o.Reference == "" || o.Payment != PaymentAuthorized {
		return o, nil
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.payments.Capture(ctx, o.Reference); err != nil {
		return o, nil //nolint:nilerr // the order stands, and says that its money was not taken
	}
	now := s.now()
	return s.storage.UpdateOrder(ctx, o.Store, o.ID, func(o *Order) ([]event.Event, error) {
		o.Payment, o.Modified = PaymentCaptured, now
		return []event.Event{{Scope: event.OrderUpdated}}, nil
	})
}
