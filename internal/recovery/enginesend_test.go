package recovery

import (
	"context"
	"log/slog"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/merchant"
)

// keeper notes what is kept of a mail.
type keeper struct {
	quietStorage
	kept    []Step // before it was handed over
	settled []Settlement
}

func (k *keeper) KeepStep(_ context.Context, _ string, _ int64, s Step) error {
	k.kept = append(k.kept, s)
	return nil
}

func (k *keeper) SettleStep(_ context.Context, s Settlement) error {
	k.settled = append(k.settled, s)
	return nil
}

// A mail that shows what its claim says is not kept once more before it is handed
// over; one that shows a cart which has changed since, or a code, is.
func TestAMailIsKeptWhereItDiffersFromItsClaim(t *testing.T) {
	changed := standing().Cart
	changed.Lines[0].Quantity = 2
	tests := map[string]struct {
		cart *cart.Cart
		code string
		kept []Step
	}{
		"as it was claimed": {standing().Cart, "", nil},
		"another quantity":  {changed, "", []Step{{Lines: []SentLine{{ID: "l", Quantity: 2}}}}},
		"a code":            {standing().Cart, "BACK", []Step{{Coupon: "BACK", Lines: []SentLine{{ID: "l", Quantity: 1}}}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, at := standing(), clock.At(left)
			for i := range s.Set {
				s.Set[i].CouponCode = tc.code
			}
			claim := decide(s, plainRules()).Claim
			k, ring := &keeper{}, &keyring{store: merchant.Store{Hash: "a"}, cart: tc.cart}
			e := NewEngine(EngineConfig{Storage: k, Service: NewService(nil, ring, ring, nil, at), Mailer: &postman{}, Clock: at, Log: slog.New(slog.DiscardHandler)})
			shop, err := ring.Shop(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			if err := e.send(t.Context(), shipment{claim: claim, shop: shop, options: DefaultOptions(), links: newLinks(shop, DefaultOptions()), now: left}); err != nil {
				t.Fatal(err)
			}
			if len(k.settled) != 1 || k.settled[0].Step.State != Sent {
				t.Fatalf("settled was %+v", k.settled)
			}
			if len(k.kept) != len(tc.kept) {
				t.Fatalf("kept was %+v", k.kept)
			}
			for i, want := range tc.kept {
				if !sameMail(k.kept[i], want) {
					t.Errorf("kept was %+v, want %+v", k.kept[i], want)
				}
			}
			if got := k.settled[0].Step; got.Lines[0].Quantity != tc.cart.Lines[0].Quantity || got.Coupon != tc.code {
				t.Errorf("settled as %+v", got)
			}
		})
	}
}
