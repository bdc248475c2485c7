package pricing

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// CustomShipping is the type of an option whose price the client set.
const CustomShipping = "shipping_custom"

// optionTypes are the vendor's names of shipping options, by the method that
// they come from.
var optionTypes = map[merchant.MethodType]string{
	merchant.PerOrder: "shipping_flatrate", merchant.PerItem: "shipping_peritem", merchant.ByWeight: "shipping_byweight",
	merchant.ByTotal: "shipping_bytotal", merchant.ForFree: "shipping_freeshipping",
}

// quote is a shipping option with the handling fee that stands beside it.
type quote struct {
	option   cart.ShippingOption
	handling money.Amount
}

// ShippingOptions returns the ways in which a consignment of a priced cart can
// be sent, in the store's order, at the costs of now in the cart's currency. A
// consignment that is picked up has none. The id of an option stays the same as
// long as its method exists (spec/05 §1.3).
func ShippingOptions(c *cart.Cart, shop cart.Shop, con *cart.Consignment) []cart.ShippingOption {
	var out []cart.ShippingOption
	for _, q := range quotes(c, shop, con) {
		out = append(out, q.option)
	}
	return out
}

func quotes(c *cart.Cart, shop cart.Shop, con *cart.Consignment) []quote {
	currency := shop.Store.Currency(c.Currency)
	if con.PickupID != 0 || currency == nil {
		return nil
	}
	zone := shop.Store.ZoneFor(PlaceOf(&con.Address))
	if zone == nil {
		return nil
	}
	p, err := pack(c, shop, con, currency)
	if err != nil {
		return nil
	}
	var out []quote
	add := func(m *merchant.ShippingMethod, cost money.Amount, err error) {
		if q, err := p.quote(zone, m, cost, err); err == nil {
			out = append(out, q)
		}
	}
	if zone.Free.Enabled && p.subtotal >= zone.Free.Minimum {
		add(&merchant.ShippingMethod{Name: "Free Shipping", Type: merchant.ForFree}, 0, nil)
	}
	for i := range zone.Methods {
		m := &zone.Methods[i]
		if !m.Offered(c.ChannelID) {
			continue
		}
		if cost, offered, err := p.cost(m); offered {
			add(m, cost, err)
		}
	}
	return out
}

// PlaceOf is where an address is, as far as zones ask.
func PlaceOf(a *cart.Address) merchant.Place {
	p := merchant.Place{Country: a.CountryCode, State: a.StateCode, Zip: a.PostalCode}
	if p.State == "" {
		p.State = a.State
	}
	return p
}

// parcel is what shipping costs depend on. Units, weight and total are without
// the products that are sent for nothing. Amounts are in the store's default
// currency.
type parcel struct {
	units           int64
	weight          money.Amount
	total, subtotal money.Amount
	currency        *merchant.Currency
}

func pack(c *cart.Cart, shop cart.Shop, con *cart.Consignment, currency *merchant.Currency) (parcel, error) {
	p := parcel{currency: currency}
	lines := make(map[string]*cart.Line, len(c.Lines))
	for i := range c.Lines {
		lines[c.Lines[i].ID] = &c.Lines[i]
	}
	for _, item := range con.Items {
		l := lines[item.LineID]
		if l == nil || item.Quantity <= 0 {
			continue
		}
		value, err := l.ExtendedSale.MulDiv(item.Quantity, max(l.Quantity, 1))
		if err == nil {
			value, err = currency.Rate.ToDefault(value)
		}
		if err != nil {
			return p, err
		}
		p.subtotal += value
		product := catalogProduct(shop, l)
		if product != nil && product.FreeShipping {
			continue
		}
		weight, err := unitWeight(shop, l, product).Times(item.Quantity)
		if err != nil {
			return p, err
		}
		p.units, p.weight, p.total = p.units+item.Quantity, p.weight+weight, p.total+value
	}
	return p, nil
}

func catalogProduct(shop cart.Shop, l *cart.Line) *catalog.Product {
	if !l.IsCatalog() {
		return nil
	}
	return shop.Catalog.Product(l.ProductID)
}

