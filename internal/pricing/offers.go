package pricing

import (
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/promotion"
)

// offers asks what promotions, coupons and discounts of the API do to the cart,
// and writes it onto the lines (spec/05 §7). What promotions had put in is taken
// out before and put in again as far as it is still earned, so that asking twice
// changes nothing.
func offers(j *Job) error {
	c := j.Cart
	c.Banners, c.Priced.Until = nil, time.Time{}
	withdraw(c)
	if len(j.Shop.Offers.Promotions()) == 0 && len(c.Coupons) == 0 && !c.Manual {
		return nil
	}
	shelf := &shelf{cart: c, shop: j.Shop}
	b := basket(c, j.Shop, j.Currency)
	b.Room, b.Name = shelf.room, shelf.name
	j.Offers = j.Shop.Offers.Evaluate(b, j.Now)
	n := len(j.Offers.Added)
	for i := range c.Lines {
		n += len(j.Offers.Lines[i].Cuts)
	}
	j.cuts = make([]cart.Cut, 0, n)
	for i := range c.Lines {
		j.discount(&c.Lines[i], &j.Offers.Lines[i])
	}
	for _, gift := range j.Offers.Added {
		if err := j.give(shelf.lines[gift], gift); err != nil {
			return err
		}
	}
	c.Coupons = applied(c.Coupons, j.Offers.Codes)
	for _, b := range j.Offers.Banners {
		c.Banners = append(c.Banners, cart.Banner(b))
	}
	c.Priced.Until = j.Offers.Until
	return nil
}

// withdraw takes out what promotions put in.
func withdraw(c *cart.Cart) {
	if slices.ContainsFunc(c.Lines, addedLine) {
		c.Lines = slices.DeleteFunc(c.Lines, addedLine)
	}
}

func addedLine(l cart.Line) bool { return l.AddedBy != 0 }

// discount writes what is taken off a line. Shares of what is taken off the
// order, and coupons, leave the sale price alone (spec/01 §7.1).
func (j *Job) discount(l *cart.Line, out *promotion.LineOutcome) {
	l.Discount, l.Coupon, l.Shared = out.Discount, out.Coupon, out.Shared
	from := len(j.cuts)
	for _, cut := range out.Cuts {
		j.cuts = append(j.cuts, cart.Cut{Source: cart.Source(cut.Source), ID: cut.ID, Code: cut.Code, Amount: cut.Amount, Order: cut.Order})
	}
	if len(j.cuts) > from {
		l.Cuts = j.cuts[from:len(j.cuts):len(j.cuts)]
	}
	l.ExtendedSale = l.ExtendedList - l.Discount
	if l.Discount != 0 {
		l.SalePrice = l.ExtendedSale.Divide(l.Quantity, j.Currency.DecimalPlaces)
	}
}

// give puts a gift at the end of the cart. It keeps its price and is discounted
// by all of it, as an item or, when a code won it, as a coupon (spec/05 §7.5).
func (j *Job) give(l cart.Line, gift promotion.Added) error {
	j.Cart.Lines = append(j.Cart.Lines, l)
	own := &j.Cart.Lines[len(j.Cart.Lines)-1]
	j.describe(own)
	if err := j.unitPrice(own); err != nil {
		return err
	}
	if err := extendLine(own); err != nil {
		return err
	}
	all := own.ExtendedList
	out := promotion.LineOutcome{Discount: all}
	if gift.Source == promotion.FromCoupon {
		out = promotion.LineOutcome{Coupon: all}
		for i := range j.Offers.Codes {
			if k := &j.Offers.Codes[i]; k.Code == gift.Code {
				k.Amount += all
			}
		}
	}
	if all != 0 {
		out.Cuts = []promotion.Cut{{Source: gift.Source, ID: gift.ID, Code: gift.Code, Amount: all}}
	}
	j.discount(own, &out)
	return nil
}

// applied returns the codes of a cart with what they do. A code that takes
// nothing off stays; one that nobody offers any more goes.
func applied(codes []cart.Applied, does []promotion.CodeOutcome) []cart.Applied {
	kept := codes[:0]
	for i, code := range codes {
		if does[i].Gone {
			continue
		}
		code.Type, code.DisplayName, code.Amount = string(does[i].Type), does[i].DisplayName, does[i].Amount
		kept = append(kept, code)
	}
	return kept
}

// Basket returns a cart as promotions see it, at the prices of now, for asking
// whether a code may be applied to it.
func Basket(c *cart.Cart, shop cart.Shop) (*promotion.Basket, error) {
	c = c.Clone()
	withdraw(c)
	currency := shop.Store.Currency(c.Currency)
	if currency == nil {
		currency = &merchant.Currency{Code: c.Currency}
	} else if err := (Pipeline{unitPrices, extend}).Price(c, shop, time.Time{}); err != nil {
		return nil, err
	}
	shelf := &shelf{cart: c, shop: shop}
	b := basket(c, shop, currency)
	b.Room = shelf.room
	return b, nil
}

