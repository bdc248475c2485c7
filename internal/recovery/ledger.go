package recovery

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
)

// LedgerStorage keeps why mails were sent or not, and to whom none are.
type LedgerStorage interface {
	// Decisions lists the ledger of a store by id.
	Decisions(ctx context.Context, store string, f DecisionFilter, r cursor.Range) (cursor.Part[Decision], error)
	// Suppressions lists who is not written to, by id. A hash that is not ""
	// picks one.
	Suppressions(ctx context.Context, store, hash string, r cursor.Range) (cursor.Part[SuppressedAddress], error)
	// Suppress puts an address on the list and returns its entry. One that is on
	// it stays there as it is, unless its owner asked for it only now.
	Suppress(ctx context.Context, store, hash string, why Suppression, at time.Time) (SuppressedAddress, error)
	// Unsuppress takes an address off the list, and reports whether it was on it.
	Unsuppress(ctx context.Context, store, hash string) (bool, error)
	// Unsubscribe puts the address of a token on the list, takes back what its
	// owner agreed to, and notes the visit, in one transaction. It returns nil
	// for an unknown token.
	Unsubscribe(ctx context.Context, store, tokenHash string, at time.Time) (*Token, error)
	// TakeBounces keeps what mail servers reported, in one transaction.
	TakeBounces(ctx context.Context, store string, all []Bounce, at time.Time) (Bounces, error)
}

// DecisionFilter picks rows of the ledger. Zero values pick all.
type DecisionFilter struct {
	Cart     cart.ID
	Template int64
	Outcome  StepState
	Reason   Reason
	// Min and Before bound when the decision was made; Before is excluded.
	Min, Before time.Time
}

// Outcomes are what a decision can make of a step.
var Outcomes = []StepState{Claimed, Sent, Deferred, Failed, Unknown, Skipped, HeldOut, Canceled}

// Reasons are why decisions are made.
var Reasons = []Reason{Due, Accepted, NotificationsOff, NoAddress, NoConsent, Suppressed, FirstMailOnly, Superseded, TooLate, Restored, FrequencyCap,
	QuietHours, HoldOut, OrderedElsewhere, EpisodeEnded, CartGone, CartEmpty, TemplateOff, RenderFailed, TemporaryRefusal, Refused,
	AttemptsOver, NoAnswer, Interrupted}

// Decisions returns a part of the ledger: why shoppers got mails, or did not.
func (s *Service) Decisions(ctx context.Context, store string, f DecisionFilter, r cursor.Range) (cursor.Part[Decision], error) {
	return s.storage.Decisions(ctx, store, f, r)
}
