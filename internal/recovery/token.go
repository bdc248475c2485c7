package recovery

import (
	"context"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// Token is what leads from a mail, or a webhook, back to a cart: 32 hexadecimal
// digits, made at random (spec/02 §2).
type Token struct {
	Store   string
	Hash    string // id.Hash of the token
	Purpose Purpose
	Cart    cart.ID
	Episode int64
	// Template is the mail that the token stood in; 0 is the webhook.
	Template int64
	Address  string // hash; "" for the webhook
	Plain    string // the token itself, of a webhook's only
	Created  time.Time
}

// Purpose is what a token is for.
type Purpose string

// The purposes of tokens.
const (
	Recover     Purpose = "recover"
	Unsubscribe Purpose = "unsubscribe"
)

// TokenStorage keeps what leads back to carts.
type TokenStorage interface {
	// FindRecoveryToken returns a token by its hash, or nil.
	FindRecoveryToken(ctx context.Context, store, hash string) (*Token, error)
	// NoteLookUp notes that a shop looked up the token of a mail, once in
	// LookUpEvery.
	NoteLookUp(ctx context.Context, t *Token, at time.Time) error
}

// tokenBytes is how many random bytes a token has: 128 bits (spec/02 §2).
const tokenBytes = 16

// NewToken returns a new token, and the hash under which it is kept.
func NewToken() (plain, hash string) {
	plain = id.Hex(tokenBytes)
	return plain, id.Hash(plain)
}

// ReadToken returns a token as it is known: 32 lower-case hexadecimal digits.
// It may be written as a UUID is, and in capitals (spec/02 §2). ok is false for
// what is no token.
func ReadToken(s string) (token string, ok bool) {
	if len(s) > 4*tokenBytes {
		return "", false
	}
	token = strings.ToLower(strings.ReplaceAll(s, "-", ""))
	if len(token) != 2*tokenBytes || strings.Trim(token, "0123456789abcdef") != "" {
		return "", false
	}
	return token, true
}

// Resolve returns what a token stands for. Its cart may be gone. It returns a
// Malformed fault for what has not the form of a token, and a NotFound fault for
// one that is unknown or for another purpose. Nothing is used up by it.
func (s *Service) Resolve(ctx context.Context, store, plain string, purpose Purpose) (*Token, error) {
	token, ok := ReadToken(plain)
	if !ok {
		return nil, fault.New(fault.Malformed, "Input is invalid")
	}
	t, err := s.storage.FindRecoveryToken(ctx, store, id.Hash(token))
	if err != nil {
		return nil, err
	}
	if t == nil || t.Purpose != purpose {
		return nil, errNotFound()
	}
	return t, nil
}

// LookUpEvery is how often look-ups of one token are noted at most: a shop may
// ask at every page that it shows.
const LookUpEvery = time.Hour

// LookUp returns the cart that a token leads to (spec/02 §2). It returns the
// faults of Resolve, and the same NotFound fault for a cart that is gone. It
// changes neither cart nor episode. Where a site has its own page for links from
// mails, this is how the visit of a shopper shows, and it is noted as one
// (decisions 16).
func (s *Service) LookUp(ctx context.Context, store, plain string) (cart.ID, error) {
	t, err := s.Resolve(ctx, store, plain, Recover)
	if err != nil {
		return "", err
	}
	c, err := s.carts.Get(ctx, store, t.Cart)
	if fault.Is(err, fault.NotFound) {
		return "", errNotFound()
	}
	if err != nil || t.Template == 0 {
		return t.Cart, err
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return "", err
	}
	if ownLanding(shop.Store, c.ChannelID) == nil {
		return t.Cart, nil
	}
	return t.Cart, s.storage.NoteLookUp(ctx, t, s.now())
}
