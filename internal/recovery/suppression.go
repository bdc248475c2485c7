package recovery

import (
	"context"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// Suppression is why an address is not written to.
type Suppression string

// The reasons. Whatever put an address on the list, only taking it off again
// (Unsuppress) lets mails go there: no consent that is given later does.
const (
	ByShopper    Suppression = "unsubscribed"
	ByHardBounce Suppression = "hard_bounce" // there is no such address
	ByComplaint  Suppression = "complaint"   // somebody called a mail spam
	ByMerchant   Suppression = "merchant"    // put on the list over the API
)

// SuppressionReasons are all of them.
var SuppressionReasons = []Suppression{ByShopper, ByHardBounce, ByComplaint, ByMerchant}

// SuppressedAddress is an entry of the list: it outlives the customer, so the
// address itself is not in it.
type SuppressedAddress struct {
	ID     int64
	Hash   string // AddressHash
	Reason Suppression
	At     time.Time
}

// Suppressions returns a part of the list of who is not written to.
func (s *Service) Suppressions(ctx context.Context, store string, f SuppressionFilter, r cursor.Range) (cursor.Part[SuppressedAddress], error) {
	return s.storage.Suppressions(ctx, store, f.hash(store), r)
}

// SuppressionFilter picks an entry by the address or by its hash; none picks
// all.
type SuppressionFilter struct{ Email, Hash string }

func (f SuppressionFilter) hash(store string) string {
	if f.Email != "" {
		return AddressHash(store, f.Email)
	}
	return strings.ToLower(f.Hash)
}

// Suppress puts an address on the list. One that is on it stays there for the
// reason that put it there, unless its owner asked for it only now.
func (s *Service) Suppress(ctx context.Context, store, email string, why Suppression) (SuppressedAddress, error) {
	return s.storage.Suppress(ctx, store, AddressHash(store, email), why, s.now())
}

// Unsuppress takes an address off the list. It returns a NotFound fault for one
// that is not on it.
func (s *Service) Unsuppress(ctx context.Context, store string, f SuppressionFilter) error {
	was, err := s.storage.Unsuppress(ctx, store, f.hash(store))
	if err == nil && !was {
		err = errNotFound()
	}
	return err
}

// UnsubscribeToken does what the link in a mail promises: the address gets no
// more of these mails. It is put on the list, and what its owner agreed to, as
// a customer and as a subscriber, is taken back. It works when the cart is
// gone, and doing it again changes nothing. It returns the faults of Resolve.
func (s *Service) UnsubscribeToken(ctx context.Context, store, plain string) (*Token, error) {
	token, ok := ReadToken(plain)
	if !ok {
		return nil, fault.New(fault.Malformed, "Input is invalid")
	}
	t, err := s.storage.Unsubscribe(ctx, store, id.Hash(token), s.now())
	if err == nil && t == nil {
		err = errNotFound()
	}
	return t, err
}

// BounceKind is what came back of a mail.
type BounceKind string

// The kinds of bounces.
const (
	HardBounce BounceKind = "hard" // there is no such address
	SoftBounce BounceKind = "soft" // full, or away: it may work another time
	Complaint  BounceKind = "complaint"
)

// BounceKinds are all of them.
var BounceKinds = []BounceKind{HardBounce, SoftBounce, Complaint}

// MaxBounces bounds the reports of one request.
const MaxBounces = 500

// Bounce is what a mail server, or a provider, reported of a mail.
type Bounce struct {
	Email string
	Kind  BounceKind
	// MessageID is that of the mail, "" when it is not known. The brackets may be
	// there or not.
	MessageID string
}

// Suppression is why the address is not written to after it; "" when it is.
func (b Bounce) Suppression() Suppression {
	switch b.Kind {
	case HardBounce:
		return ByHardBounce
	case Complaint:
		return ByComplaint
	case SoftBounce:
	}
	return ""
}

// Bounces says what reports led to. What was reported before leads to nothing.
type Bounces struct {
	// Suppressed counts addresses that are new on the list, Recorded mails of
	// which it is now known that they came back.
	Suppressed, Recorded int
}

// TakeBounces keeps reports of mails that came back: the address of a hard
// bounce, or of a complaint, is not written to any more; and the mail it is
// about, when it is one of ours, has it in its history. A soft bounce changes
// nothing: the mail server goes on trying. The same report again changes
// nothing.
func (s *Service) TakeBounces(ctx context.Context, store string, all []Bounce) (Bounces, error) {
	return s.storage.TakeBounces(ctx, store, all, s.now())
}
