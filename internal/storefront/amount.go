package storefront

import (
	"strings"

	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// formatAmount writes an amount the way the store shows its currency
// (spec/05 §6): 1,234.50 with the token on its side.
func formatAmount(cur *merchant.Currency, a money.Amount) string {
	digits, negative := strings.CutPrefix(a.Fixed(cur.DecimalPlaces), "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteString("−")
	}
	if cur.TokenLocation != "right" {
		b.WriteString(strings.ReplaceAll(cur.Token, " ", noBreak))
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(cur.ThousandsToken)
		}
		b.WriteByte(whole[i])
	}
	if fraction != "" {
		b.WriteString(cur.DecimalToken)
		b.WriteString(fraction)
	}
	if cur.TokenLocation == "right" {
		b.WriteString(noBreak + strings.TrimSpace(cur.Token))
	}
	return b.String()
}

// noBreak is a space that does not end a line.
const noBreak = "\u00a0"

// currencyOf returns how a cart's currency is shown. A currency that the store
// has given up since is shown by its code.
func currencyOf(store *merchant.Store, code string) *merchant.Currency {
	if cur := store.Currency(code); cur != nil {
		return cur
	}
	if cur, err := merchant.NewCurrency(code); err == nil {
		return &cur
	}
	return &merchant.Currency{Code: code, Token: code + " ", DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: 2}
}

// prices writes catalog prices in a channel's currency.
type prices struct{ currency *merchant.Currency }

func (v *visit) prices() prices { return prices{v.shop.Store.ChannelCurrency(v.channel)} }

// show writes a price of the catalog. One too large to be converted is one
// that nobody can buy; it is shown as it is.
func (p prices) show(a money.Amount) string {
	converted, err := p.currency.Rate.Convert(a, p.currency.DecimalPlaces)
	if err != nil {
		converted = a
	}
	return formatAmount(p.currency, converted)
}