// unitWeight is what one unit weighs with what was chosen for it. Custom items
// weigh nothing.
func unitWeight(shop cart.Shop, l *cart.Line, p *catalog.Product) money.Amount {
	if p == nil {
		return 0
	}
	base := p.Weight
	if v := p.Variant(l.VariantID); v != nil && v.Weight != nil {
		base = *v.Weight
	}
	total := base
	for _, sel := range l.Selections {
		value := modifierValue(p, sel)
		if value == nil {
			continue
		}
		if a := value.Adjusters.Weight; a != nil {
			add := a.Value
			if a.Kind == catalog.Percentage {
				add, _ = base.Percent(a.Value) // a weight that overflows is refused where it is written
			}
			total += add
		}
		m := p.Modifier(sel.OptionID)
		if catalog.IsPickList(m.Type) && m.Config.ListShippingCalc == "weight" {
			if picked := shop.Catalog.Product(value.Data.ProductID); picked != nil {
				total += picked.Weight
			}
		}
	}
	return max(total, 0)
}

// cost is the price of a method for the parcel, in the default currency. A
// parcel that holds nothing but products that are sent for nothing costs
// nothing.
func (p parcel) cost(m *merchant.ShippingMethod) (cost money.Amount, offered bool, err error) {
	if p.units == 0 {
		return 0, true, nil
	}
	measure := p.weight
	switch m.Type {
	case merchant.ForFree:
		return 0, true, nil
	case merchant.PerOrder:
		return m.Rates.Rate, true, nil
	case merchant.PerItem:
		cost, err = m.Rates.Rate.Times(p.units)
		return cost, true, err
	case merchant.ByTotal:
		measure = p.total
	}
	if cost, ok := m.Rates.Row(measure); ok {
		return cost, true, nil
	}
	if m.Rates.Default == nil {
		return 0, false, nil
	}
	cost = *m.Rates.Default
	if m.Rates.DefaultPercent {
		cost, err = p.total.Percent(cost)
	}
	return cost, true, err
}

// quote makes an option of a method and its cost, with the handling fee of the
// method or else of the zone.
func (p parcel) quote(zone *merchant.ShippingZone, m *merchant.ShippingMethod, cost money.Amount, err error) (quote, error) {
	fee := m.Handling
	if fee.Surcharge == 0 {
		fee = zone.Handling
	}
	handling := fee.Surcharge
	switch {
	case err != nil:
		return quote{}, err
	case p.units == 0:
		handling = 0
	case fee.ByPercent:
		if handling, err = cost.Percent(fee.Surcharge); err != nil {
			return quote{}, err
		}
	}
	if zone.Handling.Hidden {
		cost, handling = cost+handling, 0
	}
	if cost, err = p.currency.Rate.Convert(cost, p.currency.DecimalPlaces); err != nil {
		return quote{}, err
	}
	if handling, err = p.currency.Rate.Convert(handling, p.currency.DecimalPlaces); err != nil {
		return quote{}, err
	}
	return quote{handling: handling, option: cart.ShippingOption{
		ID: optionID(zone.ID, m.ID), Type: optionTypes[m.Type], Description: m.Name, Cost: cost, ZoneID: zone.ID, MethodID: m.ID,
	}}, nil
}

// optionID is the id of a method's option, the same for every cart.
func optionID(zone, method int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "shipping option %d of zone %d", method, zone))
	return hex.EncodeToString(sum[:16])
}

// shipping sets what each consignment costs by the option that was chosen. An
// option that no longer exists is chosen no longer.
func shipping(j *Job) error {
	co := j.Cart.Checkout
	if co == nil {
		return nil
	}
	var total money.Amount
	for i := range co.Consignments {
		con := &co.Consignments[i]
		con.Shipping, con.Handling, con.Cuts = 0, 0, nil
		if con.PickupID != 0 && j.Shop.Store.Pickup(con.PickupID) == nil {
			con.PickupID = 0
		}
		if con.Option = j.chosen(con); con.Option != nil {
			con.Shipping = con.Option.Cost
		}
		total += con.Shipping + con.Handling
		if err := total.Check(); err != nil {
			return err
		}
	}
	return nil
}

// chosen returns the chosen option at its price of now, and sets the handling
// fee that goes with it.
func (j *Job) chosen(con *cart.Consignment) *cart.ShippingOption {
	switch {
	case con.Option == nil || con.PickupID != 0:
		return nil
	case con.Option.Type == CustomShipping:
		custom := *con.Option
		custom.Cost = max(j.round(custom.Cost), 0)
		return &custom
	}
	for _, q := range quotes(j.Cart, j.Shop, con) {
		if q.option.ID == con.Option.ID {
			con.Handling = q.handling
			return &q.option
		}
	}
	return nil
}
