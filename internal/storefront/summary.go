package storefront

import (
	"html"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// sumRow is one amount of a summary, by name.
type sumRow struct {
	Label, Amount string
	// Less says that it is taken off.
	Less bool
}

// summaryView is what a cart or an order costs, in the order in which it adds
// up.
type summaryView struct {
	Rows  []sumRow
	Total string
	// Notes say what the total holds or leaves out.
	Notes []string
	// Paid are gift certificates, and Due is what they leave to pay; "" without
	// any.
	Paid []sumRow
	Due  string
	// DueLabel is what Due is called.
	DueLabel string
}

// adder writes amounts into rows.
type adder struct {
	currency *merchant.Currency
	rows     []sumRow
}

func (a *adder) add(label string, amount money.Amount) {
	a.rows = append(a.rows, sumRow{Label: label, Amount: a.currency.Format(amount)})
}

// less adds what is taken off; nothing for 0.
func (a *adder) less(label string, amount money.Amount) {
	if amount != 0 {
		a.rows = append(a.rows, sumRow{Label: label, Amount: a.currency.Format(-amount), Less: true})
	}
}

// cartSummary sums up the items of a cart. Shipping is not known there.
func (v *visit) cartSummary(c *cart.Cart) summaryView {
	a := adder{currency: v.shop.Store.ShownCurrency(c.Currency)}
	v.addItems(&a, c)
	if !c.TaxIncluded && c.Totals.Tax != 0 {
		a.add("Tax", c.Totals.Tax)
	}
	view := summaryView{Rows: a.rows, Total: a.currency.Format(c.Totals.Cart)}
	switch {
	case c.TaxIncluded:
		view.Notes = append(view.Notes, "Prices include tax. Shipping is not included.")
	case c.Totals.Tax != 0:
		view.Notes = append(view.Notes, "Shipping is not included.")
	default:
		view.Notes = append(view.Notes, "Shipping and tax are not included.")
	}
	if wrapping := pricing.Sum(c).Wrapping; wrapping.Inc != 0 {
		view.Notes = append(view.Notes, "Gift wrapping of "+a.currency.Format(entered(c, wrapping))+" comes on top.")
	}
	return view
}

// checkoutSummary sums up everything that has to be paid.
func (v *visit) checkoutSummary(c *cart.Cart, b bill) summaryView {
	a := adder{currency: v.shop.Store.ShownCurrency(c.Currency)}
	s := pricing.Sum(c)
	v.addItems(&a, c)
	if s.Wrapping.Inc != 0 {
		a.add("Gift wrapping", entered(c, s.Wrapping))
	}
	switch {
	case !ships(c):
	case chosenShipping(c):
		a.add("Shipping", entered(c, s.Shipping))
	default:
		a.rows = append(a.rows, sumRow{Label: "Shipping", Amount: "not chosen yet"})
	}
	v.addShippingCuts(&a, c)
	if s.Handling.Inc != 0 {
		a.add("Handling", entered(c, s.Handling))
	}
	if c.Checkout != nil {
		for i := range c.Checkout.Fees {
			f := &c.Checkout.Fees[i]
			a.add(feeName(f), f.Cost)
		}
	}
	view := summaryView{}
	for _, tax := range taxes(c, &s) {
		if c.TaxIncluded {
			view.Notes = append(view.Notes, "Includes "+a.currency.Format(tax.Amount)+" of "+tax.Name+".")
		} else {
			a.add(tax.Name, tax.Amount)
		}
	}
	view.Rows, view.Total = a.rows, a.currency.Format(s.Grand)
	if len(b.Certificates) > 0 {
		for _, p := range b.Certificates {
			view.Paid = append(view.Paid, sumRow{Label: strings.TrimSpace("Gift certificate " + p.Shown), Amount: p.Amount, Less: true})
		}
		view.Due, view.DueLabel = a.currency.Format(b.Due), "To pay"
	}
	return view
}

// entered is an amount as the store enters its prices: with tax or without.
func entered(c *cart.Cart, p pricing.Pair) money.Amount {
	if c.TaxIncluded {
		return p.Inc
	}
	return p.Ex
}

func feeName(f *cart.Fee) string {
	if f.DisplayName != "" {
		return f.DisplayName
	}
	return f.Name
}

// taxes returns the taxes by name; what has no name is told as a whole.
func taxes(c *cart.Cart, s *pricing.Sums) []cart.Tax {
	if len(s.Taxes) > 0 {
		return s.Taxes
	}
	if s.Tax == 0 {
		return nil
	}
	return []cart.Tax{{Name: "Tax", Amount: s.Tax}}
}

// addItems adds the items at their list prices and what is taken off them, by
// the name of what does it.
func (v *visit) addItems(a *adder, c *cart.Cart) {
	sums := sumsOf(c)
	a.add("Subtotal", sums.list)
	rest, named := sums.discount, namedCuts{}
	for i := range c.Lines {
		for _, cut := range c.Lines[i].Cuts {
			if cut.Source != cart.FromCoupon {
				named.add(v.cutName(cut), cut.Amount)
				rest -= cut.Amount
			}
		}
	}
	for _, cut := range named {
		a.less(cut.name, cut.amount)
	}
	a.less("Discounts", rest)
	coupons := sums.coupon
	for _, applied := range c.Coupons {
		a.less("Coupon "+applied.Code, applied.Amount)
		coupons -= applied.Amount
	}
	a.less("Coupons", coupons)
}

// addShippingCuts adds what is taken off shipping.
func (v *visit) addShippingCuts(a *adder, c *cart.Cart) {
	if c.Checkout == nil {
		return
	}
	named := namedCuts{}
	for i := range c.Checkout.Consignments {
		for _, cut := range c.Checkout.Consignments[i].Cuts {
			named.add("Shipping: "+v.cutName(cut), cut.Amount)
		}
	}
	for _, cut := range named {
		a.less(cut.name, cut.amount)
	}
}

// namedCut is what something took off, by its name.
type namedCut struct {
	name   string
	amount money.Amount
}

type namedCuts []namedCut

// add adds an amount to that of the same name.
func (n *namedCuts) add(name string, amount money.Amount) {
	for i := range *n {
		if (*n)[i].name == name {
			(*n)[i].amount += amount
			return
		}
	}
	*n = append(*n, namedCut{name, amount})
}

// cutName is what a shopper calls the source of a cut.
func (v *visit) cutName(cut cart.Cut) string {
	switch cut.Source {
	case cart.FromCoupon:
		if cut.Code != "" {
			return "Coupon " + cut.Code
		}
		return "Coupon"
	case cart.FromPromotion:
		if p := v.shop.Offers.Promotion(cut.ID); p != nil && p.DisplayName != "" {
			return p.DisplayName
		} else if p != nil && p.Name != "" {
			return p.Name
		}
	}
	return "Discount"
}

// The pages that banners are for.
const (
	onCart     = "cart_page"
	onCheckout = "checkout_page"
)

var plain = bluemonday.StrictPolicy()

// banners returns what promotions have to say on a page. A merchant writes it
// as HTML; only its text is shown.
func banners(c *cart.Cart, page string) []string {
	var texts []string
	for _, b := range c.Banners {
		text := strings.Join(strings.Fields(html.UnescapeString(plain.Sanitize(b.Text))), " ")
		if text != "" && slices.Contains(b.Pages, page) && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}
