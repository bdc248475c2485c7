package recovery

import (
	"context"
	"regexp"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// drawer keeps coupons, and has the codes that are drawn in use a few times.
type drawer struct {
	had    *Minted
	coupon *promotion.Coupon
	taken  int
	used   int64
	codes  map[string]*promotion.Code
}

func (d *drawer) FindMinted(context.Context, string, int64, int64, time.Time) (*Minted, *promotion.Coupon, error) {
	return d.had, d.coupon, nil
}

func (d *drawer) MintCoupon(_ context.Context, _ string, m Minted, c *promotion.Coupon, b *Budget) (Minted, *promotion.Coupon, error) {
	if d.taken > 0 {
		d.taken--
		return m, c, promotion.CodeTaken()
	}
	if b != nil && m.Reserved > b.Amount {
		return m, c, ErrBudget()
	}
	d.had, d.coupon = &m, c
	return m, c, nil
}

func (d *drawer) MintedCoupons(context.Context, string, CouponFilter, cursor.Range, time.Time) (cursor.Part[Minted], error) {
	return cursor.Part[Minted]{}, nil
}

func (d *drawer) CouponStanding(context.Context, string, *Budget, time.Time) (BudgetStanding, error) {
	return BudgetStanding{}, nil
}

func (d *drawer) FindCode(_ context.Context, _, key string) (*promotion.Code, error) {
	return d.codes[key], nil
}

func (d *drawer) CountUses(context.Context, string, promotion.Use, promotion.Shopper) (promotion.Uses, error) {
	return promotion.Uses{Total: d.used}, nil
}

// mailOf is a mail about a cart of one thing for 20 dollars.
func mailOf(t *testing.T, now time.Time, coupons ...*promotion.Coupon) MintOf {
	t.Helper()
	usd, err := merchant.NewCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	eur, err := merchant.NewCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	usd.Default, usd.Transactional, usd.Rate = true, true, money.RateOne
	eur.Transactional, eur.Rate = true, money.RateOne
	p := &catalog.Product{ID: 1, Name: "Lamp", Type: "physical", Price: 20 * money.Unit, Variants: []catalog.Variant{{ID: 10}}}
	shop := cart.Shop{
		Store: &merchant.Store{Hash: "demo", Name: "Lamps", Currencies: []merchant.Currency{usd, eur}}, Catalog: catalog.NewSnapshot(1, 1, []*catalog.Product{p}),
		Offers: promotion.NewOffers(1, promotion.DefaultSettings, nil, coupons),
	}
	c := &cart.Cart{ID: "c-1", Store: "demo", ChannelID: 1, Currency: "USD", Lines: []cart.Line{{ID: "l", Kind: cart.Physical, ProductID: 1, VariantID: 10, Quantity: 1}}}
	options := DefaultOptions()
	options.Coupons = []Mint{{Template: 2, Type: "percentage_discount", Amount: 10 * money.Unit, Minimum: 20 * money.Unit, ValidHours: 12}}
	return MintOf{Store: "demo", Shop: shop, Options: options, Cart: c, Episode: 3, Template: &Template{ID: 1}, Now: now}
}

// TestFixedCodes: a template's own code stands in the mail whatever it is, and
// the ledger says what is wrong with it.
func TestFixedCodes(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		code   string
		coupon func(*promotion.Coupon)
		used   int64
		detail string
	}{
		"none":                {"", nil, 0, ""},
		"good":                {"Back", func(*promotion.Coupon) {}, 0, "coupon Back"},
		"used, not too often": {"BACK", func(c *promotion.Coupon) { c.MaxUses = 2 }, 1, "coupon BACK"},
		"used up":             {"BACK", func(c *promotion.Coupon) { c.MaxUses = 2 }, 2, "coupon BACK has been used as often as it can be"},
		"disabled":            {"BACK", func(c *promotion.Coupon) { c.Enabled = false }, 0, "coupon BACK is disabled"},
		"not expired yet":     {"BACK", func(c *promotion.Coupon) { c.Expires = now.Add(time.Millisecond) }, 0, "coupon BACK"},
		"expired":             {"BACK", func(c *promotion.Coupon) { c.Expires = now }, 0, "coupon BACK has expired"},
		"of another cart":     {"BACK", func(c *promotion.Coupon) { c.Cart = "c-2" }, 0, "coupon BACK is of another cart"},
		"of a promotion":      {"PROMO", nil, 0, "coupon PROMO"},
		"of nothing":          {"GONE", nil, 0, "coupon GONE does not exist"},
	}
	for name, tc := range tests {
		var coupons []*promotion.Coupon
		if tc.coupon != nil {
			c := &promotion.Coupon{ID: 5, Code: "BACK", Type: promotion.PerTotal, Amount: money.Unit, Enabled: true}
			tc.coupon(c)
			coupons = append(coupons, c)
		}
		d := &drawer{used: tc.used, codes: map[string]*promotion.Code{"promo": {ID: 7, PromotionID: 1}}}
		of := mailOf(t, now, coupons...)
		of.Template.CouponCode = tc.code
		in, err := NewCoupons(d, d, clock.At(now)).Incentive(t.Context(), of)
		if err != nil || in.Code != tc.code || in.Detail != tc.detail || (in.Coupon != nil) != (tc.coupon != nil) || d.had != nil {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
}

// TestMintedCodes: which mails get a coupon that is made for them, and why
// others do not.
func TestMintedCodes(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		change func(*MintOf, *drawer)
		detail string // "" when there is one
	}{
		"one is made":             {func(*MintOf, *drawer) {}, ""},
		"in place of a fixed one": {func(of *MintOf, _ *drawer) { of.Template.CouponCode = "FIXED" }, ""},
		"at the second draw":      {func(_ *MintOf, d *drawer) { d.taken = 1 }, ""},
		"never a free code":       {func(_ *MintOf, d *drawer) { d.taken = 99 }, "no coupon: every code drawn is in use"},
		"within the budget":       {func(of *MintOf, _ *drawer) { of.Options.Budget = &Budget{Amount: 2 * money.Unit, Days: 1} }, ""},
		"beyond the budget": {func(of *MintOf, _ *drawer) { of.Options.Budget = &Budget{Amount: 2*money.Unit - 1, Days: 1} },
			"no coupon: coupon budget used up"},
		"below the minimum": {func(of *MintOf, _ *drawer) { of.Options.Coupons[0].Minimum += money.Unit },
			"no coupon: it requires a minimum purchase of 21.00 USD."},
		"in another currency": {func(of *MintOf, _ *drawer) { of.Cart.Currency = "EUR" }, "no coupon: Coupons only apply to default currency."},
		"beside a manual discount": {func(of *MintOf, _ *drawer) { of.Cart.Manual = true },
			"cannot be used together with a manual discount"},
		"made before": {func(_ *MintOf, d *drawer) {
			d.had, d.coupon = &Minted{State: CouponOpen}, &promotion.Coupon{Code: "BACK-BCDF-GHJK", Enabled: true}
		}, ""},
		"made before, and used": {func(_ *MintOf, d *drawer) {
			d.had, d.coupon = &Minted{Code: "X", State: CouponRedeemed}, &promotion.Coupon{Enabled: true}
		}, "its coupon X can no longer be used"},
		"made before, and disabled by somebody": {func(_ *MintOf, d *drawer) {
			d.had, d.coupon = &Minted{Code: "X", State: CouponOpen}, &promotion.Coupon{}
		}, "its coupon X can no longer be used"},
	}
	code := regexp.MustCompile(`^BACK-[B-DF-HJ-NP-TV-Z2-9]{4}-[B-DF-HJ-NP-TV-Z2-9]{4}$`)
	for name, tc := range tests {
		d, of := &drawer{}, mailOf(t, now)
		of.Template.ID = 2
		tc.change(&of, d)
		in, err := NewCoupons(d, d, clock.At(now)).Incentive(t.Context(), of)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.detail == "" && (!code.MatchString(in.Code) || in.Coupon == nil || in.Detail != "coupon "+in.Code):
			t.Errorf("%s: %+v", name, in)
		case tc.detail != "" && (in.Code != "" || in.Coupon != nil || !regexp.MustCompile(regexp.QuoteMeta(tc.detail)).MatchString(in.Detail)):
			t.Errorf("%s: %+v, want %s", name, in, tc.detail)
		}
	}
}

// TestBudgetStanding is what is left, and what counts for it.
func TestBudgetStanding(t *testing.T) {
	s := BudgetStanding{Budget: &Budget{Amount: 10, Days: 2}, Given: 3, Reserved: 4}
	if s.Left() != 3 {
		t.Errorf("left %d", s.Left())
	}
	if s.Given = 8; s.Left() != 0 { // a cart may grow after its coupon was made
		t.Errorf("left %d", s.Left())
	}
	if s.Budget = nil; s.Left() != money.Max {
		t.Errorf("left %d", s.Left())
	}
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	if got := (&Budget{Days: 2}).Begins(now); !got.Equal(now.Add(-48 * time.Hour)) {
		t.Errorf("begins at %v", got)
	}
	if !fault.Is(ErrBudget(), fault.Invalid) {
		t.Error("the refusal is no fault")
	}
}
