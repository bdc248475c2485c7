// Package pricing is the one place where the amounts of a cart come from.
//
// A Pipeline is a visible list of steps. Each step is pure: it takes the cart
// as the step before left it, the shop and the time, and fills in its own
// fields. Running the pipeline twice changes nothing.
//
// Promotions, coupons and discounts of the API are one step, offers, which asks
// the engine of package promotion.
package pricing

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// Step computes some amounts of a cart in place. It returns money.ErrOverflow
// when an amount grows too large, and no other error.
type Step func(*Job) error

// Job is one pricing of one cart.
type Job struct {
	Cart     *cart.Cart
	Shop     cart.Shop
	Now      time.Time
	Currency *merchant.Currency // the cart's
	// Offers is what promotions and coupons do; nil when the cart has none of
	// either.
	Offers *promotion.Outcome

	siteURL string
	cuts    []cart.Cut // those of all lines, one after the other
}

// Pipeline is the ordered list of steps.
type Pipeline []Step

// Default is the pipeline that the server runs.
var Default = Pipeline{
	describe,
	unitPrices,
	wrappings,
	extend,
	offers,
	cartTotals,
	consignments,
	shipping,
	shippingCuts,
	taxes,
}

// Price runs the steps over a cart. A currency that the store no longer has
// leaves the amounts as they are.
func (p Pipeline) Price(c *cart.Cart, shop cart.Shop, now time.Time) error {
	currency := shop.Store.Currency(c.Currency)
	if currency == nil {
		return nil
	}
	job := &Job{Cart: c, Shop: shop, Now: now, Currency: currency}
	for _, step := range p {
		if err := step(job); err != nil {
			return err
		}
	}
	return nil
}

// convert turns a catalog price into the cart's currency, rounded to what it
// can pay.
func (j *Job) convert(a money.Amount) (money.Amount, error) {
	return j.Currency.Rate.Convert(a, j.Currency.DecimalPlaces)
}

// round rounds an amount that is already in the cart's currency.
func (j *Job) round(a money.Amount) money.Amount { return a.Round(j.Currency.DecimalPlaces) }

// placeholderImage is shown for a line without a picture (spec/01 §8).
const placeholderImage = "/assets/placeholder.svg"

// describe copies what the catalog says about each line. A line whose product
// has been deleted keeps what it had (decisions 13).
func describe(j *Job) error {
	for i := range j.Cart.Lines {
		j.describe(&j.Cart.Lines[i])
	}
	return nil
}

func (j *Job) describe(l *cart.Line) {
	if l.Kind == cart.Custom && l.ImageURL == "" {
		l.ImageURL = j.Shop.PublicURL + placeholderImage
	}
	p := product(j, l)
	if p == nil {
		return
	}
	v := p.Variant(l.VariantID)
	l.Name = p.Name
	if l.NameSet != "" {
		l.Name = l.NameSet
	}
	l.SKU = p.SKU
	if v != nil && v.SKU != "" {
		l.SKU = v.SKU
	}
	l.URL = j.site() + p.URL
	l.Taxable = p.TaxClassID != catalog.NonTaxableClass
	l.ImageURL = picture(j, p, v, l)
}

// site returns the address of the cart's shop.
func (j *Job) site() string {
	if j.siteURL == "" {
		j.siteURL = j.Shop.SiteURL(j.Cart.ChannelID)
	}
	return j.siteURL
}

func picture(j *Job, p *catalog.Product, v *catalog.Variant, l *cart.Line) string {
	url := p.Thumbnail()
	if v != nil && v.ImageURL != "" {
		url = v.ImageURL
	}
	for _, sel := range l.Selections {
		if value := modifierValue(p, sel); value != nil && value.Adjusters.ImageURL != "" {
			url = value.Adjusters.ImageURL
		}
	}
	switch {
	case url == "":
		return j.Shop.PublicURL + placeholderImage
	case url[0] == '/':
		return j.Shop.PublicURL + url
	}
	return url
}

// product returns the product of a catalog line, or nil.
func product(j *Job, l *cart.Line) *catalog.Product {
	if !l.IsCatalog() {
		return nil
	}
	return j.Shop.Catalog.Product(l.ProductID)
}

func modifierValue(p *catalog.Product, sel cart.Selection) *catalog.OptionValue {
	if sel.Variant || sel.ValueID == 0 {
		return nil
	}
	if m := p.Modifier(sel.OptionID); m != nil {
		return m.Value(sel.ValueID)
	}
	return nil
}

