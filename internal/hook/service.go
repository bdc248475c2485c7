package hook

import (
	"context"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
)

// Owner is whose hooks are meant: those of an API client of a store.
type Owner struct{ Store, Client string }

// Filter selects hooks. Nil and "" select all.
type Filter struct {
	Active      *bool
	Scope       string
	Destination string
}

// DeliveryFilter selects deliveries. Zero values select all.
type DeliveryFilter struct {
	HookID int64
	Scope  string
	States []State
	// CreatedMin is the first instant of the event that counts, CreatedBefore
	// the first that counts no more.
	CreatedMin, CreatedBefore time.Time
}

// Storage keeps hooks and what was sent to them.
type Storage interface {
	// CreateHook calls check with the other hooks of the client, while nobody
	// else changes them, and stores a hook. It returns it with its id.
	CreateHook(ctx context.Context, h Hook, check func(others []Hook) error) (Hook, error)
	// UpdateHook calls change with a hook and all hooks of its client, and writes
	// it back. It returns a NotFound fault for a hook that the owner has not.
	UpdateHook(ctx context.Context, o Owner, id int64, change func(h *Hook, all []Hook) error) (Hook, error)
	// DeleteHook removes a hook and returns it, or a NotFound fault.
	DeleteHook(ctx context.Context, o Owner, id int64) (Hook, error)
	// FindHook returns a hook of this owner, or nil.
	FindHook(ctx context.Context, o Owner, id int64) (*Hook, error)
	// Hooks returns a part of the hooks that the filter selects.
	Hooks(ctx context.Context, o Owner, f Filter, r cursor.Range) (cursor.Part[Hook], error)

	// HookEmails returns the addresses that are told of failures.
	HookEmails(ctx context.Context, o Owner) ([]string, error)
	// SetHookEmails replaces them.
	SetHookEmails(ctx context.Context, o Owner, emails []string) error
	// Blocks returns the origins that get nothing at now.
	Blocks(ctx context.Context, o Owner, now time.Time) ([]Block, error)

	// Deliveries returns a part of the deliveries that the filter selects.
	Deliveries(ctx context.Context, o Owner, f DeliveryFilter, r cursor.Range) (cursor.Part[Delivery], error)
	// FindDelivery returns a delivery to a hook of this owner, or nil.
	FindDelivery(ctx context.Context, o Owner, id int64) (*Delivery, error)
	// ChangeDelivery calls change with a delivery and its hook, nil when that is
	// gone, and writes the delivery back. It returns a NotFound fault when the
	// owner has no such delivery.
	ChangeDelivery(ctx context.Context, o Owner, id int64, change func(*Delivery, *Hook) error) (Delivery, error)
}

// Service is what the API calls.
type Service struct {
	storage Storage
	policy  Policy
	clock   clock.Clock
}

// NewService returns a service on this storage.
func NewService(s Storage, p Policy, c clock.Clock) *Service { return &Service{s, p, c} }

// now is the present to the millisecond, the precision that is stored.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

// Create makes a hook. Scope and Destination must be set.
func (s *Service) Create(ctx context.Context, o Owner, f Fields) (Hook, error) {
	now := s.now()
	h := Hook{Store: o.Store, Client: o.Client, Active: true, Created: now, LastDelivery: now}
	h.apply(f, now)
	return s.storage.CreateHook(ctx, h, func(others []Hook) error { return h.check(others, s.policy) })
}

// Update changes a hook. One that is switched on again starts afresh.
func (s *Service) Update(ctx context.Context, o Owner, id int64, f Fields) (Hook, error) {
	if f.empty() {
		return Hook{}, fault.Field("body", fault.Missing)
	}
	h, err := s.storage.UpdateHook(ctx, o, id, func(h *Hook, all []Hook) error {
		h.apply(f, s.now())
		return h.check(all, s.policy)
	})
	return h, named(id, err)
}

// Delete removes a hook and returns what it was.
func (s *Service) Delete(ctx context.Context, o Owner, id int64) (Hook, error) {
	h, err := s.storage.DeleteHook(ctx, o, id)
	return h, named(id, err)
}

// Get returns a hook, or a NotFound fault.
func (s *Service) Get(ctx context.Context, o Owner, id int64) (*Hook, error) {
	h, err := s.storage.FindHook(ctx, o, id)
	if err == nil && h == nil {
		err = ErrNoHook(id)
	}
	return h, err
}

// List returns a part of the hooks that the filter selects.
func (s *Service) List(ctx context.Context, o Owner, f Filter, r cursor.Range) (cursor.Part[Hook], error) {
	return s.storage.Hooks(ctx, o, f, r)
}

// ErrNoHook is the refusal of a hook that is not there, or not the client's.
// id is what the request named.
func ErrNoHook(id any) error {
	return fault.Newf(fault.NotFound, "Webhook with id [%v] not found", id)
}

// named puts the id into a refusal of the storage.
func named(id int64, err error) error {
	if fault.Is(err, fault.NotFound) {
		return ErrNoHook(id)
	}
	return err
}

// Emails returns the addresses that are told of failures.
func (s *Service) Emails(ctx context.Context, o Owner) ([]string, error) {
	return s.storage.HookEmails(ctx, o)
}

// SetEmails replaces the addresses that are told of failures.
func (s *Service) SetEmails(ctx context.Context, o Owner, emails []string) error {
	return s.storage.SetHookEmails(ctx, o, emails)
}

// Blocked is an origin that gets nothing, and for how long.
type Blocked struct {
	Block

	Left time.Duration
}

// Blocked returns the origins that get nothing at present.
func (s *Service) Blocked(ctx context.Context, o Owner) ([]Blocked, error) {
	now := s.now()
	blocks, err := s.storage.Blocks(ctx, o, now)
	out := make([]Blocked, len(blocks))
	for i, b := range blocks {
		out[i] = Blocked{b, b.Until.Sub(now)}
	}
	return out, err
}

// Deliveries returns a part of the deliveries that the filter selects.
func (s *Service) Deliveries(ctx context.Context, o Owner, f DeliveryFilter, r cursor.Range) (cursor.Part[Delivery], error) {
	return s.storage.Deliveries(ctx, o, f, r)
}

// Delivery returns a delivery, or a NotFound fault.
func (s *Service) Delivery(ctx context.Context, o Owner, id int64) (*Delivery, error) {
	d, err := s.storage.FindDelivery(ctx, o, id)
	if err == nil && d == nil {
		err = fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return d, err
}

// Resend sends a delivery once more, whatever became of it. Its hook must be
// there and active.
func (s *Service) Resend(ctx context.Context, o Owner, id int64) (Delivery, error) {
	return s.storage.ChangeDelivery(ctx, o, id, func(d *Delivery, h *Hook) error {
		if h == nil || !h.Active {
			return fault.New(fault.Invalid, "The webhook of this delivery was deleted or is not active.")
		}
		*d = d.Again(s.now())
		return nil
	})
}
