package recovery

import (
	"context"

	"cartwright/internal/cart"
)

// ReportStorage keeps what reports are made of.
type ReportStorage interface {
	// MarkBot notes that a program made a cart, or that none did. It returns a
	// NotFound fault for a cart that never was.
	MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error
	// Sales lists sales by the ids of their orders.
	Sales(ctx context.Context, store string, f SaleFilter) ([]Sale, error)
}

// MarkBot says that a cart was made by a program and not by a shopper, or takes
// that back. It changes reports only, those of the past included: such a cart
// is counted apart, and mails go out as they would (decisions 18). It works on
// carts that are gone, and returns a NotFound fault for one that never was.
func (s *Service) MarkBot(ctx context.Context, store string, cartID cart.ID, bot bool) error {
	return s.storage.MarkBot(ctx, store, cartID, bot)
}
