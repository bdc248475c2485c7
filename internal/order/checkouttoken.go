package order

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// The bounds of a checkout token (spec/05 §1.7), and what one has that states
// nothing: it can be used once, for a day.
const (
	MaxTokenLife     = 2_592_000 * time.Second
	MaxTokenUses     = 1000
	DefaultTokenLife = 24 * time.Hour
	DefaultTokenUses = 1
)

// Token lets whoever has it see the confirmation of the order that comes out of
// a checkout, as often as it says. The token itself is only known to whoever
// made it; its hash is stored.
type Token struct {
	Store    string
	Hash     string
	Checkout cart.ID
	Uses     int64 // that are left
	Expires  time.Time
}

// TokenStorage keeps checkout tokens.
type TokenStorage interface {
	// AddCheckoutToken stores a token.
	AddCheckoutToken(ctx context.Context, t Token) error
	// UseCheckoutToken takes one use of a token and returns it, or nil when there
	// is no such token, it is used up, or it has expired.
	UseCheckoutToken(ctx context.Context, store, hash string, now time.Time) (*Token, error)
}

// NewToken makes a token for a checkout that exists: 64 hex digits. It works
// once KeepToken has stored it.
func (s *Checkouts) NewToken(ctx context.Context, store string, checkout cart.ID, uses int64, life time.Duration) (string, Token, error) {
	if uses < 1 || uses > MaxTokenUses || life < time.Second || life > MaxTokenLife {
		return "", Token{}, fault.New(fault.Invalid, "Invalid input")
	}
	c, err := s.Get(ctx, store, checkout)
	if err != nil {
		return "", Token{}, err
	}
	token := id.Hex(32)
	return token, Token{Store: store, Hash: id.Hash(token), Checkout: c.ID, Uses: uses, Expires: s.Now().Add(life)}, nil
}

// KeepToken stores a token.
func (s *Checkouts) KeepToken(ctx context.Context, t Token) error {
	return s.tokens.AddCheckoutToken(ctx, t)
}

// UseToken takes one use of a token and returns the id of its checkout, whose
// cart may be gone by then. It returns a NotFound fault for a token that is
// unknown, used up or expired.
func (s *Checkouts) UseToken(ctx context.Context, store, token string) (cart.ID, error) {
	t, err := s.tokens.UseCheckoutToken(ctx, store, id.Hash(token), s.Now())
	if err != nil {
		return "", err
	}
	if t == nil {
		return "", fault.New(fault.NotFound, "The link is unknown, used or expired.")
	}
	return t.Checkout, nil
}
