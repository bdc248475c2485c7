package recovery

import (
	"context"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/id"
)

// canonical returns an id in the lower case that carts are stored under. What is
// not a UUID is no cart.
func canonical(cartID cart.ID) (cart.ID, error) {
	if !id.IsUUID(string(cartID)) {
		return "", errNotFound()
	}
	return cart.ID(strings.ToLower(string(cartID))), nil
}

// ReportStorage keeps what reports are made of.
type ReportStorage interface {
	// MarkBot notes that a program made a cart, or that none did. It returns a
	// NotFound fault for a cart that never was.
	MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error
	// Sales lists sales by the ids of their orders.
	Sales(ctx context.Context, store string, f SaleFilter) ([]Sale, error)
	// CountRecovery counts every figure in a bounded time, grouped as the filter
	// says, and bots apart.
	CountRecovery(ctx context.Context, store string, f ReportFilter) ([]Count, error)
	// RecoveryEntries lists what a figure counts, the latest first, and returns
	// how many there are in all.
	RecoveryEntries(ctx context.Context, store string, figure Figure, bots bool, f ReportFilter, offset int64, limit int) ([]Entry, int64, error)
	// Holdouts counts those who were drawn, and whether they ordered, for each set
	// of mails that holds somebody out.
	Holdouts(ctx context.Context, store string, now time.Time) ([]Comparison, error)
	// CartPast returns what is kept of a cart, or nil when there never was one. Of
	// each kind it returns the latest MaxMoments.
	CartPast(ctx context.Context, store string, cartID cart.ID) (*CartPast, error)
}

// MaxMoments bounds how much of one kind a timeline tells.
const MaxMoments = 1000

// MarkBot says that a cart was made by a program and not by a shopper, or takes
// that back. It changes reports only, those of the past included: such a cart
// is counted apart, and mails go out as they would (decisions 18). It works on
// carts that are gone, and returns a NotFound fault for one that never was.
func (s *Service) MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error {
	cartID, err := canonical(cartID)
	if err != nil {
		return err
	}
	return s.storage.MarkBot(ctx, store, cartID, bot)
}
