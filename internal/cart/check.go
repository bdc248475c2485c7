package cart

import (
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

func errPurchasingOff() error {
	return fault.New(fault.Invalid, "Purchasing is disabled on this store.")
}

// errAddedByPromotion refuses to touch a line that a promotion put in
// (spec/01 §8).
func errAddedByPromotion() error {
	return fault.New(fault.Invalid, "This item was added by a promotion and cannot be changed.")
}

// maxText bounds the text of a whole cart in bytes. Every write of a cart
// writes all of it, so a shopper must not make it as large as he likes.
const maxText = 1 << 20

// checkText bounds what shoppers and clients wrote into a cart.
func checkText(c *Cart) error {
	n := 0
	for i := range c.Lines {
		l := &c.Lines[i]
		n += len(l.Name) + len(l.NameSet) + len(l.SKU) + len(l.ImageURL)
		for _, sel := range l.Selections {
			n += len(sel.Input) + len(sel.Path) + len(sel.Name) + len(sel.Value)
		}
		if l.Wrapping != nil {
			for _, d := range l.Wrapping.Details {
				n += len(d.Message) + 16
			}
		}
		if l.Gift != nil {
			n += len(l.Gift.Message)
		}
	}
	if c.Checkout != nil {
		n += c.Checkout.text()
	}
	if n > maxText {
		return fault.New(fault.Invalid, "The texts of the cart are too long together.")
	}
	return nil
}

// text returns how much text, in bytes, a checkout holds.
func (co *Checkout) text() int {
	n := len(co.Message)
	if co.Billing != nil {
		n += co.Billing.text()
	}
	for i := range co.Consignments {
		n += co.Consignments[i].Address.text()
		if o := co.Consignments[i].Option; o != nil {
			n += len(o.Description)
		}
	}
	for _, f := range co.Fees {
		n += len(f.Name) + len(f.DisplayName) + len(f.Source)
	}
	return n
}

func (a *Address) text() int {
	n := 0
	for _, s := range []string{a.Email, a.FirstName, a.LastName, a.Company, a.Address1, a.Address2, a.City, a.State, a.StateCode, a.PostalCode, a.Phone} {
		n += len(s)
	}
	for _, f := range a.Custom {
		n += len(f.ID) + len(f.Value)
	}
	return n
}

func productGone(productID int64) error {
	return fault.Newf(fault.Invalid, "Product with id %d could not be found.", productID)
}

// checkPurchasable refuses what the merchant has taken off sale (spec/01 §3.4).
func checkPurchasable(p *catalog.Product, v *catalog.Variant, selections []Selection) error {
	refuse := p.Availability == catalog.Disabled || v.PurchasingDisabled
	for _, sel := range selections {
		if m := p.Modifier(sel.OptionID); m != nil && !sel.Variant {
			if value := m.Value(sel.ValueID); value != nil && value.Adjusters.PurchasingDisabled {
				refuse = true
			}
		}
	}
	if refuse {
		return fault.Newf(fault.Invalid,
			"The following product cannot be ordered online, so we could not proceed with the checkout: %s", p.Name)
	}
	return nil
}

// checkLines checks quantity limits and stock of the lines that a request
// created or made larger.
func checkLines(c *Cart, shop Shop, lineIDs []string) error {
	for _, lineID := range lineIDs {
		l := c.Line(lineID)
		if l.Quantity > MaxQuantity {
			return fault.Field("line_items.quantity", fault.Max)
		}
		if !l.IsCatalog() {
			continue
		}
		if err := checkQuantityLimits(c, shop, l); err != nil {
			return err
		}
		if err := checkStock(c, shop, l); err != nil {
			return err
		}
	}
	return nil
}

// checkQuantityLimits compares the units of the line's product in the whole
// cart with the product's minimum and maximum. What promotions put in is not
// counted.
func checkQuantityLimits(c *Cart, shop Shop, l *Line) error {
	p := shop.Catalog.Product(l.ProductID)
	if p == nil || (p.OrderQuantityMinimum == 0 && p.OrderQuantityMaximum == 0) {
		return nil
	}
	var total int64
	for i := range c.Lines {
		if other := &c.Lines[i]; other.IsCatalog() && other.ProductID == p.ID && ownLine(other) {
			total += other.Quantity
		}
	}
	if n := p.OrderQuantityMinimum; n > 0 && total < n {
		return fault.Newf(fault.Invalid, "You need to purchase a minimum of %d of the %s per order.", n, p.Name)
	}
	if n := p.OrderQuantityMaximum; n > 0 && total > n {
		return fault.Newf(fault.Invalid, "You can only purchase a maximum of %d of the %s per order.", n, p.Name)
	}
	return nil
}

// counter is one stock level: a product's (variant 0) or a variant's.
type counter struct{ product, variant int64 }

// checkStock compares what all lines of the cart draw from each counter that
// this line draws on with what is there. The cart reserves nothing
// (spec/05 §8.2). What promotions put in gives way: it is not counted.
func checkStock(c *Cart, shop Shop, l *Line) error {
	return eachCounter(shop.Catalog, l, func(k counter, available int64) error {
		if drawn(c.Lines, shop, k, ownLine) > available {
			return errOutOfStock(shop, l)
		}
		return nil
	})
}

// drawn returns how many units the lines that count draw from a counter.
func drawn(lines []Line, shop Shop, k counter, counts func(*Line) bool) int64 {
	var needed int64
	for i := range lines {
		l := &lines[i]
		if !counts(l) {
			continue
		}
		_ = eachCounter(shop.Catalog, l, func(o counter, _ int64) error {
			if o == k {
				needed += l.Quantity
			}
			return nil
		})
	}
	return needed
}

func errOutOfStock(shop Shop, l *Line) error {
	return fault.Newf(fault.Invalid, "Item (%s) %s is out of stock and can't be added to the cart.", l.ID, stockName(shop, l))
}

func stockName(shop Shop, l *Line) string {
	if p := shop.Catalog.Product(l.ProductID); p != nil {
		return p.Name
	}
	return l.Name
}

// Products finds products by their ids; nil is none. *catalog.Snapshot is one.
type Products interface {
	Product(id int64) *catalog.Product
}

// eachCounter calls f for each tracked counter that one unit of the line draws
// on: its own, and those of the products it picked from lists that adjust
// stock.
func eachCounter(snap Products, l *Line, f func(counter, int64) error) error {
	if !l.IsCatalog() {
		return nil
	}
	p := snap.Product(l.ProductID)
	if p == nil {
		return nil
	}
	if err := counterOf(p, p.Variant(l.VariantID), f); err != nil {
		return err
	}
	for _, sel := range l.Selections {
		m := p.Modifier(sel.OptionID)
		if m == nil || sel.Variant || !catalog.IsPickList(m.Type) || !m.Config.ListAdjustsInventory {
			continue
		}
		value := m.Value(sel.ValueID)
		if value == nil {
			continue
		}
		if picked := snap.Product(value.Data.ProductID); picked != nil {
			if err := counterOf(picked, &picked.Variants[0], f); err != nil {
				return err
			}
		}
	}
	return nil
}

func counterOf(p *catalog.Product, v *catalog.Variant, f func(counter, int64) error) error {
	level, tracked := p.Available(v)
	if !tracked {
		return nil
	}
	k := counter{product: p.ID}
	if p.InventoryTracking == catalog.TrackVariant && v != nil {
		k.variant = v.ID
	}
	return f(k, level)
}