func basket(c *cart.Cart, shop cart.Shop, currency *merchant.Currency) *promotion.Basket {
	b := &promotion.Basket{
		Cart: string(c.ID), Lines: make([]promotion.Line, len(c.Lines)), GroupID: c.Shopper.GroupID, Orders: c.Shopper.Orders, Channel: c.ChannelID,
		Currency: promotion.Currency{Code: currency.Code, Rate: currency.Rate, Places: currency.DecimalPlaces,
			Default: currency.Default, DisplayOnly: !currency.Transactional, StoreCode: shop.Store.DefaultCurrency().Code},
		Countries: destinations(c), Manual: c.Manual, ManualOff: c.ManualOff,
	}
	for _, code := range c.Coupons {
		r := promotion.Redeemed{Code: code.Code, CouponID: code.ID}
		if code.PromotionID != 0 {
			r = promotion.Redeemed{Code: code.Code, CodeID: code.ID, PromotionID: code.PromotionID}
		}
		b.Codes = append(b.Codes, r)
	}
	asksOptions := shop.Offers.AsksOptions()
	for i := range c.Lines {
		fill(&b.Lines[i], &c.Lines[i], shop, asksOptions)
	}
	return b
}

// fill describes a line to promotions.
func fill(to *promotion.Line, l *cart.Line, shop cart.Shop, withOptions bool) {
	*to = promotion.Line{ID: l.ID, List: l.ListPrice, Original: l.OriginalPrice, Quantity: l.Quantity, ManualOff: l.ManualOff}
	switch l.Kind {
	case cart.Custom:
		to.Kind = promotion.Custom
		return
	case cart.Gift:
		to.Kind = promotion.Certificate
		return
	}
	to.ProductID, to.VariantID, to.Overridden = l.ProductID, l.VariantID, l.Override != nil
	if p := shop.Catalog.Product(l.ProductID); p != nil {
		v := p.Variant(l.VariantID)
		to.Product = p
		to.OnSale = !to.Overridden && p.SellingPrice(v) < p.BasePrice(v)
	}
	if withOptions {
		for _, sel := range l.Selections {
			to.Options = append(to.Options, option(to, sel))
		}
	}
}

// option names a selection as the catalog does; a line may show it in another
// language.
func option(l *promotion.Line, sel cart.Selection) promotion.Option {
	o := promotion.Option{Name: sel.Name, Value: sel.Value}
	if l.Product == nil {
		return o
	}
	if m := l.Product.Modifier(sel.OptionID); m != nil && !sel.Variant {
		o.Name = m.DisplayName
		if v := m.Value(sel.ValueID); v != nil {
			o.Value = v.Label
		}
	}
	if known := l.Product.Option(sel.OptionID); known != nil && sel.Variant {
		o.Name = known.DisplayName
		if v := known.Value(sel.ValueID); v != nil {
			o.Value = v.Label
		}
	}
	return o
}

// destinations are the countries that the order is sent to; of an order that is
// not sent, the one it is billed to.
func destinations(c *cart.Cart) []string {
	co := c.Checkout
	if co == nil {
		return nil
	}
	var out []string
	for i := range co.Consignments {
		if code := co.Consignments[i].Address.CountryCode; co.Consignments[i].PickupID == 0 && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	sent := func(l cart.Line) bool { return l.Consignable() }
	if len(co.Consignments) == 0 && co.Billing != nil && !slices.ContainsFunc(c.Lines, sent) {
		out = append(out, co.Billing.CountryCode)
	}
	return out
}

// shelf is where gifts come from.
type shelf struct {
	cart  *cart.Cart
	shop  cart.Shop
	lines map[promotion.Added]cart.Line // the line of each gift that there was room for
}

// room reports whether a gift can be put into the cart: its product is there and
// may be bought without choosing anything, what is in stock is enough for it
// besides all other lines, and the cart has not too many.
func (s *shelf) room(gift promotion.Added, before []promotion.Added) bool {
	line, ok := cart.FreeLine(s.shop, s.cart.ID, gift.PromotionID, gift.Rule, cart.Item{ProductID: gift.ProductID, VariantID: gift.VariantID, Quantity: gift.Quantity})
	if !ok {
		return false
	}
	given := make([]cart.Line, 0, len(before))
	for _, b := range before {
		given = append(given, s.lines[b])
	}
	if !cart.HasRoom(s.cart, given, s.shop, &line) {
		return false
	}
	if s.lines == nil {
		s.lines = map[promotion.Added]cart.Line{}
	}
	s.lines[gift] = line
	return true
}

func (s *shelf) name(productID, variantID int64) string {
	p := s.shop.Catalog.Product(productID)
	if productID == 0 {
		p = s.shop.Catalog.ByVariant(variantID)
	}
	if p == nil {
		return ""
	}
	return p.Name
}
