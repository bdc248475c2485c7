package storefront

import (
	"testing"

	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

func TestFormatAmount(t *testing.T) {
	usd := merchant.Currency{TokenLocation: "left", Token: "$", DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: 2}
	eur := merchant.Currency{TokenLocation: "right", Token: "€", DecimalToken: ",", ThousandsToken: ".", DecimalPlaces: 2}
	yen := merchant.Currency{TokenLocation: "left", Token: "¥", ThousandsToken: ",", DecimalPlaces: 0}
	chf := merchant.Currency{TokenLocation: "left", Token: "CHF ", DecimalToken: ".", ThousandsToken: "’", DecimalPlaces: 2}
	tests := []struct {
		in       merchant.Currency
		amount   string
		expected string
	}{
		{usd, "0", "$0.00"},
		{usd, "999.999", "$1,000.00"},
		{usd, "1234567.5", "$1,234,567.50"},
		{usd, "-12.3", "−$12.30"},
		{eur, "1234.5", "1.234,50\u00a0€"},
		{yen, "1234.5", "¥1,235"},
		{chf, "100000", "CHF\u00a0100’000.00"},
	}
	for _, test := range tests {
		a, err := money.Parse(test.amount)
		if err != nil {
			t.Fatal(err)
		}
		if got := formatAmount(&test.in, a); got != test.expected {
			t.Errorf("%s = %q, want %q", test.amount, got, test.expected)
		}
	}
}
