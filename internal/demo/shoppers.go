package demo

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// Shop is what shoppers, and the people behind the counter, do things with.
type Shop struct {
	Carts      *cart.Service
	Checkouts  *order.Checkouts
	Orders     *order.Service
	Recoveries *recovery.Service
	Catalog    *catalog.Service
	Customers  Customers
	Shops      interface {
		Shop(ctx context.Context, store string) (cart.Shop, error)
	}
	Clock interface{ Now() time.Time }
	Log   *slog.Logger
}

// Customers is what Shoppers needs of customer.Service.
type Customers interface {
	List(ctx context.Context, store string, f customer.Filter, r cursor.Range) (cursor.Part[customer.Customer], error)
	Create(ctx context.Context, store string, in []customer.Fields) ([]customer.Customer, error)
}

// Shoppers are people who fill carts, leave and come back, as a task that falls
// due: in real time, and along a winding of the clock. What they do is drawn
// from a fixed seed; they use the services that the pages for shoppers use. They
// forget what they were up to when the server stops.
type Shoppers struct {
	Shop
	people []shopper
	of     map[string]*shopper // by address

	mu sync.Mutex
	// agenda is what somebody is going to do; guarded by mu, as what follows.
	agenda []entry
	// known is the hour up to which it is known who comes.
	known time.Time
	ids   []int64 // of the customers, by number
}

// entry is something that somebody is going to do at an instant.
type entry struct {
	at time.Time
	do func(ctx context.Context) error
}

// NewShoppers returns shoppers who come from now on.
func NewShoppers(s Shop) *Shoppers {
	all := people()
	out := &Shoppers{Shop: s, people: all, of: map[string]*shopper{}}
	for i := range all {
		out.of[all[i].email] = &all[i]
	}
	return out
}

// Name implements jobs.Task.
func (s *Shoppers) Name() string { return "go shopping in the demo" }

// Next implements jobs.Task.
func (s *Shoppers) Next(context.Context) (time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.IsZero() {
		// What is before now has been; this hour's visitors come, if they are late.
		s.known = s.Clock.Now().Truncate(time.Hour)
	}
	for first := s.first(); first.IsZero() || !first.Before(s.known); first = s.first() {
		s.invite(s.known, s.Clock.Now())
		s.known = s.known.Add(time.Hour)
	}
	return s.first(), true, nil
}

// first is when something is done next; zero for never. The caller holds mu.
func (s *Shoppers) first() time.Time {
	if len(s.agenda) == 0 {
		return time.Time{}
	}
	return s.agenda[0].at
}

// invite notes who comes in an hour, after some instant. The caller holds mu.
func (s *Shoppers) invite(hour, after time.Time) {
	if hour.UTC().Hour() == 5 {
		s.note(hour, s.restock)
	}
	for _, v := range visitsOf(hour) {
		if v.at.After(after) {
			s.note(v.at, (&errand{visit: v, who: &s.people[v.shopper], shop: s}).fill)
		}
	}
}

// note keeps the agenda in order. The caller holds mu.
func (s *Shoppers) note(at time.Time, do func(context.Context) error) {
	n, _ := slices.BinarySearchFunc(s.agenda, at, func(e entry, at time.Time) int {
		if e.at.After(at) {
			return 1
		}
		return -1 // behind those of the same instant
	})
	s.agenda = slices.Insert(s.agenda, n, entry{at, do})
}

// in has somebody do something after a while.
func (s *Shoppers) in(after time.Duration, do func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(s.Clock.Now().Add(after).Truncate(grain*time.Second).Add(grain*time.Second), do)
}

// Run implements jobs.Task: everybody whose time has come does what they are up
// to, all at once, so that they share what a commit costs. What a shop refuses
// is part of life: it is out of stock, or the cart is gone.
func (s *Shoppers) Run(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	due := 0
	for due < len(s.agenda) && !s.agenda[due].at.After(now) {
		due++
	}
	todo := slices.Clone(s.agenda[:due])
	s.agenda = slices.Delete(s.agenda, 0, due)
	s.mu.Unlock()
	if err := s.register(ctx); err != nil {
		return err
	}
	errs := make([]error, len(todo))
	var all sync.WaitGroup
	for i, e := range todo {
		all.Go(func() { errs[i] = e.do(ctx) })
	}
	all.Wait()
	for i, err := range errs {
		var changed *order.Changed
		if fault.As(err) != nil || errors.As(err, &changed) {
			s.Log.Debug("a shopper of the demo was refused", "error", err)
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}

// register gives those who have one their account, once.
func (s *Shoppers) register(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids != nil {
		return nil
	}
	ids, err := accounts(ctx, s.Customers, s.people[:customers])
	s.ids = ids
	return err
}

// customerID is the account of a shopper; 0 for a guest.
func (s *Shoppers) customerID(p *shopper) int64 {
	if !p.customer {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[p.number]
}

// channel is the id of one of the store's channels.
func channel(st *merchant.Store, n int) int64 {
	return st.Channels[min(n, len(st.Channels)-1)].ID
}
