package customer

import (
	"context"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
)

// Filter selects customers. Nil lists and zero times select all.
type Filter struct {
	IDs      []int64
	Emails   []string
	Groups   []int64
	NameLike string
	Dates
}

// Dates selects by when an entry was made and last changed. Min is the first
// instant that counts, Before the first that counts no more.
type Dates struct {
	CreatedMin, CreatedBefore   time.Time
	ModifiedMin, ModifiedBefore time.Time
}

// SubscriberFilter selects subscribers. Empty fields select all.
type SubscriberFilter struct {
	IDs       []int64
	Email     string
	FirstName string
	LastName  string
	Source    string
	OrderID   int64
	Dates
}

// Storage keeps customers and subscribers.
type Storage interface {
	// Customers returns a part of the customers that the filter selects.
	Customers(ctx context.Context, store string, f Filter, r cursor.Range) (cursor.Part[Customer], error)
	// CreateCustomers stores all of these customers, or none, and returns them
	// with their ids. It returns an Invalid fault for an address in use.
	CreateCustomers(ctx context.Context, store string, cs []Customer) ([]Customer, error)

	// Subscribers returns a part of the subscribers that the filter selects.
	Subscribers(ctx context.Context, store string, f SubscriberFilter, r cursor.Range) (cursor.Part[Subscriber], error)
	// FindSubscriber returns a subscriber, or nil.
	FindSubscriber(ctx context.Context, store string, id int64) (*Subscriber, error)
	// CreateSubscriber stores a subscriber and returns it with its id. It
	// returns a Conflict fault for an address that is there on its channel.
	CreateSubscriber(ctx context.Context, store string, s Subscriber) (Subscriber, error)
	// UpdateSubscriber calls change with a subscriber and writes it back. It
	// returns a NotFound fault when there is none, and a Conflict fault when
	// its new address is there on its channel.
	UpdateSubscriber(ctx context.Context, store string, id int64, change func(*Subscriber)) (Subscriber, error)
	// DeleteSubscribers removes what the filter selects and returns how many.
	DeleteSubscribers(ctx context.Context, store string, f SubscriberFilter) (int64, error)
}

// Service is what the surfaces call. What reaches into carts, changing and
// deleting customers, is in cart.Accounts.
type Service struct {
	storage Storage
	clock   clock.Clock
}

// NewService returns a service on this storage.
func NewService(storage Storage, c clock.Clock) *Service { return &Service{storage, c} }

// now is the present to the millisecond, the precision that is stored.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

// List returns a part of the customers that the filter selects.
func (s *Service) List(ctx context.Context, store string, f Filter, r cursor.Range) (cursor.Part[Customer], error) {
	return s.storage.Customers(ctx, store, f, r)
}

// Create makes customers: all of them, or none (spec/05 §3).
func (s *Service) Create(ctx context.Context, store string, in []Fields) ([]Customer, error) {
	cs, err := Make(in, s.now())
	if err != nil {
		return nil, err
	}
	return s.storage.CreateCustomers(ctx, store, cs)
}

// Subscribers returns a part of the subscribers that the filter selects.
func (s *Service) Subscribers(ctx context.Context, store string, f SubscriberFilter, r cursor.Range) (cursor.Part[Subscriber], error) {
	return s.storage.Subscribers(ctx, store, f, r)
}

// Subscriber returns a subscriber, or a NotFound fault.
func (s *Service) Subscriber(ctx context.Context, store string, id int64) (*Subscriber, error) {
	sub, err := s.storage.FindSubscriber(ctx, store, id)
	if err == nil && sub == nil {
		err = fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return sub, err
}

// Subscribe notes an address and what its owner agreed to.
func (s *Service) Subscribe(ctx context.Context, store string, f SubscriberFields) (Subscriber, error) {
	now := s.now()
	sub := Subscriber{ChannelID: 1, Source: "custom", Created: now}
	sub.Apply(f, now)
	return s.storage.CreateSubscriber(ctx, store, sub)
}

// UpdateSubscriber changes a subscriber.
func (s *Service) UpdateSubscriber(ctx context.Context, store string, id int64, f SubscriberFields) (Subscriber, error) {
	now := s.now()
	return s.storage.UpdateSubscriber(ctx, store, id, func(sub *Subscriber) { sub.Apply(f, now) })
}

// DeleteSubscriber removes one subscriber, or returns a NotFound fault.
func (s *Service) DeleteSubscriber(ctx context.Context, store string, id int64) error {
	n, err := s.storage.DeleteSubscribers(ctx, store, SubscriberFilter{IDs: []int64{id}})
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return err
}

// DeleteSubscribers removes the subscribers that the filter selects; an empty
// filter selects all.
func (s *Service) DeleteSubscribers(ctx context.Context, store string, f SubscriberFilter) error {
	_, err := s.storage.DeleteSubscribers(ctx, store, f)
	return err
}
