package pricing

import (
	"slices"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// taxes fills in every tax of a cart: of lines before and after the discounts of
// the order, of wrapping, shipping, handling and fees (spec/05 §1.1). There is
// none without an address: physical lines go by that of their consignment,
// digital ones by that of the bill. Each tax is rounded half up for each line.
// Gift certificates are never taxed, nor is anything for exempt customers.
func taxes(j *Job) error {
	c := j.Cart
	c.TaxIncluded = j.Shop.Store.PricesIncludeTax
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Tax, l.TaxBefore, l.WrapTax = 0, 0, 0
	}
	co := c.Checkout
	if co == nil {
		return nil
	}
	co.Fees, co.Taxes = slices.Clone(co.Fees), nil
	t := &taxing{job: j}
	if err := t.lines(); err != nil {
		return err
	}
	if err := t.shipping(); err != nil {
		return err
	}
	if err := t.fees(); err != nil {
		return err
	}
	co.Taxes = t.sums()
	return t.totals()
}

// taxing is the computation of one cart's taxes.
type taxing struct {
	job   *Job
	found []levied
	// places are the taxes of the addresses met so far.
	places map[merchant.Place][]*merchant.TaxRate
}

// levied is what one tax has come to.
type levied struct {
	rate   *merchant.TaxRate
	amount money.Amount
}

// at returns the taxes of an address; nil for none.
func (t *taxing) at(a *cart.Address) []*merchant.TaxRate {
	who := t.job.Cart.Shopper
	if a == nil || a.CountryCode == "" || who.TaxExempt {
		return nil
	}
	place := PlaceOf(a)
	rates, ok := t.places[place]
	if !ok {
		if t.places == nil {
			t.places = map[merchant.Place][]*merchant.TaxRate{}
		}
		rates = t.job.Shop.Store.TaxesAt(place, who.GroupID)
		t.places[place] = rates
	}
	return rates
}

// levy returns the tax of an amount in a class, and adds it to the sums when it
// is to be paid.
func (t *taxing) levy(rates []*merchant.TaxRate, class int64, amount money.Amount, paid bool) (money.Amount, error) {
	if amount <= 0 || len(rates) == 0 {
		return 0, nil
	}
	groups := slices.Collect(priorities(rates))
	if t.job.Cart.TaxIncluded {
		slices.Reverse(groups) // what was put on last comes off first
	}
	var total money.Amount
	for _, group := range groups {
		den := int64(100 * money.Unit)
		base := amount + total
		if t.job.Cart.TaxIncluded {
			base = amount - total
			for _, r := range group {
				den += int64(r.Of(class))
			}
		}
		var sum money.Amount
		for _, r := range group {
			part, err := base.Part(int64(r.Of(class)), den, t.job.Currency.DecimalPlaces)
			if err != nil {
				return 0, err
			}
			sum += part
			if paid {
				t.note(r, part)
			}
		}
		total += sum
	}
	return total, total.Check()
}

// priorities yields the taxes of each priority, which are charged on the same
// amount.
func priorities(rates []*merchant.TaxRate) func(func([]*merchant.TaxRate) bool) {
	return func(yield func([]*merchant.TaxRate) bool) {
		for from := 0; from < len(rates); {
			to := from + 1
			for to < len(rates) && rates[to].Priority == rates[from].Priority {
				to++
			}
			if !yield(rates[from:to]) {
				return
			}
			from = to
		}
	}
}

func (t *taxing) note(r *merchant.TaxRate, amount money.Amount) {
	for i := range t.found {
		if t.found[i].rate == r {
			t.found[i].amount += amount
			return
		}
	}
	t.found = append(t.found, levied{r, amount})
}

// sums adds the taxes up by name, in the order in which they are charged.
func (t *taxing) sums() []cart.Tax {
	slices.SortFunc(t.found, func(a, b levied) int {
		if a.rate.Priority != b.rate.Priority {
			return int(a.rate.Priority - b.rate.Priority)
		}
		return int(a.rate.ID - b.rate.ID)
	})
	var out []cart.Tax
	for _, f := range t.found {
		i := slices.IndexFunc(out, func(known cart.Tax) bool { return known.Name == f.rate.Name })
		switch {
		case f.amount == 0:
		case i >= 0:
			out[i].Amount += f.amount
		default:
			out = append(out, cart.Tax{Name: f.rate.Name, Amount: f.amount})
		}
	}
	return out
}

