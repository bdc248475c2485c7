package recovery

import (
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/money"
)

func TestAttribute(t *testing.T) {
	order := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return order.Add(-d) }
	const hour, day = time.Hour, 24 * time.Hour
	tests := map[string]struct {
		touches []Touch
		credit  Credit
		mail    int64
	}{
		"no mail at all":                     {nil, CreditNone, 0},
		"a mail that was never handed over":  {[]Touch{{Template: 1}}, CreditNone, 0},
		"a mail":                             {[]Touch{{Template: 1, Sent: ago(day)}}, CreditInfluenced, 1},
		"the latest mail":                    {[]Touch{{Template: 1, Sent: ago(3 * day)}, {Template: 2, Sent: ago(day)}, {Template: 3, Sent: ago(2 * day)}}, CreditInfluenced, 2},
		"a mail seven days ago":              {[]Touch{{Template: 1, Sent: ago(7 * day)}}, CreditInfluenced, 1},
		"a mail more than seven days ago":    {[]Touch{{Template: 1, Sent: ago(7*day + 1)}}, CreditNone, 0},
		"a mail after the order":             {[]Touch{{Template: 1, Sent: ago(-1)}}, CreditNone, 0},
		"a mail at the instant of the order": {[]Touch{{Template: 1, Sent: order}}, CreditInfluenced, 1},
		"a click beats a later mail":         {[]Touch{{Template: 1, Sent: ago(3 * day), Clicked: ago(2 * day)}, {Template: 2, Sent: ago(day)}}, CreditClicked, 1},
		"the latest click":                   {[]Touch{{Template: 1, Sent: ago(3 * day), Clicked: ago(hour)}, {Template: 2, Sent: ago(day), Clicked: ago(2 * hour)}}, CreditClicked, 1},
		"a late click on an old mail":        {[]Touch{{Template: 1, Sent: ago(20 * day), Clicked: ago(day)}}, CreditClicked, 1},
		"an old click and a new mail":        {[]Touch{{Template: 1, Sent: ago(20 * day), Clicked: ago(8 * day)}, {Template: 2, Sent: ago(6 * day)}}, CreditInfluenced, 2},
		"a click on a mail without answer":   {[]Touch{{Template: 1, Clicked: ago(day)}}, CreditClicked, 1},
		"a mail about another cart":          {[]Touch{{Cart: "x", Template: 4, Sent: ago(day)}}, CreditInfluenced, 4},
	}
	for name, tc := range tests {
		if credit, mail := Attribute(tc.touches, order); credit != tc.credit || mail.Template != tc.mail {
			t.Errorf("%s: %s for mail %d, want %s for %d", name, credit, mail.Template, tc.credit, tc.mail)
		}
	}
}

func TestDiscountOf(t *testing.T) {
	touches := []Touch{{Coupon: "COMEBACK10"}, {Coupon: ""}, {Coupon: "comeback10"}, {Coupon: "Mint-1"}}
	tests := map[string]struct {
		redeemed []cart.Applied
		want     money.Amount
	}{
		"nothing redeemed":     {nil, 0},
		"a code of a mail":     {[]cart.Applied{{Code: "comeback10", Amount: 5 * money.Unit}}, 5 * money.Unit},
		"shipping":             {[]cart.Applied{{Code: "MINT-1", Amount: money.Unit, Shipping: 2 * money.Unit}}, 3 * money.Unit},
		"a code of no mail":    {[]cart.Applied{{Code: "SUMMER", Amount: 5 * money.Unit}}, 0},
		"one of each":          {[]cart.Applied{{Code: "SUMMER", Amount: 5}, {Code: "Mint-1", Amount: 7}}, 7},
		"a code without a use": {[]cart.Applied{{Code: "Mint-1"}}, 0},
	}
	for name, tc := range tests {
		if got := DiscountOf(touches, tc.redeemed); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
