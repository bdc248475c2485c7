package order

import (
	"context"
	"errors"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// ErrMoved says that the cart or the prices of its store were changed between
// reading and placing.
var ErrMoved = errors.New("the cart or its prices moved")

// Storage keeps orders. What it returns must not be changed.
type Storage interface {
	// CreateOrder stores a new incomplete order and returns it with its ids. It
	// becomes the latest of its cart.
	CreateOrder(ctx context.Context, o Order, events []event.Event) (*Order, error)
	// PlaceOrder stores a new order and settles it, in one transaction. It
	// returns ErrMoved when the cart has another version by now or the store's
	// prices were computed anew, and the faults of settling (see UpdateOrder).
	PlaceOrder(ctx context.Context, o Order, events []event.Event) (*Order, error)
	// UpdateOrder loads an order, lets change edit a copy and writes it, if
	// nobody else wrote in between; otherwise it begins again. It returns a
	// NotFound fault when there is no such order.
	//
	// An order that becomes settled takes its stock, counts its uses and
	// converts its cart in the same transaction; one that holds its stock anew,
	// or no longer, takes it or gives it back. It returns a Conflict fault when
	// stock is missing, a product is gone, a use is not left, or the cart has
	// become another order; then nothing has changed. A change of status that is
	// an attempt to pay (Declines) does to the cart what PaymentTried does.
	UpdateOrder(ctx context.Context, store string, orderID int64, change func(*Order) ([]event.Event, error)) (*Order, error)
	// PaymentTried notes that somebody tried to pay for a cart at this version and
	// did not succeed. The cart is not abandoned then until it is changed again.
	// One that has another version by now was changed since, or is gone: nothing
	// happens.
	PaymentTried(ctx context.Context, store string, cartID cart.ID, version int64, at time.Time) error
	// FindOrder returns an order, or nil.
	FindOrder(ctx context.Context, store string, orderID int64) (*Order, error)
	// FindOrderOfCart returns the order that a cart became, or nil.
	FindOrderOfCart(ctx context.Context, store string, cartID cart.ID) (*Order, error)
	// LatestOrder returns the id of the latest order that was made of a cart; 0
	// is none.
	LatestOrder(ctx context.Context, store string, cartID cart.ID) (int64, error)
	// Orders returns a part of the orders that the filter selects.
	Orders(ctx context.Context, store string, f Filter) (cursor.Part[*Order], error)
	// FindCertificateByCode returns a gift certificate by its CertificateKey, or
	// nil.
	FindCertificateByCode(ctx context.Context, store, key string) (*Certificate, error)
	// CountOrdersByStatus counts the orders that are not archived.
	CountOrdersByStatus(ctx context.Context, store string) (map[Status]int64, error)
}

// Shops gives the set-up of a store, from memory where it can.
type Shops interface {
	cart.Shops
	// Fresh returns what the database holds now.
	Fresh(ctx context.Context, store string) (cart.Shop, error)
}

// Service is what the surfaces call about orders.
type Service struct {
	storage  Storage
	carts    *cart.Service
	shops    Shops
	payments Payments // nil when nothing is paid online
	clock    clock.Clock
}

// NewService returns a service on these parts. Without payments, orders are
// paid by hand.
func NewService(storage Storage, carts *cart.Service, shops Shops, payments Payments, c clock.Clock) *Service {
	return &Service{storage: storage, carts: carts, shops: shops, payments: payments, clock: c}
}

// Payments returns the payment provider, or nil.
func (s *Service) Payments() Payments { return s.payments }

func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

func notFound() error { return fault.New(fault.NotFound, fault.TitleNotFound) }

// Get returns an order, or a NotFound fault.
func (s *Service) Get(ctx context.Context, store string, orderID int64) (*Order, error) {
	o, err := s.storage.FindOrder(ctx, store, orderID)
	if err == nil && o == nil {
		err = notFound()
	}
	return o, err
}

// OfCart returns the order that a cart became, or nil.
func (s *Service) OfCart(ctx context.Context, store string, cartID cart.ID) (*Order, error) {
	return s.storage.FindOrderOfCart(ctx, store, cartID)
}

// Filter selects orders. Zero fields select all.
type Filter struct {
	MinID, MaxID  int64
	Status        *Status
	CartID        cart.ID
	CustomerID    *int64
	Email         string
	ChannelID     int64
	PaymentMethod string
	// MinCreated is the first instant that counts, MaxCreated the first that
	// does not any more.
	MinCreated, MaxCreated   time.Time
	MinModified, MaxModified time.Time
	// Archived selects the archived orders instead of the others.
	Archived bool

	Sort    Sort
	Falling bool
	Offset  int64
	Limit   int
}

// Sort is what a list of orders is sorted by; ties go by id.
type Sort string

// What lists of orders can be sorted by.
const (
	ByID       Sort = "id"
	ByCustomer Sort = "customer_id"
	ByCreated  Sort = "date_created"
	ByModified Sort = "date_modified"
	ByStatus   Sort = "status_id"
	ByChannel  Sort = "channel_id"
)

// List returns a part of the orders that the filter selects.
func (s *Service) List(ctx context.Context, store string, f Filter) (cursor.Part[*Order], error) {
	return s.storage.Orders(ctx, store, f)
}

// Count returns how many orders have each status, archived ones left out.
func (s *Service) Count(ctx context.Context, store string) (map[Status]int64, error) {
	return s.storage.CountOrdersByStatus(ctx, store)
}

// Create makes an incomplete order of a cart's checkout. Each call makes
// another one, and neither the cart's version nor its abandonment timer moves
// (spec/05 §1.6, decisions 14). It returns an Invalid fault when the checkout
// lacks something, and a Conflict fault when something cannot be sold.
func (s *Service) Create(ctx context.Context, store string, cartID cart.ID) (*Order, error) {
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return nil, err
	}
	c, err := s.carts.Get(ctx, store, cartID)
	if err != nil {
		return nil, gone(cartID, err)
	}
	o, err := s.draft(ctx, c, shop)
	if err != nil {
		return nil, err
	}
	return s.storage.CreateOrder(ctx, *o, []event.Event{{Scope: event.OrderCreated}})
}

