package cart

import (
	"cmp"
	"slices"

	"cartwright/internal/fault"
)

// Draw is what an order takes from one stock counter: a product's, with variant
// 0, or a variant's.
type Draw struct {
	ProductID int64  `json:"product_id"`
	VariantID int64  `json:"variant_id,omitempty"`
	Quantity  int64  `json:"quantity"`
	Name      string `json:"name"` // of the first line that draws on it
}

// Draws returns what these lines take from the counters that are tracked, each
// counter once and in one order, so that two orders never wait for each other.
// It returns a Conflict fault for a line whose product or variant is gone
// (decisions 13).
func Draws(products Products, lines []Line) ([]Draw, error) {
	var draws []Draw
	for i := range lines {
		l := &lines[i]
		if !l.IsCatalog() {
			continue
		}
		if p := products.Product(l.ProductID); p == nil || p.Variant(l.VariantID) == nil {
			return nil, fault.Newf(fault.Conflict, "%s is not sold any more.", l.Name)
		}
		_ = eachCounter(products, l, func(k counter, _ int64) error {
			at := slices.IndexFunc(draws, func(d Draw) bool { return d.ProductID == k.product && d.VariantID == k.variant })
			if at < 0 {
				draws = append(draws, Draw{ProductID: k.product, VariantID: k.variant, Name: l.Name})
				at = len(draws) - 1
			}
			draws[at].Quantity += l.Quantity
			return nil
		})
	}
	slices.SortFunc(draws, func(a, b Draw) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.VariantID, b.VariantID))
	})
	return draws, nil
}

// ProductsOf lists the products that lines are of or may have picked from
// lists, as far as products knows them.
func ProductsOf(products Products, lines []Line) []int64 {
	var ids []int64
	for i := range lines {
		l := &lines[i]
		if !l.IsCatalog() {
			continue
		}
		ids = append(ids, l.ProductID)
		p := products.Product(l.ProductID)
		if p == nil {
			continue
		}
		for _, sel := range l.Selections {
			if m := p.Modifier(sel.OptionID); m != nil && !sel.Variant {
				if value := m.Value(sel.ValueID); value != nil && value.Data.ProductID != 0 {
					ids = append(ids, value.Data.ProductID)
				}
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// CheckSale refuses to sell what the cart holds: what is gone or off sale, in
// quantities that are not sold, or beyond what is in stock.
func CheckSale(c *Cart, shop Shop) error {
	if !shop.Store.AllowPurchasing(c.ChannelID) {
		return errPurchasingOff()
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		if !l.IsCatalog() {
			continue
		}
		p := shop.Catalog.Product(l.ProductID)
		if p == nil || p.Variant(l.VariantID) == nil {
			return fault.Newf(fault.Conflict, "%s is not sold any more.", l.Name)
		}
		if err := checkPurchasable(p, p.Variant(l.VariantID), l.Selections); err != nil {
			return err
		}
		if err := checkQuantityLimits(c, shop, l); err != nil {
			return err
		}
	}
	draws, err := Draws(shop.Catalog, c.Lines)
	if err != nil {
		return err
	}
	for _, d := range draws {
		p := shop.Catalog.Product(d.ProductID)
		level := p.InventoryLevel
		if d.VariantID != 0 {
			level = p.Variant(d.VariantID).InventoryLevel
		}
		if d.Quantity > level {
			return OutOfStock(d.Name)
		}
	}
	return nil
}

// OutOfStock refuses an order of what is not there (decisions 14).
func OutOfStock(name string) error {
	return fault.Newf(fault.Conflict, "%s is out of stock in the quantity that was ordered.", name)
}
