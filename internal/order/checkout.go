package order

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/promotion"
)

// Carts is how checkouts reach their carts; *cart.Service is it.
type Carts interface {
	// Get returns a cart with the prices of now, or a NotFound fault.
	Get(ctx context.Context, store string, cartID cart.ID) (*cart.Cart, error)
	// Apply changes a cart, prices it and writes it.
	Apply(ctx context.Context, store string, cartID cart.ID, opt cart.Options,
		change func(*cart.Cart, cart.Shop, time.Time) ([]event.Event, error)) (*cart.Cart, error)
}

// Latest tells the latest order that was made of a cart.
type Latest interface {
	// LatestOrder returns the id of that order; 0 is none.
	LatestOrder(ctx context.Context, store string, cartID cart.ID) (int64, error)
}

// Checkouts is what the surfaces call about checkouts (spec/05 §1). A checkout
// is part of its cart: it has the cart's id and version, and every write of it
// is a change of the cart, so the cart's promises hold for it. No update is
// lost, a request is applied whole or not at all, and every amount comes from
// the pricing pipeline.
type Checkouts struct {
	carts  Carts
	shops  cart.Shops
	codes  promotion.Redemptions
	tokens TokenStorage
	latest Latest
	clock  clock.Clock
}

// NewCheckouts returns a service on these parts.
func NewCheckouts(carts Carts, shops cart.Shops, codes promotion.Redemptions, tokens TokenStorage, latest Latest, c clock.Clock) *Checkouts {
	return &Checkouts{carts: carts, shops: shops, codes: codes, tokens: tokens, latest: latest, clock: c}
}

// MaxMessage is how many characters a customer message may have.
const MaxMessage = 2000

// errUnchanged ends a change that has nothing to do: nothing is written and the
// version stays.
var errUnchanged = errors.New("the checkout is as it was")

// change is a change of a checkout: of the cart, whose Checkout is there.
type change func(c *cart.Cart, shop cart.Shop, now time.Time) ([]event.Event, error)

// apply applies a change to a checkout. A cart that is not there is answered as
// the checkout of that id.
func (s *Checkouts) apply(ctx context.Context, store string, id cart.ID, opt cart.Options, do change) (*cart.Cart, error) {
	c, err := s.carts.Apply(ctx, store, id, opt, func(c *cart.Cart, shop cart.Shop, now time.Time) ([]event.Event, error) {
		if c.Checkout == nil {
			c.Checkout = &cart.Checkout{}
		}
		return do(c, shop, now)
	})
	if errors.Is(err, errUnchanged) {
		return s.Get(ctx, store, id)
	}
	return c, gone(id, err)
}

// Get returns a cart with its checkout and the prices of now. It returns a
// NotFound fault for one that is unknown, deleted or expired.
func (s *Checkouts) Get(ctx context.Context, store string, id cart.ID) (*cart.Cart, error) {
	c, err := s.carts.Get(ctx, store, id)
	return c, gone(id, err)
}

// LatestOrder returns the id of the latest order that was made of a checkout; 0
// is none. It stands beside the cart: making an order does not change it
// (decisions 14).
func (s *Checkouts) LatestOrder(ctx context.Context, store string, checkout cart.ID) (int64, error) {
	if !id.IsUUID(string(checkout)) {
		return 0, nil
	}
	return s.latest.LatestOrder(ctx, store, cart.ID(strings.ToLower(string(checkout))))
}

// SetMessage sets what the customer has to say (spec/05 §1).
func (s *Checkouts) SetMessage(ctx context.Context, store string, id cart.ID, message string, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, id, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if utf8.RuneCountInString(message) > MaxMessage {
			return nil, fault.Field("customer_message", fault.MaxLength)
		}
		c.Checkout.Message = message
		return nil, nil
	})
}

// Now is the present to the millisecond.
func (s *Checkouts) Now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

// gone names the checkout in the refusal of a cart that is not there.
func gone(id cart.ID, err error) error {
	if f := fault.As(err); f != nil && f.Kind == fault.NotFound && f.Detail == "" {
		return missing("Checkout %s not found", string(id))
	}
	return err
}

// missing is the refusal of what a checkout does not have.
func missing(format, id string) error {
	f := fault.Newf(fault.NotFound, format, id)
	f.Title, f.Detail = "Not Found", f.Title
	return f
}

// wrong refuses a field of a request in words of the rule it breaks.
func wrong(path, message string) error {
	return &fault.Error{Kind: fault.Invalid, Title: fault.TitleRequired, Fields: map[string]string{path: message}}
}