// draft makes an order of a cart, without ids.
func (s *Service) draft(ctx context.Context, c *cart.Cart, shop cart.Shop) (*Order, error) {
	if err := checkReady(c); err != nil {
		return nil, err
	}
	if err := cart.CheckSale(c, shop); err != nil {
		return nil, err
	}
	now := s.now()
	o := &Order{Store: c.Store, Version: 1, Status: Incomplete, Cart: c.Clone(), Email: c.Checkout.Billing.Email,
		Message: c.Checkout.Message, Created: now, Modified: now}
	currency, def := shop.Store.Currency(c.Currency), shop.Store.DefaultCurrency()
	o.Currency = Currency{Code: c.Currency, DefaultID: def.ID, DefaultCode: def.Code}
	if currency != nil {
		o.Currency.ID, o.Currency.Rate = currency.ID, currency.Rate
	}
	q, err := s.Quote(ctx, c)
	o.Charges = q.Charges
	return o, err
}

// Quote is what has to be paid for a cart.
type Quote struct {
	// Total is what it costs, Charges what gift certificates pay of that, and Due
	// the rest.
	Total   money.Amount
	Charges []Charge
	Due     money.Amount
}

// Quote says what has to be paid for a cart, after the gift certificates of its
// checkout. It returns an Invalid fault for a certificate that cannot pay.
func (s *Service) Quote(ctx context.Context, c *cart.Cart) (Quote, error) {
	q := Quote{Total: pricing.Sum(c).Grand}
	q.Due = q.Total
	if c.Checkout == nil || len(c.Checkout.Certificates) == 0 {
		return q, nil
	}
	var certificates []Certificate
	for _, code := range c.Checkout.Certificates {
		cert, err := s.storage.FindCertificateByCode(ctx, c.Store, CertificateKey(code))
		if err != nil {
			return q, err
		}
		if cert == nil {
			return q, fault.New(fault.Invalid, "The gift certificate cannot be used.")
		}
		if err := cert.Check(c.Currency, s.now()); err != nil {
			return q, err
		}
		certificates = append(certificates, *cert)
	}
	var bought money.Amount
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Kind == cart.Gift {
			bought += l.ExtendedSale
		}
	}
	q.Charges = Charges(certificates, q.Total, bought)
	for _, ch := range q.Charges {
		q.Due -= ch.Amount
	}
	return q, nil
}

// Fields is what a request changes of an order. Nil fields stay.
type Fields struct {
	Status         *Status
	PaymentMethod  *string
	StaffNotes     *string
	Message        *string
	ExternalSource *string
	ExternalID     *string
}

// Update changes an order. The status of a paid order is the payment of an
// incomplete one (spec/05 §1.6): stock is taken, uses are counted and the cart
// is converted, all of it or nothing.
func (s *Service) Update(ctx context.Context, store string, orderID int64, f Fields) (*Order, error) {
	now := s.now()
	return s.storage.UpdateOrder(ctx, store, orderID, func(o *Order) ([]event.Event, error) {
		set(&o.PaymentMethod, f.PaymentMethod)
		set(&o.StaffNotes, f.StaffNotes)
		set(&o.Message, f.Message)
		set(&o.ExternalSource, f.ExternalSource)
		set(&o.ExternalID, f.ExternalID)
		events := []event.Event{{Scope: event.OrderUpdated}}
		if f.Status != nil && *f.Status != o.Status {
			before := o.Status
			if err := o.move(*f.Status, now); err != nil {
				return nil, err
			}
			events = append(events, moved(before, o.Status))
		}
		o.Modified = now
		return events, nil
	})
}

func moved(before, after Status) event.Event {
	return event.Event{Scope: event.OrderStatusUpdated, Before: int64(before), After: int64(after)}
}

// move gives the order another status, with what that means for payment and
// stock.
func (o *Order) move(to Status, now time.Time) error {
	if err := o.checkMove(to, o.PaymentMethod); err != nil {
		return err
	}
	if !o.Settled && to.settles(o.PaymentMethod) {
		o.Settled = true
		if o.PaymentMethod == "" {
			o.PaymentMethod = Manual
		}
	}
	o.Status, o.Payment = to, paymentFor(to, o.Payment)
	o.Held = o.Settled && !to.givesBack()
	if to == Shipped && o.Shipped.IsZero() {
		o.Shipped = now
	}
	return nil
}

// SetStatus changes the status of an order, as Update does.
func (s *Service) SetStatus(ctx context.Context, store string, orderID int64, to Status) (*Order, error) {
	return s.Update(ctx, store, orderID, Fields{Status: &to})
}

// Archive takes an order off the lists. It stays readable.
func (s *Service) Archive(ctx context.Context, store string, orderID int64) error {
	now := s.now()
	_, err := s.storage.UpdateOrder(ctx, store, orderID, func(o *Order) ([]event.Event, error) {
		if o.Archived {
			return nil, nil
		}
		o.Archived, o.Modified = true, now
		return []event.Event{{Scope: event.OrderArchived}}, nil
	})
	return err
}
