package cart

import "slices"

// Consignable reports whether the line can be sent somewhere: physical and
// custom items can (spec/05 §1.3).
func (l *Line) Consignable() bool { return l.Kind == Physical || l.Kind == Custom }

// Consigned returns items with n more units of a line. It may change items.
func Consigned(items []ConsignedItem, lineID string, n int64) []ConsignedItem {
	i := slices.IndexFunc(items, func(item ConsignedItem) bool { return item.LineID == lineID })
	if i < 0 {
		return append(items, ConsignedItem{LineID: lineID, Quantity: n})
	}
	items[i].Quantity += n
	return items
}

// unsent notes how many units of each physical line a cart has, when new ones
// would join its only consignment; nil when they would not.
func (c *Cart) unsent() map[string]int64 {
	if c.Checkout == nil || len(c.Checkout.Consignments) != 1 {
		return nil
	}
	units := make(map[string]int64, len(c.Lines))
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Kind == Physical {
			units[l.ID] = l.Quantity
		}
	}
	return units
}

// joinConsignment sends the physical units that were added since before to
// where everything else goes. Units that were left out on purpose stay out
// (spec/05 §1.3).
func (c *Cart) joinConsignment(before map[string]int64) {
	if before == nil || c.unsent() == nil {
		return
	}
	con := &c.Checkout.Consignments[0]
	items := slices.Clone(con.Items)
	for i := range c.Lines {
		l := &c.Lines[i]
		if more := l.Quantity - before[l.ID]; l.Kind == Physical && l.AddedBy == 0 && more > 0 {
			items = Consigned(items, l.ID, more)
		}
	}
	con.Items = items
}
