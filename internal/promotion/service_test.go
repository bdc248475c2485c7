package promotion_test

import (
	"context"
	"testing"

	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/promotion"
)

// memory is a Storage without codes and uses; only what is called is there.
type memory struct {
	promotion.Storage
	shelf promotion.Shelf
}

func (m memory) Shelf(context.Context, string) (promotion.Shelf, error) { return m.shelf, nil }

func (m memory) PromotionUses(context.Context, string, []int64) (map[int64]int64, error) {
	return nil, nil
}

func (m memory) Codes(context.Context, string, promotion.CodeFilter, cursor.Range) (cursor.Part[promotion.Code], error) {
	return cursor.Part[promotion.Code]{}, nil
}

// TestInvalidPromotions: an enabled promotion is shown as invalid once what it
// cannot do without has gone, and is stored as it was.
func TestInvalidPromotions(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*promotion.Promotion)
		want   promotion.Status
	}{
		"nothing is missing":           {func(*promotion.Promotion) {}, promotion.Enabled},
		"every currency":               {func(p *promotion.Promotion) { p.Currency = promotion.AnyCurrency }, promotion.Enabled},
		"a currency that is off":       {func(p *promotion.Promotion) { p.Currency = "EUR" }, promotion.Invalid},
		"a currency that is gone":      {func(p *promotion.Promotion) { p.Currency = "JPY" }, promotion.Invalid},
		"one channel of two":           {func(p *promotion.Promotion) { p.Channels = []int64{1, 2} }, promotion.Enabled},
		"no channel of two":            {func(p *promotion.Promotion) { p.Channels = []int64{2, 3} }, promotion.Invalid},
		"its gift":                     {func(p *promotion.Promotion) { p.Rules = []promotion.Rule{{Action: gift(8, 0)}} }, promotion.Invalid},
		"the variant that it gives":    {func(p *promotion.Promotion) { p.Rules = []promotion.Rule{{Action: gift(0, 71)}} }, promotion.Invalid},
		"a gift that is there":         {func(p *promotion.Promotion) { p.Rules = []promotion.Rule{{Action: gift(7, 0)}} }, promotion.Enabled},
		"a disabled one, whatever for": {func(p *promotion.Promotion) { p.Status, p.Currency = promotion.Disabled, "JPY" }, promotion.Disabled},
	} {
		p := &promotion.Promotion{ID: 1, Status: promotion.Enabled, Currency: "USD"}
		tc.change(p)
		stored := p.Status
		m := memory{shelf: shelf(p)}
		l, err := promotion.NewService(m, m, clock.At(noon)).Get(t.Context(), "a", 1)
		if err != nil || l.Shown != tc.want || p.Status != stored {
			t.Errorf("%s: shown as %s, %v", name, l.Shown, err)
		}
	}
}