// class is the tax class of a line. A class that the store no longer has counts
// as the default one.
func (t *taxing) class(l *cart.Line) int64 {
	if p := product(t.job, l); p != nil && t.job.Shop.Store.HasTaxClass(p.TaxClassID) {
		return p.TaxClassID
	}
	return merchant.DefaultTaxClass
}

// lines taxes what is bought, and its wrapping.
func (t *taxing) lines() error {
	co := t.job.Cart.Checkout
	sent := map[string][]portion{}
	for i := range co.Consignments {
		con := &co.Consignments[i]
		for _, item := range con.Items {
			sent[item.LineID] = append(sent[item.LineID], portion{t.at(&con.Address), item.Quantity})
		}
	}
	for i := range t.job.Cart.Lines {
		l := &t.job.Cart.Lines[i]
		portions := sent[l.ID]
		switch {
		case l.Kind == cart.Gift:
			continue
		case l.Kind == cart.Digital, l.Kind == cart.Custom && portions == nil:
			portions = []portion{{t.at(co.Billing), l.Quantity}}
		}
		if err := t.line(l, portions); err != nil {
			return err
		}
	}
	return nil
}

// portion is a number of units of a line with the taxes of where they go.
type portion struct {
	rates    []*merchant.TaxRate
	quantity int64
}

func (t *taxing) line(l *cart.Line, portions []portion) error {
	if len(portions) == 0 {
		return nil
	}
	weights, left := make([]money.Amount, len(portions)+1), l.Quantity
	for i, p := range portions {
		weights[i] = money.Amount(p.quantity)
		left -= p.quantity
	}
	weights[len(portions)] = money.Amount(max(left, 0)) // units that go nowhere yet
	spread := func(a money.Amount) []money.Amount {
		return money.Allocate(a, weights, t.job.Currency.DecimalPlaces)
	}
	before, paid, wrapped := spread(l.ExtendedSale), spread(l.ExtendedSale-l.Shared-l.Coupon), spread(l.WrapPrice)
	for i, p := range portions {
		if l.Taxable || l.Kind == cart.Custom {
			if err := t.add(&l.TaxBefore, p.rates, t.class(l), before[i], false); err != nil {
				return err
			}
			if err := t.add(&l.Tax, p.rates, t.class(l), paid[i], true); err != nil {
				return err
			}
		}
		if err := t.add(&l.WrapTax, p.rates, merchant.WrappingTaxClass, wrapped[i], true); err != nil {
			return err
		}
	}
	return nil
}

func (t *taxing) add(sum *money.Amount, rates []*merchant.TaxRate, class int64, amount money.Amount, paid bool) error {
	tax, err := t.levy(rates, class, amount, paid)
	*sum += tax
	return err
}

// shipping taxes shipping and handling by where they go.
func (t *taxing) shipping() error {
	cons := t.job.Cart.Checkout.Consignments
	for i := range cons {
		con := &cons[i]
		con.ShippingTax, con.ShippingTaxBefore, con.HandlingTax = 0, 0, 0
		rates := t.at(&con.Address)
		if err := t.add(&con.ShippingTaxBefore, rates, merchant.ShippingTaxClass, con.Shipping, false); err != nil {
			return err
		}
		if err := t.add(&con.ShippingTax, rates, merchant.ShippingTaxClass, con.Shipping-con.Off(), true); err != nil {
			return err
		}
		if err := t.add(&con.HandlingTax, rates, merchant.ShippingTaxClass, con.Handling, true); err != nil {
			return err
		}
	}
	return nil
}

// fees taxes fees by where the order goes: the first consignment, or the bill.
func (t *taxing) fees() error {
	co := t.job.Cart.Checkout
	address := co.Billing
	if len(co.Consignments) > 0 {
		address = &co.Consignments[0].Address
	}
	for i := range co.Fees {
		f := &co.Fees[i]
		f.Tax = 0
		class := f.TaxClassID
		if !t.job.Shop.Store.HasTaxClass(class) {
			class = merchant.DefaultTaxClass
		}
		if class == merchant.NonTaxableTaxClass {
			continue
		}
		if err := t.add(&f.Tax, t.at(address), class, f.Cost, true); err != nil {
			return err
		}
	}
	return nil
}

// totals puts the tax of the items into the totals of the cart (spec/01 §7.3),
// and sees to it that the whole order can be written down.
func (t *taxing) totals() error {
	c := t.job.Cart
	for i := range c.Lines {
		c.Totals.Tax += c.Lines[i].Tax
	}
	if !c.TaxIncluded {
		c.Totals.Cart += c.Totals.Tax
	}
	if err := c.Totals.Cart.Check(); err != nil {
		return err
	}
	return Sum(c).Grand.Check()
}
