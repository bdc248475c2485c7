package merchant

import (
	"strings"

	"cartwright/internal/money"
)

// NoBreak is a space that does not end a line.
const NoBreak = "\u00a0"

// Format writes an amount the way the store shows its currency (spec/05 §6):
// 1,234.50 with the token on its side.
func (c *Currency) Format(a money.Amount) string {
	digits, negative := strings.CutPrefix(a.Fixed(c.DecimalPlaces), "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteString("−")
	}
	if c.TokenLocation != "right" {
		b.WriteString(strings.ReplaceAll(c.Token, " ", NoBreak))
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(c.ThousandsToken)
		}
		b.WriteByte(whole[i])
	}
	if fraction != "" {
		b.WriteString(c.DecimalToken)
		b.WriteString(fraction)
	}
	if c.TokenLocation == "right" {
		b.WriteString(NoBreak + strings.TrimSpace(c.Token))
	}
	return b.String()
}

// ShownCurrency returns how a currency is shown. One that the store has given
// up since is shown by its code.
func (s *Store) ShownCurrency(code string) *Currency {
	if cur := s.Currency(code); cur != nil {
		return cur
	}
	if cur, err := NewCurrency(code); err == nil {
		return &cur
	}
	return &Currency{Code: code, Token: code + " ", DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: 2}
}
