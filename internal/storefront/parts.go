package storefront

import (
	"context"
	"net/url"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// Shops gives the set-up and catalog of a store, from memory where it can.
type Shops interface {
	// Shop returns a NotFound fault for an unknown store.
	Shop(ctx context.Context, store string) (cart.Shop, error)
}

// Hosts finds the store and channel whose site has a host name; store is ""
// when there is none.
type Hosts interface {
	FindHost(ctx context.Context, host string) (store string, channel int64, err error)
}

// Carts is what the pages need of cart.Service.
type Carts interface {
	Create(ctx context.Context, store string, d cart.Draft, opt cart.Options) (*cart.Cart, error)
	Get(ctx context.Context, store string, cartID cart.ID) (*cart.Cart, error)
	AddLines(ctx context.Context, store string, cartID cart.ID, in cart.Entries, opt cart.Options) (*cart.Cart, error)
	UpdateLine(ctx context.Context, store string, cartID cart.ID, lineID string, in cart.LineUpdate, opt cart.Options) (*cart.Cart, error)
	RemoveLine(ctx context.Context, store string, cartID cart.ID, lineID string, opt cart.Options) (*cart.Cart, error)
	Delete(ctx context.Context, store string, cartID cart.ID) error
	Redeem(ctx context.Context, store string, cartID cart.ID, token string) (*cart.Cart, url.Values, error)
	Apply(ctx context.Context, store string, cartID cart.ID, opt cart.Options,
		change func(*cart.Cart, cart.Shop, time.Time) ([]event.Event, error)) (*cart.Cart, error)
}

// Sessions keeps shoppers' sessions. Only the hash of a session's token is
// stored.
type Sessions interface {
	// FindSession returns a session that is not over, or nil.
	FindSession(ctx context.Context, store, hash string, now time.Time) (*cart.Session, error)
	// StartSession stores a new session, and removes the one it replaces.
	StartSession(ctx context.Context, store, hash string, cartID cart.ID, expires time.Time, replaces string) error
	// SwapSessionCart binds a session to another cart if it is still bound to
	// from, and reports whether it was.
	SwapSessionCart(ctx context.Context, store, hash string, from, to cart.ID, expires time.Time) (bool, error)
	// KeepTyped replaces the fingerprints of what was typed in a session.
	KeepTyped(ctx context.Context, store, hash, typed string) error
	// KeepOrdered notes the latest order that a session placed.
	KeepOrdered(ctx context.Context, store, hash string, orderID int64) error
	// CountTry counts a try of a code, and reports whether it is among the first
	// limit ones within the window.
	CountTry(ctx context.Context, store, hash string, limit int64, now time.Time, window time.Duration) (bool, error)
}

// Ordering is what the checkout is made of.
type Ordering struct {
	Checkouts    Checkouts
	Orders       Orders
	Certificates Certificates
	Subscribers  Subscribers
}

// Checkouts is what the pages need of order.Checkouts.
type Checkouts interface {
	AddBilling(ctx context.Context, store string, checkout cart.ID, a cart.Address, opt cart.Options) (*cart.Cart, error)
	AddConsignments(ctx context.Context, store string, checkout cart.ID, parcels []order.Parcel, opt cart.Options) (*cart.Cart, error)
	UpdateConsignment(ctx context.Context, store string, checkout cart.ID, consignmentID string, in order.ConsignmentUpdate, opt cart.Options) (*cart.Cart, error)
	RemoveConsignment(ctx context.Context, store string, checkout cart.ID, consignmentID string, opt cart.Options) (*cart.Cart, error)
	ApplyCoupon(ctx context.Context, store string, checkout cart.ID, code string, opt cart.Options) (*cart.Cart, error)
	RemoveCoupon(ctx context.Context, store string, checkout cart.ID, code string, opt cart.Options) (*cart.Cart, error)
	SetMessage(ctx context.Context, store string, checkout cart.ID, message string, opt cart.Options) (*cart.Cart, error)
	// UseToken takes one use of a checkout token, or returns a NotFound fault.
	UseToken(ctx context.Context, store, token string) (cart.ID, error)
}

// Orders is what the pages need of order.Service.
type Orders interface {
	// Place makes the one order of a checkout that the shopper confirmed, or
	// returns the one that the cart became before.
	Place(ctx context.Context, store string, cartID cart.ID, in order.Placement) (*order.Order, error)
	// Quote says what has to be paid for a cart. It returns an Invalid fault for
	// a gift certificate of it that cannot pay.
	Quote(ctx context.Context, c *cart.Cart) (order.Quote, error)
	// Get returns an order, or a NotFound fault.
	Get(ctx context.Context, store string, id int64) (*order.Order, error)
	// OfCart returns the order that a cart became, or nil.
	OfCart(ctx context.Context, store string, cartID cart.ID) (*order.Order, error)
	// Payments returns the payment provider, or nil.
	Payments() order.Payments
}

// Certificates is what the pages need of order.Certificates.
type Certificates interface {
	// Find returns the gift certificate with a code, a NotFound fault when there
	// is none, and an Invalid one when it cannot pay in the currency now.
	Find(ctx context.Context, store, code, currency string) (*order.Certificate, error)
}

// Recovery is what the pages need of recovery.Service.
type Recovery interface {
	// Landing returns what the link to a cart shows, and changes nothing. It
	// returns a Malformed or a NotFound fault for one that leads nowhere.
	Landing(ctx context.Context, store, token string) (*recovery.Landing, error)
	// Continue is Landing for a person who goes on.
	Continue(ctx context.Context, store, token string) (*recovery.Landing, error)
	// Resolve returns what a token stands for, or the faults of Landing.
	Resolve(ctx context.Context, store, token string, purpose recovery.Purpose) (*recovery.Token, error)
	// UnsubscribeToken puts the address that a mail went to on the list of those
	// who are not written to, as often as it is asked for, or returns the faults
	// of Landing.
	UnsubscribeToken(ctx context.Context, store, token string) (*recovery.Token, error)
	// MarkBot says that a program made a cart.
	MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error
}

// Subscribers is what the pages need of customer.Service.
type Subscribers interface {
	Subscribe(ctx context.Context, store string, f customer.SubscriberFields) (customer.Subscriber, error)
	UpdateSubscriber(ctx context.Context, store string, id int64, f customer.SubscriberFields) (customer.Subscriber, error)
	Subscribers(ctx context.Context, store string, f customer.SubscriberFilter, r cursor.Range) (cursor.Part[customer.Subscriber], error)
}
