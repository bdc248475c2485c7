package storefront

import (
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

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
	return p.currency.Format(converted)
}