// unitPrices sets original and list price of one unit (spec/01 §7.1, §7.2).
// The sale price starts at the list price; product-level promotions lower it.
func unitPrices(j *Job) error {
	for i := range j.Cart.Lines {
		if err := j.unitPrice(&j.Cart.Lines[i]); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) unitPrice(l *cart.Line) error {
	if p := product(j, l); p != nil {
		if err := catalogPrices(j, l, p); err != nil {
			return err
		}
	}
	switch {
	case l.Kind == cart.Gift:
		l.ListPrice, l.OriginalPrice = l.Gift.Amount, l.Gift.Amount
	case l.Kind == cart.Custom:
		l.ListPrice = j.round(l.ListPrice)
		l.OriginalPrice = l.ListPrice
	case l.Override != nil:
		l.ListPrice = j.round(*l.Override)
	}
	l.Discount, l.Coupon, l.Shared, l.Cuts = 0, 0, 0, nil
	l.SalePrice = l.ListPrice
	return nil
}

func catalogPrices(j *Job, l *cart.Line, p *catalog.Product) error {
	v := p.Variant(l.VariantID)
	original, err := adjusted(j, l, p, p.BasePrice(v))
	if err != nil {
		return err
	}
	list, err := adjusted(j, l, p, p.SellingPrice(v))
	if err != nil {
		return err
	}
	if l.OriginalPrice, err = j.convert(original); err != nil {
		return err
	}
	l.ListPrice, err = j.convert(list)
	return err
}

// adjusted adds to a variant's price what the chosen modifier values add: a
// fixed amount, a percentage of the variant's price, or the price of a listed
// product. The result is never below zero.
func adjusted(j *Job, l *cart.Line, p *catalog.Product, base money.Amount) (money.Amount, error) {
	total := base
	for _, sel := range l.Selections {
		value := modifierValue(p, sel)
		if value == nil {
			continue
		}
		if a := value.Adjusters.Price; a != nil {
			add := a.Value
			if a.Kind == catalog.Percentage {
				var err error
				if add, err = base.Percent(a.Value); err != nil {
					return 0, err
				}
			}
			total += add
		}
		m := p.Modifier(sel.OptionID)
		if catalog.IsPickList(m.Type) && m.Config.ListAdjustsPricing {
			if picked := j.Shop.Catalog.Product(value.Data.ProductID); picked != nil {
				total += picked.SellingPrice(&picked.Variants[0])
			}
		}
		if err := total.Check(); err != nil {
			return 0, err
		}
	}
	return max(total, 0), nil
}

// wrappings prices the gift wrapping of each line. It stands beside the line:
// no total of the cart contains it (spec/01 §3.3).
func wrappings(j *Job) error {
	for i := range j.Cart.Lines {
		l := &j.Cart.Lines[i]
		l.WrapName, l.WrapPrice = "", 0
		if l.Wrapping == nil {
			continue
		}
		for n, d := range l.Wrapping.Details {
			wrap := j.Shop.Store.GiftWrap(d.ID)
			if wrap == nil {
				continue
			}
			if n == 0 || l.WrapName == "" {
				l.WrapName = wrap.Name
			}
			price, err := j.convert(wrap.Price)
			if err != nil {
				return err
			}
			l.WrapPrice += price
			if err := l.WrapPrice.Check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// extend multiplies unit prices by quantities.
func extend(j *Job) error {
	for i := range j.Cart.Lines {
		if err := extendLine(&j.Cart.Lines[i]); err != nil {
			return err
		}
	}
	return nil
}

func extendLine(l *cart.Line) error {
	extended, err := l.ListPrice.Times(l.Quantity)
	l.ExtendedList, l.ExtendedSale = extended, extended
	return err
}

// cartTotals adds the lines up (spec/01 §7.3).
func cartTotals(j *Job) error {
	var t cart.Totals
	for i := range j.Cart.Lines {
		l := &j.Cart.Lines[i]
		t.Base += l.ExtendedList
		t.Discount += l.Shared
		t.Coupon += l.Coupon
		t.Cart += l.ExtendedSale
	}
	if j.Cart.Manual {
		t.Manual = t.Discount
	}
	t.Cart -= t.Discount + t.Coupon
	j.Cart.Totals = t
	if err := t.Base.Check(); err != nil {
		return err
	}
	return t.Cart.Check()
}
