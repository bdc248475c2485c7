package merchant

import (
	"testing"

	"cartwright/internal/money"
)

func TestFormat(t *testing.T) {
	usd := Currency{TokenLocation: "left", Token: "$", DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: 2}
	eur := Currency{TokenLocation: "right", Token: "€", DecimalToken: ",", ThousandsToken: ".", DecimalPlaces: 2}
	yen := Currency{TokenLocation: "left", Token: "¥", ThousandsToken: ",", DecimalPlaces: 0}
	chf := Currency{TokenLocation: "left", Token: "CHF ", DecimalToken: ".", ThousandsToken: "’", DecimalPlaces: 2}
	tests := []struct {
		in       Currency
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
		if got := test.in.Format(a); got != test.expected {
			t.Errorf("%s = %q, want %q", test.amount, got, test.expected)
		}
	}
}
