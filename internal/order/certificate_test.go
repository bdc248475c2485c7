package order_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
)

var giftNoon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestWhatACertificateMayPay(t *testing.T) {
	tests := map[string]struct {
		change func(*order.Certificate)
		at     time.Time
		want   string
	}{
		"an active one":               {func(*order.Certificate) {}, giftNoon, ""},
		"one that is disabled":        {func(c *order.Certificate) { c.Status = order.CertificateDisabled }, giftNoon, "The gift certificate cannot be used."},
		"one that waits":              {func(c *order.Certificate) { c.Status = order.CertificatePending }, giftNoon, "The gift certificate cannot be used."},
		"the instant before it ends":  {func(c *order.Certificate) { c.Expires = giftNoon }, giftNoon.Add(-1), ""},
		"at the instant it ends":      {func(c *order.Certificate) { c.Expires = giftNoon }, giftNoon, "The gift certificate has expired."},
		"in another currency":         {func(c *order.Certificate) { c.Currency = "EUR" }, giftNoon, "The gift certificate can only be used in EUR."},
		"one with nothing left on it": {func(c *order.Certificate) { c.Balance = 0 }, giftNoon, "Nothing is left on the gift certificate."},
	}
	for name, tc := range tests {
		c := order.Certificate{Status: order.CertificateActive, Currency: "USD", Balance: 25 * money.Unit}
		tc.change(&c)
		err := c.Check("USD", tc.at)
		if f := fault.As(err); tc.want == "" && err != nil || tc.want != "" && (f == nil || f.Title != tc.want || f.Kind != fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// One certificate for each unit, each with a code of its own (spec/01 §6).
func TestCertificatesOfAnOrder(t *testing.T) {
	lines := []cart.Line{
		{Kind: cart.Physical, Quantity: 3},
		{Kind: cart.Gift, Quantity: 2, Gift: &cart.Certificate{Theme: "Birthday", Amount: 50 * money.Unit, Message: "Enjoy",
			Sender: cart.Person{Name: "Ada", Email: "ada@shop.example"}, Recipient: cart.Person{Name: "Bob", Email: "bob@shop.example"}}},
	}
	got := order.Issue(75, 7, lines, "USD", giftNoon)
	if len(got) != 2 || got[0].Code == got[1].Code {
		t.Fatalf("issued %+v", got)
	}
	c := got[0]
	if c.OrderID != 75 || c.CustomerID != 7 || c.Amount != 50*money.Unit || c.Balance != c.Amount || c.Currency != "USD" ||
		c.Status != order.CertificateActive || c.Template != "birthday.html" || c.To.Name != "Bob" || c.From.Email != "ada@shop.example" {
		t.Errorf("issued %+v", c)
	}
	if !slices.Contains(order.Templates, c.Template) || len(c.Code) > 20 || order.CertificateKey(" "+c.Code+" ") != c.Code {
		t.Errorf("template %q, code %q", c.Template, c.Code)
	}
}

func TestChargesPayInTurn(t *testing.T) {
	hold := func(amounts ...money.Amount) []order.Certificate {
		var out []order.Certificate
		for i, a := range amounts {
			out = append(out, order.Certificate{ID: int64(i + 1), Balance: a * money.Unit})
		}
		return out
	}
	tests := map[string]struct {
		certificates []order.Certificate
		payable      money.Amount
		bought       money.Amount
		want         []money.Amount
	}{
		"one that covers all":                      {hold(100), 40, 0, []money.Amount{40}},
		"one that covers a part":                   {hold(25), 40, 0, []money.Amount{25}},
		"the second pays the rest":                 {hold(25, 100), 40, 0, []money.Amount{25, 15}},
		"a third has nothing to pay":               {hold(25, 100, 100), 40, 0, []money.Amount{25, 15}},
		"an empty one is passed over":              {hold(0, 100), 40, 0, []money.Amount{40}},
		"certificates are not paid with them":      {hold(100), 60, 50, []money.Amount{10}},
		"an order of nothing else is paid in full": {hold(100), 50, 50, nil},
		"nothing to pay":                           {hold(100), 0, 0, nil},
	}
	for name, tc := range tests {
		var got []money.Amount
		for _, ch := range order.Charges(tc.certificates, tc.payable*money.Unit, tc.bought*money.Unit) {
			got = append(got, ch.Amount/money.Unit)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// No certificate pays more than it holds, all together never more than what is
// owed, and as much as they can.
func TestChargesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var certificates []order.Certificate
		var held money.Amount
		for i := range rapid.IntRange(0, 6).Draw(t, "certificates") {
			c := order.Certificate{ID: int64(i + 1), Balance: money.Amount(rapid.Int64Range(0, 1e7).Draw(t, "balance"))}
			held += c.Balance
			certificates = append(certificates, c)
		}
		bought := money.Amount(rapid.Int64Range(0, 1e7).Draw(t, "bought"))
		payable := bought + money.Amount(rapid.Int64Range(0, 1e7).Draw(t, "rest"))
		var paid money.Amount
		for _, ch := range order.Charges(certificates, payable, bought) {
			if ch.Amount <= 0 || ch.Amount > certificates[ch.CertificateID-1].Balance {
				t.Fatalf("charge %+v", ch)
			}
			paid += ch.Amount
		}
		if paid != min(held, payable-bought) {
			t.Fatalf("paid %s of %s with %s", paid, payable-bought, held)
		}
	})
}
