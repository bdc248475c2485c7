package recovery

import (
	"context"
	"time"

	"cartwright/internal/cart"
)

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
}

// MarkBot says that a cart was made by a program and not by a shopper, or takes
// that back. It changes reports only, those of the past included: such a cart
// is counted apart, and mails go out as they would (decisions 18). It works on
// carts that are gone, and returns a NotFound fault for one that never was.
func (s *Service) MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error {
	return s.storage.MarkBot(ctx, store, cartID, bot)
}
