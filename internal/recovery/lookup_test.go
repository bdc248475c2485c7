package recovery

import (
	"context"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
)

// keyring is a store with one cart, to which tokens lead.
type keyring struct {
	Storage

	tokens map[string]Token // by what they are
	store  merchant.Store
	cart   *cart.Cart // nil when it is gone
	noted  []Token
}

func (k *keyring) FindRecoveryToken(_ context.Context, _, hash string) (*Token, error) {
	for plain, t := range k.tokens {
		if id.Hash(plain) == hash {
			return &t, nil
		}
	}
	return nil, nil
}

func (k *keyring) NoteLookUp(_ context.Context, t *Token, _ time.Time) error {
	k.noted = append(k.noted, *t)
	return nil
}

func (k *keyring) Shop(context.Context, string) (cart.Shop, error) {
	return cart.Shop{Store: &k.store}, nil
}

func (k *keyring) Get(context.Context, string, cart.ID) (*cart.Cart, error) {
	if k.cart == nil {
		return nil, &fault.Error{Kind: fault.NotFound}
	}
	return k.cart, nil
}

// TestLookUpIsAVisit is decisions 16: where a site has its own page for links
// from mails, and only there, asking for a mail's token is the visit.
func TestLookUpIsAVisit(t *testing.T) {
	const mail, webhook, unsubscribe = "00000000000000000000000000000001", "00000000000000000000000000000002", "00000000000000000000000000000003"
	route := []merchant.Route{{Type: recoverRoute, Matching: anyOne, Route: "/back/"}}
	own := []merchant.Site{{ChannelID: 1}, {ChannelID: 2, Routes: route}}
	tests := map[string]struct {
		token   string
		channel int64
		sites   []merchant.Site
		gone    bool
		kind    fault.Kind // 0: the cart is found
		noted   bool
	}{
		"a mail's, a page of its own":           {mail, 2, own, false, 0, true},
		"no page of its own":                    {mail, 1, own, false, 0, false},
		"no site, the default one has a page":   {mail, 3, []merchant.Site{{ChannelID: 1, Routes: route}}, false, 0, true},
		"no site at all":                        {mail, 2, nil, false, 0, false},
		"the webhook's":                         {webhook, 2, own, false, 0, false},
		"the cart is gone":                      {mail, 2, own, true, fault.NotFound, false},
		"the cart of the webhook's is gone":     {webhook, 2, own, true, fault.NotFound, false},
		"that of an unsubscribe link":           {unsubscribe, 2, own, false, fault.NotFound, false},
		"unknown":                               {"0000000000000000000000000000000f", 2, own, false, fault.NotFound, false},
		"without the form of a token":           {"305c", 2, own, false, fault.Malformed, false},
		"a mail's, written as others write it":  {"00000000-0000-0000-0000-000000000001", 2, own, false, 0, true},
		"a page for something else than a link": {mail, 2, []merchant.Site{{ChannelID: 2, Routes: []merchant.Route{{Type: "cart", Matching: anyOne}}}}, false, 0, false},
	}
	for name, tc := range tests {
		k := &keyring{store: merchant.Store{Hash: "a", Sites: tc.sites}, cart: &cart.Cart{ID: "c", ChannelID: tc.channel}, tokens: map[string]Token{
			mail:        {Purpose: Recover, Cart: "c", Episode: 4, Template: 2},
			webhook:     {Purpose: Recover, Cart: "c", Episode: 1},
			unsubscribe: {Purpose: Unsubscribe, Cart: "c", Episode: 4, Template: 2},
		}}
		if tc.gone {
			k.cart = nil
		}
		s := NewService(k, k, k, nil, clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)))
		got, err := s.LookUp(t.Context(), "a", tc.token)
		if tc.kind == 0 && (got != "c" || err != nil) || tc.kind != 0 && !fault.Is(err, tc.kind) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if (len(k.noted) > 0) != tc.noted {
			t.Errorf("%s: noted %+v", name, k.noted)
		}
	}
}
